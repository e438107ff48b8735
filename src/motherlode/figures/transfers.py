"""Porkchops: the cost of leaving on each day and flying for so many days."""

from typing import Any, Final

import numpy as np

from motherlode import epochs
from motherlode.access.porkchop import Porkchop
from motherlode.figures import theme
from motherlode.figures.theme import Figure
from motherlode.units import DAY

LAYERS: Final = {
    "delta_v": ("total Δv", "km/s"),
    "c3": ("departure C3", "km²/s²"),
    "v_infinity_depart": ("departure v∞", "km/s"),
    "v_infinity_arrive": ("arrival v∞", "km/s"),
}
BAND: Final = 3.0  # colours run from the least cost to so many times it; what is dearer stays blank
CELLS: Final = 40_000  # of one figure; a finer grid is thinned, its least cells kept


def porkchop(chart: Porkchop, layer: str = "delta_v", *, title: str = "") -> Figure:
    """A porkchop as a heat map with contours and its best window; departure dates across, days of flight up.

    layer  delta_v, c3, v_infinity_depart or v_infinity_arrive
    """
    what, unit = LAYERS[layer]
    costs = chart.layer(layer)
    step = max(1, int(np.ceil(np.sqrt(costs.size / CELLS))))
    thin = _least_of_blocks(costs, step)
    dates = [epochs.iso(float(t)) for t in chart.depart_tdb[::step]]
    days = (chart.flight_s[::step] / DAY).tolist()
    low = float(np.nanmin(costs))
    high = min(low * BAND, float(np.nanmax(costs)))
    shown = np.where(thin <= high, np.round(thin, 3), np.nan)
    z = [[None if np.isnan(cell) else float(cell) for cell in row] for row in shown.T]
    hover = f"leave %{{x}}<br>fly %{{y:.0f}} d<br>{what} %{{z:.2f}} {unit}<extra></extra>"
    bar = {"title": {"text": f"{what}, {unit}", "side": "right"}, "thickness": 14}
    heat = {
        "type": "heatmap",
        "x": dates,
        "y": days,
        "z": z,
        "zmin": low,
        "zmax": high,
        "colorscale": theme.cost_scale(),
        "hovertemplate": hover,
        "colorbar": bar,
        "zsmooth": False,
    }
    lines = {
        "type": "contour",
        "x": dates,
        "y": days,
        "z": z,
        "showscale": False,
        "hoverinfo": "skip",
        "ncontours": 9,
        "contours": {"coloring": "none", "showlabels": True, "labelfont": {"size": 10, "color": "#fff"}},
        "line": {"color": "rgba(255,255,255,0.65)", "width": 1},
    }
    best = _best(chart, costs, what, unit)
    name = title or f"{chart.origin.name} to {chart.target.name}"
    look = theme.layout(
        name, theme.axis("departure (TDB)", type="date"), theme.axis("flight time, d"), height=430, showlegend=False
    )
    return theme.figure([heat, lines, best], look)


def _least_of_blocks(costs: Any, step: int) -> Any:
    """The least of every block of cells, so that thinning loses no window."""
    if step == 1:
        return costs
    rows, columns = (-(-n // step) * step for n in costs.shape)
    padded = np.full((rows, columns), np.nan)
    padded[: costs.shape[0], : costs.shape[1]] = costs
    blocks = (
        np.where(np.isnan(padded), np.inf, padded).reshape(rows // step, step, columns // step, step).min(axis=(1, 3))
    )
    return np.where(np.isinf(blocks), np.nan, blocks)


def _best(chart: Porkchop, costs: Any, what: str, unit: str) -> dict[str, Any]:
    i, j = np.unravel_index(int(np.nanargmin(costs)), costs.shape)
    date, days = epochs.iso(float(chart.depart_tdb[i])), float(chart.flight_s[j] / DAY)
    text = f"best: leave {date}, fly {days:.0f} d, {what} {costs[i, j]:.2f} {unit}"
    marker = {"symbol": "cross-thin", "size": 14, "line": {"width": 2.5, "color": theme.PALETTE[5]}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [date],
        "y": [days],
        "marker": marker,
        "hovertext": [text],
        "hoverinfo": "text",
    }
