"""How small errors of a path grow: its tangent, carried along the polynomials of the integration that made it.

The variational equations are linear, so the collocation that made a step of the path serves its tangent as well: at
the step's eight nodes the gradient of the pull is known, the six columns follow it. No neighbours are flown, and no
difference of two large numbers is taken; a path and its tangent cost little more than the path.

Sun, planets, Moon and Pluto as point masses: bulges and relativity bend the path, not noticeably its tangent.
Montenbruck & Gill (2000), Satellite Orbits, section 7.2.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motherlode.ephemeris import perturbers
from motherlode.ephemeris.almanac import Almanac
from motherlode.mechanics import gravity, integrate
from motherlode.mechanics.gravity import MU_SUN, Field

Array = NDArray[np.float64]

NODES: Final = integrate.NODES
COLUMNS: Final = 6
CHUNK: Final = 512  # steps recorded at a time
SETTLED: Final = 1e-7  # change of the second derivatives at the nodes, of the largest of them
ROUNDS: Final = 20
NOBODY: Final = np.array([-1, -1])
NOTHING: Final = np.zeros(3)


@dataclass(frozen=True)
class Path:
    """A path as its integration recorded it, as far as it goes, with the bodies that pull it.

    records   (steps, 32) of ``mechanics.integrate``, in order of time
    """

    records: Array
    field: Field

    @property
    def end_tdb(self) -> float:
        """Where it ends: as asked for, or in a planet."""
        return float(self.records[-1, 0] + self.records[-1, 1]) if len(self.records) else -np.inf

    def states(self, dates: Array) -> Array:
        """States (n, 6) at ascending dates (n,); NaN after its end."""
        out = np.full((len(dates), 6), np.nan)
        reached = int(np.searchsorted(dates, self.end_tdb, side="right"))
        if reached:
            integrate.recall_many(self.records, self.records[:, 0].copy(), dates[:reached], out[:reached])
        return out

    def tangents(self, dates: Array) -> Array:
        """Derivatives (n, 6, 6) of the states at ascending dates (n,) on the path by its first state."""
        out = np.empty((len(dates), 6, COLUMNS))
        near = np.zeros((int(self.field.counts[0]), NODES))
        basis = np.zeros((max(self.field.counts.size, 2), NODES))
        _carry(self.records, dates, self.field.packed, integrate.RULE, near, basis, out)
        return out


def followed(state: Array, epoch_tdb: float, until_tdb: float, almanac: Almanac, tolerance: float) -> Path:
    """The path of a heliocentric state (6,) forward to an epoch, or to where it meets a planet."""
    field, none = perturbers.planets(almanac, epoch_tdb, until_tdb), perturbers.nothing()
    w, fields, t, parts = integrate.work(field, none), (field.packed, none.packed), epoch_tdb, []
    h = integrate.begin(w, integrate.RULE, np.array(state, dtype=float), t, *fields, NOTHING, NOBODY)
    while t < until_tdb and h > 0.0:
        rows = np.empty((CHUNK, integrate.WIDTH))
        count, t, h = integrate.march(
            w, integrate.RULE, t, until_tdb, h, *fields, NOTHING, NOBODY, tolerance, rows, CHUNK
        )
        parts.append(rows[:count])
    return Path(np.concatenate(parts) if parts else np.empty((0, integrate.WIDTH)), field)


@njit(error_model="numpy", nogil=True, cache=True)
def _places(record: Any, nodes: Any, at: Any) -> None:
    """Places (3, 8) at the nodes of a recorded step."""
    h = record[1]
    for j in range(3):
        for n in range(NODES):
            at[j, n] = 0.0
        for k in range(NODES - 1, -1, -1):
            share = record[8 + 3 * k + j] / ((k + 1) * (k + 2))
            for n in range(NODES):
                at[j, n] = share + nodes[n] * at[j, n]
        x, v = record[2 + j], record[5 + j]
        for n in range(NODES):
            at[j, n] = x + nodes[n] * h * (v + nodes[n] * h * at[j, n])


@njit(error_model="numpy", nogil=True, cache=True)
def _gradients(at: Any, gm: Any, near: Any, out: Any) -> None:
    """Derivative of the pull by the place, (6, 8) 1/s²: xx, yy, zz, xy, xz, yz at places (3, 8)."""
    out[:] = 0.0
    for body in range(-1, gm.size):
        mu, row = (MU_SUN, 0) if body < 0 else (gm[body], 3 + 3 * body)
        seen = 0.0 if body < 0 else 1.0
        for n in range(NODES):
            x, y, z = (
                at[0, n] - seen * near[row, n],
                at[1, n] - seen * near[row + 1, n],
                at[2, n] - seen * near[row + 2, n],
            )
            d2 = x * x + y * y + z * z
            w = mu / (d2 * np.sqrt(d2))
            u = 3.0 * w / d2
            out[0, n] += u * x * x - w
            out[1, n] += u * y * y - w
            out[2, n] += u * z * z - w
            out[3, n] += u * x * y
            out[4, n] += u * x * z
            out[5, n] += u * y * z


@njit(error_model="numpy", nogil=True, cache=True)
def _settle(start: Any, rule: Any, h: float, gradient: Any, x: Any, a: Any, change: Any, size: Any) -> None:
    """Second derivatives ``a`` (3, columns, 8) of the columns at the nodes, iterated until they stand still."""
    for _ in range(ROUNDS):
        for n in range(NODES):
            change[n], size[n] = 0.0, 0.0
        for c in range(COLUMNS):
            for j in range(3):
                for n in range(NODES):
                    x[j, n] = 0.0
                for m in range(NODES):
                    am = a[j, c, m]
                    for n in range(NODES):
                        x[j, n] += rule.way[m, n] * am
                x0, v0 = start[j, c], start[3 + j, c]
                for n in range(NODES):
                    x[j, n] = x0 + h * (rule.nodes[n] * v0 + h * x[j, n])
            for j in range(3):
                one, two, three = (0, 3, 4) if j == 0 else (3, 1, 5) if j == 1 else (4, 5, 2)
                for n in range(NODES):
                    new = gradient[one, n] * x[0, n] + gradient[two, n] * x[1, n] + gradient[three, n] * x[2, n]
                    off, large = abs(new - a[j, c, n]), abs(new)
                    change[n] = off if off > change[n] else change[n]
                    size[n] = large if large > size[n] else size[n]
                    a[j, c, n] = new
        if change.max() <= SETTLED * size.max():
            return


@njit(error_model="numpy", nogil=True, cache=True)
def _foresee(rule: Any, ratio: float, a: Any, x: Any, ahead: Any) -> None:
    """Second derivatives at the nodes of the next step, ``ratio`` times as long, from the polynomials of this one."""
    for m in range(NODES):
        for n in range(NODES):
            ahead[m, n] = 0.0
        for k in range(NODES - 1, -1, -1):
            for n in range(NODES):
                ahead[m, n] = rule.powers[k, m] + (1.0 + ratio * rule.nodes[n]) * ahead[m, n]
    for j in range(3):
        for c in range(COLUMNS):
            for n in range(NODES):
                x[j, n] = 0.0
            for m in range(NODES):
                am = a[j, c, m]
                for n in range(NODES):
                    x[j, n] += ahead[m, n] * am
            for n in range(NODES):
                a[j, c, n] = x[j, n]


@njit(error_model="numpy", nogil=True, cache=True)
def _moved(start: Any, rule: Any, h: float, s: float, a: Any, out: Any) -> None:
    """Columns (6, columns) after the share s of a step, from those at its start."""
    for j in range(3):
        for c in range(COLUMNS):
            speed, way = 0.0, 0.0
            for k in range(NODES - 1, -1, -1):
                coefficient = 0.0
                for m in range(NODES):
                    coefficient += rule.powers[k, m] * a[j, c, m]
                speed = coefficient / (k + 1) + s * speed
                way = coefficient / ((k + 1) * (k + 2)) + s * way
            out[j, c] = start[j, c] + s * h * (start[3 + j, c] + s * h * way)
            out[3 + j, c] = start[3 + j, c] + s * h * speed


@njit(error_model="numpy", nogil=True, cache=True)
def _arrive(start: Any, rule: Any, h: float, a: Any) -> None:
    """The columns move to the end of the step."""
    for j in range(3):
        for c in range(COLUMNS):
            speed, way = 0.0, 0.0
            for m in range(NODES):
                speed += rule.end_speed[m] * a[j, c, m]
                way += rule.end_way[m] * a[j, c, m]
            start[j, c] += h * (start[3 + j, c] + h * way)
            start[3 + j, c] += h * speed


@njit(error_model="numpy", nogil=True, cache=True)
def _carry(records: Any, dates: Any, field: Any, rule: Any, near: Any, basis: Any, out: Any) -> None:
    """The tangent of a path at ascending dates, into ``out`` (n, 6, columns)."""
    start, a = np.eye(6), np.zeros((3, COLUMNS, NODES))
    x, change, size, ahead = np.zeros((3, NODES)), np.zeros(NODES), np.zeros(NODES), np.zeros((NODES, NODES))
    gradient, at = np.zeros((6, NODES)), np.zeros((3, NODES))
    done, last = 0, records.shape[0] - 1
    for i in range(last + 1):
        if done == dates.size:
            return
        t, h = records[i, 0], records[i, 1]
        gravity.places(field, t, h, rule.nodes, basis, near)
        _places(records[i], rule.nodes, at)
        _gradients(at, field[4], near, gradient)
        _settle(start, rule, h, gradient, x, a, change, size)
        while done < dates.size and (dates[done] < t + h or i == last):
            _moved(start, rule, h, (dates[done] - t) / h, a, out[done])
            done += 1
        _arrive(start, rule, h, a)
        if i < last:
            _foresee(rule, records[i + 1, 1] / h, a, x, ahead)
