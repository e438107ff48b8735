"""Importers against real answers of the services; a row of each read by hand."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from tools import scale_catalogue

from motherlode import epochs
from motherlode.catalogue import horizons, jpl, mpc, neocc, neowise, sbdb, snapshot, ssodnet
from motherlode.catalogue.designations import find
from motherlode.errors import BadSource
from motherlode.units import ARCSEC, AU, DAY, METRE

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT / "tests" / "authorities" / "answers"


def answer(name: str) -> bytes:
    return (ANSWERS / name).read_bytes()


def test_query_row_of_ceres() -> None:
    bodies = sbdb.query(answer("sbdb_query_v1.0_25rows.json"))
    ceres = bodies.row(0)
    assert len(bodies) == 25
    assert (ceres["number"], ceres["name"], ceres["provisional"]) == (1, "Ceres", "A801 AA")
    assert ceres["semi_major_axis_au"] == 2.766619044655007
    assert ceres["epoch_jd_tdb"] == 59800 + 2400000.5
    assert ceres["diameter_km"] == 939.4 and ceres["period_h"] == 9.074170
    assert ceres["class"] == "MBA" and ceres["orbit_id"] == "48"  # unknown fields stay, as text


def test_query_values_become_measurements() -> None:
    found = list(sbdb.measured(sbdb.query(answer("sbdb_query_v1.0_25rows.json")), "SBDB query"))
    ceres = {m.quantity: m for m in found if m.number == 1}
    assert ceres["albedo"].value == 0.090 and ceres["extent_km"].text == "964.4 x 964.2 x 891.8"
    assert {m.source for m in found} == {"SBDB query"}


def test_lookup_of_bennu_with_covariance_and_physics() -> None:
    bennu = sbdb.lookup(answer("101955_phys.json"))
    assert (bennu.number, bennu.name, bennu.provisional, bennu.spk_id) == (101955, "Bennu", "1999 RQ36", 20101955)
    assert bennu.epoch_jd_tdb == 2455562.5 and bennu.elements["e"] == 0.2037450762416414
    assert bennu.sigmas["a"] == 1.9673e-10
    assert bennu.covariance_labels == ("e", "q", "tp", "node", "peri", "i", "RHO", "AMRAT")
    assert bennu.covariance.shape == (8, 8) and np.allclose(bennu.covariance, bennu.covariance.T, rtol=1e-9)
    assert bennu.covariance[0, 0] == 4.864717292778234e-21
    assert np.sqrt(bennu.covariance[0, 0]) == pytest.approx(bennu.sigmas["e"], rel=1e-4)
    density = next(m for m in bennu.measurements if m.quantity == "density_g_cm3")
    assert (density.value, density.sigma) == (1.194, 0.003) and "Daly" in density.source


def test_lookup_of_apophis_carries_the_thermal_drift() -> None:
    terms = sbdb.lookup(answer("99942_phys.json")).nongravitational
    assert terms["A1"] == 5e-13 and terms["A2"] == -2.901766637153165e-14  # au/d²


def test_lookup_that_finds_nothing_says_so() -> None:
    with pytest.raises(BadSource, match="SBDB lookup answers: specified object was not found"):
        sbdb.lookup(answer("missing.json"))


def test_lookup_with_several_matches_names_them() -> None:
    several = b'{"code":"300","list":[{"pdes":"2015 AB"},{"pdes":"2015 AB1"}],"data":1}'
    with pytest.raises(BadSource, match="no single body in the answer; it offers 2015 AB, 2015 AB1"):
        sbdb.lookup(several)


def test_close_approach_row() -> None:
    table = jpl.close_approaches(answer("cad_v1.1_145rows.json"))
    row = table.row(0)
    assert row["des"] == "170903" and row["epoch_jd_tdb"] == 2415020.507669610
    assert row["distance_au"] == 0.0921795123769547 and row["distance_min_au"] == 0.0912006569517418
    assert row["v_infinity_km_s"] == 16.7505784933163 and row["t_sigma_f"] == "01:00"


def test_close_approaches_without_a_match_are_an_empty_table() -> None:
    assert len(jpl.close_approaches(b'{"signature":{"version":"1.5"},"count":"0"}')) == 0


def test_nhats_summary_rows() -> None:
    table = jpl.nhats(answer("nhats_v1.3_documented_example.json"))
    row = table.row(1)
    assert row["des"] == "2000 SG344" and row["min_delta_v_km_s"] == 3.550 and row["duration_d"] == 370
    assert row["min_duration_d"] == 306 and row["delta_v_at_min_duration_km_s"] == 3.996
    assert row["n_trajectories"] == 3302718 and row["size_m"] is None


def test_nhats_object_with_its_two_trajectories() -> None:
    row = jpl.nhats_object(answer("nhats_v1.3_documented_object_2000SG344.json"))
    cheapest = row["min_delta_v"]
    assert cheapest["c3_km2_s2"] == 1.737 and cheapest["delta_v_depart_km_s"] == 3.256
    assert cheapest["outbound_d"] + cheapest["stay_d"] + cheapest["return_d"] == cheapest["duration_d"] == 346
    assert cheapest["launch"] == "2028-04-22" and row["min_duration"]["duration_d"] == 306


@pytest.mark.parametrize("key", ["data", "records"])
def test_missions_under_either_key(key: str) -> None:
    # first row of a mode A answer of 2021, criterion 1, launch 2025 to 2029
    row = '["(2020 YA2)","61884","62124","0.01048576","0.1024","4.5966","4.699","240"]'
    fields = '["name","MJD0","MJDF","c3_dep","vinf_dep","vinf_arr","dv_tot","tof"]'
    mission = jpl.missions(f'{{"fields":{fields},"{key}":[{row}]}}'.encode()).row(0)
    assert epochs.iso(float(epochs.from_jd(mission["depart_jd_tdb"]))) == "2028-04-23"
    assert mission["arrive_jd_tdb"] - mission["depart_jd_tdb"] == mission["flight_d"] == 240
    assert mission["v_infinity_depart_km_s"] == 0.1024 and mission["delta_v_km_s"] == 4.699


def test_mission_map() -> None:
    data = b'{"dep_date":[61000,61010],"tof":[100,110,120],"vinf_dep":[[1,2,3],[4,5,6]],"object":{}}'
    grid = jpl.mission_map(data)
    assert grid["depart_jd_tdb"].tolist() == [2461000.5, 2461010.5] and grid["vinf_dep"].shape == (2, 3)
    with pytest.raises(BadSource, match="ragged"):
        jpl.mission_map(b'{"dep_date":[1],"tof":[1,2],"vinf_dep":[[1,2],[1]]}')


def test_horizons_vectors_are_turned_into_icrf() -> None:
    table = horizons.vectors(answer("ceres_vectors_range.txt"))
    assert table.target == "1 Ceres (A801 AA)" and table.center == "Sun (10)"
    assert epochs.to_jd(table.epoch_tdb[0]) == 2459740.5 and len(table.epoch_tdb) == 4
    x, y, z = -8.354726583796999e-1, 2.455132459520164, 2.314862198331841e-1  # au, ecliptic, as printed
    tilt = 84381.448 * ARCSEC
    expected = [x, y * np.cos(tilt) - z * np.sin(tilt), y * np.sin(tilt) + z * np.cos(tilt)]
    assert np.abs(table.states[0, :3] - np.array(expected) * AU).max() < 0.001 * METRE
    assert table.states[0, 3] == pytest.approx(-1.000026022185188e-02 * AU / DAY, rel=1e-15)


def test_horizons_error_is_passed_on() -> None:
    with pytest.raises(BadSource, match=r"Horizons gives no table; it says: BATVAR: no TLIST values found"):
        horizons.vectors(answer("tlist_error.txt"))


def test_horizons_in_json_and_labelled_rows() -> None:
    text = (
        "Target body name: 433 Eros (A898 PA) {source: JPL#659}\nOutput units    : KM-S\n"
        "Start time      : A.D. 2026-Jan-01 00:00:00.0000 TDB\nReference frame : ICRF\n$$SOE\n"
        "2461041.500000000 = A.D. 2026-Jan-01 00:00:00.0000 TDB\n X = 1.5E+08 Y =-2.0E+07 Z = 3.0E+06\n"
        " VX= 1.0E+01 VY= 2.0E+01 VZ=-3.0E+00\n$$EOE\n"
    )
    table = horizons.vectors(text.encode())
    assert table.states.tolist() == [[1.5e8, -2e7, 3e6, 10.0, 20.0, -3.0]]
    with pytest.raises(BadSource, match="not in TDB"):
        horizons.vectors(text.replace("0000 TDB\nRef", "0000 UT\nRef").encode())
    with pytest.raises(BadSource, match="unknown reference frame"):
        horizons.vectors(text.replace("ICRF", "B1950").encode())


def test_neocc_solution_of_bennu() -> None:
    bennu = neocc.solution(answer("101955.ke1"))
    assert bennu.designation == "101955" and bennu.epoch_jd_tt == 2461000.5
    assert bennu.elements["a"] == 1.1260024307699046 and bennu.elements["M"] == 267.46912278252705
    assert bennu.covariance.shape == (7, 7) and np.linalg.eigvalsh(bennu.covariance[:6, :6]).min() > 0
    assert np.sqrt(bennu.covariance[0, 0]) == pytest.approx(2.09078e-10, rel=1e-5)  # their printed rms of a
    assert bennu.nongravitational["yarkovsky_1e10_au_d2"] == -4.60477568857430e-04


def test_two_agencies_agree_on_bennu() -> None:
    theirs = neocc.solution(answer("101955.ke1")).elements
    table = snapshot.load()
    ours = table.row(find("Bennu", table))  # both at JD 2461000.5 TT
    assert ours["semi_major_axis_au"] == pytest.approx(theirs["a"], abs=2e-7)
    assert ours["mean_anomaly_deg"] == pytest.approx(theirs["M"], abs=3e-4)


def test_neocc_without_nongravitational_terms() -> None:
    eros = neocc.solution(answer("433.ke1"))
    assert eros.covariance.shape == (6, 6) and eros.nongravitational == {}


# Rows of our own in the layout of the table: the albedo, or the diameter too, was assumed for the fit.
ASSUMED = (
    b'     0,"2010 AB78  ","K10A78B ",18.30,+0.15,2455220.5,  8,  8,  9,  9,'
    b'"D-B-",  1.543,  0.040,0.031,0.010,-.999,-.999,1.400,-9.99,"-","Mai11",""\n'
    b'     0,"2010 CA    ","K10C00A ",23.10,+0.15,2455230.5,  0,  0,  5,  5,'
    b'"--B-",  1.000,  0.000,0.100,0.000,-.999,-.999,1.000,0.000,"-","Mai11",""\n'
)


def test_neowise_rows_of_astraea_and_5311() -> None:
    found = list(neowise.measurements(answer("neowise_sample.csv") + ASSUMED))
    assert [(m.number, m.provisional, m.quantity, m.value, m.sigma) for m in found] == [
        (5, "", "diameter_km", 108.293, 3.703),
        (5, "", "albedo", 0.274, 0.033),
        (5311, "1981 GD1", "diameter_km", 9.349, 0.332),
        (5311, "1981 GD1", "albedo", 0.073, 0.009),
        (0, "2010 AB78", "diameter_km", 1.543, 0.040),
    ]
    with pytest.raises(BadSource, match="line 1 has 3 columns"):
        list(neowise.measurements(b"1,2,3\n"))


def ssobft(path: Path, selection: str = "*") -> Path:
    """The flat table that SsODNet would make of the cards."""
    with duckdb.connect() as db:
        cards = f"read_json('{ANSWERS / 'ssodnet_cards.json'}')"
        db.execute(f"COPY (SELECT {selection} FROM {cards}) TO '{path}' (FORMAT parquet)")
    return path


def test_ssodnet_cards_of_bennu_and_massalia(tmp_path: Path) -> None:
    found = {(m.number, m.quantity): m for m in ssodnet.measurements(ssobft(tmp_path / "ssoBFT.parquet"))}
    assert {number for number, _ in found} == {101955, 20}  # nothing is measured of 1995 ST49
    assert (found[101955, "diameter_km"].value, found[101955, "diameter_km"].sigma) == (0.488, 0.019)
    assert found[101955, "density_g_cm3"].value == pytest.approx(1.204673)
    assert found[101955, "mass_kg"].value == 73303956923.07692 and found[101955, "taxonomy"].text == "B"
    assert found[101955, "period_h"].value == 4.296057 and found[101955, "albedo"].value == 0.044
    assert found[20, "thermal_inertia_si"].sigma == 25.0  # the larger half of -10 and +25
    assert (found[20, "period_h"].value, found[20, "period_h"].sigma) == (8.0974, 0.0001089109)  # the first of four


def test_ssodnet_columns_before_2026(tmp_path: Path) -> None:
    """As first published: other names, the first spin in columns of its own."""
    older = """number AS sso_number, name AS sso_name, "diameter.value", "diameter.error.min", "diameter.error.max",
        "spins.period.value"[1] AS "spins.1.period.value", "taxonomy.class" AS "taxonomy.class.value" """
    found = {(m.number, m.quantity): m for m in ssodnet.measurements(ssobft(tmp_path / "old.parquet", older))}
    assert found[20, "period_h"].value == 8.0974 and found[20, "taxonomy"].text == "S"
    assert found[101955, "diameter_km"].sigma == 0.019
    unnumbered = "NULL::DOUBLE AS number, '2010 AB78' AS name, 1.5 AS \"diameter.value\""
    only = next(ssodnet.measurements(ssobft(tmp_path / "unnumbered.parquet", unnumbered)))
    assert (only.number, only.provisional, only.value) == (0, "2010 AB78", 1.5)
    with pytest.raises(BadSource, match="no columns number and name, nor sso_number and sso_name"):
        list(ssodnet.measurements(ssobft(tmp_path / "no.parquet", "id")))


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 000 rows in both formats of the Minor Planet Center."""
    folder = tmp_path_factory.mktemp("copies")
    scale_catalogue.make(3000, folder)
    return folder


def test_fixed_width_and_json_give_the_same_catalogue(copies: Path) -> None:
    tables = {}
    for name, read in {"MPCORB.DAT": mpc.read_mpcorb, "mpcorb_extended.json": mpc.read_extended}.items():
        with duckdb.connect() as db:
            count = read(db, copies / name)
            snapshot.write(db, copies / "made.parquet")
        assert count.read == count.kept == 3000
        snapshot._load.cache_clear()
        tables[name] = snapshot.load(copies / "made.parquet")
    lines, records = tables.values()
    only_json = {"provisional", "other_designations", "full_name", "mpc_orbit_type", "neo"}
    only_json |= {n for n in records.names if n.startswith(("peri", "aphelion", "half", "synodic"))} - {
        "perihelion_argument_deg"
    }
    for name in set(records.names) - only_json:
        same = (lines[name] == records[name]) | ((lines[name] != lines[name]) & (records[name] != records[name]))
        assert same.all(), name
    assert lines["full_name"][0] == "433 Eros" and records["full_name"][0] == "433 Eros (A898 PA)"


def test_a_line_of_the_minor_planet_center(tmp_path: Path) -> None:
    # in the published layout; columns counted by hand
    line = (
        "00001    3.34  0.15 K2555 188.70269   73.27343   80.25221   10.58780  0.0794013  0.21424651   2.7660512"
        "  0 E2024-V47  7330 125 1801-2024 0.80 M-v 30k MPCLINUX   4000      (1) Ceres              20241101"
    )
    (tmp_path / "MPCORB.DAT").write_text("header\n" + "-" * 160 + "\n" + line + "\n\n" + "short\n")
    with duckdb.connect() as db:
        count = mpc.read_mpcorb(db, tmp_path / "MPCORB.DAT")
        snapshot.write(db, tmp_path / "made.parquet")
    assert (count.read, count.kept, count.refused) == (2, 1, {"no designation": 1})
    ceres = snapshot.load(tmp_path / "made.parquet").row(0)
    assert ceres["epoch_jd_tt"] == 2460800.5  # 2025-05-05.0 TT
    assert ceres["full_name"] == "1 Ceres" and ceres["orbit_class"] == "MBA" and ceres["h_mag"] == 3.34
    assert ceres["eccentricity"] == 0.0794013 and ceres["n_observations"] == 7330 and ceres["computer"] == "MPCLINUX"
    assert ceres["last_observation"] == "2024-11-01" and ceres["arc_years"] == "1801-2024"


def test_a_file_that_is_mostly_unreadable_is_refused() -> None:
    with duckdb.connect() as db, pytest.raises(BadSource, match=r"only 0 of .* rows can be read"):
        mpc.read_mpcorb(db, ANSWERS / "mpcorb_short_sample.dat")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({'"e": 0.222836': '"e": 1.222836'}, "eccentricity outside 0..1"),
        ({'"a": 1.458121': '"a": -1.458121'}, "semi-major axis not positive"),
        ({'"a": 1.458121': '"a": "wide"'}, "a is not DECIMAL(18,7)"),
        ({'"e": 0.222836': '"e": "NaN"'}, "e is not DECIMAL(9,7)"),
        ({'"M": 310.55432': '"M": 310.554321'}, "M is not DECIMAL(9,5)"),
        ({'"Epoch": 2461000.5': '"Epoch": 61000'}, "epoch outside the calendar"),
        ({'"Last_obs": "2026-02-10"': '"Last_obs": "2026-02-31"'}, "Last_obs is not DATE"),
        ({'"Peri": 178.92976,': ""}, "no Peri"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_reason(change: dict[str, str], reason: str, tmp_path: Path) -> None:
    text = answer("mpc_nea_extended_sample.json").decode()
    for before, after in change.items():
        assert before in text
        text = text.replace(before, after, 1)
    path = tmp_path / "nea_extended.json"
    path.write_text(text)
    with duckdb.connect() as db:
        count = mpc.read_extended(db, path)
    assert count.refused == {reason: 1} and count.kept == count.read - 1


def test_a_new_key_is_reported_not_lost_in_silence(tmp_path: Path) -> None:
    text = answer("mpc_nea_extended_sample.json").decode().replace('"Num_opps"', '"Albedo": 0.2,\n"Num_opps"', 1)
    (tmp_path / "nea_extended.json").write_text(text)
    with duckdb.connect() as db:
        assert mpc.read_extended(db, tmp_path / "nea_extended.json").unread_keys == ("Albedo",)


def measured(rows: int, folder: Path) -> dict[str, dict[str, Any]]:
    """Import and query of both formats at that size, each in a process of its own, so that its memory is its own."""
    scale_catalogue.make(rows, folder)
    found = {}
    for name in ("mpcorb_extended.json", "MPCORB.DAT"):
        command = [sys.executable, "-m", "benchmarks.catalogue", str(folder / name)]
        run = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
        found[name] = json.loads(run.stdout)
        assert found[name]["rows"] == rows
    return found


def test_a_tenth_of_the_whole_catalogue_is_imported_in_a_tenth_of_the_time(tmp_path: Path, claim: Any) -> None:
    for name, result in measured(140_000, tmp_path).items():
        claim(f"140 000 bodies from {name}, import", oracle="60 s of processor time for ten times as many",
              measured=result["cpu_s"], at_most=6.0, unit="s", status="modelled")  # fmt: skip
        claim(f"140 000 bodies from {name}, most memory", oracle="2 GiB for ten times as many",
              measured=result["memory_with_comparison_gib"], at_most=0.6, unit="GiB", status="modelled")  # fmt: skip
        claim(f"140 000 bodies from {name}, slowest of four queries", oracle="0.1 s for ten times as many",
              measured=result["query_s"], at_most=0.1, unit="s", status="modelled")  # fmt: skip


@pytest.mark.slow
def test_catalogue_of_1_4_million_bodies(tmp_path: Path) -> None:
    for result in measured(1_400_000, tmp_path).values():
        assert result["cpu_s"] < 60, result
        assert result["memory_with_comparison_gib"] < 1.6, result
        assert result["query_s"] < 0.1, result
