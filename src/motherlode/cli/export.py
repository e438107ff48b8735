"""A computed trajectory or window for other tools."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from motherlode.cli.options import Json, Quiet

SPAN: Final = ("2025-01-01", "2050-01-01")
CAPTURE_SPAN: Final = ("2028-01-01", "2050-01-01")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export")(export)


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Asteroid in any usual spelling.")],
    form: Annotated[
        str,
        typer.Option("--format", help="spk, oem, opm, gmat, stk, csv, votable, parquet or ics.", metavar="FORMAT"),
    ],
    first: Annotated[str, typer.Option("--from", help="First date; of a capture, not before.", metavar="A")] = "",
    last: Annotated[str, typer.Option("--to", help="Last date; of a capture, not after.", metavar="B")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; NAME.bsp and so on otherwise.")] = None,
    step: Annotated[
        float | None, typer.Option("--step", min=1e-3, help="Days between samples; as dense as the motion otherwise.")
    ] = None,
    trip: Annotated[bool, typer.Option("--trip", help="The spacecraft of the cheapest round trip instead.")] = False,
    capture: Annotated[
        str,
        typer.Option(
            "--capture",
            help="The asteroid on its cheapest way to a destination instead, such as sun-earth-l2.",
            metavar="DESTINATION",
        ),
    ] = "",
    way: Annotated[
        str, typer.Option("--way", help="Of a capture, not the cheapest but this, such as 'ballistic capture'.")
    ] = "",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write an integrated path for another tool, or its windows as iCalendar.

    SPICE SPK, CCSDS OEM and OPM, GMAT script, STK ephemeris, CSV, VOTable, Parquet, iCalendar.

    Example: motherlode export Bennu --format oem --from 2030-01-01 --to 2032-01-01
    """
    from motherlode.cli.printer import Printer
    from motherlode.errors import BadInput
    from motherlode.export import files

    printer = Printer(as_json, quiet)
    files.default_file(name, form)
    if trip and capture:
        raise BadInput("--trip and --capture are two different flights; ask for one of them")
    if way and not capture:
        raise BadInput("--way chooses among the ways of a capture; name its place with --capture")
    span = first or SPAN[0], last or SPAN[1]
    if trip or capture:
        answer = _flight(name, form, span if first or last else CAPTURE_SPAN, out, step, capture, way)
    else:
        answer = _windows(name, span, out) if form == "ics" else _motion(name, form, span, out, step)
    if printer.document(answer):
        return
    count = f"{answer['n_events']} events" if form == "ics" else f"{answer['n_samples']:,} states"
    printer.line(f"{answer['file']}: {count}, {answer['from_tdb']} to {answer['to_tdb']}")
    if "naif_id" in answer:
        printer.line(f"NAIF code {answer['naif_id']}")
    for burn in answer.get("burns", ()):
        printer.line(f"{burn['epoch_tdb']}: {burn['delta_v_m_s']:,.1f} m/s, {burn['what']}")
    printer.line(f"forces: {answer['forces']}")


def _windows(name: str, days: tuple[str, str], out: Path | None) -> dict[str, Any]:
    from motherlode import epochs
    from motherlode.export import files
    from motherlode.export.calendar import Event
    from motherlode.study import motion

    span = epochs.parse(days[0]), epochs.parse(days[1])
    path = motion.path(name, span)
    events = [Event(*event) for event in motion.events(name, span)]
    return _told(path.name, span, path.forces, motion.LEAVES_OUT) | files.write_calendar(
        path.name, events, span[0], out
    )


def _motion(name: str, form: str, days: tuple[str, str], out: Path | None, step: float | None) -> dict[str, Any]:
    from motherlode import epochs
    from motherlode.export import files
    from motherlode.study import motion
    from motherlode.units import DAY

    span = epochs.parse(days[0]), epochs.parse(days[1])
    path = motion.path(name, span)
    done = files.write(path, form, span, out, forces=path.forces, step_s=None if step is None else step * DAY)
    return _told(path.name, span, path.forces, motion.LEAVES_OUT) | done


def _flight(
    name: str, form: str, days: tuple[str, str], out: Path | None, step: float | None, capture: str, way: str
) -> dict[str, Any]:
    """A round trip, or a capture at a destination: its arcs, its burns."""
    from motherlode.export import files
    from motherlode.study import capture_flight, flight
    from motherlode.units import DAY

    flown = capture_flight.flown(name, capture, span=days, way=way) if capture else flight.roundtrip(name)
    path, burns, forces, span = flown.path, flown.burns, flown.forces, flown.path.span
    told = _told(path.name, span, forces, flown.leaves_out) | {"burns": [burn.summary() for burn in burns]}
    if form == "ics":
        return told | files.write_burns(path.name, burns, forces, span[0], out)
    step_s = None if step is None else step * DAY
    return told | files.write(path, form, span, out, burns=burns, forces=forces, step_s=step_s)


def _told(name: str, span: tuple[float, float], forces: str, left: tuple[str, ...]) -> dict[str, Any]:
    from motherlode import epochs

    dates = {"from_tdb": epochs.iso(span[0]), "to_tdb": epochs.iso(span[1])}
    return {"designation": name, **dates, "forces": forces, "leaves_out": list(left)}
