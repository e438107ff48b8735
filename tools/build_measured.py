"""Build the packaged measured values from answers of JPL's small-body database and from Mahlke et al. 2022.

    python tools/build_measured.py QUERY.json MAHLKE.csv LOOKUP.json...

QUERY.json is an answer of https://ssd-api.jpl.nasa.gov/sbdb_query.api, LOOKUP.json answers of sbdb.api with
phys-par=1; MAHLKE.csv is classy_data.csv of the package space-classy 0.8.8, the table of the paper's sample. Its
class per asteroid is ``class_asteroid``; ``class_bdm`` of the same file calls Eros T and is not used.
"""

import csv
import sys
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import duckdb

from motherlode.catalogue import answers, physical, sbdb
from motherlode.catalogue.designations import provisional
from motherlode.catalogue.measurement import Measurement, table

MAHLKE = "Mahlke et al. 2022, A&A 665, A26"


def mahlke(path: Path) -> Iterator[Measurement]:
    """The adopted class, albedo, diameter and mass of each asteroid; several rows (spectra) of one agree in these."""
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            number, other = int(float(row["number"] or 0)), provisional(row["name"]) or ""
            yield Measurement(number, other, "taxonomy", text=row["class_asteroid"], source=MAHLKE)
            values = {
                "diameter_km": answers.number(row["D"]),
                "albedo": round(10 ** answers.number(row["pV"]), 6),
                "mass_kg": answers.number(row["mass"]),
            }
            for quantity, value in values.items():
                if isfinite(value):
                    yield Measurement(number, other, quantity, value, source=MAHLKE)


def main() -> None:
    query, classes, *lookups = map(Path, sys.argv[1:])
    bodies = [sbdb.lookup(path.read_bytes()) for path in sorted(lookups)]
    rows = [
        *(measurement for body in bodies for measurement in body.measurements),
        *sbdb.measured(sbdb.query(query.read_bytes()), "SBDB query, NASA/JPL-Caltech, 2022"),
        *mahlke(classes),
    ]
    rows = list(dict.fromkeys(rows))
    with duckdb.connect() as db:
        db.register("rows", {name: column.astype(object) if column.dtype.kind == "U" else column
                             for name, column in table(rows).columns.items()})  # fmt: skip
        typed = "number::INTEGER AS number, provisional, quantity, value, sigma, text, source"
        db.execute(f"COPY (SELECT {typed} FROM rows) TO '{physical.PACKAGED}' (FORMAT parquet, COMPRESSION zstd, "
                   "COMPRESSION_LEVEL 19, PARQUET_VERSION v2)")  # fmt: skip
    print(f"{physical.PACKAGED}: {len(rows):,} values, {physical.PACKAGED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
