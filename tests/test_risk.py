"""A plan under uncertainty: what recourse is worth, how late, how much cash, and what must hold."""

from dataclasses import replace

import numpy as np
import pytest
from tests import portfolio

from motherlode.campaign import plan, risk
from motherlode.chance import generator
from motherlode.errors import BadInput
from motherlode.settlement import stoppages

QUIET = risk.Hazards(
    late_probability=0.0,
    stoppage_per_yr=0.0,
    launch_success=1.0,
    price_sigma=0.0,
    growth_sigma=0.0,
    throughput_sigma=0.0,
)


@pytest.fixture(scope="module")
def best():
    return plan.solve(portfolio.problem(10, 14, 2))


def test_the_right_to_decide_is_worth_something(best, claim):
    stormy = risk.Hazards(price_sigma=0.8, growth_sigma=0.6, launch_success=0.8)
    futures = risk.run(best, n=3000, hazards=stormy)
    error = (futures.npv_usd - futures.rigid_usd).std() / np.sqrt(3000)
    sigmas = futures.recourse_usd / error
    claim(
        "recourse gains on average", oracle="invariant", measured=sigmas, at_least=-1, unit="sigma", status="modelled"
    )
    assert futures.recourse_usd > 0


def test_without_hazards_the_plan_is_the_plan(best):
    futures = risk.run(best, n=6400, hazards=QUIET)
    assert np.all(futures.projects["lost at launch"] == 0) and np.all(futures.projects["cancelled"] == 0)
    assert np.all(futures.projects["slip_d_p90"] == 0)
    spread = futures.npv_usd.std() / np.sqrt(6400)
    forgone = best.problem.forgone_usd(best.solution.x)
    launches = sum(best.launch_usd.values())
    assert abs(futures.npv_usd.mean() - best.npv_usd.mean() - forgone) < 5 * spread + 0.5 * launches


def test_chances_of_each_mission_sum_to_one(best):
    table = risk.run(best, n=500).projects
    assert np.allclose(sum(table[name] for name in risk.OUTCOMES), 1.0)


def test_worse_launchers_lose_more(best):
    good, bad = (risk.run(best, n=1500, success={"small": p, "heavy": p}) for p in (0.99, 0.7))
    assert bad.projects["delivered"].mean() < good.projects["delivered"].mean()
    assert bad.npv_usd.mean() < good.npv_usd.mean()
    assert good.cash_at_risk_usd() > 0


def test_same_seed_same_futures(best):
    assert np.array_equal(risk.run(best, n=200, seed=5).npv_usd, risk.run(best, n=200, seed=5).npv_usd)
    assert not np.array_equal(risk.run(best, n=200, seed=5).npv_usd, risk.run(best, n=200, seed=6).npv_usd)


def test_slack_against_a_stoppage_follows_its_tail(claim):
    lasts = risk.stoppage_d(generator(1, "tail"), 50_000, risk.Hazards())
    for days, published in ((14, 0.69), (30, 0.47), (60, 0.24), (90, 0.13)):  # the fitted law, to two digits
        claim(
            f"stoppages of a campaign longer than {days} d",
            oracle="Weibull of Kennan 1985",
            measured=abs((lasts > days).mean() - published),
            at_most=0.01,
        )
    kept = risk.slack(risk.Hazards(), risk=0.10)
    miss = risk.slack(risk.Hazards(), risk=0.02)
    assert miss["recommended_d"] > kept["recommended_d"] > 0
    assert kept["missed_with_0_d"] > kept["missed_with_90_d"] > kept["missed_with_365_d"]


def test_plan_and_people_stop_by_one_law():
    default = risk.Hazards()
    assert (default.stoppage_shape, default.stoppage_scale_d) == (stoppages.SHAPE, stoppages.SCALE_D)


def test_what_was_built_for_a_window_that_is_missed_is_paid_for(best):
    never = risk.Hazards(**{**vars(QUIET), "late_probability": 1.0, "late_mean_d": 1e9})
    futures = risk.run(best, n=200, hazards=never)
    spent = sum(float(row.spent_usd[: row.year - row.first_year].sum()) for row in best.chosen)
    assert np.all(futures.projects["cancelled"] == 1) and np.all(futures.cash_usd <= 0)
    assert futures.cash_usd.sum(axis=1) == pytest.approx(-spent, rel=1e-6)
    assert np.array_equal(futures.npv_usd, futures.rigid_usd)


def test_going_is_judged_at_the_discount_of_the_study():
    """What is earned years later: worth going for at 1 % a year, not at 500 %."""
    cheap = plan.solve(portfolio.problem(4, 14, 1, discount=0.01))
    row = cheap.chosen[0]
    patient, hasty = (
        risk._Shared(4, 1, QUIET, replace(cheap, problem=portfolio.problem(4, 14, 1, discount=rate)))
        for rate in (0.01, 5.0)
    )
    mission = risk._Mission.of(row, cheap, patient, {})
    nobody = np.zeros(4, dtype=bool)
    assert risk._worth_going(row, mission, patient, nobody).all()
    assert not risk._worth_going(row, mission, hasty, nobody).any()


def test_an_empty_plan_has_an_empty_future():
    idle = plan.solve(portfolio.problem(3, 8, 1, budget_usd=dict.fromkeys(range(2030, 2038), 1e3)))
    futures = risk.run(idle, n=50)
    assert np.all(futures.npv_usd == 0) and len(futures.projects) == 0


def test_shares_are_checked():
    with pytest.raises(BadInput, match="launch_success is a share from 0 to 1; got 95"):
        risk.Hazards(launch_success=95)
