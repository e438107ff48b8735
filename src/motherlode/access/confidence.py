"""How a trip stands up to what is not known of the asteroid's orbit: a window with a probability.

The orbit comes as samples that the observations allow. Each is flown twice: on the dates of the plan, and with the
four dates moved by up to a few weeks, as a crew that knows the orbit by then would do.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.access import ports
from motherlode.access.roundtrip import Trip
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput
from motherlode.mechanics import lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import DAY

Array = NDArray[np.float64]
MU: Final = GM_KM3_S2["sun"]
QUANTILES: Final = (5.0, 50.0, 95.0)


@dataclass(frozen=True)
class Confidence:
    """Total Δv of a trip for every sample of the orbit, (n,) km/s; infinite where no such trip exists.

    kept       on the dates of the plan
    replanned  with the dates moved, within ``shift_s`` either way and the longest duration
    """

    kept: Array
    replanned: Array
    shift_s: float

    def probability(self, limit_km_s: float, *, replanned: bool = True) -> float:
        """Share of the samples whose trip costs at most so much."""
        return float(np.mean((self.replanned if replanned else self.kept) <= limit_km_s))

    def summary(self, limit_km_s: float) -> dict[str, Any]:
        """As one flat row, units in the names."""
        low, middle, high = (float(x) for x in np.percentile(self.replanned, QUANTILES, method="nearest"))
        return {
            "n_samples": len(self.kept),
            "limit_km_s": limit_km_s,
            "probability": self.probability(limit_km_s),
            "probability_on_planned_dates": self.probability(limit_km_s, replanned=False),
            "delta_v_p05_km_s": low,
            "delta_v_p50_km_s": middle,
            "delta_v_p95_km_s": high if np.isfinite(high) else None,
        }


def of_trip(
    samples: Orbit,
    home: Mover,
    port: ports.Port | str,
    trip: Trip,
    *,
    shift_s: float = 24 * DAY,
    step_s: float = 8 * DAY,
    longest_s: float = 450 * DAY,
    shortest_stay_s: float = 8 * DAY,
    about: Mover | None = None,
) -> Confidence:
    """What a planned round trip costs for each orbit that the observations allow.

    samples  Orbit of shape (n,)
    home     the mover that the port belongs to
    trip     the plan: dates of launch, arrival, leaving, return
    shift_s  how far each date may move when replanned
    about    what the trip was planned with, such as an integrated trajectory; the samples then say only how far
             from it the asteroid may be (the first one is the nominal orbit)
    """
    if not samples.shape:
        raise BadInput("samples of an orbit are an Orbit of shape (n,); got a single orbit")
    port = ports.find(port) if isinstance(port, str) else port
    moves = np.arange(-shift_s, shift_s + step_s / 2, step_s)
    out = _legs(
        samples, home, port.departure_delta_v_km_s, trip.launch_tdb + moves, trip.arrive_tdb + moves, True, about
    )
    back = _legs(
        samples, home, port.arrival_delta_v_km_s, trip.leave_tdb + moves, trip.return_tdb + moves, False, about
    )
    middle = len(moves) // 2
    kept = out[:, middle, middle] + back[:, middle, middle]
    replanned = _cheapest(out, back, trip, moves, max(longest_s, trip.return_tdb - trip.launch_tdb), shortest_stay_s)
    return Confidence(kept, np.minimum(replanned, kept), shift_s)


def _legs(
    samples: Orbit, home: Mover, burn: Any, depart: Array, arrive: Array, outbound: bool, about: Mover | None
) -> Array:
    """Cost of one leg, (n, departures, arrivals) km/s, infinite where it does not exist."""
    here, there = (depart, arrive) if outbound else (arrive, depart)
    planet = home.state(here)  # (k, 6)
    rock = samples[:, None].state(there)  # (n, k, 6)
    if about is not None:
        rock = rock - rock[:1] + about.state(there)
    start, end = (planet[None, :, None], rock[:, None, :]) if outbound else (rock[:, :, None], planet[None, None, :])
    flight = (arrive[None, :] - depart[:, None])[None]
    start, end, flight = (np.broadcast_arrays(start, end, flight[..., None])[i] for i in range(3))
    v1, v2 = lambert.solve(start[..., :3], end[..., :3], flight[..., 0], MU, north=ECLIPTIC_NORTH)
    left, met = (np.linalg.norm(v - s[..., 3:], axis=-1) for v, s in ((v1, start), (v2, end)))
    cost = burn(left) + met if outbound else left + burn(met)
    return np.where(np.isfinite(cost), cost, np.inf)


def _cheapest(out: Array, back: Array, trip: Trip, moves: Array, longest: float, stay: float) -> Array:
    """Lowest sum over all moved dates that keep the stay and the duration, (n,)."""
    launch, arrive, leave, end = (
        date + moves for date in (trip.launch_tdb, trip.arrive_tdb, trip.leave_tdb, trip.return_tdb)
    )
    best = np.full(len(out), np.inf)
    for a, arrival in enumerate(arrive):
        for b in np.flatnonzero(leave - arrival >= stay):
            allowed = end[None, :] - launch[:, None] <= longest + 1.0
            total = out[:, :, a, None] + back[:, None, b, :]
            best = np.minimum(best, np.where(allowed, total, np.inf).min(axis=(1, 2)))
    return best
