"""How long work stops: the law of 62 contract strikes, and what it says about slack.

There are no data on isolated workforces. This is the best there is, and every result that rests on it says so.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.campaign import risk
from motherlode.settlement import lifesupport

Array = NDArray[np.float64]
SHAPE: Final = risk.STOPPAGE_SHAPE  # of strikes.csv: one law for the plan and for the people
SCALE_D: Final = risk.STOPPAGE_SCALE_D
LABEL: Final = "no data on isolated workforces; durations from US manufacturing, 1968 to 1976"


def published_d() -> Array:
    """The 62 durations, days."""
    return np.array([float(row["duration_d"]) for row in lifesupport.table("strikes")])


def outlasts(slack_d: ArrayLike) -> Array:
    """Probability that a stoppage lasts longer than a slack, by the fitted law."""
    return np.asarray(np.exp(-((np.asarray(slack_d, dtype=float) / SCALE_D) ** SHAPE)))


def outlasted(slack_d: ArrayLike) -> Array:
    """Share of the published strikes that lasted longer than a slack."""
    return np.asarray((published_d() > np.asarray(slack_d, dtype=float)[..., None]).mean(axis=-1))


def durations_d(uniform: ArrayLike, *, cut: ArrayLike = 0.0) -> Array:
    """Durations of stoppages by the fitted law from uniform draws; ``cut`` shortens them by a settled share."""
    whole = SCALE_D * (-np.log1p(-np.asarray(uniform, dtype=float))) ** (1 / SHAPE)
    return np.asarray(whole * (1 - np.asarray(cut)))


@dataclass(frozen=True)
class Fit:
    """A Weibull law fitted to durations by maximum likelihood."""

    shape: float
    scale_d: float
    log_likelihood: float


def fit(durations: ArrayLike) -> Fit:
    """Weibull law of durations, days."""
    from scipy.stats import weibull_min

    data = np.asarray(durations, dtype=float)
    shape, _, scale = weibull_min.fit(data, floc=0)
    return Fit(float(shape), float(scale), float(weibull_min.logpdf(data, shape, 0, scale).sum()))
