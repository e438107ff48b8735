"""The four eras as studies, from the file to the answer, the figures and the calendar."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from motherlode import epochs
from motherlode.campaign import answer, eras, missions, settings, windows
from motherlode.campaign.options import Craft, Frame, Prospect
from motherlode.catalogue import designations, orbits, physical, snapshot
from motherlode.ephemeris import almanac
from motherlode.errors import BadStudy, UnknownName
from motherlode.export import milestones
from motherlode.figures import campaign as figures
from motherlode.prospect import deposit
from motherlode.study import fleet
from motherlode.study.config import Study

ERAS = Path(__file__).parents[1] / "examples" / "eras"
NAMES = sorted(path.stem for path in ERAS.glob("*.toml"))
# Cheapest departures by C3, km2/s2, computed on DE440 with an independent code.
WINDOWS = {"1990": 14.40, "1992": 11.66, "1994": 9.51, "1996": 8.94, "1999": 8.40, "2001": 7.83, "2003": 8.787}


def study(name, **changed):
    found = Study.load(ERAS / f"{name}.toml")
    return found.model_copy(update={"campaign": found.campaign | {"futures": 300} | changed})


@cache
def worked(name):
    return fleet.plan(study(name))


def test_there_are_four_eras():
    assert NAMES == ["asteroid-programme-2003", "lunar-resources-1980s", "mars-race-1990s", "moon-race-1970s"]


@pytest.mark.parametrize("name", NAMES)
def test_an_era_runs_and_says_what_it_assumes(name):
    found, _ = worked(name)
    json.dumps(found, allow_nan=False, default=float)
    assert found["options"] > 20
    assert found["assumptions"] and found["leaves_out"] and found["sources"]
    assert all(plan["status"] in ("optimal", "feasible, not proven") for plan in found["plans"])
    for plan in found["plans"]:
        for mission in plan["missions"]:
            assert found["first_tdb"] <= mission["depart_tdb"] <= mission["end_tdb"]
        assert plan["proven"] == (plan["gap"] <= 0.01)


@pytest.mark.parametrize("name", NAMES)
def test_an_era_shares_or_races(name):
    found, _ = worked(name)
    partners = found["partners"]
    for rule in partners["rules"]:
        assert sum(rule["shares_usd"].values()) == pytest.approx(partners["value_usd"], rel=1e-6)
    if found["relation"] == "rivals":
        assert len(found["plans"]) == len(partners["parties"])
        first = sum(row["probability_first"] for row in found["race"]["parties"])
        assert first + found["race"]["probability_nobody"] == pytest.approx(1.0)
        assert found["game"]["equilibria"]


def test_windows_of_the_1990s(claim):
    found, _ = worked("mars-race-1990s")
    ours = {w["depart_tdb"][:4]: w["c3_km2_s2"] for w in found["windows"]}
    assert list(ours) == list(WINDOWS)
    worst = max(abs(ours[year] / c3 - 1) for year, c3 in WINDOWS.items())
    claim(
        "Earth-Mars windows 1990 to 2003, C3 relative",
        oracle="independent code on DE440",
        measured=worst,
        at_most=0.01,
    )


def test_unsourced_rows_are_marked_as_assumptions():
    found, _ = worked("lunar-resources-1980s")
    marked = [line for line in found["assumptions"] if "Shuttle-C / Centaur" in line or "Proton" in line]
    assert len(marked) == 2 and all("assumption" in line for line in marked)


PAGES = {  # what a page prints of an era: text, unit, where it stands in the answer, value, how far it may be off
    "mars-race-1990s": [
        ("days of slack for a tenth of risk of missing the window, 408", "d", ("slack", "recommended_d"), 408, 3),
        ("three parties together are worth 10.9 G$, off by", "G$", ("partners", "value_usd"), 10.9e9, 0.05e9),
        ("five windows need 2606 t in low Earth orbit, off by", "t", ("supply", "without_plants_kg"), 2606e3, 500),
        ("with a plant on the Moon they need 1924 t in low orbit, off by", "t", ("supply", "imleo_kg"), 1924e3, 500),
    ],
    "asteroid-programme-2003": [
        ("days of slack recommended before a capture burn, 228 days", "d", ("slack", "recommended_d"), 228, 3),
    ],
}  # fmt: skip
SCALE = {"d": 1.0, "G$": 1e9, "t": 1e3}


@pytest.mark.parametrize("name", PAGES)
def test_an_era_comes_out_as_its_page_says(name, claim):
    found, _ = worked(name)
    for text, unit, (part, key), printed, within in PAGES[name]:
        off = abs(found[part][key] - printed) / SCALE[unit]
        oracle, limit = "the page of the era", within / SCALE[unit]
        claim(text, oracle=oracle, measured=off, at_most=limit, unit=unit, status="modelled")


def test_the_2003_programme_says_what_its_iridium_is():
    found, _ = worked("asteroid-programme-2003")
    assert any("gross value in situ" in line and "1.8 G$" in line for line in found["assumptions"])
    assert found["slack"]["recommended_d"] > 60


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_plotly_documents(name):
    found, done = worked(name)
    page = figures.document(done, found)
    titles = [entry["title"] for entry in page["figures"]]
    assert "Missions" in titles and "Shares" in titles and any(t.startswith("Cash") for t in titles)
    for entry in page["figures"]:
        json.dumps(entry["figure"], allow_nan=False)
        assert entry["figure"]["data"] and entry["figure"]["layout"]["title"]["text"] and entry["says"]
    assert page["tables"][0]["rows"] and page["notes"]


def test_calendar_has_the_windows_and_milestones():
    _, done = worked("mars-race-1990s")
    text = milestones.text(done)
    assert text.startswith("BEGIN:VCALENDAR\r\n") and text.endswith("END:VCALENDAR\r\n")
    assert text.count("BEGIN:VEVENT") == len(milestones.events(done)) >= len(WINDOWS) + 9
    assert "SUMMARY:Launch window earth to mars" in text
    assert milestones.text(done) == text


def test_a_kept_plan_is_resumed(tmp_path):
    asked = study("asteroid-programme-2003", samples=64)
    first, _ = fleet.plan(asked, folder=tmp_path)
    assert not first["resumed"] and (tmp_path / fleet.KEPT).exists()
    again, _ = fleet.plan(asked, folder=tmp_path)
    assert again["resumed"] and again["plans"][0]["objective"] == pytest.approx(first["plans"][0]["objective"])
    another = asked.model_copy(update={"seed": 8})
    assert fleet._kept(tmp_path / fleet.KEPT, fleet._identity(another)) is None
    (tmp_path / fleet.KEPT).write_text("{broken")
    assert fleet._kept(tmp_path / fleet.KEPT, fleet._identity(asked)) is None


def test_a_stopped_solve_still_answers():
    found, _ = fleet.plan(study("asteroid-programme-2003", samples=64, gap=0.0), watch=lambda p: False)
    assert found["plans"][0]["status"] in ("optimal", "feasible, not proven")


def test_a_study_without_a_campaign_says_where_one_is():
    with pytest.raises(BadStudy, match=r"has no \[campaign\]; see examples/eras"):
        fleet.plan(Study(name="bare"))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"objectiv": "value"}, "unknown key 'objectiv'; did you mean 'objective'"),
        ({"last": "1950-01-01"}, "is not after first"),
        ({"launchers": [{"name": "Saturn IX"}]}, "no launcher called 'Saturn IX'"),
        ({"launchers": [{"name": "UR-700M"}]}, "never flew; give the year of its first flight"),
        ({"launchers": [{"name": "H-II"}]}, "nobody states what H-II lifts to low orbit; give capacity_t"),
        ({"crafts": [{"name": "x", "engine": "MK-700"}]}, "never flew; give the year from which it could"),
        ({"relation": "friends"}, "choose one of: partners, rivals"),
        ({"expeditions": [{"name": "a", "target": "mars", "cost_musd": 1, "after": "b"}]}, "which is not there"),
        ({"expeditions": [{"name": "a", "cost_musd": 1}]}, "the key 'target' is missing"),
        ({"hazards": {"launch_success": 2}}, "launch_success is a share from 0 to 1"),
        ({"hazards": 3}, "expected a table, got int"),
    ],
)
def test_what_a_study_gets_wrong_is_said(change, text):
    with pytest.raises(BadStudy, match=text):
        settings.read({"first": "1990-01-01", "last": "1999-12-31"} | change)


def test_money_by_steps():
    told = settings.read(
        {
            "first": "1969-01-01",
            "last": "1976-12-31",
            "parties": [{"name": "USA", "budget_musd_per_year": {"1969": 3000, "1975": 7000}}],
        }
    )
    money = told.rules.budget_usd
    assert money[1969] == money[1974] == 3e9 and money[1975] == money[1976] == 7e9


def test_bodies_found_later_are_refused_unless_asked_for():
    table = {"first": "1990-01-01", "last": "1999-12-31", "crafts": [{"name": "x", "propulsion": "hydrogen-oxygen"}]}
    with pytest.raises(BadStudy, match=r"2000 SG344 was found in 2000, after the campaign begins \(1990\)"):
        answer.problem(settings.read(table | {"asteroids": {"names": ["2000 SG344"]}}))
    rows = answer.problem(settings.read(table | {"asteroids": {"names": ["2000 SG344"], "foresight": True}})).rows
    assert {row.architecture for row in rows} >= {"mine", "survey"}


def test_dated_hardware_has_its_source():
    assert eras.launcher("Saturn V").leo_kg == 140e3 and eras.launcher("Saturn V").last == 1973
    assert eras.engine("NERVA XE-Prime").isp_s == 841
    ship = eras.engine("von Braun 1969")
    reach = ship.isp_s * 9.80665e-3 * np.log(ship.gross_kg / ship.empty_kg)
    assert reach == pytest.approx(11.53, abs=0.01)
    assert all(record.source and record.status for record in eras.launchers().values())
    with pytest.raises(UnknownName, match="no engine called 'warp'"):
        eras.engine("warp")


def test_options_of_a_real_asteroid():
    table, planets = snapshot.load(), almanac.load()
    row = designations.find("101955", table)
    one = table.take([row])
    rock = deposit.sample(one.row(0) | physical.known(one).row(0), 64, 7)
    span = epochs.parse("2030-01-01"), epochs.parse("2045-12-31")
    frame = Frame(span, {n: planets[n] for n in answer.PLANETS}, windows=3, samples=64)
    crafts = [Craft("cryogenic", "hydrogen-oxygen", 60e3), Craft("nuclear", "nuclear-thermal", 100e3)]
    rows = missions.of_asteroids([Prospect(orbits.of(one)[0], rock)], crafts, frame, businesses=[("water", "eml1")])
    assert {row.architecture for row in rows} == {"mine", "survey", "capture"}
    for found in rows:
        assert span[0] <= found.depart_tdb < found.arrive_tdb < found.end_tdb
        assert found.cash_usd.shape == (64, len(frame.years))
    mined = [r for r in rows if r.architecture == "mine"]
    assert len({r.window for r in mined}) == 3 and len({r.project for r in mined}) == 1
    scouted = next(r for r in rows if r.architecture == "survey")
    assert "goes on after the survey" in scouted.notes[-1]


ROCK = {"names": ["2000 SG344"], "windows": 1, "architectures": ["mine"], "businesses": [["water", "eml1"]]}


def _mined(crafts, **more):
    told = {"first": "2028-01-01", "last": "2036-12-31", "samples": 64, "crafts": crafts, "asteroids": ROCK} | more
    (row,) = answer.rows(settings.read(told))
    return row


def test_a_mine_flies_with_the_engine_that_the_study_names():
    """The shuttle main engine's 448 s against the 450 s of the table: less arrives."""
    ship = {"name": "ship", "parking_t": 60}
    table = _mined([ship | {"propulsion": "hydrogen-oxygen"}])
    dated = _mined([ship | {"engine": "hydrogen 448 s"}])
    share = dated.propellant_kg / table.propellant_kg
    assert 1.0 < share < 1.01


def test_a_cap_of_the_study_bounds_what_one_mission_sells():
    ship = [{"name": "ship", "parking_t": 60, "propulsion": "hydrogen-oxygen"}]
    free, tight = _mined(ship), _mined(ship, caps_t={"water to eml1": 0.001})
    assert np.array_equal(free.delivered_kg, tight.delivered_kg)
    sold = free.income_usd.sum(axis=1) > 0
    assert sold.any() and tight.income_usd.sum() < 0.01 * free.income_usd.sum()


def test_who_is_aboard_an_expedition_is_told():
    found, _ = worked("moon-race-1970s")
    assert any("12 people, their provisions in the payload" in line for line in found["assumptions"])


def test_dates_of_a_window_are_rows_of_one_project():
    told = {"first": "2028-01-01", "last": "2036-12-31", "samples": 16}
    told |= {"crafts": [{"name": "ship", "propulsion": "hydrogen-oxygen"}]}
    body = {
        "names": ["2000 SG344"],
        "windows": 2,
        "dates": 3,
        "architectures": ["mine"],
        "businesses": [["water", "eml1"]],
    }
    rows = answer.problem(settings.read(told | {"asteroids": body})).rows
    assert 2 < len(rows) <= 6 and {r.window for r in rows} <= {0, 1} and len({r.project for r in rows}) == 1
    with pytest.raises(UnknownName, match="no architecture called 'dig'"):
        answer.problem(settings.read(told | {"asteroids": body | {"architectures": ["dig"]}}))


def test_dates_around_a_window_trade_energy_for_time():
    planets = almanac.load()
    span = epochs.parse("2002-06-01"), epochs.parse("2004-01-01")
    (best,) = windows.outbound(planets["earth"], planets["mars"], span, criterion="delta_v")
    dates = windows.around(planets["earth"], planets["mars"], best)
    assert len(dates) == 3
    assert all(w.delta_v_km_s >= best.delta_v_km_s - 1e-6 for w in dates)
    home = windows.back(planets["mars"], planets["earth"], best.arrive_tdb)
    assert home.depart_tdb > best.arrive_tdb
