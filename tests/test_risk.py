"""A plan under uncertainty: what recourse is worth, how late, how much cash, and what must hold."""

import numpy as np
import pytest
from tests import portfolio

from motherlode.campaign import plan, risk
from motherlode.chance import generator
from motherlode.errors import BadInput

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
    for days, middle, half in ((30, 0.46, 0.01), (90, 0.155, 0.025)):
        miss = abs((lasts > days).mean() - middle)
        claim(
            f"stoppages longer than {days} d",
            oracle="base simulation",
            measured=miss,
            at_most=half,
            status="modelled",
        )
    kept = risk.slack(risk.Hazards(), risk=0.10)
    miss = risk.slack(risk.Hazards(), risk=0.02)
    assert miss["recommended_d"] > kept["recommended_d"] > 0
    assert kept["missed_with_0_d"] > kept["missed_with_90_d"] > kept["missed_with_365_d"]


def test_an_empty_plan_has_an_empty_future():
    idle = plan.solve(portfolio.problem(3, 8, 1, budget_usd=dict.fromkeys(range(2030, 2038), 1e3)))
    futures = risk.run(idle, n=50)
    assert np.all(futures.npv_usd == 0) and len(futures.projects) == 0


def test_shares_are_checked():
    with pytest.raises(BadInput, match="launch_success is a share from 0 to 1; got 95"):
        risk.Hazards(launch_success=95)
