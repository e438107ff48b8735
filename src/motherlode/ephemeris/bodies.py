"""Movers: planets, asteroids, integrated arcs and bases are one kind of thing, that which answers ``state(t)``."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@runtime_checkable
class Mover(Protocol):
    """A named thing that is somewhere at every epoch of its span.

    ``name``   what people call it
    ``span``   first and last epoch it answers for, TDB s past J2000
    """

    @property
    def name(self) -> str: ...

    @property
    def span(self) -> tuple[float, float]: ...

    def state(self, t: ArrayLike) -> Array:
        """Heliocentric position and velocity, (..., 6) km and km/s in ICRF axes, at TDB seconds past J2000 (...)."""
        ...
