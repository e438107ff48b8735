"""A plan of the restricted problem laid out as nodes in the real sky: the first guess of its flight.

The arc is the plan's own conic. The coast is the plan's path in the pulsating frame, placed at the planet's true
position of each date; after the arrival the periodic orbit is run through again and again, at the pace of the
planet's true longitude.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture.gateway import MU, Gateway
from motherlode.capture.manifolds import stable_directions
from motherlode.capture.plans import Retrieval
from motherlode.capture.shooting import Chain, Units
from motherlode.ephemeris.bodies import Mover
from motherlode.mechanics import kepler, synodic, threebody
from motherlode.mechanics.periodic import PeriodicOrbit, hill_radius
from motherlode.units import DAY

Array = NDArray[np.float64]

NODE: Final = 0.5  # radians of the planet's turn between nodes near it: a month at the Earth, two at Mars
NODE_FAR: Final = 1.0  # the same on the arc
CLOCK: Final = 2.0 * DAY  # between dates of the planet's longitude
UNIT: Final = 0.1  # Hill radii: the unit in which nodes are moved


@dataclass(frozen=True)
class Clock:
    """The planet's longitude about an arrival: radians turned since, both ways."""

    dates: Array
    turned: Array

    def at(self, date: Array) -> Array:
        """Radians turned since the arrival."""
        return np.asarray(np.interp(date, self.dates, self.turned))

    def date(self, turned: Array) -> Array:
        """When it has turned so far."""
        return np.asarray(np.interp(turned, self.turned, self.dates))


def units(gate: Gateway) -> Units:
    """In which the nodes of a planet's flights are moved; speed in the pace of the libration point's motion."""
    system = gate.library.system
    place = UNIT * hill_radius(system.mu) * system.length_km
    return Units(place, 2.0 * place / system.time_s, 10.0 * DAY)


def laid_out(gate: Gateway, planet: Mover, target: Mover, way: Retrieval, until: float) -> Chain:
    """A plan as a chain of nodes from the first burn to ``until``, TDB s past J2000."""
    join, section = way.burns[1].epoch_tdb, float(way.orbit["section_tdb"])
    if section - join < 0.5 * NODE * gate.library.system.time_s:  # too short a piece: joined at the section
        join = section
    clock = _clock(planet, gate.axes, way.arrive_tdb, (join, until))
    arc = _arc(gate, target, way, join)
    outer = _before_section(gate, planet, way, join, section)
    coast = _coast(gate, planet, way, clock, section)
    stay = _stay(gate, planet, way, clock)
    epochs = np.concatenate([part[0] for part in (arc, outer, coast, stay)])
    states = np.concatenate([part[1] for part in (arc, outer, coast, stay)])
    return Chain(epochs, states, len(arc[0]), len(epochs) - len(stay[0]))


def _clock(planet: Mover, axes: Array, arrive: float, span: tuple[float, float]) -> Clock:
    first, last = span[0] - CLOCK, min(span[1] + CLOCK, planet.span[1])
    dates = np.concatenate([np.arange(first, last, CLOCK), [last]])
    flat = planet.state(dates)[:, :3] @ axes
    turned = np.unwrap(np.arctan2(flat[:, 1], flat[:, 0]))
    return Clock(dates, turned - np.interp(arrive, dates, turned))


def _arc(gate: Gateway, target: Mover, way: Retrieval, join: float) -> tuple[Array, Array]:
    """Nodes of the conic, the first burn's but not the join's."""
    here = target.state(way.depart_tdb)
    return _conic(here[:3], here[3:] + way.orbit["leave_km_s"], way.depart_tdb, join, NODE_FAR, gate, way.depart_tdb)


def _before_section(gate: Gateway, planet: Mover, way: Retrieval, join: float, section: float) -> tuple[Array, Array]:
    """Nodes from the join to the section, where the plan coasts under the Sun alone."""
    state = synodic.to_inertial(way.orbit["section_state"], planet.state(section), gate.library.system.mu)
    return _conic(state[:3], state[3:], section, section, NODE, gate, join)


def _conic(
    r: Array, v: Array, epoch: float, end: float, node: float, gate: Gateway, start: float
) -> tuple[Array, Array]:
    """Nodes of a two-body path from a start up to an end, without the end."""
    count = int(np.ceil((end - start) / (node * gate.library.system.time_s)))
    dates = start + (end - start) * np.arange(count) / max(count, 1)
    places, speeds = kepler.propagate(r, v, dates - epoch, MU)
    return dates, np.concatenate([places, speeds], -1).reshape(-1, 6)


def _coast(gate: Gateway, planet: Mover, way: Retrieval, clock: Clock, start: float) -> tuple[Array, Array]:
    """Nodes from the section (or a later join) to the arrival, which is left out: backward, where it is stable."""
    library, orbit = gate.library, _orbit(gate, way)
    states, directions = stable_directions(orbit, library.recipe.departures)
    k = int(way.orbit["departure"])
    turned = float(clock.at(np.asarray(start)))
    angles = np.linspace(turned, 0.0, max(1, int(np.ceil(-turned / NODE))) + 1)[:-1]
    path = threebody.propagate(
        np.tile(states[k] + library.recipe.step_off * directions[k], (len(angles), 1)),
        angles,
        library.system.mu,
        eccentricity=library.recipe.eccentricity,
        anomaly=float(gate.longitude_at(way.arrive_tdb)),
    )
    return _placed(planet, clock, angles, path, library.system.mu)


def _stay(gate: Gateway, planet: Mover, way: Retrieval, clock: Clock) -> tuple[Array, Array]:
    """Nodes on the periodic orbit from the arrival to the end of the clock."""
    library, orbit = gate.library, _orbit(gate, way)
    angles = np.arange(0.0, clock.turned[-1], NODE)
    first = int(way.orbit["departure"]) / library.recipe.departures * orbit.period
    phases = (first + angles) % orbit.period
    order = np.argsort(phases)
    path = np.empty((len(angles), 6))
    path[order] = threebody.trace(orbit.state, phases[order], orbit.mu)
    return _placed(planet, clock, angles, path, library.system.mu)


def _placed(planet: Mover, clock: Clock, angles: Array, path: Array, mu: float) -> tuple[Array, Array]:
    dates = clock.date(angles)
    return dates, synodic.to_inertial(path, planet.state(dates), mu)


def _orbit(gate: Gateway, way: Retrieval) -> PeriodicOrbit:
    return gate.library.orbits[int(way.orbit["orbit"])]
