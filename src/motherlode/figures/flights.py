"""A flight as it is flown, burn by burn: seen from the north of the ecliptic, and from the planet where it ends."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.sampled import Burn
from motherlode.figures import theme
from motherlode.figures.theme import Figure
from motherlode.mechanics import frames
from motherlode.units import AU, METRE_S, YEAR

Array = NDArray[np.float64]
Arc = tuple[str, Array, Array]  # what it is called, epochs (n,), heliocentric ICRF states (n, 6)
MILLION_KM: Final = 1e6
NEAR_KM: Final = 4e6  # drawn around the planet


def from_north(title: str, arcs: Sequence[Arc], burns: Sequence[Burn], planet: Mover) -> Figure:
    """The arcs and the orbit of the planet in the ecliptic, au."""
    first, last = float(arcs[0][1][0]), float(arcs[-1][1][-1])
    year = np.linspace(first, min(first + 2.0 * YEAR, planet.span[1]), 500)
    traces = [_seen(f"orbit of {_called(planet)}", year, planet.state(year), colour=7, width=1.0)]
    traces += [_seen(name, t, states, colour=k, width=2.0) for k, (name, t, states) in enumerate(arcs)]
    traces += [_spot("Sun", np.zeros(2), "#E69F00", "circle")]
    traces += [_spot(_said(burn), _at(arcs, burn) / AU, "#D55E00", "x") for burn in burns]
    return _square(traces, f"{title}, seen from the north, {epochs.iso(first)} to {epochs.iso(last)}", "au")


def from_planet(title: str, arcs: Sequence[Arc], planet: Mover, *, side: bool = False) -> Figure | None:
    """The part near the planet in axes that turn with it, the Sun to the left; None where there is none.

    side   from the side, north up, instead of from the north
    """
    traces, across = [], 2 if side else 1
    for k, (name, t, states) in enumerate(arcs):
        beside = turning(states, planet.state(t))
        near = np.linalg.norm(beside, axis=1) < NEAR_KM
        if near.any():
            shown = np.where(near[:, None], beside[:, [0, across]], np.nan) / MILLION_KM
            traces.append(_line(name, shown, t, colour=k, width=2.0))
    if not traces:
        return None
    traces.append(_spot(_called(planet), np.zeros(2), "#0072B2", "circle"))
    where = f"beside {_called(planet)}, {'north up' if side else 'from the north'}: the Sun is to the left"
    return _square(traces, f"{title}, {where}", "million km")


def turning(states: Array, planet: Array) -> Array:
    """Places (n, 3), km, from a planet in axes that turn with it: away from the Sun, along its motion, north."""
    out = planet[:, :3] / np.linalg.norm(planet[:, :3], axis=1, keepdims=True)
    north = np.cross(planet[:, :3], planet[:, 3:])
    north /= np.linalg.norm(north, axis=1, keepdims=True)
    axes = np.stack([out, np.cross(north, out), north], axis=1)
    beside: Array = np.einsum("nij,nj->ni", axes, states[:, :3] - planet[:, :3])
    return beside


def _called(planet: Mover) -> str:
    return {"emb": "Earth", "sun": "the Sun"}.get(planet.name, planet.name.capitalize())


def _said(burn: Burn) -> str:
    return f"{burn.what}: {burn.delta_v_km_s / METRE_S:,.0f} m/s"


def _at(arcs: Sequence[Arc], burn: Burn) -> Array:
    """Place of a burn in the ecliptic, km, from the sample nearest to it."""
    gaps = [(float(np.abs(t - burn.epoch_tdb).min()), k) for k, (_, t, _) in enumerate(arcs)]
    _, t, states = arcs[min(gaps)[1]]
    found: Array = frames.to_ecliptic(states[int(np.abs(t - burn.epoch_tdb).argmin()), :3])[:2]
    return found


def _seen(name: str, t: Array, states: Array, *, colour: int, width: float) -> dict[str, Any]:
    return _line(name, frames.to_ecliptic(states[:, :3])[:, :2] / AU, t, colour=colour, width=width)


def _line(name: str, points: Array, t: Array, *, colour: int, width: float) -> dict[str, Any]:
    x, y = (points[:, j].round(5).tolist() for j in (0, 1))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [None if v != v else v for v in x],
        "y": [None if v != v else v for v in y],
        "text": [epochs.iso(float(one)) for one in t],
        "hovertemplate": f"{name}<br>%{{text}}<extra></extra>",
        "line": {"color": theme.PALETTE[colour % len(theme.PALETTE)], "width": width},
    }


def _spot(name: str, place: Array, colour: str, symbol: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [float(place[0])],
        "y": [float(place[1])],
        "marker": {"color": colour, "symbol": symbol, "size": 9},
        "hovertemplate": f"{name}<extra></extra>",
    }


def _square(traces: list[dict[str, Any]], title: str, unit: str) -> Figure:
    legend = {"orientation": "h", "y": -0.14}
    x, y = theme.axis(unit), theme.axis(unit, scaleanchor="x", scaleratio=1)
    return theme.figure(traces, theme.layout(title, x, y, legend=legend, height=520))
