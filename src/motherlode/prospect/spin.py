"""Spin: rotation periods by size, the limit at which loose rock flies apart, the strength that faster spin proves."""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import G0_M_S2, G_KM3_KG_S2
from motherlode.prospect import reference
from motherlode.units import HOUR

Array = NDArray[np.float64]

G_SI: Final = G_KM3_KG_S2 * 1e9  # m³/(kg s²)
DAMPING_CONSTANT: Final = 17.0  # Harris 1994: period_h = 17 diameter_km^(2/3) age_Gyr^(1/3); recalled, unverified
TUMBLING_AGE_GYR: Final = 0.2  # judgement
Z_KNOTS: Final = np.array([-2.6, -1.645, -0.9945, 0.0, 0.9945, 1.645, 2.6])


def limit_h(density_kg_m3: ArrayLike) -> Any:
    """Shortest period in h, (...), at which a cohesionless sphere holds together."""
    return np.sqrt(3 * np.pi / (G_SI * np.asarray(density_kg_m3))) / HOUR


def strength_needed_pa(density_kg_m3: ArrayLike, diameter_m: ArrayLike, period_h: ArrayLike) -> Any:
    """Cohesion in Pa, (...), that the centre of a spinning sphere needs; 0 where gravity is enough."""
    density, radius = np.asarray(density_kg_m3), np.asarray(diameter_m) / 2
    omega = 2 * np.pi / (np.asarray(period_h) * HOUR)
    stress = density * omega**2 * radius**2 / 5 - 4 / 15 * np.pi * G_SI * density**2 * radius**2
    return np.maximum(stress, 0.0)


def despin_propellant_kg(mass_kg: ArrayLike, diameter_m: ArrayLike, period_h: ArrayLike, isp_s: float = 220.0) -> Any:
    """Propellant in kg, (...), that stops a spinning sphere with thrusters at its equator."""
    radius, omega = np.asarray(diameter_m) / 2, 2 * np.pi / (np.asarray(period_h) * HOUR)
    return 0.4 * np.asarray(mass_kg) * radius * omega / (isp_s * G0_M_S2)


def holds_a_rig(density_kg_m3: ArrayLike, diameter_m: ArrayLike, period_h: ArrayLike) -> Any:
    """Whether gravity at the equator exceeds the spin, (...): a rig stands instead of hanging in tension."""
    radius = np.asarray(diameter_m) / 2
    gravity = 4 / 3 * np.pi * G_SI * np.asarray(density_kg_m3) * radius
    return (2 * np.pi / (np.asarray(period_h) * HOUR)) ** 2 * radius < gravity


def tumbles(diameter_m: ArrayLike, period_h: ArrayLike) -> Any:
    """Whether damping is too slow to end a tumbling spin, (...): such a body may tumble, not that it does."""
    age = (np.asarray(period_h) / DAMPING_CONSTANT) ** 3 / (np.asarray(diameter_m) / 1000) ** 2
    return age > TUMBLING_AGE_GYR


@cache
def _knots() -> tuple[Array, Array]:
    """Log diameters of the bins and log periods at the seven z of each; the tails go on in a straight line."""
    table = reference.rows("prospect", "spin_by_size")
    edges = np.array([[float(r["diameter_min_m"]), float(r["diameter_max_m"])] for r in table])
    edges[0, 0], edges[-1, 1] = 4.0, 40_000.0  # open bins: where most of their bodies are
    logs = np.log(np.array([[float(r[f"{q}_h"]) for q in ("p05", "p16", "p50", "p84", "p95")] for r in table]))
    low = logs[:, 0] + (logs[:, 0] - logs[:, 1]) * (2.6 - 1.645) / (1.645 - 0.9945)
    high = logs[:, 4] + (logs[:, 4] - logs[:, 3]) * (2.6 - 1.645) / (1.645 - 0.9945)
    return np.log(np.sqrt(edges[:, 0] * edges[:, 1])), np.column_stack([low, logs, high])


def period_h(diameter_m: ArrayLike, z: ArrayLike) -> Any:
    """Rotation period in h, (...), of diameter in m at a standard normal quantile z (0 is the median)."""
    centres, knots = _knots()
    place = np.interp(np.log(diameter_m), centres, np.arange(len(centres)))
    row = np.minimum(place.astype(int), len(centres) - 2)
    share = place - row
    level = np.interp(np.asarray(z), Z_KNOTS, np.arange(len(Z_KNOTS)))
    column = np.minimum(level.astype(int), len(Z_KNOTS) - 2)
    part = level - column
    below = knots[row, column] * (1 - part) + knots[row, column + 1] * part
    above = knots[row + 1, column] * (1 - part) + knots[row + 1, column + 1] * part
    return np.exp(below * (1 - share) + above * share)
