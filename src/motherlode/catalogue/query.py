"""SQL over the catalogue, read-only, in an engine that reaches no other file, no network and no extension.

Tables: ``catalogue`` (columns in ``schema``) and ``measured`` (one measured value per row, with its source).
"""

from pathlib import Path
from threading import Timer
from typing import Final

import duckdb

from motherlode.catalogue import parquet, physical, snapshot
from motherlode.errors import BadInput
from motherlode.tables import Table

TIMEOUT_S: Final = 30.0
MAX_ROWS: Final = 2_000_000
# Set before the lock: what a query may not have, and how much of the machine it may use.
LOCK: Final = (
    "SET temp_directory = ''",
    "SET enable_external_access = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET python_enable_replacements = false",
    "SET memory_limit = '1GiB'",
    "SET threads = 2",
    "SET lock_configuration = true",
)


def run(sql: str, path: Path | None = None, *, timeout_s: float = TIMEOUT_S) -> Table:
    """The rows that one SELECT statement gives.

    sql        one SELECT over the tables ``catalogue`` and ``measured``
    path       another snapshot to read as ``catalogue``, instead of the one in use
    timeout_s  after which the query is stopped
    raises     BadInput where the statement is no single SELECT, fails, or takes too long
    """
    with duckdb.connect() as db:
        statement = _only_select(db, sql)
        _open(db, {"catalogue": path or snapshot.current(), "measured": physical.current()})
        timer = Timer(timeout_s, db.interrupt)
        timer.start()
        try:
            return parquet.plain(db.execute(f"FROM (\n{statement}\n) LIMIT {MAX_ROWS}").fetchnumpy())
        except duckdb.InterruptException:
            raise BadInput(f"the query took longer than {timeout_s:g} s; add a WHERE or a LIMIT") from None
        except duckdb.Error as error:
            raise BadInput(f"the query fails: {parquet.first_line(error)}") from None
        finally:
            timer.cancel()


def _open(db: duckdb.DuckDBPyConnection, files: dict[str, Path]) -> None:
    """Views on these files and a lock on everything else."""
    quoted = {name: "'" + str(path.resolve()).replace("'", "''") + "'" for name, path in files.items()}
    for name, path in quoted.items():
        read = snapshot.READ if name == "catalogue" else "FROM"
        db.execute(f"CREATE VIEW {name} AS {read} read_parquet({path}, hive_partitioning = false)")
    db.execute(f"SET allowed_paths = [{', '.join(quoted.values())}]")
    for setting in LOCK:
        db.execute(setting)


def _only_select(db: duckdb.DuckDBPyConnection, sql: str) -> str:
    try:
        statements = db.extract_statements(sql)
    except duckdb.Error as error:
        raise BadInput(f"cannot read the SQL: {parquet.first_line(error)}") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise BadInput(
            "catalogue query takes one SELECT, such as: SELECT designation FROM catalogue WHERE h_mag < 18"
        )
    return statements[0].query.rstrip().rstrip(";")
