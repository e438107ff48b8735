"""A mission as money: what a parking mass mines and brings, what the market pays, what it costs, sample by sample."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motherlode import chance
from motherlode.economy import costs, market, sales
from motherlode.economy.costs import Cost
from motherlode.economy.market import Market
from motherlode.errors import BadInput, UnknownName
from motherlode.mining import massbudget, methods, plant
from motherlode.mining.massbudget import Budget, Legs
from motherlode.mining.methods import Method
from motherlode.mining.plant import Haul, Plant
from motherlode.prospect.deposit import Deposit

Array = NDArray[np.float64]

DESPIN_SHARE = 0.03  # of what arrives may be spent on stopping the body; judgement
CARBON_RECOVERY = 0.4  # of the carbon in the feed that a furnace frees; judgement


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
    """The choices of a mission and of its market; every default is a judgement and can be changed.

    coefficients   replaces values of the packaged table by name
    caps_t         what a place buys in a year, t, instead of the packaged cap, such as a base's own demand:
                   by place, ``mars-orbit``, or by place and product, ``mars-orbit/water``
    """

    parking_kg: float = 60_000.0  # of the departing mission, one heavy launcher
    outbound: str = "hydrogen-oxygen"
    outbound_isp_s: float | None = None  # of a dated engine, where it differs from the table
    back: str = "storable"  # where no propellant is made on site
    back_on_site: str = "hydrogen-oxygen"  # from what is mined, for water and propellant
    power_factor: float = 1.0  # of the plant over what the middle of the throughput range needs
    discount: float = 0.10
    sell_years: int = 10
    fleet: int = 5  # missions that share the development
    demand: str = "elastic"
    launch: str = "central"
    price_factor: float = 1.0  # on every price
    throughput_factor: float = 1.0
    method: str | None = None
    unverified: bool = True
    prices: Path | None = None
    coefficients: Mapping[str, float] = field(default_factory=dict)
    caps_t: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Draws:
    """Chance of a mission, shared by every business on the same asteroid: uniform and standard normal numbers."""

    throughput: Array  # (n,) uniform
    recovery: Array  # (n,) uniform
    success: Array  # (4, n) uniform: launch, way there, mining, way back
    slip: Array  # (n,) uniform
    growth: Array  # (n,) normal
    price: Array  # (1 + metals, years, n) normal

    @classmethod
    def of(cls, seed: int, designation: str, n: int, years: int) -> "Draws":
        """The draws of a study for one asteroid."""
        rng = chance.generator(seed, "mission", designation)
        u, z = rng.random((7, n)), rng.standard_normal((n,))
        return cls(u[0], u[1], u[2:6], u[6], z, rng.standard_normal((1 + len(market.METALS), years, n)))

    def first(self, n: int) -> "Draws":
        """The first n samples."""
        return Draws(
            self.throughput[:n], self.recovery[:n], self.success[:, :n], self.slip[:n], self.growth[:n],
            self.price[..., :n],
        )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One mission, (n,) per sample unless said otherwise; money in USD of the vintage."""

    budget: Budget
    plant: Plant
    haul: Haul
    cost: Cost
    delivered_kg: Array
    recoverable_usd: Array
    market_absorbed_usd: Array
    sold_kg: Array
    revenue_usd: Array  # (years, n), at sampled prices, zero where the mission fails
    first_sale_yr: Array  # from departure
    success: NDArray[np.bool_]
    present_revenue_usd: Array
    present_cost_usd: Array

    @property
    def npv_usd(self) -> Array:
        """Net present value at departure, (n,)."""
        return self.present_revenue_usd - self.present_cost_usd

    def masses(self, stay_d: float) -> dict[str, float]:
        """Where the mass goes from the parking orbit to the sale, kg, means of the samples.

        The parking mass is what is spent on the way and what arrives; what arrives is bus, plant, spares, despin and
        the rest; what is mined is what is delivered, what is burnt on the way back and what stays behind.
        """
        b, delivered = self.budget, self.delivered_kg
        spares, despin = self.plant.spares_kg(stay_d), DESPIN_SHARE * b.arriving_kg
        mined, sold = float(self.haul.product_kg.mean()), float(delivered.mean())
        carried = np.where(delivered > 0, b.delivered_kg(self.haul.product_kg) + b.return_vehicle_kg, 0.0)
        burnt = float(carried.mean()) * b.water_per_propellant * (b.return_ratio - 1) * b.made_on_site
        return {
            "parking_kg": b.parking_kg, "spent_outbound_kg": b.parking_kg - b.arriving_kg,
            "arriving_kg": b.arriving_kg,
            "bus_and_drive_kg": b.bus_kg, "plant_kg": b.plant_kg, "spares_kg": spares, "despin_kg": despin,
            "return_propellant_and_consumables_kg": b.arriving_kg - b.bus_kg - b.plant_kg - spares - despin,
            "mined_kg": mined, "burnt_on_the_way_back_kg": burnt, "delivered_kg": sold,
            "left_behind_kg": mined - sold - burnt,
        }  # fmt: skip


@dataclass(frozen=True)
class Sale:
    """One product at one place in one market."""

    product: str
    place: str
    market: Market
    year: float  # of the first sale
    terms: Terms

    @property
    def joint(self) -> bool:
        """Whether what is sold is a concentrate of several metals."""
        return self.product in market.JOINT and self.place == "earth"

    @property
    def usd_kg(self) -> float:
        """Price of a kilogram; for a concentrate the price of its platinum."""
        if self.joint and self.product == "pgm":
            return self.market.metals["platinum"].usd_kg * self.terms.price_factor
        return self.market.price_usd_kg(self.product, self.place, sale_year=self.year) * self.terms.price_factor

    @property
    def cap_t(self) -> float:
        """What is bought in a year, t."""
        packaged = market.place(self.place).caps_t.get(self.product, float("nan"))
        named = self.terms.caps_t
        cap = named.get(f"{self.place}/{self.product}", named.get(self.place, packaged))
        return cap if np.isfinite(cap) else 1e9

    def at_spot(self, kg: Array, parts: Mapping[str, Array]) -> Array:
        """Worth at today's price, as if nothing moved it, (n,)."""
        if not self.joint:
            return np.asarray(kg * self.usd_kg)
        metals = self.market.metals
        each = [kg * metals[name].usd_kg for name, kg in parts.items() if metals[name].sold]
        return np.sum(each, axis=0) * self.terms.price_factor if each else np.zeros_like(kg)

    def revenue(self, kg: Array, parts: Mapping[str, Array], paths: Array | None = None) -> tuple[Array, Array]:
        """Kilograms sold and revenue, (years, n) each, after the price has answered; each metal on its own.

        paths   (n_metals, years, n) prices over today's; 1 where not given
        """
        years, rate = self.terms.sell_years, self.terms.discount
        if not self.joint:
            sold = sales.in_space(kg, self.cap_t, years=years)
            return sold, sold * self.usd_kg * (1.0 if paths is None else paths[0])
        total, earned = np.zeros((2, years, len(kg)))
        for name, stock in parts.items():
            metal = self.market.metals[name]
            sold, relative = sales.metal(stock, metal, years=years, rate=rate, model=self.terms.demand)
            factor = self.terms.price_factor * (1.0 if paths is None else paths[market.METALS.index(name)])
            total += sold
            earned += sold * relative * factor * sales.refined(metal.usd_kg)
        return total, earned

    def paths(self, z: Array) -> Array:
        """Sampled future over today's prices: of each metal, or in space of the launch that is avoided."""
        ahead = max(self.year - self.market.vintage, 0.0)
        if self.joint:
            return self.market.paths(ahead, self.terms.sell_years, z)
        return self.market.launch_paths(ahead, self.terms.sell_years, z)


def ways(product: str, terms: Terms) -> tuple[Method, ...]:
    """The methods that a mission may use."""
    found = methods.for_product(product, unverified=terms.unverified)
    return found if terms.method is None else (methods.find(terms.method),)


def on_site(product: str) -> bool:
    """Whether the way back burns what is mined."""
    return product in ("water", "propellant")


def processing_kwh_kg(product: str, budget: Budget, push: massbudget.Propulsion) -> float:
    """Electric energy per kg mined for what is made of it: return propellant, and a product that is propellant."""
    if not budget.made_on_site:
        return 0.0
    burnt = push.water_kg * (budget.return_ratio - 1)
    share = burnt / (1 + burnt)
    per_kg_water = push.kwh_kg / max(push.water_kg, 1e-9)
    rest = 6.0 if product == "propellant" else 0.0
    return share * per_kg_water + (1 - share) * rest


def design(deposit: Deposit, trip: Trip, product: str, terms: Terms) -> tuple[Budget, Plant, float]:
    """The mission that a parking mass allows.

    returns   Budget, Plant, and kW of electric propulsion at 1 au
    """
    push = massbudget.propulsion(terms.outbound)
    push = replace(push, isp_s=terms.outbound_isp_s) if terms.outbound_isp_s else push
    arriving = massbudget.outbound(terms.parking_kg, trip.legs, push)
    speed_out = massbudget.outbound_delta_v(trip.legs, push)
    drive = push.drive_kg(terms.parking_kg, speed_out, max(trip.outbound_d, 1.0))
    bus = max(massbudget.BUS_SHARE * arriving, massbudget.BUS_MIN_KG) + drive
    local = on_site(product)
    back = massbudget.propulsion(terms.back_on_site if local else terms.back)
    if local and back.water_kg <= 0:
        raise BadInput(f"{back.name} cannot be made on site; choose steam, hydrogen-oxygen or methane-oxygen")
    ratio = massbudget.return_ratio(trip.legs, back)
    per_kg = back.drive_kg(1.0, massbudget.return_delta_v(trip.legs, back), max(trip.return_d, 1.0))
    reused = drive if per_kg else 0.0
    budget = Budget(terms.parking_kg, arriving, bus, bus, 0.0, ratio, local, back.water_kg if local else 1.0)
    kept = arriving * (1 - DESPIN_SHARE) - bus
    own = 0.0 if local else (ratio - 1) * bus + max(per_kg * ratio * bus - reused, 0.0)
    share = 0.0 if local else (ratio - 1) * (1 + massbudget.CAPSULE_SHARE) + per_kg * ratio
    built = plant.size(
        deposit, ways(product, terms), trip.stay_d, trip.solar_distance_au, kept - own, product_share=share,
        extra_kwh_kg=processing_kwh_kg(product, budget, back), power_factor=terms.power_factor,
    )  # fmt: skip
    carried = max(kept - built.mass_kg - built.spares_kg(trip.stay_d), 0.0)
    capacity = float("inf") if local else massbudget.capacity_kg(carried, bus, ratio, per_kg, reused)
    drives = max(drive, min(per_kg * ratio * (bus + capacity), carried + drive) if per_kg else 0.0)
    whole = replace(budget, plant_kg=built.mass_kg, capacity_kg=capacity)
    return whole, built, drives / (massbudget.THRUSTER_KG_KW + 1 / massbudget.SOLAR_KW_KG)


def fly(
    deposit: Deposit, trip: Trip, product: str, where: str, prices: Market, terms: Terms, draws: Draws,
    *, designed: tuple[Budget, Plant, float] | None = None,
) -> Outcome:  # fmt: skip
    """Every sample of one mission: mine, bring, sell, pay.

    designed   as ``design`` gives it; made from the deposit where none is given
    """
    c = costs.values(terms.coefficients)
    budget, built, drive_kw = designed or design(deposit, trip, product, terms)
    push = massbudget.propulsion(terms.back_on_site if budget.made_on_site else terms.back)
    haul = plant.extract(
        deposit, ways(product, terms), built, trip.stay_d, trip.solar_distance_au,
        plant.Draws(draws.throughput, draws.recovery), throughput_factor=terms.throughput_factor,
        despin_kg=DESPIN_SHARE * budget.arriving_kg, extra_kwh_kg=processing_kwh_kg(product, budget, push),
    )  # fmt: skip
    delivered = _with_enough_carbon(budget.delivered_kg(haul.product_kg), haul, deposit, budget, push)
    delivered = delivered * methods.made_of(product)
    share = delivered / np.maximum(haul.product_kg, 1e-30)
    parts = {metal: kg * share for metal, kg in haul.parts_kg.items()}
    sale = Sale(product, where, prices, trip.depart_year + trip.years, terms)
    gates = np.array([c[f"success_{stage}"] for stage in ("launch", "outbound", "mining", "return")])
    success = np.all(draws.success < gates[:, None], axis=0)
    first_sale = trip.years + np.where(draws.slip < c["slip_probability"], c["slip_yr"], 0.0)
    sold, at_spot = sale.revenue(delivered, parts)
    _, earned = sale.revenue(delivered, parts, sale.paths(draws.price))
    earned = np.where(success, earned, 0.0)
    weight = (1 + terms.discount) ** -(first_sale + np.arange(terms.sell_years)[:, None])
    cost = costs.mission(
        prices, c, dry_kg=budget.bus_kg + budget.plant_kg, parking_kg=terms.parking_kg, drive_kw=drive_kw,
        home=trip.home, mission_yr=first_sale, to_earth=where == "earth", fleet=terms.fleet, growth_z=draws.growth,
    )  # fmt: skip
    return Outcome(
        budget, built, haul, cost, delivered, sale.at_spot(delivered, parts), at_spot.sum(axis=0), sold.sum(axis=0),
        earned, first_sale, success, (earned * weight).sum(axis=0), cost.discounted(terms.discount),
    )  # fmt: skip


def _with_enough_carbon(
    delivered: Array, haul: Haul, deposit: Deposit, budget: Budget, push: massbudget.Propulsion
) -> Array:
    """Nothing comes home where the feed does not hold the carbon that the return propellant needs."""
    if not budget.made_on_site or push.carbon_kg <= 0:
        return delivered
    needed = push.carbon_kg * (budget.return_ratio - 1) * (delivered + budget.return_vehicle_kg)
    freed = CARBON_RECOVERY * haul.feed_kg * deposit["carbon_kg"] / deposit["mass_kg"]
    return np.where(freed >= needed, delivered, 0.0)
