"""Runs that are killed, damaged, doubled and starved of their disk.

No acknowledged row is lost, none is there twice, and the result is that of the run that nobody disturbed.
"""

import itertools
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests import work_of_two
from tests.forked_runs import STRACE, Forker, calls_of, fault_at, lines, resumed, survived

from motherlode.study import workers


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
    order: Forker, folder: Path, undisturbed: dict[str, Any], count: int, seed: int, **what: Any
) -> tuple[int, int]:
    """Kill run after run at random instants, three times in one folder, then let it end.

    Every other kill is a random part of a run's length after its start, the rest soon after a random number of
    chunks: where workers take long to start, few of the first kind meet any work.

    returns  kills that ended a run, and how many of them were of the second kind
    """
    (folder / "first").mkdir()
    start = time.monotonic()
    order(folder / "first", **what)
    length, chance, killed = time.monotonic() - start, random.Random(seed), [0, 0]  # s

    def instant(kind: int) -> dict[str, Any]:
        if kind == 0:
            return {"kill_after_s": chance.uniform(0.0, length)}
        return {"kill_after_chunks": chance.randrange(1, 6), "kill_after_s": chance.uniform(0.0, length / 10)}

    kinds = itertools.cycle([0, 1])
    while sum(killed) < count:
        three = [next(kinds) for _ in range(3)]
        said = survived(order, folder, [[instant(kind) for kind in three]], undisturbed, **what)
        for kind, one in zip(three, said):
            killed[kind] += "killed" in one
            if kind == 0:
                length *= 1.1 if "killed" in one else 0.7  # follows how busy the machine is
    return sum(killed), killed[1]


def test_killed_at_random_times(order: Forker, undisturbed: dict[str, Any], tmp_path: Path, claim: Any) -> None:
    killed, at_work = kill_at_times(order, tmp_path, undisturbed, 50, seed=1)  # each is held against the undisturbed
    claim("runs killed at random instants that ended with the same rows", oracle="the undisturbed run",
          measured=killed, at_least=50)  # fmt: skip
    assert at_work >= 15


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "count"), [(1, 700), (2, 200), (4, 100)])
def test_killed_a_thousand_times(
    workers: int, count: int, order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    killed, at_work = kill_at_times(
        order, tmp_path, undisturbed, count, seed=workers, workers=workers, forked_workers=True
    )
    print(f"{killed} killed, {at_work} of them at work")
    assert killed >= count and at_work >= 0.3 * count


CALLS = range(1, 121)  # every call of a run that changes the disk; the last ones are never reached
FEW = [1, 3, 8, 14, 19, 20, 21, 22, 23, 29, *range(37, 97, 10)]


@pytest.mark.parametrize("calls", [FEW, pytest.param(CALLS, marks=pytest.mark.slow)], ids=["few", "all"])
def test_killed_at_a_call_that_changes_the_disk(
    calls: Sequence[int], order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    said = survived(order, tmp_path, [[{"call": nth}] for nth in calls], undisturbed)
    assert sum("killed" in one for one in said) >= 0.7 * len(calls)


def refused_in_words(said: dict[str, Any]) -> bool:
    """Whether a run was stopped by its disk; it then says so in one line."""
    assert "crash" not in said, said
    if "error" in said:
        assert said["error"] == "StoreError" and "\n" not in said["message"], said
    return "error" in said


@pytest.mark.parametrize("code", ["ENOSPC", "EIO", "EROFS"])
@pytest.mark.parametrize("calls", [[4, 26, 60], pytest.param(CALLS, marks=pytest.mark.slow)], ids=["few", "all"])
def test_a_disk_that_fails_is_said_and_survived(
    code: str, calls: Sequence[int], order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    said = survived(order, tmp_path, [[{"call": nth, "errno": code}] for nth in calls], undisturbed)
    assert sum(map(refused_in_words, said)) >= 0.5 * len(calls)


@pytest.mark.parametrize("limit", [0, 400, 900, 4096, 12_000, 30_000])
def test_a_disk_that_fills_inside_the_engines(
    limit: int, order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """No file may grow beyond a limit: DuckDB's and SQLite's own writes fail, wherever they are."""
    (said,) = survived(order, tmp_path, [[{"file_limit": limit}]], undisturbed)
    assert "crash" not in said or limit == 0, said
    assert "digest" not in said or said["digest"] == undisturbed["digest"]


LONG = 9  # chunks of a run that makes more than 200 system calls that change the disk


@pytest.fixture(scope="module")
def system_calls(order: Forker, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int]]:
    """Those of a long run."""
    if STRACE is None:
        pytest.skip("strace is not installed: no fault inside the engines' own system calls")
    return calls_of(order, tmp_path_factory.mktemp("traced"), chunks=LONG)


@pytest.fixture(scope="module")
def long_undisturbed(order: Forker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return order(tmp_path_factory.mktemp("long"), chunks=LONG)


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
    workers: int, calls: range, order: Forker, system_calls: Any, long_undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """The n-th one of any process of the run, wherever in the engines it is."""
    faults = [[fault_at(system_calls[nth - 1], "signal=KILL")] for nth in calls]
    said = survived(order, tmp_path, faults, long_undisturbed, workers=workers, chunks=LONG)
    killed = sum("killed" in one for one in said)
    print(f"{killed} of {len(calls)} killed")
    assert killed >= 0.9 * len(calls) or workers > 1  # the death of a worker does not end its run


@pytest.mark.parametrize("code", ["ENOSPC", "EIO", "EROFS"])
@pytest.mark.parametrize(
    ("workers", "calls"),
    [
        (1, range(30, 200, 90)),
        pytest.param(1, range(1, 201, 2), marks=pytest.mark.slow),
        pytest.param(2, range(1, 81, 8), marks=pytest.mark.slow),
        pytest.param(4, range(5, 81, 16), marks=pytest.mark.slow),
    ],
    ids=["few", "a hundred", "2 workers", "4 workers"],
)
def test_a_system_call_that_fails_is_said_and_survived(
    workers: int,
    calls: range,
    code: str,
    order: Forker,
    system_calls: Any,
    long_undisturbed: dict[str, Any],
    tmp_path: Path,
) -> None:
    """The n-th one that changes the disk, of any process of the run, wherever in the engines it is."""
    faults = [[fault_at(system_calls[nth - 1], f"error={code}")] for nth in calls]
    said = survived(order, tmp_path, faults, long_undisturbed, workers=workers, chunks=LONG)
    refused = sum(map(refused_in_words, said))
    print(f"{refused} of {len(calls)} refused")
    assert refused >= len(calls) // 2 or workers > 1


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


@pytest.mark.parametrize("broken", ["recv", "send"])
def test_a_worker_whose_run_is_gone_leaves_without_a_word(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*words: object) -> None:
        raise BrokenPipeError

    pipe = SimpleNamespace(recv=lambda: workers.Job(1, "math:sqrt", (4,)), send=gone)
    setattr(pipe, broken, gone)
    monkeypatch.setattr(workers, "signal", SimpleNamespace(signal=lambda *words: None, SIGINT=2, SIG_IGN=1))
    workers._work(pipe)  # type: ignore[arg-type]


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
