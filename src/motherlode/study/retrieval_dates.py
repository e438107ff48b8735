"""When an asteroid can be brought to a libration point: every year's best plan, and what haste costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
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


@dataclass(frozen=True)
class Dates:
    """Plans from the two-body orbit of one asteroid to one libration point, none of them flown.

    orbit   of the asteroid
    gate    through which they lead
    yearly  the best plan of every year, by its date
    front   plans that no other beats in both Δv and time from the first burn, shortest first, the cheapest last
    """

    orbit: Orbit
    gate: Gateway
    yearly: tuple[Retrieval, ...]
    front: tuple[Retrieval, ...]

    def summary(self) -> dict[str, Any]:
        """Plain values: "windows" and "pareto"."""
        return {"windows": _told(self.yearly), "pareto": _told(self.front)}


def libraries() -> Path:
    """Folder in which the libraries of manifolds are kept."""
    return snapshot.home() / "manifolds"


def found(orbit: Orbit, place: Destination, gate: Gateway) -> Dates:
    """The dates of an asteroid at a libration point, by a gateway that is open already."""
    yearly = retrieval.to_libration_point(orbit, gate, place)
    front = retrieval.pareto(orbit, gate, place)
    return Dates(orbit, gate, tuple(sorted(yearly, key=lambda way: way.depart_tdb)), tuple(front))


def point(destination: str) -> Destination:
    """The libration point of this name; raises BadInput where it is another destination."""
    place = destinations.find(destination)
    if not place.point:
        points = ", ".join(name for name, one in destinations.DESTINATIONS.items() if one.point)
        raise BadInput(f"figures are drawn of captures to a libration point, got {destination!r}; choose of {points}")
    return place


def of(orbit: Orbit, destination: str, window: tuple[float, float]) -> Dates:
    """The same, its gateway opened first.

    window   first burn not before, arrival not after; TDB s past J2000
    raises   BadInput where the destination is no libration point; NoSolution where no plan falls into the window
    """
    place = point(destination)
    gates = retrieval.open_gateways(almanac.load().movers, window, libraries(), [place.body])
    dates = found(orbit, place, gates[place.body])
    if not dates.front:
        raise NoSolution(f"no plan to {destination} in this window; widen --depart")
    return dates


def _told(ways: Iterable[Retrieval]) -> list[dict[str, Any]]:
    return [{key: way.summary()[key] for key in KEYS} for way in ways]
