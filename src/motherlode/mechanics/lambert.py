"""Lambert's problem: the orbit that joins two positions in a given time.

Izzo (2015), doi:10.1007/s10569-014-9587-y. The solution lives in one unknown x, with x² = 1 - s/(2a): x < 1 on an
ellipse, 1 on a parabola, above on a hyperbola. The time of flight T(x) falls from infinity to zero without
revolutions; with M revolutions it has a minimum, and two orbits exist above it: the branch ``high`` on its left
(small x, the path that climbs high), ``low`` on its right.

Batches run through the wide stages of ``lambert_lanes``; every lane that these cannot vouch for is solved again by
the robust iteration below, and what neither can solve is NaN with a reason.
"""

from math import acos, acosh, copysign, inf, isfinite, log, pi, sqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from motherlode.mechanics import lambert_lanes as lanes
from motherlode.mechanics import lambert_turns as turning
from motherlode.mechanics.lanes import LANES, STRIDE, fetch

Array = NDArray[np.float64]

FINE: Final = 0
NOT_FINITE: Final = 1
NO_TIME: Final = 2
ALIGNED: Final = 3
NO_ORBIT: Final = 4
DOUBLE_ROOT: Final = 5
NOT_CONVERGED: Final = 6
REASONS: Final = {
    FINE: "solved",
    NOT_FINITE: "a position, the time of flight or mu is not a finite number",
    NO_TIME: "the time of flight is not positive",
    ALIGNED: "the positions lie on one line through the centre, so the plane is undefined",
    NO_ORBIT: "no orbit makes so many revolutions in this time",
    DOUBLE_ROOT: "the time of flight is the least possible within rounding: both branches meet",
    NOT_CONVERGED: "the iteration did not converge",
}


def solve(
    r1: ArrayLike,
    r2: ArrayLike,
    tof: ArrayLike,
    mu: ArrayLike,
    *,
    revolutions: int = 0,
    branch: str = "low",
    retrograde: bool = False,
    north: ArrayLike = (0.0, 0.0, 1.0),
) -> tuple[Array, Array]:
    """Velocities that join two positions in a given time.

    r1, r2       (..., 3)  km        departure and arrival positions
    tof          (...)     s         time of flight, positive
    mu           (...)     km³/s²    of the central body
    revolutions  complete turns on the way; with one or more, ``branch`` chooses "low" (large x) or "high" (small x)
    retrograde   False: angular momentum along ``north``; True: against it. Never inferred from the shorter angle
    north        (3)       the pole that counts as up, in the axes of the positions
    returns      v1, v2 (..., 3) km/s; NaN where no such orbit exists (``reasons`` says why)
    raises       ValueError for a branch or a number of revolutions that has no meaning

    Izzo (2015), doi:10.1007/s10569-014-9587-y.
    """
    return _solved(r1, r2, tof, mu, revolutions, branch, retrograde, north)[:2]


def reasons(
    r1: ArrayLike,
    r2: ArrayLike,
    tof: ArrayLike,
    mu: ArrayLike,
    *,
    revolutions: int = 0,
    branch: str = "low",
    retrograde: bool = False,
    north: ArrayLike = (0.0, 0.0, 1.0),
) -> NDArray[np.int8]:
    """Why each lane of ``solve`` is what it is: 0 where solved, else a key of ``REASONS``; arguments as there."""
    return _solved(r1, r2, tof, mu, revolutions, branch, retrograde, north)[2]


def every_branch(
    r1: ArrayLike,
    r2: ArrayLike,
    tof: ArrayLike,
    mu: ArrayLike,
    *,
    revolutions: int = 5,
    retrograde: bool = False,
    north: ArrayLike = (0.0, 0.0, 1.0),
) -> tuple[Array, Array]:
    """All orbits of up to so many revolutions: v1, v2 (..., 2N + 1, 3), in the order 0, 1 high, 1 low, 2 high, ...

    The arguments are those of ``solve``; rows without an orbit are NaN.
    """
    problem = _Problem.of(r1, r2, tof, mu, retrograde, north)
    rows, n = 2 * revolutions + 1, len(problem.tof)
    v1, v2, reason = np.empty((rows, n, 3)), np.empty((rows, n, 3)), np.empty(n, dtype=np.int8)
    _every(problem.r1, problem.r2, problem.tof, problem.root_mu, problem.pole, revolutions, v1, v2, reason)
    return problem.shaped(v1), problem.shaped(v2)


def most_revolutions(r1: ArrayLike, r2: ArrayLike, tof: ArrayLike, mu: ArrayLike, **way: Any) -> NDArray[np.int64]:
    """The largest number of revolutions for which an orbit exists, (...); arguments and ``way`` as in ``solve``."""
    r1, r2, tof = np.asarray(r1, dtype=float), np.asarray(r2, dtype=float), np.asarray(tof, dtype=float)
    chord = np.linalg.norm(r2 - r1, axis=-1)
    s = (np.linalg.norm(r1, axis=-1) + np.linalg.norm(r2, axis=-1) + chord) / 2
    ceiling = np.floor(tof * np.sqrt(2 * np.asarray(mu) / s**3) / pi)  # Izzo 2015, section 3.1
    most = np.zeros(ceiling.shape, dtype=np.int64)
    for m in range(1, int(np.max(ceiling, where=np.isfinite(ceiling), initial=0)) + 1):
        v1, _ = solve(r1, r2, tof, mu, revolutions=m, **way)
        most = np.where(np.isfinite(v1[..., 0]), m, most)
    return most


def _solved(
    r1: ArrayLike,
    r2: ArrayLike,
    tof: ArrayLike,
    mu: ArrayLike,
    revolutions: int,
    branch: str,
    retrograde: bool,
    north: ArrayLike,
) -> tuple[Array, Array, NDArray[np.int8]]:
    if branch not in ("low", "high") or revolutions < 0:
        raise ValueError(f"branch is 'low' or 'high', revolutions 0 or more; got {branch!r}, {revolutions!r}")
    problem = _Problem.of(r1, r2, tof, mu, retrograde, north)
    n, side = len(problem.tof), 1.0 if branch == "low" else -1.0
    v1, v2, reason = np.empty((1, n, 3)), np.empty((1, n, 3)), np.empty(n, dtype=np.int8)
    ends = (problem.r1, problem.r2, problem.tof, problem.root_mu, problem.pole)
    _batch(*ends, revolutions, side, v1[0], v2[0], reason)
    return problem.shaped(v1)[..., 0, :], problem.shaped(v2)[..., 0, :], reason.reshape(problem.shape)


class _Problem(NamedTuple):
    """The arguments of a batch as flat rows; the factor √μ is taken out of times and velocities."""

    r1: Array
    r2: Array
    tof: Array
    root_mu: float
    pole: Array
    shape: tuple[int, ...]
    factor: Any

    @classmethod
    def of(cls, r1: Any, r2: Any, tof: Any, mu: Any, retrograde: bool, north: Any) -> "_Problem":
        r1, r2, tof, mu = (np.asarray(x, dtype=float) for x in (r1, r2, tof, mu))
        shape = np.broadcast_shapes(r1.shape[:-1], r2.shape[:-1], tof.shape, mu.shape)
        root = np.sqrt(np.where(mu > 0, mu, np.nan))
        common = float(root) if mu.ndim == 0 else 1.0
        pole = np.asarray(north, dtype=float) * (-1.0 if retrograde else 1.0)
        return cls(
            _rows(r1, (*shape, 3)).reshape(-1, 3), _rows(r2, (*shape, 3)).reshape(-1, 3),
            _rows(tof if mu.ndim == 0 else tof * root, shape).reshape(-1), common, pole, shape,
            None if mu.ndim == 0 else root[..., None, None],
        )  # fmt: skip

    def shaped(self, v: Array) -> Array:
        """Velocities (rows, n, 3) as (..., rows, 3)."""
        v = np.moveaxis(v.reshape(len(v), *self.shape, 3), 0, -2)
        return v if self.factor is None else v * self.factor


def _rows(values: Array, shape: tuple[int, ...]) -> Array:
    return np.ascontiguousarray(np.broadcast_to(values, shape))


@njit(error_model="numpy", nogil=True, cache=True)
def _batch(
    r1: Any, r2: Any, tof: Any, root_mu: float, pole: Any, M: int, side: float, v1: Any, v2: Any, reason: Any
) -> None:
    b = np.empty(lanes.ROWS * STRIDE)
    for start in range(0, len(tof), LANES):
        stop = min(start + LANES, len(tof))
        n = stop - start
        lanes.load(r1[start:stop], r2[start:stop], tof[start:stop], root_mu, b, n)
        _fetch_next(r1, r2, tof, stop)
        lanes.geometry(b, n, 1.0, pole[0], pole[1], pole[2])
        if M > 0:
            _minimum(b, n, M * pi)
        _answer(b, n, tof[start:stop], root_mu, M, side, v1[start:stop], v2[start:stop], reason[start:stop])


@njit(error_model="numpy", nogil=True, cache=True)
def _every(r1: Any, r2: Any, tof: Any, root_mu: float, pole: Any, most: int, v1: Any, v2: Any, reason: Any) -> None:
    """All branches, (rows, n, 3): 0, then high and low of each revolution; blocks without any are passed over."""
    b = np.empty(lanes.ROWS * STRIDE)
    for start in range(0, len(tof), LANES):
        stop = min(start + LANES, len(tof))
        n = stop - start
        lanes.load(r1[start:stop], r2[start:stop], tof[start:stop], root_mu, b, n)
        _fetch_next(r1, r2, tof, stop)
        lanes.geometry(b, n, 1.0, pole[0], pole[1], pole[2])
        times = tof[start:stop]
        _answer(b, n, times, root_mu, 0, 1.0, v1[0, start:stop], v2[0, start:stop], reason[start:stop])
        longest = b[lanes.TIME : lanes.TIME + n].max()
        for M in range(1, most + 1):
            if longest < M * pi:  # Izzo 2015, section 3.1: no orbit of M revolutions below T = Mπ
                v1[2 * M - 1 : 2 * M + 1, start:stop] = np.nan
                v2[2 * M - 1 : 2 * M + 1, start:stop] = np.nan
                continue
            _minimum(b, n, M * pi)
            for row, side in ((2 * M - 1, -1.0), (2 * M, 1.0)):
                _answer(b, n, times, root_mu, M, side, v1[row, start:stop], v2[row, start:stop], reason[start:stop])


@njit(error_model="numpy", forceinline=True)
def _fetch_next(r1: Any, r2: Any, tof: Any, stop: int) -> None:
    fetch(r1, 24 * stop, 24 * (stop + LANES))
    fetch(r2, 24 * stop, 24 * (stop + LANES))
    fetch(tof, 8 * stop, 8 * (stop + LANES))


@njit(error_model="numpy", forceinline=True)
def _answer(b: Any, n: int, tof: Any, root_mu: float, M: int, side: float, v1: Any, v2: Any, reason: Any) -> None:
    """Solves the lanes of a block for one branch, the doubtful ones again, and writes them out."""
    fetch(v1, 0, 24 * n)
    fetch(v2, 0, 24 * n)
    doubtful = _direct(b, n) if M == 0 else _turning(b, n, M * pi, side)
    reason[:] = FINE
    if doubtful > 0:
        for k in range(n):
            if b[k + lanes.DOUBT] == 2.0:
                reason[k] = NO_ORBIT
            elif b[k + lanes.DOUBT] > 0.0:
                reason[k] = _settle(b, k, tof[k], M, side)
    lanes.velocities(b, n)
    lanes.store(b, v1, v2, root_mu, n)


@njit(error_model="numpy", forceinline=True)
def _direct(b: Any, n: int) -> int:
    lanes.guess(b, n)
    lanes.improve(b, n)
    if lanes.finish(b, n) == 0:
        return 0
    return int(lanes.finish_doubtful(b, n))  # cheaper than the robust iteration


@njit(error_model="numpy", forceinline=True)
def _minimum(b: Any, n: int, turns: float) -> None:
    turning.start_minimum(b, n)
    for _ in range(2):
        turning.improve_minimum(b, n, turns)
    turning.finish_minimum(b, n, turns)


@njit(error_model="numpy", forceinline=True)
def _turning(b: Any, n: int, turns: float, side: float) -> int:
    turning.guess_branch(b, n, turns, side)
    for _ in range(2):
        turning.improve_branch(b, n, turns, side)
    turning.finish_branch(b, n, turns, side)
    return int(turning.doubt_branch(b, n))


@njit(error_model="numpy", forceinline=True)
def _settle(b: Any, k: int, tof: float, M: int, side: float) -> int:
    """The robust answer for one lane: x in the block, NaN where there is none, and the reason."""
    T = b[k + lanes.TIME]
    lam = b[k + lanes.LAMBDA]
    one_l2 = b[k + lanes.ONE_L2]
    x, reason = np.nan, FINE
    if tof <= 0.0:
        reason = NO_TIME
    elif not (isfinite(T) and isfinite(lam) and isfinite(b[k + lanes.SINE2])):
        reason = NOT_FINITE
    elif not b[k + lanes.SINE2] > lanes.ALIGNED:
        reason = ALIGNED
    elif M == 0:
        x, reason = direct_root(T, lam, one_l2)
    else:
        x, reason = _root_beside_minimum(T, lam, one_l2, M, side)
    b[k + lanes.X] = x
    return reason


@njit(error_model="numpy", forceinline=True)
def direct_root(T: float, lam: float, one_l2: float) -> tuple[float, int]:
    """x without revolutions for any λ in (-1, 1) and T > 0, and whether it converged."""
    return _root(T, lam, one_l2, 0.0, -1.0, inf, first_guess(T, lam))


@njit(error_model="numpy", nogil=True, cache=True)
def first_guess(T: float, lam: float) -> float:
    """First x without revolutions: Izzo 2015, eq. 30."""
    T0 = acos(lam) + lam * sqrt(1.0 - lam * lam)
    T1 = 2.0 / 3.0 * (1.0 - lam**3)
    if T >= T0:
        return float((T0 / T) ** (2.0 / 3.0) - 1.0)
    if T < T1:
        return float(1.0 + 2.5 * T1 * (T1 - T) / (T * (1.0 - lam**5)))
    return float((T / T0) ** (log(2.0) / log(T1 / T0)) - 1.0)


@njit(error_model="numpy", nogil=True, cache=True)
def time_of_flight(x: float, lam: float, one_l2: float, turns: float) -> tuple[float, float]:
    """T(x) with ``turns`` = Mπ, and y: Izzo 2015, eq. 18, written so that no two near numbers are subtracted."""
    q = (1.0 - x) * (1.0 + x)
    y = sqrt(one_l2 + lam * lam * x * x)
    lx = lam * x
    eta = one_l2 / (y + lx) if lx > 0.0 else y - lx
    cosine = x * y + lam * q
    if x > 2.0 and lam < 0.0:  # a fast hyperbola the long way round: in Battin's form T is a small difference there
        return (x - lam * y - acosh(cosine) / sqrt(-q)) / -q, y
    twice_s2 = 1.0 + cosine if cosine > 0.0 else eta * eta * q / (1.0 - cosine)
    s = sqrt(0.5 * twice_s2)
    T = eta * (eta * eta * (0.5 * _w(s) + s) / (twice_s2 * s) + 2.0 * lam)
    return (T + turns / (q * sqrt(q)) if turns > 0.0 else T), y


@njit(error_model="numpy", nogil=True, cache=True)
def _w(s: float) -> float:
    """(acos s - s √(1-s²)) / (1-s²)^1.5, continued through s = 1 by ⅔ 2F1(3, 1; 5/2; (1-s)/2)."""
    if abs(s - 1.0) < 0.3:
        z = 0.5 * (1.0 - s)
        term, total, j = 1.0, 1.0, 0
        while abs(term) > 1e-17:
            term *= (3.0 + j) / (2.5 + j) * z
            total += term
            j += 1
        return 2.0 / 3.0 * total
    q = (1.0 - s) * (1.0 + s)
    if q > 0.0:
        return float((acos(s) - s * sqrt(q)) / (q * sqrt(q)))
    return float((s * sqrt(-q) - acosh(s)) / (-q * sqrt(-q)))


@njit(error_model="numpy", forceinline=True)
def _root(T: float, lam: float, one_l2: float, turns: float, low: float, high: float, x: float) -> tuple[float, int]:
    """x between two walls with T(x) = T: Householder's steps, halving the bracket where one leaves it."""
    falling = 1.0 if turns == 0.0 or low == -1.0 else -1.0
    for _ in range(200):
        if not (low < x < high):
            x = 0.5 * (low + high) if isfinite(high) else 2.0 * max(low, 1.0)
        t, y = time_of_flight(x, lam, one_l2, turns)
        if falling * (t - T) > 0.0:
            low = x
        else:
            high = x
        step = lanes.householder(t, 1.0, T, x, y, (1.0 - x) * (1.0 + x), lam, one_l2)
        if abs(step) <= 4e-16 * max(1.0, abs(x)) or t == T or high - low <= 4e-16 * max(1.0, abs(x)):
            return x, FINE
        x -= step
    return x, FINE if abs(step) < 1e-13 * max(1.0, abs(x)) else NOT_CONVERGED


@njit(error_model="numpy", forceinline=True)
def _least_time(lam: float, one_l2: float, turns: float) -> tuple[float, float, float]:
    """x, T and T'' where the time of flight of M revolutions is least: Halley's steps on T' inside a bracket."""
    low, high, x = -1.0, 1.0, 0.0
    t, d2 = inf, 1.0
    for _ in range(100):
        t, y = time_of_flight(x, lam, one_l2, turns)
        _, d1, d2, d3 = lanes.derivatives(t, 1.0, x, y, (1.0 - x) * (1.0 + x), lam, one_l2)
        if d1 > 0.0:
            high = x
        else:
            low = x
        step = 2.0 * d1 * d2 / (2.0 * d2 * d2 - d1 * d3)
        if abs(step) < 1e-13:
            break
        x -= step
        if not (low < x < high):
            x = 0.5 * (low + high)
    return x, t, d2


@njit(error_model="numpy", forceinline=True)
def _root_beside_minimum(T: float, lam: float, one_l2: float, M: int, side: float) -> tuple[float, int]:
    turns = M * pi
    x_min, t_min, curve = _least_time(lam, one_l2, turns)
    above = T - t_min
    if abs(above) <= 1e-13 * T:
        return np.nan, DOUBLE_ROOT
    if above < 0.0:
        return np.nan, NO_ORBIT
    guess = guess_beside(T, turns, x_min, t_min, curve, side)
    if side > 0.0:
        return _root(T, lam, one_l2, turns, x_min, 1.0, guess)
    return _root(T, lam, one_l2, turns, -1.0, x_min, guess)


@njit(error_model="numpy", forceinline=True)
def guess_beside(T: float, turns: float, x_min: float, t_min: float, curve: float, side: float) -> float:
    """First x on one side of the minimum: its parabola near it, Izzo 2015, eq. 31 away from it."""
    above = T - t_min
    if above < 0.1 * t_min:
        return float(x_min + copysign(sqrt(2.0 * above / curve), side))
    q = (8.0 * T / turns) ** (2.0 / 3.0) if side > 0.0 else ((turns + pi) / (8.0 * T)) ** (2.0 / 3.0)
    return float((q - 1.0) / (q + 1.0))
