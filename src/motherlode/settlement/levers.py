"""What would make the capture more likely: each lever pulled alone, with the same luck; and the slack to plan
with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from motherlode.settlement import programme
from motherlode.settlement.growth import Plan
from motherlode.settlement.programme import Outcome
from motherlode.settlement.settings import Base, Crew, Settings

SLACKS_D: Final = (0.0, 30.0, 60.0, 120.0, 180.0)
SETS: Final = 10  # of judgements; few, so that each has enough runs


@dataclass(frozen=True)
class Lever:
    """A change of the study; what it does to the plan and to the people."""

    name: str
    what: str
    pull: Callable[[Settings], Settings]


def _crew(**change: float) -> Callable[[Settings], Settings]:
    return lambda s: replace(s, crew=replace(s.crew, **change))  # type: ignore[arg-type]


def _paid(crew: Crew) -> Crew:
    best = max(1.0, *(group.pay for group in crew.group))
    return replace(crew, group=tuple(replace(group, pay=best) for group in crew.group))


def _fair(crew: Crew) -> Crew:
    return replace(crew, group=tuple(replace(group, fairness=max(1.0, group.fairness)) for group in crew.group))


def _slack(base: Base, days: float) -> Base:
    return (
        replace(base, operation=replace(base.operation, slack_d=base.operation.slack_d + days))
        if base.operation
        else base
    )


LEVERS: Final = (
    Lever("pay", "everybody is paid what the best paid were promised", lambda s: replace(s, crew=_paid(s.crew))),
    Lever("fair shares", "every partner gets its fair share", lambda s: replace(s, crew=_fair(s.crew))),
    Lever("autonomy", "the base decides for itself", _crew(autonomy=0.9)),
    Lever("open news", "news from home is let through at once", _crew(news_delay_d=0.0)),
    Lever("crew mix", "groups live and work together", _crew(mixing=0.95)),
    Lever("talks", "offers are made early in a stoppage", _crew(bargaining=0.7)),
    Lever(
        "room",
        "half as much room again for each person",
        lambda s: replace(s, base=replace(s.base, volume_m3_per_person=1.5 * s.base.volume_m3_per_person)),
    ),
    Lever(
        "spares",
        "half as many spares again",
        lambda s: replace(s, base=replace(s.base, spares_margin=1.5 * s.base.spares_margin)),
    ),
    Lever("slack", "ready 60 days earlier", lambda s: replace(s, base=_slack(s.base, 60.0))),
)


def ranked(
    settings: Settings,
    seed: int,
    *,
    runs: int = 100,
    reference: Outcome | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, float | str]]:
    """Every lever pulled alone, best first: gain in the probability that the capture is flown on time.

    The same seed gives every variant the same luck as far as the variants allow; the error is that of paired runs.

    reference  the outcome with no lever pulled, of as many runs and the same seed
    """
    plan = reference.plan if reference else programme.planned(settings)
    reference = reference or programme.run(settings, seed, runs=runs, sets=SETS, plan=plan)
    rows: list[dict[str, float | str]] = []
    for k, lever in enumerate(LEVERS):
        changed = lever.pull(settings)
        same = changed.base == settings.base
        known = reference.plan if same else None
        outcome = programme.run(changed, seed, runs=reference.runs, sets=reference.sets, plan=known)
        rows.append(_row(lever, reference, outcome))
        if progress:
            progress(k + 1, len(LEVERS))
    return sorted(rows, key=lambda row: (-float(row["gain"]), -float(row["stoppage_days_saved"])))


def _row(lever: Lever, before: Outcome, after: Outcome) -> dict[str, float | str]:
    gain = after.on_time.astype(float) - before.on_time.astype(float)
    by_set = after.by_set(after.on_time) - before.by_set(before.on_time)
    return {
        "lever": lever.name,
        "what": lever.what,
        "probability_on_time": float(after.on_time.mean()),
        "gain": float(gain.mean()),
        "gain_error": float(gain.std() / np.sqrt(len(gain))),
        "gain_low": float(np.quantile(by_set, 0.05)),
        "gain_high": float(np.quantile(by_set, 0.95)),
        "stoppage_days_saved": float((before.stopped_days - after.stopped_days).mean()),
        "people_at_end_change": float(np.median(after.series["people"][-1]) - np.median(before.series["people"][-1])),
        "losses_change": float(after.total_lost.mean() - before.total_lost.mean()),
    }


def unrest(outcome: Outcome, seed: int) -> dict[str, float]:
    """What unrest costs: the same luck with people who never act, against the outcome."""
    crew = replace(outcome.settings.crew, beliefs={**outcome.settings.crew.beliefs, "threshold": (1e3, 1e3)})
    settled = replace(outcome.settings, crew=crew)
    calm = programme.run(settled, seed, runs=outcome.runs, sets=outcome.sets, plan=outcome.plan)
    order = outcome.settings.base.operation
    lost = float(calm.on_time.mean() - outcome.on_time.mean()) if order else 0.0
    share = calm.series["labour_share"].mean() - outcome.series["labour_share"].mean()
    return {
        "probability_on_time_without": float(calm.on_time.mean()),
        "probability_lost": lost,
        "work_share_lost": float(share),
        "value_lost_usd": lost * order.value_usd * (1 - order.late_share) if order else 0.0,
        "stoppage_days": float(outcome.stopped_days.mean()),
    }


def slack_table(
    settings: Settings,
    seed: int,
    *,
    runs: int = 100,
    slacks_d: tuple[float, ...] = SLACKS_D,
    plan: Plan | None = None,
) -> list[dict[str, float]]:
    """Probability on time for several slacks, the plan made anew for each: earlier means more work in less time."""
    if settings.base.operation is None:
        return []
    plan = plan or programme.planned(settings)
    rows = []
    for slack in slacks_d:
        operation = replace(settings.base.operation, slack_d=slack)
        outcome = programme.run(
            replace(settings, base=replace(settings.base, operation=operation)), seed, runs=runs, sets=SETS, plan=plan
        )
        by_set = outcome.by_set(outcome.on_time)
        rows.append(
            {
                "slack_d": slack,
                "probability_on_time": float(outcome.on_time.mean()),
                "low": float(np.quantile(by_set, 0.05)),
                "high": float(np.quantile(by_set, 0.95)),
            }
        )
    return rows


def recommended(table: list[dict[str, float]], target: float = 0.9) -> float | None:
    """The least slack that reaches a probability, or the one that comes closest; None without an operation."""
    if not table:
        return None
    enough = [row["slack_d"] for row in table if row["probability_on_time"] >= target]
    best = max(table, key=lambda row: (row["probability_on_time"], -row["slack_d"]))
    return min(enough) if enough else best["slack_d"]
