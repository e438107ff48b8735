"""Retrievals: the tube that leads into an orbit, the way home seen from the planet and from the stars, the trade."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.capture.gateway import MU, Gateway
from motherlode.capture.manifolds import STEP_OFF, Library, stable_directions
from motherlode.capture.plans import Retrieval
from motherlode.ephemeris.bodies import Mover
from motherlode.figures import theme
from motherlode.figures.theme import Figure
from motherlode.mechanics import elements, synodic, threebody
from motherlode.mechanics.frames import to_ecliptic
from motherlode.units import AU, DAY, METRE_S, YEAR

Array = NDArray[np.float64]

DEAREST_KM_S: Final = 2.0  # on the front of Δv against time: dearer ones would flatten the rest


def manifold_tube(library: Library, orbit: int, *, strands: int = 40) -> Figure:
    """The stable manifold of one periodic orbit from its section to the orbit, in the rotating frame, 1e6 km.

    orbit    index into ``library.orbits``
    strands  paths drawn
    """
    ring = library.orbits[orbit]
    states, directions = stable_directions(ring, strands)
    angle = library.recipe.section_rad if ring.point == 2 else -library.recipe.section_rad
    starts = states + STEP_OFF * directions
    _, times = threebody.to_section(starts, np.full(strands, angle), 32.0, ring.mu)
    x: list[float | None] = []
    y: list[float | None] = []
    for start, time in zip(starts, times, strict=True):
        if np.isfinite(time):
            path = threebody.trace(start, -np.linspace(0.0, time, 160), ring.mu)
            x += [*_thousands(library, path[:, 0] - 1.0 + ring.mu), None]
            y += [*_thousands(library, path[:, 1]), None]
    loop = np.concatenate([ring.states(200), ring.state[None]])
    traces = [
        _line("stable manifold", x, y, theme.PALETTE[4], width=0.8),
        _line(
            f"{ring.family} orbit about L{ring.point}",
            _thousands(library, loop[:, 0] - 1.0 + ring.mu),
            _thousands(library, loop[:, 1]),
            theme.PALETTE[5],
            width=2.0,
        ),
        _spot(library.system.smaller, 0.0, 0.0),
    ]
    return _square(traces, f"Into a {ring.family} orbit about {library.system.name} L{ring.point}", "million km")


def rotating_view(way: Retrieval, target: Mover, gate: Gateway) -> Figure:
    """A retrieval as seen from the planet: the asteroid's arc and the coast on the manifold, rotating frame, au."""
    system = gate.library.system
    arc_dates, arc = _arc(way, target)
    section = np.asarray(way.orbit["section_state"])
    start = float(way.orbit["section_tdb"])
    joined = min(0.0, _turned(gate, start, float(arc_dates[-1])))  # the coast begins before the section
    coast = threebody.propagate(
        np.tile(section, (400, 1)),
        np.linspace(joined, _turned(gate, start, way.arrive_tdb), 400),
        system.mu,
        eccentricity=gate.library.recipe.eccentricity,
        anomaly=float(gate.longitude_at(start)),
    )
    turning = synodic.from_inertial(arc, gate.planet.state(arc_dates), system.mu)
    traces = [
        _line("Lambert arc", turning[:, 0], turning[:, 1], theme.PALETTE[1]),
        _line("stable manifold", coast[:, 0], coast[:, 1], theme.PALETTE[0]),
        _spot(system.smaller, 1.0 - system.mu, 0.0),
        _spot("Sun", -system.mu, 0.0),
        _spot("join", float(turning[-1, 0]), float(turning[-1, 1]), "x"),
    ]
    return _square(
        traces, f"{way.designation} to {way.destination}, rotating frame", f"× {system.length_km / AU:.3f} au"
    )


def inertial_view(way: Retrieval, target: Mover, planet: Mover) -> Figure:
    """A retrieval as seen from the north of the ecliptic: the asteroid's orbit, its arc, the planet's orbit, au."""
    dates, arc = _arc(way, target)
    before = to_ecliptic(target.state(np.linspace(dates[0] - 1.2 * YEAR, dates[0], 240)))
    year = to_ecliptic(planet.state(np.linspace(dates[0], dates[0] + 2.0 * YEAR, 480)))
    drawn = to_ecliptic(arc)
    traces = [
        _line(f"{planet.name}'s orbit", year[:, 0] / AU, year[:, 1] / AU, theme.PALETTE[7], width=1.0),
        _line("asteroid's own orbit", before[:, 0] / AU, before[:, 1] / AU, theme.PALETTE[2], width=1.2),
        _line("Lambert arc", drawn[:, 0] / AU, drawn[:, 1] / AU, theme.PALETTE[1]),
        _spot("Sun", 0.0, 0.0),
        _spot("first burn", float(drawn[0, 0] / AU), float(drawn[0, 1] / AU), "diamond"),
        _spot("join", float(drawn[-1, 0] / AU), float(drawn[-1, 1] / AU), "x"),
    ]
    return _square(traces, f"{way.designation} to {way.destination}, ecliptic view", "au")


def pareto_front(ways: Sequence[Retrieval]) -> Figure:
    """Velocity change against the time from the first burn to the orbit, of ways that no other beats in both.

    Ways above 2 km/s are not drawn unless there are no others.
    """
    ways = [way for way in ways if way.delta_v_km_s <= DEAREST_KM_S] or ways
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "ways that no other beats",
        "x": [way.flight_s / DAY for way in ways],
        "y": [way.delta_v_km_s / METRE_S for way in ways],
        "text": [f"first burn {epochs.iso(way.depart_tdb)[:10]}" for way in ways],
        "hovertemplate": "%{y:.0f} m/s in %{x:.0f} d<br>%{text}<extra></extra>",
        "line": {"color": theme.PALETTE[0], "shape": "hv"},
    }
    title = f"{ways[0].designation} to {ways[0].destination}" if ways else "no way home"
    return theme.figure(
        [trace], theme.layout(title, theme.axis("days from the first burn to the orbit"), theme.axis("Δv, m/s"))
    )


def _arc(way: Retrieval, target: Mover) -> tuple[Array, Array]:
    """Dates and heliocentric states of the arc from the first burn to the next, on its conic."""
    start, end = way.depart_tdb, way.burns[1].epoch_tdb
    state = target.state(start) + np.array([0.0, 0.0, 0.0, *way.orbit["leave_km_s"]])
    a, e, i, node, peri, mean = elements.from_state(state, MU)
    dates = np.linspace(start, end, 400)
    return dates, elements.to_state(a, e, i, node, peri, mean + np.sqrt(MU / a**3) * (dates - start), MU)


def _turned(gate: Gateway, start: float, end: float) -> float:
    if gate.circular:
        return (end - start) / gate.library.system.time_s
    return float(gate.longitude_at(end) - gate.longitude_at(start))


def _thousands(library: Library, values: Array) -> list[float]:
    return [float(v) for v in np.round(values * library.system.length_km / 1e6, 4)]


def _line(name: str, x: Any, y: Any, colour: str, *, width: float = 1.6) -> dict[str, Any]:
    ours = {"x": [v if v is None else float(v) for v in x], "y": [v if v is None else float(v) for v in y]}
    return {"type": "scatter", "mode": "lines", "name": name, "line": {"color": colour, "width": width}, **ours}


def _spot(name: str, x: float, y: float, symbol: str = "circle") -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": [x], "y": [y],
        "marker": {"size": 9, "symbol": symbol},
    }  # fmt: skip


def _square(traces: Sequence[dict[str, Any]], title: str, unit: str) -> Figure:
    y = theme.axis(f"y, {unit}", scaleanchor="x", scaleratio=1)
    return theme.figure(traces, theme.layout(title, theme.axis(f"x, {unit}"), y, showlegend=True))
