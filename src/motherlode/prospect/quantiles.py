"""Distributions given by five printed quantiles (5, 16, 50, 84, 95 %): straight lines between, flat beyond 1 %."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LABELS: Final = ("p05", "p16", "p50", "p84", "p95")
INNER: Final = 0.9945  # z of 16 and 84 per cent
OUTER: Final = 1.645  # z of 5 and 95 per cent
LAST: Final = 2.33  # z of 1 and 99 per cent: no table says anything beyond


def slopes(five: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Centre and the four slopes, in the order of ``at``, of quantiles (..., 5)."""
    tail = OUTER - INNER
    return (
        five[..., 2],
        (five[..., 1] - five[..., 0]) / tail,
        (five[..., 2] - five[..., 1]) / INNER,
        (five[..., 3] - five[..., 2]) / INNER,
        (five[..., 4] - five[..., 3]) / tail,
    )


def at(z: Array, centre: Array, tail_low: Array, low: Array, high: Array, tail_high: Array) -> Array:
    """Value at a standard normal quantile z, (...), of ``slopes`` picked for each element."""
    result: Array = (
        centre
        + low * np.clip(z, -INNER, 0.0)
        + high * np.clip(z, 0.0, INNER)
        + tail_low * np.clip(z + INNER, INNER - LAST, 0.0)
        + tail_high * np.clip(z - INNER, 0.0, LAST - INNER)
    )
    return result


def score(value: Any, five: Array) -> Array:
    """Standard normal quantile z, (n,), at which one distribution (5,) has each value; the inverse of ``at``."""
    centre, tail_low, _, _, tail_high = (float(x) for x in slopes(five))
    far = (LAST - INNER) * tail_low, (LAST - INNER) * tail_high
    knots = [five[1] - far[0], five[1], centre, five[3], five[3] + far[1]]
    return np.asarray(np.interp(value, knots, [-LAST, -INNER, 0.0, INNER, LAST], left=-8.0, right=8.0))
