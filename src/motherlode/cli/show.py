"""One asteroid: what it is, how to get there, what is in it, what it is worth."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from motherlode.cli.options import Json, Quiet

PERCENTILES = ("p05", "p16", "p50", "p84", "p95")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("show")(show)


def show(
    name: Annotated[str, typer.Argument(help="Number, name or designation, in any usual spelling.")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """One asteroid: orbit, quality flags, deposit, windows, capture options, values.

    Example: motherlode show Bennu
    """
    from motherlode.cli.printer import Printer
    from motherlode.study import answers

    printer = Printer(as_json, quiet)
    answer = answers.show(name)
    if printer.document(answer):
        return
    printer.heading(answer["full_name"])
    printer.facts({**answer["orbit"], **answer["bounds"]}, title="Orbit")
    printer.facts(answer["quality"], title="Quality of the orbit")
    measured = [{"what": key, **found} for key, found in answer["measured"].items()]
    printer.table(measured, {"what": "measured", "value": "value", "source": "source"})
    _deposit(printer, answer["deposit"])
    _windows(printer, answer["windows"])
    _capture(printer, answer["capture"])
    _values(printer, answer["value"])
    for line in answer["leaves_out"]:
        printer.line(f"leaves out: {line}")


def spread_rows(percentiles: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Percentiles as rows of a table."""
    from motherlode.cli.printer import heading

    return [
        {"what": heading(key), **row} for key, row in percentiles.items() if isinstance(row, Mapping) and "p50" in row
    ]


def _deposit(printer: Any, answer: Mapping[str, Any]) -> None:
    if "reason" in answer:
        printer.line(f"deposit: {answer['reason']}")
        return
    printer.table(spread_rows(answer), {"what": "deposit", **{p: p for p in PERCENTILES}})
    printer.line(
        "class: " + ", ".join(f"{kind} {share:.0%}" for kind, share in list(answer["class_fractions"].items())[:6])
    )


def _windows(printer: Any, answer: Mapping[str, Any]) -> None:
    if "reason" in answer:
        printer.line(f"round trip: {answer['reason']}")
        return
    if answer["best"] is None:
        printer.line(f"round trip: none from {answer['port']} within the rules {answer['rules']}")
        return
    keys = ("min_delta_v_km_s", "duration_d", "min_duration_d", "n_trajectories")
    printer.facts(
        {**{key: answer[key] for key in keys}, **answer["best"]}, title=f"Cheapest round trip from {answer['port']}"
    )


def _capture(printer: Any, answer: Any) -> None:
    if isinstance(answer, Mapping):
        printer.line(f"capture: {answer['reason']}")
        return
    heads = {
        "destination": "capture at",
        "delta_v_m_s": "Δv m/s",
        "depart_tdb": "first burn",
        "arrive_tdb": "arrives",
        "max_mass_t": "tug moves t",
        "label": "note",
    }
    printer.table(answer, heads)


def _values(printer: Any, answer: Any) -> None:
    if isinstance(answer, Mapping):
        printer.line(f"value: {answer['reason']}")
        return
    heads = {
        "product": "product",
        "place": "sold at",
        "gross_in_situ_usd": "gross in situ $",
        "recoverable_usd": "recoverable $",
        "market_absorbed_usd": "market $",
        "risk_adjusted_npv_usd": "NPV $",
    }
    printer.table(answer, heads, title="Four values: median (5 … 95 %)")
