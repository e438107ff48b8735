"""Capture at a close approach that nature offers: aim the asteroid a little, long before, and brake at periapsis.

The asteroid's integrated path gives the approaches. For each, a burn some years ahead moves the passage to the wanted
periapsis (two conditions in the plane across the approach, the smallest push that meets them, under every pull), and
the destination's arrival burn follows. A finite burn loses part of what an impulse would give: that is integrated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.capture import target_plane
from motherlode.capture.destinations import Destination, periapsis_burn
from motherlode.capture.plans import Burn, Retrieval
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import approaches, trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import MotherlodeError, NoSolution
from motherlode.mechanics import lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import AU, DAY, METRE_S, YEAR

Array = NDArray[np.float64]

REACH_KM: Final = {"earth": 0.12 * AU, "mars": 0.08 * AU}  # approaches worth aiming
PERIAPSIS_KM: Final = {
    "earth": 300_000.0,
    "mars": RADIUS_KM["mars"] + 400.0,
}  # Earth: where the Moon does the turning
LEADS: Final = YEAR * np.array([0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0])  # of the first burn before the approach
SHIFTS: Final = DAY * np.arange(-300.0, 301.0, 6.0)  # of the passage from the natural one
EDGE: Final = 20.0 * DAY  # before the approach: where the plane across it is read first
NEAR_KM: Final = 200_000.0  # from the planet: where it is read again, the planet's pull already in charge
CLOSE_KM: Final = 2.0  # a miss in that plane that is none
NUDGE: Final = 1e-5  # km/s, of the differences
SHORT_BURN_S: Final = 1_200.0
HELD: Final = 0.05  # km/s of excess: a body that comes slower is held already, and a periapsis means little
LEAVES_OUT: Final = (
    "the aim assumes an orbit known to kilometres when the push is given; the window says how well it is known now",
    "the burn at periapsis asks for the thrust given beside it; electric tugs cannot give it",
)


@dataclass(frozen=True)
class Encounter:
    """A close approach of an integrated path: epoch, distance, excess speed."""

    epoch_tdb: float
    distance_km: float
    v_infinity_km_s: float


def natural(target: Mover, planet: Mover, span: tuple[float, float]) -> list[Encounter]:
    """Approaches near enough to be aimed, slowest first."""
    table = approaches.find(target, planet, span, within_km=REACH_KM[planet.name])
    rows = [Encounter(r["epoch_tdb"], r["distance_km"], r["v_infinity_km_s"]) for r in table.rows()]
    unbound = [row for row in rows if row.v_infinity_km_s is not None and row.v_infinity_km_s > 0.0]
    return sorted(unbound, key=lambda row: row.v_infinity_km_s)


def powered(
    target: Mover, almanac: Almanac, places: Sequence[Destination], span: tuple[float, float], *, most: int = 4
) -> list[Retrieval]:
    """Captures at the slowest approaches, one per approach and destination, best first.

    target   an integrated trajectory
    places   destinations of one planet that have an arrival burn at periapsis
    most     approaches that are aimed
    """
    planet = almanac[places[0].body]
    found: list[Retrieval] = []
    for encounter in natural(target, planet, span)[:most]:
        aimed = _cheapest_aim(target, almanac, planet, encounter, span)
        if aimed is not None:
            found += [_retrieval(target, place, encounter, aimed) for place in places]
    return sorted(found, key=lambda way: way.delta_v_km_s)


def finite_burn(
    excess2_km2_s2: float, mu: float, periapsis_km: float, delta_v_km_s: float, duration_s: float
) -> float:
    """Velocity change, km/s, that a steady burn around periapsis must give to take off what an impulse would.

    excess2_km2_s2   square of the hyperbolic excess; minus μ/a on an ellipse

    The braking follows the velocity; energy after the burn is compared with that after the impulse.
    """
    v = np.sqrt(excess2_km2_s2 + 2.0 * mu / periapsis_km)

    def energy(total: float) -> float:
        state = _coasted(np.array([periapsis_km, 0.0, 0.0, v]), -0.5 * duration_s, mu, 0.0)
        end = _coasted(state, duration_s, mu, total / duration_s)
        return float(0.5 * (end[2] ** 2 + end[3] ** 2) - mu / np.hypot(end[0], end[1]))

    goal = 0.5 * (v - delta_v_km_s) ** 2 - mu / periapsis_km
    low, high = delta_v_km_s, 4.0 * delta_v_km_s
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if energy(middle) > goal else (low, middle)
    return 0.5 * (low + high)


def thrust_kn(mass_kg: ArrayLike, delta_v_km_s: ArrayLike, duration_s: float = SHORT_BURN_S) -> Array:
    """Thrust, kN, that gives a mass a velocity change in a time."""
    thrust: Array = np.asarray(mass_kg) * np.asarray(delta_v_km_s) / duration_s
    return thrust


def _coasted(state: Array, time: float, mu: float, brake: float) -> Array:
    """Planar motion about the planet with a steady brake along the velocity; fourth-order steps."""

    def rate(s: Array) -> Array:
        pull = mu / np.hypot(s[0], s[1]) ** 3
        speed = np.hypot(s[2], s[3])
        return np.array([s[2], s[3], -pull * s[0] - brake * s[2] / speed, -pull * s[1] - brake * s[3] / speed])

    h = time / 60
    for _ in range(60):
        a = rate(state)
        b = rate(state + 0.5 * h * a)
        c = rate(state + 0.5 * h * b)
        d = rate(state + h * c)
        state = state + h / 6.0 * (a + 2 * b + 2 * c + d)
    return state


@dataclass(frozen=True)
class Aim:
    """A first burn that makes a passage meet its periapsis, under every pull.

    start_tdb      of the burn, and its change of velocity (3,) km/s
    read_tdb       near the planet: where the path is handed over, with the state (6,) from the planet there
    periapsis_tdb  of the hyperbola there, and its excess velocity (3,)
    miss_km        left in the plane across the approach
    """

    start_tdb: float
    push_km_s: Array
    read_tdb: float
    state: Array
    periapsis_tdb: float
    incoming_km_s: Array
    miss_km: float

    @property
    def v_infinity_km_s(self) -> float:
        """Hyperbolic excess."""
        return float(np.linalg.norm(self.incoming_km_s))


Goal = Callable[[Array, Array], Array]  # incoming excess velocity and foot of the asymptote -> the foot wanted


def nearest_side(planet: str) -> Goal:
    """The wanted periapsis on the side on which the passage is already."""

    def foot(incoming: Array, now: Array) -> Array:
        wanted = target_plane.reach(PERIAPSIS_KM[planet], np.linalg.norm(incoming), GM_KM3_S2[planet])
        return np.asarray(wanted * now / np.linalg.norm(now))

    return foot


def aim(
    target: Mover,
    almanac: Almanac,
    planet: Mover,
    start: float,
    passage: float,
    *,
    push: ArrayLike = (0.0, 0.0, 0.0),
    goal: Goal | None = None,
) -> Aim:
    """The smallest change of a first push that brings the passage to its goal: Newton, far out and then near.

    passage   epoch of the approach, roughly
    push      (3,) to begin with, km/s
    goal      by default ``nearest_side``
    raises    NoSolution where it does not come near enough
    """
    goal = goal or nearest_side(planet.name)
    course = Course(target, almanac, planet, start)
    found = course.corrected(np.array(push, dtype=float), passage - EDGE, goal)
    for _ in range(3):  # the passage itself moves by weeks when a distant one is aimed
        back = min(NEAR_KM / found.v_infinity_km_s, EDGE)
        found = course.corrected(found.push_km_s, max(found.periapsis_tdb - back, start + DAY), goal)
        if abs(found.periapsis_tdb - found.read_tdb - back) < 0.5 * back:
            break
    if found.v_infinity_km_s < HELD:
        raise NoSolution(f"{target.name} comes to {planet.name} without an excess of speed: it is held already")
    if found.miss_km > 100.0 * CLOSE_KM:
        raise NoSolution(f"the passage of {target.name} at {planet.name} could not be aimed: {found.miss_km:.0f} km")
    return found


@dataclass(frozen=True)
class Course:
    """A body pushed at an epoch, seen from a planet later."""

    target: Mover
    almanac: Almanac
    planet: Mover
    start: float

    def state(self, push: Array, read: float) -> Array:
        """State (6,) from the planet at an epoch."""
        here = self.target.state(self.start) + np.concatenate([np.zeros(3), push])
        path = trajectory.from_state(
            self.target.name, here, self.start, (self.start, read),
            almanac=self.almanac, asteroids=False, tolerance=trajectory.BULK,
        )  # fmt: skip
        return np.asarray(path.state(read) - self.planet.state(read))

    def corrected(self, push: Array, read: float, goal: Goal) -> Aim:
        """Newton's steps, the shortest that meet the two conditions."""
        mu = GM_KM3_S2[self.planet.name]
        for turn in range(10):
            state = self.state(push, read)
            incoming, foot = target_plane.of_state(state, mu)
            axes = target_plane.axes(incoming, np.array([0.0, 0.0, 1.0]))
            miss = axes @ (foot - goal(incoming, foot))
            if np.linalg.norm(miss) < CLOSE_KM or turn == 9:
                break
            feet = [target_plane.of_state(self.state(push + NUDGE * axis, read), mu)[1] for axis in np.eye(3)]
            slope = np.column_stack([axes @ (moved - foot) / NUDGE for moved in feet])
            best = np.linalg.lstsq(slope, slope @ push - miss, rcond=None)[0]  # the shortest push that meets both
            step = best - push
            push = push + step * min(1.0, 0.2 / float(np.linalg.norm(step)))
        r, v = state[:3], state[3:]
        return Aim(
            self.start, push, read, state, read + _to_periapsis(r, v, mu), incoming, float(np.linalg.norm(miss))
        )


def _to_periapsis(r: Array, v: Array, mu: float) -> float:
    """Time to the periapsis of the hyperbola through a state, s."""
    distance = float(np.linalg.norm(r))
    axis = 1.0 / (max(float(v @ v) - 2.0 * mu / distance, target_plane.SLOWEST**2) / mu)
    h = np.cross(r, v)
    e = float(np.sqrt(1.0 + h @ h / (mu * axis)))
    anomaly = float(np.arccosh(max((distance / axis + 1.0) / e, 1.0)))
    time = float((e * np.sinh(anomaly) - anomaly) * np.sqrt(axis**3 / mu))
    return time if r @ v < 0.0 else -time


def _cheapest_aim(
    target: Mover, almanac: Almanac, planet: Mover, encounter: Encounter, span: tuple[float, float]
) -> Aim | None:
    """The least sum of push and of what braking to an escape costs, over the lead times."""
    aims = []
    for lead in LEADS:
        start = encounter.epoch_tdb - lead
        if start < span[0]:
            continue
        try:
            passage, push = _first_guess(target, planet, start, encounter.epoch_tdb, span)
            aims.append(aim(target, almanac, planet, start, passage, push=push))
        except (MotherlodeError, np.linalg.LinAlgError):
            continue
    return min(aims, key=lambda found: float(np.linalg.norm(found.push_km_s)) + _bare(found, planet), default=None)


def _bare(found: Aim, planet: Mover) -> float:
    return float(periapsis_burn(found.v_infinity_km_s, GM_KM3_S2[planet.name], PERIAPSIS_KM[planet.name]))


def _first_guess(
    target: Mover, planet: Mover, start: float, near: float, span: tuple[float, float]
) -> tuple[float, Array]:
    """Date of the passage and first push by Lambert arcs to the planet's centre, on dates around the approach."""
    dates = near + SHIFTS
    dates = dates[(dates > start + 60.0 * DAY) & (dates < span[1])]
    here, there = target.state(start), planet.state(dates)
    best = (np.inf, near, np.zeros(3))
    for revolutions, branch in ((0, "low"), (1, "low"), (1, "high")):
        v1, v2 = lambert.solve(
            here[:3], there[:, :3], dates - start, GM_KM3_S2["sun"],
            revolutions=revolutions, branch=branch, north=ECLIPTIC_NORTH,
        )  # fmt: skip
        excess = np.linalg.norm(v2 - there[:, 3:], axis=1)
        brake = periapsis_burn(excess, GM_KM3_S2[planet.name], PERIAPSIS_KM[planet.name])
        total = np.linalg.norm(v1 - here[3:], axis=1) + brake
        if np.isfinite(total).any() and np.nanmin(total) < best[0]:
            k = int(np.nanargmin(total))
            best = (float(total[k]), float(dates[k]), v1[k] - here[3:])
    if not np.isfinite(best[0]):
        raise NoSolution(f"no arc leads {target.name} to {planet.name} in the time there is")
    return best[1], best[2]


def _retrieval(target: Mover, place: Destination, natural: Encounter, found: Aim) -> Retrieval:
    v_infinity, push = found.v_infinity_km_s, float(np.linalg.norm(found.push_km_s))
    brakes = place.arrival_burns(v_infinity)
    finite = [finite_burn(b.excess2_km2_s2, b.mu, b.periapsis_km, b.delta_v_km_s, SHORT_BURN_S) for b in brakes]
    facts: dict[str, Any] = {
        "title": place.title,
        "periapsis_km": PERIAPSIS_KM[place.body],
        "natural_distance_km": natural.distance_km,
        "natural_epoch_tdb": natural.epoch_tdb,
        "push_km_s": found.push_km_s.tolist(),
        "incoming_km_s": found.incoming_km_s.tolist(),
        "thrust_kn_per_1000_t": float(thrust_kn(1e6, max(finite))),
        "finite_burn_loss_m_s": sum(f - b.delta_v_km_s for f, b in zip(finite, brakes)) / METRE_S,
    }
    burns = (
        Burn(found.start_tdb, push, "aim the passage"),
        *(Burn(found.periapsis_tdb, brake.delta_v_km_s, brake.what) for brake in brakes),
    )
    return Retrieval(
        str(target.name), place.name, "close approach", burns, found.periapsis_tdb, v_infinity, facts, LEAVES_OUT,
        place.label,
    )  # fmt: skip
