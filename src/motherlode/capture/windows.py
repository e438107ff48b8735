"""How a capture stands up to what is not known of the asteroid's orbit: a window with a probability.

Every orbit that the observations allow is brought to the same end: on the dates of the plan, and with the first burn
(and the arrival, where no manifold waits) moved by some weeks, as a crew that knows the orbit by then would do.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import loss
from motherlode.capture.destinations import Destination
from motherlode.capture.plans import Retrieval
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.mechanics import lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import DAY, METRE_S

Array = NDArray[np.float64]

MU: Final = GM_KM3_S2["sun"]
SHIFTS: Final = DAY * np.arange(-24.0, 25.0, 8.0)
DEARER: Final = 1.2  # times the plan, and at least so many m/s more: what still counts as this window
DEARER_M_S: Final = 20.0


@dataclass(frozen=True)
class Window:
    """Cost of a way for every orbit that the observations allow, (n,) km/s; infinite where there is none.

    kept        on the dates of the plan
    replanned   on the best of the moved dates
    planned     what the nominal orbit costs on its best of these dates, km/s, by two-body arcs
    """

    kept: Array
    replanned: Array
    planned: float

    @property
    def limit_km_s(self) -> float:
        """Up to which it counts as this window."""
        return max(DEARER * self.planned, self.planned + DEARER_M_S * METRE_S)

    def probability(self, *, replanned: bool = True) -> float:
        """Share of the orbits that this window serves."""
        return float(np.mean((self.replanned if replanned else self.kept) <= self.limit_km_s))

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units."""
        low, middle, high = (float(v) for v in np.percentile(self.replanned, [5, 50, 95], method="nearest"))
        return {
            "orbits": len(self.kept),
            "limit_m_s": self.limit_km_s / METRE_S,
            "probability": self.probability(),
            "probability_on_planned_dates": self.probability(replanned=False),
            "delta_v_p05_m_s": low / METRE_S,
            "delta_v_p50_m_s": middle / METRE_S,
            "delta_v_p95_m_s": high / METRE_S if np.isfinite(high) else None,
        }


def of_way(samples: Orbit, target: Mover, way: Retrieval, place: Destination, planet: Mover) -> Window:
    """What a way costs for each orbit that the observations allow.

    samples   Orbit of shape (n,), the nominal one first: they say how far from ``target`` the asteroid may be
    target    what the plan was made with
    planet    of the destination
    """
    departs = way.depart_tdb + SHIFTS
    departs = departs[(departs >= target.span[0]) & (departs < way.burns[-1].epoch_tdb - 20.0 * DAY)]
    middle = int(np.argmin(np.abs(departs - way.depart_tdb)))
    rock = samples[:, None].state(departs)
    rock = rock - rock[:1] + target.state(departs)
    burns = loss.burns_of(target, way)
    aimed = float(way.orbit.get("aim_tdb", way.arrive_tdb))  # before the passages of the Moon
    if len(burns) > 1:  # a manifold passes there and then
        joined = burns[1].before + np.concatenate([np.zeros(3), burns[1].change_km_s])
        arrive, there = np.array([burns[1].epoch_tdb]), joined[None]
    else:
        arrive = aimed + SHIFTS
        arrive = arrive[arrive <= planet.span[1]]
        there = planet.state(arrive)
    costs = _costs(rock, there, departs, arrive, way, place if len(burns) == 1 else None)
    now = int(np.argmin(np.abs(arrive - (burns[1].epoch_tdb if len(burns) > 1 else aimed))))
    flat = costs.reshape(len(costs), -1).min(1)
    return Window(costs[:, middle, now], flat, float(flat[0]))


def _costs(
    rock: Array, there: Array, departs: Array, arrive: Array, way: Retrieval, place: Destination | None
) -> Array:
    """Least sum of the burns, (n, departures, arrivals) km/s, over the branches with the plan's revolutions."""
    flight = arrive[None, :] - departs[:, None]
    start, end, time = rock[:, :, None], there[None, None], np.broadcast_to(flight, (len(rock), *flight.shape))
    start, end = (np.broadcast_to(s, (*time.shape, 6)) for s in (start, end))
    turns = int(way.orbit.get("revolutions", 0))
    best = np.full(time.shape, np.inf)
    for revolutions in {max(turns - 1, 0), turns, turns + 1}:
        for branch in ("low", "high") if revolutions else ("low",):
            v1, v2 = lambert.solve(
                start[..., :3], end[..., :3], time, MU, revolutions=revolutions, branch=branch, north=ECLIPTIC_NORTH
            )
            met = np.linalg.norm(v2 - end[..., 3:], axis=-1)
            total = np.linalg.norm(v1 - start[..., 3:], axis=-1) + (place.capture_delta_v_km_s(met) if place else met)
            best = np.fmin(best, total)
    return best
