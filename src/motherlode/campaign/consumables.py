"""What a crew uses up on a mission: water, food, gases, and the rest by the head and day."""

from dataclasses import dataclass

from motherlode.errors import BadInput


@dataclass(frozen=True)
class Rates:
    """Use per crew member and day (``_kg_cmd``) and per hour outside of one suit (``_kg_h``).

    Defaults as in the consumables model of SpaceNet 2.5 (space-logistics-org, documentation and quick start).
    """

    water_kg_cmd: float = 3.6
    water_recovery: float = 0.42
    outside_water_kg_h: float = 0.6875
    food_kg_cmd: float = 0.05556 + 0.76389 + 1.61667
    oxygen_kg_cmd: float = 3.85714
    outside_oxygen_kg_h: float = 0.07875
    nitrogen_kg_cmd: float = 2.21429

    def __post_init__(self) -> None:
        if not 0 <= self.water_recovery <= 1:
            raise BadInput(f"water recovery is a share from 0 to 1; got {self.water_recovery:g}")

    @property
    def daily_kg(self) -> float:
        """Everything that one crew member uses per day inside."""
        water = self.water_kg_cmd * (1 - self.water_recovery)
        return water + self.food_kg_cmd + self.oxygen_kg_cmd + self.nitrogen_kg_cmd


SPACENET = Rates()


def needed(crew: float, days: float, outside_h: float = 0.0, rates: Rates = SPACENET) -> dict[str, float]:
    """Kilograms of water, food and gases for a crew.

    crew       heads
    days       of the mission
    outside_h  crew hours in suits
    """
    cmd = crew * days
    return {
        "water_kg": rates.water_kg_cmd * cmd * (1 - rates.water_recovery) + rates.outside_water_kg_h * outside_h,
        "food_kg": rates.food_kg_cmd * cmd,
        "gases_kg": (rates.oxygen_kg_cmd + rates.nitrogen_kg_cmd) * cmd + rates.outside_oxygen_kg_h * outside_h,
    }
