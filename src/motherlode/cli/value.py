"""What an asteroid is worth, in four answers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("value")(value)


def value(
    names: Annotated[
        list[str], typer.Argument(help="Asteroid, in any usual spelling; several are ranked under each value.")
    ],
    product: Annotated[
        str, typer.Option("--product", help="water, propellant, metal, pgm, volatiles or shielding.")
    ] = "water",
    to: Annotated[str, typer.Option("--to", help="Place of sale, such as eml1, mars-orbit or earth.")] = "eml1",
    port: Annotated[str, typer.Option("--port", help="Home port of the mission.")] = "earth-400km",
    vintage: Annotated[
        int | None,
        typer.Option("--vintage", help="Year of prices and launch costs; that of the departure where not given."),
    ] = None,
    launch: Annotated[str, typer.Option("--launch", help="Launch prices: low, central or high.")] = "central",
    demand: Annotated[str, typer.Option("--demand", help="How prices answer: elastic or linear.")] = "elastic",
    discount: Annotated[float, typer.Option("--discount", min=0.0, max=1.0, help="Discount rate a year.")] = 0.10,
    fleet: Annotated[int, typer.Option("--fleet", min=1, help="Missions that share the development.")] = 5,
    prices: Annotated[
        Path | None, typer.Option("--prices", help="CSV of prices instead of the packaged one.", metavar="FILE")
    ] = None,
    verified: Annotated[
        bool, typer.Option("--verified", help="Leave out methods and compositions that were only recalled.")
    ] = False,
    depth: Annotated[
        bool, typer.Option("--depth", help="Add tornado, Sobol indices and the worth of looking first.")
    ] = False,
    figure: Annotated[
        str | None,
        typer.Option("--figure", help="Write tornado, waterfall, market or sobol as Plotly JSON to --out."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="File of --figure.", metavar="FILE")] = Path("figure.json"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The four values side by side: gross in situ, recoverable, market-absorbed, risk-adjusted NPV.

    Example: motherlode value Bennu --product water --to mars-orbit
    """
    from motherlode.cli.printer import Printer
    from motherlode.economy import value as economy
    from motherlode.errors import UnknownName
    from motherlode.figures import economics, still
    from motherlode.study import worth

    printer = Printer(as_json, quiet)
    if demand not in ("elastic", "linear"):
        raise UnknownName("model of demand", demand, ["elastic", "linear"])
    base = economy.Terms(
        launch=launch, demand=demand, discount=discount, fleet=fleet, prices=prices, unverified=not verified
    )
    asked = [worth.ask(name, product, to, port=port, vintage=vintage, base=base) for name in names]
    if figure:
        still.write(economics.of(figure, asked[0].question, asked[0].worth), out)
        printer.line(f"{figure} written to {out}")
    found = [_answer(one, depth) for one in asked]
    ranked = worth.side_by_side(asked) if len(asked) > 1 else {}
    if printer.document(found[0] if len(found) == 1 else {"values": found, **ranked}):
        return
    for name, answer in zip(names, found):
        _show(printer, f"{name}: {product} to {to}", answer)
    if ranked:
        printer.table(ranked["ranking"], title="The same asteroids in four orders (means)")
        for key, why in ranked["why"].items():
            printer.line(f"{key.removesuffix('_usd').replace('_', ' ')} {why}")
    for line in found[0]["leaves_out"]:
        printer.line(f"leaves out: {line}")


def _answer(asked: Any, depth: bool) -> dict[str, Any]:
    from motherlode.study import answers

    return answers.value_answer(asked.worth) | (asked.in_depth() if depth else {})


def _show(printer: Any, title: str, answer: dict[str, Any]) -> None:
    from motherlode.cli.show import PERCENTILES, spread_rows

    printer.table(spread_rows(answer), {"what": title, **{p: p for p in PERCENTILES}, "mean": "mean"})
    keys = (
        "design",
        "probability_npv_positive",
        "irr",
        "break_even_price_factor",
        "break_even_throughput_kg_d_kg",
        "delivered_kg_p50",
        "cost_usd_p50",
        "method",
        "limits",
        "notes",
    )
    printer.facts({key: answer[key] for key in keys})
    if "tornado" in answer:
        printer.table(answer["tornado"], title="One assumption at a time: mean NPV")
        printer.table(
            answer["sobol_of_market_absorbed"], title="Where the spread of the market-absorbed value comes from"
        )
        printer.facts(answer["prospecting"], title="Looking first")
        printer.facts(answer["irr_spread"], title="Internal rate of return where anything is earned")
        printer.facts(answer["masses"], title="From the parking orbit to the sale, means")
