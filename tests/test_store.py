"""The folder of a run: what is in it is whole or not there, and nothing acknowledged is lost."""

import json
import multiprocessing
import time
from pathlib import Path

import numpy as np
import pytest

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


def test_resume_of_many_chunks_is_quick(tmp_path: Path, claim: object) -> None:
    book = Ledger(tmp_path / "ledger.sqlite")
    book.begin("screen", 0, "id", 100_000)
    seals = [ledger._seal("screen", "id", Chunk(k, "aaa", 1)) for k in range(100_000)]
    rows = [("screen", "id", k, "aaa", 1, 1, 0.0, seal) for k, seal in enumerate(seals)]
    book._base.execute("BEGIN")
    book._base.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    book._base.execute("COMMIT")
    started = time.process_time()
    assert len(book.begin("screen", 0, "id", 100_000)) == 100_000
    assert ledger.progress(tmp_path / "ledger.sqlite") == ("screen", 100_000, 100_000)
    claim(  # type: ignore[operator]
        "Ledger of 100 000 chunks read on resume", oracle="process time", status="modelled",
        measured=time.process_time() - started, at_most=5.0, unit="s",
    )  # fmt: skip
    assert json.dumps(book.steps()[0])
