"""The robust iteration behind the batches: its time of flight, its guesses, its roots, and how soon it has them.

Small on purpose and mostly below the batches: every test is quick without the compiler as well, which is how faults
are planted (``tools/mutate.py``). The oracle is Lagrange's equation of 1788 in the angles α and β.
"""

from collections.abc import Callable
from math import acos, acosh, asin, asinh, inf, nan, pi, sin, sinh, sqrt
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from motherlode.mechanics import lambert
from motherlode.mechanics import lambert_lanes as lanes

LAMBDAS = (-0.9999, -0.99, -0.7, -0.2, 0.0, 0.2, 0.7, 0.99, 0.9999)


class Iteration:
    """The kernels of the robust iteration as Python, compiled or not; ``seen``: every x whose time was worked out."""

    def __init__(self) -> None:
        self.seen: list[float] = []
        names: dict[str, Any] = dict(vars(lambert))
        for name, kernel in vars(lambert).items():
            python = getattr(kernel, "py_func", kernel)
            if isinstance(python, FunctionType) and python.__module__ == lambert.__name__:
                names[name] = FunctionType(python.__code__, names, name)
        self.names, self.time_of_flight = names, names["time_of_flight"]
        names["time_of_flight"] = self.watched

    def watched(self, x: float, lam: float, one_l2: float, turns: float) -> Any:
        self.seen.append(x)
        return self.time_of_flight(x, lam, one_l2, turns)

    def direct(self, T: float, lam: float) -> Any:
        self.seen.clear()
        return self.names["direct_root"](T, lam, 1.0 - lam * lam)

    def from_guess(self, T: float, lam: float, guess: float) -> Any:
        self.seen.clear()
        return self.names["_root"](T, lam, 1.0 - lam * lam, 0.0, -1.0, inf, guess)

    def least(self, lam: float, turns: float) -> Any:
        self.seen.clear()
        return self.names["_least_time"](lam, 1.0 - lam * lam, turns)

    def settled(self, T: float, lam: float, sine2: float, tof: float) -> tuple[float, int]:
        """x that a block of one lane ends with, and the reason."""
        b = np.full(lanes.ROWS * lanes.STRIDE, 7.0)
        b[lanes.TIME], b[lanes.LAMBDA], b[lanes.ONE_L2], b[lanes.SINE2] = T, lam, 1.0 - lam * lam, sine2
        reason = self.names["_settle"](b, 0, tof, 0, 1.0)
        return float(b[lanes.X]), reason

    def beside(self, T: float, lam: float, M: int, side: float) -> Any:
        self.seen.clear()
        return self.names["_root_beside_minimum"](T, lam, 1.0 - lam * lam, M, side)


@pytest.fixture(scope="module")
def iteration() -> Iteration:
    return Iteration()


def lagrange(x: float, lam: float, turns: float = 0.0) -> float:
    """T(x) in the angles α and β; loses digits near the parabola."""
    a = (1.0 - x) * (1.0 + x)
    if a > 0.0:
        alpha, beta = 2.0 * acos(x), 2.0 * asin(lam * sqrt(a))
        return float((alpha - sin(alpha) - beta + sin(beta) + 2.0 * turns) / (2.0 * a**1.5))
    alpha, beta = 2.0 * acosh(x), 2.0 * asinh(lam * sqrt(-a))
    return float((sinh(alpha) - alpha - sinh(beta) + beta) / (2.0 * (-a) ** 1.5))


def time(x: float, lam: float, turns: float = 0.0) -> float:
    return float(lambert.time_of_flight(x, lam, 1.0 - lam * lam, turns)[0])


@pytest.mark.parametrize("lam", LAMBDAS)
def test_time_of_flight_is_lagranges(lam: float) -> None:
    for x in (-0.95, -0.6, -0.1, 0.0, 0.3, 0.8, 0.9, 1.1, 1.5, 1.9):
        assert time(x, lam) == pytest.approx(lagrange(x, lam), rel=1e-12)
    for x in (-0.95, -0.1, 0.0, 0.8):
        for turns in (pi, 7.0 * pi):
            assert time(x, lam, turns) == pytest.approx(lagrange(x, lam, turns), rel=1e-12)


@pytest.mark.parametrize("x", [2.1, 8.0, 60.0, 1e3, 1e5])
def test_fast_hyperbolas_lose_no_digits(x: float) -> None:
    """T x → 1 - λ|λ| as x grows."""
    for lam in (-0.9999, -0.7, -0.2, 0.0, 0.2, 0.7):
        if x < 100.0:
            assert time(x, lam) == pytest.approx(lagrange(x, lam), rel=1e-12)
        slow = np.log(2.0 * x) / x**2 * 10.0
        assert time(x, lam) * x * x == pytest.approx(x * (1.0 - lam * abs(lam)), rel=slow * x)


def test_parabola() -> None:
    """T(1) = ⅔(1 - λ³), T'(1) = ⅖(λ⁵ - 1), and the two forms of w(s) meet where the series gives way."""
    for lam in LAMBDAS:
        assert time(1.0, lam) == pytest.approx(2.0 / 3.0 * (1.0 - lam**3), rel=1e-13)
        slope = (time(1.0 + 1e-5, lam) - time(1.0 - 1e-5, lam)) / 2e-5
        assert slope == pytest.approx(0.4 * (lam**5 - 1.0), rel=1e-6, abs=1e-9)
    for edge in (0.7, 1.3):
        below, above = (lambert._w(edge * (1.0 + side * 1e-13)) for side in (-1.0, 1.0))
        assert below == pytest.approx(above, rel=1e-12)
    assert lambert._w(1.0) == 2.0 / 3.0
    assert lambert._w(0.0) == pytest.approx(pi / 2.0, rel=1e-15)
    assert lambert._w(0.5) == pytest.approx((pi / 3.0 - sqrt(0.1875)) / 0.75**1.5, rel=1e-15)
    assert lambert._w(3.0) == pytest.approx((3.0 * sqrt(8.0) - acosh(3.0)) / 8.0**1.5, rel=1e-15)


def test_time_of_flight_hands_on_y() -> None:
    for x, lam in ((-0.4, 0.3), (0.9, -0.8), (1.7, 0.6), (5.0, -0.5)):
        y = lambert.time_of_flight(x, lam, 1.0 - lam * lam, 0.0)[1]
        assert y == pytest.approx(sqrt(1.0 - lam * lam * (1.0 - x * x)), rel=1e-14)


def test_neighbouring_positions_lose_no_digits() -> None:
    """With c/s = 1 - λ² given apart, T keeps its digits where λ itself is rounded to 1."""
    for one_l2 in (1e-6, 1e-12, 1e-14):
        lam = sqrt(1.0 - one_l2)
        parabola = 2.0 / 3.0 * one_l2 / (1.0 + lam) * (1.0 + lam + lam * lam)
        assert lambert.time_of_flight(1.0, lam, one_l2, 0.0)[0] == pytest.approx(parabola, rel=1e-13, abs=0.0)
        assert lambert.time_of_flight(1e3, lam, one_l2, 0.0)[0] * 1e3 == pytest.approx(one_l2, rel=1e-5, abs=0.0)


def test_first_guess_is_exact_where_izzos_formulas_meet() -> None:
    """Eq. 30: right at x = 0 and x = 1, of the right slope at the parabola, a power law between and beyond."""
    for lam in (-0.9, -0.4, 0.0, 0.5, 0.8):
        at_zero, at_one = lagrange(0.0, lam), 2.0 / 3.0 * (1.0 - lam**3)
        assert lambert.first_guess(at_zero, lam) == pytest.approx(0.0, abs=1e-15)
        assert lambert.first_guess(at_one, lam) == pytest.approx(1.0, rel=1e-14)
        assert lambert.first_guess(8.0 * at_zero, lam) == pytest.approx(-0.75, rel=1e-14)
        assert lambert.first_guess(sqrt(at_zero * at_one), lam) == pytest.approx(sqrt(2.0) - 1.0, rel=1e-13)
        beyond = lambert.first_guess(0.5 * at_one, lam) - 1.0
        assert beyond == pytest.approx(2.5 * at_one / (1.0 - lam**5), rel=1e-13)


def test_direct_root_everywhere(iteration: Iteration) -> None:
    """From a ten-thousandth to a million times the natural time, in three evaluations as a rule."""
    counts = []
    for T in np.geomspace(1e-4, 1e6, 11):
        for lam in LAMBDAS:
            x, reason = iteration.direct(T, lam)
            counts.append(len(iteration.seen))
            assert reason == lambert.FINE
            assert time(x, lam) == pytest.approx(T, rel=2e-14 + 2e-15 * T ** (2.0 / 3.0))
    assert max(counts) <= 12 and np.mean(counts) < 4.0


@pytest.mark.parametrize("guess", [-5.0, -1.0, 0.0, 5.0, 100.0, nan])
def test_root_from_any_guess(guess: float, iteration: Iteration) -> None:
    for T in (1e-2, 0.5, 1.0, 5.0, 1e3):
        for lam in (-0.9, 0.5):
            x, reason = iteration.from_guess(T, lam, guess)
            assert reason == lambert.FINE and time(x, lam) == pytest.approx(T, rel=1e-13)
            assert len(iteration.seen) < 40 and all(-1.0 < x < 1e3 for x in iteration.seen)


def test_what_a_lane_ends_with(iteration: Iteration) -> None:
    """The root, or not a number and the first reason that applies."""
    x, reason = iteration.settled(2.0, 0.3, 0.5, 1.0)
    assert reason == lambert.FINE and time(x, 0.3) == pytest.approx(2.0, rel=1e-14)
    for T, lam, sine2, tof, why in (
        (2.0, 0.3, 0.5, 0.0, lambert.NO_TIME),
        (nan, nan, nan, -1.0, lambert.NO_TIME),
        (nan, 0.3, 0.5, 1.0, lambert.NOT_FINITE),
        (inf, 0.3, 0.5, inf, lambert.NOT_FINITE),
        (2.0, nan, 0.5, 1.0, lambert.NOT_FINITE),
        (2.0, 0.3, nan, 1.0, lambert.NOT_FINITE),
        (2.0, 0.3, inf, 1.0, lambert.NOT_FINITE),
        (2.0, 0.3, 0.0, 1.0, lambert.ALIGNED),
        (2.0, 0.3, 1e-28, 1.0, lambert.ALIGNED),
    ):
        x, reason = iteration.settled(T, lam, sine2, tof)
        assert reason == why and np.isnan(x)
    assert iteration.settled(2.0, 0.3, 1.1e-28, 1e-300)[1] == lambert.FINE


def least(lam: float, turns: float) -> tuple[float, float]:
    """x and T where Lagrange's time is least, by thirds."""
    low, high = -0.999, 0.999
    for _ in range(60):
        third = (high - low) / 3.0
        if lagrange(low + third, lam, turns) < lagrange(high - third, lam, turns):
            high -= third
        else:
            low += third
    return low, lagrange(low, lam, turns)


@pytest.mark.parametrize("turns", [pi, 2.0 * pi, 20.0 * pi])
@pytest.mark.parametrize("lam", LAMBDAS)
def test_least_time(lam: float, turns: float, iteration: Iteration) -> None:
    x, t, curve = iteration.least(lam, turns)
    assert len(iteration.seen) <= 5
    x_seen, t_seen = least(lam, turns)
    assert x == pytest.approx(x_seen, abs=1e-6) and t == pytest.approx(t_seen, rel=1e-13)
    h = 1e-3
    bend = (lagrange(x + h, lam, turns) - 2.0 * t + lagrange(x - h, lam, turns)) / h**2
    assert curve == pytest.approx(bend, rel=1e-2)


@pytest.mark.parametrize("M", [1, 3, 20])
@pytest.mark.parametrize("lam", [-0.9999, -0.6, 0.0, 0.6, 0.9999])
def test_two_roots_beside_the_least_time(M: int, lam: float, iteration: Iteration) -> None:
    x_min, t_min = least(lam, M * pi)
    for above in (1e-11, 1e-8, 1e-4, 0.05, 0.2, 1.0, 100.0):
        T = t_min * (1.0 + above)
        for side in (-1.0, 1.0):
            x, reason = iteration.beside(T, lam, M, side)
            assert reason == lambert.FINE and -1.0 < x < 1.0 and (x - x_min) * side > 0.0
            assert time(x, lam, M * pi) == pytest.approx(T, rel=1e-13)
            assert all(-1.0 < x < 1.0 for x in iteration.seen) and len(iteration.seen) <= 25


def test_at_and_below_the_least_time(iteration: Iteration) -> None:
    for lam in (-0.5, 0.0, 0.8):
        t_min = iteration.least(lam, pi)[1]
        for T, reason in (
            (t_min, lambert.DOUBLE_ROOT),
            (t_min * (1.0 + 5e-14), lambert.DOUBLE_ROOT),
            (t_min * (1.0 - 5e-14), lambert.DOUBLE_ROOT),
            (t_min * (1.0 - 1e-12), lambert.NO_ORBIT),
            (0.5 * t_min, lambert.NO_ORBIT),
            (t_min * (1.0 + 1e-12), lambert.FINE),
        ):
            x, found = iteration.beside(T, lam, 1, 1.0)
            assert found == reason and np.isnan(x) == (reason != lambert.FINE)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_guesses_beside_the_least_time(side: float, iteration: Iteration) -> None:
    """Near it the parabola, far from it the asymptotes: T → Mπ/(1-x²)^1.5 on the right, (M+1)π/(1-x²)^1.5 left."""
    lam, turns = 0.4, 2.0 * pi
    x_min, t_min, curve = iteration.least(lam, turns)
    near = lambert.guess_beside(t_min * 1.0001, turns, x_min, t_min, curve, side)
    assert near - x_min == pytest.approx(side * sqrt(2e-4 * t_min / curve), rel=1e-9)
    T = 1e6 * t_min
    far = lambert.guess_beside(T, turns, x_min, t_min, curve, side)
    share = turns if side > 0.0 else turns + pi
    assert 1.0 - side * far == pytest.approx(0.5 * (share / T) ** (2.0 / 3.0), rel=1e-4)
    border = [lambert.guess_beside(t_min * f, turns, x_min, t_min, curve, side) for f in (1.0999, 1.1001)]
    assert border[0] != pytest.approx(border[1], abs=1e-2), "the formula changes at a tenth above the least time"


R1, R2 = np.array([1.0, 0.2, 0.1]), np.array([-0.3, 1.2, -0.2])


def test_reasons_are_numbered_in_order() -> None:
    numbers = [
        lambert.FINE, lambert.NOT_FINITE, lambert.NO_TIME, lambert.ALIGNED, lambert.NO_ORBIT, lambert.DOUBLE_ROOT,
        lambert.NOT_CONVERGED,
    ]  # fmt: skip
    assert numbers == list(lambert.REASONS) == list(range(7))


@pytest.mark.parametrize(("branch", "revolutions"), [("left", 0), ("", 2), ("high", -1), ("low", -3)])
def test_choices_without_meaning_are_refused(branch: str, revolutions: int) -> None:
    said = rf"^branch is 'low' or 'high', revolutions 0 or more; got {branch!r}, {revolutions}$"
    for ask in (lambert.solve, lambert.reasons):
        with pytest.raises(ValueError, match=said):
            ask(R1, R2, 1.0, 1.0, branch=branch, revolutions=revolutions)


@pytest.mark.parametrize("tilt", [(-3.0, 0.0, 1.0), (0.0, -3.0, 1.0), (-3.0, -3.0, 1.0), (3.0, 3.0, -1.0)])
def test_up_is_the_third_axis_unless_told(tilt: tuple[float, float, float]) -> None:
    """Also for an orbit whose momentum lies far from it; and what ``reasons`` says is what ``solve`` does."""
    h = np.array(tilt) / np.linalg.norm(tilt)
    r1 = np.cross(h, [1.0, 2.0, 0.5])
    r1 /= np.linalg.norm(r1)
    r2 = 1.1 * (0.2 * r1 + np.cross(h, r1))
    up = np.array([0.0, 0.0, 1.0])
    for way in (False, True):
        v1, _ = lambert.solve(r1, r2, 1.5, 1.0, retrograde=way)
        every, _ = lambert.every_branch(r1, r2, 1.5, 1.0, revolutions=0, retrograde=way)
        assert (np.cross(r1, v1) @ up > 0.0) != way
        assert np.allclose(every[0], v1, rtol=1e-14)
    assert np.array_equal(lambert.solve(r1, r2, 1.5, 1.0)[0], lambert.solve(r1, r2, 1.5, 1.0, retrograde=False)[0])
    times = np.linspace(5.0, 13.0, 33)  # around the least times of both ways round
    one = lambert.solve(r1, r2, times, 1.0, revolutions=1)[0]
    other = lambert.solve(r1, r2, times, 1.0, revolutions=1, retrograde=True)[0]
    assert np.isfinite(one[:, 0]).sum() != np.isfinite(other[:, 0]).sum()
    assert ((lambert.reasons(r1, r2, times, 1.0, revolutions=1) == lambert.FINE) == np.isfinite(one[:, 0])).all()
    all_of_them, _ = lambert.every_branch(r1, r2, times, 1.0, revolutions=1)
    assert (np.isfinite(all_of_them[:, 2, 0]) == np.isfinite(one[:, 0])).all()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_any_north(axis: int) -> None:
    """Turned about with the positions it changes nothing; its length does not count; its other side is retrograde."""
    north = np.zeros(3)
    north[axis] = 5.0
    r1, r2 = np.roll(R1, axis + 1), np.roll(R2, axis + 1)
    upright = lambert.solve(R1, R2, 3.0, 1.0)
    for v, there in zip(lambert.solve(r1, r2, 3.0, 1.0, north=north), upright):
        assert np.allclose(np.roll(v, -axis - 1), there, rtol=1e-13)
    every, _ = lambert.every_branch(r1, r2, 3.0, 1.0, revolutions=0, north=north)
    assert np.allclose(np.roll(every[0], -axis - 1), upright[0], rtol=1e-13)
    every, _ = lambert.every_branch(r1, r2, 3.0, 1.0, revolutions=0, north=-north)
    assert np.cross(r1, every[0])[axis] < 0.0
    against = lambert.solve(r1, r2, 3.0, 1.0, north=-north)[0]
    assert np.cross(r1, against)[axis] < 0.0 < np.cross(r1, lambert.solve(r1, r2, 3.0, 1.0, north=north)[0])[axis]
    assert np.array_equal(against, lambert.solve(r1, r2, 3.0, 1.0, north=north, retrograde=True)[0])


def test_any_argument_may_have_the_axes() -> None:
    """One position and many, one time and many: each shape that can be joined is."""
    many = np.array([R1, 1.1 * R1])
    assert np.array_equal(lambert.solve(many, R2, 3.0, 1.0)[0][0], lambert.solve(R1, R2, 3.0, 1.0)[0])
    assert np.array_equal(lambert.solve(R2, many, 3.0, 1.0)[0][1], lambert.solve(R2, 1.1 * R1, 3.0, 1.0)[0])
    assert lambert.solve(many[:, None], R2, np.ones(5), 1.0)[1].shape == (2, 5, 3)
    assert lambert.solve(R1, R2, 3.0, np.ones((2, 4)))[1].shape == (2, 4, 3)
    assert lambert.reasons(R1, R2, np.ones((3, 1)), 1.0).shape == (3, 1)


def test_what_is_left_unsaid() -> None:
    """No revolutions, the low branch, all branches to five revolutions."""
    assert lambert.reasons(R1, R2, 3.0, 1.0) == lambert.FINE
    assert np.array_equal(lambert.solve(R1, R2, 60.0, 1.0)[0], lambert.solve(R1, R2, 60.0, 1.0, revolutions=0)[0])
    low = lambert.solve(R1, R2, 60.0, 1.0, revolutions=2, branch="low")[0]
    assert np.array_equal(lambert.solve(R1, R2, 60.0, 1.0, revolutions=2)[0], low)
    assert lambert.every_branch(R1, R2, 60.0, 1.0)[0].shape == (11, 3)
    assert len(lambert.solve(R1, R2, 3.0, 1.0)) == 2


def test_every_branch_is_every_solution_in_order() -> None:
    """0, 1 high, 1 low, ...; in more than one block, with lanes that have fewer revolutions than their neighbours."""
    rng = np.random.default_rng(5)
    r1, r2, tof = rng.uniform(-2, 2, (131, 3)), rng.uniform(-2, 2, (131, 3)), rng.uniform(2, 30, 131)
    tof[128:] = (2.0, 40.0, 50.0)
    v1, v2 = lambert.every_branch(r1, r2, tof, 1.0, revolutions=2)
    for row, (turns, branch) in enumerate([(0, "low"), (1, "high"), (1, "low"), (2, "high"), (2, "low")]):
        some = slice(None) if turns == 1 else slice(120, None)  # enough, and quick
        one, two = lambert.solve(r1[some], r2[some], tof[some], 1.0, revolutions=turns, branch=branch)
        assert np.allclose(v1[some, row], one, rtol=1e-10, equal_nan=True)
        assert np.allclose(v2[some, row], two, rtol=1e-10, equal_nan=True)


def test_revolutions_without_an_orbit_are_nan() -> None:
    """Also where T lies between π and 2π, so that a first revolution exists and a second one is passed over."""
    s = (np.linalg.norm(R1) + np.linalg.norm(R2) + np.linalg.norm(R2 - R1)) / 2.0
    for T, found in ((2.0, 1), (5.8, 3), (9.0, 5)):
        v1, v2 = lambert.every_branch(R1, R2, T * sqrt(s**3 / 2.0), 1.0, revolutions=3)
        for v in (v1, v2):
            assert np.isfinite(v).all(axis=1).tolist() == [True] * found + [False] * (7 - found)
            assert np.isnan(v[found:]).all()


def test_near_the_least_time_both_branches_keep_their_digits() -> None:
    """Lanes that the batch hands to the iteration: Lagrange's time of their energy is the time of flight."""
    s = (np.linalg.norm(R1) + np.linalg.norm(R2) + np.linalg.norm(R2 - R1)) / 2.0
    lam = sqrt(1.0 - np.linalg.norm(R2 - R1) / s)
    assert np.cross(R1, R2)[2] > 0.0, "the short way"
    x_min, t_min = least(lam, pi)
    T = t_min * (1.0 + np.array([1e-9, 1e-7, 3e-7]))
    for branch, side in (("high", -1.0), ("low", 1.0)):
        v1, _ = lambert.solve(R1, R2, T * sqrt(s**3 / 2.0), 1.0, revolutions=1, branch=branch)
        energy = np.sum(v1 * v1, axis=1) / 2.0 - 1.0 / np.linalg.norm(R1)
        for t, root in zip(T, np.sqrt(1.0 + s * energy)):
            x = root if abs(root - x_min) < abs(-root - x_min) else -root
            assert lagrange(x, lam, pi) == pytest.approx(t, rel=1e-13) and (x - x_min) * side > 0.0


def test_reasons_of_one_lane_do_not_depend_on_its_neighbours() -> None:
    rng = np.random.default_rng(6)
    r1, r2, tof = rng.uniform(-2, 2, (9, 3)), rng.uniform(-2, 2, (9, 3)), rng.uniform(6, 14, 9)
    r2[1], tof[2], r1[4, 1], r2[6] = 2.5 * r1[1], 0.0, np.nan, -r1[6]
    for turns in (0, 1):
        together = lambert.reasons(r1, r2, tof, 1.0, revolutions=turns)
        alone = [int(lambert.reasons(*one, 1.0, revolutions=turns)) for one in zip(r1, r2, tof)]
        assert together.tolist() == alone and together.dtype == np.int8
        assert [alone[k] for k in (1, 2, 4, 6)] == [
            lambert.ALIGNED, lambert.NO_TIME, lambert.NOT_FINITE, lambert.ALIGNED,
        ]  # fmt: skip
        v1, v2 = lambert.solve(r1, r2, tof, 1.0, revolutions=turns)
        assert (np.isnan(v1).all(axis=1) == (together != lambert.FINE)).all()
        assert (np.isnan(v2).all(axis=1) == (together != lambert.FINE)).all()
    assert (np.array(alone)[[0, 3, 5, 7, 8]] % 4 == 0).all(), "solved, or too short for a revolution"


@pytest.mark.parametrize("mu", [0.0, -1.0, nan, inf])
def test_a_centre_that_does_not_pull(mu: float) -> None:
    assert np.isnan(lambert.solve(R1, R2, 1.0, mu)[0]).all()
    assert lambert.reasons(R1, R2, 1.0, mu) == lambert.NOT_FINITE
    assert lambert.reasons(R1, R2, 1.0, [mu, 1.0]).tolist() == [lambert.NOT_FINITE, lambert.FINE]


def test_one_centre_or_many() -> None:
    """A μ for all and a μ for each lane give the same; speeds go as its root at the same shape of orbit."""
    many = np.array([[0.3], [1.0], [4.0]])
    tof = np.array([2.0, 3.0])
    v1, v2 = lambert.solve(R1, R2, tof / np.sqrt(many), many)
    assert v1.shape == v2.shape == (3, 2, 3)
    for row, mu in enumerate(many[:, 0]):
        one = lambert.solve(R1, R2, tof / sqrt(mu), mu)
        assert np.allclose(v1[row], one[0], rtol=1e-13) and np.allclose(v2[row], one[1], rtol=1e-13)
        assert np.allclose(v1[row], v1[1] * sqrt(mu), rtol=1e-13)
    every, _ = lambert.every_branch(R1, R2, tof / np.sqrt(many), many, revolutions=1)
    assert every.shape == (3, 2, 3, 3) and np.allclose(every[..., 0, :], v1, rtol=1e-13)


def test_most_revolutions_asks_no_more_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    """T/π bounds the revolutions (Izzo 2015, section 3.1): so many are tried and not one more."""
    tried: list[int] = []
    solve: Callable[..., Any] = lambert.solve

    def watched(*problem: Any, revolutions: int, **way: Any) -> Any:
        tried.append(revolutions)
        return solve(*problem, revolutions=revolutions, **way)

    monkeypatch.setattr(lambert, "solve", watched)
    for mu, tof in ((1.0, 5.0), (1.0, 12.0), (2.5, 30.0)):
        tried.clear()
        s = (np.linalg.norm(R1) + np.linalg.norm(R2) + np.linalg.norm(R2 - R1)) / 2.0
        bound = int(tof * sqrt(2.0 * mu / s**3) / pi)
        most = lambert.most_revolutions(R1, R2, tof, mu)
        assert tried == list(range(1, bound + 1)) and bound - 1 <= most <= bound
        assert most.dtype == np.int64 and most.shape == ()
    tried.clear()
    lanes = lambert.most_revolutions(np.array([R1, R1]), R2, np.array([nan, 12.0]), 1.0)
    assert lanes[0] == 0 and lanes[1] == lambert.most_revolutions(R1, R2, 12.0, 1.0)
    tried.clear()
    assert lambert.most_revolutions(R1, R2, nan, 1.0) == 0 and tried == []


@pytest.mark.parametrize("angle_deg", [0.5, 175.0, 300.0, 359.5])
@pytest.mark.parametrize(("tof", "turns"), [(1e-3, 0), (0.3, 0), (3e3, 0), (3e3, 1), (3e3, 50)])
def test_lanes_left_to_the_iteration(angle_deg: float, tof: float, turns: int) -> None:
    """Far outside of the fast domain: the orbit is the one whose Lagrange time is the time of flight."""
    angle = np.radians(angle_deg)
    r1, r2 = np.array([1.0, 0.0, 0.0]), 1.5 * np.array([np.cos(angle), np.sin(angle), 0.0])
    chord = float(np.linalg.norm(r2 - r1))
    s = (2.5 + chord) / 2.0
    lam = float(np.sqrt(1.5) * np.cos(angle / 2.0) / s)
    for branch in ("high", "low") if turns else ("low",):
        v1, _ = lambert.solve(r1, r2, tof, 1.0, revolutions=turns, branch=branch)
        energy = v1 @ v1 / 2.0 - 1.0
        x = sqrt(1.0 + s * energy)  # x² = 1 - s/(2a)
        flown = [lagrange(root, lam, turns * pi) for root in (x, -x) if root > -1.0]
        wanted = tof * sqrt(2.0 / s**3)
        assert min(abs(t / wanted - 1.0) for t in flown) < 1e-6, (branch, flown, wanted)
