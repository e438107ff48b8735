"""Packaged tables of evidence: CSV files whose header says who measured them, when, and how far to trust them."""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from motherlode.errors import BadSource


@cache
def rows(room: str, name: str) -> tuple[dict[str, str], ...]:
    """Rows of ``motherlode/<room>/<name>.csv``, header comments left out."""
    return _parse(files(f"motherlode.{room}").joinpath(f"{name}.csv").read_text(encoding="utf-8").splitlines())


def notes(room: str, name: str) -> str:
    """The header comments of a packaged table: sources and status."""
    lines = files(f"motherlode.{room}").joinpath(f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return "\n".join(line[1:].strip() for line in lines if line.startswith("#"))


def rows_of_file(path: Path, expected: Iterable[str]) -> tuple[dict[str, str], ...]:
    """Rows of a user's table of the same columns.

    path       CSV file, ``#`` lines are comments
    expected   columns it must have
    raises     BadSource
    """
    try:
        found = _parse(path.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(f"cannot read the table {path}: {error}") from None
    missing = set(expected) - set(found[0] if found else ())
    if missing:
        raise BadSource(f"the table {path} lacks the columns {', '.join(sorted(missing))}; copy the packaged one")
    return found


def _parse(lines: Iterable[str]) -> tuple[dict[str, str], ...]:
    return tuple(csv.DictReader(line for line in lines if line.strip() and not line.startswith("#")))
