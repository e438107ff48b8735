"""One mover, any format: the file that another tool reads, whole or not at all."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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
    "parquet": ".parquet",
}
SPACECRAFT: Final = -900_001  # NAIF code of the spacecraft of a trip, or of a captured body on its way


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

    form     spk, oem, opm, gmat, stk, csv, votable or parquet; an itinerary is cut at its burns
    burns    of an itinerary: written where the format has a place for them
    out      file; by default the mover's name with the format's ending, in the working folder
    step_s   equal steps; by default as dense as the motion asks for
    returns  file, format, n_samples, and naif_id of an SPK
    raises   UnknownName, BadInput, OutsideEphemeris, StoreError
    """
    formats = [name for name in SUFFIX if name != "ics"]
    if form not in formats:
        raise UnknownName("format", form, formats)
    target = out or default_file(mover.name, form)
    arcs = samples.of_arcs(mover, span, step_s=step_s)
    done = {"file": str(target), "format": form, "n_samples": sum(len(arc.epoch_tdb) for arc in arcs)}
    if form == "spk":
        code = SPACECRAFT if isinstance(mover, Itinerary) else None
        return done | {"naif_id": spk.write(arcs, target, target=code)}
    put(target, content(form, arcs, burns, forces))
    return done


def content(form: str, arcs: Sequence[Samples], burns: Sequence[Burn] = (), forces: str = "") -> bytes:
    """What a file of some arcs holds, for every format but SPK."""
    if form == "parquet":
        return columns.as_parquet(columns.of(arcs))
    return _written(form, arcs, burns, forces).encode()


def write_calendar(name: str, events: Sequence[Event], stamp_tdb: float, out: Path | None = None) -> dict[str, Any]:
    """Write events as a calendar. Raises StoreError."""
    target = out or default_file(name, "ics")
    put(target, calendar.text(events, stamp_tdb=stamp_tdb, name=f"{name} windows"))
    return {"file": str(target), "format": "ics", "n_events": len(events)}


def write_burns(
    name: str, burns: Sequence[Burn], forces: str, stamp_tdb: float, out: Path | None = None
) -> dict[str, Any]:
    """Write the burns of a flight as a calendar. Raises StoreError."""
    return write_calendar(name, calendar.of_burns(name, burns, forces), stamp_tdb, out)


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
            return opm.text(first.name, first.span[0], _unburnt(first, burns), burns, created=created)
        case "gmat":
            return gmat.text(arcs, forces=forces, burns=burns)
        case "csv":
            return columns.as_csv(columns.of(arcs))
        case "votable":
            return columns.as_votable(columns.of(arcs), name=first.name, description=forces)
        case _:
            return stk.text(arcs, forces=forces)


def _unburnt(first: Samples, burns: Sequence[Burn]) -> NDArray[np.float64]:
    """The first state before a burn at its own epoch: the message gives that burn as well."""
    state: NDArray[np.float64] = first.states[0].copy()
    for burn in burns:
        if burn.epoch_tdb == first.span[0]:
            state[3:] -= burn.change_km_s
    return state


def put(path: Path, held: bytes | str) -> None:
    """Write a new file, whole or not at all. Raises StoreError where it exists or cannot be written."""
    if path.exists():
        raise StoreError(f"{path} exists; choose another name with --out or remove it")
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(held.encode() if isinstance(held, str) else held)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise StoreError(f"cannot write {path}: {error.strerror}") from None
