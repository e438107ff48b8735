"""Spreads of what nobody knows exactly: thin line 5 to 95 per cent, thick line 16 to 84, dot the median."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from motherlode.figures import theme
from motherlode.figures.theme import Figure

Percentiles = Mapping[str, float]
DEPOSIT: Final = {
    "mass_kg": "mass",
    "silicate_kg": "silicate",
    "metal_kg": "metal",
    "iron_kg": "iron",
    "nickel_kg": "nickel",
    "cobalt_kg": "cobalt",
    "water_kg": "water",
    "carbon_kg": "carbon",
    "nitrogen_kg": "nitrogen",
    "pgm_kg": "platinum group",
    "gold_kg": "gold",
}
VALUES: Final = {
    "gross_in_situ_usd": "gross in situ", "recoverable_usd": "recoverable", "market_absorbed_usd": "market absorbed",
    "risk_adjusted_npv_usd": "risk-adjusted NPV",
}  # fmt: skip


def deposit(percentiles: Mapping[str, Percentiles], name: str) -> Figure:
    """What is in one asteroid, kg on a logarithmic axis.

    percentiles  of ``deposit.Deposit.percentiles``
    """
    rows = [(label, percentiles[key]) for key, label in DEPOSIT.items() if key in percentiles]
    rows = [(label, row) for label, row in rows if row["p95"] > 0]
    x = theme.axis("kg", type="log", exponentformat="power", dtick=2)
    return _spread([rows], [""], f"What is in {name}", x)


def values(businesses: Mapping[str, Mapping[str, Percentiles]], name: str) -> Figure:
    """The four values of one asteroid for several products and places, side by side.

    businesses  name such as "water to eml1" -> the four values' percentiles, USD
    """
    groups = [[(label, row[key]) for key, label in VALUES.items() if key in row] for row in businesses.values()]
    largest = max((abs(p[q]) for group in groups for _, p in group for q in ("p05", "p95")), default=1.0)
    x = theme.axis("USD (symmetric logarithmic)", **_ticks(largest))
    return _spread(groups, list(businesses), f"What {name} is worth", x, squash=_symlog)


def _spread(
    groups: Sequence[Sequence[tuple[str, Percentiles]]],
    names: Sequence[str],
    title: str,
    x: Mapping[str, Any],
    squash: Any = lambda value: value if value > 0 else None,
) -> Figure:
    traces: list[dict[str, Any]] = []
    rows = [label for label, _ in groups[0]] if groups else []
    for place, (group, name) in enumerate(zip(groups, names)):
        colour = theme.PALETTE[place % len(theme.PALETTE)]
        heights = [k + (place - (len(groups) - 1) / 2) * 0.7 / max(len(groups), 1) for k in range(len(group))]
        for low, high, width in (("p05", "p95", 2), ("p16", "p84", 7)):
            traces.append(_bars(group, heights, low, high, width, colour, squash))
        traces.append(_medians(group, heights, name, colour, squash))
    y = theme.axis("", tickvals=list(range(len(rows))), ticktext=rows, autorange="reversed", zeroline=False)
    height = max(430, 150 + max(26, 22 * len(groups)) * max(len(rows), 1))
    legend = {"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0, "xanchor": "left"}
    return theme.figure(traces, theme.layout(title, x, y, height=height, showlegend=len(groups) > 1, legend=legend))


def _bars(group: Any, heights: Any, low: str, high: str, width: int, colour: str, squash: Any) -> dict[str, Any]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for height, (_, p) in zip(heights, group):
        ends = squash(p[low]), squash(p[high])
        if None not in ends:
            xs += [*ends, None]
            ys += [height, height, None]
    line = {"width": width, "color": colour}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": line,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _medians(group: Any, heights: Any, name: str, colour: str, squash: Any) -> dict[str, Any]:
    text = [f"{label}: {p['p50']:.3g} (5 % {p['p05']:.3g}, 95 % {p['p95']:.3g})" for label, p in group]
    marker = {"size": 9, "color": "white", "line": {"color": colour, "width": 2.5}}
    xs = [squash(p["p50"]) for _, p in group]
    return {"type": "scatter", "mode": "markers", "x": xs, "y": heights, "name": name, "marker": marker,
            "hovertext": text, "hoverinfo": "text+name"}  # fmt: skip


FLOOR: Final = 1e3  # USD; below it the axis is linear


def _symlog(value: float) -> float:
    """Signed logarithm: 0 stays 0, 1e3 is 1, 1e4 is 2, -1e4 is -2."""
    from math import copysign, log10

    return copysign(log10(1 + abs(value) * 9 / FLOOR), value)


def _ticks(largest: float) -> dict[str, Any]:
    powers = range(3, 25, 3)
    sizes = [10.0**power for power in powers if 10.0**power <= max(largest, FLOOR) * 10]
    marks = [-size for size in reversed(sizes)] + [0.0] + sizes
    return {"tickvals": [_symlog(mark) for mark in marks], "ticktext": [_dollars(mark) for mark in marks]}


def _dollars(value: float) -> str:
    if value == 0:
        return "0"
    letters = {1e3: "k", 1e6: "M", 1e9: "G", 1e12: "T", 1e15: "P", 1e18: "E", 1e21: "Z", 1e24: "Y"}
    size = max(limit for limit in letters if abs(value) >= limit * 0.999)
    return f"{value / size:.0f}{letters[size]}"
