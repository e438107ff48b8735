"""The stages of the batches with revolutions, one by one, before the robust iteration mends what they leave.

A fault in a guess or an early step would otherwise only cost time: the answers would stay right. Quick without the
compiler as well. The oracle is Lagrange's equation, as in ``test_lambert_robust``.
"""

from math import acos, pi, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.test_lambert_robust import lagrange, least

from motherlode.mechanics import lambert_lanes as lanes
from motherlode.mechanics import lambert_turns as turning

Array = NDArray[np.float64]
LAMBDAS = (-0.8, -0.4, -0.1, 0.2, 0.5, 0.9)
ABOVE = (1e-4, 0.02, 0.1, 0.3, 3.0, 30.0)  # times over the least, less one
CASES = [(lam, above) for lam in LAMBDAS for above in ABOVE]
N = len(CASES)


def block(M: int) -> Array:
    """Rows of the cases as the geometry leaves them."""
    b = np.zeros(lanes.ROWS * lanes.STRIDE)
    for k, (lam, above) in enumerate(CASES):
        b[k + lanes.LAMBDA], b[k + lanes.ONE_L2], b[k + lanes.SINE2] = lam, 1.0 - lam * lam, 0.5
        b[k + lanes.TIME] = least(lam, M * pi)[1] * (1.0 + above)
    return b


def row(b: Array, first: int) -> Array:
    return b[first : first + N]


@pytest.fixture(scope="module", params=[1, 4])
def minimum(request: pytest.FixtureRequest) -> tuple[int, Array]:
    """Revolutions, and a block with its least times."""
    M = int(request.param)
    b = block(M)
    turning.start_minimum(b, N)
    turning.improve_minimum(b, N, M * pi)
    turning.improve_minimum(b, N, M * pi)
    turning.finish_minimum(b, N, M * pi)
    return M, b


def test_rough_ratio_follows_the_exact_one() -> None:
    for s in np.linspace(0.0, 8.0, 33):
        (n, d), (rough_n, rough_d) = lanes.half_angle_ratio(s), turning.rough_half_angle_ratio(s)
        assert rough_n / rough_d == pytest.approx(n / d, rel=4e-8)


def test_rough_time_follows_lagrange() -> None:
    for lam in LAMBDAS:
        for x in (-0.7, -0.2, 0.0, 0.4, 0.8):
            num, den, y = turning.rough_time(x, lam, 1.0 - lam * lam)
            assert num / den == pytest.approx(lagrange(x, lam), rel=3e-7)
            assert y == pytest.approx(sqrt(1.0 - lam * lam * (1.0 - x * x)), rel=1e-14)
            q = 1.0 - x * x
            num, den = lanes.with_turns(num, den, q, 3.0 * pi)
            assert num / den == pytest.approx(lagrange(x, lam, 3.0 * pi), rel=3e-7)


@pytest.mark.parametrize("M", [1, 4])
def test_early_steps_towards_the_least_time(M: int) -> None:
    """Halley's steps from zero: each nearer by its third power; never further than 0.9."""
    b = block(M)
    b[lanes.X_MIN : lanes.X_MIN + N] = 7.0
    turning.start_minimum(b, N)
    wanted = np.array([least(lam, M * pi)[0] for lam, _ in CASES])
    assert (row(b, lanes.X_MIN) == 0.0).all()
    for error in (0.04, 2e-4):
        turning.improve_minimum(b, N, M * pi)
        assert np.abs(row(b, lanes.X_MIN) - wanted).max() < error


def test_a_step_towards_the_least_time_is_halleys() -> None:
    """The new x, and T and T'' there by their series from the four numbers at the old one."""
    for x, lam in ((-0.3, -0.8), (0.2, 0.8), (0.5, 0.1)):
        q, one_l2 = 1.0 - x * x, 1.0 - lam * lam
        num, den, y = turning.rough_time(x, lam, one_l2)
        num, den = lanes.with_turns(num, den, q, 2.0 * pi)
        t, d1, d2, d3 = lanes.derivatives(num, den, x, y, q, lam, one_l2)
        better, there, curve, far = turning.halley(num, den, x, y, q, lam, one_l2)
        h = -d1 / (d2 - 0.5 * d1 * d3 / d2)
        assert better == pytest.approx(x + h, rel=1e-12) and far == pytest.approx(abs(h), rel=1e-12)
        assert there == pytest.approx(t + d1 * h + d2 * h**2 / 2.0 + d3 * h**3 / 6.0, rel=1e-13)
        assert curve == pytest.approx(d2 + d3 * h, rel=1e-13)


def test_walls_of_the_steps_towards_the_least_time() -> None:
    """A step that would leave [-0.9, 0.9] ends there: at x = λ = 0 Halley's has a pole where T² = 16/9."""
    for t, wall in ((1.34, 0.9), (1.64, 0.9), (1.32, -0.9), (1.08, -0.9)):
        assert turning.halley(t, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0)[0] == wall
    assert -0.9 < turning.halley(3.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0)[0] < 0.9


def test_least_time_of_the_blocks(minimum: tuple[int, Array]) -> None:
    M, b = minimum
    for k, (lam, _) in enumerate(CASES):
        x, t = least(lam, M * pi)
        assert b[k + lanes.X_MIN] == pytest.approx(x, abs=2e-7)
        assert b[k + lanes.T_MIN] == pytest.approx(t, rel=2e-13)
        h = 1e-3
        bend = (lagrange(x + h, lam, M * pi) - 2.0 * t + lagrange(x - h, lam, M * pi)) / h**2
        assert b[k + lanes.CURVE] == pytest.approx(bend, rel=2e-3)
        assert 0.0 <= b[k + lanes.SETTLED] < 1e-3
    assert row(b, lanes.SETTLED).any(), "the size of the last step"


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_steps_beside_the_least_time(minimum: tuple[int, Array], side: float) -> None:
    """Guess, two early steps and the last one: the root to the last digits, and hardly a lane in doubt."""
    M, kept = minimum
    b = kept.copy()
    turning.guess_branch(b, N, M * pi, side)
    x_min = row(b, lanes.X_MIN)
    assert (side * (row(b, lanes.X) - x_min) > 0.0).all()
    steps = [row(b, lanes.X).copy()]
    for _ in range(2):
        turning.improve_branch(b, N, M * pi, side)
        steps.append(row(b, lanes.X).copy())
        assert (side * (steps[-1] - x_min) > 0.0).all() and (np.abs(steps[-1]) < 1.0).all()
    turning.finish_branch(b, N, M * pi, side)
    x = row(b, lanes.X).copy()
    assert np.allclose(row(b, lanes.STEP), steps[-1] - x, rtol=1e-9, atol=1e-16)
    for step, worst, usual in zip(steps, (1.3, 5e-2, 5e-5), (0.4, 6e-4, 2e-8)):
        off = np.abs(step - x) / np.abs(x - x_min)
        assert off.max() < worst and np.median(off) < usual
    assert turning.doubt_branch(b, N) == 0
    times = [lagrange(root, lam, M * pi) for root, (lam, _) in zip(x, CASES)]
    assert np.allclose(times, row(b, lanes.TIME), rtol=1e-12)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_guess_is_the_parabola_near_and_izzos_formula_far(minimum: tuple[int, Array], side: float) -> None:
    """A parabola at the least time, from 15 % above it the formula alone, a blend of them between."""
    M, kept = minimum
    b = kept.copy()
    for k, (_, above) in enumerate(CASES):
        b[k + lanes.TIME] = b[k + lanes.T_MIN] * (1.0 + above)
    turning.guess_branch(b, N, M * pi, side)
    for k, (_, above) in enumerate(CASES):
        T, x_min, t_min, curve = (b[k + r] for r in (lanes.TIME, lanes.X_MIN, lanes.T_MIN, lanes.CURVE))
        q = (8.0 * T / (M * pi) if side > 0.0 else (M + 1) * pi / (8.0 * T)) ** (2.0 / 3.0)
        far, near = (q - 1.0) / (q + 1.0), x_min + side * sqrt(2.0 * (T - t_min) / curve)
        share = min(above / 0.15, 1.0)
        mixed = share * far + (1.0 - share) * near
        wall = x_min + side * 1e-9
        wanted = wall if side * (mixed - wall) < 0.0 else mixed
        assert b[k + lanes.X] == pytest.approx(wanted, abs=1e-7)


def test_below_the_least_time_the_guess_stays_on_its_side(minimum: tuple[int, Array]) -> None:
    M, kept = minimum
    for side in (-1.0, 1.0):
        b = kept.copy()
        b[lanes.TIME : lanes.TIME + N] = 0.9 * row(b, lanes.T_MIN)
        turning.guess_branch(b, N, M * pi, side)
        assert np.allclose(side * (row(b, lanes.X) - row(b, lanes.X_MIN)), 1e-9, atol=1e-12)


def test_a_step_is_kept_on_its_side() -> None:
    """Inside it stays; past a wall, or on it, it ends halfway there."""
    for side, low, high in ((1.0, 0.2, 1.0), (-1.0, -1.0, 0.2)):
        x = 0.5 * (low + high)
        assert turning.kept_aside(x + 0.1, x, 0.2, side) == x + 0.1
        for outside in (high, high + 0.5):
            assert turning.kept_aside(outside, x, 0.2, side) == pytest.approx(0.5 * (x + high), rel=1e-15)
        for outside in (low, low - 0.5):
            assert turning.kept_aside(outside, x, 0.2, side) == pytest.approx(0.5 * (x + low), rel=1e-15)


def test_doubts() -> None:
    """Sure, doubtful or without an orbit, each by the one number that makes it so."""
    sure = {
        lanes.LAMBDA: 0.5, lanes.SINE2: 0.5, lanes.SETTLED: 1e-9, lanes.STEP: 1e-7, lanes.TIME: 10.0,
        lanes.T_MIN: 9.0, lanes.X: 0.3,
    }  # fmt: skip
    near, below = {lanes.T_MIN: 10.0 / (1.0 + 0.9e-6)}, {lanes.T_MIN: 10.1}
    cases: list[tuple[dict[int, float], float]] = [
        ({}, 0.0), ({lanes.STEP: -9e-6}, 0.0), ({lanes.STEP: 1.1e-5}, 1.0), ({lanes.STEP: np.nan}, 1.0),
        ({lanes.LAMBDA: -0.99985}, 0.0), ({lanes.LAMBDA: 0.99995}, 1.0), ({lanes.LAMBDA: -0.99995}, 1.0),
        ({lanes.SINE2: 1e-29}, 1.0), ({lanes.SETTLED: 2e-3}, 1.0), ({lanes.SETTLED: 9e-4}, 0.0),
        (near, 1.0), ({lanes.T_MIN: 10.0 / (1.0 + 1.2e-6)}, 0.0), ({lanes.T_MIN: 10.0 * (1.0 + 0.9e-6)}, 1.0),
        (below, 2.0), ({lanes.T_MIN: 10.0 * (1.0 + 1.2e-6)}, 2.0), ({**below, lanes.SETTLED: 2e-3}, 1.0),
        ({**below, lanes.LAMBDA: 0.99995}, 1.0), ({**below, lanes.SINE2: 1e-29}, 1.0), ({lanes.TIME: -1.0}, 1.0),
        ({lanes.TIME: 0.5, lanes.T_MIN: 0.9}, 2.0), ({lanes.TIME: np.nan}, 1.0),
    ]  # fmt: skip
    b = np.zeros(lanes.ROWS * lanes.STRIDE)
    for k, (odd, _) in enumerate(cases):
        for first, value in (sure | odd).items():
            b[k + first] = value
    assert turning.doubt_branch(b, len(cases)) == sum(verdict > 0.0 for _, verdict in cases)
    for k, (odd, verdict) in enumerate(cases):
        assert b[k + lanes.DOUBT] == verdict, odd
        assert np.isnan(b[k + lanes.X]) if verdict == 2.0 else b[k + lanes.X] == 0.3, odd


def test_w_of_the_half_angle() -> None:
    """w(s) = (acos s - s √(1-s²)) / (1-s²)^1.5, which the ratios stand for."""
    for s in (0.0, 0.3, 0.9):
        n, d = turning.rough_half_angle_ratio(s)
        assert n / d == pytest.approx((acos(s) - s * sqrt(1.0 - s * s)) / (1.0 - s * s) ** 1.5, rel=1e-7)
