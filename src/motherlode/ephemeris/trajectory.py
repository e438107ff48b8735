"""Integrated motion: asteroids under Sun, planets, Moon and the 16 large asteroids, as movers with dense output.

``integrate`` makes one path with every force; ``tabulate`` gives the states of many bodies at many dates, fast.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

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
    parts = [
        _march(name, start, epoch_tdb, goal, near, far, push, skip, tolerance)
        for goal in (low, high)
        if goal != epoch_tdb
    ]
    rows = np.concatenate([part[np.argsort(part[:, 0])] for part in parts])
    begins = np.minimum(rows[:, 0], rows[:, 0] + rows[:, 1])
    return Trajectory(name, (first, last), rows, begins, _said(asteroids, sunlight))


def _march(
    name: str,
    start: Array,
    epoch: float,
    goal: float,
    near: Field,
    far: Field,
    push: Array,
    skip: Any,
    tolerance: float,
) -> Array:
    w = steps.work(near, far)
    fields = near.packed, far.packed
    h = np.copysign(steps.begin(w, steps.RULE, start, epoch, *fields, push, skip), goal - epoch)
    t, parts = epoch, []
    while t != goal:
        records = np.empty((CHUNK, steps.WIDTH))
        count, t, h = steps.march(w, steps.RULE, t, goal, h, *fields, push, skip, tolerance, records, CHUNK)
        parts.append(records[:count])
        if h == 0.0:
            raise NoSolution(f"the path of {name} ends at {epochs.iso(t, digits=0)} TDB: it meets a planet")
    return np.concatenate(parts)


def tabulate(
    orbits: Orbit,
    dates_tdb: ArrayLike,
    *,
    almanac: Almanac | None = None,
    asteroids: bool = False,
    sunlight: ArrayLike | None = None,
    tolerance: float = BULK,
) -> Array:
    """States of many bodies at many dates, integrated: (n, dates, 6) km, km/s, heliocentric ICRF.

    orbits     (n,)
    dates_tdb  (dates,) TDB s past J2000, ascending
    sunlight   (n, 3) A1, A2, A3 in au/d², optional
    returns    NaN where a path has ended in a planet, or elements are not finite; serial, lets other threads run
    raises     OutsideEphemeris
    """
    dates = np.ascontiguousarray(dates_tdb, dtype=float)
    epoch = np.array(np.broadcast_to(orbits.epoch_tdb, orbits.shape), dtype=float)
    low, high = min(dates[0], epoch.min()), max(dates[-1], epoch.max())
    near, far = _fields(almanac, float(low), float(high), asteroids)
    push = np.zeros((len(orbits), 3)) if sunlight is None else np.asarray(sunlight) * AU_PER_DAY2 * AU_KM**2
    start = orbits.state(epoch)
    out = np.full((len(orbits), len(dates), 6), np.nan)
    w, record = steps.work(near, far), np.empty((1, steps.WIDTH))
    names = np.broadcast_to(orbits.name, orbits.shape)
    for row in range(len(orbits)):
        skip = _skip(str(names[row]), near, far) if asteroids else NOBODY
        cut = int(np.searchsorted(dates, epoch[row]))
        for part, goal in ((slice(cut, None), out[row, cut:]), (slice(None, cut), out[row, :cut])):
            forwards = part.start is not None
            days = dates[part] if forwards else np.ascontiguousarray(dates[part][::-1])
            if len(days) and np.all(np.isfinite(start[row])):
                found = np.full((len(days), 6), np.nan)
                steps.tabulate(
                    w, steps.RULE, start[row], epoch[row], days, near.packed, far.packed, push[row], skip,
                    tolerance, record, found,
                )  # fmt: skip
                goal[:] = found if forwards else found[::-1]
    return out


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
