"""Chains of gravity assists."""

from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("chain")(chain)


def chain(
    bodies: Annotated[list[str], typer.Argument(metavar="BODY...", help="Planets in order; an asteroid at the end.")],
    depart: Annotated[str, typer.Option("--depart", help="Departure dates.", metavar="A..B")],
    flights: Annotated[
        str, typer.Option("--flights", help="Days of each leg, separated by commas.", metavar="A..B,...")
    ],
    seed: Annotated[int, typer.Option("--seed", help="Of the search.")] = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The cheapest dates for a chain of fly-bys, with a burn at each periapsis.

    Example: motherlode chain earth venus mars --depart 2032-01-01..2033-12-31 --flights 80..250,100..400
    """
    from motherlode.cli.printer import Printer
    from motherlode.cli.ranges import dates, days
    from motherlode.study import journeys

    printer = Printer(as_json, quiet)
    found = journeys.chain(bodies, dates(depart), [days(leg) for leg in flights.split(",")], seed=seed)
    if printer.document(found):
        return
    keys = {"body": "body", "epoch_tdb": "date", "delta_v_km_s": "Δv km/s", "periapsis_km": "periapsis km"}
    title = f"{' - '.join(bodies)}: {found['delta_v_km_s']:.3f} km/s in {found['duration_d']:.0f} d"
    printer.table(found["stops"], keys, title=title)
    for line in found["leaves_out"]:
        printer.line(f"leaves out: {line}")
