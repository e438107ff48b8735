"""What a run says of itself: versions, hashes, seed, papers, data, funnel, what it leaves out."""

import platform
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final

import numpy as np

import motherlode
from motherlode import epochs
from motherlode.access import ports
from motherlode.capture import destinations
from motherlode.catalogue import physical, snapshot
from motherlode.economy import value
from motherlode.ephemeris import almanac, planets
from motherlode.study import parquet, steps
from motherlode.study.config import Study
from motherlode.study.store import Store
from motherlode.tables import Table

PAPERS: Final = (
    "Orbits: Minor Planet Center, extended near-Earth orbit file, https://minorplanetcenter.net",
    "Planets: Park, Folkner, Williams & Boggs 2021, AJ 161:105 (DE440), refitted in Chebyshev series",
    "Lambert's problem: Izzo 2015, doi:10.1007/s10569-014-9587-y",
    "Screening: Shoemaker & Helin 1978, NASA CP-2053; Benner's list, JPL 2013",
    "Round trips: Barbee, Mink & Adamo 2011, NTRS 20110010993; JPL NHATS API 1.3",
    "Classes, albedos, spectra: Mahlke, Carry & Mattei 2022, doi:10.1051/0004-6361/202243587",
    "Known physical parameters: JPL Small-Body Database",
    "Capture: García Yárnoz, Sanchez & McInnes 2013, doi:10.1007/s10569-013-9495-6; Brophy et al. 2012 (Keck study)",
)
VALIDATION: Final = (
    ("planet positions", "validated", "JPL DE440"),
    ("Lambert arcs", "validated", "published cases and random residuals"),
    ("screening Δv", "validated", "Benner's list"),
    ("round trips of well-known orbits", "validated", "JPL NHATS, within the error of two-body motion"),
    ("sizes, masses, composition", "modelled", "published distributions; each asteroid may differ"),
    ("captures near the Earth", "modelled", "retrieval cost by direct transfer; manifolds are cheaper"),
    ("captures near Mars", "unvalidated", "no published counterpart"),
    ("values and NPV", "modelled", "published price and cost data; the businesses do not exist yet"),
)


def make(study: Study, place: Store, code: str) -> dict[str, Any]:
    """The manifest of a finished run, with its funnel under ``funnel``."""
    tables = {step.name: parquet.read(place.table_path(step.name)) for step in steps.LINE}
    return {
        "name": study.name,
        "title": study.title,
        "version": motherlode.__version__,
        "code_sha256": code,
        "study_sha256": sha256((place.folder / "study.toml").read_bytes()).hexdigest(),
        "seed": study.seed,
        "rows": len(tables["ranked"]),
        "result_sha256": parquet.digest(tables["ranked"]),
        "tables": place.ledger.steps(),
        "failures": [dict(zip(("step", "chunk", "attempts", "message"), row)) for row in place.ledger.failures()],
        "software": {name: version(name) for name in ("numpy", "scipy", "numba", "duckdb", "pydantic")},
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "data": data(),
        "papers": list(PAPERS),
        "validation": [dict(zip(("part", "state", "against"), row)) for row in VALIDATION],
        "leaves_out": leaves_out(study),
        "funnel": funnel(study, tables),
    }


def data() -> list[dict[str, str]]:
    """The packaged tables a run stands on, with their hashes."""
    info = snapshot.info()
    table = next(path for path in (planets.__file__,) if path)
    from pathlib import Path

    kernel = Path(table).parent / "data" / "planets.npy"
    return [
        {
            "name": "asteroids",
            "origin": f"{info['source']}, {info['n_asteroids']:,} objects, "
            f"last observation {info['last_observation']}",
            "sha256": parquet.hash_of(snapshot.PACKAGED),
        },
        {
            "name": "measured values",
            "origin": "SBDB and Mahlke et al. 2022",
            "sha256": parquet.hash_of(physical.PACKAGED),
        },
        {"name": "planets", "origin": almanac.load().source, "sha256": parquet.hash_of(kernel)},
    ]


MOTION: Final = (
    "round trips use integrated asteroids without forces other than gravity; "
    "first looks, onward legs of the haul and capture use two-body orbits"
)


def leaves_out(study: Study) -> list[str]:
    """What the numbers of this run do not contain, in sentences."""
    lines = [MOTION, "legs are impulsive, without gravity assists and without complete turns about the Sun"]
    lines += [line for name in study.access.ports for line in ports.find(name).leaves_out]
    for name in study.capture.destinations:
        place = destinations.find(name)
        lines += [f"{name}: {line}" for line in (*place.leaves_out, *((place.label,) if place.label else ()))]
    lines += list(value.LEAVES_OUT)
    lines.append("the haul leaves by its own cheapest leg to the place of sale within 800 d, by burns alone")
    return list(dict.fromkeys(lines))


def funnel(study: Study, tables: dict[str, Table]) -> list[dict[str, Any]]:
    """How many were left at each gate, and why the others were not."""
    asteroids = tables["asteroids"]
    chosen = int(asteroids["selected"].sum())
    gates = [
        _gate("in the catalogue", "", len(asteroids), 0, snapshot.info()["source"]),
        _gate(
            "looked at",
            "",
            chosen,
            len(asteroids) - chosen,
            "brightness unknown, orbit open, or outside the study's limits",
        ),
    ]
    for port in study.access.ports:
        gates += _of_port(study, tables, port, chosen)
    return gates


def _of_port(study: Study, tables: dict[str, Table], port: str, chosen: int) -> list[dict[str, Any]]:
    limits = study.access
    earth = ports.find(port).body == "earth"
    bound = (
        f"Shoemaker-Helin Δv above {limits.shoemaker_helin_below_km_s:g} km/s"
        if earth
        else f"two-burn Δv from the planet's orbit above {limits.hohmann_below_km_s:g} km/s"
    )
    near = len(steps.near(study, asteroids := tables["asteroids"], port))
    passed = _count(tables["screen"], port)
    searched = int((tables["search"]["port"] == port).sum())
    ranked = int((tables["ranked"]["port"] == port).sum())
    won = int((tables["ranked"]["break_even_price_factor"][tables["ranked"]["port"] == port] < 1).sum())
    window = f"{epochs.iso(limits.window.span[0])} to {epochs.iso(limits.window.span[1])}"
    rules = f"no round trip within {limits.delta_v_below_km_s:g} km/s and {limits.duration_below_d:g} d, {window}"
    assert len(asteroids) >= near
    return [
        _gate("near enough", port, near, chosen - near, bound),
        _gate("round trip exists", port, passed, near - passed, rules),
        _gate(
            "searched exactly",
            port,
            searched,
            passed - searched,
            f"not among the {limits.screened} cheapest, "
            f"nor the {limits.screened_large} cheapest of {limits.large_m:g} m and more",
        ),
        _gate("deliverable and valued", port, ranked, searched - ranked, "no onward leg to any place of sale"),
        _gate(
            "mean NPV above zero",
            port,
            won,
            ranked - won,
            "costs more than it earns at today's prices and launch costs",
        ),
    ]


def _count(table: Table, port: str) -> int:
    return int(((table["port"] == port) & np.isfinite(table["min_delta_v_km_s"])).sum())


def _gate(stage: str, port: str, kept: int, rejected: int, why: str) -> dict[str, Any]:
    return {"stage": stage, "port": port, "kept": kept, "rejected": rejected, "why": why}
