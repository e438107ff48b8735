"""The machines of a base as data, and how many of each a number of people needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Final

from motherlode.errors import UnknownName
from motherlode.settlement import lifesupport

STRINGS: Final = 2.0  # capacity of vital machines over the daily need: a second string
POWER_MARGIN: Final = 1.25
LEAK_PER_D: Final = 0.0005  # of the cabin air; judgement
HYGIENE_TO_GREY: Final = 1.0
SPARES: Final = ("life support", "resources", "power", "structure")  # classes of spares
METHANE_PER_PERSON_KG: Final = 6978 / 6  # ascent of six people, Kleinhenz & Paz; the oxygen with it is 22,728 kg
OXIDISER_RATIO: Final = 22_728 / 6_978


@dataclass(frozen=True)
class Machine:
    """One kind of machine; a row of ``equipment.csv``."""

    name: str
    title: str
    system: str
    spares: str
    mass_kg: float
    power_kw: float
    supply_kw: float
    heat_kw: float
    capacity: float
    per: str
    volume_m3: float
    mtbf_h: float
    replace_kg: float
    repair_h: float
    priority: int
    status: str

    @property
    def spares_kg_d(self) -> float:
        """Spares that one unit uses up in a day, on average, kg."""
        return 24 * self.replace_kg / self.mtbf_h


@cache
def machines() -> Mapping[str, Machine]:
    """Every kind of machine by name."""
    words = {"name", "title", "system", "spares", "per", "status"}
    found = {}
    for row in lifesupport.table("equipment"):
        values = {key: value if key in words else float(value) for key, value in row.items()}
        found[row["name"]] = Machine(**{**values, "priority": int(row["priority"])})  # type: ignore[arg-type]
    return found


def find(name: str) -> Machine:
    """A kind of machine by name; raises UnknownName with the choices."""
    if name not in machines():
        raise UnknownName("machine", name, list(machines()))
    return machines()[name]


def required(
    people: float,
    *,
    volume_m3_per_person: float,
    leaving: float = 0.0,
    gap_d: float = lifesupport.SYNODIC_D,
    ice: bool = True,
    reactors: bool = True,
) -> dict[str, int]:
    """How many of each machine so many people need.

    leaving  people who go home each window and need propellant for it; gap_d days in which it is made
    """
    h, unit = lifesupport.human(), machines()
    daily = {
        "cabin-air": h["vapour"],
        "co2-removal": h["co2"],
        "oxygen-generator": 1.05 * h["oxygen"],
        "sabatier": 0.62 * h["co2"],
        "water-processor": h["hygiene_water"] + h["vapour"] + h["urine_water"],
        "urine-processor": h["urine_water"] + h["urine_solids"],
    }
    need = {name: ceil(STRINGS * people * rate / unit[name].capacity) for name, rate in daily.items()}
    need["habitat"] = ceil(people * volume_m3_per_person / unit["habitat"].volume_m3)
    methane = leaving * METHANE_PER_PERSON_KG / gap_d
    need["isru-methalox"] = ceil(1.25 * methane / unit["isru-methalox"].capacity)
    need["ice-mine"] = 1 + ceil(1.25 * (2.25 * methane + 0.4 * people) / unit["ice-mine"].capacity) if ice else 0
    need["outfit"] = ceil(people)
    need["nitrogen-plant"] = 1 + ceil(people / 24)
    need["printer"], need["yard"] = 1 + ceil(people / 40), 1
    drawn = sum(count * unit[name].power_kw for name, count in need.items())
    need["reactor-40kw" if reactors else "solar-40kw"] = 1 + ceil(POWER_MARGIN * drawn / 40)
    need["radiator"] = 1 + ceil((POWER_MARGIN * drawn + 0.144 * people) / unit["radiator"].heat_kw)
    return {name: need[name] for name in unit if need.get(name)}


def mass_kg(counts: Mapping[str, int]) -> float:
    """Mass of machines, kg."""
    return sum(count * find(name).mass_kg for name, count in counts.items())


def spares_kg_d(counts: Mapping[str, int]) -> dict[str, float]:
    """Spares that machines use up in a day, on average, by class, kg."""
    total = dict.fromkeys(SPARES, 0.0)
    for name, count in counts.items():
        total[find(name).spares] += count * find(name).spares_kg_d
    return total
