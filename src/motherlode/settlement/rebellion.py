"""Who turns a grievance into action: the rule of Epstein 2002, its closed form, and the rule on a grid as a check.

Descriptive, not predictive (Thron & Jackson): the rule shows no sharp tipping points that a base could be steered by.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ARREST_CONSTANT: Final = 2.3
THRESHOLD: Final = 0.1


def risk(enforcement: ArrayLike, active: ArrayLike, *, constant: ArrayLike = ARREST_CONSTANT) -> Array:
    """Estimated chance of a sanction: 1 - exp(-k round(C/A)); its results need the rounding, which the paper omits.

    enforcement  weight of those who sanction within reach, active of those who act, the asker included (at least 1)
    """
    return -np.expm1(-np.asarray(constant) * np.round(np.asarray(enforcement) / np.maximum(active, 1.0)))


def acts(
    grievance: ArrayLike, aversion: ArrayLike, danger: ArrayLike, *, threshold: ArrayLike = THRESHOLD
) -> NDArray[np.bool_]:
    """Whether each person acts: grievance less the risk as they feel it exceeds the threshold."""
    net = np.asarray(grievance, dtype=float) - np.asarray(aversion, dtype=float) * np.asarray(danger)
    return np.asarray(net > np.asarray(threshold, dtype=float))


def unopposed_share(legitimacy: float, *, threshold: float = THRESHOLD) -> float:
    """Share that acts where nobody sanctions and hardship is uniform: 1 - T/(1 - L)."""
    return max(0.0, 1 - threshold / (1 - legitimacy)) if legitimacy < 1 else 0.0


@dataclass(frozen=True)
class Town:
    """The grid on which the rule is checked: a torus, diamond-shaped vision."""

    size: int = 40
    citizens: float = 0.70
    enforcers: float = 0.04
    vision: int = 7
    longest_sanction: int = 30


def active_shares(
    legitimacy: float, rng: np.random.Generator, *, steps: int = 300, town: Town | None = None
) -> Array:
    """Share of active citizens after each step of the grid, (steps)."""
    town = town or Town()
    reach = np.arange(-town.vision, town.vision + 1)
    dx, dy = (axis.ravel() for axis in np.meshgrid(reach, reach))
    seen = (np.abs(dx) + np.abs(dy) <= town.vision) & (np.abs(dx) + np.abs(dy) > 0)
    offsets = np.stack([dx[seen], dy[seen]], axis=1)
    state = rng.integers(1, 2**63, 1).astype(np.uint64)
    densities = (town.citizens, town.enforcers)
    return np.asarray(_town(town.size, *densities, offsets, town.longest_sanction, legitimacy, state, steps))


@njit(cache=True, nogil=True, error_model="numpy")
def _uniform(state):  # type: ignore[no-untyped-def]
    """Number in 0..1 of a xorshift generator (Marsaglia 2003): a library generator compiles four times as long."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return (x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _town(size, citizens, enforcers, offsets, longest, legitimacy, state, steps):  # type: ignore[no-untyped-def]
    QUIET, ACTIVE, SANCTIONED, ENFORCER = 1, 2, 3, 4
    cell = np.full((size, size), -1)
    place = np.empty((size * size, 2), np.int64)
    kind = np.empty(size * size, np.int64)
    n = 0
    for x in range(size):
        for y in range(size):
            u = _uniform(state)
            if u < citizens + enforcers:
                cell[x, y] = n
                place[n] = x, y
                kind[n] = QUIET if u < citizens else ENFORCER
                n += 1
    hardship, aversion = np.empty(n), np.empty(n)
    for a in range(n):
        hardship[a], aversion[a] = _uniform(state), _uniform(state)
    order = np.arange(n)
    sentence = np.zeros(n, np.int64)
    share = np.empty(steps)
    near = np.empty(len(offsets), np.int64)
    free = np.empty(len(offsets), np.int64)
    for step in range(steps):
        for k in range(n - 1, 0, -1):
            j = int(_uniform(state) * (k + 1))
            order[k], order[j] = order[j], order[k]
        for one in order:
            a = int(one)
            if sentence[a] > 0:
                sentence[a] -= 1
                continue
            acting, watching, empty = 0, 0, 0
            for k in range(len(offsets)):
                b = cell[(place[a, 0] + offsets[k, 0]) % size, (place[a, 1] + offsets[k, 1]) % size]
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
                    b = near[int(_uniform(state) * acting)]
                    kind[b], sentence[b] = SANCTIONED, int(_uniform(state) * (longest + 1))
            else:
                danger = 1 - np.exp(-2.3 * np.rint(watching / (1 + acting)))
                angry = hardship[a] * (1 - legitimacy) - aversion[a] * danger > 0.1
                kind[a] = ACTIVE if angry else QUIET
            if empty:
                k = free[int(_uniform(state) * empty)]
                cell[place[a, 0], place[a, 1]] = -1
                place[a] = (place[a, 0] + offsets[k, 0]) % size, (place[a, 1] + offsets[k, 1]) % size
                cell[place[a, 0], place[a, 1]] = a
        people, acting = 0, 0
        for a in range(n):
            people += kind[a] != ENFORCER
            acting += kind[a] == ACTIVE
        share[step] = acting / people
    return share
