"""Two-body motion: where a body is after a time, on any conic.

The universal variable with Stumpff's functions serves ellipse, parabola and hyperbola alike; the closed orbit is
first brought back by whole periods. Circular and equatorial orbits need no special case, because only the Lagrange
coefficients f and g act on the vectors.
"""

from math import asinh, copysign, isfinite, pi, sqrt
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def propagate(r: ArrayLike, v: ArrayLike, dt: ArrayLike, mu: ArrayLike) -> tuple[Array, Array]:
    """Position and velocity after a time, forwards or backwards.

    r, v     (..., 3)  km, km/s  state at the start
    dt       (...)     s         time, of either sign
    mu       (...)     km³/s²    of the central body
    returns  r, v (..., 3) km, km/s; NaN where the input is not finite, r is zero or the motion is a fall on a line

    Battin (1999), section 4.5; Danby (1988), section 6.9.
    """
    r, v = np.asarray(r, dtype=float), np.asarray(v, dtype=float)
    dt, mu = np.asarray(dt, dtype=float), np.asarray(mu, dtype=float)
    shape = np.broadcast_shapes(r.shape[:-1], v.shape[:-1], dt.shape, mu.shape)
    out = np.empty((int(np.prod(shape)), 6))
    _propagate_rows(
        np.ascontiguousarray(np.broadcast_to(r, (*shape, 3))).reshape(-1, 3),
        np.ascontiguousarray(np.broadcast_to(v, (*shape, 3))).reshape(-1, 3),
        np.ascontiguousarray(np.broadcast_to(dt, shape)).reshape(-1),
        np.ascontiguousarray(np.broadcast_to(mu, shape)).reshape(-1),
        out,
    )
    return out[:, :3].reshape(*shape, 3), out[:, 3:].reshape(*shape, 3)


def period(semi_major_axis_km: ArrayLike, mu: ArrayLike) -> Any:
    """Time of one revolution, s, (...); NaN on an open orbit."""
    a = np.asarray(semi_major_axis_km, dtype=float)
    return 2 * pi * np.sqrt(np.where(a > 0, a, np.nan) ** 3 / np.asarray(mu))


def anomaly(mean_anomaly_rad: ArrayLike, eccentricity: ArrayLike) -> Array:
    """Eccentric anomaly E, or hyperbolic F where e > 1, (...) rad: M = E - e sin E or M = e sinh F - F."""
    M, e = np.broadcast_arrays(np.asarray(mean_anomaly_rad, dtype=float), np.asarray(eccentricity, dtype=float))
    out = np.empty(M.size)
    _anomalies(np.ascontiguousarray(M).reshape(-1), np.ascontiguousarray(e).reshape(-1), out)
    return out.reshape(M.shape)


@njit(error_model="numpy", nogil=True, cache=True)
def _anomalies(M: Any, e: Any, out: Any) -> None:
    for k in range(out.size):
        out[k] = elliptic_anomaly(M[k], e[k]) if e[k] < 1.0 else hyperbolic_anomaly(M[k], e[k])


@njit(error_model="numpy", nogil=True, cache=True)
def elliptic_anomaly(M: float, e: float) -> float:
    """E of one mean anomaly: Newton's steps on a bracket, so that no eccentricity below 1 escapes."""
    turns = np.rint(M / (2.0 * pi)) * 2.0 * pi
    m = M - turns
    low, high = (m - e, m + e)
    E = m + e * np.sin(m) / (1.0 - np.sin(m + e) + np.sin(m)) if e < 0.8 else copysign(pi, m)
    for _ in range(60):
        if not (low <= E <= high):
            E = 0.5 * (low + high)
        miss = E - e * np.sin(E) - m
        if miss > 0.0:
            high = E
        else:
            low = E
        slope = 1.0 - e * np.cos(E)
        step = miss / (slope - 0.5 * miss * e * np.sin(E) / slope)
        E -= step
        if abs(step) <= 2e-16 * max(1.0, abs(E)):
            break
    return float(E + turns)


@njit(error_model="numpy", nogil=True, cache=True)
def hyperbolic_anomaly(M: float, e: float) -> float:
    """F of one mean anomaly, e > 1: Newton's steps from a guess above the root, where they cannot overshoot."""
    m = abs(M)
    F = asinh(m / (e - 1.0) if m < 0.1 * (e - 1.0) else (m + asinh(m / e + 1.0)) / e)
    for _ in range(80):
        sinh = np.sinh(F)
        slope = e * np.cosh(F) - 1.0
        miss = e * sinh - F - m
        step = miss / (slope - 0.5 * miss * e * sinh / slope)
        F -= step
        if abs(step) <= 2e-16 * max(1.0, F):
            break
    return copysign(F, M)


@njit(error_model="numpy", nogil=True, cache=True)
def _propagate_rows(r: Any, v: Any, dt: Any, mu: Any, out: Any) -> None:
    for k in range(dt.size):
        propagate_one(r[k], v[k], dt[k], mu[k], out[k])


@njit(error_model="numpy", nogil=True, cache=True)
def stumpff(z: float) -> tuple[float, float, float]:
    """c1(z), c2(z), c3(z): (sin √z)/√z, (1 - cos √z)/z, (√z - sin √z)/√z³ and their hyperbolic kin; Danby, 6.9."""
    if abs(z) < 1.0:
        c3, c2 = 1.0, 1.0
        for j in range(10, 0, -1):
            c2 = 1.0 - z * c2 / ((2 * j + 1) * (2 * j + 2))
            c3 = 1.0 - z * c3 / ((2 * j + 2) * (2 * j + 3))
        c3 /= 6.0
        return 1.0 - z * c3, 0.5 * c2, c3
    root = sqrt(abs(z))
    if z > 0.0:
        half = np.sin(0.5 * root)
        sine = np.sin(root)
        return sine / root, 2.0 * half * half / z, (root - sine) / (z * root)
    half = np.sinh(0.5 * root)
    sine = np.sinh(root)
    return sine / root, -2.0 * half * half / z, (root - sine) / (z * root)


@njit(error_model="numpy", nogil=True, cache=True)
def universal_anomaly(r0: float, sigma: float, alpha: float, dt: float, root_mu: float) -> float:
    """χ of a time: r0 χ c1 + σ χ² c2 + χ³ c3 = √μ dt by Laguerre's and Newton's steps inside a bracket.

    r0 km, sigma = r·v/√μ, alpha = 1/a per km; of the sign of dt.
    """
    target = root_mu * abs(dt)
    sigma = copysign(sigma, sigma * dt)
    chi = target / r0 if alpha * r0 < 0.1 else target * alpha
    if alpha < 0.0:
        chi = min(chi, asinh(target * (-alpha) ** 1.5) / sqrt(-alpha) + 3.0 / sqrt(-alpha))
    low, high = 0.0, np.inf
    for _ in range(100):
        c1, c2, c3 = stumpff(alpha * chi * chi)
        reach = chi * (r0 * c1 + chi * (sigma * c2 + chi * c3))
        r = r0 + chi * (sigma * c1 + chi * (c2 - alpha * r0 * c2))
        curve = sigma * (1.0 - alpha * chi * chi * c2) + chi * (1.0 - alpha * r0) * c1
        miss = reach - target
        if miss > 0.0:
            high = min(high, chi)
        else:
            low = max(low, chi)
        root = sqrt(abs(16.0 * r * r - 20.0 * miss * curve))
        step = 5.0 * miss / (r + copysign(root, r))  # Laguerre, n = 5
        if abs(step) <= 3e-16 * chi:
            break
        chi -= step
        if not (low < chi < high):
            chi = 0.5 * (low + high) if isfinite(high) else 2.0 * low + sqrt(r0)
    return copysign(chi, dt)


@njit(error_model="numpy", nogil=True, cache=True)
def _hyperbola(r: Any, v: Any, r0: float, sigma: float, alpha: float, dt: float, root_mu: float, out: Any) -> bool:
    """A clear hyperbola by its axes: far out, f r + g v would be the small difference of large vectors."""
    mu = root_mu * root_mu
    h = np.empty(3)
    h[0] = r[1] * v[2] - r[2] * v[1]
    h[1] = r[2] * v[0] - r[0] * v[2]
    h[2] = r[0] * v[1] - r[1] * v[0]
    h2 = h[0] * h[0] + h[1] * h[1] + h[2] * h[2]
    e = sqrt(1.0 - h2 / mu * alpha)
    if not e > 1.01:
        return False
    P = np.empty(3)
    P[0] = (v[1] * h[2] - v[2] * h[1]) / mu - r[0] / r0
    P[1] = (v[2] * h[0] - v[0] * h[2]) / mu - r[1] / r0
    P[2] = (v[0] * h[1] - v[1] * h[0]) / mu - r[2] / r0
    length = sqrt(P[0] * P[0] + P[1] * P[1] + P[2] * P[2])
    a = -1.0 / alpha
    e_sinh = sigma / sqrt(a)
    M = e_sinh - asinh(e_sinh / e) + root_mu * dt / (a * sqrt(a))
    F = hyperbolic_anomaly(M, e)
    s = np.sinh(F)
    c = np.cosh(F)
    x = a * (e - c)
    y = a * sqrt((e - 1.0) * (e + 1.0)) * s
    rate = root_mu / (sqrt(a) * (e * c - 1.0))
    vx = -rate * s
    vy = rate * sqrt((e - 1.0) * (e + 1.0)) * c
    for j in range(3):
        p = P[j] / length
        q = (h[(j + 1) % 3] * P[(j + 2) % 3] - h[(j + 2) % 3] * P[(j + 1) % 3]) / (sqrt(h2) * length)
        out[j] = x * p + y * q
        out[3 + j] = vx * p + vy * q
    return True


@njit(error_model="numpy", nogil=True, cache=True)
def propagate_one(r: Any, v: Any, dt: float, mu: float, out: Any) -> None:
    """The state (6) of one body after a time, into ``out``."""
    r0 = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2])
    root_mu = sqrt(mu)
    sigma = (r[0] * v[0] + r[1] * v[1] + r[2] * v[2]) / root_mu
    alpha = 2.0 / r0 - (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) / mu
    if not (isfinite(alpha) and isfinite(dt) and r0 > 0.0 and mu > 0.0):
        out[:] = np.nan
        return
    if alpha < 0.0 and _hyperbola(r, v, r0, sigma, alpha, dt, root_mu, out):
        return
    if alpha > 0.0:
        turn = 2.0 * pi / (root_mu * alpha * sqrt(alpha))
        dt -= np.rint(dt / turn) * turn
    chi = universal_anomaly(r0, sigma, alpha, dt, root_mu)
    c1, c2, _ = stumpff(alpha * chi * chi)
    r1 = r0 + chi * (sigma * c1 + chi * (c2 - alpha * r0 * c2))
    f = 1.0 - chi * chi * c2 / r0
    g = chi * (r0 * c1 + sigma * chi * c2) / root_mu  # dt - χ³ c3/√μ without the difference
    df = -root_mu * chi * c1 / (r0 * r1)
    dg = 1.0 - chi * chi * c2 / r1
    for j in range(3):
        out[j] = f * r[j] + g * v[j]
        out[3 + j] = df * r[j] + dg * v[j]
