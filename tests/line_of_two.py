"""A line of two small steps with the real store, ledger and workers, to be killed, starved and damaged.

A run writes ``done.log`` (work done) and ``entered.log`` (chunks acknowledged) beside its folder's own files.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.work_of_two import NUMBERS, SUMS, note, numbers, sums

from motherlode.errors import MotherlodeError
from motherlode.study import hunt, ledger, parquet, store, workers
from motherlode.study.config import Study
from motherlode.study.steps import Step
from motherlode.study.store import Store


def _work(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda study, tables, piece: function(tables, piece)


TEXT = 'name = "line-of-two"\n'


def line(chunks: int) -> tuple[Step, ...]:
    """The two steps, the first cut into so many chunks."""
    first = Step("numbers", "numbers", (), (), lambda s, t: [{"first": 7 * k} for k in range(chunks)], _work(numbers))
    return (
        first,
        Step("sums", "sums", (), ("numbers",), lambda s, t: [{"rest": k} for k in range(SUMS)], _work(sums)),
    )


LINE = line(NUMBERS)


def run(folder: Path, count: int, chunks: int = NUMBERS) -> dict[str, Any]:
    """One run to its end: what it says."""
    entered = ledger.Ledger.enter

    def acknowledged(self: ledger.Ledger, step: str, identity: str, chunk: ledger.Chunk) -> None:
        entered(self, step, identity, chunk)
        note(folder, "entered.log", f"{step} {chunk.number} {chunk.sha256}")

    ledger.Ledger.enter = acknowledged  # type: ignore[method-assign]
    executor = workers.local(count)
    going = hunt.Hunt(Study.parse(TEXT), TEXT, folder, executor, line=line(chunks), function="tests.work_of_two:do")
    try:
        with Store(folder, TEXT) as place:
            going.through(place, "code")
            return {"failures": place.ledger.failures(), **results(folder)}
    except MotherlodeError as error:
        return {"error": type(error).__name__, "message": str(error)}
    finally:
        executor.close()


def results(folder: Path) -> dict[str, Any]:
    """Fingerprint of the rows of both tables, and how many there are."""
    tables = [store.table(folder, step.name) for step in LINE]
    return {"digest": [parquet.digest(table) for table in tables], "rows": [len(table) for table in tables]}
