"""The same line on a Dask cluster: same rows, trusted parties only, workers that may die."""

import asyncio
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from benchmarks import cluster as bench
from tests import line_of_two, work_of_two

from motherlode import __version__ as VERSION
from motherlode.errors import BadInput, StoreError
from motherlode.study import cluster, hunt, machines, workers
from motherlode.study.config import Study
from motherlode.study.store import Store

distributed = pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")


def run(folder: Path, executor: Any) -> dict[str, Any]:
    going = hunt.Hunt(
        Study.parse(line_of_two.TEXT), line_of_two.TEXT, folder, executor,
        line=line_of_two.LINE, function="tests.work_of_two:do",
    )  # fmt: skip
    with Store(folder, line_of_two.TEXT) as place:
        going.through(place, "code")
        return {"failures": place.ledger.failures(), **line_of_two.results(folder)}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(tmp_path_factory.mktemp("alone"), workers.Here())


@dataclass(frozen=True)
class Parts:
    """A scheduler and its two workers in this process, as ``machines`` makes them."""

    parts: list[Any]
    opened: set[int]  # ports that this process listens on since they are there

    @property
    def address(self) -> str:
        return str(self.parts[0].address)


def listening(pid: int | None = None) -> set[int]:
    """Ports that a process listens on, this one unless said."""
    return {one.laddr.port for one in psutil.Process(pid).net_connections("inet") if one.status == psutil.CONN_LISTEN}


async def live(said: queue.SimpleQueue[Any]) -> None:
    """Scheduler and workers until they are told to stop."""
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(machines.scheduler("127.0.0.1", 0))
        others = [await stack.enter_async_context(machines.worker(first.address)) for _ in range(2)]
        said.put(([first, *others], partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set)))
        await stop.wait()


@pytest.fixture(scope="module")
def here() -> Iterator[Parts]:
    said: queue.SimpleQueue[Any] = queue.SimpleQueue()
    before = listening()
    living = threading.Thread(target=lambda: asyncio.run(live(said)))
    living.start()
    parts, stop = said.get(timeout=60)
    yield Parts(parts, listening() - before)
    stop()
    living.join()


def test_no_web_server_is_started(here: Parts) -> None:
    """Each part listens on the one port that the others talk to; what is there is no HTTP."""
    assert here.opened == {part.port for part in here.parts} and len(here.opened) == 3
    for part in here.parts:
        assert not part.services and not hasattr(part, "http_server")
        with socket.create_connection(("127.0.0.1", part.port), timeout=5) as line:
            line.sendall(b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n")
            line.shutdown(socket.SHUT_WR)
            assert b"HTTP" not in line.makefile("rb").read()


def test_a_cluster_gives_the_same_rows(here: Parts, alone: dict[str, Any], tmp_path: Path) -> None:
    joined = cluster.join(here.address, tmp_path)
    try:
        assert run(tmp_path, joined) == alone
        assert joined.progress() == (work_of_two.NUMBERS + work_of_two.SUMS,) * 2
    finally:
        joined.close()


def test_a_poisoned_chunk_is_given_up_on_a_cluster(here: Parts, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "poison-numbers-4").write_text("raise")
    joined = cluster.join(here.address, folder)
    try:
        said = run(folder, joined)
    finally:
        joined.close()
    assert [row[:3] for row in said["failures"]] == [("numbers", 4, 3)]
    assert "bad chunk" in said["failures"][0][3] and said["rows"][0] == 7 * (work_of_two.NUMBERS - 1)


class Crowd:
    """What ``Cluster`` asks a scheduler about its workers."""

    def __init__(self, *threads: int):
        self.threads, self.asked = threads, 0

    def nthreads(self) -> dict[str, int]:
        self.asked += 1
        if not self.threads:
            raise OSError("gone")
        return {f"worker {k}": count for k, count in enumerate(self.threads)}


def test_workers_are_counted_again_after_half_a_second_and_after_a_death(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(cluster, "time", SimpleNamespace(monotonic=lambda: now[0]))
    crowd = Crowd(1, 2, 1)
    joined = cluster.Cluster("", crowd, tmp_path)
    assert [joined._threads() for _ in range(5)] == [4] * 5 and crowd.asked == 1
    crowd.threads, now[0] = (1, 2), 100.6
    assert joined._threads() == 3
    crowd.threads = (1,)
    dead = SimpleNamespace(result=lambda: (_ for _ in ()).throw(distributed.KilledWorker("", "", 0)))
    assert joined._outcome(workers.Job(7, ""), dead) is None
    assert joined._threads() == 1
    crowd.threads, now[0] = (), 102.0
    assert joined._threads() == 1, "a scheduler that is gone is said by the jobs in hand"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "has no workers; start some"),
        ({"a": ConnectionResetError("as it was asked")}, "has no workers; start some"),
        ({"a": ("", VERSION)}, r"worker a does not see \S+; the run's folder must be on a shared file system"),
        (
            {"a": ("TOKEN", VERSION), "b": ("TOKEN", "0.0.1")},
            "worker b has motherlode 0.0.1, this is .*install the same",
        ),
        (
            {"a": ModuleNotFoundError("No module named 'motherlode'")},
            "worker a cannot run motherlode: No module named",
        ),
        ({"a": ("TOKEN", VERSION), "b": OSError("died as it was asked")}, ""),
    ],
)
def test_every_worker_sees_the_folder_and_runs_this_version(
    answers: dict[str, Any], said: str, tmp_path: Path
) -> None:
    def ask(function: Any, token: str, on_error: str) -> dict[str, Any]:
        name = cluster.sees(token)[0]
        assert name == Path(token).name and cluster.sees(token + "x")[0] == ""
        return {
            worker: (name if found[0] else "", found[1]) if isinstance(found, tuple) else found
            for worker, found in answers.items()
        }

    made = cluster.Cluster("tcp://127.0.0.1:1", SimpleNamespace(run=ask), tmp_path)
    with pytest.raises(BadInput, match=said) if said else nullcontext():
        cluster._share(made)
    assert not list(tmp_path.iterdir())


def test_no_scheduler_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(BadInput, match=r"no Dask scheduler answers at tcp://127.0.0.1:\d+.*docs/cluster.md"):
        cluster.join(f"tcp://127.0.0.1:{port}", tmp_path)


@pytest.mark.parametrize(
    "address", ["10.0.0.5:8786", "http://10.0.0.5:8786", "tcp://", "inproc://x", "tcp://10.0.0.5:8786/x", ""]
)
def test_other_addresses_are_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no address of a scheduler"):
        cluster.secured(address, None)


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tls://127.0.0.1:8786", "tcp://node7:8786"])
def test_another_machine_needs_certificates(address: str) -> None:
    with pytest.raises(BadInput, match=r"it needs certificates; give their folder with --cluster-tls"):
        cluster.secured(address, None)


def test_certificates_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"lacks ca.pem, cert.pem, key.pem"):
        cluster.secured("tcp://10.0.0.5:8786", tmp_path)


def test_with_certificates_everything_is_encrypted(tmp_path: Path) -> None:
    for name in cluster.CERTIFICATES:
        (tmp_path / name).write_text("-")
    address, security = cluster.secured("tcp://10.0.0.5:8786", tmp_path)
    assert address == "tls://10.0.0.5:8786" and security.require_encryption


OPENSSL = shutil.which("openssl")


@pytest.mark.slow
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_workers_over_tls_are_killed_fifty_times() -> None:
    found = bench.kills()
    assert found["kills"] == 50 and found["same_rows"], found
    assert found["disturbed_s"] <= found["at_most_s"], found


@pytest.mark.slow
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_a_chunk_that_kills_its_workers_is_given_up_alone(tmp_path: Path) -> None:
    made = bench.Machines(tmp_path / "machines", 2)
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "poison-numbers-4").write_text("kill")
    (tmp_path / "slow-numbers").write_text("0.3")
    joined = cluster.join(made.address, folder, made.tls)
    outcome: dict[str, Any] = {}
    going = threading.Thread(target=lambda: outcome.update(run(folder, joined)))
    try:
        going.start()
        while going.is_alive():
            for place, worker in enumerate(made.workers):
                if worker.poll() is not None:
                    made.workers[place] = made.worker(wait=False)
            going.join(0.2)
        assert [row[:2] for row in outcome["failures"]] == [("numbers", 4)]
        assert outcome["rows"][0] == 7 * (work_of_two.NUMBERS - 1)
    finally:
        joined.close()
        made.close()


@pytest.mark.slow
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_a_scheduler_that_dies_is_said_and_another_goes_on(alone: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "slow-numbers").write_text("0.5")
    made = bench.Machines(tmp_path / "machines", 2)
    joined = cluster.join(made.address, folder, made.tls)
    death = threading.Timer(1.5, made.scheduler.kill)
    death.start()
    try:
        with pytest.raises(StoreError, match=r"^the cluster at tls://\S+ is gone \(\w+\); what is done stays done"):
            run(folder, joined)
    finally:
        joined.close()
        made.close()
    made = bench.Machines(tmp_path / "others", 1)
    joined = cluster.join(made.address, folder, made.tls)
    try:
        assert run(folder, joined) == alone
    finally:
        joined.close()
        made.close()


@pytest.mark.slow
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_strangers_are_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bench.Machines(tmp_path / "machines", 1)
    monkeypatch.setattr(cluster, "CONNECT_S", 3.0)
    try:
        with pytest.raises(BadInput, match=r"no Dask scheduler answers|certificates"):
            cluster.join(made.address.replace("tls://", "tcp://"), tmp_path)
        others = bench.certificates(tmp_path / "others")
        with pytest.raises(BadInput, match="no Dask scheduler answers"):
            cluster.join(made.address, tmp_path, others)
        assert listening(made.scheduler.pid) == {int(made.address.rsplit(":", 1)[1])}  # its own port, no dashboard
        assert len(listening(made.workers[0].pid)) == 1
    finally:
        made.close()


def ip(*words: str) -> bool:
    return subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0


@pytest.fixture
def island() -> Iterator[str]:
    """A network of its own, joined to this one by a pair of cards: 10.99.73.1 here, 10.99.73.2 there."""
    name = "motherlode-island"
    if shutil.which("ip") is None or not ip("netns", "add", name):
        pytest.skip("needs the right to make network namespaces")
    try:
        made = (
            ip("link", "add", "ml-here", "type", "veth", "peer", "name", "ml-there"),
            ip("link", "set", "ml-there", "netns", name),
            ip("addr", "add", "10.99.73.1/24", "dev", "ml-here"),
            ip("link", "set", "ml-here", "up"),
            ip("netns", "exec", name, "ip", "addr", "add", "10.99.73.2/24", "dev", "ml-there"),
            ip("netns", "exec", name, "ip", "link", "set", "ml-there", "up"),
            ip("netns", "exec", name, "ip", "link", "set", "lo", "up"),
        )
        if not all(made):
            pytest.skip("needs the right to make network cards")
        yield name
    finally:
        ip("link", "del", "ml-here")
        ip("netns", "del", name)


@pytest.mark.slow
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_a_host_that_is_cut_off_is_done_without(
    island: str, alone: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # this one leaves the loopback, though not the machine
    made = bench.Machines(tmp_path / "machines", 1, host="10.99.73.1")
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "slow-numbers").write_text("0.5")
    try:
        made.workers.append(made.worker(inside=island))
        joined = cluster.join(made.address, folder, made.tls)
        outcome: dict[str, Any] = {}
        going = threading.Thread(target=lambda: outcome.update(run(folder, joined)))
        start = time.monotonic()
        going.start()
        time.sleep(1.5)
        assert ip("link", "set", "ml-here", "down")  # no goodbye: packets just stop
        going.join(150)
        assert outcome == alone
        undisturbed = work_of_two.NUMBERS * 0.5
        assert time.monotonic() - start < 1.5 * undisturbed + 60
        joined.close()
    finally:
        made.close()
