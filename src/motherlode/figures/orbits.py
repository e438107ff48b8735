"""Orbits in three dimensions, as data for a viewer that solves Kepler's equation itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import MU_SUN, Orbit
from motherlode.figures import theme
from motherlode.mechanics import elements, frames
from motherlode.units import AU

PLANETS: Final = {"mercury": "#9C8E86", "venus": "#D9B36C", "earth": "#5DA9E9", "mars": "#E2725B"}


def sky(
    asteroids: Sequence[tuple[str, Orbit]], planets: Mapping[str, Mover], span: tuple[float, float]
) -> dict[str, Any]:
    """Orbits of the planets and of some asteroids over a span: elements in au, rad and rad/s.

    asteroids  (name, orbit) each
    planets    movers by name; their orbits are those of the middle of the span
    span       TDB s past J2000
    """
    middle = (span[0] + span[1]) / 2
    inner = [
        _body(name.capitalize(), colour, _osculating(planets[name], middle), True) for name, colour in PLANETS.items()
    ]
    colours = [theme.PALETTE[k % len(theme.PALETTE)] for k in range(len(asteroids))]
    rocks = [
        _body(name, _bright(colour), _elements(orbit), False) for (name, orbit), colour in zip(asteroids, colours)
    ]
    return {"first": span[0], "last": span[1], "bodies": inner + rocks}


def _body(name: str, colour: str, orbit: dict[str, float], planet: bool) -> dict[str, Any]:
    return {"name": name, "colour": colour, "orbit": orbit, "planet": planet}


def _elements(orbit: Orbit) -> dict[str, float]:
    a = float(orbit.semi_major_axis_km)
    return {
        "a": a / AU,
        "e": float(orbit.eccentricity),
        "i": float(orbit.inclination_rad),
        "node": float(orbit.node_rad),
        "peri": float(orbit.perihelion_argument_rad),
        "mean": float(orbit.mean_anomaly_rad),
        "motion": float((MU_SUN / a**3) ** 0.5),
        "epoch": float(orbit.epoch_tdb),
    }


def _osculating(planet: Mover, t: float) -> dict[str, float]:
    found = elements.from_state(frames.to_ecliptic(planet.state(t)), MU_SUN)
    return _elements(Orbit(planet.name, t, *(float(value) for value in found)))


def _bright(colour: str) -> str:
    """Colours of the palette that would vanish on a dark sky, lightened."""
    return {"#0072B2": "#4FB3FF", "#777777": "#B8BEC8", "#D55E00": "#FF8A3D", "#009E73": "#2FD6A3"}.get(
        colour, colour
    )
