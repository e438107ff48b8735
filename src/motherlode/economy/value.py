"""Value: four answers side by side to what an asteroid is worth, from the naive one to the one that pays wages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance
from motherlode.economy import costs, market
from motherlode.economy.market import Market
from motherlode.errors import BadInput, UnknownName
from motherlode.mining import massbudget, methods, plant
from motherlode.mining.massbudget import Budget, Legs
from motherlode.mining.plant import Draws, Haul, Plant
from motherlode.prospect.deposit import Deposit, percentiles

Array = NDArray[np.float64]

VALUES: Final = ("gross_in_situ_usd", "recoverable_usd", "market_absorbed_usd", "risk_adjusted_npv_usd")
BUSINESSES: Final = (("water", "eml1"), ("water", "mars-orbit"), ("metal", "mars-orbit"), ("pgm", "earth"))
LEAVES_OUT: Final = (
    "one mission: no reuse of the craft for a second asteroid",
    "impulsive legs as access gave them; no gravity losses beyond the 5 % margin",
    "no taxes, no financing beyond the discount rate, no law",
)


@dataclass(frozen=True)
class Trip:
    """What access found: the way there, the stay and the way to the place of sale.

    outbound_delta_v_km_s   from the parking orbit of departure to rendezvous
    return_delta_v_km_s     leaving the asteroid and arriving at the place, the propulsive part
    depart_year             decimal
    solar_distance_au       mean over the stay
    home                    ``earth`` or ``mars``: where the mission departs
    """

    outbound_delta_v_km_s: float
    return_delta_v_km_s: float
    depart_year: float
    outbound_d: float = 300.0
    stay_d: float = 180.0
    return_d: float = 300.0
    solar_distance_au: float = 1.0
    home: str = "earth"

    def __post_init__(self) -> None:
        if self.home not in ("earth", "mars"):
            raise UnknownName("home", self.home, ["earth", "mars"])
        for name in ("outbound_delta_v_km_s", "return_delta_v_km_s", "outbound_d", "stay_d", "return_d"):
            if not getattr(self, name) >= 0:
                raise BadInput(f"{name} is {getattr(self, name)}; a trip needs zero or more")

    @property
    def legs(self) -> Legs:
        """Without the dates."""
        return Legs(self.outbound_delta_v_km_s, self.return_delta_v_km_s, self.outbound_d, self.stay_d, self.return_d)

    @property
    def years(self) -> float:
        """From departure to the first sale."""
        return (self.outbound_d + self.stay_d + self.return_d) / 365.25


@dataclass(frozen=True)
class Terms:
    """The choices of a mission and of its market; every default is a judgement and can be changed."""

    parking_kg: float = 60_000.0  # of the departing mission, one heavy launcher
    outbound: str = "hydrogen-oxygen"
    back: str = "storable"  # where no propellant is made on site
    back_on_site: str = "steam"  # from the mined water
    discount: float = 0.10
    sell_years: int = 10
    fleet: int = 5  # missions that share the development
    success: tuple[float, ...] = (0.96, 0.95, 0.75, 0.92)  # launch, way there, mining, way back
    demand: str = "elastic"
    launch: str = "central"
    unverified: bool = True
    prices: Path | None = None
    caps_t: Mapping[str, float] = field(default_factory=dict)  # per place, replaces the packaged cap


@dataclass(frozen=True)
class Value:
    """The four values of one business on one asteroid, (n,) samples each, and what they rest on."""

    designation: str
    product: str
    place: str
    gross_in_situ_usd: Array
    recoverable_usd: Array
    market_absorbed_usd: Array
    risk_adjusted_npv_usd: Array
    delivered_kg: Array
    cost_usd: Array
    present_cost_usd: Array
    present_revenue_usd: Array
    price_usd_kg: float
    plant: Plant
    budget: Budget
    haul: Haul
    market: Market
    break_even_throughput: float
    leaves_out: tuple[str, ...] = LEAVES_OUT

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

    def summary(self) -> dict[str, Any]:
        """One flat row: the four values and what stands beside them."""
        row: dict[str, Any] = {"designation": self.designation, "product": self.product, "place": self.place}
        for name, stats in self.percentiles().items():
            row |= {f"{name}_{label}": stats[label] for label in ("p05", "p50", "p95", "mean")}
        used, counts = np.unique(self.haul.method, return_counts=True)
        return row | {
            "probability_npv_positive": self.probability_npv_positive,
            "cvar_05_usd": self.cvar_05_usd,
            "cost_usd_p50": float(np.median(self.cost_usd)),
            "delivered_kg_p50": float(np.median(self.delivered_kg)),
            "delivered_kg_mean": float(self.delivered_kg.mean()),
            "parking_mass_kg": self.budget.parking_kg,
            "plant_mass_kg": self.plant.mass_kg,
            "price_usd_kg": self.price_usd_kg,
            "break_even_price_factor": self.break_even_price_factor,
            "break_even_throughput_kg_d_kg": self.break_even_throughput,
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
) -> Value:
    """The four values of bringing one product of one asteroid to one place.

    deposit   sampled; the samples stay together through every stage
    trip      what access found
    product   water, propellant, metal, pgm, volatiles or shielding
    place     earth, leo, geo, eml1, nrho, lunar-surface, mars-orbit or mars-surface
    vintage   year of the prices and dollars; the year of departure when not given
    seed      of the study
    returns   Value
    raises    UnknownName
    """
    terms = terms or Terms()
    market.place(place)
    ways = methods.for_product(product, unverified=terms.unverified)
    prices = Market.of(vintage or trip.depart_year, launch=terms.launch, prices=terms.prices)
    rng = chance.generator(seed, "value", deposit.designation, product, place)
    u = rng.random((2 + len(terms.success), len(deposit)))
    z = rng.standard_normal((2 + len(market.PRECIOUS), len(deposit)))
    draws = Draws(u[0], u[1])
    budget, built = design(deposit, trip, ways, product, terms)
    haul = plant.extract(deposit, ways, built, trip.stay_d, trip.solar_distance_au, draws)
    sale = _Sale(product, place, prices, trip, terms)
    delivered, parts = _delivered(budget, haul)
    success = np.all(u[2:] < np.array(terms.success)[:, None], axis=0)
    absorbed, _ = sale.absorbed(delivered, parts)
    earned = sale.present_revenue(delivered, parts, z[1:])
    cost = costs.mission(
        prices, dry_kg=budget.bus_kg + built.mass_kg + budget.return_vehicle_kg, parking_kg=budget.parking_kg,
        home=trip.home, mission_yr=trip.years, to_earth=place == "earth", fleet=terms.fleet, growth_z=z[0],
    )  # fmt: skip
    present_cost = cost.discounted(terms.discount, trip.years)
    revenue = np.where(success, earned, 0.0)
    even = _break_even(deposit, trip, ways, built, budget, draws, sale, success, z[1:], present_cost)
    return Value(
        deposit.designation, product, place, sale.spot(*in_situ(deposit, product)), sale.spot(delivered, parts),
        absorbed, revenue - present_cost, delivered, cost.total_usd, present_cost, revenue, sale.price, built, budget,
        haul, prices, even,
    )  # fmt: skip


def in_situ(deposit: Deposit, product: str) -> tuple[Array, dict[str, Array]]:
    """All of a product in the body, (n,), and the metals of a concentrate."""
    resource = methods.for_product(product)[0].resource
    parts = {metal: deposit[f"{metal}_kg"] for metal in market.PRECIOUS} if product == "pgm" else {}
    return methods.in_place_kg(deposit, resource), parts


def design(
    deposit: Deposit, trip: Trip, ways: tuple[methods.Method, ...], product: str, terms: Terms
) -> tuple[Budget, Plant]:
    """The mission that a parking mass allows: what arrives, the plant, and the propellant for the way back."""
    arriving = massbudget.outbound(terms.parking_kg, trip.legs, massbudget.propulsion(terms.outbound))
    on_site = product in ("water", "propellant")
    push = massbudget.propulsion(terms.back_on_site if on_site else terms.back)
    ratio = massbudget.return_ratio(trip.legs, push)
    bus = max(massbudget.BUS_SHARE * arriving, massbudget.BUS_MIN_KG)
    home_share = 0.0 if on_site else ratio - 1
    free = arriving - bus - home_share * bus
    share = home_share * (1 + massbudget.CAPSULE_SHARE)
    built = plant.size(deposit, ways, trip.stay_d, trip.solar_distance_au, free, product_share=share)
    carried = 0.0 if on_site else max(arriving - bus - built.mass_kg, 0.0)
    return Budget(terms.parking_kg, arriving, bus, bus, built.mass_kg, carried, ratio, on_site), built


def _delivered(budget: Budget, haul: Haul) -> tuple[Array, dict[str, Array]]:
    delivered = budget.delivered_kg(haul.product_kg)
    share = delivered / np.maximum(haul.product_kg, 1e-30)
    return delivered, {metal: kg * share for metal, kg in haul.parts_kg.items()}


@dataclass(frozen=True)
class _Sale:
    """One product at one place in one market."""

    product: str
    place: str
    market: Market
    trip: Trip
    terms: Terms

    @property
    def year(self) -> float:
        return self.trip.depart_year + self.trip.years

    @property
    def price(self) -> float:
        """USD per kg; for a concentrate the price of its platinum."""
        if self.joint:
            return self.market.metals["platinum"].usd_kg
        return self.market.price_usd_kg(self.product, self.place, sale_year=self.year)

    @property
    def joint(self) -> bool:
        return self.product == "pgm" and self.place == "earth"

    @property
    def cap_t(self) -> float:
        replaced = self.terms.caps_t.get(self.place)
        return market.place(self.place).caps_t.get(self.product, float("nan")) if replaced is None else replaced

    def spot(self, kg: Array, parts: Mapping[str, Array]) -> Array:
        """At today's price, as if nothing moved it, (n,)."""
        if self.joint:
            usd = {m: self.market.metals[m].usd_kg * self.market.metals[m].sold for m in market.PRECIOUS}
            return np.asarray(sum(parts[m] * usd[m] for m in usd if m in parts) + 0 * kg)
        return np.asarray(kg * self.price)

    def absorbed(self, kg: Array, parts: Mapping[str, Array], factors: Array | None = None) -> tuple[Array, Array]:
        """Revenue and revenue discounted to the first sale, (n,), after the market has answered."""
        years, rate = self.terms.sell_years, self.terms.discount
        if self.joint:
            each = [
                market.sell_metal(self.market.metals[m], parts[m], years=years, rate=rate, model=self.terms.demand,
                                  price_factor=1.0 if factors is None else factors[i])
                for i, m in enumerate(market.PRECIOUS) if m in parts
            ]  # fmt: skip
            if not each:
                return np.zeros_like(kg), np.zeros_like(kg)
            return np.sum([e[0] for e in each], axis=0), np.sum([e[1] for e in each], axis=0)
        usd = self.price * (1.0 if factors is None else factors[0])
        cap = self.cap_t if np.isfinite(self.cap_t) else 1e9
        _, revenue, discounted = market.sell_in_space(kg, usd, cap, years=years, rate=rate)
        return revenue, discounted

    def present_revenue(self, kg: Array, parts: Mapping[str, Array], z: Array) -> Array:
        """Revenue discounted to departure at sampled future prices, (n,)."""
        _, discounted = self.absorbed(kg, parts, self._price_factors(z))
        return np.asarray(discounted * (1 + self.terms.discount) ** -self.trip.years)

    def _price_factors(self, z: Array) -> Array:
        """Future over present price, (n_metals, n): correlated and mean-reverting; launch by a factor 1.5."""
        if not self.joint:
            return np.asarray(np.exp(0.4 * z[:1] - 0.08))
        ahead = max(self.year - self.market.vintage, 0.0)
        spread = [self.market.spread(metal, ahead) for metal in market.PRECIOUS]
        shared = np.sqrt(market.PRICE_CORRELATION) * z[:1] + np.sqrt(1 - market.PRICE_CORRELATION) * z[1:]
        mean, sd = (np.array(column)[:, None] for column in zip(*spread, strict=True))
        return np.asarray(np.exp(mean + sd * shared))


def _break_even(
    deposit: Deposit, trip: Trip, ways: tuple[methods.Method, ...], built: Plant, budget: Budget, draws: Draws,
    sale: _Sale, success: NDArray[np.bool_], z: Array, present_cost: Array,
) -> float:  # fmt: skip
    """Throughput in kg/d/kg, middle of the range scaled, at which the mean NPV is zero; inf where none suffices."""
    if not ways:
        return float("inf")

    def gain(factor: float) -> float:
        more = max(factor, 1.0)  # power grows along, or it would stop the search
        unlimited = replace(built, electric_kw=built.electric_kw * more, heat_kw=built.heat_kw * more)
        haul = plant.extract(
            deposit, ways, unlimited, trip.stay_d, trip.solar_distance_au, draws, throughput_factor=factor
        )
        revenue = sale.present_revenue(*_delivered(budget, haul), z)
        return float(np.where(success, revenue, 0.0).mean() - present_cost.mean())

    low, high = -6.0, 8.0
    if gain(10**high) < 0:
        return float("inf")
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if gain(10**middle) < 0 else (low, middle)
    typical = np.sqrt(ways[0].throughput_low * ways[0].throughput_high)
    return float(typical * 10**high)
