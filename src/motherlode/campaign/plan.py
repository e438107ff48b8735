"""The plan: which options to fly, when, with which launches, under whose money, pads, fleet and markets."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import epochs
from motherlode.campaign import milp, options
from motherlode.campaign.milp import MEANS, WANTED
from motherlode.campaign.network import Launcher
from motherlode.campaign.options import Craft, Option
from motherlode.campaign.rules import Delivery as Delivery
from motherlode.campaign.rules import Rules as Rules
from motherlode.errors import BadInput, NoSolution
from motherlode.tables import Table
from motherlode.units import TONNE

Array = NDArray[np.float64]
LEAVES_OUT: Final = (
    "launch failures and delays enter the Monte Carlo of the plan, not the choice of it",
    "money is planned with means: a year that overruns is seen in the cash at risk",
)


@dataclass
class Problem:
    """Options, fleet and rules as a programme: columns stay in place whoever may use them."""

    rows: Sequence[Option]
    crafts: Sequence[Craft]
    launchers: Sequence[Launcher]
    rules: Rules
    model: milp.Model
    fly: list[int] = field(default_factory=list)
    launch: dict[tuple[str, int], int] = field(default_factory=dict)
    buy: dict[tuple[str, int], int] = field(default_factory=dict)
    refuel: dict[int, int] = field(default_factory=dict)
    store: dict[int, int] = field(default_factory=dict)
    unsold: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def launch_usd(self) -> Array:
        """Discounted price of each launch and purchase column, (columns,)."""
        usd = np.zeros(len(self.model.costs))
        price = {r.name: r.price_usd for r in self.launchers} | {c.name: c.price_usd for c in self.crafts}
        for (name, year), column in (self.launch | self.buy).items():
            usd[column] = price[name] * self.discount(year)
        return usd

    def forgone_usd(self, x: Array) -> float:
        """Discounted sales that are not made: what a depot keeps and what no market takes."""
        kept = sum(
            self.rows[i].price_usd_kg * self.discount(self.rows[i].end_year) * x[c] for i, c in self.store.items()
        )
        return float(kept) * TONNE + self.unsold_usd(x)

    def unsold_usd(self, x: Array) -> float:
        """Discounted sales that no market takes."""
        return sum(self.price(k[0], k[1]) * self.discount(k[2]) * float(x[c]) for k, c in self.unsold.items()) * TONNE

    def price(self, product: str, place: str) -> float:
        """Highest price that any row expects for a product at a place, USD/kg."""
        return max((r.price_usd_kg for r in self.rows if (r.product, r.place) == (product, place)), default=0.0)

    def discount(self, year: int) -> float:
        """Present value at the first year of a dollar in a year."""
        return float((1 + self.rules.discount) ** (self.rules.years[0] - year))


def problem(rows: Sequence[Option], crafts: Sequence[Craft], launchers: Sequence[Launcher], rules: Rules) -> Problem:
    """The programme of a campaign.

    rows       options; those that depart outside the years are left out
    crafts     of the options, with their fleets
    launchers  priced, with capacity to low orbit and pads
    """
    rows = [row for row in rows if row.year in rules.span]
    options.check(rows)
    p = Problem(rows, crafts, launchers, rules, milp.Model(minimise=rules.objective in ("cost", "imleo")))
    p.fly = [p.model.column(f"fly {row.name}", upper=1.0, integer=True) for row in rows]
    _exclusive(p)
    _order(p)
    _lift(p)
    _teams(p)
    _fleet(p)
    _money(p)
    _markets(p)
    _musts(p)
    _aim(p)
    _hopeless(p)
    return p


def _exclusive(p: Problem) -> None:
    by_project: dict[str, list[int]] = defaultdict(list)
    for row, column in zip(p.rows, p.fly):
        by_project[row.project].append(column)
    for project, columns in by_project.items():
        p.model.row(f"once {project}", [(c, 1.0) for c in columns], upper=1.0)
    for project in p.rules.required:
        if project not in by_project:
            known = ", ".join(sorted(by_project)) or "none"
            raise BadInput(f"the required project {project!r} has no window in these years; with windows: {known}")
        terms = [(c, 1.0) for c in by_project[project]]
        p.model.row(f"project {project}", terms, lower=1.0, limit=WANTED)


def _order(p: Problem) -> None:
    """A project after another: only rows that depart after some flown row of the other has ended."""
    for later, earlier in p.rules.precedence.items():
        before = [(row.end_tdb, c) for row, c in zip(p.rows, p.fly) if row.project == earlier]
        for row, column in zip(p.rows, p.fly):
            if row.project == later:
                ready = [(c, -1.0) for end, c in before if end <= row.depart_tdb]
                p.model.row(f"{row.name} after {earlier}", [(column, 1.0), *ready], upper=0.0)


def _lift(p: Problem) -> None:
    """Launches in whole numbers carry what departs, less what depots hold from earlier deliveries."""
    for year in p.rules.span:
        for rocket in p.launchers:
            if _in(rocket.available, year):
                p.launch[rocket.name, year] = p.model.column(f"launch {rocket.name} {year}", integer=True)
    _depots(p)
    capacity = {r.name: r.capacity_kg for r in p.launchers}
    for year in p.rules.span:
        terms = [(c, r.lift_kg / TONNE) for r, c in zip(p.rows, p.fly) if r.year == year]
        terms += [(c, -p.rows[i].gear) for i, c in p.refuel.items() if p.rows[i].year == year]
        terms += [(c, -capacity[name] / TONNE) for (name, y), c in p.launch.items() if y == year]
        if p.launchers:
            p.model.row(f"lift {year}", terms, upper=0.0)
        for pad, most in p.rules.pads.items():
            used = [(p.launch[r.name, year], 1.0) for r in p.launchers if r.pad == pad and (r.name, year) in p.launch]
            p.model.row(f"pad {pad} {year}", used, upper=most, limit=MEANS)


def _depots(p: Problem) -> None:
    """Propellant made off Earth: delivered, kept at its place, burnt by later departures from there."""
    places = {r.place for r in p.rows if r.product in ("water", "propellant") and r.price_usd_kg > 0}
    for place in sorted(places):
        ports = {"eml1": "lunar-nrho", "nrho": "lunar-nrho", "leo": "earth-400km", "mars-orbit": "mars-1sol"}
        users = [i for i, r in enumerate(p.rows) if r.port == ports.get(place, place) and r.propellant_kg > 0]
        makers = [i for i, r in enumerate(p.rows) if r.place == place and r.product in ("water", "propellant")]
        if not users or not makers:
            continue
        for i in users:
            p.refuel[i] = p.model.column(f"refuel {p.rows[i].name}")
            p.model.row(
                f"tanks {p.rows[i].name}", [(p.refuel[i], 1.0), (p.fly[i], -p.rows[i].propellant_kg)], upper=0
            )
        for i in makers:
            p.store[i] = p.model.column(f"store {p.rows[i].name}")
            mean = float(p.rows[i].delivered_kg.mean()) / TONNE
            p.model.row(f"haul {p.rows[i].name}", [(p.store[i], 1.0), (p.fly[i], -mean)], upper=0.0)
        for year in p.rules.span:
            used = [(p.refuel[i], 1.0) for i in users if p.rows[i].year <= year]
            made = [(p.store[i], -1.0) for i in makers if p.rows[i].end_year <= year]
            p.model.row(f"depot {place} {year}", [*used, *made], upper=0.0)


def _in(available: Sequence[float], year: int) -> bool:
    first, last = epochs.parse(f"{year}-01-01"), epochs.parse(f"{year}-12-31")
    return available[0] <= last and available[1] >= first


def _teams(p: Problem) -> None:
    """Missions that are under way at once, and the years of all teams together that get worked."""
    if not np.isfinite(p.rules.teams):
        return
    for year in p.rules.span:
        under_way = [(c, 1.0) for r, c in zip(p.rows, p.fly) if r.year <= year <= r.end_year]
        p.model.row(f"teams {year}", under_way, upper=p.rules.teams, limit=MEANS)
    if p.rules.labour < 1:
        busy = [(c, 1.0 + min(r.end_year, p.rules.years[1]) - r.year) for r, c in zip(p.rows, p.fly)]
        worked = p.rules.labour * p.rules.teams * len(p.rules.span)
        p.model.row("labour of all years", busy, upper=worked, limit=MEANS)


def _fleet(p: Problem) -> None:
    """Craft that are under way at once, and those that must be bought."""
    for craft in p.crafts:
        mine = [(r, c) for r, c in zip(p.rows, p.fly) if r.craft == craft.name]
        if craft.price_usd:
            for year in p.rules.span:
                p.buy[craft.name, year] = p.model.column(f"buy {craft.name} {year}", integer=True)
        if not (mine and (np.isfinite(craft.fleet) or craft.price_usd)):
            continue
        for year in p.rules.span:
            busy = [(c, 1.0) for r, c in mine if r.year <= year <= r.end_year]
            if np.isfinite(craft.fleet):
                p.model.row(f"fleet of {craft.name} {year}", busy, upper=craft.fleet, limit=MEANS)
            if craft.price_usd:
                owned = [(p.buy[craft.name, y], -1.0) for y in p.rules.span if y <= year]
                p.model.row(f"owned {craft.name} {year}", [*busy, *owned], upper=0.0)


def _money(p: Problem) -> None:
    """Every year pays its missions, launches and craft out of its budget, what was saved, and a share of sales."""
    prices = {r.name: r.price_usd for r in p.launchers} | {c.name: c.price_usd for c in p.crafts}
    saved: int | None = None
    for year, usd in sorted(p.rules.budget_usd.items()):
        early = saved is None  # the first year also pays what was begun before it
        terms = [(c, -_of_year(r, r.earned_usd, year) * p.rules.reinvest) for r, c in zip(p.rows, p.fly)]
        terms += [(c, _of_year(r, r.spent_usd, year, early)) for r, c in zip(p.rows, p.fly)]
        terms += [(c, prices[name]) for (name, y), c in (p.launch | p.buy).items() if y == year]
        kept = p.model.column(f"saved {year}", upper=np.inf if p.rules.carry else 0.0)
        terms += [(kept, 1.0)] + ([(saved, -1.0)] if saved is not None else [])
        scaled = [(c, v / 1e6) for c, v in terms]
        p.model.row(f"budget {year}", scaled, upper=usd / 1e6, limit=MEANS)
        saved = kept


def _of_year(row: Option, ledger: Array, year: int, and_before: bool = False) -> float:
    index = year - row.first_year
    if not 0 <= index < len(ledger):
        return 0.0
    return float(ledger[: index + 1].sum() if and_before else ledger[index])


def _markets(p: Problem) -> None:
    """What all missions together sell at a place in a year; above the cap it earns nothing."""
    for (product, place), cap in p.rules.caps_kg.items():
        mine = [(r, c) for r, c in zip(p.rows, p.fly) if (r.product, r.place) == (product, place)]
        for year in range(p.rules.years[0], p.rules.years[1] + p.rules.sell_years):
            rate = [
                (c, float(r.delivered_kg.mean()) / TONNE / p.rules.sell_years)
                for r, c in mine
                if r.end_year <= year < r.end_year + p.rules.sell_years
            ]
            if len(rate) > 1:
                price = p.price(product, place)
                sign = 1.0 if p.model.minimise else -1.0
                worth = sign * price * p.discount(year) / 1e3 if p.rules.objective != "imleo" else 0.0
                unsold = p.unsold[product, place, year] = p.model.column(
                    f"unsold {product} {place} {year}", cost=worth
                )
                p.model.row(f"market {product} {place} {year}", [*rate, (unsold, -1.0)], upper=cap / TONNE)


def _musts(p: Problem) -> None:
    for want in p.rules.deliveries:
        terms = [
            (c, float(r.delivered_kg.mean()) / TONNE)
            for r, c in zip(p.rows, p.fly)
            if (r.product, r.place) == (want.product, want.place) and r.end_year <= want.by_year
        ]
        stored = [(c, -1.0) for i, c in p.store.items() if p.rows[i].place == want.place]
        name = f"delivery of {want.product} to {want.place} by {want.by_year}"
        p.model.row(name, [*terms, *stored], lower=want.kg / TONNE, limit=WANTED)


def _aim(p: Problem) -> None:
    """The objective, in M$ or t."""
    if p.rules.objective == "imleo":
        for row, column in zip(p.rows, p.fly):
            p.model.costs[column] += row.lift_kg / 1e3
        for i, column in p.refuel.items():
            p.model.costs[column] -= p.rows[i].gear
        return
    launch = p.launch_usd() / 1e6
    present = np.array([row.present_usd(p.rules.discount, p.rules.years[0]) for row in p.rows]) / 1e6
    stored = {c: p.rows[i].price_usd_kg * p.discount(p.rows[i].end_year) / 1e3 for i, c in p.store.items()}
    if p.rules.objective == "cost":
        for row, column in zip(p.rows, p.fly):
            years = row.first_year + np.arange(len(row.spent_usd))
            p.model.costs[column] += float(row.spent_usd @ (1 + p.rules.discount) ** (p.rules.years[0] - years)) / 1e6
        _add(p.model, launch)
    elif p.rules.objective == "value":
        for column, usd in zip(p.fly, present.mean(axis=1) if len(present) else []):
            p.model.costs[column] += float(usd)
        _add(p.model, -launch)
        for column, usd in stored.items():
            p.model.costs[column] -= usd
    else:
        _worst_share(p, present, launch, stored)


def _hopeless(p: Problem) -> None:
    """Close rows that lose money whatever else is flown, where money is all that is asked: half the search."""
    if p.rules.objective != "value" or p.rules.deliveries or p.rules.reinvest:
        return
    wanted = {*p.rules.required, *p.rules.precedence.values()}
    for i, (row, column) in enumerate(zip(p.rows, p.fly)):
        if row.project not in wanted and i not in p.store and p.model.costs[column] <= 0:
            p.model.upper[column] = 0.0


def _add(model: milp.Model, costs: Array) -> None:
    for column in np.flatnonzero(costs):
        model.costs[column] += float(costs[column])


def _worst_share(p: Problem, present: Array, launch: Array, stored: Mapping[int, float]) -> None:
    """Mean value of the worst samples (Rockafellar & Uryasev 2000), each sample a future for every option at once."""
    level = p.model.column("value at risk", cost=1.0, lower=-np.inf)
    samples = present.shape[1]
    fixed = [(int(c), float(launch[c])) for c in np.flatnonzero(launch)] + list(stored.items())
    for s in range(samples):
        short = p.model.column(f"shortfall {s}", cost=-1.0 / (p.rules.risk_level * samples))
        terms = [(level, 1.0), (short, -1.0), *((c, -float(v)) for c, v in zip(p.fly, present[:, s])), *fixed]
        p.model.row(f"sample {s}", terms, upper=0.0)


@dataclass(frozen=True)
class Plan:
    """What was decided.

    ``chosen``     options that are flown, by date
    ``launches``   Table launcher, year, count, usd
    ``npv_usd``    (n,) of each sample, launches paid, before failures and delays are drawn
    ``objective``, ``bound``  in M$ or t, as the objective asks; ``gap`` between them
    ``unused``     options looked at
    """

    status: str
    objective: float
    bound: float
    gap: float
    seconds: float
    chosen: tuple[Option, ...]
    launches: Table
    npv_usd: Array
    problem: Problem
    solution: milp.Solution

    @property
    def proven(self) -> bool:
        """Whether nothing better by more than a hundredth exists."""
        return self.gap <= milp.PROVEN_GAP

    @property
    def launch_usd(self) -> dict[int, float]:
        """Price of the launches of each year, not discounted."""
        total: dict[int, float] = defaultdict(float)
        for year, usd in zip(self.launches["year"], self.launches["usd"]):
            total[int(year)] += float(usd)
        return dict(total)

    @property
    def lift_kg(self) -> float:
        """Initial mass in low orbit of everything."""
        refuelled = sum(self.problem.rows[i].gear * self.solution.x[c] for i, c in self.problem.refuel.items())
        return float(sum(row.lift_kg for row in self.chosen) - refuelled * TONNE)

    @property
    def delivered_kg(self) -> dict[tuple[str, str], float]:
        """Mean kilograms by product and place."""
        total: dict[tuple[str, str], float] = defaultdict(float)
        for row in self.chosen:
            if row.product:
                total[row.product, row.place] += float(row.delivered_kg.mean())
        return dict(total)

    def cash_usd(self) -> tuple[NDArray[np.int_], Array]:
        """Calendar years and the cash of each sample in each, (years,) and (n, years), launches paid."""
        rules = self.problem.rules
        if not self.chosen:
            return np.arange(rules.years[0], rules.years[1] + 1), np.zeros((1, len(rules.span)))
        total = np.sum([row.cash_usd.astype(float) for row in self.chosen], axis=0)
        years = self.chosen[0].first_year + np.arange(total.shape[1])
        for year, usd in self.launch_usd.items():
            total[:, year - years[0]] -= usd
        for (name, year), column in self.problem.buy.items():
            price = next(c.price_usd for c in self.problem.crafts if c.name == name)
            total[:, year - years[0]] -= price * self.solution.x[column]
        return years, total

    def worst_share_usd(self, level: float | None = None) -> float:
        """Mean NPV of the worst share of the samples."""
        share = self.problem.rules.risk_level if level is None else level
        ordered = np.sort(self.npv_usd)
        return float(ordered[: max(1, round(share * len(ordered)))].mean())


def solve(
    p: Problem,
    *,
    gap: float = milp.PROVEN_GAP,
    time_limit_s: float = 120.0,
    watch: milp.Watch | None = None,
    start: ArrayLike | None = None,
    keep: milp.Keep | None = None,
    seed: int = 0,
) -> Plan:
    """Best plan of a problem; ``start`` a known plan's columns, such as ``Plan.solution.x`` of an earlier solve.

    raises  NoSolution: where no plan keeps the rules, the limits that break and by how much
    """
    idle = np.zeros(len(p.model.costs))
    if start is None and p.model.violation(idle) < 1e-9:
        start = idle  # flying nothing is a plan too: a search that is stopped early has at least that
    found = milp.solve(p.model, gap=gap, time_limit_s=time_limit_s, watch=watch, start=start, keep=keep, seed=seed)
    if not found and found.status == "infeasible":
        raise NoSolution(milp.explain(milp.conflict(p.model), _units(p)))
    if not found:
        raise NoSolution(f"{found.status} after {found.seconds:.0f} s; allow more time or fewer options")
    return _read(p, found)


def _units(p: Problem) -> dict[str, str]:
    units = {"budget": "M$", "delivery": "t", "pad": "launches", "teams": "missions", "fleet": "craft"}
    units |= {"labour": "team-years"}
    return {name: units[name.split()[0]] for name in p.model.rows if name.split()[0] in units}


def _read(p: Problem, found: milp.Solution) -> Plan:
    chosen = [row for row, column in zip(p.rows, p.fly) if found.x[column] > 0.5]
    launches: dict[str, list[Any]] = {"launcher": [], "year": [], "count": [], "usd": []}
    price = {r.name: r.price_usd for r in p.launchers}
    for (name, year), column in sorted(p.launch.items(), key=lambda item: item[0][1]):
        if (count := round(found.x[column])) > 0:
            for key, value in zip(launches, (name, year, count, count * price[name])):
                launches[key].append(value)
    npv = np.sum([row.present_usd(p.rules.discount, p.rules.years[0]) for row in chosen], axis=0)
    npv = np.atleast_1d(np.asarray(npv, dtype=float)) - float(p.launch_usd() @ found.x)
    npv = npv - p.forgone_usd(found.x)
    table = Table({key: np.array(values) for key, values in launches.items()})
    ordered = tuple(sorted(chosen, key=lambda row: row.depart_tdb))
    return Plan(found.status, found.objective, found.bound, found.gap, found.seconds, ordered, table, npv, p, found)
