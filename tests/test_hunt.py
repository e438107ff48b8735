"""The line as a whole: a killed run goes on where it was and ends bit for bit like an undisturbed one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.studies import SMALL

from motherlode.errors import StoreError
from motherlode.study import hunt, steps, store
from motherlode.study.config import Study
from motherlode.study.hunt import Hunt, Stopped


def go(folder: Path, text: str = SMALL, **choices: object) -> Hunt:
    return hunt.start(text, folder, **{"processes": 1, **choices})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return go(tmp_path_factory.mktemp("runs")).run().folder


def result(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text())["result_sha256"])


def test_every_stage_is_in_the_ranked_table(undisturbed: Path) -> None:
    ranked = store.table(undisturbed, "ranked")
    assert len(ranked) >= 5
    assert set(ranked["port"]) == {"earth-400km", "mars-phobos"}
    assert (np.diff(ranked["break_even_price_factor"]) >= 0).all()
    assert np.isfinite(ranked["diameter_m_p50"]).all()
    assert (ranked["diameter_m_p05"] < ranked["diameter_m_p95"]).all()
    assert (ranked["capture_delta_v_m_s"][ranked["capture_destination"] != ""] > 0).all()
    assert (ranked["gross_in_situ_usd_p50"] >= ranked["recoverable_usd_p50"]).all()


def test_the_funnel_loses_nobody(undisturbed: Path) -> None:
    gates = store.funnel(undisturbed)
    assert [gate["stage"] for gate in gates[:2]] == ["in the catalogue", "looked at"]
    for port in ("earth-400km", "mars-phobos"):
        before = gates[1]["kept"]
        for gate in (one for one in gates if one["port"] == port):
            assert gate["kept"] + gate["rejected"] == before, gate
            assert gate["why"]
            before = gate["kept"]


def test_the_manifest_says_what_the_run_rests_on(undisturbed: Path) -> None:
    manifest = json.loads((undisturbed / "manifest.json").read_text())
    assert manifest["seed"] == 7
    assert {row["name"] for row in manifest["data"]} == {"asteroids", "measured values", "planets"}
    assert any("Izzo" in line for line in manifest["papers"])
    assert any("two-body" in line for line in manifest["leaves_out"])
    assert [row["name"] for row in manifest["tables"]] == [step.name for step in steps.LINE]
    assert not manifest["failures"]


def test_a_second_run_reuses_everything(undisturbed: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (undisturbed / "tables").iterdir()}
    told: list[str] = []
    go(undisturbed.parent, tell=lambda stage, done, total: told.append(stage)).run()
    assert {path: path.stat().st_mtime_ns for path in (undisturbed / "tables").iterdir()} == before
    assert not told


def test_another_price_year_keeps_the_round_trips(undisturbed: Path, tmp_path: Path) -> None:
    go(tmp_path).run()
    told: list[str] = []
    changed = SMALL.replace("[economy]", "[economy]\nvintage = 2025")
    go(tmp_path, changed, tell=lambda stage, done, total: told.append(stage)).run()
    assert set(told) == {"values", "ranking"}
    assert result(tmp_path / "small") != result(undisturbed)


def test_a_damaged_table_is_made_again(undisturbed: Path, tmp_path: Path) -> None:
    go(tmp_path).run()
    path = tmp_path / "small" / "tables" / "search.parquet"
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    go(tmp_path).run()
    assert result(tmp_path / "small") == result(undisturbed)


def test_a_cancelled_run_says_how_to_go_on(undisturbed: Path, tmp_path: Path) -> None:
    going = go(tmp_path)
    going.tell = lambda stage, done, total: going.cancel() if stage == "values" else None
    with pytest.raises(Stopped, match="run the same command again to go on"):
        going.run()
    assert not (tmp_path / "small" / "manifest.json").exists()
    go(tmp_path).run()
    assert result(tmp_path / "small") == result(undisturbed)


def test_a_chunk_that_cannot_be_done_does_not_stop_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "SEARCHED_AT_ONCE", 1)
    real = steps.do

    def breaks(folder: str, name: str, number: int, hashes: dict[str, str], piece: dict[str, object]) -> object:
        if name == "search" and number == 0:
            raise ZeroDivisionError("a rock that breaks the code")
        return real(folder, name, number, hashes, piece)

    monkeypatch.setattr(steps, "do", breaks)
    done = go(tmp_path).run()
    assert [(step, chunk, attempts) for step, chunk, attempts, _ in done.failures] == [("search", 0, 3)]
    assert len(done.ranked) >= 4


def start(folder: Path, study: Path, workers: int) -> subprocess.Popen[bytes]:
    words = ["hunt", str(study), "--runs", str(folder), "--workers", str(workers), "--quiet"]
    return subprocess.Popen(
        [sys.executable, "-m", "motherlode", *words], stderr=subprocess.PIPE, start_new_session=True
    )


def kill_when(process: subprocess.Popen[bytes], folder: Path, reached: str, number: int) -> bool:
    """Kill a run as soon as a step is reached; False where it ended before."""
    order = [step.name for step in steps.LINE]
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        step = store.progress(folder / "small")[0]
        if step and order.index(step) >= order.index(reached):
            os.kill(process.pid, number)
            process.wait()
            return True
        time.sleep(0.002)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("workers", [1, 2])
def test_kill_9_and_run_again_ends_in_the_same_table(undisturbed: Path, tmp_path: Path, workers: int) -> None:
    study = tmp_path / "small.toml"
    study.write_text(SMALL)
    killed = [
        kill_when(start(tmp_path, study, workers), tmp_path, step, signal.SIGKILL) for step in ("search", "values")
    ]
    assert any(killed)
    end = start(tmp_path, study, workers)
    assert end.wait(120) == 0, end.stderr and end.stderr.read()
    assert result(tmp_path / "small") == result(undisturbed)
    assert not list((tmp_path / "small").rglob(".*.tmp"))
    assert (tmp_path / "small" / "report.html").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_sigterm_stops_between_two_chunks(undisturbed: Path, tmp_path: Path) -> None:
    study = tmp_path / "small.toml"
    study.write_text(SMALL)
    process = start(tmp_path, study, 1)
    assert kill_when(process, tmp_path, "search", signal.SIGTERM)
    assert process.returncode == 130
    go(tmp_path).run()
    assert result(tmp_path / "small") == result(undisturbed)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_seventeen_kills_at_random_times(undisturbed: Path, tmp_path: Path, workers: int) -> None:
    """Of the command itself, from its start to its end; a run is killed three times and then left to end."""
    study = tmp_path / "small.toml"
    study.write_text(SMALL)
    begun = time.monotonic()
    assert start(tmp_path / "alone", study, workers).wait(300) == 0
    length, rng, killed = time.monotonic() - begun, np.random.default_rng(workers), 0
    while killed < 17:
        runs = tmp_path / f"after {killed}"
        for _ in range(3):
            process = start(runs, study, workers)
            time.sleep(rng.uniform(0.2, 1.0) * length)
            killed += process.poll() is None
            process.kill()
            process.wait()
        assert start(runs, study, workers).wait(300) == 0
        assert result(runs / "small") == result(undisturbed)
        assert not list(runs.rglob(".*.tmp"))


def test_an_unwritable_folder(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file, not a folder")
    with pytest.raises(StoreError, match=r"cannot (write|use) .*runs"):
        go(tmp_path / "runs").run()


def test_an_empty_hunt_says_so(tmp_path: Path) -> None:
    text = SMALL.replace("shoemaker_helin_below_km_s = 7.5", "shoemaker_helin_below_km_s = 1.0")
    done = go(tmp_path, text.replace("hohmann_below_km_s = 7.5", "hohmann_below_km_s = 0.5")).run()
    assert len(done.ranked) == 0
    assert store.funnel(done.folder)[-1]["kept"] == 0


def test_the_story_takes_real_asteroids_from_2003() -> None:
    study = Study.example("happy-valley-2003")
    assert study.access.ports == ("mars-phobos",)
    assert study.access.window.first == "2003-01-01"
    assert {place for _, place in study.economy.businesses} >= {"mars-orbit", "earth"}
