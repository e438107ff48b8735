"""The rule of Epstein 2002 on a grid, as a check: run for run the civil-violence example of Mesa 3.3.1.

Random numbers, the order of activation and that of the neighbours are those of the example, so that a seed gives the
same run there and here, step by step.
"""

import random
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from motherlode.errors import BadInput
from motherlode.settlement.rebellion import ARREST_CONSTANT, THRESHOLD

Array = NDArray[np.float64]
AROUND = ((-1, 0), (0, -1), (0, 1), (1, 0))


@dataclass(frozen=True)
class Town:
    """A torus of cells with diamond-shaped vision; nobody sees all round it."""

    size: int = 40
    citizens: float = 0.70
    enforcers: float = 0.04
    vision: int = 7
    longest_sanction: int = 30

    def __post_init__(self) -> None:
        if not 1 <= self.vision < self.size / 2:
            raise BadInput(f"vision must lie from 1 to less than half of {self.size} cells; got {self.vision}")


def active_shares(legitimacy: float, seed: int, *, steps: int = 300, town: Town | None = None) -> Array:
    """Share of active citizens after each step of the grid, (steps)."""
    town = town or Town()
    words = random.Random(seed).getstate()[1]
    twister, at = np.array(words[:-1], dtype=np.uint32), np.array(words[-1:], dtype=np.int64)
    seen = np.array(_seen(town.vision))
    densities = (town.citizens, town.citizens + town.enforcers)
    return np.asarray(_live(town.size, *densities, seen, town.longest_sanction, legitimacy, twister, at, steps))


def _seen(vision: int) -> list[tuple[int, int]]:
    """Offsets of the cells in view, in the order in which the example lists them."""
    near = [*AROUND, (0, 0)]
    for _ in range(vision - 1):
        near = list(dict.fromkeys((dx + x, dy + y) for dx, dy in AROUND for x, y in near))
    return [offset for offset in near if offset != (0, 0)]


@njit(cache=True, nogil=True, error_model="numpy")
def _word(twister, at):  # type: ignore[no-untyped-def]
    """Next 32 bits of the Mersenne twister (Matsumoto & Nishimura 1998)."""
    if at[0] >= 624:
        for k in range(624):
            y = (twister[k] & np.uint32(0x80000000)) | (twister[(k + 1) % 624] & np.uint32(0x7FFFFFFF))
            word = twister[(k + 397) % 624] ^ (y >> np.uint32(1))
            twister[k] = word ^ np.uint32(0x9908B0DF) if y & np.uint32(1) else word
        at[0] = 0
    y = twister[at[0]]
    at[0] += 1
    y ^= y >> np.uint32(11)
    y ^= (y << np.uint32(7)) & np.uint32(0x9D2C5680)
    y ^= (y << np.uint32(15)) & np.uint32(0xEFC60000)
    y ^= y >> np.uint32(18)
    return np.int64(y)


@njit(cache=True, nogil=True, error_model="numpy")
def _uniform(twister, at):  # type: ignore[no-untyped-def]
    """Number from 0 to 1 as ``random.random`` draws it."""
    high, low = _word(twister, at) >> 5, _word(twister, at) >> 6
    return (high * 67108864.0 + low) / 9007199254740992.0


@njit(cache=True, nogil=True, error_model="numpy")
def _below(n, twister, at):  # type: ignore[no-untyped-def]
    """Whole number below n as ``random.randrange`` draws it."""
    bits = 0
    while n >> bits:
        bits += 1
    drawn = _word(twister, at) >> (32 - bits)
    while drawn >= n:
        drawn = _word(twister, at) >> (32 - bits)
    return drawn


@njit(cache=True, nogil=True, error_model="numpy")
def _live(size, citizens, filled, seen, longest, legitimacy, twister, at, steps):  # type: ignore[no-untyped-def]
    QUIET, ACTIVE, SANCTIONED, ENFORCER = 1, 2, 3, 4
    cell = np.full((size, size), -1)
    place = np.empty((size * size, 2), np.int64)
    kind = np.empty(size * size, np.int64)
    hardship, aversion = np.empty(size * size), np.empty(size * size)
    n = 0
    for x in range(size):
        for y in range(size):
            u = _uniform(twister, at)
            if u < filled:
                kind[n] = QUIET if u < citizens else ENFORCER
                if u < citizens:
                    hardship[n] = _uniform(twister, at)
                    aversion[n] = _uniform(twister, at)
                cell[x, y], place[n, 0], place[n, 1] = n, x, y
                n += 1
    order, sentence = np.empty(n, np.int64), np.zeros(n, np.int64)
    share = np.empty(steps)
    near, free = np.empty(len(seen), np.int64), np.empty(len(seen), np.int64)
    for step in range(steps):
        for k in range(n):
            order[k] = k
        for k in range(n - 1, 0, -1):
            j = _below(k + 1, twister, at)
            order[k], order[j] = order[j], order[k]
        for a in order:
            if sentence[a] > 0:
                sentence[a] -= 1
                continue
            acting, watching, empty = 0, 0, 0
            for k in range(len(seen)):
                b = cell[(place[a, 0] + seen[k, 0]) % size, (place[a, 1] + seen[k, 1]) % size]
                if b < 0:
                    free[empty] = k
                    empty += 1
                elif kind[b] == ENFORCER:
                    watching += 1
                elif kind[b] == ACTIVE:
                    near[acting] = b
                    acting += 1
            if kind[a] == ENFORCER:
                if acting:
                    b = near[_below(acting, twister, at)]
                    kind[b], sentence[b] = SANCTIONED, _below(longest + 1, twister, at)
            else:
                danger = 1 - np.exp(-ARREST_CONSTANT * np.rint(watching / (1 + acting)))
                angry = hardship[a] * (1 - legitimacy) - aversion[a] * danger > THRESHOLD
                kind[a] = ACTIVE if angry else QUIET
            if empty:
                k = free[_below(empty, twister, at)]
                cell[place[a, 0], place[a, 1]] = -1
                place[a, 0] = (place[a, 0] + seen[k, 0]) % size
                place[a, 1] = (place[a, 1] + seen[k, 1]) % size
                cell[place[a, 0], place[a, 1]] = a
        people, standing = 0, 0
        for b in range(n):
            people += kind[b] != ENFORCER
            standing += kind[b] == ACTIVE
        share[step] = standing / people
    return share
