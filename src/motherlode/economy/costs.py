"""Costs: what a mission takes to develop, build, launch, operate and insure, in the dollars of the study."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.economy.market import Market
from motherlode.prospect import reference

Array = NDArray[np.float64]

SVLCM_DEVELOPMENT: Final = (13.89, 0.55)  # M$ of about 2010, dry kg; NASA SVLCM, unmanned planetary, recalled
SVLCM_UNIT: Final = (1.089, 0.662)  # the same; 578 + 97 M$ at 880 kg against 588.5 actual (OSIRIS-REx)
SVLCM_YEAR: Final = 2010
LEARNING: Final = 0.85  # cost of a doubled number of units; SMAD
OPERATIONS_MUSD_YR: Final = 25.0  # OSIRIS-REx 232 M$ over its mission, 2018 dollars (secondary)
OPERATIONS_YEAR: Final = 2018
CAPSULE_MUSD: Final = 15.0  # recovery at the Earth; judgement
INSURANCE_SHARE: Final = 0.10  # of unit and launch; judgement
GROWTH_MEDIAN: Final = 1.2  # of development and unit cost; Mars Sample Return grew by 196 %; judgement
GROWTH_DEX: Final = 0.12
DEVELOPMENT_YR: Final = 5.0  # before departure; judgement


def inflate(usd: float, from_year: float, to_year: float) -> float:
    """Dollars of one year in the dollars of another (consumer prices)."""
    rows = reference.rows("economy", "consumer_prices")
    years, index = [float(r["year"]) for r in rows], np.log([float(r["index"]) for r in rows])
    return usd * float(np.exp(np.interp(to_year, years, index) - np.interp(from_year, years, index)))


def development_musd(dry_kg: float) -> float:
    """SVLCM development cost, M$ of 2010, of a planetary craft by dry mass."""
    scale, power = SVLCM_DEVELOPMENT
    return float(scale * max(dry_kg, 1.0) ** power)


def unit_musd(dry_kg: float) -> float:
    """SVLCM cost of the first unit, M$ of 2010, by dry mass."""
    scale, power = SVLCM_UNIT
    return float(scale * max(dry_kg, 1.0) ** power)


def learned_total(first: float, units: float, slope: float = LEARNING) -> float:
    """Cost of a number of units of which the first costs ``first``; cumulative learning curve."""
    return float(first * units ** (1 + np.log(slope) / np.log(2)))


def amcm_musd(
    mass_lb: float, *, quantity: float, speciality: float, year: float, block: float, difficulty: float
) -> float:
    """Advanced Missions Cost Model, M$ of 1999 (Larson & Pranke, recalled): a sanity check on SVLCM."""
    return float(
        5.65e-4 * quantity**0.5941 * mass_lb**0.6604 * 80.599**speciality
        * 3.8085e-55 ** (1 / (year - 1900)) * block**-0.3553 * 1.5691**difficulty
    )  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """Cost of one mission, USD of the vintage: (n,) arrays grow with the sampled overrun."""

    development_usd: Array  # this mission's share
    unit_usd: Array
    launch_usd: float
    operations_usd: float
    recovery_usd: float
    insurance_usd: Array

    @property
    def total_usd(self) -> Array:
        """Everything, undiscounted, (n,)."""
        spent = self.development_usd + self.unit_usd + self.insurance_usd
        return np.asarray(spent + self.launch_usd + self.operations_usd + self.recovery_usd)

    def discounted(self, rate: float, mission_yr: float) -> Array:
        """Present value at departure, (n,): development before, operations after, the rest then."""
        early = (1 + rate) ** (DEVELOPMENT_YR / 2)
        years = np.arange(max(int(np.ceil(mission_yr)), 1))
        operations = self.operations_usd / len(years) * float(np.sum((1 + rate) ** -(years + 0.5)))
        ends = self.recovery_usd * (1 + rate) ** -mission_yr
        return np.asarray(
            self.development_usd * early + self.unit_usd * (1 + rate) + self.insurance_usd + self.launch_usd
            + operations + ends
        )  # fmt: skip


def mission(
    market: Market, *, dry_kg: float, parking_kg: float, home: str, mission_yr: float, to_earth: bool, fleet: int,
    growth_z: Array,
) -> Cost:  # fmt: skip
    """Cost of one mission of a fleet that shares its development.

    dry_kg      of everything that is built
    parking_kg  in the parking orbit: priced at the launch price, at Mars with the way there
    home        ``earth`` or ``mars``
    growth_z    (n,) standard normal of cost growth
    """
    growth = GROWTH_MEDIAN * 10 ** (GROWTH_DEX * growth_z)
    to_now = inflate(1e6, SVLCM_YEAR, market.vintage)
    development = development_musd(dry_kg) * to_now / fleet * growth
    unit = learned_total(unit_musd(dry_kg), fleet) / fleet * to_now * growth
    launch = parking_kg * (market.launch_usd_kg if home == "earth" else market.launch_to_usd_kg("mars-orbit"))
    operations = inflate(OPERATIONS_MUSD_YR * 1e6, OPERATIONS_YEAR, market.vintage) * mission_yr
    recovery = inflate(CAPSULE_MUSD * 1e6, 2026, market.vintage) if to_earth else 0.0
    return Cost(development, unit, launch, operations, recovery, INSURANCE_SHARE * (unit + launch))
