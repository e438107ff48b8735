"""The plan of a campaign: optimal, explained when it cannot be, and no better with less."""

import numpy as np
import pytest
from tests import portfolio

from motherlode.campaign import careful, milp, options, plan
from motherlode.errors import BadInput, NoSolution


@pytest.fixture(scope="module")
def small():
    return plan.solve(portfolio.problem(12, 12, 2))


def test_fifty_options_twenty_years_five_vehicles(claim):
    problem = portfolio.problem(50, 20, 5)
    assert len({r.project for r in problem.rows}) == 50 and len({r.craft for r in problem.rows}) == 5
    found = plan.solve(problem, gap=0.01)
    name = "plan of 50 options, 20 years, 5 vehicle kinds"
    claim(f"{name}: gap", oracle="bound of the solver", measured=found.gap, at_most=0.01, status="modelled")
    claim(
        f"{name}: time", oracle="2 min on 2 cores", measured=found.seconds, at_most=120, unit="s", status="modelled"
    )
    assert found.problem.model.violation(found.solution.x) < 1e-6


def test_a_plan_keeps_every_rule(small):
    rules = small.problem.rules
    assert len({row.project for row in small.chosen}) == len(small.chosen)
    for year in rules.span:
        under_way = [r for r in small.chosen if r.year <= year <= r.end_year]
        assert len(under_way) <= rules.teams
        lifted = sum(r.lift_kg for r in small.chosen if r.year == year)
        mine = small.launches["year"] == year
        capacity = {"small": 22.8e3, "heavy": 63.8e3}
        lift = sum(capacity[n] * c for n, c in zip(small.launches["launcher"][mine], small.launches["count"][mine]))
        assert lifted <= lift + 1e-6


def test_npv_of_the_samples_is_the_objective(small):
    assert small.npv_usd.mean() / 1e6 == pytest.approx(small.objective, rel=1e-6)


def test_cash_adds_up_to_the_value(small):
    years, cash = small.cash_usd()
    rate = (1 + small.problem.rules.discount) ** (small.problem.rules.years[0] - years).astype(float)
    forgone = small.problem.forgone_usd(small.solution.x)
    assert (cash @ rate).mean() - forgone == pytest.approx(small.npv_usd.mean(), rel=1e-6)


def test_best_on_average_and_best_at_ten_per_cent_risk():
    average, cautious = careful.both(portfolio.problem(8, 10, 2), gap=0.005, time_limit_s=20)
    assert average.npv_usd.mean() >= cautious.npv_usd.mean() * (1 - 0.01)
    assert cautious.worst_share_usd() >= average.worst_share_usd() - 1e-6 * abs(average.worst_share_usd())
    assert cautious.objective * 1e6 == pytest.approx(cautious.worst_share_usd(), rel=0.02)


def test_the_careful_search_starts_from_what_the_average_plan_is_worth_at_risk():
    """Also where markets are full: what stays unsold is counted once."""
    tight = {("water", "eml1"): 10e3, ("water", "mars-orbit"): 10e3, ("metal", "mars-orbit"): 10e3}
    average = plan.solve(portfolio.problem(10, 12, 2, caps_kg=tight))
    same = portfolio.problem(10, 12, 2, caps_kg=tight, objective="risk")
    x = careful.lifted(same, average)
    assert average.problem.unsold_usd(average.solution.x) > 0
    assert same.model.violation(x) < 1e-6
    worst = np.sort(average.npv_usd)[:7] / 1e6  # a tenth of 64 samples: six and four tenths of the seventh
    assert same.model.value(x) == pytest.approx((worst[:6].sum() + 0.4 * worst[6]) / 6.4, rel=1e-6)


def test_a_careful_search_of_no_time_still_has_a_plan_and_a_bound():
    problem = portfolio.problem(30, 20, 5)
    average = plan.solve(problem, gap=0.05)
    hurried = careful.solve(problem, average, time_limit_s=0.1)
    assert hurried.chosen and hurried.worst_share_usd() >= average.worst_share_usd() * (1 - 1e-9)
    assert hurried.objective <= hurried.bound <= average.bound and np.isfinite(hurried.gap)


def test_rows_that_pay_steadily_make_the_careful_plan(claim):
    """Projects that the average plan chooses lose money in the worst tenth; a short list earns there."""
    problem = portfolio.problem(16, 14, 3)
    average = plan.solve(problem, gap=0.01)
    same = portfolio.problem(16, 14, 3, objective="risk")
    start = careful.lifted(same, average)
    short = careful.short_list(same, start)
    found = milp.solve(careful._only(same, short), gap=0.005, start=start)
    assert len(short) <= careful.SHORT_LIST * 16 + len(average.chosen) and found.status == "optimal"
    assert same.model.violation(found.x) < 1e-6
    text = "worst tenth of the careful plan above that of the average one, 16 options"
    claim(
        text,
        oracle="both on the same 64 futures",
        measured=found.objective - same.model.value(start),
        at_least=400,
        unit="M$",
        status="modelled",
    )


def test_more_of_anything_never_hurts(small):
    less = {"budget_usd": dict.fromkeys(range(2030, 2042), 500e6)}, {"teams": 3}, {"pads": {"east": 1, "west": 1}}
    for limits in less:
        poorer = plan.solve(portfolio.problem(12, 12, 2, **limits))
        assert poorer.objective <= small.bound + 1e-6


def test_no_option_worth_flying_flies_nothing():
    idle = plan.solve(portfolio.problem(3, 8, 1, budget_usd=dict.fromkeys(range(2030, 2038), 1e3)))
    assert idle.chosen == () and idle.objective == pytest.approx(0.0)


def test_must_fly_without_money_names_the_year_and_the_sum():
    poor = dict.fromkeys(range(2030, 2042), 1e6)
    problem = portfolio.problem(6, 12, 2, budget_usd=poor, required=("body 1",))
    with pytest.raises(NoSolution, match=r"least that must give: budget 20\d\d \(raise it by [\d,.]+ M\$\)"):
        plan.solve(problem)


def test_delivery_is_made_at_least_cost():
    want = plan.Delivery("water", "eml1", 20e3, 2040)
    found = plan.solve(portfolio.problem(12, 12, 2, objective="cost", deliveries=(want,)))
    assert found.delivered_kg["water", "eml1"] >= 20e3 - 1
    with pytest.raises(NoSolution, match="delivery of water to eml1 by 2040"):
        too_much = plan.Delivery("water", "eml1", 20e6, 2040)
        plan.solve(portfolio.problem(12, 12, 2, objective="cost", deliveries=(too_much,)))


def test_precedence_is_kept():
    found = plan.solve(portfolio.problem(4, 16, 1, required=("body 0", "body 1"), precedence={"body 1": "body 0"}))
    ends = {r.project: r.end_tdb for r in found.chosen}
    departs = {r.project: r.depart_tdb for r in found.chosen}
    assert departs["body 1"] >= ends["body 0"]


def test_stopped_plan_resumes_no_worse(small):
    problem = portfolio.problem(12, 12, 2)
    stopped = plan.solve(problem, gap=0.0, watch=lambda p: not p.gap < 0.5)
    again = plan.solve(problem, start=stopped.solution.x, time_limit_s=10)
    assert again.objective >= stopped.objective - 1e-6


def test_options_table_has_a_row_each(small):
    table = options.table(small.problem.rows)
    assert len(table) == len(small.problem.rows)
    assert {"architecture", "depart_tdb", "craft", "lift_kg", "cash_usd_p50", "status"} <= set(table.names)
    assert np.all(table["end_tdb"] >= table["depart_tdb"])


def test_refusals():
    with pytest.raises(BadInput, match="choose one of: value, risk, cost, imleo"):
        portfolio.rules(objective="glory")
    with pytest.raises(
        BadInput, match="required project 'body 99' has no window in these years; with windows: body 0"
    ):
        portfolio.problem(2, 8, 1, required=("body 99",))
    with pytest.raises(BadInput, match="two options called"):
        options.check([*portfolio.options(1, 4, 1), *portfolio.options(1, 4, 1)])
