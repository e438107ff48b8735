"""What it costs that nothing is lost: resume at 100 000 chunks, ledger and atomic files against the work, as JSON.

python -m benchmarks.durability [RUN]

RUN is the folder of a finished hunt; the share is then of its own steps, else of chunks of five seconds.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from motherlode.study import store
from motherlode.study.ledger import Chunk
from motherlode.study.store import Store
from motherlode.tables import Table

CHUNK_S = 5.0  # the shortest that the line cuts its long steps into


def nearly_done(folder: Path, count: int) -> int:
    """A step of so many chunks, all done but the last; returns how many rows each has."""
    with Store(folder, "") as place:
        place.begin("step", 0, "identity", count)
        sha256, rows = store.write_chunk(folder, "step", 0, Table({"x": np.arange(30.0)}))
        first = place.chunk_path("step", 0)
        for number in range(1, count - 1):
            shutil.copyfile(first, place.chunk_path("step", number))
        place.ledger._base.execute("BEGIN")
        for number in range(count - 1):
            place.ledger.enter("step", "identity", Chunk(number, sha256, rows))
        place.ledger._base.execute("COMMIT")
    return rows


def resume(folder: Path, count: int = 100_000) -> dict[str, float]:
    """All chunks of a step but one are done: how long until the last one can start, and how long to join them."""
    rows = nearly_done(folder, count)
    cpu, wall = time.process_time(), time.perf_counter()
    with Store(folder, "") as place:
        done = place.begin("step", 0, "identity", count)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        assert len(done) == count - 1
        joining = time.process_time()
        place.finish("step", "identity", 0.0)
        joining = time.process_time() - joining
    assert len(store.table(folder, "step")) == rows * (count - 1)
    return {"chunks": count, "start_cpu_s": cpu, "start_wall_s": wall, "join_cpu_s": joining}


def each(folder: Path, count: int = 200) -> dict[str, float]:
    """A chunk of 200 rows and 30 columns, written and acknowledged."""
    with Store(folder, "") as place:
        place.begin("step", 0, "identity", count)
        table = Table({f"column_{k}": np.random.default_rng(k).random(200) for k in range(30)})
        cpu, wall = time.process_time(), time.perf_counter()
        for number in range(count):
            sha256, rows = store.write_chunk(folder, "step", number, table)
            place.ledger.enter("step", "identity", Chunk(number, sha256, rows))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"chunk_cpu_s": cpu / count, "chunk_wall_s": wall / count}


def share(run: Path | None, chunk_s: float) -> dict[str, float]:
    """Part of a run's time that its ledger and files take, on one core; of chunks of five seconds without a run."""
    if run is None:
        return {"share": chunk_s / CHUNK_S}
    steps = json.loads((run / "manifest.json").read_text())["tables"]
    chunks, seconds = (sum(step[name] for step in steps) for name in ("chunks", "seconds"))
    return {"run_chunks": chunks, "run_s": seconds, "share": chunks * chunk_s / seconds}


def main() -> None:
    run = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    folder = Path(tempfile.mkdtemp(prefix="durability-"))
    try:
        cost = each(folder / "each")
        found = {**resume(folder / "resume"), **cost, **share(run, cost["chunk_wall_s"])}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
