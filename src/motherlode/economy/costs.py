"""Costs: what a mission takes to develop, build, launch, operate and insure, in the dollars of the study."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from motherlode.economy.market import Market
from motherlode.errors import UnknownName
from motherlode.prospect import reference

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Coefficient:
    """One number of a cost or risk model with its band and where it comes from."""

    value: float
    low: float
    high: float
    unit: str
    dollar_year: float
    source: str
    status: str


@cache
def coefficients(path: Path | None = None) -> Mapping[str, Coefficient]:
    """The packaged coefficients, or those of a user's file with the same columns."""
    names = ("name", "value", "low", "high", "unit", "dollar_year", "source", "status")
    packaged = reference.rows("economy", "coefficients")
    rows = packaged if path is None else (*packaged, *reference.rows_of_file(path, names))
    return {row["name"]: Coefficient(
        float(row["value"]), float(row["low"]), float(row["high"]), row["unit"], float(row["dollar_year"] or "nan"),
        row["source"], row["status"],
    ) for row in rows}  # fmt: skip


def values(changed: Mapping[str, float] = MappingProxyType({}), path: Path | None = None) -> dict[str, float]:
    """Every coefficient as a number, some replaced; raises UnknownName for a name that is in no table."""
    table = {name: each.value for name, each in coefficients(path).items()}
    for name in changed:
        if name not in table:
            raise UnknownName("coefficient", name, list(table))
    return {**table, **changed}


def inflate(usd: float, from_year: float, to_year: float) -> float:
    """Dollars of one year in the dollars of another (consumer prices)."""
    rows = reference.rows("economy", "consumer_prices")
    years, index = [float(r["year"]) for r in rows], np.log([float(r["index"]) for r in rows])
    return usd * float(np.exp(np.interp(to_year, years, index) - np.interp(from_year, years, index)))


def development_musd(dry_kg: float, c: Mapping[str, float] | None = None) -> float:
    """SVLCM development cost, M$ of 2010, of a planetary craft by dry mass."""
    c = c or values()
    return float(c["development_scale"] * max(dry_kg, 1.0) ** c["development_power"])


def unit_musd(dry_kg: float, c: Mapping[str, float] | None = None) -> float:
    """SVLCM cost of the first unit, M$ of 2010, by dry mass."""
    c = c or values()
    return float(c["unit_scale"] * max(dry_kg, 1.0) ** c["unit_power"])


def learned_total(first: float, units: float, slope: float = 0.85) -> float:
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
    """Cost of one mission, USD of the vintage, and when it is paid; (n,) arrays grow with the sampled overrun."""

    development_usd: Array  # this mission's share
    unit_usd: Array
    launch_usd: float
    insurance_usd: Array
    operations_usd: Array
    recovery_usd: float
    development_yr: float
    mission_yr: Array

    @property
    def total_usd(self) -> Array:
        """Everything, undiscounted, (n,)."""
        return np.asarray(sum(amount for _, amount in self.flows()))

    def flows(self) -> list[tuple[Array, Array]]:
        """Times in years from departure and payments in USD, (n,) each."""
        one = np.ones_like(self.unit_usd)
        years = max(int(np.ceil(self.development_yr)), 1)
        early = [(-(k + 0.5) * one, self.development_usd / years) for k in range(years)]
        return [
            *early,
            (-1.0 * one, self.unit_usd),
            (0.0 * one, self.launch_usd + self.insurance_usd),
            (self.mission_yr / 2, self.operations_usd),
            (self.mission_yr, self.recovery_usd * one),
        ]

    def parts(self, rate: float) -> dict[str, Array]:
        """Present value at departure of each kind of cost, (n,)."""
        flows = self.flows()
        present = [amount * (1 + rate) ** -time for time, amount in flows]
        early = len(flows) - 4
        return {
            "development": np.sum(present[:early], axis=0), "unit": present[early],
            "launch and insurance": present[early + 1], "operations": present[early + 2],
            "recovery": present[early + 3],
        }  # fmt: skip

    def discounted(self, rate: float) -> Array:
        """Present value at departure of everything, (n,)."""
        return np.asarray(np.sum(list(self.parts(rate).values()), axis=0))


def mission(
    market: Market,
    c: Mapping[str, float],
    *,
    dry_kg: float,
    parking_kg: float,
    drive_kw: float,
    home: str,
    mission_yr: Array,
    to_earth: bool,
    fleet: int,
    growth_z: Array,
) -> Cost:
    """Cost of one mission of a fleet that shares its development.

    c            coefficients by name
    dry_kg       of everything that is built
    parking_kg   in the parking orbit: priced at the launch price, at Mars with the way there
    drive_kw     of electric propulsion
    home         ``earth`` or ``mars``
    mission_yr   (n,) from departure to the sale, delays included
    growth_z     (n,) standard normal of cost growth
    """
    growth = c["growth_median"] * 10 ** (c["growth_dex"] * growth_z)
    table = coefficients()

    def now(musd: float, name: str) -> float:
        return inflate(musd * 1e6, table[name].dollar_year, market.vintage)

    development = now(development_musd(dry_kg, c), "development_scale") / fleet * growth
    first = now(unit_musd(dry_kg, c), "unit_scale") + now(c["drive_usd_kw"] * drive_kw, "drive_usd_kw")
    unit = learned_total(first, fleet, c["learning"]) / fleet * growth
    launch = parking_kg * (market.launch_usd_kg if home == "earth" else market.launch_to_usd_kg("mars-orbit"))
    operations = now(c["operations"], "operations") * mission_yr
    recovery = now(c["recovery"], "recovery") if to_earth else 0.0
    insurance = c["insurance"] * (unit + launch)
    return Cost(development, unit, launch, insurance, operations, recovery, c["development_yr"], mission_yr)
