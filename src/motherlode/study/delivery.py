"""From a round trip to a delivery: what was mined goes to where it is sold, not where the ship came from."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from motherlode import epochs
from motherlode.access import porkchop, ports
from motherlode.access.ports import Burn, Port
from motherlode.access.roundtrip import RoundTrip
from motherlode.capture import tow
from motherlode.capture.plans import Retrieval
from motherlode.economy.value import Trip
from motherlode.ephemeris import almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import NoSolution, UnknownName
from motherlode.units import AU, DAY, TONNE

LEAST_STAY_D: Final = 90.0  # a plant needs a season to earn its mass; choice
WAIT_D: Final = 800.0  # how long the haul may wait at the asteroid for its window; choice
FLIGHT_D: Final = (30.0, 720.0)
STEP_D: Final = 15.0

_GEO_EXTRA_KM_S: Final = 1.47  # geostationary insertion at the apogee of the transfer orbit; vis-viva
_DESCENT_KM_S: Final = 0.9  # powered descent after entry at Mars; choice of the network table
_AEROCAPTURE_KM_S: Final = 7.5  # entry speed at Mars without charge; choice


def _port(name: str, title: str, body: str, *ways: Burn) -> Port:
    return Port(name, title, body, ways, ways, "vis-viva")


def _raised(ways: tuple[Burn, ...], extra: float) -> tuple[Burn, ...]:
    return tuple(Burn(way.escape_km_s, way.orbit_km_s, way.extra_km_s + extra) for way in ways)


_MARS_ENTRY = ports.entry("mars", _AEROCAPTURE_KM_S, 125.0)
PLACES: Final[dict[str, Port]] = {
    "earth": ports.PORTS["earth-400km"],  # arrival by direct entry
    "leo": _port("leo", "low Earth orbit, 400 km, by a burn", "earth", ports.circular("earth", 400.0)),
    "geo": _port("geo", "geostationary orbit", "earth", *_raised(ports.PORTS["earth-gto"].arrival, _GEO_EXTRA_KM_S)),
    "eml1": ports.PORTS["lunar-nrho"],  # half-way to the Moon costs what the halo orbit at the Moon does
    "nrho": ports.PORTS["lunar-nrho"],
    "lunar-surface": ports.PORTS["lunar-surface"],
    "mars-orbit": ports.PORTS["mars-1sol"],
    "mars-surface": _port(
        "mars-surface",
        "surface of Mars, aerocapture and powered descent",
        "mars",
        *_raised((_MARS_ENTRY,), _DESCENT_KM_S),
    ),
}


@dataclass(frozen=True)
class Outbound:
    """How the mission gets to the asteroid."""

    depart_tdb: float
    arrive_tdb: float
    delta_v_km_s: float


def outbound(found: RoundTrip) -> Outbound:
    """The way out of the cheapest round trip.

    raises  NoSolution where no trip passes
    """
    if (best := found.best) is None:
        raise NoSolution(f"no round trip of {found.designation} from {found.port} keeps the rules; widen them")
    return Outbound(best.launch_tdb, best.arrive_tdb, best.departure_km_s + best.arrival_km_s)


@dataclass(frozen=True)
class Onward:
    """How what was mined gets to where it is sold."""

    place: str
    depart_tdb: float
    arrive_tdb: float
    delta_v_km_s: float


def onward(body: Mover, place: str, after_tdb: float) -> Onward:
    """Cheapest leg from an asteroid to a place of sale, leaving within ``WAIT_D`` after a date.

    body       the asteroid
    after_tdb  earliest departure
    raises     UnknownName; NoSolution where no leg ends inside the ephemeris
    """
    if place not in PLACES:
        raise UnknownName("place", place, list(PLACES))
    port, planets = PLACES[place], almanac.load()
    flights = np.arange(FLIGHT_D[0], FLIGHT_D[1] + 1, STEP_D) * DAY
    latest = min(after_tdb + WAIT_D * DAY, planets.span[1] - flights[-1])
    departs = np.arange(after_tdb, latest, STEP_D * DAY)
    if len(departs) < 2:
        raise NoSolution(f"no leg to {place} ends inside the ephemeris; depart earlier")
    chart = porkchop.grid(body, planets[port.body], departs, flights, origin_port="depot", target_port=port)
    costs = chart.delta_v_km_s
    if not np.isfinite(costs).any():
        raise NoSolution(f"no leg from {body.name} to {place}")
    i, j = np.unravel_index(int(np.nanargmin(costs)), costs.shape)
    leave = float(departs[i])
    return Onward(place, leave, leave + float(flights[j]), float(costs[i, j]))


def trip(body: Mover, way: Outbound, home: Port, place: str) -> Trip:
    """A trip for the economy: out from the home port, a stay, and on to the place of sale."""
    back = onward(body, place, way.arrive_tdb + LEAST_STAY_D * DAY)
    return joined(body, way, back, home)


def joined(body: Mover, way: Outbound, back: Onward, home: Port) -> Trip:
    """Both legs as the plain numbers that the economy wants."""
    return Trip(
        outbound_delta_v_km_s=way.delta_v_km_s,
        return_delta_v_km_s=back.delta_v_km_s,
        depart_year=float(epochs.year(way.depart_tdb)),
        outbound_d=(way.arrive_tdb - way.depart_tdb) / DAY,
        stay_d=(back.depart_tdb - way.arrive_tdb) / DAY,
        return_d=(back.arrive_tdb - back.depart_tdb) / DAY,
        solar_distance_au=mean_distance_au(body, way.arrive_tdb, back.depart_tdb),
        home=home.body,
    )


def mean_distance_au(body: Mover, first: float, last: float) -> float:
    """Mean distance from the Sun between two epochs."""
    states = body.state(np.linspace(first, last, 25))
    return float(np.linalg.norm(states[:, :3], axis=-1).mean() / AU)


def towing(
    way: Retrieval, tug_name: str, days: float, *, despin_kg: float = 0.0, distance_au: float = 1.0
) -> dict[str, Any]:
    """The heaviest asteroid that a tug moves along a retrieval.

    days  the tug may thrust
    """
    tug = tow.find(tug_name)
    hauled = tow.heaviest(tug, way.delta_v_km_s, days * DAY, solar_distance_au=distance_au, despin_kg=despin_kg)
    return {
        "tug": tug_name,
        "max_mass_t": float(hauled.mass_kg) / TONNE,
        "tug_propellant_t": float(hauled.propellant_kg) / TONNE,
        "tug_limit": str(hauled.limit),
    }
