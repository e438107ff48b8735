"""Orbits that the observations allow, and windows with a probability."""

from pathlib import Path

import numpy as np
import pytest

from motherlode import epochs
from motherlode.access import confidence, roundtrip
from motherlode.capture import retrieval
from motherlode.catalogue import neocc, orbits, sbdb, snapshot, uncertainty
from motherlode.catalogue.designations import find
from motherlode.ephemeris import almanac
from motherlode.errors import BadInput, Refused
from motherlode.units import AU, DAY, DEG

ANSWERS = Path(__file__).parent / "authorities" / "answers"
N = 4000


def row(name: str) -> dict:
    table = snapshot.load()
    return table.row(find(name, table))


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def bennu() -> sbdb.SmallBody:
    return sbdb.lookup((ANSWERS / "101955_phys.json").read_bytes())


def test_samples_have_the_published_errors(claim) -> None:
    """SBDB prints one sigma of each element beside its covariance; tp and q as given, a as derived."""
    body = bennu()
    at_epoch = {**row("Bennu"), "epoch_jd_tt": body.epoch_jd_tdb}
    drawn = uncertainty.cloud(at_epoch, N, rng(), body=body).differences.std(axis=0)
    published = np.array(
        [body.sigmas["a"] * AU, body.sigmas["e"]] + [body.sigmas[name] * DEG for name in ("i", "om", "w", "ma")]
    )
    worst = float(np.abs(drawn / published - 1).max())
    claim("spread of sampled elements of Bennu", oracle="JPL SBDB sigmas", measured=worst, at_most=0.06)


def test_the_first_sample_is_the_nominal_orbit() -> None:
    table = snapshot.load()
    nominal = orbits.of(table)[find("Bennu", table)]
    drawn = uncertainty.samples(row("Bennu"), 10, rng(), body=bennu())
    assert np.allclose(drawn.state(0.0)[0], nominal.state(0.0), rtol=1e-12, atol=0)
    assert drawn.shape == (10,) and set(drawn.name) == {"101955"}


def test_same_generator_same_samples() -> None:
    one, two = (uncertainty.samples(row("Bennu"), 50, rng()) for _ in range(2))
    assert np.array_equal(one.state(1e8), two.state(1e8))


def test_three_ways_agree_in_scale_for_a_well_known_orbit() -> None:
    date = epochs.parse("2030-01-01")
    known = row("Bennu")
    jpl = uncertainty.along_track_km(uncertainty.samples(known, N, rng(), body=bennu()), date)
    esa = neocc.solution((ANSWERS / "101955.ke1").read_bytes())
    others = uncertainty.along_track_km(uncertainty.samples(known, N, rng(), solution=esa), date)
    code = uncertainty.along_track_km(uncertainty.samples(known, N, rng()), date)
    assert jpl < others < code < 1000  # km: radar and spacecraft ranging, astrometry alone, and U = 0


@pytest.mark.parametrize(
    ("runoff", "code"),  # Minor Planet Center, "Uncertainty parameter U", arcsec per decade
    [(0.5, 0), (2, 1), (10, 2), (50, 3), (200, 4), (1000, 5), (5000, 6), (20000, 7), (100000, 8), (1000000, 9)],
)
def test_u_codes_as_the_minor_planet_center_defines_them(runoff: float, code: int) -> None:
    assert uncertainty.u_code(runoff) == code
    low, high = uncertainty.runoff_bin(code)
    assert low <= runoff <= high


def test_a_run_off_grows_from_the_last_observation_on() -> None:
    lost = {**row("2023 QT2"), "u_code": "7"}
    late = {**lost, "last_observation": "2025-11-21"}
    date = epochs.parse("2026-06-01")
    spread, fresh = (uncertainty.along_track_km(uncertainty.samples(r, N, rng()), date) for r in (lost, late))
    assert spread > 3 * fresh


def test_perihelion_is_kept_by_a_run_off() -> None:
    drawn = uncertainty.samples(row("2023 QT2"), N, rng())
    assert np.ptp(drawn.perihelion_km) < 1e-6 * AU


def test_an_orbit_without_a_code_is_refused() -> None:
    with pytest.raises(Refused, match=r"has no uncertainty code and no covariance is at hand; fetch one"):
        uncertainty.samples({**row("Bennu"), "u_code": "E"}, 10, rng())


@pytest.fixture(scope="module")
def plan() -> tuple[roundtrip.RoundTrip, dict]:
    home = almanac.load()["earth"]
    table = snapshot.load()
    chosen = find("2000 SG344", table)
    rules = roundtrip.NHATS.during("2027-01-01", "2030-12-31")
    return roundtrip.search(orbits.of(table)[chosen], home, "earth-400km", rules), table.row(chosen)


def test_a_certain_orbit_makes_a_certain_window(plan: tuple[roundtrip.RoundTrip, dict]) -> None:
    trip, known = plan
    assert trip.best is not None
    exact = uncertainty.samples({**known, "u_code": "0", "last_observation": "2025-11-21"}, 40, rng())
    found = confidence.of_trip(exact, almanac.load()["earth"], "earth-400km", trip.best)
    assert found.kept[0] == pytest.approx(trip.best.delta_v_km_s, abs=1e-9)  # the nominal orbit, flown as planned
    assert np.abs(found.kept - found.kept[0]).max() < 0.01
    assert found.probability(trip.best.delta_v_km_s + 0.01) == 1.0


def test_an_uncertain_orbit_makes_an_uncertain_window(plan: tuple[roundtrip.RoundTrip, dict]) -> None:
    trip, known = plan
    assert trip.best is not None
    home = almanac.load()["earth"]
    chances = []
    for code in "358":
        samples = uncertainty.samples({**known, "u_code": code, "last_observation": "2015-01-01"}, 60, rng())
        found = confidence.of_trip(samples, home, "earth-400km", trip.best)
        assert np.all(found.replanned <= found.kept)
        chances.append(found.probability(trip.best.delta_v_km_s + 0.5))
    assert chances[0] == 1.0 and chances[0] >= chances[1] > chances[2]
    summary = found.summary(6.0)
    assert 0 <= summary["probability_on_planned_dates"] <= summary["probability"] <= 1 and summary["n_samples"] == 60


def test_a_screen_of_the_samples_is_the_chance_of_any_window(plan: tuple[roundtrip.RoundTrip, dict]) -> None:
    _, known = plan
    samples = uncertainty.samples({**known, "u_code": "9", "last_observation": "2000-01-01"}, 12, rng())
    rules = roundtrip.NHATS.during("2028-01-01", "2028-12-31")
    table = roundtrip.screen(samples, almanac.load()["earth"], "earth-400km", rules)
    assert len(table) == 12 and np.nanmin(table["min_delta_v_km_s"]) > 3


def test_captures_of_the_samples_spread_with_the_orbit(plan: tuple[roundtrip.RoundTrip, dict]) -> None:
    _, known = plan
    span = (epochs.parse("2027-01-01"), epochs.parse("2030-12-31"))
    spreads = []
    for code in "09":
        drawn = uncertainty.samples({**known, "u_code": code, "last_observation": "2010-01-01"}, 5, rng())
        table = retrieval.survey([drawn[k] for k in range(5)], almanac.load(), ["sun-earth-l2"], span=span)
        spreads.append(float(np.ptp(table["delta_v_m_s"])))
    assert spreads[0] < 5 < spreads[1]  # m/s


def test_samples_are_many(plan: tuple[roundtrip.RoundTrip, dict]) -> None:
    trip, _ = plan
    table = snapshot.load()
    single = orbits.of(table)[0]
    assert trip.best is not None
    with pytest.raises(BadInput, match=r"an Orbit of shape \(n,\)"):
        confidence.of_trip(single, almanac.load()["earth"], "earth-400km", trip.best, shift_s=8 * DAY)
