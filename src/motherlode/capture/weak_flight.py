"""Ballistic captures flown again: the path is rebuilt backward from its first periapsis where everything pulls.

What the restricted problem promised seldom holds to the letter: some periapses near the planned one are followed
backward under every pull; where such a path leaves Mars and can be met by the asteroid, the arc to the meeting is
aimed, and at the periapsis the burn that makes the capture last is flown, and the years after it. The cheapest that
lasts is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import ballistic, descents, encounters
from motherlode.capture.ballistic import Shapes
from motherlode.capture.descents import STAY, Descent
from motherlode.capture.destinations import Destination
from motherlode.capture.manifolds import Library
from motherlode.capture.plans import Retrieval
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import MotherlodeError, NoSolution
from motherlode.mechanics import lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import DAY

Array = NDArray[np.float64]

MU = GM_KM3_S2["sun"]
SHIFTS = DAY * np.arange(-60.0, 61.0, 12.0)  # of both burns in deep space, tried about the plan
DAYS = (0.0, -6.0, 6.0, -15.0, 15.0)  # of the periapsis
SPEEDS = (0.0, 1e-3, -1e-3, 3e-3)  # km/s at the periapsis
MOST = 8  # meetings that are flown to the end, until one lasts
AWAY_KM = 2e6  # from Mars: where the asteroid may be joined
CLOSE_KM = 10.0


@dataclass(frozen=True)
class Meeting:
    """Where the asteroid meets a capture's path: epochs of both burns, state and velocities there, and the cost."""

    depart_tdb: float
    join_tdb: float
    first_km_s: Array
    cost_km_s: float
    path: Trajectory
    periapsis: Array
    periapsis_tdb: float


def fly(
    target: Mover, way: Retrieval, place: Destination, library: Library, almanac: Almanac, shapes: Shapes = Shapes()
) -> Descent:
    """A plan of ``ballistic.ways`` flown again; never raises for a plan that fails."""
    found = sorted(_meetings(target, way, library, almanac, shapes), key=lambda met: met.cost_km_s)
    first = Descent(False, reason="near the planned periapsis no path that comes from outside can be met")
    for number, met in enumerate(found[:MOST]):
        try:
            done = _flown(met, target, place, almanac)
        except (MotherlodeError, np.linalg.LinAlgError) as problem:
            done = Descent(False, reason=str(problem))
        if done.survived:
            return done
        first = done if number == 0 else first
    return first


def _meetings(target: Mover, way: Retrieval, library: Library, almanac: Almanac, shapes: Shapes) -> Iterator[Meeting]:
    mars = almanac["mars"]
    for days in DAYS:
        arrival = way.arrive_tdb + days * DAY
        state = ballistic.periapsis_state(library, int(way.orbit["capture"]), shapes, arrival, mars)
        for speed in SPEEDS:
            faster = state + np.concatenate([np.zeros(3), state[3:] / np.linalg.norm(state[3:]) * speed])
            joins = way.burns[1].epoch_tdb + SHIFTS
            start = max(float(joins[0]), float(mars.span[0]) + DAY)
            try:
                back = path(mars.state(arrival) + faster, arrival, (start, arrival), almanac)
            except MotherlodeError:
                continue  # it has hit Mars
            found = met(target, way, back, mars, faster, arrival, joins)
            if found is not None:
                yield found


def path(state: Array, epoch: float, span: tuple[float, float], almanac: Almanac) -> Trajectory:
    """Under every pull over a span, from a heliocentric state (6,) at an epoch."""
    return trajectory.from_state(
        "captured body", state, epoch, span, almanac=almanac, asteroids=False, tolerance=trajectory.BULK
    )


def met(
    target: Mover, way: Retrieval, path: Trajectory, planet: Mover, periapsis: Array, arrival: float, joins: Array
) -> Meeting | None:
    """The cheapest meeting on the dates about the plan; None where the path has not left the planet by then."""
    joins = joins[(joins >= path.span[0]) & (joins < arrival - 60.0 * DAY)]
    departs = way.depart_tdb + SHIFTS
    departs = departs[(departs >= target.span[0]) & (departs < way.burns[1].epoch_tdb - 90.0 * DAY)]
    if not len(joins) or not len(departs):
        return None
    there, here = path.state(joins)[None, :], target.state(departs)[:, None]
    away = np.linalg.norm((path.state(joins) - planet.state(joins))[:, :3], axis=1)
    best: Meeting | None = None
    turns = int(way.orbit.get("revolutions", 0))
    for revolutions in {max(turns - 1, 0), turns, turns + 1}:
        for branch in ("low", "high") if revolutions else ("low",):
            v1, v2 = lambert.solve(
                here[..., :3], there[..., :3], joins[None, :] - departs[:, None], MU,
                revolutions=revolutions, branch=branch, north=ECLIPTIC_NORTH,
            )  # fmt: skip
            cost = np.linalg.norm(v1 - here[..., 3:], axis=-1) + np.linalg.norm(there[..., 3:] - v2, axis=-1)
            cost = np.where(np.isfinite(cost) & (away > AWAY_KM), cost, np.inf)
            i, j = np.unravel_index(int(np.argmin(cost)), cost.shape)
            if np.isfinite(cost[i, j]) and (best is None or cost[i, j] < best.cost_km_s):
                best = Meeting(
                    float(departs[i]), float(joins[j]), v1[i, j], float(cost[i, j]), path, periapsis, arrival
                )
    return best


def _flown(met: Meeting, target: Mover, place: Destination, almanac: Almanac) -> Descent:
    here = target.state(met.depart_tdb)
    goal = met.path.state(met.join_tdb)
    first, end, miss = aimed(here, met, goal, almanac)
    burns = [float(np.linalg.norm(first - here[3:])), float(np.linalg.norm(goal[3:] - end[3:]))]
    arc = path(np.concatenate([here[:3], first]), met.depart_tdb, (met.depart_tdb, met.join_tdb), almanac)
    joined = replace(met.path, span=(met.join_tdb, met.periapsis_tdb))
    thrust = encounters.SHORT_BURN_S
    return descents.braked(
        met.periapsis, met.periapsis_tdb, met.periapsis_tdb, burns, place, almanac["mars"], thrust, STAY,
        miss_km=miss, push_km_s=first - here[3:], arcs=(arc, joined),
    )  # fmt: skip


def aimed(here: Array, met: Meeting, goal: Array, almanac: Almanac) -> tuple[Array, Array, float]:
    """First velocity that reaches the meeting under every pull, the state there, and what is missed, km."""
    nudge = 1e-5

    def flown(v: Array) -> Array:
        span = (met.depart_tdb, met.join_tdb)
        return path(np.concatenate([here[:3], v]), met.depart_tdb, span, almanac).state(met.join_tdb)

    v = np.array(met.first_km_s)
    for _ in range(12):
        end = flown(v)
        miss = end[:3] - goal[:3]
        if np.linalg.norm(miss) < CLOSE_KM:
            return v, end, float(np.linalg.norm(miss))
        slope = np.column_stack([(flown(v + nudge * axis)[:3] - end[:3]) / nudge for axis in np.eye(3)])
        step = np.linalg.solve(slope, miss)
        v = v - step * min(1.0, 0.2 / float(np.linalg.norm(step)))
    raise NoSolution("the arc to the path of the capture could not be aimed under every pull")
