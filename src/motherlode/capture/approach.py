"""Home by the direct way: leave the asteroid's orbit on a Lambert arc to the planet and brake there.

A coarse grid of departure and arrival dates on one common step, every branch of Lambert's problem, then a zoom
into the best cell of each destination.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.capture.destinations import MARS_PERIAPSIS_KM, Destination
from motherlode.capture.plans import Burn, Retrieval
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris.bodies import Mover
from motherlode.mechanics import lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import DAY

Array = NDArray[np.float64]

BRANCHES: Final = ((0, "low"), (1, "low"), (1, "high"), (2, "low"), (2, "high"))


@dataclass(frozen=True)
class Search:
    """Where the direct way is looked for.

    step_d         of departure dates and flight times alike
    flight_d       shortest and longest
    """

    step_d: float = 20.0
    flight_d: tuple[float, float] = (60.0, 1_500.0)


@dataclass(frozen=True)
class LibrationPoint:
    """A mover: the collinear libration point of Sun and planet, riding on the planet's actual motion."""

    planet: Mover
    point: int

    @property
    def name(self) -> str:
        return f"Sun-{self.planet.name} L{self.point}"

    @property
    def span(self) -> tuple[float, float]:
        return self.planet.span

    def state(self, t: ArrayLike) -> Array:
        """Heliocentric state, (..., 6) km and km/s."""
        scale = 1.0 + (self.point * 2 - 3) * (GM_KM3_S2[self.planet.name] / GM_KM3_S2["sun"] / 3.0) ** (1.0 / 3.0)
        state: Array = self.planet.state(t) * scale
        return state


def lambert_returns(
    target: Mover, planet: Mover, places: Sequence[Destination], span: tuple[float, float], search: Search = Search()
) -> list[Retrieval | None]:
    """Cheapest direct return to each destination of one planet; None where no arc exists.

    target, planet   movers; the planet is that of every destination in ``places``
    span             first departure and last arrival, TDB s past J2000
    returns          one Retrieval per destination, in order
    """
    if span[1] - span[0] <= search.flight_d[0] * DAY:
        return [None] * len(places)
    homes = {place.point: LibrationPoint(planet, place.point) if place.point else planet for place in places}
    grids = {point: _Grid(target, home, span, search) for point, home in homes.items()}
    return [_best(target, homes[place.point], place, grids[place.point], span, search) for place in places]


class _Grid:
    """Both excess speeds over departures x flights x branches."""

    def __init__(self, target: Mover, home: Mover, span: tuple[float, float], search: Search):
        step = search.step_d * DAY
        flights = np.arange(search.flight_d[0] * DAY, search.flight_d[1] * DAY + 1.0, step)
        departs = np.arange(span[0], span[1] - flights[0], step)
        here = target.state(departs)
        arrivals = departs[0] + flights[0] + step * np.arange(len(departs) + len(flights) - 1)
        there = home.state(np.minimum(arrivals, span[1]))
        rows = np.arange(len(departs))[:, None] + np.arange(len(flights))[None, :]
        late = arrivals[rows] > span[1]
        self.departs, self.flights = departs, flights
        self.leave, self.arrive = _excess(here[:, None, :], there[rows], flights[None, :])
        self.leave[late] = np.nan


def _excess(here: Array, there: Array, flight: Array) -> tuple[Array, Array]:
    """Departure burn and arrival excess, (..., branches) km/s."""
    leave, arrive = [], []
    for revolutions, branch in BRANCHES:
        v1, v2 = lambert.solve(
            here[..., :3],
            there[..., :3],
            flight,
            GM_KM3_S2["sun"],
            revolutions=revolutions,
            branch=branch,
            north=ECLIPTIC_NORTH,
        )
        leave.append(_norm(v1 - here[..., 3:]))
        arrive.append(_norm(v2 - there[..., 3:]))
    return np.stack(leave, -1), np.stack(arrive, -1)


def _norm(v: Array) -> Array:
    return np.sqrt(v[..., 0] ** 2 + v[..., 1] ** 2 + v[..., 2] ** 2)


def _best(
    target: Mover, home: Mover, place: Destination, grid: _Grid, span: tuple[float, float], search: Search
) -> Retrieval | None:
    total = grid.leave + place.capture_delta_v_km_s(grid.arrive)
    if not np.isfinite(total).any():
        return None
    i, j, _ = np.unravel_index(np.nanargmin(total), total.shape)
    depart, flight = float(grid.departs[i]), float(grid.flights[j])
    leave = arrive = np.nan
    k = np.intp(0)
    half = search.step_d * DAY
    shortest, longest = search.flight_d[0] * DAY, search.flight_d[1] * DAY
    for _ in range(5):
        departs = np.clip(depart + half * np.linspace(-1.0, 1.0, 9), span[0], span[1] - shortest)[:, None]
        flights = np.clip(flight + half * np.linspace(-1.0, 1.0, 9), shortest, longest)[None, :]
        flights = np.minimum(flights, span[1] - departs)
        leaves, arrives = _excess(target.state(departs), home.state(departs + flights), flights)
        total = leaves + place.capture_delta_v_km_s(arrives)
        i, j, k = np.unravel_index(np.nanargmin(total), total.shape)
        depart, flight = float(departs[i, 0]), float(flights[i, j])
        leave, arrive = float(leaves[i, j, k]), float(arrives[i, j, k])
        half *= 0.35
    revolutions, branch = BRANCHES[k]
    here, there = target.state(depart), home.state(depart + flight)
    v1, v2 = lambert.solve(
        here[:3], there[:3], flight, GM_KM3_S2["sun"], revolutions=revolutions, branch=branch, north=ECLIPTIC_NORTH
    )
    facts: dict[str, Any] = {
        "title": place.title,
        "revolutions": revolutions,
        "branch": branch,
        "leave_km_s": (v1 - here[3:]).tolist(),
        "incoming_km_s": (v2 - there[3:]).tolist(),
    }
    if place.body == "mars" and not place.point:
        facts["periapsis_km"] = MARS_PERIAPSIS_KM
    return _retrieval(target.name, place, depart, flight, leave, arrive, facts)


def _retrieval(
    name: str, place: Destination, depart: float, flight: float, leave: float, arrive: float, facts: dict[str, Any]
) -> Retrieval:
    burns = (
        Burn(depart, leave, "leave the asteroid's orbit"),
        Burn(depart + flight, float(place.capture_delta_v_km_s(arrive)), f"into the {place.title}"),
    )
    return Retrieval(
        str(name),
        place.name,
        "Lambert return",
        burns,
        depart + flight,
        arrive,
        facts,
        place.leaves_out,
        place.label,
    )
