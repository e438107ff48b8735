"""Integrated asteroids: JPL Horizons, closure, ASSIST, the Earth's visitor of 2029."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from motherlode import epochs
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.ephemeris import almanac, bodies, large_asteroids, orbit, perturbers, trajectory
from motherlode.ephemeris.trajectory import Sunlight
from motherlode.errors import BadInput, NoSolution, OutsideEphemeris
from motherlode.units import AU, DAY, DEG, METRE, YEAR

AUTHORITIES = Path(__file__).parent / "authorities"


def horizons() -> dict[str, list[dict[str, str]]]:
    lines = [x for x in (AUTHORITIES / "horizons_asteroids.csv").read_text().splitlines() if not x.startswith("#")]
    bodies: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(lines):
        bodies.setdefault(row["number"], []).append(row)
    return bodies


def state(row: dict[str, str]) -> np.ndarray:
    return np.array([float(row[k]) for k in ("x_km", "y_km", "z_km", "vx_km_s", "vy_km_s", "vz_km_s")])


def jpl_orbits() -> dict[str, orbit.Orbit]:
    """Osculating solutions as JPL's small-body database gives them: perihelion distance and time, degrees."""
    lines = (AUTHORITIES / "jpl_orbits.csv").read_text().splitlines()
    found = {}
    for row in csv.DictReader(x for x in lines if not x.startswith("#")):
        jd, e, q, tp, node, peri, i = (float(row[k]) for k in list(row)[1:])
        a = q * AU / (1.0 - e)
        mean = (jd - tp) * DAY * np.sqrt(orbit.MU_SUN / a**3)
        epoch = epochs.from_jd(jd).item()
        found[row["designation"]] = orbit.Orbit(
            row["designation"], epoch, a, e, i * DEG, node * DEG, peri * DEG, mean
        )
    return found


EROS, APOPHIS = jpl_orbits()["433"], jpl_orbits()["99942"]
APOPHIS_SUNLIGHT = Sunlight(5e-13, -2.901766637153165e-14)


@pytest.mark.parametrize("number", [n for n, rows in horizons().items() if n != "101955" and len(rows) == 3])
def test_ninety_days_of_horizons(number, claim):
    rows = horizons()[number]
    t = epochs.from_jd([float(r["jd_tdb"]) for r in rows])
    sunlight = Sunlight(float(rows[0]["a1_au_d2"]), float(rows[0]["a2_au_d2"]))
    path = trajectory.from_state(number, state(rows[0]), t[0], (t[0], t[-1]), sunlight=sunlight)
    miss = np.linalg.norm(path.state(t)[:, :3] - [state(r)[:3] for r in rows], axis=1).max()
    claim(f"{rows[0]['name']} over 90 days", oracle="JPL Horizons", measured=miss / METRE, at_most=30.0, unit="m")


@pytest.mark.parametrize(
    ("number", "gate_m"), [("3", 100.0), ("243", 100.0), ("99942", 150.0), ("25143", 400.0), ("433", 500.0)]
)
def test_years_of_jpl(number, gate_m, claim):
    """From JPL's solution at its own epoch, 5 to 22 years earlier, to the Horizons vector of 2026-05-01.

    Eros and Itokawa travel more than twenty years; the error grows with the square of the time.
    """
    row = horizons()[number][0]
    body, t = jpl_orbits()[number], epochs.from_jd(float(row["jd_tdb"])).item()
    sunlight = Sunlight(float(row["a1_au_d2"]), float(row["a2_au_d2"]))
    path = trajectory.integrate(body, (body.epoch_tdb, t), sunlight=sunlight)
    miss = np.linalg.norm(path.state(t)[:3] - state(row)[:3]) / METRE
    years = (t - body.epoch_tdb) / YEAR
    claim(
        f"{row['name']} over {years:.1f} years",
        oracle="JPL SBDB and Horizons",
        measured=miss,
        at_most=gate_m,
        unit="m",
    )


def test_large_asteroids_matter_by_kilometres(claim):
    row = horizons()["433"][0]
    t = epochs.from_jd(float(row["jd_tdb"])).item()
    span = (t - 10 * YEAR, t)
    ends = [
        trajectory.from_state("433", state(row), t, span, asteroids=some).state(span[0]) for some in (True, False)
    ]
    gap = np.linalg.norm((ends[0] - ends[1])[:3])
    claim(
        "Eros over 10 years without the 16 asteroids", oracle="with them", measured=gap, at_most=10.0, unit="km",
        status="modelled",
    )  # fmt: skip


def test_bennu_lacks_its_thermal_model(claim):
    """JPL moves Bennu by a thermophysical model; radiation pressure of its listed area to mass explains most."""
    rows = horizons()["101955"]
    t = epochs.from_jd([float(r["jd_tdb"]) for r in rows])
    path = trajectory.from_state("101955", state(rows[0]), t[0], (t[0], t[-1]), sunlight=Sunlight(5.97e-13, -4.6e-14))
    miss = np.linalg.norm(path.state(t)[:, :3] - [state(r)[:3] for r in rows], axis=1).max()
    claim("Bennu over 90 days, A1 and A2 only", oracle="JPL Horizons", measured=miss / METRE, at_most=100.0, unit="m")


@pytest.mark.parametrize(("days", "gate"), [(100, 1e-2), (1_000, 5e-2), (10_000, 0.1)])
def test_forward_and_back_closes(days, gate, claim):
    start, t = EROS.state(EROS.epoch_tdb), EROS.epoch_tdb
    span = (t, t + days * DAY)
    there = trajectory.from_state("433", start, t, span).state(span[1])
    back = trajectory.from_state("433", there, span[1], span).state(t)
    miss = np.linalg.norm((back - start)[:3]) / METRE
    claim(
        f"Eros forward and back over {days:,} days",
        oracle="closure",
        measured=miss,
        at_most=gate,
        unit="m",
        status="modelled",
    )


def test_apophis_passes_the_earth_in_2029(claim):
    encounter = epochs.parse("2029-04-13T21:46:00")
    path = trajectory.integrate(APOPHIS, (APOPHIS.epoch_tdb, encounter + DAY), sunlight=APOPHIS_SUNLIGHT)
    t = encounter + np.arange(-300.0, 300.0, 0.5)
    gap = np.linalg.norm((path.state(t) - almanac.load()["earth"].state(t))[:, :3], axis=1)
    off = abs(gap.min() - 38_011.5)
    claim("Apophis 2029, least distance from the Earth", oracle="JPL", measured=off, at_most=5.0, unit="km")
    late = abs(t[gap.argmin()] - encounter)
    claim("Apophis 2029, time of least distance", oracle="JPL", measured=late, at_most=60.0, unit="s")


def test_bulk_agrees_with_precise(claim):
    rows = np.arange(4)
    many = orbit.Orbit(
        np.array(["a", "b", "c", "d"], dtype=object), 8e8 + 0 * rows, np.array([0.9, 1.1, 1.6, 2.5]) * AU,
        np.array([0.1, 0.3, 0.55, 0.7]), 0.1 * rows, 0.7 * rows, 0.9 * rows, 1.1 * rows,
    )  # fmt: skip
    dates = epochs.parse("2020-01-01") + np.arange(0.0, 26.0 * YEAR, 8.0 * DAY)
    table = trajectory.tabulate(many, dates)
    assert table.shape == (4, len(dates), 6)
    for row in rows:
        path = trajectory.integrate(many[row], (dates[0], dates[-1]), asteroids=False)
        miss = np.linalg.norm((table[row] - path.state(dates))[:, :3], axis=1).max() / METRE
        claim(
            "bulk tabulation over 26 years",
            oracle="the precise integration",
            measured=miss,
            at_most=100.0,
            unit="m",
            status="modelled",
        )


def test_an_integrated_path_is_a_mover():
    path = trajectory.integrate(EROS, (0.0, 30 * DAY))
    assert isinstance(path, bodies.Mover)
    assert path.state(np.zeros((2, 3))).shape == (2, 3, 6)
    assert "no non-gravitational forces" in path.forces
    with pytest.raises(OutsideEphemeris, match="2000-03-01 is outside the integrated path of 433, 2000-01-01 to"):
        path.state(60 * DAY)


def test_velocity_is_the_rate_of_position():
    path = trajectory.integrate(APOPHIS, (APOPHIS.epoch_tdb, APOPHIS.epoch_tdb + 400 * DAY))
    t = APOPHIS.epoch_tdb + np.arange(10, 390) * DAY
    rate = (path.state(t + 100.0) - path.state(t - 100.0))[:, :3] / 200.0
    np.testing.assert_allclose(rate, path.state(t)[:, 3:], atol=2e-9)


def test_a_perturber_does_not_pull_itself():
    number = large_asteroids.index("4")
    assert large_asteroids.bodies()[number].name == "Vesta"
    span = (0.0, 4 * YEAR)
    vesta = large_asteroids.bodies()[number]
    motion = np.zeros((2, 6))
    vesta.series.add_to(motion, np.array(span))
    path = trajectory.from_state("4 Vesta", motion[0], 0.0, span)
    assert np.linalg.norm(path.state(span[1])[:3] - motion[1, :3]) < 3_000.0  # the table is good to kilometres


def test_a_path_that_meets_a_planet_ends():
    t = epochs.parse("2030-01-01")
    earth = almanac.load()["earth"].state(t)
    falling = earth + np.array([0, 0, 300_000.0, 0, 0, -3.0])
    with pytest.raises(NoSolution, match=r"the path of stone ends at 2030-01-01T.* TDB: it meets a planet"):
        trajectory.from_state("stone", falling, t, (t, t + 10 * DAY))


IMPACTS = {  # as announced: JPL (S. Chesley, 2008), The Watchers (2022), British Astronomical Association (2024)
    "2008 TC3": "2008-10-07T02:46 UTC",
    "2022 WJ1": "2022-11-19T08:27 UTC",
    "2024 BX1": "2024-01-21T00:32 UTC",
    "2024 RW1": "2024-09-04T16:40 UTC",
}


@pytest.mark.parametrize("name", IMPACTS)
def test_asteroids_that_fell(name, claim):
    """Four found hours before they hit: their catalogue orbits end in the Earth at the minute they did."""
    table = snapshot.load()
    body = orbits.of(table)[designations.find(name, table)]
    with pytest.raises(NoSolution, match="it meets a planet") as caught:
        trajectory.integrate(body, (body.epoch_tdb, body.epoch_tdb + 30 * DAY))
    fell = epochs.parse(re.search(r"ends at (\S+) TDB", str(caught.value))[1])
    off = abs(fell - epochs.parse(IMPACTS[name]))
    claim(f"{name} meets the Earth", oracle="observed fall", measured=off / 60.0, at_most=3.0, unit="min")


def test_bad_calls():
    with pytest.raises(BadInput, match="takes one orbit"):
        trajectory.integrate(EROS[None], (0.0, 1.0))
    with pytest.raises(OutsideEphemeris, match="2150-01-01 is outside the ephemeris of the planets"):
        trajectory.integrate(EROS, (0.0, epochs.parse("2150-01-01")))


def test_fields_hold_what_they_were_fitted_to():
    field = perturbers.planets(almanac.load(), 0.0, YEAR)
    assert set(field.names) == set(perturbers.PLANETS)
    assert field.names[field.earth] == "earth"
