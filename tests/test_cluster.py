"""The same line on a Dask cluster: same rows, trusted parties only, workers that may die."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks import cluster as bench
from tests import line_of_two, work_of_two

from motherlode.errors import BadInput
from motherlode.study import cluster, hunt, workers
from motherlode.study.config import Study
from motherlode.study.store import Store

distributed = pytest.importorskip("distributed")


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


@pytest.fixture(scope="module")
def here() -> Iterator[str]:
    """A scheduler with two workers in this process, without a dashboard."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp://", host="127.0.0.1",
        dashboard_address=None, silence_logs=50,
    ) as made:  # fmt: skip
        yield made.scheduler_address


def test_a_cluster_gives_the_same_rows(here: str, alone: dict[str, Any], tmp_path: Path) -> None:
    joined = cluster.join(here, tmp_path)
    try:
        assert run(tmp_path, joined) == alone
        assert joined.progress() == (work_of_two.NUMBERS + work_of_two.SUMS,) * 2
    finally:
        joined.close()


def test_a_poisoned_chunk_is_given_up_on_a_cluster(here: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "poison-numbers-4").write_text("raise")
    joined = cluster.join(here, folder)
    try:
        said = run(folder, joined)
    finally:
        joined.close()
    assert [row[:3] for row in said["failures"]] == [("numbers", 4, 3)]
    assert "bad chunk" in said["failures"][0][3] and said["rows"][0] == 7 * (work_of_two.NUMBERS - 1)


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
    machines = bench.Machines(tmp_path / "machines", 2)
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "poison-numbers-4").write_text("kill")
    (tmp_path / "slow-numbers").write_text("0.3")
    joined = cluster.join(machines.address, folder, machines.tls)
    outcome: dict[str, Any] = {}
    going = threading.Thread(target=lambda: outcome.update(run(folder, joined)))
    try:
        going.start()
        while going.is_alive():
            for place, worker in enumerate(machines.workers):
                if worker.poll() is not None:
                    machines.workers[place] = machines.worker(wait=False)
            going.join(0.2)
        assert [row[:2] for row in outcome["failures"]] == [("numbers", 4)]
        assert outcome["rows"][0] == 7 * (work_of_two.NUMBERS - 1)
    finally:
        joined.close()
        machines.close()


@pytest.mark.slow
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_strangers_are_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machines = bench.Machines(tmp_path / "machines", 0)
    monkeypatch.setattr(cluster, "CONNECT_S", 3.0)
    try:
        with pytest.raises(BadInput, match=r"no Dask scheduler answers|certificates"):
            cluster.join(machines.address.replace("tls://", "tcp://"), tmp_path)
        others = bench.certificates(tmp_path / "others")
        with pytest.raises(BadInput, match="no Dask scheduler answers"):
            cluster.join(machines.address, tmp_path, others)
        listening = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=False).stdout
        mine = [line for line in listening.splitlines() if f"pid={machines.scheduler.pid}," in line]
        assert len(mine) == 1  # the scheduler's own port and no dashboard
    finally:
        machines.close()


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
    machines = bench.Machines(tmp_path / "machines", 1, host="10.99.73.1")
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "slow-numbers").write_text("0.5")
    try:
        machines.workers.append(machines.worker(inside=island))
        joined = cluster.join(machines.address, folder, machines.tls)
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
        machines.close()
