"""What a person takes in and gives off, what closing the loops saves, and what an expedition must carry.

Figures live in ``human.csv``; the balance of one person closes exactly, so that a base built on it conserves mass.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import expm1, fsum
from types import MappingProxyType
from typing import Final

from motherlode.errors import BadInput

SYNODIC_D: Final = 779.94  # mean time between supply windows of Mars
WINDOW_D: Final = 780.0  # the rounded window of published resupply figures
YEAR_D: Final = 365.25
GAS_CONSTANT: Final = 8.314  # J/(mol K)
CABIN_K: Final = 295.0
OXYGEN_KPA: Final = 21.0
CABIN_KPA: Final = 101.3
# Nominal molar masses, g/mol, as published plant balances use: exact ones take 0.24 % off the CO2 of a methane plant.
MOLAR: Final = MappingProxyType(
    {"hydrogen": 2, "methane": 16, "water": 18, "co": 28, "nitrogen": 28, "oxygen": 32, "co2": 44}
)
EXPEDITION: Final = MappingProxyType(
    {  # kg per crew-day, EVA per crew-hour; defaults of the SpaceNet consumables model
        "water": 3.6,
        "eva_water": 0.6875,
        "food": 0.05556 + 0.76389 + 1.61667,
        "oxygen": 3.85714,
        "eva_oxygen": 0.07875,
        "nitrogen": 2.21429,
    }
)


@cache
def human() -> Mapping[str, float]:
    """Daily balance of one crew member and what else people need, by key of ``human.csv``."""
    return MappingProxyType({row["key"]: float(row["value"]) for row in table("human")})


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a packaged table of this stage; its header says who measured them."""
    lines = files("motherlode.settlement").joinpath(f"{name}.csv").read_text("utf-8").splitlines()
    return tuple(csv.DictReader(line for line in lines if not line.startswith("#")))


def balance() -> tuple[float, float]:
    """Mass in and out of one person, kg/d: equal."""
    sides = {
        side: fsum(float(row["value"]) for row in table("human") if row["direction"] == side)
        for side in ("in", "out")
    }
    return sides["in"], sides["out"]


def water_balance() -> tuple[float, float]:
    """Water in (drunk, eaten, made in the body) and out of one person, kg/d: equal."""
    h = human()
    inward = fsum(h[key] for key in ("potable_water", "food_water", "metabolic_water"))
    return inward, fsum(h[key] for key in ("urine_water", "vapour", "faecal_water"))


def resupply_t(water_recovery: float, oxygen_recovery: float, *, days: float = WINDOW_D) -> float:
    """Metabolic resupply of one person from Earth, t: oxygen and water that the loops lose, all the food.

    water_recovery, oxygen_recovery  0 (open) to 1 (closed)
    """
    for name, share in (("water", water_recovery), ("oxygen", oxygen_recovery)):
        if not 0 <= share <= 1:
            raise BadInput(f"{name} recovery must lie between 0 and 1; got {share:g}")
    h = human()
    daily = h["oxygen"] * (1 - oxygen_recovery) + h["potable_water"] * (1 - water_recovery) + h["packaged_food"]
    return days * daily / 1000


def expedition_kg(
    people: float, days: float, *, eva_h: float = 0.0, water_recovery: float = 0.42
) -> dict[str, float]:
    """Water, food and gases that a sortie carries, kg, by the rates of SpaceNet's consumables model.

    eva_h  crew-hours outside
    """
    e = EXPEDITION
    return {
        "water": e["water"] * people * days * (1 - water_recovery) + e["eva_water"] * eva_h,
        "food": e["food"] * people * days,
        "gases": (e["oxygen"] + e["nitrogen"]) * people * days + e["eva_oxygen"] * eva_h,
    }


def spares_share(
    dry_t_per_person: float, share_per_year: float, *, water_recovery: float = 0.98, oxygen_recovery: float = 0.5
) -> float:
    """Share of spares in all resupply of a window; the number of people cancels."""
    spares = dry_t_per_person * share_per_year * WINDOW_D / YEAR_D
    return spares / (spares + resupply_t(water_recovery, oxygen_recovery))


def gas_density_kg_m3(gas: str, kilopascal: float) -> float:
    """Density of a gas in the cabin at 295 K."""
    return kilopascal * MOLAR[gas] / (GAS_CONSTANT * CABIN_K)


def methane_plant_kg(methane_kg: float) -> dict[str, float]:
    """Water and CO2 in, oxygen out, of making methane by Sabatier and electrolysis: CO2 + 2 H2O -> CH4 + 2 O2."""
    moles = methane_kg / MOLAR["methane"]
    return {"water": 2 * moles * MOLAR["water"], "co2": moles * MOLAR["co2"], "oxygen": 2 * moles * MOLAR["oxygen"]}


def reactor_kg(kilowatt: float) -> float:
    """Mass of a fission surface power unit: 562 P^0.673 from 20 kWe up, whole crew-rated 10 kWe units below."""
    if kilowatt <= 20:
        return 1754.0 * max(1.0, -(-kilowatt // 10))
    return float(562 * kilowatt**0.673)


def daily_chance(per_year: float) -> float:
    """Chance in a day of something with a yearly rate."""
    return -expm1(-per_year / YEAR_D)
