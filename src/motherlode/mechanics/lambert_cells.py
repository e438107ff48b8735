"""Lambert legs between two tabulated bodies: the speeds at both ends for whole rows of dates.

For grids of millions of cells the velocities themselves are not wanted, only |v1 - v_body| and |v2 - v_body|. The
stages are those of ``lambert_lanes`` without the cross products; prograde, no revolutions, two Householder steps.
Good to 1e-8 km/s where the speeds are of interest; an optimum found here is solved again with ``lambert.solve``.
"""

from math import sqrt
from typing import Any, Final

import numpy as np
from numba import njit

from motherlode.mechanics.lambert_lanes import SQRT2, first_x, householder, last_step, quick_time
from motherlode.mechanics.lanes import FAST, LANES, STRIDE

COLUMNS: Final = 8  # of a table of states: direction (3), r, 1/r, velocity/√μ (3)

LAMBDA: Final = 0 * STRIDE
ONE_L2: Final = 1 * STRIDE
TIME: Final = 2 * STRIDE  # s^1.5 in the first stage, then T
COS1: Final = 3 * STRIDE  # cos θ
FOCAL: Final = 4 * STRIDE
CHORD: Final = 5 * STRIDE
INVERSE_S: Final = 6 * STRIDE
ROOT_S: Final = 7 * STRIDE
X: Final = 8 * STRIDE
STEP: Final = 9 * STRIDE
FROM: Final = 10 * STRIDE  # 8 rows of the departure body
TO: Final = 18 * STRIDE  # 8 rows of the arrival body
LEAVE: Final = 26 * STRIDE  # squared speeds relative to the bodies, units of μ
ARRIVE: Final = 27 * STRIDE
POLAR: Final = 28 * STRIDE  # component of the departure velocity along the declination pole
ROWS: Final = 29
UX, UY, UZ, R, IR, VX, VY, VZ = (j * STRIDE for j in range(8))


@njit(error_model="numpy", nogil=True, cache=True)
def tabulate(states: Any, mu: float, table: Any) -> None:
    """States (n, 6) km, km/s as the columns (8, n) that the stages read."""
    per_root_mu = 1.0 / sqrt(mu)
    for k in range(states.shape[0]):
        x = states[k, 0]
        y = states[k, 1]
        z = states[k, 2]
        r = sqrt(x * x + y * y + z * z)
        table[0, k] = x / r
        table[1, k] = y / r
        table[2, k] = z / r
        table[3, k] = r
        table[4, k] = 1.0 / r
        for j in range(3):
            table[5 + j, k] = states[k, 3 + j] * per_root_mu


@njit(error_model="numpy", nogil=True, cache=True)
def load(table: Any, first: int, step: int, rows: Any, base: int, n: int) -> None:
    for j in range(COLUMNS):
        column = table[j]
        if step == 1:
            rows[base + j * STRIDE : base + j * STRIDE + n] = column[first : first + n]
        else:
            for k in range(n):
                rows[base + j * STRIDE + k] = column[first + k * step]


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def geometry(b: Any, n: int, nx: float, ny: float, nz: float) -> None:
    for k in range(n):
        ux = b[k + FROM + UX]
        uy = b[k + FROM + UY]
        uz = b[k + FROM + UZ]
        r1 = b[k + FROM + R]
        vx = b[k + TO + UX]
        vy = b[k + TO + UY]
        vz = b[k + TO + UZ]
        r2 = b[k + TO + R]
        hx = ux + vx
        hy = uy + vy
        hz = uz + vz
        one_plus_cos = 0.5 * (hx * hx + hy * hy + hz * hz)
        up = nx * (uy * vz - uz * vy) + ny * (uz * vx - ux * vz) + nz * (ux * vy - uy * vx)
        both = r1 + r2
        focal2 = 2.0 * r1 * r2 * one_plus_cos
        focal = sqrt(focal2)
        c = sqrt(both * both - focal2)
        s = 0.5 * (both + c)
        inverse = 1.0 / s
        root = sqrt(s)
        focal = focal if up >= 0.0 else -focal
        b[k + LAMBDA] = 0.5 * focal * inverse
        b[k + ONE_L2] = c * inverse
        b[k + TIME] = s * root
        b[k + COS1] = one_plus_cos - 1.0
        b[k + FOCAL] = focal
        b[k + CHORD] = c
        b[k + INVERSE_S] = inverse
        b[k + ROOT_S] = root


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def guess(b: Any, n: int, tof: float) -> None:
    time = SQRT2 * tof
    per_time = 1.0 / time
    for k in range(n):
        w = b[k + TIME]
        inverse = b[k + INVERSE_S]
        b[k + TIME] = time * inverse * inverse * b[k + ROOT_S]
        u = sqrt(w * per_time)
        u = 4.0 if u > 4.0 else u
        b[k + X] = first_x(b[k + LAMBDA], u)


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def improve(b: Any, n: int) -> None:
    for k in range(n):
        lam = b[k + LAMBDA]
        one_l2 = b[k + ONE_L2]
        x = b[k + X]
        num, den, y = quick_time(x, lam, one_l2)
        step = householder(num, den, b[k + TIME], x, y, 1.0 - x * x, lam, one_l2)
        x = x - step
        b[k + X] = -0.999 if x < -0.999 else x
        b[k + STEP] = step


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def finish(b: Any, n: int) -> None:
    for k in range(n):
        step, x, _, _, _ = last_step(b, k, 0.0)
        b[k + X] = x - step
        b[k + STEP] = step


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def speeds(b: Any, n: int, px: float, py: float, pz: float) -> None:
    """Squared relative speeds at both ends, and the departure velocity along a pole p."""
    for k in range(n):
        lam = b[k + LAMBDA]
        x = b[k + X]
        cosine = b[k + COS1]
        focal = b[k + FOCAL]
        c = b[k + CHORD]
        r1 = b[k + FROM + R]
        r2 = b[k + TO + R]
        y = sqrt(1.0 - (1.0 - b[k + ONE_L2]) * (1.0 - x * x))
        gamma = b[k + ROOT_S] * (1.0 / SQRT2)
        inverse = 1.0 / (focal * c)
        rho = (r1 - r2) * focal * inverse
        lx = lam * x
        ly = lam * y
        w = gamma * (y + lx) * 2.0 * inverse  # transverse velocity over r sin θ
        w1 = w * r2
        w2 = w * r1
        along1 = gamma * ((ly - x) - rho * (ly + x)) * b[k + FROM + IR] - w1 * cosine
        along2 = w2 * cosine - gamma * ((ly - x) + rho * (ly + x)) * b[k + TO + IR]
        ux = b[k + FROM + UX]
        uy = b[k + FROM + UY]
        uz = b[k + FROM + UZ]
        vx = b[k + TO + UX]
        vy = b[k + TO + UY]
        vz = b[k + TO + UZ]
        dx = along1 * ux + w1 * vx - b[k + FROM + VX]
        dy = along1 * uy + w1 * vy - b[k + FROM + VY]
        dz = along1 * uz + w1 * vz - b[k + FROM + VZ]
        ex = along2 * vx - w2 * ux - b[k + TO + VX]
        ey = along2 * vy - w2 * uy - b[k + TO + VY]
        ez = along2 * vz - w2 * uz - b[k + TO + VZ]
        b[k + LEAVE] = dx * dx + dy * dy + dz * dz
        b[k + ARRIVE] = ex * ex + ey * ey + ez * ez
        b[k + POLAR] = px * dx + py * dy + pz * dz


@njit(error_model="numpy", nogil=True, cache=True)
def grid(
    origin: Any, target: Any, first: Any, step: int, flights: Any, mu: float, north: Any, pole: Any,
    leave: Any, arrive: Any, polar: Any, lam: Any,
) -> None:  # fmt: skip
    """A grid of legs (flights, departures): departure k on flight j arrives at index first[j] + k step.

    origin, target (8, n)        tables of states
    leave, arrive  (flights, n)  km/s  relative speeds; leave is NaN where the lane did not converge
    polar                        km/s  departure velocity along the pole
    lam                          λ: positive where the transfer angle is below 180°
    """
    b = np.empty(ROWS * STRIDE)
    count = leave.shape[1]
    for start in range(0, count, LANES):
        n = min(LANES, count - start)
        load(origin, start, 1, b, FROM, n)
        for j in range(flights.size):
            load(target, first[j] + start * step, step, b, TO, n)
            geometry(b, n, north[0], north[1], north[2])
            guess(b, n, flights[j] * sqrt(mu))
            improve(b, n)
            finish(b, n)
            speeds(b, n, pole[0], pole[1], pole[2])
            _unload(b, n, sqrt(mu), leave[j, start:], arrive[j, start:], polar[j, start:], lam[j, start:])


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def _unload(b: Any, n: int, root_mu: float, leave: Any, arrive: Any, polar: Any, lam: Any) -> None:
    for k in range(n):
        speed = root_mu * sqrt(b[k + LEAVE])
        leave[k] = speed if abs(b[k + STEP]) < 1e-2 else np.nan
    for k in range(n):
        arrive[k] = root_mu * sqrt(b[k + ARRIVE])
    for k in range(n):
        polar[k] = root_mu * b[k + POLAR]
    for k in range(n):
        lam[k] = b[k + LAMBDA]
