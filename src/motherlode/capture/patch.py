"""The bi-impulsive patch: from the asteroid's orbit onto a stable manifold by one Lambert arc.

Four things are free: which entry of the library, when it passes its section, how long before the section it is
joined, and the flight time of the arc. The ranked pairs of ``gateway`` give the start; a dense batch of Lambert
problems follows, then a search that shrinks around the best and walks to neighbouring entries.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import pi
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.capture import gateway as gates
from motherlode.capture.gateway import MU, Gateway
from motherlode.ephemeris.bodies import Mover
from motherlode.mechanics import kepler, lambert
from motherlode.units import DAY, YEAR

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Search:
    """How hard to look.

    thin         entries of the library that are ranked with their phase
    pairs        (entry, epoch) pairs that get Lambert arcs, best over all, and ``a_year`` more from every year
    seeds        of the local search
    rounds       of the local search
    coasts_d     before the section at which the manifold is joined; the literature goes to 1,450
    flight_d     shortest and longest Lambert arc
    revolutions  most on the arc
    """

    thin: int = 3_000
    pairs: int = 400
    a_year: int = 3
    seeds: int = 40
    rounds: int = 7
    coasts_d: tuple[float, ...] = tuple(range(0, 1_451, 100))
    flight_d: tuple[float, float] = (30.0, 1_500.0)
    revolutions: int = 4


@dataclass(frozen=True)
class Patches:
    """Solutions, arrays of one shape: entry, section epoch, coast before it and arc, s; burns as vectors, km/s."""

    row: NDArray[np.int64]
    epoch: Array
    coast: Array
    flight: Array
    revolutions: NDArray[np.int64]
    high: NDArray[np.bool_]
    leave: Array
    join: Array

    @property
    def total(self) -> Array:
        """Sum of both burns, km/s."""
        return _norm(self.leave) + _norm(self.join)

    @property
    def depart(self) -> Array:
        """Epoch of the first burn."""
        return self.epoch - self.coast - self.flight

    def take(self, index: Any) -> "Patches":
        """These solutions only."""
        return Patches(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Patcher:
    """An asteroid before a gateway: evaluates patches, finds the best ones."""

    target: Mover
    gateway: Gateway
    search: Search = Search()

    @cached_property
    def _lookup(self) -> NDArray[np.int64]:
        """Row of the entry (orbit, departure, season); -1 where that path does not reach the section."""
        library = self.gateway.library
        recipe = library.recipe
        season = (
            np.rint((library.anomaly + library.duration) * recipe.seasons / (2 * pi)).astype(int) % recipe.seasons
        )
        table = np.full((len(library.orbits), recipe.departures, recipe.seasons), -1)
        table[library.orbit, library.departure, season] = np.arange(len(library))
        return table

    def best(self) -> Patches:
        """Local minima found, best first, no two of the same year and orbit."""
        rows, epochs, flights = self._ranked()
        if not len(rows):
            return _none()
        seeds = self._dense(rows, epochs, flights)
        if not len(seeds.row):
            return seeds
        refined = self.refined(seeds)
        return _distinct(refined.take(np.argsort(refined.total)), self.gateway)

    def evaluate(self, row: Any, epoch: ArrayLike, coast: ArrayLike, flight: ArrayLike) -> Patches:
        """The cheaper branch of the fitting number of revolutions, for arrays of one shape.

        returns  burns NaN where there is no arc, or where it begins before the span or arrives after it
        """
        row, epoch, coast, flight = np.broadcast_arrays(row, epoch, coast, flight)
        section = self.gateway.section_state(row, epoch)
        r2, v2 = kepler.propagate(section[..., :3], section[..., 3:], -coast, MU)
        depart = epoch - coast - flight
        inside = np.clip(depart, *self.gateway.span)
        within = (depart == inside) & np.isfinite(self.gateway.arrival(row, epoch))
        here = self.target.state(inside)
        turns = self._turns(here, r2, v2, flight)
        leave = np.full(here[..., :3].shape, np.nan)
        join = leave.copy()
        high = np.zeros(row.shape, dtype=bool)
        total = np.full(row.shape, np.inf)
        for m in range(self.search.revolutions + 1):
            for branch in ("low", "high") if m else ("low",):
                lanes = np.flatnonzero((turns == m) & within)
                if not len(lanes):
                    continue
                a, b = here.reshape(-1, 6)[lanes], r2.reshape(-1, 3)[lanes]
                v1, w2 = lambert.solve(
                    a[:, :3],
                    b,
                    flight.reshape(-1)[lanes],
                    MU,
                    revolutions=m,
                    branch=branch,
                    north=self.gateway.axes[:, 2],
                )
                first, second = v1 - a[:, 3:], v2.reshape(-1, 3)[lanes] - w2
                value = _norm(first) + _norm(second)
                better = value < total.reshape(-1)[lanes]
                where = lanes[better]
                total.reshape(-1)[where] = value[better]
                leave.reshape(-1, 3)[where] = first[better]
                join.reshape(-1, 3)[where] = second[better]
                high.reshape(-1)[where] = branch == "high"
        return Patches(np.asarray(row), epoch, coast, flight, turns, high, leave, join)

    def _turns(self, here: Array, r2: Array, v2: Array, flight: Array) -> NDArray[np.int64]:
        """Complete revolutions of the arc whose mean motion is nearest to that of both orbits."""
        pole = self.gateway.axes[:, 2]
        across = np.cross(here[..., :3], r2) @ pole
        along = np.sum(here[..., :3] * r2, -1)
        angle = np.arctan2(across, along) % (2 * pi)
        motion = 0.5 * (_mean_motion(here[..., :3], here[..., 3:]) + _mean_motion(r2, v2))
        turns = np.clip(np.rint((motion * flight - angle) / (2 * pi)), 0, self.search.revolutions)
        return np.asarray(turns, dtype=np.int64)

    def _ranked(self) -> tuple[NDArray[np.int64], Array, Array]:
        """Pairs worth an arc: rows, epochs and times from the first burn to the section."""
        g, s = self.gateway, self.search
        table, step = g.table_of(self.target)
        middle = np.ascontiguousarray(table[:, table.shape[1] // 2])
        rows = np.arange(len(g.library))
        free = gates.least_costs(middle, g.entries, g.turns, g.slack)
        rows = rows[np.argsort(free)[: s.thin if not g.circular else s.thin // 4]]
        rows = rows[np.isfinite(free[rows])]
        epochs = np.ascontiguousarray(g.epochs(rows))
        turns = g.longitude_at(np.nan_to_num(epochs))
        flights = gates.FLIGHTS_D[s.flight_d[1] + s.coasts_d[-1] >= gates.FLIGHTS_D] * DAY
        cost, flight = gates.phased_costs(
            table, step, g.span[0], np.ascontiguousarray(g.entries[:, rows]), epochs, turns, flights
        )
        flat = cost.reshape(-1)
        count = min(s.pairs, flat.size - 1)
        picks = np.argpartition(flat, count)[:count] if count > 0 else np.arange(flat.size)
        few = min(len(rows), 8 * s.a_year)
        cheap = np.argpartition(cost, few - 1, axis=0)[:few] * cost.shape[1] + np.arange(cost.shape[1])
        cheap = cheap.reshape(-1)
        yearly = cheap[_yearly(flat[cheap], epochs.reshape(-1)[cheap], s.a_year)]
        picks = np.unique(np.concatenate([picks, yearly]))
        picks = picks[np.isfinite(flat[picks])]
        return rows[picks // cost.shape[1]], epochs.reshape(-1)[picks], flight.reshape(-1)[picks]

    def _dense(self, rows: NDArray[np.int64], epochs: Array, flights: Array) -> Patches:
        """The best arc of each pair: every coast, and what it leaves of the time, more or less."""
        coasts = np.array(self.search.coasts_d)[None, :, None] * DAY
        around = np.array([-100.0, -50.0, 0.0, 50.0, 100.0]) * DAY
        low, high = self.search.flight_d[0] * DAY, self.search.flight_d[1] * DAY
        arcs = np.clip(flights[:, None, None] - coasts + around, low, high)
        grid = self.evaluate(rows[:, None, None], epochs[:, None, None], coasts, arcs)
        total = np.where(np.isfinite(grid.total), grid.total, np.inf).reshape(len(rows), -1)
        best = np.argmin(total, 1)
        flat = np.arange(len(rows)) * total.shape[1] + best
        chosen = grid.take(np.unravel_index(flat, grid.epoch.shape))
        order = np.argsort(chosen.total)
        chosen = chosen.take(order[np.isfinite(chosen.total[order])])
        return _distinct(chosen, self.gateway).take(slice(self.search.seeds))

    def refined(self, seeds: Patches) -> Patches:
        """Shrinking steps in time and walks to neighbouring entries, all seeds at once."""
        here = seeds
        reach = np.array([40.0, 40.0, 8.0]) * DAY
        for turn in range(self.search.rounds):
            here = self._timed(here, reach)
            here = self._walked(here, stride=max(1, 4 >> turn))
            here = self._timed(here, 0.5 * reach)
            reach = 0.5 * reach
        return here

    def _timed(self, here: Patches, reach: Array) -> Patches:
        steps = np.array([-1.0, -0.4, 0.0, 0.4, 1.0])
        moves = np.array([[c, f, 0.0] for c in steps for f in steps])
        if self.gateway.circular:
            moves = np.concatenate([moves + np.array([0.0, 0.0, e]) for e in (-1.0, 0.0, 1.0)])
        coast, flight, epoch = (moves * reach).T
        low, high = self.search.flight_d[0] * DAY, self.search.flight_d[1] * DAY
        tried = self.evaluate(
            here.row[:, None],
            np.clip(here.epoch[:, None] + epoch, *self.gateway.span),
            np.clip(here.coast[:, None] + coast, 0.0, self.search.coasts_d[-1] * DAY),
            np.clip(here.flight[:, None] + flight, low, high),
        )
        return _better(here, tried)

    def _walked(self, here: Patches, stride: int) -> Patches:
        """Neighbours in orbit, departure and season; the section epoch follows the season."""
        library = self.gateway.library
        recipe = library.recipe
        season = np.rint((library.anomaly + library.duration) * recipe.seasons / (2 * pi)).astype(int)
        steps = np.array([[i, j, k] for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
        if self.gateway.circular:
            steps = np.array([[i, j, 0] for i in (-1, 0, 1) for j in (-3, -1, 0, 1, 3)])
        orbit = library.orbit[here.row][:, None] + stride * steps[:, 0]
        departure = library.departure[here.row][:, None] + stride * steps[:, 1]
        when = season[here.row][:, None] + steps[:, 2]
        valid = (orbit >= 0) & (orbit < len(library.orbits))
        orbit = np.clip(orbit, 0, len(library.orbits) - 1)
        row = self._lookup[orbit, departure % recipe.departures, when % recipe.seasons]
        valid &= row >= 0
        row = np.where(valid, row, here.row[:, None])
        tried = self.evaluate(row, self._moved_epoch(here, row), here.coast[:, None], here.flight[:, None])
        return _better(here, tried)

    def _moved_epoch(self, here: Patches, row: NDArray[np.int64]) -> Array:
        if self.gateway.circular:
            # the same arrival at the orbit, not the same passage of the section
            duration = self.gateway.library.duration
            return (
                here.epoch[:, None]
                - (duration[row] - duration[here.row][:, None]) * self.gateway.library.system.time_s
            )
        wanted = self.gateway.library.anomaly[row]
        near = self.gateway.longitude_at(here.epoch)[:, None]
        wanted = wanted + 2 * pi * np.rint((near - wanted) / (2 * pi))
        return self.gateway.date_of(wanted)


def _none() -> Patches:
    count, time, burn = np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 3))
    return Patches(count, time, time, time, count, np.zeros(0, dtype=bool), burn, burn)


def _mean_motion(r: Array, v: Array) -> Array:
    energy = 2.0 / _norm(r) - np.sum(v * v, -1) / MU
    return np.asarray(np.sqrt(MU * np.abs(energy) ** 3))


def _norm(v: Array) -> Array:
    return np.asarray(np.sqrt(v[..., 0] ** 2 + v[..., 1] ** 2 + v[..., 2] ** 2))


def _yearly(cost: Array, epoch: Array, count: int) -> NDArray[np.int64]:
    """Indices of the cheapest few of every year."""
    year = np.where(np.isfinite(cost), epoch // YEAR, -1e6)
    order = np.lexsort([cost, year])
    first = np.concatenate([[True], np.diff(year[order]) != 0])
    rank = np.arange(len(order)) - np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    return np.asarray(order[rank < count])


def _better(here: Patches, tried: Patches) -> Patches:
    """For each seed the best of what was tried and what it was."""
    total = np.where(np.isfinite(tried.total), tried.total, np.inf)
    pick = np.argmin(total, 1)
    lanes = np.arange(len(pick))
    found = tried.take((lanes, pick))
    improved = total[lanes, pick] < here.total
    columns = {}
    for name in Patches.__dataclass_fields__:
        old, new = getattr(here, name), getattr(found, name)
        columns[name] = np.where(improved.reshape(-1, *[1] * (old.ndim - 1)), new, old)
    return replace(here, **columns)


def _distinct(found: Patches, g: Gateway) -> Patches:
    """The first of every pair of libration point and year, in the order given."""
    point = np.array([orbit.point for orbit in g.library.orbits])[g.library.orbit[found.row]]
    key = point * 10_000 + (found.epoch // YEAR).astype(int)
    _, first = np.unique(key, return_index=True)
    return found.take(np.sort(first))
