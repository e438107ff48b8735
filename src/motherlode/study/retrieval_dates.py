"""When an asteroid can be brought to a libration point: every year's best plan, and what haste costs."""

from collections.abc import Iterable
from typing import Any, Final

from motherlode.capture import destinations, retrieval
from motherlode.capture.destinations import Destination
from motherlode.capture.gateway import Gateway
from motherlode.capture.plans import Retrieval
from motherlode.catalogue import snapshot
from motherlode.ephemeris import almanac
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput, NoSolution

KEYS: Final = ("delta_v_m_s", "depart_tdb", "arrive_tdb", "flight_d")


def of(orbit: Orbit, destination: str, window: tuple[float, float]) -> dict[str, Any]:
    """Plans from the two-body orbit of one asteroid, none of them flown.

    window   first burn not before, arrival not after; TDB s past J2000
    returns  "windows", the best plan of every year by its date, and "pareto", those that no other beats in both Δv
             and time from the first burn, shortest first; empty where the destination is no libration point
    """
    place = destinations.DESTINATIONS.get(destination)
    if place is None or not place.point:
        return {}
    gate = gateway_to(place, window)
    yearly = retrieval.to_libration_point(orbit, gate, place)
    front = retrieval.pareto(orbit, gate, place)
    return {"windows": _told(sorted(yearly, key=lambda way: way.depart_tdb)), "pareto": _told(front)}


def gateway_to(place: Destination, window: tuple[float, float]) -> Gateway:
    """The manifold library of a libration point's planet, at the dates of a window (TDB s past J2000)."""
    return retrieval.open_gateways(almanac.load().movers, window, snapshot.home() / "manifolds", [place.body])[
        place.body
    ]


def front(orbit: Orbit, destination: str, window: tuple[float, float]) -> tuple[Gateway, list[Retrieval]]:
    """What figures of a retrieval need: the gateway, and the plans that no other beats, the cheapest last.

    raises   BadInput where the destination is no libration point; NoSolution where no plan falls into the window
    """
    place = destinations.find(destination)
    if not place.point:
        points = ", ".join(name for name, one in destinations.DESTINATIONS.items() if one.point)
        raise BadInput(f"figures are drawn of captures to a libration point, got {destination!r}; choose of {points}")
    gate = gateway_to(place, window)
    found = retrieval.pareto(orbit, gate, place)
    if not found:
        raise NoSolution(f"no plan to {destination} in this window; widen --depart")
    return gate, found


def _told(ways: Iterable[Retrieval]) -> list[dict[str, Any]]:
    return [{key: way.summary()[key] for key in KEYS} for way in ways]
