"""Where an asteroid can be brought, and what the last burn there costs.

Every destination answers the same question: approaching its planet with this hyperbolic excess, how much velocity
must the asteroid lose to stay? The excess itself, and the deep-space burn before it, come from ``approach`` and
``retrieval``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.capture.plans import UNVALIDATED
from motherlode.constants import GM_KM3_S2, MARS_SOL_S, RADIUS_KM
from motherlode.errors import UnknownName

Array = NDArray[np.float64]

MOON_DISTANCE_KM: Final = 384_400.0  # mean; also the length unit of the Earth-Moon tables
MOON_SPEED_KM_S: Final = (GM_KM3_S2["emb"] / MOON_DISTANCE_KM) ** 0.5
DRO_RADIUS_KM: Final = 70_000.0  # amplitude of a lunar distant retrograde orbit that lasts; choice
HIGH_LUNAR_RADIUS_KM: Final = 20_000.0  # circular lunar orbit inside the Moon's sphere of influence; choice
FLYBY_C3_KM2_S2: Final = 2.0  # what lunar fly-bys take off for nothing; Keck study returned with 1.6 to 2.1
MARS_PERIAPSIS_KM: Final = RADIUS_KM["mars"] + 400.0
PHOBOS_RADIUS_KM: Final = 9_376.0  # semi-major axis of Phobos
DEIMOS_RADIUS_KM: Final = 23_463.0  # semi-major axis of Deimos
PHOBOS_DRO_KM_S: Final = 0.03  # between Phobos and a distant retrograde orbit about it; Universe 2023, 9(8):348

TWO_BODY = "the asteroid moves on its two-body orbit: n-body motion shifts dates and burns"
IMPULSIVE = "burns are impulses: a finite burn costs more"


@dataclass(frozen=True)
class Destination:
    """A place where a captured body stays.

    body         planet whose neighbourhood it is in
    point        1 or 2 for an orbit about a libration point of Sun and planet, else 0
    arrival_burn hyperbolic excess in km/s -> burn in km/s
    """

    name: str
    title: str
    body: str
    point: int
    arrival_burn: Callable[[Array], Array]
    leaves_out: tuple[str, ...]
    label: str = ""

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


def into_circle(v_infinity_km_s: ArrayLike, mu: float, radius_km: float, low_km: float) -> Array:
    """Cheaper of two ways into a circular orbit: one burn there, or a low graze, a far apoapsis and two more burns.

    The far apoapsis is taken at infinity: the limit of the bi-elliptic way, in which raising the periapsis is free.
    """
    direct = periapsis_burn(v_infinity_km_s, mu, radius_km, radius_km)
    by_far = periapsis_burn(v_infinity_km_s, mu, low_km) + periapsis_burn(0.0, mu, radius_km, radius_km)
    cheaper: Array = np.minimum(direct, by_far)
    return cheaper


def _match(v_infinity: Array) -> Array:
    return v_infinity


def _lunar(radius_km: float) -> Callable[[Array], Array]:
    def burn(v_infinity: Array) -> Array:
        free = np.sqrt(FLYBY_C3_KM2_S2)
        excess_at_moon = (np.sqrt(2.0) - 1.0) * MOON_SPEED_KM_S  # an Earth-parabola that meets the Moon from behind
        insertion = periapsis_burn(excess_at_moon, GM_KM3_S2["moon"], radius_km, radius_km)
        stay: Array = np.maximum(v_infinity - free, 0.0) + insertion
        return stay

    return burn


def _mars_sol(v_infinity: Array) -> Array:
    mu = GM_KM3_S2["mars"]
    axis = (mu * (MARS_SOL_S / (2.0 * np.pi)) ** 2) ** (1.0 / 3.0)
    return periapsis_burn(v_infinity, mu, MARS_PERIAPSIS_KM, 2.0 * axis - MARS_PERIAPSIS_KM)


def _mars_circle(radius_km: float, extra_km_s: float = 0.0) -> Callable[[Array], Array]:
    def burn(v_infinity: Array) -> Array:
        stay: Array = into_circle(v_infinity, GM_KM3_S2["mars"], radius_km, MARS_PERIAPSIS_KM) + extra_km_s
        return stay

    return burn


_PATCHED = ("the planet's pull on the way in is patched on as a conic", IMPULSIVE, TWO_BODY)
_NO_FREE_WAY = ("matches the libration point's own motion; manifolds reach it for less", TWO_BODY)
_LUNAR = (
    f"lunar fly-bys are credited with C3 {FLYBY_C3_KM2_S2:g} km²/s² without finding them",
    "weak-stability transfers lower the insertion; not searched",
    *_PATCHED,
)

DESTINATIONS: Final[dict[str, Destination]] = {
    place.name: place
    for place in (
        Destination("sun-earth-l1", "orbit about Sun-Earth L1", "earth", 1, _match, _NO_FREE_WAY),
        Destination("sun-earth-l2", "orbit about Sun-Earth L2", "earth", 2, _match, _NO_FREE_WAY),
        Destination("lunar-dro", "lunar distant retrograde orbit", "earth", 0, _lunar(DRO_RADIUS_KM), _LUNAR),
        Destination("high-lunar-orbit", "high lunar orbit", "earth", 0, _lunar(HIGH_LUNAR_RADIUS_KM), _LUNAR),
        Destination("sun-mars-l1", "orbit about Sun-Mars L1", "mars", 1, _match, _NO_FREE_WAY, UNVALIDATED),
        Destination("sun-mars-l2", "orbit about Sun-Mars L2", "mars", 2, _match, _NO_FREE_WAY, UNVALIDATED),
        Destination("mars-1sol", "one-sol ellipse about Mars", "mars", 0, _mars_sol, _PATCHED, UNVALIDATED),
        Destination(
            "mars-phobos-orbit",
            "circle at the distance of Phobos",
            "mars",
            0,
            _mars_circle(PHOBOS_RADIUS_KM),
            _PATCHED,
            UNVALIDATED,
        ),
        Destination(
            "phobos-dro",
            "distant retrograde orbit about Phobos",
            "mars",
            0,
            _mars_circle(PHOBOS_RADIUS_KM, PHOBOS_DRO_KM_S),
            _PATCHED,
            UNVALIDATED,
        ),
    )
}
