"""The verb that writes files for other tools."""

import json

import pytest

from motherlode.cli import app
from motherlode.export import calendar

SPAN = ["--from", "2028-01-01", "--to", "2030-01-01"]


@pytest.mark.parametrize("form", ["spk", "oem", "gmat", "stk", "csv", "votable", "parquet"])
def test_every_format(form, tmp_path, capsys):
    out = tmp_path / "apophis.out"
    assert app.run(["export", "Apophis", "--format", form, *SPAN, "--out", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["n_samples"] > 700 and out.stat().st_size > 1_000
    assert list(tmp_path.iterdir()) == [out]
    assert app.run(["export", "Apophis", "--format", form, *SPAN, "--out", str(out)]) == 2
    assert "exists; choose another name" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["spk", "oem", "opm", "gmat", "stk", "csv", "ics"])
def test_the_spacecraft_of_the_round_trip(form, tmp_path, capsys):
    out = tmp_path / "trip"
    assert app.run(["export", "Bennu", "--format", form, "--trip", "--out", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["designation"] == "101955 round trip"
    assert out.stat().st_size > 500 and len(answer["burns"]) == 3


def test_windows_in_a_calendar(tmp_path, capsys):
    out = tmp_path / "apophis.ics"
    assert app.run(["export", "Apophis", "--format", "ics", *SPAN, "--out", str(out)]) == 0
    assert "passes earth" in out.read_text().replace("\r\n ", "")
    assert calendar.LINE_OCTETS == 75
    assert "events, 2028-01-01 to 2030-01-01" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["Apophis", "--format", "word"],
            "no format called 'word'; choose one of: spk, oem, opm, gmat, stk, ics, csv, votable, parquet",
        ),
        (["Nemo-17", "--format", "oem"], "no asteroid called 'Nemo-17'"),
        (["Apophis", "--format", "oem", "--out", "/nowhere/a.oem"], "cannot write /nowhere/a.oem"),
        (["Apophis", "--format", "spk", "--out", "/nowhere/a.bsp"], "cannot write /nowhere/a.bsp"),
    ],
)
def test_bad_input_is_one_line(arguments, said, capsys):
    assert app.run(["export", *arguments, *SPAN]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
