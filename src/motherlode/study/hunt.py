"""A hunt: the steps of the line done one after the other, each on all workers, resumed where it stopped."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from motherlode.errors import StoreError
from motherlode.study import manifest, parquet, steps, store, workers
from motherlode.study.config import Study
from motherlode.study.ledger import Chunk
from motherlode.study.steps import Step
from motherlode.study.store import Store
from motherlode.study.workers import Executor, Job
from motherlode.tables import Table

Tell = Callable[[str, int, int], None]


@dataclass
class Hunt:
    """One run of a study into a folder."""

    study: Study
    text: str
    folder: Path
    executor: Executor
    tell: Tell = lambda stage, done, total: None
    hashes: dict[str, str] = field(default_factory=dict)
    cancelled: bool = False
    line: Sequence[Step] = steps.LINE
    function: str = "motherlode.study.steps:do"

    def cancel(self) -> None:
        """Stop between two chunks; what is done stays done."""
        self.cancelled = True
        self.executor.cancel()

    def run(self) -> "Finished":
        """Do every step that is not done yet.

        raises  StoreError, or Stopped when it was cancelled
        """
        try:
            return self._run(time.monotonic())
        finally:
            self.executor.close()

    def _run(self, started: float) -> "Finished":
        with Store(self.folder, self.text) as place:
            code = store.code_identity()
            self.through(place, code)
            failures = place.ledger.failures()
            made = manifest.make(self.study, place, code)
            place.write_json("funnel.json", made.pop("funnel"))
            place.write_json("manifest.json", made)
            table = parquet.read(place.table_path("ranked"))
        return Finished(self.folder, table, failures, time.monotonic() - started)

    def through(self, place: Store, code: str) -> None:
        """Every step of the line, in order, each only where its table is not there for these very inputs."""
        self.hashes["study"] = store.identity(self.text)
        for number, step in enumerate(self.line):
            self._step(place, step, number, code)

    def _step(self, place: Store, step: Step, number: int, code: str) -> None:
        asked = self.study.model_dump(mode="json")
        decides = {name: asked[name] for name in step.reads}
        identity = store.identity(code, step.name, decides, [self.hashes[name] for name in step.takes])
        if known := place.finished(step.name, identity):
            self.hashes[step.name] = known
            return
        started = time.monotonic()
        tables = {name: parquet.read(place.table_path(name)) for name in step.takes}
        pieces = step.pieces(self.study, tables)
        done = place.begin(step.name, number, identity, len(pieces))
        self._work(place, step, identity, pieces, done)
        if self.cancelled:
            raise Stopped(self.folder)
        self.hashes[step.name] = place.finish(step.name, identity, time.monotonic() - started)

    def _work(self, place: Store, step: Step, identity: str, pieces: list[Any], done: set[int]) -> None:
        hashes = {name: self.hashes[name] for name in ("study", *step.takes)}
        jobs = [
            Job(number, self.function, (str(self.folder), step.name, number, hashes, piece))
            for number, piece in enumerate(pieces)
            if number not in done
        ]
        count = len(done)
        self.tell(step.title, count, len(pieces))
        for outcome in self.executor.map(jobs):
            if outcome.failure:
                place.ledger.fail(step.name, identity, outcome.number, outcome.attempt, outcome.failure)
            else:
                sha256, rows = outcome.value
                place.ledger.enter(step.name, identity, Chunk(outcome.number, sha256, rows, 0.0, outcome.attempt))
            count += 1
            self.tell(step.title, count, len(pieces))


@dataclass(frozen=True)
class Finished:
    """What a hunt leaves: the folder, the ranked table, the chunks that had to be given up."""

    folder: Path
    ranked: Table
    failures: list[tuple[str, int, int, str]]
    seconds: float


class Stopped(StoreError):
    """The run was asked to stop before its end; it can be resumed."""

    def __init__(self, folder: Path):
        super().__init__(f"stopped between two chunks; run the same command again to go on ({folder})")


def start(
    study_text: str,
    workspace: Path,
    *,
    origin: str = "study",
    processes: int | None = None,
    fresh: bool = False,
    cluster: str | None = None,
    certificates: Path | None = None,
    tell: Tell = lambda stage, done, total: None,
) -> Hunt:
    """Check a study and make its hunt ready, without working yet.

    processes     on this machine; ``cluster`` is the address of a Dask scheduler to use instead
    certificates  folder of ca.pem, cert.pem and key.pem for a cluster on other machines
    raises  BadStudy, BadInput
    """
    study = Study.parse(study_text, origin=origin)
    steps.check(study)
    folder = workspace / study.name
    if fresh:
        store.forget(folder)
    executor = joined(cluster, folder, certificates) if cluster else workers.local(processes)
    return Hunt(study, study_text, folder.absolute(), executor, tell)


def joined(address: str, folder: Path, certificates: Path | None) -> Executor:
    """The workers of a Dask cluster; loaded only when asked for."""
    from motherlode.study import cluster

    return cluster.join(address, folder.absolute(), certificates)
