"""Runs that are killed, damaged and doubled: no acknowledged row lost, none twice, the same result in the end."""

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks import durability
from tests import work_of_two
from tests.forked_runs import LONG, STRACE, Forker, calls_of, lines, resumed

from motherlode.study.ledger import Chunk, Ledger


@pytest.fixture(scope="module")
def order() -> Iterator[Forker]:
    with Forker() as forker:
        yield forker


@pytest.fixture(scope="module")
def undisturbed(order: Forker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    said = order(tmp_path_factory.mktemp("undisturbed"))
    assert said["rows"] == [7 * work_of_two.NUMBERS, work_of_two.SUMS] and not said["failures"]
    return said


def kill_at_times(
    order: Forker, folder: Path, undisturbed: dict[str, Any], count: int, seed: int, workers: int = 1
) -> int:
    """Kill run after run of one folder at random times of its length, three times a folder, then let it end."""
    (folder / "0").mkdir()
    start = time.monotonic()
    order(folder / "0", workers=workers)
    length, chance, killed, place = time.monotonic() - start, random.Random(seed), 0, 0
    while killed < count:
        place += 1
        run = folder / str(place)
        run.mkdir()
        for _ in range(3):
            said = order(run, workers=workers, kill_after_s=chance.uniform(0.0, length))
            killed += "killed" in said
        resumed(order, run, undisturbed, workers=workers)
        shutil.rmtree(run)
    return killed


def test_killed_at_random_times(order: Forker, undisturbed: dict[str, Any], tmp_path: Path, claim: Any) -> None:
    killed = kill_at_times(order, tmp_path, undisturbed, 50, seed=1)  # each run is held against the undisturbed one
    claim("runs killed at random instants that ended with the same rows", oracle="the undisturbed run",
          measured=killed, at_least=50)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "count"), [(1, 700), (2, 200), (4, 100)])
def test_killed_a_thousand_times(
    workers: int, count: int, order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    assert kill_at_times(order, tmp_path, undisturbed, count, seed=workers, workers=workers) >= count


CALLS = range(1, 121)  # every call of a run that changes the disk; the last ones are never reached
FEW = [1, 3, 8, 14, 19, 20, 21, 22, 23, 29, *range(37, 97, 10)]


@pytest.mark.parametrize("calls", [FEW, pytest.param(list(CALLS), marks=pytest.mark.slow)], ids=["few", "all"])
def test_killed_at_a_call_that_changes_the_disk(
    calls: list[int], order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    killed = 0
    for nth in calls:
        folder = tmp_path / str(nth)
        folder.mkdir()
        killed += "killed" in order(folder, call=nth)
        resumed(order, folder, undisturbed)
    assert killed >= 0.7 * len(calls)


@pytest.mark.skipif(STRACE is None, reason="strace is not installed: no fault inside the engines' own system calls")
@pytest.mark.parametrize(
    ("workers", "calls"),
    [
        (1, range(7, 200, 40)),
        pytest.param(1, range(1, 201), marks=pytest.mark.slow),
        pytest.param(2, range(1, 81, 2), marks=pytest.mark.slow),
        pytest.param(4, range(1, 81, 4), marks=pytest.mark.slow),
    ],
    ids=["few", "first 200", "2 workers", "4 workers"],
)
def test_killed_at_a_system_call_that_changes_the_disk(
    workers: int, calls: range, order: Forker, tmp_path: Path
) -> None:
    """The n-th one of any process of the run, wherever in the engines it is."""
    long, killed = {"workers": workers, "chunks": LONG}, 0
    (tmp_path / "0").mkdir()
    made = calls_of(order, tmp_path / "0", chunks=LONG)
    undisturbed = order(tmp_path / "0", **long)
    for nth in calls:
        name, when = made[nth - 1]
        folder = tmp_path / str(nth)
        folder.mkdir()
        killed += "killed" in order(folder, trace=[name, f"signal=KILL:when={when}"], **long)
        resumed(order, folder, undisturbed, **long)
        shutil.rmtree(folder)
    assert (
        killed >= 0.9 * len(calls) or workers > 1
    )  # a killed worker does not end a run; how often DuckDB truncates varies


@pytest.mark.slow
def test_fifty_workers_killed(order: Forker, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    """Two of a run at random times, so that no chunk can lose three; the run goes on with new ones."""
    chance = random.Random(5)
    (tmp_path / "slow-numbers").write_text("0.1")
    for k in range(25):
        run = tmp_path / str(k)
        run.mkdir()
        said = order(run, workers=2 + k % 3, kill_workers=[chance.uniform(0, 1.0), chance.uniform(0, 0.3)])
        assert said["digest"] == undisturbed["digest"] and not said["failures"]


def test_flipped_bytes_are_found_and_the_chunk_done_again(
    order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    for place in (0, -1):
        folder = tmp_path / str(place)
        folder.mkdir()
        assert "killed" in order(folder, call=60)
        path = sorted(folder.glob("chunks/numbers/*.parquet"))[place]
        damaged = bytearray(path.read_bytes())
        damaged[len(damaged) // 2] ^= 0x10
        path.write_bytes(damaged)
        assert order(folder)["digest"] == undisturbed["digest"]


def test_a_flipped_byte_in_a_finished_table_is_found(
    order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    order(tmp_path)
    path = tmp_path / "tables" / "numbers.parquet"
    damaged = bytearray(path.read_bytes())
    damaged[60] ^= 0x01
    path.write_bytes(damaged)
    assert order(tmp_path)["digest"] == undisturbed["digest"]


@pytest.mark.parametrize("count", [8, pytest.param(200, marks=pytest.mark.slow)])
def test_one_bit_flipped_anywhere(count: int, order: Forker, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    """In a chunk, a table, the ledger or its log, of a run that was killed half-way."""
    chance, refused = random.Random(count), 0
    for k in range(count):
        folder = tmp_path / str(k)
        folder.mkdir()
        order(folder, call=chance.choice([44, 62, 80]))
        files = sorted([*folder.glob("*.sqlite*"), *folder.rglob("*.parquet")])
        path = max(chance.sample(files, 2), key=lambda file: file.stat().st_size)
        damaged = bytearray(path.read_bytes())
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        said = order(folder)
        if said.get("error") == "StoreError" and "ledger.sqlite" in said["message"]:
            refused += 1  # SQLite itself can no longer read it
        else:
            assert said.get("digest") == undisturbed["digest"], (path, said)
        shutil.rmtree(folder)
    assert refused <= count // 2


def test_a_row_of_the_ledger_with_a_broken_seal_is_forgotten(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger.sqlite")
    book.begin("step", 0, "identity", 2)
    book.enter("step", "identity", Chunk(0, "a", 1))
    book.enter("step", "identity", Chunk(1, "b", 1))
    book._base.execute("UPDATE chunk SET rows = 0 WHERE number = 1")  # its rows would be left out of the table
    assert [chunk.number for chunk in book.begin("step", 0, "identity", 2)] == [0]
    book.enter("step", "identity", Chunk(1, "c", 1))  # no alarm: what was known of it is not believed
    assert len(book.chunks("step", "identity")) == 2
    book.close()


def test_a_ledger_of_another_version_starts_anew(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger.sqlite")
    book.begin("step", 0, "identity", 2)
    book._base.executescript("ALTER TABLE chunk DROP COLUMN seal; PRAGMA user_version=0")
    book.close()
    book = Ledger(tmp_path / "ledger.sqlite")
    assert book.steps() == [] and book.begin("step", 0, "identity", 2) == []
    book.close()


def test_a_damaged_ledger_is_said(order: Forker, tmp_path: Path) -> None:
    order(tmp_path)
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database " * 400)
    said = order(tmp_path)
    assert said["error"] == "StoreError"
    assert "ledger.sqlite: file is not a database; start anew with --fresh" in said["message"]


def test_a_clock_that_jumps_changes_nothing(order: Forker, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    order(tmp_path, clock=1, call=60)
    resumed(order, tmp_path, undisturbed, clock=2)


def test_two_runs_at_once_are_one_too_many(order: Forker, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    from motherlode import durable

    with durable.hold(tmp_path / "run.lock"):
        said = order(tmp_path)
        assert said["error"] == "StoreError" and "is in use by process" in said["message"]
    resumed(order, tmp_path, undisturbed)
    racing = tmp_path / "racing"
    racing.mkdir()
    said = order.several(racing, at_once=2)  # begun in the same instant: one works, or one after the other
    assert [one["error"] for one in said if "error" in one] in ([], ["StoreError"])
    assert undisturbed["digest"] in [one.get("digest") for one in said]
    resumed(order, racing, undisturbed)


def test_a_poisoned_chunk_is_given_up_and_the_rest_finished(
    order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    folder, poison = tmp_path / "run", tmp_path / "poison-numbers-4"
    folder.mkdir()
    poison.write_text("raise")
    said = order(folder)
    assert [row[:3] for row in said["failures"]] == [["numbers", 4, 3]] and "bad chunk" in said["failures"][0][3]
    assert said["rows"] == [7 * (work_of_two.NUMBERS - 1), work_of_two.SUMS]
    assert lines(folder, "done.log").count("numbers 4") == 3
    poison.unlink()
    begun = len(lines(folder, "done.log"))
    assert (
        order(folder)["digest"] == undisturbed["digest"]
    )  # the next run does that chunk alone, and what follows from it
    assert [line for line in lines(folder, "done.log")[begun:] if line.startswith("numbers")] == ["numbers 4"]


def test_a_chunk_that_kills_its_worker_is_given_up(order: Forker, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "poison-numbers-4").write_text("kill")
    said = order(folder, workers=2)
    assert [row[:3] for row in said["failures"]] == [["numbers", 4, 3]]
    assert "its worker died (exit code -9)" in said["failures"][0][3]


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_any_number_of_workers_gives_the_same_rows(
    count: int, order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    killed = order(tmp_path, workers=count, kill_after_s=1.5)
    assert "killed" in killed or killed["digest"] == undisturbed["digest"]
    resumed(order, tmp_path, undisturbed, workers=count)


def test_a_folder_with_an_equals_sign_adds_no_column(
    order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "trial=3 [old]*"
    folder.mkdir()
    assert order(folder)["digest"] == undisturbed["digest"]


def test_another_outcome_of_the_same_chunk_is_an_alarm(tmp_path: Path) -> None:
    from motherlode.errors import StoreError

    book = Ledger(tmp_path / "ledger.sqlite")
    book.begin("step", 0, "identity", 2)
    book.enter("step", "identity", Chunk(0, "a", 1))
    book.enter("step", "identity", Chunk(0, "a", 1))  # done twice, the same: harmless
    with pytest.raises(StoreError, match="came out differently the second time"):
        book.enter("step", "identity", Chunk(0, "b", 1))
    book.close()


@pytest.mark.slow
def test_a_run_of_100_000_chunks_is_resumed_in_seconds(tmp_path: Path) -> None:
    """All but one chunk is done; the time until the last one could start, and every row is there in the end."""
    assert durability.resume(tmp_path)["start_cpu_s"] < 10  # s of processor time


@pytest.mark.slow
def test_the_ledger_costs_little(tmp_path: Path) -> None:
    """Against chunks of five seconds, the shortest that the line cuts its long steps into."""
    import time

    import numpy as np

    from motherlode.study import store
    from motherlode.study.store import Store
    from motherlode.tables import Table

    with Store(tmp_path, "") as place:
        place.begin("step", 0, "identity", 50)
        table = Table({f"column_{k}": np.random.default_rng(k).random(200) for k in range(30)})
        start = time.perf_counter()
        for number in range(50):
            sha256, rows = store.write_chunk(tmp_path, "step", number, table)
            place.ledger.enter("step", "identity", Chunk(number, sha256, rows))
        each = (time.perf_counter() - start) / 50
    assert each / 5 < 0.02, each
