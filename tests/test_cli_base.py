"""`motherlode base`: the keys that the outside relies on, and a bad study in one plain line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from motherlode.cli import app

Run = Callable[..., tuple[int, str, str]]
STUDY = """
name = "outpost"
[base]
start = "1999-06-01"
end = "2000-04-30"
people = 8
[base.operation]
burn = "2000-03-01"
begins = "1999-09-01"
work_h = 2000.0
[[crew.group]]
nation = "a"
employer = "x"
pay = 0.8
"""
KEYS = {
    "study",
    "base",
    "start",
    "end",
    "runs",
    "labels",
    "leaves_out",
    "population",
    "windows",
    "losses",
    "shortages",
}
KEYS |= {"stoppages", "capture", "demand_t_yr", "deliveries", "feedback", "series", "groups", "events"}


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def go(*words: str) -> tuple[int, str, str]:
        code = app.run(words)
        out, err = capfd.readouterr()
        return code, out, err

    return go


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "outpost.toml"
    path.write_text(STUDY)
    return path


def test_one_document_with_the_stable_keys(run: Run, study: Path) -> None:
    code, out, err = run("base", str(study), "--runs", "10", "--quick", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert set(told) >= KEYS
    assert set(told["capture"]["probability_on_time"]) == {"mean", "low", "high"}
    assert told["windows"][0]["bottleneck"] in told["windows"][0]["allowed_by"]
    assert "qualitative" in told["labels"][0]


def test_people_read_tables_and_labels(run: Run, study: Path) -> None:
    code, out, _ = run("base", str(study), "--runs", "10", "--quick")
    assert code == 0
    for words in ("Supply windows", "People lost, by cause", "The capture", "not a forecast", "Left out:"):
        assert words in out


def test_quiet_says_nothing(run: Run, study: Path) -> None:
    assert run("base", str(study), "--runs", "4", "--quick", "--quiet")[:2] == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("people = 8", "peeple = 8", "unknown key 'base.peeple'; did you mean 'people'?"),
        ("people = 8", "people = 8\nstocks = { food = -1.0 }", "base.stocks.food must be at least 0; got -1"),
        (
            "people = 8",
            "people = 8\nstocks = { food_lb = 1.0 }",
            "base.stocks: unknown 'food_lb'; did you mean 'food'?",
        ),
        ("people = 8", "people = 8\nstocks = { food = 900.0 }", "food runs out on 1999-0"),
    ],
    ids=["unknown key", "negative stock", "unknown unit", "starves"],
)
def test_bad_studies_exit_with_2_and_one_line(run: Run, study: Path, old: str, new: str, told: str) -> None:
    study.write_text(STUDY.replace(old, new))
    code, out, err = run("base", str(study), "--runs", "4", "--quick", "--json")
    assert code == 2 and out == ""
    assert told in err and len(err.strip().splitlines()) == 1


def test_a_study_without_a_base_says_where_to_find_one(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bare.toml"
    path.write_text('name = "bare"\n')
    code, _, err = run("base", str(path))
    assert code == 2 and "the study 'bare' has no [base]; copy it from the example happy-valley-2003" in err
