"""Motion of small bodies by collocation of order 15 on Radau's nodes, step by step at the size that each step needs.

A step of length h is the polynomial of degree 7 that the acceleration follows through eight nodes; the nodes' places
follow from it, the forces there correct it, until nothing moves. All eight nodes are worked on at once. The
polynomials are kept: they are the dense output.

Everhart (1985), doi:10.1007/978-94-009-5400-7_17; Rein & Spiegel (2015), doi:10.1093/mnras/stu2164.
"""

from decimal import Decimal, localcontext
from math import sqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.polynomial import legendre
from numpy.typing import NDArray

from motherlode.mechanics import gravity

Array = NDArray[np.float64]
NODES: Final = gravity.NODES
WIDTH: Final = 8 + 3 * NODES  # numbers per recorded step: t, h, x, v, and the acceleration's coefficients
SMALLEST_STEP_S: Final = 20.0  # a kink where two pieces of a table join must not stop a path


class Rule(NamedTuple):
    """Matrices of the collocation on nodes 0 = s0 < ... < s7 < 1.

    nodes       (8,)
    speed, way  (8, 8)  [m, n]: share of the acceleration at node m in the velocity / place at node n
    end_speed, end_way  (8,)  the same at the end of the step
    powers      (8, 8)  [k, m]: from accelerations to coefficients of s^k
    """

    nodes: Array
    speed: Array
    way: Array
    end_speed: Array
    end_way: Array
    powers: Array


def _rule() -> Rule:
    """Worked out with 50 digits: an error of 1e-13 in a weight would add up to metres in a decade."""
    with localcontext() as context:
        context.prec = 50
        nodes = _radau_nodes()
        powers = [_basis(nodes, m) for m in range(NODES)]  # [m][k]
        ends = [*nodes, Decimal(1)]
        speed = [[sum(c * s ** (k + 1) / (k + 1) for k, c in enumerate(row)) for s in ends] for row in powers]
        way = [
            [sum(c * s ** (k + 2) / ((k + 1) * (k + 2)) for k, c in enumerate(row)) for s in ends] for row in powers
        ]
    arrays = (np.array(x, dtype=float) for x in (nodes, speed, way, powers))
    nodes_, speed_, way_, powers_ = arrays
    parts = (nodes_, speed_[:, :NODES], way_[:, :NODES], speed_[:, NODES], way_[:, NODES], powers_.T)
    return Rule(*(np.ascontiguousarray(x) for x in parts))


def _radau_nodes() -> list[Decimal]:
    """Roots of P7(x) + P8(x), brought from [-1, 1) to [0, 1)."""
    last = np.zeros(NODES + 1)
    last[NODES - 1 :] = 1.0
    return [Decimal(0), *(_polished(Decimal(float(x))) for x in np.sort(legendre.legroots(last))[1:])]


def _polished(x: Decimal) -> Decimal:
    for _ in range(4):
        p = [Decimal(1), x]
        for n in range(1, NODES):
            p.append(((2 * n + 1) * x * p[n] - n * p[n - 1]) / (n + 1))
        slope = sum((n * (x * p[n] - p[n - 1]) / (x * x - 1) for n in (NODES - 1, NODES)), Decimal(0))
        x -= (p[NODES - 1] + p[NODES]) / slope
    return (1 + x) / 2


def _basis(nodes: list[Decimal], m: int) -> list[Decimal]:
    """Coefficients in powers of s of the polynomial that is 1 at node m and 0 at the others."""
    c = [Decimal(1)]
    for s in nodes[:m] + nodes[m + 1 :]:
        c = [(below - s * here) / (nodes[m] - s) for here, below in zip([*c, Decimal(0)], [Decimal(0), *c])]
    return c


RULE: Final = _rule()


class Work(NamedTuple):
    """Scratch of one body on its way: every array (.., 8) has one column per node."""

    x: Array
    v: Array
    a: Array
    new: Array
    coefficients: Array
    near: Array
    far: Array
    basis: Array
    push: Array
    start: Array


def work(planets: gravity.Field, asteroids: gravity.Field) -> Work:
    """Scratch for paths under these two fields."""
    near, far = int(planets.counts[0]), int(asteroids.counts[0])
    degrees = max(planets.counts.size, asteroids.counts.size, 2)
    x, v, a, new, coefficients, push = (np.zeros((n, NODES)) for n in (3, 3, 3, 4, 3, 4))
    held, seen = np.zeros((near, NODES)), np.zeros((far, NODES))
    return Work(x, v, a, new, coefficients, held, seen, np.zeros((degrees, NODES)), push, np.zeros((4, 3)))


@njit(error_model="numpy", forceinline=True)
def _disturbances(w: Any, planets: Any, asteroids: Any, skip: Any) -> float:
    """Attraction of the perturbers at the nodes, into ``w.push``; returns its largest change."""
    for j in range(4):
        for n in range(NODES):
            w.new[j, n] = 0.0
    gravity.attraction(planets, w.near, w.x, skip[0], w.new)
    if asteroids[4].size:
        gravity.attraction(asteroids, w.far, w.x, skip[1], w.new)
    change = 0.0
    for n in range(NODES):
        for j in range(3):
            change = max(change, abs(w.new[j, n] - w.push[j, n]))
            w.push[j, n] = w.new[j, n]
        w.push[3, n] = w.new[3, n]
    return change


@njit(fastmath={"contract"}, error_model="numpy", forceinline=True)
def _nodes_move(w: Any, rule: Any, h: float) -> None:
    """Places and velocities at the nodes from the accelerations there."""
    for j in range(3):
        x0, v0 = w.start[0, j], w.start[1, j]
        for n in range(NODES):
            w.x[j, n] = 0.0
            w.v[j, n] = 0.0
        for m in range(NODES):
            am = w.a[j, m]
            for n in range(NODES):
                w.x[j, n] += rule.way[m, n] * am
                w.v[j, n] += rule.speed[m, n] * am
        for n in range(NODES):
            w.x[j, n] = x0 + h * (rule.nodes[n] * v0 + h * w.x[j, n])
            w.v[j, n] = v0 + h * w.v[j, n]


@njit(error_model="numpy", forceinline=True)
def _settle(w: Any, rule: Any, h: float, planets: Any, asteroids: Any, sunlight: Any, skip: Any, limit: float) -> int:
    """Iterate the accelerations at the nodes until they change by less than ``limit`` of themselves.

    The perturbers' share, which hardly feels the corrections, is renewed until it stands still.
    returns  rounds, -1 where they do not settle
    """
    change, drift, moving = 1.0, 1e300, 3 + 3 * planets[4].size
    for rounds in range(1, 15):
        before = change
        _nodes_move(w, rule, h)
        if drift > 0.0:
            drift = _disturbances(w, planets, asteroids, skip)
        gravity.sun(w.x, w.v, w.near, moving, w.push, sunlight, w.new)
        change, size = 0.0, 0.0
        for j in range(3):
            for n in range(NODES):
                a = w.new[j, n]
                change = max(change, abs(a - w.a[j, n]))
                size = max(size, abs(a))
                w.a[j, n] = a
        change /= size
        if drift < limit * size:
            drift = 0.0
        if change < limit or (rounds > 3 and change >= before and change < 1e-13):
            return rounds
    return -1 if change > 1e3 * limit else rounds


@njit(error_model="numpy", nogil=True, cache=True)
def _polynomial(w: Any, rule: Any) -> float:
    """Coefficients of the acceleration in powers of s; returns the last one's share of the whole."""
    size, last = 0.0, 0.0
    for j in range(3):
        for k in range(NODES):
            total = 0.0
            for m in range(NODES):
                total += rule.powers[k, m] * w.a[j, m]
            w.coefficients[j, k] = total
        last = max(last, abs(w.coefficients[j, NODES - 1]))
        for n in range(NODES):
            size = max(size, abs(w.a[j, n]))
    return last / size


@njit(error_model="numpy", nogil=True, cache=True)
def _rounding(w: Any, rule: Any, tide: float) -> float:
    """Share of the last coefficient that is rounding: near a planet the Sun's distance spoils the last digits."""
    far = abs(w.x[0, 0]) + abs(w.x[1, 0]) + abs(w.x[2, 0])
    size = abs(w.a[0, 0]) + abs(w.a[1, 0]) + abs(w.a[2, 0])
    weight = 0.0
    for m in range(NODES):
        weight += abs(rule.powers[NODES - 1, m])
    return float(2e-16 * weight * far * tide / size)


@njit(error_model="numpy", nogil=True, cache=True)
def _foresee(w: Any, rule: Any, ratio: float) -> None:
    """Accelerations at the nodes of the next step, ``ratio`` times as long, from the polynomial of this one."""
    for j in range(3):
        for n in range(NODES):
            s = 1.0 + ratio * rule.nodes[n]
            total = w.coefficients[j, NODES - 1]
            for k in range(NODES - 2, -1, -1):
                total = w.coefficients[j, k] + s * total
            w.a[j, n] = total


@njit(error_model="numpy", nogil=True, cache=True)
def _arrive(w: Any, rule: Any, h: float) -> None:
    """The start moves to the end of the step; rows 2 and 3 of ``start`` carry what rounding has lost."""
    for j in range(3):
        speed, way = 0.0, 0.0
        for m in range(NODES):
            speed += rule.end_speed[m] * w.a[j, m]
            way += rule.end_way[m] * w.a[j, m]
        gain = h * (w.start[1, j] + h * way) + w.start[2, j]
        total = w.start[0, j] + gain
        w.start[2, j] = gain - (total - w.start[0, j])
        w.start[0, j] = total
        gain = h * speed + w.start[3, j]
        total = w.start[1, j] + gain
        w.start[3, j] = gain - (total - w.start[1, j])
        w.start[1, j] = total


@njit(error_model="numpy", forceinline=True)
def _look(w: Any, rule: Any, t: float, h: float, planets: Any, asteroids: Any) -> None:
    gravity.places(planets, t, h, rule.nodes, w.basis, w.near)
    if asteroids[4].size:
        gravity.places(asteroids, t, h, rule.nodes, w.basis, w.far)


@njit(error_model="numpy", nogil=True, cache=True)
def begin(w: Any, rule: Any, state: Any, t: float, planets: Any, asteroids: Any, sunlight: Any, skip: Any) -> float:
    """Set out from a state (6) at t; returns the length of a cautious first step, s."""
    for j in range(3):
        w.start[0, j], w.start[1, j], w.start[2, j], w.start[3, j] = state[j], state[3 + j], 0.0, 0.0
        for n in range(NODES):
            w.x[j, n], w.v[j, n] = state[j], state[3 + j]
    _look(w, rule, t, 0.0, planets, asteroids)
    _disturbances(w, planets, asteroids, skip)
    gravity.sun(w.x, w.v, w.near, 3 + 3 * planets[4].size, w.push, sunlight, w.a)
    r2 = state[0] ** 2 + state[1] ** 2 + state[2] ** 2
    a2 = w.a[0, 0] ** 2 + w.a[1, 0] ** 2 + w.a[2, 0] ** 2
    for j in range(3):
        for k in range(NODES):
            w.coefficients[j, k] = w.a[j, 0] if k == 0 else 0.0
    return 0.03 * sqrt(sqrt(r2 / a2))


@njit(error_model="numpy", nogil=True, cache=True)
def march(
    w: Any, rule: Any, t: float, goal: float, h: float, planets: Any, asteroids: Any, sunlight: Any, skip: Any,
    tolerance: float, records: Any, room: int,
) -> tuple[int, float, float]:  # fmt: skip
    """Step from t towards the goal until there or until ``room`` steps stand in ``records`` (n, 32).

    h           s   length to try first, of the sign of goal - t
    tolerance   share of the last coefficient in the acceleration that a step may have
    returns     steps recorded, epoch reached, next length to try; a length of 0 says that the path ends there
    """
    limit = max(1e-15, 3e-4 * tolerance * sqrt(tolerance))
    count = 0
    while count < room and (goal - t) * h > 0.0:
        full = h
        if abs(h) > abs(goal - t):
            h = goal - t
        h = (t + h) - t
        _look(w, rule, t, h, planets, asteroids)
        rounds = _settle(w, rule, h, planets, asteroids, sunlight, skip, limit)
        excess = _polynomial(w, rule) if rounds > 0 else np.inf
        tide = gravity.nearness(planets, w.near, w.x, skip[0])
        allowed = max(tolerance, _rounding(w, rule, min(tide, 1.0)))
        ratio = min(max((allowed / max(excess, 1e-30)) ** (1.0 / 7.0), 0.2), 3.0) if excess < np.inf else 0.2
        if ratio < 0.6 and abs(h) > SMALLEST_STEP_S:
            h = np.copysign(max(abs(h * 0.9 * ratio), 0.5 * SMALLEST_STEP_S), h)
            for j in range(3):  # again from the acceleration at the start
                for n in range(NODES):
                    w.a[j, n] = w.a[j, 0]
            continue
        if not (excess < np.inf and tide < np.inf):
            return count, t, 0.0
        _record(w, t, h, records[count])
        count += 1
        _arrive(w, rule, h)
        t += h
        longer = np.copysign(max(abs(h * 0.95 * ratio), SMALLEST_STEP_S), h)
        if t == goal and abs(full) > abs(longer):
            longer = full
        _foresee(w, rule, longer / h)
        h = longer
    return count, t, h


@njit(error_model="numpy", nogil=True, cache=True)
def _record(w: Any, t: float, h: float, record: Any) -> None:
    record[0], record[1] = t, h
    for j in range(3):
        record[2 + j], record[5 + j] = w.start[0, j], w.start[1, j]
        for k in range(NODES):
            record[8 + 3 * k + j] = w.coefficients[j, k]


@njit(error_model="numpy", nogil=True, cache=True)
def recall(record: Any, t: float, out: Any) -> None:
    """State (6) at an epoch inside a recorded step, into ``out``."""
    h = record[1]
    s = (t - record[0]) / h
    for j in range(3):
        speed, way = 0.0, 0.0
        for k in range(NODES - 1, -1, -1):
            c = record[8 + 3 * k + j]
            speed = c / (k + 1) + s * speed
            way = c / ((k + 1) * (k + 2)) + s * way
        out[j] = record[2 + j] + s * h * (record[5 + j] + s * h * way)
        out[3 + j] = record[5 + j] + s * h * speed


@njit(error_model="numpy", nogil=True, cache=True)
def recall_many(records: Any, starts: Any, t: Any, out: Any) -> None:
    """States (n, 6) at epochs t (n,) from records whose spans begin, in time, at ``starts``, ascending."""
    for k in range(t.size):
        row = min(max(np.searchsorted(starts, t[k], side="right") - 1, 0), starts.size - 1)
        recall(records[row], t[k], out[k])
