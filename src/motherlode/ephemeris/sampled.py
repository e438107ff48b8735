"""Movers made of other things: of sampled states, and of arcs that follow one another."""

from dataclasses import dataclass
from math import hypot
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import epochs
from motherlode.ephemeris import hermite
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import BadInput, OutsideEphemeris
from motherlode.units import METRE_S

Array = NDArray[np.float64]
WINDOW: Final = 6  # samples under one polynomial, of degree 11


@dataclass(frozen=True)
class Sampled:
    """A mover that passes through states (n, 6) at ascending epochs (n,), heliocentric ICRF, TDB s past J2000."""

    name: str
    epoch_tdb: Array
    states: Array

    def __post_init__(self) -> None:
        if len(self.epoch_tdb) < 2 or np.any(np.diff(self.epoch_tdb) <= 0.0):
            raise BadInput(f"the samples of {self.name} need at least two epochs, each later than the one before")

    @property
    def span(self) -> tuple[float, float]:
        """First and last sample."""
        return float(self.epoch_tdb[0]), float(self.epoch_tdb[-1])

    def state(self, t: ArrayLike) -> Array:
        """States (..., 6) km, km/s at TDB s past J2000 (...), by Hermite's interpolation. Raises OutsideEphemeris."""
        t = np.asarray(t, dtype=float)
        _inside(self, t)
        return hermite.states(self.epoch_tdb, self.states, t, window=WINDOW)


@dataclass(frozen=True)
class Burn:
    """An impulsive change of velocity (3,) km/s in ICRF axes at an epoch, TDB s past J2000."""

    epoch_tdb: float
    change_km_s: tuple[float, float, float]
    what: str = ""

    @property
    def delta_v_km_s(self) -> float:
        """Size of the change."""
        return hypot(*self.change_km_s)

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units."""
        return {
            "epoch_tdb": epochs.iso(self.epoch_tdb, digits=0),
            "delta_v_m_s": self.delta_v_km_s / METRE_S,
            "what": self.what,
        }


@dataclass(frozen=True)
class Itinerary:
    """A mover that follows one mover after another: legs, stays, legs.

    arcs      movers in order of time
    changes   (arcs - 1,) epochs at which the next takes over: its burns
    span      first and last epoch
    """

    name: str
    arcs: tuple[Mover, ...]
    changes: tuple[float, ...]
    span: tuple[float, float]

    def state(self, t: ArrayLike) -> Array:
        """States (..., 6) km, km/s at TDB s past J2000 (...); at a change, those after. Raises OutsideEphemeris."""
        t = np.asarray(t, dtype=float)
        _inside(self, t)
        flat = t.reshape(-1)
        which = np.searchsorted(np.array(self.changes), flat, side="right")
        out = np.empty((flat.size, 6))
        for k, arc in enumerate(self.arcs):
            out[which == k] = arc.state(flat[which == k])
        return out.reshape(*t.shape, 6)


def _inside(mover: Mover, t: Array) -> None:
    first, last = mover.span
    outside = (t < first) | (t > last)
    if np.any(outside):
        raise OutsideEphemeris(
            f"{epochs.iso(float(t[outside].flat[0]))} is outside the path of {mover.name}, "
            f"{epochs.iso(first)} to {epochs.iso(last)}; choose dates inside it"
        )
