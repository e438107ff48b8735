"""Flights of one asteroid as the page draws, plays and downloads them: its cheapest round trip, its captures."""

import itertools
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.capture import destinations
from motherlode.constants import AU_KM
from motherlode.ephemeris import almanac
from motherlode.errors import NoSolution, UnknownName
from motherlode.export import calendar, files, samples
from motherlode.export.samples import Samples
from motherlode.figures import capture as retrievals
from motherlode.figures import flights
from motherlode.mechanics import frames
from motherlode.study import capture_flight, flight, named, retrieval_dates
from motherlode.units import DAY

Json = dict[str, Any]
Array = NDArray[np.float64]
KINDS: Final = ("roundtrip", "capture")
MOST_ROWS: Final = 900  # of one arc on the wire
_ONE_AT_A_TIME = Lock()


def legs(name: str, kind: str, to: str) -> Json:
    """The arcs of the cheapest round trip, or of the cheapest capture at a place, and what is said of them.

    returns  arcs as (days past J2000, x, y, z au) rows in the ecliptic, burns, figures
    raises   UnknownAsteroid, UnknownName; NoSolution where there is none
    """
    label, flown, arcs = _flown(named.asteroid(name).designation, kind, to)
    drawn = [(what, *_joined(pieces)) for what, pieces in _runs(flown.labels, arcs)]
    planet = almanac.load()[destinations.find(to).body if kind == "capture" else "earth"]
    ways = {"From the north": flights.from_north(flown.path.name, drawn, flown.burns, planet)}
    for title, side in (("Beside the planet", False), ("Beside the planet, north up", True)):
        if beside := flights.from_planet(flown.path.name, drawn, planet, side=side):
            ways[title] = beside
    if kind == "capture" and (front := _front(label, to)):
        ways["Δv against time"] = front
    return {
        "title": flown.path.name,
        "legs": [{"label": what, "track": _rows(t, states)} for what, t, states in drawn],
        "burns": [burn.summary() for burn in flown.burns],
        "depart_days": flown.path.span[0] / DAY,
        "figures": [{"title": title, "says": flown.path.name, "figure": figure} for title, figure in ways.items()],
        "notes": [f"moved by: {flown.forces}", *flown.leaves_out],
        "downloads": {form: _address(label, kind, to, form) for form in files.SUFFIX},
        "command": _command(label, kind, to),
    }


def download(name: str, kind: str, to: str, form: str) -> tuple[bytes, str]:
    """The same flight as a file of a format, and what the file is called. Raises as ``legs``."""
    if form not in files.SUFFIX:
        raise UnknownName("format", form, list(files.SUFFIX))
    _, flown, arcs = _flown(named.asteroid(name).designation, kind, to)
    called = files.default_file(flown.path.name, form).name
    if form == "ics":
        events = calendar.of_burns(flown.path.name, flown.burns, flown.forces)
        return calendar.text(events, stamp_tdb=flown.path.span[0], name=flown.path.name).encode(), called
    if form == "spk":
        with TemporaryDirectory() as folder:
            files.write(flown.path, form, flown.path.span, Path(folder) / called)
            return (Path(folder) / called).read_bytes(), called
    return files.content(form, arcs, flown.burns, flown.forces), called


def _flown(designation: str, kind: str, to: str) -> tuple[str, Any, list[Samples]]:
    if kind == "capture":
        destinations.find(to)
    with _ONE_AT_A_TIME:  # a second reader waits for the first one's answer instead of working it out again
        return designation, *_kept(designation, kind, to if kind == "capture" else "")


@lru_cache(maxsize=32)
def _kept(designation: str, kind: str, to: str) -> tuple[Any, list[Samples]]:
    flown = capture_flight.flown(designation, to) if kind == "capture" else flight.roundtrip(designation)
    return flown, samples.of_arcs(flown.path, flown.path.span)


@lru_cache(maxsize=32)
def _front(designation: str, to: str) -> Json | None:
    """What haste costs: the plans to a libration point that no other beats in both Δv and time."""
    if not destinations.find(to).point:
        return None
    first, last = map(epochs.parse, capture_flight.SPAN)
    try:
        dates = retrieval_dates.of(named.asteroid(designation).orbit, to, (first, last))
    except NoSolution:
        return None
    return retrievals.pareto_front(dates.front)


def _runs(labels: Sequence[str], arcs: Sequence[Samples]) -> list[tuple[str, list[Samples]]]:
    """Neighbouring arcs of one label together: between them lie pushes too small to see."""
    pairs = itertools.groupby(zip(labels, arcs, strict=True), key=lambda pair: pair[0])
    return [(label, [arc for _, arc in pieces]) for label, pieces in pairs]


def _joined(pieces: Sequence[Samples]) -> tuple[Array, Array]:
    return np.concatenate([arc.epoch_tdb for arc in pieces]), np.concatenate([arc.states for arc in pieces])


def _rows(t: Array, states: Array) -> Sequence[Sequence[float]]:
    step = max(1, len(t) // MOST_ROWS)
    kept = np.unique(np.append(np.arange(0, len(t), step), len(t) - 1))
    rows: list[list[float]] = (
        np.column_stack([t[kept] / DAY, frames.to_ecliptic(states[kept, :3]) / AU_KM]).round(7).tolist()
    )
    return rows


def _address(label: str, kind: str, to: str, form: str) -> str:
    return f"/api/asteroid/{quote(label)}/flight.{form}?kind={kind}" + (f"&to={to}" if kind == "capture" else "")


def _command(label: str, kind: str, to: str) -> Json:
    words = f"--capture {to}" if kind == "capture" else "--trip"
    ways = {
        "capture": ("capture_flight", f"flown({label!r}, {to!r})"),
        "roundtrip": ("flight", f"roundtrip({label!r})"),
    }
    module, made = ways[kind]
    python = f"from motherlode.study import {module}\nflown = {module}.{made}\nprint(flown.path.span, flown.burns)"
    return {
        "shell": f'motherlode export "{label}" {words} --format oem',
        "python": python,
        "json": f"/api/asteroid/{quote(label)}/legs?kind={kind}" + (f"&to={to}" if kind == "capture" else ""),
    }
