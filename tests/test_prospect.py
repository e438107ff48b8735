"""Size, spin, class, composition and the sampled deposit."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode.catalogue import physical, snapshot
from motherlode.errors import BadInput
from motherlode.prospect import composition, deposit, reference, size, spin, taxonomy
from motherlode.tables import Table

Claim = Callable[..., None]
AUTHORITIES = Path(__file__).parent / "authorities"
UNKNOWN = {"designation": "2099 XX", "h_mag": 22.0}
ASSAYED = {
    "Bennu": ({"designation": "101955", "h_mag": 20.21}, 7.329e10),
    "Itokawa": ({"designation": "25143", "h_mag": 19.26}, 3.58e10),
    "Eros": ({"designation": "433", "h_mag": 10.41}, 6.687e15),
    "Ryugu": ({"designation": "162173", "h_mag": 19.55}, 4.50e11),
    "Psyche": ({"designation": "16", "h_mag": 5.90}, 2.29e19),
}


def test_wright_2016_absolute_magnitude_of_a_dark_140_m_asteroid(claim: Claim) -> None:
    h = float(size.magnitude(0.140, 0.03))
    claim(
        "H of D = 140 m, albedo 0.03",
        oracle="Wright et al. 2016 (23.7)",
        measured=abs(h - 23.69),
        at_most=0.02,
        unit="mag",
    )
    assert size.diameter_km(h, 0.03) == pytest.approx(0.140)
    assert size.albedo(h, 0.140) == pytest.approx(0.03)


def test_unknown_albedo_percentiles_are_those_of_wright_2016(claim: Claim) -> None:
    samples = deposit.sample(UNKNOWN, 200_000, 3)["albedo"]
    published = [0.019, 0.038, 0.151, 0.295, 0.391]
    error = np.abs(np.percentile(samples, [5, 16, 50, 84, 95]) - published).max()
    claim(
        "albedo percentiles of an unknown near-Earth asteroid",
        oracle="Wright et al. 2016 mixture",
        measured=error,
        at_most=0.002,
    )


def test_size_and_mass_from_brightness_alone_span_what_the_page_says(claim: Claim) -> None:
    """Diameter 97 to 271 m at H 22 by the albedos alone (16 to 84 %); the error of H widens it a little."""
    samples = deposit.sample(UNKNOWN, 200_000, 3)
    low, high = np.percentile(samples["diameter_m"], [16, 84])
    claim(
        "size from H alone spans a factor 2.8 (16 to 84 %): relative",
        oracle="Wright et al. 2016 mixture, 97 to 271 m at H 22",
        measured=abs(high / low / 2.8 - 1),
        at_most=0.05,
    )
    light, heavy = np.percentile(samples["mass_kg"], [5, 95])
    assert heavy / light == pytest.approx(80, rel=0.05)


def test_class_shares_equal_the_prior_to_four_sigma() -> None:
    n = 100_000
    found = deposit.sample(UNKNOWN, n, 5).class_fractions
    for name, share in zip(taxonomy.classes().names, taxonomy.classes().share):
        assert abs(found.get(name, 0.0) - share) <= 4 * np.sqrt(share * (1 - share) / n) + 1e-12, name


@pytest.mark.parametrize("name", ASSAYED)
def test_measured_masses_lie_inside_the_90_percent_interval_of_brightness_alone(name: str) -> None:
    facts, mass = ASSAYED[name]
    interval = deposit.sample(facts, 20_000, 1).percentiles()["mass_kg"]
    assert interval["p05"] <= mass <= interval["p95"]


def test_spin_quantiles_of_each_size_are_those_of_the_lightcurve_database(claim: Claim) -> None:
    worst = 0.0
    for row in reference.rows("prospect", "spin_by_size")[1:-1]:
        middle = np.sqrt(float(row["diameter_min_m"]) * float(row["diameter_max_m"]))
        for label, z in (("p05_h", -1.645), ("p50_h", 0.0), ("p95_h", 1.645)):
            worst = max(worst, abs(spin.period_h(middle, z) / float(row[label]) - 1))
    claim("period quantiles at bin centres", oracle="Lightcurve Database 2026-03-30", measured=worst, at_most=1e-6)


def test_share_of_fast_rotators_is_that_of_the_lightcurve_database() -> None:
    z = np.random.default_rng(1).standard_normal(40_000)
    for middle, below_barrier, below_6_min in ((17.3, 0.927, 0.543), (42.4, 0.852, 0.275), (245.0, 0.074, 0.016)):
        period = spin.period_h(middle, z)
        assert np.mean(period < 2.2) == pytest.approx(below_barrier, abs=0.06)
        assert np.mean(period < 0.1) == pytest.approx(below_6_min, abs=0.08)


def test_spin_limits_of_deposits_as_computed_by_hand() -> None:
    assert spin.limit_h([1200, 2000, 2700, 5000]) == pytest.approx([3.0, 2.33, 2.0, 1.5], abs=0.05)
    assert spin.strength_needed_pa(2000, 10, 1 / 60) == pytest.approx(110, rel=0.05)
    assert spin.strength_needed_pa(2000, 100, 10 / 60) == pytest.approx(109, rel=0.05)


def test_iron_metal_reproduces_the_published_spread_of_platinum_group_metals(claim: Claim) -> None:
    rng = np.random.default_rng(2)
    n = 30_000
    iron = np.full(n, composition.materials().names.index("iron"))
    z = rng.standard_normal((n, 2)), rng.standard_normal((n, len(composition.COMPONENTS))), rng.standard_normal(n)
    parts = composition.fractions(iron, *z)
    ppm = composition.platinum_group(parts) / parts["metal"] * 1e6
    measured = np.percentile(ppm, [5, 16, 50, 84, 95])
    error = np.abs(measured / [9.6, 11.0, 17.0, 42.0, 85.0] - 1).max()
    claim(
        "PGM of iron-meteorite metal, p05 to p95",
        oracle="mixture of groups",
        measured=error,
        at_most=0.20,
        status="modelled",
    )
    order = {name: np.argsort(np.argsort(parts[name] / parts["metal"])) for name in ("iridium", "osmium", "gold")}
    assert np.corrcoef(order["iridium"], order["osmium"])[0, 1] > 0.8
    assert np.corrcoef(order["iridium"], order["gold"])[0, 1] < 0


@pytest.mark.parametrize("name", ["V", "A", "E"])
def test_differentiated_silicate_classes_hold_no_platinum_group_metals(name: str) -> None:
    d = deposit.sample({"designation": "1", "h_mag": 20.0, "taxonomy": name}, 2000, 1)
    assert np.max(d.pgm_kg / d["mass_kg"]) < 0.1e-6


def test_same_seed_same_bytes_whatever_else_is_drawn() -> None:
    first = deposit.sample(UNKNOWN, 500, 9)
    deposit.sample({"designation": "other", "h_mag": 18.0}, 100, 9)
    again = deposit.sample(UNKNOWN, 500, 9)
    assert all(np.array_equal(first[name], again[name]) for name in first.names)
    longer = deposit.sample(UNKNOWN, 1500, 9)
    assert np.array_equal(longer["mass_kg"][:500], first["mass_kg"])


def test_measuring_narrows() -> None:
    wide = deposit.sample(UNKNOWN, 20_000, 1)
    sized = {"diameter_km": 0.14, "diameter_sigma_km": 0.01}
    for fact in ({"albedo": 0.2, "albedo_sigma": 0.02}, {"taxonomy": "S"}, sized):
        narrow = deposit.sample(UNKNOWN | fact, 20_000, 1)
        assert np.std(np.log(narrow["mass_kg"])) < np.std(np.log(wide["mass_kg"]))
    spun = deposit.sample(UNKNOWN | {"period_h": 5.0}, 20_000, 1)
    assert np.array_equal(spun["diameter_m"], wide["diameter_m"])
    assert np.all(spun["period_h"] == 5.0)
    assert spun.evidence["period"] == "measured" and spun.evidence["albedo"] == "assumed"


def test_radar_finds_metal_where_albedo_cannot() -> None:
    dull = taxonomy.posterior({"albedo": 0.15})
    bright = taxonomy.posterior({"albedo": 0.15, "radar_albedo": 0.5})
    metal = taxonomy.classes().index("M")
    assert dull[metal] < 0.35 < 0.8 < bright[metal]


def test_a_p_spectrum_with_a_bright_surface_or_radar_echo_is_metal() -> None:
    """1986 DA: a featureless spectrum, albedo 0.14, radar albedo 0.58: metal."""
    index = taxonomy.classes().index
    dark = taxonomy.posterior({"taxonomy": "P", "albedo": 0.045, "albedo_sigma": 0.01})
    bright = taxonomy.posterior({"taxonomy": "P", "albedo": 0.14, "albedo_sigma": 0.02})
    echo = taxonomy.posterior({"taxonomy": "P", "albedo": 0.14, "albedo_sigma": 0.02, "radar_albedo": 0.58})
    assert dark[index("D")] > 0.95
    assert bright[index("M")] > 0.8
    assert echo[index("M")] > 0.99


def test_spectral_types_in_use_map_to_a_class() -> None:
    assert taxonomy.of_spectrum("Sq") == {"S": 1.0}
    assert taxonomy.of_spectrum("Cgh") == {"Ch": 1.0}
    assert taxonomy.of_spectrum("B/C") == {"B": 0.5, "C": 0.5}
    assert taxonomy.of_spectrum("U") is None
    assert taxonomy.of_spectrum("") is None
    assert set(taxonomy.of_spectrum("X:") or ()) == {"M", "E", "D", "X"}


@settings(max_examples=40, deadline=None)
@given(
    h=st.floats(12, 30),
    albedo=st.one_of(st.none(), st.floats(0.02, 0.6)),
    taxon=st.sampled_from(["", "S", "Ch", "M", "X", "V", "K", "D"]),
    period=st.one_of(st.none(), st.floats(0.01, 100)),
)
def test_resources_never_exceed_the_body(h: float, albedo: float | None, taxon: str, period: float | None) -> None:
    facts = {"designation": "x", "h_mag": h, "albedo": albedo, "taxonomy": taxon, "period_h": period}
    d = deposit.sample(facts, 200, 1)
    total = np.sum([d[f"{name}_kg"] for name in deposit.RESOURCES], axis=0)
    assert np.all(total <= d["mass_kg"] * (1 + 1e-9))
    assert all(np.all(np.isfinite(d[name])) and np.all(d[name] >= 0) for name in d.names if name != "h_mag")
    fainter = deposit.sample(facts | {"h_mag": h + 0.5}, 200, 1)
    assert np.all(fainter["diameter_m"] < d["diameter_m"])


def test_unverified_figures_can_be_switched_off() -> None:
    facts = UNKNOWN | {"taxonomy": "Q"}
    without = deposit.sample(facts, 1000, 1, assumptions=deposit.Assumptions(unverified=False))
    assert without.pgm_kg.max() == 0.0 < deposit.sample(facts, 1000, 1).pgm_kg.min()


def test_iron_platinum_group_median_is_a_switch() -> None:
    facts = UNKNOWN | {"taxonomy": "M"}
    low, high = (
        np.median(deposit.sample(facts, 4000, 1, assumptions=deposit.Assumptions(iron_pgm_median_ppm=ppm)).pgm_kg)
        for ppm in (17.0, 40.8)
    )
    assert 1.1 < high / low < 2.5


def test_survey_has_a_row_of_percentiles_for_each_asteroid() -> None:
    columns = {"designation": ["1", "2"], "h_mag": [20.0, 25.0], "albedo": [np.nan, 0.1]}
    table = Table({name: np.array(values) for name, values in columns.items()})
    found = deposit.survey(table, 300, 1)
    assert len(found) == 2 and found["diameter_m_p50"][0] > found["diameter_m_p50"][1]
    alone = deposit.survey(table.take([1]), 300, 1)
    assert alone["mass_kg_p95"][0] == found["mass_kg_p95"][1]


def test_a_body_of_unknown_size_is_refused_with_a_reason() -> None:
    with pytest.raises(BadInput, match="neither h_mag nor diameter_km is known"):
        deposit.sample({"designation": "x"}, 10)
    with pytest.raises(BadInput, match="a deposit has no 'helium'"):
        deposit.sample(UNKNOWN, 10)["helium"]


def test_albedo_quantiles_of_each_class_are_those_of_mahlke_2022(claim: Claim) -> None:
    lines = (AUTHORITIES / "albedo_by_class.csv").read_text().splitlines()
    worst = 0.0
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        if row["class"] in "PD":  # sampled as one
            continue
        samples = deposit.sample({"designation": "a", "h_mag": 20.0, "taxonomy": row["class"]}, 20_000, 1)["albedo"]
        found = np.percentile(samples, [5, 16, 50, 84, 95])
        printed = [float(row[q]) for q in ("p05", "p16", "p50", "p84", "p95")]
        worst = max(worst, float(np.abs(np.log10(found / printed)).max()))
    claim(
        "albedo quantiles (5 to 95 %) of the classes",
        oracle="Mahlke et al. 2022 sample",
        measured=worst,
        at_most=0.02,
        unit="dex",
    )


@pytest.mark.parametrize("known", ["H alone", "H and class"])
def test_diameter_intervals_are_calibrated_on_measured_bodies(known: str, claim: Claim) -> None:
    """The 90 % interval should hold 85 to 95 % of the near-Earth asteroids with a measured diameter."""
    table = snapshot.load()
    measured = physical.known(table)
    has = np.isfinite(measured["diameter_km"]) & np.isfinite(table["h_mag"])
    inside = []
    for row in np.flatnonzero(has):
        facts = {"designation": table["designation"][row], "h_mag": table["h_mag"][row]}
        if known == "H and class":
            facts["taxonomy"] = measured["taxonomy"][row]
        low, high = np.percentile(deposit.sample(facts, 300, 1)["diameter_m"], [5, 95]) / 1000
        inside.append(low <= measured["diameter_km"][row] <= high)
    share = float(np.mean(inside))
    assert len(inside) > 350
    claim(
        f"share of measured diameters inside the 90 % interval, {known}: distance from 0.90",
        oracle="405 measured near-Earth diameters",
        measured=abs(share - 0.90),
        at_most=0.05,
    )


def test_orbit_speaks_for_the_class_and_averages_to_the_prior() -> None:
    table = snapshot.load().take(np.arange(0, 40_874, 40))
    names = taxonomy.classes().names
    shares = np.array([taxonomy.prior_of_orbit(row) for row in table.rows()], dtype=float)
    assert np.abs(shares.mean(axis=0) - taxonomy.classes().share).max() < 0.03
    outer = taxonomy.prior_of_orbit({"semi_major_axis_au": 3.0, "eccentricity": 0.6, "inclination_deg": 10})
    inner = taxonomy.prior_of_orbit({"semi_major_axis_au": 1.0, "eccentricity": 0.1, "inclination_deg": 5})
    assert outer is not None and inner is not None
    assert outer[names.index("C")] > 1.4 * inner[names.index("C")]
    assert taxonomy.prior_of_orbit({"semi_major_axis_au": 2.7, "eccentricity": 0.1, "inclination_deg": 5}) is None
    orbit = {"semi_major_axis_au": 3.0, "eccentricity": 0.6, "inclination_deg": 10}
    told = deposit.sample(UNKNOWN | orbit, 4000, 1)
    untold = deposit.sample(UNKNOWN | orbit, 4000, 1, assumptions=deposit.Assumptions(orbit_prior=False))
    assert told["water_kg"].mean() / told["mass_kg"].mean() > untold["water_kg"].mean() / untold["mass_kg"].mean()


def test_colour_separates_dark_from_stony() -> None:
    index = taxonomy.classes().index
    blue, red = taxonomy.posterior({"b_v": 0.68}), taxonomy.posterior({"b_v": 0.90})
    assert blue[index("C")] > 3 * red[index("C")]
    assert red[index("S")] > blue[index("S")]


def test_how_a_plant_holds_on_follows_spin_and_size() -> None:
    spinner = deposit.sample({"designation": "s", "h_mag": 28.0, "period_h": 0.05}, 500, 1)
    slow = deposit.sample({"designation": "b", "h_mag": 19.0, "period_h": 6.0}, 500, 1)
    assert spinner.hold_modes["bag"] > 0.95 and slow.hold_modes["rig"] > 0.95
    assert sum(slow.hold_modes.values()) == pytest.approx(1.0)


def test_large_bodies_lose_their_porosity() -> None:
    small = deposit.sample({"designation": "x", "diameter_km": 5.0, "taxonomy": "S"}, 2000, 1)
    large = deposit.sample({"designation": "x", "diameter_km": 300.0, "taxonomy": "S"}, 2000, 1)
    assert np.median(large["porosity"]) < 0.12 < np.median(small["porosity"])


def test_a_weighed_body_keeps_its_mass_and_gains_a_size() -> None:
    facts = {"designation": "w", "h_mag": 20.0, "mass_kg": 5e10, "mass_sigma_kg": 5e8}
    d = deposit.sample(facts, 4000, 1)
    assert d["mass_kg"].mean() == pytest.approx(5e10, rel=1e-3)
    assert d["mass_kg"].std() == pytest.approx(5e8, rel=0.05)
    assert 1000 < np.median(d["density_kg_m3"]) < 3500
