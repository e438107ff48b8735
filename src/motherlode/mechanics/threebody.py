"""Motion in the restricted problem of three bodies, circular or elliptic, and the coordinates it lives in.

Rotating frame, origin at the barycentre, primaries at x = -μ and 1 - μ, unit length their distance, unit time such
that they turn by one radian. The flow is integrated by its own Taylor series: with both distances as power series
the coefficients of the motion follow by recurrence, so a step of order 22 costs seven products of series, carries
double precision, and answers for every moment inside the step.

With an eccentricity the same coordinates pulsate with the distance of the primaries, the true anomaly f takes the
place of time, and the gradient of the potential is divided by 1 + e cos f; libration points stay where they are.

Szebehely (1967), Theory of Orbits; Jorba & Zou (2005), doi:10.1080/10586458.2005.10128904 for the step size.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import GM_KM3_S2
from motherlode.mechanics.taylor import ORDER, evaluate, series, step, variations
from motherlode.units import AU

Array = NDArray[np.float64]

MOST_STEPS: Final = 20_000  # a lane that needs more runs into a primary


@dataclass(frozen=True)
class System:
    """Two primaries on circles about each other.

    mu         mass of the smaller over the sum
    length_km  their distance
    time_s     time in which they turn by one radian
    """

    name: str
    larger: str
    smaller: str
    mu: float
    length_km: float
    time_s: float
    source: str


def _about_sun(planet: str, mass: str, length_km: float) -> System:
    """Sun and planet with DE440 masses and the period that belongs to the distance."""
    total = GM_KM3_S2["sun"] + GM_KM3_S2[mass]
    time_s = sqrt(length_km**3 / total)
    return System(f"sun-{planet}", "sun", planet, GM_KM3_S2[mass] / total, length_km, time_s, "DE440 masses")


_JPL = "JPL three-body periodic orbits tables"
SYSTEMS: Final = {
    system.name: system
    for system in (
        _about_sun("earth", "emb", 1.000_001_018 * AU),  # semi-major axis of the Earth-Moon barycentre, Standish
        _about_sun("mars", "mars", 1.523_679_34 * AU),
        System("earth-moon", "earth", "moon", 0.01215058560962404, 389_703.264829278, 382_981.289129055, _JPL),
        System("mars-phobos", "mars", "phobos", 1.611081404409632e-8, 9_468.0, 4_452.0, _JPL),
        System("sun-earth-jpl", "sun", "earth", 3.0542e-6, 149_597_871.0, 5_022_635.0, _JPL),
        System("sun-mars-jpl", "sun", "mars", 3.227154996101724e-7, 208_321_282.0, 8_253_622.0, _JPL),
    )
}


def libration_point(mu: float, point: int) -> Array:
    """Position (3,) of one of the five points of equilibrium; 1 between the primaries, 2 beyond the smaller."""
    if point in (4, 5):
        return np.array([0.5 - mu, (9 - 2 * point) * sqrt(0.75), 0.0])
    hill = (mu / 3.0) ** (1.0 / 3.0)
    x = {1: 1.0 - mu - hill, 2: 1.0 - mu + hill, 3: -1.0 - 5.0 * mu / 12.0}[point]
    for _ in range(50):
        a, b = x + mu, x - 1.0 + mu
        pull = (1.0 - mu) * a / abs(a) ** 3 + mu * b / abs(b) ** 3
        slope = 1.0 + 2.0 * (1.0 - mu) / abs(a) ** 3 + 2.0 * mu / abs(b) ** 3
        x -= (x - pull) / slope
    return np.array([x, 0.0, 0.0])


def jacobi(state: ArrayLike, mu: float) -> Array:
    """Jacobi constant of states (..., 6), without the term μ(1 - μ)."""
    x, y, z, u, v, w = np.moveaxis(np.asarray(state, dtype=float), -1, 0)
    r1 = np.sqrt((x + mu) ** 2 + y**2 + z**2)
    r2 = np.sqrt((x - 1.0 + mu) ** 2 + y**2 + z**2)
    constant: Array = x**2 + y**2 + 2.0 * (1.0 - mu) / r1 + 2.0 * mu / r2 - (u**2 + v**2 + w**2)
    return constant


def propagate(
    state: ArrayLike,
    duration: ArrayLike,
    mu: float,
    *,
    eccentricity: float = 0.0,
    anomaly: ArrayLike = 0.0,
    tolerance: float = 1e-16,
) -> Array:
    """States after a duration, which may be negative; NaN in a lane that runs into a primary.

    state         (..., 6)  rotating (and pulsating) frame, units of the system
    duration      (...)     units of the system; with an eccentricity a difference of true anomalies
    eccentricity            of the orbit of the primaries
    anomaly       (...)     true anomaly at the start
    tolerance               of one step, relative to the state
    """
    states, durations, shape = _lanes(state, duration)
    anomalies = np.ascontiguousarray(np.broadcast_to(np.asarray(anomaly, dtype=float), shape).reshape(-1))
    end: Array = _propagate(states, durations, mu, eccentricity, anomalies, tolerance)
    return end.reshape(*shape, 6)


def propagate_with_stm(state: ArrayLike, duration: ArrayLike, mu: float) -> tuple[Array, Array]:
    """States after a duration and the matrices that carry small changes there, (..., 6) and (..., 6, 6)."""
    states, durations, shape = _lanes(state, duration)
    end, stm = _propagate_with_stm(states, durations, mu, 1e-16)
    return end.reshape(*shape, 6), stm.reshape(*shape, 6, 6)


def trace(state: ArrayLike, times: ArrayLike, mu: float) -> Array:
    """States (n, 6) of one trajectory at times (n,) counted from its start, all forward or all backward."""
    path: Array = _trace(
        np.ascontiguousarray(state, dtype=float), np.ascontiguousarray(times, dtype=float), mu, 1e-16
    )
    return path


def to_section(
    state: ArrayLike,
    angle: ArrayLike,
    longest: float,
    mu: float,
    *,
    eccentricity: float = 0.0,
    anomaly: ArrayLike = 0.0,
    nearest: float = 0.0,
) -> tuple[Array, Array]:
    """Where trajectories, followed backward in time, cross a half-plane through the larger primary.

    state     (..., 6)  rotating frame
    angle     (...)     of the half-plane from the line of the primaries; its sign is the side to be crossed on
    longest             time after which a lane is given up
    eccentricity, anomaly (...)  of the primaries, as in ``propagate``
    nearest             a lane is given up where it is closer to the smaller primary at the end of a step
    returns   state (..., 6) on the section and the time (...) from there to the start; NaN where not reached
    """
    states, angles, shape = _lanes(state, angle)
    anomalies = np.ascontiguousarray(np.broadcast_to(np.asarray(anomaly, dtype=float), shape).reshape(-1))
    end, time = _to_section(states, angles, longest, mu, eccentricity, anomalies, nearest, 1e-14)
    return end.reshape(*shape, 6), time.reshape(shape)


def _lanes(state: ArrayLike, scalar: ArrayLike) -> tuple[Array, Array, tuple[int, ...]]:
    states, scalars = np.asarray(state, dtype=float), np.asarray(scalar, dtype=float)
    shape = np.broadcast_shapes(states.shape[:-1], scalars.shape)
    flat = np.ascontiguousarray(np.broadcast_to(states, (*shape, 6)).reshape(-1, 6))
    return flat, np.ascontiguousarray(np.broadcast_to(scalars, shape).reshape(-1)), shape


@njit(cache=True, nogil=True, error_model="numpy")
def _propagate(states: Any, durations: Any, mu: float, e: float, anomalies: Any, tolerance: float) -> Any:
    c = np.empty((ORDER + 1, 6))
    b = np.empty((13, ORDER + 1))
    out = np.full(states.shape, np.nan)
    for lane in range(len(states)):
        c[0] = states[lane]
        left = durations[lane]
        anomaly = anomalies[lane]
        for _ in range(MOST_STEPS):
            series(c, b, mu, e, anomaly)
            h = step(c, tolerance)
            last = h >= abs(left)
            h = left if last else (h if left > 0.0 else -h)
            evaluate(c, h, out[lane])
            if last:
                break
            c[0] = out[lane]
            left -= h
            anomaly += h
        else:
            out[lane] = np.nan
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _propagate_with_stm(states: Any, durations: Any, mu: float, tolerance: float) -> Any:
    c = np.empty((ORDER + 1, 6))
    b = np.empty((20, ORDER + 1))
    f = np.empty((ORDER + 1, 6, 6))
    out = np.full(states.shape, np.nan)
    stm = np.full((len(states), 6, 6), np.nan)
    for lane in range(len(states)):
        c[0] = states[lane]
        stm[lane] = np.eye(6)
        left = durations[lane]
        for _ in range(MOST_STEPS):
            f[0] = stm[lane]
            series(c, b, mu, 0.0, 0.0)
            variations(f, b, mu)
            h = step(c, tolerance)
            last = h >= abs(left)
            h = left if last else (h if left > 0.0 else -h)
            evaluate(c, h, out[lane])
            stm[lane] = f[ORDER]
            for k in range(ORDER - 1, -1, -1):
                stm[lane] = stm[lane] * h + f[k]
            if last:
                break
            c[0] = out[lane]
            left -= h
        else:
            out[lane] = np.nan
            stm[lane] = np.nan
    return out, stm


@njit(cache=True, nogil=True, error_model="numpy")
def _trace(state: Any, times: Any, mu: float, tolerance: float) -> Any:
    c = np.empty((ORDER + 1, 6))
    b = np.empty((13, ORDER + 1))
    out = np.full((len(times), 6), np.nan)
    c[0] = state
    now = 0.0
    i = 0
    sign = 1.0 if times[-1] >= 0.0 else -1.0
    for _ in range(MOST_STEPS):
        series(c, b, mu, 0.0, 0.0)
        h = step(c, tolerance)
        while i < len(times) and abs(times[i] - now) <= h:
            evaluate(c, times[i] - now, out[i])
            i += 1
        if i == len(times):
            break
        evaluate(c, sign * h, c[0])
        now += sign * h
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _to_section(
    states: Any, angles: Any, longest: float, mu: float, e: float, anomalies: Any, nearest: float, tolerance: float
) -> Any:
    c = np.empty((ORDER + 1, 6))
    b = np.empty((13, ORDER + 1))
    out = np.full(states.shape, np.nan)
    time = np.full(len(states), np.nan)
    now = np.empty(6)
    for lane in range(len(states)):
        c[0] = states[lane]
        sine = np.sin(angles[lane])
        cosine = np.cos(angles[lane])
        side = 1.0 if angles[lane] > 0.0 else -1.0
        past = 0.0
        for _ in range(MOST_STEPS):
            series(c, b, mu, e, anomalies[lane] - past)
            h = step(c, tolerance)
            evaluate(c, -h, now)
            beyond = side * (now[1] * cosine - (now[0] + mu) * sine) > 0.0 and now[0] + mu > 0.0
            if beyond:
                near = 0.0
                far = h
                back = 0.5 * h
                for _ in range(60):  # Newton on the polynomial of the step, inside a bracket
                    evaluate(c, -back, now)
                    miss = now[1] * cosine - (now[0] + mu) * sine
                    if side * miss > 0.0:
                        far = back
                    else:
                        near = back
                    better = back + miss / (now[4] * cosine - now[3] * sine)
                    if not near < better < far:
                        better = 0.5 * (near + far)
                    if abs(better - back) < 1e-15:
                        break
                    back = better
                evaluate(c, -back, out[lane])
                time[lane] = past + back
                break
            c[0] = now
            past += h
            away = (now[0] - 1.0 + mu) ** 2 + now[1] ** 2 + now[2] ** 2
            if past > longest or away > 4.1 or away < nearest * nearest:
                break
    return out, time
