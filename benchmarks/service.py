"""Load on the service: requests a second, percentiles of the answer time. (Memory over hours: ``benchmarks.soak``.)

python -m benchmarks.service [--seconds 10]

Starts its own service on a loopback port and asks it over keep-alive connections; nothing else is ever asked.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np

from motherlode.catalogue import snapshot

GOALS = {  # path, in flight, requests a second at least, (percentile, ms at most)
    "health": ("/health", 8, 3000, (99, 20)),
    "object page": ("/api/asteroid/101955", 8, 400, (99, 100)),
    "catalogue filter": (
        "/api/runs/all/shortlist?filter=h_mag%20%3C%2020%20and%20eccentricity%20%3C%200.2&limit=50",
        4,
        30,
        (95, 300),
    ),
}


def workspace(folder: Path) -> None:
    """A finished run whose table is the whole catalogue."""
    tables = folder / "all" / "tables"
    tables.mkdir(parents=True)
    table = snapshot.load()
    names = (
        "designation",
        "full_name",
        "h_mag",
        "semi_major_axis_au",
        "eccentricity",
        "inclination_deg",
        "orbit_class",
    )
    columns = {name: table[name] for name in names}
    with duckdb.connect() as database:
        database.register("catalogue", columns)
        database.execute(f"COPY (SELECT * FROM catalogue) TO '{tables / 'ranked.parquet'}' (FORMAT parquet)")
    (folder / "all" / "ledger.sqlite").touch()
    (folder / "all" / "manifest.json").write_text(json.dumps({"rows": len(table)}))


def serve(runs: Path) -> tuple[subprocess.Popen[str], int, str]:
    words = [sys.executable, "-m", "motherlode", "serve", "--port", "0", "--no-browser", "--runs", str(runs)]
    service = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    found = re.search(r"http://127.0.0.1:(\d+)/\?token=(\S+)", service.stdout.readline())
    return service, int(found[1]), found[2]


async def client(port: int, token: str, path: str, until: float, times: list[float], bad: list[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    while (start := time.perf_counter()) < until:
        writer.write(head)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", answer, re.I)[1])
        await reader.readexactly(length)
        (times if b" 200 " in answer[:16] else bad).append(time.perf_counter() - start)
    writer.close()


async def load(port: int, token: str, path: str, in_flight: int, seconds: float) -> tuple[list[float], list[float]]:
    times, bad = [], []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(client(port, token, path, until, times, bad) for _ in range(in_flight)))
    return times, bad


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=10.0)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace(Path(folder))
        service, port, token = serve(Path(folder))
        try:
            told = {}
            for name, (path, in_flight, least, (percentile, most)) in GOALS.items():
                asyncio.run(load(port, token, path, in_flight, 2.0))  # warm
                times, bad = asyncio.run(load(port, token, path, in_flight, asked.seconds))
                late = float(np.percentile(times, percentile)) * 1000
                told[name] = {"requests_per_s": round(len(times) / asked.seconds), "goal_per_s": least,
                              f"p{percentile}_ms": round(late, 1), "goal_ms": most, "failed": len(bad)}  # fmt: skip
            print(json.dumps(told, indent=1))
        finally:
            service.terminate()


if __name__ == "__main__":
    main()
