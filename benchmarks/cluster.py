"""A run on a cluster over TLS, all on this machine: throughput, the price of 50 kills, and what N nodes would take.

python -m benchmarks.cluster              throughput at 1, 2 and 4 workers, processor time per body, cost model
python -m benchmarks.cluster kills        50 workers killed and replaced, against the run that nobody disturbs; exit
                                          code 1 beyond 1.5 times as long plus 30 s

A chunk here sleeps as long as it is told, so that four workers fit on two cores and what is measured is everything
around the work: coordinator, ledger, scheduler, TLS.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from motherlode.study import cluster, hunt, parquet, store
from motherlode.study.config import Study
from motherlode.study.steps import Step
from motherlode.study.store import Store
from motherlode.tables import Table

ROOT = Path(__file__).parents[1]
TEXT = 'name = "rest"\n'


def do(folder: str, name: str, number: int, hashes: dict[str, str], piece: dict[str, Any]) -> tuple[str, int]:
    """One chunk: sleep, and write a few rows."""
    time.sleep(piece["seconds"])
    rows = np.arange(8 * number, 8 * number + 8)
    return store.write_chunk(Path(folder), name, number, Table({"k": rows, "root": np.sqrt(rows)}))


def run(folder: Path, executor: Any, chunks: int, seconds: float) -> tuple[str, float]:
    """A line of one step on that executor: fingerprint of its rows, and how long it took, s."""
    pieces = [{"seconds": seconds}] * chunks
    line = (Step("rests", "rests", (), (), lambda study, tables: pieces, lambda study, tables, piece: Table({})),)
    going = hunt.Hunt(Study.parse(TEXT), TEXT, folder, executor, line=line, function="benchmarks.cluster:do")
    start = time.monotonic()
    with Store(folder, TEXT) as place:
        going.through(place, "code")
        assert not place.ledger.failures(), place.ledger.failures()
    return parquet.digest(store.table(folder, "rests")), time.monotonic() - start


def certificates(folder: Path, name: str = "127.0.0.1") -> Path:
    """A private authority and one certificate of it, as docs/cluster.md makes them."""
    folder.mkdir(parents=True)

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "rsa:2048", "-nodes", "-days", "2")
    openssl("req", "-x509", *new, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=motherlode cluster")
    openssl("req", *new[:3], "-keyout", "key.pem", "-out", "request.pem", "-subj", f"/CN={name}")
    (folder / "names").write_text(f"subjectAltName=IP:{name}")
    openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
            "-days", "2", "-out", "cert.pem", "-extfile", "names")  # fmt: skip
    return folder


class Machines:
    """A scheduler and worker processes over TLS, as a person would start them."""

    def __init__(self, folder: Path, count: int, host: str = "127.0.0.1"):
        self.tls = certificates(folder / "tls")
        self.log = (folder / "machines.log").open("ab")
        self.scheduler, self.address = self._start("scheduler", "--port", "0", "--host", host)
        self.workers = [self.worker() for _ in range(count)]

    def _start(self, *arguments: str, inside: str = "", wait: bool = True) -> tuple[subprocess.Popen[str], str]:
        prefix = ["ip", "netns", "exec", inside] if inside else []
        command = [*prefix, sys.executable, "-m", "motherlode.study.machines", *arguments, "--tls", str(self.tls)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        assert process.stdout is not None
        return process, process.stdout.readline().split()[-1] if wait else ""

    def worker(self, inside: str = "", wait: bool = True) -> subprocess.Popen[str]:
        """One more worker; ``wait`` until it has joined."""
        return self._start("worker", self.address, inside=inside, wait=wait)[0]

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self.log.close()


class Nursery:
    """A process with everything loaded that forks workers, so that a new one costs a fork and not a start."""

    def __init__(self, made: Machines):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        command = [sys.executable, "-c", "from benchmarks import cluster; cluster.nurse()"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=made.log, text=True, env=environment
        )
        self._order = json.dumps(["worker", made.address, "--tls", str(made.tls)])

    def worker(self) -> int:
        """Start a worker; its process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(self._order + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def nurse() -> None:
    """Fork a worker for each line of arguments, and say its process."""
    import distributed  # noqa: F401 loaded once for all

    from motherlode.study import machines as parts

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)  # its greeting is none of ours
            os._exit(parts.main(json.loads(line)))
        print(child, flush=True)


@contextmanager
def machines(count: int) -> Iterator[tuple[Machines, Path]]:
    """Machines with that many workers, and a folder for runs."""
    folder = Path(tempfile.mkdtemp(prefix="cluster-"))
    made = Machines(folder / "machines", count)
    try:
        yield made, folder
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def cpu_s(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def throughput(workers: int, seconds: float = 0.5) -> dict[str, float]:
    """Chunks of that length on so many workers: how many a second, and what each costs around it."""
    with machines(workers) as (made, folder):
        joined = cluster.join(made.address, folder / "run", made.tls)
        chunks = 40 * workers
        before = time.process_time(), cpu_s(made.scheduler.pid)
        _, wall = run(folder / "run", joined, chunks, seconds)
        after = time.process_time(), cpu_s(made.scheduler.pid)
        joined.close()
    here, there = ((a - b) / chunks for a, b in zip(after, before))
    return {
        "workers": workers, "chunks_per_s": chunks / wall, "share_of_ideal": chunks * seconds / workers / wall,
        "coordinator_ms": 1e3 * here, "scheduler_ms": 1e3 * there,
    }  # fmt: skip


def kills(count: int = 50, workers: int = 4, chunks: int = 400, seconds: float = 0.25) -> dict[str, Any]:
    """Workers killed at random, each replaced at once, against the same run undisturbed."""
    with machines(0) as (made, folder):
        nursery = Nursery(made)
        crew = [nursery.worker() for _ in range(workers)]
        try:
            time.sleep(10)
            alone, undisturbed_s = _joined(made, folder / "alone", chunks, seconds)
            said: list[tuple[str, float]] = []
            going = threading.Thread(target=lambda: said.append(_joined(made, folder / "killed", chunks, seconds)))
            going.start()
            killed, chance = 0, random.Random(3)
            while killed < count and going.is_alive():
                going.join(chance.uniform(0, 2 * undisturbed_s / count))
                place = chance.randrange(workers)
                os.kill(crew[place], signal.SIGKILL)
                crew[place] = nursery.worker()
                killed += 1
            going.join()
        finally:
            for worker in crew:
                os.kill(worker, signal.SIGKILL)
            nursery.close()
    rows, disturbed_s = said[0]
    return {
        "kills": killed, "same_rows": rows == alone, "undisturbed_s": undisturbed_s, "disturbed_s": disturbed_s,
        "ratio": disturbed_s / undisturbed_s, "at_most_s": 1.5 * undisturbed_s + 30,
    }  # fmt: skip


def _joined(made: Machines, folder: Path, chunks: int, seconds: float) -> tuple[str, float]:
    executor = cluster.join(made.address, folder, made.tls)
    try:
        return run(folder, executor, chunks, seconds)
    finally:
        executor.close()


def body_s(bodies: int = 128) -> float:
    """Processor time of one body on the lattice of NHATS, integrated, every trip exact."""
    from motherlode.access import survey
    from motherlode.catalogue import orbits, snapshot
    from motherlode.ephemeris import almanac

    table = snapshot.load()
    some = orbits.of(table.take(np.random.default_rng(1).choice(len(table), bodies, replace=False)))
    survey.roundtrips(some[:2], almanac.load(), margin_km_s=float("inf"))
    start = time.process_time()
    survey.roundtrips(some, almanac.load(), margin_km_s=float("inf"))
    return (time.process_time() - start) / bodies


def hours(bodies: int, each_s: float, chunk_bodies: int, cores: int, chunk_s: float) -> tuple[float, float]:
    """Cost model, in hours: the work on so many cores, and the coordination of all chunks, one after the other.

    each_s, chunk_s   processor time of a body; of coordinator and scheduler for a chunk
    """
    return bodies * each_s / cores / 3600, -(-bodies // chunk_bodies) * chunk_s / 3600


def main() -> None:
    if sys.argv[1:] == ["kills"]:
        said = kills()
        print(json.dumps(said))
        sys.exit(0 if said["same_rows"] and said["disturbed_s"] <= said["at_most_s"] else 1)
    found = [throughput(workers) for workers in (1, 2, 4)]
    chunk_s = max(row["coordinator_ms"] + row["scheduler_ms"] for row in found) / 1e3
    each = body_s()
    model = {
        f"{nodes} nodes of 32 cores": hours(1_400_000, each, 512, 32 * nodes, chunk_s) for nodes in (1, 4, 16)
    } | {"2 cores": hours(1_400_000, each, 512, 2, 0.0005)}
    print(json.dumps({"throughput": found, "body_s": each, "chunk_s": chunk_s, "hours": model}, indent=1))


if __name__ == "__main__":
    main()
