"""Ways into the orbits about the libration points: their stable manifolds, tabulated where they cross a section.

Each periodic orbit is left backward in time along its stable direction; where such a path crosses the section, a
half-plane through the Sun at ±22.5° from the planet, its state is kept. Whoever matches a kept state coasts into the
orbit for nothing. L1 is entered from the section behind the planet's line on the inner side, L2 from the outer side.

With the eccentricity of the planet's orbit the same library is made once for each season of arrival: for Mars the
circular problem is a first guess only.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from math import pi
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.mechanics import periodic, threebody
from motherlode.mechanics.periodic import PeriodicOrbit, hill_radius
from motherlode.mechanics.threebody import SYSTEMS, System

Array = NDArray[np.float64]

SECTION_ANGLE: Final = pi / 8.0
STEP_OFF: Final = 5e-7  # along the stable direction, in units of the system: 75 km at the Earth
STEP_OFF_ELLIPTIC: Final = 1e-4  # 15,000 km: the orbit itself is none there and drifts by as much in a turn
LONGEST: Final = 32.0  # radians of the planet's turn after which a path is given up
SHARE: Final = {"planar": 0.34, "vertical": 0.30, "halo-north": 0.18, "halo-south": 0.18}
NEAREST: Final = 0.05  # Hill radii: orbits that pass closer to the planet are left out by default
TALLEST: Final = (
    7.0  # Hill radii: vertical orbits that rise higher above the plane are left out; Jacobi constant 2.995
)
LENGTH: Final = 36.0  # of the longest family that is followed, Hill radii of arclength
VERSION: Final = 9  # of the recipe below; part of the hash


@dataclass(frozen=True)
class Recipe:
    """What a library is made of.

    system        a name of ``threebody.SYSTEMS``
    orbits        over both points and all families
    departures    points on each orbit
    eccentricity  of the planet's orbit; 0 for the circular problem
    seasons       true anomalies of arrival, evenly spread; 1 in the circular problem
    section_rad   angle of the section from the line of Sun and planet
    nearest       orbits that pass closer to the planet are left out, and paths that do on their way, Hill radii
    """

    system: str = "sun-earth"
    orbits: int = 1_000
    departures: int = 360
    eccentricity: float = 0.0
    seasons: int = 1
    section_rad: float = SECTION_ANGLE
    nearest: float = NEAREST

    @property
    def key(self) -> str:
        """Hash that names the library in a cache."""
        text = repr((VERSION, sorted(asdict(self).items()), self.step_off, SYSTEMS[self.system].mu))
        return blake2b(text.encode(), digest_size=10).hexdigest()

    @property
    def step_off(self) -> float:
        """How far a path starts from its orbit, in units of the system."""
        return STEP_OFF_ELLIPTIC if self.eccentricity else STEP_OFF


@dataclass(frozen=True)
class Library:
    """Section states of the stable manifolds, one entry per path that reaches the section.

    orbits    the periodic orbits
    orbit     (n,)    index into ``orbits``
    departure (n,)    index of the point on the orbit, of ``recipe.departures``
    anomaly   (n,)    true anomaly of the planet at the section; of no meaning in the circular problem
    duration  (n,)    from the section to the orbit, radians of the planet's turn
    state     (n, 6)  on the section, rotating (pulsating) frame
    """

    recipe: Recipe
    orbits: tuple[PeriodicOrbit, ...]
    orbit: NDArray[np.int32]
    departure: NDArray[np.int32]
    anomaly: Array
    duration: Array
    state: Array

    def __len__(self) -> int:
        return len(self.orbit)

    @property
    def system(self) -> System:
        """The primaries."""
        return SYSTEMS[self.recipe.system]

    def take(self, rows: Any) -> "Library":
        """The same library with these entries only."""
        parts = (column[rows] for column in (self.orbit, self.departure, self.anomaly, self.duration, self.state))
        return Library(self.recipe, self.orbits, *parts)

    def of_point(self, point: int) -> "Library":
        """Entries that lead to one libration point."""
        return self.take(np.array([orbit.point for orbit in self.orbits])[self.orbit] == point)


def build(recipe: Recipe = Recipe(), *, workers: int = 2) -> Library:
    """Grow the families and follow their stable manifolds to the section.

    workers   threads; the flow runs without the interpreter's lock
    """
    orbits = tuple(_orbits(recipe))
    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(lambda k: _entries(k, orbits[k], recipe), range(len(orbits))))
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return Library(recipe, orbits, *columns)


def load(cache: Path, recipe: Recipe = Recipe(), *, workers: int = 2) -> Library:
    """The library of a recipe from a cache folder, built and kept there when it is not, if it can be kept."""
    path = cache / f"manifolds-{recipe.system}-{recipe.key}.npz"
    if path.exists():
        return _read(path, recipe)
    library = build(recipe, workers=workers)
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        _write(path, library)
    return library


def stable_directions(orbit: PeriodicOrbit, n: int) -> tuple[Array, Array]:
    """States (n, 6) at equal times over a period and the unit stable direction (n, 6) at each, pointing outward.

    The stable direction grows backward in time, so it is carried backward: errors die out on the way.
    """
    states = orbit.states(n)
    _, back = threebody.propagate_with_stm(orbit.state, -orbit.period, orbit.mu)
    values, vectors = np.linalg.eig(back)
    direction = np.real(vectors[:, np.argmax(np.abs(values))])
    _, steps = threebody.propagate_with_stm(states, -orbit.period / n, orbit.mu)
    directions = np.empty((n, 6))
    for i in range(n):
        direction = steps[-i % n] @ direction
        direction /= np.linalg.norm(direction)
        directions[-i - 1] = direction
    outward = 1.0 if orbit.point == 2 else -1.0
    return states, directions * np.sign(np.sum(np.sign(directions[:, 0]))) * outward


def _orbits(recipe: Recipe) -> Iterator[PeriodicOrbit]:
    mu = SYSTEMS[recipe.system].mu
    for name, share in SHARE.items():
        for point in (1, 2):
            yield from _spread(name, mu, point, max(2, round(0.5 * share * recipe.orbits)), recipe.nearest)


def _spread(name: str, mu: float, point: int, count: int, nearest: float) -> list[PeriodicOrbit]:
    """Members of a family at even steps along it, within the limits of size."""
    if name == "halo-south":
        return [_mirrored(orbit) for orbit in _spread("halo-north", mu, point, count, nearest)]
    stride = min(0.08, 6.0 / count)
    grown = periodic.family(name, mu, point, most=int(LENGTH / stride), stride=stride, nearest=nearest)
    ours = [orbit for orbit in grown if abs(orbit.state[2]) < TALLEST * hill_radius(mu)]
    picks = np.unique(np.linspace(0, len(ours) - 1, count).round().astype(int))
    return [ours[i] for i in picks]


def _mirrored(orbit: PeriodicOrbit) -> PeriodicOrbit:
    """The same orbit below the plane."""
    return PeriodicOrbit("halo-south", orbit.point, orbit.mu, orbit.state * [1, 1, -1, 1, 1, -1], orbit.period)


def _entries(index: int, orbit: PeriodicOrbit, recipe: Recipe) -> tuple[Any, ...]:
    states, directions = stable_directions(orbit, recipe.departures)
    angle = recipe.section_rad if orbit.point == 2 else -recipe.section_rad
    seasons = 2.0 * pi * np.arange(recipe.seasons)[:, None] / recipe.seasons
    section, duration = threebody.to_section(
        states + recipe.step_off * directions,
        np.full((recipe.seasons, recipe.departures), angle),
        LONGEST,
        orbit.mu,
        eccentricity=recipe.eccentricity,
        anomaly=seasons,
        nearest=recipe.nearest * hill_radius(orbit.mu),
    )
    season, departure = np.nonzero(np.isfinite(duration))
    kept = duration[season, departure]
    anomaly = seasons[season, 0] - kept
    return (
        np.full(len(kept), index, dtype=np.int32),
        departure.astype(np.int32),
        anomaly,
        kept,
        section[season, departure],
    )


def _write(path: Path, library: Library) -> None:
    table = np.array([[o.point, o.period, *o.state] for o in library.orbits])
    partial = path.with_suffix(f".{os.getpid()}.part.npz")  # several workers may build the same library
    np.savez(
        partial,
        family=np.array([o.family for o in library.orbits]),
        orbits=table,
        orbit=library.orbit,
        departure=library.departure,
        anomaly=library.anomaly,
        duration=library.duration,
        state=library.state,
    )
    partial.replace(path)


def _read(path: Path, recipe: Recipe) -> Library:
    mu = SYSTEMS[recipe.system].mu
    with np.load(path) as kept:
        orbits = tuple(
            PeriodicOrbit(str(family), int(row[0]), mu, row[2:], float(row[1]))
            for family, row in zip(kept["family"], kept["orbits"], strict=True)
        )
        columns = [kept[name] for name in ("orbit", "departure", "anomaly", "duration", "state")]
    return Library(recipe, orbits, *columns)
