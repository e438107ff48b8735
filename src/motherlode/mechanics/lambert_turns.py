"""Lambert's problem with revolutions, for blocks of problems: the least time of flight and the branches beside it.

The rows and the arithmetic are those of ``lambert_lanes``; ``turns`` is Mπ for M revolutions; ``side`` is 1 for the
branch of low energy and -1 for the other.
"""

from math import pi, sqrt
from typing import Any

import numpy as np
from numba import njit

from motherlode.mechanics.lambert_lanes import (
    ALIGNED,
    CONVERGED,
    CURVE,
    DOUBT,
    LAMBDA,
    ONE_L2,
    SETTLED,
    SINE2,
    STEP,
    T_MIN,
    TIME,
    X_MIN,
    Four,
    X,
    derivatives,
    exact_time,
    half_angle,
    householder,
    last_step,
    quotient,
    with_turns,
)
from motherlode.mechanics.lanes import FAST, two_thirds_power


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def rough_half_angle_ratio(s: float) -> tuple[float, float]:
    """Numerator and denominator of w(s) within 3.4e-8, s in [0, 8]: half the work of the exact ratio."""
    n = 0.5200235441003053 + s * 0.04004023509280235
    n = 1.7162818486218818 + s * n
    n = 1.5707963803529146 + s * n
    d = 0.5214939511535601 + s * 0.040021211349723744
    d = 1.843336997143199 + s * d
    d = 2.365860936975434 + s * d
    return n, 1.0 + s * d


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def rough_time(x: float, lam: float, one_l2: float) -> tuple[float, float, float]:
    """T(x) without revolutions as a quotient, and y, within 1e-7: for the early steps away from the parabola."""
    s, eta, y = half_angle(x, lam, one_l2)
    n, d = rough_half_angle_ratio(s)
    num, den = quotient(n, d, s, 2.0 * s * s, eta, lam)
    return num, den, y


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def start_minimum(b: Any, n: int) -> None:
    for k in range(n):
        b[k + X_MIN] = 0.0


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def halley(num: float, den: float, x: float, y: float, q: float, lam: float, one_l2: float) -> Four:
    """A step towards T' = 0: the new x, T and T'' there by their series, and how far it went."""
    t, d1, d2, d3 = derivatives(num, den, x, y, q, lam, one_l2)
    better = x - 2.0 * d1 * d2 / (2.0 * d2 * d2 - d1 * d3)
    better = 0.9 if better > 0.9 else better
    better = -0.9 if better < -0.9 else better
    h = better - x
    return better, t + h * (d1 + h * (0.5 * d2 + h * d3 * (1.0 / 6.0))), d2 + h * d3, abs(h)


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def improve_minimum(b: Any, n: int, turns: float) -> None:
    """An early step towards the least time of flight, with the quick time; ``turns`` = Mπ."""
    for k in range(n):
        lam = b[k + LAMBDA]
        one_l2 = b[k + ONE_L2]
        x = b[k + X_MIN]
        q = 1.0 - x * x
        num, den, y = rough_time(x, lam, one_l2)
        num, den = with_turns(num, den, q, turns)
        b[k + X_MIN] = halley(num, den, x, y, q, lam, one_l2)[0]


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def finish_minimum(b: Any, n: int, turns: float) -> None:
    """The last step towards the least time of flight, with the exact time, and what the branches start from."""
    for k in range(n):
        lam = b[k + LAMBDA]
        one_l2 = b[k + ONE_L2]
        x = b[k + X_MIN]
        q = 1.0 - x * x
        num, den, y = exact_time(x, q, lam, one_l2)
        num, den = with_turns(num, den, q, turns)
        better, t_min, curve, settled = halley(num, den, x, y, q, lam, one_l2)
        b[k + X_MIN] = better
        b[k + T_MIN] = t_min
        b[k + CURVE] = curve
        b[k + SETTLED] = settled


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def guess_branch(b: Any, n: int, turns: float, side: float) -> None:
    """First guess on one side of the minimum: its parabola near it, Izzo's formula (eq. 31) away from it."""
    for k in range(n):
        T = b[k + TIME]
        x_min = b[k + X_MIN]
        t_min = b[k + T_MIN]
        left = two_thirds_power((turns + pi) / (8.0 * T))
        right = two_thirds_power(8.0 * T / turns)
        q = right if side > 0.0 else left
        far = (q - 1.0) / (q + 1.0)
        above = T - t_min
        above = 0.0 if above < 0.0 else above
        near = x_min + side * sqrt(2.0 * above / b[k + CURVE])
        blend = above / (t_min * 0.15)
        blend = 1.0 if blend > 1.0 else blend
        x = blend * far + (1.0 - blend) * near
        wall = x_min + side * 1e-9
        b[k + X] = wall if side * (x - wall) < 0.0 else x


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def kept_aside(better: float, x: float, x_min: float, side: float) -> float:
    """x after a step, kept inside (-1, 1) and on its side of the minimum: halfway to a wall that it would pass."""
    low = x_min if side > 0.0 else -1.0
    high = 1.0 if side > 0.0 else x_min
    better = 0.5 * (x + low) if better <= low else better
    return 0.5 * (x + high) if better >= high else better


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def improve_branch(b: Any, n: int, turns: float, side: float) -> None:
    """An early step with revolutions, with the quick time of flight."""
    for k in range(n):
        lam = b[k + LAMBDA]
        one_l2 = b[k + ONE_L2]
        x = b[k + X]
        q = 1.0 - x * x
        num, den, y = rough_time(x, lam, one_l2)
        num, den = with_turns(num, den, q, turns)
        better = x - householder(num, den, b[k + TIME], x, y, q, lam, one_l2)
        b[k + X] = kept_aside(better, x, b[k + X_MIN], side)


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def finish_branch(b: Any, n: int, turns: float, side: float) -> None:
    """The last step with revolutions, with the exact time of flight."""
    for k in range(n):
        step, x, _, _, _ = last_step(b, k, turns)
        better = kept_aside(x - step, x, b[k + X_MIN], side)
        b[k + STEP] = x - better
        b[k + X] = better


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def doubt_branch(b: Any, n: int) -> int:
    """The same with revolutions: also lanes near the least time of flight. Clearly below it there is no orbit."""
    total = 0
    for k in range(n):
        T = b[k + TIME]
        t_min = b[k + T_MIN]
        plain = abs(b[k + LAMBDA]) < 0.9999 and b[k + SINE2] > ALIGNED and b[k + SETTLED] < 1e-3
        none = plain and T > 0.0 and T - t_min < -1e-6 * t_min
        fine = plain and abs(b[k + STEP]) < CONVERGED and T - t_min > 1e-6 * t_min
        bad = 0 if fine else 1
        total += bad
        b[k + DOUBT] = 2.0 if none else bad
        b[k + X] = np.nan if none else b[k + X]
    return total
