"""A sealed garden: why oxygen fell inside Biosphere 2, as a check of signs.

Rich soil breathes out more CO2 than young plants take up, bare concrete binds the difference for good, and its
oxygen is gone (Severinghaus et al. 1994). Moles per mole of air; rates are judgement, only the direction is
claimed.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
OXYGEN, CO2 = 0.209, 0.0004  # at closure
PEOPLE = 4.0e-5  # oxygen that eight people breathe in a day, per mole of air
HALF_CO2 = 0.0015  # at which plants work at half their best rate


def oxygen_share(
    days: int, *, soil: float = 6.0e-4, soil_life_d: float = 900.0, plants: float = 8.0e-4, concrete: float = 0.12
) -> Array:
    """Share of oxygen in the air after each day, (days).

    soil      oxygen that the soil takes in a day at closure, per mole of air, fading over ``soil_life_d``
    plants    best uptake of CO2 in a day, per mole of air
    concrete  share of the CO2 in the air that is bound in a day
    """
    oxygen, co2, path = OXYGEN, CO2, np.empty(days)
    for day in range(days):
        breathed = soil * np.exp(-day / soil_life_d) + PEOPLE
        grown = min(plants * co2 / (co2 + HALF_CO2), co2)
        oxygen += grown - breathed
        co2 += breathed - grown
        co2 -= concrete * co2
        path[day] = oxygen
    return path
