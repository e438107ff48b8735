"""The rules of a round-trip search: which launches, legs and stays are tried, and what passes."""

from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.errors import BadInput
from motherlode.units import DAY

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rules:
    """A lattice of trips and its limits: every leg is ``shortest_leg + i step``, every stay ``j step``.

    first_launch_tdb, last_launch_tdb  TDB s past J2000; launches every ``step_s`` from the first
    longest_s          whole trip, from launch to return
    most_delta_v_km_s  total of all burns; most_c3_km2_s2 departure energy
    """

    first_launch_tdb: float
    last_launch_tdb: float
    step_s: float = 8 * DAY
    shortest_leg_s: float = 1 * DAY
    shortest_stay_s: float = 8 * DAY
    longest_s: float = 450 * DAY
    most_delta_v_km_s: float = 12.0
    most_c3_km2_s2: float = 60.0
    name: str = field(default="custom", compare=False)

    def __post_init__(self) -> None:
        if self.last_launch_tdb < self.first_launch_tdb:
            first, last = epochs.iso(self.first_launch_tdb), epochs.iso(self.last_launch_tdb)
            raise BadInput(f"the launch window ends ({last}) before it begins ({first}); swap the two dates")
        if min(self.step_s, self.shortest_leg_s, self.shortest_stay_s) <= 0:
            raise BadInput("step, shortest leg and shortest stay of a round trip must be positive")
        if self.legs < 1 or self.steps < self.least_stay:
            raise BadInput(
                f"no trip fits into {self.longest_s / DAY:g} d: two legs of {self.shortest_leg_s / DAY:g} d "
                f"and a stay of {self.least_stay * self.step_s / DAY:g} d are needed; lengthen the trip"
            )

    @property
    def launches(self) -> Array:
        """Launch dates, TDB s past J2000."""
        count = floor((self.last_launch_tdb - self.first_launch_tdb) / self.step_s + 1e-9) + 1
        return self.first_launch_tdb + self.step_s * np.arange(count, dtype=np.float64)

    @property
    def steps(self) -> int:
        """What i + j + k may be at most."""
        return floor((self.longest_s - 2 * self.shortest_leg_s) / self.step_s + 1e-9)

    @property
    def least_stay(self) -> int:
        """Least j."""
        return max(1, ceil(self.shortest_stay_s / self.step_s - 1e-9))

    @property
    def legs(self) -> int:
        """Number of leg durations: i and k run from 0 to one less."""
        return self.steps - self.least_stay + 1

    @property
    def flights(self) -> Array:
        """Leg durations, s."""
        return self.shortest_leg_s + self.step_s * np.arange(self.legs, dtype=np.float64)

    @property
    def combinations(self) -> int:
        """Trips on the lattice: launches x (i, j, k) with i + j + k within the steps."""
        n = self.legs
        return len(self.launches) * n * (n + 1) * (n + 2) // 6

    def coarser(self, factor: int) -> "Rules":
        """The same window and limits on a lattice that many times as wide, with room for every finer trip."""
        step = self.step_s * factor
        longest = 2 * self.shortest_leg_s + step * (ceil(self.steps / factor) + 1)
        return replace(self, step_s=step, longest_s=longest, shortest_stay_s=step)

    def during(self, first: str, last: str) -> "Rules":
        """The same rules for another launch window, dates as ``epochs.parse`` reads them."""
        return replace(self, first_launch_tdb=epochs.parse(first), last_launch_tdb=epochs.parse(last), name="custom")

    def summary(self) -> dict[str, Any]:
        """As one flat row, units in the names."""
        return {
            "rules": self.name,
            "first_launch_tdb": epochs.iso(self.first_launch_tdb),
            "last_launch_tdb": epochs.iso(self.last_launch_tdb),
            "step_d": self.step_s / DAY,
            "shortest_leg_d": self.shortest_leg_s / DAY,
            "shortest_stay_d": self.shortest_stay_s / DAY,
            "longest_d": self.longest_s / DAY,
            "most_delta_v_km_s": self.most_delta_v_km_s,
            "most_c3_km2_s2": self.most_c3_km2_s2,
        }


# Barbee, Mink & Adamo 2011 (NTRS 20110010993) and the NHATS API 1.3; the phase of the launch dates is the one that
# reproduces the published rows.
NHATS: Final = Rules(
    first_launch_tdb=float(epochs.from_jd(2_458_853.5)),
    last_launch_tdb=epochs.parse("2045-12-31"),
    name="nhats",
)
