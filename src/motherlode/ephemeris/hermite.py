"""Motion between sampled states: Hermite's polynomial through the nearest ones. SPK type 13, OEM, STK."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def states(epochs: Array, samples: Array, t: ArrayLike, *, window: int = 8) -> Array:
    """States (..., 6) at epochs t (...) from samples.

    epochs    (n,)    s, ascending
    samples   (n, 6)  km, km/s
    window    samples that a polynomial passes through, of degree 2 window - 1
    """
    t = np.asarray(t, dtype=float)
    out = np.empty((t.size, 6))
    flat = np.ascontiguousarray(t).reshape(-1)
    size = min(window, len(epochs))
    _interpolate(np.array(epochs, dtype=float), np.array(samples, dtype=float), flat, size, out)
    return out.reshape(*t.shape, 6)


@njit(error_model="numpy", nogil=True, cache=True)
def _interpolate(epochs: Any, samples: Any, t: Any, window: int, out: Any) -> None:
    z, p, v = np.empty(2 * window), np.empty(2 * window), np.empty(2 * window)
    for k in range(t.size):
        first = _first_of_window(epochs, t[k], window)
        for j in range(window):
            z[2 * j] = z[2 * j + 1] = epochs[first + j] - t[k]
        for axis in range(3):
            _neville(z, samples[first : first + window], axis, p, v)
            out[k, axis], out[k, axis + 3] = p[0], v[0]


@njit(error_model="numpy", nogil=True, cache=True)
def _first_of_window(epochs: Any, t: float, window: int) -> int:
    """Index of the window's first sample: centred on the gap that holds t, or on the nearest sample if odd."""
    after = np.searchsorted(epochs, t, side="right")
    first = after - window // 2
    if window % 2 == 1:
        nearest = min(max(after, 1), epochs.size - 1)
        if t - epochs[nearest - 1] < epochs[nearest] - t:
            nearest -= 1
        first = nearest - window // 2
    return int(min(max(first, 0), epochs.size - window))


@njit(error_model="numpy", nogil=True, cache=True)
def _neville(z: Any, samples: Any, axis: int, p: Any, v: Any) -> None:
    """Value and rate at time 0, into p[0] and v[0]: Neville's scheme on doubled nodes."""
    n = z.size
    for j in range(n - 1):
        here, there = samples[j // 2, axis], samples[(j + 1) // 2, axis]
        if j % 2 == 0:
            v[j] = samples[j // 2, axis + 3]
            p[j] = here - z[j] * v[j]
        else:
            v[j] = (there - here) / (z[j + 1] - z[j])
            p[j] = (z[j + 1] * here - z[j] * there) / (z[j + 1] - z[j])
    for order in range(2, n):
        for j in range(n - order):
            width = z[j + order] - z[j]
            v[j] = (z[j + order] * v[j] - z[j] * v[j + 1] + p[j + 1] - p[j]) / width
            p[j] = (z[j + order] * p[j] - z[j] * p[j + 1]) / width
