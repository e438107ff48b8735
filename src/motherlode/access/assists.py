"""Gravity assists: chains of Lambert legs past planets, with powered fly-bys or with one manoeuvre per leg.

``mga`` burns at the periapsis of each fly-by; ``mga_1dsm`` flies by without thrust and burns once between planets.
Any movers can be in the chain, and many trajectories are evaluated at once: every argument has a leading axis of
candidates. The models are those of the GTOP problems of ESA's Advanced Concepts Team (Vinko & Izzo 2008).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import BadInput
from motherlode.mechanics import flyby, kepler, lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH

Array = NDArray[np.float64]
Charge = Callable[[Array], Array]
MU: Final = GM_KM3_S2["sun"]


@dataclass(frozen=True)
class Planet:
    """One body of a chain: who moves, how heavy, how near one may pass."""

    mover: Mover
    mu: float
    radius_km: float
    lowest_periapsis_km: float


@dataclass(frozen=True)
class Chain:
    """Trajectories of a chain, (n) each; ``delta_v_km_s`` is their sum.

    departure_km_s, arrival_km_s  what leaving and arriving cost
    burns_km_s     (n, legs or fly-bys)  in between
    periapsis_km   (n, fly-bys)
    v_infinity_*   (n) speeds relative to the first and last body
    """

    departure_km_s: Array
    burns_km_s: Array
    arrival_km_s: Array
    periapsis_km: Array
    v_infinity_depart_km_s: Array
    v_infinity_arrive_km_s: Array

    @property
    def delta_v_km_s(self) -> Array:
        """All burns together, km/s."""
        return np.asarray(self.departure_km_s + self.burns_km_s.sum(axis=-1) + self.arrival_km_s)


def planet(mover: Mover, lowest_periapsis_km: float | None = None) -> Planet:
    """A body of the almanac as a link of a chain; by default no nearer than 200 km above its surface.

    raises  BadInput for a mover without a known mass
    """
    name = str(mover.name)
    if name not in RADIUS_KM:
        raise BadInput(f"{name!r} has no mass to swing by; a chain passes planets: {', '.join(RADIUS_KM)}")
    return Planet(mover, GM_KM3_S2[name], RADIUS_KM[name], lowest_periapsis_km or RADIUS_KM[name] + 200.0)


def insertion(mu: float, periapsis_km: float, eccentricity: float) -> Charge:
    """Cost of braking into an ellipse with this periapsis, as a function of the speed at infinity."""
    speed = np.sqrt(mu * (1 + eccentricity) / periapsis_km)

    def charge(v_infinity_km_s: Array) -> Array:
        return np.asarray(flyby.oberth(v_infinity_km_s, periapsis_km, mu) - speed)

    return charge


def matching(v_infinity_km_s: Array) -> Array:
    """Cost of meeting, or leaving, in free space: the whole relative speed."""
    return v_infinity_km_s


def mga(
    chain: Sequence[Planet],
    start_tdb: ArrayLike,
    flights_s: ArrayLike,
    *,
    departure: Charge = matching,
    arrival: Charge = matching,
) -> Chain:
    """Lambert legs joined by powered fly-bys.

    start_tdb  (n)        TDB s past J2000
    flights_s  (n, legs)  s
    returns    Chain; NaN where a leg has no orbit
    """
    flights = np.atleast_2d(np.asarray(flights_s, dtype=float))
    dates = _dates(start_tdb, flights)
    states = [body.mover.state(dates[:, k]) for k, body in enumerate(chain)]
    legs = [
        lambert.solve(a[:, :3], b[:, :3], flights[:, k], MU, north=ECLIPTIC_NORTH)
        for k, (a, b) in enumerate(pairwise(states))
    ]
    passes = [
        flyby.powered(
            legs[k][1] - states[k + 1][:, 3:], legs[k + 1][0] - states[k + 1][:, 3:],
            chain[k + 1].mu, chain[k + 1].lowest_periapsis_km,
        )
        for k in range(len(legs) - 1)
    ]  # fmt: skip
    leave = np.linalg.norm(legs[0][0] - states[0][:, 3:], axis=1)
    arrive = np.linalg.norm(legs[-1][1] - states[-1][:, 3:], axis=1)
    none = np.empty((len(flights), 0))
    burns = np.stack([burn for burn, _ in passes], axis=1) if passes else none
    periapsis = np.stack([r for _, r in passes], axis=1) if passes else none
    return Chain(departure(leave), burns, arrival(arrive), periapsis, leave, arrive)


def mga_1dsm(
    chain: Sequence[Planet],
    start_tdb: ArrayLike,
    v_infinity_km_s: ArrayLike,
    direction: ArrayLike,
    flights_s: ArrayLike,
    burn_at: ArrayLike,
    periapsis_radii: ArrayLike,
    tilt_rad: ArrayLike,
    *,
    departure: Charge = matching,
    arrival: Charge = matching,
) -> Chain:
    """One manoeuvre on each leg, unpowered fly-bys between.

    direction        (n, 2)         u, v in [0, 1]: 2πu along the orbit, acos(2v - 1) - π/2 above it
    burn_at          (n, legs)      share of each flight before its manoeuvre
    periapsis_radii  (n, fly-bys)   radii of the planet
    tilt_rad         (n, fly-bys)   of the plane of each fly-by
    """
    flights, share = (np.atleast_2d(np.asarray(x, dtype=float)) for x in (flights_s, burn_at))
    radii, tilt = (np.atleast_2d(np.asarray(x, dtype=float)) for x in (periapsis_radii, tilt_rad))
    dates = _dates(start_tdb, flights)
    states = [body.mover.state(dates[:, k]) for k, body in enumerate(chain)]
    speed = np.atleast_1d(np.asarray(v_infinity_km_s, dtype=float))
    v = states[0][:, 3:] + speed[:, None] * _heading(states[0], np.atleast_2d(direction))
    burns, arriving = [], np.empty(0)
    for k in range(flights.shape[1]):
        burn, arriving = _leg(states[k], states[k + 1], v, flights[:, k], share[:, k])
        burns.append(burn)
        relative = arriving - states[k + 1][:, 3:]
        if k + 1 < flights.shape[1]:
            turned = swing(relative, states[k + 1][:, 3:], chain[k + 1], radii[:, k], tilt[:, k])
            v = states[k + 1][:, 3:] + turned
    arrive = np.linalg.norm(arriving - states[-1][:, 3:], axis=1)
    periapsis = radii * np.array([body.radius_km for body in chain[1:-1]])
    return Chain(departure(speed), np.stack(burns, axis=1), arrival(arrive), periapsis, speed, arrive)


def swing(relative: Array, planet_velocity: Array, body: Planet, periapsis_radii: Array, tilt_rad: Array) -> Array:
    """Relative velocity (n, 3) after an unpowered fly-by of the periapsis and tilt."""
    speed = np.linalg.norm(relative, axis=1)
    turn = flyby.turn_angle(speed, periapsis_radii * body.radius_km, body.mu)
    ahead = relative / speed[:, None]
    across = _unit(np.cross(ahead, planet_velocity))
    third = np.cross(ahead, across)
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    sideways = np.cos(tilt_rad)[:, None] * across + np.sin(tilt_rad)[:, None] * third
    return np.asarray(speed[:, None] * (c * ahead + s * sideways))


def _leg(here: Array, there: Array, v: Array, flight: Array, share: Array) -> tuple[Array, Array]:
    r, coasting = kepler.propagate(here[:, :3], v, share * flight, MU)
    needed, arriving = lambert.solve(r, there[:, :3], (1 - share) * flight, MU, north=ECLIPTIC_NORTH)
    return np.linalg.norm(needed - coasting, axis=1), arriving


def _heading(state: Array, direction: Array) -> Array:
    theta, phi = 2 * np.pi * direction[:, 0], np.arccos(2 * direction[:, 1] - 1) - np.pi / 2
    ahead = _unit(state[:, 3:])
    up = _unit(np.cross(state[:, :3], state[:, 3:]))
    left = np.cross(up, ahead)
    c = np.cos(phi)[:, None]
    return np.asarray(
        c * np.cos(theta)[:, None] * ahead + c * np.sin(theta)[:, None] * left + np.sin(phi)[:, None] * up
    )


def _dates(start_tdb: ArrayLike, flights: Array) -> Array:
    start = np.atleast_1d(np.asarray(start_tdb, dtype=float))[:, None]
    return np.asarray(start + np.concatenate([np.zeros((len(flights), 1)), np.cumsum(flights, axis=1)], axis=1))


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
