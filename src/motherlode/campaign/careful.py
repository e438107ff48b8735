"""The careful plan: best in the worst share of the futures, searched from the plan that is best on average."""

from collections import defaultdict
from copy import copy
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.campaign import milp, plan
from motherlode.campaign.plan import Plan, Problem

Array = NDArray[np.float64]
SHORT_LIST: Final = 2  # rows of each project that the first search looks at


def both(p: Problem, **choices: Any) -> tuple[Plan, Plan]:
    """The plan that is best on average and the one that is best in the worst share, of the same options and rules."""
    mean = plan.problem(p.rows, p.crafts, p.launchers, replace(p.rules, objective="value"))
    average = plan.solve(mean, **choices)
    return average, solve(p, average, **choices)


def solve(p: Problem, average: Plan, *, time_limit_s: float = 120.0, **choices: Any) -> Plan:
    """The plan that is best in the worst share of the samples.

    average   the plan that is best on average: the search starts from it, so it is never better in the worst share
    choices   as ``plan.solve`` takes them

    Half of the time goes to a short list, the rows of each project that pay steadily; what is found there starts the
    search of all rows, which has the bound.
    """
    same = plan.problem(p.rows, p.crafts, p.launchers, replace(p.rules, objective="risk"))
    start, searched = lifted(same, average), 0.0
    if len(short := short_list(same, start)) < len(same.rows):
        asked = {key: choices[key] for key in ("gap", "seed", "watch") if key in choices}
        found = milp.solve(_only(same, short), time_limit_s=time_limit_s / 2, start=start, **asked)
        start, searched = found.x if found else start, found.seconds
    whole = plan.solve(same, start=start, time_limit_s=max(time_limit_s - searched, 0.1), **choices)
    # The worst share of a plan is never above its mean: the bound of the average plan holds here too.
    bound = min(whole.bound, average.bound) if average.problem.rules.objective == "value" else whole.bound
    return replace(whole, bound=bound, gap=abs(whole.objective - bound) / max(abs(whole.objective), 1e-9))


def short_list(p: Problem, start: Array) -> set[int]:
    """Rows that pay steadily, by index: the highest mean less standard deviation of each project, launch paid by the
    kilogram, and those that a start flies."""
    present = np.array([row.present_usd(p.rules.discount, p.rules.years[0]) for row in p.rows])
    lift = min((r.price_usd / r.capacity_kg for r in p.launchers), default=0.0)
    launch = np.array([row.lift_kg * lift * p.discount(row.year) for row in p.rows])
    steady = present.mean(axis=1) - launch - present.std(axis=1)
    by_project: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(p.rows):
        by_project[row.project].append(i)
    best = [i for each in by_project.values() for i in sorted(each, key=lambda i: -steady[i])[:SHORT_LIST]]
    return {*best, *(i for i, column in enumerate(p.fly) if start[column] > 0.5)}


def _only(p: Problem, rows: set[int]) -> milp.Model:
    """The programme with all other rows closed."""
    model = copy(p.model)
    model.upper = list(p.model.upper)
    for i, column in enumerate(p.fly):
        if i not in rows:
            model.upper[column] = 0.0
    return model


def lifted(p: Problem, known: Plan) -> Array:
    """The columns of a plan in a programme with more of them: the worst-share columns are filled in."""
    x = np.zeros(len(p.model.costs))
    old = known.problem.model.columns
    for name, column in p.model.columns.items():
        if name in old:
            x[column] = known.solution.x[old[name]]
    level = p.model.columns["value at risk"]
    gains = (known.npv_usd + known.problem.unsold_usd(known.solution.x)) / 1e6  # unsold stands apart in the objective
    x[level] = np.quantile(gains, p.rules.risk_level, method="inverted_cdf")
    for s, gain in enumerate(gains):
        x[p.model.columns[f"shortfall {s}"]] = max(0.0, x[level] - gain)
    return x
