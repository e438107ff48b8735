"""Money in pictures: what moves the value, where it goes, how a market answers, how rankings disagree."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from motherlode.economy import sales, sensitivity
from motherlode.economy.market import JOINT, Market
from motherlode.economy.sensitivity import Bar, Question
from motherlode.economy.value import Value
from motherlode.errors import UnknownName
from motherlode.figures import theme
from motherlode.figures.theme import Figure
from motherlode.tables import Table

GAIN, LOSS = theme.PALETTE[2], theme.PALETTE[5]
LABELS = {
    "gross_in_situ_usd": "gross in situ", "recoverable_usd": "recoverable", "market_absorbed_usd": "market absorbed",
    "risk_adjusted_npv_usd": "risk-adjusted NPV",
}  # fmt: skip


KINDS = ("tornado", "waterfall", "market", "sobol")


def of(kind: str, question: Question, worth: Value) -> Figure:
    """One of ``KINDS`` for one business on one asteroid. Raises UnknownName."""
    name = f"{worth.designation}: {worth.product} to {worth.place}"
    match kind:
        case "tornado":
            return tornado(*sensitivity.tornado(question), name)
        case "waterfall":
            return waterfall(worth.waterfall(), name)
        case "sobol":
            return sobol(sensitivity.sobol(question, of="market_absorbed_usd"), name)
        case "market":
            return market(worth.market, product=worth.product if worth.product in JOINT else "pgm")
    raise UnknownName("figure", kind, list(KINDS))


def tornado(base_usd: float, bars: Sequence[Bar], name: str, *, top: int = 12) -> Figure:
    """How far each assumption alone moves the mean NPV, longest bar on top.

    base_usd, bars   of ``economy.sensitivity.tornado``
    """
    shown = list(bars)[:top]
    rows = [bar.name for bar in shown]
    traces = []
    for end, colour in (("low", theme.PALETTE[0]), ("high", theme.PALETTE[1])):
        moved = [(getattr(bar, f"{end}_usd") - base_usd) / 1e6 for bar in shown]
        text = [f"{getattr(bar, end)}: {getattr(bar, f'{end}_usd') / 1e6:,.0f} M$" for bar in shown]
        traces.append({
            "type": "bar", "orientation": "h", "y": rows, "x": moved, "base": base_usd / 1e6, "name": f"{end} end",
            "marker": {"color": colour}, "hovertext": text, "hoverinfo": "text",
        })  # fmt: skip
    x = theme.axis("mean NPV, M$")
    y = theme.axis("", autorange="reversed")
    more = {"barmode": "overlay", "height": 110 + 26 * len(shown), "legend": {"orientation": "h", "y": -0.2}}
    return theme.figure(traces, theme.layout(f"What moves the value of {name}", x, y, **more))


def waterfall(steps: Mapping[str, float], name: str) -> Figure:
    """From the gross value down to the NPV: what stays behind, what the market takes, what is paid.

    steps   of ``economy.value.Value.waterfall``
    """
    ends = np.cumsum(list(steps.values()))
    starts = np.concatenate([[0.0], ends[:-1]])
    rows = [*steps, "NPV"]
    squash = [(_symlog(a / 1e6), _symlog(b / 1e6)) for a, b in zip([*starts, 0.0], [*ends, ends[-1]])]
    amounts = [*steps.values(), float(ends[-1])]
    trace = {
        "type": "bar", "x": rows, "y": [b - a for a, b in squash], "base": [a for a, _ in squash],
        "marker": {"color": [GAIN if amount >= 0 else LOSS for amount in amounts]},
        "hovertext": [f"{row}: {amount / 1e6:,.3g} M$" for row, amount in zip(rows, amounts)], "hoverinfo": "text",
    }  # fmt: skip
    largest = max((abs(v) for v in [*starts, *ends]), default=1e6) / 1e6
    powers = [10.0**k for k in range(0, 16, 3) if 10.0**k <= 10 * max(largest, 1.0)]
    ticks = [-p for p in reversed(powers)] + [0.0] + powers
    y = theme.axis(
        "M$ (symmetric logarithm)", tickvals=[_symlog(t) for t in ticks], ticktext=[f"{t:,.0f}" for t in ticks]
    )
    x = theme.axis("", type="category")
    return theme.figure([trace], theme.layout(f"Where the value of {name} goes", x, y, showlegend=False))


def market(prices: Market, *, product: str = "pgm", most_t: float = 1000.0) -> Figure:
    """Price of each metal against the tonnes of it sold in a year, both models of demand.

    prices   market of a vintage
    most_t   right end of the axis
    """
    tonnes = np.geomspace(0.01, most_t, 120)
    traces: list[dict[str, Any]] = []
    for index, name in enumerate(JOINT[product]):
        metal = prices.metals[name]
        if not metal.sold:
            continue
        extra = tonnes * 1000 * (1 - metal.withdrawal) / metal.supply_kg
        colour = theme.PALETTE[index % len(theme.PALETTE)]
        for model, dash in (("elastic", "solid"), ("linear", "dot")):
            y = metal.usd_kg * sales.price(extra, metal.elasticity, model)
            traces.append({
                "type": "scatter", "mode": "lines", "x": tonnes.tolist(),
                "y": [v if v > 0 else None for v in y.tolist()],
                "name": f"{name} ({model})", "legendgroup": name, "showlegend": model == "elastic",
                "line": {"color": colour, "dash": dash, "width": 2},
                "hovertemplate": f"{name}, {model}: %{{x:.3g}} t sold, %{{y:,.0f}} $/kg<extra></extra>",
            })  # fmt: skip
    x = theme.axis("sold in a year, t", type="log")
    y_axis = theme.axis("price, $/kg", type="log")
    title = f"What happens to the price ({min(prices.vintage, 2026):.0f}; dotted: straight demand curve)"
    return theme.figure(traces, theme.layout(title, x, y_axis))


def ranks(names: Sequence[str], values: Mapping[str, Sequence[float]], *, top: int = 12) -> Figure:
    """Rank of each asteroid under each of the four values: lines that cross are rankings that disagree.

    names    of the asteroids
    values   the four values of each, USD
    """
    places = sensitivity.ranks(values)
    columns = [LABELS.get(key, key) for key in places]
    best = sorted(range(len(names)), key=lambda k: min(row[k] for row in places.values()))[:top]
    traces = [
        {"type": "scatter", "mode": "lines+markers", "x": columns, "y": [row[k] for row in places.values()],
         "name": names[k], "line": {"color": theme.PALETTE[n % len(theme.PALETTE)], "width": 2},
         "marker": {"size": 8}}
        for n, k in enumerate(best)
    ]  # fmt: skip
    y = theme.axis("rank", autorange="reversed")
    return theme.figure(traces, theme.layout("Four values, four rankings", theme.axis("", type="category"), y))


def sobol(indices: Mapping[str, tuple[float, float]], name: str) -> Figure:
    """Share of the spread of a value that each unknown causes: alone, and with the others."""
    rows = list(indices)
    traces = [
        {"type": "bar", "orientation": "h", "y": rows, "x": [max(indices[row][k], 0.0) for row in rows],
         "name": label, "marker": {"color": theme.PALETTE[k]}}
        for k, label in ((1, "with the others"), (0, "alone"))
    ]  # fmt: skip
    x = theme.axis("share of the variance", rangemode="tozero")
    y = theme.axis("", autorange="reversed")
    more = {"barmode": "overlay", "height": 110 + 26 * len(rows)}
    return theme.figure(traces, theme.layout(f"What the spread of {name} comes from", x, y, **more))


def _symlog(musd: float) -> float:
    """Sign and logarithm of 1 + |x|: linear near zero."""
    return float(np.sign(musd) * np.log10(1 + abs(musd)))


def document(values: Table, vintage: float) -> list[dict[str, Any]]:
    """Sections for a report from the table of values of a hunt: the market, and the four rankings of each business.

    values    rows of asteroid and business with ``designation``, ``product``, ``place`` and the four values' means
    vintage   of the market chart
    returns   [{title, text, figure}]
    """
    prices = Market.of(vintage)
    sections = [{"title": "What a market does", "text": MARKET_TEXT, "figure": market(prices)}]
    names = list(LABELS)
    for product, place in dict.fromkeys(zip(values["product"].tolist(), values["place"].tolist())):
        mine = values.take((values["product"] == product) & (values["place"] == place))
        columns = {name: mine[f"{name}_mean"].tolist() for name in names}
        if len(set(mine["designation"].tolist())) < 2:
            continue
        figure = ranks(_labels(mine), columns)
        text = RANKS_TEXT if len(sections) == 1 else ""
        sections.append({"title": f"{product} to {place}: four rankings", "text": text, "figure": figure})
    return sections


def _labels(table: Table) -> list[str]:
    """Designations, with the home port where there are several."""
    names = table["designation"].tolist()
    if "port" not in table or len(set(table["port"].tolist())) < 2:
        return [str(name) for name in names]
    return [f"{name} from {port}" for name, port in zip(names, table["port"].tolist())]


MARKET_TEXT = (
    "Price of each metal against what is sold of it in a year. A hundred-metre body of metal holds a third of a "
    "year's iridium: whoever sells it at once sells it for a fraction."
)
RANKS_TEXT = (
    "Gross in situ ranks by the mass of the rock, recoverable by speed change and grade, market-absorbed cuts off "
    "what a place does not buy, and the net present value by what the mission costs. Lines that cross are headlines "
    "that mislead."
)
