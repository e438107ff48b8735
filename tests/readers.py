"""Readers of exported files that share nothing with the writers: Python's own parsers and SciPy's interpolation."""

import csv
import io
import re
from datetime import datetime, timedelta
from xml.etree import ElementTree

import numpy as np
from scipy.interpolate import KroghInterpolator

NOON_2000 = datetime(2000, 1, 1, 12)
DAY = 86_400.0
SPACE = "{http://www.ivoa.net/xml/VOTable/v1.3}"
Arc = tuple[np.ndarray, np.ndarray]  # epochs, s past J2000 TDB; states km, km/s


def hermite(arc: Arc, at: float, count: int = 6) -> np.ndarray:
    """Position, km, by SciPy's Hermite interpolation through the nearest samples."""
    t, states = arc
    first = int(np.clip(np.searchsorted(t, at) - count // 2, 0, max(len(t) - count, 0)))
    near = slice(first, first + count)
    values = np.empty((2 * len(t[near]), 3))
    values[0::2], values[1::2] = states[near, :3], states[near, 3:]
    return KroghInterpolator(np.repeat(t[near] - at, 2), values)(0.0)


def oem(written: str) -> list[Arc]:
    """Arcs of an Orbit Ephemeris Message in TDB."""
    return [_dated(block) for block in written.split("META_STOP")[1:]]


def _dated(block: str) -> Arc:
    lines = [x.split() for x in block.splitlines() if re.match(r"\d{4}-\d\d-\d\dT", x)]
    t = np.array([(datetime.fromisoformat(x[0]) - NOON_2000).total_seconds() for x in lines])
    return t, np.array([x[1:] for x in lines], dtype=float)


def stk(written: str, leap_seconds: float = 37.0) -> list[Arc]:
    """Arcs of an STK ephemeris: cut at its boundaries, UTC to TDB to 50 µs (1.5 m)."""
    start = datetime.strptime(re.search(r"ScenarioEpoch (.+)", written)[1], "%d %b %Y %H:%M:%S.%f")
    body = written.split("EphemerisTimePosVel")[1].split("END Ephemeris")[0]
    table = np.array([x.split() for x in body.splitlines() if x.strip()], dtype=float)
    tt = (start - NOON_2000) / timedelta(seconds=1) + leap_seconds + 32.184 + table[:, 0]
    t = tt + 0.001657 * np.sin(6.24 + 0.017202 * (tt / DAY))
    listed = re.search(r"BEGIN SegmentBoundaryTimes(.+)END SegmentBoundaryTimes", written, re.S)
    edges = [float(x) for x in listed[1].split()] if listed else []
    cuts = [int(np.flatnonzero(np.abs(table[:, 0] - edge) < 1e-6)[-1]) for edge in edges]
    return list(zip(np.split(t, cuts), np.split(table[:, 1:], cuts)))


def spreadsheet(written: str) -> list[Arc]:
    """Arcs of a table of states as comma-separated values."""
    rows = list(csv.DictReader(io.StringIO(written)))
    return _by_arc([[float(row[key]) for key in row if key != "jd_tdb"] for row in rows])


def votable(written: str) -> list[Arc]:
    """Arcs of a table of states as a VOTable."""
    tree = ElementTree.fromstring(written)
    names = [field.get("name") for field in tree.iter(SPACE + "FIELD")]
    kept = [k for k, name in enumerate(names) if name != "jd_tdb"]
    rows = [[cell.text for cell in row] for row in tree.iter(SPACE + "TR")]
    return _by_arc([[float(row[k]) for k in kept] for row in rows])


def _by_arc(rows: list[list[float]]) -> list[Arc]:
    table = np.array(rows)
    cuts = np.flatnonzero(np.diff(table[:, 7])) + 1 if table.shape[1] > 7 else []
    return list(zip(np.split(table[:, 0], cuts), np.split(table[:, 1:7], cuts)))
