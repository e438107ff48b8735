"""A plant on an asteroid: how big it has to be, what it takes out during a stay, and what stops it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.mining.massbudget import SOLAR_KW_KG
from motherlode.mining.methods import Method, in_place_kg, parts_in_place_kg
from motherlode.prospect.deposit import Deposit

Array = NDArray[np.float64]

HEAT_KW_KG: Final = 0.200  # solar concentrator at 1 au; judgement
SPARES_PER_YR: Final = 0.10  # of the plant; bases fly 5 % (historic) to 28 % (high confidence)
DUTY: Final = 0.7  # of the stay, after set-up, eclipse and repair; judgement
LIMITS: Final = ("throughput", "power", "body", "hold", "nothing there", "no method")


@dataclass(frozen=True)
class Plant:
    """Equipment and power of a mining plant."""

    equipment_kg: float
    electric_kw: float  # at 1 au
    heat_kw: float  # at 1 au
    duty: float = DUTY

    @property
    def power_kg(self) -> float:
        """Mass of arrays and concentrators."""
        return self.electric_kw / SOLAR_KW_KG + self.heat_kw / HEAT_KW_KG

    def spares_kg(self, stay_d: float) -> float:
        """Spares for a stay."""
        return SPARES_PER_YR * stay_d / 365.25 * self.mass_kg

    @property
    def mass_kg(self) -> float:
        """Equipment and power together."""
        return self.equipment_kg + self.power_kg


@dataclass(frozen=True)
class Haul:
    """What a stay yields, (n,) per sample, before anything is loaded."""

    product_kg: Array
    parts_kg: Mapping[str, Array]  # metals of a concentrate
    feed_kg: Array
    throughput_kg_d_kg: Array
    limited_by: NDArray[np.intp]  # index into LIMITS
    method: NDArray[np.str_]

    def limits(self) -> dict[str, float]:
        """Share of the samples that each limit stops, largest first."""
        counts = np.bincount(self.limited_by, minlength=len(LIMITS)) / len(self.limited_by)
        order = np.argsort(-counts)
        return {LIMITS[i]: float(counts[i]) for i in order if counts[i] > 0}


@dataclass(frozen=True)
class Draws:
    """Standard normal and uniform numbers of the mining stage, (n,) each."""

    throughput: Array
    recovery: Array


def choose(deposit: Deposit, methods: Sequence[Method], *, despin_kg: float = float("inf")) -> NDArray[np.intp]:
    """First method that each sample allows, (n,), as an index; -1 where none does."""
    chosen = np.full(len(deposit), -1)
    for index in reversed(range(len(methods))):
        chosen[methods[index].allows(deposit, despin_kg=despin_kg)] = index
    return chosen


def extract(
    deposit: Deposit,
    methods: Sequence[Method],
    plant: Plant,
    stay_d: float,
    distance_au: float,
    draws: Draws,
    *,
    throughput_factor: float = 1.0,
    despin_kg: float = float("inf"),
    extra_kwh_kg: float = 0.0,
) -> Haul:
    """What a plant takes out of each sampled body during a stay.

    methods       in order of preference; each sample uses the first that its size, spin and strength allow
    stay_d        at the asteroid
    distance_au   from the Sun: power falls with its square
    draws         (n,) uniform numbers for throughput and recovery
    despin_kg     propellant at hand to stop a body before it is bagged
    extra_kwh_kg  electric energy per kg of product for what is made of it, such as propellant
    returns       Haul: the least of what throughput, power and the body itself allow
    """
    chosen = choose(deposit, methods, despin_kg=despin_kg)
    n = len(deposit)
    product, feed, rate = np.zeros((3, n))
    limit = np.full(n, LIMITS.index("hold" if methods else "no method"))
    stay = stay_d, distance_au, throughput_factor, extra_kwh_kg
    for index, method in enumerate(methods):
        here = chosen == index
        if here.any():
            found = _by_method(deposit, here, method, plant, draws, *stay)
            product[here], feed[here], rate[here], limit[here] = found
    names = np.array([*(m.name for m in methods), "none"])[chosen]
    parts = {}
    if methods:
        share = product / np.maximum(in_place_kg(deposit, methods[0].resource), 1e-30)
        parts = {metal: share * kg for metal, kg in parts_in_place_kg(deposit, methods[0].product).items()}
    return Haul(product, parts, np.minimum(feed, deposit["mass_kg"]), rate, limit, names)


def _by_method(
    deposit: Deposit,
    here: NDArray[np.bool_],
    method: Method,
    plant: Plant,
    draws: Draws,
    stay_d: float,
    distance_au: float,
    throughput_factor: float,
    extra_kwh_kg: float,
) -> tuple[Array, Array, Array, NDArray[np.intp]]:
    """Product, feed, throughput and limit of the samples that use one method."""
    low, high = np.log(method.throughput_low), np.log(method.throughput_high)
    rate = np.exp(low + (high - low) * draws.throughput[here]) * throughput_factor
    recovery = method.recovery_low + (method.recovery_high - method.recovery_low) * draws.recovery[here]
    grade = method.grade(deposit)[here]
    by_rate = rate * plant.equipment_kg * stay_d * plant.duty * grade * recovery
    by_power = _power_kg(method, plant, grade, recovery, stay_d, distance_au, extra_kwh_kg)
    by_body = in_place_kg(deposit, method.resource)[here] * recovery
    stack = np.stack([by_rate, by_power, by_body])
    limit = np.where(grade > 1e-12, np.argmin(stack, axis=0), LIMITS.index("nothing there"))
    product = stack.min(axis=0)
    return product, product / np.maximum(grade * recovery, 1e-30), rate, limit


def _power_kg(
    method: Method,
    plant: Plant,
    grade: Array,
    recovery: Array,
    stay_d: float,
    distance_au: float,
    extra_kwh_kg: float,
) -> Array:
    """Product that the energy of the stay allows, (n,)."""
    hours = stay_d * 24 * plant.duty / distance_au**2
    electric_each = method.electric_kwh_per_kg(grade, recovery) + extra_kwh_kg
    electric = plant.electric_kw * hours / np.maximum(electric_each, 1e-9)
    heat_each = method.heat_kwh_kg(grade) / recovery
    heat = plant.heat_kw * hours / np.maximum(heat_each, 1e-9)
    return np.minimum(electric, heat) if method.heat else electric


def size(
    deposit: Deposit,
    methods: Sequence[Method],
    stay_d: float,
    distance_au: float,
    available_kg: float,
    *,
    product_share: float = 0.0,
    extra_kwh_kg: float = 0.0,
    power_factor: float = 1.0,
    duty: float = DUTY,
) -> Plant:
    """Plant whose power serves its equipment at the middle of the throughput range and the grade to hope for.

    available_kg    for equipment, power, spares, consumables and what ``product_share`` asks
    product_share   kg of return propellant and capsule per kg of product, taken from the same mass
    extra_kwh_kg    electric energy per kg of product for what is made of it
    power_factor    more power than the middle of the range needs: throughput is uncertain, arrays are light
    returns         Plant
    """
    if not methods or available_kg <= 0:
        return Plant(0.0, 0.0, 0.0, duty)
    best = typical(deposit, methods)
    grade = np.maximum(np.percentile(best.grade(deposit), [75]), 1e-9)
    feed = np.sqrt(best.throughput_low * best.throughput_high)  # kg/d per kg of equipment
    recovery = np.array([(best.recovery_low + best.recovery_high) / 2])
    rate = float(feed * (grade * recovery)[0])
    served = power_factor / 24 * distance_au**2
    electric_kw = rate * float(best.electric_kwh_per_kg(grade, recovery)[0] + extra_kwh_kg) * served
    heat_kw = feed * float(grade[0] * best.heat_kwh_kg(grade)[0]) * served
    plant = (1 + electric_kw / SOLAR_KW_KG + heat_kw / HEAT_KW_KG) * (1 + SPARES_PER_YR * stay_d / 365.25)
    per_kg = plant + (product_share + best.consumables) * rate * stay_d * duty
    equipment = available_kg / per_kg
    return Plant(equipment, electric_kw * equipment, heat_kw * equipment, duty)


def typical(deposit: Deposit, methods: Sequence[Method]) -> Method:
    """The method that most of the samples use; the first where none can."""
    chosen = choose(deposit, methods)
    return methods[int(np.bincount(chosen[chosen >= 0]).argmax())] if np.any(chosen >= 0) else methods[0]
