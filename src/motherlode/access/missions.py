"""Kinds of mission between any port and any mover: one way, fly-by, and mining with a separate journey for the haul.

A round trip on NASA's lattice is ``roundtrip``; here stays last months to years, legs may go round the Sun several
times, and the haul may end at another port than the crew or the plant came from.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import epochs
from motherlode.access import porkchop, ports
from motherlode.access.porkchop import Window
from motherlode.access.ports import Burn, Port
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import BadInput, NoSolution
from motherlode.units import DAY

Array = NDArray[np.float64]

# An arrival that costs nothing: a fly-by, or a haul whose capture is somebody else's burn.
PASSING: Final = Port(
    "passing", "the speed at infinity is only reported", "", (Burn(0.0, 0.0),), (Burn(0.0, float("inf")),), "no burn"
)


@dataclass(frozen=True)
class Mission:
    """What a mission does, leg by leg; ``delta_v_km_s`` is the sum of its burns."""

    kind: str
    legs: tuple[Window, ...]

    @property
    def delta_v_km_s(self) -> float:
        """All burns together, km/s."""
        return sum(leg.delta_v_km_s for leg in self.legs)

    @property
    def duration_s(self) -> float:
        """From the first departure to the last arrival."""
        return self.legs[-1].arrive_tdb - self.legs[0].depart_tdb

    @property
    def stay_s(self) -> float:
        """Between arrival and departure at the target; 0 for a single leg."""
        return self.legs[1].depart_tdb - self.legs[0].arrive_tdb if len(self.legs) > 1 else 0.0

    def summary(self) -> dict[str, Any]:
        """As one row, units in the names."""
        return {
            "kind": self.kind,
            "target": self.legs[0].target,
            "delta_v_km_s": self.delta_v_km_s,
            "duration_d": self.duration_s / DAY,
            "stay_d": self.stay_s / DAY,
            "legs": [leg.summary() for leg in self.legs],
        }


def one_way(
    origin: Mover,
    target: Mover,
    depart_tdb: ArrayLike,
    flight_s: ArrayLike,
    *,
    origin_port: Port | str | None = None,
    target_port: Port | str | None = None,
    revolutions: int = 0,
) -> Mission:
    """The cheapest one-way rendezvous on a grid, over all orbits of up to so many revolutions, refined.

    depart_tdb (n) TDB s past J2000, flight_s (m) s, both ascending; ports as for ``porkchop.grid``
    raises     NoSolution where no orbit exists
    """
    best: Window | None = None
    for turns, branch in _branches(revolutions):
        chop = porkchop.grid(
            origin, target, depart_tdb, flight_s, revolutions=turns, branch=branch,
            origin_port=origin_port, target_port=target_port,
        )  # fmt: skip
        if not np.isfinite(chop.v_infinity_depart_km_s).any():
            continue
        window = chop.best("delta_v")
        best = window if best is None or window.delta_v_km_s < best.delta_v_km_s else best
    if best is None:
        raise NoSolution(f"no orbit joins {origin.name} and {target.name} on these dates; widen the flight times")
    return Mission("rendezvous", (best,))


def fly_by(
    origin: Mover, target: Mover, depart_tdb: ArrayLike, flight_s: ArrayLike, *, origin_port: Port | str | None = None
) -> Mission:
    """The cheapest departure that passes the target; the speed of passing is reported, not paid."""
    found = one_way(origin, target, depart_tdb, flight_s, origin_port=origin_port, target_port=PASSING)
    return Mission("fly-by", found.legs)


def mining(
    origin: Mover,
    target: Mover,
    depart_tdb: ArrayLike,
    outbound_s: ArrayLike,
    stay_s: tuple[float, float],
    cargo_s: ArrayLike,
    *,
    origin_port: Port | str | None = None,
    destination: Mover | None = None,
    destination_port: Port | str | None = None,
    revolutions: int = 0,
) -> Mission:
    """The cheapest way out with the plant, a stay within limits, and a journey of the haul: burns of both together.

    depart_tdb        (n) TDB s past J2000, evenly spaced; that spacing is the step of all dates
    outbound_s        (m) s, cargo_s (k) s, flight times: whole steps
    stay_s            shortest and longest stay, s
    destination       where the haul goes; by default back to the origin
    destination_port  ``missions.PASSING`` to leave the capture to others
    raises            BadInput for uneven dates, NoSolution where nothing fits
    """
    depart, out, cargo = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (depart_tdb, outbound_s, cargo_s))
    step = _step(depart, out, cargo)
    goal, space = destination or origin, ports.find("depot")
    low, high = (int(np.ceil(stay_s[0] / step - 1e-9)), int(np.floor(stay_s[1] / step + 1e-9)))
    if not 0 <= low <= high:
        raise BadInput(
            f"the stay must run from shortest to longest, got {stay_s[0] / DAY:g} to {stay_s[1] / DAY:g} d"
        )
    arrivals, how_out = _by_arrival(
        _cheapest(origin, target, depart, out, origin_port, space, revolutions), out, step
    )
    first = depart[0] + out[0]
    leaving = first + step * np.arange(len(arrivals) + high, dtype=np.float64)
    costs = _cheapest(target, goal, leaving, cargo, space, destination_port, revolutions)
    home = np.min(costs, axis=(0, 2))
    totals = np.array([arrivals[a] + home[a + low : a + high + 1].min() for a in range(len(arrivals))])
    a = int(np.argmin(totals))
    if not np.isfinite(totals[a]):
        raise NoSolution(f"no orbit joins {origin.name}, {target.name} and {goal.name} on these dates")
    d = a + low + int(np.argmin(home[a + low : a + high + 1]))
    branch, k = np.unravel_index(int(np.argmin(costs[:, d, :])), costs[:, d, :].shape)
    b, i, j = how_out[a]
    there = _window(origin, target, depart[i], out[j], origin_port, space, _branches(revolutions)[b])
    back = _window(target, goal, leaving[d], cargo[k], space, destination_port, _branches(revolutions)[int(branch)])
    return Mission("mining", (there, back))


def _branches(revolutions: int) -> list[tuple[int, str]]:
    return [(0, "low"), *[(m, branch) for m in range(1, revolutions + 1) for branch in ("low", "high")]]


def _step(depart: Array, *flights: Array) -> float:
    step = float(depart[1] - depart[0]) if len(depart) > 1 else float(flights[0][0])
    even = np.allclose(np.diff(depart), step, rtol=0, atol=1.0)
    whole = all(np.allclose(np.diff(f) / step, np.round(np.diff(f) / step), atol=1e-6) for f in flights)
    if not (even and whole):
        raise BadInput(f"departures must be evenly spaced and flight times whole steps of {step / DAY:g} d apart")
    return step


def _cheapest(
    origin: Mover, target: Mover, depart: Array, flight: Array, leave: Any, arrive: Any, revolutions: int
) -> Array:
    """Δv (branches, departures, flights); infinite where there is no orbit."""
    grids = [
        porkchop.grid(
            origin, target, depart, flight, revolutions=m, branch=branch, origin_port=leave, target_port=arrive
        ).delta_v_km_s
        for m, branch in _branches(revolutions)
    ]
    return np.where(np.isfinite(grids), grids, np.inf)


def _by_arrival(costs: Array, flight: Array, step: float) -> tuple[Array, list[tuple[int, int, int]]]:
    """Least cost per arrival date, in steps from the first, and the branch, departure and flight that give it."""
    later = np.round((flight - flight[0]) / step).astype(int)
    count = costs.shape[1] + int(later[-1])
    best = np.full(count, np.inf)
    how = [(0, 0, 0)] * count
    for j, shift in enumerate(later):
        branch = np.argmin(costs[:, :, j], axis=0)
        for i, cost in enumerate(np.min(costs[:, :, j], axis=0)):
            if cost < best[i + shift]:
                best[i + shift], how[i + shift] = cost, (int(branch[i]), i, j)
    return best, how


def _window(
    origin: Mover, target: Mover, depart: float, flight: float, leave: Any, arrive: Any, branch: tuple[int, str]
) -> Window:
    ends = (porkchop.port_of(leave, origin), porkchop.port_of(arrive, target))
    return porkchop.window(
        origin, target, float(depart), float(flight), *ends, revolutions=branch[0], branch=branch[1]
    )


def described(mission: Mission) -> str:
    """One line for people: what leaves when, how long it stays, what it costs."""
    legs = ", ".join(
        f"{epochs.iso(leg.depart_tdb)} {leg.origin} to {leg.target} {epochs.iso(leg.arrive_tdb)} "
        f"({leg.delta_v_km_s:.2f} km/s)"
        for leg in mission.legs
    )
    return f"{mission.kind}: {legs}; {mission.delta_v_km_s:.2f} km/s in {mission.duration_s / DAY:.0f} d"
