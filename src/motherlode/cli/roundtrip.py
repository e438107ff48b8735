"""There and back: the round-trip search."""

from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("roundtrip")(roundtrip)


def roundtrip(
    names: Annotated[list[str], typer.Argument(help="Asteroids, in any usual spelling.")],
    rules: Annotated[str, typer.Option("--rules", help="Set of rules: nhats.")] = "nhats",
    port: Annotated[
        str, typer.Option("--port", help="Home port, such as earth-400km or mars-phobos.")
    ] = "earth-400km",
    depart: Annotated[
        str | None, typer.Option("--depart", help="Another launch window, A..B.", metavar="A..B")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Every round trip on the lattice of the rules: the cheapest, the shortest, how many.

    Examples:

      motherlode roundtrip Bennu --json

      motherlode roundtrip Ryugu Itokawa --port mars-phobos
    """
    from motherlode.cli.printer import Printer
    from motherlode.cli.ranges import dates
    from motherlode.study import answers, named

    printer = Printer(as_json, quiet)
    found = answers.roundtrips(names, rules=named.rules(rules, dates(depart) if depart else None), port=port)
    if printer.document(found):
        return
    keys = {
        "full_name": "asteroid",
        "min_delta_v_km_s": "min Δv km/s",
        "duration_d": "days",
        "min_duration_d": "shortest d",
        "delta_v_at_min_duration_km_s": "its Δv km/s",
        "n_trajectories": "trips",
        "departs": "departs",
        "flags": "flags",
    }
    rows = [{**one, "departs": (one["best"] or {}).get("launch_tdb")} for one in found]
    printer.table(rows, keys, title=f"Round trips from {port}, rules {rules}")
    if len(found) == 1 and found[0]["best"]:
        printer.facts(found[0]["best"], title="The cheapest")
    for line in found[0]["leaves_out"]:
        printer.line(f"leaves out: {line}")
