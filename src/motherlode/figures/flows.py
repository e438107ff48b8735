"""What flows from where to where: bands between bars, as thick as their tonnes.

Drawn from filled curves, so that the small Plotly bundle of page and report shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from motherlode.figures import theme
from motherlode.figures.theme import Figure

GAP: Final = 0.06  # between two bars of a column, as a share of the tallest column
SHAPE: Final = {"type": "scatter", "mode": "lines", "fill": "toself", "hoveron": "fills", "hoverinfo": "text"}
BAR: Final = 0.06  # width of a bar; columns are 1 apart
Links = Mapping[tuple[str, str], float]


@dataclass
class _Bar:
    """A place in the diagram: its column, its foot, its height, and how much of it is already joined."""

    column: int
    foot: float
    height: float
    sent: float = 0.0
    received: float = 0.0


def chart(links: Links, title: str, *, unit: str = "t", colour: str = theme.PALETTE[0]) -> Figure:
    """Bars for the places, bands for what flows between them.

    links  (from, to) -> amount, in ``unit``; a link that would close a circle is left out
    """
    kept = {pair: amount for pair, amount in _forward(links).items() if amount > 0}
    bars = _bars(kept)
    bands = [_band(bars[a], bars[b], amount, f"{a} → {b}: {amount:,.0f} {unit}") for (a, b), amount in kept.items()]
    blocks = [_block(bar, name, colour, unit) for name, bar in bars.items()]
    hidden = {"showgrid": False, "showticklabels": False, "zeroline": False}
    layout = theme.layout(title, theme.axis("", **hidden), theme.axis("", **hidden), showlegend=False)
    return theme.figure([*bands, *blocks, _names(bars)], layout)


def _forward(links: Links) -> dict[tuple[str, str], float]:
    """The links without those that lead back to where something came from."""
    kept: dict[tuple[str, str], float] = {}
    for (a, b), amount in sorted(links.items(), key=lambda item: -item[1]):
        if a != b and not _reaches(kept, b, a):
            kept[a, b] = amount
    return {pair: kept[pair] for pair in links if pair in kept}


def _reaches(links: Links, start: str, end: str) -> bool:
    return start == end or any(_reaches(links, b, end) for a, b in links if a == start)


def _bars(links: Links) -> dict[str, _Bar]:
    """Every place in the column of its longest way from a source, stacked from the largest down."""
    names = list(dict.fromkeys(name for pair in links for name in pair))
    sums = {n: max(sum(v for p, v in links.items() if p[side] == n) for side in (0, 1)) for n in names}
    column = {name: _depth(links, name) for name in names}
    tallest = max((sum(sums[n] for n in names if column[n] == c) for c in set(column.values())), default=1.0)
    bars: dict[str, _Bar] = {}
    for c in sorted(set(column.values())):
        foot = 0.0
        for name in sorted((n for n in names if column[n] == c), key=lambda n: -sums[n]):
            foot -= sums[name]
            bars[name] = _Bar(c, foot, sums[name])
            foot -= GAP * tallest
    return bars


def _depth(links: Links, name: str) -> int:
    return max((1 + _depth(links, a) for a, b in links if b == name), default=0)


def _band(start: _Bar, end: _Bar, amount: float, text: str) -> dict[str, Any]:
    u = np.linspace(0.0, 1.0, 24)
    ease = u * u * (3.0 - 2.0 * u)
    left, right = start.foot + start.height - start.sent, end.foot + end.height - end.received
    start.sent, end.received = start.sent + amount, end.received + amount
    x = start.column + BAR / 2 + (end.column - start.column - BAR) * u
    top = left + (right - left) * ease
    return {
        **SHAPE, "text": text, "name": text,
        "x": [*x.round(4).tolist(), *x[::-1].round(4).tolist()],
        "y": [*top.round(4).tolist(), *(top - amount)[::-1].round(4).tolist()],
        "line": {"width": 0}, "fillcolor": "rgba(128,140,160,0.45)",
    }  # fmt: skip


def _block(bar: _Bar, name: str, colour: str, unit: str) -> dict[str, Any]:
    x0, x1, y0, y1 = bar.column - BAR / 2, bar.column + BAR / 2, bar.foot, bar.foot + bar.height
    text = f"{name}: {bar.height:,.0f} {unit}"
    return {
        **SHAPE, "text": text, "name": text,
        "x": [x0, x1, x1, x0, x0], "y": [y0, y0, y1, y1, y0], "line": {"width": 0}, "fillcolor": colour,
    }  # fmt: skip


def _names(bars: Mapping[str, _Bar]) -> dict[str, Any]:
    last = max((bar.column for bar in bars.values()), default=0)
    sides = ["middle left" if bar.column == last and last else "middle right" for bar in bars.values()]
    x = [bar.column + (-BAR if side == "middle left" else BAR) for bar, side in zip(bars.values(), sides)]
    y = [bar.foot + bar.height / 2 for bar in bars.values()]
    return {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "text": list(bars),
        "textposition": sides,
        "hoverinfo": "skip",
    }
