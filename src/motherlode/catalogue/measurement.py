"""One measured value of one asteroid, with where it comes from; what every physical source is turned into."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import nan
from typing import Final

import numpy as np

from motherlode.tables import Table


@dataclass(frozen=True)
class Quantity:
    """What is measured: name with unit, name of its one-sigma error, meaning. Text has no error."""

    name: str
    sigma_name: str
    meaning: str


QUANTITIES: Final = (
    Quantity("diameter_km", "diameter_sigma_km", "effective diameter"),
    Quantity("albedo", "albedo_sigma", "geometric albedo in V"),
    Quantity("period_h", "period_sigma_h", "sidereal or synodic rotation period"),
    Quantity("mass_kg", "mass_sigma_kg", "mass; from GM where that is given"),
    Quantity("density_g_cm3", "density_sigma_g_cm3", "bulk density"),
    Quantity("thermal_inertia_si", "thermal_inertia_sigma_si", "thermal inertia, J m⁻² s⁻½ K⁻¹"),
    Quantity("taxonomy", "", "spectral class"),
    Quantity("extent_km", "", "axes as published, text"),
    Quantity("pole_radec_deg", "", "spin pole, right ascension/declination, text"),
)


@dataclass(frozen=True)
class Measurement:
    """One value: of which body, what, how much (or which text), one sigma, who said so."""

    number: int
    provisional: str
    quantity: str
    value: float = nan
    sigma: float = nan
    text: str = ""
    source: str = ""


def table(measurements: Iterable[Measurement]) -> Table:
    """Measurements as a table, one row each."""
    rows = list(measurements)
    return Table({field.name: np.array([getattr(row, field.name) for row in rows]) for field in fields(Measurement)})
