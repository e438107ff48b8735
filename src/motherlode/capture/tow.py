"""Towing: how much mass a tug moves, how long it thrusts, and what stopping the spin costs.

Identities of the Keck and ARM sizing: m_p = m (exp(Δv / g0 Isp) - 1), F = 2 η P / (g0 Isp).
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import G0_M_S2
from motherlode.errors import UnknownName
from motherlode.units import HOUR

Array = NDArray[np.float64]

LIMITS: Final = ("propellant", "time", "capture device")


@dataclass(frozen=True)
class Tug:
    """A vehicle that holds an asteroid and pushes it.

    power_kw           into the thrusters at 1 au; NaN for chemical
    thrust_n           of a chemical stage; NaN where power sets the thrust
    power_law          power falls as distance to this power
    duty               fraction of the time that it thrusts
    propellant_kg      on board; infinite where the asteroid is the propellant
    largest_diameter_m that the grip (bag, net, clamp, anchor) takes
    """

    name: str
    title: str
    power_kw: float
    isp_s: float
    efficiency: float
    dry_mass_kg: float
    propellant_kg: float
    power_law: float
    duty: float
    thrust_n: float
    largest_diameter_m: float
    grip: str
    basis: str

    @property
    def exhaust_speed_m_s(self) -> float:
        """Effective exhaust speed."""
        return G0_M_S2 * self.isp_s

    @property
    def eats_asteroid(self) -> bool:
        """Whether the asteroid itself is the propellant."""
        return bool(np.isinf(self.propellant_kg))

    def thrust_newton(self, solar_distance_au: ArrayLike = 1.0) -> Array:
        """Thrust while it thrusts, N: 2 η P / (g0 Isp) at this distance from the Sun."""
        distance = np.asarray(solar_distance_au, dtype=float)
        if np.isfinite(self.thrust_n):
            return np.full(distance.shape, self.thrust_n)
        power_w = 1e3 * self.power_kw / distance**self.power_law
        return 2.0 * self.efficiency * power_w / self.exhaust_speed_m_s

    def working_distance_au(self, distances_au: ArrayLike) -> float:
        """The steady distance from the Sun at which it would have the mean power of a path, sampled at even times."""
        if self.power_law == 0.0:
            return float(np.mean(np.asarray(distances_au, dtype=float)))
        share = np.mean(np.asarray(distances_au, dtype=float) ** -self.power_law)
        return float(share ** (-1.0 / self.power_law))


@dataclass(frozen=True)
class Tow:
    """The heaviest asteroid that a tug moves by a velocity change in a time; arrays of any shape."""

    tug: Tug
    mass_kg: Array
    propellant_kg: Array
    thrust_time_s: Array
    limit: NDArray[Any]


@cache
def _catalogue() -> dict[str, Tug]:
    lines = (files("motherlode.capture") / "tugs.csv").read_text().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["name"]: _tug(row) for row in rows}


def _tug(row: dict[str, str]) -> Tug:
    words = {"name", "title", "grip", "basis"}
    empty = {"propellant_kg": np.inf}
    return Tug(**{k: v if k in words else (float(v) if v else empty.get(k, np.nan)) for k, v in row.items()})  # type: ignore[arg-type]


def tugs() -> dict[str, Tug]:
    """The packaged tugs by name."""
    return dict(_catalogue())


def find(name: str) -> Tug:
    """The tug of this name."""
    known = _catalogue()
    if name not in known:
        raise UnknownName("tug", name, list(known))
    return known[name]


def propellant_kg(mass_kg: ArrayLike, delta_v_km_s: ArrayLike, isp_s: ArrayLike) -> Array:
    """Propellant that moves a final mass (asteroid and tug) by a velocity change."""
    ratio = 1e3 * np.asarray(delta_v_km_s, dtype=float) / (G0_M_S2 * np.asarray(isp_s, dtype=float))
    return np.asarray(mass_kg, dtype=float) * np.expm1(ratio)


def heaviest(
    tug: Tug,
    delta_v_km_s: ArrayLike,
    duration_s: ArrayLike,
    *,
    solar_distance_au: ArrayLike = 1.0,
    despin_kg: ArrayLike = 0.0,
) -> Tow:
    """Heaviest asteroid that the tug moves by this velocity change within this time.

    delta_v_km_s       (...)  total, after rendezvous
    duration_s         (...)  in which it may thrust
    solar_distance_au  (...)  mean, sets the power of solar tugs
    despin_kg          (...)  propellant spent on stopping the spin first
    returns            Tow; the mass is 0 where even the empty tug asks for more
    """
    dv, time, distance, despin = np.broadcast_arrays(
        *(np.asarray(v, dtype=float) for v in (delta_v_km_s, duration_s, solar_distance_au, despin_kg))
    )
    flow = tug.thrust_newton(distance) / tug.exhaust_speed_m_s  # kg/s
    by_time = flow * tug.duty * time
    on_board = np.maximum(tug.propellant_kg - despin, 0.0)
    used = np.minimum(by_time, on_board)
    grow = np.expm1(1e3 * dv / tug.exhaust_speed_m_s)
    final = used / grow
    # the mass driver starts with what it throws; the others bring it
    mass = np.maximum(final - tug.dry_mass_kg + (used if tug.eats_asteroid else 0.0), 0.0)
    used = np.where(mass > 0.0, used, np.nan)
    limit = np.where(by_time < on_board, "time", "propellant")
    return Tow(tug, mass, used, used / flow, limit)


def despin_propellant_kg(
    mass_kg: ArrayLike, diameter_m: ArrayLike, period_h: ArrayLike, *, arm_m: float = 5.0, isp_s: float = 220.0
) -> Array:
    """Propellant that stops the spin of a uniform sphere: 0.4 m R² ω over the lever arm and g0 Isp."""
    omega = 2.0 * np.pi / (np.asarray(period_h, dtype=float) * HOUR)
    momentum = 0.4 * np.asarray(mass_kg, dtype=float) * (0.5 * np.asarray(diameter_m, dtype=float)) ** 2 * omega
    return momentum / (arm_m * G0_M_S2 * isp_s)
