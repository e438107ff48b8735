"""What spin, thrust and tides ask of an asteroid's material, sample by sample, and whether its strength answers.

Tension of a spinning sphere, ρω²R²/5, less what its own gravity holds, 4πGρ²R²/15. A tide pulls like a spin whose
square is 2μ/r³. A thrust a leaves a column as long as the body on the grip: ρ a D. The air asks nothing here: no way
goes below the heights of the keep-out gates.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import G_KM3_KG_S2
from motherlode.units import HOUR

Array = NDArray[np.float64]

GRAVITY: Final = 1e9 * G_KM3_KG_S2  # m³/(kg s²)
LEAST_PA: Final = 1e-9  # a load that is none


@dataclass(frozen=True)
class Loads:
    """Stress, Pa, samples (n,): while it still spins in the grip, and later, despun, by thrust and by tide."""

    spin: Array
    thrust: Array
    tide: Array

    @property
    def worst(self) -> Array:
        """The largest at any time; spin is over when thrust and tide come."""
        return np.maximum(np.maximum(self.spin, self.thrust + self.tide), LEAST_PA)

    @property
    def what(self) -> str:
        """Which of them leads in most samples."""
        parts = np.stack([self.spin, self.thrust, self.tide])
        return ("spin", "thrust", "tide")[int(np.bincount(np.argmax(parts, 0), minlength=3).argmax())]


def spin_pa(density_kg_m3: ArrayLike, diameter_m: ArrayLike, period_h: ArrayLike) -> Array:
    """Tension that a spinning sphere asks of its material, Pa; negative is compression."""
    omega = 2.0 * np.pi / (np.asarray(period_h, dtype=float) * HOUR)
    return _stretched(np.asarray(density_kg_m3, dtype=float), np.asarray(diameter_m, dtype=float), omega**2)


def tide_pa(density_kg_m3: ArrayLike, diameter_m: ArrayLike, mu_km3_s2: float, distance_km: float) -> Array:
    """Tension that a planet's tide asks for at a distance from its centre, Pa; negative is compression."""
    rate2 = 2.0 * mu_km3_s2 / distance_km**3
    return _stretched(np.asarray(density_kg_m3, dtype=float), np.asarray(diameter_m, dtype=float), rate2)


def thrust_pa(density_kg_m3: ArrayLike, diameter_m: ArrayLike, acceleration_m_s2: ArrayLike) -> Array:
    """Stress at the grip of a body that is pushed, Pa."""
    density, diameter = np.asarray(density_kg_m3, dtype=float), np.asarray(diameter_m, dtype=float)
    return np.asarray(density * np.asarray(acceleration_m_s2, dtype=float) * diameter)


def loads(
    mass_kg: Array,
    diameter_m: Array,
    period_h: Array,
    acceleration_m_s2: ArrayLike,
    passage: tuple[float, float] | None = None,
) -> Loads:
    """Loads of samples (n,) of a body; ``passage`` is μ in km³/s² and the nearest distance in km."""
    density = mass_kg / (np.pi / 6.0 * diameter_m**3)
    tide = tide_pa(density, diameter_m, *passage) if passage else np.zeros_like(diameter_m)
    return Loads(
        spin_pa(density, diameter_m, period_h),
        thrust_pa(density, diameter_m, acceleration_m_s2) + np.zeros_like(diameter_m),
        tide,
    )


def share_that_holds(strength_pa: Array, load: Loads, margin: float) -> float:
    """Share of the samples whose strength is so many times the load."""
    return float(np.mean(strength_pa >= margin * load.worst))


def _stretched(density: Array, diameter: Array, rate2: ArrayLike) -> Array:
    radius = 0.5 * diameter
    pull = density * np.asarray(rate2) * radius**2 / 5.0
    return np.asarray(pull - 4.0 / 15.0 * np.pi * GRAVITY * (density * radius) ** 2)
