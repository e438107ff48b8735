"""A computed trajectory or window for other tools."""

from pathlib import Path
from typing import Annotated, Any

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export")(export)


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Asteroid in any usual spelling.")],
    form: Annotated[
        str, typer.Option("--format", help="spk, oem, opm, gmat, stk, csv, votable or ics.", metavar="FORMAT")
    ],
    first: Annotated[str, typer.Option("--from", help="First date.", metavar="A")] = "2025-01-01",
    last: Annotated[str, typer.Option("--to", help="Last date.", metavar="B")] = "2050-01-01",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; NAME.bsp and so on otherwise.")] = None,
    step: Annotated[
        float | None, typer.Option("--step", min=1e-3, help="Days between samples; as dense as the motion otherwise.")
    ] = None,
    trip: Annotated[
        bool, typer.Option("--trip", help="The spacecraft of the cheapest round trip instead: spk, oem, opm.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write an integrated path as SPICE SPK, CCSDS OEM, GMAT script or STK file, or its windows as iCalendar.

    Example: motherlode export Bennu --format oem --from 2030-01-01 --to 2032-01-01
    """
    from motherlode import epochs
    from motherlode.cli.printer import Printer
    from motherlode.export import files

    printer = Printer(as_json, quiet)
    files.default_file(name, form)
    span = epochs.parse(first), epochs.parse(last)
    answer = _windows(name, span, out) if form == "ics" and not trip else _motion(name, form, span, out, step, trip)
    if printer.document(answer):
        return
    count = f"{answer['n_events']} events" if form == "ics" else f"{answer['n_samples']:,} states"
    printer.line(f"{answer['file']}: {count}, {answer['from_tdb']} to {answer['to_tdb']}")
    if "naif_id" in answer:
        printer.line(f"NAIF code {answer['naif_id']}")
    printer.line(f"forces: {answer['forces']}")


def _windows(name: str, span: tuple[float, float], out: Path | None) -> dict[str, Any]:
    from motherlode.export import files
    from motherlode.export.calendar import Event
    from motherlode.study import motion

    path = motion.path(name, span)
    events = [Event(*event) for event in motion.events(name, span)]
    return _told(path.name, span, path.forces, motion.LEAVES_OUT) | files.write_calendar(
        path.name, events, span[0], out
    )


def _motion(
    name: str, form: str, span: tuple[float, float], out: Path | None, step: float | None, trip: bool
) -> dict[str, Any]:
    from motherlode.export import files
    from motherlode.study import flight, motion
    from motherlode.units import DAY

    step_s = None if step is None else step * DAY
    if trip:
        flown = flight.roundtrip(name)
        span = flown.path.span
        done = files.write(flown.path, form, span, out, burns=flown.burns, forces=flight.FORCES, step_s=step_s)
        return _told(flown.path.name, span, flight.FORCES, flight.LEAVES_OUT) | done
    path = motion.path(name, span)
    done = files.write(path, form, span, out, forces=path.forces, step_s=step_s)
    return _told(path.name, span, path.forces, motion.LEAVES_OUT) | done


def _told(name: str, span: tuple[float, float], forces: str, left: tuple[str, ...]) -> dict[str, Any]:
    from motherlode import epochs

    dates = {"from_tdb": epochs.iso(span[0]), "to_tdb": epochs.iso(span[1])}
    return {"designation": name, **dates, "forces": forces, "leaves_out": list(left)}
