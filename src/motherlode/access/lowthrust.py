"""Low thrust: what an electric ship has left after a leg, estimated for every leg, optimised for the winners.

``estimate`` answers in microseconds: in the frame that moves along the Lambert arc the ship is free of gravity to
first order, so a leg is a burn, a coast and a burn that change the velocity by what the two impulses would and bring
the ship back onto the arc (after Hennes, Izzo & Landau 2016). ``optimise`` flies constant thrust vectors over equal
segments through the Sun's full gravity, matches both halves in the middle, and minimises the propellant.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import GM_KM3_S2
from motherlode.errors import NoSolution
from motherlode.mechanics import thrust
from motherlode.units import AU

Array = NDArray[np.float64]
MU: Final = GM_KM3_S2["sun"]
SUBSTEPS: Final = 6  # Runge-Kutta steps per segment
SMOOTH: Final = 1e-7  # rounds the corner of |u| at zero, where the optimum coasts


@dataclass(frozen=True)
class Engine:
    """An electric thruster fed by the Sun or by a reactor.

    power_w   at the thruster, at 1 au for solar power
    solar     power falls with the square of the distance, and is no more than twice ``power_w`` near the Sun
    """

    power_w: float
    isp_s: float
    efficiency: float = 0.6
    solar: bool = True

    def force_n(self, distance_km: ArrayLike = AU) -> Any:
        """Thrust in N at a distance from the Sun, (...)."""
        share = np.minimum((AU / np.asarray(distance_km)) ** 2, 2.0) if self.solar else 1.0
        return thrust.force_n(self.power_w, self.isp_s, self.efficiency) * share

    @property
    def exhaust_km_s(self) -> float:
        """Exhaust speed, km/s."""
        return float(thrust.exhaust_speed_km_s(self.isp_s))


@dataclass(frozen=True)
class Estimate:
    """A leg with low thrust, (...) each.

    delta_v_km_s     that the thruster must give; at least that of the two impulses
    thrusting        share of the flight under thrust, above 1 where the thruster is too weak
    final_mass_kg    NaN where it cannot be flown
    feasible         strong enough, and more than the dry mass left
    """

    delta_v_km_s: Array
    thrusting: Array
    final_mass_kg: Array
    feasible: NDArray[np.bool_]


def estimate(
    leave: ArrayLike,
    meet: ArrayLike,
    flight_s: ArrayLike,
    engine: Engine,
    initial_mass_kg: ArrayLike,
    *,
    dry_mass_kg: float = 0.0,
    distance_km: ArrayLike = AU,
) -> Estimate:
    """Mass after an impulsive leg flown with low thrust instead, for any number of legs at once.

    leave, meet  (..., 3) km/s  the two changes of velocity: Lambert's v1 minus that of the start, that of the target
                                minus Lambert's v2
    distance_km  mean distance from the Sun, for solar power
    leaves out   the curvature of the arc while off it, and that a leg with much thrust may choose another arc: good
                 to a few percent where the thrusting share is small, on the safe side where it is large
    """
    leave, meet = np.asarray(leave, dtype=float), np.asarray(meet, dtype=float)
    flight, mass = np.asarray(flight_s, dtype=float), np.asarray(initial_mass_kg, dtype=float)
    force = engine.force_n(distance_km) / 1000.0  # kN: km/s² per kg
    total = leave + meet
    mean = mass + 0 * flight
    for _ in range(60):  # bends towards the fixed point: longer burns move the ship off the arc, which costs more
        acceleration = force / mean
        first, second = _burns(leave, total, flight, acceleration)
        delta_v = first + second
        mean = 0.5 * (mean + 0.5 * mass * (1 + np.exp(-delta_v / engine.exhaust_km_s)))
    share = delta_v / (acceleration * flight)
    final = mass * np.exp(-delta_v / engine.exhaust_km_s)
    feasible = (share <= 1.0) & (final > dry_mass_kg)
    return Estimate(delta_v, share, np.where(feasible, final, np.nan), feasible)


def _burns(leave: Array, total: Array, flight: Array, acceleration: Any) -> tuple[Array, Array]:
    """Sizes of the two burns P + Q = total with P (T - t1/2) + Q t2/2 = leave T, t the lengths of the burns."""
    t1 = np.linalg.norm(leave, axis=-1) / acceleration
    t2 = np.linalg.norm(total - leave, axis=-1) / acceleration
    limit = 0.98 * flight
    for _ in range(40):
        scale = np.minimum(1.0, limit / np.maximum(t1 + t2, 1e-12))
        a, b = t1 * scale, t2 * scale
        P = (leave * flight[..., None] - total * b[..., None] / 2) / (flight - (a + b) / 2)[..., None]
        t1 = 0.5 * (t1 + np.linalg.norm(P, axis=-1) / acceleration)
        t2 = 0.5 * (t2 + np.linalg.norm(total - P, axis=-1) / acceleration)
    return t1 * acceleration, t2 * acceleration


@dataclass(frozen=True)
class Leg:
    """An optimised leg: thrust vectors (segments, 3) N over equal times, and what is left.

    miss_km, miss_km_s  by which the two halves fail to meet
    """

    thrust_n: Array
    flight_s: float
    initial_mass_kg: float
    final_mass_kg: float
    miss_km: float
    miss_km_s: float

    @property
    def propellant_kg(self) -> float:
        """Propellant of the leg, kg."""
        return self.initial_mass_kg - self.final_mass_kg


def optimise(
    start: ArrayLike,
    end: ArrayLike,
    flight_s: float,
    force_n: float,
    isp_s: float,
    initial_mass_kg: float,
    *,
    segments: int = 20,
    guess_n: ArrayLike | None = None,
    mu: float = MU,
) -> Leg:
    """The leg of least propellant from one state to another in a given time, by a nonlinear programme (SLSQP).

    start, end  (6) km, km/s
    force_n     largest thrust; constant along the leg
    guess_n     (segments, 3) thrust to start from; by default a third of the largest, along the motion
    raises      NoSolution where the two halves cannot be brought together within 1 000 km and 1 m/s
    """
    from scipy import optimize

    problem = _Problem(start, end, flight_s, force_n, isp_s, initial_mass_kg, segments, mu)
    minimise: Any = optimize.minimize
    found = minimise(
        problem.propellant,
        problem.guess(guess_n),
        jac=problem.propellant_slope,
        method="SLSQP",
        bounds=problem.bounds,
        constraints=[
            {"type": "eq", "fun": problem.mismatch, "jac": problem.mismatch_slope},
            {"type": "ineq", "fun": problem.room, "jac": problem.room_slope},
        ],
        options={"maxiter": 300, "ftol": 1e-9},
    )
    leg = problem.leg(np.asarray(found.x))
    if leg.miss_km > 1000.0 or leg.miss_km_s > 1e-3:
        raise NoSolution(
            f"no low-thrust leg of {flight_s / 86400:.0f} d with {force_n:g} N and {initial_mass_kg:g} kg was found; "
            f"the halves miss by {leg.miss_km:.0f} km: give it more time, more thrust or less mass"
        )
    return leg


class _Problem:
    """The programme in units of the start: variables are the throttles (segments x 3) and the final mass."""

    def __init__(
        self, start: Any, end: Any, flight: float, force: float, isp: float, mass: float, segments: int, mu: float
    ):
        first, last = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
        self.length = float(np.linalg.norm(first[:3]))
        self.time = sqrt(self.length**3 / mu)
        self.speed = self.length / self.time
        scale = np.repeat([self.length, self.speed], 3)
        self.first, self.last = np.append(first / scale, 1.0), last / scale
        self.flight, self.segments, self.mass, self.force = flight, segments, mass, force
        self.acceleration = force / 1000.0 / mass * self.time / self.speed
        self.exhaust = float(thrust.exhaust_speed_km_s(isp)) / self.speed
        self.step = flight / self.time / segments
        self.bounds = [(-1.0, 1.0)] * (3 * segments) + [(0.05, 1.0)]

    def guess(self, guess_n: Any) -> Array:
        if guess_n is None:
            ahead = self.first[3:6] / np.linalg.norm(self.first[3:6])
            grows = np.sign(np.linalg.norm(self.last[:3]) - 1.0)
            throttles = np.tile(0.3 * grows * ahead, (self.segments, 1))
        else:
            throttles = np.asarray(guess_n, dtype=float) / self.force
        used = np.sum(np.linalg.norm(throttles, axis=1)) * self.step * self.acceleration / self.exhaust
        return np.append(throttles.reshape(-1), max(0.1, 1.0 - used))

    def propellant(self, x: Array) -> float:
        return float(1.0 - x[-1])

    def propellant_slope(self, x: Array) -> Array:
        slope = np.zeros_like(x)
        slope[-1] = -1.0
        return slope

    def mismatch(self, x: Array) -> Array:
        return np.asarray(self._both(np.asarray(x)[None])[0])

    def mismatch_slope(self, x: Array) -> Array:
        h = 1e-6
        x = np.asarray(x)
        ends = self._both(np.concatenate([x + h * np.eye(len(x)), x - h * np.eye(len(x))]))
        return np.asarray((ends[: len(x)] - ends[len(x) :]).T / (2 * h))

    def room(self, x: Array) -> Array:
        return np.asarray(1.0 - np.sum(x[:-1].reshape(-1, 3) ** 2, axis=1))

    def room_slope(self, x: Array) -> Array:
        slope = np.zeros((self.segments, len(x)))
        for k in range(self.segments):
            slope[k, 3 * k : 3 * k + 3] = -2.0 * x[3 * k : 3 * k + 3]
        return slope

    def leg(self, x: Array) -> Leg:
        miss = self.mismatch(x)
        return Leg(
            x[:-1].reshape(-1, 3) * self.force, self.flight, self.mass, float(x[-1]) * self.mass,
            float(np.linalg.norm(miss[:3])) * self.length, float(np.linalg.norm(miss[3:6])) * self.speed,
        )  # fmt: skip

    def _both(self, candidates: Array) -> Array:
        out = np.empty((len(candidates), 7))
        half = self.segments // 2
        _mismatches(
            candidates, self.first, self.last, half, self.segments, self.step, self.acceleration, self.exhaust, out
        )
        return out


@njit(error_model="numpy", nogil=True, cache=True)
def _mismatches(
    candidates: Any, first: Any, last: Any, half: int, segments: int, step: float, acceleration: float,
    exhaust: float, out: Any,
) -> None:  # fmt: skip
    forward, backward = np.empty(7), np.empty(7)
    for row in range(candidates.shape[0]):
        forward[:] = first
        backward[:6] = last
        backward[6] = candidates[row, -1]
        for k in range(half):
            fly(forward, candidates[row, 3 * k : 3 * k + 3], step, acceleration, exhaust)
        for k in range(segments - 1, half - 1, -1):
            fly(backward, candidates[row, 3 * k : 3 * k + 3], -step, acceleration, exhaust)
        out[row] = forward - backward


@njit(error_model="numpy", nogil=True, cache=True)
def fly(y: Any, throttle: Any, time: float, acceleration: float, exhaust: float) -> None:
    """Moves a state (7) with mass under a constant throttle vector, mu = 1, by classical Runge-Kutta steps."""
    h = time / SUBSTEPS
    size = sqrt(throttle[0] ** 2 + throttle[1] ** 2 + throttle[2] ** 2 + SMOOTH * SMOOTH) - SMOOTH
    k1, k2, k3, k4, probe = np.empty(7), np.empty(7), np.empty(7), np.empty(7), np.empty(7)
    for _ in range(SUBSTEPS):
        _rates(y, throttle, size, acceleration, exhaust, k1)
        for j in range(7):
            probe[j] = y[j] + 0.5 * h * k1[j]
        _rates(probe, throttle, size, acceleration, exhaust, k2)
        for j in range(7):
            probe[j] = y[j] + 0.5 * h * k2[j]
        _rates(probe, throttle, size, acceleration, exhaust, k3)
        for j in range(7):
            probe[j] = y[j] + h * k3[j]
        _rates(probe, throttle, size, acceleration, exhaust, k4)
        for j in range(7):
            y[j] += h / 6.0 * (k1[j] + 2.0 * k2[j] + 2.0 * k3[j] + k4[j])


@njit(error_model="numpy", nogil=True, cache=True)
def _rates(y: Any, throttle: Any, size: float, acceleration: float, exhaust: float, out: Any) -> None:
    r2 = y[0] * y[0] + y[1] * y[1] + y[2] * y[2]
    pull = 1.0 / (r2 * sqrt(r2))
    for j in range(3):
        out[j] = y[3 + j]
        out[3 + j] = acceleration / y[6] * throttle[j] - pull * y[j]
    out[6] = -acceleration * size / exhaust
