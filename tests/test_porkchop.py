"""Porkchops: the published minima, grids against the exact solver, refinement, layers."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from motherlode import epochs
from motherlode.access import porkchop
from motherlode.ephemeris import almanac
from motherlode.errors import BadInput
from motherlode.mechanics import lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import DAY

ALMANAC = almanac.load()
EARTH, MARS = ALMANAC["earth"], ALMANAC["mars"]


def season_2003() -> porkchop.Porkchop:
    depart = epochs.parse("2003-01-01") + DAY * np.arange(365)
    return porkchop.grid(EARTH, MARS, depart, DAY * np.arange(100, 351))


def test_earth_mars_2003(claim: Callable[..., None]) -> None:
    window = season_2003().best(transfer_type="I")
    claim(
        "Earth-Mars 2003 type I, least C3 off 8.79",
        oracle="independent DE440 search",
        measured=abs(window.c3_km2_s2 - 8.79),
        at_most=0.02,
        unit="km²/s²",
    )
    assert epochs.iso(window.depart_tdb) in {"2003-06-05", "2003-06-06", "2003-06-07"}
    assert window.transfer_type == "I" and window.flight_s / DAY == pytest.approx(202, abs=1)
    assert window.summary()["c3_km2_s2"] == window.c3_km2_s2


def test_grid_agrees_with_the_exact_solver(claim: Callable[..., None]) -> None:
    chop = season_2003()
    depart, flight = chop.depart_tdb[::7, None], chop.flight_s[None, ::5]
    a, b = EARTH.state(depart), MARS.state(depart + flight)
    v1, v2 = lambert.solve(a[..., :3], b[..., :3], flight, porkchop.MU, north=ECLIPTIC_NORTH)
    leave, arrive = v1 - a[..., 3:], v2 - b[..., 3:]
    cheap = chop.delta_v_km_s[::7, ::5] < 12
    miss = np.abs(np.linalg.norm(leave, axis=-1) - chop.v_infinity_depart_km_s[::7, ::5])[cheap]
    claim("grid speeds below 12 km/s", oracle="lambert.solve", measured=float(miss.max()), at_most=1e-8, unit="km/s")
    assert np.linalg.norm(arrive, axis=-1)[cheap] == pytest.approx(
        chop.v_infinity_arrive_km_s[::7, ::5][cheap], abs=1e-8
    )
    declination = np.arcsin(leave[..., 2] / np.linalg.norm(leave, axis=-1))
    assert declination[cheap] == pytest.approx(chop.declination_rad[::7, ::5][cheap], abs=1e-7)


def test_irregular_axes_give_the_same_cells() -> None:
    chop = season_2003()
    rows, columns = [3, 10, 200], [0, 17, 100]
    odd = porkchop.grid(EARTH, MARS, chop.depart_tdb[rows], chop.flight_s[columns])
    assert odd.c3_km2_s2 == pytest.approx(chop.c3_km2_s2[np.ix_(rows, columns)], rel=1e-9)


def test_minimum_is_refined_to_the_second() -> None:
    coarse = porkchop.grid(
        EARTH, MARS, epochs.parse("2003-05-01") + 4 * DAY * np.arange(20), DAY * np.arange(150, 260, 5)
    )
    fine, rough = season_2003().best(transfer_type="I"), coarse.best(transfer_type="I")
    assert rough.c3_km2_s2 == pytest.approx(fine.c3_km2_s2, abs=1e-9)
    around = [fine.c3_km2_s2 <= coarse.window(fine.depart_tdb + s, fine.flight_s).c3_km2_s2 for s in (-3600, 3600)]
    assert all(around)


def test_revolutions_and_branches() -> None:
    depart, flight = epochs.parse("2003-01-01") + 10 * DAY * np.arange(40), DAY * np.arange(600, 1000, 20)
    low = porkchop.grid(EARTH, MARS, depart, flight, revolutions=1, branch="low")
    high = porkchop.grid(EARTH, MARS, depart, flight, revolutions=1, branch="high")
    assert (np.isfinite(low.c3_km2_s2) == np.isfinite(high.c3_km2_s2)).all()
    assert not np.allclose(low.c3_km2_s2, high.c3_km2_s2, equal_nan=True)
    assert low.best().revolutions == 1


def test_bad_axes_are_refused() -> None:
    with pytest.raises(BadInput, match="departure dates of a porkchop must be one ascending row"):
        porkchop.grid(EARTH, MARS, [DAY, 0.0], [200 * DAY])
    with pytest.raises(BadInput, match="flight times must be positive; the first is 0 d"):
        porkchop.grid(EARTH, MARS, [0.0, DAY], [0.0, DAY])
    with pytest.raises(BadInput, match="no criterion 'price'; choose one of: c3"):
        season_2003().best("price")


def published_minima() -> list[dict[str, str]]:
    lines = (Path(__file__).parent / "authorities" / "porkchop.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return [row for row in rows if row["criterion"] in ("minC3", "minVinf") and not defective(row)]


def defective(row: dict[str, str]) -> bool:
    """One row agrees by chance only, one lies on the ridge, where quoted values spread by 6 %."""
    name = (row["opportunity"], row["type"], row["criterion"])
    return row["kind"] == "earth_mars" and name in {("2035", "II", "minC3"), ("2026", "I", "minC3")}


def test_published_earth_mars_minima(claim: Callable[..., None]) -> None:
    off: dict[tuple[str, str], list[float]] = {}
    for row in published_minima():
        day, flight = row["computed_dep"] or row["depart"], float(row["computed_tof_d"] or row["tof_d"])
        depart = epochs.parse(day) + DAY * np.arange(-60, 61)
        chop = porkchop.grid(EARTH, MARS, depart, DAY * np.arange(flight - 70, flight + 71))
        criterion = "c3" if row["criterion"] == "minC3" else "v_infinity_arrive"
        layer = np.where(chop.type_one == (row["type"] == "I"), chop.layer(criterion), np.nan)
        quoted = float(row["c3_km2s2"] if criterion == "c3" else row["vinf_arr_kms"])
        published = "published" if row["kind"] == "earth_mars" else "computed"
        off.setdefault((published, criterion), []).append(abs(float(np.nanmin(layer)) / quoted - 1))
    for (kind, criterion), misses in off.items():
        oracle = "NASA/TM-2010-216764 and others" if kind == "published" else "independent DE440 search"
        text = f"Earth-Mars minima of {criterion}, worst of {len(misses)} rows"
        claim(text, oracle=oracle, measured=100 * max(misses), at_most=1.0, unit="%")
