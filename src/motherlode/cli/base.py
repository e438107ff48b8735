"""``motherlode base STUDY.toml``: the base and its people over the campaign."""

from typing import Annotated, Any

import typer

from motherlode.cli.options import Json, Quiet
from motherlode.cli.plan import show_agreement
from motherlode.cli.printer import Printer

STUDY = Annotated[
    str, typer.Argument(help="Study file, folder of a run, or the name of an example.", metavar="STUDY")
]
RUNS = Annotated[int, typer.Option("--runs", min=2, max=100_000, help="Monte Carlo runs.")]
QUICK = Annotated[bool, typer.Option("--quick", help="Leave out levers, slack and the ranking of judgements.")]


def register(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command("base")(base)


def base(study: STUDY, runs: RUNS = 200, quick: QUICK = False, as_json: Json = False, quiet: Quiet = False) -> None:
    """The base and its people: stocks, growth, losses, tension, and whether the capture is flown on time."""
    from motherlode.study import home  # NumPy and the study machinery: not needed to print help
    from motherlode.study.config import Study

    printer = Printer(as_json, quiet)
    progress = printer.progress()
    try:
        answer = home.base(Study.load(study), runs=runs, more=not quick, progress=progress.update)
    finally:
        progress.close()
    if not printer.document(answer):
        _print(printer, answer)


def _print(printer: Printer, answer: dict[str, Any]) -> None:
    population, capture = answer["population"], answer["capture"]
    printer.heading(f"{answer['base']}, {answer['start']} to {answer['end']}, {answer['runs']} runs")
    printer.facts(
        {
            "people_start": population["start"],
            "people_end": population["end"],
            "chance_of_any_loss": answer["probability_of_any_loss"],
        }
    )
    printer.table(
        answer["windows"],
        {
            "depart": "leaves",
            "arrive": "lands",
            "people": "people",
            "landed_t": "landed, t",
            "spares_share": "spares",
            "bottleneck": "limited by",
            "displaced_t": "displaced, t",
        },
        title="Supply windows",
    )
    printer.table([{"cause": cause, **row} for cause, row in answer["losses"].items()], title="People lost, by cause")
    if answer["shortages"]:
        printer.table(answer["shortages"], title="What ran out in some of the runs")
    printer.table(
        [
            {**row, **{key: _range(row[key]) for key in ("probability_of_any", "expected_per_window")}}
            for row in answer["stoppages"]
        ],
        title="Stoppages (range over the judgements)",
    )
    if capture:
        _print_capture(printer, answer, capture)
    if answer["agreement"]:
        show_agreement(printer, answer["agreement"])
    printer.table(answer["events"][-25:], title="A typical run, its last events")
    for label in answer["labels"]:
        printer.line(f"Note: {label}.")
    for left in answer["leaves_out"]:
        printer.line(f"Left out: {left}.")


def _print_capture(printer: Printer, answer: dict[str, Any], capture: dict[str, Any]) -> None:
    facts = {
        "burn": capture["burn"],
        "flown_on_time": _range(capture["probability_on_time"]),
        "ready": capture["probability_ready"],
        "team_present": capture["probability_team_present"],
        "ever_flown": capture["probability_flown"],
        "expected_delay_d": capture["expected_delay_d"],
        "value_at_risk_usd": capture["value_at_risk_usd"],
    }
    if "recommended_slack_d" in answer:
        facts["recommended_slack_d"] = answer["recommended_slack_d"]
    printer.facts(facts, title=f"The capture: {capture['name']}")
    if "unrest" in answer:
        printer.facts(answer["unrest"], title="What unrest costs")
    if answer.get("levers"):
        columns = {
            "lever": "lever",
            "probability_on_time": "on time",
            "gain": "gain",
            "gain_error": "±",
            "gain_low": "low",
            "gain_high": "high",
            "people_at_end_change": "people",
        }
        printer.table(answer["levers"], columns, title="Each lever alone, best first")


def _range(value: dict[str, float]) -> str:
    return f"{value['mean']:.2f} ({value['low']:.2f} … {value['high']:.2f})"
