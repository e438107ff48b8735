"""Bringing a whole asteroid to where it is used."""

from pathlib import Path
from typing import Annotated, Any

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("capture")(capture)


def capture(
    name: Annotated[str, typer.Argument(help="Asteroid, in any usual spelling.")],
    to: Annotated[
        str, typer.Option("--to", help="Destination, such as sun-earth-l2 or mars-1sol; any: all of them.")
    ] = "any",
    depart: Annotated[
        str, typer.Option("--depart", help="First burn not before, arrival not after.", metavar="A..B")
    ] = "2028-01-01..2050-01-01",
    quick: Annotated[
        bool, typer.Option("--quick", help="Direct returns only: no manifolds, no flight under every pull, no gates.")
    ] = False,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures", help="Write tube, rotating and inertial view and front of Δv against time here, as SVG."
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ways to bring a whole asteroid home, cheapest first, and the mass that a tug moves.

    Example: motherlode capture "2006 RH120" --to sun-earth-l2
    """
    from motherlode.cli.printer import Printer
    from motherlode.cli.ranges import dates, ends
    from motherlode.study import answers, named, retrieval_dates

    printer = Printer(as_json, quiet)
    span = dates(depart)
    window = ends(depart, "range of dates", "2028-01-01..2050-01-01")
    if figures is not None:
        retrieval_dates.point(to)
    answer, found = answers.captured(name, to, span=window, thorough=not quick)
    if figures is not None:
        _draw(found or retrieval_dates.of(named.asteroid(name).orbit, to, span), figures)
    if printer.document(answer):
        return
    keys = {
        "destination": "capture at",
        "way": "way",
        "delta_v_m_s": "Δv m/s",
        "departs": "first burn",
        "arrives": "arrives",
        "flight_d": "days",
        "max_mass_t": "tug moves t",
        "limit": "limit",
        "n_body_m_s": "flown m/s",
        "known": "window %",
        "impact": "hits Earth if lost",
        "verdict": "gates",
        "part": "gates, a part",
        "label": "note",
    }
    printer.table(
        [_told(option) for option in answer["options"]],
        keys,
        title=f"Captures of {answer['full_name']}, cheapest first",
    )
    printer.facts({"mass_kg": answer["mass_kg"], "flags": answer["flags"]})
    for option in answer["options"]:
        if "reason" in (flown := option.get("n_body", {})) and flown.get("survived") is False:
            printer.line(f"not kept: {option['destination']} by {option['way']}: {flown['reason']}")
    for line in dict.fromkeys(text for option in answer["options"] for text in option["leaves_out"]):
        printer.line(f"leaves out: {line}")


def _draw(dates: Any, folder: Path) -> None:
    """The figures of the cheapest plan through a manifold, and of all that no other plan beats."""
    from motherlode.errors import NoSolution
    from motherlode.figures import capture, still

    if not dates.front:
        raise NoSolution("no plan through a manifold in this window; widen --depart")
    best, gate = dates.front[-1], dates.gate
    folder.mkdir(parents=True, exist_ok=True)
    still.write(capture.manifold_tube(gate.library, int(best.orbit["orbit"])), folder / "manifold-tube.svg")
    still.write(capture.rotating_view(best, dates.orbit, gate), folder / "rotating-view.svg")
    still.write(capture.inertial_view(best, dates.orbit, gate.planet), folder / "inertial-view.svg")
    still.write(capture.pareto_front(dates.front), folder / "pareto-front.svg")


def _told(option: dict[str, Any]) -> dict[str, Any]:
    """An option with the flight under every pull and the gates in a word each."""
    flown, window = option.get("n_body", {}), option.get("window")
    survived = {True: "", False: " (lost)", None: ""}[flown.get("survived")]
    figure = flown.get("delta_v_m_s")
    unflown = flown.get("reason", "") if flown.get("survived") is None else "not kept"
    return option | {
        "departs": option["depart_tdb"][:10],
        "arrives": option["arrive_tdb"][:10],
        "limit": option["tug_limit"].split(":")[0],
        "n_body_m_s": f"{figure:.0f}{survived}" if figure is not None else unflown,
        "known": f"{100 * window['probability']:.0f}" if window else "",
        "impact": _chance(option.get("safety")),
        "verdict": _verdict(option.get("safety")),
        "part": _verdict(option["safety_of_part"]) if "safety_of_part" in option else "",
    }


def _verdict(gates: dict[str, Any] | None) -> str:
    """What the gates said."""
    if gates is None:
        return "not asked"
    refused = [why.split(":")[0] for why in gates["refused_because"]]
    return "pass" if gates["feasible"] else "refused: " + ", ".join(refused)


def _chance(gates: dict[str, Any] | None) -> str:
    """Chance to hit the Earth after a loss of control, with its interval of 90 %; ≥ where some paths linger."""
    lost = (gates or {}).get("loss_of_control")
    if lost is None:
        return ""
    keys = ("impact_probability", "impact_probability_05_lower", "impact_probability_95_upper")
    chance, low, high = (lost[key]["earth"] for key in keys)
    return f"{'≥ ' if lost['share_untold']['earth'] else ''}{chance:.0e} ({low:.0e} to {high:.0e})"
