"""The base and its people: people and stocks over time, tension by group, losses, the capture, levers, what
happened.

Every figure takes the answer of ``settlement.answer``. Bands are 5 to 95 and 25 to 75 per cent of the runs,
lines the median.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from motherlode.figures import theme
from motherlode.figures.theme import Figure

Answer = Mapping[str, Any]
STOCKS: Final = {
    "food_t": "food",
    "water_t": "water",
    "spares_t": "spares",
    "fuel_t": "methane",
    "oxygen_t": "oxygen",
    "metal_t": "metal",
}
QUALITATIVE: Final = "qualitative: ranges over stated judgements, not a forecast"


def population(answer: Answer) -> Figure:
    """People at the base, with the supply windows marked."""
    traces = _fan(answer["series"], "people", "people", theme.PALETTE[0])
    for window in answer["windows"]:
        text = f"{window['people']} people, {window['landed_t']:.0f} t; limited by {window['bottleneck']}"
        traces.append(_mark(window["arrive"], window["people_before"] + window["people"], text))
    return theme.figure(traces, _layout(f"People at {answer['base']}", "people"))


def stocks(answer: Answer) -> Figure:
    """Stocks in store, t; on a logarithmic axis because spares outweigh oxygen a hundredfold."""
    traces: list[dict[str, Any]] = []
    for k, (key, name) in enumerate(STOCKS.items()):
        if max(answer["series"][key]["p95"]) > 0:
            traces += _fan(answer["series"], key, name, theme.PALETTE[k], floor=1e-2, outer_only=True)
    return theme.figure(traces, _layout("Stocks in store", "t (logarithmic)", type="log"))


def air(answer: Answer) -> Figure:
    """Partial pressures of oxygen and CO2 in the cabin, kPa."""
    traces = _fan(answer["series"], "oxygen_kpa", "oxygen", theme.PALETTE[0])
    traces += _fan(answer["series"], "co2_kpa", "CO2", theme.PALETTE[1])
    return theme.figure(traces, _layout("The air", "kPa", rangemode="tozero"))


def tension(answer: Answer) -> Figure:
    """Share of each group that acts: mean of all runs, and where 95 of 100 runs stay below."""
    traces: list[dict[str, Any]] = []
    for k, group in enumerate(answer["groups"]):
        colour, name = theme.PALETTE[k % len(theme.PALETTE)], f"{group['nation']}, {group['employer']}"
        line = {"color": colour, "width": 2.5}
        traces.append(_line(answer["series"]["date"], _percent(group["mean"]), name, line))
        traces.append(
            _line(
                answer["series"]["date"],
                _percent(group["p95"]),
                f"{name}, 95 %",
                {"color": colour, "width": 1, "dash": "dot"},
            )
        )
    return theme.figure(traces, _layout(f"Tension by group ({QUALITATIVE})", "% who act", rangemode="tozero"))


def trust(answer: Answer) -> Figure:
    """Legitimacy of commander, employers and governments."""
    traces: list[dict[str, Any]] = []
    for k, name in enumerate(("commander", "employer", "government")):
        traces += _fan(answer["series"], f"legitimacy_{name}", name, theme.PALETTE[k], outer_only=True)
    return theme.figure(
        traces, _layout(f"Trust in each authority ({QUALITATIVE})", "legitimacy, 0 to 1", range=[0, 1])
    )


def work(answer: Answer) -> Figure:
    """Share of the work that is not vital which is done, and the hours asked for over those there are."""
    traces = _fan(answer["series"], "labour_share", "work done", theme.PALETTE[0])
    traces += _fan(
        answer["series"], "workload", "hours asked over hours there are", theme.PALETTE[1], outer_only=True
    )
    return theme.figure(traces, _layout("Work", "share", rangemode="tozero"))


def losses(answer: Answer) -> Figure:
    """People lost by cause, expected number; nobody is left out."""
    causes = list(answer["losses"])
    rows = [answer["losses"][cause] for cause in causes]
    text = [
        f"{r['expected']:.2f} expected; any in {100 * r['probability_of_any']:.1f} % of runs; worst {r['worst']:.0f}"
        for r in rows
    ]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": causes,
        "x": [row["expected"] for row in rows],
        "text": text,
        "textposition": "auto",
        "hoverinfo": "text",
        "marker": {"color": theme.PALETTE[5]},
    }
    x, y = theme.axis("people, expected", rangemode="tozero"), theme.axis("", autorange="reversed")
    return theme.figure([bars], theme.layout("People lost, by cause", x, y, height=320, showlegend=False))


def windows(answer: Answer) -> Figure:
    """People that each bound alone would allow in each window; the least is the bottleneck."""
    rows = answer["windows"]
    bounds = list(rows[0]["allowed_by"]) if rows else []
    dates = [row["arrive"] for row in rows]
    traces = []
    for k, bound in enumerate(bounds):
        edge = [3 if row["bottleneck"] == bound else 0 for row in rows]
        traces.append(
            {
                "type": "bar",
                "name": bound,
                "x": dates,
                "y": [row["allowed_by"][bound] for row in rows],
                "marker": {"color": theme.PALETTE[k], "line": {"color": theme.PALETTE[5], "width": edge}},
            }
        )
    x, y = theme.axis("arrival", type="category"), theme.axis("people (logarithmic)", type="log")
    return theme.figure(
        traces, theme.layout("What each window would allow; framed: the bottleneck", x, y, barmode="group")
    )


def levers(answer: Answer) -> Figure:
    """Gain in the probability that the capture is flown on time, each lever alone; 5 to 95 % over judgements."""
    rows = list(reversed(answer.get("levers", [])))
    x = [100 * row["gain"] for row in rows]
    error = {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, 100 * row["gain_high"] - g) for row, g in zip(rows, x)],
        "arrayminus": [max(0.0, g - 100 * row["gain_low"]) for row, g in zip(rows, x)],
        "color": theme.PALETTE[7],
    }
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [row["lever"] for row in rows],
        "x": x,
        "error_x": error,
        "hovertext": [row["what"] for row in rows],
        "hoverinfo": "text+x",
        "marker": {"color": theme.PALETTE[2]},
    }
    layout = theme.layout(
        f"Which lever buys most ({QUALITATIVE})",
        theme.axis("percentage points on time"),
        theme.axis(""),
        showlegend=False,
    )
    return theme.figure([bars], layout)


def slack(answer: Answer) -> Figure:
    """Probability on time against the slack of the plan."""
    rows = answer.get("slack", [])
    x = [row["slack_d"] for row in rows]
    traces = _band(x, [100 * r["low"] for r in rows], [100 * r["high"] for r in rows], theme.PALETTE[0], 0.2)
    line = {"color": theme.PALETTE[0], "width": 2.5}
    traces.append(_line(x, [100 * row["probability_on_time"] for row in rows], "flown on time", line))
    layout = theme.layout(
        "Slack and the chance to fly on time",
        theme.axis("slack, d"),
        theme.axis("% on time", range=[0, 100]),
        showlegend=False,
    )
    return theme.figure(traces, layout)


def figures(answer: Answer) -> list[dict[str, Any]]:
    """All figures of an answer with a title and a sentence each, in reading order."""
    fan = "Bands: 5 to 95 and 25 to 75 per cent of the runs; line: median."
    rows = [
        ("Population", fan + " Diamonds: supply windows and what limited them.", population(answer)),
        ("Windows", "The lowest bar of a window is what kept more people from coming.", windows(answer)),
        ("Stocks", fan, stocks(answer)),
        ("Air", fan, air(answer)),
        ("Losses", "Every person lost has a cause and is counted here.", losses(answer)),
        ("Work", fan, work(answer)),
        ("Tension", "Solid: mean; dotted: 95 per cent of the runs stay below.", tension(answer)),
        ("Trust", fan, trust(answer)),
    ]
    if answer.get("levers"):
        rows.append(
            (
                "Levers",
                "Each lever pulled alone, same luck; whiskers: 5 to 95 per cent over the judgements.",
                levers(answer),
            )
        )
    if answer.get("slack"):
        rows.append(("Slack", "Band: 5 to 95 per cent over the judgements.", slack(answer)))
    return [{"title": title, "says": says, "figure": figure} for title, says, figure in rows]


def document(answer: Answer) -> dict[str, Any]:
    """The base as one document: facts, flags, notes, figures, tables; for page and report."""
    capture = answer["capture"]
    facts: dict[str, Any] = {
        "from": answer["start"],
        "to": answer["end"],
        "people at the start": answer["population"]["start"],
        "people at the end": answer["population"]["end"],
        "chance of any loss": answer["probability_of_any_loss"],
    }
    if capture:
        facts |= {
            "capture": capture["name"],
            "burn": capture["burn"],
            "flown on time": capture["probability_on_time"],
            "expected delay, d": capture["expected_delay_d"],
            "value at risk, USD": capture["value_at_risk_usd"],
            "recommended slack, d": answer.get("recommended_slack_d", answer["feedback"]["slack_d"]),
        }
    windows = [{key: value for key, value in row.items() if key != "allowed_by"} for row in answer["windows"]]
    tables = [
        {"title": "Supply windows", "rows": windows},
        {"title": "What ran out", "rows": answer["shortages"]},
        {"title": "Stoppages", "rows": answer["stoppages"]},
        {"title": "Levers", "rows": answer.get("levers", [])},
        {"title": "Judgements by effect", "rows": answer.get("judgements", [])},
        {"title": "What happened in a typical run", "rows": answer["events"]},
    ]
    return {
        "title": answer["base"],
        "facts": facts,
        "flags": answer["labels"],
        "notes": answer["leaves_out"],
        "figures": figures(answer),
        "tables": tables,
    }


def _fan(
    series: Answer, key: str, name: str, colour: str, *, floor: float | None = None, outer_only: bool = False
) -> list[dict[str, Any]]:
    x, fan = (
        series["date"],
        {q: [v if floor is None else max(v, floor) for v in values] for q, values in series[key].items()},
    )
    traces = _band(x, fan["p05"], fan["p95"], colour, 0.12)
    if not outer_only:
        traces += _band(x, fan["p25"], fan["p75"], colour, 0.22)
    return [*traces, _line(x, fan["p50"], name, {"color": colour, "width": 2})]


def _band(
    x: Sequence[Any], low: Sequence[float], high: Sequence[float], colour: str, opacity: float
) -> list[dict[str, Any]]:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    edge = {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    fill = {"fill": "tonexty", "fillcolor": f"rgba({red},{green},{blue},{opacity})"}
    return [{**edge, "y": list(low)}, {**edge, "y": list(high), **fill}]


def _line(x: Sequence[Any], y: Sequence[float], name: str, line: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y), "name": name, "line": dict(line)}


def _mark(x: str, y: float, text: str) -> dict[str, Any]:
    marker = {"symbol": "diamond", "size": 9, "color": theme.PALETTE[5]}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x],
        "y": [y],
        "hovertext": [text],
        "hoverinfo": "text",
        "marker": marker,
        "showlegend": False,
    }


def _percent(values: Sequence[float]) -> list[float]:
    return [100 * value for value in values]


def _layout(title: str, y: str, **axis: Any) -> dict[str, Any]:
    legend = {"orientation": "h", "y": -0.18}
    return theme.layout(title, theme.axis("", type="date"), theme.axis(y, **axis), legend=legend)
