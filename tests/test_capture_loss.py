"""Loss of control, against counting bodies that hit."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from motherlode import chance
from motherlode.capture import loss, retrieval, tangent, target_plane
from motherlode.capture.loss import Burning
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import almanac, trajectory
from motherlode.ephemeris import orbit as orbit_maker
from motherlode.errors import NoSolution
from motherlode.mechanics import kepler
from motherlode.units import DAY, METRE_S, YEAR

START = 30.0 * YEAR
EARTH = GM_KM3_S2["earth"]


@pytest.fixture(scope="module")
def planets() -> Any:
    return almanac.load()


@pytest.fixture(scope="module")
def grazing(planets: Any) -> Burning:
    """A burn of 4 m/s, 200 days before a body would come down on the Earth if it were not made."""
    meets = START + 200.0 * DAY
    state = planets["earth"].state(meets) + np.array([30_000.0, 0.0, 20_000.0, 3.0, 4.0, 2.0])
    path = trajectory.from_state("rock", state, meets, (START, meets), almanac=planets, asteroids=False)
    return Burning(START, path.state(START), 4.0 * METRE_S * np.array([0.6, -0.5, 0.6]), 200.0)


def _counted(burning: Burning, planets: Any, n: int, years: float) -> float:
    """Share of bodies that meet the Earth, of n drawn."""
    rng = np.random.default_rng(5)
    states = burning.broken_off(rng.uniform(size=n)) + rng.normal(size=(n, 6)) * np.sqrt(burning.variances)
    bodies = orbit_maker.from_state(np.full(n, "lost"), states, np.full(n, burning.epoch_tdb))
    end = burning.epoch_tdb + years * YEAR
    paths = trajectory.tabulate(bodies, np.array([burning.epoch_tdb, end]), almanac=planets)
    return float(np.mean(~np.isfinite(paths[:, 1, 0])))


def test_target_plane_against_counting(claim: Any, planets: Any, grazing: Burning) -> None:
    counted = _counted(grazing, planets, 3_000, 0.8)
    found = loss.of_burns([grazing], planets, chance.generator(7, "loss"), strata=96, most=96, years=0.8)
    assert 0.01 < counted < 0.5
    claim(
        "chance to hit the Earth after a burn of 4 m/s is broken off, target plane over counting",
        oracle="3,000 bodies drawn and flown",
        measured=abs(found.probability["earth"] / counted - 1.0) * 100,
        at_most=15.0,
        unit="%",
        status="modelled",
    )
    assert found.lower["earth"] <= found.probability["earth"] <= found.upper["earth"]


def test_a_chance_of_one_in_ten_million_comes_out_as_a_number() -> None:
    """A Gaussian of 1,000,000 km by 50,000 km whose middle passes 260,000 km beside the disc."""
    foot, covariance = np.array([[1e5, 2.6e5]]), np.diag([1e6**2, 5e4**2])[None]
    chance_of = float(loss._mass_on_disc(foot, covariance, np.array([9_000.0]))[0])
    density = np.exp(-0.5 * (0.1**2 + 5.2**2)) / (2 * np.pi * 1e6 * 5e4)
    assert 1e-11 < chance_of < 1e-7
    assert chance_of == pytest.approx(np.pi * 9_000.0**2 * density, rel=0.3)


def test_a_body_that_never_comes_near_is_below_what_is_resolved(planets: Any) -> None:
    table = snapshot.load()
    body = orbits.of(table)[designations.find("68278", table)]
    target = trajectory.integrate(
        body, (30 * YEAR, 60 * YEAR), almanac=planets, asteroids=False, tolerance=trajectory.BULK
    )
    way = retrieval.cheapest(target, planets, "mars-1sol", span=(30 * YEAR, 60 * YEAR))
    burns = loss.burns_of(target, way)
    first = loss.of_burns(burns, planets, chance.generator(7, "a"), strata=8, most=8, years=60.0)
    again = loss.of_burns(burns, planets, chance.generator(7, "a"), strata=8, most=8, years=60.0)
    assert first == again
    assert first.probability["earth"] < loss.RESOLVED
    assert first.upper["earth"] == loss.RESOLVED
    assert first.untold["earth"] == first.untold["moon"] == 0.0


def test_a_body_that_the_earth_holds_for_a_while_is_untold(planets: Any) -> None:
    """A push about the second libration point: bound to the Earth for months, as temporary satellites are."""
    earth = planets["earth"].state(START)
    outward = earth[:3] / np.linalg.norm(earth[:3])
    state = earth + np.concatenate([outward * 1.3e6, 0.009 * earth[3:]])
    found = loss.of_burns(
        [Burning(START, state, 2.0 * METRE_S * outward)], planets, chance.generator(7, "d"), strata=4, years=3.0
    )
    assert found.samples == 4, "nothing is refined where the answer cannot be told"
    assert found.untold["earth"] == found.untold["moon"] == 1.0 and found.untold["mars"] == 0.0


def test_errors_wider_than_what_is_looked_at_are_untold(planets: Any, grazing: Burning) -> None:
    wide = replace(grazing, position_km=loss.NEAR_KM)
    few = {"strata": 2, "most": 2, "years": 0.8}
    assert loss.of_burns([grazing], planets, chance.generator(7, "e"), **few).untold["earth"] == 0.0
    assert loss.of_burns([wide], planets, chance.generator(7, "e"), **few).untold["earth"] == 1.0


def test_strata_are_cut_in_three_while_the_answer_is_open(planets: Any, grazing: Burning) -> None:
    few = loss.of_burns([grazing], planets, chance.generator(7, "b"), strata=4, most=16, years=0.8, limit=0.999)
    assert few.samples == 4
    found = loss.of_burns([grazing], planets, chance.generator(7, "b"), strata=4, most=16, years=0.8, limit=0.25)
    assert found.samples == 12
    again = loss.of_burns([grazing], planets, chance.generator(7, "b"), strata=12, most=12, years=0.8)
    assert found.probability["earth"] == pytest.approx(again.probability["earth"], rel=1e-6)


def test_bodies_without_a_path_are_not_counted_as_harmless(
    planets: Any, grazing: Burning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tangent.Path, "states", lambda path, dates: np.full((len(dates), 6), np.nan))
    with pytest.raises(NoSolution, match="only 0 of 3 bodies out of control could be followed"):
        loss.of_burns([grazing], planets, chance.generator(7, "c"), strata=3, years=1.0)


def test_foot_and_excess_are_the_same_all_along_a_hyperbola() -> None:
    rp, v = 20_000.0, 3.0
    speed = np.sqrt(v * v + 2.0 * EARTH / rp)
    start = np.array([rp, 0.0, 0.0, 0.0, speed * 0.8, speed * 0.6])
    r, w = kepler.propagate(start[:3], start[3:], np.linspace(-5, 5, 11) * DAY, EARTH)
    incoming, foot = target_plane.of_state(np.concatenate([r, w], -1), EARTH)
    assert np.ptp(incoming, axis=0) == pytest.approx(0.0, abs=1e-9)
    assert np.ptp(foot, axis=0) == pytest.approx(0.0, abs=1e-3)
    assert np.linalg.norm(foot[0]) == pytest.approx(target_plane.reach(rp, v, EARTH))
    towards, along, periapsis = target_plane.hyperbola(incoming[0], foot[0], EARTH)
    assert periapsis == pytest.approx(rp, abs=1e-3)
    assert towards == pytest.approx([1.0, 0.0, 0.0], abs=1e-9)
    assert along == pytest.approx([0.0, 0.8, 0.6], abs=1e-9)


def test_reach_of_the_earth_at_ten_km_s() -> None:
    assert target_plane.reach(RADIUS_KM["earth"], 10.0, EARTH) / RADIUS_KM["earth"] == pytest.approx(1.5, abs=0.01)
