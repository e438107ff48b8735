"""The flight of a capture as a mover: the asteroid's own way, the tow, and the first months where it ends.

The plan of ``capture`` gives dates and sizes of burns; here it becomes a path that other tools can read, and the
burns become vectors.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import epochs
from motherlode.capture import (
    ballistic,
    descents,
    destinations,
    flight,
    homecoming,
    moon_flight,
    orbiting,
    weak_flight,
)
from motherlode.capture.descents import Descent
from motherlode.capture.destinations import Destination
from motherlode.capture.gateway import Gateway
from motherlode.capture.plans import Retrieval
from motherlode.ephemeris import almanac, orbit, trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.sampled import Burn, Itinerary, Sampled
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import BadInput, MotherlodeError, NoSolution, UnknownName
from motherlode.study import named, retrieval_dates
from motherlode.units import DAY, METRE_S

Array = NDArray[np.float64]
Leg = tuple[str, Mover, float]  # label, path, start
SPAN: Final = ("2028-01-01", "2050-01-01")
TRIED: Final = 3  # plans, cheapest first, before giving up
BEFORE: Final = 30.0 * DAY  # of the asteroid's own motion, so that the first burn is inside the file
STAY: Final = 0.6  # planet's years shown after the arrival: a flight stays bounded that long without a push
OUTSIDE: Final = 4.0 * DAY  # before a passage: where the speed is still that far from the planet
ROUNDS: Final = 10.0 * DAY  # shown after a burn at periapsis
TURN: Final = 0.1  # between samples about Mars, of the time in which a body there turns by a radian, and at most
LONGEST_STEP: Final = 0.5 * DAY
FEWEST: Final = 12  # samples of a coast
FELT: Final = 1e-6  # km/s: a smaller jump between two arcs is the integrator's
UNDER_ALL: Final = "Sun, planets, Moon; first post-Newtonian term of the Sun"
IMPULSES: Final = "burns are impulses on the whole body: a tug's thrust over months is left out"
ARC_ALONE: Final = (
    "the way home is a two-body arc from the asteroid's integrated place to the centre of the planet or to the "
    "libration point: the planet's pull, and the orbit that the arrival burn leads to"
)
AT_MOON: Final = (
    "the passage of the Moon that brakes it: the last burn is given against the excess speed at the Earth"
)
KEEPING: Final = "the pushes that keep it near its point after the months shown"
AT_MARS: Final = "the burn at Mars takes minutes: its thrust is drawn as one arc, its vector along the first velocity"
THERE: Final = "; about Mars its bulge and the Sun, without its moons"
INTO_CIRCLE: Final = "the burn into the orbit about the Moon takes minutes: it is drawn as an impulse"
TO_MOON: Final = (
    ("towed", "leaves its orbit around the Sun"),
    ("on the way to the Moon", "joins the way to the Moon"),
    ("between two passages of the Moon", "passes the Moon"),
    ("towards the last passage", "sets the last passage up"),
    ("orbit about the Moon", "braked at the Moon"),
)


@dataclass(frozen=True)
class Flight:
    """A capture as it is flown.

    way         the plan
    path        the asteroid, the arcs between the burns, what follows the arrival
    labels      of the arcs of the path
    burns       vectors in heliocentric ICRF axes
    forces      what moves it on the way
    leaves_out  what the path does not contain
    """

    way: Retrieval
    path: Itinerary
    labels: tuple[str, ...]
    burns: tuple[Burn, ...]
    forces: str
    leaves_out: tuple[str, ...]


@dataclass(frozen=True)
class _Field:
    """What a plan is flown in."""

    target: Mover
    sky: Almanac
    place: Destination
    span: tuple[float, float]
    gates: Mapping[str, Gateway]


def flown(name: str, destination: str, *, span: tuple[str, str] = SPAN, way: str = "") -> Flight:
    """The cheapest capture of an asteroid at a destination that can be flown.

    span     first burn not before, arrival not after
    way      "stable manifold", "Lambert return", "close approach" or "ballistic capture"; the cheapest otherwise
    raises   UnknownAsteroid, UnknownName, BadInput, OutsideEphemeris; NoSolution where no plan can be flown
    """
    if way and way not in FLY:
        raise UnknownName("way", way, list(FLY))
    one, place, sky = named.asteroid(name), destinations.find(destination), almanac.load()
    first, last = (epochs.parse(day) for day in span)
    if last <= first:
        raise BadInput(f"the window ends ({span[1]}) before it begins ({span[0]}); swap the dates")
    named.check_span(first, last)
    gates = homecoming.gateways(sky, destination, span=(first, last), cache=retrieval_dates.libraries())
    field = _Field(homecoming.path(one.orbit, sky, (first, last)), sky, place, (first, last), gates)
    plans = homecoming.ways(
        one.orbit, sky, destination, span=(first, last), cache=retrieval_dates.libraries(), gates=gates
    )
    plans = [plan for plan in plans if plan.way in FLY and (not way or plan.way == way)]
    problems = []
    for fly, plan in _attempts(place, plans[:TRIED]):
        try:
            return fly(field, plan)
        except MotherlodeError as problem:
            problems.append(str(problem))
    why = f": {problems[0]}" if problems else ""
    by = f" by {way}" if way else ""
    raise NoSolution(f"no capture of {one.designation} at {place.name}{by} can be flown{why}; widen the dates")


Pilots = Callable[[_Field, Retrieval], Flight]


def _attempts(place: Destination, plans: Sequence[Retrieval]) -> list[tuple[Pilots, Retrieval]]:
    """How the plans are flown, in turn: to the Moon to the end if any can be, and if none, up to the Earth."""
    whole = [(_by_the_moon, plan) for plan in plans if place.name in homecoming.EARTH_ORBITS_MOON]
    return [*whole, *((FLY[plan.way], plan) for plan in plans)]


def _pilot(field: _Field) -> flight.Pilot:
    return flight.pilot(field.gates[field.place.body], field.sky, field.sky.movers)


def _along_manifold(field: _Field, way: Retrieval) -> Flight:
    """Flown under every pull, and the libration orbit followed for as long as it keeps itself."""
    pilot = _pilot(field)
    done = pilot.fly(field.target, way)
    if not done.survived:
        raise NoSolution(done.reason or "it does not stay where it was brought")
    arrive, stay = done.arcs[-1].span[1], done.kept
    if stay is None:
        raise NoSolution("it was not followed after the arrival")
    end = min(arrive + STAY * pilot.year, stay.span[1])
    burns = [
        _between(after.span[0], before, after, f"joins the way to the {way.orbit['family']} orbit")
        for before, after in pairwise((field.target, *done.arcs))
    ]
    burns[0] = replace(burns[0], what="leaves its orbit around the Sun")
    felt = tuple(burn for burn in burns if burn.delta_v_km_s > FELT)
    legs: list[Leg] = [("towed", arc, arc.span[0]) for arc in done.arcs]
    legs[-1] = ("on the manifold", *legs[-1][1:])
    legs.append((f"{way.orbit['family']} orbit", stay, arrive))
    return _flight(field, way, legs, end, felt, UNDER_ALL, KEEPING)


def _straight(field: _Field, way: Retrieval) -> Flight:
    """A direct return: to Mars as it is flown there, where it can be; else the arc of the plan."""
    if field.place.body == "mars" and not field.place.point:
        with suppress(NoSolution):
            return _down(field, way)
    aim = float(way.orbit.get("aim_tdb", way.arrive_tdb))
    here = field.target.state(way.depart_tdb)
    arc = orbit.from_state(way.designation, here + _pushed(way.orbit["leave_km_s"]), way.depart_tdb)
    burns = (
        _between(way.depart_tdb, field.target, arc, "leaves its orbit around the Sun"),
        _against(np.asarray(way.orbit["incoming_km_s"]), aim, way),
    )
    legs = [("on the way home", arc, way.depart_tdb)]
    return _flight(field, way, legs, aim, burns, "Sun alone on the way home", ARC_ALONE)


def _past_planet(field: _Field, way: Retrieval) -> Flight:
    """A passage aimed by a small push: of Mars, braked there; of the Earth, up to its nearest point."""
    if field.place.body == "mars":
        return _down(field, way)
    depart, planet = way.depart_tdb, field.sky[field.place.body]
    start = field.target.state(depart) + _pushed(way.orbit["push_km_s"])
    aim = float(way.orbit.get("aim_tdb", way.arrive_tdb))
    passage = _under_all(field, start, depart, aim)
    incoming = (passage.state(aim - OUTSIDE) - planet.state(aim - OUTSIDE))[3:]
    burns = (_between(depart, field.target, passage, "aims the passage"), _against(incoming, aim, way))
    legs = [("towards the passage", passage, depart)]
    return _flight(field, way, legs, aim, burns, UNDER_ALL, AT_MOON)


def _against(incoming: Array, epoch: float, way: Retrieval) -> Burn:
    """The last burn of a plan, against the speed with which it comes."""
    brake = -incoming / np.linalg.norm(incoming) * way.burns[-1].delta_v_km_s
    return Burn(epoch, _vector(brake), f"{way.burns[-1].what}; given against the excess speed")


def _down(field: _Field, way: Retrieval) -> Flight:
    """A way to an orbit about Mars, with the burns there as they are flown: minutes at the periapsis."""
    done = descents.fly(field.target, way, field.place, field.sky)
    if not done.survived or done.push_km_s is None or done.before is None:
        raise NoSolution(done.reason or "it is not kept at Mars")
    depart = way.depart_tdb
    start = field.target.state(depart) + _pushed(done.push_km_s)
    coming = _under_all(field, start, depart, done.before[1])
    return _braked(field, way, done, [("on the way home", coming, depart)], ["aims the passage"])


def _weakly(field: _Field, way: Retrieval) -> Flight:
    """A ballistic capture: towed to its path, along it to the first periapsis, and made to last there."""
    done = weak_flight.fly(field.target, way, field.place, ballistic.load(retrieval_dates.libraries()), field.sky)
    if not done.survived or len(done.arcs) < 2:
        raise NoSolution(done.reason or "it is not kept at Mars")
    labels = "towed", "on the path of the capture"
    whats = ["leaves its orbit around the Sun", "joins the path of the capture"]
    legs: list[Leg] = [(label, arc, arc.span[0]) for label, arc in zip(labels, done.arcs)]
    return _braked(field, way, done, legs, whats)


def _braked(field: _Field, way: Retrieval, done: Descent, legs: list[Leg], whats: Sequence[str]) -> Flight:
    """The legs up to Mars, then its burns there and the coasts after them, in the model that they were flown in."""
    if not done.firings:
        raise NoSolution("it is brought into its orbit by several burns, the last of them a turn that no path tells")
    movers = [field.target, *(leg[1] for leg in legs)]
    burns = [_between(leg[2], before, leg[1], what) for before, leg, what in zip(movers, legs, whats)]
    mars, last = field.sky["mars"], done.firings[-1].end_tdb + ROUNDS
    ends = [firing.start_tdb for firing in done.firings[1:]] + [last]
    for firing, size, end in zip(done.firings, done.burns_km_s[done.deep :], ends):
        change = firing.after[3:] - firing.before[3:]
        if firing.end_tdb > firing.start_tdb:
            thrust = _coast(way.designation, firing.before, (firing.start_tdb, firing.end_tdb), mars, size)
            legs.append(("braking", thrust, firing.start_tdb))
            change = -firing.before[3:] / np.linalg.norm(firing.before[3:]) * size
        burns.append(Burn(firing.start_tdb, _vector(change), firing.what))
        coast = _coast(way.designation, firing.after, (firing.end_tdb, end), mars)
        legs.append(("captured", coast, firing.end_tdb))
    felt = tuple(burn for burn in burns if burn.delta_v_km_s > FELT)
    return _flight(field, way, legs, last, felt, UNDER_ALL + THERE, AT_MARS, _seam(done, movers[-1], mars))


def _seam(done: Descent, coming: Mover, mars: Mover) -> str:
    """What lies between the path under every pull and the burn, which is flown with Mars's bulge."""
    first = done.firings[0]
    gap = coming.state(first.start_tdb) - mars.state(first.start_tdb) - first.before
    place, speed = float(np.linalg.norm(gap[:3])), float(np.linalg.norm(gap[3:])) / METRE_S
    return f"Mars's bulge before the burn: the path is {place:.2g} km and {speed:.2g} m/s beside where it begins"


def _coast(name: str, state: Array, span: tuple[float, float], mars: Mover, brake_km_s: float = 0.0) -> Sampled:
    """The way about Mars of a state (6,) from it, sampled as densely as it turns.

    brake_km_s   velocity change of a steady burn against the velocity, all the time
    """
    push = (0.0, 0.0, 0.0, brake_km_s / (span[1] - span[0]))
    dates, states = [span[0]], [state]
    while dates[-1] < span[1]:
        turn = float(np.sqrt(np.linalg.norm(states[-1][:3]) ** 3 / orbiting.MU))
        step = min(TURN * turn, LONGEST_STEP, (span[1] - span[0]) / FEWEST)
        ahead = dates[-1] + step if dates[-1] + 1.5 * step < span[1] else span[1]
        states.append(orbiting.fly(states[-1], dates[-1], ahead, mars, thrust_km_s2=push).state)
        dates.append(ahead)
    return Sampled(name, np.array(dates), np.array(states) + mars.state(np.array(dates)))


def _by_the_moon(field: _Field, way: Retrieval) -> Flight:
    """A way into an orbit about the Moon: through the first passage, back to it, braked, and two months there."""
    done = moon_flight.fly(field.target, way, field.place, field.sky)
    if not done.survived or len(done.arcs) < len(TO_MOON):
        raise NoSolution(done.reason or "it is not kept at the Moon")
    legs: list[Leg] = [(label, arc, arc.span[0]) for (label, _), arc in zip(TO_MOON, done.arcs)]
    burns = [
        _between(arc.span[0], before, arc, what)
        for (_, what), (before, arc) in zip(TO_MOON, pairwise((field.target, *done.arcs)))
    ]
    felt = tuple(burn for burn in burns if burn.delta_v_km_s > FELT)
    return _flight(field, way, legs, done.arcs[-1].span[1], felt, UNDER_ALL, INTO_CIRCLE)


def _under_all(field: _Field, state: Array, epoch: float, end: float) -> Trajectory:
    return trajectory.from_state(
        field.target.name, state, epoch, (epoch, end),
        almanac=field.sky, asteroids=False, tolerance=trajectory.BULK,
    )  # fmt: skip


def _flight(
    field: _Field,
    way: Retrieval,
    legs: Sequence[Leg],
    end: float,
    burns: tuple[Burn, ...],
    forces: str,
    *left_out: str,
) -> Flight:
    """The asteroid's own path up to the first burn, then the legs: label, mover, start."""
    depart = legs[0][2]
    first = max(field.target.span[0], depart - BEFORE)
    own = [("its own orbit", field.target, first)] if first < depart else []
    pieces = [piece for leg in (*own, *legs) for piece in _pieces(*leg) if piece[2] < end]
    labels, movers, starts = zip(*pieces, strict=True)
    path = Itinerary(f"{way.designation} to {way.destination}", movers, starts[1:], (starts[0], end))
    return Flight(way, path, labels, burns, forces, (IMPULSES, *left_out))


def _pieces(label: str, mover: Mover, start: float) -> list[Leg]:
    """A leg, or the pieces of one that is an itinerary itself."""
    if not isinstance(mover, Itinerary):
        return [(label, mover, start)]
    return [(label, arc, begin) for arc, begin in zip(mover.arcs, (start, *mover.changes))]


def _pushed(change: ArrayLike) -> Array:
    """A change of velocity (3,) as a change of state (6,)."""
    return np.concatenate([np.zeros(3), np.asarray(change, dtype=float)])


def _between(t: float, before: Mover, after: Mover, what: str) -> Burn:
    return Burn(float(t), _vector(after.state(t)[3:] - before.state(t)[3:]), what)


def _vector(change: Array) -> tuple[float, float, float]:
    x, y, z = change.tolist()
    return x, y, z


FLY: Final[dict[str, Pilots]] = {
    "stable manifold": _along_manifold,
    "Lambert return": _straight,
    "close approach": _past_planet,
    ballistic.WAY: _weakly,
}
