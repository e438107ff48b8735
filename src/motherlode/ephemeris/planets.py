"""The packaged table of Sun, planets and Moon, 1960 to 2100: DE440 as short Chebyshev series.

Written by ``tools/build_planets.py``, which refits DE440 (Park et al. 2021, AJ 161:105).
"""

import json
from functools import cache
from importlib import resources
from typing import Final

import numpy as np

from motherlode.ephemeris.chebyshev import Series

FILE: Final = "planets.npy"
LAYOUT: Final = "planets.json"


@cache
def series() -> dict[str, Series]:
    """Series by name: planets, emb and ssb (the barycentre of the solar system) from the Sun, moon from the Earth."""
    folder = resources.files("motherlode.ephemeris") / "data"
    layout = json.loads((folder / LAYOUT).read_text())
    with resources.as_file(folder / FILE) as path:
        values = np.asarray(np.load(path, mmap_mode="r"))
    return {name: _piece(values, entry) for name, entry in layout["series"].items()}


def _piece(values: np.ndarray, entry: dict[str, float]) -> Series:
    pieces, terms, first = int(entry["pieces"]), int(entry["terms"]), int(entry["first"])
    rows = values[first : first + pieces * terms * 3].reshape(pieces, 3 * terms)
    return Series(entry["start_tdb"], entry["step_s"], rows, terms)
