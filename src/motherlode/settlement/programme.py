"""The base and its people run the plan: daily stocks, weekly tension, and the capture that needs both.

What crosses from the base to the people: workload, room, accidents, rations, broken promises, success. What
crosses back: the share of the work that is done, the strain that raises failures and accidents, and a team that
is, or is not, there for the burn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance
from motherlode.ephemeris import almanac
from motherlode.errors import BadStudy
from motherlode.settlement import crew, equipment, growth, lifesupport, shortage, windows
from motherlode.settlement.base import Base
from motherlode.settlement.growth import Plan
from motherlode.settlement.operation import Operation
from motherlode.settlement.settings import Settings
from motherlode.units import DAY

Array = NDArray[Any]
SERIES: Final = (
    "people",
    "food_t",
    "water_t",
    "oxygen_t",
    "nitrogen_t",
    "fuel_t",
    "metal_t",
    "spares_t",
    "power_demand_share",
    "workload",
    "labour_share",
    "broken_share",
    "oxygen_kpa",
    "co2_kpa",
    "active_share",
    "legitimacy_employer",
    "legitimacy_government",
    "legitimacy_commander",
    "cohesion",
    "lost",
    "volume_m3_per_person",
)
PROGRESS_DAYS: Final = 140


@dataclass(frozen=True)
class Outcome:
    """What happened in all runs: weekly series, people, stoppages, the capture."""

    settings: Settings
    plan: Plan
    runs: int
    days: Array  # (weeks)
    series: dict[str, Array]  # (weeks, runs)
    group_active: Array  # (weeks, groups, runs)
    base: Base
    crew: crew.Crew
    operation: Operation | None
    stopped_days: Array  # (runs) with a stoppage anywhere
    sets: int

    @property
    def lost(self) -> dict[str, Array]:
        """People lost, by cause, (runs)."""
        return self.base.lost

    @property
    def total_lost(self) -> Array:
        """All people lost, (runs)."""
        return np.asarray(sum(self.base.lost.values()))

    @property
    def team(self) -> int:
        """Which employer's people fly the capture."""
        return _team(self.settings, self.crew)

    @property
    def on_time(self) -> NDArray[np.bool_]:
        """Whether the capture was flown on the planned date, (runs)."""
        return self.operation.on_time if self.operation else np.ones(self.runs, dtype=bool)

    def by_set(self, values: Any) -> Array:
        """Mean over the runs that share one set of judgements, (sets): the spread is what judgement leaves open."""
        values = np.asarray(values, dtype=float)
        return np.array([values[k :: self.sets].mean() for k in range(self.sets)])

    def slack_d(self, target: float = 0.9) -> float:
        """Slack that would have made the capture possible in so many of the runs; infinite where none would."""
        if self.operation is None:
            return 0.0
        return float(np.quantile(self.operation.lateness_d, target, method="higher"))


def planned(settings: Settings) -> Plan:
    """The plan of the base with the real windows of its years."""
    sky = almanac.load()
    first, last = settings.span
    out = windows.between(sky["earth"], sky["mars"], (first, last))
    home = [
        one
        for one in windows.between(sky["mars"], sky["earth"], (first, last + 400 * DAY))
        if first < one.depart_tdb < last
    ]
    return growth.plan(settings, out, home)


def checked(settings: Settings, plan: Plan) -> None:
    """Refuse a plan that runs out of something even when nothing fails.

    raises  BadStudy: when, what ran out, how many are lost, what would prevent it
    """
    if settings.base.losses_allowed:
        return
    nominal = Base(settings, plan, 1, chance.generator(0, "nominal"), nominal=True)
    for day in range(plan.days):
        nominal.day(day)
    if told := shortage.told(nominal):
        raise BadStudy(told)


def run(
    settings: Settings,
    seed: int,
    *,
    runs: int = 200,
    sets: int = 20,
    plan: Plan | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """The base and its people from the first to the last day, in many runs at once.

    sets      sets of judgements that the runs share; results are given as ranges over them
    plan      as ``planned`` gives it, where it is already known
    progress  called with days done and days in all
    """
    plan = plan or planned(settings)
    base = Base(settings, plan, runs, chance.generator(seed, "base"))
    most = max(people for _, people in plan.population)
    judged = crew.beliefs(settings.crew, runs, chance.generator(seed, "beliefs"), sets=sets)
    crowd = crew.Crew(settings.crew, plan.people, most + 8, judged, chance.generator(seed, "crew"))
    operation = Operation.ordered(settings, runs)
    record = _Record(plan.days, runs, len(settings.crew.group))
    coupled = _Coupled(base, crowd, operation)
    for day in range(plan.days):
        coupled.day(day)
        if day % 7 == 6:
            coupled.week(day)
            record.enter(day, base, crowd, coupled)
        if progress and day % PROGRESS_DAYS == 0:
            progress(day, plan.days)
    if progress:
        progress(plan.days, plan.days)
    days, series, active = record.whole()
    return Outcome(
        settings, plan, runs, days, series, active, base, crowd, operation, coupled.stopped_days, min(sets, runs)
    )


class _Coupled:
    """One day and one week of both sides, and what crosses between them."""

    def __init__(self, base: Base, crowd: crew.Crew, operation: Operation | None):
        self.base, self.crowd, self.operation = base, crowd, operation
        runs = base.runs
        self.share, self.strain = np.ones(runs), np.ones(runs)
        self.stopped_days, self.flown = np.zeros(runs), np.zeros(runs, dtype=bool)
        self.team = _team(base.settings, crowd)
        self._clear()

    def _clear(self) -> None:
        zero = np.zeros(self.base.runs)
        self.workload, self.accidents, self.rationed, self.asked, self.done = (zero.copy() for _ in range(5))
        self.arrived, self.left, self.died = (zero.copy() for _ in range(3))

    def day(self, day: int) -> None:
        base, operation = self.base, self.operation
        stopped = self.crowd.stopped[:, self.team]
        asked = operation.asked_h(day, stopped) if operation else np.zeros(base.runs)
        base.day(day, self.share, self.strain, asked)
        if operation:
            flown = operation.day(day, base.operation_h, base.people, stopped, base.ledger)
            base.events.note(day, f"{operation.order.name} flown", flown.astype(float))
            self.flown |= flown
            base.captured |= flown
        self.workload += base.workload / 7
        self.accidents += base.accidents
        self.rationed += np.maximum(0.0, base.short["hunger"] > 0) / 7
        self.asked += np.maximum(asked, 1e-9)
        self.done += base.operation_h
        self.arrived += base.arrived
        self.left += base.left_today
        self.died += base.died_today
        self.stopped_days += self.crowd.stopped.any(axis=1)

    def week(self, day: int) -> None:
        base, crowd = self.base, self.crowd
        people = np.maximum(base.people, 1.0)
        goals = np.where(self.asked > 1.0, self.done / np.maximum(self.asked, 1e-9), self.share)
        late = self.operation is not None and day > self.operation.burn_day
        missed = (
            (np.isnan(self.operation.flown) if late else np.zeros(base.runs, dtype=bool))
            if self.operation
            else np.zeros(base.runs, dtype=bool)
        )
        success = np.where(
            self.flown, crew.TRIUMPH, crew.ORDINARY * np.clip(goals, 0.0, 1.0) * np.where(missed, 0.5, 1.0)
        )
        now = crew.Conditions(
            self.workload, base.volume / people, self.accidents, base.overdue / people, self.rationed, success
        )
        crowd.moves(self.arrived, self.left, self.died)
        tour = base.settings.base.tour_windows * lifesupport.SYNODIC_D / 7
        crowd.week(now, tour_weeks=tour)
        for k, employer in enumerate(crowd.employers):
            base.events.note(day, f"stoppage at {employer} begins, d", crowd.started[:, k] * crowd.stop_length[:, k])
        self.share, self.strain = np.minimum(crowd.labour(), 1.0), crowd.strain(self.workload)
        self.flown[:] = False
        self.last_workload = self.workload
        self._clear()


def _team(settings: Settings, crowd: crew.Crew) -> int:
    """The employer of the operations team: the one named, else the one with most people."""
    order = settings.base.operation
    if order and order.team:
        return crowd.employers.index(order.team)
    shares = [sum(group.share for group in settings.crew.group if group.employer == name) for name in crowd.employers]
    return int(np.argmax(shares))


class _Record:
    """Weekly series of all runs."""

    def __init__(self, days: int, runs: int, groups: int):
        weeks = days // 7
        self.days = np.zeros(weeks)
        self.values = np.zeros((weeks, len(SERIES), runs), dtype=np.float32)
        self.active = np.zeros((weeks, groups, runs), dtype=np.float32)
        self.at = 0

    def enter(self, day: int, base: Base, crowd: crew.Crew, coupled: _Coupled) -> None:
        ledger, people = base.ledger, np.maximum(base.people, 1.0)
        spares = sum((ledger[f"spares {name}"] for name in equipment.SPARES), np.zeros(base.runs))
        stocks = [ledger[name] / 1000 for name in ("food", "water", "oxygen", "nitrogen", "fuel", "metal")]
        trust = [crowd.legitimacy[name].mean(axis=1) for name in ("employer", "government", "commander")]
        row = [
            base.people,
            *stocks,
            spares / 1000,
            base.demand_kw / np.maximum(base.supply_kw, 1e-9),
            np.minimum(coupled.last_workload, 5.0),
            coupled.share,
            base.broken.sum(axis=0) / np.maximum(base.count.sum(axis=0), 1.0),
            base.oxygen_kpa,
            base.co2_kpa,
            crowd.active_share,
            *trust,
            crowd.cohesion[:, 0],
            sum(base.lost.values()),
            base.volume / people,
        ]
        for k, value in enumerate(row):
            self.values[self.at, k] = value
        self.active[self.at] = crowd.group_active.T
        self.days[self.at] = day
        self.at += 1

    def whole(self) -> tuple[Array, dict[str, Array], Array]:
        """Days, series by name and active share by group."""
        return self.days, {name: self.values[:, k] for k, name in enumerate(SERIES)}, self.active
