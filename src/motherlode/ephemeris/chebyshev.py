"""Motion as pieces of Chebyshev polynomials: one kernel for the packaged table and for SPICE kernels.

Each piece covers a step of time; its row holds the coefficients of x, then y, then z.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

Array = NDArray[np.float64]


_ROWS = types.Array(types.float64, 2, "C", readonly=True)  # mapped files are read-only; others convert to it
_EPOCHS = types.Array(types.float64, 1, "C", readonly=True)
_STATES = types.Array(types.float64, 2, "C")
_ADD = types.void(types.float64, types.float64, _ROWS, types.int64, types.int64, types.float64, _EPOCHS, _STATES)


@dataclass(frozen=True)
class Series:
    """Positions as polynomials on equal steps of time.

    start, step   TDB s past J2000 of the first piece, s per piece
    rows          (pieces, skip + 3 terms) km; the first ``skip`` columns are not coefficients
    terms         coefficients per component
    """

    start: float
    step: float
    rows: Array
    terms: int
    skip: int = 0

    @property
    def span(self) -> tuple[float, float]:
        """First and last epoch, TDB s past J2000."""
        return self.start, self.start + self.step * len(self.rows)

    def add_to(self, out: Array, t: Array, weight: float = 1.0) -> None:
        """Add weight × state, km and km/s, at the epochs t (n,) to ``out`` (n, 6)."""
        _add_states(self.start, self.step, self.rows, self.skip, self.terms, weight, t, out)


@njit(error_model="numpy", nogil=True, cache=True)
def evaluate(row: Any, first: int, terms: int, x: float) -> tuple[float, float]:
    """Sum of the Chebyshev series row[first:first + terms] at x and its derivative; Clenshaw's recurrence."""
    two = 2.0 * x
    b1, b2, d1, d2 = 0.0, 0.0, 0.0, 0.0
    for j in range(terms - 1, 0, -1):
        d1, d2 = 2.0 * b1 + two * d1 - d2, d1
        b1, b2 = row[first + j] + two * b1 - b2, b1
    return row[first] + x * b1 - b2, b1 + x * d1 - d2


@njit(_ADD, error_model="numpy", nogil=True, cache=True)
def _add_states(start: float, step: float, rows: Any, skip: int, terms: int, weight: float, t: Any, out: Any) -> None:
    rate = 2.0 * weight / step
    last = rows.shape[0] - 1
    for k in range(t.size):
        piece = min(max(int(np.floor((t[k] - start) / step)), 0), last)
        x = 2.0 * (t[k] - (start + piece * step)) / step - 1.0  # the whole steps are exact, their quotient is not
        row = rows[piece]
        for axis in range(3):
            p, v = evaluate(row, skip + axis * terms, terms, x)
            out[k, axis] += weight * p
            out[k, axis + 3] += rate * v


def fit(motion: Any, start: float, step: float, pieces: int, terms: int) -> Series:
    """Series through a motion t (n,) -> positions (n, 3), joined where the pieces meet; s, counts."""
    rows = coefficients(motion, start, step, pieces, terms)
    return Series(start, step, np.ascontiguousarray(rows.reshape(pieces, 3 * terms)), terms)


def coefficients(motion: Any, start: float, step: float, pieces: int, terms: int) -> Array:
    """Chebyshev coefficients (pieces, components, terms) of a function t (n,) -> (n, components).

    Interpolates at Chebyshev's extreme points, the ends of the pieces among them.
    """
    angle = np.pi * np.arange(terms) / (terms - 1)
    basis = np.cos(np.outer(angle, np.arange(terms)))
    t = start + step * (np.arange(pieces)[:, None] + 0.5 * (1.0 + np.cos(angle)))
    values = motion(t.reshape(-1)).reshape(pieces, terms, -1)
    return np.asarray(np.swapaxes(np.linalg.inv(basis) @ values, 1, 2))
