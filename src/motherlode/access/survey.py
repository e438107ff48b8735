"""The round trips of a catalogue, exactly: what passes, with integrated asteroids and honest flags.

A screen on two-body orbits throws out what cannot pass; every asteroid within a margin of the limit is integrated
under all the planets and searched on the whole lattice. Of the 6 747 near-Earth asteroids that pass, the screen put
none more than 1.5 km/s above the limit; the margin is 3.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.access import embedded, flags, ports, roundtrip
from motherlode.access.roundtrip import MARGIN_KM_S, NHATS, Lattice, RoundTrip, Rules
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.orbit import Orbit
from motherlode.tables import Table

Array = NDArray[np.float64]
LEAVES_OUT: Final = (
    "forces other than gravity, where the elements carry none: the flags say where that matters",
    "planets' gravity on the way: each leg is a Lambert arc about the Sun",
)
BODIES: Final = 32  # integrated together: enough to share the planets, few enough to keep memory small


def roundtrips(
    orbits: Orbit,
    almanac: Almanac,
    home: str = "earth",
    port: ports.Port | str = "earth-400km",
    rules: Rules = NHATS,
    *,
    u_code: Sequence[str] | None = None,
    h_mag: ArrayLike | None = None,
    margin_km_s: float = MARGIN_KM_S,
    threads: int = 1,
) -> Table:
    """One row per asteroid, in the order given: as ``roundtrip.screen``, but exact, with ``model`` and ``flags``.

    orbits        (n) elements
    home          planet of the almanac that the port belongs to
    u_code, h_mag (n) quality and brightness, for the flags
    margin_km_s   how far above the limit the two-body screen may say and still be integrated; inf for all
    returns       Table; ``model`` is "n-body" or, for what the screen threw out, "two-body"
    """
    port = ports.find(port) if isinstance(port, str) else port
    coarse = roundtrip.coarse(orbits, almanac[home], port, rules, threads=threads)
    kept = np.nonzero(coarse <= rules.most_delta_v_km_s + margin_km_s)[0]
    lattice = Lattice.of(almanac[home], port, rules)
    answers = np.full((len(coarse), embedded.ANSWER), -1.0)
    notes = np.full(len(coarse), "", dtype=object)
    planets = flags.watched(almanac, lattice.stay_dates)
    quality = _quality(len(coarse), u_code, h_mag)

    def work(rows: NDArray[np.int64]) -> None:
        for start in range(0, len(rows), BODIES):
            _integrated(orbits, almanac, lattice, planets, rows[start : start + BODIES], answers, notes)

    roundtrip.spread(kept, threads, work)
    for row in kept:
        notes[row] = "; ".join(x for x in (notes[row], quality[row]) if x)
    table = roundtrip.told_many(orbits, lattice, coarse, answers)
    model = np.full(len(coarse), "two-body", dtype=object)
    model[kept] = "n-body"
    return table.with_columns(model=model, flags=notes)


def one(
    orbit: Orbit,
    almanac: Almanac,
    home: str = "earth",
    port: ports.Port | str = "earth-400km",
    rules: Rules = NHATS,
    *,
    u_code: str = "0",
    h_mag: float = float("nan"),
) -> RoundTrip:
    """The round trips of one asteroid, integrated, with its flags."""
    port = ports.find(port) if isinstance(port, str) else port
    dates = Lattice.of(almanac[home], port, rules).stay_dates
    path = trajectory.integrate(orbit, (float(dates[0]), float(dates[-1])), almanac=almanac)
    said = flags.of_approaches(dates, path.state(dates), flags.watched(almanac, dates))
    said += flags.of_size(h_mag) + flags.of_orbit(u_code)
    return roundtrip.search(path, almanac[home], port, rules, flags=said)


def _integrated(
    orbits: Orbit,
    almanac: Almanac,
    lattice: Lattice,
    planets: Mapping[str, Array],
    rows: Any,
    answers: Array,
    notes: NDArray[Any],
) -> None:
    rules, dates = lattice.rules, lattice.stay_dates
    states = trajectory.tabulate(orbits[rows], dates, almanac=almanac)
    out, back = lattice.tables()
    for row, path in zip(rows, states, strict=True):
        lattice.fill(path, out, back)
        embedded.evaluate(out, back, rules.least_stay, rules.steps, rules.most_delta_v_km_s, answers[row])
        lost = ("the integrated path ends in a planet",) if np.isnan(path).any() else ()
        notes[row] = "; ".join(lost + flags.of_approaches(dates, np.nan_to_num(path, nan=1e12), planets))


def _quality(count: int, u_code: Sequence[str] | None, h_mag: ArrayLike | None) -> list[str]:
    bright = np.full(count, np.nan) if h_mag is None else np.asarray(h_mag, dtype=float)
    codes = ["0"] * count if u_code is None else list(u_code)
    return ["; ".join(flags.of_size(float(h)) + flags.of_orbit(str(u))) for h, u in zip(bright, codes, strict=True)]
