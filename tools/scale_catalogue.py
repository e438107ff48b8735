"""A catalogue of a million rows and more, made from the real ones, to measure imports and queries at full scale.

    python tools/scale_catalogue.py ROWS FOLDER

Row k repeats row k mod 40 874 of the packaged catalogue: real quality and text of every kind. A copy has a number of
its own (1 000 000 + k) instead of name and provisional designation, and the last four digits of its elements moved by
chance, so that nothing compresses better than real rows would. Writes mpcorb_extended.json as the Minor Planet Center
serves it, and MPCORB.DAT.
"""

import sys
from pathlib import Path

import duckdb

from motherlode.catalogue import snapshot
from motherlode.catalogue.schema import PUBLISHED

HEADER = "MINOR PLANET CENTER ORBIT DATABASE (MPCORB), copies of real rows\n\n" + "-" * 160 + "\n"


def make(rows: int, folder: Path) -> None:
    with duckdb.connect() as db:
        db.execute(f"CREATE VIEW packaged AS FROM read_parquet('{snapshot.PACKAGED}')")
        db.execute(f"""CREATE VIEW copies AS SELECT p.* REPLACE (
            CASE WHEN c = 0 THEN number ELSE 1000000 + c * 40874 + place END AS number,
            CASE WHEN c = 0 THEN provisional END AS provisional,
            CASE WHEN c = 0 THEN name END AS name,
            CASE WHEN c = 0 THEN other_designations END AS other_designations,
            (semi_major_axis_au + {moved(1, "DECIMAL(18,7)", "1e-7")}) AS semi_major_axis_au,
            (eccentricity + {moved(2, "DECIMAL(9,7)", "1e-7")}) AS eccentricity,
            (inclination_deg + {moved(3, "DECIMAL(9,5)", "1e-5")}) AS inclination_deg,
            (node_deg + {moved(4, "DECIMAL(9,5)", "1e-5")}) % 360 AS node_deg,
            (perihelion_argument_deg + {moved(5, "DECIMAL(9,5)", "1e-5")}) % 360 AS perihelion_argument_deg,
            (mean_anomaly_deg + {moved(6, "DECIMAL(9,5)", "1e-5")}) % 360 AS mean_anomaly_deg)
            FROM range({-(-rows // 40_874)}) copy(c), (SELECT row_number() OVER () AS place, * FROM packaged) p
            LIMIT {rows}""")  # fmt: skip
        extended(db, folder / "mpcorb_extended.json")
        fixed_width(db, folder / "MPCORB.DAT")


def moved(seed: int, kind: str, unit: str) -> str:
    """SQL for a reproducible shift of up to 9 999 units of the last digit; none for the first copy."""
    return f"(CASE WHEN c = 0 THEN 0 ELSE hash(c * 40874 + place, {seed}) % 9999 * {unit} END)::{kind}"


def extended(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    values = {
        "Number": "'(' || number || ')'",
        "Other_desigs": "CASE WHEN other_designations IS NOT NULL THEN string_split(other_designations, '; ') END",
    }
    keys = ", ".join(
        f'{values.get(c.key, c.name)}{"::DOUBLE" if c.decimals is not None else ""} AS "{c.key}"' for c in PUBLISHED
    )
    db.execute(f"COPY (SELECT {keys} FROM copies) TO '{path}' (FORMAT json, ARRAY true)")


def fixed_width(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Lines as the MPC's export format lays them out, columns counted from 1."""
    digits = "'0123456789ABCDEFGHIJKLMNOPQRSTUV'"
    day = "(DATE '2000-01-01' + (epoch_jd_tt - 2451544.5)::INTEGER)"
    packed_epoch = f"""('K' || lpad((year({day}) % 100)::VARCHAR, 2, '0')
        || {digits}[month({day}) + 1] || {digits}[day({day}) + 1])"""
    readable = (
        "CASE WHEN number IS NULL THEN provisional ELSE '(' || number || ') ' || coalesce(name, provisional, '') END"
    )
    arc = "coalesce(arc_years, lpad(arc_length_d::VARCHAR, 4, ' ') || ' days')"
    pieces = [
        ("'00000'", 7), ("' '", 1), ("coalesce(printf('%5.2f', h_mag::DOUBLE), '')", 5), ("' '", 1),
        ("coalesce(printf('%5.2f', g_slope::DOUBLE), '')", 5), ("' '", 1), (packed_epoch, 5), ("' '", 1),
        ("printf('%9.5f', mean_anomaly_deg::DOUBLE)", 9), ("'  '", 2),
        ("printf('%9.5f', perihelion_argument_deg::DOUBLE)", 9), ("'  '", 2),
        ("printf('%9.5f', node_deg::DOUBLE)", 9), ("'  '", 2), ("printf('%9.5f', inclination_deg::DOUBLE)", 9),
        ("'  '", 2), ("printf('%9.7f', eccentricity::DOUBLE)", 9), ("' '", 1),
        ("printf('%11.8f', mean_motion_deg_d::DOUBLE)", 11), ("' '", 1),
        ("printf('%11.7f', semi_major_axis_au::DOUBLE)", 11), ("'  '", 2), ("coalesce(u_code, '')", 1), ("' '", 1),
        ("reference", 9), ("' '", 1), ("lpad(n_observations::VARCHAR, 5, ' ')", 5), ("' '", 1),
        ("lpad(n_oppositions::VARCHAR, 3, ' ')", 3), ("' '", 1), (arc, 9), ("' '", 1),
        ("printf('%4.2f', rms_arcsec::DOUBLE)", 4), ("' '", 1), ("coalesce(perturbers, '')", 3), ("' '", 1),
        ("coalesce(perturbers_precise, '')", 3), ("' '", 1), ("computer", 10), ("' '", 1), ("hex_flags", 4),
        ("' '", 1), (readable, 28), ("strftime(last_observation, '%Y%m%d')", 8),
    ]  # fmt: skip
    line = " || ".join(f"rpad({sql}, {width}, ' ')" for sql, width in pieces)
    body = path.with_suffix(".body")
    db.execute(
        f"COPY (SELECT {line} FROM copies) TO '{body}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIM '\x01')"
    )
    with path.open("wb") as out, body.open("rb") as lines:
        out.write(HEADER.encode())
        while block := lines.read(1 << 24):
            out.write(block)
    body.unlink()


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
