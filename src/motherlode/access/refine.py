"""Refinement of an optimum that a grid has found: a shrinking pattern, evaluated in one batch per step."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def minimum(
    cost: Callable[..., Array], start: ArrayLike, steps: ArrayLike, low: ArrayLike, high: ArrayLike, *, finest: float
) -> tuple[Array, float]:
    """Lowest point near a start: each round looks at five values per variable, moves, and then narrows.

    cost     of arrays, one per variable, all of one shape; NaN counts as no solution
    steps    first spacing per variable; low, high its limits
    finest   relative to the first spacing, where to stop
    returns  the variables and the cost there
    """
    centre, low, high = (np.array(x, dtype=float) for x in (start, low, high))
    steps = np.array(steps, dtype=float)
    best, scale = float(np.asarray(cost(*centre))), 1.0
    offsets = np.stack(np.meshgrid(*[np.linspace(-1, 1, 5)] * len(centre), indexing="ij"), axis=-1)
    offsets = offsets.reshape(-1, len(centre))
    while scale > finest:
        points = np.clip(centre + offsets * steps * scale, low, high)
        values = np.asarray(cost(*points.T), dtype=float)
        lowest = int(np.argmin(np.where(np.isnan(values), np.inf, values)))
        if values[lowest] < best:
            best, centre = float(values[lowest]), points[lowest]
            scale *= 0.75
        else:
            scale *= 0.4
    return centre, best
