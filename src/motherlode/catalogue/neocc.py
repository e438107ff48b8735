"""Orbits of ESA's NEO Coordination Centre: OEF2.0 files (``99942.ke1``) with covariance, a second opinion.

https://neo.ssa.esa.int. Elements ecliptic J2000, epoch MJD in TDT, which is TT. Lines are read by keyword: there are
21 covariance terms, or more where non-gravitational parameters were fitted.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.catalogue import answers
from motherlode.epochs import MJD_OFFSET
from motherlode.errors import BadSource

ELEMENTS: Final = ("a", "e", "i", "node", "peri", "M")  # au, -, deg, deg, deg, deg
NONGRAVITATIONAL: Final = ("area_to_mass_m2_t", "yarkovsky_1e10_au_d2")


@dataclass(frozen=True)
class Solution:
    """An orbit solution: Keplerian elements with the covariance of all that was fitted.

    covariance  (n, n), n = 6 + number of non-gravitational parameters fitted; rows a e i node peri M then those
    """

    designation: str
    epoch_jd_tt: float
    elements: dict[str, float]
    covariance: NDArray[np.float64]
    h_mag: float = float("nan")
    g_slope: float = float("nan")
    nongravitational: dict[str, float] = field(default_factory=dict)


def solution(data: bytes) -> Solution:
    """The orbit in an OEF2.0 file.

    data     bytes of a .ke0 (epoch at mid-arc) or .ke1 (recent epoch) file
    raises   BadSource
    """
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    if not any(line.startswith("format") and "OEF2" in line for line in lines) or "END_OF_HEADER" not in lines:
        raise BadSource("NEOCC: not an OEF2.0 file: no header with format = 'OEF2.0' and END_OF_HEADER")
    body = [line for line in lines[lines.index("END_OF_HEADER") + 1 :] if line and not line.startswith("!")]
    values = {key: _numbers(body, key) for key in ("KEP", "MJD", "MAG", "NGR", "LSP", "COV")}
    if len(values["KEP"]) != 6 or not values["MJD"]:
        raise BadSource("NEOCC: no line KEP with six elements or no line MJD with the epoch")
    magnitude = [*values["MAG"], float("nan"), float("nan")]
    return Solution(
        designation=body[0],
        epoch_jd_tt=values["MJD"][0] + MJD_OFFSET,
        elements=dict(zip(ELEMENTS, values["KEP"])),
        covariance=_symmetric(values["COV"]),
        h_mag=magnitude[0],
        g_slope=magnitude[1],
        nongravitational=dict(zip(NONGRAVITATIONAL, values["NGR"])),
    )


def _numbers(body: list[str], key: str) -> list[float]:
    """Numbers of all the lines that begin with a keyword, in order; a word among them ends its line."""
    found: list[float] = []
    for line in body:
        word, *cells = line.split()
        if word == key:
            numbers = [answers.number(cell.replace("D", "E")) for cell in cells]
            found += [x for x in numbers if not np.isnan(x)]
    return found


def _symmetric(upper: list[float]) -> NDArray[np.float64]:
    """Square matrix of an upper triangle given row by row."""
    n = int((np.sqrt(8 * len(upper) + 1) - 1) / 2)
    if n * (n + 1) // 2 != len(upper) or (upper and n < 6):
        raise BadSource(f"NEOCC: {len(upper)} covariance terms make no triangle of six or more rows")
    matrix = np.zeros((n, n))
    matrix[np.triu_indices(n)] = upper
    return matrix + np.triu(matrix, 1).T
