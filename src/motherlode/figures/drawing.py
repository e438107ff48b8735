"""Figures drawn still, by Matplotlib: the traces that this program makes, not all that Plotly knows."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from motherlode.errors import BadInput
from motherlode.figures import theme
from motherlode.figures.theme import Figure

SIZE_IN: Final = (7.2, 4.6)  # a page wide
MARKERS: Final = {"cross-thin": "+", "diamond": "D", "square": "s", "x": "x"}


def write(figure: Figure, path: Path) -> None:
    """Draw a figure into an SVG, PNG or PDF file.

    raises  BadInput where Matplotlib is not installed; OSError where the file cannot be written
    """
    try:
        from matplotlib.figure import Figure as Sheet  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise BadInput(
            "SVG, PNG and PDF need Matplotlib; install the extra: motherlode[papers], or write .json"
        ) from None
    sheet = Sheet(figsize=SIZE_IN, layout="constrained")
    axes = sheet.add_subplot()
    layout = figure["layout"]
    for place, trace in enumerate(figure["data"]):
        _TRACES.get(trace.get("type", "scatter"), _scatter)(sheet, axes, trace, place)
    _axis(axes, "x", layout["xaxis"])
    _axis(axes, "y", layout["yaxis"])
    axes.set_title(_plain(layout["title"]["text"]), loc="left", fontsize=10)
    axes.grid(alpha=0.25)
    if layout.get("showlegend") and axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=8)
    sheet.savefig(path, dpi=200, metadata={"Date": None} if path.suffix == ".svg" else None)


def _values(cells: Any) -> Any:
    """Coordinates: dates as dates, missing numbers as NaN, words as they are."""
    cells = list(cells)
    if cells and isinstance(cells[0], str):
        return [datetime.fromisoformat(cell) for cell in cells] if re.match(r"\d{4}-\d\d-\d\d", cells[0]) else cells
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=float)


def _grid(trace: Mapping[str, Any]) -> Any:
    return np.array([[np.nan if cell is None else cell for cell in row] for row in trace["z"]], dtype=float)


def _heat(sheet: Any, axes: Any, trace: Mapping[str, Any], place: int) -> None:
    from matplotlib.colors import LinearSegmentedColormap  # type: ignore[import-not-found, unused-ignore]

    colours = LinearSegmentedColormap.from_list("cost", list(theme.COSTS))
    bounds = {"vmin": trace.get("zmin"), "vmax": trace.get("zmax")}
    drawn = axes.pcolormesh(
        _values(trace["x"]), _values(trace["y"]), _grid(trace), cmap=colours, shading="nearest", **bounds
    )
    drawn.set_rasterized(True)  # a cell each as a path would make the file huge
    sheet.colorbar(drawn, label=_plain(trace.get("colorbar", {}).get("title", {}).get("text", "")))


def _contour(sheet: Any, axes: Any, trace: Mapping[str, Any], place: int) -> None:
    lines = axes.contour(
        _values(trace["x"]), _values(trace["y"]), _grid(trace), levels=8, colors="white", linewidths=0.6
    )
    axes.clabel(lines, fontsize=6)


def _bar(sheet: Any, axes: Any, trace: Mapping[str, Any], place: int) -> None:
    colour = trace.get("marker", {}).get("color", theme.PALETTE[place % len(theme.PALETTE)])
    if trace.get("orientation") == "h":
        axes.barh([str(name) for name in trace["y"]], _values(trace["x"]), color=colour, label=trace.get("name"))
    else:
        axes.bar([str(name) for name in trace["x"]], _values(trace["y"]), color=colour, label=trace.get("name"))


def _scatter(sheet: Any, axes: Any, trace: Mapping[str, Any], place: int) -> None:
    line, marker = trace.get("line", {}), trace.get("marker", {})
    colour = line.get("color") or marker.get("line", {}).get("color") or theme.PALETTE[place % len(theme.PALETTE)]
    look: dict[str, Any] = {"color": colour, "label": trace.get("name")}
    mode = trace.get("mode", "lines")
    look["linestyle"] = "-" if "lines" in mode else "none"
    look["linewidth"] = line.get("width", 1.5) * 0.75
    if "markers" in mode:
        look |= {"marker": MARKERS.get(marker.get("symbol", ""), "o"), "markersize": 6, "markerfacecolor": "white"}
    axes.plot(_values(trace["x"]), _values(trace["y"]), **look)


_TRACES: Final = {"heatmap": _heat, "contour": _contour, "bar": _bar, "scatter": _scatter}


def _axis(axes: Any, name: str, look: Mapping[str, Any]) -> None:
    getattr(axes, f"set_{name}label")(_plain(look.get("title", {}).get("text", "")))
    if look.get("type") == "log":
        getattr(axes, f"set_{name}scale")("log")
    if "tickvals" in look:
        getattr(axes, f"set_{name}ticks")(look["tickvals"], look.get("ticktext"))
    if look.get("autorange") == "reversed":
        getattr(axes, f"invert_{name}axis")()


def _plain(text: str) -> str:
    return re.sub(r"<[^>]+>", " ", text)
