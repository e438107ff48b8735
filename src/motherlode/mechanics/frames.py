"""Frames: the ecliptic of J2000 in which elements are given, the ICRF in which states are.

The obliquity is JPL's and the MPC's 84 381.448": the IAU 2006 value would turn every position by 30 km per au.
"""

from math import cos, sin
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import OBLIQUITY_J2000_ARCSEC
from motherlode.units import ARCSEC

Array = NDArray[np.float64]

_COS = cos(OBLIQUITY_J2000_ARCSEC * ARCSEC)
_SIN = sin(OBLIQUITY_J2000_ARCSEC * ARCSEC)

ICRF_FROM_ECLIPTIC: Final[Array] = np.array([[1.0, 0.0, 0.0], [0.0, _COS, -_SIN], [0.0, _SIN, _COS]])
ECLIPTIC_NORTH: Final[Array] = ICRF_FROM_ECLIPTIC[:, 2].copy()  # unit vector in ICRF axes


def to_icrf(vectors: ArrayLike) -> Array:
    """Ecliptic J2000 components (..., 3) or states (..., 6) in ICRF axes."""
    return _rotated(np.asarray(vectors, dtype=float), ICRF_FROM_ECLIPTIC)


def to_ecliptic(vectors: ArrayLike) -> Array:
    """ICRF components (..., 3) or states (..., 6) in ecliptic J2000 axes."""
    return _rotated(np.asarray(vectors, dtype=float), ICRF_FROM_ECLIPTIC.T)


def _rotated(vectors: Array, rotation: Array) -> Array:
    threes = vectors.reshape(*vectors.shape[:-1], -1, 3)
    return (threes @ rotation.T).reshape(vectors.shape)
