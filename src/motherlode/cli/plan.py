"""``motherlode plan STUDY.toml``: which missions, when, whose; fleet, schedule, shares, risk."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from motherlode.cli.options import Json, Quiet, Runs
from motherlode.cli.printer import Printer

STUDY = Annotated[
    str, typer.Argument(help="Study file with a [campaign], folder of a run, or name of an example.", metavar="STUDY")
]
RESUME = Annotated[bool, typer.Option("--resume/--fresh", help="Start from the best plan kept, or anew.")]
ICS = Annotated[Path | None, typer.Option("--ics", help="Write windows and milestones as an iCalendar file.")]
FIGURES = Annotated[Path | None, typer.Option("--figures", help="Write the figures as Plotly JSON into a folder.")]


def register(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command("plan")(plan)


def plan(
    study: STUDY,
    runs: Runs = Path("runs"),
    resume: RESUME = True,
    ics: ICS = None,
    figures: FIGURES = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """The campaign: missions, fleet, schedule, shares, risk; rivals and partners.

    While the long solve runs, its bound, best plan, gap and time left are shown. Ctrl-C stops it: the best plan so
    far is the answer, and it is kept, so that the next run goes on from it.

    Example: motherlode plan mars-race-1990s --ics mars.ics
    """
    from motherlode.study import config, fleet

    printer, asked = Printer(as_json, quiet), config.Study.load(study)
    progress, told = printer.progress(), _Teller(quiet or as_json)
    signal.signal(signal.SIGINT, told.stop)
    try:
        folder = runs / asked.name
        answer, done = fleet.plan(asked, folder=folder, fresh=not resume, watch=told.watch, progress=progress.update)
    finally:
        progress.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _write(answer, done, ics, figures)
    if not printer.document(answer):
        show(printer, answer)


class _Teller:
    """Shows the long solve on standard error, a line every few seconds, and stops it when asked."""

    def __init__(self, silent: bool) -> None:
        self._silent, self._told, self._stopped = silent, 0.0, False

    def stop(self, *_: Any) -> None:
        """Ask the solve to end with the best plan so far; a second time ends the program."""
        if self._stopped:
            raise KeyboardInterrupt
        self._stopped = True
        print("motherlode: stopping with the best plan so far", file=sys.stderr)

    def watch(self, progress: Any) -> bool:
        """See the progress; answer whether to go on."""
        if not self._silent and progress.seconds - self._told >= 2.0:
            self._told = progress.seconds
            print(line(progress), file=sys.stderr, flush=True)
        return not self._stopped


def line(progress: Any) -> str:
    """One line of the long solve."""
    finite = progress.gap < 1e6
    gap = f"{progress.gap:.1%}" if finite else "no plan yet"
    left = f", about {progress.eta_s:,.0f} s left" if finite and progress.eta_s < 1e6 else ""
    best = f"best {progress.incumbent:,.0f}, " if finite else ""
    return f"plan: {best}bound {progress.bound:,.0f}, gap {gap}, {progress.seconds:,.0f} s{left}"


def _write(answer: dict[str, Any], done: Any, ics: Path | None, figures: Path | None) -> None:
    import json

    from motherlode import durable

    if ics is not None:
        from motherlode.export import milestones

        durable.write(ics, milestones.text(done).encode())
    if figures is not None:
        from motherlode.cli.printer import plain
        from motherlode.figures import campaign

        figures.mkdir(parents=True, exist_ok=True)
        for entry in campaign.every(done, answer):
            name = entry["title"].lower().replace(", ", "-").replace(" ", "-")
            durable.write(figures / f"{name}.json", json.dumps(plain(entry["figure"])).encode())


def show(printer: Printer, answer: dict[str, Any]) -> None:
    """The answer for people."""
    printer.heading(answer["title"])
    for found in answer["plans"]:
        _show_plan(printer, found)
    if agreed := answer["agreement"]:
        show_agreement(printer, agreed)
    if partners := answer["partners"]:
        _show_partners(printer, partners)
    if supplied := answer["supply"]:
        keys = ("imleo_kg", "without_plants_kg", "saved", "plants_kg", "cost_usd")
        printer.facts({key: supplied[key] for key in keys}, title="Supply of the base")
        printer.table(supplied["windows"], {"depart_tdb": "leaves", "lifted_kg": "lifted, kg"})
    if contest := answer["race"]:
        columns = {
            "party": "party",
            "probability_first": "first",
            "probability_arrives": "arrives",
            "delay_d": "late, d",
        }
        printer.table(contest["parties"], columns, title="Race")
    if game := answer["game"]:
        rows = [dict(zip(game["parties"], e["goes"])) | {"pure": e["pure"]} for e in game["equilibria"]]
        printer.table(rows, title="Equilibria: chance that each goes")
        printer.line(game["note"])
    printer.facts(
        {"slack": f"{answer['slack']['recommended_d']:.0f} d before a hard date", "law": answer["law"]["rule"]}
    )
    for text in answer["assumptions"]:
        printer.line(f"assumption: {text}")
    for text in answer["leaves_out"]:
        printer.line(f"leaves out: {text}")


def _show_plan(printer: Printer, found: dict[str, Any]) -> None:
    who = "" if found["party"] == "all" else f"{found['party']}: "
    gap = f"gap {found['gap']:.2%}" if found["gap"] < 10 else "no bound"
    columns = {
        "option": "mission",
        "arrive_tdb": "arrives",
        "end_tdb": "ends",
        "lift_kg": "lifted, kg",
        "delivered_kg_mean": "delivered, kg",
        "status": "status",
    }
    printer.table(
        found["missions"], columns, title=f"{who}{len(found['missions'])} missions, {found['status']}, {gap}"
    )
    if not found["missions"]:
        printer.line("nothing here earns what it costs: the best plan flies nothing")
        return
    printer.table(found["launches"], {"launcher": "launcher", "year": "year", "count": "launches", "usd": "USD"})
    futures = found["risk"] or {}
    printer.facts({"npv_usd": found["npv_usd"], "worst_tenth_usd": found["worst_tenth_usd"]})
    if futures:
        keys = ("npv_usd", "probability_npv_positive", "cash_at_risk_usd", "recourse_usd")
        printer.facts({f"with hazards: {key}": futures[key] for key in keys})
        heads = ("project", "delivered", "lost at launch", "cancelled", "failed later", "slip_d_p50", "slip_d_p90")
        printer.table(futures["projects"], {key: key.replace("_", " ") for key in heads})


def show_agreement(printer: Printer, agreed: dict[str, Any]) -> None:
    """How plan and base came to agree, a line each round."""
    columns = {
        "labour_share": "work done",
        "probability_on_time": "burn on time",
        "stoppages_per_yr": "stoppages a year",
        "value_usd": "together, USD",
    }
    rows = [one | one["fairness"] for one in agreed["rounds"]]
    partners = {nation: f"fairness: {nation}" for nation in agreed["rounds"][-1]["fairness"]}
    end = "agreed" if agreed["settled"] else "not yet agreed"
    printer.table(rows, columns | partners, title=f"Plan and base, {agreed['base']}: {end}")
    printer.line(agreed["note"])


def _show_partners(printer: Printer, partners: dict[str, Any]) -> None:
    rows = [
        {"rule": rule["rule"], **rule["shares_usd"], "who leaves": _leaving(rule["blocking"])}
        for rule in partners["rules"]
    ]
    printer.table(rows, title="Shares of what all could do together, USD")
    printer.facts(
        {"together_usd": partners["value_usd"], "tension_usd": partners["tension_usd"], "core": partners["core"]}
    )


def _leaving(block: dict[str, Any] | None) -> str:
    return " and ".join(block["members"]) if block else "nobody"
