"""What a study says about its base and its people, as plain values: for the command line, the page and the report."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance, epochs
from motherlode.settlement import coupling, crew, demand, levers, programme, sensitivity, shortage, stoppages
from motherlode.settlement.programme import Outcome
from motherlode.settlement.settings import Settings
from motherlode.units import DAY

Array = NDArray[Any]
Json = dict[str, Any]
EVERY_WEEKS: Final = 4
TARGET: Final = 0.95  # probability to which a slack is recommended
LEVER_RUNS: Final = 100
LEAVES_OUT: Final = (
    "gas chemistry within a day, crops (unless switched on), dust on radiators, medical care beyond accidents",
    "biographies, friendships, violence beyond slow-down and stoppage",
    "trajectories of the flights to and from Mars other than their windows",
)
FAN: Final = (5, 25, 50, 75, 95)


def of(
    settings: Settings,
    seed: int,
    *,
    runs: int = 200,
    more: bool = True,
    progress: Callable[[str, int, int], None] | None = None,
) -> Json:
    """Run the base of a study and tell everything about it.

    more      also pull every lever, try several slacks and rank the judgements
    progress  called with a stage, pieces done and pieces in all
    raises    BadStudy for a base that does not survive its own plan
    """
    tell = progress or (lambda stage, done, total: None)
    plan = programme.planned(settings)
    programme.checked(settings, plan)
    outcome = programme.run(
        settings, seed, runs=runs, plan=plan, progress=lambda done, all_: tell("base", done, all_)
    )
    answer = told(outcome)
    answer["seed"] = seed
    if more:
        answer |= _more(settings, seed, outcome, tell)
    return answer


def told(outcome: Outcome) -> Json:
    """Everything about one outcome."""
    settings = outcome.settings
    return {
        "base": settings.base.name,
        "start": settings.base.start,
        "end": settings.base.end,
        "runs": outcome.runs,
        "sets_of_judgements": outcome.sets,
        "labels": [crew.LABEL, stoppages.LABEL],
        "leaves_out": list(LEAVES_OUT),
        "population": population(outcome),
        "windows": windows(outcome),
        "homeward": [
            {"depart": epochs.iso(one.window.depart_tdb), "people": one.people} for one in outcome.plan.departures
        ],
        "losses": shortage.losses(outcome.base),
        "probability_of_any_loss": float((outcome.total_lost > 0).mean()),
        "shortages": shortages(outcome),
        "stoppages": strikes(outcome),
        "capture": capture(outcome),
        "demand_t_yr": demand.yearly_t(settings, outcome.plan),
        "deliveries": demand.savings(settings, outcome.plan),
        "feedback": feedback(outcome),
        "series": series(outcome),
        "groups": groups(outcome),
        "events": events(outcome),
    }


def population(outcome: Outcome) -> Json:
    """People at the start and the end, and how many were ever there."""
    people = outcome.series["people"]
    return {
        "start": outcome.plan.people,
        "end": _spread(people[-1]),
        "peak": _spread(people.max(axis=0)),
        "arrived_planned": outcome.plan.people + sum(one.people for one in outcome.plan.shipments),
        "evacuated": _spread(outcome.base.evacuated),
    }


def windows(outcome: Outcome) -> list[Json]:
    """Every supply window: who and what came, and what stood in the way of more."""
    return [
        {
            "depart": epochs.iso(one.window.depart_tdb),
            "arrive": epochs.iso(one.window.arrive_tdb),
            "c3_km2_s2": one.window.c3_km2_s2,
            "people_before": one.before,
            "people": one.people,
            "landed_t": one.mass_t,
            "landed_t_per_person": one.mass_t / one.people if one.people else None,
            "spares_share": one.spares_share,
            "bottleneck": one.bottleneck,
            "allowed_by": dict(one.bounds),
            "displaced_t": sum(one.displaced_t.values()),
        }
        for one in outcome.plan.shipments
    ]


def shortages(outcome: Outcome) -> list[Json]:
    """What ran out in some of the runs, when first, and what would have prevented it."""
    start, rows = outcome.settings.span[0], []
    for name, first in outcome.base.first_short.items():
        hit = np.isfinite(first)
        if hit.any():
            rows.append(
                {
                    "what": name,
                    "probability": float(hit.mean()),
                    "first": epochs.iso(start + float(first[hit].min()) * DAY),
                    "typical": epochs.iso(start + float(np.median(first[hit])) * DAY),
                    "missing_t": float(outcome.base.unmet_kg[name][hit].mean() / 1000),
                    "prevented_by": shortage.CURES[name],
                }
            )
    return rows


def strikes(outcome: Outcome) -> list[Json]:
    """Stoppages of every employer's people, as ranges over the sets of judgements."""
    rows = []
    per_window = max(1, len(outcome.plan.shipments))
    for k, employer in enumerate(outcome.crew.employers):
        count = outcome.crew.stoppages[:, k]
        rows.append(
            {
                "employer": employer,
                "expected": float(count.mean()),
                "probability_of_any": _range(outcome, count > 0),
                "expected_per_window": _range(outcome, count / per_window),
            }
        )
    return rows


def capture(outcome: Outcome) -> Json | None:
    """Whether the capture is flown on time, and what it costs when it is not."""
    operation = outcome.operation
    if operation is None:
        return None
    order, delay = operation.order, operation.delay_d
    flown = np.isfinite(delay)
    kept = np.where(operation.on_time, 1.0, np.where(flown, order.late_share, 0.0))
    return {
        "name": order.name,
        "burn": order.burn,
        "team": order.team or None,
        "probability_on_time": _range(outcome, operation.on_time),
        "probability_ready": float((operation.ready <= operation.burn_day).mean()),
        "probability_team_present": float(np.nanmean(operation.present)),
        "probability_flown": float(flown.mean()),
        "expected_delay_d": float(delay[flown].mean()) if flown.any() else None,
        "delay_d": {f"p{q:02d}": _finite(np.percentile(delay, q, method="higher")) for q in (50, 75, 90, 95)},
        "slack_needed_d": {f"p{q:02d}": _finite(outcome.slack_d(q / 100)) for q in (50, 80, 90, 95)},
        "value_usd": order.value_usd,
        "value_at_risk_usd": float(order.value_usd * (1 - kept.mean())),
    }


def feedback(outcome: Outcome) -> Json:
    """What the plan should assume of the base: share of the work done, plants that run, slack."""
    plants = [outcome.base.row[name] for name in ("ice-mine", "isru-methalox", "printer")]
    share = outcome.base.working[plants].sum(axis=0) / np.maximum(outcome.base.count[plants].sum(axis=0), 1.0)
    return {
        "labour_share": _spread(outcome.series["labour_share"].mean(axis=0)),
        "availability": _spread(share),
        "slack_d": _finite(outcome.slack_d(TARGET)),
        "hazards": {
            key: float(value) for key, value in asdict(coupling.hazards(outcome)).items()
        },  # [campaign.hazards]
    }


def series(outcome: Outcome) -> Json:
    """Fans of every weekly series, thinned to four weeks."""
    pick = slice(None, None, EVERY_WEEKS)
    found: Json = {"date": [epochs.iso(outcome.settings.span[0] + day * DAY) for day in outcome.days[pick]]}
    for name, values in outcome.series.items():
        fan = np.percentile(values[pick], FAN, axis=1)
        found[name] = {f"p{q:02d}": _rounded(row) for q, row in zip(FAN, fan)}
    return found


def groups(outcome: Outcome) -> list[Json]:
    """Share of each group that acts, as fans."""
    rows = []
    for k, group in enumerate(outcome.settings.crew.group):
        fan = np.percentile(outcome.group_active[::EVERY_WEEKS, k], (50, 75, 95), axis=1)
        mean = outcome.group_active[::EVERY_WEEKS, k].mean(axis=1)
        row = {"nation": group.nation, "employer": group.employer, "share": group.share, "mean": _rounded(mean)}
        rows.append(row | {f"p{q:02d}": _rounded(values) for q, values in zip((50, 75, 95), fan)})
    return rows


def typical(outcome: Outcome) -> int:
    """The run that is nearest to the middle in losses, stoppages and people."""
    far = np.zeros(outcome.runs)
    for values in (outcome.total_lost, outcome.stopped_days, outcome.series["people"][-1]):
        spread = max(float(np.std(values)), 1e-9)
        far += np.abs(values - np.median(values)) / spread
    return int(np.argmin(far))


def events(outcome: Outcome, run: int | None = None) -> list[Json]:
    """What happened in one run, the typical one where none is named."""
    run = typical(outcome) if run is None else run
    start = outcome.settings.span[0]
    return [
        {"date": epochs.iso(start + day * DAY), "what": kind, "amount": round(amount, 1)}
        for day, kind, amount in outcome.base.events.of(run)
    ]


def _more(settings: Settings, seed: int, outcome: Outcome, tell: Callable[[str, int, int], None]) -> Json:
    few = programme.run(settings, seed, runs=LEVER_RUNS, sets=levers.SETS, plan=outcome.plan)
    table, rows = levers.slack_table(settings, seed, runs=LEVER_RUNS, plan=outcome.plan), []
    if settings.base.operation:
        rows = levers.ranked(settings, seed, reference=few, progress=lambda done, all_: tell("levers", done, all_))
    found = sensitivity.effects(settings.crew, chance.generator(seed, "sensitivity"))
    return {
        "unrest": levers.unrest(few, seed),
        "levers": rows,
        "slack": table,
        "recommended_slack_d": levers.recommended(table, TARGET),
        "judgements": [
            {"name": one.name, "low": one.low, "high": one.high, "effect": one.size, "spread": one.spread}
            for one in found
        ],
    }


def _range(outcome: Outcome, values: Array) -> Json:
    """A mean with its range over the sets of judgements: never a point alone."""
    by_set = outcome.by_set(values)
    return {
        "mean": float(np.mean(values)),
        "low": float(np.quantile(by_set, 0.05)),
        "high": float(np.quantile(by_set, 0.95)),
    }


def _spread(values: Array) -> Json:
    return {f"p{q:02d}": float(f"{np.percentile(values, q):.4g}") for q in (5, 50, 95)}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _rounded(values: Array) -> list[float]:
    return [float(f"{value:.4g}") for value in values]
