"""When an asteroid can be brought to a libration point: every year's best plan, and what haste costs."""

from collections.abc import Iterable
from typing import Any, Final

from motherlode.capture import destinations, retrieval
from motherlode.capture.plans import Retrieval
from motherlode.catalogue import snapshot
from motherlode.ephemeris import almanac
from motherlode.ephemeris.orbit import Orbit

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
    gates = retrieval.open_gateways(almanac.load().movers, window, snapshot.home() / "manifolds", [place.body])
    yearly = retrieval.to_libration_point(orbit, gates[place.body], place)
    front = retrieval.pareto(orbit, gates[place.body], place)
    return {"windows": _told(sorted(yearly, key=lambda way: way.depart_tdb)), "pareto": _told(front)}


def _told(ways: Iterable[Retrieval]) -> list[dict[str, Any]]:
    return [{key: way.summary()[key] for key in KEYS} for way in ways]
