"""The command line: stable JSON, one clear line for bad input, no colours where nobody asked for them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from motherlode import epochs
from motherlode.cli import app
from motherlode.cli.printer import heading, plain, shown

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def go(*words: str) -> tuple[int, str, str]:
        code = app.run(words)
        out, err = capfd.readouterr()
        return code, out, err

    return go


def answer(run: Run, *words: str) -> Any:
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


# What the outside relies on: keys of every answer.


def test_roundtrip(run: Run) -> None:
    found = answer(run, "roundtrip", "Bennu", "2000 SG344")
    assert [one["designation"] for one in found] == ["101955", "2000 SG344"]
    keys = {"min_delta_v_km_s", "duration_d", "min_duration_d", "delta_v_at_min_duration_km_s", "n_trajectories"}
    assert keys | {"best", "flags"} <= set(found[0])
    assert 6.9 < found[0]["min_delta_v_km_s"] < 7.1


def test_porkchop_finds_the_window_of_2003(run: Run, claim: Callable[..., None]) -> None:
    found = answer(run, "porkchop", "earth", "mars", "--depart", "2003-01-01..2003-12-31", "--flight", "100..350")
    best = found["best"]
    assert {"depart_tdb", "arrive_tdb", "c3_km2_s2", "v_infinity_arrive_km_s", "delta_v_km_s"} <= set(best)
    days = abs(epochs.parse(best["depart_tdb"]) - epochs.parse("2003-06-06")) / 86_400
    assert days < 2
    claim(
        "Command line: least C3 of Earth to Mars in 2003", oracle="published type I minimum 8.79 km²/s²",
        measured=abs(best["c3_km2_s2"] - 8.79), at_most=0.02, unit="km²/s²",
    )  # fmt: skip


def test_capture(run: Run) -> None:
    found = answer(run, "capture", "68278", "--to", "mars-deimos-orbit", "--depart", "2040-01-01..2050-01-01")
    option = found["options"][0]
    assert {"delta_v_m_s", "depart_tdb", "arrive_tdb", "orbit", "max_mass_t", "leaves_out"} <= set(option)
    assert {"n_body", "safety", "safety_of_part", "storage", "window", "tugs"} <= set(option)
    assert "no published counterpart" in option["label"]
    assert option["n_body"]["survived"] and option["n_body"]["finite_burn_loss_m_s"] > 0.0
    assert 0.0 <= option["window"]["probability"] <= 1.0
    lost = option["safety"]["loss_of_control"]
    assert lost["impact_probability"]["earth"] <= lost["impact_probability_95_upper"]["earth"] < 1e-6
    code, out, _ = run("capture", "68278", "--to", "mars-deimos-orbit", "--quick")
    assert code == 0 and "leaves out" in out


def test_deposit(run: Run) -> None:
    found = answer(run, "deposit", "Ryugu", "--samples", "200")
    for name in ("diameter_m", "mass_kg", "period_h", "water_kg", "pgm_kg"):
        row = found["percentiles"][name]
        assert row["p05"] <= row["p50"] <= row["p95"]


def test_value(run: Run) -> None:
    found = answer(run, "value", "2000 SG344", "--product", "water", "--to", "eml1")
    one = found[0] if isinstance(found, list) else found
    for name in ("gross_in_situ_usd", "recoverable_usd", "market_absorbed_usd", "risk_adjusted_npv_usd"):
        assert one[name]["p05"] <= one[name]["p50"] <= one[name]["p95"]


def test_show(run: Run) -> None:
    found = answer(run, "show", "Itokawa")
    assert {"designation", "orbit", "quality", "deposit", "windows", "capture", "value", "leaves_out"} <= set(found)


def test_catalogue(run: Run) -> None:
    assert answer(run, "catalogue", "info")["n_asteroids"] == 40_874
    rows = answer(run, "catalogue", "query", "SELECT designation FROM catalogue WHERE name = 'Bennu'")
    assert rows == [{"designation": "101955"}]


def test_study(run: Run) -> None:
    assert answer(run, "study", "schema")["required"] == ["name"]
    assert answer(run, "study", "example")["toml"].startswith("# First light")


# Bad input: exit 2, one line, nothing on standard output.

WRONG = {
    "no such verb": (["hnut"], "No such command 'hnut'"),
    "no such option": (["show", "Bennu", "--jsno"], "No such option"),
    "nothing given": (["roundtrip"], "Missing argument"),
    "not a number": (["porkchop", "earth", "mars", "--depart", "2003-01-01..2003-02-01", "--flight", "100..150",
                      "--step", "x"], "Invalid value for '--step'"),
    "unknown asteroid": (["roundtrip", "Benu"], "no asteroid called 'Benu' in the catalogue; did you mean"),
    "unknown port": (["roundtrip", "Bennu", "--port", "luna"], "no port called 'luna'; choose one of: earth-400km"),
    "unknown rules": (["roundtrip", "Bennu", "--rules", "mine"],
                      "no set of rules called 'mine'; choose one of: nhats"),
    "unknown destination": (["capture", "Bennu", "--to", "venus"], "no destination called 'venus'"),
    "unknown product": (["value", "Bennu", "--product", "gold"], "'gold'"),
    "unknown place": (["value", "Bennu", "--to", "venus"], "'venus'"),
    "reversed dates": (["porkchop", "earth", "mars", "--depart", "2004-01-01..2003-01-01", "--flight", "100..350"],
                       "run backwards; write the earlier one first: 2003-01-01..2004-01-01"),
    "reversed flights": (["porkchop", "earth", "mars", "--depart", "2003-01-01..2004-01-01", "--flight", "350..100"],
                         "run backwards; write the shorter one first"),
    "no range": (["porkchop", "earth", "mars", "--depart", "2003-01-01", "--flight", "100..350"],
                 "cannot read the range of dates '2003-01-01'; expected first..last"),
    "no date": (["porkchop", "earth", "mars", "--depart", "soon..later", "--flight", "100..350"],
                "cannot read the date 'soon'"),
    "no days": (["porkchop", "earth", "mars", "--depart", "2003-01-01..2004-01-01", "--flight", "a..b"],
                "cannot read the flight times 'a..b'; expected days"),
    "outside the ephemeris": (["porkchop", "earth", "mars", "--depart", "2099-01-01..2101-01-01",
                               "--flight", "100..350"],
                              "is outside the ephemeris"),
    "too fine": (["porkchop", "earth", "mars", "--depart", "1990-01-01..2090-01-01", "--flight", "10..900",
                  "--step", "1"], "make --step larger"),
    "unknown criterion": (["porkchop", "earth", "mars", "--depart", "2003-01-01..2003-02-01", "--flight", "100..150",
                           "--by", "beauty"], "no criterion 'beauty'; choose one of: c3"),
    "no SELECT": (["catalogue", "query", "DROP TABLE catalogue"], "SELECT"),
    "SQL that fails": (["catalogue", "query", "SELECT nothing FROM catalogue"], "nothing"),
    "no study file": (["hunt", "nowhere.toml"], "no study file nowhere.toml"),
    "unknown example": (["study", "example", "mine"], "no example called 'mine'; choose one of: first-light"),
    "a figure of no kind": (["porkchop", "earth", "mars", "--depart", "2003-01-01..2003-02-01",
                             "--flight", "100..150", "--figure", "x.bmp"], "end its name in one of: .json"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_exits_2_with_one_clear_line(run: Run, case: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    words, told = WRONG[case]
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("motherlode: ")
    assert err.count("\n") == 1
    assert told in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["name = 'x'\n[acces]\n", "name = 'x", "\0", "name = '../../etc'\n"])
def test_a_broken_study_leaves_nothing_behind(run: Run, text: str, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(text)
    code, out, err = run("hunt", str(tmp_path / "study.toml"), "--runs", str(tmp_path / "runs"))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert not (tmp_path / "runs").exists()


def test_an_unwritable_folder_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file stands where the folder should be")
    code, out, err = run("hunt", "--runs", str(tmp_path / "runs"), "--quiet", "--workers", "1")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "cannot write" in err


def test_no_such_folder_for_a_figure(run: Run, tmp_path: Path) -> None:
    words = [
        "porkchop",
        "earth",
        "mars",
        "--depart",
        "2003-05-01..2003-07-01",
        "--flight",
        "150..250",
        "--step",
        "10",
    ]
    code, out, err = run(*words, "--figure", str(tmp_path / "none" / "chart.json"))
    assert (code, out) == (2, "")
    assert "cannot write" in err
    assert run(*words, "--quiet", "--figure", str(tmp_path / "chart.json")) == (0, "", "")
    assert set(json.loads((tmp_path / "chart.json").read_text())) == {"data", "layout"}


# Manners.


@pytest.mark.parametrize("verb", app.VERBS)
def test_every_verb_explains_itself_with_an_example(run: Run, verb: str) -> None:
    code, _, err = run(verb, "--help")
    assert (code, err) == (0, "")
    inner = getattr(app.command().commands[verb], "commands", None)
    for words in [(verb, name) for name in inner] if inner else [(verb,)]:
        assert "motherlode " + " ".join(words) in run(*words, "--help")[1], f"{words} has no example"


@pytest.mark.parametrize("verb", app.VERBS)
def test_every_verb_speaks_json_and_can_be_quiet(run: Run, verb: str) -> None:
    inner = getattr(app.command().commands[verb], "commands", None)
    for words in [(verb, name) for name in inner] if inner else [(verb,)]:
        out = run(*words, "--help")[1]
        assert "--json" in out and "--quiet" in out, words


def test_quiet_prints_nothing(run: Run) -> None:
    assert run("deposit", "Bennu", "--samples", "100", "--quiet") == (0, "", "")


def test_version(run: Run) -> None:
    import motherlode

    assert run("--version") == (0, motherlode.__version__ + "\n", "")


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "", "TERM": "xterm-256color"}])
def test_no_colours_in_a_pipe(variables: dict[str, str]) -> None:
    command = [sys.executable, "-m", "motherlode", "study", "schema"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables}, check=True)
    assert "\x1b" not in done.stdout + done.stderr


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from motherlode.cli import app; app.run(['--help']); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "numba", "duckdb", "scipy", "fastapi"} & set(out.splitlines()[-1].split())


def test_completion_offers_the_verbs() -> None:
    variables = {"_MOTHERLODE_COMPLETE": "complete_bash", "COMP_WORDS": "motherlode po", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "motherlode"], capture_output=True, text=True, env={**os.environ, **variables}
    )
    assert done.stdout.split() == ["porkchop"]


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f'"{sys.executable}" -m motherlode study schema --json | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stderr == ""


def test_headings_carry_units() -> None:
    assert heading("min_delta_v_km_s") == "min Δv, km/s"
    assert heading("risk_adjusted_npv_usd_p50") == "risk adjusted npv usd"
    assert heading("c3_km2_s2") == "c3, km²/s²"
    assert heading("designation") == "designation"


def test_values_are_written_for_people() -> None:
    assert shown(None) == "–"
    assert shown(float("nan")) == "–"
    assert shown(0.0, "depart_tdb") == "2000-01-01"
    assert shown(1.5e12, "gross_in_situ_usd") == "1.5 tn"
    assert shown(-2.345e9, "risk_adjusted_npv_usd") == "-2.35 bn"
    assert shown(True) == "yes"
    assert shown({"p05": 1.0, "p50": 2.0, "p95": 3.0}) == "2 (1 … 3)"


def test_json_says_null_where_nothing_is_known() -> None:
    import numpy as np

    assert plain({"a": float("nan"), "b": np.array([1.0, np.inf]), "c": (np.int64(3),)}) == {
        "a": None,
        "b": [1.0, None],
        "c": [3],
    }
