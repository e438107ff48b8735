"""Disks that fill, fail and turn read-only under a run: said in one line, survived, resumed to the same rows."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.forked_runs import LONG, STRACE, Forker, calls_of, resumed


@pytest.fixture(scope="module")
def order() -> Iterator[Forker]:
    with Forker() as forker:
        yield forker


@pytest.fixture(scope="module")
def undisturbed(order: Forker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return order(tmp_path_factory.mktemp("undisturbed"))


def refused_in_words(said: dict[str, Any]) -> bool:
    """Whether a run was stopped by its disk; it then says so in one line."""
    assert "crash" not in said, said
    if "error" in said:
        assert said["error"] == "StoreError" and "\n" not in said["message"], said
    return "error" in said


@pytest.mark.parametrize("code", ["ENOSPC", "EIO", "EROFS"])
@pytest.mark.parametrize(
    "calls", [[4, 26, 60], pytest.param(list(range(1, 121)), marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_a_disk_that_fails_is_said_and_survived(
    code: str, calls: list[int], order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    for nth in calls:
        folder = tmp_path / str(nth)
        folder.mkdir()
        refused_in_words(order(folder, call=nth, errno=code))
        resumed(order, folder, undisturbed)


@pytest.mark.parametrize("limit", [0, 400, 900, 4096, 12_000, 30_000])
def test_a_disk_that_fills_inside_the_engines(
    limit: int, order: Forker, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """No file may grow beyond a limit: DuckDB's and SQLite's own writes fail, wherever they are."""
    said = order(tmp_path, file_limit=limit)
    assert "crash" not in said or limit == 0, said
    assert "digest" not in said or said["digest"] == undisturbed["digest"]
    resumed(order, tmp_path, undisturbed)


@pytest.mark.skipif(STRACE is None, reason="strace is not installed: no fault inside the engines' own system calls")
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
    workers: int, calls: range, code: str, order: Forker, tmp_path: Path
) -> None:
    """The n-th one that changes the disk, of any process of the run, wherever in the engines it is."""
    long, refused = {"workers": workers, "chunks": LONG}, 0
    (tmp_path / "0").mkdir()
    made = calls_of(order, tmp_path / "0", chunks=LONG)
    undisturbed = order(tmp_path / "0", **long)
    for nth in calls:
        name, when = made[nth - 1]
        folder = tmp_path / str(nth)
        folder.mkdir()
        refused += refused_in_words(order(folder, trace=[name, f"error={code}:when={when}"], **long))
        resumed(order, folder, undisturbed, **long)
        shutil.rmtree(folder)
    assert refused >= len(calls) // 2 or workers > 1
