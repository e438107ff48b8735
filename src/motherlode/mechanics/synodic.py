"""Between the rotating frame of two primaries and the stars.

The frame follows the smaller primary wherever it truly is: x points to it from the larger one, z along its angular
momentum, and lengths are counted in its distance of the moment, so the frame turns and pulsates with it. For a
circle this is the rotating frame of the textbooks.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def to_inertial(state: ArrayLike, primary: ArrayLike, mu: float) -> Array:
    """States relative to the larger primary, in the axes and units of the smaller one's state.

    state     (..., 6)  rotating frame, barycentric; velocities per radian of the primaries' turn
    primary   (..., 6)  smaller primary relative to the larger one, km and km/s
    mu                  mass of the smaller over the sum
    returns   (..., 6)  km and km/s
    """
    s, p = np.asarray(state, dtype=float), np.asarray(primary, dtype=float)
    axes, distance, rate, turn = _frame(p)
    place = s[..., :3] + [mu, 0.0, 0.0]
    spin = np.stack([-place[..., 1], place[..., 0], np.zeros_like(place[..., 0])], -1)
    here = distance[..., None] * place
    there = rate[..., None] * place + (distance * turn)[..., None] * (s[..., 3:] + spin)
    return np.concatenate([_turned(axes, here), _turned(axes, there)], -1)


def from_inertial(state: ArrayLike, primary: ArrayLike, mu: float) -> Array:
    """States (..., 6) in the rotating frame: the inverse of ``to_inertial``."""
    s, p = np.asarray(state, dtype=float), np.asarray(primary, dtype=float)
    axes, distance, rate, turn = _frame(p)
    back = np.swapaxes(axes, -1, -2)
    place = _turned(back, s[..., :3]) / distance[..., None]
    speed = _turned(back, s[..., 3:])
    spin = np.stack([-place[..., 1], place[..., 0], np.zeros_like(place[..., 0])], -1)
    speed = (speed - rate[..., None] * place) / (distance * turn)[..., None] - spin
    return np.concatenate([place - [mu, 0.0, 0.0], speed], -1)


def _frame(p: Array) -> tuple[Array, Array, Array, Array]:
    """Axes as columns (..., 3, 3), distance, its rate, and the rate of turn."""
    r, v = p[..., :3], p[..., 3:]
    distance = np.sqrt(np.sum(r * r, -1))
    x = r / distance[..., None]
    h = np.cross(r, v)
    momentum = np.sqrt(np.sum(h * h, -1))
    z = h / momentum[..., None]
    return np.stack([x, np.cross(z, x), z], -1), distance, np.sum(x * v, -1), momentum / distance**2


def _turned(axes: Array, vectors: Array) -> Array:
    return np.asarray(np.einsum("...ij,...j->...i", axes, vectors))
