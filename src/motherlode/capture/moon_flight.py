"""Ways by the Moon flown: to the first passage under every pull, through it, back to the Moon, braked, and years on.

The path that leaves the first passage is followed backward through it; where it is still far out the asteroid joins
it by two burns. Weeks before the braked passage a small burn sets its height and side. The burn into the circle is an
impulse with the loss of a finite burn added; afterwards the body is followed for five years.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import encounters, storage, target_plane, weak_flight
from motherlode.capture.descents import SIDES, STAY, Descent
from motherlode.capture.destinations import Destination
from motherlode.capture.encounters import finite_burn
from motherlode.capture.moon import MOON
from motherlode.capture.plans import Retrieval
from motherlode.constants import RADIUS_KM
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import MotherlodeError, NoSolution
from motherlode.units import DAY, YEAR

Array = NDArray[np.float64]

JOINS: Final = DAY * np.arange(64.0, 200.0, 8.0)  # before the first passage, at which its path is joined
EARLY: Final = DAY * np.array([25.0, 15.0, 8.0, 40.0])  # before the braked passage: where it may be set up
LOOSE: Final = 0.05  # of the foot, that may be missed: the circle is entered at the height that comes
SHOWN: Final = 60.0 * DAY  # of the orbit about the Moon, as a path
READ: Final = 0.6 * DAY  # before it: where the target plane is read


def fly(target: Mover, way: Retrieval, place: Destination, almanac: Almanac) -> Descent:
    """A plan of ``homecoming.by_the_moon`` flown again; never raises for a plan that fails."""
    facts = way.orbit.get("moon", {})
    if facts.get("leaving_km") is None:
        return Descent(False, reason="braked at its first passage of the Moon: that is not flown")
    try:
        return _flown(target, way, place, almanac, np.array(facts["leaving_km"]), float(facts["leaving_tdb"]))
    except (MotherlodeError, np.linalg.LinAlgError) as problem:
        return Descent(False, reason=str(problem))


@dataclass(frozen=True)
class _Braked:
    """The last passage as flown: paths up to the setting-up burn and from there, its burns, the circle entered."""

    coast: Trajectory
    path: Trajectory
    early_km_s: Array
    when_tdb: float
    change_km_s: Array
    energy: float
    distance_km: float

    @property
    def state(self) -> Array:
        """Heliocentric, (6,), after the last burn."""
        return np.asarray(self.path.state(self.when_tdb) + np.concatenate([np.zeros(3), self.change_km_s]))


def _flown(
    target: Mover, way: Retrieval, place: Destination, almanac: Almanac, leaving: Array, epoch: float
) -> Descent:
    met = _met(target, way, almanac, leaving, epoch)
    here = target.state(met.depart_tdb)
    first, end, miss = weak_flight.aimed(here, met, met.path.state(met.join_tdb), almanac)
    push = first - here[3:]
    join = met.path.state(met.join_tdb)[3:] - end[3:]
    ring = _braked(place, almanac, leaving, epoch, way.arrive_tdb)
    burns = [float(np.linalg.norm(v)) for v in (push, join, ring.early_km_s)]
    impulse = float(np.linalg.norm(ring.change_km_s))
    flown = finite_burn(2.0 * ring.energy, MOON, ring.distance_km, impulse, encounters.SHORT_BURN_S)
    stayed, nearest, farthest = storage.followed(ring.state, ring.when_tdb, place.radius_km, almanac, STAY / YEAR)
    survived = stayed >= STAY / YEAR - 1e-6
    arc = weak_flight.path(np.concatenate([here[:3], first]), met.depart_tdb, (met.depart_tdb, met.join_tdb), almanac)
    shown = weak_flight.path(ring.state, ring.when_tdb, (ring.when_tdb, ring.when_tdb + SHOWN), almanac)
    arcs = arc, replace(met.path, span=(met.join_tdb, epoch)), ring.coast, ring.path, shown
    return Descent(
        bool(survived), (*burns, impulse), (*burns, flown), stayed * YEAR, nearest - RADIUS_KM["moon"], farthest,
        miss, push_km_s=push, deep=3, reason="" if survived else f"left the Moon after {stayed:.1f} years", arcs=arcs,
    )  # fmt: skip


def _met(target: Mover, way: Retrieval, almanac: Almanac, leaving: Array, epoch: float) -> weak_flight.Meeting:
    joins = epoch - JOINS[::-1]
    path = weak_flight.path(leaving, epoch, (float(joins[0]), epoch), almanac)
    met = weak_flight.met(target, way, path, almanac["earth"], leaving, epoch, joins)
    if met is None:
        raise NoSolution("the path to the first passage of the Moon does not come from outside, or cannot be met")
    return met


def _braked(place: Destination, almanac: Almanac, leaving: Array, epoch: float, brake: float) -> _Braked:
    moon = almanac["moon"]
    coast = weak_flight.path(leaving, epoch, (epoch, brake), almanac)
    about_earth = moon.state(brake) - almanac["earth"].state(brake)
    pole = -np.cross(about_earth[:3], about_earth[3:])
    goal = _side(place.radius_km, pole / np.linalg.norm(pole))
    found = _set_up(coast, almanac, brake, goal, place.radius_km)
    start = found.start_tdb
    here = coast.state(start) + np.concatenate([np.zeros(3), found.push_km_s])
    path = weak_flight.path(here, start, (start, brake + 2.0 * DAY), almanac)
    dates = np.arange(found.read_tdb, brake + 2.0 * DAY, 60.0)
    away = path.state(dates) - moon.state(dates)
    when = float(dates[int(np.argmin(np.linalg.norm(away[:, :3], axis=1)))])
    state = path.state(when) - moon.state(when)
    distance = float(np.linalg.norm(state[:3]))
    change = _circular(state, pole / np.linalg.norm(pole)) - state[3:]
    energy = 0.5 * float(state[3:] @ state[3:]) - MOON / distance
    ends = replace(coast, span=(epoch, start)), replace(path, span=(start, when))
    return _Braked(*ends, found.push_km_s, when, change, energy, distance)


def _set_up(
    coast: Trajectory, almanac: Almanac, brake: float, goal: encounters.Goal, radius_km: float
) -> encounters.Aim:
    """The smallest burn, at one of some dates, that brings the braked passage to its height and side."""
    starts = np.maximum(brake - EARLY, coast.span[0] + DAY)
    tried = [
        encounters.Course(coast, almanac, almanac["moon"], float(start)).corrected(np.zeros(3), brake - READ, goal)
        for start in starts
    ]
    aimed = [t for t in tried if t.miss_km <= LOOSE * target_plane.reach(radius_km, t.v_infinity_km_s, MOON)]
    if not aimed:
        raise NoSolution("the braked passage of the Moon could not be aimed")
    return min(aimed, key=lambda found: float(np.linalg.norm(found.push_km_s)))


def _side(radius_km: float, pole: Array) -> encounters.Goal:
    """The foot at which the circle is entered for least: its plane is near to that of the Moon, retrograde."""

    def cost(incoming: Array, foot: Array) -> float:
        towards, along, periapsis = target_plane.hyperbola(incoming, foot, MOON)
        speed = np.sqrt(float(incoming @ incoming) + 2.0 * MOON / periapsis)
        state = np.concatenate([periapsis * towards, speed * along])
        return float(np.linalg.norm(_circular(state, pole) - state[3:]))

    def foot(incoming: Array, now: Array) -> Array:
        one, two = target_plane.axes(incoming, pole)
        wanted = target_plane.reach(radius_km, np.linalg.norm(incoming), MOON)
        feet = [wanted * (np.cos(side) * one + np.sin(side) * two) for side in SIDES[::3]]
        return np.asarray(feet[int(np.argmin([cost(incoming, side) for side in feet]))])

    return foot


def _circular(state: Array, pole: Array) -> Array:
    """Velocity (3,) of the circle through here in the plane nearest to the one with this pole."""
    distance = float(np.linalg.norm(state[:3]))
    out = state[:3] / distance
    axis = pole - out * (pole @ out)
    along: Any = np.cross(axis / np.linalg.norm(axis), out)
    return np.asarray(along * np.sqrt(MOON / distance))
