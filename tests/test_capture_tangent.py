"""How errors of a path grow, against paths that were displaced."""

from typing import Any

import numpy as np
import pytest

from motherlode.capture import tangent
from motherlode.ephemeris import almanac, trajectory
from motherlode.units import DAY, YEAR

START = 30.0 * YEAR
AWAY = np.array([3e6, 1e6, 5e5, 0.8, -0.3, 0.4])  # from the Earth, km and km/s


@pytest.fixture(scope="module")
def planets() -> Any:
    return almanac.load()


@pytest.fixture(scope="module")
def state(planets: Any) -> Any:
    """A body that leaves the Earth slowly and comes back."""
    return planets["earth"].state(START) + AWAY


def test_tangent_against_displaced_paths(claim: Any, planets: Any, state: Any) -> None:
    """Differences of paths flown 3,000 times as sharply, a kilometre or a tenth of a millimetre a second apart."""
    dates = START + YEAR * np.array([0.5, 5.0, 20.0])
    path = tangent.followed(state, START, float(dates[-1]), planets, trajectory.BULK)
    worst = 0.0
    for date, slope in zip(dates, path.tangents(dates)):
        for axis, step in ((0, 1.0), (2, 1.0), (3, 1e-7), (4, 1e-7)):
            nudge = step * np.eye(6)[axis]
            ends = [
                trajectory.from_state("near", s, START, (START, date), almanac=planets, asteroids=False).state(date)
                for s in (state + nudge, state - nudge)
            ]
            column = (ends[0] - ends[1]) / (2.0 * step)
            worst = max(worst, float(np.linalg.norm(slope[:3, axis] - column[:3]) / np.linalg.norm(column[:3])))
    claim(
        "tangent of a path that passes the Earth, to twenty years",
        oracle="central differences of paths at the sharpest tolerance",
        measured=100.0 * worst,
        at_most=0.2,
        unit="%",
        status="modelled",
    )


def test_the_path_is_that_of_the_other_integration(planets: Any, state: Any) -> None:
    dates = np.arange(START, START + 2.0 * YEAR, 30.0 * DAY)
    path = tangent.followed(state, START, float(dates[-1]), planets, trajectory.BULK)
    other = trajectory.from_state(
        "lost", state, START, (START, dates[-1]), almanac=planets, asteroids=False, tolerance=trajectory.BULK
    )
    assert np.array_equal(path.states(dates), other.state(dates))
    assert path.tangents(dates[:1])[0] == pytest.approx(np.eye(6))


def test_a_path_that_falls_ends_there(planets: Any) -> None:
    """Straight at the Earth from 600,000 km at 10 km/s: it is there after two thirds of a day."""
    fall = planets["earth"].state(START) + np.array([6e5, 0.0, 0.0, -10.0, 0.0, 0.0])
    path = tangent.followed(fall, START, START + YEAR, planets, trajectory.BULK)
    dates = START + DAY * np.array([0.0, 0.5, 2.0])
    states = path.states(dates)
    assert 0.5 * DAY < path.end_tdb - START < 0.8 * DAY
    assert np.isfinite(states[:2]).all()
    assert np.isnan(states[2]).all()


def test_a_path_that_begins_inside_a_planet_is_none(planets: Any) -> None:
    inside = planets["earth"].state(START) + np.array([100.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    path = tangent.followed(inside, START, START + YEAR, planets, trajectory.BULK)
    assert path.end_tdb == -np.inf
    assert np.isnan(path.states(START + DAY * np.arange(3.0))).all()
