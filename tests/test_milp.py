"""Programmes by name: known optima, stopping, resuming, and what breaks."""

import numpy as np
import pytest

from motherlode.campaign import milp
from motherlode.chance import generator
from motherlode.errors import BadInput, NoSolution


def knapsack(size=60, rows=8, seed=1):
    rng = generator(seed, "knapsack")
    weight, worth = rng.integers(5, 100, (rows, size)), rng.integers(5, 100, size)
    model = milp.Model(minimise=False)
    columns = [model.column(f"take {i}", cost=float(worth[i]), upper=1, integer=True) for i in range(size)]
    for r in range(rows):
        model.row(f"load {r}", zip(columns, map(float, weight[r])), upper=float(weight[r].sum() // 3), limit=True)
    return model


def test_both_doors_agree():
    model = knapsack(30, 3)
    ours, front = milp.solve(model, gap=0.0), milp._front_door(model, 0.0, 60.0)
    assert ours.status == front.status == "optimal"
    assert ours.objective == pytest.approx(front.objective)
    assert model.violation(ours.x) < 1e-6
    assert model.value(ours.x) == pytest.approx(ours.objective)


def test_stopped_solve_keeps_its_best_and_resumes_from_it():
    model = knapsack(120, 20)
    stopped = milp.solve(model, gap=0.0, time_limit_s=20, watch=lambda p: not np.isfinite(p.gap) or p.gap > 0.05)
    assert stopped and stopped.stopped and stopped.status == "feasible, not proven"
    assert model.violation(stopped.x) < 1e-6
    assert stopped.bound >= stopped.objective
    again = milp.solve(model, gap=0.0, time_limit_s=1.0, watch=lambda p: True, start=stopped.x)
    assert again.objective >= stopped.objective
    assert all(p.incumbent >= stopped.objective - 1e-6 for p in again.history)


def test_progress_narrows():
    seen = []
    milp.solve(knapsack(120, 20), gap=0.0, time_limit_s=1.5, watch=lambda p: seen.append(p) or True)
    assert len(seen) >= 2
    assert seen[-1].gap <= seen[1].gap
    assert seen[-1].seconds > seen[0].seconds


def test_conflict_names_the_limit_and_the_amount():
    model = milp.Model()
    launches = model.column("launches", integer=True)
    model.row("mass to deliver", [(launches, 10.0)], lower=95.0)
    model.row("budget 1975", [(launches, 3.0)], upper=12.0, limit=True)
    assert milp.solve(model).status == "infeasible"
    (broken,) = milp.conflict(model)
    assert (broken.row, broken.sense) == ("budget 1975", "raise")
    assert broken.by == pytest.approx(18.0)
    assert milp.explain([broken], {"budget 1975": "M$"}) == (
        "no plan keeps every limit; the least that must give: budget 1975 (raise it by 18 M$)"
    )


def test_conflict_beyond_any_limit():
    model = milp.Model()
    crew = model.column("crew", upper=3)
    model.row("crew wanted", [(crew, 1.0)], lower=4.0)
    with pytest.raises(NoSolution, match="even with every limit lifted"):
        milp.conflict(model)


def test_lp_text_is_exact():
    model = milp.Model()
    x = model.column("mass of oxygen", cost=0.1 + 0.2, upper=4)
    n = model.column("flights", integer=True)
    model.row("need", [(x, 1.0), (n, 1 / 3)], lower=1.0)
    text = model.lp_text()
    assert "0.30000000000000004 mass_of_oxygen" in text
    assert "need_low: + 1.0 mass_of_oxygen + 0.3333333333333333 flights >= 1.0" in text
    assert "0.0 <= mass_of_oxygen <= 4.0" in text
    assert text.index("General") < text.index(" flights\nEnd")


def test_names_are_unique():
    model = milp.Model()
    model.column("a")
    with pytest.raises(BadInput, match="two columns called 'a'"):
        model.column("a")
