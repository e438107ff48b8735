"""The lists of docs/capture.md: whole asteroids that can be brought to libration-point orbits, first burns from 2025.

python tools/list_retrievals.py earth             real, eccentric orbit of the Earth; 2 minutes on one core
python tools/list_retrievals.py earth --circular  the problem of the literature, of what was known in April 2020
python tools/list_retrievals.py mars --below 1.4
"""

import argparse

import numpy as np

from motherlode.capture import retrieval
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.ephemeris import almanac
from motherlode.tables import Table
from motherlode.units import YEAR

SPAN = (25.0 * YEAR, 99.9 * YEAR)  # 2025 to 2099
KNOWN = (2020, "J")  # to April 2020, the date of the public code of the study of 2021


def main() -> None:
    """Sweep the catalogue and print the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("planet", choices=("earth", "mars"))
    parser.add_argument("--circular", action="store_true")
    parser.add_argument("--below", type=float, default=0.5, metavar="KM_S")
    chosen = parser.parse_args()
    known, movers, cache = snapshot.load(), almanac.load().movers, snapshot.home() / "manifolds"
    if chosen.circular:
        known = known.take(np.array([known_by(str(name), *KNOWN) for name in known["provisional"]]))
        gate = retrieval.open_published(movers, SPAN, cache)
    else:
        gate = retrieval.open_gateways(movers, SPAN, cache, [chosen.planet])[chosen.planet]
    show(retrieval.sweep(orbits.of(known), gate, below_km_s=chosen.below), known, chosen.below)


def known_by(provisional: str, year: int, half_month: str) -> bool:
    """Whether a designation was given before a half-month, such as 2020 J (1 to 15 May)."""
    if not provisional[:4].isdigit():
        return True  # A898 PA and the like
    return provisional[5:].startswith(("P-L", "T-")) or (int(provisional[:4]), provisional[5]) < (year, half_month)


def show(found: Table, known: Table, below_km_s: float) -> None:
    """Print the rows below the limit."""
    print("| asteroid | H | U | to | family | Δv m/s | first burn | days |\n|---|---|---|---|---|---|---|---|")
    for row in found.rows():
        if row["delta_v_m_s"] >= 1e3 * below_km_s:
            break
        facts = known.row(designations.find(row["designation"], known))
        year, point = 2000.0 + row["depart_tdb"] / YEAR, row["destination"][-2:].upper()
        print(
            f"| {row['designation']} | {facts['h_mag']:.1f} | {facts['u_code']} | {point} | {row['family']} | "
            f"{row['delta_v_m_s']:.0f} | {year:.1f} | {row['flight_d']:.0f} |"
        )


if __name__ == "__main__":
    main()
