"""Two-body orbits: JPL's own states, round trips, and what indexing gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode import epochs
from motherlode.ephemeris import bodies, orbit
from motherlode.units import AU, DAY, DEG

EROS = orbit.Orbit("433", 0.0, 1.458 * AU, 0.2228, 10.8 * DEG, 304.3 * DEG, 178.9 * DEG, 271.1 * DEG)


def many(n: int = 5) -> orbit.Orbit:
    k = np.arange(n)
    names = np.array([f"body {j}" for j in k], dtype=object)
    return orbit.Orbit(names, 1e8 + 0 * k, (1.0 + k) * AU, 0.1 * k, 0.1 * k, 0.2 * k, 0.3 * k, 0.4 * k)


def test_an_orbit_is_a_mover():
    assert isinstance(EROS, bodies.Mover)
    assert EROS.state(0.0).shape == (6,)
    assert EROS.state(np.zeros((2, 3))).shape == (2, 3, 6)


def test_rows_agree_with_single_orbits():
    t = epochs.parse("2030-01-01")
    states = many().state(t)
    assert states.shape == (5, 6)
    for row, state in enumerate(states):
        np.testing.assert_allclose(many()[row].state(t), state, rtol=1e-13, atol=1e-6)


def test_dates_against_rows():
    t = np.linspace(0.0, 1e8, 7)
    table = many()[:, None].state(t)
    assert table.shape == (5, 7, 6)
    np.testing.assert_allclose(table[:, 3], many().state(t[3]), rtol=1e-12, atol=1e-6)
    np.testing.assert_allclose(table.swapaxes(0, 1), many().state(t[:, None]), rtol=1e-12, atol=1e-6)


def test_indexing_keeps_names():
    assert many()[2].name == "body 2"
    assert list(many()[[3, 1]].name) == ["body 3", "body 1"]
    assert len(many()[many().eccentricity > 0.15]) == 3


@settings(deadline=None)
@given(st.floats(-2e9, 2e9), st.floats(1.01, 3.0))
def test_state_and_elements_return(t: float, e: float):
    for body in (EROS, orbit.Orbit("interstellar", 0.0, -1.3 * AU, e, 0.4, 1.0, 2.0, 0.7)):
        back = orbit.from_state(body.name, body.state(t), t)
        np.testing.assert_allclose(back.state(t + 30 * DAY), body.state(t + 30 * DAY), rtol=1e-10)
