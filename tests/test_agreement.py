"""A campaign and its own base, both ways: labour reaches the plan, shares reach the people."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from motherlode import epochs
from motherlode.campaign import answer, plan
from motherlode.campaign import settings as campaigns
from motherlode.errors import BadInput, BadStudy
from motherlode.settlement import settings
from motherlode.study import agreement, fleet, home
from motherlode.study.agreement import Agreement
from motherlode.study.config import Study

SHORT = {"start": "2001-06-01", "end": "2003-12-31"}
OPERATION = {"burn": "2003-06-01", "begins": "2002-06-01", "work_h": 9000.0, "team": "Meridian Works"}


def study(**campaign: Any) -> Study:
    """The packaged study with few samples and two and a half years of the base."""
    found = Study.example("happy-valley-partners")
    few = {"samples": 32, "futures": 50, "asteroids": found.campaign["asteroids"] | {"names": ["1991 VG"]}} | campaign
    base = {k: v for k, v in found.base.items() if k not in ("retries", "operation")} | SHORT
    return found.model_copy(
        update={"campaign": found.campaign | few, "base": base | {"operation": OPERATION, "people": 24}}
    )


def reached(asked: Study) -> Agreement:
    told = settings.read({"base": asked.base, "crew": asked.crew})
    return agreement.reached(campaigns.read(asked.campaign), told, asked.seed)


@cache
def agreed() -> Agreement:
    return reached(study())


def test_shares_reach_the_people_and_labour_reaches_the_plan() -> None:
    found = agreed()
    assert found.settled and len(found.rounds) >= 2
    heard = {group.nation: group.fairness for group in found.base.crew.group}
    shared = answer.bargain(found.whole, found.campaign, lambda *_: None)
    assert shared is not None
    for name, share, fair in zip(shared.game.names, shared.shares_usd["capital"], shared.shares_usd["shapley"]):
        assert heard[name] == pytest.approx(min(2.0, share / fair), rel=1e-6)
    assert 0.5 < found.campaign.rules.labour < 1.0
    assert found.whole.rules.labour == found.campaign.rules.labour == found.rounds[-1].labour_share
    assert found.campaign.hazards.stoppage_per_yr == found.rounds[-1].stoppages_per_yr > 0
    assert found.whole.rules.caps_kg["metal", "mars-surface"] > 0  # the base's own need replaces the packaged cap


def test_unfair_shares_cost_labour() -> None:
    fair, unfair = reached(study(sharing="shapley")), agreed()
    assert {group.fairness for group in fair.base.crew.group} == {1.0}
    assert fair.campaign.rules.labour > unfair.campaign.rules.labour


def test_labour_that_is_lost_costs_a_mission() -> None:
    found = agreed()
    rested = replace(found.whole.rules, labour=1.0)
    full = plan.solve(plan.problem(found.whole.rows, found.whole.crafts, found.whole.launchers, rested))
    worked = plan.solve(found.whole)
    assert worked.objective < full.objective
    years = sum(min(row.end_year, 2012) - row.year + 1 for row in worked.chosen)
    assert years <= found.campaign.rules.labour * 10 + 1e-6


def test_both_commands_tell_the_same_agreement() -> None:
    asked = study()
    planned, done = fleet.plan(asked)
    lived = home.base(asked, runs=10, more=False)
    assert planned["agreement"] == lived["agreement"] == agreed().summary()
    assert done.settings.hazards == agreed().campaign.hazards


def test_people_of_no_partner_keep_the_fairness_of_the_study() -> None:
    asked = study()
    strangers = {"group": [{"nation": "elsewhere", "employer": "Meridian Works", "fairness": 0.8}]}
    found = reached(asked.model_copy(update={"crew": strangers}))
    assert found.base.crew.group[0].fairness == 0.8 and "no nation of the crew is a partner" in found.note
    assert found.settled and len(found.rounds) == 1


def test_a_nation_without_a_share_among_partners_is_refused() -> None:
    groups = [*study().crew["group"], {"nation": "elsewhere", "employer": "Meridian Works"}]
    with pytest.raises(BadInput, match="no share for elsewhere; the partners are: "):
        reached(study().model_copy(update={"crew": {"group": groups}}))


def test_a_base_that_starves_stops_the_plan() -> None:
    asked = study()
    with pytest.raises(BadStudy, match="food"):
        reached(asked.model_copy(update={"base": asked.base | {"stocks": {"food": 100.0}}}))


def test_the_plan_sets_the_date_of_the_capture_that_its_base_flies() -> None:
    asked = study()
    yard = OPERATION | {"mission": "season at the Phobos yard 1", "retries": ["2003-07-01", "2004-12-01"]}
    longer = asked.base | {"end": "2004-12-31", "operation": yard}
    found = reached(asked.model_copy(update={"base": longer}))
    flown = next(r for r in plan.solve(found.whole).chosen if r.project == yard["mission"])
    order = found.base.base.operation
    assert order is not None and order.burn == epochs.iso(flown.end_tdb)[:10] != OPERATION["burn"]
    assert order.retries == ("2004-12-01",) and f"on {order.burn}, as the plan flies it" in found.note
    short = reached(asked.model_copy(update={"base": asked.base | {"operation": yard | {"retries": []}}}))
    assert short.base.base.operation is not None and short.base.base.operation.burn == OPERATION["burn"]
    assert "outside the life of the base" in short.note
    with pytest.raises(BadInput, match=r"base\.operation\.mission 'Atlantis' is no project of the campaign: "):
        reached(asked.model_copy(update={"base": asked.base | {"operation": OPERATION | {"mission": "Atlantis"}}}))


def test_the_rule_of_sharing_is_one_of_four() -> None:
    with pytest.raises(BadStudy, match=r"campaign.sharing: got 'lottery'; choose one of: equal, capital, shapley"):
        study(sharing="lottery") and campaigns.read(study(sharing="lottery").campaign)
