"""Handing one asteroid's motion and windows to other tools, in the formats that they read."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from motherlode import epochs
from motherlode.ephemeris import almanac, approaches
from motherlode.errors import StoreError, UnknownName
from motherlode.export import calendar, gmat, oem, samples, spk, stk
from motherlode.export.calendar import Event
from motherlode.export.samples import Samples
from motherlode.study import answers, motion
from motherlode.units import DAY, HOUR

SUFFIX: Final = {"spk": ".bsp", "oem": ".oem", "gmat": ".script", "stk": ".e", "ics": ".ics"}
BURNS: Final = (  # keys of the answer, and what happens then
    ("launch_tdb", "departure_delta_v_km_s", "leaves home"),
    ("arrive_tdb", "arrival_delta_v_km_s", "arrives at the asteroid"),
    ("leave_tdb", "leaving_delta_v_km_s", "leaves the asteroid"),
    ("return_tdb", "return_delta_v_km_s", "is home"),
)
TEXTS: Final[dict[str, Callable[[Samples, str], str]]] = {
    "oem": lambda path, forces: oem.text(path, created=epochs.iso(path.span[0], digits=0), forces=forces),
    "gmat": lambda path, forces: gmat.text(path, forces=forces),
    "stk": lambda path, forces: stk.text(path, forces=forces),
}


def export(
    name: str, form: str, span: tuple[float, float], out: Path | None = None, *, step_s: float | None = None
) -> dict[str, Any]:
    """Write the integrated path of an asteroid, or its windows as a calendar, to a file.

    form     spk, oem, gmat, stk or ics
    span     TDB s past J2000
    out      file; by default the designation with the format's ending, in the working folder
    step_s   equal steps; by default as dense as the motion asks for
    raises   UnknownName, UnknownAsteroid, BadInput, OutsideEphemeris, NoSolution, StoreError
    """
    if form not in SUFFIX:
        raise UnknownName("format", form, list(SUFFIX))
    path = motion.path(name, span)
    target = out or Path(path.name.replace(" ", "_").replace("/", "_") + SUFFIX[form])
    done: dict[str, Any] = {"designation": path.name, "format": form, "file": str(target), "forces": path.forces}
    done |= {"from_tdb": epochs.iso(span[0]), "to_tdb": epochs.iso(span[1]), "leaves_out": list(motion.LEAVES_OUT)}
    if form == "ics":
        found = events(name, span)
        put(target, calendar.text(found, stamp_tdb=span[0], name=f"{path.name} windows"))
        return done | {"n_events": len(found)}
    dense = samples.of(path, span, step_s=step_s)
    if form == "spk":
        return done | {"n_samples": len(dense.epoch_tdb), "naif_id": spk.write(dense, target)}
    put(target, TEXTS[form](dense, path.forces))
    return done | {"n_samples": len(dense.epoch_tdb)}


def events(name: str, span: tuple[float, float]) -> list[Event]:
    """Close approaches to Earth and Mars in a span, and the burns of the cheapest round trip where there is one."""
    path = motion.path(name, span)
    found = []
    for body in ("earth", "mars"):
        for row in approaches.find(path, almanac.load()[body], span).rows():
            t, what = row["epoch_tdb"], f"{row['distance_km']:,.0f} km at {row['v_relative_km_s']:.2f} km/s"
            found.append(Event(f"{path.name} passes {body}: {what}", t, t + HOUR, path.forces))
    return found + _trip(name, span)


def _trip(name: str, span: tuple[float, float]) -> list[Event]:
    trip = answers.roundtrips([name])[0]
    best = trip.get("best") or {}
    found = []
    for date, burn, what in BURNS:
        t = epochs.parse(best[date]) if best.get(date) else span[0] - 1.0
        if span[0] <= t <= span[1]:
            title = f"{trip['designation']} round trip: {what}, {best[burn]:.3f} km/s"
            found.append(Event(title, t, t + DAY, f"cheapest by {trip['rules']}; {trip['model']}"))
    return found


def put(path: Path, text: str) -> None:
    """Write a new text file, whole or not at all. Raises StoreError where it exists or cannot be written."""
    if path.exists():
        raise StoreError(f"{path} exists; choose another name with --out or remove it")
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise StoreError(f"cannot write {path}: {error.strerror}") from None
