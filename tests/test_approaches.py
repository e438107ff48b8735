"""Close approaches: two dozen that JPL publishes, past and future, and the closed form of a straight pass."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from motherlode import epochs
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.ephemeris import almanac, approaches, trajectory
from motherlode.ephemeris.orbit import MU_SUN, Orbit
from motherlode.units import AU, DAY, DEG

AUTHORITY = Path(__file__).parent / "authorities" / "close_approaches.csv"
ROWS = list(csv.DictReader(x for x in AUTHORITY.read_text().splitlines() if not x.startswith("#")))


def jpl_orbits() -> dict[str, Orbit]:
    """Osculating solutions as JPL's small-body database gives them: perihelion distance and time, degrees."""
    lines = (AUTHORITY.parent / "jpl_orbits.csv").read_text().splitlines()
    bodies = {}
    for row in csv.DictReader(x for x in lines if not x.startswith("#")):
        jd, e, q, tp, node, peri, i = (float(row[k]) for k in list(row)[1:])
        a = q * AU / (1.0 - e)
        mean = (jd - tp) * DAY * np.sqrt(MU_SUN / a**3)
        epoch = epochs.from_jd(jd).item()
        angles = (i * DEG, node * DEG, peri * DEG, mean)
        bodies[row["designation"]] = Orbit(row["designation"], epoch, a, e, *angles)
    return bodies


JPL = jpl_orbits()
SUNLIGHT = {"99942": trajectory.Sunlight(5e-13, -2.901766637153165e-14)}


@cache
def path(name: str) -> trajectory.Trajectory:
    table = snapshot.load()
    body = JPL[name] if name in JPL else orbits.of(table)[designations.find(name, table)]
    span = (epochs.parse("1961-01-01"), epochs.parse("2099-12-01"))
    if name not in {"433", "1580"}:
        span = (epochs.parse("2026-01-01"), epochs.parse("2030-01-01"))
    return trajectory.integrate(body, span, sunlight=SUNLIGHT.get(name))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['designation']}-{r['planet']}-{r['date_tdb'][:4]}")
def test_published_approaches(row, claim):
    when = epochs.parse(row["date_tdb"])
    planet = almanac.load()[row["planet"]]
    found = approaches.find(path(row["designation"]), planet, (when - 90 * DAY, when + 90 * DAY), within_km=2 * AU)
    best = int(np.argmin(np.abs(found["epoch_tdb"] - when)))
    what = f"{row['designation']} passes {row['planet']} in {row['date_tdb'][:4]}"
    late = abs(found["epoch_tdb"][best] - when)
    slow = row["planet"] == "jupiter"  # weeks of nearly equal distance
    claim(f"{what}: time", oracle="JPL CAD", measured=late, at_most=300.0 if slow else 61.0, unit="s")
    off = abs(found["distance_km"][best] - float(row["distance_au"]) * AU)
    claim(f"{what}: distance", oracle="JPL CAD", measured=off, at_most=200.0, unit="km")
    wrong = abs(found["v_relative_km_s"][best] - float(row["v_relative_km_s"]))
    claim(f"{what}: speed", oracle="JPL CAD", measured=wrong, at_most=1e-3, unit="km/s")


class Passer:
    """A body on a straight line past the Earth."""

    name, span = "passer", (-1e9, 1e9)

    def state(self, t):
        t = np.asarray(t, dtype=float)
        line = np.stack([7e4 + 0 * t, 5.0 * (t - 1_234.5), 0 * t, 0 * t, 5.0 + 0 * t, 0 * t], axis=-1)
        return almanac.load()["earth"].state(t) + line


def test_a_straight_pass():
    found = approaches.find(Passer(), almanac.load()["earth"], (-5 * DAY, 5 * DAY))
    assert len(found) == 1
    row = found.row(0)
    assert abs(row["epoch_tdb"] - 1_234.5) < 1e-2
    assert row["distance_km"] == pytest.approx(7e4, abs=1e-3)
    assert row["v_infinity_km_s"] == pytest.approx(np.sqrt(25.0 - 2 * 398600.4355 / 7e4), abs=1e-6)


def test_nothing_comes_near():
    far = approaches.find(JPL["433"], almanac.load()["earth"], (0.0, 300 * DAY), within_km=1.0)
    assert len(far) == 0
    assert far.names == ["epoch_tdb", "distance_km", "altitude_km", "v_relative_km_s", "v_infinity_km_s"]
    assert approaches.nearest(JPL["433"], almanac.load()["earth"], (0.0, 2.0)) == {}
