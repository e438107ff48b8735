"""The ledger of a run: which chunk of which step is done, with the hash of what it left. SQLite, forced to the disk.

A chunk counts as done when its row is here and not before. Work is done at least once: doing a chunk again gives
the same file, and a different one is an alarm. SQLite does not notice a flipped byte in a value: each row carries a
seal, and a chunk whose seal is broken is done again.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from motherlode.errors import StoreError

LAYOUT: Final = 2  # of the tables; a ledger with another one was written by another version and starts anew
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS step (
  name TEXT PRIMARY KEY, place INTEGER, identity TEXT, chunks INTEGER, sha256 TEXT, rows INTEGER, seconds REAL);
CREATE TABLE IF NOT EXISTS chunk (
  step TEXT, identity TEXT, number INTEGER, sha256 TEXT, rows INTEGER, attempt INTEGER, seconds REAL,
  seal TEXT, PRIMARY KEY (step, identity, number));
CREATE TABLE IF NOT EXISTS failure (
  step TEXT, identity TEXT, number INTEGER, attempt INTEGER, message TEXT);
"""


@dataclass(frozen=True)
class Chunk:
    """A finished piece of a step: its number and what it left on the disk."""

    number: int
    sha256: str
    rows: int
    seconds: float = 0.0
    attempt: int = 1


class Ledger:
    """One run's ledger; a second process may read it while the first writes."""

    def __init__(self, path: Path):
        """path  of the SQLite file; made where it is not there. Raises StoreError where it cannot be used."""
        self.path = path
        with self._told():
            self._base = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            self._lay_out()

    def _lay_out(self) -> None:
        if self._base.execute("PRAGMA user_version").fetchone()[0] != LAYOUT:
            gone = "".join(f"DROP TABLE IF EXISTS {name};" for name in ("step", "chunk", "failure"))
            self._base.executescript(f"BEGIN;{gone}{_TABLES}PRAGMA user_version={LAYOUT};COMMIT;")

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def begin(self, step: str, place: int, identity: str, chunks: int) -> list[Chunk]:
        """Open a step under the identity of its inputs; returns its chunks that are done already.

        A step whose identity changed starts anew.
        """
        with self._told():
            row = self._base.execute("SELECT identity FROM step WHERE name = ?", (step,)).fetchone()
            if row is None or row[0] != identity:
                self._base.execute("BEGIN")
                self._base.execute("DELETE FROM chunk WHERE step = ?", (step,))
                self._base.execute("DELETE FROM failure WHERE step = ?", (step,))
                values = (step, place, identity, chunks)
                self._base.execute("INSERT OR REPLACE INTO step VALUES (?, ?, ?, ?, NULL, NULL, 0)", values)
                self._base.execute("COMMIT")
            broken = [number for number, whole in self._sealed(step, identity) if whole is None]
        self.strike(step, identity, broken)
        return self.chunks(step, identity)

    def chunks(self, step: str, identity: str) -> list[Chunk]:
        """The chunks of a step that are done, in order."""
        with self._told():
            return [chunk for _, chunk in self._sealed(step, identity) if chunk is not None]

    def _sealed(self, step: str, identity: str) -> list[tuple[int, Chunk | None]]:
        """Each row of a step with its number; None where its seal is broken."""
        found = self._base.execute(
            "SELECT seal, number, sha256, rows, seconds, attempt FROM chunk"
            " WHERE step = ? AND identity = ? ORDER BY number",
            (step, identity),
        )
        rows = [(seal, Chunk(*values)) for seal, *values in found.fetchall()]
        return [(one.number, one if seal == _seal(step, identity, one) else None) for seal, one in rows]

    def enter(self, step: str, identity: str, chunk: Chunk) -> None:
        """Write down that a chunk is done: the moment from which it is never done again.

        raises  StoreError where the same chunk was done before with another outcome
        """
        with self._told():
            known = self._base.execute(
                "SELECT sha256 FROM chunk WHERE step = ? AND identity = ? AND number = ?",
                (step, identity, chunk.number),
            ).fetchone()
            if known and known[0] != chunk.sha256:
                raise StoreError(
                    f"chunk {chunk.number} of {step} came out differently the second time; "
                    "the same inputs must give the same rows: please report this"
                )
            values = (chunk.number, chunk.sha256, chunk.rows, chunk.attempt, chunk.seconds)
            sealed = (step, identity, *values, _seal(step, identity, chunk))
            self._base.execute("INSERT OR REPLACE INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sealed)

    def strike(self, step: str, identity: str, numbers: list[int]) -> None:
        """Forget chunks whose files are missing or damaged, so that they are done again."""
        with self._told():
            rows = [(step, identity, number) for number in numbers]
            self._base.executemany("DELETE FROM chunk WHERE step = ? AND identity = ? AND number = ?", rows)

    def fail(self, step: str, identity: str, number: int, attempt: int, message: str) -> None:
        """Write down that a chunk failed, and why."""
        with self._told():
            self._base.execute(
                "INSERT INTO failure VALUES (?, ?, ?, ?, ?)", (step, identity, number, attempt, message)
            )

    def finish(self, step: str, sha256: str, rows: int, seconds: float) -> None:
        """Write down that a step's table is complete."""
        with self._told():
            self._base.execute(
                "UPDATE step SET sha256 = ?, rows = ?, seconds = seconds + ? WHERE name = ?",
                (sha256, rows, seconds, step),
            )

    def finished(self, step: str, identity: str) -> str | None:
        """SHA-256 of a step's table, or None while a chunk of it is missing."""
        with self._told():
            row = self._base.execute(
                "SELECT sha256 FROM step WHERE name = ? AND identity = ? AND chunks = (SELECT COUNT(*) FROM chunk c"
                " WHERE c.step = step.name AND c.identity = step.identity)",
                (step, identity),
            ).fetchone()
        return row[0] if row else None

    def failures(self) -> list[tuple[str, int, int, str]]:
        """(step, chunk, attempts, last message) of the chunks that failed and were never done after all."""
        with self._told():
            return self._base.execute(
                "SELECT step, number, MAX(attempt), message FROM failure f WHERE NOT EXISTS (SELECT 1 FROM chunk c"
                " WHERE c.step = f.step AND c.identity = f.identity AND c.number = f.number) GROUP BY step, number"
            ).fetchall()

    def steps(self) -> list[dict[str, object]]:
        """Every step begun, in order: name, identity, chunks, done, sha256, rows, seconds."""
        with self._told():
            found = self._base.execute(
                "SELECT s.name, s.identity, s.chunks, (SELECT COUNT(*) FROM chunk c WHERE c.step = s.name"
                " AND c.identity = s.identity), s.sha256, s.rows, s.seconds FROM step s ORDER BY s.place"
            ).fetchall()
        names = ("name", "identity", "chunks", "done", "sha256", "rows", "seconds")
        return [dict(zip(names, row)) for row in found]

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if hasattr(self, "_base") and self._base.in_transaction:
                self._base.rollback()
            passing = isinstance(error, sqlite3.OperationalError)
            advice = "free space or choose another folder with --runs" if passing else "start anew with --fresh"
            raise StoreError(f"cannot use {self.path}: {error}; {advice}") from error


def _seal(step: str, identity: str, chunk: Chunk) -> str:
    row = (step, identity, chunk.number, chunk.sha256, chunk.rows, chunk.attempt)
    return sha256("\x1f".join(map(str, row)).encode()).hexdigest()[:16]


def progress(path: Path) -> tuple[str, int, int]:
    """How far a run is, read by another process while it works: (step, chunks done, chunks in it).

    ("", 0, 0) where nothing was begun; a finished run answers with its last step.
    """
    if not path.exists():
        return "", 0, 0
    deadline = time.monotonic() + 2.0
    while True:
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2.0) as base:
                row = base.execute(
                    "SELECT name, chunks, sha256, (SELECT COUNT(*) FROM chunk c WHERE c.step = step.name"
                    " AND c.identity = step.identity) FROM step ORDER BY (sha256 IS NULL) DESC,"
                    " CASE WHEN sha256 IS NULL THEN place ELSE -place END LIMIT 1"
                ).fetchone()
            base.close()
        except sqlite3.Error:
            if time.monotonic() > deadline:
                return "", 0, 0
            time.sleep(0.05)
            continue
        if row is None:
            return "", 0, 0
        name, chunks, sha256, done = row
        return name, chunks if sha256 else done, chunks
