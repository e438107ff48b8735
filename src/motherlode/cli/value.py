"""What an asteroid is worth, in four answers."""

from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("value")(value)


def value(
    name: Annotated[str, typer.Argument(help="Asteroid, in any usual spelling.")],
    product: Annotated[str, typer.Option("--product", help="water, metal or pgm.")] = "water",
    to: Annotated[str, typer.Option("--to", help="Place of sale, such as eml1, mars-orbit or earth.")] = "eml1",
    port: Annotated[str, typer.Option("--port", help="Home port of the mission.")] = "earth-400km",
    vintage: Annotated[
        int | None,
        typer.Option("--vintage", help="Year of prices and launch costs; that of the departure where not given."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The four values side by side: gross in situ, recoverable, market-absorbed, risk-adjusted NPV.

    Example: motherlode value Bennu --product water --to mars-orbit
    """
    from motherlode.cli.printer import Printer
    from motherlode.cli.show import PERCENTILES, spread_rows
    from motherlode.study import answers

    printer = Printer(as_json, quiet)
    (worth,) = answers.values(name, businesses=[(product, to)], port=port, vintage=vintage)
    answer = answers.value_answer(worth)
    if printer.document(answer):
        return
    printer.table(
        spread_rows(answer), {"what": f"{name}: {product} to {to}", **{p: p for p in PERCENTILES}, "mean": "mean"}
    )
    keys = (
        "probability_npv_positive",
        "break_even_price_factor",
        "delivered_kg_p50",
        "cost_usd_p50",
        "method",
        "limits",
        "vintage",
    )
    printer.facts({key: answer[key] for key in keys})
    for line in answer["leaves_out"]:
        printer.line(f"leaves out: {line}")
