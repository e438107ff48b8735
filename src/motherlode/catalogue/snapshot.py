"""The packaged catalogue: a Parquet file read into a table, and how such a file is made.

What is stored is what was published, digit for digit; five columns are computed here (``schema.DERIVED``).
"""

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np

from motherlode.catalogue import classes, parquet
from motherlode.catalogue.schema import BY_NAME, COLUMNS
from motherlode.errors import BadSource
from motherlode.tables import Table

PACKAGED: Final = Path(__file__).parent / "data" / "near_earth.parquet"
UNKNOWN_H_MAG: Final = 99.99  # the MPC's mark for a magnitude that nobody measured
FLAGS: Final = ("neo", "one_km", "pha", "one_opposition", "stale_epoch")
# How a stored catalogue is read in SQL, as ``load`` does: an unknown magnitude is no magnitude.
READ: Final = f"SELECT * REPLACE (nullif(h_mag, {UNKNOWN_H_MAG}) AS h_mag) FROM"
# First year and last year of "1893-2026"; a lost minute of arc is no loss: the row says it is whole years.
ARC_D: Final = """coalesce(arc_length_d, 365.25 * greatest(1,
    TRY_CAST(split_part(arc_years, '-', 2) AS INTEGER) - TRY_CAST(split_part(arc_years, '-', 1) AS INTEGER)))"""
FULL_NAME: Final = """CASE WHEN number IS NULL THEN provisional
    ELSE concat_ws(' ', number, name, '(' || provisional || ')') END"""


def home() -> Path:
    """The folder of fetched catalogues: ``MOTHERLODE_DATA``, or the system's place for a program's data."""
    if named := os.environ.get("MOTHERLODE_DATA"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "motherlode"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "motherlode"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "motherlode"


def current(folder: Path | None = None) -> Path:
    """The catalogue in use: the one that was fetched, else the packaged one."""
    fetched = (folder or home()) / "catalogue.parquet"
    return fetched if fetched.is_file() else PACKAGED


def load(path: Path | None = None) -> Table:
    """The catalogue: one row per asteroid, columns as ``schema.COLUMNS`` declares them.

    path     a snapshot written by ``write``; the one in use where none is given
    raises   BadSource where the file is damaged or no snapshot
    """
    chosen = current() if path is None else path
    return _load(chosen, parquet.age(chosen))


@lru_cache(maxsize=2)
def _load(path: Path, age: int) -> Table:
    found = parquet.read(path)
    absent = [name for name in BY_NAME if name not in found]
    if absent:
        raise BadSource(f"{path} lacks the columns {', '.join(absent)}; make it with: motherlode catalogue refresh")
    table = found.only([column.name for column in COLUMNS])
    flags = {name: table[name].astype(bool) for name in FLAGS}
    return table.with_columns(h_mag=np.where(table["h_mag"] >= UNKNOWN_H_MAG, np.nan, table["h_mag"]), **flags)


def write(db: duckdb.DuckDBPyConnection, path: Path, *, level: int = 19) -> None:
    """Write the table ``published`` and what follows from it as a snapshot.

    db       connection with ``published``, as an importer leaves it
    path     file to write; the caller moves it into place
    level    of compression, 1 to 22
    """
    orbits = db.execute("SELECT semi_major_axis_au AS a, eccentricity AS e FROM published").fetchnumpy()
    codes = {"orbit_class": classes.of(orbits["a"], orbits["e"]).astype(object)}
    db.register("classified", codes)
    derived = f"""SELECT *, coalesce(number::VARCHAR, provisional) AS designation, {FULL_NAME} AS full_name,
        {ARC_D} AS arc_d, epoch_jd_tt <> (SELECT mode(epoch_jd_tt) FROM published) AS stale_epoch
        FROM (FROM published POSITIONAL JOIN classified)"""
    names = ", ".join(f"{column.name}::{column.type} AS {column.name}" for column in COLUMNS)
    options = f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {level}, PARQUET_VERSION v2"
    db.execute(f"COPY (SELECT {names} FROM ({derived})) TO {parquet.quoted(path)} ({options})")


def info(path: Path | None = None) -> dict[str, Any]:
    """What the catalogue holds: rows, epochs, quality, classes, last observation, origin."""
    chosen = path or current()
    table = load(chosen)
    codes, counts = np.unique(table["orbit_class"].astype(str), return_counts=True)
    return {
        "n_asteroids": len(table),
        "n_numbered": int((table["number"] > 0).sum()),
        "n_named": int((table["name"] != "").sum()),
        "n_potentially_hazardous": int(table["pha"].sum()),
        "n_multi_opposition": int((table["n_oppositions"] > 1).sum()),
        "n_stale_epoch": int(table["stale_epoch"].sum()),
        "epoch_jd_tt": float(np.median(table["epoch_jd_tt"])),
        "last_observation": str(max(table["last_observation"])),
        "orbit_classes": {str(code): int(count) for code, count in zip(codes, counts)},
        "file": "packaged" if chosen == PACKAGED else str(chosen),
        "source": "Minor Planet Center, https://minorplanetcenter.net/Extended_Files/nea_extended.json.gz",
    }
