"""Missions of any kind: one way, fly-by, and mining with a journey of its own for the haul."""

from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("mission")(mission)


def mission(
    target: Annotated[str, typer.Argument(metavar="NAME", help="Asteroid or planet to visit.")],
    depart: Annotated[str, typer.Option("--depart", help="Departure dates.", metavar="A..B")],
    kind: Annotated[str, typer.Option("--kind", help="rendezvous, fly-by or mining.")] = "mining",
    port: Annotated[str, typer.Option("--port", help="Port it leaves from.")] = "earth-400km",
    outbound: Annotated[str, typer.Option("--outbound", help="Days out.", metavar="A..B")] = "60..500",
    stay: Annotated[str, typer.Option("--stay", help="Days there.", metavar="A..B")] = "100..500",
    cargo: Annotated[str, typer.Option("--cargo", help="Days back for the haul.", metavar="A..B")] = "60..700",
    to: Annotated[
        str | None, typer.Option("--to", help="Port where the haul ends; passing: at its speed at infinity.")
    ] = None,
    revolutions: Annotated[int, typer.Option("--revolutions", help="Complete turns allowed on a leg.")] = 0,
    step: Annotated[float, typer.Option("--step", help="Spacing of all dates in days.")] = 10.0,
    power: Annotated[
        float | None, typer.Option("--power", help="Electric power in kW at 1 au: adds a low-thrust estimate.")
    ] = None,
    isp: Annotated[float, typer.Option("--isp", help="Its specific impulse in s.")] = 3000.0,
    mass: Annotated[float, typer.Option("--mass", help="Mass of the ship at departure in kg.")] = 10_000.0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The best mission to an asteroid: when it leaves, how long it stays, where the haul ends.

    Example: motherlode mission Ryugu --depart 2030-01-01..2034-12-31 --stay 200..800 --to lunar-nrho
    """
    from motherlode.access.lowthrust import Engine
    from motherlode.cli.printer import Printer
    from motherlode.cli.ranges import dates, days
    from motherlode.study import journeys

    printer = Printer(as_json, quiet)
    found = journeys.mission(
        target,
        kind,
        dates(depart),
        days(outbound),
        port=port,
        stay_d=days(stay),
        cargo_d=days(cargo),
        to_port=to,
        revolutions=revolutions,
        step_d=step,
        engine=Engine(power * 1000.0, isp) if power else None,
        mass_kg=mass,
    )
    if printer.document(found):
        return
    keys = {
        "origin": "from",
        "target": "to",
        "depart_tdb": "departs",
        "arrive_tdb": "arrives",
        "flight_d": "days",
        "departure_delta_v_km_s": "leaving km/s",
        "arrival_delta_v_km_s": "arriving km/s",
        "v_infinity_arrive_km_s": "v∞ arrival km/s",
        "revolutions": "turns",
    }
    printer.table(found["legs"], keys, title=found["said"])
    if "low_thrust" in found:
        printer.table(found["low_thrust"], title="Flown by an electric ship (estimate)")
    for line in found["leaves_out"]:
        printer.line(f"leaves out: {line}")
