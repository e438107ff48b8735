"""A porkchop of any two movers."""

from pathlib import Path
from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("porkchop")(porkchop)


def porkchop(
    origin: Annotated[str, typer.Argument(metavar="FROM", help="Planet or asteroid to leave.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Planet or asteroid to reach.")],
    depart: Annotated[str, typer.Option("--depart", help="Departure dates.", metavar="A..B")],
    flight: Annotated[str, typer.Option("--flight", help="Days of flight.", metavar="A..B")],
    step: Annotated[
        float | None, typer.Option("--step", help="Spacing of both axes in days; 1 where the grid stays small.")
    ] = None,
    criterion: Annotated[
        str, typer.Option("--by", help="What is best: c3, delta_v, v_infinity_depart, v_infinity_arrive.")
    ] = "c3",
    from_port: Annotated[str | None, typer.Option("--from-port", help="Port to leave from.")] = None,
    to_port: Annotated[str | None, typer.Option("--to-port", help="Port to arrive at.")] = None,
    revolutions: Annotated[int, typer.Option("--revolutions", help="Complete turns on the way.")] = 0,
    branch: Annotated[
        str, typer.Option("--branch", help="With turns: low or high, as in Lambert's problem.")
    ] = "low",
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Write the chart: .json (Plotly), .svg, .png or .pdf.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The cost of leaving on each day and flying for so long, and the best window.

    Example: motherlode porkchop earth mars --depart 2003-01-01..2003-12-31 --flight 100..350
    """
    from motherlode.cli.printer import Printer
    from motherlode.cli.ranges import dates, days
    from motherlode.study import launch_windows

    printer = Printer(as_json, quiet)
    chart = launch_windows.grid(
        origin,
        target,
        dates(depart),
        days(flight),
        step_d=step,
        from_port=from_port,
        to_port=to_port,
        revolutions=revolutions,
        branch=branch,
    )
    answer = launch_windows.answer(chart, criterion)
    if figure:
        from motherlode.figures import still, transfers

        still.write(transfers.porkchop(chart, "delta_v" if criterion == "delta_v" else criterion), figure)
    if printer.document(answer):
        return
    rows = [{"window": "best", **answer["best"]}]
    rows += [{"window": f"type {kind}", **one} for kind, one in answer["best_by_type"].items() if "reason" not in one]
    for row in rows:  # the optimum is flat: a second either way is below the last digit of its cost
        row |= {key: row[key][:16].replace("T", " ") for key in ("depart_tdb", "arrive_tdb")}
    keys = {
        "window": "window",
        "depart_tdb": "departs",
        "arrive_tdb": "arrives",
        "flight_d": "days",
        "c3_km2_s2": "C3 km²/s²",
        "v_infinity_arrive_km_s": "v∞ arrival km/s",
        "declination_deg": "declination °",
        "delta_v_km_s": "Δv km/s",
    }
    printer.table(rows, keys, title=f"{chart.origin.name} to {chart.target.name}, least {criterion}")
    for line in answer["leaves_out"]:
        printer.line(f"leaves out: {line}")
