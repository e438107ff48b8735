"""Supply windows: the best departure from Earth to Mars of each opportunity, and the way home between them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from motherlode import epochs
from motherlode.access import porkchop
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import BadStudy
from motherlode.units import DAY

APART_D: Final = 500.0  # minima closer than this belong to one opportunity
LONGEST_D: Final = 320.0  # flights of people


@dataclass(frozen=True)
class Window:
    """One opportunity: dates in TDB s past J2000."""

    depart_tdb: float
    arrive_tdb: float
    c3_km2_s2: float

    @property
    def label(self) -> str:
        """Departure and arrival as dates."""
        return f"{epochs.iso(self.depart_tdb)} → {epochs.iso(self.arrive_tdb)}"


def between(origin: Mover, target: Mover, span: tuple[float, float], *, longest_d: float = LONGEST_D) -> list[Window]:
    """The opportunities that arrive within a span, least departure energy each, in order.

    span  TDB s past J2000
    """
    depart = np.arange(span[0] - longest_d * DAY, span[1], 4 * DAY)
    flight = np.arange(120.0, longest_d + 1, 4.0) * DAY
    if len(depart) < 3:
        raise BadStudy(
            f"the base runs from {epochs.iso(span[0])} to {epochs.iso(span[1])}; it must last longer than a few days"
        )
    grid = porkchop.grid(origin, target, depart, flight)
    energy = np.where(np.isfinite(grid.c3_km2_s2), grid.c3_km2_s2, np.inf)
    least = energy.min(axis=1)
    inner = np.flatnonzero((least[1:-1] < least[:-2]) & (least[1:-1] <= least[2:])) + 1
    chosen: list[int] = []
    for k in sorted(inner, key=lambda k: least[k]):
        if all(abs(depart[k] - depart[other]) > APART_D * DAY for other in chosen):
            chosen.append(int(k))
    found = [
        Window(float(depart[k]), float(depart[k] + flight[energy[k].argmin()]), float(least[k]))
        for k in sorted(chosen)
    ]
    return [window for window in found if span[0] <= window.arrive_tdb <= span[1]]
