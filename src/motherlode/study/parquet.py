"""Tables as Parquet files: written whole, read back as written, checked against their hash."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from motherlode import durable
from motherlode.errors import StoreError
from motherlode.tables import Table, concatenate

BATCH = 1000  # files opened by one query
_SETTINGS: dict[str, Any] = {
    "threads": 1,  # one row group order, whatever the machine
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def write(table: Table, path: Path) -> str:
    """Write a table as one Parquet file, whole or not at all.

    returns  SHA-256 of the file, hexadecimal
    raises   StoreError
    """

    def copy(fresh: Path) -> None:
        with _database().cursor() as database:
            database.register("fresh", {name: _plain(column) for name, column in table.columns.items()})
            try:
                database.execute(f"COPY fresh TO '{_quoted(fresh)}' (FORMAT parquet, COMPRESSION zstd)")
            except duckdb.Error as error:
                raise StoreError(
                    f"cannot write {path}: {_first_line(error)}; results written before are intact"
                ) from error

    durable.fill(path, copy)
    return hash_of(path)


def read(path: Path, *, expected: str | None = None) -> Table:
    """Read a table; NaN where a number is missing, "" where a text is.

    expected  SHA-256 the file must have; None takes it as it is
    raises    StoreError where the file is missing, damaged or not the one expected
    """
    try:
        if expected is not None and hash_of(path) != expected:
            raise StoreError(f"{path} is not the file that was written (its SHA-256 differs); run the hunt again")
        with _database().cursor() as database:
            columns = database.execute(
                "SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(path)]
            ).fetchnumpy()
    except (OSError, duckdb.Error) as error:
        raise StoreError(f"cannot read {path}: {_first_line(error)}; run the hunt again") from error
    return Table({name: _filled(column) for name, column in columns.items()})


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One engine a process; opening one costs more than a chunk. Its memory is let go if a query runs out of it."""
    return duckdb.connect(config=_SETTINGS)


def read_many(paths: Sequence[Path], expected: Sequence[str]) -> Table:
    """Read the tables of many files as one, in their order, each checked against its hash.

    raises  StoreError where one is missing, damaged or not the one expected
    """
    wrong = next((path for path, known in zip(paths, expected) if hash_of(path) != known), None)
    if wrong is not None:
        raise StoreError(f"{wrong} is missing or not the file that was written; run the hunt again")
    try:
        with duckdb.connect(config=_SETTINGS) as database:
            parts = [_read_batch(database, paths[start : start + BATCH]) for start in range(0, len(paths), BATCH)]
    except duckdb.Error as error:
        raise StoreError(f"cannot read {paths[0].parent}: {_first_line(error)}; run the hunt again") from error
    return concatenate(parts)


def _read_batch(database: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Table:
    # By name, so that a column that is whole in one file and decimal in another becomes decimal, not cut; and no
    # folder called "x=y" becomes a column.
    names = [str(path) for path in paths]
    columns = database.execute(
        "SELECT * FROM read_parquet(?, union_by_name = true, hive_partitioning = false)", [names]
    ).fetchnumpy()
    return Table({name: _filled(column) for name, column in columns.items()})


def hash_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal; "" where it cannot be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def digest(table: Table) -> str:
    """SHA-256 of the rows themselves: names, types and values, free of file format and compression."""
    total = sha256()
    for name, column in table.columns.items():
        total.update(f"{name}\x1f{column.dtype.kind}\x1f".encode())
        total.update("\x1f".join(map(str, column)).encode() if column.dtype.kind in "OU" else column.tobytes())
    return total.hexdigest()


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    return column.astype(object) if column.dtype.kind == "U" else np.ascontiguousarray(column)


def _filled(column: Any) -> NDArray[Any]:
    if not isinstance(column, np.ma.MaskedArray):
        return np.asarray(column)
    return np.asarray(column.filled("" if column.dtype.kind == "O" else np.nan if column.dtype.kind == "f" else 0))


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
