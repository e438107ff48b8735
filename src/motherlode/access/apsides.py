"""A screening cost from any planet: two burns between a circular home orbit and an asteroid's apsides."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import GM_KM3_S2
from motherlode.units import AU

Array = NDArray[np.float64]
SPLITS = np.linspace(0.0, 1.0, 5)  # shares of the plane change made on leaving


def two_burn(a_au: ArrayLike, e: ArrayLike, i_rad: ArrayLike, home_au: float) -> tuple[Array, Array]:
    """Cheapest transfer from a circular, planar home orbit to perihelion or aphelion of an asteroid.

    a_au, e, i_rad  (...)  the asteroid's orbit, ellipse
    home_au         au     radius of the home planet's orbit
    returns         (v_infinity, rendezvous) km/s (...): speed on leaving the planet, speed made up at the asteroid;
                    the pair with the least sum over both apsides and five splits of the plane change

    Phase-free and blind to the node: a ranking aid like Shoemaker & Helin (1978), for any home, not a mission and
    not a strict bound.
    """
    a, e, i = (np.asarray(x, dtype=float)[..., None] for x in (a_au, e, i_rad))
    pairs = [_to(radius, a, i, home_au, SPLITS) for radius in (a * (1 - e), a * (1 + e))]
    leave = np.concatenate([pair[0] for pair in pairs], axis=-1)
    arrive = np.concatenate([pair[1] for pair in pairs], axis=-1)
    best = np.argmin(np.where(np.isnan(leave + arrive), np.inf, leave + arrive), axis=-1)[..., None]
    return np.take_along_axis(leave, best, -1)[..., 0], np.take_along_axis(arrive, best, -1)[..., 0]


def _to(radius_au: Any, a_au: Any, i: Any, home_au: float, share: Array) -> tuple[Array, Array]:
    """Both burns of a transfer whose other apsis is ``radius_au``; the plane turns by ``share * i`` on leaving."""
    half = (radius_au + home_au) / 2
    leave = _turned(_speed(home_au, home_au), _speed(home_au, half), i * share)
    arrive = _turned(_speed(radius_au, half), _speed(radius_au, a_au), i * (1 - share))
    return leave, arrive


def _speed(r_au: Any, a_au: Any) -> Any:
    return np.sqrt(GM_KM3_S2["sun"] / AU * (2 / r_au - 1 / a_au))


def _turned(v1: Any, v2: Any, angle: Any) -> Array:
    return np.asarray(np.sqrt(v1**2 + v2**2 - 2 * v1 * v2 * np.cos(angle)))
