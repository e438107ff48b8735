"""Parquet files in, tables out: the one place that turns DuckDB's masked columns into plain ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from motherlode.errors import BadSource
from motherlode.tables import Table


def read(path: Path, what: str = "catalogue") -> Table:
    """Every column of a Parquet file.

    path     file
    what     what it should be, for the error text
    raises   BadSource where it is missing, damaged or something else
    """
    with duckdb.connect(config={"threads": 2}) as db:
        try:
            return plain(db.execute("FROM read_parquet(?, hive_partitioning = false)", [str(path)]).fetchnumpy())
        except duckdb.Error as error:
            raise BadSource(f"{path} is not a readable {what}: {first_line(error)}") from None


def age(path: Path) -> int:
    """When a file was last changed, ns; 0 where it is not there. Tells a cache whether it still holds."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def write(tables: Sequence[Table], path: Path) -> None:
    """Write the rows of tables with the same columns into one Parquet file; the caller puts it in place."""
    with duckdb.connect(config={"threads": 1}) as db:
        for place, table in enumerate(tables):
            columns = {n: c.astype(object) if c.dtype.kind == "U" else c for n, c in table.columns.items()}
            db.register(f"part{place}", columns)
        union = " UNION ALL BY NAME ".join(f"FROM part{place}" for place in range(len(tables)))
        db.execute(f"COPY ({union}) TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd)")


def quoted(path: Path) -> str:
    """A path as SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def plain(columns: dict[str, NDArray[Any]]) -> Table:
    """A table without masks: NaN, "" or 0 where a value is missing, dates as ISO text."""
    return Table({name: _unmasked(column) for name, column in columns.items()})


def _unmasked(column: NDArray[Any]) -> NDArray[Any]:
    if column.dtype.kind == "M":
        column = np.datetime_as_string(column, unit="D").astype(object)
    if not isinstance(column, np.ma.MaskedArray):
        return column
    filler: Any = {"f": np.nan, "O": ""}.get(column.dtype.kind, 0)
    return np.asarray(column.filled(filler))


def first_line(error: BaseException) -> str:
    """The first line of an error's text, short enough for one line of ours."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
