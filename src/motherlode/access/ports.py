"""Ports: the places a mission starts from and returns to, each with its rule for leaving and for arriving.

A port turns the speed at infinity v∞ into a Δv. Every rule here is one burn near a planet,
max(0, √(v∞² + escape²) - orbit) + extra, or the cheaper of two such ways.
"""

from dataclasses import dataclass, field
from math import pi, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import GM_KM3_S2, MARS_SOL_S, RADIUS_KM
from motherlode.errors import UnknownName

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Burn:
    """One way between an orbit and a hyperbola: max(0, √(v∞² + escape²) - orbit) + extra, km/s.

    escape_km_s  escape speed where the burn is made
    orbit_km_s   speed already had there
    extra_km_s   what other burns of this way cost
    """

    escape_km_s: float
    orbit_km_s: float
    extra_km_s: float = 0.0

    def delta_v_km_s(self, v_infinity_km_s: ArrayLike) -> Any:
        """Δv of this way, km/s (...)."""
        v = np.asarray(v_infinity_km_s, dtype=float)
        return np.maximum(np.sqrt(v * v + self.escape_km_s**2) - self.orbit_km_s, 0.0) + self.extra_km_s


@dataclass(frozen=True)
class Port:
    """A place to start from and return to.

    body        mover in the almanac whose neighbourhood it is; "" for a port that is itself the mover
    departure   ways to leave, the cheapest counts
    arrival     ways to arrive
    source      where the rule comes from; ``leaves_out`` what it does not contain
    """

    name: str
    title: str
    body: str
    departure: tuple[Burn, ...]
    arrival: tuple[Burn, ...]
    source: str
    leaves_out: tuple[str, ...] = field(default=())

    def departure_delta_v_km_s(self, v_infinity_km_s: ArrayLike) -> Any:
        """Δv in km/s, (...), to leave with a speed at infinity."""
        return np.minimum.reduce([burn.delta_v_km_s(v_infinity_km_s) for burn in self.departure])

    def arrival_delta_v_km_s(self, v_infinity_km_s: ArrayLike) -> Any:
        """Δv in km/s, (...), to end at the port from a speed at infinity."""
        return np.minimum.reduce([burn.delta_v_km_s(v_infinity_km_s) for burn in self.arrival])


def ways(burns: tuple[Burn, ...]) -> Array:
    """The ways as an array (k, 3) of escape speed, orbit speed and extra, for the kernels."""
    return np.array([[burn.escape_km_s, burn.orbit_km_s, burn.extra_km_s] for burn in burns])


def find(name: str) -> Port:
    """The port of a name.

    raises  UnknownName with the choices
    """
    if name not in PORTS:
        raise UnknownName("port", name, list(PORTS))
    return PORTS[name]


def circular(body: str, altitude_km: float) -> Burn:
    """A burn out of, or into, a circular orbit at an altitude."""
    r = RADIUS_KM[body] + altitude_km
    return Burn(sqrt(2 * GM_KM3_S2[body] / r), sqrt(GM_KM3_S2[body] / r))


def at_periapsis(body: str, periapsis_km: float, apoapsis_km: float, extra_km_s: float = 0.0) -> Burn:
    """A burn at the periapsis of an ellipse given by its distances from the centre."""
    mu = GM_KM3_S2[body]
    speed = sqrt(mu * (2 / periapsis_km - 2 / (periapsis_km + apoapsis_km)))
    return Burn(sqrt(2 * mu / periapsis_km), speed, extra_km_s)


def from_moon(body: str, radius_km: float, periapsis_km: float) -> tuple[Burn, Burn]:
    """From the circular orbit of a moon: straight away, or by first dropping to a low periapsis and burning there."""
    mu = GM_KM3_S2[body]
    here = sqrt(mu / radius_km)
    drop = here - sqrt(mu * (2 / radius_km - 2 / (radius_km + periapsis_km)))
    return Burn(sqrt(2) * here, here), at_periapsis(body, periapsis_km, radius_km, drop)


def entry(body: str, speed_limit_km_s: float, altitude_km: float) -> Burn:
    """Direct entry: free below a speed limit, above it the excess is braked at infinity, as NHATS charges it."""
    escape2 = 2 * GM_KM3_S2[body] / (RADIUS_KM[body] + altitude_km)
    return Burn(0.0, sqrt(speed_limit_km_s**2 - escape2))


LOW_EARTH_KM: Final = RADIUS_KM["earth"] + 400.0
LOW_MARS_KM: Final = RADIUS_KM["mars"] + 400.0
GTO_PERIGEE_KM: Final = RADIUS_KM["earth"] + 250.0
GEO_KM: Final = 42_164.2  # km, geostationary radius; ITU
MOON_KM: Final = 384_400.0  # km, mean distance; Meeus 1998
PHOBOS_KM: Final = 9_376.0  # km, semi-major axis; JPL satellite mean elements MAR097
DEIMOS_KM: Final = 23_463.2  # km, semi-major axis; JPL satellite mean elements MAR097
NRHO_KM_S: Final = 0.45  # km/s, trans-lunar coast to or from the 9:2 NRHO; Whitley & Martinez 2016, as quoted
LUNAR_ORBIT_KM_S: Final = 0.82  # km/s, trans-lunar coast to low lunar orbit; network value 0.14 + 0.68
LUNAR_LANDING_KM_S: Final = 1.72  # km/s, low lunar orbit to surface or back; network value

_SOL_AXIS_KM = (GM_KM3_S2["mars"] * (MARS_SOL_S / (2 * pi)) ** 2) ** (1 / 3)
_SOL = at_periapsis("mars", LOW_MARS_KM, 2 * _SOL_AXIS_KM - LOW_MARS_KM)
_PHASE = "the wait for the port's orbit to line up with the departure"
_MOON = ("the position of the Moon", "about five days between Moon and perigee", _PHASE)


def _lunar(extra_km_s: float) -> tuple[Burn, ...]:
    return (at_periapsis("earth", LOW_EARTH_KM, MOON_KM, extra_km_s),)


PORTS: Final[dict[str, Port]] = {
    port.name: port
    for port in (
        Port(
            "earth-400km",
            "low Earth orbit, 400 km; return by direct entry at 12 km/s or less",
            "earth",
            (circular("earth", 400.0),),
            (entry("earth", 12.0, 125.0),),
            "NHATS, JPL: Barbee, Mink & Adamo 2011; the braking charge as its published rows imply",
            (_PHASE,),
        ),
        Port(
            "earth-gto",
            "geostationary transfer orbit, 250 km x 35 786 km, burn at perigee",
            "earth",
            (at_periapsis("earth", GTO_PERIGEE_KM, GEO_KM),),
            (at_periapsis("earth", GTO_PERIGEE_KM, GEO_KM),),
            "vis-viva at perigee",
            (_PHASE,),
        ),
        Port(
            "lunar-nrho",
            "near-rectilinear halo orbit at the Moon, powered fly-by of the Earth at 400 km",
            "earth",
            _lunar(NRHO_KM_S),
            _lunar(NRHO_KM_S),
            "vis-viva at perigee of the lunar ellipse, plus 0.45 km/s to the halo (Whitley & Martinez 2016)",
            _MOON,
        ),
        Port(
            "lunar-surface",
            "surface of the Moon, powered fly-by of the Earth at 400 km",
            "earth",
            _lunar(LUNAR_ORBIT_KM_S + LUNAR_LANDING_KM_S),
            _lunar(LUNAR_ORBIT_KM_S + LUNAR_LANDING_KM_S),
            "as the halo orbit, with 0.82 km/s to low lunar orbit and 1.72 km/s to the ground",
            _MOON,
        ),
        Port(
            "mars-400km",
            "low Mars orbit, 400 km",
            "mars",
            (circular("mars", 400.0),),
            (circular("mars", 400.0),),
            "vis-viva",
            (_PHASE,),
        ),
        Port(
            "mars-1sol",
            "Mars orbit of one sol with its periapsis at 400 km",
            "mars",
            (_SOL,),
            (_SOL,),
            "vis-viva at periapsis",
            (_PHASE,),
        ),
        Port(
            "mars-phobos",
            "the orbit of Phobos, directly or by way of a 400 km periapsis",
            "mars",
            from_moon("mars", PHOBOS_KM, LOW_MARS_KM),
            from_moon("mars", PHOBOS_KM, LOW_MARS_KM),
            "vis-viva; radius from JPL satellite elements",
            ("about 10 m/s to land on or leave Phobos", _PHASE),
        ),
        Port(
            "mars-deimos",
            "the orbit of Deimos, directly or by way of a 400 km periapsis",
            "mars",
            from_moon("mars", DEIMOS_KM, LOW_MARS_KM),
            from_moon("mars", DEIMOS_KM, LOW_MARS_KM),
            "vis-viva; radius from JPL satellite elements",
            ("about 6 m/s to land on or leave Deimos", _PHASE),
        ),
        Port(
            "depot",
            "a depot on its own orbit about the Sun: speeds are matched in free space",
            "",
            (Burn(0.0, 0.0),),
            (Burn(0.0, 0.0),),
            "no planet, no gravity well",
        ),
    )
}
