"""Physical parameters of SsODNet's best-of table (ssoBFT), read from its Parquet file column by column.

https://ssp.imcce.fr/data/ssoBFT-latest_Asteroid.parquet, 856 MB in September 2026: only the columns used are read.
Berthier et al. 2023, A&A 671, A151; CC BY 4.0. Errors are asymmetric: the larger half is kept. In 2026 the columns
``sso_number`` and ``sso_name`` became ``number`` and ``name``, and the spins of a body one list, the preferred one
first; both layouts are read.
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
IDENTITIES: Final = (("number", "name"), ("sso_number", "sso_name"))
PERIODS: Final = ("spins.period", "spins.1.period", "spin.period", "period")
TAXONOMY: Final = ("taxonomy.class", "taxonomy.class.value")


def measurements(path: Path, *, batch: int = 100_000) -> Iterator[Measurement]:
    """Every value of the table that we use, asteroid by asteroid.

    path     the Parquet file
    raises   BadSource where it is no such table
    """
    with duckdb.connect(config={"threads": 2}) as db:
        try:
            table = "read_parquet(?, hive_partitioning = false)"
            kinds = {str(row[0]): str(row[1]) for row in db.execute(f"DESCRIBE FROM {table}", [str(path)]).fetchall()}
            wanted = _columns(kinds)
            reader = db.execute(f"SELECT {', '.join(wanted.values())} FROM {table}", [str(path)])
            while rows := reader.fetchmany(batch):
                for row in rows:
                    yield from _of_row(dict(zip(wanted, row)))
        except duckdb.Error as error:
            raise BadSource(f"{path.name} is no readable ssoBFT Parquet file: {parquet.first_line(error)}") from None


def _columns(kinds: dict[str, str]) -> dict[str, str]:
    """Our key -> SQL of their column, for the columns that are there."""
    identity = next((pair for pair in IDENTITIES if kinds.keys() >= set(pair)), None)
    if identity is None:
        raise BadSource("SsODNet: the table has no columns number and name, nor sso_number and sso_name")
    wanted = {"number": f'TRY_CAST("{identity[0]}" AS INTEGER)', "name": f'"{identity[1]}"::VARCHAR'}
    quantities = {ours: theirs for theirs, (ours, _) in NUMBERS.items()}
    period = next((name for name in PERIODS if f"{name}.value" in kinds), "")
    for ours, theirs in {**quantities, "period_h": period}.items():
        found = {ours + end: theirs + their_end for end, their_end in _ENDS if theirs + their_end in kinds}
        wanted |= {key: _number(name, kinds[name]) for key, name in found.items()}
    taxonomy = next((name for name in TAXONOMY if name in kinds), None)
    return wanted | ({"taxonomy": f'"{taxonomy}"::VARCHAR'} if taxonomy else {})


def _number(name: str, kind: str) -> str:
    """SQL of a number; the first one where there are several of a body."""
    return f'TRY_CAST("{name}"{"[1]" if kind.endswith("[]") else ""} AS DOUBLE)'


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
