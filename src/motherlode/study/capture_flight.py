"""The flight of a capture as a mover: the asteroid's own way, the tow, and the first months where it ends.

The plan of ``capture`` gives dates and sizes of burns; here it becomes a path that other tools can read, and the
burns become vectors.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.capture import approach, destinations, encounters, flight, homecoming, retrieval
from motherlode.capture.destinations import Destination
from motherlode.capture.plans import Retrieval
from motherlode.catalogue import snapshot
from motherlode.ephemeris import almanac, orbit, trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import MU_SUN, Orbit
from motherlode.ephemeris.sampled import Burn, Itinerary
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import BadInput, MotherlodeError, NoSolution
from motherlode.mechanics import frames, lambert
from motherlode.study import named
from motherlode.units import DAY

Array = NDArray[np.float64]
SPAN: Final = ("2028-01-01", "2050-01-01")
TRIED: Final = 3  # plans, cheapest first, before giving up
BEFORE: Final = 30.0 * DAY  # of the asteroid's own motion, so that the first burn is inside the file
STAY: Final = 0.6  # planet's years shown after the arrival: a flight stays bounded that long without a push
ROUNDS: Final = 10.0 * DAY  # shown after a burn at periapsis
FELT: Final = 1e-6  # km/s: a smaller jump between two arcs is the integrator's
UNDER_ALL: Final = "Sun, planets, Moon; first post-Newtonian term of the Sun"
IMPULSES: Final = "burns are impulses on the whole body: a tug's thrust over months is left out"
LEAVES_OUT: Final = {
    "stable manifold": (IMPULSES, "the pushes that keep it near its point after the months shown"),
    "Lambert return": (
        IMPULSES,
        "the way home is a two-body arc from the asteroid's integrated place to the centre of the planet or to the "
        "libration point: the planet's pull, and the orbit that the arrival burn leads to",
    ),
    "close approach": (IMPULSES, "burns after the one at periapsis"),
}


@dataclass(frozen=True)
class Flight:
    """A capture as it is flown.

    way      the plan
    path     the asteroid, the arcs between the burns, what follows the arrival
    burns    vectors in heliocentric ICRF axes
    forces   what moves it on the way
    """

    way: Retrieval
    path: Itinerary
    burns: tuple[Burn, ...]
    forces: str

    @property
    def leaves_out(self) -> tuple[str, ...]:
        """What the path does not contain."""
        return LEAVES_OUT[self.way.way]


@dataclass(frozen=True)
class _Field:
    """What a plan is flown in."""

    target: Mover
    sky: Almanac
    place: Destination
    span: tuple[float, float]


def flown(name: str, destination: str, *, span: tuple[str, str] = SPAN) -> Flight:
    """The cheapest capture of an asteroid at a destination that can be flown.

    span     first burn not before, arrival not after
    raises   UnknownAsteroid, UnknownName, BadInput, OutsideEphemeris; NoSolution where no plan can be flown
    """
    one, place, sky = named.asteroid(name), destinations.find(destination), almanac.load()
    first, last = (epochs.parse(day) for day in span)
    if last <= first:
        raise BadInput(f"the window ends ({span[1]}) before it begins ({span[0]}); swap the dates")
    named.check_span(first, last)
    field = _Field(homecoming.path(one.orbit, sky, (first, last)), sky, place, (first, last))
    problems = []
    for way in _plans(field)[:TRIED]:
        try:
            return FLY[way.way](field, way)
        except MotherlodeError as problem:
            problems.append(str(problem))
    why = f": {problems[0]}" if problems else ""
    raise NoSolution(f"no capture of {one.designation} at {place.name} can be flown{why}; widen the dates")


def _plans(field: _Field) -> list[Retrieval]:
    """Ways to the place, cheapest first."""
    place, movers = field.place, field.sky.movers
    if place.point and (ways := retrieval.to_libration_point(field.target, _pilot(field).gate, place)):
        return ways
    ways = retrieval.options(field.target, movers, place, span=field.span)
    if place.name in homecoming.AT_PERIAPSIS and isinstance(field.target, Trajectory):
        passages = encounters.powered(field.target, field.sky, [place], field.span)
        ways += [way for way in passages if "push_km_s" in way.orbit]
    return sorted(ways, key=lambda way: way.delta_v_km_s)


def _pilot(field: _Field) -> flight.Pilot:
    body, movers = field.place.body, field.sky.movers
    gates = retrieval.open_gateways(movers, field.span, snapshot.home() / "manifolds", [body])
    return flight.pilot(gates[body], field.sky, movers)


def _along_manifold(field: _Field, way: Retrieval) -> Flight:
    """Flown under every pull, and the libration orbit followed for as long as it keeps itself."""
    pilot = _pilot(field)
    done = pilot.fly(field.target, way)
    if not done.survived:
        raise NoSolution(done.reason or "it does not stay where it was brought")
    arrive = done.arcs[-1].span[1]
    end = min(arrive + STAY * pilot.year, field.sky.span[1] - DAY)
    stay = _under_all(field, done.arcs[-1].state(arrive), arrive, end)
    burns = [
        _between(after.span[0], before, after, f"joins the way to the {way.orbit['family']} orbit")
        for before, after in pairwise((field.target, *done.arcs))
    ]
    burns[0] = replace(burns[0], what="leaves its orbit around the Sun")
    changes = (*(arc.span[0] for arc in done.arcs), arrive)
    felt = tuple(burn for burn in burns if burn.delta_v_km_s > FELT)
    return _flight(field, way, (*done.arcs, stay), changes, end, felt, UNDER_ALL)


def _straight(field: _Field, way: Retrieval) -> Flight:
    """A direct return, by the arc whose burns are those of the plan."""
    place, planet = field.place, field.sky[field.place.body]
    home: Mover = approach.LibrationPoint(planet, place.point) if place.point else planet
    here, there = field.target.state(way.depart_tdb), home.state(way.arrive_tdb)
    arc = _arc(way, here, there)
    coming = arc.state(way.arrive_tdb)[3:] - there[3:]
    brake = -coming / np.linalg.norm(coming) * way.burns[-1].delta_v_km_s
    burns = (
        _between(way.depart_tdb, field.target, arc, "leaves its orbit around the Sun"),
        Burn(way.arrive_tdb, _vector(brake), f"{way.burns[-1].what}, against the excess speed"),
    )
    return _flight(field, way, (arc,), (way.depart_tdb,), way.arrive_tdb, burns, "Sun alone on the way home")


def _arc(way: Retrieval, here: Array, there: Array) -> Orbit:
    """The arc that leaves and arrives as the plan does, among the branches that the plan was chosen from."""
    found = []
    for revolutions, branch in approach.BRANCHES:
        v1, v2 = lambert.solve(
            here[:3], there[:3], way.flight_s, MU_SUN,
            revolutions=revolutions, branch=branch, north=frames.ECLIPTIC_NORTH,
        )  # fmt: skip
        leave, excess = np.linalg.norm(v1 - here[3:]), np.linalg.norm(v2 - there[3:])
        found.append((abs(leave - way.burns[0].delta_v_km_s) + abs(excess - way.v_infinity_km_s), v1))
    _, v1 = min((one for one in found if np.isfinite(one[0])), key=lambda one: float(one[0]))
    return orbit.from_state(way.designation, np.concatenate([here[:3], v1]), way.depart_tdb)


def _past_planet(field: _Field, way: Retrieval) -> Flight:
    """A passage aimed by a small push and braked at periapsis."""
    depart, planet = way.depart_tdb, field.sky[field.place.body]
    start = field.target.state(depart) + np.concatenate([np.zeros(3), way.orbit["push_km_s"]])
    passage = _under_all(field, start, depart, way.arrive_tdb + DAY)
    lowest = _periapsis(passage, planet, way.arrive_tdb)
    before, braked = passage.state(lowest), passage.state(lowest)
    along = before[3:] - planet.state(lowest)[3:]
    braked[3:] -= along / np.linalg.norm(along) * way.burns[-1].delta_v_km_s
    rounds = _under_all(field, braked, lowest, lowest + ROUNDS)
    burns = (
        _between(depart, field.target, passage, "aims the passage"),
        _between(lowest, passage, rounds, f"{way.burns[-1].what}, at periapsis"),
    )
    return _flight(field, way, (passage, rounds), (depart, lowest), lowest + ROUNDS, burns, UNDER_ALL)


def _periapsis(passage: Mover, planet: Mover, near: float) -> float:
    """Epoch of the least distance within a day of a date."""
    low, high = near - 0.9 * DAY, near + 0.9 * DAY
    for _ in range(12):
        t = np.linspace(low, high, 41)
        k = int(np.argmin(np.linalg.norm((passage.state(t) - planet.state(t))[:, :3], axis=1)))
        low, high = float(t[max(0, k - 1)]), float(t[min(40, k + 1)])
    return 0.5 * (low + high)


def _under_all(field: _Field, state: Array, epoch: float, end: float) -> Trajectory:
    return trajectory.from_state(
        field.target.name, state, epoch, (epoch, end),
        almanac=field.sky, asteroids=False, tolerance=trajectory.BULK,
    )  # fmt: skip


def _flight(
    field: _Field,
    way: Retrieval,
    arcs: tuple[Mover, ...],
    changes: tuple[float, ...],
    end: float,
    burns: tuple[Burn, ...],
    forces: str,
) -> Flight:
    """The asteroid's own path up to the first change, then the arcs."""
    first = max(field.target.span[0], changes[0] - BEFORE)
    title = f"{way.designation} to {way.destination}"
    if first >= changes[0]:  # the first burn is the first moment of the window
        return Flight(way, Itinerary(title, arcs, changes[1:], (changes[0], end)), burns, forces)
    return Flight(way, Itinerary(title, (field.target, *arcs), changes, (first, end)), burns, forces)


def _between(t: float, before: Mover, after: Mover, what: str) -> Burn:
    return Burn(t, _vector(after.state(t)[3:] - before.state(t)[3:]), what)


def _vector(change: Array) -> tuple[float, float, float]:
    x, y, z = change.tolist()
    return x, y, z


FLY: Final = {"stable manifold": _along_manifold, "Lambert return": _straight, "close approach": _past_planet}
