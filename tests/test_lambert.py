"""Lambert's problem: the printed cases, bulk random problems, every branch, degenerate lanes."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from motherlode.mechanics import kepler, lambert

Array = NDArray[np.float64]
CASES = Path(__file__).parent / "authorities" / "lambert_cases.csv"


def printed_cases() -> list[dict[str, str]]:
    lines = [line for line in CASES.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def vector(text: str) -> Array:
    return np.array([float(x) for x in text.split()])


def problems(n: int, seed: int) -> tuple[Array, Array, Array]:
    """The random problems that pykep tests itself with: positions in a cube of 4, time 2 to 40, mu = 1."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-2, 2, (n, 3)), rng.uniform(-2, 2, (n, 3)), rng.uniform(2, 40, n)


def guidance_error(r1: Array, r2: Array, v1: Array) -> Array:
    """|(v1 × r1)·(v1 × (r2 - r1)) + r2·(r2/|r2| - r1/|r1|)|, zero where the orbit passes r2; Battin, introduction."""
    u1, u2 = (r / np.linalg.norm(r, axis=-1, keepdims=True) for r in (r1, r2))
    swing = np.sum(np.cross(v1, r1) * np.cross(v1, r2 - r1), axis=-1)
    return np.abs(swing + np.sum(r2 * (u2 - u1), axis=-1))


def arrival_error(r1: Array, r2: Array, tof: Array, v1: Array) -> Array:
    """Distance from r2 after flying v1 for the time of flight, relative to |r2|."""
    arrived, _ = kepler.propagate(r1, v1, tof, 1.0)
    return np.linalg.norm(arrived - r2, axis=-1) / np.linalg.norm(r2, axis=-1)


@pytest.mark.parametrize("case", printed_cases(), ids=lambda case: case["case"])
def test_printed_case(case: dict[str, str]) -> None:
    branch = {"left": "high", "right": "low", "": "low"}.get(case["branch"], case["branch"])
    v1, v2 = lambert.solve(
        vector(case["r1"]),
        vector(case["r2"]),
        float(case["tof"]),
        float(case["mu"]),
        revolutions=int(case["revs"]),
        branch=branch,
        retrograde=case["direction"] == "retrograde",
    )
    tolerance = 10 * max(float(case["rel_r2_error_on_propagation_computed"]), 1e-9)
    expected = vector(case["v1_expected"])
    assert np.linalg.norm(v1 - expected) <= tolerance * np.linalg.norm(expected)
    if case["v2_expected"]:
        tolerance = 10 * max(float(case["rel_v2_error_computed"]), tolerance / 10)
        expected = vector(case["v2_expected"])
        assert np.linalg.norm(v2 - expected) <= tolerance * np.linalg.norm(expected)


def test_million_random_problems(claim: Callable[..., None]) -> None:
    r1, r2, tof = problems(1_000_000, 1)
    v1, _ = lambert.solve(r1, r2, tof, 1.0)
    assert np.isfinite(v1).all() and not lambert.reasons(r1, r2, tof, 1.0).any()
    claim(
        "guidance error of 1 000 000 random problems",
        oracle="Battin's identity",
        measured=float(guidance_error(r1, r2, v1).max()),
        at_most=1e-12,
    )
    claim(
        "arrival after the time of flight, 999 of 1000 problems",
        oracle="two-body propagation",
        measured=float(np.quantile(arrival_error(r1[:200_000], r2[:200_000], tof[:200_000], v1[:200_000]), 0.999)),
        at_most=3e-12,
    )


@pytest.mark.slow
def test_ten_million_random_problems(claim: Callable[..., None]) -> None:
    worst, flagged = 0.0, 0
    for seed in range(10):
        r1, r2, tof = problems(1_000_000, 100 + seed)
        v1, _ = lambert.solve(r1, r2, tof, 1.0, retrograde=bool(seed % 2))
        flagged += int(np.isnan(v1[:, 0]).sum())
        worst = max(worst, float(np.nanmax(guidance_error(r1, r2, v1))))
    claim("guidance error of 10 000 000 random problems", oracle="Battin's identity", measured=worst, at_most=1e-12)
    assert flagged == 0


def test_every_branch_to_twenty_revolutions(claim: Callable[..., None]) -> None:
    r1, r2, tof = problems(1_000, 2)
    v1, _ = lambert.every_branch(r1, r2, tof, 1.0, revolutions=20)
    there = np.isfinite(v1[..., 0])
    assert (there[:, 1::2] == there[:, 2::2]).all(), "the two branches of a revolution come together"
    assert (there[:, 1:-2:2] >= there[:, 3::2]).all(), "no revolution is skipped"
    most = lambert.most_revolutions(r1, r2, tof, 1.0)
    assert (np.minimum(most, 20) == there[:, 1::2].sum(axis=1)).all()
    assert (most == independent_count(r1, r2, tof)).all()
    branches = np.argwhere(there)
    errors = guidance_error(r1[branches[:, 0]], r2[branches[:, 0]], v1[there])
    claim(
        f"guidance error of every branch to 20 revolutions ({len(branches)} orbits)",
        oracle="Battin's identity",
        measured=float(errors.max()),
        at_most=1e-12,
    )
    assert (arrival_error(r1[branches[:, 0]], r2[branches[:, 0]], tof[branches[:, 0]], v1[there]) < 1e-8).all()


def independent_count(r1: Array, r2: Array, tof: Array) -> Array:
    """Revolutions possible, by sampling T(x) of Lancaster and Blanchard's own formula on a fine grid of x."""
    chord = np.linalg.norm(r2 - r1, axis=1)
    s = (np.linalg.norm(r1, axis=1) + np.linalg.norm(r2, axis=1) + chord) / 2
    up = np.cross(r1, r2)[:, 2] >= 0
    lam = np.where(up, 1, -1) * np.sqrt(1 - chord / s)
    T = tof * np.sqrt(2 / s**3)
    x = np.linspace(-0.7, 0.7, 2001)
    y = np.sqrt(1 - lam[:, None] ** 2 * (1 - x * x))
    psi = np.arccos(np.clip(x * y + lam[:, None] * (1 - x * x), -1, 1))
    counts = np.zeros(len(tof), dtype=int)
    for m in range(1, 40):
        least = np.min(((psi + m * np.pi) / np.sqrt(1 - x * x) - x + lam[:, None] * y) / (1 - x * x), axis=1)
        counts = np.where(least <= T, m, counts)
    return counts


def test_branches_high_and_low() -> None:
    r1, r2, tof = np.array([1.0, 0, 0]), np.array([0, 1.2, 0]), 30.0
    high, _ = lambert.solve(r1, r2, tof, 1.0, revolutions=2, branch="high")
    low, _ = lambert.solve(r1, r2, tof, 1.0, revolutions=2, branch="low")
    radial = [v @ r1 for v in (high, low)]
    assert radial[0] > radial[1], "the high path leaves outwards"


@pytest.mark.parametrize(
    ("r1", "r2", "tof", "revolutions", "reason"),
    [
        ([1, 0, 0], [-1, 0, 0], 3.0, 0, lambert.ALIGNED),
        ([1, 0, 0], [2, 0, 0], 3.0, 0, lambert.ALIGNED),
        ([1, 0, 0], [1, 0, 0], 3.0, 0, lambert.ALIGNED),
        ([1, 0, 0], [0, 1, 0], 0.0, 0, lambert.NO_TIME),
        ([1, 0, 0], [0, 1, 0], -1.0, 1, lambert.NO_TIME),
        ([1, 0, 0], [0, np.nan, 0], 1.0, 0, lambert.NOT_FINITE),
        ([1, 0, 0], [0, 1, 0], np.inf, 0, lambert.NOT_FINITE),
        ([0, 0, 0], [0, 1, 0], 1.0, 0, lambert.NOT_FINITE),
        ([1, 0, 0], [0, 1, 0], 3.0, 1, lambert.NO_ORBIT),
    ],
)
def test_degenerate_lanes_are_flagged(r1: Any, r2: Any, tof: float, revolutions: int, reason: int) -> None:
    v1, v2 = lambert.solve(r1, r2, tof, 1.0, revolutions=revolutions)
    assert np.isnan(v1).all() and np.isnan(v2).all()
    assert lambert.reasons(r1, r2, tof, 1.0, revolutions=revolutions) == reason
    assert reason in lambert.REASONS


def test_least_time_of_flight_is_a_double_root() -> None:
    r1, r2 = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    low, high = 1.0, 20.0
    for _ in range(80):  # the least time of one revolution, by halving
        middle = (low + high) / 2
        exists = np.isfinite(lambert.solve(r1, r2, middle, 1.0, revolutions=1)[0][0])
        low, high = (low, middle) if exists else (middle, high)
    assert lambert.reasons(r1, r2, low * (1 - 1e-10), 1.0, revolutions=1) == lambert.NO_ORBIT
    assert lambert.reasons(r1, r2, high * (1 + 1e-10), 1.0, revolutions=1) == lambert.FINE
    assert lambert.reasons(r1, r2, low, 1.0, revolutions=1) == lambert.DOUBLE_ROOT


def test_one_bad_lane_spoils_no_other() -> None:
    r1, r2, tof = problems(1000, 3)
    good, _ = lambert.solve(r1, r2, tof, 1.0)
    r2[500] = np.nan
    tof[700] = -1
    spoilt, _ = lambert.solve(r1, r2, tof, 1.0)
    assert (np.isnan(spoilt).any(axis=1).nonzero()[0] == [500, 700]).all()
    keep = np.setdiff1d(np.arange(1000), [500, 700])
    assert (spoilt[keep] == good[keep]).all()


@pytest.mark.parametrize("angle_deg", [1e-6, 0.01, 179.0, 179.999, 180 - 1e-9, 180 + 1e-9, 270, 359.99])
@pytest.mark.parametrize("tof", [1e-3, 0.1, 3.0, 300.0, 1e4])
def test_corners_of_the_domain(angle_deg: float, tof: float) -> None:
    angle = np.radians(angle_deg)
    r1, r2 = np.array([1.0, 0, 0]), 1.5 * np.array([np.cos(angle), np.sin(angle), 0])
    v1, v2 = lambert.solve(r1, r2, tof, 1.0)
    scale = max(1.0, float(v1 @ v1))
    assert guidance_error(r1, r2, v1) < 1e-12 * scale
    assert abs((v1 @ v1) / 2 - 1 - ((v2 @ v2) / 2 - 1 / 1.5)) < 1e-12 * scale, "energy"
    assert np.cross(r1, v1)[2] > 0, "prograde"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_symmetries(seed: int) -> None:
    r1, r2, tof = problems(8, seed)
    v1, v2 = lambert.solve(r1, r2, tof, 1.0)
    back1, back2 = lambert.solve(r2, r1, tof, 1.0, retrograde=True)
    assert back1 == pytest.approx(-v2, rel=1e-9, abs=1e-9), "time reversed"
    assert back2 == pytest.approx(-v1, rel=1e-9, abs=1e-9)
    scaled, _ = lambert.solve(r1 * 10, r2 * 10, tof, 1000.0)
    assert scaled == pytest.approx(v1 * 10, rel=1e-9, abs=1e-9)


def test_shapes_and_choices() -> None:
    r1, r2 = np.array([1.0, 0, 0]), np.random.default_rng(0).normal(size=(4, 5, 3))
    v1, v2 = lambert.solve(r1, r2, np.ones(5), np.ones((4, 1)))
    assert v1.shape == v2.shape == (4, 5, 3)
    single, _ = lambert.solve(r1, r2[1, 2], 1.0, 1.0)
    assert single == pytest.approx(v1[1, 2], rel=1e-14)
    with pytest.raises(ValueError, match="branch is 'low' or 'high'"):
        lambert.solve(r1, r2, 1.0, 1.0, branch="left")
