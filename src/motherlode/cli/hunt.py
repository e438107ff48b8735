"""The main job: the whole line, from the catalogue to a ranked and costed shortlist."""

import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from motherlode.cli.options import Json, Quiet, Runs, Workers


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("hunt")(hunt)


def hunt(
    study: Annotated[
        str, typer.Argument(help="Study file (TOML), or the name of a packaged example.")
    ] = "first-light",
    runs: Runs = Path("runs"),
    workers: Workers = None,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on where a run stopped, or start anew.")
    ] = True,
    top: Annotated[int, typer.Option("--top", min=1, help="Rows of the ranked table on screen.")] = 20,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Dask scheduler that does the work: tls://HOST:8786.")
    ] = None,
    cluster_tls: Annotated[
        Path | None, typer.Option("--cluster-tls", help="Folder of ca.pem, cert.pem and key.pem for the cluster.")
    ] = None,
    redact: Annotated[str | None, typer.Option("--redact", help="Leave a part out of the report: economics.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Take the whole catalogue to a ranked, costed shortlist; tables and report.html go into a folder of the run.

    A run that was stopped or killed goes on where it was. Exits 0 when all is done, 1 when some chunks had to be
    given up, 2 on bad input.

    Examples:

      motherlode hunt

      motherlode hunt happy-valley-2003 --runs results --json
    """
    from motherlode.cli.printer import Printer
    from motherlode.study import config
    from motherlode.study import hunt as job

    printer = Printer(as_json, quiet)
    text = config.text_named(study)
    bar = printer.progress()
    try:
        going = job.start(
            text,
            runs,
            origin=study,
            processes=workers,
            fresh=not resume,
            cluster=cluster,
            certificates=cluster_tls,
            tell=bar.update,
        )
        _stop_when_asked(going)
        done = going.run()
        page = _report(done.folder, redact, bar)
    except job.Stopped as stopped:
        bar.close()
        print(f"motherlode: {stopped}", file=sys.stderr)
        raise typer.Exit(130) from None
    finally:
        bar.close()
    if not printer.document(answer(done, page)):
        show(printer, done, page, top)
    if done.failures:
        step, chunk, attempts, message = done.failures[0]
        print(
            f"motherlode: {len(done.failures)} chunks failed; the first, {step} {chunk}, {attempts} times: {message}",
            file=sys.stderr,
        )
        raise typer.Exit(1)


def _stop_when_asked(going: Any) -> None:
    """One SIGTERM or interrupt stops the run between two chunks; a second one stops it at once."""

    def asked(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        going.cancel()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)


def _report(folder: Path, redact: str | None, bar: Any) -> Path:
    from motherlode.report import page

    bar.update("report", 0, 1)
    written = page.write(folder, redact=redact)
    bar.update("report", 1, 1)
    return written


def answer(done: Any, page: Path) -> dict[str, Any]:
    """The outcome as one document."""
    from motherlode.study import answers, store

    return {
        "run": done.folder.name,
        "folder": str(done.folder),
        "report": str(page),
        "seconds": round(done.seconds, 1),
        "funnel": store.funnel(done.folder),
        "failures": [dict(zip(("step", "chunk", "attempts", "message"), row)) for row in done.failures],
        "comparison": comparison(done),
        "ranked": [answers.dated(row) for row in done.ranked.rows()],
    }


COLUMNS = {
    "rank": "",
    "full_name": "asteroid",
    "port": "from",
    "min_delta_v_km_s": "Δv km/s",
    "duration_d": "days",
    "depart_tdb": "departs",
    "diameter_m_p50": "size m",
    "likely_class": "class",
    "product": "product",
    "place": "sold at",
    "gross_in_situ_usd_p50": "in situ $",
    "market_absorbed_usd_p50": "market $",
    "risk_adjusted_npv_usd_p50": "NPV $",
    "break_even_price_factor": "pays at",
    "capture_max_mass_t": "tug moves t",
}

CAPTURES = {
    "capture_rank": "",
    "full_name": "asteroid",
    "capture_destination": "brought to",
    "capture_way": "by",
    "capture_delta_v_m_s": "Δv m/s",
    "capture_depart_tdb": "first burn",
    "capture_flight_d": "days",
    "mass_t_p50": "mass t",
    "capture_max_mass_t": "tug moves t",
    "capture_label": "note",
}


def show(printer: Any, done: Any, page: Path, top: int) -> None:
    """The outcome for people: funnel, ranked table, where the rest is."""
    from motherlode.study import store

    gates = [{**gate, "port": gate["port"] or "all"} for gate in store.funnel(done.folder)]
    printer.table(
        gates,
        {"stage": "gate", "port": "from", "kept": "kept", "rejected": "rejected", "why": "why"},
        title="The funnel",
    )
    rows = [row for _, row in zip(range(top), done.ranked.rows())]
    for row in rows:
        row["break_even_price_factor"] = _times(row["break_even_price_factor"])
    printer.table(rows, COLUMNS, title=f"Ranked: the first {len(rows)} of {len(done.ranked)}")
    if whole := easiest_captures(done.ranked.rows()):
        printer.table(whole, CAPTURES, title="Brought home whole: the easiest as planned")
    if weighed := comparison(done):
        printer.table([dict(zip(weighed["heads"], row)) for row in weighed["rows"]], title=weighed["title"])
        printer.line(weighed["text"])
    printer.line("pays at: how many times today's prices the best business needs; medians, spreads are in the report")
    printer.line(f"tables {done.folder / 'tables'}")
    printer.line(f"report {page}")
    printer.line(
        f"{done.seconds:.0f} s; next: motherlode show {rows[0]['designation']!r}"
        if rows
        else "no asteroid is left; widen the study"
    )


def easiest_captures(rows: Iterable[dict[str, Any]], count: int = 5) -> list[dict[str, Any]]:
    """The asteroids of the list that take least to bring home whole, each once."""
    once = {row["designation"]: row for row in rows if row["capture_rank"]}
    return sorted(once.values(), key=lambda row: row["capture_rank"])[:count]


def comparison(done: Any) -> dict[str, Any] | None:
    """Delivery to Mars against delivery to the Earth's side, where the study sells at both."""
    from motherlode.report import words
    from motherlode.study import store
    from motherlode.study.config import Study

    return words.comparison(store.table(done.folder, "values"), Study.load(done.folder))


def _times(factor: float | None) -> str:
    return "never" if factor is None or factor == float("inf") else f"{factor:,.3g} ×"
