"""Passages of the Moon as it really moves: what they take off a body that comes to the Earth, and what is left.

The incoming asymptote is given; of the days about the arrival each has one hyperbola about the Earth that leads
through the place of the Moon. There the Moon turns the body as far as its lowest passage allows. A passage that
leaves less than escape has captured it for nothing, but it comes back to the Moon as fast as it left. What slows it
is the Sun: so the turned paths are followed under every pull, and the slowest return to the Moon is braked.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.capture.destinations import MOON_FAR_KM, MOON_PERIAPSIS_KM, Destination, into_circle
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import orbit as orbits
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.units import DAY, HOUR, METRE_S

Array = NDArray[np.float64]

EARTH: Final = GM_KM3_S2["earth"]
MOON: Final = GM_KM3_S2["moon"]
DATES: Final = np.arange(-14.0, 14.01, 0.125) * DAY  # of the meeting, about the arrival: half a month either way
EDGE_KM: Final = 60_000.0  # from the Moon: inside it alone pulls, outside the path is followed
TURNS: Final = np.array([0.3, 0.5, 0.7, 0.85, 1.0])  # of the largest turn, that are followed
CLOCK: Final = 2.0 * np.pi * np.arange(24) / 24.0  # directions of the turn
MEETINGS: Final = 6  # dates of meeting whose turned paths are followed
FOLLOWED: Final = 250.0 * DAY
LOOK: Final = 3.0 * HOUR


@dataclass(frozen=True)
class Meeting:
    """One passage of the Moon on the way in.

    epoch_tdb        and the excess velocity (3,) relative to the Moon, km/s
    c3_before        about the Earth, km²/s², and the least after the passage
    perigee_km       of the hyperbola, where it comes before the Moon; infinite otherwise
    """

    epoch_tdb: float
    excess_km_s: Array
    c3_before: float
    c3_after: float
    perigee_km: float

    @property
    def speed_km_s(self) -> float:
        """Relative to the Moon, far from it."""
        return float(np.linalg.norm(self.excess_km_s))


@dataclass(frozen=True)
class Passage:
    """How a body is brought to a stop at the Moon.

    meeting      the first
    flybys       C3 after each unpowered passage, km²/s², in order; empty where it is braked at once
    brake_km_s   burns into the destination
    speed_km_s   relative to the Moon, far from it, at the braked passage
    epoch_tdb    of the braking
    leaving      heliocentric state (6,) after the first passage, and its epoch; None where that one is braked
    """

    meeting: Meeting
    flybys: tuple[float, ...]
    brake_km_s: float
    speed_km_s: float
    epoch_tdb: float
    leaving: tuple[Array, float] | None = None

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units."""
        before = (self.meeting.c3_before, *self.flybys)
        return {
            "flybys": len(self.flybys),
            "c3_before_km2_s2": self.meeting.c3_before,
            "c3_after_each_flyby_km2_s2": list(self.flybys),
            "c3_taken_by_each_flyby_km2_s2": [a - b for a, b in pairwise(before)],
            "c3_best_single_flyby_km2_s2": self.meeting.c3_after,
            "speed_at_moon_km_s": self.speed_km_s,
            "brake_m_s": self.brake_km_s / METRE_S,
            "first_passage_tdb": self.meeting.epoch_tdb,
            "leaving_km": None if self.leaving is None else self.leaving[0].tolist(),
            "leaving_tdb": None if self.leaving is None else self.leaving[1],
            "perigee_km": None if np.isinf(self.meeting.perigee_km) else self.meeting.perigee_km,
        }


def meetings(incoming: ArrayLike, arrival_tdb: float, almanac: Almanac, *, lowest_km: float) -> list[Meeting]:
    """Passages of the Moon on the dates about an arrival, slowest first.

    incoming    (3,) excess velocity over the Earth, ICRF
    lowest_km   least perigee before the Moon, from the Earth's centre
    """
    asymptote = np.asarray(incoming, dtype=float)
    dates = arrival_tdb + DATES
    dates = dates[(dates > almanac.span[0]) & (dates < almanac.span[1])]
    moon = almanac["moon"].state(dates) - almanac["earth"].state(dates)
    r, distance = moon[:, :3], np.linalg.norm(moon[:, :3], axis=1)
    v, perigee = through(asymptote, r)
    excess = v - moon[:, 3:]
    speed = np.linalg.norm(excess, axis=1)
    after = _turned(excess, moon[:, 3:], MOON_PERIAPSIS_KM)
    c3 = np.sum(after**2, 1) - 2.0 * EARTH / distance
    ours = np.flatnonzero(perigee >= lowest_km)
    before = float(asymptote @ asymptote)
    return [
        Meeting(float(dates[k]), excess[k], before, float(c3[k]), float(perigee[k]))
        for k in ours[np.argsort(speed[ours])]
    ]


def through(incoming: Array, r: Array) -> tuple[Array, Array]:
    """Velocity (n, 3) at places (n, 3) of the hyperbolas with an incoming asymptote, and the perigee met before, km.

    v = (D + v/2) s - (D - v/2) r/|r|, D = √(μ/((1 + cos θ) r) + v²/4), θ between the place and where it came from.
    """
    speed = float(np.linalg.norm(incoming))
    s = incoming / speed
    distance = np.linalg.norm(r, axis=1)
    out = r / distance[:, None]
    with np.errstate(divide="ignore"):
        d = np.sqrt(EARTH / ((1.0 - out @ s) * distance) + 0.25 * speed**2)
    v = (d + 0.5 * speed)[:, None] * s - (d - 0.5 * speed)[:, None] * out
    h2 = np.sum(np.cross(r, v) ** 2, 1)
    e = np.sqrt(1.0 + speed**2 * h2 / EARTH**2)
    perigee = np.where(np.sum(r * v, 1) > 0.0, h2 / EARTH / (1.0 + e), np.inf)
    return v, perigee


def _turned(excess: Array, moon: Array, periapsis_km: float) -> Array:
    """Velocities (n, 3) about the Earth after the turn that slows most, of excess (n, 3) about a Moon that moves."""
    speed = np.linalg.norm(excess, axis=1)
    most = 2.0 * np.arcsin(1.0 / (1.0 + periapsis_km * speed**2 / MOON))
    here, goal = excess / speed[:, None], -moon / np.linalg.norm(moon, axis=1)[:, None]
    cosine = np.clip(np.sum(here * goal, 1), -1.0, 1.0)
    turn = np.minimum(most, np.arccos(cosine))
    side = goal - cosine[:, None] * here
    side /= np.maximum(np.linalg.norm(side, axis=1), 1e-12)[:, None]
    return np.asarray(moon + speed[:, None] * (np.cos(turn)[:, None] * here + np.sin(turn)[:, None] * side))


def found(
    incoming: ArrayLike, arrival_tdb: float, place: Destination, almanac: Almanac, *, lowest_km: float
) -> list[Passage]:
    """Ways to be braked at the Moon, cheapest first: at once, and after passages that cost nothing; empty where none.

    place   lunar orbit with its radius
    """
    met = meetings(incoming, arrival_tdb, almanac, lowest_km=lowest_km)
    if not met:
        return []
    first = met[0]
    passages = [Passage(first, (), _brake(first.speed_km_s, place), first.speed_km_s, first.epoch_tdb)]
    bound = _apart([meeting for meeting in met if meeting.c3_after < 0.0])
    for meeting in bound[:MEETINGS]:
        passages += _returned(meeting, place, almanac)
    return sorted(passages, key=lambda passage: passage.brake_km_s)


def _apart(met: list[Meeting]) -> list[Meeting]:
    """Meetings more than two days from every better one."""
    kept: list[Meeting] = []
    for meeting in met:
        if all(abs(meeting.epoch_tdb - other.epoch_tdb) > 2.0 * DAY for other in kept):
            kept.append(meeting)
    return kept


def _brake(speed_km_s: float, place: Destination) -> float:
    return float(into_circle(speed_km_s, MOON, place.radius_km, MOON_PERIAPSIS_KM, MOON_FAR_KM))


def _returned(meeting: Meeting, place: Destination, almanac: Almanac) -> list[Passage]:
    """The slowest return to the Moon of the paths that leave a meeting, turned by this and that."""
    states, epoch = _leaving(meeting, almanac)
    until = min(epoch + FOLLOWED, float(almanac.span[1]) - DAY)
    dates = np.arange(epoch, until, LOOK)
    bodies = orbits.from_state(np.full(len(states), "turned"), states, np.full(len(states), epoch))
    paths = trajectory.tabulate(bodies, dates, almanac=almanac)
    earth, moon = almanac["earth"].state(dates), almanac["moon"].state(dates)
    best: Passage | None = None
    for start, path in zip(states, paths):
        passage = _slowest(path, earth, moon, dates, meeting, place)
        if passage is not None and (best is None or passage.brake_km_s < best.brake_km_s):
            best = replace(passage, leaving=(start, epoch))
    return [best] if best else []


def _leaving(meeting: Meeting, almanac: Almanac) -> tuple[Array, float]:
    """Heliocentric states (n, 6) at the edge of the Moon's reach after turns to every side that leave no escape."""
    speed = meeting.speed_km_s
    epoch = meeting.epoch_tdb + EDGE_KM / np.sqrt(speed**2 + 2.0 * MOON / EDGE_KM)
    moon, earth = almanac["moon"].state(epoch), almanac["earth"].state(epoch)
    here = meeting.excess_km_s / speed
    one = np.cross(here, [0.0, 0.0, 1.0])
    one /= np.linalg.norm(one)
    two = np.cross(here, one)
    most = 2.0 * np.arcsin(1.0 / (1.0 + MOON_PERIAPSIS_KM * speed**2 / MOON))
    turn, clock = (x.reshape(-1, 1) for x in np.meshgrid(TURNS * most, CLOCK))
    side = np.cos(clock) * one + np.sin(clock) * two
    states = moon + _turned_away(here, side, turn, speed)
    return states[_c3(states - earth) < 0.0], epoch


def _turned_away(here: Array, side: Array, turn: Array, speed: float) -> Array:
    """States (n, 6) from the Moon, at the edge, of hyperbolas that turn from ``here`` towards a side by an angle."""
    out = np.cos(turn) * here + np.sin(turn) * side
    pole = np.cross(here, side)
    e = 1.0 / np.sin(0.5 * turn)
    axis = MOON / speed**2
    momentum = np.sqrt(MOON * axis * (e * e - 1.0))
    towards = -out / e - np.sqrt(1.0 - 1.0 / e**2) * np.cross(pole, out)
    along = np.cross(pole, towards)
    cosine = (momentum**2 / (MOON * EDGE_KM) - 1.0) / e
    sine = np.sqrt(1.0 - cosine**2)
    place = EDGE_KM * (cosine * towards + sine * along)
    return np.concatenate([place, MOON / momentum * (-sine * towards + (e + cosine) * along)], 1)


def _slowest(
    path: Array, earth: Array, moon: Array, dates: Array, meeting: Meeting, place: Destination
) -> Passage | None:
    """The return to the Moon that is braked for least, with the fly-bys before it; None where Earth comes first."""
    here, around = path - moon, path - earth
    distance = np.linalg.norm(here[:, :3], axis=1)
    from_earth = np.linalg.norm(around[:, :3], axis=1)
    low = np.flatnonzero(~(from_earth > RADIUS_KM["earth"] + 1_000.0))  # NaN as well: it has ended
    last = int(low[0]) if len(low) else len(dates)
    inner = distance[1:-1]
    near = np.flatnonzero((inner < distance[:-2]) & (inner <= distance[2:]) & (inner < EDGE_KM)) + 1
    near = near[(near < last) & (dates[near] > dates[0] + 5.0 * DAY)]
    if not len(near):
        return None
    squared = np.sum(here[near, 3:] ** 2, 1) - 2.0 * MOON / distance[near]
    speeds = np.sqrt(np.maximum(squared, 0.0))
    k = int(np.argmin(speeds))
    after = [float(_c3(around[8]))]  # a day later
    after += [float(_c3(around[min(int(row) + 16, last - 1)])) for row in near[:k]]
    return Passage(meeting, tuple(after), _brake(float(speeds[k]), place), float(speeds[k]), float(dates[near[k]]))


def _c3(state: Array) -> Array:
    """Twice the energy about the Earth, km²/s², of states (..., 6)."""
    return np.asarray(np.sum(state[..., 3:] ** 2, -1) - 2.0 * EARTH / np.linalg.norm(state[..., :3], axis=-1))
