"""The verb that lists close approaches."""

import json

import pytest

from motherlode import epochs
from motherlode.cli import app
from motherlode.study import motion


def test_apophis_from_the_catalogue(capsys):
    assert app.run(["approaches", "Apophis", "--from", "2028-01-01", "--to", "2030-01-01", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["designation"] == "99942"
    best = min(answer["approaches"], key=lambda row: row["distance_km"])
    assert best["epoch_tdb"].startswith("2029-04-13T21:4")
    assert abs(best["distance_km"] - 38_011) < 500
    assert abs(best["v_relative_km_s"] - 7.42) < 0.02
    assert answer["leaves_out"]


def test_for_people(capsys):
    assert app.run(["approaches", "2001 WN5", "--from", "2028-01-01", "--to", "2029-01-01"]) == 0
    text = capsys.readouterr().out
    assert "153814 (2001 WN5) passes earth" in text
    assert "2028-06-26" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2030-01-01", "--to", "2020-01-01"], "the span ends (2020-01-01) before it begins (2030-01-01)"),
        (["--to", "2150-01-01"], "2150-01-01 is outside the ephemeris of the planets"),
        (["--body", "vulcan"], "no body called 'vulcan'"),
    ],
)
def test_bad_input_is_one_line(arguments, said, capsys):
    assert app.run(["approaches", "Apophis", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_path_of_a_name():
    span = (epochs.parse("2026-01-01"), epochs.parse("2026-03-01"))
    assert motion.path("Bennu", span).name == "101955"
