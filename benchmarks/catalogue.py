"""Import, comparison and query of a catalogue file of any size: time, memory, rows, as JSON.

python -m benchmarks.catalogue FILE

FILE is mpcorb_extended.json or MPCORB.DAT; tools/scale_catalogue.py makes them of any size.
"""

import json
import resource
import sys
import time
from pathlib import Path

import duckdb

from motherlode.catalogue import mpc, query, refresh, snapshot

QUERIES = (
    "SELECT designation, h_mag FROM catalogue WHERE h_mag < 14 ORDER BY h_mag LIMIT 50",
    "SELECT full_name FROM catalogue WHERE designation = '101955'",
    "SELECT orbit_class, count(*), avg(h_mag) FROM catalogue GROUP BY 1",
    "SELECT designation FROM catalogue WHERE semi_major_axis_au BETWEEN 0.95 AND 1.05 AND eccentricity < 0.1",
)


def main() -> None:
    source = Path(sys.argv[1])
    made = source.with_suffix(".parquet")
    read = mpc.read_mpcorb if source.suffix == ".DAT" else mpc.read_extended
    wall, cpu = time.perf_counter(), time.process_time()
    with duckdb.connect(config=mpc.settings(source.parent)) as db:
        count = read(db, source)
        snapshot.write(db, made, level=6)
        cpu, wall, memory = time.process_time() - cpu, time.perf_counter() - wall, memory_gib()
        refresh.compare(db, made, made)
    result = {
        "file": source.name,
        "rows": count.kept,
        "cpu_s": cpu,
        "wall_s": wall,
        "memory_gib": memory,
        "memory_with_comparison_gib": memory_gib(),
        "snapshot_mib": made.stat().st_size / 2**20,
        "query_s": max(query_s(sql, made) for sql in QUERIES),
    }
    print(json.dumps(result))


def memory_gib() -> float:
    """The most memory that this process has held.

    ``ru_maxrss`` will not do: it starts with the peak of whoever started the process.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**30  # bytes on macOS
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 2**20


def query_s(sql: str, path: Path) -> float:
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        query.run(sql, path)
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    main()
