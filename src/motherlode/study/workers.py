"""Who does the work: one seam with three methods (map, progress, cancel) and the cores of this machine behind it.

A job is data: the name of a function and plain arguments. A worker that dies takes one job with it; the job is
tried again elsewhere and given up after three attempts, so that one bad asteroid cannot stop the rest.
"""

import multiprocessing
import os
import signal
import threading
import traceback
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Protocol

from motherlode.errors import BadInput, MotherlodeError, StoreError

ATTEMPTS: Final = 3
PATIENCE_S: Final = 8.0  # how long a cancelled run waits for the jobs in hand


@dataclass(frozen=True)
class Job:
    """One piece of work as data: ``function`` is ``module:name``, arguments are plain values."""

    number: int
    function: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a job ended: its value, or why it was given up after so many attempts."""

    number: int
    value: Any = None
    attempt: int = 1
    failure: str = ""


class Executor(Protocol):
    """Where jobs are done: here, on all cores, or on other machines; the stages cannot tell."""

    def map(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Do the jobs; outcomes come as they are ready, in any order."""
        ...

    def progress(self) -> tuple[int, int]:
        """Jobs done and jobs given, over the executor's life."""
        ...

    def cancel(self) -> None:
        """Hand out no more jobs; those in hand end within seconds."""
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...


def perform(job: Job) -> Any:
    """Do one job in this process."""
    module, name = job.function.split(":")
    return getattr(import_module(module), name)(*job.arguments)


@dataclass
class Here:
    """Jobs one after the other in this process: for small work and for debugging."""

    done: int = 0
    given: int = 0
    cancelled: bool = False

    def map(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        self.given += len(jobs)
        for job in jobs:
            if self.cancelled:
                return
            outcome = self._try(job)
            self.done += 1
            yield outcome

    def _try(self, job: Job) -> Outcome:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return Outcome(job.number, perform(job), attempt)
            except (StoreError, BadInput):
                raise
            except Exception as error:
                message = reason(error)
        return Outcome(job.number, None, ATTEMPTS, message)

    def progress(self) -> tuple[int, int]:
        return self.done, self.given

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        """Nothing to let go."""


@dataclass
class _Hand:
    process: Any
    pipe: Connection
    job: Job | None = None


@dataclass
class Cores:
    """Jobs on this machine's cores, each worker a process of its own that lives as long as the run."""

    workers: int
    done: int = 0
    given: int = 0
    cancelled: bool = False
    _hands: list[_Hand] = field(default_factory=list)
    _attempts: dict[int, int] = field(default_factory=dict)

    def map(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        waiting = deque(jobs)
        self.given += len(jobs)
        self._attempts = {}
        while (waiting and not self.cancelled) or any(hand.job for hand in self._hands):
            if not self.cancelled:
                self._hand_out(waiting)
            for hand in self._ready():
                outcome = self._receive(hand, waiting)
                if outcome is not None:
                    self.done += 1
                    yield outcome
        if self.cancelled:
            self.close()

    def _hand_out(self, waiting: deque[Job]) -> None:
        while waiting:
            idle = next((hand for hand in self._hands if hand.job is None), None)
            if idle is None:
                if len(self._hands) >= self.workers:
                    return
                self._hands.append(idle := _start())
            job = waiting.popleft()
            self._attempts[job.number] = self._attempts.get(job.number, 0) + 1
            idle.job = job
            try:
                idle.pipe.send(job)
            except OSError:  # it died while idle: the job was never begun
                self._attempts[job.number] -= 1
                waiting.appendleft(job)
                self._hands.remove(idle)

    def _ready(self) -> list[_Hand]:
        busy = [hand for hand in self._hands if hand.job]
        ready = set(wait([hand.pipe for hand in busy], timeout=PATIENCE_S if self.cancelled else 0.5))
        if self.cancelled and not ready:
            for hand in busy:
                hand.job = None  # their chunks are done again by the next run
        return [hand for hand in busy if hand.pipe in ready]

    def _receive(self, hand: _Hand, waiting: deque[Job]) -> Outcome | None:
        job, hand.job = hand.job, None
        assert job is not None
        attempt = self._attempts[job.number]
        try:
            kind, value = hand.pipe.recv()
        except (EOFError, OSError):
            self._hands.remove(hand)
            hand.process.join()
            kind, value = "failed", f"its worker died (exit code {hand.process.exitcode})"
        if kind == "done":
            return Outcome(job.number, value, attempt)
        if kind == "stop":
            raise value
        if attempt < ATTEMPTS:
            waiting.append(job)
            return None
        return Outcome(job.number, None, attempt, value)

    def progress(self) -> tuple[int, int]:
        return self.done, self.given

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        """Send the workers home."""
        for hand in self._hands:
            hand.pipe.close()
            if hand.job is not None or self.cancelled:
                hand.process.terminate()
        for hand in self._hands:
            hand.process.join(PATIENCE_S)
            if hand.process.is_alive():
                hand.process.kill()
        self._hands.clear()


def local(workers: int | None = None) -> Here | Cores:
    """The executor of this machine: all its cores unless said otherwise; one worker works in this process."""
    count = workers or cores()
    return Here() if count == 1 else Cores(count)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start() -> _Hand:
    context = multiprocessing.get_context("spawn")  # the same on every system, and no locks inherited
    mine, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Hand(process, mine)


def _work(pipe: Connection) -> None:
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"numba\.")  # of the compiler to itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run decides what an interrupt means
    _leave_with_parent()
    while True:
        try:
            pipe.send(_answer(pipe.recv()))
        except (EOFError, OSError):  # the run is gone
            return


def _answer(job: Job) -> tuple[str, Any]:
    try:
        return "done", perform(job)
    except (StoreError, BadInput) as error:
        return "stop", type(error)(*error.args) if type(error) in (StoreError, BadInput) else StoreError(str(error))
    except Exception as error:
        return "failed", reason(error)


def _leave_with_parent() -> None:
    """End this worker at once when the run that started it is killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def reason(error: Exception) -> str:
    """What went wrong in a job, in one line: our own errors as they are, others with their place."""
    if isinstance(error, MotherlodeError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})"  # noqa: PTH119
