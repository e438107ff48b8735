"""Safety gates: what refuses a capture, and in which words."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from motherlode.capture import protection, safety, stress
from motherlode.capture.loss import Loss
from motherlode.capture.plans import Burn, Retrieval
from motherlode.capture.safety import Case, Limits
from motherlode.capture.storage import Storage
from motherlode.constants import GM_KM3_S2
from motherlode.errors import Refused

NONE = dict.fromkeys(("earth", "moon", "mars"), 0.0)
CLEAR = Loss(40, 60.0, NONE, NONE, dict.fromkeys(NONE, 1e-9), NONE)
KEPT = {"n_body": {"survived": True, "stayed_yr": 5.0}}
WAY = Retrieval("rock", "mars-1sol", "Lambert return", (Burn(0.0, 0.3, "leave"), Burn(1e7, 0.3, "brake")), 1e7)
FLOWN = replace(WAY, checks=KEPT, orbit={"periapsis_km": 3796.19})
SMALL = Case(
    "mars", np.array([5.0]), np.array([1e5]), np.array([1.0]), np.array([100.0]), "1",
    loss=CLEAR, storage=Storage(100.0, 3700.0, 37_000.0, what="followed"),
)  # fmt: skip


def refused(way: Retrieval, case: Case, limits: Limits = Limits()) -> list[str]:
    reasons: list[str] = safety.verdict(safety.gates(way, case, limits), limits)["refused_because"]
    return reasons


def test_a_plan_that_was_flown_followed_and_stored_passes() -> None:
    assert refused(FLOWN, SMALL) == []


def test_size_cap_refuses_with_its_reason() -> None:
    large = replace(SMALL, body="earth", diameter_m=np.array([50.0]), mass_kg=np.array([1.5e8]))
    assert any("size cap: 50.0 m, 150000 t, limit 10 m and 1000 t" in why for why in refused(FLOWN, large))
    with pytest.raises(Refused, match="refused by the gate 'size cap'"):
        safety.require(safety.gates(FLOWN, large))


def test_a_lowered_gate_is_printed() -> None:
    limits = Limits(diameter_m=60.0)
    assert safety.verdict([], limits)["limits_changed"] == {"diameter_m": 60.0}


def test_an_unknown_orbit_is_not_brought_to_mars() -> None:
    assert "orbit known: U 7, limit U 4 (aim needs an orbit)" in refused(FLOWN, replace(SMALL, u_code="7"))


@pytest.mark.parametrize("checks", [{}, {"n_body": {"survived": None, "reason": "not flown again"}}])
def test_a_plan_that_was_not_flown_does_not_pass(checks: dict[str, Any]) -> None:
    assert refused(replace(FLOWN, checks=checks), SMALL) == [
        "n-body flight: not flown, limit 5 yr (whether the real system keeps this plan is not shown)"
    ]


@pytest.mark.parametrize(("why", "told"), [("", ""), ("the ephemeris ends", ": the ephemeris ends")])
def test_a_loss_of_control_that_was_not_followed_does_not_pass(why: str, told: str) -> None:
    reasons = refused(FLOWN, replace(SMALL, loss=None, unfollowed=why))
    assert reasons[1] == (
        f"loss of control: not followed{told}, limit followed (whether a lost body becomes a hazard is not shown)"
    )
    assert reasons[0].startswith("planetary protection: ")  # whether it falls on Mars is then not known either


def test_a_hazard_above_the_size_cap_is_refused_with_its_interval() -> None:
    hazard = Loss(48, 60.0, NONE | {"earth": 4e-6}, NONE | {"earth": 1e-6}, NONE | {"earth": 9e-6}, NONE)
    large = replace(SMALL, diameter_m=np.array([60.0]), mass_kg=np.array([2e8]), loss=hazard)
    assert any("hits Earth with 4.0e-06 (90 %: 1.0e-06 to 9.0e-06) in 60 yr" in why for why in refused(FLOWN, large))
    assert not any("loss of control" in why for why in refused(FLOWN, replace(SMALL, loss=hazard)))


def test_a_body_that_may_linger_is_refused_above_the_size_cap() -> None:
    lingers = replace(CLEAR, untold=NONE | {"earth": 0.125})
    large = replace(SMALL, diameter_m=np.array([60.0]), mass_kg=np.array([2e8]), loss=lingers)
    assert any("in 60 yr, and more: 12 % of the paths linger" in why for why in refused(FLOWN, large))
    assert refused(FLOWN, replace(SMALL, loss=lingers)) == []
    sent = replace(large, loss=CLEAR, storage=Storage(0.0, disposal=lingers, what="sent off by 5 m/s"))
    assert any("hits Earth or Moon with 1.0e-09 in 60 yr, and more" in why for why in refused(FLOWN, sent))


@pytest.mark.parametrize("upper", [1e-7, 9.9e-7])
def test_the_gate_can_answer_below_one_in_a_million(upper: float) -> None:
    rare = Loss(48, 60.0, NONE | {"earth": upper / 3}, NONE, NONE | {"earth": upper, "mars": 1e-9}, NONE)
    large = replace(
        SMALL, diameter_m=np.array([60.0]), mass_kg=np.array([2e8]), loss=rare, strength_pa=np.array([1e6])
    )
    assert refused(FLOWN, large) == []


def test_a_store_that_does_not_last_or_was_not_looked_at_does_not_pass() -> None:
    sinks = refused(FLOWN, replace(SMALL, storage=Storage(12.0, what="sinks")))
    assert sinks[0].startswith("storage: 12 yr without control, sinks, limit 100 yr or a disposal plan")
    assert refused(FLOWN, replace(SMALL, storage=None))[0].startswith("storage: not shown")


def test_a_disposal_plan_counts_by_its_chance_to_come_back() -> None:
    returns = Loss(12, 50.0, NONE, NONE, NONE | {"earth": 1e-4, "moon": 1e-5}, NONE)
    sent = Storage(0.0, disposal=returns, what="sent off by 5 m/s")
    assert not any("storage" in why for why in refused(FLOWN, replace(SMALL, storage=sent)))  # of harmless size
    large = replace(SMALL, diameter_m=np.array([60.0]), storage=sent)
    assert any(
        "sent off by 5 m/s; hits Earth or Moon with at most 1.0e-04 in 50 yr" in w for w in refused(FLOWN, large)
    )


@pytest.mark.parametrize(("body", "height", "passes"), [("earth", 900.0, False), ("earth", 1100.0, True)])
def test_no_powered_passage_of_the_earth_below_the_keep_out(body: str, height: float, passes: bool) -> None:
    low = replace(FLOWN, orbit={"perigee_km": 6378.137 + height})
    assert passes != any("keep-out" in why for why in refused(low, replace(SMALL, body=body)))


# Strength


def test_spin_stress_turns_at_the_spin_barrier() -> None:
    assert stress.spin_pa(2000.0, 30.0, 2.0) > 0.0 > stress.spin_pa(2000.0, 30.0, 2.6)


def test_a_tide_pulls_a_rubble_pile_apart_inside_the_fluid_limit_of_roche() -> None:
    """Rigid limit: 2μ/r³ρ-balance of a sphere; tension begins where 2GM/r³ = 4πGρ/3."""
    density, mu = 2000.0, GM_KM3_S2["mars"]
    balance = (2.0 * mu * 1e9 / (4.0 / 3.0 * np.pi * stress.GRAVITY * density)) ** (1.0 / 3.0) / 1e3
    assert (
        stress.tide_pa(density, 1000.0, mu, 0.99 * balance)
        > 0.0
        > stress.tide_pa(density, 1000.0, mu, 1.01 * balance)
    )


def test_a_column_under_thrust_weighs_on_the_grip() -> None:
    assert stress.thrust_pa(2000.0, 7.0, 1e-3) == pytest.approx(14.0)


def test_the_strength_gate_counts_samples() -> None:
    weak = np.full(10, 100.0)
    weak[:2] = 0.0
    case = replace(
        SMALL, strength_pa=weak, diameter_m=np.full(10, 5.0), mass_kg=np.full(10, 1e5), period_h=np.ones(10)
    )
    assert any("80 % of the samples hold, limit 2 in 90 %" in why for why in refused(FLOWN, case))
    assert not any("strength" in why for why in refused(FLOWN, case, Limits(strength_share=0.8)))


def test_a_hard_burn_needs_strength() -> None:
    hard = replace(SMALL, acceleration_m_s2=0.3)
    assert any("most by thrust" in why for why in refused(FLOWN, hard))


# Planetary protection


def test_a_return_to_the_earth_is_of_category_five() -> None:
    passed, told, limit = protection.verdict(WAY, "earth", None)
    assert (
        passed
        and "category V, restricted or unrestricted" in told
        and "nothing of it goes down" in limit.replace("no part of it goes down", "nothing of it goes down")
    )


def test_an_orbit_about_mars_must_not_fall() -> None:
    assert protection.verdict(WAY, "mars", 0.009)[0]
    passed, told, limit = protection.verdict(WAY, "mars", 0.02)
    assert not passed and "falls on Mars with at most 2.0e-02" in told and limit == "0.01 on Mars"
    assert not protection.verdict(WAY, "mars", None)[0]


def test_moons_of_mars_have_a_rule_of_their_own() -> None:
    names = [rule.rule for rule in protection.applying(replace(WAY, destination="phobos-dro"), "mars")]
    assert "moons of Mars" in names and "return to the Earth-Moon system" not in names


def test_every_rule_names_its_source_and_standing() -> None:
    for rule in protection.rules():
        assert rule.source and rule.asks and rule.status in ("read", "secondary", "recalled")
