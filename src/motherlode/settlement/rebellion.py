"""Who turns a grievance into action: the rule of Epstein 2002 and its closed form; ``town`` has the rule on a grid.

Descriptive, not predictive (Thron & Jackson): the rule shows no sharp tipping points that a base could be steered by.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ARREST_CONSTANT: Final = 2.3
THRESHOLD: Final = 0.1


def risk(enforcement: ArrayLike, active: ArrayLike, *, constant: ArrayLike = ARREST_CONSTANT) -> Array:
    """Estimated chance of a sanction: 1 - exp(-k round(C/A)); its results need the rounding, which the paper omits.

    enforcement  weight of those who sanction within reach, active of those who act, the asker included (at least 1)
    """
    return -np.expm1(-np.asarray(constant) * np.round(np.asarray(enforcement) / np.maximum(active, 1.0)))


def acts(
    grievance: ArrayLike, aversion: ArrayLike, danger: ArrayLike, *, threshold: ArrayLike = THRESHOLD
) -> NDArray[np.bool_]:
    """Whether each person acts: grievance less the risk as they feel it exceeds the threshold."""
    net = np.asarray(grievance, dtype=float) - np.asarray(aversion, dtype=float) * np.asarray(danger)
    return np.asarray(net > np.asarray(threshold, dtype=float))


def unopposed_share(legitimacy: float, *, threshold: float = THRESHOLD) -> float:
    """Share that acts where nobody sanctions and hardship is uniform: 1 - T/(1 - L)."""
    return max(0.0, 1 - threshold / (1 - legitimacy)) if legitimacy < 1 else 0.0
