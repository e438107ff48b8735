"""Elements to and from states: a textbook case, round trips, the special orbits."""

from collections.abc import Callable

import numpy as np
import pytest
from tests.test_kepler import random_states

from motherlode.mechanics import elements


def test_curtis_example_4_3() -> None:
    """Curtis, Orbital Mechanics, example 4.3: elements of a state about the Earth."""
    found = elements.from_state([-6045.0, -3490.0, 2500.0, -3.457, 6.618, 2.533], 398_600.0)
    assert found.eccentricity == pytest.approx(0.1712, abs=1e-4)
    assert np.degrees(found.inclination_rad) == pytest.approx(153.2, abs=0.1)
    assert np.degrees(found.node_rad) == pytest.approx(255.3, abs=0.1)
    assert np.degrees(found.perihelion_argument_rad) == pytest.approx(20.07, abs=0.1)
    assert found.semi_major_axis_km == pytest.approx(8788, abs=1)


def test_curtis_example_4_7() -> None:
    """Curtis, Orbital Mechanics, example 4.7: the state of a hyperbola about the Earth from its elements."""
    mu, h, e, nu = 398_600.0, 80_000.0, 1.4, np.radians(30.0)
    a = h * h / mu / (1.0 - e * e)
    F = 2.0 * np.arctanh(np.sqrt((e - 1.0) / (e + 1.0)) * np.tan(nu / 2.0))
    state = elements.to_state(a, e, *np.radians([30.0, 40.0, 60.0]), e * np.sinh(F) - F, mu)
    assert state[:3] == pytest.approx([-4040.0, 4815.0, 3629.0], abs=1.0)
    assert state[3:] == pytest.approx([-10.39, -4.772, 1.744], abs=0.005)
    found = elements.from_state(state, mu)
    assert np.degrees(found[2:5]) == pytest.approx([30.0, 40.0, 60.0], abs=1e-9)
    assert (found.semi_major_axis_km, found.eccentricity) == pytest.approx((a, e), rel=1e-12)


@pytest.mark.parametrize(
    ("e", "a"), [(0.0, 1.3), (0.05, 2.0), (0.3, 1.0), (0.7, 0.6), (0.99, 3.0), (1.2, -2.0), (9.0, -1.5)]
)
@pytest.mark.parametrize("turn", [0.4, 2.0, 3.6, 5.5])
def test_a_few_states_return_and_keep_energy_and_plane(e: float, a: float, turn: float) -> None:
    i, node, peri = 0.3 + turn / 3, turn, 6.0 - turn
    M = turn if a > 0 else turn - 3.0
    state = elements.to_state(a, e, i, node, peri, M, 1.0)
    r, v = state[:3], state[3:]
    assert v @ v / 2 - 1 / np.linalg.norm(r) == pytest.approx(-0.5 / a, rel=1e-12)
    normal = np.array([np.sin(i) * np.sin(node), -np.sin(i) * np.cos(node), np.cos(i)])
    assert np.cross(r, v) == pytest.approx(np.sqrt(a * (1 - e * e)) * normal, abs=1e-12)
    found = elements.from_state(state, 1.0)
    assert found[:4] == pytest.approx([a, e, i, node % (2 * np.pi)], rel=1e-11, abs=1e-12)
    if e:
        assert found[4:] == pytest.approx([peri % (2 * np.pi), M], abs=1e-11)
    assert elements.to_state(*found, 1.0) == pytest.approx(state, rel=1e-11, abs=1e-12)
    if a > 0:
        dates = np.array([-3.0, 0.0, 0.1, 50.0])
        many = elements.many_dates(a, e, i, node, peri, M, dates, 1.0)
        assert many == pytest.approx(
            elements.to_state(a, e, i, node, peri, M + dates * a**-1.5, 1.0), rel=1e-11, abs=1e-11
        )


@pytest.mark.parametrize(("low", "high", "sign"), [(0.0, 0.9, 1), (0.0, 1e-6, 1), (2.0, 20.0, -1), (1.05, 2.0, -1)])
def test_states_return(low: float, high: float, sign: int, claim: Callable[..., None]) -> None:
    rng = np.random.default_rng(4)
    n = 100_000
    states = random_states(rng.uniform(low, high, n), sign * rng.uniform(1.1, 10, n), rng)
    back = elements.to_state(*elements.from_state(states, 1.0), 1.0)
    miss, slip = (
        np.linalg.norm((back - states)[:, part], axis=1) / np.linalg.norm(states[:, part], axis=1)
        for part in (slice(3), slice(3, 6))
    )
    assert slip.max() < 1e-12
    claim(
        f"100 000 states to elements and back, e {low:g} to {high:g}",
        oracle="closure",
        measured=float(miss.max()),
        at_most=1e-12,
    )


def test_circular_equatorial_conventions() -> None:
    found = elements.from_state([0.0, 1.0, 0.0, -1.0, 0.0, 0.0], 1.0)
    assert found.node_rad == 0.0
    assert found.eccentricity == pytest.approx(0.0, abs=1e-15)
    assert elements.to_state(*found, 1.0) == pytest.approx([0.0, 1.0, 0.0, -1.0, 0.0, 0.0], abs=1e-15)


def test_many_dates_equals_the_general_conversion(claim: Callable[..., None]) -> None:
    rng = np.random.default_rng(5)
    worst = 0.0
    for e in (0.0, 0.1, 0.5, 0.9, 0.99):
        a, i, node, peri, M = rng.uniform(0.5, 3), *rng.uniform(0, 3, 4)
        dt = np.linspace(-100, 100, 1001)
        fast = elements.many_dates(a, e, i, node, peri, M, dt, 1.0)
        slow = elements.to_state(a, e, i, node, peri, M + dt * a**-1.5, 1.0)
        worst = max(worst, float(np.abs(fast - slow)[:, :3].max() / a))
        assert np.abs(fast - slow)[:, 3:].max() < 1e-11 * np.sqrt(2.0 / (a * (1 - e)))
    claim("wide-lane ephemeris of an ellipse", oracle="scalar Newton", measured=worst, at_most=2e-13)


def test_impossible_elements_are_nan() -> None:
    assert np.isnan(elements.to_state(1.0, 1.5, 0, 0, 0, 0, 1.0)).all()
    assert np.isnan(elements.to_state(1.0, -0.1, 0, 0, 0, 0, 1.0)).all()
    assert np.isnan(elements.to_state(np.inf, 1.0, 0, 0, 0, 0, 1.0)).all()
