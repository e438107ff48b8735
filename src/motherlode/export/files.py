"""One mover, any format: the file that another tool reads, whole or not at all."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from motherlode import epochs
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.sampled import Burn, Itinerary
from motherlode.errors import StoreError, UnknownName
from motherlode.export import calendar, columns, gmat, oem, opm, samples, spk, stk
from motherlode.export.calendar import Event
from motherlode.export.samples import Samples

SUFFIX: Final = {
    "spk": ".bsp",
    "oem": ".oem",
    "opm": ".opm",
    "gmat": ".script",
    "stk": ".e",
    "ics": ".ics",
    "csv": ".csv",
    "votable": ".vot",
}
TRIP_FORMATS: Final = ("spk", "oem", "opm")  # those that can hold arcs with burns between them
SPACECRAFT: Final = -900_001  # NAIF code of the spacecraft of a trip


def write(
    mover: Mover,
    form: str,
    span: tuple[float, float],
    out: Path | None = None,
    *,
    burns: Sequence[Burn] = (),
    forces: str = "",
    step_s: float | None = None,
) -> dict[str, Any]:
    """Write the motion of a mover over a span, TDB s past J2000.

    form     spk, oem, opm, gmat, stk, csv or votable; spk, oem or opm for an itinerary
    out      file; by default the mover's name with the format's ending, in the working folder
    step_s   equal steps; by default as dense as the motion asks for
    returns  file, format, n_samples, and naif_id of an SPK
    raises   UnknownName, BadInput, OutsideEphemeris, StoreError
    """
    formats = TRIP_FORMATS if isinstance(mover, Itinerary) else tuple(x for x in SUFFIX if x != "ics")
    if form not in formats:
        raise UnknownName("format", form, list(formats))
    target = out or default_file(mover.name, form)
    arcs = samples.of_arcs(mover, span, step_s=step_s)
    done = {"file": str(target), "format": form, "n_samples": sum(len(arc.epoch_tdb) for arc in arcs)}
    if form == "spk":
        code = SPACECRAFT if isinstance(mover, Itinerary) else None
        return done | {"naif_id": spk.write(arcs, target, target=code)}
    put(target, _written(form, arcs, burns, forces))
    return done


def write_calendar(name: str, events: Sequence[Event], stamp_tdb: float, out: Path | None = None) -> dict[str, Any]:
    """Write events as a calendar. Raises StoreError."""
    target = out or default_file(name, "ics")
    put(target, calendar.text(events, stamp_tdb=stamp_tdb, name=f"{name} windows"))
    return {"file": str(target), "format": "ics", "n_events": len(events)}


def default_file(name: str, form: str) -> Path:
    """A name with the ending of its format; raises UnknownName for a format that is not."""
    if form not in SUFFIX:
        raise UnknownName("format", form, list(SUFFIX))
    return Path(name.replace(" ", "_").replace("/", "_") + SUFFIX[form])


def _written(form: str, arcs: Sequence[Samples], burns: Sequence[Burn], forces: str) -> str:
    first = arcs[0]
    created = epochs.iso(first.span[0], digits=0)
    match form:
        case "oem":
            return oem.text(arcs, created=created, forces=forces)
        case "opm":
            return opm.text(first.name, first.span[0], first.states[0], burns, created=created)
        case "gmat":
            return gmat.text(first, forces=forces)
        case "csv":
            return columns.as_csv(columns.of(first))
        case "votable":
            return columns.as_votable(columns.of(first), name=first.name, description=forces)
        case _:
            return stk.text(first, forces=forces)


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
