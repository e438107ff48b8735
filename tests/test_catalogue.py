"""The packaged catalogue: nothing lost, nothing mixed up, nothing slow."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from tools.build_catalogue import digest, published, stored

from motherlode import epochs
from motherlode.catalogue import classes, mpc, orbits, physical, query, schema, snapshot
from motherlode.catalogue.designations import find
from motherlode.errors import BadInput, BadSource
from motherlode.tables import Table
from motherlode.units import AU, DEG

ANSWERS = Path(__file__).parent / "authorities" / "answers"
# SHA-256 of the 40 874 records of nea_extended.json (last observation 2026-02-12), keys sorted, one per line.
PUBLISHED_SHA256 = "534e2fb235c3769073c5562ac7f076a54d88bf8e3a77cae5678d3489e2633f31"


@pytest.fixture(scope="module")
def catalogue() -> Table:
    return snapshot.load()


def test_every_published_digit_is_kept() -> None:
    records = [published(row) for row in stored(snapshot.PACKAGED)]
    assert len(records) == 40_874
    assert digest(records) == PUBLISHED_SHA256


def test_snapshot_is_small_and_quick(claim) -> None:
    claim(
        "catalogue of 40 874 near-Earth asteroids, size of the file",
        oracle="the file",
        measured=snapshot.PACKAGED.stat().st_size / 2**20,
        at_most=4,
        unit="MiB",
    )


def test_bennu_as_the_minor_planet_center_publishes_it(catalogue: Table) -> None:
    # read by hand in nea_extended.json, 2026-02-12
    bennu = catalogue.row(find("Bennu", catalogue))
    expected = {
        "designation": "101955",
        "full_name": "101955 Bennu (1999 RQ36)",
        "number": 101955,
        "provisional": "1999 RQ36",
        "h_mag": 20.68,
        "g_slope": 0.15,
        "epoch_jd_tt": 2461000.5,
        "n_oppositions": 7,
        "u_code": "0",
        "orbit_class": "APO",
        "pha": True,
    }
    assert {name: bennu[name] for name in expected} == expected
    assert bennu["semi_major_axis_au"] == pytest.approx(1.1260, abs=1e-4)


def test_quality_and_flags_are_counted_as_published(catalogue: Table) -> None:
    assert catalogue["stale_epoch"].sum() == 61
    assert (catalogue["n_oppositions"] > 1).sum() == 10_733
    assert np.isin(catalogue["u_code"], list("012345")).sum() == 17_763
    assert (catalogue["u_code"] == "E").sum() == 39
    assert (catalogue["u_code"] == "").sum() == 35
    assert np.isnan(catalogue["h_mag"]).sum() == 2 + 9  # absent, and marked 99.99
    assert catalogue["pha"].sum() == 2_529


def test_orbit_classes_follow_the_small_body_database(catalogue: Table) -> None:
    codes, counts = np.unique(catalogue["orbit_class"].astype(str), return_counts=True)
    assert dict(zip(codes.tolist(), counts.tolist())) == {"APO": 23_187, "AMO": 14_332, "ATE": 3_316, "IEO": 39}
    assert not np.array_equal(catalogue["mpc_orbit_type"], [classes.title(c) for c in catalogue["orbit_class"]])


@pytest.mark.parametrize(
    ("a", "e", "code"),
    [(0.7, 0.3, "IEO"), (0.9, 0.3, "ATE"), (1.5, 0.5, "APO"), (1.5, 0.2, "AMO"), (2.5, 0.4, "MCA"),
     (1.9, 0.05, "IMB"), (2.77, 0.08, "MBA"), (3.5, 0.1, "OMB"), (5.2, 0.1, "TJN"), (5.2, 0.5, "AST"),
     (13.6, 0.4, "CEN"), (39.5, 0.25, "TNO"), (-1.3, 1.2, "HYA")],
)  # fmt: skip
def test_class_rules(a: float, e: float, code: str) -> None:
    assert classes.of(a, e) == code


def test_every_column_is_declared_once(catalogue: Table) -> None:
    assert catalogue.names == [column.name for column in schema.COLUMNS]
    for column in schema.COLUMNS:
        assert column.meaning and column.origin in {"MPC", "here"}
        assert column.origin == "here" or column.key
    page = (Path(__file__).parents[1] / "docs" / "catalogue.md").read_text()
    assert all(f"`{column.name}`" in page for column in schema.COLUMNS)


def test_orbits_take_the_epoch_as_terrestrial_time(catalogue: Table) -> None:
    row = find("Bennu", catalogue)
    orbit = orbits.of(catalogue)[row]
    assert orbit.name == "101955"
    assert orbit.epoch_tdb == epochs.from_jd_tt(2461000.5)
    assert orbit.semi_major_axis_km == catalogue["semi_major_axis_au"][row] * AU
    assert orbit.node_rad == catalogue["node_deg"][row] * DEG


def test_measured_values_name_their_source(catalogue: Table) -> None:
    known = physical.known(catalogue)
    bennu = known.row(find("Bennu", catalogue))
    assert bennu["diameter_km"] == 0.48444 and bennu["diameter_sigma_km"] == 0.0003
    assert bennu["diameter_km_source"] == "SBDB: Daly, M.G., et al., Sci. Adv. 6, eabd3649 (2020)"
    assert bennu["mass_kg"] == pytest.approx(7.327e10, rel=1e-3)  # GM 4.8904e-9 km³/s²
    assert bennu["taxonomy"] == "B"
    assert known.row(find("Eros", catalogue))["taxonomy"] == "S"
    for quantity in ("diameter_km", "albedo", "period_h", "mass_kg", "density_g_cm3"):
        assert np.array_equal(np.isnan(known[quantity]), known[f"{quantity}_source"] == "")
    assert len(known) == len(catalogue)


def test_unnumbered_bodies_keep_their_measured_values(catalogue: Table) -> None:
    known = physical.known(catalogue)
    assert known.row(find("2016 RB1", catalogue))["taxonomy"] == "S"


def test_query_answers_a_select() -> None:
    rows = query.run("SELECT designation, h_mag FROM catalogue WHERE h_mag < 11 ORDER BY h_mag  -- the largest")
    assert list(rows.rows()) == [{"designation": "1036", "h_mag": 9.17}, {"designation": "433", "h_mag": 10.38}]


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/hostname')", "FROM glob('/etc/*')",
     "SELECT * FROM '/etc/passwd'", "SELECT getenv('HOME')", "SELECT * FROM duckdb_secrets()",
     "SELECT * FROM read_parquet('https://example.org/x.parquet')", "SELECT * FROM sniff_csv('/etc/passwd')"],
)  # fmt: skip
def test_query_reaches_no_file_and_no_network(sql: str) -> None:
    with pytest.raises(BadInput, match="the query fails"):
        query.run(sql)


@pytest.mark.parametrize(
    "sql",
    ["COPY catalogue TO 'x.csv'", "SELECT 1; SELECT 2", "ATTACH 'x.db'", "INSTALL httpfs", "LOAD httpfs",
     "SET enable_external_access = true", "PRAGMA database_list", "CREATE TABLE x AS SELECT 1", "DROP VIEW catalogue",
     "EXPORT DATABASE 'x'", "", "EXPLAIN ANALYZE SELECT 1", "UPDATE catalogue SET h_mag = 1"],
)  # fmt: skip
def test_query_takes_one_select(sql: str) -> None:
    with pytest.raises(BadInput, match="one SELECT"):
        query.run(sql)


def test_query_does_not_run_for_ever() -> None:
    with pytest.raises(BadInput, match="took longer than"):
        query.run("SELECT count(*) FROM range(100000000000) a, range(1000) b", timeout_s=0.3)


def test_broken_sql_is_said_in_one_line() -> None:
    with pytest.raises(BadInput, match="cannot read the SQL: Parser Error"):
        query.run("SELEC 1")


def test_damaged_snapshot_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "catalogue.parquet"
    broken.write_bytes(snapshot.PACKAGED.read_bytes()[:100_000])
    with pytest.raises(BadSource, match="not a readable catalogue"):
        snapshot.load(broken)
    with pytest.raises(BadSource, match="not a readable catalogue"):
        snapshot.load(tmp_path / "absent.parquet")
    with pytest.raises(BadSource, match="lacks the columns designation"):
        snapshot.load(physical.PACKAGED)


def test_extended_json_sample_is_read_whole(tmp_path: Path) -> None:
    with duckdb.connect() as db:
        count = mpc.read_extended(db, ANSWERS / "mpc_nea_extended_sample.json")
        snapshot.write(db, tmp_path / "made.parquet")
    assert count.read == count.kept > 5 and not count.refused
    made = snapshot.load(tmp_path / "made.parquet")
    assert find("Apophis", made) == 1 and made["pha"][1] and made["epoch_jd_tt"][1] == 2461000.5


def test_info_counts_what_is_there() -> None:
    info = snapshot.info()
    assert info["n_asteroids"] == 40_874 and info["n_stale_epoch"] == 61 and info["last_observation"] == "2026-02-12"
