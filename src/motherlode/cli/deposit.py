"""What is in an asteroid."""

from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("deposit")(deposit)


def deposit(
    name: Annotated[str, typer.Argument(help="Asteroid, in any usual spelling.")],
    samples: Annotated[int, typer.Option("--samples", min=50, max=100_000, help="Monte Carlo samples.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same samples.")] = 2003,
    verified: Annotated[
        bool, typer.Option("--verified", help="Leave out compositions that were only recalled.")
    ] = False,
    iron_pgm_ppm: Annotated[
        float,
        typer.Option("--iron-pgm-ppm", min=1.0, max=200.0, help="Median platinum metals of irons: 17, 20 or 40.8."),
    ] = 17.0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Percentiles of diameter, mass, spin and each resource; measured where known, published priors where not.

    Example: motherlode deposit Ryugu
    """
    from motherlode.cli.printer import Printer
    from motherlode.cli.show import PERCENTILES, spread_rows
    from motherlode.prospect.deposit import Assumptions
    from motherlode.study import answers

    printer = Printer(as_json, quiet)
    assumed = Assumptions(unverified=not verified, iron_pgm_median_ppm=iron_pgm_ppm)
    answer = answers.deposit_answer(name, samples=samples, seed=seed, assumptions=assumed)
    if printer.document(answer):
        return
    printer.table(
        spread_rows(answer["percentiles"]),
        {"what": answer["full_name"], **{p: p for p in PERCENTILES}, "mean": "mean"},
    )
    printer.line("held by: " + ", ".join(f"{how} {share:.0%}" for how, share in answer["hold_modes"].items()))
    printer.line("class: " + ", ".join(f"{kind} {share:.0%}" for kind, share in answer["class_fractions"].items()))
    printer.line("evidence: " + ", ".join(f"{what} {how}" for what, how in answer["evidence"].items()))
