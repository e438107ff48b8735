"""The work of the small line in ``line_of_two``: what its workers load, and no more."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from motherlode.study import parquet, store
from motherlode.tables import Table

NUMBERS, SUMS = 7, 3
TAKES: dict[str, tuple[str, ...]] = {"numbers": (), "sums": ("numbers",)}


def numbers(tables: dict[str, Table], piece: dict[str, Any]) -> Table:
    k = np.arange(piece["first"], piece["first"] + 7)
    return Table({"k": k, "root": np.sqrt(k), "name": np.array([f"body {i}" for i in k], dtype=object)})


def sums(tables: dict[str, Table], piece: dict[str, Any]) -> Table:
    mine = tables["numbers"]["k"] % SUMS == piece["rest"]
    return Table({"rest": np.array([piece["rest"]]), "sum": np.array([tables["numbers"]["root"][mine].sum()])})


WORK = {"numbers": numbers, "sums": sums}


def do(folder: str, name: str, number: int, hashes: dict[str, str], piece: dict[str, Any]) -> tuple[str, int]:
    """One chunk; some are poisoned by a file named after them."""
    place = Path(folder)
    note(place, "done.log", f"{name} {number}")
    slow = place.parent / f"slow-{name}"
    if slow.exists():
        time.sleep(float(slow.read_text()))
    poison = place.parent / f"poison-{name}-{number}"
    if poison.exists():
        if "kill" in poison.read_text():
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError("bad chunk")
    paths = {taken: place / "tables" / f"{taken}.parquet" for taken in TAKES[name]}
    tables = {taken: parquet.read(path, expected=hashes[taken]) for taken, path in paths.items()}
    return store.write_chunk(place, name, number, WORK[name](tables, piece))


def note(folder: Path, name: str, line: str) -> None:
    """A line in a log of the test, by a system call that no tracer of the run's own writes looks at."""
    with (folder / name).open("ab", buffering=0) as log:
        os.writev(log.fileno(), [line.encode() + b"\n"])
