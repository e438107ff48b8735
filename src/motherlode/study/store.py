"""The folder of a run: its lock, its ledger, its tables, its manifest. What is in it is whole or not there.

runs/first-light/
  study.toml        what was asked
  ledger.sqlite     which chunk of which step is done
  chunks/STEP/      tables of the step in work, one file a chunk
  tables/STEP.parquet
  funnel.json  manifest.json  report.html
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from motherlode import durable
from motherlode.catalogue import physical, snapshot
from motherlode.errors import StoreError, UnknownName
from motherlode.study import ledger, parquet
from motherlode.study.ledger import Chunk, Ledger
from motherlode.tables import Table

CHUNK_ROOM: Final = 8 << 20  # bytes kept free before a chunk is written; the largest is well below 1 MB
FOLDER: Final = "runs"


@dataclass(frozen=True)
class Run:
    """A run as others see it."""

    name: str
    folder: Path
    finished: bool
    rows: int


class Store:
    """One run's folder, held by one process at a time."""

    def __init__(self, folder: Path, study_text: str):
        """Take hold of a run's folder, making it where there is none and sweeping what a killed run left.

        raises  StoreError where it cannot be written or another process holds it
        """
        self.folder = folder
        durable.make_folder(folder)
        self._lock = durable.hold(folder / "run.lock")
        try:
            durable.sweep(folder)
            for part in ("tables", "chunks"):
                durable.make_folder(folder / part)
            self.ledger = Ledger(folder / "ledger.sqlite")
            durable.write(folder / "study.toml", study_text.encode())
        except BaseException:
            self._lock.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ledger.close()
        self._lock.close()

    def table_path(self, step: str) -> Path:
        """Where a step's whole table stands."""
        return self.folder / "tables" / f"{step}.parquet"

    def chunk_path(self, step: str, number: int) -> Path:
        """Where one chunk of a step stands while the step is in work."""
        return self.folder / "chunks" / step / f"{number:06d}.parquet"

    def finished(self, step: str, identity: str) -> str | None:
        """Hash of a step's table where it is complete, for these inputs, and undamaged on the disk."""
        known = self.ledger.finished(step, identity)
        path = self.table_path(step)
        if not known or parquet.hash_of(path) != known:
            return None
        shutil.rmtree(
            self.folder / "chunks" / step, ignore_errors=True
        )  # a run killed after its last chunk left them
        return known

    def begin(self, step: str, place: int, identity: str, chunks: int) -> set[int]:
        """Open a step; returns the numbers of the chunks that are done and whole on the disk."""
        durable.make_folder(self.folder / "chunks" / step)
        done = self.ledger.begin(step, place, identity, chunks)
        lost = [one.number for one in done if not self._whole(step, one)]
        self.ledger.strike(step, identity, lost)
        return {one.number for one in done} - set(lost)

    def _whole(self, step: str, chunk: Chunk) -> bool:
        return parquet.hash_of(self.chunk_path(step, chunk.number)) == chunk.sha256

    def finish(self, step: str, identity: str, seconds: float) -> str:
        """Join a step's chunks, in their order, into its table.

        The chunk files then go; while a chunk is missing they stay, so that the next run tries that one alone.

        returns  SHA-256 of the table's file
        """
        done = self.ledger.chunks(step, identity)
        if not done:
            raise StoreError(f"no chunk of {step} could be done; the ledger {self.ledger.path} says why")
        filled = [one for one in done if one.rows] or done[:1]
        paths = [self.chunk_path(step, one.number) for one in filled]
        table = parquet.read_many(paths, [one.sha256 for one in filled])
        written = parquet.write(table, self.table_path(step))
        self.ledger.finish(step, written, len(table), seconds)
        if self.ledger.finished(step, identity):
            shutil.rmtree(self.folder / "chunks" / step, ignore_errors=True)
        return written

    def write_json(self, name: str, content: Any) -> None:
        """Write a JSON file of the run, whole or not at all."""
        durable.write(self.folder / name, json.dumps(content, indent=1, allow_nan=False).encode())


def write_chunk(folder: Path, step: str, number: int, table: Table) -> tuple[str, int]:
    """Write one chunk's table, from whichever process did it; returns its hash and its number of rows."""
    place = folder / "chunks" / step
    durable.need_room(folder, CHUNK_ROOM)
    return parquet.write(table, place / f"{number:06d}.parquet"), len(table)


def table(folder: Path, step: str) -> Table:
    """A finished step's table of a run."""
    return parquet.read(folder / "tables" / f"{step}.parquet")


def runs(workspace: Path) -> list[Run]:
    """The runs in a folder of runs, newest first."""
    found = [path.parent for path in workspace.glob("*/ledger.sqlite")]
    found.sort(key=lambda folder: (folder / "ledger.sqlite").stat().st_mtime, reverse=True)
    return [_seen(folder) for folder in found]


def _seen(folder: Path) -> Run:
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return Run(folder.name, folder, False, 0)
    return Run(folder.name, folder, True, int(json.loads(manifest.read_text())["rows"]))


def find(workspace: Path, name: str) -> Path:
    """The folder of a run by name.

    raises  UnknownName, with the runs that there are
    """
    known = [run.name for run in runs(workspace)]
    if name not in known:
        raise UnknownName("run", name, known or ["none yet: motherlode hunt makes one"])
    return workspace / name


def progress(folder: Path) -> tuple[str, int, int]:
    """How far a run is: (step, chunks done, chunks in it). Any process may ask, while the run works or after."""
    return ledger.progress(folder / "ledger.sqlite")


def shortlist(folder: Path) -> Path:
    """The ranked table of a finished run, a Parquet file.

    raises  StoreError where the run has not come that far
    """
    path = folder / "tables" / "ranked.parquet"
    if not path.exists():
        raise StoreError(f"{folder.name} has no ranked table yet; run: motherlode hunt {folder / 'study.toml'}")
    return path


def funnel(folder: Path) -> list[dict[str, Any]]:
    """How many asteroids each gate of a run let through, in order: stage, port, kept, rejected, why."""
    return list(json.loads((folder / "funnel.json").read_text()))


def identity(*parts: object) -> str:
    """Hash of what a step's outcome depends on."""
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def code_identity(packages: Sequence[str] = ()) -> str:
    """Hash of this program's source and data, so that a run never mixes two versions."""
    root = Path(__file__).parents[1]
    kinds = {".py", ".csv", ".parquet", ".npz", ".npy", ".bin", ".toml", ".json"}
    skipped = {"web", "cli", "report", "figures", "static", "__pycache__"}
    total = sha256()
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix in kinds and not skipped & set(relative.parts):
            total.update(f"{relative.as_posix()}\x1f{path.stat().st_size}\x1f".encode())
            total.update(path.read_bytes())
    for path in (snapshot.current(), physical.current()):  # those that were fetched stand outside the program
        total.update(parquet.hash_of(path).encode())
    return total.hexdigest()


def forget(folder: Path) -> None:
    """Remove a run, so that it starts anew. Refuses a folder that is not a run's."""
    if not folder.exists():
        return
    if not (folder / "ledger.sqlite").exists() and any(folder.iterdir()):
        raise StoreError(f"{folder} is not the folder of a run; nothing was removed")
    with durable.hold(folder / "run.lock"):
        pass
    shutil.rmtree(folder)
