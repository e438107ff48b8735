"""A capture flown again under the gravity of Sun, planets and Moon, from the first burn to years after the arrival.

The plan of the restricted problem is laid out as a chain of nodes (``course``); multiple shooting joins them in the
real sky and lowers both burns (``shooting``). The orbit about the libration point and the manifold that leads there
are then those of the real system. What has been found is flown once more, each piece from what the one before has
left, and every node pushes towards the next: these pushes are the cost of staying.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import course
from motherlode.capture.gateway import Gateway
from motherlode.capture.plans import Retrieval
from motherlode.capture.shooting import Chain, Look, Shooter, Sky
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.sampled import Itinerary
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import MotherlodeError, NoSolution
from motherlode.mechanics import synodic
from motherlode.mechanics.periodic import hill_radius
from motherlode.units import DAY, METRE_S, YEAR

Array = NDArray[np.float64]

STAY: Final = 5.0 * YEAR
BEYOND: Final = 0.1  # planet's years flown on after the stay: its end is not where the path ends
SLACK: Final = 0.5  # Hill radii beyond the planned orbit, towards the planet and away: past it, it has gone
SLIP: Final = 1e-5  # km/s in each axis: the error of a push where errors are asked for
AIMS: Final = 5  # corrections of a push at most
AIMED_KM: Final = 0.01
NEAR: Final = {"earth": ("earth", "moon")}


@dataclass(frozen=True)
class Flight:
    """What became of a plan under every pull.

    burns_km_s       first burn, joining burn
    keeping_km_s     sum of all the pushes at nodes: corrections on the way, keeping after the arrival
    stayed_s         time from the arrival for which it stayed near its point
    miss_km          largest gap between a piece's end and the node that it was pushed to
    arcs             paths from the asteroid to the joining and from there to the arrival
    kept             the path from the arrival on, pushes included
    """

    survived: bool
    burns_km_s: tuple[float, ...]
    keeping_km_s: float
    stayed_s: float
    miss_km: float
    arcs: tuple[Itinerary, ...] = ()
    kept: Itinerary | None = None
    reason: str = ""

    @property
    def delta_v_km_s(self) -> float:
        """Burns up to the arrival."""
        return sum(self.burns_km_s)

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units. The dates are those flown, weeks from the plan's where that is cheaper."""
        return {
            "survived": self.survived,
            **{key: arc.span[0] for key, arc in zip(("depart_tdb", "join_tdb"), self.arcs)},
            "delta_v_m_s": self.delta_v_km_s / METRE_S if self.burns_km_s else None,
            "burns_m_s": [burn / METRE_S for burn in self.burns_km_s],
            "station_keeping_m_s": self.keeping_km_s / METRE_S if self.burns_km_s else None,
            "stayed_yr": float(self.stayed_s) / YEAR,
            "miss_km": self.miss_km if self.burns_km_s else None,
            "reason": self.reason,
            "forces": "Sun, planets, Moon; first post-Newtonian term of the Sun",
        }


@dataclass(frozen=True)
class Log:
    """What was flown: pieces between nodes, the push (km/s) at the start of each, the largest miss of a node."""

    pieces: tuple[Trajectory, ...]
    pushes: Array
    miss_km: float


@dataclass(frozen=True)
class Room:
    """Between which places (3,) of the pulsating frame, in Hill radii from the planet, a body counts as there."""

    low: Array
    high: Array

    def left(self, places: Array) -> NDArray[np.bool_]:
        """Which of places (n, 3) lie outside."""
        return np.asarray(np.any((places < self.low) | (places > self.high), axis=-1))


@dataclass(frozen=True)
class Pilot:
    """Flies plans of one planet; keeps what does not change between them."""

    gate: Gateway
    almanac: Almanac
    planet: Mover

    @property
    def body(self) -> str:
        """Name of the planet."""
        return self.gate.library.system.smaller

    @property
    def year(self) -> float:
        """The planet's year, s."""
        return 2.0 * np.pi * self.gate.library.system.time_s

    def fly(
        self,
        target: Mover,
        way: Retrieval,
        *,
        stay: float = STAY,
        tries: int = 12,
        slips: np.random.Generator | None = None,
    ) -> Flight:
        """A plan of ``retrieval.to_libration_point`` flown again; never raises for a plan that fails.

        target   the asteroid, best as an integrated trajectory
        stay     after the arrival, s
        tries    rounds of the search for less Δv nearby
        slips    draws errors of ``SLIP`` for every push; without, every push is exact
        """
        try:
            look = self.joined(target, way, stay=stay, tries=tries)
            return self._flown(target, way, look, stay, slips)
        except MotherlodeError as problem:
            return Flight(False, (), np.nan, 0.0, np.nan, reason=str(problem))

    def joined(self, target: Mover, way: Retrieval, *, stay: float = STAY, tries: int = 12) -> Look:
        """The plan as a joined path under every pull, its burns as small as found.

        raises  NoSolution where the plan cannot be joined, or the ephemeris ends before the stay
        """
        until = way.arrive_tdb + stay + BEYOND * self.year
        if until > self.planet.span[1] - DAY:
            raise NoSolution(
                "the ephemeris ends before the stay; load a longer kernel, or ask for an earlier arrival"
            )
        earliest = max(target.span[0], self.gate.span[0])
        shooter = Shooter(target, self._sky, course.units(self.gate), earliest)
        look = shooter.closed(course.laid_out(self.gate, self.planet, target, way, until))
        return shooter.joined(shooter.cheapest(look, rounds=tries))

    @property
    def _sky(self) -> Sky:
        return Sky(self.almanac, NEAR.get(self.body, (self.body,)))

    def _flown(
        self, target: Mover, way: Retrieval, look: Look, stay: float, slips: np.random.Generator | None
    ) -> Flight:
        log = self._followed(target, look, slips)
        chain = look.chain
        tow, coast, kept = (
            _itinerary(str(target.name), log.pieces[first:last])
            for first, last in pairwise((0, chain.join, chain.arrive, None))
        )
        stayed = self._stayed(way, kept, stay)
        burn = np.isin(np.arange(len(log.pushes)), (0, chain.join))
        kept_for = float(np.sum(log.pushes[~burn & (chain.epochs[:-1] <= way.arrive_tdb + stay)]))
        reason = "" if stayed >= stay else f"followed for {stayed / YEAR:.1f} years after the arrival"
        burns = float(log.pushes[0]), float(log.pushes[chain.join])
        return Flight(stayed >= stay, burns, kept_for, stayed, log.miss_km, (tow, coast), kept, reason)

    def _followed(self, target: Mover, look: Look, slips: np.random.Generator | None) -> Log:
        """Piece after piece, each from what the one before has left and pushed towards the next node."""
        chain = look.chain
        state = target.state(float(chain.epochs[0]))
        pieces, pushes, miss = [], [], 0.0
        for k, slope in enumerate(self._sky.slopes(look.pieces)):
            speed, piece, off = self._aimed(state[:3], chain, k, slope)
            pushes.append(float(np.linalg.norm(speed - state[3:])))
            miss = max(miss, off)
            if slips is not None:
                slipped = np.concatenate([state[:3], speed + slips.normal(0.0, SLIP, 3)])
                piece = self._sky.piece(slipped, *chain.epochs[k : k + 2])
            pieces.append(piece)
            state = piece.state(float(chain.epochs[k + 1]))
        return Log(tuple(pieces), np.array(pushes), miss)

    def _aimed(self, place: Array, chain: Chain, k: int, slope: Array) -> tuple[Array, Trajectory, float]:
        """Velocity at node k from which the piece meets the place of the next node, the piece, and its miss in km."""
        speed, goal, until = chain.states[k, 3:], chain.states[k + 1, :3], float(chain.epochs[k + 1])
        for _ in range(AIMS):
            piece = self._sky.piece(np.concatenate([place, speed]), float(chain.epochs[k]), until)
            off = piece.state(until)[:3] - goal
            if np.linalg.norm(off) < AIMED_KM:
                break
            speed = speed - np.linalg.solve(slope[:3, 3:], off)
        return speed, piece, float(np.linalg.norm(off))

    def _stayed(self, way: Retrieval, kept: Itinerary, stay: float) -> float:
        """The stay, or the time after which it is first outside the planned orbit's room."""
        since = np.append(np.arange(0.0, stay, 3.0 * DAY), stay)
        dates = kept.span[0] + since
        left = self._room(way).left(self._places(kept.state(dates), dates))
        return float(since[np.argmax(left)]) if left.any() else stay

    def _places(self, states: Array, dates: Array) -> Array:
        """Places (n, 3) in the pulsating frame, Hill radii from the planet."""
        mu = self.gate.library.system.mu
        there = synodic.from_inertial(states, self.planet.state(dates), mu)
        return np.asarray((there[:, :3] - [1.0 - mu, 0.0, 0.0]) / hill_radius(mu))

    def _room(self, way: Retrieval) -> Room:
        """Where the planned orbit lies, with some slack."""
        orbit = self.gate.library.orbits[int(way.orbit["orbit"])]
        places = (orbit.states(48)[:, :3] - [1.0 - orbit.mu, 0.0, 0.0]) / hill_radius(orbit.mu)
        return Room(places.min(0) - SLACK, places.max(0) + SLACK)


def _itinerary(name: str, pieces: Sequence[Trajectory]) -> Itinerary:
    changes = tuple(piece.span[0] for piece in pieces[1:])
    return Itinerary(name, tuple(pieces), changes, (pieces[0].span[0], pieces[-1].span[1]))


def checked(way: Retrieval, target: Mover, pilot: Pilot) -> Retrieval:
    """The plan with its flight under every pull beside it."""
    flight = pilot.fly(target, way)
    return replace(way, checks={**way.checks, "n_body": flight.summary()})


def pilot(gate: Gateway, almanac: Almanac, movers: Mapping[str, Mover]) -> Pilot:
    """A pilot for one planet."""
    body = gate.library.system.smaller
    return Pilot(gate, almanac, movers["emb" if body == "earth" else body])
