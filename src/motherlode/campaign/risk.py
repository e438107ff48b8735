"""The plan under uncertainty: launches fail, hardware is late, prices move; at each departure one may still decide.

The same futures are lived through twice: once doing what was planned whatever comes, once deciding at each departure
with what is known by then. The difference is what the right to decide is worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import chance
from motherlode.campaign.network import Launcher
from motherlode.campaign.options import Option
from motherlode.campaign.plan import Plan
from motherlode.errors import BadInput
from motherlode.tables import Table
from motherlode.units import DAY

Array = NDArray[np.float64]
FLOWN, LOST, CANCELLED, FAILED = range(4)
MOST_STOPS: Final = 6  # of one mission; more are as good as cancelled
OUTCOMES: Final = ("delivered", "lost at launch", "cancelled", "failed later")
# Length of a stoppage: maximum-likelihood Weibull of 62 US manufacturing strikes (Kennan 1985), log-likelihood
# -294.34 against -294.70 exponential and -296.08 lognormal. The base and its people use the same two numbers.
STOPPAGE_SHAPE: Final = 0.921
STOPPAGE_SCALE_D: Final = 41.0


@dataclass(frozen=True)
class Hazards:
    """How things go wrong. Every default is a judgement and part of a study.

    ``late_probability``, ``late_mean_d``  of the hardware of a mission, exponential
    ``stoppage_per_yr``  of the work at the yard or base; its length is Weibull of ``stoppage_scale_d`` and shape
    ``window_d``     days after its date in which a departure is still possible
    ``slack_d``      by which all is planned to be ready earlier
    ``launch_success``  where a launcher states none
    ``price_sigma``, ``price_half_life_yr``  of all prices together, mean-reverting in the logarithm
    ``growth_sigma``  of all costs together
    ``throughput_sigma``  of what is delivered, on top of the samples of the deposit
    ``rebuild``      share of the outlay that a lost payload costs again
    ``replace_d``    delay for each failed launch of a ship that is put together from several
    """

    late_probability: float = 0.35
    late_mean_d: float = 120.0
    stoppage_per_yr: float = 0.15
    stoppage_scale_d: float = STOPPAGE_SCALE_D  # with the shape: 47 % last longer than 30 d, 13 % longer than 90 d
    stoppage_shape: float = STOPPAGE_SHAPE
    window_d: float = 15.0
    slack_d: float = 30.0
    launch_success: float = 0.95
    price_sigma: float = 0.30
    price_half_life_yr: float = 3.0
    growth_sigma: float = 0.20
    throughput_sigma: float = 0.30
    rebuild: float = 0.6
    replace_d: float = 90.0

    def __post_init__(self) -> None:
        for name in ("late_probability", "launch_success", "rebuild"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"{name} is a share from 0 to 1; got {getattr(self, name):g}")


@dataclass(frozen=True)
class Futures:
    """What happened to a plan in n futures.

    ``projects``   Table project, planned_tdb, the chances of each of ``OUTCOMES``, slip_d_p50, slip_d_p90 and
                   delivered_kg_mean
    ``npv_usd``    (n,) with the right to decide, ``rigid_usd`` (n,) without it, on the same futures
    ``years``, ``cash_usd``  (years,), (n, years)
    """

    projects: Table
    npv_usd: Array
    rigid_usd: Array
    years: NDArray[np.int_]
    cash_usd: Array
    hazards: Hazards

    @property
    def recourse_usd(self) -> float:
        """Mean worth of being able to decide again."""
        return float((self.npv_usd - self.rigid_usd).mean())

    def cash_at_risk_usd(self, level: float = 0.05) -> float:
        """Depth of cumulative cash that is passed with this probability only: what must be in hand."""
        deepest = np.minimum(np.cumsum(self.cash_usd, axis=1).min(axis=1), 0.0)
        return float(-np.quantile(deepest, level))

    def worst_share_usd(self, level: float = 0.10) -> float:
        """Mean NPV of the worst share of the futures."""
        ordered = np.sort(self.npv_usd)
        return float(ordered[: max(1, round(level * len(ordered)))].mean())

    def summary(self) -> dict[str, Any]:
        """What a person reads first."""
        low, middle, high = np.percentile(self.npv_usd, [5, 50, 95])
        return {
            "npv_usd": {
                "p05": float(low),
                "p50": float(middle),
                "p95": float(high),
                "mean": float(self.npv_usd.mean()),
            },
            "probability_npv_positive": float((self.npv_usd > 0).mean()),
            "worst_tenth_usd": self.worst_share_usd(),
            "cash_at_risk_usd": self.cash_at_risk_usd(),
            "recourse_usd": self.recourse_usd,
            "projects": list(self.projects.rows()),
        }


def run(
    plan: Plan,
    *,
    n: int = 2000,
    seed: int = 2003,
    hazards: Hazards | None = None,
    success: Mapping[str, float] | None = None,
) -> Futures:
    """Monte Carlo of a plan with and without recourse.

    n        futures
    success  of one launch, by launcher
    """
    danger = hazards or Hazards()
    shared = _Shared(n, seed, danger, plan)
    missions = [_Mission.of(row, plan, shared, success or {}) for row in plan.chosen]
    free, rigid = (_Ledger(n, plan) for _ in range(2))
    lines = []
    for mission in missions:
        lines.append(_live(mission, shared, free, decide=True))
        _live(mission, shared, rigid, decide=False)
    keys = ("project", "planned_tdb", *OUTCOMES, "slip_d_p50", "slip_d_p90", "delivered_kg_mean")
    table = Table({k: np.array([line[k] for line in lines]) for k in keys})
    return Futures(table, free.present(plan), rigid.present(plan), free.years, free.cash, danger)


class _Shared:
    """What all missions of one future have in common: prices, cost growth."""

    def __init__(self, n: int, seed: int, danger: Hazards, plan: Plan) -> None:
        self.n, self.seed, self.danger = n, seed, danger
        self.first = plan.problem.rules.years[0]
        self.discount = plan.problem.rules.discount
        rng = chance.generator(seed, "campaign", "shared")
        self.growth = np.exp(danger.growth_sigma * rng.standard_normal(n) - danger.growth_sigma**2 / 2)
        self.price = _prices(rng, n, len(plan.problem.rules.span) + 40, danger)

    def factor(self, year: ArrayLike) -> Array:
        """Price level of each future in a year, (n,)."""
        index = np.clip(np.asarray(year, dtype=int) - self.first, 0, self.price.shape[1] - 1)
        return np.asarray(self.price[np.arange(self.n), index])


def _prices(rng: np.random.Generator, n: int, years: int, danger: Hazards) -> Array:
    keep = 0.5 ** (1 / danger.price_half_life_yr)
    step = danger.price_sigma * np.sqrt(1 - keep**2)
    logs = np.zeros((n, years))
    for k in range(1, years):
        logs[:, k] = keep * logs[:, k - 1] + step * rng.standard_normal(n)
    return np.exp(logs - danger.price_sigma**2 / 2)


@dataclass(frozen=True)
class _Mission:
    """A chosen row, the later windows of its project that it can slip to, and its chances."""

    row: Option
    later: tuple[Option, ...]
    launches: int
    launch_usd: float  # of each
    success: float  # of each

    @classmethod
    def of(cls, row: Option, plan: Plan, shared: _Shared, success: Mapping[str, float]) -> "_Mission":
        later = sorted(
            (r for r in plan.problem.rows if _same(r, row) and r.depart_tdb > row.depart_tdb + 60 * DAY),
            key=lambda r: r.depart_tdb,
        )
        count, usd, works = _ride(row, plan.problem.launchers, shared.danger, success)
        return cls(row, tuple(later), count, usd, works)

    @property
    def launches_usd(self) -> float:
        """All launches, if none fails."""
        return self.launches * self.launch_usd

    @property
    def launch_works(self) -> float:
        """Chance that the only launch works; a ship put together in orbit replaces what is lost."""
        return self.success if self.launches == 1 else 1.0


def _same(one: Option, other: Option) -> bool:
    return (one.project, one.craft, one.architecture) == (other.project, other.craft, other.architecture)


def _ride(
    row: Option, launchers: Sequence[Launcher], danger: Hazards, success: Mapping[str, float]
) -> tuple[int, float, float]:
    """Launches, price of each and success of each: on the launcher that lifts the row for least."""
    able = [r for r in launchers if r.available[0] <= row.depart_tdb <= r.available[1]]
    if not able:
        return 0, 0.0, 1.0
    count = {r.name: int(np.ceil(row.lift_kg / r.capacity_kg)) for r in able}
    best = min(able, key=lambda r: count[r.name] * r.price_usd)
    return count[best.name], best.price_usd, success.get(best.name, danger.launch_success)


class _Ledger:
    """Cash of each future by calendar year."""

    def __init__(self, n: int, plan: Plan) -> None:
        rows = plan.chosen or plan.problem.rows
        first = rows[0].first_year if rows else plan.problem.rules.years[0]
        width = rows[0].income_usd.shape[1] if rows else len(plan.problem.rules.span)
        self.years = first + np.arange(width + 25)
        self.cash = np.zeros((n, len(self.years)))

    def add(self, who: NDArray[np.bool_], cash: Array, shift: int = 0) -> None:
        """Put (n, years) cash of some futures in, so many years later."""
        self.cash[who, shift : shift + cash.shape[1]] += cash[who]

    def present(self, plan: Plan) -> Array:
        """Present value of each future at the first year of the plan."""
        rules = plan.problem.rules
        return np.asarray(self.cash @ (1 + rules.discount) ** (rules.years[0] - self.years).astype(float))


def _live(mission: _Mission, shared: _Shared, ledger: _Ledger, *, decide: bool) -> dict[str, Any]:
    """One mission through all futures: late or not, go or not, launch, result."""
    n, danger = shared.n, shared.danger
    rng = chance.generator(shared.seed, "campaign", mission.row.project)
    late = slip_d(rng, n, danger, years=5.0)
    again = rng.binomial(mission.launches, 1 - mission.success, n) if mission.launches > 1 else np.zeros(n, int)
    late = late + danger.replace_d * again
    pick = rng.integers(0, len(mission.row.delivered_kg), n)
    launch, yield_ = rng.random((1 + len(mission.later), n)), np.exp(danger.throughput_sigma * rng.standard_normal(n))
    yield_ /= np.exp(danger.throughput_sigma**2 / 2)
    outcome, slip, delivered = np.full(n, CANCELLED), np.zeros(n), np.zeros(n)
    waiting = np.ones(n, dtype=bool)
    lost_before = np.zeros(n, dtype=bool)
    for number, row in enumerate((mission.row, *mission.later)):
        delay = (row.depart_tdb - mission.row.depart_tdb) / DAY
        ready = waiting & (row.any_day | (late <= delay + danger.window_d + danger.slack_d))
        go = ready & (_worth_going(row, mission, shared, lost_before) if decide else True)
        if decide:
            _stop(ledger, row, shared, ready & ~go & ~lost_before)
            waiting &= ~(ready & ~go)
        works = go & (launch[number] < mission.launch_works)
        _book(ledger, row, mission, shared, _Fate(go, works, lost_before, again, pick, yield_))
        won = works & (row.delivered_kg[pick] > 0) if row.product else works & (row.income_usd[pick].sum(axis=1) > 0)
        outcome[works] = FAILED
        outcome[won] = FLOWN
        delivered[won] = (row.delivered_kg[pick] * yield_)[won]
        slip[works] = delay + np.maximum(late[works] - delay - danger.slack_d, 0.0)
        outcome[go & ~works] = LOST
        lost_before |= go & ~works
        waiting &= ~works
        if not waiting.any():
            break
    _stop(ledger, mission.row, shared, waiting & ~lost_before)  # never ready in time: what was built is paid for
    return _line(mission, outcome, slip, delivered)


def _line(mission: _Mission, outcome: NDArray[np.int_], slip: Array, delivered: Array) -> dict[str, Any]:
    line = {name: float((outcome == k).mean()) for k, name in enumerate(OUTCOMES)}
    arrived = slip[(outcome == FLOWN) | (outcome == FAILED)]
    middle, high = np.percentile(arrived, [50, 90]) if len(arrived) else (np.nan, np.nan)
    return line | {
        "project": mission.row.project,
        "planned_tdb": mission.row.depart_tdb,
        "slip_d_p50": float(middle),
        "slip_d_p90": float(high),
        "delivered_kg_mean": float(delivered.mean()),
    }


def _worth_going(row: Option, mission: _Mission, shared: _Shared, lost: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Go where what is still to come earns more than it costs, at the prices and costs of the day."""
    at = row.year - row.first_year
    weight = (1 + shared.discount) ** -np.arange(len(row.spent_usd) - at)
    income, outlay = float(row.earned_usd[at:] @ weight), float(row.spent_usd[at:] @ weight)
    again = shared.danger.rebuild * float(row.spent_usd[: at + 1].sum()) * lost
    return np.asarray(
        income * mission.launch_works * shared.factor(row.year)
        > (outlay + again) * shared.growth + mission.launches_usd
    )


def _stop(ledger: _Ledger, row: Option, shared: _Shared, who: NDArray[np.bool_]) -> None:
    """A mission called off at its departure: what was spent before is gone, what comes after is saved."""
    if who.any():
        spent = np.tile(row.spent_usd, (shared.n, 1)) * shared.growth[:, None]
        spent[:, max(row.year - row.first_year, 0) :] = 0.0
        ledger.add(who, -spent)


@dataclass(frozen=True)
class _Fate:
    """What befalls each future of one departure."""

    go: NDArray[np.bool_]
    works: NDArray[np.bool_]
    lost: NDArray[np.bool_]  # at an earlier departure
    again: NDArray[np.int_]  # launches that failed and were repeated
    pick: NDArray[np.int_]  # sample of the row
    yield_: Array


def _book(ledger: _Ledger, row: Option, mission: _Mission, shared: _Shared, fate: _Fate) -> None:
    """Cash of those that depart now: outlay and launches always, income where it worked."""
    if not fate.go.any():
        return
    at = row.year - row.first_year
    spent = row.outlay_usd[fate.pick].astype(float) * shared.growth[:, None]
    spent[:, : at + 1] *= np.where(fate.lost, shared.danger.rebuild, 1.0)[:, None]
    spent[~fate.works, at + 1 :] = 0.0
    part = shared.danger.rebuild * spent[:, : at + 1].sum(axis=1) / max(mission.launches, 1)
    spent[:, at] += mission.launches_usd + fate.again * (mission.launch_usd + part)
    level = shared.factor(np.full(shared.n, row.end_year))
    income = row.income_usd[fate.pick] * (fate.works * level * fate.yield_)[:, None]
    ledger.add(fate.go, income - spent)


def slip_d(rng: np.random.Generator, n: int, danger: Hazards, *, years: float) -> Array:
    """Days by which a mission is late, (n,): its hardware, and the stoppages of the years in which it is built."""
    hardware = np.where(rng.random(n) < danger.late_probability, rng.exponential(danger.late_mean_d, n), 0.0)
    stops = rng.poisson(danger.stoppage_per_yr * years, n)
    return np.asarray(hardware + sum(stoppage_d(rng, n, danger) * (stops > k) for k in range(MOST_STOPS)))


def stoppage_d(rng: np.random.Generator, n: int, danger: Hazards) -> Array:
    """Days that one stoppage lasts, (n,)."""
    return danger.stoppage_scale_d * rng.weibull(danger.stoppage_shape, n)


def slack(
    danger: Hazards | None = None, *, years: float = 5.0, risk: float = 0.10, n: int = 20_000, seed: int = 2003
) -> dict[str, Any]:
    """Slack before a hard date, such as a capture burn, that keeps the risk of missing it at a level.

    returns  recommended_d, and the chance of missing the date at 0, 30, 60, 90, 180, 365 days of slack
    """
    hazards = danger or Hazards()
    late = slip_d(chance.generator(seed, "slack"), n, hazards, years=years)
    missed = {f"missed_with_{d}_d": float((late > d + hazards.window_d).mean()) for d in (0, 30, 60, 90, 180, 365)}
    return {"recommended_d": float(max(0.0, np.quantile(late, 1 - risk) - hazards.window_d)), "risk": risk, **missed}
