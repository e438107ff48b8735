"""The manifold library seen from the Sun: every section state is a heliocentric orbit that passes at a known time.

Asteroids and section orbits are compared in the plane of the planet's orbit by elements that stay smooth for circles
and for small inclinations: semi-major axis, eccentricity vector, tilt of the pole, mean longitude. To first order in
their differences the cheapest pair of burns follows in closed form, with and without the phase; so millions of pairs
are ranked before Lambert's problem is solved for the best.
"""

from dataclasses import dataclass
from math import pi
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from motherlode.capture.manifolds import Library
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris.bodies import Mover
from motherlode.mechanics import elements, synodic
from motherlode.units import DAY

Array = NDArray[np.float64]

MU: Final = GM_KM3_S2["sun"]
EPOCH_STEP_D: Final = 24.0  # between section epochs of the circular problem
DATE_STEP_D: Final = 10.0  # of the asteroid's table of elements
FLIGHTS_D: Final = np.arange(160.0, 2_900.0, 160.0)  # from the first burn to the section
FAR: Final = 2.0  # km/s: pairs that cost more in semi-major axis alone are not looked at
ROUND: Final = 0.5  # orbits more eccentric than this are not compared


@dataclass(frozen=True)
class CirclingPlanet:
    """A planet of the circular problem: steady on its mean circle in a plane."""

    name: str
    radius_km: float
    time_s: float
    longitude_rad: float
    axes: Array
    span: tuple[float, float] = (-np.inf, np.inf)

    def state(self, t: ArrayLike) -> Array:
        """Heliocentric states (..., 6)."""
        angle = self.longitude_rad + np.asarray(t, dtype=float) / self.time_s
        c, s, zero = np.cos(angle), np.sin(angle), np.zeros_like(angle)
        speed = self.radius_km / self.time_s
        flat = [self.radius_km * np.stack([c, s, zero], -1), speed * np.stack([-s, c, zero], -1)]
        return np.concatenate([part @ self.axes.T for part in flat], -1)


@dataclass(frozen=True)
class Smooth:
    """Elements (n,) in the planet's plane: km, eccentricity vector, pole tilt, mean longitude."""

    a: Array
    ex: Array
    ey: Array
    ix: Array
    iy: Array
    longitude: Array

    def stacked(self) -> Array:
        """(6, n), the form that the kernels read."""
        return np.ascontiguousarray([self.a, self.ex, self.ey, self.ix, self.iy, self.longitude])


def smooth(state: ArrayLike) -> Smooth:
    """Smooth elements of heliocentric states (..., 6) given in the axes of the planet's plane."""
    a, e, i, node, peri, mean = elements.from_state(state, MU)
    long = node + peri
    return Smooth(
        a, e * np.cos(long), e * np.sin(long), np.sin(i) * np.sin(node), -np.sin(i) * np.cos(node), long + mean
    )


@dataclass(frozen=True)
class Gateway:
    """A library tied to a planet and to a span of dates.

    axes       (3, 3)  columns: perihelion direction of the planet's orbit, its companion, the pole; ICRF
    dates      (m,)    TDB s, and the planet's longitude there (m,), unwrapped, from the first axis
    entries    (6, n)  smooth elements on the section, longitudes counted from the planet's direction
    """

    library: Library
    planet: Mover
    span: tuple[float, float]
    axes: Array
    dates: Array
    longitude: Array
    entries: Array

    @property
    def turns(self) -> Array:
        """Longitude (n,) of the planet at which each entry is met; any other does as well in the circular problem."""
        return np.ascontiguousarray(self.library.anomaly)

    @property
    def slack(self) -> float:
        """How far from ``turns`` the planet may be, rad."""
        return pi if self.circular else 0.0

    @property
    def circular(self) -> bool:
        """Whether the library repeats at every epoch, or only at the planet's season."""
        return self.library.recipe.eccentricity == 0.0

    def epochs(self, rows: ArrayLike) -> Array:
        """Epochs (len(rows), y) at which entries pass the section; NaN where they arrive beyond the span."""
        rows = np.asarray(rows)
        if self.circular:
            steps = np.arange(self.span[0], self.span[1], EPOCH_STEP_D * DAY)
            return np.where(np.isinf(self.arrival(rows[:, None], steps)), np.nan, steps)
        first, last = self.longitude[0], self.longitude[-1]
        turns = np.arange(np.floor(first / (2 * pi)), np.ceil(last / (2 * pi)) + 1)
        wanted = self.library.anomaly[rows] % (2 * pi)
        wanted = wanted[:, None] + 2 * pi * turns[None, :]
        beyond = (wanted < first) | (wanted + self.library.duration[rows][:, None] > last)
        return np.where(beyond, np.nan, self.date_of(wanted))

    def date_of(self, longitude: ArrayLike) -> Array:
        """Epoch at which the planet reaches an unwrapped longitude."""
        return np.asarray(np.interp(np.asarray(longitude, dtype=float), self.longitude, self.dates))

    def longitude_at(self, epoch: ArrayLike) -> Array:
        """Unwrapped longitude of the planet at an epoch."""
        return np.asarray(np.interp(np.asarray(epoch, dtype=float), self.dates, self.longitude))

    def arrival(self, rows: Any, epoch: ArrayLike) -> Array:
        """Epochs (...) at which entries that pass the section then reach their orbits; inf after the span."""
        duration = self.library.duration[rows]
        if self.circular:
            arrival = np.asarray(epoch, dtype=float) + duration * self.library.system.time_s
            return np.where(arrival <= self.span[1], arrival, np.inf)
        longitude = self.longitude_at(epoch) + duration
        return np.where(longitude <= self.longitude[-1], self.date_of(longitude), np.inf)

    def section_state(self, rows: Any, epoch: ArrayLike) -> Array:
        """Heliocentric ICRF states (..., 6) of entries (...) that pass the section at epochs (...)."""
        return synodic.to_inertial(self.library.state[rows], self.planet.state(epoch), self.library.system.mu)

    def table_of(self, target: Mover, step_d: float = DATE_STEP_D) -> tuple[Array, float]:
        """Smooth elements (6, t) of an asteroid on even dates from the span's start, and the step in s."""
        dates = np.arange(self.span[0], self.span[1] + step_d * DAY, step_d * DAY)
        dates = np.clip(dates, *self.span)
        return smooth(in_plane(target.state(dates), self.axes)).stacked(), step_d * DAY


def open_gateway(library: Library, planet: Mover, span: tuple[float, float]) -> Gateway:
    """Tie a library to a planet's motion over a span of dates.

    planet   mover; for a library of the circular problem a ``CirclingPlanet`` gives the published model
    """
    dates = np.arange(span[0], span[1] + DAY, DAY)
    dates = np.clip(dates, *span)
    states = planet.state(dates)
    axes = _plane(states)
    flat = in_plane(states, axes)
    longitude = np.unwrap(np.arctan2(flat[:, 1], flat[:, 0]))
    return Gateway(library, planet, span, axes, dates, longitude, _entries(library))


def circling(library: Library, planet: Mover, span: tuple[float, float]) -> CirclingPlanet:
    """The circle that belongs to a library of the circular problem, in phase with a planet's mean motion."""
    dates = np.linspace(*span, 20_001)
    states = planet.state(dates)
    pole = _pole(states)
    x = np.cross([0.0, 1.0, 0.0], pole)
    x /= np.linalg.norm(x)
    axes = np.column_stack([x, np.cross(pole, x), pole])
    flat = in_plane(states, axes)
    time_s = library.system.time_s
    phase = np.unwrap(np.arctan2(flat[:, 1], flat[:, 0])) - dates / time_s
    return CirclingPlanet(planet.name, library.system.length_km, time_s, float(np.mean(phase)), axes)


def _pole(states: Array) -> Array:
    pole = np.sum(np.cross(states[:, :3], states[:, 3:]), 0)
    return np.asarray(pole / np.linalg.norm(pole))


def _plane(states: Array) -> Array:
    """Axes of a planet's orbit: perihelion direction, companion, pole."""
    r, v = states[:, :3], states[:, 3:]
    pole = _pole(states)
    towards = np.mean(np.cross(v, np.cross(r, v)) / MU - r / np.linalg.norm(r, axis=1)[:, None], 0)
    x = towards - pole * (pole @ towards)
    x /= np.linalg.norm(x)
    return np.column_stack([x, np.cross(pole, x), pole])


def in_plane(states: Array, axes: Array) -> Array:
    """States (..., 6) in the axes (3, 3) of a planet's orbit."""
    return np.concatenate([states[..., :3] @ axes, states[..., 3:] @ axes], -1)


def _entries(library: Library) -> Array:
    """Smooth elements of the entries, from the planet's own place in its mean ellipse at their anomaly."""
    system, e = library.system, library.recipe.eccentricity
    f = library.anomaly if e else np.zeros(len(library))
    p = system.length_km * (1.0 - e * e)
    distance = p / (1.0 + e * np.cos(f))
    momentum = np.sqrt(MU * p) if e else system.length_km**2 / system.time_s
    zero = np.zeros_like(distance)
    primary = np.stack([distance, zero, zero, MU / momentum * e * np.sin(f), momentum / distance, zero], -1)
    return smooth(synodic.to_inertial(library.state, primary, system.mu)).stacked()


@njit(cache=True, nogil=True, error_model="numpy")
def least_costs(body: Any, entries: Any, turns: Any, slack: float) -> Any:
    """Cost (n,) km/s of the way from one orbit (6,) to each entry (6, n) with the phase left free.

    turns   (n,)  longitude of the planet at which the entry is met, give or take ``slack`` radians
    returns inf where the orbits are too unlike

    No burns cost less, to first order. A burn of T along and R outward changes the eccentricity by at most
    √(4T² + R²) and the axis by 2T, one of W across turns the plane by W, all in units of the speed: however many
    burns share the work, their sum is at least √(max(δa, δe)²/4 + δi²) by Minkowski's inequality.
    """
    n = entries.shape[1]
    out = np.full(n, np.inf)
    for k in range(n):
        out[k] = _least_square(body, entries, k, turns[k], slack, FAR * FAR) ** 0.5
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def least_of_each(bodies: Any, entries: Any, turns: Any, slack: float) -> Any:
    """The least cost (n,) over the entries for each of many orbits (6, n)."""
    out = np.full(bodies.shape[1], np.inf)
    for i in range(bodies.shape[1]):
        body = bodies[:, i].copy()
        if not 0.0 < body[0] < 1e10:
            continue
        best = FAR * FAR
        for k in range(entries.shape[1]):
            best = min(best, _least_square(body, entries, k, turns[k], slack, best))
        out[i] = best**0.5 if best < FAR * FAR else np.inf
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _least_square(body: Any, entries: Any, k: int, turn: float, slack: float, below: float) -> Any:
    """Square of the cost of one entry; inf where it is not below a limit."""
    a, ex, ey, ix, iy = entries[0, k], entries[1, k], entries[2, k], entries[3, k], entries[4, k]
    shape = ex * ex + ey * ey
    if not (a > 0.0 and shape < ROUND * ROUND):
        return np.inf
    mean = 0.5 * (a + body[0])
    squared_speed = MU / mean
    axis = 0.25 * ((a - body[0]) / mean) ** 2
    if axis * squared_speed > below:
        return np.inf
    # the orientation turns with the planet: every square of a difference is a constant less a cosine
    tilts = ix * ix + iy * iy + body[3] ** 2 + body[4] ** 2
    ci, si = 2.0 * (ix * body[3] + iy * body[4]), 2.0 * (ix * body[4] - iy * body[3])
    ce, se = 0.5 * (ex * body[1] + ey * body[2]) + ci, 0.5 * (ex * body[2] - ey * body[1]) + si
    shapes = 0.25 * (shape + body[1] ** 2 + body[2] ** 2) + tilts
    least = max(axis + tilts - (ci * ci + si * si) ** 0.5, shapes - (ce * ce + se * se) ** 0.5)
    if least * squared_speed > below:
        return np.inf
    if slack < np.pi:
        least = max(axis + tilts - _peak(ci, si, turn, slack), shapes - _peak(ce, se, turn, slack))
    return least * squared_speed


@njit(cache=True, nogil=True, error_model="numpy")
def _peak(c: float, s: float, turn: float, slack: float) -> Any:
    """The most of c cos θ + s sin θ for θ within slack of a turn."""
    off = np.arctan2(s, c) - turn
    off = abs(off - 2.0 * np.pi * np.floor(off / (2.0 * np.pi) + 0.5))
    return (c * c + s * s) ** 0.5 * np.cos(max(0.0, off - slack))


@njit(cache=True, nogil=True, error_model="numpy")
def phased_costs(table: Any, step: float, start: float, entries: Any, epochs: Any, turns: Any, flights: Any) -> Any:
    """Cost (n, y) km/s and flight time of the way to each entry at each of its epochs, phase included.

    table    (6, t)  elements of the asteroid on dates start + step j
    entries  (6, n)  and their epochs (n, y), with the planet's longitude there (n, y)
    flights  (m,)    times of flight to try, s

    A drift orbit whose mean motion closes the gap in longitude lies outside the two semi-major axes where the phase
    is wrong; its detour is what waiting would have saved. In mean motions: δa/a = -2/3 δn/n.
    """
    n, years = epochs.shape
    cost = np.full((n, years), np.inf)
    flight = np.zeros((n, years))
    motions = (MU / np.abs(table[0]) ** 3) ** 0.5
    for k in range(n):
        motion = (MU / entries[0, k] ** 3) ** 0.5
        squared_speed = MU / entries[0, k]
        for y in range(years):
            epoch = epochs[k, y]
            if np.isnan(epoch):
                continue
            c = np.cos(turns[k, y])
            s = np.sin(turns[k, y])
            ex = c * entries[1, k] - s * entries[2, k]
            ey = s * entries[1, k] + c * entries[2, k]
            ix = c * entries[3, k] - s * entries[4, k]
            iy = s * entries[3, k] + c * entries[4, k]
            there = entries[5, k] + turns[k, y]
            best = np.inf
            for m in range(len(flights)):
                j = int((epoch - flights[m] - start) / step)
                if j < 0 or j >= table.shape[1]:
                    continue
                tof = epoch - start - step * j
                mean = 0.5 * (motion + motions[j])
                gap = there - table[5, j] - mean * tof
                gap -= 2.0 * np.pi * np.floor(gap / (2.0 * np.pi) + 0.5)
                drift = mean + gap / tof
                da = (abs(drift - motions[j]) + abs(motion - drift)) / (1.5 * mean)
                dex = ex - table[1, j]
                dey = ey - table[2, j]
                dix = ix - table[3, j]
                diy = iy - table[4, j]
                value = 0.25 * max(da * da, dex * dex + dey * dey) + dix * dix + diy * diy
                if value < best:
                    best = value
                    flight[k, y] = tof
            cost[k, y] = (best * squared_speed) ** 0.5
    return cost, flight
