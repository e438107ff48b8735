"""The packaged table of the 16 asteroids that disturb the others most, 1960 to 2100.

Written by ``tools/build_large_asteroids.py`` from the kernel SB441-N16, whose masses it carries.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from motherlode.ephemeris.chebyshev import Series

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LargeAsteroid:
    """One of the 16: its number and name, its mass as GM in km³/s², its motion about the Sun."""

    number: int
    name: str
    gm_km3_s2: float
    series: Series

    def position(self, t: Array) -> Array:
        """Heliocentric ICRF position (n, 3) km at TDB s past J2000 (n,), good to 10 km."""
        out = np.zeros((t.size, 6))
        self.series.add_to(out, t)
        return out[:, :3]


@cache
def bodies() -> tuple[LargeAsteroid, ...]:
    """The 16, by number."""
    folder = resources.files("motherlode.ephemeris") / "data"
    layout = json.loads((folder / "large_asteroids.json").read_text())
    with resources.as_file(folder / "large_asteroids.npy") as path:
        steps = np.load(path)  # (16, pieces, 3 terms) int32
    start, step, unit, terms = (layout[k] for k in ("start_tdb", "step_s", "unit_km", "terms"))
    return tuple(
        LargeAsteroid(body["number"], body["name"], body["gm_km3_s2"], Series(start, step, unit * rows, terms))
        for body, rows in zip(layout["bodies"], steps)
    )


def span() -> tuple[float, float]:
    """First and last epoch of the table, TDB s past J2000."""
    return bodies()[0].series.span


def index(name: str) -> int:
    """Place among the 16 of an asteroid's number or name, -1 for any other."""
    return next((k for k, body in enumerate(bodies()) if name in {str(body.number), body.name}), -1)
