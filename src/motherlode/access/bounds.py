"""Screening bounds: what an orbit alone says about the cost of reaching it, without dates."""

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

ORBITAL_SPEED_KM_S: Final = 30.0  # the Earth's, as the published list rounds it; Benner 2013
LEO_SPEED: Final = 7.727 / 29.784  # circular speed of the parking orbit over the Earth's speed; Benner 2013


def shoemaker_helin(a_au: ArrayLike, e: ArrayLike, i_rad: ArrayLike) -> Any:
    """One-way Δv from low Earth orbit to rendezvous, whatever the phase: a ranking aid, not a mission.

    a_au, e, i_rad  (...)  semi-major axis au, eccentricity < 1, inclination rad
    returns  (...) km/s; NaN for an open orbit

    Shoemaker & Helin (1978), NASA CP-2053, in the form that reproduces Benner's list (JPL, 2013): Apollo and Amor
    part at q = 1.0 au, and the rendezvous burn has no inclination cross term.
    """
    a, e, i = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (a_au, e, i_rad)))
    closed = (a > 0) & (e >= 0) & (e < 1)
    a, e = np.where(closed, a, np.nan), np.where(closed, e, np.nan)
    q, Q, c = a * (1 - e), a * (1 + e), np.cos(i / 2)
    with np.errstate(invalid="ignore"):
        aten, amor = a < 1, (a >= 1) & (q > 1)
        target = np.where(aten, 2 - 2 * c * _root(2 * Q - Q * Q), 3 - 2 / (Q + 1) - 2 * c * _root(2 * Q / (Q + 1)))
        transfer_axis = np.where(aten, 1.0, (Q + 1) / 2)
        tilt = np.where(amor, c, 1.0)
        arriving = 3 / Q - 1 / transfer_axis - 2 / Q * tilt * _root(_transfer_term(aten, Q))
        own_tilt = np.where(amor, 1.0, c)
        rendezvous = 3 / Q - 1 / a - 2 / Q * own_tilt * _root(a * (1 - e * e) / Q)
    injection = np.sqrt(np.maximum(target, 0) + 2 * LEO_SPEED**2) - LEO_SPEED
    burn = np.abs(_root(arriving) - _root(rendezvous))
    return (ORBITAL_SPEED_KM_S * (injection + burn) + 0.5)[()]


def _transfer_term(aten: Any, Q: Any) -> Any:
    """a(1 - e²)/Q of the transfer orbit: for an Aten it starts at the aphelion distance with a = 1 au."""
    return np.where(aten, 2 - Q, 2 / (Q + 1))


def _root(x: Any) -> Any:
    return np.sqrt(np.maximum(x, 0))
