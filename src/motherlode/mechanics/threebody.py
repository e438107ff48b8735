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
from motherlode.units import AU

Array = NDArray[np.float64]

ORDER: Final = 22  # of the Taylor series: ln(1e-16)/-2 and a little, where work per unit of time is least
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


@njit(error_model="numpy", fastmath={"contract"}, inline="never", forceinline=True)
def _series(c: Any, b: Any, mu: float, e: float, f: float) -> None:
    """Taylor coefficients c[k] = x y z u v w of order k from the state c[0]; rows of ``b`` hold the other series.

    d = x - 1 + μ, r2² = d² + y² + z², r1² = r2² + 2d + 1, ω = (1-μ)/r1³ + μ/r2³:
    x'' = x + 2y' - dω - (1-μ)/r1³,  y'' = y - 2x' - yω,  z'' = -zω.
    Seen from the smaller primary nothing cancels in a close passage. With e > 0 the gradient is multiplied by the
    series of 1/(1 + e cos f), and z'' = gradient/(1 + e cos f) - z.
    """
    cosine = np.cos(f)
    sine = np.sin(f)
    for k in range(ORDER):
        b[0, k] = c[k, 0]
        b[1, k] = c[k, 1]
        b[2, k] = c[k, 2]
        if k == 0:
            b[0, 0] += mu - 1.0
        s = 0.0
        for j in range(k + 1):
            s += b[0, j] * b[0, k - j] + b[1, j] * b[1, k - j] + b[2, j] * b[2, k - j]
        b[3, k] = s
        b[4, k] = s + 2.0 * b[0, k] + (1.0 if k == 0 else 0.0)
        if k == 0:
            b[5, 0] = s**-1.5
            b[6, 0] = b[4, 0] ** -1.5
        else:
            p = 0.0
            q = 0.0
            for j in range(k):  # the power -3/2 of a series
                weight = -1.5 * k + 0.5 * j
                p += weight * b[3, k - j] * b[5, j]
                q += weight * b[4, k - j] * b[6, j]
            b[5, k] = p / (k * b[3, 0])
            b[6, k] = q / (k * b[4, 0])
        b[7, k] = mu * b[5, k] + (1.0 - mu) * b[6, k]
        ax = 0.0
        ay = 0.0
        az = 0.0
        for j in range(k + 1):
            ax += b[0, j] * b[7, k - j]
            ay += b[1, j] * b[7, k - j]
            az += b[2, j] * b[7, k - j]
        n = 1.0 / (k + 1.0)
        c[k + 1, 0] = c[k, 3] * n
        c[k + 1, 1] = c[k, 4] * n
        c[k + 1, 2] = c[k, 5] * n
        ax = c[k, 0] - ax - (1.0 - mu) * b[6, k]
        ay = c[k, 1] - ay
        az = -az
        if e > 0.0:
            b[10, k] = ax
            b[11, k] = ay
            b[12, k] = az + c[k, 2]
            b[8, k] = 1.0 + e * cosine if k == 0 else e * cosine  # 1 + e cos f, then its reciprocal
            cosine, sine = -sine * n, cosine * n
            q = 1.0 if k == 0 else 0.0
            for j in range(k):
                q -= b[8, k - j] * b[9, j]
            b[9, k] = q / b[8, 0]
            ax = 0.0
            ay = 0.0
            az = -c[k, 2]
            for j in range(k + 1):
                ax += b[9, j] * b[10, k - j]
                ay += b[9, j] * b[11, k - j]
                az += b[9, j] * b[12, k - j]
        c[k + 1, 3] = (ax + 2.0 * c[k, 4]) * n
        c[k + 1, 4] = (ay - 2.0 * c[k, 3]) * n
        c[k + 1, 5] = az * n


@njit(cache=True, nogil=True, error_model="numpy", inline="never")
def _variations(f: Any, b: Any, mu: float) -> None:
    """Taylor coefficients f[k] (6, 6) of the state-transition matrix along the series in ``b``.

    The Hessian of the potential needs ρ = r⁻⁵ as ω needs r⁻³: κ = (1-μ)ρ1 + μρ2, g = dκ + (1-μ)ρ1.
    """
    for k in range(ORDER):
        if k == 0:
            b[8, 0] = b[3, 0] ** -2.5
            b[9, 0] = b[4, 0] ** -2.5
        else:
            p = 0.0
            q = 0.0
            for j in range(k):
                weight = -2.5 * k + 1.5 * j
                p += weight * b[3, k - j] * b[8, j]
                q += weight * b[4, k - j] * b[9, j]
            b[8, k] = p / (k * b[3, 0])
            b[9, k] = q / (k * b[4, 0])
        b[10, k] = mu * b[8, k] + (1.0 - mu) * b[9, k]
        g = 0.0
        yk = 0.0
        zk = 0.0
        for j in range(k + 1):
            g += b[0, j] * b[10, k - j]
            yk += b[1, j] * b[10, k - j]
            zk += b[2, j] * b[10, k - j]
        b[11, k] = g + (1.0 - mu) * b[9, k]
        b[12, k] = yk
        b[13, k] = zk
        xx = 0.0
        xy = 0.0
        xz = 0.0
        yy = 0.0
        yz = 0.0
        zz = 0.0
        for j in range(k + 1):
            xx += b[0, j] * (b[11, k - j] + (1.0 - mu) * b[9, k - j])
            xy += b[1, j] * b[11, k - j]
            xz += b[2, j] * b[11, k - j]
            yy += b[1, j] * b[12, k - j]
            yz += b[2, j] * b[12, k - j]
            zz += b[2, j] * b[13, k - j]
        one = 1.0 if k == 0 else 0.0
        b[14, k] = one - b[7, k] + 3.0 * (xx + (1.0 - mu) * b[9, k])
        b[15, k] = 3.0 * xy
        b[16, k] = 3.0 * xz
        b[17, k] = one - b[7, k] + 3.0 * yy
        b[18, k] = 3.0 * yz
        b[19, k] = 3.0 * zz - b[7, k]
        n = 1.0 / (k + 1.0)
        for i in range(6):
            ax = 0.0
            ay = 0.0
            az = 0.0
            for j in range(k + 1):
                x = f[k - j, 0, i]
                y = f[k - j, 1, i]
                z = f[k - j, 2, i]
                ax += b[14, j] * x + b[15, j] * y + b[16, j] * z
                ay += b[15, j] * x + b[17, j] * y + b[18, j] * z
                az += b[16, j] * x + b[18, j] * y + b[19, j] * z
            f[k + 1, 0, i] = f[k, 3, i] * n
            f[k + 1, 1, i] = f[k, 4, i] * n
            f[k + 1, 2, i] = f[k, 5, i] * n
            f[k + 1, 3, i] = (ax + 2.0 * f[k, 4, i]) * n
            f[k + 1, 4, i] = (ay - 2.0 * f[k, 3, i]) * n
            f[k + 1, 5, i] = az * n


@njit(cache=True, nogil=True, error_model="numpy")
def _step(c: Any, tolerance: float) -> float:
    """Length of a step: the last two coefficients tell the radius of convergence."""
    last = 0.0
    before = 0.0
    size = 0.0
    for i in range(6):
        size = max(size, abs(c[0, i]))
        last = max(last, abs(c[ORDER, i]))
        before = max(before, abs(c[ORDER - 1, i]))
    scale = tolerance * max(size, 1e-3)
    by_last = (scale / max(last, 1e-300)) ** (1.0 / ORDER)
    by_before = (scale / max(before, 1e-300)) ** (1.0 / (ORDER - 1))
    return float(min(by_last, by_before))


@njit(cache=True, nogil=True, error_model="numpy")
def _evaluate(c: Any, h: float, out: Any) -> None:
    for i in range(6):
        value = c[ORDER, i]
        for k in range(ORDER - 1, -1, -1):
            value = value * h + c[k, i]
        out[i] = value


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
            _series(c, b, mu, e, anomaly)
            h = _step(c, tolerance)
            last = h >= abs(left)
            h = left if last else (h if left > 0.0 else -h)
            _evaluate(c, h, out[lane])
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
            _series(c, b, mu, 0.0, 0.0)
            _variations(f, b, mu)
            h = _step(c, tolerance)
            last = h >= abs(left)
            h = left if last else (h if left > 0.0 else -h)
            _evaluate(c, h, out[lane])
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
        _series(c, b, mu, 0.0, 0.0)
        h = _step(c, tolerance)
        while i < len(times) and abs(times[i] - now) <= h:
            _evaluate(c, times[i] - now, out[i])
            i += 1
        if i == len(times):
            break
        _evaluate(c, sign * h, c[0])
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
            _series(c, b, mu, e, anomalies[lane] - past)
            h = _step(c, tolerance)
            _evaluate(c, -h, now)
            beyond = side * (now[1] * cosine - (now[0] + mu) * sine) > 0.0 and now[0] + mu > 0.0
            if beyond:
                near = 0.0
                far = h
                back = 0.5 * h
                for _ in range(60):  # Newton on the polynomial of the step, inside a bracket
                    _evaluate(c, -back, now)
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
                _evaluate(c, -back, out[lane])
                time[lane] = past + back
                break
            c[0] = now
            past += h
            away = (now[0] - 1.0 + mu) ** 2 + now[1] ** 2 + now[2] ** 2
            if past > longest or away > 4.1 or away < nearest * nearest:
                break
    return out, time
