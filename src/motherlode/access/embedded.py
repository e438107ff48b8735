"""Embedded grids: every launch, outbound flight, stay and return flight of a round trip, from two tables of legs.

One table holds the cost of going out, ``out[i, l]`` for flight i and launch l, the other that of coming back,
``back[k, m]`` for flight k and date m at the asteroid. A trip is out[i, l] + back[k, l + i + j] with i + j + k up to
``steps``: millions of trips from a hundred thousand legs.
"""

from math import inf, sqrt
from typing import Any, Final

import numpy as np
from numba import njit

from motherlode.mechanics import lambert
from motherlode.mechanics import lambert_cells as cells
from motherlode.mechanics.lanes import FAST, LANES, STRIDE

HOPELESS: Final = 150.0  # km/s


@njit(error_model="numpy", nogil=True, cache=True)
def legs(
    origin: Any, target: Any, flights: Any, mu: float, north: Any, ways: Any, most_v2: float, outward: bool,
    steps: int, cost: Any,
) -> None:  # fmt: skip
    """Cost (flights, dates) of flying each leg: the port's burn at one end, the meeting of speeds at the other.

    origin, target  (8, n) tables of states; flight i leaves at date d and arrives at date d + i of the target's table
    ways            (k, 3) of the port, the cheapest counts; outward: the port is at the origin
    most_v2         (km/s)² largest squared speed at infinity at the port
    steps           of Householder: 2 exact with a robust repair, 1 for a first look
    """
    b = np.empty(cells.ROWS * STRIDE)
    home, away = (cells.LEAVE, cells.ARRIVE) if outward else (cells.ARRIVE, cells.LEAVE)
    for start in range(0, cost.shape[1], LANES):
        n = min(LANES, cost.shape[1] - start)
        cells.load(origin, start, 1, b, cells.FROM, n)
        for i in range(cost.shape[0]):
            cells.load(target, start + i, 1, b, cells.TO, n)
            cells.geometry(b, n, north[0], north[1], north[2])
            cells.guess(b, n, flights[i] * sqrt(mu))
            for _ in range(steps - 1):
                cells.improve(b, n)
            cells.finish(b, n)
            if steps > 1:
                repair(b, n, flights[i])
            cells.speeds(b, n, 0.0, 0.0, 0.0)
            charge(b, n, mu, home, away, ways, most_v2, 0.3 if steps == 1 else 1e-4, cost[i, start:])


@njit(error_model="numpy", forceinline=True)
def repair(b: Any, n: int, tof: float) -> None:
    """The lanes that two steps did not settle, by the robust iteration.

    A hyperbola that covers its chord at more than ``HOPELESS`` km/s on average leaves and arrives so fast that no
    limit lets it pass: those lanes stay unsettled, which charges them infinity.
    """
    for k in range(n):
        if not abs(b[k + cells.STEP]) < 1e-4:
            T = b[k + cells.TIME]
            lam = b[k + cells.LAMBDA]
            hopeless = T < 0.1 and b[k + cells.CHORD] > HOPELESS * tof
            if abs(lam) < 1.0 and not hopeless:
                b[k + cells.X], reason = lambert.direct_root(T, lam, b[k + cells.ONE_L2])
                b[k + cells.STEP] = 0.0 if reason == 0 else 1.0


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def charge(
    b: Any, n: int, mu: float, home: int, away: int, ways: Any, most_v2: float, certain: float, cost: Any
) -> None:
    """Cost of n legs from the squared speeds in the block; infinite beyond the limit or where x is uncertain."""
    for k in range(n):
        cost[k] = inf
    for w in range(ways.shape[0]):
        escape2 = ways[w, 0] * ways[w, 0]
        orbit = ways[w, 1]
        extra = ways[w, 2]
        for k in range(n):
            burn = sqrt(mu * b[k + home] + escape2) - orbit
            burn = (burn if burn > 0.0 else 0.0) + extra
            cost[k] = burn if burn < cost[k] else cost[k]
    for k in range(n):
        total = cost[k] + sqrt(mu * b[k + away])
        total = inf if mu * b[k + home] > most_v2 else total
        cost[k] = total if abs(b[k + cells.STEP]) < certain else inf


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def _least(h: Any, above: Any, leg: Any, n: int) -> None:
    for p in range(n - 1):
        a = above[p]
        b = above[p + 1]
        c = leg[p]
        low = a if a < b else b
        h[p] = low if low < c else c


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def cheapest_return(back: Any, home: Any) -> None:
    """home[s, p]: least cost of coming back with wait plus flight within s steps, from date p on."""
    flights, dates = back.shape
    for s in range(home.shape[0]):
        if s == 0:
            home[0, :] = back[0]
        elif s < flights:
            home[s, dates - 1] = min(home[s - 1, dates - 1], back[s, dates - 1])
            _least(home[s], home[s - 1], back[s], dates)
        else:
            home[s, :] = home[s - 1]
            _least(home[s], home[s - 1], home[s - 1], dates)


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def _add_least(best: Any, x: Any, y: Any, n: int) -> None:
    for k in range(n):
        total = x[k] + y[k]
        best[k] = total if total < best[k] else best[k]


@njit(error_model="numpy", nogil=True, cache=True, forceinline=True)
def cheapest(out: Any, home: Any, least_stay: int, steps: int, best: Any) -> None:
    """Least total per launch with i + j + k within ``steps``."""
    best[:] = inf
    for i in range(steps - least_stay + 1):
        _add_least(best, out[i], home[steps - least_stay - i][i + least_stay :], best.size)


@njit(error_model="numpy", forceinline=True)
def shortest(out: Any, home: Any, least_stay: int, steps: int, most: float, best: Any) -> int:
    """Least i + j + k with a passing trip; -1 if none passes."""
    for total in range(least_stay, steps + 1):
        cheapest(out, home, least_stay, total, best)
        for launch in range(best.size):
            if best[launch] <= most:
                return total
    return -1


@njit(error_model="numpy", nogil=True, cache=True)
def first_of(
    out: Any, back: Any, least_stay: int, low: int, high: int, most: float
) -> tuple[int, int, int, int, float]:
    """The first trip in the order launch, outbound, stay, return that costs at most so much, i + j + k in a range."""
    for launch in range(out.shape[1]):
        for i in range(high - least_stay + 1):
            if out[i, launch] > most:
                continue
            for j in range(least_stay, high - i + 1):
                for k in range(max(0, low - i - j), high - i - j + 1):
                    total = out[i, launch] + back[k, launch + i + j]
                    if total <= most:
                        return launch, i, j, k, total
    return -1, -1, -1, -1, inf


@njit(error_model="numpy", forceinline=True)
def count(out: Any, back_by_date: Any, home: Any, least_stay: int, steps: int, most: float) -> int:
    """Number of passing trips; back_by_date (dates, flights) holds the returns with the flights side by side."""
    total = 0
    for launch in range(out.shape[1]):
        for i in range(steps - least_stay + 1):
            room = most - out[i, launch]
            if home[steps - least_stay - i, launch + i + least_stay] > room:
                continue
            for j in range(least_stay, steps - i + 1):
                total += _passing(back_by_date[launch + i + j], steps - i - j + 1, room)
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def evaluate(out: Any, back: Any, least_stay: int, steps: int, most: float, answer: Any) -> None:
    """What a search says, into ``answer`` (12): see ``ANSWER``. Ties go to the first in loop order."""
    home = np.empty((steps - least_stay + 1, back.shape[1]))
    cheapest_return(back, home)
    best = np.empty(out.shape[1])
    cheapest(out, home, least_stay, steps, best)
    least = best.min()
    answer[:] = -1.0
    answer[0] = least
    if not least <= most:
        return
    answer[1], answer[2], answer[3], answer[4], _ = first_of(out, back, least_stay, least_stay, steps, least)
    total = shortest(out, home, least_stay, steps, most, best)
    answer[5], answer[6], answer[7], answer[8], answer[9] = first_of(out, back, least_stay, total, total, most)
    answer[10] = total
    answer[11] = count(out, np.ascontiguousarray(back.T), home, least_stay, steps, most)


# The numbers of ``evaluate``: least Δv; launch, outbound, stay and return index of it; the same four of the shortest
# trip and its Δv; its i + j + k; how many trips pass.
ANSWER: Final = 12


@njit(fastmath=FAST, error_model="numpy", forceinline=True)
def _passing(row: Any, n: int, room: float) -> int:
    passing = 0
    for k in range(n):
        passing += 1 if row[k] <= room else 0
    return passing
