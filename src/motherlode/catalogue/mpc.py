"""Minor Planet Center files: extended JSON and the fixed-width MPCORB.DAT, read in one pass by DuckDB.

Both end in the table ``published`` with the columns of ``schema.PUBLISHED``, every digit kept. A row that cannot be
read whole is refused and counted with its reason; a file that is mostly such rows is refused.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from motherlode.catalogue import parquet
from motherlode.catalogue.schema import PUBLISHED, Column
from motherlode.errors import BadSource

REQUIRED: Final = ("Principal_desig", "Epoch", "a", "e", "i", "Node", "Peri", "M")
# What no orbit of a catalogue of ellipses can be, and what it is called in the report.
IMPOSSIBLE: Final = {
    "semi_major_axis_au <= 0": "semi-major axis not positive",
    "eccentricity < 0 OR eccentricity >= 1": "eccentricity outside 0..1",
    "inclination_deg < 0 OR inclination_deg > 180": "inclination outside 0..180",
    "epoch_jd_tt < 2300000 OR epoch_jd_tt > 2600000": "epoch outside the calendar",
}


@dataclass(frozen=True)
class Count:
    """Rows read and kept, and how many were refused for which reason."""

    source: str
    read: int
    kept: int
    refused: dict[str, int]


def read_extended(db: duckdb.DuckDBPyConnection, path: Path) -> Count:
    """Fill the table ``published`` from an unpacked extended JSON file, in the order of the file.

    db       connection that may read files
    path     nea_extended.json, mpcorb_extended.json or a sister: one array of objects
    returns  rows read, kept, refused
    raises   BadSource where the file is no such array
    """
    keys = {column.key: "VARCHAR[]" if column.key == "Other_desigs" else "VARCHAR" for column in PUBLISHED}
    keys["Designation_and_name"] = "VARCHAR"
    try:
        db.execute(
            f"CREATE OR REPLACE TEMP TABLE raw AS FROM read_json(?, format='array', columns={keys})", [str(path)]
        )
    except duckdb.Error as error:
        raise BadSource(f"{path.name} is no MPC extended JSON array: {parquet.first_line(error)}") from None
    return publish(db, path.name)


def publish(db: duckdb.DuckDBPyConnection, source: str) -> Count:
    """Turn ``raw`` (text columns named by MPC key) into typed ``published``; refuse rows that would lose a digit."""
    typed = ", ".join(f"TRY_CAST({_text(column)} AS {column.type}) AS {column.name}" for column in PUBLISHED)
    db.execute(f"CREATE OR REPLACE TEMP TABLE judged AS SELECT {typed}, {_flaw()} AS flaw FROM raw")
    refused = dict(
        db.execute("SELECT flaw, count(*) FROM judged WHERE flaw <> '' GROUP BY 1 ORDER BY 2 DESC").fetchall()
    )
    db.execute("CREATE OR REPLACE TABLE published AS SELECT * EXCLUDE (flaw) FROM judged WHERE flaw = ''")
    read, kept = (_count(db, table) for table in ("judged", "published"))
    if kept * 2 < read or not read:
        raise BadSource(
            f"{source}: only {kept} of {read} rows can be read; first reason: {next(iter(refused), 'no rows')}"
        )
    return Count(source, read, kept, refused)


def _text(column: Column) -> str:
    match column.key:
        case "Number":
            return "trim(\"Number\", '() ')"
        case "Other_desigs":
            return "array_to_string(\"Other_desigs\", '; ')"
        case key:
            return f'"{key}"'


def _flaw() -> str:
    """SQL for the first thing wrong with a row, '' when nothing is."""
    absent = [(f'"{key}" IS NULL', f"no {key}") for key in REQUIRED]
    inexact = [
        (_inexact(column), f"{column.key} is not {column.type}") for column in PUBLISHED if column.type != "VARCHAR"
    ]
    checks = [*absent, *inexact, *IMPOSSIBLE.items()]
    return "CASE " + " ".join(f"WHEN {test} THEN '{reason}'" for test, reason in checks) + " ELSE '' END"


def _inexact(column: Column) -> str:
    """SQL that holds where a text is there but its typed value is missing or has lost a digit."""
    missing = f"({_text(column)} IS NOT NULL AND {column.name} IS NULL)"
    rounded = f"TRY_CAST({_text(column)} AS DOUBLE) <> {column.name}::DOUBLE"
    return missing if column.decimals is None else f"({missing} OR {rounded})"


def _count(db: duckdb.DuckDBPyConnection, table: str) -> int:
    row = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
