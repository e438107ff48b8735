"""Answers of web services: JSON documents and their tables of text, read with suspicion.

JPL's services give tables as ``fields`` and ``data``, numbers as strings or null, errors with HTTP 200. What is
missing is NaN or ""; unknown fields are kept as text; a document that is not what it claims raises ``BadSource``.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.errors import BadSource

MAX_BYTES: Final = 256 * 2**20
MAX_DEPTH: Final = 64


def document(data: bytes, source: str, *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """The JSON object in an answer.

    data     bytes as received
    source   what to call it in errors: "SBDB lookup"
    raises   BadSource where it is no JSON object, too large, too deep, or carries the service's own error text
    """
    if len(data) > max_bytes:
        raise BadSource(f"{source}: {len(data):,} bytes, more than the {max_bytes:,} allowed")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        start = data[:40].decode("utf-8", "replace")
        raise BadSource(f"{source}: not a JSON document ({_short(error)}); it begins {start!r}") from None
    if not isinstance(found, dict):
        raise BadSource(f"{source}: expected a JSON object, got {type(found).__name__}")
    if _depth(found) > MAX_DEPTH:
        raise BadSource(f"{source}: nested deeper than {MAX_DEPTH} levels")
    complaint = found.get("error") or (
        found.get("message") if "data" not in found and "object" not in found else None
    )
    if complaint:
        raise BadSource(f"{source} answers: {_short(complaint)}")
    return found


def table(answer: Mapping[str, Any], source: str) -> dict[str, NDArray[Any]]:
    """Columns of text or None by field name, from ``fields`` and ``data``; raises BadSource on ragged rows."""
    fields, data = answer.get("fields"), answer.get("data")
    if not _is_text_list(fields) or not isinstance(data, list):
        raise BadSource(f"{source}: expected the keys fields and data, got {', '.join(map(str, list(answer)[:8]))}")
    assert fields is not None
    if len(set(fields)) != len(fields):
        raise BadSource(f"{source}: a field is named twice in {', '.join(fields)[:200]}")
    ragged = next((i for i, row in enumerate(data) if not isinstance(row, list) or len(row) != len(fields)), None)
    if ragged is not None:
        raise BadSource(f"{source}: row {ragged + 1} has not the {len(fields)} values that fields announces")
    columns = zip(*data) if data else ([] for _ in fields)
    return {name: text(column) for name, column in zip(fields, columns)}


def records(rows: Any, source: str) -> dict[str, NDArray[Any]]:
    """Columns of text or None from a list of JSON objects; a key that a row lacks is None there."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadSource(f"{source}: expected a list of objects")
    names = dict.fromkeys(str(key) for row in rows for key in row)
    return {name: text([row.get(name) for row in rows]) for name in names}


def text(values: Sequence[Any]) -> NDArray[Any]:
    """A column of text: numbers as they were written, containers as JSON, None where nothing is."""
    column = np.empty(len(values), dtype=object)
    column[:] = [_written(value) for value in values]
    return column


def _written(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else str(value)


def number(value: Any) -> float:
    """A finite number from text, or NaN: ``number(".2037")``, ``number(None)``."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")
    return found if np.isfinite(found) and not isinstance(value, bool) else float("nan")


def nested(value: Any) -> dict[str, Any]:
    """An object that stands as JSON text in a column, as ``text`` leaves it; empty where there is none."""
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The JSON objects of a list; nothing where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """A JSON object; empty where it is none."""
    return value if isinstance(value, dict) else {}


def numbers(column: Sequence[Any] | NDArray[Any]) -> NDArray[np.float64]:
    """Numbers from a column of text, (n,); NaN where there is none, nothing where there is no column."""
    values = column if isinstance(column, list | tuple | np.ndarray) else []
    return np.array([number(value) for value in values], dtype=np.float64)


def words(column: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
    """Text from a column, stripped, "" where there is none."""
    return text(["" if value is None else str(value).strip() for value in column])


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _depth(value: Any) -> int:
    """Levels of nesting, counted without recursion."""
    level, deepest = [value], 0
    while level and deepest <= MAX_DEPTH:
        deepest += 1
        children = (v.values() if isinstance(v, dict) else v for v in level if isinstance(v, dict | list))
        level = [item for group in children for item in group if isinstance(item, dict | list)]
    return deepest


def _short(message: Any) -> str:
    return " ".join(str(message).split())[:200]
