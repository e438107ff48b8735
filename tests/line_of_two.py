"""A line of two small steps with the real store, ledger and workers, to be killed, starved and damaged.

    python tests/line_of_two.py            reads orders as JSON lines, forks one run for each, answers how it ended

An order names the folder, the workers and what goes wrong. The process that forks has everything loaded, so that a
run costs a fork and not a start. A run writes ``done.log`` (work done) and ``entered.log`` (chunks acknowledged).
"""

import errno
import json
import os
import random
import resource
import signal
import sys
import time
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
LINE = (
    Step("numbers", "numbers", (), (), lambda s, t: [{"first": 7 * k} for k in range(NUMBERS)], _work(numbers)),
    Step("sums", "sums", (), ("numbers",), lambda s, t: [{"rest": k} for k in range(SUMS)], _work(sums)),
)


def run(folder: Path, count: int) -> dict[str, Any]:
    """One run to its end: what it says."""
    entered = ledger.Ledger.enter

    def acknowledged(self: ledger.Ledger, step: str, identity: str, chunk: ledger.Chunk) -> None:
        entered(self, step, identity, chunk)
        note(folder, "entered.log", f"{step} {chunk.number} {chunk.sha256}")

    ledger.Ledger.enter = acknowledged  # type: ignore[method-assign]
    executor = workers.local(count)
    going = hunt.Hunt(Study.parse(TEXT), TEXT, folder, executor, line=LINE, function="tests.work_of_two:do")
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


def spoil(order: dict[str, Any]) -> None:
    """Make this process go wrong as ordered."""
    if "call" in order:
        _hook(order["call"], order.get("errno"))
    if "file_limit" in order:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_limit"], resource.RLIM_INFINITY))
    if "clock" in order:
        chance = random.Random(order["clock"])
        time.time = lambda: chance.uniform(0, 4e9)  # type: ignore[assignment]


def _hook(nth: int, code: str | None) -> None:
    """At the n-th call that changes the disk: die, or fail with an error number."""
    count = 0

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count == nth and code is None:
                os.kill(os.getpid(), signal.SIGKILL)
            if count == nth:
                number = getattr(errno, str(code))
                raise OSError(number, os.strerror(number))
            return real(*args, **named)

        return call

    for name in ("fsync", "replace", "rename", "unlink", "mkdir", "open", "rmdir"):
        setattr(os, name, watched(getattr(os, name)))


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        folder = Path(order["folder"])
        child = os.fork()
        if child == 0:
            spoil(order)
            try:
                said = run(folder, order.get("workers", 1))
            except BaseException as error:  # the test wants to know
                said = {"crash": f"{type(error).__name__}: {error}"}
            sys.__stdout__.write(json.dumps(said) + "\n")
            sys.__stdout__.flush()
            os._exit(0)
        if "kill_after_s" in order:
            time.sleep(order["kill_after_s"])
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            print(json.dumps({"killed": os.WTERMSIG(status)}), flush=True)


if __name__ == "__main__":
    main()
