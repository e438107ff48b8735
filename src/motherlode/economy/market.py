"""Markets: what a kilogram sells for, where and when, and how the price answers to what is sold."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.errors import BadInput, UnknownName
from motherlode.mining.massbudget import delivered_share
from motherlode.prospect import reference

Array = NDArray[np.float64]

PRODUCTS: Final = ("water", "propellant", "metal", "pgm", "volatiles", "shielding")
TRANSPORT_ISP_S: Final = 450.0  # of the stage that an avoided launch would use
TRANSPORT_STRUCTURE: Final = 0.10
USEFULNESS: Final = {  # of a kilogram in space against a finished kilogram from the Earth; judgement
    "water": 1.0, "propellant": 1.0, "metal": 0.5, "volatiles": 0.7, "shielding": 0.3, "pgm": 0.0,
}  # fmt: skip
EARTH_PRICE_USD_KG: Final = {"water": 0.002, "propellant": 1.0, "volatiles": 0.5, "shielding": 0.0}  # judgement
METAL_PARTS: Final = {"iron": 0.90, "nickel": 0.09, "cobalt": 0.005}  # of meteoritic metal
PRECIOUS: Final = ("platinum", "palladium", "rhodium", "iridium", "ruthenium", "osmium", "gold")
BASE: Final = ("iron", "nickel", "cobalt")
METALS: Final = (*PRECIOUS, *BASE)  # the order of the price paths
JOINT: Final = {"pgm": PRECIOUS, "metal": BASE}  # sold metal by metal at the Earth
PAYABLE: Final = 0.85  # of the metal in a concentrate; judgement: nothing is published
REFINING_CHARGE: Final = 0.075  # of the value, band 0.05-0.10; judgement
REVERSION_HALF_LIFE_YR: Final = 4.0  # judgement
LAUNCH_SPREAD: Final = 0.5  # of the log launch price after the years below; judgement: Falcon 9 did that in ten
LAUNCH_SPREAD_YR: Final = 10.0
PRICE_CORRELATION: Final = 0.5  # between metals; judgement


@dataclass(frozen=True)
class Place:
    """Where something is sold."""

    name: str
    delta_v_from_leo_km_s: float
    caps_t: Mapping[str, float]
    supplier_usd_kg: float
    supplier_year: float


@cache
def _places() -> dict[str, Place]:
    def number(text: str) -> float:
        return float(text) if text else float("nan")

    found = {}
    for row in reference.rows("economy", "places"):
        caps = {product: number(row[f"cap_{product}_t"]) for product in ("water", "metal", "shielding")}
        caps |= {"propellant": caps["water"], "volatiles": caps["water"]}
        found[row["name"]] = Place(row["name"], number(row["delta_v_from_leo_km_s"]), caps,
                                   number(row["supplier_usd_kg"]), number(row["supplier_year"]))  # fmt: skip
    return found


PLACES: Final = ("earth", "leo", "geo", "eml1", "nrho", "lunar-surface", "mars-orbit", "mars-surface")


def place(name: str) -> Place:
    """A place of sale by name; raises UnknownName."""
    if name not in PLACES:
        raise UnknownName("place of sale", name, list(PLACES))
    return _places()[name]


@dataclass(frozen=True)
class Metal:
    """Price and depth of the market of one metal at the Earth."""

    name: str
    usd_kg: float
    supply_kg: float
    elasticity: float
    withdrawal: float
    sold: bool
    log_mean: float  # of the price that it reverts to
    volatility: float  # per square root of a year
    status: str


@dataclass(frozen=True)
class Market:
    """Prices of one vintage: the year whose dollars and prices are used."""

    vintage: float
    launch_usd_kg: float
    launch_trend: float  # of the log price in a year, fitted to what was dated by the vintage
    metals: Mapping[str, Metal]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, vintage: float, *, launch: str = "central", prices: Path | None = None) -> "Market":
        """The market of a year from the packaged tables, or from a user's price file.

        vintage   year; between two dated prices they are interpolated, after the last one it stays
        launch    ``low``, ``central`` or ``high`` column of the launch prices
        prices    CSV with the columns of economy/prices.csv
        """
        if launch not in ("low", "central", "high"):
            raise UnknownName("launch price column", launch, ["low", "central", "high"])
        return _packaged(vintage, launch) if prices is None else _market(vintage, launch, _user_prices(prices))

    def launch_to_usd_kg(self, where: str, *, sale_year: float | None = None) -> float:
        """Cost of bringing a kilogram from the Earth to a place, capped by the next supplier once there is one."""
        spot = place(where)
        if where == "earth":
            return 0.0
        share = delivered_share(spot.delta_v_from_leo_km_s, TRANSPORT_ISP_S, TRANSPORT_STRUCTURE)
        avoided = self.launch_usd_kg / float(share)
        if sale_year is not None and sale_year >= spot.supplier_year:
            return min(avoided, spot.supplier_usd_kg)
        return avoided

    def price_usd_kg(self, product: str, where: str, *, sale_year: float | None = None) -> float:
        """Price of a kilogram before anything is sold; metals of a concentrate have their own (``metals``)."""
        if product not in PRODUCTS:
            raise UnknownName("product", product, list(PRODUCTS))
        if where != "earth":
            return USEFULNESS[product] * self.launch_to_usd_kg(where, sale_year=sale_year)
        place(where)
        if product == "metal":
            return sum(share * self.metals[name].usd_kg for name, share in METAL_PARTS.items())
        return EARTH_PRICE_USD_KG.get(product, 0.0)

    def launch_paths(self, ahead_yr: float, years: int, z: Array) -> Array:
        """Future launch prices over today's, (1, years, n): the trend so far, with a spread that grows with time.

        ahead_yr   from the vintage to the first of the years
        z          (1, years, n) standard normal; one surprise a sample
        """
        later = ahead_yr + np.arange(years)[:, None]
        sigma = LAUNCH_SPREAD * np.sqrt(np.maximum(later, 0.0) / LAUNCH_SPREAD_YR)
        return np.asarray(np.exp(self.launch_trend * later + sigma * z[0, :1] - sigma**2 / 2))[None]

    def paths(self, ahead_yr: float, years: int, z: Array) -> Array:
        """Future prices over today's, (n_metals, years, n): correlated, mean-reverting in the logarithm.

        ahead_yr   from the vintage to the first of the years
        z          (1 + n_metals, years, n) standard normal; the first is what all metals share
        """
        theta = np.log(2) / REVERSION_HALF_LIFE_YR
        shock = np.sqrt(PRICE_CORRELATION) * z[:1] + np.sqrt(1 - PRICE_CORRELATION) * z[1 : 1 + len(METALS)]
        away = np.array([self.metals[m].log_mean - np.log(max(self.metals[m].usd_kg, 1e-9)) for m in METALS])
        sigma = np.array([self.metals[m].volatility for m in METALS])[:, None]
        level = sigma * np.sqrt((1 - np.exp(-2 * theta * ahead_yr)) / (2 * theta)) * shock[:, 0]
        step = sigma * np.sqrt((1 - np.exp(-2 * theta)) / (2 * theta))
        logs = np.empty_like(shock)
        for year in range(years):
            logs[:, year] = level + (away * (1 - np.exp(-theta * (ahead_yr + year))))[:, None]
            if year + 1 < years:
                level = level * np.exp(-theta) + step * shock[:, year + 1]
        return np.asarray(np.exp(logs))


@cache
def _packaged(vintage: float, launch: str) -> Market:
    return _market(vintage, launch, reference.rows("economy", "prices"))


def _market(vintage: float, launch: str, table: tuple[dict[str, str], ...]) -> Market:
    metals = {row["metal"]: _metal(row, table, vintage) for row in reference.rows("economy", "metals")}
    usd, note = _launch_price(vintage, launch)
    unverified = sorted(m.name for m in metals.values() if m.status == "unverified")
    last = max(float(row["year"]) for row in table)
    notes = [f"metal prices of {min(vintage, last):.0f}", note]
    if unverified:
        notes.append(f"unverified prices: {', '.join(unverified)}")
    return Market(vintage, usd, _launch_trend(vintage, launch), metals, tuple(notes))


def _user_prices(path: Path) -> tuple[dict[str, str], ...]:
    rows = reference.rows_of_file(path, ("metal", "year", "usd_per_kg", "source", "status"))
    for row in rows:
        try:
            float(row["year"]), float(row["usd_per_kg"])
        except ValueError:
            raise BadInput(f"{path}: {row['metal']}: year and usd_per_kg must be numbers; got {row}") from None
    return rows


def _metal(row: dict[str, str], prices: tuple[dict[str, str], ...], vintage: float) -> Metal:
    rows = [p for p in prices if p["metal"] == row["metal"]]
    mine = sorted((float(p["year"]), float(p["usd_per_kg"]), p["status"]) for p in rows)
    if not mine:
        raise BadInput(f"the price table has no row for {row['metal']}")
    years, logs = np.array([y for y, _, _ in mine]), np.log([max(p, 1e-9) for _, p, _ in mine])
    nearest = int(np.argmin(np.abs(years - vintage)))
    share = np.clip((vintage - 2003) / (2025 - 2003), 0, 1)
    supply = float(row["supply_2003_kg"]) * (1 - share) + float(row["supply_kg"]) * share
    past = logs[(years <= vintage) & (years > vintage - 12)]
    return Metal(
        row["metal"], float(np.exp(np.interp(vintage, years, logs))), supply, float(row["elasticity"]),
        float(row["withdrawal"]), row["sold"] == "yes", float(past.mean() if len(past) else logs[0]),
        _volatility(years, logs), mine[nearest][2],
    )  # fmt: skip


def _volatility(years: Array, logs: Array) -> float:
    """Yearly volatility of a mean-reverting log price from consecutive years; 0.3 (judgement) where too few."""
    steps = np.diff(years) == 1
    if steps.sum() < 4:
        return 0.3
    theta = np.log(2) / REVERSION_HALF_LIFE_YR
    left = logs[:-1][steps]
    surprise = logs[1:][steps] - (logs.mean() + (left - logs.mean()) * np.exp(-theta))
    return float(np.std(surprise) / np.sqrt((1 - np.exp(-2 * theta)) / (2 * theta)))


def _launch_trend(vintage: float, column: str) -> float:
    """Slope of the log launch price over the rows dated up to a vintage (planning values are no history)."""
    rows = [
        r for r in reference.rows("economy", "launch_prices") if float(r["year"]) <= max(min(vintage, 2026), 2003)
    ]
    years = [float(r["year"]) for r in rows]
    return float(np.polyfit(years, np.log([float(r[f"{column}_usd_kg"]) for r in rows]), 1)[0])


def _launch_price(vintage: float, column: str) -> tuple[float, str]:
    rows = reference.rows("economy", "launch_prices")
    years = np.array([float(r["year"]) for r in rows])
    usd = np.exp(np.interp(vintage, years, np.log([float(r[f"{column}_usd_kg"]) for r in rows])))
    row = rows[int(np.argmin(np.abs(years - vintage)))]
    return float(usd), f"launch {usd:,.0f} $/kg to low orbit ({column}, {row['status']})"
