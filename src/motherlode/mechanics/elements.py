"""Orbital elements to and from states, in whatever axes the elements refer to.

Bulk conversion runs in the wide lanes; an ellipse costs about 9 ns. Conventions where an angle has no meaning: on a
circle the periapsis is at the ascending node, on an orbit in the reference plane the node is on the x axis.
"""

from math import pi, sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from motherlode.mechanics import kepler
from motherlode.mechanics.lanes import FAST, LANES, STRIDE, eccentric_anomaly, wrapped

Array = NDArray[np.float64]


class Elements(NamedTuple):
    """Osculating elements, each (...): a < 0 on a hyperbola, where M = e sinh F - F."""

    semi_major_axis_km: Array
    eccentricity: Array
    inclination_rad: Array
    node_rad: Array
    perihelion_argument_rad: Array
    mean_anomaly_rad: Array


def to_state(
    semi_major_axis_km: ArrayLike,
    eccentricity: ArrayLike,
    inclination_rad: ArrayLike,
    node_rad: ArrayLike,
    perihelion_argument_rad: ArrayLike,
    mean_anomaly_rad: ArrayLike,
    mu: ArrayLike,
) -> Array:
    """States (..., 6) km and km/s of elements (...), in the axes of the elements.

    mu       km³/s² of the central body
    returns  (..., 6); NaN where e < 0, where e = 1 (the parabola has no a) or where the sign of a contradicts e
    """
    six = (semi_major_axis_km, eccentricity, inclination_rad, node_rad, perihelion_argument_rad, mean_anomaly_rad)
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in six), np.asarray(mu, dtype=float))
    flat = [np.ascontiguousarray(x).reshape(-1) for x in arrays]
    out = np.empty((flat[0].size, 6))
    _states(flat[0], flat[1], flat[2], flat[3], flat[4], flat[5], flat[6], out)
    return out.reshape(*arrays[0].shape, 6)


def many_dates(
    semi_major_axis_km: float,
    eccentricity: float,
    inclination_rad: float,
    node_rad: float,
    perihelion_argument_rad: float,
    mean_anomaly_rad: float,
    dt: ArrayLike,
    mu: float,
    rotation: ArrayLike | None = None,
) -> Array:
    """States (..., 6) of one ellipse at many times dt (...) s after its epoch: the fast path for an ephemeris.

    rotation  (3, 3) applied to the axes, for example ``frames.ICRF_FROM_ECLIPTIC``
    """
    dt = np.asarray(dt, dtype=float)
    P, Q = perifocal_axes(inclination_rad, node_rad, perihelion_argument_rad)
    if rotation is not None:
        P, Q = np.asarray(rotation) @ P, np.asarray(rotation) @ Q
    out = np.empty((dt.size, 6))
    flat = np.ascontiguousarray(dt).reshape(-1)
    ellipse_at(semi_major_axis_km, eccentricity, mean_anomaly_rad, mu, P, Q, flat, out)
    return out.reshape(*dt.shape, 6)


def perifocal_axes(
    inclination_rad: ArrayLike, node_rad: ArrayLike, perihelion_argument_rad: ArrayLike
) -> tuple[Array, Array]:
    """Unit vectors (..., 3) towards the periapsis and 90° ahead of it in the plane of the orbit."""
    i, node, peri = (np.asarray(x, dtype=float) for x in (inclination_rad, node_rad, perihelion_argument_rad))
    cn, sn, cp, sp, ci, si = np.cos(node), np.sin(node), np.cos(peri), np.sin(peri), np.cos(i), np.sin(i)
    P = np.stack([cn * cp - sn * sp * ci, sn * cp + cn * sp * ci, sp * si], axis=-1)
    Q = np.stack([-cn * sp - sn * cp * ci, -sn * sp + cn * cp * ci, cp * si], axis=-1)
    return P, Q


def from_state(state: ArrayLike, mu: ArrayLike) -> Elements:
    """Osculating elements of states (..., 6) km and km/s, in the axes of the states.

    returns  Elements, angles in [0, 2π) (M of a hyperbola of either sign); a is infinite on a parabola
    """
    state = np.asarray(state, dtype=float)
    mu = np.broadcast_to(np.asarray(mu, dtype=float), state.shape[:-1])
    out = np.empty((mu.size, 6))
    _elements(np.ascontiguousarray(state).reshape(-1, 6), np.ascontiguousarray(mu).reshape(-1), out)
    return Elements(*(out[:, j].reshape(mu.shape) for j in range(6)))


@njit(error_model="numpy", nogil=True, cache=True)
def ellipse_at(a: float, e: float, M0: float, mu: float, P: Any, Q: Any, dt: Any, out: Any) -> None:
    """States of one ellipse at many times, into ``out`` (n, 6)."""
    rows = np.empty(8 * STRIDE)
    motion = sqrt(mu / (a * a * a))
    b = a * sqrt((1.0 - e) * (1.0 + e))
    for start in range(0, dt.size, LANES):
        stop = min(start + LANES, dt.size)
        _anomaly_rows(M0, motion, e, dt[start:stop], rows, stop - start)
        _state_rows(e, motion, a * P[0], a * P[1], a * P[2], b * Q[0], b * Q[1], b * Q[2], rows, stop - start)
        _store_rows(rows, out[start:stop], stop - start)


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def _anomaly_rows(M0: float, motion: float, e: float, dt: Any, rows: Any, n: int) -> None:
    for k in range(n):
        s, c = eccentric_anomaly(wrapped(M0 + motion * dt[k]), e)
        rows[k + 6 * STRIDE] = s
        rows[k + 7 * STRIDE] = c


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def _state_rows(
    e: float, motion: float, px: float, py: float, pz: float, qx: float, qy: float, qz: float, rows: Any, n: int
) -> None:
    for k in range(n):
        s = rows[k + 6 * STRIDE]
        c = rows[k + 7 * STRIDE]
        ce = c - e
        rate = motion / (1.0 - e * c)
        rows[k] = ce * px + s * qx
        rows[k + STRIDE] = ce * py + s * qy
        rows[k + 2 * STRIDE] = ce * pz + s * qz
        rows[k + 3 * STRIDE] = rate * (c * qx - s * px)
        rows[k + 4 * STRIDE] = rate * (c * qy - s * py)
        rows[k + 5 * STRIDE] = rate * (c * qz - s * pz)


@njit(error_model="numpy", nogil=True, cache=True)
def _store_rows(rows: Any, out: Any, n: int) -> None:
    for k in range(n):
        out[k, 0] = rows[k]
        out[k, 1] = rows[k + STRIDE]
        out[k, 2] = rows[k + 2 * STRIDE]
        out[k, 3] = rows[k + 3 * STRIDE]
        out[k, 4] = rows[k + 4 * STRIDE]
        out[k, 5] = rows[k + 5 * STRIDE]


@njit(error_model="numpy", nogil=True, cache=True)
def _states(a: Any, e: Any, i: Any, node: Any, peri: Any, M: Any, mu: Any, out: Any) -> None:
    for k in range(a.size):
        ci = np.cos(i[k])
        si = np.sin(i[k])
        cn = np.cos(node[k])
        sn = np.sin(node[k])
        cp = np.cos(peri[k])
        sp = np.sin(peri[k])
        x, y, vx, vy = in_plane(a[k], e[k], M[k], mu[k])
        px = cn * cp - sn * sp * ci
        py = sn * cp + cn * sp * ci
        pz = sp * si
        qx = -cn * sp - sn * cp * ci
        qy = -sn * sp + cn * cp * ci
        qz = cp * si
        out[k, 0] = x * px + y * qx
        out[k, 1] = x * py + y * qy
        out[k, 2] = x * pz + y * qz
        out[k, 3] = vx * px + vy * qx
        out[k, 4] = vx * py + vy * qy
        out[k, 5] = vx * pz + vy * qz


@njit(error_model="numpy", nogil=True, cache=True)
def in_plane(a: float, e: float, M: float, mu: float) -> tuple[float, float, float, float]:
    """Position and velocity in the plane of the orbit, x towards the periapsis."""
    if e >= 0.0 and e < 1.0 and a > 0.0:
        E = kepler.elliptic_anomaly(M, e)
        s = np.sin(E)
        c = np.cos(E)
        b = a * sqrt((1.0 - e) * (1.0 + e))
        rate = sqrt(mu / a) / (a * (1.0 - e * c))
        return a * (c - e), b * s, -rate * a * s, rate * b * c
    if e > 1.0 and a < 0.0:
        F = kepler.hyperbolic_anomaly(M, e)
        s = np.sinh(F)
        c = np.cosh(F)
        b = -a * sqrt((e - 1.0) * (e + 1.0))
        rate = sqrt(-mu / a) / (-a * (e * c - 1.0))
        return a * (c - e), b * s, rate * a * s, rate * b * c
    return np.nan, np.nan, np.nan, np.nan


@njit(error_model="numpy", nogil=True, cache=True)
def _elements(state: Any, mu: Any, out: Any) -> None:
    for k in range(mu.size):
        _elements_of(state[k], mu[k], out[k])


@njit(error_model="numpy", nogil=True, cache=True)
def _elements_of(rv: Any, mu: float, out: Any) -> None:
    x, y, z, vx, vy, vz = rv[0], rv[1], rv[2], rv[3], rv[4], rv[5]
    hx = y * vz - z * vy
    hy = z * vx - x * vz
    hz = x * vy - y * vx
    h2 = hx * hx + hy * hy + hz * hz
    r = sqrt(x * x + y * y + z * z)
    v2 = vx * vx + vy * vy + vz * vz
    rv_dot = x * vx + y * vy + z * vz
    alpha = 2.0 / r - v2 / mu
    flat = sqrt(hx * hx + hy * hy)
    node = np.arctan2(hx, -hy) if flat > 1e-14 * sqrt(h2) else 0.0
    cn = np.cos(node)
    sn = np.sin(node)
    ci = hz / sqrt(h2)
    si = flat / sqrt(h2)
    along = x * cn + y * sn  # in the plane, from the node
    across = (y * cn - x * sn) * ci + z * si
    latitude = np.arctan2(across, along)
    e_cos = h2 / (mu * r) - 1.0  # e cos ν
    e_sin = sqrt(h2) * rv_dot / (mu * r)  # e sin ν
    e = sqrt(e_cos * e_cos + e_sin * e_sin)
    if e > 0.5:  # the form that keeps a(1 - e) when e is near 1
        e = sqrt(1.0 - h2 / mu * alpha)
    nu = np.arctan2(e_sin, e_cos) if e > 1e-15 else latitude
    out[0] = 1.0 / alpha
    out[1] = e
    out[2] = np.arctan2(flat, hz)
    out[3] = node % (2.0 * pi)
    out[4] = (latitude - nu) % (2.0 * pi)
    out[5] = _mean_anomaly(e, nu, r, rv_dot, alpha, mu)


@njit(error_model="numpy", nogil=True, cache=True)
def _mean_anomaly(e: float, nu: float, r: float, rv_dot: float, alpha: float, mu: float) -> float:
    if e < 0.1:  # from ν, so that it stays in step with the argument of periapsis
        E = nu - 2.0 * np.arctan2(e * np.sin(nu), 1.0 + sqrt(1.0 - e * e) + e * np.cos(nu))
        return float((E - e * np.sin(E)) % (2.0 * pi))
    if alpha > 0.0:
        e_sin_E = rv_dot * sqrt(alpha / mu)
        E = np.arctan2(e_sin_E, 1.0 - r * alpha)
        return float((E - e_sin_E) % (2.0 * pi))
    e_sinh_F = rv_dot * sqrt(-alpha / mu)
    return float(e_sinh_F - np.arcsinh(e_sinh_F / e))
