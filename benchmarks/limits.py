"""Every time limit that the project sets itself: what, measured, limit; the exit code is 1 where one is missed.

python -m benchmarks.limits

CPU time, best of a few, for what runs on one core; wall time for whole commands. Ratios against other codes are in
``benchmarks.reach`` and ``benchmarks.nbody``, rates of the service in ``benchmarks.service``.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benchmarks import durability
from benchmarks.reach import best

from motherlode.access import porkchop
from motherlode.catalogue import snapshot
from motherlode.ephemeris import almanac
from motherlode.prospect import deposit
from motherlode.settlement import programme, settings
from motherlode.units import DAY

Limit = tuple[str, float, float, str]  # what, measured, limit, unit


def wall_s(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def limits() -> Iterator[Limit]:
    yield "motherlode --help", min(wall_s([sys.executable, "-m", "motherlode", "--help"]) for _ in range(3)), 0.3, "s"
    yield from of_the_sky()
    yield from of_deposits()
    yield from of_durability()
    told = settings.read({"base": {"start": "1995-08-01", "end": "2003-08-01"}})
    plan = programme.planned(told)
    yield (
        "8 years of the base, 1,000 runs",
        best(lambda: programme.run(told, 1, runs=1000, plan=plan), 1),
        120.0,
        "s",
    )


def of_the_sky() -> Iterator[Limit]:
    yield "planets loaded", best(almanac.planets.series.__wrapped__), 0.1, "s"
    mars, earth = almanac.load()["mars"], almanac.load()["earth"]
    first, last = mars.span
    t = np.random.default_rng(1).uniform(first, last, 300_000)
    yield "a million states of Mars at random dates", best(lambda: mars.state(t)) / 0.3, 0.33, "s"
    depart, flight = DAY * np.arange(500), DAY * np.arange(100, 300)
    yield "a million porkchop cells", 10 * best(lambda: porkchop.grid(earth, mars, depart, flight)), 0.2, "s"


def of_durability() -> Iterator[Limit]:
    with tempfile.TemporaryDirectory() as folder:
        resumed = durability.resume(Path(folder) / "resume")
        cost = durability.each(Path(folder) / "each")
    yield f"run of {resumed['chunks']:,.0f} chunks resumed", resumed["start_cpu_s"], 10.0, "s"
    part = durability.share(None, cost["chunk_wall_s"])["share"]  # by the clock: mostly waiting for the disk
    yield f"files and ledger, of chunks of {durability.CHUNK_S:g} s", 100 * part, 2.0, "%"


def of_deposits() -> Iterator[Limit]:
    def load() -> None:
        snapshot._load.cache_clear()
        snapshot.load()

    yield "catalogue loaded", best(load, 3), 0.3, "s"
    unknown = {"designation": "2099 XX", "h_mag": 22.0}
    yield "10,000 samples of one asteroid", 1e3 * best(lambda: deposit.sample(unknown, 10_000, 1), 7), 20.0, "ms"
    table = snapshot.load()
    rows = table.take(np.arange(0, len(table), 80))
    two_cores = best(lambda: deposit.survey(rows, 1000, 1), 1) * len(table) / len(rows) / 2
    yield "catalogue x 1,000 samples, on two cores", two_cores, 120.0, "s"


def main() -> int:
    missed = 0
    for what, measured, limit, unit in limits():
        missed += measured > limit
        print(f"{what:<45} {measured:10.4g} {unit:<3} limit {limit:g} {unit}{'  MISSED' if measured > limit else ''}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
