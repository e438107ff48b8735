"""Diameters and albedos of NEOWISE, version 2: tables without a header, several fits of one body.

https://sbn.psi.edu/pds/resource/neowisediam.html; cite doi:10.26033/18S3-2Z54. The real uncertainty of one fit is
about 30 %, more than its formal error.
"""

import csv
from collections.abc import Iterator
from math import isnan
from typing import Final

from motherlode.catalogue import answers
from motherlode.catalogue.designations import provisional, unpack
from motherlode.catalogue.measurement import Measurement
from motherlode.errors import BadSource

SOURCE: Final = "NEOWISE V2, doi:10.26033/18S3-2Z54"
N_COLUMNS: Final = 21
MISSING: Final = frozenset({-9.99, -0.999, -9.999, -999.0, 0.0})
# column -> quantity, the column of its error, and the letter of the fit code that says it was fitted, not assumed
VALUES: Final = {11: ("diameter_km", 12, "D"), 13: ("albedo", 14, "V")}


def measurements(data: bytes) -> Iterator[Measurement]:
    """Diameter and albedo that were fitted, in the order of the file; one that was assumed for a fit is not measured.

    data     bytes of neowise_neos.csv, neowise_mainbelt.csv or a sister
    raises   BadSource where a line has not 21 columns
    """
    for place, cells in enumerate(csv.reader(data.decode("utf-8", "replace").splitlines()), 1):
        if not cells:
            continue
        if len(cells) < N_COLUMNS - 1:
            raise BadSource(f"NEOWISE: line {place} has {len(cells)} columns, expected {N_COLUMNS}")
        number, other = _identity([cell.strip() for cell in cells[:3]])
        fitted = cells[10].strip().upper()  # D V B I: which of diameter, albedo, beaming, infrared albedo were free
        for column, (quantity, error, letter) in VALUES.items():
            value, sigma = _known(cells[column]), _known(cells[error])
            if not isnan(value) and letter in fitted:
                yield Measurement(number, other, quantity, value, sigma, source=SOURCE)


def _identity(cells: list[str]) -> tuple[int, str]:
    number = answers.number(cells[0])
    readable = provisional(cells[1]) or unpack(cells[2]) or ""
    if not isnan(number) and number > 0:
        return int(number), readable if not readable.isdigit() else ""
    return (int(readable), "") if readable.isdigit() else (0, readable)


def _known(cell: str) -> float:
    value = answers.number(cell)
    return float("nan") if value in MISSING else value
