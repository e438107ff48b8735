"""Safety gates, and the ways home at a close approach."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from motherlode import chance
from motherlode.capture import destinations, encounters, homecoming, retrieval, safety
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris import almanac, trajectory
from motherlode.errors import NoSolution, Refused
from motherlode.units import METRE_S, YEAR

SPAN = (25.0 * YEAR, 60.0 * YEAR)
MARS = GM_KM3_S2["mars"]


@pytest.fixture(scope="module")
def planets() -> Any:
    return almanac.load()


def _path(name: str, planets: Any) -> Any:
    table = snapshot.load()
    body = orbits.of(table)[designations.find(name, table)]
    return trajectory.integrate(body, SPAN, almanac=planets, asteroids=False, tolerance=trajectory.BULK)


@pytest.fixture(scope="module")
def mars_capture(planets: Any) -> Any:
    target = _path("68278", planets)
    return target, encounters.powered(target, planets, [destinations.find("mars-1sol")], SPAN)[0]


def test_an_aimed_passage_meets_its_periapsis(planets: Any, mars_capture: Any) -> None:
    _, way = mars_capture
    assert way.burns[0].delta_v_km_s < 0.5
    assert way.v_infinity_km_s < 3.0
    assert way.label == "unvalidated: no published counterpart"
    assert way.orbit["periapsis_km"] == pytest.approx(3396.19 + 400.0)
    assert way.orbit["thrust_kn_per_1000_t"] == pytest.approx(1e6 * way.burns[1].delta_v_km_s / 1200.0)


def test_a_short_burn_is_an_impulse_and_a_long_one_costs_more(claim: Any) -> None:
    short = encounters.finite_burn(1.0, MARS, 3796.19, 0.33, 30.0)
    long = encounters.finite_burn(1.0, MARS, 3796.19, 0.33, 1200.0)
    assert long > short
    claim(
        "finite burn of 30 s at Mars against the impulse",
        oracle="impulsive closed form",
        measured=(short - 0.33) / METRE_S,
        at_most=0.1,
        unit="m/s",
        status="modelled",
    )


def test_one_lunar_flyby_captures_what_the_keck_study_returned_with() -> None:
    assert encounters.lunar_flyby(1.27) < 0.0
    assert encounters.lunar_flyby(1.45) < 0.0
    assert encounters.lunar_flyby(3.0) > 0.0


def test_thrust_of_a_chemical_capture() -> None:
    # 500 t and 26 m/s within 20 minutes of periapsis: tens of kN
    assert 10.0 < encounters.thrust_kn(5e5, 0.026) < 100.0


def test_size_cap_refuses_with_its_reason(mars_capture: Any) -> None:
    _, way = mars_capture
    body: dict[str, Any] = {
        "diameter_m": 50.0,
        "mass_kg": 1.5e8,
        "period_h": 3.0,
        "strength_pa": 100.0,
        "u_code": "1",
    }
    found = safety.gates(way, body="earth", **body)
    verdict = safety.verdict(found)
    assert not verdict["feasible"]
    assert any("size cap: 50.0 m, 150000 t, limit 10 m and 1000 t" in why for why in verdict["refused_because"])
    with pytest.raises(Refused, match="refused by the gate 'size cap'"):
        safety.require(found)


def test_a_lowered_gate_is_printed() -> None:
    limits = safety.Limits(diameter_m=60.0)
    assert safety.verdict([], limits)["limits_changed"] == {"diameter_m": 60.0}


def test_an_unknown_orbit_is_not_brought_to_mars(mars_capture: Any) -> None:
    _, way = mars_capture
    body: dict[str, Any] = {"diameter_m": 5.0, "mass_kg": 1e5, "period_h": 1.0, "strength_pa": 100.0}
    refused = safety.verdict(safety.gates(way, body="mars", u_code="7", **body))["refused_because"]
    assert "orbit known: U 7, limit U 4 (aim needs an orbit)" in refused


HARMLESS: dict[str, Any] = {"diameter_m": 5.0, "mass_kg": 1e5, "period_h": 1.0, "strength_pa": 100.0, "u_code": "1"}
NO_HITS = dict.fromkeys(("earth", "moon", "mars"), 0.0)
FOLLOWED = safety.Loss(40, 60.0, NO_HITS, NO_HITS)
KEPT = {"n_body": {"survived": True, "stayed_yr": 5.0}}


def test_a_plan_that_was_flown_and_followed_passes(mars_capture: Any) -> None:
    _, way = mars_capture
    found = safety.gates(replace(way, checks=KEPT), body="mars", loss=FOLLOWED, **HARMLESS)
    assert safety.verdict(found)["refused_because"] == []


@pytest.mark.parametrize("checks", [{}, {"n_body": {"survived": None, "reason": "not flown again"}}])
def test_a_plan_that_was_not_flown_does_not_pass(mars_capture: Any, checks: dict[str, Any]) -> None:
    _, way = mars_capture
    verdict = safety.verdict(safety.gates(replace(way, checks=checks), body="mars", loss=FOLLOWED, **HARMLESS))
    assert not verdict["feasible"]
    assert verdict["refused_because"] == [
        "n-body flight: not flown, limit 5 yr (whether the real system keeps this plan is not shown)"
    ]


@pytest.mark.parametrize(("why", "told"), [("", ""), ("the ephemeris ends", ": the ephemeris ends")])
def test_a_loss_of_control_that_was_not_followed_does_not_pass(mars_capture: Any, why: str, told: str) -> None:
    _, way = mars_capture
    verdict = safety.verdict(safety.gates(replace(way, checks=KEPT), body="mars", unfollowed=why, **HARMLESS))
    assert not verdict["feasible"]
    assert verdict["refused_because"] == [
        f"loss of control: not followed{told}, limit followed (whether a lost body becomes a hazard is not shown)"
    ]


def test_samples_without_a_path_are_not_counted_as_harmless(
    planets: Any, mars_capture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, way = mars_capture
    monkeypatch.setattr(
        trajectory, "tabulate", lambda bodies, dates, **_: np.full((len(bodies), len(dates), 6), np.nan)
    )
    with pytest.raises(NoSolution, match="only 0 of 3 bodies out of control could be followed"):
        safety.loss_of_control(target, way, planets, chance.generator(7, "safety", "68278"), samples=3, years=1.0)


@pytest.mark.parametrize("name", homecoming.AT_PHOBOS)
def test_the_loss_of_a_finite_burn_is_unknown_at_phobos(mars_capture: Any, name: str) -> None:
    _, way = mars_capture
    at_phobos = replace(way, destination=name)
    assert at_phobos.orbit["finite_burn_loss_m_s"] is not None
    assert homecoming.without_stand_in(at_phobos).orbit["finite_burn_loss_m_s"] is None
    assert homecoming.without_stand_in(way) is way


def test_spin_stress_turns_at_the_spin_barrier() -> None:
    assert safety.spin_stress_pa(2000.0, 30.0, 2.0) > 0.0 > safety.spin_stress_pa(2000.0, 30.0, 2.6)


def test_loss_of_control_is_followed_and_bounded(planets: Any, mars_capture: Any) -> None:
    target, way = mars_capture
    loss = safety.loss_of_control(
        target, way, planets, chance.generator(7, "safety", "68278"), samples=12, years=40.0
    )
    again = safety.loss_of_control(
        target, way, planets, chance.generator(7, "safety", "68278"), samples=12, years=40.0
    )
    assert loss == again
    assert 30.0 < loss.years <= 60.0
    for name in ("earth", "moon", "mars"):
        assert 0.0 <= loss.probability[name] <= loss.upper[name] < 1e-2


def test_libration_points_without_a_library_say_so(planets: Any) -> None:
    target = _path("2000 SG344", planets)
    way = retrieval.cheapest(target, planets, "sun-earth-l1", span=(28 * YEAR, 34 * YEAR))
    assert any("manifolds reach it for less" in text for text in way.leaves_out)
    assert np.isfinite(way.delta_v_km_s)
