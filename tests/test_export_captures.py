"""Captures at the Moon and by a ballistic way, flown to the orbit where they end and written for other tools.

Read back by readers that are not ours.
"""

import re
from functools import partial
from typing import Any

import duckdb
import numpy as np
import pytest
import spiceypy
from tests import readers
from tests.test_export_flights import pulled

from motherlode.capture import ballistic, descents, weak_flight
from motherlode.capture.ballistic import Shapes
from motherlode.capture.destinations import HIGH_LUNAR_RADIUS_KM, MARS_FAR_KM
from motherlode.cli import app
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import almanac
from motherlode.errors import UnknownName
from motherlode.export import files, samples
from motherlode.study import capture_flight
from motherlode.units import DAY, METRE, METRE_S

FEW = Shapes(eccentricities=(0.992, 0.996), planes=((0.0, 1), (90.0, 2), (180.0, 1)), sides=24, seasons=8)
MOON, MARS = "about the Moon", "ballistic, about Mars"


def _ballistic(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """68278 into the wide ellipse, by a small library of captures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ballistic, "load", lambda cache: ballistic.build(FEW))
        patch.setattr(weak_flight, "fly", partial(weak_flight.fly, shapes=FEW))
        patch.setenv("MOTHERLODE_DATA", str(tmp_path_factory.mktemp("data")))
        span = ("2030-01-01", "2090-01-01")
        return capture_flight.flown("68278", "mars-high-orbit", span=span, way="ballistic capture")


@pytest.fixture(scope="module", params=[MOON, MARS])
def where(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def captured(where: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    if where == MARS:
        return _ballistic(tmp_path_factory)
    return capture_flight.flown("2000 SG344", "high-lunar-orbit")


@pytest.fixture(scope="module")
def arcs(captured: Any) -> list[samples.Samples]:
    return samples.of_arcs(captured.path, captured.path.span)


def test_the_path_leads_into_the_orbit_and_stays(where: str, captured: Any) -> None:
    name, nearest, farthest, days = {
        MOON: ("moon", HIGH_LUNAR_RADIUS_KM / 2.0, HIGH_LUNAR_RADIUS_KM * 2.0, 59.0),
        MARS: ("mars", RADIUS_KM["mars"] + descents.LOWEST_KM, 1.2 * MARS_FAR_KM, 9.0),
    }[where]
    path, planet = captured.path, almanac.load()[name]
    last = path.span[1]
    t = np.linspace(last - days * DAY, last, 4_000)
    here = path.state(t) - planet.state(t)
    away = np.linalg.norm(here[:, :3], axis=1)
    assert nearest < away.min() < away.max() < farthest
    assert np.all(0.5 * np.sum(here[:, 3:] ** 2, 1) < GM_KM3_S2[name] / away)
    assert list(dict.fromkeys(captured.labels))[:2] == ["its own orbit", "towed"]
    assert captured.labels[-1] in ("captured", "orbit about the Moon")


def test_its_arcs_meet_and_differ_by_the_burns(where: str, captured: Any) -> None:
    """Ten kilometres are what the deep arcs are aimed to; the answer says what Mars's bulge leaves."""
    path = captured.path
    at = {burn.epoch_tdb: burn for burn in captured.burns}
    for t, before, after, label in zip(path.changes, path.arcs[:-1], path.arcs[1:], captured.labels[1:]):
        jump = after.state(t) - before.state(t)
        assert np.linalg.norm(jump[:3]) < 10.0
        if label != "braking":
            given = np.array(at[t].change_km_s) if t in at else np.zeros(3)
            assert jump[3:] == pytest.approx(given, abs=1e-6)
    total = sum(burn.delta_v_km_s for burn in captured.burns)
    assert total < 1.6 * captured.way.delta_v_km_s
    said = " ".join(captured.leaves_out)
    assert ("Mars's bulge before the burn" if where == MARS else "drawn as an impulse") in said


@pytest.mark.parametrize("form", ["oem", "stk", "csv", "votable"])
def test_every_arc_is_read_back_to_metres(
    claim: Any, where: str, form: str, captured: Any, arcs: list[samples.Samples]
) -> None:
    read = {"oem": readers.oem, "stk": readers.stk, "csv": readers.spreadsheet, "votable": readers.votable}[form]
    back = read(files.content(form, arcs, captured.burns, captured.forces).decode())
    assert len(back) == len(arcs) == len(captured.labels)
    draw, miss = np.random.default_rng(5), 0.0
    for arc, mover in zip(back, captured.path.arcs):
        for at in draw.uniform(arc[0][0], arc[0][-1], 12):
            miss = max(miss, float(np.linalg.norm(readers.hermite(arc, at) - mover.state(at)[:3])) / METRE)
    claim(f"capture {where} as {form}", oracle="Python and SciPy read it", measured=miss, at_most=5.0, unit="m")


def test_spice_reads_it(claim: Any, where: str, captured: Any, tmp_path: Any) -> None:
    done = files.write(captured.path, "spk", captured.path.span, tmp_path / "capture.bsp")
    spiceypy.furnsh(str(tmp_path / "capture.bsp"))
    draw, worst = np.random.default_rng(6), 0.0
    try:
        for mover, a, b in zip(
            captured.path.arcs,
            (captured.path.span[0], *captured.path.changes),
            (*captured.path.changes, captured.path.span[1]),
        ):
            t = draw.uniform(a, b, 60)
            theirs = np.array([spiceypy.spkgeo(done["naif_id"], x, "J2000", 10)[0] for x in t])
            worst = max(worst, float(np.linalg.norm((theirs - mover.state(t))[:, :3], axis=1).max()) / METRE)
    finally:
        spiceypy.kclear()
    claim(f"capture {where} as SPK", oracle="CSPICE reads it", measured=worst, at_most=1.0, unit="m")


def test_a_database_reads_it(arcs: list[samples.Samples], tmp_path: Any) -> None:
    path = tmp_path / "capture.parquet"
    path.write_bytes(files.content("parquet", arcs))
    with duckdb.connect() as database:
        rows = database.execute(f"SELECT * FROM '{path}' ORDER BY arc, epoch_tdb").fetchnumpy()
    for key, column in zip(("x_km", "y_km", "z_km", "vx_km_s", "vy_km_s", "vz_km_s"), range(6)):
        assert np.array_equal(rows[key], np.concatenate([arc.states[:, column] for arc in arcs]))


def test_burns_in_messages_and_calendars(captured: Any, arcs: list[samples.Samples], tmp_path: Any) -> None:
    written = files.content("opm", arcs, captured.burns).decode()
    pushes = np.array(re.findall(r"MAN_DV_\d = (\S+)", written), dtype=float).reshape(-1, 3)
    assert pushes == pytest.approx(np.array([burn.change_km_s for burn in captured.burns]))
    files.write_burns(captured.path.name, captured.burns, captured.forces, 0.0, tmp_path / "burns.ics")
    plain = (tmp_path / "burns.ics").read_text().replace("\n ", "").replace("\\,", ",")
    assert plain.count("BEGIN:VEVENT") == len(captured.burns) >= 3
    assert f"{captured.burns[-1].what}, {captured.burns[-1].delta_v_km_s / METRE_S:.1f} m/s" in plain


def test_a_gmat_script_flies_to_the_joining_burn(
    claim: Any, where: str, captured: Any, arcs: list[samples.Samples]
) -> None:
    """Epoch, state, forces, first burn and days of the script, followed by SciPy."""
    from scipy.integrate import solve_ivp

    written = files.content("gmat", arcs, captured.burns).decode()
    value = {k: float(v.strip("'")) for k, v in re.findall(r"\w+\.(X|Y|Z|VX|VY|VZ|Epoch) = ('?[-\d.e]+'?);", written)}
    y = np.array([value[k] for k in ("X", "Y", "Z", "VX", "VY", "VZ")])
    t = (value["Epoch"] + 2_430_000.0 - 2_451_545.0) * DAY
    names = re.search(r"PointMasses = \{(.+)\}", written)[1].lower().replace("luna", "moon").split(", ")[1:]
    kicks = np.array(re.findall(r"Burn\d\.Element\d = (\S+);", written), dtype=float).reshape(-1, 3)
    assert kicks == pytest.approx(np.array([burn.change_km_s for burn in captured.burns]))
    for verb, what in re.findall(r"^(Propagate|Maneuver) (.+);$", written, re.M)[:3]:
        if verb == "Maneuver":
            y[3:] += kicks[int(re.search(r"Burn(\d)", what)[1])]
            continue
        end = t + float(re.search(r"ElapsedDays = ([\d.]+)", what)[1]) * DAY
        y = solve_ivp(pulled, (t, end), y, method="DOP853", rtol=1e-12, atol=1e-6, args=(names,)).y[:, -1]
        t = end
    miss = float(np.linalg.norm(y[:3] - captured.path.state(t)[:3]))
    claim(f"GMAT script of a capture {where}, flown to the joining burn", oracle="SciPy DOP853, own forces",
          measured=miss, at_most=50.0, unit="km")  # fmt: skip


def test_a_way_that_is_none_is_named() -> None:
    with pytest.raises(UnknownName, match="ballistic capture"):
        capture_flight.flown("68278", "mars-high-orbit", way="by magic")


def test_the_verb_chooses_among_the_ways_of_a_capture(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["export", "Bennu", "--format", "oem", "--way", "close approach"]) == 2
    assert "name its place with --capture" in capsys.readouterr().err
