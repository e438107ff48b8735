"""The models of Hein, Matheson & Fries (2020): one craft's yearly profit, and a platinum venture in its market.

Acta Astronautica 168:104-115, arXiv:1810.03836. The market model is inferred from the printed numbers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

PLATINUM_2018_USD_KG: Final = 40_449.0
PLATINUM_2018_SUPPLY_KG: Final = 254_582.0
MISSION_KG: Final = 4_536.0  # platinum of one mission
MISSION_USD: Final = 160.95e6
FIXED_USD: Final = 81.8e6  # a year: 10 % of the investment
INVESTMENT_USD: Final = 818e6
MAX_MISSIONS: Final = 50


@dataclass(frozen=True)
class Craft:
    """A mining craft of Tables 1 and 2."""

    throughput_per_s: float  # kg of feed per second and kg of craft
    grade: float
    price_usd_kg: float
    transports: float  # transport legs paid per kg of craft
    production_usd_kg: float
    operations_usd: float
    development_usd_kg: float
    mass_kg: float = 150.0
    mining_s: float = 8.64e6
    transport_usd_kg: float = 35_000.0

    @property
    def product_kg(self) -> float:
        """Refined in one mining season."""
        return self.mass_kg * self.throughput_per_s * self.mining_s * self.grade

    @property
    def profit_usd(self) -> float:
        """Revenue less production, transport and operations."""
        spent = (self.production_usd_kg + self.transports * self.transport_usd_kg) * self.mass_kg
        return self.product_kg * self.price_usd_kg - spent - self.operations_usd

    @property
    def payback_yr(self) -> float:
        """Years of profit that repay the development."""
        return self.development_usd_kg * self.mass_kg / self.profit_usd


def venture_profit_usd(
    slope: float,
    withdrawal: float,
    *,
    price: float = PLATINUM_2018_USD_KG,
    missions: int = MAX_MISSIONS,
    mission_kg: float = MISSION_KG,
) -> float:
    """Yearly profit of the best number of missions, at least one, against a straight demand curve.

    slope        of the demand curve, USD/kg per kg, positive
    withdrawal   share of the new platinum that other producers take back
    """
    n = np.arange(1, missions + 1)
    kg = n * mission_kg
    return float(np.max(kg * (price - slope * (1 - withdrawal) * kg) - n * MISSION_USD - FIXED_USD))


def break_even_yr(profit_usd: float, *, rate: float = 0.10, limit: int = 30) -> int | None:
    """Years until discounted profit repays the investment; None beyond the limit."""
    repaid = np.cumsum(profit_usd * (1 + rate) ** -np.arange(1.0, limit + 1))
    done = np.flatnonzero(repaid >= INVESTMENT_USD)
    return int(done[0]) + 1 if len(done) else None


def elasticity(
    slope: float, *, price: float = PLATINUM_2018_USD_KG, supply_kg: float = PLATINUM_2018_SUPPLY_KG
) -> float:
    """Price elasticity of demand that a slope means at the anchor: P / (slope Q)."""
    return price / (slope * supply_kg)


def printed_elasticity(slope: float) -> float:
    """What the paper's column prints for a slope: slope P / Q, which treats it as quantity per price."""
    return slope * PLATINUM_2018_USD_KG / PLATINUM_2018_SUPPLY_KG
