"""Close approaches of an asteroid to a planet."""

from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("approaches")(approaches)


def approaches(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Asteroid in any usual spelling.")],
    body: Annotated[str, typer.Option("--body", help="Planet, or moon.", metavar="PLANET")] = "earth",
    first: Annotated[str, typer.Option("--from", help="First date.", metavar="A")] = "2000-01-01",
    last: Annotated[str, typer.Option("--to", help="Last date.", metavar="B")] = "2100-01-01",
    within_au: Annotated[
        float | None, typer.Option("--within-au", min=0.0, help="Largest distance; 0.1 for most planets.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """When an asteroid passes a planet, how near and how fast; its motion is integrated over the whole span.

    Example: motherlode approaches Apophis --body earth --from 2020-01-01 --to 2060-01-01
    """
    from motherlode import epochs
    from motherlode.cli.printer import Printer
    from motherlode.study import motion
    from motherlode.units import AU

    printer = Printer(as_json, quiet)
    span = epochs.parse(first), epochs.parse(last)
    answer = motion.approaches_answer(name, body, span, within_km=None if within_au is None else within_au * AU)
    if printer.document(answer):
        return
    keys = {
        "epoch_tdb": "closest (TDB)",
        "distance_km": "distance km",
        "altitude_km": "altitude km",
        "v_relative_km_s": "relative km/s",
        "v_infinity_km_s": "v∞ km/s",
    }
    title = f"{answer['full_name']} passes {body}, {answer['from_tdb']} to {answer['to_tdb']}"
    printer.table(answer["approaches"], keys, title=title)
    printer.line(f"forces: {answer['forces']}")
    for line in answer["leaves_out"]:
        printer.line(f"leaves out: {line}")
