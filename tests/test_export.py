"""Files for other tools, each read back by a reader that is not ours."""

import csv
import io
import re
from datetime import timedelta
from xml.etree import ElementTree

import numpy as np
import pytest
import spiceypy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from tests import readers

from motherlode import epochs
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris import almanac, bodies, kernel, orbit, trajectory
from motherlode.errors import BadInput, BadSource, MotherlodeError, OutsideEphemeris, StoreError
from motherlode.export import calendar, columns, gmat, oem, opm, samples, spk, stk
from motherlode.export.calendar import Event
from motherlode.study import answers, flight
from motherlode.tables import Table
from motherlode.units import AU, DAY, METRE

SPAN = (epochs.parse("2028-06-01"), epochs.parse("2030-06-01"))
ORBIT = orbit.Orbit("101955", epochs.parse("2028-01-01"), 1.1264 * AU, 0.2037, 0.1053, 0.0359, 1.1554, 1.7748)


@pytest.fixture(scope="module")
def path() -> trajectory.Trajectory:
    return trajectory.integrate(ORBIT, SPAN)


@pytest.fixture(scope="module")
def dense(path) -> samples.Samples:
    return samples.of(path, SPAN)


@pytest.fixture(scope="module")
def between() -> np.ndarray:
    return np.random.default_rng(5).uniform(*SPAN, 500)


def test_spice_reads_our_kernel(path, dense, between, tmp_path, claim):
    code = spk.write(dense, tmp_path / "bennu.bsp")
    assert code == 20101955
    spiceypy.furnsh(str(tmp_path / "bennu.bsp"))
    try:
        theirs = np.array(spiceypy.spkezr(str(code), between, "J2000", "NONE", "10")[0])
    finally:
        spiceypy.kclear()
    miss = np.linalg.norm((theirs - path.state(between))[:, :3], axis=1).max() / METRE
    claim("SPK type 13 written here", oracle="CSPICE reads it", measured=miss, at_most=1.0, unit="m")
    ours = kernel.load(tmp_path / "bennu.bsp", name="101955")
    assert np.abs(ours.state(between) - theirs).max() < 1e-6
    with pytest.raises(StoreError, match="exists; choose another name"):
        spk.write(dense, tmp_path / "bennu.bsp")
    with pytest.raises(StoreError, match="is the folder there"):
        spk.write(dense, tmp_path / "none" / "bennu.bsp")


def test_orbit_ephemeris_message(path, dense, between, claim):
    written = oem.text(dense, created="2026-01-01T00:00:00", forces=path.forces)
    head = dict(re.findall(r"^(\w+) = (.+)$", written, re.M))
    assert head["CCSDS_OEM_VERS"] == "2.0"
    assert (head["CENTER_NAME"], head["REF_FRAME"], head["TIME_SYSTEM"]) == ("SUN", "ICRF", "TDB")
    (arc,) = readers.oem(written)
    miss = max(np.linalg.norm(readers.hermite(arc, at) - path.state(at)[:3]) for at in between[:100]) / METRE
    claim("CCSDS OEM written here", oracle="datetime and SciPy read it", measured=miss, at_most=1.0, unit="m")


def test_orbit_ephemeris_message_by_the_oem_package(dense, tmp_path):
    reader = pytest.importorskip("oem", reason="the package oem is not installed (extra oracle)")
    (tmp_path / "a.oem").write_text(oem.text(dense, created="2026-01-01T00:00:00"))
    message = reader.OrbitEphemerisMessage.open(tmp_path / "a.oem")
    assert len(list(message.states)) == len(dense.epoch_tdb)


def test_stk_ephemeris(path, dense, between, claim):
    written = stk.text(dense, forces=path.forces)
    assert "CentralBody Sun" in written and "CoordinateSystem ICRF" in written
    (arc,) = readers.stk(written)
    miss = max(np.linalg.norm(readers.hermite(arc, at) - path.state(at)[:3]) for at in between[:100]) / METRE
    claim("STK ephemeris written here", oracle="datetime and SciPy read it", measured=miss, at_most=5.0, unit="m")
    assert len(arc[0]) == int(re.search(r"NumberOfEphemerisPoints (\d+)", written)[1])


def test_gmat_script_flies_to_the_same_place(path, dense, claim):
    """The script's epoch and state, flown by SciPy under Sun and planets, arrive where our path ends."""
    written = gmat.text(dense, forces=path.forces)
    value = {k: float(v.strip("'")) for k, v in re.findall(r"A101955\.(\w+) = ('?[-\d.e]+'?);", written)}
    start = np.array([value[k] for k in ("X", "Y", "Z", "VX", "VY", "VZ")])
    t0 = (value["Epoch"] + 2_430_000.0 - 2_451_545.0) * DAY
    days = float(re.search(r"ElapsedDays = ([\d.]+)", written)[1])
    names = re.search(r"PointMasses = \{(.+)\}", written)[1].lower().replace("luna", "moon").split(", ")
    planets = [(GM_KM3_S2[n], almanac.load()[n]) for n in names if n != "sun"]

    def rate(t: float, y: np.ndarray) -> np.ndarray:
        r, v = y[:3], y[3:]
        mu, n = GM_KM3_S2["sun"], np.linalg.norm(y[:3])
        a = -mu * r / n**3 + mu / (299792.458**2 * n**3) * ((4 * mu / n - v @ v) * r + 4 * (r @ v) * v)
        for gm, planet in planets:
            p = planet.state(t0 + t)[:3]
            a = a + gm * ((p - r) / np.linalg.norm(p - r) ** 3 - p / np.linalg.norm(p) ** 3)
        return np.concatenate([v, a])

    end = solve_ivp(rate, (0.0, days * DAY), start, method="DOP853", rtol=1e-12, atol=1e-6).y[:, -1]
    miss = np.linalg.norm(end[:3] - path.state(SPAN[1])[:3])
    claim(
        "GMAT script, its state flown two years",
        oracle="SciPy DOP853, own forces",
        measured=miss,
        at_most=1.0,
        unit="km",
    )
    assert gmat.identifier("2000 SG344") == "A2000_SG344"


def test_our_own_message_comes_back_as_a_mover(path, dense, between):
    body = oem.read(oem.text(dense, created="2026-01-01T00:00:00"), almanac.load())
    assert isinstance(body, bodies.Mover)
    assert np.linalg.norm((body.state(between) - path.state(between))[:, :3], axis=1).max() < 1 * METRE
    with pytest.raises(OutsideEphemeris, match="is outside the path of 101955"):
        body.state(SPAN[1] + DAY)


def test_messages_that_are_not(dense):
    good = oem.text(dense, created="2026-01-01T00:00:00")
    for written, said in (
        ("hello", "lacks CCSDS_OEM_VERS"),
        (good.replace("REF_FRAME = ICRF", "REF_FRAME = ITRF2000"), "the frame of the message is ITRF2000; known:"),
        (good.replace("CENTER_NAME = SUN", "CENTER_NAME = VULCAN"), "the centre of the message is VULCAN"),
        (good.replace("TIME_SYSTEM = TDB\n", ""), "the time system of the message is missing"),
        (re.sub(r"(?m)^(2028-06-0\dT\S+) ", r"\1 x", good), "a line that is not a state"),
    ):
        with pytest.raises(BadSource, match=said):
            oem.read(written, almanac.load())


def test_an_itinerary_is_cut_at_its_burns(tmp_path):
    """Nothing interpolates across a burn: CSPICE finds both sides of it."""
    trip = flight.roundtrip("Bennu")
    arcs = samples.of_arcs(trip.path, trip.path.span)
    assert len(arcs) == 3
    spk.write(arcs, tmp_path / "trip.bsp", target=-900_001)
    spiceypy.furnsh(str(tmp_path / "trip.bsp"))
    try:
        for t in (*np.linspace(*trip.path.span, 50), *(c + s for c in trip.path.changes for s in (-60.0, 60.0))):
            theirs = spiceypy.spkgeo(-900_001, t, "J2000", 10)[0]
            assert np.abs(theirs[:3] - trip.path.state(t)[:3]).max() < 10 * METRE
    finally:
        spiceypy.kclear()
    message = oem.text(arcs, created="2026-01-01T00:00:00")
    assert message.count("META_START") == 3
    written = opm.text("trip", arcs[0].span[0], arcs[0].states[0], trip.burns, created="2026-01-01T00:00:00")
    speeds = np.array(re.findall(r"MAN_DV_\d = (\S+)", written), dtype=float).reshape(3, 3)
    best = answers.roundtrips(["Bennu"])[0]["best"]
    assert np.linalg.norm(speeds[0]) == pytest.approx(np.sqrt(best["c3_km2_s2"]), abs=0.05)
    assert np.linalg.norm(speeds[1]) == pytest.approx(best["arrival_delta_v_km_s"], abs=0.05)


def test_states_as_a_table(dense):
    """Python's csv and XML readers get every bit back."""
    table = columns.of(dense)
    rows = list(csv.DictReader(io.StringIO(columns.as_csv(table))))
    assert [float(row["x_km"]) for row in rows] == table["x_km"].tolist()
    tree = ElementTree.fromstring(columns.as_votable(table, name="101955", description="a < b"))
    space = "{http://www.ivoa.net/xml/VOTable/v1.3}"
    units = {field.get("name"): field.get("unit") for field in tree.iter(space + "FIELD")}
    assert units == {
        "epoch_tdb": "s", "jd_tdb": "d", "x_km": "km", "y_km": "km", "z_km": "km",
        "vx_km_s": "km/s", "vy_km_s": "km/s", "vz_km_s": "km/s",
    }  # fmt: skip
    cells = [[float(cell.text) for cell in row] for row in tree.iter(space + "TR")]
    assert np.array_equal(np.array(cells)[:, 2:], dense.states)


def test_tables_with_text_and_gaps():
    mixed = Table(
        {
            "designation": np.array(["433", 'A, "B" & <C>'], dtype=object),
            "diameter_km": np.array([16.8, np.nan]),
            "number": np.array([433, 0]),
            "pha": np.array([False, True]),
        }
    )
    rows = list(csv.reader(io.StringIO(columns.as_csv(mixed))))
    assert rows[2] == ['A, "B" & <C>', "", "0", "true"]
    tree = ElementTree.fromstring(columns.as_votable(mixed, name="t", meanings={"pha": "potentially hazardous"}))
    cells = [cell.text for cell in tree.iter("{http://www.ivoa.net/xml/VOTable/v1.3}TD")]
    assert cells == ["433", "16.8", "433", "false", 'A, "B" & <C>', None, "0", "true"]


def test_votable_by_astropy(dense, tmp_path):
    reader = pytest.importorskip("astropy.io.votable", reason="astropy is not installed")
    (tmp_path / "a.vot").write_text(columns.as_votable(columns.of(dense), name="101955"))
    read = reader.parse_single_table(tmp_path / "a.vot").to_table()
    assert np.array_equal(np.array(read["x_km"]), dense.states[:, 0])


def test_calendar():
    event = Event("101955 passes earth; near, café — " + "x" * 80, SPAN[0], SPAN[0] + 3600.0, "two\nlines")
    written = calendar.text([event], stamp_tdb=SPAN[0])
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    plain = written.replace("\r\n ", "")
    fields = dict(line.split(":", 1) for line in plain.split("\r\n") if ":" in line)
    assert fields["DTSTART"] == "20280531T235851Z"  # 69.18 s before midnight TDB
    assert fields["SUMMARY"].replace("\\;", ";").replace("\\,", ",") == event.title
    assert fields["DESCRIPTION"] == "two\\nlines"
    assert plain.count("BEGIN:VEVENT") == 1 and plain.endswith("END:VCALENDAR\r\n")


def test_calendar_by_the_icalendar_package():
    reader = pytest.importorskip("icalendar", reason="the package icalendar is not installed (extra oracle)")
    event = Event("a, b; c", SPAN[0], SPAN[0] + 3600.0)
    read = reader.Calendar.from_ical(calendar.text([event], stamp_tdb=SPAN[0])).walk("VEVENT")[0]
    assert str(read["SUMMARY"]) == event.title
    assert read["DTEND"].dt - read["DTSTART"].dt == timedelta(hours=1)


def test_samples_refuse_nonsense(path):
    with pytest.raises(BadInput, match="before it begins"):
        samples.of(path, SPAN[::-1])
    with pytest.raises(BadInput, match="samples are too many"):
        samples.of(path, SPAN, step_s=1.0)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_messages_raise_what_people_understand(data, dense):
    short = samples.Samples(dense.name, dense.epoch_tdb[:12], dense.states[:12])
    lines = oem.text(short, created="2026-01-01T00:00:00").splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        lines[data.draw(st.integers(0, len(lines) - 1))] = data.draw(st.one_of(st.text(max_size=60), st.just("")))
    try:
        oem.read("\n".join(lines), almanac.load())
    except MotherlodeError as error:
        assert str(error)
