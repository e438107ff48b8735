"""Mining methods: what each needs, yields and cannot do, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.errors import UnknownName
from motherlode.prospect import reference
from motherlode.prospect.composition import PGM
from motherlode.prospect.deposit import Deposit

Array = NDArray[np.float64]

HEAT_CAPACITY_KJ_KG_K: Final = 1.0  # of the feed
HEATING_K: Final = 650.0
DEHYDRATION_MJ_KG: Final = 2.6  # of the water
KWH_MJ: Final = 3.6
NICKEL_MAX_SHARE: Final = 0.5  # of native metal, as taenite-rich LL metal
METAL_MIN_SHARE: Final = 0.005  # of the body, below which no metal can be gathered; judgement
PRODUCTS: Final = ("water", "propellant", "metal", "pgm", "volatiles", "shielding")


@dataclass(frozen=True)
class Method:
    """One way to take a product out of an asteroid, with its limits and where the figures come from."""

    name: str
    product: str
    resource: str
    feed: str
    per: str
    throughput_low: float  # kg feed per day and kg equipment
    throughput_high: float
    heat: bool
    electric_kwh_kg: float
    recovery_low: float
    recovery_high: float
    consumables: float
    hold: str
    diameter_min_m: float
    diameter_max_m: float
    cohesion_max_pa: float
    source: str
    status: str

    def grade(self, deposit: Deposit) -> Array:
        """Mass fraction of the resource in the feed, (n,); 0 where there is too little metal to feed."""
        resource = in_place_kg(deposit, self.resource)
        if self.feed == "body":
            return np.asarray(resource / deposit["mass_kg"])
        enough = deposit["metal_kg"] > METAL_MIN_SHARE * deposit["mass_kg"]
        return np.where(enough, resource / np.maximum(deposit["metal_kg"], 1e-30), 0.0)

    def allows(self, deposit: Deposit, *, despin_kg: float = float("inf")) -> NDArray[np.bool_]:
        """Whether size, spin and strength of each sample allow the method, (n,).

        despin_kg   propellant that may be spent on stopping a body before it is bagged
        """
        diameter = deposit["diameter_m"]
        fits = (diameter >= self.diameter_min_m) & (diameter <= self.diameter_max_m)
        soft = deposit["cohesion_pa"] <= self.cohesion_max_pa
        stands = deposit["rig_holds"] > 0 if self.hold == "rig" else np.ones(len(deposit), dtype=bool)
        if self.hold in ("bag", "tug"):
            stands = deposit["despin_kg"] <= despin_kg
        allowed: NDArray[np.bool_] = fits & soft & stands
        return allowed

    def electric_kwh_per_kg(self, grade: Array, recovery: Array) -> Array:
        """Electric energy per kg of product, (n,): all of the feed is worked, only a share of its grade comes out."""
        if self.per == "feed":
            return np.asarray(self.electric_kwh_kg / np.maximum(grade * recovery, 1e-9))
        return np.full_like(grade, self.electric_kwh_kg)

    def heat_kwh_kg(self, grade: Array) -> Array:
        """Thermal energy per kg of resource freed, (n,): the whole feed is heated for its share of water."""
        if not self.heat:
            return np.zeros_like(grade)
        per_kg = HEAT_CAPACITY_KJ_KG_K * HEATING_K / 1000 / np.maximum(grade, 1e-4) + DEHYDRATION_MJ_KG
        return per_kg / KWH_MJ


PROPELLANT_YIELD: Final = 7 / 9  # of water split and burnt at 6:1; the rest is oxygen left over


def made_of(product: str) -> float:
    """Kilograms of a product from a kilogram of what is mined for it."""
    return PROPELLANT_YIELD if product == "propellant" else 1.0


def in_place_kg(deposit: Deposit, resource: str) -> Array:
    """Kilograms of a resource in the body, (n,); ``body`` is all of it, ``a+b`` a sum."""
    if resource == "body":
        return deposit["mass_kg"]
    if resource == "pgm":
        return np.asarray(deposit.pgm_kg + deposit["gold_kg"])
    return np.asarray(sum(deposit[f"{part}_kg"] for part in resource.split("+")))


PRECIOUS: Final = (*PGM, "gold")


def parts_in_place_kg(deposit: Deposit, product: str) -> dict[str, Array]:
    """Kilograms of each metal in all of a product, (n,); empty for products sold as they are."""
    if product == "pgm":
        return {metal: deposit[f"{metal}_kg"] for metal in PRECIOUS}
    if product != "metal":
        return {}
    metal = deposit["metal_kg"]
    nickel = np.minimum(deposit["nickel_kg"], NICKEL_MAX_SHARE * metal)
    cobalt = np.minimum(deposit["cobalt_kg"], 0.03 * metal)
    return {"iron": metal - nickel - cobalt, "nickel": nickel, "cobalt": cobalt}


@cache
def _methods() -> Mapping[str, Method]:
    found = {}
    for row in reference.rows("mining", "methods"):
        text = {key: row[key] for key in ("name", "product", "resource", "feed", "per", "hold", "source", "status")}
        numbers = {key: float(row[key]) for key in row if key not in text and key != "heat"}
        found[row["name"]] = Method(heat=row["heat"] == "yes", **text, **numbers)  # type: ignore[arg-type]
    return MappingProxyType(found)


METHODS: Mapping[str, Method]


def __getattr__(name: str) -> Any:
    if name == "METHODS":
        return _methods()
    raise AttributeError(name)


def find(name: str) -> Method:
    """A method by name; raises UnknownName with the choices."""
    if name not in _methods():
        raise UnknownName("mining method", name, list(_methods()))
    return _methods()[name]


def for_product(product: str, *, unverified: bool = True) -> tuple[Method, ...]:
    """The methods that make a product, in the order in which they are preferred; raises UnknownName."""
    if product not in PRODUCTS:
        raise UnknownName("product", product, list(PRODUCTS))
    wanted = "water" if product == "propellant" else product
    return tuple(m for m in _methods().values() if m.product == wanted and (unverified or m.status != "unverified"))
