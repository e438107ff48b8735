"""Two-body motion: textbook cases, round trips, near-parabolas."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from motherlode.mechanics import elements, kepler
from motherlode.units import METRE

Array = NDArray[np.float64]


def random_states(e: Array, a: Array, rng: np.random.Generator) -> Array:
    """States at a random place of conics with the given shape, mu = 1."""
    n = len(e)
    furthest = np.where(e < 1, np.pi, 0.95 * np.arccos(np.clip(-1 / np.maximum(e, 1e-9), -1, 1)))
    nu = rng.uniform(-1, 1, n) * furthest
    p = a * (1 - e * e)
    P, Q = elements.perifocal_axes(rng.uniform(0, np.pi, n), rng.uniform(0, 6.28, n), rng.uniform(0, 6.28, n))
    c, s = np.cos(nu)[:, None], np.sin(nu)[:, None]
    r = (p / (1 + e * np.cos(nu)))[:, None] * (c * P + s * Q)
    v = (1 / np.sqrt(p))[:, None] * (-s * P + (e[:, None] + c) * Q)
    return np.concatenate([r, v], axis=1)


def there_and_back(states: Array, dt: Array) -> float:
    """Largest miss after a time forth and the same time back, relative to max(1, r)."""
    r, v = states[:, :3], states[:, 3:]
    far, fast = kepler.propagate(r, v, dt, 1.0)
    back, _ = kepler.propagate(far, fast, -dt, 1.0)
    return float(np.max(np.linalg.norm(back - r, axis=1) / np.maximum(1, np.linalg.norm(r, axis=1))))


def test_curtis_example_3_5_hyperbolic_flight() -> None:
    """Curtis, Orbital Mechanics, example 3.7: a state of an Earth orbit one hour later."""
    r, v = kepler.propagate([7000.0, -12124.0, 0.0], [2.6679, 4.6210, 0.0], 3600.0, 398_600.0)
    assert r == pytest.approx([-3297.8, 7413.4, 0.0], abs=0.2)
    assert v == pytest.approx([-8.2977, -0.96404, 0.0], abs=2e-4)


def test_ellipses_there_and_back(claim: Callable[..., None]) -> None:
    rng = np.random.default_rng(1)
    n = 200_000
    states = random_states(rng.uniform(0, 0.9, n), rng.uniform(1.1, 10, n), rng)
    miss = there_and_back(states, rng.uniform(-2 * np.pi, 2 * np.pi, n))
    claim("200 000 ellipses, e < 0.9, there and back", oracle="closure", measured=miss, at_most=1e-13)


def test_hyperbolas_there_and_back(claim: Callable[..., None]) -> None:
    rng = np.random.default_rng(2)
    n = 200_000
    states = random_states(rng.uniform(2, 20, n), rng.uniform(-10, -1.1, n), rng)
    miss = there_and_back(states, rng.uniform(-2 * np.pi, 2 * np.pi, n))
    claim("200 000 hyperbolas, e 2 to 20, there and back", oracle="closure", measured=miss, at_most=1e-13)


def test_near_parabolas_there_and_back(claim: Callable[..., None]) -> None:
    rng = np.random.default_rng(3)
    n = 50_000
    e = 1 + rng.uniform(-1e-6, 1e-6, n)
    states = random_states(e, rng.uniform(0.5, 2, n) / (1 - e), rng)
    miss = there_and_back(
        states[np.linalg.norm(states[:, :3], axis=1) < 1e3],
        np.full(n, 5.0)[: len(states)][np.linalg.norm(states[:, :3], axis=1) < 1e3],
    )
    claim("50 000 near-parabolas, |e - 1| < 1e-6, there and back", oracle="closure", measured=miss, at_most=1e-9)


def test_thousand_revolutions_return(claim: Callable[..., None]) -> None:
    au, mu = 1.495978707e8, 1.32712440041279419e11
    state = elements.to_state(au, 0.2, 0.1, 1.0, 2.0, 3.0, mu)
    r, _ = kepler.propagate(state[:3], state[3:], 1000 * kepler.period(au, mu), mu)
    miss = float(np.linalg.norm(r - state[:3]))
    claim("a thousand revolutions at 1 au return", oracle="closure", measured=miss / METRE, at_most=1000.0, unit="m")


def test_bad_lanes_are_nan_and_alone() -> None:
    r = np.array([[1.0, 0, 0], [0.0, 0, 0], [np.nan, 0, 0]])
    r1, _ = kepler.propagate(r, [0.0, 1.0, 0.0], 1.0, 1.0)
    assert np.isfinite(r1[0]).all() and np.isnan(r1[1:]).all()


@given(st.floats(-50, 50), st.floats(0, 0.99))
def test_anomaly_solves_keplers_equation(M: float, e: float) -> None:
    E = kepler.anomaly(M, e)
    assert E - e * np.sin(E) == pytest.approx(M, abs=1e-13)


@given(st.floats(-500, 500), st.floats(1.001, 20))
def test_anomaly_solves_keplers_hyperbolic_equation(M: float, e: float) -> None:
    F = kepler.anomaly(M, e)
    assert e * np.sinh(F) - F == pytest.approx(M, rel=1e-13, abs=1e-13)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5))
def test_shapes_broadcast(times: list[float]) -> None:
    r, v = kepler.propagate([1.0, 0, 0], [0, 1.0, 0.1], times, 1.0)
    assert r.shape == v.shape == (len(times), 3)
    one, _ = kepler.propagate([1.0, 0, 0], [0, 1.0, 0.1], times[0], 1.0)
    assert one.shape == (3,) and (one == r[0]).all()
