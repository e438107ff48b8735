"""Partners: who owns what, what each coalition could do alone, how the gain may be shared, and who would leave.

A coalition is worth the best plan that it can make with only its members' launchers, craft, pads, money, claims and
skills. A body without a claim is raced for: a coalition is there first with the chance members / parties.
All coalitions solve one programme with other bounds, so a larger one starts from the plans of the smaller.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.campaign import games, milp, plan
from motherlode.campaign.games import Game
from motherlode.campaign.plan import Problem
from motherlode.errors import BadInput, UnknownName

Array = NDArray[np.float64]
RULES: Final = ("equal", "capital", "shapley", "nucleolus")


@dataclass(frozen=True)
class Party:
    """A state, agency or company.

    ``budget_usd``  by year; ``pads`` launches per year that its pads allow
    ``skills``      what it can do that not all can, such as "crew" or "mars base"
    ``claims``      projects that only a coalition with it may fly
    ``in_kind``     what it brings besides money, at what it would cost to buy, USD
    ``home``        where it wants its share of the product: "earth" or "mars"
    """

    name: str
    budget_usd: Mapping[int, float] = field(default_factory=dict)
    pads: Mapping[str, float] = field(default_factory=dict)
    skills: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    in_kind: Mapping[str, float] = field(default_factory=dict)
    home: str = "earth"

    @property
    def capital_usd(self) -> float:
        """Money and kind together."""
        return float(sum(self.budget_usd.values()) + sum(self.in_kind.values()))


def game(
    problem: Problem,
    parties: Sequence[Party],
    *,
    gap: float = 0.002,
    time_limit_s: float = 20.0,
    tell: Callable[[int, int], None] | None = None,
) -> Game:
    """What every coalition of the parties could make of the campaign, USD.

    problem  of all together, its launchers, craft and options with owners among the parties ("" is everybody's)
    tell     called with coalitions done and their number
    raises   BadInput where an owner is none of the parties
    """
    _owners(problem, parties)
    known: dict[frozenset[str], milp.Solution] = {}
    total = 2 ** len(parties) - 1

    def worth(members: frozenset[str]) -> float:
        start = _best_part(known, members)
        known[members] = _solve(problem, parties, members, gap, time_limit_s, start)
        if tell:
            tell(len(known), total)
        return max(0.0, known[members].objective) * 1e6 if known[members] else 0.0

    return games.of([p.name for p in parties], worth)


def sampled(
    problem: Problem, parties: Sequence[Party], rng: np.random.Generator, *, orders: int = 100, gap: float = 0.01
) -> games.Sampled:
    """Shapley shares of more parties than are exact, with error bars, USD."""
    _owners(problem, parties)

    def worth(members: frozenset[str]) -> float:
        found = _solve(problem, parties, members, gap, 20.0, None)
        return max(0.0, found.objective) * 1e6 if found else 0.0

    return games.sampled([p.name for p in parties], worth, rng, orders=orders)


def _owners(problem: Problem, parties: Sequence[Party]) -> None:
    names = {p.name for p in parties}
    owned: list[Any] = [*problem.launchers, *problem.crafts, *problem.rows]
    for thing in owned:
        if thing.owner and thing.owner not in names:
            raise UnknownName(f"party (owner of {thing.name})", thing.owner, sorted(names))
    if problem.rules.objective not in ("value", "risk"):
        raise BadInput(f"coalitions are worth money; plan for value or risk, not {problem.rules.objective}")


def _best_part(known: Mapping[frozenset[str], milp.Solution], members: frozenset[str]) -> Array | None:
    inside = [s for part, s in known.items() if part < members and s]
    return max(inside, key=lambda s: s.objective).x if inside else None


def _solve(
    problem: Problem, parties: Sequence[Party], members: frozenset[str], gap: float, limit: float, start: Array | None
) -> milp.Solution:
    model = restricted(problem, parties, members)
    return milp.solve(model, gap=gap, time_limit_s=limit, start=start, watch=None)


def restricted(problem: Problem, parties: Sequence[Party], members: frozenset[str]) -> milp.Model:
    """The programme of a coalition: columns of what it lacks are closed, its money and pads alone count."""
    inside = [p for p in parties if p.name in members]
    model = milp.Model(**{**vars(problem.model), "upper": list(problem.model.upper)})
    model.row_upper = list(problem.model.row_upper)
    for row, column in zip(problem.rows, problem.fly):
        if not _may_fly(row.owner, row.needs, row.project, inside, parties):
            model.upper[column] = 0.0
    owner = _owner(problem)
    for (name, _), column in (problem.launch | problem.buy).items():
        if owner[name] and owner[name] not in members:
            model.upper[column] = 0.0
    for row, column in zip(problem.rows, problem.fly):
        if owner.get(row.craft, "") not in {"", *members}:
            model.upper[column] = 0.0
    _means(problem, model, inside)
    _race(problem, model, parties, inside)
    return model


def _owner(problem: Problem) -> dict[str, str]:
    """Who owns each launcher and craft."""
    owner = {rocket.name: rocket.owner for rocket in problem.launchers}
    return owner | {craft.name: craft.owner for craft in problem.crafts}


def _race(problem: Problem, model: milp.Model, parties: Sequence[Party], inside: Sequence[Party]) -> None:
    """Income from bodies that nobody has a claim to, times the chance of being there first."""
    rules, claimed = problem.rules, {project for p in parties for project in p.claims}
    outsiders = 1.0 - len(inside) / len(parties)
    if rules.objective != "value" or not outsiders:
        return
    model.costs = list(model.costs)
    for row, column in zip(problem.rows, problem.fly):
        if not row.owner and row.project not in claimed:
            years = row.first_year + np.arange(len(row.earned_usd))
            present = float(row.earned_usd @ (1 + rules.discount) ** (rules.years[0] - years).astype(float))
            model.costs[column] -= outsiders * present / 1e6


def _may_fly(
    owner: str, needs: Sequence[str], project: str, inside: Sequence[Party], everyone: Sequence[Party]
) -> bool:
    if owner and owner not in {p.name for p in inside}:
        return False
    claimed = any(project in p.claims for p in everyone)
    if claimed and not any(project in p.claims for p in inside):
        return False
    return set(needs) <= {skill for p in inside for skill in p.skills}


def _means(problem: Problem, model: milp.Model, inside: Sequence[Party]) -> None:
    for year in problem.rules.budget_usd:
        money = sum(p.budget_usd.get(year, 0.0) for p in inside)
        model.row_upper[model.rows[f"budget {year}"]] = money / 1e6
    for year in problem.rules.span:
        for pad in problem.rules.pads:
            if any(p.pads for p in inside) and (row := model.rows.get(f"pad {pad} {year}")) is not None:
                model.row_upper[row] = sum(p.pads.get(pad, 0.0) for p in inside)


def pooled(parties: Sequence[Party]) -> tuple[dict[int, float], dict[str, float]]:
    """Money by year and launches per year by pad of all parties together."""
    money: dict[int, float] = {}
    pads: dict[str, float] = {}
    for party in parties:
        for year, usd in party.budget_usd.items():
            money[year] = money.get(year, 0.0) + usd
        for pad, most in party.pads.items():
            pads[pad] = pads.get(pad, 0.0) + most
    return money, pads


@dataclass(frozen=True)
class Bargain:
    """How a game may be shared and what each way does to the will to stay.

    ``shares_usd``  rule -> (n,) in the order of the parties
    ``stay_usd``    rule -> (n,): what each party's best way out would cost it per head; negative: it gains by leaving
    ``blocking``    rule -> the smallest coalition that gains by leaving, or None
    ``epsilon_usd`` least core: the tension between the partners in one number; above 0 no sharing keeps all
    ``splits``      pairs of coalitions that are worth more apart: where the plan is not super-additive
    """

    game: Game
    shares_usd: Mapping[str, Array]
    stay_usd: Mapping[str, Array]
    blocking: Mapping[str, games.Block | None]
    epsilon_usd: float
    splits: tuple[games.Split, ...]

    def summary(self) -> dict[str, Any]:
        """Plain values for JSON, keys with units."""
        names = self.game.names
        return {
            "parties": list(names),
            "value_usd": self.game.whole,
            "alone_usd": {n: float(self.game.values[1 << i]) for i, n in enumerate(names)},
            "tension_usd": self.epsilon_usd,
            "core": "not empty" if self.epsilon_usd <= games.TOLERANCE * self.game.scale else "empty",
            "rules": [self._rule(rule) for rule in self.shares_usd],
            "splits": [{"one": list(s.one), "other": list(s.other), "loss_usd": s.loss} for s in self.splits[:3]],
        }

    def _rule(self, rule: str) -> dict[str, Any]:
        block = self.blocking[rule]
        return {
            "rule": rule,
            "shares_usd": dict(zip(self.game.names, map(float, self.shares_usd[rule]))),
            "stay_usd": dict(zip(self.game.names, map(float, self.stay_usd[rule]))),
            "stable": block is None,
            "blocking": {"members": list(block.members), "gain_usd": block.gain} if block else None,
        }


def bargain(found: Game, parties: Sequence[Party]) -> Bargain:
    """Every sharing rule on a game, and who would leave under each."""
    capital = [p.capital_usd for p in parties]
    shares = {"equal": games.equal_split(found)}
    if sum(capital) > 0:
        shares["capital"] = games.proportional(found, capital)
    shares |= {"shapley": games.shapley(found), "nucleolus": games.nucleolus(found)}
    return Bargain(
        found,
        shares,
        {rule: stay(found, x) for rule, x in shares.items()},
        {rule: games.blocking(found, x) for rule, x in shares.items()},
        games.least_core(found).epsilon,
        tuple(games.splits(found)),
    )


def stay(found: Game, shares: Array) -> Array:
    """What each party would lose per head by joining its best way out, (n,); negative where it gains."""
    loss = -games.excess(found, shares)
    member = games.incidence(found.players)
    each = loss[1:-1] / member[1:-1].sum(axis=1)
    if not len(each):
        return np.zeros(found.players)
    return np.array([each[member[1:-1, i] > 0].min() for i in range(found.players)])


def in_kind(problem: Problem, parties: Sequence[Party], party: str, *, gap: float = 0.005) -> dict[str, float]:
    """What a party's launchers, craft and skills are worth to all, against what they would cost to buy, USD.

    returns  worth_usd (loss to all without them, its money left in), priced_usd (as the party states it)
    """
    everyone = frozenset(p.name for p in parties)
    names = [p.name for p in parties]
    if party not in names:
        raise UnknownName("party", party, names)
    whole = _solve(problem, parties, everyone, gap, 20.0, None)
    giver = parties[names.index(party)]
    bare = [p if p.name != party else Party(party, p.budget_usd) for p in parties]
    model = restricted(problem, bare, everyone)
    for (name, _), column in (problem.launch | problem.buy).items():
        if _owner(problem)[name] == party:
            model.upper[column] = 0.0
    less = milp.solve(model, gap=gap, time_limit_s=20.0)
    worth = (whole.objective - (less.objective if less else 0.0)) * 1e6
    return {"worth_usd": float(max(0.0, worth)), "priced_usd": float(sum(giver.in_kind.values()))}


def product_split(best: plan.Plan, parties: Sequence[Party], shares: Array) -> dict[str, dict[str, float]]:
    """Kilograms of each product that stay at Earth and at Mars, and what the shares of the parties would ask for.

    returns  "product at place" -> delivered_kg, wanted_at_earth_kg, wanted_at_mars_kg, by the homes of the shares
    """
    part = np.maximum(shares, 0.0) / max(np.maximum(shares, 0.0).sum(), 1e-30)
    mars = float(sum(s for s, p in zip(part, parties) if p.home == "mars"))
    return {
        f"{product} at {place}": {
            "delivered_kg": kg,
            "wanted_at_mars_kg": kg * mars,
            "wanted_at_earth_kg": kg * (1 - mars),
            "at_mars": float(place.startswith("mars")),
        }
        for (product, place), kg in best.delivered_kg.items()
    }
