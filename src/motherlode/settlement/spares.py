"""Failures and the spares that answer them: Poisson counts, uncertain rates, greedy allocation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
HOURS_PER_YEAR = 8760.0


def expected_failures(
    mtbf_h: ArrayLike, days: float, *, quantity: ArrayLike = 1.0, duty: ArrayLike = 1.0, k_factor: ArrayLike = 1.0
) -> Array:
    """Failures expected in a time, (...): duty × quantity × K × hours / MTBF."""
    rate = 24.0 / np.asarray(mtbf_h, dtype=float)
    return np.asarray(np.asarray(duty) * quantity * np.asarray(k_factor) * days * rate)


def sufficiency(spares: ArrayLike, expected: ArrayLike, *, shape: float | None = None) -> Array:
    """Probability that so many spares are enough, (...).

    expected  failures expected
    shape     of the gamma law of the failure rate about its mean: counts are negative binomial; Poisson where None
    """
    from scipy import stats

    spares, expected = np.asarray(spares, dtype=float), np.asarray(expected, dtype=float)
    if shape is None:
        return np.asarray(stats.poisson.cdf(spares, expected))
    return np.asarray(stats.nbinom.cdf(spares, shape, shape / (shape + expected)))


def item_target(system: float, items: int) -> float:
    """Probability that each of many items must reach for all of them to reach the system's."""
    return float(system ** (1 / items))


@dataclass(frozen=True)
class Allocation:
    """Spares of each item, their mass and the probability that all are enough."""

    spares: NDArray[np.int64]
    mass_kg: float
    probability: float


def allocate(
    expected: Sequence[float],
    mass_kg: Sequence[float],
    target: float,
    *,
    shape: float | None = None,
    most: int = 100_000,
) -> Allocation:
    """The lightest spares by greedy choice: next the one that adds most log-probability for its mass.

    expected  failures of each item, mass_kg of one spare of each
    target    probability that all are enough
    """
    rate, mass = np.asarray(expected, float), np.asarray(mass_kg, float)
    count = np.zeros(len(rate), dtype=np.int64)
    now = np.log(sufficiency(count, rate, shape=shape))
    more = np.log(sufficiency(count + 1, rate, shape=shape))
    while now.sum() < np.log(target) and count.sum() < most:
        k = int(np.argmax((more - now) / mass))
        count[k] += 1
        now[k] = more[k]
        more[k] = np.log(sufficiency(count[k] + 1, rate[k], shape=shape))
    return Allocation(count, float(count @ mass), float(np.exp(now.sum())))
