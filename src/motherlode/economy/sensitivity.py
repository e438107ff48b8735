"""Sensitivity: which of the unknowns decides the value, by variance (Sobol) and one at a time (tornado)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance
from motherlode.economy import costs, market, mission
from motherlode.economy.market import Market
from motherlode.economy.mission import Draws, Terms, Trip
from motherlode.prospect import composition, deposit
from motherlode.prospect.deposit import Assumptions

Array = NDArray[np.float64]
Numbers = dict[str, Any]  # group -> arrays of draws

MISSION_GROUPS: Final = ("throughput", "recovery", "success", "price", "cost and delay")
GROUPS: Final = (*deposit.GROUPS, *MISSION_GROUPS)


@dataclass(frozen=True)
class Question:
    """One business on one asteroid, as the functions here ask it again and again."""

    facts: Mapping[str, Any]
    trip: Trip
    product: str
    place: str
    vintage: float | None = None
    seed: int = 0
    terms: Terms = field(default_factory=Terms)
    assumptions: Assumptions = field(default_factory=Assumptions)

    @property
    def market(self) -> Market:
        """Its prices."""
        vintage = self.vintage or self.trip.depart_year
        return Market.of(vintage, launch=self.terms.launch, prices=self.terms.prices)

    def deposit(self, n: int, draws: deposit.Draws | None = None) -> deposit.Deposit:
        """Its samples."""
        return deposit.sample(self.facts, n, self.seed, assumptions=self.assumptions, draws=draws)

    def draws(self, n: int) -> Draws:
        """Its chance."""
        return Draws.of(self.seed, str(self.facts["designation"]), n, self.terms.sell_years)


def indices(function: Callable[[Numbers], Array], first: Numbers, second: Numbers) -> dict[str, tuple[float, float]]:
    """First-order and total Sobol indices of each group of inputs of any function.

    function        of a mapping of groups, giving (n,)
    first, second   two independent draws of every group, the same keys
    returns         {group: (first order, total)}; Saltelli 2010 and Jansen 1999 estimators
    """
    a, b = function(first), function(second)
    variance = np.var(np.concatenate([a, b]))
    found = {}
    for group in first:
        mixed = function({**first, group: second[group]})
        alone = np.mean(b * (mixed - a)) - np.mean(b) * np.mean(mixed - a)
        with_others = np.mean((a - mixed) ** 2) / 2
        found[group] = (float(alone / variance), float(with_others / variance)) if variance > 0 else (0.0, 0.0)
    return found


def sobol(question: Question, n: int = 2000, *, of: str = "npv_usd") -> dict[str, tuple[float, float]]:
    """First-order and total share of the variance of a value that each group of unknowns causes, largest total first.

    n    samples of each of the two draws; the cost is (groups + 2) missions of n samples
    of   ``npv_usd``, ``market_absorbed_usd``, ``recoverable_usd`` or ``delivered_kg`` of the outcome
    """
    prices = question.market
    designed = mission.design(question.deposit(n), question.trip, question.product, question.terms)

    def value(numbers: Numbers) -> Array:
        body, chances = _assemble(numbers, n, question.terms.sell_years)
        sampled = question.deposit(n, body)
        where = question.product, question.place, prices, question.terms
        outcome = mission.fly(sampled, question.trip, *where, chances, designed=designed)
        return np.asarray(getattr(outcome, of))

    found = indices(value, _numbers(question, n, "first"), _numbers(question, n, "second"))
    return dict(sorted(found.items(), key=lambda item: -item[1][1]))


def _numbers(question: Question, n: int, which: str) -> Numbers:
    """One independent draw of every group."""
    rng = chance.generator(question.seed, "sensitivity", which, str(question.facts["designation"]))
    body = {
        name: (rng.standard_normal((n, len(z))), rng.random((n, len(u)))) for name, (z, u) in deposit.GROUPS.items()
    }
    price = rng.standard_normal((1 + len(market.METALS), question.terms.sell_years, n))
    return {
        **body, "throughput": rng.random(n), "recovery": rng.random(n), "success": rng.random((4, n)),
        "price": price, "cost and delay": (rng.standard_normal(n), rng.random(n)),
    }  # fmt: skip


def _assemble(numbers: Numbers, n: int, years: int) -> tuple[deposit.Draws, Draws]:
    """The draws of a deposit and of a mission from their groups."""
    z = np.zeros((n, 10 + len(composition.COMPONENTS)))
    u = np.zeros((n, 3))
    for name, (z_columns, u_columns) in deposit.GROUPS.items():
        z[:, list(z_columns)], u[:, list(u_columns)] = numbers[name]
    growth, slip = numbers["cost and delay"]
    chances = Draws(
        numbers["throughput"], numbers["recovery"], numbers["success"], slip, growth, numbers["price"][:, :years]
    )
    return deposit.Draws(z, u), chances


@dataclass(frozen=True)
class Bar:
    """How far one assumption moves the mean NPV."""

    name: str
    low: str
    high: str
    low_usd: float
    high_usd: float

    @property
    def swing_usd(self) -> float:
        """Length of the bar."""
        return abs(self.high_usd - self.low_usd)


CHOICES: Final[dict[str, tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]]] = {
    "discount rate": (("8 %", {"discount": 0.08}), ("20 %", {"discount": 0.20})),
    "launch price": (("low", {"launch": "low"}), ("high", {"launch": "high"})),
    "missions that share the development": (("1", {"fleet": 1}), ("20", {"fleet": 20})),
    "mass in the parking orbit": (("20 t", {"parking_kg": 20_000.0}), ("200 t", {"parking_kg": 200_000.0})),
    "all prices": (("half", {"price_factor": 0.5}), ("double", {"price_factor": 2.0})),
    "throughput": (("a tenth", {"throughput_factor": 0.1}), ("ten times", {"throughput_factor": 10.0})),
}
BELIEFS: Final[dict[str, tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]]] = {
    "platinum metals of irons": (
        ("17 ppm", {"iron_pgm_median_ppm": 17.0}),
        ("40.8 ppm", {"iron_pgm_median_ppm": 40.8}),
    ),
    "wet share of carbonaceous bodies": (
        ("25 %", {"hydrated_low": 0.25, "hydrated_high": 0.25}),
        ("53 %", {"hydrated_low": 0.53, "hydrated_high": 0.53}),
    ),
    "orbit speaks for the class": (("no", {"orbit_prior": False}), ("yes", {"orbit_prior": True})),
}
QUANTILE_Z: Final = 1.645  # 5 and 95 per cent


def tornado(question: Question, n: int = 800, *, top: int | None = None) -> tuple[float, list[Bar]]:
    """Mean NPV and how far each assumption moves it alone, longest bar first.

    Choices of the mission, the band of every coefficient of cost and risk, and unknowns of the asteroid held at the
    5 and 95 per cent.
    """
    base = _mean(question, n)
    bars = [
        Bar(name, low, high, _mean(_with(question, **one), n), _mean(_with(question, **two), n))
        for name, ((low, one), (high, two)) in CHOICES.items()
    ]
    for name, ((low, one), (high, two)) in BELIEFS.items():
        ends = [_mean(replace(question, assumptions=replace(question.assumptions, **x)), n) for x in (one, two)]
        bars.append(Bar(name, low, high, *ends))
    for name, each in costs.coefficients().items():
        changed = [{**question.terms.coefficients, name: x} for x in (each.low, each.high)]
        ends = [_mean(_with(question, coefficients=c), n) for c in changed]
        bars.append(Bar(name.replace("_", " "), f"{each.low:g}", f"{each.high:g}", *ends))
    for name, column in (("albedo", 0), ("brightness", 1), ("spin period", 2), ("density", 3), ("metal share", 9)):
        ends = [_mean(question, n, held=(column, z)) for z in (-QUANTILE_Z, QUANTILE_Z)]
        bars.append(Bar(name, "5 %", "95 %", *ends))
    bars.sort(key=lambda bar: -bar.swing_usd)
    return base, bars[:top]


def _with(question: Question, **changed: Any) -> Question:
    return replace(question, terms=replace(question.terms, **changed))


def _mean(question: Question, n: int, *, held: tuple[int, float] | None = None) -> float:
    """Mean NPV with common chance; one column of the deposit's draws held at a quantile."""
    draws = deposit.Draws.of(question.seed, str(question.facts["designation"]), n)
    if held is not None:
        draws.z[:, held[0]] = held[1]
    outcome = mission.fly(
        question.deposit(n, draws), question.trip, question.product, question.place, question.market, question.terms,
        question.draws(n),
    )  # fmt: skip
    return float(outcome.npv_usd.mean())


def ranks(values: Mapping[str, Sequence[float]]) -> dict[str, list[int]]:
    """Rank of each item (1 is best) under each of several values, such as the four values' means."""
    return {name: (np.argsort(np.argsort(-np.asarray(row))) + 1).tolist() for name, row in values.items()}
