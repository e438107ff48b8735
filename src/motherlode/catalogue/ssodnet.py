"""Physical parameters of SsODNet's best-of table (ssoBFT), read from its Parquet file column by column.

https://ssp.imcce.fr/data/ssoBFT-latest_Asteroid.parquet, about 550 MB: only the columns used are read.
Berthier et al. 2023, A&A 671, A151; CC BY 4.0. Errors are asymmetric: the larger half is kept.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb

from motherlode.catalogue import parquet
from motherlode.catalogue.designations import provisional
from motherlode.catalogue.measurement import Measurement
from motherlode.errors import BadSource

SOURCE: Final = "SsODNet ssoBFT, Berthier et al. 2023, A&A 671, A151"
# Their column -> our quantity and the factor into our unit.
NUMBERS: Final = {
    "diameter": ("diameter_km", 1.0), "albedo": ("albedo", 1.0), "mass": ("mass_kg", 1.0),
    "density": ("density_g_cm3", 1e-3), "thermal_inertia": ("thermal_inertia_si", 1.0),
}  # fmt: skip
PERIODS: Final = ("spins.1.period", "spins.period", "spin.period", "period")
TAXONOMY: Final = ("taxonomy.class", "taxonomy.class.value")


def measurements(path: Path, *, batch: int = 100_000) -> Iterator[Measurement]:
    """Every value of the table that we use, asteroid by asteroid.

    path     the Parquet file
    raises   BadSource where it is no such table
    """
    with duckdb.connect(config={"threads": 2}) as db:
        try:
            names = {
                row[0]
                for row in db.execute(
                    "DESCRIBE FROM read_parquet(?, hive_partitioning = false)", [str(path)]
                ).fetchall()
            }
            wanted = _columns(names)
            reader = db.execute(
                f"SELECT {', '.join(wanted.values())} FROM read_parquet(?, hive_partitioning = false)", [str(path)]
            )
            while rows := reader.fetchmany(batch):
                for row in rows:
                    yield from _of_row(dict(zip(wanted, row)))
        except duckdb.Error as error:
            raise BadSource(f"{path.name} is no readable ssoBFT Parquet file: {parquet.first_line(error)}") from None


def _columns(names: set[str]) -> dict[str, str]:
    """Our key -> SQL of their column, for the columns that are there."""
    if not {"sso_number", "sso_name"} <= names:
        raise BadSource("SsODNet: the table has no columns sso_number and sso_name")
    wanted = {"number": 'TRY_CAST("sso_number" AS INTEGER)', "name": '"sso_name"::VARCHAR'}
    quantities = {ours: theirs for theirs, (ours, _) in NUMBERS.items()}
    period = next((name for name in PERIODS if f"{name}.value" in names), "")
    for ours, theirs in {**quantities, "period_h": period}.items():
        found = {ours + end: theirs + their_end for end, their_end in _ENDS if theirs + their_end in names}
        wanted |= {key: f'TRY_CAST("{name}" AS DOUBLE)' for key, name in found.items()}
    taxonomy = next((name for name in TAXONOMY if name in names), None)
    return wanted | ({"taxonomy": f'"{taxonomy}"::VARCHAR'} if taxonomy else {})


_ENDS: Final = (("", ".value"), (".min", ".error.min"), (".max", ".error.max"))


def _of_row(row: dict[str, Any]) -> Iterator[Measurement]:
    number, name = int(row["number"] or 0), provisional(str(row["name"] or "")) or ""
    if row.get("taxonomy"):
        yield Measurement(number, name, "taxonomy", text=str(row["taxonomy"]), source=SOURCE)
    scales = dict(NUMBERS.values()) | {"period_h": 1.0}
    for quantity, factor in scales.items():
        value = row.get(quantity)
        if value is not None:
            errors = [abs(row[quantity + end] or 0.0) for end in (".min", ".max") if quantity + end in row]
            sigma = max(errors, default=0.0) * factor or float("nan")
            yield Measurement(number, name, quantity, value * factor, sigma, source=SOURCE)
