"""The ranked table of a run as a reader filters it: an expression over the columns, in a database that is locked.

The same rows go to the page, to CSV and to Parquet. The expression is SQL; the database it runs in holds this one
table, reaches no file and no network, and is stopped after a few seconds.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Timer
from typing import Any, Final

import duckdb

from motherlode.errors import BadInput, UnknownName

LONGEST_S: Final = 5.0
LONGEST_FILTER: Final = 2_000
LOCKS: Final = (
    "SET memory_limit='512MB'",
    "SET threads=1",
    "SET disabled_optimizers='late_materialization'",  # its join leaves 4.6 kB a question among freed buffers
    "SET autoinstall_known_extensions=false",
    "SET autoload_known_extensions=false",
    "SET enable_external_access=false",
    "SET lock_configuration=true",
)


@dataclass(frozen=True)
class View:
    """What a reader looks at: rows that pass ``filter``, in the order of ``sort``, with these ``columns``."""

    filter: str = ""
    sort: str = ""
    columns: str = ""


@dataclass(frozen=True)
class _Ranked:
    """A table in its locked database, and the type of each of its columns: no question has to ask for them again."""

    database: Any
    kinds: Mapping[str, str]


def select(path: Path, view: View, *, limit: int = 5_000) -> tuple[list[dict[str, Any]], int]:
    """Rows of a ranked table as plain values, and how many pass the filter in all.

    path     Parquet file
    raises   BadInput where the filter does not read; UnknownName for a column that is not there
    """
    with _locked(path) as database:
        query = _query(database, view, names(path))
        total = _run(database, f"SELECT count(*) FROM ({query})").fetchone()
        answer = _run(database, f"{query} LIMIT {int(limit)}")
        shown = [column[0] for column in answer.description]
        rows = [{name: _plain(value) for name, value in zip(shown, row)} for row in answer.fetchall()]
    return rows, int(total[0])


def names(path: Path) -> list[str]:
    """Columns of a ranked table, in order."""
    return list(_ranked(path).kinds)


def as_file(path: Path, view: View, kind: str) -> bytes:
    """The rows of a view as a CSV or Parquet file; cells of a CSV that a spreadsheet would run are quoted.

    kind     "csv" or "parquet"
    """
    with _locked(path) as database:
        query = _query(database, view, names(path))
        rows = _run(
            database, _guarded(query, _chosen(view, names(path)), _ranked(path).kinds) if kind == "csv" else query
        )
        table = rows.fetchnumpy()
    with tempfile.TemporaryDirectory() as folder, _writer().cursor() as writer:
        writer.register("shown", table)
        options = "FORMAT csv, HEADER" if kind == "csv" else "FORMAT parquet"
        target = Path(folder) / f"rows.{kind}"
        writer.execute(f"COPY (SELECT * FROM shown) TO '{target}' ({options})")
        writer.unregister("shown")
        return target.read_bytes()


def _locked(path: Path) -> Any:
    """A cursor of a database in memory that holds the table as ``ranked`` and can reach nothing else."""
    return _ranked(path).database.cursor()


def _ranked(path: Path) -> _Ranked:
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> _Ranked:
    """One version of a table: kept, since reading it costs more than most questions."""
    database = duckdb.connect(":memory:")
    database.execute("CREATE TABLE ranked AS SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(path)])
    kinds = {name: kind for name, kind, *_ in database.execute("DESCRIBE ranked").fetchall()}
    for lock in LOCKS:
        database.execute(lock)
    return _Ranked(database, kinds)


@lru_cache(maxsize=1)
def _writer() -> Any:
    """The database that writes files: no reader's text runs in it, and it reaches the temporary folder alone.

    One is kept: a database costs more to make than most files.
    """
    writer = duckdb.connect(":memory:")
    writer.execute("SET allowed_directories = [?]", [tempfile.gettempdir()])
    for lock in LOCKS:
        writer.execute(lock)
    return writer


def _query(database: Any, view: View, known: list[str]) -> str:
    query = f"SELECT {', '.join(_quoted(name) for name in _chosen(view, known))} FROM ranked"
    if view.filter.strip():
        query += f" WHERE ({_expression(database, view.filter)}\n)"
    if view.sort.strip():
        name, *direction = view.sort.split()
        down = bool(direction) and direction[0].lower() == "desc"
        query += f" ORDER BY {_quoted(_known(name, known))} {'DESC' if down else 'ASC'} NULLS LAST"
    return query


def _chosen(view: View, known: list[str]) -> list[str]:
    return [_known(name.strip(), known) for name in view.columns.split(",") if name.strip()] or known


def _known(name: str, known: list[str]) -> str:
    if name not in known:
        raise UnknownName("column", name, known)
    return name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _expression(database: Any, text: str) -> str:
    """A filter that is one expression: no second statement, no end to the bracket it stands in."""
    if len(text) > LONGEST_FILTER:
        raise BadInput(f"the filter has {len(text)} characters; at most {LONGEST_FILTER} are read")
    try:
        whole = database.extract_statements(f"SELECT 1 WHERE ({text}\n)")
        alone = database.extract_statements(f"SELECT ({text}\n) AS passes")
    except duckdb.Error as error:
        raise BadInput(_sentence(text, error)) from None
    if len(whole) != 1 or len(alone) != 1:
        raise BadInput(_sentence(text, "one expression is expected"))
    return text


def _run(database: Any, query: str) -> Any:
    timer = Timer(LONGEST_S, database.interrupt)
    timer.start()
    try:
        return database.execute(query)
    except duckdb.InterruptException:
        raise BadInput(f"the filter took longer than {LONGEST_S:g} s; make it simpler") from None
    except duckdb.Error as error:
        raise BadInput(_sentence(query.partition(" WHERE (")[2].rpartition("\n)")[0], error)) from None
    finally:
        timer.cancel()


def _sentence(text: str, error: object) -> str:
    why = str(error).split("\n\n")[0].split("\n")[0].removeprefix("Binder Error: ").removeprefix("Parser Error: ")
    return f"the filter {text!r} does not read: {why}; expected something like: min_delta_v_km_s < 6 and h_mag < 24"


def _guarded(query: str, chosen: list[str], kinds: Mapping[str, str]) -> str:
    """Text that begins like a formula gets a quote in front, so that a spreadsheet shows it as text."""
    columns = [_guard(name) if kinds[name] == "VARCHAR" else _quoted(name) for name in chosen]
    return f"SELECT {', '.join(columns)} FROM ({query})"


def _guard(name: str) -> str:
    formula = f"""regexp_matches("{name}", '^[=+@\\t\\r-]')"""
    return f"""CASE WHEN {formula} THEN '''' || "{name}" ELSE "{name}" END AS "{name}\""""


@lru_cache(maxsize=1)
def meanings() -> dict[str, str]:
    """What each column of a ranked table means, as far as the stages declare it."""
    from motherlode.catalogue import schema

    return {column.name: column.meaning for column in schema.COLUMNS}


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value != value:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
