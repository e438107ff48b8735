"""Size from brightness: diameter, absolute magnitude and albedo, and the albedo of a body that nobody measured."""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

H_CONSTANT_KM: Final = 1329.0  # km; diameter of a white disc of H = 0, Fowler & Chillemi 1992
DARK_SHARE: Final = 0.253  # Wright et al. 2016, AJ 152:79, 428 near-Earth asteroids of WISE
DARK_SCALE: Final = 0.030
BRIGHT_SCALE: Final = 0.168
ALBEDO_MAX: Final = 0.8  # judgement: brighter is a lightcurve or magnitude error


def diameter_km(h_mag: ArrayLike, albedo: ArrayLike) -> Any:
    """Diameter in km, (...), of absolute magnitude and geometric albedo."""
    return H_CONSTANT_KM / np.sqrt(albedo) * 10 ** (-0.2 * np.asarray(h_mag))


def magnitude(diameter_km: ArrayLike, albedo: ArrayLike) -> Any:
    """Absolute magnitude H, (...), of diameter in km and geometric albedo."""
    return 5 * np.log10(H_CONSTANT_KM / (np.asarray(diameter_km) * np.sqrt(albedo)))


def albedo(h_mag: ArrayLike, diameter_km: ArrayLike) -> Any:
    """Geometric albedo, (...), that absolute magnitude and diameter in km imply together."""
    return (H_CONSTANT_KM / np.asarray(diameter_km)) ** 2 * 10 ** (-0.4 * np.asarray(h_mag))


def unknown_albedo_cdf(albedo: ArrayLike) -> Any:
    """Share of near-Earth asteroids darker than an albedo: two Rayleigh distributions (Wright et al. 2016)."""
    p = np.asarray(albedo, dtype=float)
    dark = 1 - np.exp(-0.5 * (p / DARK_SCALE) ** 2)
    bright = 1 - np.exp(-0.5 * (p / BRIGHT_SCALE) ** 2)
    return DARK_SHARE * dark + (1 - DARK_SHARE) * bright


@cache
def _quantile_grid() -> tuple[Array, Array]:
    p = np.geomspace(1e-4, 1.2, 4000)
    cdf = unknown_albedo_cdf(p)
    return np.concatenate([[0.0], cdf, [1.0]]), np.concatenate([[0.0], p, [1.2]])


def unknown_albedo(quantile: ArrayLike) -> Any:
    """Albedo of a near-Earth asteroid of which nothing is known, (...), at a quantile between 0 and 1."""
    return np.minimum(np.interp(np.asarray(quantile), *_quantile_grid()), ALBEDO_MAX)
