"""The folder of a run: what is in it is whole or not there, and nothing acknowledged is lost."""

import multiprocessing
import os
import sqlite3
from dataclasses import FrozenInstanceError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from benchmarks import durability

from motherlode.errors import StoreError, UnknownName
from motherlode.study import ledger, parquet, store
from motherlode.study.ledger import Chunk, Ledger
from motherlode.study.store import Store
from motherlode.tables import Table


def table(n: int = 5, shift: float = 0.0) -> Table:
    return Table(
        {
            "designation": np.array([f"2000 A{k}" for k in range(n)], dtype=object),
            "delta_v_km_s": np.arange(n) + shift,
            "rows": np.arange(n, dtype=np.int64),
            "passes": np.arange(n) % 2 == 0,
        }
    )


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    written = table().with_columns(delta_v_km_s=[1.5, np.nan, np.inf, -0.0, 1e300])
    parquet.write(written, tmp_path / "t.parquet")
    read = parquet.read(tmp_path / "t.parquet")
    assert read.names == written.names
    for name in written.names:
        np.testing.assert_array_equal(read[name], written[name])


def test_the_same_rows_give_the_same_file(tmp_path: Path) -> None:
    assert parquet.write(table(), tmp_path / "a.parquet") == parquet.write(table(), tmp_path / "b.parquet")
    assert parquet.digest(table()) == parquet.digest(parquet.read(tmp_path / "a.parquet"))
    assert parquet.digest(table()) != parquet.digest(table(shift=1e-15))


def test_one_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    expected = parquet.write(table(1000), path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not the file that was written"):
        parquet.read(path, expected=expected)


def test_a_file_that_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_text("not a table")
    with pytest.raises(StoreError, match=r"cannot read .*t\.parquet"):
        parquet.read(tmp_path / "t.parquet")


def test_chunks_are_joined_in_their_order_whatever_order_they_came_in(tmp_path: Path) -> None:
    with Store(tmp_path / "run", "name = 'x'") as place:
        assert place.begin("screen", 0, "id", 3) == set()
        for number in (2, 0, 1):
            made = store.write_chunk(place.folder, "screen", number, table(2, shift=10.0 * number))
            place.ledger.enter("screen", "id", Chunk(number, *made))
        place.finish("screen", "id", 1.0)
        assert list(store.table(place.folder, "screen")["delta_v_km_s"]) == [0, 1, 10, 11, 20, 21]
        assert not (place.folder / "chunks" / "screen").exists()


def test_a_chunk_with_a_damaged_file_is_done_again(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Store(folder, "name = 'x'") as place:
        place.begin("screen", 0, "id", 3)
        for number in range(3):
            made = store.write_chunk(folder, "screen", number, table())
            place.ledger.enter("screen", "id", Chunk(number, *made))
    place.chunk_path("screen", 0).unlink()
    place.chunk_path("screen", 1).write_bytes(b"garbage")
    with Store(folder, "name = 'x'") as place:
        assert place.begin("screen", 0, "id", 3) == {2}


def test_a_step_with_other_inputs_starts_anew(tmp_path: Path) -> None:
    with Store(tmp_path / "run", "name = 'x'") as place:
        place.begin("screen", 0, "id", 1)
        made = store.write_chunk(place.folder, "screen", 0, table())
        place.ledger.enter("screen", "id", Chunk(0, *made))
        assert place.begin("screen", 0, "id", 1) == {0}
        assert place.begin("screen", 0, "another", 1) == set()


def test_another_outcome_for_the_same_chunk_is_an_alarm(tmp_path: Path) -> None:
    book = Ledger(tmp_path / "ledger.sqlite")
    book.begin("screen", 0, "id", 1)
    book.enter("screen", "id", Chunk(0, "aaa", 5))
    book.enter("screen", "id", Chunk(0, "aaa", 5))
    with pytest.raises(StoreError, match="chunk 0 of screen came out differently the second time"):
        book.enter("screen", "id", Chunk(0, "bbb", 5))


def test_unfinished_files_are_swept(tmp_path: Path) -> None:
    with Store(tmp_path / "run", "name = 'x'") as place:
        place.begin("screen", 0, "id", 1)
    litter = place.folder / "chunks" / "screen" / ".000000.parquet.123.tmp"
    litter.write_bytes(b"half")
    with Store(tmp_path / "run", "name = 'x'"):
        assert not litter.exists()


def hold(folder: str, held: object, done: object) -> None:
    with Store(Path(folder), "name = 'x'"):
        held.set()  # type: ignore[attr-defined]
        done.wait(30)  # type: ignore[attr-defined]


def test_one_process_at_a_time(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(str(tmp_path / "run"), held, done))
    other.start()
    assert held.wait(30)
    with pytest.raises(StoreError, match=f"is in use by process {other.pid}"):
        Store(tmp_path / "run", "name = 'x'")
    other.kill()
    other.join()
    with Store(tmp_path / "run", "name = 'x'"):
        pass


def test_progress_is_read_from_outside(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert store.progress(folder) == ("", 0, 0)
    with Store(folder, "name = 'x'") as place:
        assert store.progress(folder) == ("", 0, 0)
        place.begin("screen", 0, "id", 4)
        place.ledger.enter("screen", "id", Chunk(0, "aaa", 5))
        assert store.progress(folder) == ("screen", 1, 4)
        place.ledger.finish("screen", "hash", 5, 1.0)
        assert store.progress(folder) == ("screen", 4, 4)
        place.begin("search", 1, "id", 2)
        assert store.progress(folder) == ("search", 0, 2)


def test_runs_are_listed_and_found(tmp_path: Path) -> None:
    with Store(tmp_path / "first", "name = 'first'") as place:
        place.write_json("manifest.json", {"rows": 12})
    with Store(tmp_path / "second", "name = 'second'"):
        pass
    assert {(run.name, run.finished, run.rows) for run in store.runs(tmp_path)} == {
        ("first", True, 12),
        ("second", False, 0),
    }
    assert store.find(tmp_path, "first") == tmp_path / "first"
    with pytest.raises(UnknownName, match="no run called 'third'; choose one of: "):
        store.find(tmp_path, "third")
    with pytest.raises(StoreError, match="first has no ranked table yet"):
        store.shortlist(tmp_path / "first")


def test_only_a_run_is_removed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("dear")
    with pytest.raises(StoreError, match="is not the folder of a run; nothing was removed"):
        store.forget(tmp_path / "mine")
    with Store(tmp_path / "run", "name = 'x'"):
        pass
    store.forget(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    store.forget(tmp_path / "never-was")


def counted(monkeypatch: pytest.MonkeyPatch, place: object, name: str) -> list[Any]:
    """What a function is asked from now on."""
    asked: list[Any] = []
    real = getattr(place, name)
    monkeypatch.setattr(place, name, lambda *words, **named: (asked.append(words), real(*words, **named))[1])
    return asked


@pytest.mark.parametrize("chunks", [40, 400, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_resume_reads_each_chunk_once_whatever_their_number(
    chunks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long that takes is for ``benchmarks.limits`` to say."""
    rows = durability.nearly_done(tmp_path, chunks)
    hashed = counted(monkeypatch, parquet, "hash_of")
    opened = counted(monkeypatch, parquet.duckdb, "connect")
    said: list[str] = []
    with Store(tmp_path, "") as place:
        place.ledger._base.set_trace_callback(said.append)
        done = place.begin("step", 0, "identity", chunks)
        assert len(done) == chunks - 1
        assert len(said) <= 4 and not opened, "a few statements, and no table is read before work begins"
        assert sorted(path for (path,) in hashed) == [place.chunk_path("step", k) for k in sorted(done)]
        hashed.clear()
        place.finish("step", "identity", 0.0)
        assert len(hashed) == chunks and len(opened) == 1, "once more to join them, by one engine; then the table"
    assert len(store.table(tmp_path, "step")) == rows * (chunks - 1)


def test_a_chunk_is_forced_to_the_disk_three_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file, the folder, its row in the ledger: what it costs that nothing is lost."""
    with Store(tmp_path, "") as place:
        filled(place, 3, chunks=5)
        forced, said = counted(monkeypatch, os, "fsync"), []
        renamed, hashed = counted(monkeypatch, os, "replace"), counted(monkeypatch, parquet, "hash_of")
        place.ledger._base.set_trace_callback(said.append)
        made = store.write_chunk(tmp_path, "screen", 1, table(3))
        place.ledger.enter("screen", "id", Chunk(1, *made))
        assert (len(forced), len(renamed), len(hashed)) == (2, 1, 1)
        assert [line.split()[0] for line in said] == ["SELECT", "INSERT"], "one transaction, forced by SQLite"


def book(folder: Path, *done: int, chunks: int = 3, identity: str = "id") -> Ledger:
    """A ledger of one step with these chunks done."""
    found = Ledger(folder / "ledger.sqlite")
    found.begin("screen", 0, identity, chunks)
    for number in done:
        found.enter("screen", identity, Chunk(number, "aaa", 5, 0.5, 2))
    return found


def test_the_ledger_forces_every_row_to_the_disk(tmp_path: Path) -> None:
    base = book(tmp_path)._base
    assert base.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert base.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_the_ledger_keeps_what_was_entered_and_starts_anew_under_another_layout(tmp_path: Path) -> None:
    book(tmp_path, 0, 2).close()
    again = Ledger(tmp_path / "ledger.sqlite")
    assert again.chunks("screen", "id") == [Chunk(0, "aaa", 5, 0.5, 2), Chunk(2, "aaa", 5, 0.5, 2)]
    assert again.chunks("screen", "other") == again.chunks("search", "id") == []
    again._base.execute("PRAGMA user_version=1")
    again.close()
    assert Ledger(tmp_path / "ledger.sqlite").steps() == []


@pytest.mark.parametrize("column", ["number = 7", "sha256 = 'bbb'", "rows = 6", "attempt = 3", "seal = 'x'"])
def test_a_row_that_changed_on_the_disk_is_done_again(column: str, tmp_path: Path) -> None:
    ledger_ = book(tmp_path, 0, 1)
    ledger_._base.execute(f"UPDATE chunk SET {column} WHERE number = 1")
    assert [one.number for one in ledger_.begin("screen", 0, "id", 3)] == [0]
    assert ledger_._base.execute("SELECT count(*) FROM chunk").fetchone() == (1,)


def test_a_step_is_finished_with_all_its_chunks_and_its_seconds_add_up(tmp_path: Path) -> None:
    ledger_ = book(tmp_path, 0, 1)
    ledger_.finish("screen", "hash", 10, 1.5)
    assert ledger_.finished("screen", "id") is None and ledger_.finished("search", "id") is None
    ledger_.enter("screen", "id", Chunk(2, "ccc", 0))
    ledger_.finish("screen", "hash", 10, 2.0)
    assert ledger_.finished("screen", "id") == "hash" and ledger_.finished("screen", "other") is None
    ledger_.begin("search", 2, "x", 1)
    ledger_.begin("rank", 1, "x", 1)
    first, *rest = ledger_.steps()
    assert [step["name"] for step in rest] == ["rank", "search"]
    assert first == {
        "name": "screen", "identity": "id", "chunks": 3, "done": 3, "sha256": "hash", "rows": 10, "seconds": 3.5,
    }  # fmt: skip


def test_a_failure_stands_until_its_chunk_is_done_or_its_step_starts_anew(tmp_path: Path) -> None:
    ledger_ = book(tmp_path, 0)
    for attempt, message in ((1, "first"), (2, "second"), (3, "third")):
        ledger_.fail("screen", "id", 1, attempt, message)
    ledger_.fail("screen", "id", 2, 1, "other")
    assert ledger_.failures() == [("screen", 1, 3, "third"), ("screen", 2, 1, "other")]
    ledger_.enter("screen", "id", Chunk(1, "bbb", 1))
    assert ledger_.failures() == [("screen", 2, 1, "other")]
    ledger_.begin("screen", 0, "id", 3)
    assert len(ledger_.failures()) == 1
    ledger_.begin("screen", 0, "new", 3)
    assert ledger_.failures() == [] and ledger_.chunks("screen", "new") == []


def test_a_chunk_is_struck_by_its_number_alone(tmp_path: Path) -> None:
    ledger_ = book(tmp_path, 0, 1, 2)
    ledger_.begin("search", 1, "id", 1)
    ledger_.enter("search", "id", Chunk(1, "ddd", 1))
    ledger_.strike("screen", "id", [1, 9])
    assert [one.number for one in ledger_.chunks("screen", "id")] == [0, 2]
    assert len(ledger_.chunks("search", "id")) == 1


def test_a_damaged_ledger_and_a_failed_write_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database" * 500)
    with pytest.raises(
        StoreError, match=r"cannot use .*ledger\.sqlite: file is not a database; start anew with --fresh"
    ):
        Ledger(tmp_path / "ledger.sqlite")
    assert store.progress(tmp_path) == ("", 0, 0)
    with pytest.raises(StoreError, match="unable to open database file; free space or choose another folder"):
        Ledger(tmp_path / "nowhere" / "ledger.sqlite")
    (tmp_path / "b").mkdir()
    ledger_ = book(tmp_path / "b", 0)
    ledger_._base.execute("DROP TABLE failure")
    with pytest.raises(StoreError, match=r"no such table: failure; free space or choose another folder with --runs"):
        ledger_.begin("screen", 0, "new", 3)
    assert not ledger_._base.in_transaction
    assert len(ledger_.chunks("screen", "id")) == 1, "rolled back"


def test_progress_is_of_the_first_step_in_work_else_of_the_last(tmp_path: Path) -> None:
    ledger_ = book(tmp_path, 0)
    ledger_.begin("search", 1, "id", 7)
    assert store.progress(tmp_path) == ("screen", 1, 3)
    ledger_.finish("screen", "hash", 5, 1.0)
    ledger_.finish("search", "hash", 5, 1.0)
    assert store.progress(tmp_path) == ("search", 7, 7)


def test_a_folder_that_cannot_be_used_is_let_go(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "ledger.sqlite").write_bytes(b"no database" * 500)
    for _ in range(2):  # the lock of the first attempt is gone
        with pytest.raises(StoreError, match="start anew with --fresh"):
            Store(tmp_path / "run", "name = 'x'")
    (tmp_path / "run" / "ledger.sqlite").unlink()
    with Store(tmp_path / "run", "name = 'x'") as place:
        assert (place.folder / "study.toml").read_text() == "name = 'x'"


def filled(place: Store, *rows: int, chunks: int) -> None:
    """Do a chunk with so many rows, one after another."""
    place.begin("screen", 0, "id", chunks)
    for number, count in enumerate(rows):
        place.ledger.enter(
            "screen", "id", Chunk(number, *store.write_chunk(place.folder, "screen", number, table(count)))
        )


def test_a_step_with_a_chunk_missing_keeps_its_pieces(tmp_path: Path) -> None:
    with Store(tmp_path / "run", "name = 'x'") as place:
        place.begin("screen", 0, "id", 3)
        with pytest.raises(
            StoreError, match=r"no chunk of screen could be done; the ledger .*ledger\.sqlite says why"
        ):
            place.finish("screen", "id", 1.0)
        filled(place, 2, 0, chunks=3)
        place.finish("screen", "id", 1.0)
        assert len(store.table(place.folder, "screen")) == 2
        assert place.chunk_path("screen", 1).exists() and place.finished("screen", "id") is None
        assert place.begin("screen", 0, "id", 3) == {0, 1}


def test_a_step_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    with Store(tmp_path / "run", "name = 'x'") as place:
        filled(place, 0, 0, chunks=2)
        written = place.finish("screen", "id", 1.0)
        assert store.table(place.folder, "screen").names == table().names
        assert place.finished("screen", "id") == written and place.finished("screen", "other") is None


def test_a_finished_table_that_was_damaged_is_made_again(tmp_path: Path) -> None:
    with Store(tmp_path / "run", "name = 'x'") as place:
        filled(place, 2, 3, chunks=2)
        written = place.finish("screen", "id", 1.0)
        place.chunk_path("screen", 0).parent.mkdir()
        assert place.finished("screen", "id") == written
        assert not place.chunk_path("screen", 0).parent.exists(), "what a killed run left is cleared"
        place.table_path("screen").write_bytes(b"garbage")
        assert place.finished("screen", "id") is None


def test_room_for_a_chunk_is_asked_for_before_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path, int]] = []
    monkeypatch.setattr(store.durable, "need_room", lambda folder, size: asked.append((folder, size)))
    (tmp_path / "chunks" / "screen").mkdir(parents=True)
    assert store.write_chunk(tmp_path, "screen", 7, table(4))[1] == 4
    assert asked == [(tmp_path, 8 * 1024 * 1024)] and (tmp_path / "chunks/screen/000007.parquet").exists()


def test_the_newest_run_comes_first(tmp_path: Path) -> None:
    for age, name in ((300, "old"), (100, "new"), (200, "middle")):
        with Store(tmp_path / name, "name = 'x'") as place:
            place.write_json("funnel.json", [{"stage": name}])
        os.utime(tmp_path / name / "ledger.sqlite", (1e9 - age, 1e9 - age))
    assert [run.name for run in store.runs(tmp_path)] == ["new", "middle", "old"]
    assert store.funnel(tmp_path / "old") == [{"stage": "old"}]
    with pytest.raises(UnknownName, match="none yet: motherlode hunt makes one"):
        store.find(tmp_path / "nowhere", "x")


def test_json_of_a_run_holds_numbers_only(tmp_path: Path) -> None:
    with Store(tmp_path / "run", "name = 'x'") as place, pytest.raises(ValueError, match="not JSON compliant"):
        place.write_json("manifest.json", {"rows": float("nan")})


def test_identity_is_of_the_content_not_of_the_order_of_keys() -> None:
    assert store.identity({"a": 1, "b": [2]}, "x") == store.identity({"b": [2], "a": 1}, "x")
    assert (
        len({store.identity("a", "b"), store.identity("b", "a"), store.identity(["a", "b"]), store.identity()}) == 4
    )


def test_the_identity_of_the_code_is_of_what_a_run_computes_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "motherlode" / "study"
    for name in ("study/store.py", "access/data.csv", "web/api.py", "study/notes.md", "cli/__pycache__/x.py"):
        (tmp_path / "motherlode" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "motherlode" / name).write_text("1")
    monkeypatch.setattr(store, "__file__", str(room / "store.py"))
    first = store.code_identity()
    for name in ("web/api.py", "study/notes.md", "cli/__pycache__/x.py"):
        (tmp_path / "motherlode" / name).write_text("2")
    assert store.code_identity() == first
    (tmp_path / "motherlode" / "access" / "data.csv").write_text("2")
    assert store.code_identity() != first


def test_a_run_that_works_is_not_removed_and_an_empty_folder_is(tmp_path: Path) -> None:
    with Store(tmp_path / "run", "name = 'x'"), pytest.raises(StoreError, match="is in use by process"):
        store.forget(tmp_path / "run")
    assert (tmp_path / "run").exists()
    (tmp_path / "empty").mkdir()
    store.forget(tmp_path / "empty")
    assert not (tmp_path / "empty").exists()


def test_progress_waits_two_seconds_for_a_ledger_that_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(tmp_path, 0)
    real, asked, pauses = sqlite3.connect, [0], [0.0]
    clock = SimpleNamespace(monotonic=lambda: 100.0 + sum(pauses), sleep=pauses.append)

    def busy(*words: object, **named: object) -> sqlite3.Connection:
        asked[0] += 1
        if asked[0] <= refusals:
            raise sqlite3.OperationalError("database is locked")
        return real(*words, **named)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(ledger, "sqlite3", SimpleNamespace(connect=busy, Error=sqlite3.Error))
    monkeypatch.setattr(ledger, "time", clock)
    refusals = 3
    assert store.progress(tmp_path) == ("screen", 1, 3) and asked[0] == 4
    refusals, pauses[:] = 10_000, [0.0]
    assert store.progress(tmp_path) == ("", 0, 0) and 2.0 < sum(pauses) < 2.1


def test_a_chunk_was_done_at_the_first_attempt_unless_it_says_otherwise() -> None:
    one = Chunk(3, "aaa", 5)
    assert (one.seconds, one.attempt) == (0.0, 1)
    with pytest.raises(FrozenInstanceError):
        one.rows = 6  # type: ignore[misc]


def test_seals_of_earlier_runs_stay_good() -> None:
    assert ledger._seal("screen", "id", Chunk(1, "aaa", 5, 0.5, 2)) == "23f9efdce20c97fb"


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
