"""Ballistic capture at Mars: paths that the Sun slows until Mars holds them, found backward from a periapsis.

A body at a low periapsis of a very long ellipse is held, if barely. Followed backward such states stay, hit Mars, or
leave the way they came: those that leave are captures that nothing had to be burnt for. They are collected for every
season of Mars, for many shapes, planes and sides of the planet, where they cross a section at ±7.5° from Mars; the
patch of the manifolds leads an asteroid onto them. There a small burn makes the capture last; without
it the body goes on to the next turn, or away again.

Topputo & Belbruno (2015), arXiv:1410.8856; sets by forward and backward fate as in Luo et al. (2014),
doi:10.1007/s10569-014-9580-5. For asteroids the whole of it is unvalidated: no published counterpart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from math import pi
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import gateway
from motherlode.capture.destinations import MARS_PERIAPSIS_KM, Destination
from motherlode.capture.gateway import Gateway
from motherlode.capture.manifolds import Library, Recipe
from motherlode.capture.patch import Patcher, Search
from motherlode.capture.plans import UNVALIDATED, Burn, Retrieval
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris.bodies import Mover
from motherlode.mechanics import synodic, threebody
from motherlode.mechanics.periodic import PeriodicOrbit, hill_radius
from motherlode.mechanics.threebody import SYSTEMS
from motherlode.units import DAY

Array = NDArray[np.float64]

SYSTEM: Final = SYSTEMS["sun-mars"]
ECCENTRICITY: Final = 0.09341  # of Mars
MARS: Final = GM_KM3_S2["mars"]
SECTION_ANGLE: Final = pi / 24.0  # from the line of Sun and Mars: 30 million km, 28 Hill radii
LONGEST: Final = 12.0  # radians of Mars's turn after which a path is given up
WAY: Final = "ballistic capture"
LEAVES_OUT: Final = (
    "from the section on Sun and Mars alone pull, Mars on its mean ellipse: the n-body flight shows the rest",
    "burns in deep space are impulses; a tug spreads them over weeks",
    "a path that is barely held answers strongly to errors: corrections on the way are not priced",
)


@dataclass(frozen=True)
class Shapes:
    """Which first periapses are looked at.

    eccentricities   of the ellipse about Mars there
    planes           inclinations to Mars's orbit, degrees, with so many nodes each
    sides            directions of the periapsis in the plane
    seasons          true anomalies of Mars at the periapsis
    """

    eccentricities: tuple[float, ...] = (0.990, 0.992, 0.994, 0.996)
    planes: tuple[tuple[float, int], ...] = ((0.0, 1), (40.0, 4), (90.0, 4), (140.0, 4), (180.0, 1))
    sides: int = 36
    seasons: int = 16

    @property
    def key(self) -> str:
        """Hash that names the library in a cache."""
        text = repr((self, LONGEST, MARS_PERIAPSIS_KM, SYSTEM.mu, 1))
        return blake2b(text.encode(), digest_size=10).hexdigest()

    @property
    def orbits(self) -> list[tuple[float, float, float]]:
        """Eccentricity, inclination and node, rad, of each family of periapses."""
        return [
            (e, np.radians(plane), 2.0 * pi * node / nodes)
            for e in self.eccentricities
            for plane, nodes in self.planes
            for node in range(nodes)
        ]


def load(cache: Path, shapes: Shapes = Shapes()) -> Library:
    """The captures of every season from a cache folder, found and kept there when they are not."""
    path = cache / f"ballistic-{shapes.key}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part.npz")
        columns = dict(zip(("orbit", "departure", "anomaly", "duration", "state"), _columns(shapes)))
        np.savez(partial, **columns)
        partial.replace(path)
    with np.load(path) as kept:
        return _library(shapes, [kept[name] for name in ("orbit", "departure", "anomaly", "duration", "state")])


def build(shapes: Shapes = Shapes()) -> Library:
    """Follow every periapsis backward; those that leave Mars and reach the section are the library."""
    return _library(shapes, _columns(shapes))


def _library(shapes: Shapes, columns: list[Any]) -> Library:
    """As a library of manifolds has it: one orbit per side of approach, shape and plane; departures are the sides."""
    orbits = tuple(
        PeriodicOrbit(f"capture e={e:g} i={np.degrees(i):.0f}", point, SYSTEM.mu, np.zeros(6), 1.0)
        for point in (1, 2)
        for e, i, _ in shapes.orbits
    )
    recipe = Recipe("sun-mars", len(orbits), shapes.sides, ECCENTRICITY, shapes.seasons, SECTION_ANGLE, 0.0)
    return Library(recipe, orbits, *columns)


def _columns(shapes: Shapes) -> list[Any]:
    parts = list(_followed(shapes))
    return [np.concatenate(column) for column in zip(*parts)]


def _followed(shapes: Shapes) -> Iterator[tuple[Any, ...]]:
    """Entries of each season: where the paths that end in a periapsis then have crossed the section."""
    count = len(shapes.orbits)
    for season in range(shapes.seasons):
        anomaly = 2.0 * pi * season / shapes.seasons
        states = first_periapses(shapes, anomaly)  # (orbits, sides, 6)
        left = _leaves(states, anomaly)
        for point in (1, 2):
            section, duration = threebody.to_section(
                states[left], SECTION_ANGLE if point == 2 else -SECTION_ANGLE, LONGEST, SYSTEM.mu,
                eccentricity=ECCENTRICITY, anomaly=anomaly, nearest=RADIUS_KM["mars"] / SYSTEM.length_km,
            )  # fmt: skip
            kept = np.isfinite(duration)
            orbit, side = (axis[kept] for axis in np.nonzero(left))
            yield (
                (orbit + (point - 1) * count).astype(np.int32),
                side.astype(np.int32),
                anomaly - duration[kept],
                duration[kept],
                section[kept],
            )


def first_periapses(shapes: Shapes, anomaly: float) -> Array:
    """States (orbits, sides, 6) in the pulsating frame when Mars is at a true anomaly."""
    side = 2.0 * pi * np.arange(shapes.sides) / shapes.sides
    found = []
    for e, inclination, node in shapes.orbits:
        speed = np.sqrt(MARS / MARS_PERIAPSIS_KM * (1.0 + e))
        out, along = _turned(side, inclination, node)
        found.append(np.concatenate([MARS_PERIAPSIS_KM * out, speed * along], -1))
    mars = planet(anomaly)
    return synodic.from_inertial(np.stack(found) + mars, mars, SYSTEM.mu)


def _turned(side: Array, inclination: float, node: float) -> tuple[Array, Array]:
    """Directions (n, 3) of periapses at angles from the node in a plane, and of the motion there."""
    c, s, ci, si = np.cos(side), np.sin(side), np.cos(inclination), np.sin(inclination)
    flat = np.stack([c, s * ci, s * si], -1), np.stack([-s, c * ci, c * si], -1)
    turn = np.array([[np.cos(node), np.sin(node), 0.0], [-np.sin(node), np.cos(node), 0.0], [0.0, 0.0, 1.0]])
    return flat[0] @ turn, flat[1] @ turn


def planet(anomaly: float) -> Array:
    """State (6,) of Mars on its mean ellipse, axes turning with its direction at that moment."""
    total = MARS + GM_KM3_S2["sun"]
    p = SYSTEM.length_km * (1.0 - ECCENTRICITY**2)
    distance, momentum = p / (1.0 + ECCENTRICITY * np.cos(anomaly)), np.sqrt(total * p)
    return np.array([distance, 0.0, 0.0, total / momentum * ECCENTRICITY * np.sin(anomaly), momentum / distance, 0.0])


def _leaves(states: Array, anomaly: float) -> NDArray[np.bool_]:
    """Which states (..., 6) are beyond two Hill radii some time before: others have always been there, or fall."""
    before = states
    gone = np.zeros(states.shape[:-1], dtype=bool)
    for step in range(1, 9):
        before = np.where(gone[..., None], before, np.nan_to_num(before, nan=0.5))
        before = threebody.propagate(
            before, -0.5, SYSTEM.mu, eccentricity=ECCENTRICITY, anomaly=anomaly - 0.5 * (step - 1)
        )
        away = np.linalg.norm(before[..., :3] - [1.0 - SYSTEM.mu, 0.0, 0.0], axis=-1)
        gone |= away > 2.0 * hill_radius(SYSTEM.mu)
    return gone


def ways(
    target: Mover, mars: Mover, library: Library, places: list[Destination], span: tuple[float, float], most: int = 3
) -> list[Retrieval]:
    """Ways onto the captures, the best of every year and side, with the burn that makes each last; best first.

    places   orbits about Mars that are entered by one burn at the low periapsis
    most     for each place
    """
    gate = gateway.open_gateway(library, mars, span)
    found = Patcher(target, gate, Search(coasts_d=(0.0, 60.0, 120.0, 180.0, 240.0))).best()
    plans = [_way(target, gate, found, k, place) for k in range(min(most, len(found.row))) for place in places]
    inside = [way for way in plans if way.arrive_tdb < span[1] - 1.0]
    return sorted(inside, key=lambda way: way.delta_v_km_s)


def periapsis_state(library: Library, row: int, shapes: Shapes, arrival: float, mars: Mover) -> Array:
    """State (6,) from Mars at the first periapsis of an entry, at Mars's true place."""
    season = float(library.anomaly[row] + library.duration[row])
    index = int(library.orbit[row]) % len(shapes.orbits)
    state = first_periapses(shapes, season)[index, int(library.departure[row])]
    here = mars.state(arrival)
    return np.asarray(synodic.to_inertial(state, here, SYSTEM.mu) - here)


def _way(target: Mover, gate: Gateway, found: Any, index: int, place: Destination) -> Retrieval:
    one = found.take(index)
    row = int(one.row)
    library = gate.library
    orbit = library.orbits[library.orbit[row]]
    arrival = float(gate.date_of(gate.longitude_at(float(one.epoch)) + library.duration[row]))
    eccentricity = float(orbit.family.split("e=")[1].split(" ")[0])
    speed = np.sqrt(MARS / MARS_PERIAPSIS_KM * (1.0 + eccentricity))
    braked = place.arrival_burns(0.0)[0]
    brake = float(braked.delta_v_km_s - (np.sqrt(2.0 * MARS / MARS_PERIAPSIS_KM) - speed))
    burns = (
        Burn(float(one.depart), float(np.linalg.norm(one.leave)), "leave the asteroid's orbit"),
        Burn(float(one.epoch - one.coast), float(np.linalg.norm(one.join)), "join the path of the capture"),
        Burn(arrival, brake, f"make it last: {braked.what}"),
    )
    facts = {
        "title": place.title,
        "capture": row,
        "shape": orbit.family,
        "from_point": orbit.point,
        "section_tdb": float(one.epoch),
        "coast_d": float(one.coast) / DAY,
        "revolutions": int(one.revolutions),
        "leave_km_s": one.leave.tolist(),
        "join_km_s": one.join.tolist(),
        "periapsis_km": MARS_PERIAPSIS_KM,
        "without_the_last_burn_m_s": 1e3 * float(one.total),
    }
    return Retrieval(
        str(target.name), place.name, WAY, burns, arrival, orbit=facts, leaves_out=LEAVES_OUT, label=UNVALIDATED
    )
