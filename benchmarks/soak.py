"""Two hours of mixed questions at a steady, moderate rate: does the service keep its memory and its descriptors?

python -m benchmarks.soak [--minutes 120] [--rate 20] [--log soak.csv]

A soak is about growth, not speed, so the client holds its rate. Before the first reading the service is warm, by
number and not by time, so that a busy machine warms it as much as a quiet one: as many asteroid pages are asked as
it keeps, the largest answers (the whole table as rows and as files), then a thousand mixed questions, every kind
among them. What grows after that is told for the whole soak and for its second half.
"""

import argparse
import asyncio
import csv
import itertools
import json
import math
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benchmarks.service import serve, workspace

from motherlode.catalogue import snapshot
from motherlode.web import api

RUN = "/api/runs/all/shortlist"
GROWTH_AT_MOST = 0.05
WARM_MIXED = 1_000
LARGEST = (f"{RUN}?limit=50000", f"{RUN}.csv", f"{RUN}.parquet")
READING_S = 30.0
PER_CONNECTION = 50  # questions before a client hangs up and comes again, so that descriptors are opened and closed


def questions(names: list[str]) -> Iterator[tuple[str, int]]:
    """What readers ask, and the status each question deserves: every asteroid in turn, every filter another one."""
    draw = np.random.default_rng(1)
    for turn in itertools.count():
        name = names[turn % len(names)].replace(" ", "%20")
        h, e = 16 + 10 * draw.random(), draw.random()
        narrow = f"h_mag%20%3C%20{h:.3f}%20and%20eccentricity%20%3C%20{e:.3f}"
        yield f"/api/asteroid/{name}", 200
        yield f"{RUN}?filter={narrow}&sort=semi_major_axis_au%20desc&limit=50", 200
        yield f"/api/asteroids?q={name[:4]}", 200
        yield "/health", 200
        yield f"{RUN}?filter=nonsense%20{turn}", 422
        if turn % 20 == 0:
            yield f"{RUN}.csv?filter={narrow}", 200
            yield f"{RUN}.parquet?filter={narrow}", 200
            yield "/api/sky", 200
            yield "/", 200
            yield "/api/jobs", 200
            yield f"/api/asteroid/{name}x{turn}", 404


async def ask(
    port: int, token: str, asked: Iterator[tuple[str, int]], pause_s: float = 0.0, until: float = math.inf
) -> list[int]:
    """Ask one question after another until a time or the last; how many came as they should and how many did not."""
    count, asked = [0, 0], iter(asked)
    while time.time() < until and (first := next(asked, None)):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path, deserved in itertools.chain([first], itertools.islice(asked, PER_CONNECTION - 1)):
            head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
            writer.write(head.encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", answer, re.I)[1]))
            count[f" {deserved} ".encode() not in answer[:16]] += 1
            await asyncio.sleep(pause_s)
        writer.close()
    return count


def state(pid: int) -> dict[str, float]:
    """Memory, open descriptors and threads of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return {
        "rss_mb": round(int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024, 2),
        "descriptors": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        "threads": int(re.search(r"Threads:\s+(\d+)", status)[1]),
    }


def warm(port: int, token: str, asked: Iterator[tuple[str, int]]) -> list[int]:
    """Fill what the service keeps and give the first answer of every kind."""
    pages = ((path, deserved) for path, deserved in asked if "/asteroid/" in path and deserved == 200)
    kept = api._shown.cache_info().maxsize
    parts = itertools.islice(pages, kept), ((path, 200) for path in LARGEST), itertools.islice(asked, WARM_MIXED)
    counts = [asyncio.run(ask(port, token, part)) for part in parts]
    return [sum(each) for each in zip(*counts, strict=True)]


def soak(pid: int, port: int, token: str, minutes: float, rate: float, log: Path) -> list[dict[str, float]]:
    """Readings over the soak, written as they are made."""
    asked = questions(snapshot.load()["designation"].tolist())
    good, bad = warm(port, token, asked)
    print(f"warm after {good} answers as they should be and {bad} not", flush=True)
    readings, begun = [{"minute": 0.0, "answered": 0, "failed": 0, **state(pid)}], time.time()
    with log.open("w", newline="") as file:
        table = csv.DictWriter(file, list(readings[0]))
        table.writeheader()
        table.writerow(readings[0])
        while time.time() < begun + 60 * minutes:
            good, bad = asyncio.run(ask(port, token, asked, 1 / rate, time.time() + READING_S))
            before = readings[-1]
            readings.append({"minute": round((time.time() - begun) / 60, 2), "answered": before["answered"] + good,
                             "failed": before["failed"] + bad, **state(pid)})  # fmt: skip
            table.writerow(readings[-1])
            file.flush()
    return readings


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--minutes", type=float, default=120.0)
    words.add_argument("--rate", type=float, default=20.0, help="questions a second")
    words.add_argument("--log", type=Path, default=Path("soak.csv"))
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace(Path(folder))
        service, port, token = serve(Path(folder))
        try:
            readings = soak(service.pid, port, token, chosen.minutes, chosen.rate, chosen.log)
        finally:
            service.terminate()
    first, middle, last = readings[0], readings[len(readings) // 2], readings[-1]
    told = {
        "minutes": last["minute"],
        "answered": last["answered"],
        "failed": last["failed"],
        "rss_mb": [first["rss_mb"], middle["rss_mb"], last["rss_mb"]],
        "growth": round(last["rss_mb"] / first["rss_mb"] - 1, 4),
        "growth_second_half": round(last["rss_mb"] / middle["rss_mb"] - 1, 4),
        "goal": GROWTH_AT_MOST,
        "descriptors": [first["descriptors"], max(row["descriptors"] for row in readings), last["descriptors"]],
        "threads": [first["threads"], last["threads"]],
    }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
