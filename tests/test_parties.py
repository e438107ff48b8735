"""Coalitions that re-plan with their own assets: sums, order, stability, and what an asset is worth."""

from dataclasses import replace

import numpy as np
import pytest
from tests import portfolio

from motherlode.campaign import games, parties, plan
from motherlode.campaign.parties import Party
from motherlode.chance import generator
from motherlode.errors import BadInput, UnknownName

YEARS = range(2030, 2042)
PARTIES = (
    Party("north", dict.fromkeys(YEARS, 300e6), {"east": 6}, skills=("crew",)),
    Party("south", dict.fromkeys(YEARS, 300e6), {"west": 3}, in_kind={"heavy launcher": 2e9}),
    Party("mars", dict.fromkeys(YEARS, 200e6), home="mars", claims=("body 2", "body 5")),
)


@pytest.fixture(scope="module")
def problem():
    money, pads = parties.pooled(PARTIES)
    return portfolio.problem(10, 12, 2, budget_usd=money, pads=pads)


@pytest.fixture(scope="module")
def found(problem):
    return parties.game(problem, PARTIES, gap=0.001)


def test_everyone_together_is_the_plan(problem, found):
    whole = plan.solve(problem, gap=0.001)
    assert found.whole == pytest.approx(whole.objective * 1e6, rel=0.003)


def test_a_larger_coalition_is_never_poorer(found):
    for mask in range(8):
        for more in range(8):
            if mask & more == mask:
                assert found.values[more] >= found.values[mask] * (1 - 0.002)


def test_who_has_no_launcher_is_worth_nothing_alone(found):
    assert found.values[0b100] == 0.0  # mars has neither launcher nor pad


def test_joining_forces_never_costs(found):
    assert sum(split.loss for split in games.splits(found)) <= 0.01 * found.whole


def test_every_rule_gives_out_the_whole_and_says_who_would_leave(found):
    bargain = parties.bargain(found, PARTIES)
    for rule in parties.RULES:
        assert bargain.shares_usd[rule].sum() == pytest.approx(found.whole, rel=1e-6)
        content = bargain.stay_usd[rule].min() >= -1e-6 * found.scale
        assert (bargain.blocking[rule] is None) == content
    assert bargain.blocking["nucleolus"] is None or bargain.epsilon_usd > 0
    summary = bargain.summary()
    assert summary["parties"] == ["north", "south", "mars"]
    assert {r["rule"] for r in summary["rules"]} == set(parties.RULES)


def test_three_party_game_of_the_books(claim):
    game = games.Game(("1", "2", "3"), np.array([0.0, 1, 2, 4, 0, 3, 3, 6]))
    bargain = parties.bargain(game, [Party(n, {2030: 1.0}) for n in game.names])
    error = float(np.abs(bargain.shares_usd["nucleolus"] - [2.25, 2.5, 1.25]).max()) + abs(bargain.epsilon_usd + 0.5)
    claim("bargain of the published three-player game", oracle="published", measured=error, at_most=1e-6)


def test_claims_and_skills_close_what_a_coalition_may_not_fly(problem):
    model = parties.restricted(problem, PARTIES, frozenset({"north", "south"}))
    closed = [r.project for r, c in zip(problem.rows, problem.fly) if model.upper[c] == 0]
    opened = [r.project for r, c in zip(problem.rows, problem.fly) if model.upper[c] > 0]
    assert {"body 2", "body 5"} <= set(closed) and not {"body 2", "body 5"} & set(opened)


def test_contribution_in_kind_has_a_worth_and_a_price(problem):
    worth = parties.in_kind(problem, PARTIES, "south")
    assert worth["priced_usd"] == 2e9 and worth["worth_usd"] > 0


def test_product_splits_between_earth_and_mars(problem):
    best = plan.solve(problem)
    split = parties.product_split(best, PARTIES, np.array([1.0, 1.0, 2.0]))
    for row in split.values():
        assert row["wanted_at_mars_kg"] == pytest.approx(row["delivered_kg"] / 2)


def test_sampled_shares_of_a_campaign_agree_with_the_exact(problem, found):
    drawn = parties.sampled(problem, PARTIES, generator(3, "shares"), orders=40, gap=0.005)
    assert np.all(np.abs(drawn.shares - games.shapley(found)) <= 5 * drawn.errors + 0.03 * found.scale)


def test_refusals(problem):
    with pytest.raises(UnknownName, match="owner of heavy"):
        parties.game(problem, PARTIES[:1])
    with pytest.raises(BadInput, match="plan for value or risk, not cost"):
        rules = replace(problem.rules, objective="cost")
        parties.game(replace(problem, rules=rules), PARTIES)
