"""The verb that plans: one document, an exit code, a file for the calendar, and Ctrl-C that keeps the best plan."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from motherlode.campaign.milp import Progress
from motherlode.cli import app
from motherlode.cli.plan import line
from motherlode.errors import BadStudy
from motherlode.study import fleet, parquet
from motherlode.study.config import Study
from motherlode.tables import Table

ERA = Path(__file__).parents[1] / "examples" / "eras" / "lunar-resources-1980s.toml"


def test_one_document_and_nothing_else(tmp_path, capsys):
    calendar = tmp_path / "moon.ics"
    code = app.run(["plan", str(ERA), "--runs", str(tmp_path), "--ics", str(calendar), "--json"])
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert code == 0 and answer["study"] == "lunar-resources-1980s"
    assert {"plans", "partners", "race", "game", "slack", "assumptions", "solver", "entry"} <= set(answer)
    assert calendar.read_text().startswith("BEGIN:VCALENDAR")
    assert len(parquet.read(tmp_path / answer["study"] / fleet.OPTIONS)) == answer["options"]


def test_people_read_missions_shares_and_assumptions(tmp_path, capsys):
    assert app.run(["plan", str(ERA), "--runs", str(tmp_path), "--figures", str(tmp_path / "f")]) == 0
    text = capsys.readouterr().out
    for words in ("missions, optimal", "nucleolus", "Race", "Equilibria", "assumption: polar ice", "leaves out:"):
        assert words in text
    figures = list((tmp_path / "f").glob("*.json"))
    assert len(figures) > 5 and all(json.loads(f.read_text())["data"] for f in figures)


def test_bad_studies_exit_with_two(tmp_path, capsys):
    path = tmp_path / "bad.toml"
    path.write_text('name = "bad"\n[campaign]\nfirst = "1990-01-01"\nlast = "1999-01-01"\nteam = 3\n')
    assert app.run(["plan", str(path)]) == 2
    assert "unknown key 'team'; did you mean 'teams'?" in capsys.readouterr().err


def test_the_long_solve_in_a_line():
    assert line(Progress(4856.0, 5212.0, 0.0733, 50.0, 28.3)) == (
        "plan: best 4,856, bound 5,212, gap 7.3%, 50 s, about 28 s left"
    )
    assert line(Progress(-np.inf, 9.0, np.inf, 1.0, np.inf)) == "plan: bound 9, gap no plan yet, 1 s"


def test_the_shortlist_of_a_hunt_becomes_prospects(tmp_path):
    text = 'name = "s"\n[campaign]\nfirst = "2030-01-01"\nlast = "2036-12-31"\nsamples = 32\nfutures = 50\n'
    text += '[campaign.asteroids]\nshortlist = 1\nwindows = 1\narchitectures = ["mine"]\n'
    text += 'businesses = [["water", "eml1"]]\n'
    text += '[[campaign.crafts]]\nname = "ship"\npropulsion = "hydrogen-oxygen"\n'
    study = Study.parse(text)
    with pytest.raises(BadStudy, match="run `motherlode hunt` on this study first"):
        fleet.plan(study, folder=tmp_path)
    (tmp_path / "tables").mkdir()
    ranked = Table({"designation": np.array(["2000 SG344", "101955"], dtype=object)})
    parquet.write(ranked, tmp_path / "tables" / "ranked.parquet")
    _, done = fleet.plan(study, folder=tmp_path)
    assert {row.target for row in done.problem.rows} == {"2000 SG344"}


@pytest.mark.slow
def test_ctrl_c_stops_with_the_best_plan_and_the_next_run_resumes(tmp_path):
    study = tmp_path / "long.toml"
    names = [
        "2000 SG344",
        "Bennu",
        "Ryugu",
        "1989 ML",
        "4660 Nereus",
        "1991 VG",
        "Itokawa",
        "2001 GP2",
        "Eros",
        "Apophis",
    ]
    text = 'name = "long"\n[campaign]\nfirst = "2028-01-01"\nlast = "2055-12-31"\nobjective = "risk"\ngap = 0.0\n'
    text += "time_limit_s = 300\nfutures = 50\n[campaign.asteroids]\nwindows = 8\nprize_musd = 9000\n"
    text += f"names = {json.dumps(names)}\n"
    for k, push in enumerate(("hydrogen-oxygen", "nuclear-thermal", "hall", "methane-oxygen")):
        text += f'[[campaign.crafts]]\nname = "c{k}"\npropulsion = "{push}"\nparking_t = {60 + 20 * k}\n'
    study.write_text(text)
    command = [sys.executable, "-m", "motherlode", "plan", str(study), "--runs", str(tmp_path), "--json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    time.sleep(15)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=240)
    assert process.returncode == 0 and json.loads(out)["plans"]
    assert (tmp_path / "long" / fleet.KEPT).exists()
