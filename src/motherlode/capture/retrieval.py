"""Which way brings an asteroid home for the least, for one body or for many."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from motherlode.capture import destinations
from motherlode.capture.approach import Search, lambert_returns
from motherlode.capture.destinations import Destination
from motherlode.capture.plans import Retrieval
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import NoSolution
from motherlode.tables import Table

COLUMNS = (
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


def cheapest(
    target: Mover, almanac: Mapping[str, Mover], destination: str | Destination, *, span: tuple[float, float]
) -> Retrieval:
    """Cheapest way found from an asteroid's orbit to a destination ("any": to the cheapest of all).

    target        mover, such as one row of an Orbit
    almanac       planets by name
    span          first burn not before, arrival not after; TDB s past J2000
    raises        NoSolution where no arc exists in the span
    """
    return options(target, almanac, destination, span=span)[0]


def options(
    target: Mover, almanac: Mapping[str, Mover], destination: str | Destination = "any", *, span: tuple[float, float]
) -> list[Retrieval]:
    """The cheapest way to each destination asked for, best first; arguments as ``cheapest``."""
    places = [destination] if isinstance(destination, Destination) else destinations.named(destination)
    found = [way for way in _returns(target, almanac, places, span, Search()) if way is not None]
    if not found:
        raise NoSolution(f"no return of {target.name} within the span; widen the dates")
    return sorted(found, key=lambda way: way.delta_v_km_s)


def survey(
    targets: Iterable[Mover],
    almanac: Mapping[str, Mover],
    names: Sequence[str] = tuple(destinations.DESTINATIONS),
    *,
    span: tuple[float, float],
    search: Search = Search(),
) -> Table:
    """One row per asteroid and destination, asteroid by asteroid; NaN where there is no way.

    targets   movers, such as the rows of an Orbit
    names     of destinations
    span      first burn not before, arrival not after; TDB s past J2000
    """
    places = [destinations.find(name) for name in names]
    rows: list[dict[str, Any]] = []
    for target in targets:
        for place, way in zip(places, _returns(target, almanac, places, span, search)):
            rows.append(way.summary() if way else _nothing(str(target.name), place))
    return Table({name: np.array([row[name] for row in rows]) for name in COLUMNS})


def _returns(
    target: Mover,
    almanac: Mapping[str, Mover],
    places: Sequence[Destination],
    span: tuple[float, float],
    search: Search,
) -> list[Retrieval | None]:
    found: dict[str, Retrieval | None] = {}
    for body in {place.body for place in places}:
        here = [place for place in places if place.body == body]
        found |= {p.name: way for p, way in zip(here, lambert_returns(target, almanac[body], here, span, search))}
    return [found[place.name] for place in places]


def _nothing(name: str, place: Destination) -> dict[str, Any]:
    blank = dict.fromkeys(COLUMNS, float("nan"))
    return blank | {"designation": name, "destination": place.name, "way": "none", "label": place.label}
