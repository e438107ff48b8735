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


@pytest.mark.parametrize(("low", "high", "sign"), [(0.0, 0.9, 1), (0.0, 1e-6, 1), (2.0, 20.0, -1), (1.05, 2.0, -1)])
def test_states_return(low: float, high: float, sign: int, claim: Callable[..., None]) -> None:
    rng = np.random.default_rng(4)
    n = 100_000
    states = random_states(rng.uniform(low, high, n), sign * rng.uniform(1.1, 10, n), rng)
    back = elements.to_state(*elements.from_state(states, 1.0), 1.0)
    miss = np.linalg.norm((back - states)[:, :3], axis=1) / np.linalg.norm(states[:, :3], axis=1)
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
    claim("wide-lane ephemeris of an ellipse", oracle="scalar Newton", measured=worst, at_most=2e-13)


def test_impossible_elements_are_nan() -> None:
    assert np.isnan(elements.to_state(1.0, 1.5, 0, 0, 0, 0, 1.0)).all()
    assert np.isnan(elements.to_state(1.0, -0.1, 0, 0, 0, 0, 1.0)).all()
    assert np.isnan(elements.to_state(np.inf, 1.0, 0, 0, 0, 0, 1.0)).all()
