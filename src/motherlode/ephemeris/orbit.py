"""Orbits about the Sun from published elements: two-body motion, for one asteroid or for a whole catalogue."""

from dataclasses import dataclass, fields
from math import inf
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import GM_KM3_S2
from motherlode.mechanics import elements, frames

Array = NDArray[np.float64]
MU_SUN: Final = GM_KM3_S2["sun"]


@dataclass(frozen=True)
class Orbit:
    """Heliocentric osculating elements, ecliptic J2000, of any leading shape (a catalogue is one orbit of many rows).

    name        str, or array of str of the same shape
    epoch_tdb   TDB s past J2000 of the elements
    A hyperbola has a negative semi-major axis and the mean anomaly e sinh F - F.
    """

    name: Any
    epoch_tdb: Any
    semi_major_axis_km: Any
    eccentricity: Any
    inclination_rad: Any
    node_rad: Any
    perihelion_argument_rad: Any
    mean_anomaly_rad: Any

    @property
    def span(self) -> tuple[float, float]:
        """Two-body motion answers for every epoch; how well, fades away from that of the elements."""
        return (-inf, inf)

    @property
    def shape(self) -> tuple[int, ...]:
        """Leading shape: () for one asteroid, (n,) for a catalogue."""
        return np.broadcast_shapes(*(np.shape(x) for x in self.elements), np.shape(self.epoch_tdb))

    @property
    def elements(self) -> tuple[Any, Any, Any, Any, Any, Any]:
        """The six elements in the order of ``elements.to_state``: km, -, rad, rad, rad, rad."""
        a, e, i = self.semi_major_axis_km, self.eccentricity, self.inclination_rad
        return a, e, i, self.node_rad, self.perihelion_argument_rad, self.mean_anomaly_rad

    @property
    def mean_motion_rad_s(self) -> Any:
        """Mean motion, rad/s (...)."""
        return np.sqrt(MU_SUN / np.abs(self.semi_major_axis_km) ** 3)

    @property
    def perihelion_km(self) -> Any:
        """Perihelion distance, km (...)."""
        return np.asarray(self.semi_major_axis_km) * (1.0 - np.asarray(self.eccentricity))

    @property
    def aphelion_km(self) -> Any:
        """Aphelion distance, km (...); infinite on an open orbit."""
        a, e = np.asarray(self.semi_major_axis_km), np.asarray(self.eccentricity)
        return np.where(e < 1.0, a * (1.0 + e), inf)[()]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> "Orbit":
        """The orbits of an index, a slice, a mask or an array of rows."""
        picked = {f.name: np.array(np.broadcast_to(getattr(self, f.name), self.shape)[index]) for f in fields(self)}
        if np.ndim(picked["epoch_tdb"]) == 0:
            picked = {key: value.item() for key, value in picked.items()}
        return Orbit(**picked)

    def state(self, t: ArrayLike) -> Array:
        """Heliocentric states (..., 6) km, km/s in ICRF axes at TDB s past J2000; t broadcasts against the orbits.

        One orbit at many dates, and orbits (n, 1) at dates (m,), take the wide lanes.
        """
        t = np.asarray(t, dtype=float)
        if self.shape == () and 0.0 <= self.eccentricity < 1.0 and self.semi_major_axis_km > 0.0:
            dt = t - self.epoch_tdb
            return elements.many_dates(*self.elements, dt, MU_SUN, rotation=frames.ICRF_FROM_ECLIPTIC)
        if len(self.shape) == 2 and self.shape[1] == 1 and t.ndim == 1:
            return np.stack([self[row, 0].state(t) for row in range(len(self))])
        a, e, i, node, peri, mean = self.elements
        moved = mean + self.mean_motion_rad_s * (t - self.epoch_tdb)
        return frames.to_icrf(elements.to_state(a, e, i, node, peri, moved, MU_SUN))


def from_state(name: Any, state: ArrayLike, epoch_tdb: ArrayLike) -> Orbit:
    """Osculating orbit of heliocentric ICRF states (..., 6) km, km/s at TDB s past J2000 (...)."""
    six = elements.from_state(frames.to_ecliptic(state), MU_SUN)
    return Orbit(name, epoch_tdb, *(x[()] for x in six))
