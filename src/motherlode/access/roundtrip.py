"""Round trips: out to an asteroid, a stay, and back, from any port, on the whole lattice of a set of rules.

``search`` takes one target that moves in any way; ``screen`` takes a whole catalogue on two-body orbits, first on a
coarse lattice, then exactly where the coarse cost is within a margin of the limit.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.access import embedded, porkchop, ports
from motherlode.access.rules import NHATS, Rules
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.mechanics import elements, lambert_cells
from motherlode.mechanics.frames import ECLIPTIC_NORTH, ICRF_FROM_ECLIPTIC
from motherlode.tables import Table
from motherlode.units import DAY

__all__ = ["NHATS", "RoundTrip", "Rules", "Trip", "screen", "search"]

Array = NDArray[np.float64]
MU: Final = GM_KM3_S2["sun"]
COARSE: Final = 2  # the first lattice of a screen is that many times as wide
MARGIN_KM_S: Final = 3.0  # twice the furthest that a passing near-Earth asteroid lay above the limit in the screen
TWO_BODY: Final = "two-body asteroid: close approaches and perturbations are left out"


@dataclass(frozen=True)
class Trip:
    """One trip of the lattice: four dates and four burns."""

    launch_tdb: float
    arrive_tdb: float
    leave_tdb: float
    return_tdb: float
    c3_km2_s2: float
    departure_km_s: float
    arrival_km_s: float
    leaving_km_s: float
    return_km_s: float
    v_infinity_return_km_s: float

    @property
    def delta_v_km_s(self) -> float:
        """All burns together, km/s."""
        return self.departure_km_s + self.arrival_km_s + self.leaving_km_s + self.return_km_s

    def summary(self) -> dict[str, Any]:
        """As one flat row, units in the names."""
        return {
            "launch_tdb": epochs.iso(self.launch_tdb),
            "arrive_tdb": epochs.iso(self.arrive_tdb),
            "leave_tdb": epochs.iso(self.leave_tdb),
            "return_tdb": epochs.iso(self.return_tdb),
            "outbound_d": (self.arrive_tdb - self.launch_tdb) / DAY,
            "stay_d": (self.leave_tdb - self.arrive_tdb) / DAY,
            "return_d": (self.return_tdb - self.leave_tdb) / DAY,
            "c3_km2_s2": self.c3_km2_s2,
            "departure_delta_v_km_s": self.departure_km_s,
            "arrival_delta_v_km_s": self.arrival_km_s,
            "leaving_delta_v_km_s": self.leaving_km_s,
            "return_delta_v_km_s": self.return_km_s,
            "v_infinity_return_km_s": self.v_infinity_return_km_s,
            "delta_v_km_s": self.delta_v_km_s,
        }


@dataclass(frozen=True)
class RoundTrip:
    """What a search found; without a passing trip the numbers are NaN, ``n_trajectories`` 0 and ``best`` None."""

    designation: str
    port: str
    rules: Rules
    min_delta_v_km_s: float
    duration_d: float
    min_duration_d: float
    delta_v_at_min_duration_km_s: float
    n_trajectories: int
    best: Trip | None
    quickest: Trip | None
    model: str
    flags: tuple[str, ...] = field(default=())

    @property
    def passes(self) -> bool:
        """Whether any trip keeps the rules."""
        return self.n_trajectories > 0

    def summary(self) -> dict[str, Any]:
        """As one row, units in the names."""
        return {
            "designation": self.designation,
            "port": self.port,
            "rules": self.rules.name,
            "min_delta_v_km_s": _or_none(self.min_delta_v_km_s),
            "duration_d": _or_none(self.duration_d),
            "min_duration_d": _or_none(self.min_duration_d),
            "delta_v_at_min_duration_km_s": _or_none(self.delta_v_at_min_duration_km_s),
            "n_trajectories": self.n_trajectories,
            "best": self.best.summary() if self.best else None,
            "quickest": self.quickest.summary() if self.quickest else None,
            "model": self.model,
            "flags": list(self.flags),
        }


def search(
    target: Mover, home: Mover, port: ports.Port | str, rules: Rules = NHATS, *, flags: Sequence[str] = ()
) -> RoundTrip:
    """The round trips of one target: least Δv, shortest duration, and how many trips pass, on the whole lattice.

    target   any mover: an orbit, an integrated trajectory, a planet
    home     the mover that the port belongs to
    flags    what the caller knows about the target; those of the search are added
    raises   OutsideEphemeris where a mover does not cover the window
    """
    port = ports.find(port) if isinstance(port, str) else port
    lattice = Lattice.of(home, port, rules)
    out, back = lattice.tables()
    lattice.fill(target.state(lattice.stay_dates), out, back)
    answer = np.empty(embedded.ANSWER)
    embedded.evaluate(out, back, rules.least_stay, rules.steps, rules.most_delta_v_km_s, answer)
    model = TWO_BODY if isinstance(target, Orbit) else "n-body"
    return lattice.told(str(target.name), answer, target, model, tuple(flags))


@dataclass(frozen=True)
class Lattice:
    """The dates of a search and the home planet on them."""

    home: Mover
    port: ports.Port
    rules: Rules
    departures: Array  # (8, launches) table of the home planet
    returns: Array  # (8, ...) table of the home planet at return dates

    @classmethod
    def of(cls, home: Mover, port: ports.Port, rules: Rules) -> "Lattice":
        """The lattice of a port and its rules."""
        first, useful = rules.first_launch_tdb + 2 * rules.shortest_leg_s, len(rules.launches) + rules.steps
        states = np.full((useful + rules.legs, 6), np.nan)  # no trip returns after the useful dates: empty cells
        states[:useful] = home.state(first + rules.step_s * np.arange(useful, dtype=np.float64))
        return cls(home, port, rules, _table(home.state(rules.launches)), _table(states))

    @property
    def stay_dates(self) -> Array:
        """Dates at the asteroid: arrivals and departures share them."""
        count = len(self.rules.launches) + self.rules.steps
        return (
            self.rules.first_launch_tdb
            + self.rules.shortest_leg_s
            + self.rules.step_s * np.arange(count, dtype=np.float64)
        )

    def tables(self) -> tuple[Array, Array]:
        """Empty tables of legs: out (flights, launches) and back (flights, stay dates)."""
        flights, launches = self.rules.legs, len(self.rules.launches)
        return np.empty((flights, launches)), np.empty((flights, launches + self.rules.steps))

    def fill(self, states: Array, out: Array, back: Array, solver_steps: int = 2) -> None:
        """Costs of all legs, km/s, into the tables, for the target's states (n, 6) on the stay dates."""
        rules, table = self.rules, _table(states)
        leave, arrive = ports.ways(self.port.departure), ports.ways(self.port.arrival)
        shared = (rules.flights, MU, ECLIPTIC_NORTH)
        embedded.legs(
            self.departures, table, *shared, leave, rules.most_c3_km2_s2, True, solver_steps, out
        )  # fmt: skip
        embedded.legs(table, self.returns, *shared, arrive, np.inf, False, solver_steps, back)

    def trip(self, target: Mover, launch: int, i: int, j: int, k: int) -> Trip:
        """The trip of four indices, solved with the exact interface."""
        rules = self.rules
        start = float(rules.launches[launch])
        arrive = start + rules.shortest_leg_s + i * rules.step_s
        leave = arrive + j * rules.step_s
        end = leave + rules.shortest_leg_s + k * rules.step_s
        depot = ports.find("depot")
        there = porkchop.window(self.home, target, start, arrive - start, self.port, depot)
        again = porkchop.window(target, self.home, leave, end - leave, depot, self.port)
        return Trip(
            start, arrive, leave, end, there.c3_km2_s2,
            there.departure_delta_v_km_s, there.v_infinity_arrive_km_s,
            again.c3_km2_s2**0.5, again.arrival_delta_v_km_s, again.v_infinity_arrive_km_s,
        )  # fmt: skip

    def told(self, name: str, answer: Array, target: Mover, model: str, flags: tuple[str, ...]) -> RoundTrip:
        """The numbers of ``embedded.evaluate`` in words."""
        if answer[11] <= 0:
            nan = float("nan")
            return RoundTrip(name, self.port.name, self.rules, nan, nan, nan, nan, 0, None, None, model, flags)
        best, quickest = (tuple(int(x) for x in answer[first : first + 4]) for first in (1, 5))
        return RoundTrip(
            name, self.port.name, self.rules, float(answer[0]), self.duration_d(sum(best[1:])),
            self.duration_d(int(answer[10])), float(answer[9]), int(answer[11]),
            self.trip(target, *best), self.trip(target, *quickest), model, flags,
        )  # fmt: skip

    def duration_d(self, steps: Any) -> Any:
        """Days from launch to return of i + j + k steps."""
        return (2 * self.rules.shortest_leg_s + steps * self.rules.step_s) / DAY


def screen(
    orbits: Orbit,
    home: Mover,
    port: ports.Port | str,
    rules: Rules = NHATS,
    *,
    margin_km_s: float = MARGIN_KM_S,
    threads: int = 1,
) -> Table:
    """The round trips of many asteroids on two-body orbits, one row each in the order given.

    orbits       (n) elements; an open orbit passes nothing
    margin_km_s  how far above the limit the coarse lattice may say and still be looked at exactly; inf for all
    threads      the kernels release the interpreter lock
    returns      designation, coarse_delta_v_km_s, and as ``RoundTrip``: min_delta_v_km_s, duration_d, min_duration_d,
                 delta_v_at_min_duration_km_s, n_trajectories, launch_tdb, outbound_d, stay_d, return_d
    """
    port = ports.find(port) if isinstance(port, str) else port
    answers = np.full((len(orbits), embedded.ANSWER), -1.0)
    if np.isfinite(margin_km_s):
        first = coarse(orbits, home, port, rules, threads=threads)
    else:
        first = np.where(np.asarray(orbits.eccentricity) < 1, 0.0, np.inf)
    lattice = Lattice.of(home, port, rules)
    kept = np.nonzero(first <= rules.most_delta_v_km_s + margin_km_s)[0]
    spread(kept[np.isfinite(first[kept])], threads, lambda rows: _exact(orbits, lattice, rows, answers))
    return told_many(orbits, lattice, first, answers)


def coarse(orbits: Orbit, home: Mover, port: ports.Port, rules: Rules, *, threads: int = 1) -> Array:
    """Least Δv (n) km/s of many asteroids on two-body orbits and a lattice twice as wide: a first look.

    Infinite for open orbits and where no leg keeps the limit on the departure energy.
    """
    found = np.full(len(orbits), np.inf)
    lattice = Lattice.of(home, port, rules.coarser(COARSE))
    closed = np.nonzero(np.asarray(orbits.eccentricity) < 1)[0]
    spread(closed, threads, lambda rows: _coarse(orbits, lattice, rows, found))
    return found


def spread(rows: NDArray[np.int64], threads: int, work: Callable[[NDArray[np.int64]], None]) -> None:
    """Work on the rows in chunks, on so many threads; the kernels release the interpreter lock."""
    chunks = np.array_split(rows, max(1, min(len(rows) // 8, 16 * threads) if threads > 1 else 1))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, chunks))


def _coarse(orbits: Orbit, lattice: Lattice, rows: Any, coarse: Array) -> None:
    rules, (out, back) = lattice.rules, lattice.tables()
    home, best = np.empty_like(back), np.empty(out.shape[1])
    for row, states in _ellipses(orbits, lattice, rows):
        lattice.fill(states, out, back, solver_steps=1)
        embedded.cheapest_return(back, home)
        embedded.cheapest(out, home, rules.least_stay, rules.steps, best)
        coarse[row] = best.min()


def _exact(orbits: Orbit, lattice: Lattice, rows: Any, answers: Array) -> None:
    rules, (out, back) = lattice.rules, lattice.tables()
    for row, states in _ellipses(orbits, lattice, rows):
        lattice.fill(states, out, back)
        embedded.evaluate(out, back, rules.least_stay, rules.steps, rules.most_delta_v_km_s, answers[row])


def _ellipses(orbits: Orbit, lattice: Lattice, rows: Any) -> Iterator[tuple[int, Array]]:
    """Each row with its states on the stay dates; the array is filled anew for the next."""
    picked, dates = orbits[rows], lattice.stay_dates
    a, e, i, node, peri, M = (np.broadcast_to(np.asarray(x, dtype=float), len(rows)) for x in picked.elements)
    P, Q = (axes @ ICRF_FROM_ECLIPTIC.T for axes in elements.perifocal_axes(i, node, peri))
    M = M + np.sqrt(MU / a**3) * (dates[0] - np.asarray(picked.epoch_tdb))
    since, states = dates - dates[0], np.empty((len(dates), 6))
    for k, row in enumerate(rows):
        elements.ellipse_at(a[k], e[k], M[k], MU, P[k], Q[k], since, states)
        yield int(row), states


def told_many(orbits: Orbit, lattice: Lattice, coarse: Array, answers: Array) -> Table:
    """The numbers of ``embedded.evaluate`` for many asteroids, as a table."""
    rules = lattice.rules
    passes = answers[:, 11] > 0
    launch, i, j, k = answers[:, 1:5].T
    step, leg = rules.step_s / DAY, rules.shortest_leg_s / DAY

    def where(values: Array) -> Array:
        return np.where(passes, values, np.nan)

    return Table(
        {
            "designation": np.broadcast_to(np.asarray(orbits.name), len(coarse)),
            "coarse_delta_v_km_s": coarse,
            "min_delta_v_km_s": where(answers[:, 0]),
            "duration_d": where(lattice.duration_d(i + j + k)),
            "min_duration_d": where(lattice.duration_d(answers[:, 10])),
            "delta_v_at_min_duration_km_s": where(answers[:, 9]),
            "n_trajectories": np.where(passes, answers[:, 11], 0).astype(np.int64),
            "launch_tdb": where(rules.first_launch_tdb + launch * rules.step_s),
            "outbound_d": where(leg + i * step),
            "stay_d": where(j * step),
            "return_d": where(leg + k * step),
        }
    )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value


def _table(states: Array) -> Array:
    table = np.empty((lambert_cells.COLUMNS, len(states)))
    lambert_cells.tabulate(np.ascontiguousarray(states), MU, table)
    return table
