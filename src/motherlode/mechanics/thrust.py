"""What a rocket or an electric thruster does to mass and speed."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from motherlode.constants import G0_M_S2


def exhaust_speed_km_s(isp_s: ArrayLike) -> Any:
    """Effective exhaust speed, km/s, of a specific impulse in s."""
    return np.asarray(isp_s) * (G0_M_S2 / 1000.0)


def propellant_kg(final_mass_kg: ArrayLike, delta_v_km_s: ArrayLike, isp_s: ArrayLike) -> Any:
    """Propellant that must be burnt to end with a mass: m (exp(Δv/(g0 Isp)) - 1); Tsiolkovsky 1903."""
    return np.asarray(final_mass_kg) * np.expm1(np.asarray(delta_v_km_s) / exhaust_speed_km_s(isp_s))


def final_mass_kg(initial_mass_kg: ArrayLike, delta_v_km_s: ArrayLike, isp_s: ArrayLike) -> Any:
    """Mass left after a burn that starts with a mass."""
    return np.asarray(initial_mass_kg) * np.exp(-np.asarray(delta_v_km_s) / exhaust_speed_km_s(isp_s))


def force_n(power_w: ArrayLike, isp_s: ArrayLike, efficiency: ArrayLike) -> Any:
    """Thrust in N of an electric thruster: 2 η P/(g0 Isp)."""
    return 2.0 * np.asarray(efficiency) * np.asarray(power_w) / (np.asarray(isp_s) * G0_M_S2)


def thrust_time_s(initial_mass_kg: ArrayLike, delta_v_km_s: ArrayLike, isp_s: ArrayLike, force_n: ArrayLike) -> Any:
    """Time at full thrust, s, for a change of speed: propellant over mass flow."""
    burnt = np.asarray(initial_mass_kg) - final_mass_kg(initial_mass_kg, delta_v_km_s, isp_s)
    return burnt * np.asarray(isp_s) * G0_M_S2 / np.asarray(force_n)
