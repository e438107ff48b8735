"""Runs that are killed, starved and damaged: no acknowledged row lost, none twice, the same result in the end."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import work_of_two

from motherlode.study.ledger import Chunk, Ledger

ROOT = Path(__file__).parents[1]
Order = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Order]:
    """Give an order to the process that forks runs; it answers how the run ended."""
    # Not run as a module: a worker would load it again, with every stage of the program.
    command = [sys.executable, "-c", "from tests import line_of_two; line_of_two.main()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as forker:
        assert forker.stdin is not None and forker.stdout is not None

        def give(folder: Path, **what: Any) -> dict[str, Any]:
            forker.stdin.write(json.dumps({"folder": str(folder), **what}) + "\n")
            forker.stdin.flush()
            return json.loads(forker.stdout.readline())

        yield give
        forker.stdin.close()


@pytest.fixture(scope="module")
def undisturbed(order: Order, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    said = order(tmp_path_factory.mktemp("undisturbed"))
    assert said["rows"] == [7 * work_of_two.NUMBERS, work_of_two.SUMS] and not said["failures"]
    return said


def lines(folder: Path, name: str) -> list[str]:
    path = folder / name
    return path.read_text().splitlines() if path.exists() else []


def resumed(order: Order, folder: Path, undisturbed: dict[str, Any], **what: Any) -> None:
    """Run again to the end: same rows, nothing acknowledged done again, no litter."""
    acknowledged = {tuple(line.split()[:2]) for line in lines(folder, "entered.log")}
    begun = len(lines(folder, "done.log"))
    said = order(folder, **what)
    assert said.get("digest") == undisturbed["digest"] and said["rows"] == undisturbed["rows"], said
    again = {tuple(line.split()) for line in lines(folder, "done.log")[begun:]}
    assert not again & acknowledged
    assert not [path for path in folder.rglob("*") if path.name.endswith(".tmp")]


def kill_at_times(order: Order, folder: Path, undisturbed: dict[str, Any], count: int, seed: int) -> int:
    """Kill runs of one folder after another at random times; each folder is killed until it is done."""
    chance, killed, place = random.Random(seed), 0, 0
    while killed < count:
        place += 1
        run = folder / str(place)
        run.mkdir()
        for _ in range(3):
            said = order(run, kill_after_s=chance.uniform(0.0, 0.4) ** 1.5)
            killed += "killed" in said
        resumed(order, run, undisturbed)
    return killed


def test_killed_at_random_times(order: Order, undisturbed: dict[str, Any], tmp_path: Path, claim: Any) -> None:
    killed = kill_at_times(order, tmp_path, undisturbed, 22, seed=1)  # each run is held against the undisturbed one
    claim("runs killed at random instants that ended with the same rows", oracle="the undisturbed run",
          measured=killed, at_least=22)  # fmt: skip


@pytest.mark.slow
def test_killed_a_thousand_times(order: Order, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    assert kill_at_times(order, tmp_path, undisturbed, 1000, seed=2) >= 1000


CALLS = range(1, 121)  # every call of a run that changes the disk; the last ones are never reached
FEW = [1, 2, 3, 5, 8, 11, 14, 17, 19, 20, 21, 22, 23, 26, 29, 33, *range(37, 97, 5)]


@pytest.mark.parametrize("calls", [FEW, pytest.param(list(CALLS), marks=pytest.mark.slow)], ids=["few", "all"])
def test_killed_at_a_call_that_changes_the_disk(
    calls: list[int], order: Order, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    killed = 0
    for nth in calls:
        folder = tmp_path / str(nth)
        folder.mkdir()
        killed += "killed" in order(folder, call=nth)
        resumed(order, folder, undisturbed)
    assert killed >= 0.7 * len(calls)


@pytest.mark.parametrize("code", ["ENOSPC", "EIO", "EROFS"])
@pytest.mark.parametrize(
    "calls", [[4, 18, 26, 60, 128], pytest.param(list(CALLS), marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_a_disk_that_fails_is_said_and_survived(
    code: str, calls: list[int], order: Order, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    for nth in calls:
        folder = tmp_path / str(nth)
        folder.mkdir()
        said = order(folder, call=nth, errno=code)
        assert "crash" not in said, said
        if "error" in said:
            assert said["error"] == "StoreError" and "\n" not in said["message"]
        resumed(order, folder, undisturbed)


@pytest.mark.parametrize("limit", [0, 400, 900, 4096, 12_000, 30_000])
def test_a_disk_that_fills_inside_the_engines(
    limit: int, order: Order, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """No file may grow beyond a limit: DuckDB's and SQLite's own writes fail, wherever they are."""
    said = order(tmp_path, file_limit=limit)
    assert "crash" not in said or limit == 0, said
    assert "digest" not in said or said["digest"] == undisturbed["digest"]
    resumed(order, tmp_path, undisturbed)


def test_flipped_bytes_are_found_and_the_chunk_done_again(
    order: Order, undisturbed: dict[str, Any], tmp_path: Path
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
    order: Order, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    order(tmp_path)
    path = tmp_path / "tables" / "numbers.parquet"
    damaged = bytearray(path.read_bytes())
    damaged[60] ^= 0x01
    path.write_bytes(damaged)
    assert order(tmp_path)["digest"] == undisturbed["digest"]


def test_a_damaged_ledger_is_said(order: Order, tmp_path: Path) -> None:
    order(tmp_path)
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database " * 400)
    said = order(tmp_path)
    assert said["error"] == "StoreError" and "ledger.sqlite" in said["message"]


def test_a_clock_that_jumps_changes_nothing(order: Order, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    order(tmp_path, clock=1, call=60)
    resumed(order, tmp_path, undisturbed, clock=2)


def test_two_runs_at_once_are_one_too_many(order: Order, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    from motherlode import durable

    with durable.hold(tmp_path / "run.lock"):
        said = order(tmp_path)
        assert said["error"] == "StoreError" and "is in use by process" in said["message"]
    resumed(order, tmp_path, undisturbed)


def test_a_poisoned_chunk_is_given_up_and_the_rest_finished(
    order: Order, undisturbed: dict[str, Any], tmp_path: Path
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


def test_a_chunk_that_kills_its_worker_is_given_up(order: Order, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "poison-numbers-4").write_text("kill")
    said = order(folder, workers=2)
    assert [row[:3] for row in said["failures"]] == [["numbers", 4, 3]]
    assert "its worker died (exit code -9)" in said["failures"][0][3]


@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_any_number_of_workers_gives_the_same_rows(
    count: int, order: Order, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    killed = order(tmp_path, workers=count, kill_after_s=1.5)
    assert "killed" in killed or killed["digest"] == undisturbed["digest"]
    resumed(order, tmp_path, undisturbed, workers=count)


def test_a_folder_with_an_equals_sign_adds_no_column(
    order: Order, undisturbed: dict[str, Any], tmp_path: Path
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
    """All but one chunk is done; the time until the last one could start."""
    import time

    import numpy as np

    from motherlode.study import store
    from motherlode.study.store import Store
    from motherlode.tables import Table

    count = 100_000
    with Store(tmp_path, "") as place:
        place.begin("step", 0, "identity", count)
        sha256, rows = store.write_chunk(tmp_path, "step", 0, Table({"x": np.arange(30.0)}))
        first = place.chunk_path("step", 0)
        for number in range(1, count - 1):
            shutil.copyfile(first, place.chunk_path("step", number))
        place.ledger._base.execute("BEGIN")
        for number in range(count - 1):
            place.ledger.enter("step", "identity", Chunk(number, sha256, rows))
        place.ledger._base.execute("COMMIT")
    start = time.process_time()
    with Store(tmp_path, "") as place:
        assert len(place.begin("step", 0, "identity", count)) == count - 1
        taken = time.process_time() - start
        assert taken < 10, taken  # s of processor time
        place.finish("step", "identity", 0.0)
    assert len(store.table(tmp_path, "step")) == rows * (count - 1)


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


STRACE = shutil.which("strace")
WRITES = "write,pwrite64,writev,fsync,fdatasync,rename,renameat2,unlink,ftruncate"


def traced(folder: Path, fault: str) -> subprocess.CompletedProcess[str]:
    """A run in a process of its own whose n-th system call that writes goes wrong, wherever in the engines it is."""
    code = (
        "import sys, json, pathlib; from tests import line_of_two;"
        "print(json.dumps(line_of_two.run(pathlib.Path(sys.argv[1]), 1)))"
    )
    command = [str(STRACE), "-f", "-qq", "-o", "/dev/null", "-e", f"trace={WRITES}", "-e", f"inject={WRITES}:{fault}"]
    return subprocess.run(
        [*command, sys.executable, "-c", code, str(folder)], capture_output=True, text=True, cwd=ROOT, check=False
    )


@pytest.mark.slow
@pytest.mark.skipif(STRACE is None, reason="strace is not installed")
@pytest.mark.parametrize("fault", ["signal=KILL", "error=ENOSPC", "error=EIO"])
def test_each_of_the_first_200_system_calls_that_write(
    fault: str, order: Order, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    stopped = 0
    for nth in range(1, 201):
        folder = tmp_path / str(nth)
        folder.mkdir()
        ended = traced(folder, f"{fault}:when={nth}")
        stopped += ended.returncode != 0 or "error" in ended.stdout
        assert "Traceback" not in ended.stderr or fault == "signal=KILL", ended.stderr[-800:]
        resumed(order, folder, undisturbed)
    assert stopped >= 100
