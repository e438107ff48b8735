"""Captures and round trips as files: every arc, every burn, read back by readers that are not ours."""

import re
from typing import Any

import duckdb
import numpy as np
import pytest
import spiceypy
from tests import readers

from motherlode import epochs
from motherlode.capture import retrieval
from motherlode.capture.manifolds import Recipe
from motherlode.cli import app
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris import almanac
from motherlode.errors import BadInput, NoSolution
from motherlode.export import files, samples
from motherlode.study import capture_flight, flight
from motherlode.units import DAY, METRE, METRE_S

FEW = Recipe("sun-earth", orbits=40, departures=24, eccentricity=0.01671, seasons=12, nearest=retrieval.CLEAR)


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """2006 RH120 on its way to an orbit about Sun-Earth L2, by a small library of manifolds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(retrieval.RECIPES, "earth", FEW)
        patch.setenv("MOTHERLODE_DATA", str(tmp_path_factory.mktemp("data")))
        return capture_flight.flown("2006 RH120", "sun-earth-l2", span=("2035-01-01", "2050-01-01"))


@pytest.fixture(scope="module")
def arcs(captured: Any) -> list[samples.Samples]:
    return samples.of_arcs(captured.path, captured.path.span)


def test_a_capture_is_flown_burn_by_burn(captured, arcs):
    """The asteroid, the tow, the manifold, the libration orbit: they meet, and differ by the burns alone."""
    path = captured.path
    assert captured.way.way == "stable manifold"
    assert len(captured.labels) == len(path.arcs) == len(arcs) == len(path.changes) + 1
    assert list(dict.fromkeys(captured.labels))[:3] == ["its own orbit", "towed", "on the manifold"]
    for t, before, after in zip(path.changes, path.arcs[:-1], path.arcs[1:]):
        assert np.linalg.norm((after.state(t) - before.state(t))[:3]) < 10.0  # km: what the flight is aimed to
    assert path.span[0] + 30 * DAY == captured.burns[0].epoch_tdb == path.changes[0]
    assert 10 * METRE_S < sum(burn.delta_v_km_s for burn in captured.burns) < 250 * METRE_S
    earth = almanac.load()["emb"]
    t = np.linspace(captured.way.arrive_tdb + 60 * DAY, path.span[1], 50)
    assert np.linalg.norm((path.state(t) - earth.state(t))[:, :3], axis=1).max() < 3e6  # km: L2 is at 1.5


@pytest.mark.parametrize("form", ["oem", "stk", "csv", "votable"])
def test_every_arc_is_read_back_to_metres(form, captured, arcs, claim):
    read = {"oem": readers.oem, "stk": readers.stk, "csv": readers.spreadsheet, "votable": readers.votable}[form]
    back = read(files.content(form, arcs, captured.burns, captured.forces).decode())
    assert len(back) == len(arcs)
    draw, miss = np.random.default_rng(5), 0.0
    for arc, mover in zip(back, captured.path.arcs):
        for at in draw.uniform(arc[0][0], arc[0][-1], 3):
            miss = max(miss, float(np.linalg.norm(readers.hermite(arc, at) - mover.state(at)[:3])) / METRE)
    claim(f"capture as {form}", oracle="Python and SciPy read it", measured=miss, at_most=5.0, unit="m")


def test_spice_reads_a_capture(captured, arcs, tmp_path, claim):
    done = files.write(captured.path, "spk", captured.path.span, tmp_path / "capture.bsp")
    spiceypy.furnsh(str(tmp_path / "capture.bsp"))
    try:
        t = np.random.default_rng(6).uniform(*captured.path.span, 300)
        theirs = np.array([spiceypy.spkgeo(done["naif_id"], x, "J2000", 10)[0] for x in t])
    finally:
        spiceypy.kclear()
    miss = np.linalg.norm((theirs - captured.path.state(t))[:, :3], axis=1).max() / METRE
    claim("capture as SPK", oracle="CSPICE reads it", measured=miss, at_most=1.0, unit="m")


def test_a_database_reads_a_capture(arcs, captured, tmp_path):
    path = tmp_path / "capture.parquet"
    path.write_bytes(files.content("parquet", arcs))
    with duckdb.connect() as database:
        counted = database.execute(f"SELECT count(*), count(DISTINCT arc), min(x_km) FROM '{path}'").fetchall()
    least = min(float(arc.states[:, 0].min()) for arc in arcs)
    assert counted == [(sum(len(arc.epoch_tdb) for arc in arcs), len(arcs), least)]


def test_burns_in_messages_and_calendars(captured, arcs, tmp_path):
    written = files.content("opm", arcs, captured.burns).decode()
    pushes = np.array(re.findall(r"MAN_DV_\d = (\S+)", written), dtype=float).reshape(-1, 3)
    assert pushes == pytest.approx(np.array([burn.change_km_s for burn in captured.burns]))
    files.write_burns(captured.path.name, captured.burns, captured.forces, 0.0, tmp_path / "burns.ics")
    plain = (tmp_path / "burns.ics").read_text().replace("\n ", "").replace("\\,", ",")
    assert plain.count("BEGIN:VEVENT") == 2
    assert f"leaves its orbit around the Sun, {captured.burns[0].delta_v_km_s / METRE_S:.1f} m/s" in plain


def test_a_message_begins_before_a_burn_at_its_own_epoch():
    """The state of the round trip's message is that of the Earth; its first burn sends it off."""
    trip = flight.roundtrip("Bennu")
    written = files.content("opm", samples.of_arcs(trip.path, trip.path.span), trip.burns).decode()
    state = np.array(re.findall(r"^[XYZ](?:_DOT)? = (\S+)", written, re.M), dtype=float)
    assert np.abs(state - almanac.load()["earth"].state(trip.path.span[0])).max() < 1e-5


def pulled(t: float, y: np.ndarray, names: list[str]) -> np.ndarray:
    """Sun with its first post-Newtonian term, and point masses: SciPy's right-hand side."""
    r, v, mu = y[:3], y[3:], GM_KM3_S2["sun"]
    n = np.linalg.norm(r)
    a = -mu * r / n**3 + mu / (299792.458**2 * n**3) * ((4 * mu / n - v @ v) * r + 4 * (r @ v) * v)
    for name in names:
        p = almanac.load()[name].state(t)[:3]
        a = a + GM_KM3_S2[name] * ((p - r) / np.linalg.norm(p - r) ** 3 - p / np.linalg.norm(p) ** 3)
    return np.concatenate([v, a])


def test_a_gmat_script_with_burns_flies_to_the_manifold(captured, arcs, claim):
    """Epoch, state, forces, burns and days of the script, followed by SciPy up to the joining burn and past it."""
    from scipy.integrate import solve_ivp

    written = files.content("gmat", arcs, captured.burns).decode()
    value = {k: float(v.strip("'")) for k, v in re.findall(r"\w+\.(X|Y|Z|VX|VY|VZ|Epoch) = ('?[-\d.e]+'?);", written)}
    y = np.array([value[k] for k in ("X", "Y", "Z", "VX", "VY", "VZ")])
    t = (value["Epoch"] + 2_430_000.0 - 2_451_545.0) * DAY
    names = re.search(r"PointMasses = \{(.+)\}", written)[1].lower().replace("luna", "moon").split(", ")[1:]
    kicks = np.array(re.findall(r"Burn\d\.Element\d = (\S+);", written), dtype=float).reshape(-1, 3)
    miss = []
    for verb, what in re.findall(r"^(Propagate|Maneuver) (.+);$", written, re.M)[:6]:
        if verb == "Maneuver":
            y[3:] += kicks[int(re.search(r"Burn(\d)", what)[1])]
            continue
        end = t + float(re.search(r"ElapsedDays = ([\d.]+)", what)[1]) * DAY
        y = solve_ivp(pulled, (t, end), y, method="DOP853", rtol=1e-12, atol=1e-6, args=(names,)).y[:, -1]
        t = end
        miss.append(float(np.linalg.norm(y[:3] - captured.path.state(t - 1.0)[:3] - y[3:] * 1.0)))
    claim("GMAT script of a capture, flown to the joining burn", oracle="SciPy DOP853, own forces", measured=miss[1],
          at_most=50.0, unit="km")  # fmt: skip


def test_a_direct_return_has_the_burns_of_its_plan():
    found = capture_flight.flown("2000 SG344", "mars-phobos-orbit")
    assert found.way.way in {"Lambert return", "close approach"}
    planned = [burn.delta_v_km_s for burn in found.way.burns]
    assert [burn.delta_v_km_s for burn in found.burns] == pytest.approx(planned, abs=1e-6)
    assert (
        np.linalg.norm((found.path.state(found.path.span[1]) - almanac.load()["mars"].state(found.path.span[1]))[:3])
        < 1.0
    )
    assert "two-body arc" in " ".join(found.leaves_out)


def test_what_cannot_be_flown_is_said():
    with pytest.raises(BadInput, match="swap the dates"):
        capture_flight.flown("Bennu", "mars-phobos-orbit", span=("2040-01-01", "2030-01-01"))
    with pytest.raises(NoSolution, match="widen the dates"):
        capture_flight.flown("Bennu", "mars-phobos-orbit", span=("2040-01-01", "2040-02-01"))


def test_the_verb(tmp_path, capsys):
    out = tmp_path / "tow.e"
    words = ["export", "2000 SG344", "--capture", "mars-phobos-orbit", "--format", "stk", "--out", str(out)]
    assert app.run(words) == 0
    said = capsys.readouterr().out
    assert "m/s, leaves its orbit around the Sun" in said and "forces: Sun alone on the way home" in said
    assert "SegmentBoundaryTimes" in out.read_text()
    assert app.run([*words, "--trip"]) == 2
    assert "ask for one of them" in capsys.readouterr().err
    assert epochs.parse("2028-01-01") > 0
