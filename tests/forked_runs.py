"""Runs of the small line in processes that go wrong as ordered: killed, starved, traced, two at once.

The process that forks (``serve``) has everything loaded, so that a run costs a fork and not a start. It reads orders
as JSON lines: the folder, the workers, what goes wrong; it answers how each run ended. ``Forker`` is the other end.
"""

import errno
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from tests import line_of_two
from tests.work_of_two import NUMBERS

ROOT = Path(__file__).parents[1]
STRACE = shutil.which("strace")
# System calls that change the disk, wherever in the engines they are made; the test's own notes use writev.
_CONTEXT = multiprocessing.get_context("forkserver")
SYSTEM_CALLS = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate"


class Forker:
    """The process that forks runs; used as a context."""

    def __enter__(self) -> "Forker":
        # Not run as a module: a worker would load it again, with every stage of the program.
        command = [sys.executable, "-c", "from tests import forked_runs; forked_runs.serve()"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def __call__(self, folder: Path, **what: Any) -> dict[str, Any]:
        """Give an order; how the run ended."""
        return self.several(folder, **what)[0]

    def several(self, folder: Path, at_once: int = 1, **what: Any) -> list[dict[str, Any]]:
        """Give an order for several runs in one folder at the same time; how each ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"folder": str(folder), "at_once": at_once, **what}) + "\n")
        self._process.stdin.flush()
        return [json.loads(self._process.stdout.readline()) for _ in range(at_once)]


def survived(
    order: Forker, folder: Path, faults: Iterable[Sequence[dict[str, Any]]], undisturbed: dict[str, Any], **what: Any
) -> list[dict[str, Any]]:
    """Let runs go wrong, each in a folder of its own and in as many ways, one after the other, as its list is long.

    Each is then run again to its end and held against the undisturbed one; returns how the spoilt runs ended.
    """
    said = []
    for number, spoilt in enumerate(faults):
        run = folder / f"run {number}"
        run.mkdir()
        said += [order(run, **what, **fault) for fault in spoilt]
        resumed(order, run, undisturbed, **what)
        shutil.rmtree(run)
    return said


def lines(folder: Path, name: str) -> list[str]:
    """A log of a run."""
    path = folder / name
    return path.read_text().splitlines() if path.exists() else []


def resumed(order: Forker, folder: Path, undisturbed: dict[str, Any], **what: Any) -> None:
    """Run again to the end: same rows, nothing acknowledged done again, no litter."""
    acknowledged = {tuple(line.split()[:2]) for line in lines(folder, "entered.log")}
    begun = len(lines(folder, "done.log"))
    said = order(folder, **what)
    assert said.get("digest") == undisturbed["digest"] and said["rows"] == undisturbed["rows"], said
    again = {tuple(line.split()) for line in lines(folder, "done.log")[begun:]}
    assert not again & acknowledged
    assert not [path for path in folder.rglob("*") if path.name.endswith(".tmp")]


def calls_of(order: Forker, folder: Path, **what: Any) -> list[tuple[str, int]]:
    """System calls that change the disk in a run, in order: name, and its how-manyth of that name."""
    log = folder.with_suffix(".trace")
    order(folder, trace=[SYSTEM_CALLS, "", str(log)], **what)
    while "exited" not in log.read_text()[-200:]:
        time.sleep(0.01)
    made = re.findall(r"^(\d+) +(\w+)\(", log.read_text(), re.M)  # thread and name: the tracer counts for each thread
    return [(call[1], made[: place + 1].count(call)) for place, call in enumerate(made)]


def fault_at(call: tuple[str, int], fault: str) -> dict[str, Any]:
    """The order that something goes wrong in one of those system calls: ``error=EIO``, ``signal=KILL``."""
    name, nth = call
    return {"trace": [name, f"{fault}:when={nth}"]}


def serve() -> None:
    """Read orders until there are no more; one line of answer for each run."""
    _prepare()
    for line in sys.stdin:
        order = json.loads(line)
        known = len(lines(Path(order["folder"]), "entered.log"))
        children = [_fork(order) for _ in range(order["at_once"])]
        if "kill_after_s" in order:
            _await(order, known, children[0][0])
            time.sleep(order["kill_after_s"])
            for child, _ in children:
                os.kill(child, signal.SIGKILL)
        for child, answer in children:
            _, status = os.waitpid(child, 0)
            with os.fdopen(answer) as said:  # one that was killed after its answer has ended by itself
                print(said.read() or json.dumps({"killed": os.WTERMSIG(status)}), flush=True)


def _await(order: dict[str, Any], known: int, child: int) -> None:
    """Wait until a run has acknowledged so many more chunks, or has ended."""
    wanted = known + order.get("kill_after_chunks", 0)
    while len(lines(Path(order["folder"]), "entered.log")) < wanted:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.001)


def _fork(order: dict[str, Any]) -> tuple[int, int]:
    """A child that does the order: its process, and where its answer can be read."""
    gate, opener = os.pipe()
    answer, answering = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(opener)
        os.read(gate, 1)  # until the tracer has it
        _be(order, answering)
    os.close(gate)
    os.close(answering)
    if "trace" in order:
        _trace(child, *order["trace"])
    os.close(opener)
    return child, answer


def _be(order: dict[str, Any], answering: int) -> None:
    """In the child: go wrong as ordered, and say how it ended."""
    _spoil(order)
    if order.get("forked_workers"):
        _fork_workers()
    try:
        said = line_of_two.run(Path(order["folder"]), order.get("workers", 1), order.get("chunks", NUMBERS))
    except BaseException as error:  # the test wants to know
        said = {"crash": f"{type(error).__name__}: {error}"}
    os.writev(answering, [json.dumps(said).encode()])
    os._exit(0)


def _prepare() -> None:
    """Start the server that forks workers, with what they need loaded."""
    multiprocessing.set_forkserver_preload(["tests.fork_server", "tests.work_of_two"])
    forkserver.ensure_running()


def _fork_workers() -> None:
    """Workers of this run are forked by the server of the process that forked the run, not started from nothing.

    They have nothing of the run but its pipe, like those that were started; a tracer of the run does not see them.
    """
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]
    multiprocessing.get_context = lambda method=None: _CONTEXT  # type: ignore[assignment]


def _trace(child: int, calls: str, fault: str, log: str = "/dev/null") -> None:
    """Trace a run: which system calls, what goes wrong in them (``error=EIO:when=7``), where to list them."""
    fault = ("-e", f"inject={calls}:{fault}") if fault else ()
    command = [str(STRACE), "-f", "-q", "-o", log, "-e", f"trace={calls}", *fault, "-p", str(child)]
    subprocess.Popen(command)
    while "TracerPid:\t0" in Path(f"/proc/{child}/status").read_text():
        time.sleep(0.001)


def _spoil(order: dict[str, Any]) -> None:
    """Make this process go wrong as ordered."""
    if "call" in order:
        _hook(order["call"], order.get("errno"))
    if "file_limit" in order:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_limit"], resource.RLIM_INFINITY))
    if "clock" in order:
        chance = random.Random(order["clock"])
        time.time = lambda: chance.uniform(0, 4e9)  # type: ignore[assignment]
    if "kill_workers" in order:
        threading.Thread(target=_kill_workers, args=(order["kill_workers"],), daemon=True).start()


def _kill_workers(pauses_s: list[float]) -> None:
    """Kill one worker of this run after each of these pauses."""
    for pause in pauses_s:
        time.sleep(pause)
        while not (found := multiprocessing.active_children()):
            time.sleep(0.01)
        victim = random.choice(found)
        os.kill(victim.pid or 0, signal.SIGKILL)


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
