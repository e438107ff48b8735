"""A computed trajectory or window for other tools."""

from pathlib import Path
from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export")(export)


def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Asteroid in any usual spelling.")],
    form: Annotated[str, typer.Option("--format", help="spk, oem, gmat, stk or ics.", metavar="FORMAT")],
    first: Annotated[str, typer.Option("--from", help="First date.", metavar="A")] = "2025-01-01",
    last: Annotated[str, typer.Option("--to", help="Last date.", metavar="B")] = "2050-01-01",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; NAME.bsp and so on otherwise.")] = None,
    step: Annotated[
        float | None, typer.Option("--step", min=1e-3, help="Days between samples; as dense as the motion otherwise.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write an integrated path as SPICE SPK, CCSDS OEM, GMAT script or STK file, or its windows as iCalendar.

    Example: motherlode export Bennu --format oem --from 2030-01-01 --to 2032-01-01
    """
    from motherlode import epochs
    from motherlode.cli.printer import Printer
    from motherlode.study import handover
    from motherlode.units import DAY

    printer = Printer(as_json, quiet)
    span = epochs.parse(first), epochs.parse(last)
    answer = handover.export(name, form, span, out, step_s=None if step is None else step * DAY)
    if printer.document(answer):
        return
    count = f"{answer['n_events']} events" if form == "ics" else f"{answer['n_samples']:,} states"
    printer.line(f"{answer['file']}: {count}, {answer['from_tdb']} to {answer['to_tdb']}")
    if "naif_id" in answer:
        printer.line(f"NAIF code {answer['naif_id']}")
    printer.line(f"forces: {answer['forces']}")
