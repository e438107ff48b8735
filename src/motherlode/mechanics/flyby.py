"""Gravity assists: how far a planet turns a hyperbola, and what a burn at its periapsis adds."""

from math import asin, copysign, sqrt
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def turn_angle(v_infinity_km_s: ArrayLike, periapsis_km: ArrayLike, mu: ArrayLike) -> Any:
    """Angle in rad, (...), by which a fly-by turns the relative velocity: 2 asin(1/e), e = 1 + r v²/μ."""
    e = 1.0 + np.asarray(periapsis_km) * np.asarray(v_infinity_km_s) ** 2 / np.asarray(mu)
    return 2.0 * np.arcsin(1.0 / e)


def oberth(v_infinity_km_s: ArrayLike, periapsis_km: ArrayLike, mu: ArrayLike) -> Any:
    """Speed in km/s, (...), at the periapsis of a hyperbola with that speed far away."""
    return np.sqrt(np.asarray(v_infinity_km_s) ** 2 + 2.0 * np.asarray(mu) / np.asarray(periapsis_km))


def powered(v_in: ArrayLike, v_out: ArrayLike, mu: float, lowest_periapsis_km: float) -> tuple[Array, Array]:
    """Burn at periapsis that turns one relative velocity into another.

    v_in, v_out  (..., 3)  km/s   relative to the planet, far away
    returns      delta_v (...) km/s and periapsis radius (...) km; where even the lowest periapsis cannot turn far
                 enough, the radius is the lowest and delta_v adds what the missing angle costs at infinity

    δ = asin(1/e_in) + asin(1/e_out), e = 1 + r v²/μ: solved for r.
    """
    v_in, v_out = np.asarray(v_in, dtype=float), np.asarray(v_out, dtype=float)
    shape = np.broadcast_shapes(v_in.shape, v_out.shape)
    v_in, v_out = (np.ascontiguousarray(np.broadcast_to(v, shape)) for v in (v_in, v_out))
    delta_v, periapsis = np.empty(v_in.shape[:-1]), np.empty(v_in.shape[:-1])
    flat = (v_in.reshape(-1, 3), v_out.reshape(-1, 3))
    _powered_rows(*flat, mu, lowest_periapsis_km, delta_v.reshape(-1), periapsis.reshape(-1))
    return delta_v, periapsis


@njit(error_model="numpy", nogil=True, cache=True)
def _powered_rows(v_in: Any, v_out: Any, mu: float, lowest: float, delta_v: Any, periapsis: Any) -> None:
    for k in range(delta_v.size):
        delta_v[k], periapsis[k] = powered_one(v_in[k], v_out[k], mu, lowest)


@njit(error_model="numpy", nogil=True, cache=True)
def powered_one(v_in: Any, v_out: Any, mu: float, lowest: float) -> tuple[float, float]:
    """Burn and periapsis of one powered fly-by; see ``powered``."""
    vi2 = v_in[0] ** 2 + v_in[1] ** 2 + v_in[2] ** 2
    vo2 = v_out[0] ** 2 + v_out[1] ** 2 + v_out[2] ** 2
    dot = v_in[0] * v_out[0] + v_in[1] * v_out[1] + v_in[2] * v_out[2]
    turn = np.arccos(min(1.0, max(-1.0, dot / sqrt(vi2 * vo2))))
    r = periapsis_one(vi2, vo2, turn, mu)
    burn = abs(sqrt(vi2 + 2.0 * mu / max(r, lowest)) - sqrt(vo2 + 2.0 * mu / max(r, lowest)))
    if r >= lowest:
        return burn, r
    possible = asin(1.0 / (1.0 + lowest * vi2 / mu)) + asin(1.0 / (1.0 + lowest * vo2 / mu))
    return burn + 2.0 * sqrt(min(vi2, vo2)) * np.sin(0.5 * (turn - possible)), lowest


@njit(error_model="numpy", nogil=True, cache=True)
def periapsis_one(vi2: float, vo2: float, turn: float, mu: float) -> float:
    """Periapsis radius at which asin(1/e_in) + asin(1/e_out) is the turn: Newton's steps on log r."""
    if turn < 1e-12:
        return np.inf
    log_r = np.log(mu / sqrt(vi2 * vo2) * (1.0 / np.sin(0.5 * turn) - 1.0) + 1e-300)
    for _ in range(50):
        r = np.exp(log_r)
        ei = 1.0 + r * vi2 / mu
        eo = 1.0 + r * vo2 / mu
        miss = asin(1.0 / ei) + asin(1.0 / eo) - turn
        slope = -r * (vi2 / (mu * ei * sqrt(ei * ei - 1.0)) + vo2 / (mu * eo * sqrt(eo * eo - 1.0)))
        step = miss / slope
        log_r -= copysign(min(abs(step), 2.0), step)
        if abs(step) < 1e-14:
            break
    return float(np.exp(log_r))
