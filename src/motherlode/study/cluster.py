"""The same run on many machines: a Dask cluster behind the seam that the cores of this one stand behind.

The scheduler and its workers are started by whoever owns the machines (docs/cluster.md). All of them see the run's
folder, on a shared file system: a worker writes its chunk there, as a local one does, and only its hash and its count
of rows travel back. Dask moves code as pickles between its parts, so nobody may talk to it who is not trusted:
anything but this very machine needs TLS with certificates of one's own.
"""

import ipaddress
import math
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any, Final
from urllib.parse import urlsplit

from motherlode.errors import BadInput, StoreError
from motherlode.study.workers import ATTEMPTS, Job, Outcome, perform, reason

CERTIFICATES: Final = ("ca.pem", "cert.pem", "key.pem")
PARTS: Final = ("client", "scheduler", "worker")  # each shows the same certificate and checks that of the other
CONNECT_S: Final = 20.0
ROOM_S: Final = 0.5  # how long a count of the workers holds; they come and go while a run lasts


@dataclass
class Cluster:
    """Jobs on the workers of a Dask scheduler; made by ``join``."""

    address: str
    client: Any
    folder: Path
    done: int = 0
    given: int = 0
    cancelled: bool = False
    _pending: dict[Any, Job] = field(default_factory=dict)
    _room: tuple[float, int] = (-math.inf, 1)
    _deaths: Counter[int] = field(default_factory=Counter)

    def map(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Do the jobs; outcomes come as they are ready, in any order.

        raises  StoreError where the cluster goes away, or a worker cannot write
        """
        from distributed import as_completed

        self.given += len(jobs)
        waiting = deque(jobs)
        ready: Any = as_completed(loop=self.client.loop)  # type: ignore[no-untyped-call]
        self._give_out(waiting, ready)
        self._deaths.clear()
        for future in ready:
            job = self._pending.pop(future.key)
            outcome = self._outcome(job, future)
            if outcome is None:
                waiting.append(job)
            self._give_out(waiting, ready)
            if outcome is not None:
                self.done += 1
                yield outcome

    def _give_out(self, waiting: deque[Job], ready: Any) -> None:
        """One job for each worker and no more: Dask holds a worker's death against every job that waits there.

        For the same reason it is told not to try again by itself (``machines``): those left may be fewer by then.
        """
        while waiting and not self.cancelled and len(self._pending) < self._threads():
            job = waiting.popleft()
            future = self.client.submit(attempt, job, pure=False, retries=0)
            self._pending[future.key] = job
            ready.add(future)

    def _threads(self) -> int:
        """Threads of all the workers there are, at least one."""
        counted, threads = self._room
        if time.monotonic() > counted + ROOM_S:
            with suppress(OSError):  # a scheduler that is gone is said by the jobs in hand
                threads = max(sum(self.client.nthreads().values()), 1)
            self._room = time.monotonic(), threads
        return threads

    def _outcome(self, job: Job, future: Any) -> Outcome | None:
        """How a job ended; None where its worker died and it is to be tried again."""
        from distributed import KilledWorker

        try:
            kind, value, tries = future.result()
        except KilledWorker as error:
            self._room = (-math.inf, 1)  # count the workers again
            self._deaths[job.number] += error.allowed_failures + 1
            if self._deaths[job.number] < ATTEMPTS:
                return None
            return Outcome(job.number, None, ATTEMPTS, "its worker died, on every try")
        except Exception as error:
            raise StoreError(
                f"the cluster at {self.address} is gone ({type(error).__name__}); what is done stays done: "
                "run the same command again to go on"
            ) from error
        if kind == "stop":
            raise StoreError(f"a worker of {self.address} cannot go on: {value}")
        return Outcome(job.number, value, tries) if kind == "done" else Outcome(job.number, None, tries, value)

    def progress(self) -> tuple[int, int]:
        """Jobs done and jobs given, over the executor's life."""
        return self.done, self.given

    def cancel(self) -> None:
        """Hand out no more jobs; those in hand end by themselves."""
        self.cancelled = True

    def close(self) -> None:
        """Leave the cluster; its workers stay for others."""
        self.client.close()


def attempt(job: Job) -> tuple[str, Any, int]:
    """On a worker: do one job, up to three times; what went wrong comes back as text, not as a pickled exception."""
    for tries in range(1, ATTEMPTS + 1):
        try:
            return "done", perform(job), tries
        except (StoreError, BadInput) as error:
            return "stop", str(error), tries
        except Exception as error:
            message = reason(error)
    return "failed", message, ATTEMPTS


def join(address: str, folder: Path, certificates: Path | None = None) -> Cluster:
    """Join a Dask cluster.

    address       of the scheduler: ``tcp://host:8786`` or ``tls://host:8786``
    folder        of the run, seen by every worker under the same path
    certificates  folder with ca.pem, cert.pem and key.pem; needed for anything but this machine
    raises        BadInput where it may not be joined, does not answer, or does not see the folder
    """
    distributed = library()
    place, security = secured(address, certificates, distributed)
    try:
        client = distributed.Client(place, security=security, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise BadInput(
            f"no Dask scheduler answers at {place}: {_short(error)}; start one as docs/cluster.md says"
        ) from None
    made = Cluster(place, client, folder)
    try:
        _share(made)
    except BaseException:
        made.close()
        raise
    return made


def secured(address: str, certificates: Path | None, distributed: Any = None) -> tuple[str, Any]:
    """Address with the scheme that will be used, and Dask's security settings; None in the clear on this machine.

    raises  BadInput: no such scheme, certificates missing, or another machine without them
    """
    parts = urlsplit(address)
    if parts.scheme not in {"tcp", "tls"} or not parts.hostname or parts.path not in {"", "/"}:
        raise BadInput(f"{address!r} is no address of a scheduler; expected tcp://host:8786 or tls://host:8786")
    if certificates is None:
        if parts.scheme == "tls" or not _this_machine(parts.hostname):
            raise BadInput(
                f"{parts.hostname} is another machine or wants TLS: Dask runs whatever code it is sent, so it needs "
                f"certificates; give their folder with --cluster-tls (it holds {', '.join(CERTIFICATES)})"
            )
        return address, None
    absent = [name for name in CERTIFICATES if not (certificates / name).is_file()]
    if absent:
        raise BadInput(f"{certificates} lacks {', '.join(absent)}; make them as docs/cluster.md says")
    ca, cert, key = (str(certificates / name) for name in CERTIFICATES)
    if distributed is None:
        distributed = library()
    pairs = {f"tls_{part}_cert": cert for part in PARTS} | {f"tls_{part}_key": key for part in PARTS}
    security = distributed.Security(require_encryption=True, tls_ca_file=ca, tls_min_version=_tls_1_3(), **pairs)
    return f"tls://{parts.netloc}", security


def _tls_1_3() -> Any:
    import ssl

    return ssl.TLSVersion.TLSv1_3


def _this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _share(cluster: Cluster) -> None:
    """Make sure that every worker sees the run's folder and runs this very version."""
    import motherlode

    token = cluster.folder / f".cluster.{token_hex(8)}.tmp"
    cluster.folder.mkdir(parents=True, exist_ok=True)
    token.write_text(token.name)
    try:
        seen = cluster.client.run(sees, str(token), on_error="return")
    finally:
        token.unlink(missing_ok=True)
    answers = {worker: found for worker, found in seen.items() if not isinstance(found, OSError)}  # others are gone
    if not answers:
        raise BadInput(f"the cluster at {cluster.address} has no workers; start some as docs/cluster.md says")
    for worker, found in answers.items():
        if not isinstance(found, tuple):
            raise BadInput(f"worker {worker} cannot run motherlode: {_short(found)}")
        if found[0] != token.name:
            raise BadInput(
                f"worker {worker} does not see {cluster.folder}; the run's folder must be on a shared file system"
            )
        if found[1] != motherlode.__version__:
            raise BadInput(
                f"worker {worker} has motherlode {found[1]}, this is {motherlode.__version__}; install the same"
            )


def sees(token: str) -> tuple[str, str]:
    """On a worker: what stands in a file of the run's folder, "" where it is not there, and which version this is."""
    import motherlode

    try:
        return Path(token).read_text(), motherlode.__version__
    except OSError:
        return "", motherlode.__version__


def library() -> Any:
    """Dask's distributed library.

    raises  BadInput where it is not installed
    """
    try:
        import distributed
    except ImportError:
        raise BadInput("a cluster needs Dask: pip install 'motherlode[cluster]'") from None
    return distributed


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:160]
