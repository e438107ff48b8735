"""How small a settlement can be: weekly survival of a few people over decades, to compare its shape with a
published model.

The published agent-based result (arXiv:2308.05916) is a threshold of some twenty people over 28 years, with
agreeable people surviving best and neurotic ones worst. Its equations, accident and shipment rates are not
public, so only the shape can be compared, over stated ranges; other approaches give 98 and 110. Nothing here
enters the base or its crew.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.settlement import lifesupport

Array = NDArray[np.float64]
COPING: Final = {
    "agreeable": 0.98,
    "social": 0.94,
    "reactive": 0.89,
    "neurotic": 0.84,
}  # unverified; the order is published
WEEKS_PER_YEAR: Final = 52
VIABLE: Final = 10  # people; a settlement is viable that stays at or above, or comes back to, so many; unverified


@dataclass(frozen=True)
class World:
    """What strikes a settlement; every figure is judgement, with its range in ``RANGES``."""

    overhead_h_wk: float = 320.0  # crew-hours that keep a station of any size alive: 13 to 15 for life support alone
    own_h_wk: float = 30.0  # upkeep of each person
    accident_per_wk: float = 0.02  # of the habitat
    accident_h: float = 1500.0  # work to put it right
    accident_stress: float = 0.25
    ship_wk: int = 78  # weeks between ships
    ship_lost: float = 0.15
    newcomers: int = 4
    stress_overwork: float = 0.15  # in a week, per unit of work that cannot be done
    recovery: float = 0.05  # in a week, times coping
    frailty: float = 0.02  # weekly chance of loss of a person wholly stressed
    injured: float = 0.01  # chance of each person to be lost in an accident


RANGES: Final = {
    "overhead_h_wk": (240.0, 400.0),
    "accident_per_wk": (0.01, 0.03),
    "accident_h": (1000.0, 2000.0),
    "ship_lost": (0.05, 0.25),
}


def population(
    initial: ArrayLike,
    coping: ArrayLike,
    rng: np.random.Generator,
    *,
    world: World | None = None,
    years: float = 28.0,
) -> Array:
    """People every week, (weeks, runs), of settlements that start with so many.

    initial  (runs) people
    coping   (runs) or (runs, people) how well each person bears stress, 0 to 1; 50 places at most
    """
    w = world or World()
    start = np.asarray(initial)
    runs, places = len(start), int(start.max()) + 8
    coping = np.broadcast_to(np.reshape(coping, (runs, -1)), (runs, places))
    alive = np.arange(places) < start[:, None]
    stress, backlog = np.zeros((runs, places)), np.zeros(runs)
    counts = np.empty((int(years * WEEKS_PER_YEAR), runs))
    for week in range(len(counts)):
        hit = rng.random(runs) < w.accident_per_wk
        backlog += hit * w.accident_h
        able = (alive * (1 - 0.5 * stress)).sum(axis=1) * lifesupport.human()["schedulable_time"]
        need = w.overhead_h_wk + w.own_h_wk * alive.sum(axis=1)
        backlog = np.maximum(0.0, backlog + need - able)
        over = np.clip(backlog / np.maximum(able, 1.0), 0.0, 1.0)
        shock = w.stress_overwork * over[:, None] + w.accident_stress * hit[:, None]
        stress = np.clip(stress + shock * (1 - coping) / 0.1 - w.recovery * coping, 0.0, 1.0)
        lost = rng.random(alive.shape) < w.frailty * stress**2 + w.injured * hit[:, None]
        alive = alive & ~lost
        if week % w.ship_wk == w.ship_wk - 1:
            come = np.where(rng.random(runs) < w.ship_lost, 0, w.newcomers) * (alive.sum(axis=1) > 0)
            new = ~alive & (np.cumsum(~alive, axis=1) <= np.minimum(come, start - alive.sum(axis=1))[:, None])
            alive |= new
            stress = np.where(new, 0.0, stress)
        counts[week] = alive.sum(axis=1)
    return counts


def viable(counts: Array) -> Array:
    """Whether each settlement is at or above the line of ``VIABLE`` people in the end, (runs)."""
    return np.asarray(counts[-1] >= VIABLE, dtype=float)
