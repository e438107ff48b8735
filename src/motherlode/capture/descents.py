"""Flown at Mars: from the first burn under every pull to the periapsis, through the burns as given, on for years.

The aim is corrected on the integrated path until the periapsis stands. Each burn is then spread over its time of
thrust and integrated; what it costs more than an impulse is its loss. Circles are entered by a wide ellipse, at whose
far end the plane is turned into Mars's equator.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import encounters, orbiting, target_plane
from motherlode.capture.destinations import (
    MARS_FAR_KM,
    MARS_PERIAPSIS_KM,
    MARS_SOL_AXIS_KM,
    Destination,
    phobos_dro_insertion,
)
from motherlode.capture.orbiting import MU, POLE
from motherlode.capture.plans import Retrieval
from motherlode.constants import RADIUS_KM
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import MotherlodeError, NoSolution
from motherlode.units import METRE_S, YEAR

Array = NDArray[np.float64]

STAY: Final = 5.0 * YEAR
LOWEST_KM: Final = 300.0  # above Mars: below this an orbit is not kept
RAISES: Final = 3  # of a periapsis that the Sun would lower too far, at most
BEYOND_KM: Final = 400_000.0  # from Mars: a body out here is no longer held
SIDES: Final = 2.0 * np.pi * np.arange(72) / 72.0  # of the planet on which a passage may be aimed


@dataclass(frozen=True)
class Firing:
    """A burn as it was given: states (6,) from the planet before and after it, and their epochs."""

    what: str
    before: Array
    start_tdb: float
    after: Array
    end_tdb: float


@dataclass(frozen=True)
class Descent:
    """What became of a plan to an orbit about Mars or the Moon.

    impulses_km_s   the first push, then the burns at Mars as impulses
    burns_km_s      the same as flown
    stayed_s        from the last burn on, of the time asked for
    lowest_km       above the surface in that time, and the highest distance from the planet's centre
    push_km_s       the corrected first burn (3,), heliocentric ICRF
    deep            how many of the burns are in deep space
    before          state (6,) from Mars, and epoch, at the start of the first burn there
    after           the same when the last has ended
    arcs            heliocentric paths in order of time, the first from the first burn on, as far as they were flown
    firings         burns about Mars in order of time; none of a circle, whose last turn of the plane is no path
    """

    survived: bool
    impulses_km_s: tuple[float, ...] = ()
    burns_km_s: tuple[float, ...] = ()
    stayed_s: float = 0.0
    lowest_km: float = float("nan")
    highest_km: float = float("nan")
    miss_km: float = float("nan")
    inclination_rad: float = float("nan")
    push_km_s: Array | None = None
    deep: int = 1
    before: tuple[Array, float] | None = None
    after: tuple[Array, float] | None = None
    reason: str = ""
    arcs: tuple[Trajectory, ...] = ()
    firings: tuple[Firing, ...] = ()

    @property
    def loss_km_s(self) -> float:
        """What the burns cost more than impulses."""
        return sum(self.burns_km_s) - sum(self.impulses_km_s)

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units."""
        told: dict[str, Any] = {
            "delta_v_m_s": sum(self.burns_km_s) / METRE_S,
            "burns_m_s": [burn / METRE_S for burn in self.burns_km_s],
            "finite_burn_loss_m_s": self.loss_km_s / METRE_S,
            "station_keeping_m_s": 0.0,
            "miss_km": self.miss_km,
            "lowest_height_km": self.lowest_km,
            "farthest_km": self.highest_km,
            "inclination_deg": float(np.degrees(self.inclination_rad)),
        }
        return {
            "survived": self.survived,
            "stayed_yr": float(self.stayed_s) / YEAR,
            **(told if self.burns_km_s else dict.fromkeys(told)),
            "reason": self.reason,
            "forces": "Sun, planets, Moon to Mars; there Mars with its bulge and the Sun, without its moons",
        }


def fly(
    target: Mover,
    way: Retrieval,
    place: Destination,
    almanac: Almanac,
    *,
    thrust_s: float = encounters.SHORT_BURN_S,
    stay: float = STAY,
) -> Descent:
    """A plan to an orbit about Mars flown again; never raises for a plan that fails.

    way        with its first burn as a vector: ``push_km_s`` or ``leave_km_s``
    thrust_s   of each burn at a periapsis
    stay       followed after the last burn, s
    """
    mars = almanac["mars"]
    first = way.orbit.get("push_km_s", way.orbit.get("leave_km_s"))
    if first is None:
        return Descent(False, reason="the plan does not say in which direction its first burn goes")
    tried: list[Descent] = []
    for goal in [_cheapest_side(place)] if place.radius_km else [None, *map(_given_side, SIDES[::12])]:
        try:
            found = encounters.aim(target, almanac, mars, way.depart_tdb, way.arrive_tdb, push=first, goal=goal)
            push = [float(np.linalg.norm(found.push_km_s))]
            down = braked(
                found.state, found.read_tdb, found.periapsis_tdb, push, place, mars, thrust_s, stay,
                miss_km=found.miss_km, push_km_s=found.push_km_s,
            )  # fmt: skip
            tried.append(down)
        except (MotherlodeError, np.linalg.LinAlgError) as problem:
            tried.append(Descent(False, reason=str(problem)))
        if tried[-1].survived:
            break
    return max(tried, key=lambda flown: (flown.survived, flown.stayed_s, flown.lowest_km))


def braked(
    state: Array,
    epoch: float,
    periapsis_tdb: float,
    before_mars: Sequence[float],
    place: Destination,
    mars: Mover,
    thrust_s: float,
    stay: float,
    *,
    miss_km: float,
    push_km_s: Array,
    arcs: tuple[Trajectory, ...] = (),
) -> Descent:
    """The burns about Mars and the stay after them, from a state (6,) from Mars before or at its periapsis.

    before_mars   burns in deep space, km/s, that have led here
    """
    craft = _Craft(np.array(state), epoch, mars, thrust_s)
    craft.coast_to(periapsis_tdb - 0.5 * thrust_s)
    before = craft.state.copy(), craft.epoch
    axis = MARS_SOL_AXIS_KM if place.name == "mars-1sol" else 0.5 * (MARS_PERIAPSIS_KM + MARS_FAR_KM)
    impulses, burns = [*before_mars, craft.impulse_to(axis)], [*before_mars, craft.brake_to(axis)]
    if place.radius_km:
        for impulse, burn in craft.into_circle(place.radius_km):
            impulses.append(impulse)
            burns.append(burn)
    if place.name == "phobos-dro":  # about Phobos itself: from its own problem, not flown
        impulses.append(phobos_dro_insertion())
        burns.append(impulses[-1])
    leg = orbiting.fly(craft.state, craft.epoch, craft.epoch + stay, mars, gone_km=BEYOND_KM)
    for _ in range(RAISES):
        missing = RADIUS_KM["mars"] + LOWEST_KM - leg.lowest_km
        if missing <= 0.0 or leg.highest_km > BEYOND_KM:
            break
        burns.append(craft.raise_by(missing + 20.0))
        impulses.append(burns[-1])
        leg = orbiting.fly(craft.state, craft.epoch, craft.epoch + stay, mars, gone_km=BEYOND_KM)
    after = craft.state.copy(), craft.epoch
    height = leg.lowest_km - RADIUS_KM["mars"]
    survived = bool(leg.epoch_tdb >= after[1] + stay - 1.0 and height >= LOWEST_KM)
    reason = "" if survived else f"lowest {height:.0f} km above Mars, farthest {leg.highest_km:.0f} km from it"
    return Descent(
        survived, tuple(map(float, impulses)), tuple(map(float, burns)), leg.epoch_tdb - after[1], height,
        leg.highest_km, miss_km, _inclination(after[0]), push_km_s, len(before_mars), before, after, reason, arcs,
        () if place.radius_km else tuple(craft.firings),
    )  # fmt: skip


@dataclass
class _Craft:
    """A body about Mars on its way through its burns."""

    state: Array
    epoch: float
    mars: Mover
    thrust_s: float
    firings: list[Firing] = field(default_factory=list)

    def coast_to(self, epoch: float) -> None:
        """Move on without a burn; raises NoSolution where it meets Mars or leaves."""
        leg = orbiting.fly(self.state, self.epoch, epoch, self.mars, gone_km=5e6)
        if abs(leg.epoch_tdb - epoch) > 1.0:
            raise NoSolution(f"on its way between burns it comes to {leg.lowest_km:.0f} km from Mars's centre")
        self.state, self.epoch = leg.state, epoch

    def impulse_to(self, axis_km: float) -> float:
        """Braking at the osculating periapsis, as an impulse, that leaves this semi-major axis."""
        speed, radius = _at_periapsis(self.state)
        return float(speed - np.sqrt(MU * (2.0 / radius - 1.0 / axis_km)))

    def brake_to(self, axis_km: float) -> float:
        """Brake against the velocity for the time of thrust; returns the velocity change that leaves this axis."""
        end = self.epoch + self.thrust_s

        def after(total: float) -> orbiting.Leg:
            push = (0.0, 0.0, 0.0, total / self.thrust_s)
            return orbiting.fly(self.state, self.epoch, end, self.mars, thrust_km_s2=push)

        low, high = 0.0, 4.0 * self.impulse_to(axis_km) + 0.01
        for _ in range(50):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if _energy(after(middle).state) > -0.5 * MU / axis_km else (low, middle)
        before, start = self.state, self.epoch
        self.state, self.epoch = after(high).state, end
        self.firings.append(Firing("braked at the periapsis", before, start, self.state, end))
        return high

    def raise_by(self, height_km: float) -> float:
        """Raise the periapsis at the next apoapsis, before the Sun lowers it too far; returns the burn, km/s."""
        self.state, self.epoch, burn = higher(self.state, self.epoch, height_km, self.mars)
        along = self.state[3:] / np.linalg.norm(self.state[3:])
        before = self.state - np.concatenate([np.zeros(3), burn * along])
        self.firings.append(Firing("raises the periapsis", before, self.epoch, self.state, self.epoch))
        return burn

    def into_circle(self, radius_km: float) -> list[tuple[float, float]]:
        """Raise the periapsis and turn the plane far out, round off at the radius; (impulse, as flown) of each."""
        self._coast_to_apsis(np.pi)
        turn = _far_burn(self.state, radius_km)
        self.state[3:] += turn
        far = float(np.linalg.norm(turn))
        self._coast_to_apsis(0.0)
        ring = _ring_burn(self.state)
        impulse = float(np.linalg.norm(ring))
        burn = self._steady(ring)
        left = [(far, far), (impulse, burn)]
        tilt = _inclination(self.state)
        if tilt > np.radians(0.5):
            left.append((2.0 * float(np.sqrt(MU / radius_km)) * np.sin(0.5 * tilt),) * 2)
            self.state = _levelled(self.state)
        return left

    def _steady(self, change: Array) -> float:
        """Give a velocity change (3,) at a steady rate about now; returns what reaching the circle's energy takes."""
        centre = self.state.copy()
        goal = _energy(np.concatenate([centre[:3], centre[3:] + change]))
        self.coast_to(self.epoch - 0.5 * self.thrust_s)
        end = self.epoch + self.thrust_s

        def after(share: float) -> orbiting.Leg:
            push = (*(share * change / self.thrust_s), 0.0)
            return orbiting.fly(self.state, self.epoch, end, self.mars, thrust_km_s2=push)

        low, high = 0.8, 1.6
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if _energy(after(middle).state) > goal else (low, middle)
        self.state, self.epoch = after(high).state, end
        return high * float(np.linalg.norm(change))

    def _coast_to_apsis(self, mean_anomaly: float) -> None:
        """To the next periapsis (0) or apoapsis (π) of the orbit, which the Sun bends on the way: three looks."""
        for look in range(3):
            anomaly, motion = _mean_anomaly(self.state)
            ahead = (mean_anomaly - anomaly) % (2.0 * np.pi)
            if look and ahead > np.pi:
                ahead -= 2.0 * np.pi
            self.coast_to(self.epoch + ahead / motion)


def _given_side(angle: float) -> encounters.Goal:
    """The foot at an angle from Mars's equator: what the Sun does to an ellipse depends on how it lies."""

    def foot(incoming: Array, now: Array) -> Array:
        one, two = target_plane.axes(incoming, POLE)
        wanted = target_plane.reach(MARS_PERIAPSIS_KM, np.linalg.norm(incoming), MU)
        return np.asarray(wanted * (np.cos(angle) * one + np.sin(angle) * two))

    return foot


def _cheapest_side(place: Destination) -> encounters.Goal:
    """The foot of the asymptote from which the circle costs least."""

    def foot(incoming: Array, now: Array) -> Array:
        feet = [_given_side(side)(incoming, now) for side in SIDES]
        return feet[int(np.argmin([_plane_cost(incoming, side, place.radius_km) for side in feet]))]

    return foot


def _plane_cost(incoming: Array, foot: Array, radius_km: float) -> float:
    """Far burn, ring and what tilt is left, km/s, after a passage with this foot."""
    towards, along, periapsis = target_plane.hyperbola(incoming, foot, MU)
    speed = np.sqrt(2.0 * MU / MARS_FAR_KM - 2.0 * MU / (periapsis + MARS_FAR_KM))
    state = np.concatenate([-MARS_FAR_KM * towards, -speed * along])
    turn = _far_burn(state, radius_km)
    tilt = abs(np.arcsin(np.clip(towards @ POLE, -1.0, 1.0)))
    return float(np.linalg.norm(turn) + 2.0 * np.sqrt(MU / radius_km) * np.sin(0.5 * tilt))


def _far_burn(state: Array, radius_km: float) -> Array:
    """Velocity change (3,) that leaves an orbit down to the radius, prograde, in the plane nearest to the equator."""
    distance = float(np.linalg.norm(state[:3]))
    out = state[:3] / distance
    pole = POLE - out * (POLE @ out)
    pole /= np.linalg.norm(pole)
    speed = np.sqrt(2.0 * MU / distance - 2.0 * MU / (distance + radius_km))
    return np.asarray(speed * np.cross(pole, out) - state[3:])


def _ring_burn(state: Array) -> Array:
    """Velocity change (3,) into the circle through here, in the plane of the motion."""
    r, v = state[:3], state[3:]
    h = np.cross(r, v)
    across = np.cross(h, r)
    return np.asarray(across / np.linalg.norm(across) * np.sqrt(MU / np.linalg.norm(r)) - v)


def _levelled(state: Array) -> Array:
    """The same orbit turned about its line of nodes into the equator."""
    h = np.cross(state[:3], state[3:])
    h /= np.linalg.norm(h)
    axis = np.cross(h, POLE)
    sine, cosine = np.linalg.norm(axis), h @ POLE
    axis /= sine

    def turned(x: Array) -> Array:
        return np.asarray(x * cosine + np.cross(axis, x) * sine + axis * (axis @ x) * (1.0 - cosine))

    return np.concatenate([turned(state[:3]), turned(state[3:])])


def higher(state: Array, epoch: float, by_km: float, mars: Mover) -> tuple[Array, float, float]:
    """The orbit with its periapsis raised, by an impulse at the next apoapsis: state, epoch, and the burn, km/s."""
    for _ in range(2):
        ahead = time_to_apoapsis(state)
        state, epoch = orbiting.fly(state, epoch, epoch + ahead, mars).state, epoch + ahead
    r, v = state[:3], state[3:]
    distance, speed = float(np.linalg.norm(r)), float(np.linalg.norm(v))
    periapsis = 1.0 / (2.0 * MU / (distance * speed) ** 2 - 1.0 / distance)
    wanted = np.sqrt(2.0 * MU * (1.0 / distance - 1.0 / (distance + periapsis + by_km)))
    return np.concatenate([r, v * wanted / speed]), epoch, float(wanted - speed)


def time_to_apoapsis(state: Array) -> float:
    """Seconds to the nearest apoapsis of the ellipse through a state from Mars; negative where it has just passed."""
    anomaly, motion = _mean_anomaly(state)
    ahead = (np.pi - anomaly) % (2.0 * np.pi)
    return float((ahead - 2.0 * np.pi if ahead > 1.9 * np.pi else ahead) / motion)


def _energy(state: Array) -> float:
    return float(0.5 * state[3:] @ state[3:] - MU / np.linalg.norm(state[:3]))


def _inclination(state: Array) -> float:
    """To Mars's equator, rad."""
    h = np.cross(state[:3], state[3:])
    return float(np.arccos(np.clip(h @ POLE / np.linalg.norm(h), -1.0, 1.0)))


def _at_periapsis(state: Array) -> tuple[float, float]:
    """Speed and radius at the periapsis of the conic through a state."""
    h = float(np.linalg.norm(np.cross(state[:3], state[3:])))
    e = float(np.sqrt(max(1.0 + 2.0 * _energy(state) * h * h / MU**2, 0.0)))
    radius = h * h / MU / (1.0 + e)
    return h / radius, radius


def _mean_anomaly(state: Array) -> tuple[float, float]:
    """Mean anomaly, rad, and mean motion, rad/s, of an ellipse."""
    r, v = state[:3], state[3:]
    distance = float(np.linalg.norm(r))
    axis = -0.5 * MU / _energy(state)
    e_cos, e_sin = 1.0 - distance / axis, float(r @ v) / float(np.sqrt(MU * axis))
    return float(np.arctan2(e_sin, e_cos)) - e_sin, float(np.sqrt(MU / axis**3))
