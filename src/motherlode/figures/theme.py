"""One visual language: colours that every eye can tell apart, units on every axis, dates as dates.

A figure is a plain dict ``{"data": [...], "layout": {...}}`` in Plotly's JSON, shared by page and report. Colours of
paper and text are left to the page, which knows whether it is light or dark.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Figure = dict[str, Any]

# Okabe & Ito 2008, safe for colour-blind readers, in an order that also prints apart.
PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#777777")
KEPT, REJECTED = PALETTE[0], "#B8BEC8"
# Viridis (van der Walt & Smith 2015) at nine points: cheap is bright, so the scale runs backwards.
COSTS: Final = (
    "#FDE725", "#AADC32", "#5DC863", "#27AD81", "#21908C", "#2C728E", "#3B528B", "#472D7B", "#440154",
)  # fmt: skip
GRID: Final = "rgba(128,128,128,0.22)"
FONT: Final = {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13}


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its title, which carries the unit."""
    return {"title": {"text": title}, "gridcolor": GRID, "zerolinecolor": GRID, "automargin": True, **more}


def layout(title: str, x: Mapping[str, Any], y: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The layout that every figure starts from."""
    return {
        "title": {
            "text": title,
            "x": 0,
            "xanchor": "left",
            "font": {"size": 15},
            "pad": {"l": 14, "t": 4},
            "y": 0.98,
        },
        "xaxis": dict(x),
        "yaxis": dict(y),
        "font": dict(FONT),
        "margin": {"l": 64, "r": 24, "t": 52, "b": 66},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "colorway": list(PALETTE),
        **more,
    }


def figure(data: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> Figure:
    """Traces and a layout as one figure."""
    return {"data": [dict(trace) for trace in data], "layout": dict(layout)}


def cost_scale() -> list[list[Any]]:
    """Plotly colour scale in which cheap is bright."""
    return [[k / (len(COSTS) - 1), colour] for k, colour in enumerate(COSTS)]
