"""A capture flown again under the gravity of Sun, planets and Moon, from the first burn to years after the arrival.

The restricted problem gives the plan; here the plan is rebuilt where everything pulls. The state on the periodic
orbit is placed at the planet's true position, and one push along the line to the Sun is bisected until the path
neither falls to the planet nor leaves: that is a bounded orbit of the real system. Followed backward, it is the real
manifold; the asteroid's integrated path is joined to it by two burns, corrected by differences. Afterwards the same
bisection, twice a year, keeps it there: its pushes are the cost of staying.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture.gateway import MU, Gateway
from motherlode.capture.manifolds import stable_directions
from motherlode.capture.plans import Retrieval
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import MotherlodeError, NoSolution
from motherlode.mechanics import lambert, synodic
from motherlode.mechanics.periodic import hill_radius
from motherlode.units import DAY, METRE_S, YEAR

Array = NDArray[np.float64]

STAY: Final = 5.0 * YEAR
AHEAD: Final = 2.2  # planet's years looked ahead by each bisection: as far as double precision reaches
ENOUGH: Final = 0.65  # planet's years that a push must buy
KEEPING: Final = 0.3  # planet's years between pushes
STEPS_OFF: Final = (-6.3, -5.7, -5.1, -4.5, -3.9)  # log10 of the first step along the stable direction
SHIFTS: Final = DAY * np.arange(-120.0, 121.0, 10.0)  # of both burns, tried around the plan
PUSH: Final = 0.06  # km/s, bracket of the first push; the later ones start at a hundredth
SLACK: Final = 0.5  # Hill radii beyond the planned orbit, towards the planet and away: past it, it has gone


@dataclass(frozen=True)
class Flight:
    """What became of a plan under every pull.

    burns_km_s       first burn, joining burn
    keeping_km_s     sum of the pushes after the arrival
    stayed_s         time from the arrival for which it stayed near its point
    miss_km          between the two arcs where they are joined
    arcs             integrated paths: asteroid to joining, joining to the end
    """

    survived: bool
    burns_km_s: tuple[float, ...]
    keeping_km_s: float
    stayed_s: float
    miss_km: float
    arcs: tuple[Trajectory, ...] = ()
    reason: str = ""

    @property
    def delta_v_km_s(self) -> float:
        """Burns up to the arrival."""
        return sum(self.burns_km_s)

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units."""
        return {
            "survived": self.survived,
            "delta_v_m_s": self.delta_v_km_s / METRE_S,
            "burns_m_s": [burn / METRE_S for burn in self.burns_km_s],
            "station_keeping_m_s": self.keeping_km_s / METRE_S,
            "stayed_yr": float(self.stayed_s) / YEAR,
            "miss_km": self.miss_km,
            "reason": self.reason,
            "forces": "Sun, planets, Moon; first post-Newtonian term of the Sun",
        }


@dataclass(frozen=True)
class Room:
    """Between which distances from the planet, along the line to the Sun on one side, a body counts as there."""

    side: float
    inner: float
    outer: float


@dataclass(frozen=True)
class Pilot:
    """Flies plans of one planet; keeps what does not change between them."""

    gate: Gateway
    almanac: Almanac
    planet: Mover

    @property
    def year(self) -> float:
        """The planet's year, s."""
        return 2.0 * np.pi * self.gate.library.system.time_s

    def fly(self, target: Mover, way: Retrieval, *, stay: float = STAY, tries: int = 60) -> Flight:
        """A plan of ``retrieval.to_libration_point`` flown again; never raises for a plan that fails.

        target   the asteroid, best as an integrated trajectory
        stay     after the arrival, s
        tries    evaluations of the search that repairs the plan
        """
        try:
            start, arrive, join, depart = self._repaired(target, way, tries)
            return self._flown(target, start, arrive, join, depart, way, stay)
        except MotherlodeError as problem:
            return Flight(False, (), np.nan, 0.0, np.nan, reason=str(problem))

    def _repaired(self, target: Mover, way: Retrieval, tries: int) -> tuple[Array, float, float, float]:
        """State at the arrival and epochs of arrival, joining and first burn of the cheapest real plan nearby."""
        from scipy.optimize import minimize

        spread = np.array([0.3, 0.03, 6.0])  # log10 of the step off, share of a period, days

        def cost(x: Array) -> float:
            try:
                return self._cost(target, way, x)[0]
            except MotherlodeError:
                return 50.0

        starts = [np.array([step_off, 0.0, 0.0]) for step_off in STEPS_OFF]
        first = min(starts, key=cost)
        simplex = first + np.vstack([np.zeros(3), np.diag(spread)])
        found = minimize(
            cost, first, method="Nelder-Mead", options={"maxfev": tries, "initial_simplex": simplex, "xatol": 1e-3}
        )
        if found.fun >= 50.0:
            raise NoSolution("no bounded orbit of the full system was found near the planned one")
        return self._cost(target, way, found.x)[1:]

    def _cost(self, target: Mover, way: Retrieval, x: Array) -> tuple[float, Array, float, float, float]:
        """Burns of the plan with this step off the orbit, phase and arrival; joining and first burn are the best."""
        arrive = way.arrive_tdb + x[2] * DAY
        start = self._bounded(self._on_orbit(way, 10.0 ** x[0], x[1], arrive), arrive, self._room(way), PUSH)
        joins = way.burns[1].epoch_tdb + SHIFTS
        joins = joins[joins < arrive - 20.0 * DAY]
        departs = way.depart_tdb + SHIFTS
        departs = departs[departs > max(target.span[0], self.gate.span[0])]
        if not len(joins) or not len(departs):
            raise NoSolution("the burns have run into each other")
        there = self._path(start, arrive, (joins[0], arrive)).state(joins)[None, :]
        here = target.state(departs)[:, None]
        time = joins[None, :] - departs[:, None]
        v1, v2 = self._arcs(here, there, time, int(way.orbit["revolutions"]))
        costs = np.linalg.norm(v1 - here[..., None, 3:], axis=-1) + np.linalg.norm(there[..., None, 3:] - v2, axis=-1)
        if not np.isfinite(costs).any():
            raise NoSolution("no arc joins the asteroid to the manifold in the time there is")
        i, j, _ = np.unravel_index(np.nanargmin(costs), costs.shape)
        return float(np.nanmin(costs)), start, arrive, float(joins[j]), float(departs[i])

    def _arcs(self, here: Array, there: Array, time: Array, turns: int) -> tuple[Array, Array]:
        """Both velocities (..., branches, 3) of the arcs with about so many revolutions."""
        positive = np.where(time > 20.0 * DAY, time, np.nan)
        ways = [
            lambert.solve(
                here[..., :3], there[..., :3], positive, MU, revolutions=m, branch=branch, north=self.gate.axes[:, 2]
            )
            for m in range(max(0, turns - 1), turns + 2)
            for branch in (("low", "high") if m else ("low",))
        ]
        return np.stack([v1 for v1, _ in ways], -2), np.stack([v2 for _, v2 in ways], -2)

    def _arc(self, here: Array, there: Array, time: float, turns: int) -> Array:
        """First velocity of the cheapest arc."""
        v1, v2 = self._arcs(here, there, np.asarray(time), turns)
        costs = np.linalg.norm(v1 - here[3:], axis=-1) + np.linalg.norm(there[3:] - v2, axis=-1)
        if not np.isfinite(costs).any():
            raise NoSolution("no arc joins the asteroid to the manifold in the time there is")
        return np.asarray(v1[int(np.nanargmin(costs))])

    def _on_orbit(self, way: Retrieval, step_off: float, phase: float, arrive: float) -> Array:
        """Heliocentric state a step off the planned orbit along its stable direction, at the planet's true place."""
        library = self.gate.library
        orbit = library.orbits[int(way.orbit["orbit"])]
        states, directions = stable_directions(orbit, 180)
        share = (float(way.orbit["departure"]) / library.recipe.departures + phase) % 1.0
        i = round(share * 180) % 180
        state = states[i] + step_off * directions[i]
        return synodic.to_inertial(state, self.planet.state(arrive), library.system.mu)

    def _path(self, state: Array, epoch: float, span: tuple[float, float]) -> Trajectory:
        return trajectory.from_state(
            "captured body", state, epoch, span, almanac=self.almanac, asteroids=False, tolerance=trajectory.BULK
        )

    def _room(self, way: Retrieval) -> Room:
        """Where the planned orbit lies along the line to the Sun, with some slack."""
        orbit = self.gate.library.orbits[int(way.orbit["orbit"])]
        side = 1.0 if orbit.point == 2 else -1.0
        outward = side * (orbit.states(48)[:, 0] - 1.0 + orbit.mu) / hill_radius(orbit.mu)
        return Room(side, float(outward.min()) - SLACK, float(outward.max()) + SLACK)

    def _fate(self, state: Array, epoch: float, room: Room, until: float) -> tuple[float, float]:
        """When a path has fallen (-1) or left (+1), or the end of the look with 0."""
        until = min(until, self.planet.span[1] - DAY)
        if until - epoch < 9.0 * DAY:
            raise NoSolution("the ephemeris ends before the arrival")
        dates = np.arange(epoch, until, 3.0 * DAY)
        try:
            states = self._path(state, epoch, (epoch, until)).state(dates)
        except NoSolution:
            return epoch + 60.0 * DAY, -1.0
        mu = self.gate.library.system.mu
        there = synodic.from_inertial(states, self.planet.state(dates), mu)
        outward = (there[:, 0] - 1.0 + mu) / hill_radius(mu) * room.side
        gone = np.flatnonzero((outward < room.inner) | (outward > room.outer))
        if not len(gone):
            return until, 0.0
        return float(dates[gone[0]]), 1.0 if outward[gone[0]] > room.outer else -1.0

    def _bounded(self, state: Array, epoch: float, room: Room, bracket: float, enough: float = ENOUGH) -> Array:
        """The same place with the push along the line to the Sun that keeps it longest."""
        towards = state[:3] / np.linalg.norm(state[:3]) * room.side

        def pushed(push: float) -> Array:
            return np.concatenate([state[:3], state[3:] + push * towards])

        def fate(push: float) -> tuple[float, float]:
            return self._fate(pushed(push), epoch, room, epoch + AHEAD * self.year)

        pushes = bracket * np.array([0.0, 0.1, -0.1, 0.25, -0.25, 0.5, -0.5, 1.0, -1.0])
        fates = [fate(push) for push in pushes]
        best = max(range(len(pushes)), key=lambda i: (fates[i][0], -abs(pushes[i])))
        push, until = float(pushes[best]), fates[best][0]
        order = np.argsort(pushes)
        for a, b in pairwise(order):
            if fates[a][1] * fates[b][1] < 0.0 and until < epoch + AHEAD * self.year:
                found, lasted = _bisected(fate, float(pushes[a]), float(pushes[b]), fates[a][1])
                push, until = (found, lasted) if lasted > until else (push, until)
        if until - epoch < enough * self.year:
            raise NoSolution("no push along the line to the Sun keeps it near the libration point")
        return pushed(push)

    def _flown(
        self, target: Mover, start: Array, arrive: float, join: float, depart: float, way: Retrieval, stay: float
    ) -> Flight:
        before = self._path(start, arrive, (join, arrive))
        there, here = before.state(join), target.state(depart)
        v1 = self._arc(here, there, join - depart, int(way.orbit["revolutions"]))
        v1, arc = self._aimed(here, v1, there[:3], depart, join)
        end = arc.state(join)
        burns = (float(np.linalg.norm(v1 - here[3:])), float(np.linalg.norm(there[3:] - end[3:])))
        keeping, stayed = self._kept(start, arrive, self._room(way), stay)
        return Flight(
            bool(stayed >= stay),
            burns,
            keeping,
            stayed,
            float(np.linalg.norm(end[:3] - there[:3])),
            (arc, before),
            "" if stayed >= stay else f"followed for {stayed / YEAR:.1f} years after the arrival",
        )

    def _aimed(self, here: Array, v1: Array, goal: Array, depart: float, join: float) -> tuple[Array, Trajectory]:
        """First velocity that reaches a place under every pull: Newton with differences."""

        def flown(v: Array) -> Trajectory:
            return self._path(np.concatenate([here[:3], v]), depart, (depart, join))

        nudge = 1e-5
        for _ in range(12):
            arc = flown(v1)
            miss = arc.state(join)[:3] - goal
            if np.linalg.norm(miss) < 10.0:
                return v1, arc
            slope = np.column_stack(
                [(flown(v1 + nudge * axis).state(join)[:3] - arc.state(join)[:3]) / nudge for axis in np.eye(3)]
            )
            step = np.linalg.solve(slope, miss)
            v1 = v1 - step * min(1.0, 0.2 / float(np.linalg.norm(step)))
        raise NoSolution("the arc to the manifold could not be aimed under every pull")

    def _kept(self, start: Array, arrive: float, room: Room, stay: float) -> tuple[float, float]:
        """Sum of the pushes and how long it stays."""
        state, now, spent = start, arrive, 0.0
        last = min(arrive + stay, self.planet.span[1] - AHEAD * self.year)
        while now < last:
            after = now + KEEPING * self.year
            gone, side = self._fate(state, now, room, after)
            if side != 0.0:
                return spent, gone - arrive
            state, now = self._path(state, now, (now, after)).state(after), after
            if now >= last:
                break
            better = self._settled(state, now, room)
            if better is None:
                return spent, self._fate(state, now, room, now + AHEAD * self.year)[0] - arrive
            spent += float(np.linalg.norm(better[3:] - state[3:]))
            state = better
        return spent, now - arrive

    def _settled(self, state: Array, now: float, room: Room) -> Array | None:
        for bracket in (0.01 * PUSH, 0.1 * PUSH, PUSH):
            try:
                return self._bounded(state, now, room, bracket, 1.2 * KEEPING)
            except NoSolution:
                continue
        return None


def _bisected(fate: Any, low: float, high: float, low_side: float) -> tuple[float, float]:
    """Push between two of opposite fates that lasts longest, and until when."""
    best, lasted = low, -np.inf
    for _ in range(44):
        middle = 0.5 * (low + high)
        until, side = fate(middle)
        if until > lasted:
            best, lasted = middle, until
        if side == 0.0:
            break
        low, high = (middle, high) if side == low_side else (low, middle)
    return best, lasted


def checked(way: Retrieval, target: Mover, pilot: Pilot) -> Retrieval:
    """The plan with its flight under every pull beside it."""
    flight = pilot.fly(target, way)
    return replace(way, checks={**way.checks, "n_body": flight.summary()})


def pilot(gate: Gateway, almanac: Almanac, movers: Mapping[str, Mover]) -> Pilot:
    """A pilot for one planet."""
    body = gate.library.system.smaller
    return Pilot(gate, almanac, movers["emb" if body == "earth" else body])
