"""The plane across an approach: where a passage would go if the planet had no pull, and how fast it comes.

A hyperbola is fixed by its incoming asymptote and by the foot b of that line in the plane through the planet at right
angles to it. In that plane misses add up, and a planet is a disc somewhat wider than itself.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SLOWEST: float = 1e-3  # km/s: stands in for the excess of a body that is already bound


def of_state(state: ArrayLike, mu: float) -> tuple[Array, Array]:
    """Incoming excess velocity and foot b of the asymptote, both (..., 3), of states (..., 6) from the planet.

    A bound state is taken as one that comes with next to no excess.
    """
    s = np.asarray(state, dtype=float)
    r, v = s[..., :3], s[..., 3:]
    distance = np.linalg.norm(r, axis=-1, keepdims=True)
    speed2 = np.sum(v * v, -1, keepdims=True)
    excess = np.sqrt(np.maximum(speed2 - 2.0 * mu / distance, SLOWEST**2))
    towards = ((speed2 - mu / distance) * r - np.sum(r * v, -1, keepdims=True) * v) / mu
    h = np.cross(r, v)
    momentum = np.linalg.norm(h, axis=-1, keepdims=True)
    e = np.sqrt(1.0 + (momentum * excess / mu) ** 2)
    towards = towards / np.linalg.norm(towards, axis=-1, keepdims=True)
    incoming = towards / e + np.sqrt(1.0 - 1.0 / e**2) * np.cross(h / momentum, towards)
    return excess * incoming, np.cross(incoming, h / momentum) * momentum / excess


def reach(periapsis_km: ArrayLike, v_infinity_km_s: ArrayLike, mu: float) -> Array:
    """Length of b, km, of a hyperbola with this periapsis: r √(1 + 2μ/(r v²))."""
    r, v = np.asarray(periapsis_km, dtype=float), np.asarray(v_infinity_km_s, dtype=float)
    return np.asarray(r * np.sqrt(1.0 + 2.0 * mu / (r * v**2)))


def axes(incoming: Array, pole: Array) -> Array:
    """Two unit vectors (2, 3) that span the plane: along the pole's equator, and towards the pole's south."""
    along = incoming / np.linalg.norm(incoming)
    one = np.cross(along, pole)
    one = one / np.linalg.norm(one)
    return np.stack([one, np.cross(along, one)])


def hyperbola(incoming: Array, foot: Array, mu: float) -> tuple[Array, Array, float]:
    """Unit vectors to the periapsis and along the motion there, and the periapsis radius in km."""
    v = float(np.linalg.norm(incoming))
    b = float(np.linalg.norm(foot))
    along, across = incoming / v, foot / b
    e = float(np.sqrt(1.0 + (b * v * v / mu) ** 2))
    pole = np.cross(across, along)
    towards = along / e - np.sqrt(1.0 - 1.0 / e**2) * np.cross(pole, along)
    return towards, np.cross(pole, towards), mu / v**2 * (e - 1.0)
