"""Which judgement moves the tension most: elementary effects (Morris 1991) over the stated intervals.

All points of the design are runs of one crew, so that the whole design takes seconds. Conditions at the base
are held.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.settlement.crew import BELIEFS, Conditions, Crew
from motherlode.settlement.settings import Crew as Settings

Array = NDArray[np.float64]
LEVELS: Final = 4


@dataclass(frozen=True)
class Effect:
    """Effect of one judgement, from one end of its interval to the other, on the share of people who act."""

    name: str
    low: float
    high: float
    size: float  # mean absolute elementary effect
    spread: float  # standard deviation: interaction and curvature


def effects(
    settings: Settings,
    rng: np.random.Generator,
    *,
    people: int = 40,
    weeks: int = 104,
    paths: int = 8,
    repeats: int = 12,
    conditions: dict[str, float] | None = None,
) -> list[Effect]:
    """Effects of every judgement on the mean active share, largest first.

    paths    random paths through the intervals, one judgement changed at a time
    repeats  runs of each point
    """
    names = list(BELIEFS)
    intervals = {name: settings.beliefs.get(name, BELIEFS[name]) for name in names}
    points = np.concatenate([_path(len(names), rng) for _ in range(paths)])
    low, high = (np.array([intervals[name][k] for name in names]) for k in (0, 1))
    judged = np.repeat(low + points * (high - low), repeats, axis=0)
    runs = len(judged)
    crowd = Crew(settings, np.full(runs, people), people, {name: judged[:, k] for k, name in enumerate(names)}, rng)
    now = Conditions.steady(runs, **(conditions or {"workload": 1.0, "volume": 50.0, "accidents": 0.005}))
    total = np.zeros(runs)
    for _ in range(weeks):
        crowd.week(now)
        total += crowd.active_share
    answer = (total / weeks).reshape(paths, len(names) + 1, repeats).mean(axis=2)
    return _ranked(points.reshape(paths, len(names) + 1, -1), answer, intervals)


def _path(factors: int, rng: np.random.Generator) -> Array:
    """A start on the grid of levels and one step of half the interval in each factor, in random order."""
    step = LEVELS / (2 * (LEVELS - 1))
    start = rng.integers(0, LEVELS // 2, factors) / (LEVELS - 1)
    path = np.tile(start, (factors + 1, 1))
    for k, factor in enumerate(rng.permutation(factors)):
        path[k + 1 :, factor] += step
    return np.asarray(path)


def _ranked(points: Array, answer: Array, intervals: dict[str, tuple[float, float]]) -> list[Effect]:
    names = list(intervals)
    found: dict[str, list[float]] = {name: [] for name in names}
    for path, values in zip(points, answer):
        for k, step in enumerate(np.diff(path, axis=0)):
            factor = int(np.argmax(np.abs(step)))
            found[names[factor]].append((values[k + 1] - values[k]) / step[factor])
    rows = [Effect(name, *intervals[name], float(np.mean(np.abs(v))), float(np.std(v))) for name, v in found.items()]
    return sorted(rows, key=lambda row: -row.size)
