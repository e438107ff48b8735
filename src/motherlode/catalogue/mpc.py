"""Minor Planet Center files: extended JSON and the fixed-width MPCORB.DAT, read in one pass by DuckDB.

Both end in the table ``published`` with the columns of ``schema.PUBLISHED``, every digit kept. A row that cannot be
read whole is refused and counted with its reason; a file that is mostly such rows is refused. The file flows through
the checks into typed columns: the text of 1.4 million rows is never held as a whole.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import duckdb

from motherlode.catalogue import parquet
from motherlode.catalogue.schema import PUBLISHED, Column
from motherlode.errors import BadSource

REQUIRED: Final = ("Epoch", "a", "e", "i", "Node", "Peri", "M")
MAX_ROW_BYTES: Final = 1 << 20  # of one JSON object; real ones have below 2 000
MAX_TEXT: Final = 400  # characters of one text; the longest list of other designations has about 150
# What no orbit of a catalogue of ellipses can be, and what it is called in the report.
IMPOSSIBLE: Final = {
    "semi_major_axis_au <= 0": "semi-major axis not positive",
    "eccentricity < 0 OR eccentricity >= 1": "eccentricity outside 0..1",
    "inclination_deg < 0 OR inclination_deg > 180": "inclination outside 0..180",
    "epoch_jd_tt < 2300000 OR epoch_jd_tt > 2600000": "epoch outside the calendar",
}


@dataclass(frozen=True)
class Count:
    """Rows read and kept, how many were refused for which reason, and keys that no column is made of."""

    source: str
    read: int
    kept: int
    refused: dict[str, int]
    unread_keys: tuple[str, ...] = ()


def settings(folder: Path) -> dict[str, Any]:
    """Settings of an import's connection: two cores, 1.4 GB, spilling into a folder when that is not enough."""
    return {"threads": 2, "memory_limit": "1400MB", "temp_directory": str(folder / "spill")}


def read_extended(db: duckdb.DuckDBPyConnection, path: Path) -> Count:
    """Fill the table ``published`` from an unpacked extended JSON file, in the order of the file.

    db       connection that may read files
    path     nea_extended.json, mpcorb_extended.json or a sister: one array of objects
    returns  rows read, kept, refused
    raises   BadSource where the file is no such array
    """
    keys = {column.key: "VARCHAR[]" if column.key == "Other_desigs" else "VARCHAR" for column in PUBLISHED}
    keys["Designation_and_name"] = "VARCHAR"
    reading = (
        f"read_json({parquet.quoted(path)}, format='array', columns={keys}, maximum_object_size={MAX_ROW_BYTES})"
    )
    try:
        count = publish(db, path.name, f"FROM {reading}")
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise BadSource(f"{path.name} is no MPC extended JSON array: {parquet.first_line(error)}") from None
    sample = "SELECT json FROM read_json_objects(?, format='array') LIMIT 5000"
    found = db.execute(f"SELECT DISTINCT unnest(json_keys(json)) FROM ({sample})", [str(path)]).fetchall()
    unread = tuple(sorted(str(key) for (key,) in found if key not in keys))
    return replace(count, unread_keys=unread)


# MPC key of a fixed-width line -> its columns, first and last, counted from 1 (the MPC's "Export format" page).
FIXED_WIDTH: Final = {
    "H": (9, 13), "G": (15, 19), "packed_epoch": (21, 25), "M": (27, 35), "Peri": (38, 46), "Node": (49, 57),
    "i": (60, 68), "e": (71, 79), "n": (81, 91), "a": (93, 103), "U": (106, 106), "Ref": (108, 116),
    "Num_obs": (118, 122), "Num_opps": (124, 126), "arc": (128, 136), "rms": (138, 141), "Perturbers": (143, 145),
    "Perturbers_2": (147, 149), "Computer": (151, 160), "Hex_flags": (162, 165), "readable": (167, 194),
    "last": (195, 202),
}  # fmt: skip
PROVISIONAL: Final = r"^([12]\d{3} [A-HJ-Y][A-HJ-Z]\d*|A[89]\d\d [A-HJ-Y][A-HJ-Z]|\d{4} (P-L|T-[123]))$"
# Packed epoch K25BL: century I J K, year, month 1-9 A-C, day 1-9 A-V; a calendar day at 0 h TT.
JULIAN_DATE: Final = """(2451544.5 + (TRY_CAST(printf('%d%s-%02d-%02d', 17 + strpos('IJK', packed_epoch[1]),
    packed_epoch[2:3], strpos('123456789ABC', packed_epoch[4]),
    strpos('123456789ABCDEFGHIJKLMNOPQRSTUV', packed_epoch[5])) AS DATE) - DATE '2000-01-01'))::VARCHAR"""


def read_mpcorb(db: duckdb.DuckDBPyConnection, path: Path) -> Count:
    """Fill the table ``published`` from an unpacked MPCORB.DAT, NEA.txt or a sister of that fixed width.

    db       connection that may read files
    raises   BadSource where the lines are not of that format
    """
    try:
        lines = f"""SELECT row_number() OVER () AS place, rtrim(line, chr(13)) AS line
            FROM read_csv({parquet.quoted(path)}, columns={{'line': 'VARCHAR'}}, header=false, auto_detect=false,
                          delim=chr(1), quote='', escape='', encoding='latin-1', max_line_size=1000000,
                          strict_mode=false)"""
        rule = f"SELECT coalesce(max(place), 0) FROM (FROM ({lines}) LIMIT 99) WHERE line SIMILAR TO '-{{40,}}\\s*'"
        header = _count(db, rule)
        cut = ", ".join(f"nullif(trim(line[{a}:{b}]), '') AS \"{key}\"" for key, (a, b) in FIXED_WIDTH.items())
        pieces = f"SELECT {cut} FROM ({lines}) WHERE place > {header} AND trim(line) <> ''"
        return publish(db, path.name, f"SELECT {_mpcorb_columns()} FROM ({pieces})")
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise BadSource(f"{path.name} is no text of fixed-width lines: {parquet.first_line(error)}") from None


def _mpcorb_columns() -> str:
    """SQL that names the pieces of a fixed-width line by the keys of the extended files."""
    body = "nullif(trim(regexp_extract(readable, '^\\(\\d+\\)\\s*(.*)$', 1)), '')"
    body = f"coalesce({body}, CASE WHEN readable NOT LIKE '(%' THEN readable END)"
    made = {
        "Number": "nullif(regexp_extract(readable, '^\\((\\d+)\\)', 1), '')",
        "Name": f"CASE WHEN NOT regexp_matches({body}, '{PROVISIONAL}') THEN {body} END",
        "Principal_desig": f"CASE WHEN regexp_matches({body}, '{PROVISIONAL}') THEN {body} END",
        "Other_desigs": "NULL::VARCHAR[]",
        "Epoch": JULIAN_DATE,
        "Arc_years": "CASE WHEN arc SIMILAR TO '\\d{4}-\\d{4}' THEN arc END",
        "Arc_length": "nullif(regexp_extract(arc, '(\\d+) day', 1), '')",
        "Last_obs": "TRY_CAST(TRY_STRPTIME(last, '%Y%m%d') AS DATE)::VARCHAR",
        "NEO_flag": _bit(0x0800),
        "One_km_NEO_flag": _bit(0x1000),
        "PHA_flag": _bit(0x8000),
        "One_opposition_object_flag": _bit(0x2000),
    }
    keys = [column.key for column in PUBLISHED]
    return ", ".join(f'{made.get(key, _given(key))} AS "{key}"' for key in keys)


def _given(key: str) -> str:
    return f'"{key}"' if key in FIXED_WIDTH else "NULL::VARCHAR"


def _bit(mask: int) -> str:
    return f"CASE WHEN (TRY_CAST('0x' || Hex_flags AS INTEGER) & {mask}) > 0 THEN '1' END"


def publish(db: duckdb.DuckDBPyConnection, source: str, raw: str) -> Count:
    """Turn a query of text columns named by MPC key into typed ``published``; refuse rows that would lose a digit."""
    typed = ", ".join(f"TRY_CAST({_text(column)} AS {column.type}) AS {column.name}" for column in PUBLISHED)
    db.execute(f"CREATE OR REPLACE TEMP TABLE judged AS SELECT {typed}, {_flaw()} AS flaw FROM ({raw})")
    _refuse_repeats(db)
    refused = dict(
        db.execute("SELECT flaw, count(*) FROM judged WHERE flaw <> '' GROUP BY 1 ORDER BY 2 DESC").fetchall()
    )
    db.execute("CREATE OR REPLACE TABLE published AS SELECT * EXCLUDE (flaw) FROM judged WHERE flaw = ''")
    read, kept = (_count(db, f"SELECT count(*) FROM {table}") for table in ("judged", "published"))
    db.execute("DROP TABLE judged")
    if kept * 2 < read or not read:
        raise BadSource(
            f"{source}: only {kept} of {read} rows can be read; first reason: {next(iter(refused), 'no rows')}"
        )
    return Count(source, read, kept, refused)


def _refuse_repeats(db: duckdb.DuckDBPyConnection) -> None:
    """Of several rows with one designation the first is kept."""
    name = "coalesce(number::VARCHAR, provisional)"
    good = "FROM judged WHERE flaw = ''"
    if _count(db, f"SELECT count(*) {good}") == _count(db, f"SELECT count(*) FROM (SELECT DISTINCT {name} {good})"):
        return
    db.execute(f"""UPDATE judged SET flaw = 'designation is there already' WHERE rowid IN (
        SELECT rowid FROM judged WHERE flaw = ''
        QUALIFY row_number() OVER (PARTITION BY {name} ORDER BY rowid) > 1)""")


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
    nameless = ('coalesce("Number", "Principal_desig") IS NULL', "no designation")
    absent = [nameless, *((f'"{key}" IS NULL', f"no {key}") for key in REQUIRED)]
    inexact = [
        (_inexact(column), f"{column.key} is not {column.type}") for column in PUBLISHED if column.type != "VARCHAR"
    ]
    texts = [column for column in PUBLISHED if column.type == "VARCHAR"]
    long = [(f"length({_text(column)}) > {MAX_TEXT}", f"{column.key} is too long") for column in texts]
    checks = [*absent, *inexact, *long, *IMPOSSIBLE.items()]
    return "CASE " + " ".join(f"WHEN {test} THEN '{reason}'" for test, reason in checks) + " ELSE '' END"


def _inexact(column: Column) -> str:
    """SQL that holds where a text is there but its typed value is missing or has lost a digit."""
    missing = f"({_text(column)} IS NOT NULL AND {column.name} IS NULL)"
    rounded = f"TRY_CAST({_text(column)} AS DOUBLE) <> {column.name}::DOUBLE"
    return missing if column.decimals is None else f"({missing} OR {rounded})"


def _count(db: duckdb.DuckDBPyConnection, query: str) -> int:
    row = db.execute(query).fetchone()
    return int(row[0]) if row else 0
