"""Integrated motion: asteroids under Sun, planets, Moon and the 16 large asteroids, as movers with dense output.

``integrate`` makes one path with every force; ``tabulate`` gives the states of many bodies at many dates, fast.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import epochs
from motherlode.constants import AU_KM
from motherlode.ephemeris import almanac as almanacs
from motherlode.ephemeris import large_asteroids, perturbers
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput, NoSolution, OutsideEphemeris
from motherlode.mechanics import integrate as steps
from motherlode.mechanics.gravity import Field
from motherlode.units import DAY

Array = NDArray[np.float64]
PRECISE: Final = 1e-9  # share of the last coefficient per step: the path is then as good as float64 allows
BULK: Final = 3e-6  # tens of metres after 26 years
CHUNK: Final = 512  # steps recorded at a time
AU_PER_DAY2: Final = AU_KM / DAY**2


class Sunlight(NamedTuple):
    """Non-gravitational accelerations of an asteroid at 1 au from the Sun, au/d², falling as 1/r².

    a1 radial, a2 transverse (along the motion), a3 normal to the orbit, as JPL's small-body database lists them.
    """

    a1: float = 0.0
    a2: float = 0.0
    a3: float = 0.0

    @property
    def packed(self) -> Array:
        """For the kernels: km³/s²."""
        return np.array(self) * AU_PER_DAY2 * AU_KM**2


@dataclass(frozen=True)
class Trajectory:
    """An integrated path: a mover that knows every epoch of its span.

    records  (steps, 32) the polynomials of the integration, in order of time
    starts   (steps,)    TDB s past J2000 at which each takes over
    forces   what was in the model, for people
    """

    name: str
    span: tuple[float, float]
    records: Array
    starts: Array
    forces: str

    def state(self, t: ArrayLike) -> Array:
        """Heliocentric states (..., 6) km, km/s in ICRF axes at TDB s past J2000 (...).

        raises  OutsideEphemeris
        """
        t = np.asarray(t, dtype=float)
        first, last = self.span
        outside = (t < first) | (t > last)
        if np.any(outside):
            raise OutsideEphemeris(
                f"{epochs.iso(float(t[outside].flat[0]))} is outside the integrated path of {self.name}, "
                f"{epochs.iso(first)} to {epochs.iso(last)}; integrate it over a longer span"
            )
        out = np.empty((t.size, 6))
        steps.recall_many(self.records, self.starts, np.ascontiguousarray(t).reshape(-1), out)
        return out.reshape(*t.shape, 6)


def integrate(
    body: Orbit,
    span: tuple[float, float],
    *,
    almanac: Almanac | None = None,
    asteroids: bool = True,
    sunlight: Sunlight | None = None,
    tolerance: float = PRECISE,
) -> Trajectory:
    """Path of one asteroid over a span, by n-body integration from its elements.

    body       one Orbit; ``orbit.from_state`` makes one of a state
    span       first and last epoch, TDB s past J2000; the epoch of the elements may lie outside
    almanac    planets to use; the packaged table by default
    asteroids  the 16 large asteroids pull too; one of the 16 is not pulled by itself
    sunlight   A1, A2, A3; left out by default, and the result says so
    raises     OutsideEphemeris; NoSolution where the path ends in a body
    """
    if body.shape != ():
        raise BadInput(f"integrate takes one orbit; got {body.shape}: pick one with orbit[i], or use tabulate")
    epoch = float(body.epoch_tdb)
    return from_state(
        str(body.name), body.state(epoch), epoch, span,
        almanac=almanac, asteroids=asteroids, sunlight=sunlight, tolerance=tolerance,
    )  # fmt: skip


def from_state(
    name: str,
    state: ArrayLike,
    epoch_tdb: float,
    span: tuple[float, float],
    *,
    almanac: Almanac | None = None,
    asteroids: bool = True,
    sunlight: Sunlight | None = None,
    tolerance: float = PRECISE,
) -> Trajectory:
    """Path over a span of a body with this heliocentric ICRF state (6) km, km/s at an epoch; see ``integrate``."""
    first, last = float(min(span)), float(max(span))
    low, high = min(first, epoch_tdb), max(last, epoch_tdb)
    near, far = _fields(almanac, low, high, asteroids)
    push = (sunlight or Sunlight()).packed
    skip = _skip(name, near, far)
    start = np.array(state, dtype=float)
    course = _Course((near, far), push, skip, tolerance)
    rows = course.records(start, epoch_tdb, low, high)
    if not len(rows):
        raise NoSolution(f"the path of {name} starts inside a planet, at {epochs.iso(epoch_tdb, digits=0)} TDB")
    begins = np.minimum(rows[:, 0], rows[:, 0] + rows[:, 1])
    ends = float(begins[0]), float(begins[-1] + abs(rows[-1, 1]))
    for reached, goal in zip(ends, (low, high)):
        if abs(reached - goal) > 1e-3:
            raise NoSolution(f"the path of {name} ends at {epochs.iso(reached, digits=0)} TDB: it meets a planet")
    return Trajectory(name, (first, last), rows, begins, _said(asteroids, sunlight))


@dataclass(frozen=True)
class _Course:
    """What a path is flown under: fields, sunlight (km³/s²), the bodies that do not pull it, tolerance."""

    fields: tuple[Field, Field]
    push: Array
    skip: NDArray[np.int64]
    tolerance: float

    def records(self, start: Array, epoch: float, low: float, high: float) -> Array:
        """Steps of the path in order of time, from low to high or as far as it goes."""
        back = self._march(start, epoch, low)[::-1] if low < epoch else np.empty((0, steps.WIDTH))
        there = self._march(start, epoch, high) if high > epoch else np.empty((0, steps.WIDTH))
        return np.concatenate([back, there])

    def _march(self, start: Array, epoch: float, goal: float) -> Array:
        """Steps of the path in order of travel; they end before the goal where it meets a planet."""
        w = steps.work(*self.fields)
        fields = self.fields[0].packed, self.fields[1].packed
        h = np.copysign(steps.begin(w, steps.RULE, start, epoch, *fields, self.push, self.skip), goal - epoch)
        t, parts = epoch, []
        while t != goal and h != 0.0:
            rows = np.empty((CHUNK, steps.WIDTH))
            count, t, h = steps.march(
                w, steps.RULE, t, goal, h, *fields, self.push, self.skip, self.tolerance, rows, CHUNK
            )
            parts.append(rows[:count])
        return np.concatenate(parts)


def tabulate(
    orbits: Orbit,
    dates_tdb: ArrayLike,
    *,
    almanac: Almanac | None = None,
    asteroids: bool = False,
    sunlight: ArrayLike | None = None,
    tolerance: float = BULK,
    threads: int = 1,
) -> Array:
    """States of many bodies at many dates, integrated: (n, dates, 6) km, km/s, heliocentric ICRF.

    orbits     (n,)
    dates_tdb  (dates,) TDB s past J2000, ascending
    sunlight   (n, 3) A1, A2, A3 in au/d², optional
    threads    that share the bodies; the states are the same for any number
    returns    NaN where a path has ended in a planet, or elements are not finite
    raises     OutsideEphemeris
    """
    dates = np.ascontiguousarray(dates_tdb, dtype=float)
    epoch = np.array(np.broadcast_to(orbits.epoch_tdb, orbits.shape), dtype=float)
    low, high = min(dates[0], epoch.min()), max(dates[-1], epoch.max())
    near, far = _fields(almanac, float(low), float(high), asteroids)
    push = np.zeros((len(orbits), 3)) if sunlight is None else np.asarray(sunlight) * AU_PER_DAY2 * AU_KM**2
    start = orbits.state(epoch)
    out = np.full((len(orbits), len(dates), 6), np.nan)
    names = np.broadcast_to(orbits.name, orbits.shape)

    def follow(row: int) -> None:
        skip = _skip(str(names[row]), near, far) if asteroids else NOBODY
        t = float(epoch[row])
        course = _Course((near, far), push[row], skip, tolerance)
        _fill(out[row], dates, course.records(start[row], t, min(float(dates[0]), t), max(float(dates[-1]), t)))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(follow, np.flatnonzero(np.all(np.isfinite(start), axis=1))))
    return out


def _fill(out: Array, dates: Array, rows: Array) -> None:
    """States of a path at the dates that it has reached, into ``out``."""
    if len(rows):
        begins = np.minimum(rows[:, 0], rows[:, 0] + rows[:, 1])
        reached = (dates >= begins[0]) & (dates <= begins[-1] + abs(rows[-1, 1]))
        found = np.empty((np.count_nonzero(reached), 6))
        steps.recall_many(rows, begins, dates[reached], found)
        out[reached] = found


NOBODY: Final = np.array([-1, -1])


def _fields(almanac: Almanac | None, low: float, high: float, asteroids: bool) -> tuple[Field, Field]:
    near = perturbers.planets(almanac or almanacs.load(), low, high)
    return near, perturbers.asteroids(low, high) if asteroids else perturbers.nothing()


def _skip(name: str, near: Field, far: Field) -> NDArray[np.int64]:
    """Index of the body itself among the planets and the asteroids, -1 where it is neither."""
    number = large_asteroids.index(name.split(" ")[0])
    own = large_asteroids.bodies()[number].name if number >= 0 else ""
    return np.array([-1, far.names.index(own) if own in far.names else -1])


def _said(asteroids: bool, sunlight: Sunlight | None) -> str:
    model = "Sun with 1PN and oblateness, planets, Moon, Pluto"
    model += ", 16 large asteroids" if asteroids else ""
    return model + (", A1 A2 A3" if sunlight else "; no non-gravitational forces")
