"""A day of air, water, food, resource plants and crops: transfers between accounts, each limited by its machines.

Every function takes the ledger and what the machines can do today, and moves matter. When something runs short,
people come first, then the plants, in a fixed order of priority.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.settlement import equipment, lifesupport
from motherlode.settlement.ledger import Ledger

Array = NDArray[np.float64]
INNER: Final = (
    "food", "water", "grey", "urine", "oxygen", "nitrogen", "hydrogen", "fuel", "oxidiser", "metal", "carbon",
    "cabin oxygen", "cabin nitrogen", "cabin co2", "cabin vapour", "captured co2", "bodies", "waste", "scrap",
    *(f"spares {name}" for name in equipment.SPARES),
)  # fmt: skip
OXYGEN_DENSITY: Final = lifesupport.gas_density_kg_m3("oxygen", lifesupport.OXYGEN_KPA)
NITROGEN_DENSITY: Final = lifesupport.gas_density_kg_m3("nitrogen", lifesupport.CABIN_KPA - lifesupport.OXYGEN_KPA)
FIRE_LIMIT: Final = 0.30  # largest share of oxygen in the cabin; above it air is let out
RATION: Final = 0.8  # of the food when it will not last to the next ship; borne without harm
WASH_FLOOR_D: Final = 15.0  # days of drinking water below which nobody washes
SABATIER: Final = ({"captured co2": 44.0, "hydrogen": 8.0}, {"mars air": 16.0, "grey": 36.0})  # the methane is let go
ELECTROLYSIS: Final = ({"water": 36.0}, {"oxygen": 32.0, "hydrogen": 4.0})
METHALOX: Final = ({"water": 36.0, "mars air": 44.0}, {"fuel": 16.0, "oxidiser": 64.0})
# A square metre of wheat in a day: 20 g dry edible, oxygen 56.0, CO2 77.0 (secondary); the water closes the balance.
CROPS: Final = ({"cabin co2": 77.0, "water": 48.0}, {"cabin oxygen": 56.0, "food": 39.0, "waste": 30.0})


def people(ledger: Ledger, n: Array, rationed: NDArray[np.bool_]) -> dict[str, Array]:
    """What people breathe, eat, drink and give off; returns the share of their need that was not met.

    n         people, (runs)
    rationed  whether food is short, (runs)
    """
    h = lifesupport.human()
    some = np.maximum(n, 1e-9)
    breathed = ledger.move("cabin oxygen", "bodies", n * h["oxygen"])
    eaten = ledger.move("food", "bodies", n * h["packaged_food"] * np.where(rationed, RATION, 1.0))
    drunk = ledger.move("water", "bodies", n * h["potable_water"])
    wrapping = 1 - (h["food_dry"] + h["food_water"]) / h["packaged_food"]
    ledger.move(
        "bodies", "waste", eaten * wrapping + n * (h["faecal_water"] + h["faecal_solids"] + h["sweat_solids"])
    )
    ledger.move("bodies", "cabin co2", n * h["co2"])
    ledger.move("bodies", "cabin vapour", n * h["vapour"])
    ledger.move("bodies", "urine", n * (h["urine_water"] + h["urine_solids"]))
    return {
        "oxygen": 1 - breathed / (some * h["oxygen"]) * (n > 0) - (n <= 0),
        "food": 1 - eaten / (some * h["packaged_food"]) - (n <= 0),
        "water": 1 - drunk / (some * h["potable_water"]) - (n <= 0),
    }


def air(ledger: Ledger, can: Mapping[str, Array], volume: Array) -> None:
    """Leak, renewal of oxygen and nitrogen, CO2 removal with its reduction to water, drying."""
    for gas in ("oxygen", "nitrogen"):
        ledger.move(f"cabin {gas}", "mars air", equipment.LEAK_PER_D * ledger[f"cabin {gas}"])
    for gas, density in (("oxygen", OXYGEN_DENSITY), ("nitrogen", NITROGEN_DENSITY)):
        ledger.move(gas, f"cabin {gas}", np.maximum(0.0, density * volume - ledger[f"cabin {gas}"]))
    ledger.move("cabin co2", "captured co2", can["co2-removal"])
    ledger.react(*SABATIER, np.minimum(can["sabatier"], ledger["captured co2"]) / 44.0)
    ledger.move("captured co2", "mars air", ledger["captured co2"])
    ledger.move("hydrogen", "mars air", ledger["hydrogen"])
    ledger.move("cabin vapour", "grey", can["cabin-air"])
    _let_out(ledger)


def _let_out(ledger: Ledger) -> None:
    """Air let out where oxygen is too large a share of it: nitrogen goes with it: what a grown diet costs."""
    oxygen, nitrogen = ledger["cabin oxygen"] / 32, ledger["cabin nitrogen"] / 28
    excess = np.maximum(0.0, oxygen - FIRE_LIMIT / (1 - FIRE_LIMIT) * nitrogen)
    if excess.any():
        share = np.minimum(0.5, excess / np.maximum(oxygen, 1e-9))
        for gas in ("oxygen", "nitrogen"):
            ledger.move(f"cabin {gas}", "mars air", share * ledger[f"cabin {gas}"])


def water(ledger: Ledger, can: Mapping[str, Array], n: Array, recovery: float) -> None:
    """Washing, and the two processors that turn urine and grey water back."""
    h = lifesupport.human()
    enough = ledger["water"] > WASH_FLOOR_D * n * h["potable_water"]
    ledger.move("water", "grey", np.where(enough, n * h["hygiene_water"], 0.2 * n * h["hygiene_water"]))
    share = recovery * h["urine_water"] / (h["urine_water"] + h["urine_solids"])
    ledger.react(
        {"urine": 1.0}, {"grey": share, "waste": 1 - share}, np.minimum(can["urine-processor"], ledger["urine"])
    )
    ledger.react(
        {"grey": 1.0}, {"water": recovery, "waste": 1 - recovery}, np.minimum(can["water-processor"], ledger["grey"])
    )


def oxygen(ledger: Ledger, can: Mapping[str, Array], n: Array) -> None:
    """Oxygen from water up to two months of breath, from propellant in need, and from the atmosphere."""
    h = lifesupport.human()
    reserve = 60 * n * h["oxygen"]
    wanted = np.maximum(0.0, reserve - ledger["oxygen"])
    spare_water = np.maximum(0.0, ledger["water"] - 3 * n * h["potable_water"])
    ledger.react(*ELECTROLYSIS, np.minimum(np.minimum(wanted, can["oxygen-generator"]) / 32, spare_water / 36))
    ledger.move("mars air", "oxygen", np.minimum(can["isru-oxygen"], np.maximum(0.0, 2 * reserve - ledger["oxygen"])))
    ledger.move("oxidiser", "oxygen", np.maximum(0.0, reserve / 3 - ledger["oxygen"]))


def resources(
    ledger: Ledger, can: Mapping[str, Array], n: Array, volume: Array, fuel_target: Array, ice: bool
) -> None:
    """Nitrogen, ice, methane with oxygen, and printed spares."""
    h = lifesupport.human()
    store = 0.5 * NITROGEN_DENSITY * volume
    ledger.move(
        "mars air", "nitrogen", np.minimum(can["nitrogen-plant"], np.maximum(0.0, store - ledger["nitrogen"]))
    )
    reserve = 60 * n * (h["potable_water"] + h["hygiene_water"]) + 3000
    if ice:
        ledger.move("mars ground", "water", np.minimum(can["ice-mine"], np.maximum(0.0, reserve - ledger["water"])))
    methane = np.minimum(can["isru-methalox"], np.maximum(0.0, fuel_target - ledger["fuel"]))
    ledger.react(*METHALOX, np.minimum(methane / 16, np.maximum(0.0, ledger["water"] - 0.5 * reserve) / 36))


def printed(ledger: Ledger, can: Mapping[str, Array], use_kg_d: Mapping[str, Array]) -> None:
    """A third of the spares that are used up, printed from metal as far as it and the printers last."""
    whole = sum(use_kg_d.values()) + 1e-9
    for name, used in use_kg_d.items():
        ledger.move("metal", f"spares {name}", np.minimum(used / 3, can["printer"] * used / whole))


def crops(ledger: Ledger, area_m2: Array) -> None:
    """Grown food: CO2 that the cabin lacks is taken from outside, so that oxygen builds up in the cabin."""
    wanted = 0.077 * area_m2
    ledger.move("mars air", "cabin co2", np.maximum(0.0, wanted - ledger["cabin co2"]))
    ledger.react(*CROPS, wanted / 77.0)
