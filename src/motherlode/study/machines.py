"""The two programs of a cluster: a scheduler, and a worker that joins it. One port for the scheduler, no web server.

    python -m motherlode.study.machines scheduler --tls FOLDER --host HOST [--port 8786]
    python -m motherlode.study.machines worker tls://HOST:8786 --tls FOLDER

Dask's own commands open a second port for status pages on every interface, even without a dashboard; these do not.
Each worker does one job at a time: start one per core.
"""

import argparse
import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from motherlode.errors import BadInput
from motherlode.study.cluster import library, secured

WORKER_SILENT = "30s"  # a worker that is not heard for so long is given up, and its job given to another


def main(arguments: list[str] | None = None) -> int:
    """Run a scheduler or a worker until it is stopped; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motherlode.study.machines", description=__doc__)
    parser.add_argument("part", choices=("scheduler", "worker"))
    parser.add_argument("address", nargs="?", help="scheduler that a worker joins: tls://HOST:8786")
    parser.add_argument("--tls", type=Path, help="folder of ca.pem, cert.pem and key.pem; needed beyond this machine")
    parser.add_argument("--host", default="127.0.0.1", help="address that the scheduler listens on")
    parser.add_argument("--port", type=int, default=8786)
    given = parser.parse_args(arguments)
    if given.part == "worker" and not given.address:
        parser.error("a worker joins a scheduler; give its address: tls://HOST:8786")
    made = partial(worker, given.address) if given.part == "worker" else partial(scheduler, given.host, given.port)
    try:
        asyncio.run(_until_stopped(partial(made, given.tls), given.part))
    except BadInput as error:
        parser.exit(2, f"motherlode: {error}\n")
    except KeyboardInterrupt:
        pass
    return 0


def scheduler(host: str = "127.0.0.1", port: int = 8786, certificates: Path | None = None) -> Any:
    """A scheduler that listens on one port and has no web server; it works while it is entered (``async with``).

    port          0 takes any that is free
    certificates  folder of ca.pem, cert.pem and key.pem; needed for anything but this machine
    raises        BadInput
    """
    distributed = library()
    address, security = secured(f"tcp://{host}:{port}", certificates)
    _settle()
    return _closed(distributed.Scheduler)(
        protocol=address.split(":", 1)[0] + "://",
        host=host,
        port=port,
        security=security,
        allowed_failures=0,  # the run tries a job again, not the scheduler: see ``cluster``
        dashboard=False,
    )


def worker(address: str, certificates: Path | None = None) -> Any:
    """A worker of the scheduler at an address, one job at a time; it works while it is entered (``async with``).

    raises  BadInput
    """
    distributed = library()
    address, security = secured(address, certificates)
    _settle()
    return _closed(distributed.Worker)(
        address, nthreads=1, security=security, dashboard=False, death_timeout=60, protocol=address.split(":", 1)[0]
    )


async def _until_stopped(made: Callable[[], Any], part: str) -> None:
    async with made() as running:
        print(f"{part} {running.address}", flush=True)  # noqa: T201
        await running.finished()


def _closed(kind: Any) -> Any:
    """A part of Dask without its web server."""
    return type(kind.__name__, (kind,), {"start_http_server": lambda self, *args, **named: None})


def _settle() -> None:
    """Nothing is spilled to the disk, so that no pickle is ever read from it; silence is noticed within seconds."""
    import dask

    dask.config.set(
        {
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.target": False,
            "distributed.scheduler.worker-ttl": WORKER_SILENT,
            "distributed.comm.timeouts.tcp": "20s",
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
        }
    )


if __name__ == "__main__":
    raise SystemExit(main())
