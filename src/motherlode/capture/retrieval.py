"""Which way brings an asteroid home for the least, for one body, for many, for a whole catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import approach, destinations, gateway, manifolds
from motherlode.capture.approach import lambert_returns
from motherlode.capture.destinations import Destination
from motherlode.capture.gateway import Gateway
from motherlode.capture.manifolds import Recipe
from motherlode.capture.patch import Patcher, Patches, Search
from motherlode.capture.plans import Burn, Retrieval
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import NoSolution
from motherlode.tables import Table
from motherlode.units import DAY

Array = NDArray[np.float64]

CLEAR: Final = 0.33  # Hill radii: 494,000 km at the Earth, outside the orbit of the Moon
RECIPES: Final = {  # season by season, with the planets' eccentricities
    "earth": Recipe("sun-earth", orbits=90, departures=36, eccentricity=0.01671, seasons=24, nearest=CLEAR),
    "mars": Recipe("sun-mars", orbits=90, departures=36, eccentricity=0.09341, seasons=12, nearest=CLEAR),
}
SAFE: Final = 0.9  # times the least cost to first order: no search of bodies kept or rejected came out below it
THOROUGH: Final = Search(pairs=1_500, a_year=8, seeds=120, rounds=9)  # for lists; one asteroid answers faster
SKETCH: Final = Search(thin=1_000, pairs=150, a_year=1, seeds=40, rounds=5)  # for a front, several times
TOTALS_D: Final = (250.0, 500.0, 1_000.0, 2_000.0, 3_000.0)  # longest arcs and coasts of a front
GRAZING: Final = 0.0055  # Hill radii: 8,200 km from the centre of the Earth
PUBLISHED: Final = Recipe("sun-earth", orbits=400, departures=120, nearest=GRAZING)  # the problem of the literature
COLUMNS: Final = (
    "designation",
    "destination",
    "way",
    "delta_v_m_s",
    "depart_tdb",
    "arrive_tdb",
    "flight_d",
    "v_infinity_km_s",
    "label",
)
LEAVES_OUT: Final = (
    "the asteroid moves on its two-body orbit unless an integrated trajectory is given",
    "from the section on Sun and planet alone pull, the planet on its mean ellipse: the n-body flight shows the rest",
    "burns are impulses; a tug spreads them over weeks",
)


def open_gateways(
    almanac: Mapping[str, Mover],
    span: tuple[float, float],
    cache: Path,
    bodies: Sequence[str] = ("earth", "mars"),
    *,
    workers: int = 2,
) -> dict[str, Gateway]:
    """Manifold libraries of planets, tied to their motion over a span; kept in a cache folder."""
    return {
        body: gateway.open_gateway(
            manifolds.load(cache, RECIPES[body], workers=workers), _centre(almanac, body), span
        )
        for body in bodies
    }


def open_published(almanac: Mapping[str, Mover], span: tuple[float, float], cache: Path) -> Gateway:
    """The circular Sun-Earth problem of the literature, for comparison with its figures."""
    library = manifolds.load(cache, PUBLISHED)
    return gateway.open_gateway(library, gateway.circling(library, almanac["emb"], span), span)


def cheapest(
    target: Mover,
    almanac: Mapping[str, Mover],
    destination: str | Destination,
    *,
    span: tuple[float, float],
    gateways: Mapping[str, Gateway] | None = None,
) -> Retrieval:
    """Cheapest way found from an asteroid's orbit to a destination ("any": to the cheapest of all).

    target        mover, such as one row of an Orbit
    almanac       planets by name
    span          first burn not before, arrival not after; TDB s past J2000
    gateways      of ``open_gateways``; without them libration points are reached by their own motion only
    raises        NoSolution where no arc exists in the span
    """
    return options(target, almanac, destination, span=span, gateways=gateways)[0]


def options(
    target: Mover,
    almanac: Mapping[str, Mover],
    destination: str | Destination = "any",
    *,
    span: tuple[float, float],
    gateways: Mapping[str, Gateway] | None = None,
) -> list[Retrieval]:
    """The cheapest way to each destination asked for, best first; arguments as ``cheapest``."""
    places = [destination] if isinstance(destination, Destination) else destinations.named(destination)
    found = [way for way in _ways(target, almanac, places, span, gateways or {}) if way is not None]
    if not found:
        raise NoSolution(f"no return of {target.name} within the span; widen the dates")
    return sorted(found, key=lambda way: way.delta_v_km_s)


def survey(
    targets: Iterable[Mover],
    almanac: Mapping[str, Mover],
    names: Sequence[str] = tuple(destinations.DESTINATIONS),
    *,
    span: tuple[float, float],
    gateways: Mapping[str, Gateway] | None = None,
) -> Table:
    """One row per asteroid and destination, asteroid by asteroid; NaN where there is no way.

    targets   movers, such as the rows of an Orbit
    names     of destinations
    span, gateways   as in ``cheapest``
    """
    places = [destinations.find(name) for name in names]
    rows: list[dict[str, Any]] = []
    for target in targets:
        ways = _ways(target, almanac, places, span, gateways or {})
        rows += [way.summary() if way else _nothing(str(target.name), place) for place, way in zip(places, ways)]
    return Table({name: np.array([row[name] for row in rows]) for name in COLUMNS})


def to_libration_point(
    target: Mover, gate: Gateway, place: Destination, search: Search = Search()
) -> list[Retrieval]:
    """Ways onto the stable manifolds of one libration point, the best of every year, best first."""
    ours = _of_point(gate, place.point)
    found = Patcher(target, ours, search).best()
    return [_retrieval(target, ours, place, found, i) for i in range(len(found.row))]


def pareto(target: Mover, gate: Gateway, place: Destination, search: Search = SKETCH) -> list[Retrieval]:
    """Ways that no other beats in both velocity change and time from the first burn to the orbit, shortest first."""
    ours = _of_point(gate, place.point)
    ways: list[Retrieval] = []
    for longest in TOTALS_D:
        coasts = tuple(coast for coast in search.coasts_d if coast <= 0.5 * longest)
        limited = replace(search, flight_d=(search.flight_d[0], min(longest, search.flight_d[1])), coasts_d=coasts)
        found = Patcher(target, ours, limited).best()
        ways += [_retrieval(target, ours, place, found, i) for i in range(len(found.row))]
    ways.sort(key=lambda way: (way.flight_s, way.delta_v_km_s))
    least: Array = np.minimum.accumulate(np.array([way.delta_v_km_s for way in ways]))
    return [way for i, way in enumerate(ways) if i == 0 or way.delta_v_km_s < least[i - 1]]


def bounds(orbits: Orbit, gate: Gateway, *, epoch: float | None = None, every: int = 1) -> Array:
    """Prefilter of a catalogue: a lower bound (n,) km/s of any way to the manifolds, whatever the dates.

    orbits   of n asteroids
    epoch    at which their orbits are taken; the middle of the span by default
    every    thins the library, to rank bodies quickly: then it is no bound any more
    returns  ``SAFE`` times the least cost to first order over every entry; inf where that is above ``gateway.FAR``

    See ``gateway.least_costs`` for the bound; ``SAFE`` stands for what is beyond first order (docs/capture.md).
    """
    when = 0.5 * (gate.span[0] + gate.span[1]) if epoch is None else epoch
    table = gateway.smooth(gateway.in_plane(orbits.state(np.full(orbits.shape, when)), gate.axes)).stacked()
    entries, turns = np.ascontiguousarray(gate.entries[:, ::every]), np.ascontiguousarray(gate.turns[::every])
    return np.asarray(SAFE * gateway.least_of_each(table, entries, turns, gate.slack))


def sweep(
    orbits: Orbit,
    gate: Gateway,
    *,
    below_km_s: float = 0.5,
    search: Search = THOROUGH,
    workers: int = 2,
    progress: Any = None,
) -> Table:
    """Every asteroid of a catalogue that can be brought to L1 or L2 of one planet for little; best first.

    below_km_s   of the prefilter: whatever can cost less is searched
    progress     called with (done, total) as asteroids are finished
    returns      Table: designation, bound_m_s, delta_v_m_s, destination, dates, orbit
    """
    bound = bounds(orbits, gate)
    rows = np.flatnonzero(bound < below_km_s)
    rows = rows[np.argsort(bound[rows])]
    places = {place.point: place for place in destinations.of_planet(_body(gate)) if place.point}
    found: list[dict[str, Any]] = []

    def one(row: np.int64) -> dict[str, Any] | None:
        target = orbits[int(row)]
        patches = Patcher(target, gate, search).best()
        if not len(patches.row):
            return None
        orbit = gate.library.orbits[gate.library.orbit[patches.row[0]]]
        way = _retrieval(target, gate, places[orbit.point], patches, 0)
        return {**way.summary(), "bound_m_s": 1e3 * bound[row], "family": orbit.family, "jacobi": orbit.jacobi}

    with ThreadPoolExecutor(workers) as pool:
        for done, row in enumerate(pool.map(one, rows), 1):
            found += [row] if row else []
            if progress:
                progress(done, len(rows))
    found.sort(key=lambda row: float(row["delta_v_m_s"]))
    names = (*COLUMNS, "bound_m_s", "family", "jacobi")
    return Table({name: np.array([row[name] for row in found]) for name in names if name != "v_infinity_km_s"})


def _ways(
    target: Mover,
    almanac: Mapping[str, Mover],
    places: Sequence[Destination],
    span: tuple[float, float],
    gates: Mapping[str, Gateway],
) -> list[Retrieval | None]:
    found: dict[str, Retrieval | None] = {}
    direct = [place for place in places if not (place.point and place.body in gates)]
    for body in {place.body for place in direct}:
        here = [place for place in direct if place.body == body]
        ways = lambert_returns(target, almanac[body], here, span, approach.Search())
        found |= {place.name: way for place, way in zip(here, ways)}
    for place in places:
        if place.name not in found:
            found[place.name] = next(iter(to_libration_point(target, gates[place.body], place)), None)
    return [found[place.name] for place in places]


def _retrieval(target: Mover, gate: Gateway, place: Destination, found: Patches, index: int) -> Retrieval:
    one = found.take(index)
    row = int(one.row)
    library = gate.library
    orbit = library.orbits[library.orbit[row]]
    join = float(one.epoch - one.coast)
    burns = (
        Burn(float(one.depart), float(np.linalg.norm(one.leave)), "leave the asteroid's orbit"),
        Burn(join, float(np.linalg.norm(one.join)), "join the stable manifold"),
    )
    facts = {
        "family": orbit.family,
        "orbit": int(library.orbit[row]),
        "departure": int(library.departure[row]),
        "point": orbit.point,
        "jacobi": orbit.jacobi,
        "period_d": orbit.period * library.system.time_s / DAY,
        "section_tdb": float(one.epoch),
        "coast_d": float(one.coast) / DAY,
        "revolutions": int(one.revolutions),
        "leave_km_s": one.leave.tolist(),
        "join_km_s": one.join.tolist(),
        "section_state": library.state[row].tolist(),
        "model": "circular" if gate.circular else "elliptic",
    }
    leaves_out = (*LEAVES_OUT[:1], *LEAVES_OUT[2 if gate.circular else 1 :])
    return Retrieval(
        str(target.name),
        place.name,
        "stable manifold",
        burns,
        float(gate.arrival(row, one.epoch)),
        orbit=facts,
        leaves_out=leaves_out,
        label=place.label,
    )


def _of_point(gate: Gateway, point: int) -> Gateway:
    keep = np.array([orbit.point for orbit in gate.library.orbits])[gate.library.orbit] == point
    return replace(gate, library=gate.library.take(keep), entries=np.ascontiguousarray(gate.entries[:, keep]))


def _body(gate: Gateway) -> str:
    return gate.library.system.smaller


def _centre(almanac: Mapping[str, Mover], body: str) -> Mover:
    return almanac["emb" if body == "earth" else body]


def _nothing(name: str, place: Destination) -> dict[str, Any]:
    blank = dict.fromkeys(COLUMNS, float("nan"))
    return blank | {"designation": name, "destination": place.name, "way": "none", "label": place.label}
