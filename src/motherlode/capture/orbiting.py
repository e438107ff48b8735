"""Motion about Mars: the planet with its bulge, the Sun's tide, and a steady burn, in axes that keep their direction.

Collocation of order 15 on Radau's nodes as in ``mechanics.integrate``, but counted from the planet, where a low
periapsis keeps all its digits. An orbit of one sol is followed for a century in seconds.
"""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris.bodies import Mover
from motherlode.mechanics import integrate
from motherlode.units import DAY

Array = NDArray[np.float64]

MU: Final = GM_KM3_S2["mars"]
GM_SUN: Final = GM_KM3_S2["sun"]
RADIUS: Final = RADIUS_KM["mars"]
NODES: Final = integrate.NODES
J2: Final = 1.956_6e-3  # Mars, gravity field MRO120D; Konopliv et al. 2016, doi:10.1016/j.icarus.2016.02.052
BULGE: Final = 1.5 * J2 * MU * 3_396.0**2  # reference radius of that field
POLE: Final = np.array(  # right ascension 317.27°, declination 54.43° in 2030; Archinal et al. 2018
    [
        cos(radians(54.43)) * cos(radians(317.27)),
        cos(radians(54.43)) * sin(radians(317.27)),
        sin(radians(54.43)),
    ]
)
MARS_YEAR: Final = 686.980 * DAY  # sidereal; by whole ones the planet's path is continued beyond its table
TABLE_STEP: Final = 2.0 * DAY  # between known places of the planet; cubic pieces between them are good to 0.1 km
TOLERANCE: Final = 1e-4  # share of the last coefficient of a step's polynomial
COAST: Final = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Leg:
    """What a stretch of motion about Mars came to.

    state        (6,) at its end, km and km/s from Mars, ICRF axes
    epoch_tdb    of the end: earlier than asked for where it has hit Mars or gone
    lowest_km    and highest distance from the planet's centre
    """

    state: Array
    epoch_tdb: float
    lowest_km: float
    highest_km: float


def fly(
    state: ArrayLike,
    epoch_tdb: float,
    until_tdb: float,
    mars: Mover,
    *,
    thrust_km_s2: ArrayLike = COAST,
    gone_km: float = 1e6,
    floor_km: float = RADIUS,
) -> Leg:
    """Follow a body about Mars.

    state          (6,) from Mars, ICRF axes
    mars           mover; beyond its span its last years are repeated
    thrust_km_s2   (4,) steady acceleration along three fixed axes, and against the velocity
    gone_km        a body beyond this distance has left
    floor_km       and one below this distance has ended
    """
    start, step, table = _table(mars, float(epoch_tdb), float(until_tdb))
    out, seen = np.array(state, dtype=float), np.empty(3)
    push = np.array(thrust_km_s2, dtype=float)
    _fly(out, epoch_tdb, until_tdb, start, step, table, push, gone_km, floor_km, integrate.RULE, seen)
    return Leg(out, float(seen[0]), float(seen[1]), float(seen[2]))


def _table(mars: Mover, first: float, last: float) -> tuple[float, float, Array]:
    low, high = min(first, last), max(first, last)
    begin = np.floor(low / TABLE_STEP) * TABLE_STEP
    count = int((high - begin) / TABLE_STEP) + 3
    return begin, TABLE_STEP, _places(mars, begin, count)


def _places(mars: Mover, begin: float, count: int) -> Array:
    """States (count, 6) of Mars on even dates; whole Mars years earlier where the table has ended."""
    dates = begin + TABLE_STEP * np.arange(count)
    over = np.maximum(np.ceil((dates - mars.span[1]) / MARS_YEAR), 0.0)
    return np.ascontiguousarray(mars.state(dates - over * MARS_YEAR))


@njit(error_model="numpy", nogil=True, cache=True)
def _sun(t: float, start: float, step: float, table: Any, sun: Any) -> None:
    """Place (3,) of the Sun from Mars: the cubic between two known places and speeds."""
    k = min(max(int((t - start) / step), 0), table.shape[0] - 2)
    s = (t - start) / step - k
    for j in range(3):
        p, q = table[k, j], table[k + 1, j]
        u, w = step * table[k, 3 + j], step * table[k + 1, 3 + j]
        sun[j] = -(p + s * (u + s * (3.0 * (q - p) - 2.0 * u - w + s * (2.0 * (p - q) + u + w))))


@njit(error_model="numpy", nogil=True, cache=True)
def _acceleration(x: Any, v: Any, sun: Any, push: Any, pole: Any, a: Any) -> None:
    """Pull of Mars and its bulge, tide of the Sun, and the burn, km/s², into ``a`` (3,)."""
    r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2]
    r = r2**0.5
    along = (x[0] * pole[0] + x[1] * pole[1] + x[2] * pole[2]) / r
    bulge = BULGE / (r2 * r2)
    radial = (-MU / r2 + bulge * (5.0 * along * along - 1.0)) / r
    d2 = (sun[0] - x[0]) ** 2 + (sun[1] - x[1]) ** 2 + (sun[2] - x[2]) ** 2
    s2 = sun[0] ** 2 + sun[1] ** 2 + sun[2] ** 2
    near, far = GM_SUN / (d2 * d2**0.5), GM_SUN / (s2 * s2**0.5)
    speed = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) ** 0.5
    for j in range(3):
        tide = near * (sun[j] - x[j]) - far * sun[j]
        a[j] = radial * x[j] - 2.0 * bulge * along * pole[j] + tide + push[j] - push[3] * v[j] / speed


@njit(error_model="numpy", nogil=True, cache=True)
def _settle(s: Any, t: float, h: float, start: float, step: float, table: Any, push: Any, pole: Any, rule: Any,
            x: Any, v: Any, a: Any, suns: Any, new: Any) -> bool:  # fmt: skip
    """Accelerations ``a`` (8, 3) at the nodes of a step from state s, iterated until they stand still."""
    for n in range(NODES):
        _sun(t + h * rule.nodes[n], start, step, table, suns[n])
    limit = 1e-3 * TOLERANCE**1.5
    for _ in range(14):
        change, size = 0.0, 0.0
        for n in range(NODES):
            for j in range(3):
                way, speed = 0.0, 0.0
                for m in range(NODES):
                    way += rule.way[m, n] * a[m, j]
                    speed += rule.speed[m, n] * a[m, j]
                x[n, j] = s[j] + h * (rule.nodes[n] * s[3 + j] + h * way)
                v[n, j] = s[3 + j] + h * speed
        for n in range(NODES):
            _acceleration(x[n], v[n], suns[n], push, pole, new)
            for j in range(3):
                change = max(change, abs(new[j] - a[n, j]))
                size = max(size, abs(new[j]))
                a[n, j] = new[j]
        if change < limit * size:
            return True
    return bool(change < 1e3 * limit * size)


@njit(error_model="numpy", nogil=True, cache=True)
def _excess(a: Any, rule: Any) -> float:
    """Share of the last coefficient of the polynomial in the acceleration."""
    last, size = 0.0, 0.0
    for j in range(3):
        total = 0.0
        for m in range(NODES):
            total += rule.powers[NODES - 1, m] * a[m, j]
            size = max(size, abs(a[m, j]))
        last = max(last, abs(total))
    return last / size


@njit(error_model="numpy", nogil=True, cache=True)
def _fly(s: Any, t: float, goal: float, start: float, step: float, table: Any, push: Any, gone: float, floor: float,
         rule: Any, seen: Any) -> None:  # fmt: skip
    """March the state s (6,) to the goal; ``seen`` gets the epoch reached and the extreme distances."""
    pole = POLE
    x, v, a, suns, new = (
        np.empty((NODES, 3)), np.empty((NODES, 3)), np.empty((NODES, 3)), np.empty((NODES, 3)), np.empty(3),
    )  # fmt: skip
    r = (s[0] ** 2 + s[1] ** 2 + s[2] ** 2) ** 0.5
    lowest, highest = r, r
    h = 0.02 * (r**3 / MU) ** 0.5 * (1.0 if goal > t else -1.0)
    fresh = True
    while (goal - t) * h > 0.0:
        h = goal - t if abs(h) > abs(goal - t) else h
        if fresh:
            _sun(t, start, step, table, suns[0])
            _acceleration(s[:3], s[3:], suns[0], push, pole, new)
            for n in range(NODES):
                for j in range(3):
                    a[n, j] = new[j]
        settled = _settle(s, t, h, start, step, table, push, pole, rule, x, v, a, suns, new)
        ratio = (TOLERANCE / max(_excess(a, rule), 1e-30)) ** (1.0 / 7.0) if settled else 0.3
        if ratio < 0.6 and abs(h) > 1.0:
            h *= max(0.9 * ratio, 0.2)
            fresh = True
            continue
        for n in range(NODES):
            r = (x[n, 0] ** 2 + x[n, 1] ** 2 + x[n, 2] ** 2) ** 0.5
            lowest, highest = min(lowest, r), max(highest, r)
        for j in range(3):
            way, speed = 0.0, 0.0
            for m in range(NODES):
                way += rule.end_way[m] * a[m, j]
                speed += rule.end_speed[m] * a[m, j]
            s[j] += h * (s[3 + j] + h * way)
            s[3 + j] += h * speed
        t += h
        if lowest < floor or highest > gone:
            break
        longer = min(0.95 * ratio, 3.0)
        _foresee(a, rule, longer)
        fresh = False
        h *= longer
    seen[0], seen[1], seen[2] = t, lowest, highest


@njit(error_model="numpy", nogil=True, cache=True)
def _foresee(a: Any, rule: Any, ratio: float) -> None:
    """Accelerations at the nodes of the next step from the polynomial of this one."""
    c = np.empty(NODES)
    for j in range(3):
        for k in range(NODES):
            total = 0.0
            for m in range(NODES):
                total += rule.powers[k, m] * a[m, j]
            c[k] = total
        for n in range(NODES):
            s = 1.0 + ratio * rule.nodes[n]
            total = c[NODES - 1]
            for k in range(NODES - 2, -1, -1):
                total = c[k] + s * total
            a[n, j] = total
