"""How many asteroids each gate of a hunt let through, and why the others stopped there."""

from collections.abc import Mapping, Sequence
from typing import Any

from motherlode.figures import theme
from motherlode.figures.theme import Figure


def chart(gates: Sequence[Mapping[str, Any]]) -> Figure:
    """Bars of what was kept at each gate, on a logarithmic axis, one group a home port.

    gates  in order: ``stage``, ``port`` ("" for all), ``kept``, ``rejected``, ``why``
    """
    labels = [f"{gate['stage']} · {gate['port']}" if gate["port"] else str(gate["stage"]) for gate in gates]
    hover = [f"{gate['kept']:,} kept, {gate['rejected']:,} rejected: {gate['why']}" for gate in gates]
    ports = list(dict.fromkeys(gate["port"] for gate in gates))
    colours = [theme.PALETTE[ports.index(gate["port"]) % len(theme.PALETTE)] for gate in gates]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "x": [max(int(gate["kept"]), 0) or None for gate in gates],
        "text": [f"{gate['kept']:,}" for gate in gates],
        "textposition": "auto",
        "hovertext": hover,
        "hoverinfo": "text",
        "marker": {"color": colours},
    }
    x = theme.axis("asteroids kept (logarithmic)", type="log", range=[0, 5])
    y = theme.axis("", autorange="reversed")
    return theme.figure(
        [bars], theme.layout("How many were left at each gate", x, y, height=80 + 30 * len(gates), showlegend=False)
    )
