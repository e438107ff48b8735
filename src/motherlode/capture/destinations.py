"""Where an asteroid can be brought, and what the last burn there costs.

Every destination answers the same question: approaching its planet with this hyperbolic excess, how much velocity
must the asteroid lose to stay? The excess itself, and the deep-space burn before it, come from ``approach`` and
``retrieval``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.capture.plans import UNVALIDATED
from motherlode.constants import GM_KM3_S2, MARS_SOL_S, RADIUS_KM
from motherlode.errors import UnknownName

Array = NDArray[np.float64]

MOON_DISTANCE_KM: Final = 384_400.0  # mean; also the length unit of the Earth-Moon tables
MOON_SPEED_KM_S: Final = (GM_KM3_S2["emb"] / MOON_DISTANCE_KM) ** 0.5
MOON_PERIAPSIS_KM: Final = RADIUS_KM["moon"] + 100.0  # lowest passage of the Moon; choice
MOON_FAR_KM: Final = 60_000.0  # farthest that the Moon holds a body for a turn, its Hill radius
DRO_RADIUS_KM: Final = 35_000.0  # amplitude of a lunar distant retrograde orbit: from every start tried it lasts
HIGH_LUNAR_RADIUS_KM: Final = 20_000.0  # circular lunar orbit inside the Moon's sphere of influence; choice
MARS_PERIAPSIS_KM: Final = RADIUS_KM["mars"] + 400.0
MARS_FAR_KM: Final = 150_000.0  # apoapsis of the wide ellipse, a seventh of Mars's Hill radius; choice
PHOBOS_RADIUS_KM: Final = 9_376.0  # semi-major axis of Phobos
DEIMOS_RADIUS_KM: Final = 23_463.0  # semi-major axis of Deimos
PHOBOS_DRO_KM: Final = 50.0  # from Phobos, towards Mars, where the distant retrograde orbit is entered; choice

TWO_BODY = "the asteroid moves on its two-body orbit: n-body motion shifts dates and burns"
IMPULSIVE = "burns are impulses: a finite burn costs more"


@dataclass(frozen=True)
class PeriapsisBurn:
    """A burn at a periapsis, as an impulse.

    excess2_km2_s2   square of the hyperbolic excess before it; minus μ/a on an ellipse
    """

    what: str
    delta_v_km_s: float
    periapsis_km: float
    excess2_km2_s2: float
    mu: float


@dataclass(frozen=True)
class Destination:
    """A place where a captured body stays.

    body         planet whose neighbourhood it is in
    point        1 or 2 for an orbit about a libration point of Sun and planet, else 0
    arrival_burn   hyperbolic excess in km/s -> sum of the burns in km/s
    arrival_burns  hyperbolic excess in km/s -> each burn with the periapsis where it is made
    radius_km    of the circle that it ends in, 0 for other orbits
    """

    name: str
    title: str
    body: str
    point: int
    arrival_burn: Callable[[Array], Array]
    arrival_burns: "Burns"
    leaves_out: tuple[str, ...]
    label: str = ""
    radius_km: float = 0.0

    def capture_delta_v_km_s(self, v_infinity_km_s: ArrayLike) -> Array:
        """Burn that turns an approach with this excess into a stay, km/s."""
        burn: Array = self.arrival_burn(np.asarray(v_infinity_km_s, dtype=float))
        return burn


def find(name: str) -> Destination:
    """The destination of this name."""
    if name not in DESTINATIONS:
        raise UnknownName("destination", name, [*DESTINATIONS, "any"])
    return DESTINATIONS[name]


def named(name: str) -> list[Destination]:
    """The destinations that a request means: one, or all of them for "any"."""
    return list(DESTINATIONS.values()) if name == "any" else [find(name)]


def of_planet(body: str) -> list[Destination]:
    """All the destinations near one planet."""
    return [place for place in DESTINATIONS.values() if place.body == body]


def periapsis_burn(v_infinity_km_s: ArrayLike, mu: float, periapsis_km: float, apoapsis_km: float = np.inf) -> Array:
    """Impulse at periapsis from a hyperbola into an ellipse (into a parabola without an apoapsis), km/s."""
    v_infinity = np.asarray(v_infinity_km_s, dtype=float)
    target = np.sqrt(2.0 * mu / periapsis_km - 2.0 * mu / (periapsis_km + apoapsis_km))
    burn: Array = np.sqrt(v_infinity**2 + 2.0 * mu / periapsis_km) - target
    return burn


def into_circle(
    v_infinity_km_s: ArrayLike, mu: float, radius_km: float, low_km: float, far_km: float = np.inf
) -> Array:
    """Cheaper of two ways into a circular orbit: one burn there, or a low graze, a far apoapsis and two more burns.

    far_km   the far apoapsis; at infinity raising the periapsis is free: the limit of the bi-elliptic way
    """
    direct = periapsis_burn(v_infinity_km_s, mu, radius_km, radius_km)
    by_far = periapsis_burn(v_infinity_km_s, mu, low_km, far_km) + sum(_from_far(mu, radius_km, low_km, far_km))
    cheaper: Array = np.minimum(direct, by_far)
    return cheaper


def _from_far(mu: float, radius_km: float, low_km: float, far_km: float) -> tuple[float, float]:
    """Raising the periapsis from the low one to the circle at the far apoapsis, and rounding off there; km/s."""
    if np.isinf(far_km):
        return 0.0, float(periapsis_burn(0.0, mu, radius_km, radius_km))
    before, after = (np.sqrt(2.0 * mu * (1.0 / far_km - 1.0 / (far_km + r))) for r in (low_km, radius_km))
    return float(after - before), float(after * far_km / radius_km - np.sqrt(mu / radius_km))


def meeting_speed(v_infinity_km_s: ArrayLike) -> Array:
    """Slowest passage of the Moon, met from behind, by a body with this excess over the Earth; km/s from the Moon."""
    v = np.asarray(v_infinity_km_s, dtype=float)
    speed: Array = np.sqrt(v**2 + 2.0 * GM_KM3_S2["earth"] / MOON_DISTANCE_KM) - MOON_SPEED_KM_S
    return speed


@cache
def phobos_dro_insertion(inner_km: float = PHOBOS_DRO_KM) -> float:
    """Burn, km/s, from a circle about Mars that runs below Phobos into the distant retrograde orbit it touches.

    inner_km   from Phobos to where the two meet, on the line to Mars

    From the family of the circular problem of Mars and Phobos; their eccentricity of 0.015 is left out.
    """
    from motherlode.mechanics import periodic, threebody

    system = threebody.SYSTEMS["mars-phobos"]
    family = periodic.family("dro", system.mu, most=150, stride=0.1)
    inner = np.array([(1.0 - system.mu - orbit.state[0]) * system.length_km for orbit in family])
    distance = np.array([orbit.state[0] + system.mu for orbit in family])
    circle = np.sqrt((1.0 - system.mu) / distance) - distance
    burns = np.abs(np.array([orbit.state[4] for orbit in family]) - circle) * system.length_km / system.time_s
    return float(np.interp(inner_km, inner, burns))


Burns = Callable[[float], tuple[PeriapsisBurn, ...]]


def _match(v_infinity: Array) -> Array:
    return v_infinity


def _none(v_infinity: float) -> tuple[PeriapsisBurn, ...]:
    return ()


def _ellipse(mu: float, periapsis_km: float, apoapsis_km: float, what: str) -> tuple[Callable[[Array], Array], Burns]:
    """One burn at a low periapsis."""

    def burn(v_infinity: Array) -> Array:
        return periapsis_burn(v_infinity, mu, periapsis_km, apoapsis_km)

    def burns(v: float) -> tuple[PeriapsisBurn, ...]:
        return (PeriapsisBurn(what, float(burn(np.asarray(v))), periapsis_km, v * v, mu),)

    return burn, burns


def _circle(
    mu: float, radius_km: float, low_km: float, extra: Callable[[], float] = float, far_km: float = np.inf
) -> tuple[Callable[[Array], Array], Burns]:
    """The cheaper of the two ways into a circle, and a last small burn."""
    lift, ring = _from_far(mu, radius_km, low_km, far_km)
    bound = 0.0 if np.isinf(far_km) else 2.0 * mu / (radius_km + far_km)

    def burn(v_infinity: Array) -> Array:
        stay: Array = into_circle(v_infinity, mu, radius_km, low_km, far_km) + extra()
        return stay

    def burns(v: float) -> tuple[PeriapsisBurn, ...]:
        direct = float(periapsis_burn(v, mu, radius_km, radius_km))
        low = float(periapsis_burn(v, mu, low_km, far_km))
        if direct < low + lift + ring:
            found = [PeriapsisBurn("into the circle", direct, radius_km, v * v, mu)]
        else:
            found = [
                PeriapsisBurn("captured at the low periapsis", low, low_km, v * v, mu),
                PeriapsisBurn("into the circle, part of it far out", lift + ring, radius_km, -bound, mu),
            ]
        if extra():
            found.append(PeriapsisBurn("into the retrograde orbit", extra(), radius_km, -mu / radius_km, mu))
        return tuple(found)

    return burn, burns


def _lunar(radius_km: float) -> tuple[Callable[[Array], Array], Burns]:
    circle, burns = _circle(GM_KM3_S2["moon"], radius_km, MOON_PERIAPSIS_KM, far_km=MOON_FAR_KM)
    return (lambda v: circle(meeting_speed(v))), (lambda v: burns(float(meeting_speed(v))))


MARS_SOL_AXIS_KM: Final = (GM_KM3_S2["mars"] * (MARS_SOL_S / (2.0 * np.pi)) ** 2) ** (1.0 / 3.0)
_MARS: Final = GM_KM3_S2["mars"]
_PATCHED = ("the planet's pull on the way in is patched on as a conic", IMPULSIVE, TWO_BODY)
_NO_FREE_WAY = ("matches the libration point's own motion; manifolds reach it for less", TWO_BODY)
_LUNAR = (
    "the Moon is met from behind, where it passes slowest; `capture.moon` finds passages of the Moon as it moves",
    *_PATCHED,
)
_SOL = _ellipse(_MARS, MARS_PERIAPSIS_KM, 2.0 * MARS_SOL_AXIS_KM - MARS_PERIAPSIS_KM, "into the one-sol ellipse")
_WIDE = _ellipse(_MARS, MARS_PERIAPSIS_KM, MARS_FAR_KM, "into the wide ellipse")
_PHOBOS = _circle(_MARS, PHOBOS_RADIUS_KM, MARS_PERIAPSIS_KM)
_DEIMOS = _circle(_MARS, DEIMOS_RADIUS_KM, MARS_PERIAPSIS_KM)
_RETROGRADE = _circle(_MARS, PHOBOS_RADIUS_KM - PHOBOS_DRO_KM, MARS_PERIAPSIS_KM, phobos_dro_insertion)
_FREE = _match, _none


def _mars(name: str, title: str, burn: tuple[Callable[[Array], Array], Burns], radius_km: float = 0.0) -> Destination:
    return Destination(name, title, "mars", 0, *burn, _PATCHED, UNVALIDATED, radius_km)


DESTINATIONS: Final[dict[str, Destination]] = {
    place.name: place
    for place in (
        Destination("sun-earth-l1", "orbit about Sun-Earth L1", "earth", 1, *_FREE, _NO_FREE_WAY),
        Destination("sun-earth-l2", "orbit about Sun-Earth L2", "earth", 2, *_FREE, _NO_FREE_WAY),
        Destination(
            "lunar-dro",
            "lunar distant retrograde orbit",
            "earth",
            0,
            *_lunar(DRO_RADIUS_KM),
            _LUNAR,
            radius_km=DRO_RADIUS_KM,
        ),
        Destination(
            "high-lunar-orbit",
            "high lunar orbit",
            "earth",
            0,
            *_lunar(HIGH_LUNAR_RADIUS_KM),
            _LUNAR,
            radius_km=HIGH_LUNAR_RADIUS_KM,
        ),
        Destination("sun-mars-l1", "orbit about Sun-Mars L1", "mars", 1, *_FREE, _NO_FREE_WAY, UNVALIDATED),
        Destination("sun-mars-l2", "orbit about Sun-Mars L2", "mars", 2, *_FREE, _NO_FREE_WAY, UNVALIDATED),
        _mars("mars-high-orbit", "wide ellipse about Mars", _WIDE),
        _mars("mars-1sol", "one-sol ellipse about Mars", _SOL),
        _mars("mars-phobos-orbit", "circle at the distance of Phobos", _PHOBOS, PHOBOS_RADIUS_KM),
        _mars("mars-deimos-orbit", "circle at the distance of Deimos", _DEIMOS, DEIMOS_RADIUS_KM),
        _mars(
            "phobos-dro",
            "distant retrograde orbit about Phobos",
            _RETROGRADE,
            PHOBOS_RADIUS_KM - PHOBOS_DRO_KM,
        ),
    )
}
