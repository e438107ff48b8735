"""Value: four answers side by side to what an asteroid is worth, from the naive one to the one that pays wages."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product as product_of
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.economy import cashflow, market, mission
from motherlode.economy.market import Market
from motherlode.economy.mission import Draws, Outcome, Sale
from motherlode.economy.mission import Terms as Terms
from motherlode.economy.mission import Trip as Trip
from motherlode.mining import methods
from motherlode.mining.massbudget import Budget
from motherlode.mining.plant import Haul, Plant, typical
from motherlode.prospect.deposit import Deposit, percentiles

Array = NDArray[np.float64]

VALUES: Final = ("gross_in_situ_usd", "recoverable_usd", "market_absorbed_usd", "risk_adjusted_npv_usd")
BUSINESSES: Final = (("water", "eml1"), ("water", "mars-orbit"), ("metal", "mars-orbit"), ("pgm", "earth"))
LEAVES_OUT: Final = (
    "one mission: no reuse of the craft for a second asteroid",
    "legs as access gave them, impulsive; electric legs cost 1.7 times that out and 1.4 times back, in the same time",
    "no taxes, no financing beyond the discount rate, no law",
)
SEARCH_SAMPLES: Final = 250  # enough for a break-even
DESIGN_SAMPLES: Final = 120  # enough to choose a design
DESIGNS: Final[dict[str, tuple[Any, ...]]] = {  # what a mission without given terms tries
    "parking_kg": (15_000.0, 60_000.0, 250_000.0),
    "outbound": ("hydrogen-oxygen", "hall"),
    "back": ("storable", "hall"),
    "back_on_site": ("hydrogen-oxygen", "methane-oxygen"),
    "power_factor": (1.0, 4.0),
}


@dataclass(frozen=True)
class Value:
    """The four values of one business on one asteroid, (n,) samples each, and what they rest on."""

    designation: str
    product: str
    place: str
    gross_in_situ_usd: Array
    outcome: Outcome
    price_usd_kg: float
    market: Market
    terms: Terms
    trip: Trip
    search: Callable[[], float] = field(repr=False)
    leaves_out: tuple[str, ...] = LEAVES_OUT

    @property
    def recoverable_usd(self) -> Array:
        """What one mission brings, at spot price, (n,)."""
        return self.outcome.recoverable_usd

    @property
    def market_absorbed_usd(self) -> Array:
        """What it sells for once the price has answered, (n,)."""
        return self.outcome.market_absorbed_usd

    @property
    def risk_adjusted_npv_usd(self) -> Array:
        """Net present value at departure with failures, delays, cost growth and prices drawn, (n,)."""
        return self.outcome.npv_usd

    @property
    def delivered_kg(self) -> Array:
        """Product at the place of sale, (n,)."""
        return self.outcome.delivered_kg

    @property
    def cost_usd(self) -> Array:
        """Undiscounted cost, (n,)."""
        return self.outcome.cost.total_usd

    @property
    def present_cost_usd(self) -> Array:
        """Cost discounted to departure, (n,)."""
        return self.outcome.present_cost_usd

    @property
    def present_revenue_usd(self) -> Array:
        """Revenue discounted to departure, (n,)."""
        return self.outcome.present_revenue_usd

    @property
    def plant(self) -> Plant:
        """The mining plant."""
        return self.outcome.plant

    @property
    def budget(self) -> Budget:
        """The mass budget."""
        return self.outcome.budget

    @property
    def haul(self) -> Haul:
        """What was mined."""
        return self.outcome.haul

    def percentiles(self) -> dict[str, dict[str, float]]:
        """Mean and 5, 16, 50, 84, 95 per cent of each of the four."""
        return percentiles({name: getattr(self, name) for name in VALUES})

    @cached_property
    def probability_npv_positive(self) -> float:
        """Share of the samples in which the mission earns more than it costs."""
        return float(np.mean(self.risk_adjusted_npv_usd > 0))

    @property
    def cvar_05_usd(self) -> float:
        """Mean NPV of the worst twentieth."""
        worst = np.sort(self.risk_adjusted_npv_usd)
        return float(worst[: max(len(worst) // 20, 1)].mean())

    @property
    def break_even_price_factor(self) -> float:
        """What all prices would have to be multiplied by for a mean NPV of zero; inf when nothing is sold."""
        revenue = float(self.present_revenue_usd.mean())
        return float(self.present_cost_usd.mean()) / revenue if revenue > 0 else float("inf")

    @cached_property
    def break_even_throughput_kg_d_kg(self) -> float:
        """Feed per day and kg of equipment at which the mean NPV is zero; inf where none suffices."""
        return self.search()

    @cached_property
    def irr(self) -> float:
        """Internal rate of return of the mean cash flow; NaN where it never earns back what it costs."""
        return cashflow.mean_rate(self.outcome)

    def irr_spread(self) -> dict[str, float]:
        """Percentiles of the internal rate over the samples that earn anything, and the share that earns nothing."""
        return cashflow.rates(self.outcome)

    @property
    def design(self) -> str:
        """The mission in words."""
        back = f"{self.terms.back_on_site} made on site" if self.budget.made_on_site else self.terms.back
        power = f", {self.terms.power_factor:g} times the power" if self.terms.power_factor != 1 else ""
        return (
            f"{self.terms.parking_kg / 1000:g} t in the parking orbit, {self.terms.outbound} out, {back} back{power}"
        )

    def masses(self) -> dict[str, float]:
        """Where the mass goes from the parking orbit to the sale, kg, means."""
        return self.outcome.masses(self.trip.stay_d)

    def waterfall(self) -> dict[str, float]:
        """Means from the gross value down to the NPV, USD: each step what is lost or paid there."""
        stats = [float(getattr(self, name).mean()) for name in VALUES[:3]]
        revenue = float(self.present_revenue_usd.mean())
        paid = self.outcome.cost.parts(self.terms.discount)
        return {
            "gross in situ": stats[0], "stays behind": stats[1] - stats[0], "price answers": stats[2] - stats[1],
            "failure, price risk, waiting": revenue - stats[2],
            **{name: -float(usd.mean()) for name, usd in paid.items()},
        }  # fmt: skip

    def summary(self) -> dict[str, Any]:
        """One flat row: the four values and what stands beside them."""
        row: dict[str, Any] = {"designation": self.designation, "product": self.product, "place": self.place}
        for name, stats in self.percentiles().items():
            row |= {f"{name}_{label}": stats[label] for label in ("p05", "p50", "p95", "mean")}
        used, counts = np.unique(self.haul.method, return_counts=True)
        return row | {
            "probability_npv_positive": self.probability_npv_positive,
            "cvar_05_usd": self.cvar_05_usd,
            "irr": self.irr,
            "cost_usd_p50": float(np.median(self.cost_usd)),
            "delivered_kg_p50": float(np.median(self.delivered_kg)),
            "delivered_kg_mean": float(self.delivered_kg.mean()),
            "design": self.design,
            "parking_mass_kg": self.budget.parking_kg,
            "plant_mass_kg": self.plant.mass_kg,
            "electric_kw": self.plant.electric_kw,
            "heat_kw": self.plant.heat_kw,
            "price_usd_kg": self.price_usd_kg,
            "break_even_price_factor": self.break_even_price_factor,
            "break_even_throughput_kg_d_kg": self.break_even_throughput_kg_d_kg,
            "method": str(used[np.argmax(counts)]),
            "limits": self.haul.limits(),
            "vintage": self.market.vintage,
            "notes": list(self.market.notes),
            "leaves_out": list(self.leaves_out),
        }


def assess(
    deposit: Deposit,
    trip: Trip,
    *,
    product: str,
    place: str,
    vintage: float | None = None,
    seed: int = 0,
    terms: Terms | None = None,
    base: Terms | None = None,
) -> Value:
    """The four values of bringing one product of one asteroid to one place.

    terms     of the mission; the best of ``DESIGNS`` where none are given
    base      what that search leaves alone: discount, fleet, prices, caps

    deposit   sampled; the samples stay together through every stage
    trip      what access found
    product   water, propellant, metal, pgm, volatiles or shielding
    place     earth, leo, geo, eml1, nrho, lunar-surface, mars-orbit or mars-surface
    vintage   year of the prices and dollars; the year of departure when not given
    seed      of the study
    returns   Value
    raises    UnknownName
    """
    market.place(place)
    methods.for_product(product)
    if terms is None:
        terms = best_terms(deposit, trip, product, place, vintage, seed, base)
    prices = Market.of(vintage or trip.depart_year, launch=terms.launch, prices=terms.prices)
    draws = Draws.of(seed, deposit.designation, len(deposit), terms.sell_years)
    outcome = mission.fly(deposit, trip, product, place, prices, terms, draws)
    sale = Sale(product, place, prices, trip.depart_year + trip.years, terms)

    def search() -> float:
        return break_even_throughput(deposit, trip, product, place, prices, terms, draws)

    gross = sale.at_spot(*in_situ(deposit, product))
    return Value(deposit.designation, product, place, gross, outcome, sale.usd_kg, prices, terms, trip, search)


def best_terms(
    deposit: Deposit,
    trip: Trip,
    product: str,
    place: str,
    vintage: float | None,
    seed: int,
    base: Terms | None = None,
) -> Terms:
    """The design of ``DESIGNS`` that earns back the largest share of its cost, judged on the first samples.

    base   what is not searched: discount, fleet, prices
    """
    base = base or Terms()
    prices = Market.of(vintage or trip.depart_year, launch=base.launch, prices=base.prices)
    few = deposit.first(min(len(deposit), DESIGN_SAMPLES))
    draws = Draws.of(seed, deposit.designation, len(deposit), base.sell_years).first(len(few))
    back = "back_on_site" if mission.on_site(product) else "back"

    def share(terms: Terms) -> float:
        outcome = mission.fly(few, trip, product, place, prices, terms, draws)
        return float(outcome.present_revenue_usd.mean() / outcome.present_cost_usd.mean())

    tried = [
        replace(base, parking_kg=kg, outbound=out, power_factor=power, **{back: way})  # type: ignore[arg-type]
        for kg, out, way, power in product_of(
            *(DESIGNS[key] for key in ("parking_kg", "outbound", back, "power_factor"))
        )
    ]
    return max(tried, key=share)


def in_situ(deposit: Deposit, product: str) -> tuple[Array, dict[str, Array]]:
    """All of a product in the body, (n,), and the metals that it is sold as."""
    resource = methods.for_product(product)[0].resource
    kg = methods.in_place_kg(deposit, resource) * methods.made_of(product)
    return kg, methods.parts_in_place_kg(deposit, product)


def break_even_throughput(
    deposit: Deposit, trip: Trip, product: str, place: str, prices: Market, terms: Terms, draws: Draws
) -> float:
    """Throughput in kg/d/kg, middle of the range scaled, at which the mean NPV is zero; inf where none suffices."""
    n = min(len(deposit), SEARCH_SAMPLES)
    few, mine = deposit.first(n), draws.first(n)
    budget, built, drive = mission.design(deposit, trip, product, terms)

    def gain(exponent: float) -> float:
        factor = 10**exponent
        more = max(factor, 1.0)  # power grows along, or it would stop the search
        fed = replace(built, electric_kw=built.electric_kw * more, heat_kw=built.heat_kw * more)
        changed = replace(terms, throughput_factor=factor)
        return float(
            mission.fly(
                few, trip, product, place, prices, changed, mine, designed=(budget, fed, drive)
            ).npv_usd.mean()
        )

    low, high = -6.0, 8.0
    if gain(high) < 0:
        return float("inf")
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if gain(middle) < 0 else (low, middle)
    usual = typical(few, mission.ways(product, terms))
    return float(np.sqrt(usual.throughput_low * usual.throughput_high) * 10**high)
