"""The network as a mixed-integer programme, and its plan: what flies when, with what aboard.

Columns are what leaves (flights, cargo) and what waits; what arrives follows from it by the rocket equation, crew
appetite and plant output, so that mass in equals mass out to the last digit. All that is thrown away is a column too.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from motherlode import epochs
from motherlode.campaign import milp
from motherlode.campaign.milp import MEANS, WANTED
from motherlode.campaign.network import Arc, Network, Vehicle
from motherlode.errors import BadInput, NoSolution
from motherlode.tables import Table
from motherlode.units import DAY, YEAR

OBJECTIVES: Final = ("imleo", "cost", "value")
Terms = dict[int, float]
Point = tuple[str, int]  # a place at an event


@dataclass
class Programme:
    """The programme of a network, with the ledger of what each point receives and gives."""

    network: Network
    objective: str
    model: milp.Model
    balance: dict[tuple[str, int, str], Terms] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    mass: Terms = field(default_factory=lambda: defaultdict(float))
    spent: dict[int, Terms] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))
    earned: dict[int, Terms] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))
    launched: dict[tuple[str, int], Terms] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))


def programme(network: Network, *, objective: str = "imleo", discount: float = 0.10) -> Programme:
    """Mixed-integer programme of a network.

    objective  "imleo" (kg lifted), "cost" (USD) or "value" (discounted sales less cost)
    discount   per year, for value
    """
    if objective not in OBJECTIVES:
        raise BadInput(f"no objective called {objective!r}; choose one of: {', '.join(OBJECTIVES)}")
    p = Programme(network, objective, milp.Model(minimise=objective != "value"))
    for number, arc in enumerate(network.arcs):
        flights = [_fly(p, f"{number} {arc.origin} > {arc.target}", arc, v) for v in network.flown_by(arc)]
        if arc.lift and network.launchers:
            _launch(p, f"{number} {arc.origin} > {arc.target}", arc, flights)
    _wait(p)
    _appear(p)
    _sell(p)
    for (place, event, name), terms in p.balance.items():
        p.model.row(f"balance {name} at {place} #{event}", terms.items(), lower=0.0, upper=0.0)
    _limits(p)
    _aim(p, discount)
    return p


def _event(p: Programme, when: float) -> int:
    return p.network.events.index(when)


def _year(when: float) -> int:
    return int(epochs.iso(when)[:4])


def _fly(p: Programme, label: str, arc: Arc, prime: Vehicle) -> Terms:
    """One design driving a stack along an arc: flights, cargo, what burns, is eaten and wears: what leaves."""
    network, model = p.network, p.model
    start, end = (arc.origin, _event(p, arc.depart)), (arc.target, _event(p, arc.arrive))
    craft = {}
    for vehicle in network.vehicles if network.stacks else (prime,):
        top = vehicle.copies if np.isfinite(vehicle.copies) else np.inf
        n = model.column(f"fly {label} {prime.name}/{vehicle.name}", upper=top, integer=vehicle.whole)
        craft[n] = vehicle
        p.balance[*start, vehicle.name][n] -= 1.0
        p.balance[*end, vehicle.name][n] += 1.0
    aboard = {
        c.name: model.column(f"carry {label} {prime.name} {c.name}", integer=c.integer) for c in network.commodities
    }
    stack: Terms = {n: v.dry_kg for n, v in craft.items()}
    stack |= {aboard[c.name]: c.unit_kg for c in network.commodities}
    used = _used(network, arc, prime, craft, aboard, stack)
    for c in network.commodities:
        column = aboard[c.name]
        p.balance[*start, c.name][column] -= 1.0
        p.balance[*end, c.name][column] += 1.0
        for other, value in used.get(c.name, {}).items():
            p.balance[*end, c.name][other] -= value
        if used.get(c.name):
            left = defaultdict(float, {column: 1.0})
            for other, value in used[c.name].items():
                left[other] -= value
            model.row(f"enough {c.name} {label} {prime.name}", left.items(), lower=0.0)
    if arc.lift:
        for column, kg in stack.items():
            p.mass[column] += kg
    else:
        _hold(model, label, prime, craft, aboard, network)
    return stack


def _used(
    network: Network, arc: Arc, prime: Vehicle, craft: dict[int, Vehicle], aboard: dict[str, int], stack: Terms
) -> dict[str, Terms]:
    """Of each commodity, what the passage uses up, as terms in the columns."""
    used: dict[str, Terms] = {}
    burned = network.burned(prime, arc)
    if burned:
        for name, share in prime.mixture.items():
            used[name] = {column: share * burned * kg for column, kg in stack.items()}
    if network.crew in aboard:
        for name, per_day in network.eats.items():
            used.setdefault(name, {})[aboard[network.crew]] = per_day * arc.duration_d
    if network.spares in aboard:
        wear = {n: v.upkeep * v.dry_kg for n, v in craft.items() if v.upkeep}
        if wear:
            used.setdefault(network.spares, {}).update(wear)
    return used


def _hold(
    model: milp.Model, label: str, prime: Vehicle, craft: dict[int, Vehicle], aboard: dict[str, int], network: Network
) -> None:
    """Payload within holds, propellant within tanks."""
    payload = {aboard[c.name]: c.unit_kg for c in network.commodities if not c.propellant}
    room = {n: -v.payload_kg for n, v in craft.items()}
    if not any(np.isinf(v.payload_kg) for v in craft.values()):
        model.row(f"payload {label} {prime.name}", (payload | room).items(), upper=0.0)
    for c in network.commodities:
        if c.propellant:
            tanks = {n: -v.tank_kg * v.mixture.get(c.name, 0.0) for n, v in craft.items()}
            model.row(f"tank {c.name} {label} {prime.name}", ({aboard[c.name]: c.unit_kg} | tanks).items(), upper=0.0)


def _launch(p: Programme, label: str, arc: Arc, flights: list[Terms]) -> None:
    """Whole launches that lift what leaves along a lift arc."""
    total: Terms = defaultdict(float)
    for stack in flights:
        for column, kg in stack.items():
            total[column] += kg
    for rocket in p.network.launchers:
        if rocket.available[0] <= arc.depart <= rocket.available[1]:
            n = p.model.column(f"launch {label} {rocket.name}", integer=True)
            total[n] -= rocket.capacity_kg
            p.spent[_year(arc.depart)][n] += rocket.price_usd
            p.launched[rocket.pad, _year(arc.depart)][n] += 1.0
    p.model.row(f"lift {label}", total.items(), upper=0.0)


def _wait(p: Programme) -> None:
    """Stock that waits from one event to the next: it is eaten, worn, and worked with."""
    events = p.network.events
    for place, days in p.network.holds.items():
        for event, (now, then) in enumerate(pairwise(events)):
            gap = (then - now) / DAY
            kept = {}
            for name, whole in _things(p.network):
                column = kept[name] = p.model.column(f"wait {place} #{event} {name}", integer=whole)
                p.balance[place, event, name][column] -= 1.0
                p.balance[place, event + 1, name][column] += 1.0
            _live(p, place, event, kept, gap if days is None else days)
            _work(p, place, event, kept, gap)


def _things(network: Network) -> list[tuple[str, bool]]:
    """Names of all that waits, and whether it comes in whole units only."""
    return [(c.name, c.integer) for c in network.commodities] + [(v.name, v.whole) for v in network.vehicles]


def _live(p: Programme, place: str, event: int, kept: dict[str, int], days: float) -> None:
    for name, per_day in p.network.eats.items():
        if p.network.crew in kept:
            eaten = {kept[p.network.crew]: per_day * days}
            p.balance[place, event + 1, name][kept[p.network.crew]] -= per_day * days
            terms = {kept[name]: 1.0} | {c: -v for c, v in eaten.items()}
            p.model.row(f"enough {name} while waiting at {place} #{event}", terms.items(), lower=0.0)


def _work(p: Programme, place: str, event: int, kept: dict[str, int], gap_d: float) -> None:
    years = gap_d * DAY / YEAR
    for plant in (x for x in p.network.plants if x.place == place):
        mass = kept[plant.commodity]
        for product, rate in plant.makes.items():
            p.balance[place, event + 1, product][mass] += rate * plant.availability * years
        p.balance[place, event + 1, plant.commodity][mass] -= min(1.0, plant.decay * years)
        if plant.upkeep:
            p.balance[place, event + 1, p.network.spares][mass] -= plant.upkeep * years
            terms = {kept[p.network.spares]: 1.0, mass: -plant.upkeep * years}
            p.model.row(f"spares for {plant.commodity} at {place} #{event}", terms.items(), lower=0.0)


def _appear(p: Programme) -> None:
    """New vehicles at home, supplies, demands, and what is thrown away."""
    for vehicle in p.network.vehicles:
        made: Terms = {}
        for event, when in enumerate(p.network.events):
            if vehicle.available[0] <= when <= vehicle.available[1]:
                top = vehicle.copies
                column = p.model.column(f"new {vehicle.name} #{event}", upper=top, integer=vehicle.whole)
                p.balance[vehicle.home, event, vehicle.name][column] += 1.0
                p.spent[_year(when)][column] += vehicle.price_usd
                made[column] = 1.0
        if np.isfinite(vehicle.fleet):
            p.model.row(f"fleet of {vehicle.name}", made.items(), upper=vehicle.fleet, limit=MEANS)
    for number, demand in enumerate(p.network.demands):
        event = _event(p, demand.when)
        if demand.amount > 0:
            column = p.model.column(f"supply {number} {demand.commodity}", upper=demand.amount)
            p.spent[_year(demand.when)][column] += p.network.commodity(demand.commodity).price_usd
            p.balance[demand.place, event, demand.commodity][column] += 1.0
        else:
            column = p.model.column(f"deliver {number} {demand.commodity}", lower=0.0, upper=-demand.amount)
            name = f"demand for {demand.commodity} at {demand.place} {epochs.iso(demand.when)}"
            p.model.row(f"{name} ({number})", [(column, 1.0)], lower=-demand.amount, limit=WANTED)
            p.balance[demand.place, event, demand.commodity][column] -= 1.0
    for place, event, name in list(p.balance):
        column = p.model.column(f"discard {place} #{event} {name}")
        p.balance[place, event, name][column] -= 1.0


def _sell(p: Programme) -> None:
    for number, market in enumerate(p.network.markets):
        sold: dict[int, Terms] = defaultdict(dict)
        for event, when in enumerate(p.network.events):
            if (market.place, event, market.commodity) in p.balance:
                column = p.model.column(f"sell {number} {market.commodity} at {market.place} #{event}")
                p.balance[market.place, event, market.commodity][column] -= 1.0
                p.earned[_year(when)][column] += market.price_usd
                sold[_year(when)][column] = 1.0
        for year, terms in sold.items():
            if np.isfinite(market.cap):
                name = f"market for {market.commodity} at {market.place} in {year} ({number})"
                p.model.row(name, terms.items(), upper=market.cap)


def _limits(p: Programme) -> None:
    for year, usd in p.network.budget_usd.items():
        p.model.row(f"budget {year}", p.spent[year].items(), upper=usd, limit=MEANS)
    for (pad, year), terms in p.launched.items():
        if pad in p.network.pads:
            p.model.row(f"pad {pad} {year}", terms.items(), upper=p.network.pads[pad], limit=MEANS)


def _aim(p: Programme, discount: float) -> None:
    first = _year(p.network.events[0])
    if p.objective == "imleo":
        for column, kg in p.mass.items():
            p.model.costs[column] += kg
        return
    sign = -1.0 if p.objective == "value" else 1.0
    for ledger, way in ((p.spent, sign), (p.earned, 1.0 if p.objective == "value" else 0.0)):
        for year, terms in ledger.items():
            rate = (1 + discount) ** (first - year) if p.objective == "value" else 1.0
            for column, usd in terms.items():
                p.model.costs[column] += way * rate * usd


@dataclass(frozen=True)
class Plan:
    """What to do: the solved flows of a network.

    ``status``, ``objective``, ``bound``, ``gap``  of the solve
    ``flights``   Table origin, target, depart_tdb, arrive_tdb, vehicle, count, and kg aboard of each commodity
    ``launches``  Table launcher, date_tdb, count
    ``imleo_kg``  mass lifted, ``cost_usd`` spent, ``earned_usd`` sold (neither discounted)
    """

    status: str
    objective: float
    bound: float
    gap: float
    flights: Table
    launches: Table
    imleo_kg: float
    cost_usd: float
    earned_usd: float
    solution: milp.Solution
    programme: Programme

    @property
    def proven(self) -> bool:
        """Whether the plan is within a hundredth of the best possible."""
        return self.gap <= milp.PROVEN_GAP

    @property
    def imbalance(self) -> float:
        """Largest relative breach of any balance, bound or integer: mass in less mass out."""
        return self.programme.model.violation(self.solution.x)


def solve(
    network: Network,
    *,
    objective: str = "imleo",
    discount: float = 0.10,
    gap: float = milp.PROVEN_GAP,
    time_limit_s: float = 120.0,
    seed: int = 0,
    watch: milp.Watch | None = None,
    start: Any = None,
) -> Plan:
    """Best plan of a network.

    raises  NoSolution with the limits that break, where no plan keeps them all
    """
    p = programme(network, objective=objective, discount=discount)
    found = milp.solve(p.model, gap=gap, time_limit_s=time_limit_s, seed=seed, watch=watch, start=start)
    if not found:
        if found.status == "infeasible":
            raise NoSolution(milp.explain(milp.conflict(p.model)))
        raise NoSolution(f"{found.status} after {found.seconds:.0f} s; allow more time or a wider gap")
    return _plan(p, found)


def _plan(p: Programme, found: milp.Solution) -> Plan:
    return Plan(
        found.status,
        found.objective,
        found.bound,
        found.gap,
        _flights(p, found.x),
        _launches(p, found.x),
        float(sum(kg * found.x[c] for c, kg in p.mass.items())),
        _total(p.spent, found.x),
        _total(p.earned, found.x),
        found,
        p,
    )


def _total(ledger: dict[int, Terms], x: Any) -> float:
    return float(sum(usd * x[column] for terms in ledger.values() for column, usd in terms.items()))


def _flights(p: Programme, x: Any) -> Table:
    network, columns = p.network, p.model.columns
    rows: dict[str, list[Any]] = defaultdict(list)
    for number, arc in enumerate(network.arcs):
        label = f"{number} {arc.origin} > {arc.target}"
        for prime in network.flown_by(arc):
            aboard = {c: x[columns[f"carry {label} {prime.name} {c.name}"]] for c in network.commodities}
            riders = network.vehicles if network.stacks else (prime,)
            count = sum(x[columns[f"fly {label} {prime.name}/{v.name}"]] for v in riders)
            if count < 1e-6 and sum(aboard.values()) < 1e-6:
                continue
            entry = (arc.origin, arc.target, arc.depart, arc.arrive, prime.name, count)
            for name, value in zip(FLIGHT, entry):
                rows[name].append(value)
            for c, amount in aboard.items():
                rows[f"{c.name}_kg" if c.unit_kg == 1 else c.name].append(amount)
    return Table({name: np.array(values) for name, values in rows.items()})


FLIGHT: Final = ("origin", "target", "depart_tdb", "arrive_tdb", "vehicle", "count")


def _launches(p: Programme, x: Any) -> Table:
    rows: dict[str, list[Any]] = {"launcher": [], "date_tdb": [], "count": []}
    for number, arc in enumerate(p.network.arcs):
        for rocket in p.network.launchers if arc.lift else ():
            column = p.model.columns.get(f"launch {number} {arc.origin} > {arc.target} {rocket.name}")
            if column is not None and x[column] > 0.5:
                for name, value in zip(rows, (rocket.name, arc.depart, round(x[column]))):
                    rows[name].append(value)
    return Table({name: np.array(values) for name, values in rows.items()})
