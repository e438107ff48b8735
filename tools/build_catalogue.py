"""Build the packaged catalogue from the Minor Planet Center's nea_extended.json.gz.

    python tools/build_catalogue.py nea_extended.json.gz

The file comes from https://minorplanetcenter.net/Extended_Files/nea_extended.json.gz. Every published field is read
back from the result and compared with the file, value by value; nothing is written unless all agree.
"""

import gzip
import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from motherlode.catalogue import mpc, snapshot
from motherlode.catalogue.schema import PUBLISHED, Column


def main() -> None:
    source = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as db:
        unpacked, made = Path(folder) / "extended.json", Path(folder) / "near_earth.parquet"
        with gzip.open(source) as packed, unpacked.open("wb") as out:
            shutil.copyfileobj(packed, out)
        print(mpc.read_extended(db, unpacked))
        snapshot.write(db, made)
        differences = compare(unpacked, made)
        if differences:
            sys.exit(f"not lossless, nothing written: {differences[:5]}")
        snapshot.PACKAGED.parent.mkdir(exist_ok=True)
        shutil.copyfile(made, snapshot.PACKAGED)
    print(f"{snapshot.PACKAGED}: {snapshot.PACKAGED.stat().st_size:,} bytes")


def compare(unpacked: Path, made: Path) -> list[str]:
    """Every difference between the published file and the snapshot, field by field."""
    records, rows = json.loads(unpacked.read_text()), stored(made)
    if len(rows) != len(records):
        return [f"{len(records)} published, {len(rows)} kept"]
    print("sha256 of the records:", digest(records))
    return [text for record, row in zip(records, rows) for text in differences(record, row)]


def stored(path: Path) -> list[dict[str, Any]]:
    """Rows of a snapshot, None where nothing is known."""
    with duckdb.connect() as db:
        reader = db.execute("FROM read_parquet(?)", [str(path)])
        names = [item[0] for item in reader.description]
        return [dict(zip(names, row)) for row in reader.fetchall()]


def published(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the Minor Planet Center publishes it."""
    values = {column.key: republished(row[column.name], column) for column in PUBLISHED}
    return {key: value for key, value in values.items() if value is not None}


def digest(records: list[dict[str, Any]]) -> str:
    """Fingerprint of records, whatever the order of their keys."""
    lines = "\n".join(json.dumps(record, sort_keys=True) for record in records)
    return hashlib.sha256(lines.encode()).hexdigest()


def differences(record: dict[str, Any], row: dict[str, Any]) -> list[str]:
    known = {column.key: column for column in PUBLISHED}
    unknown = [f"unknown key {key}" for key in record if key not in known]
    return unknown + [
        f"{record['Principal_desig']} {key}: {record.get(key)!r} became {republished(row[column.name], column)!r}"
        for key, column in known.items()
        if record.get(key) != republished(row[column.name], column)
    ]


def republished(value: Any, column: Column) -> Any:
    """A stored value as the published file writes it."""
    if value is None:
        return None
    if column.key == "Number":
        return f"({value})"
    if column.key == "Other_desigs":
        return value.split("; ")
    return (
        float(value) if column.decimals is not None else str(value) if column.type in {"VARCHAR", "DATE"} else value
    )


if __name__ == "__main__":
    main()
