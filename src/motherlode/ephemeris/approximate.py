"""Approximate planets from mean elements: for published problems that are stated with them, not for flying.

The mean elements of Newcomb, Ross, Gaillot and Hill, ecliptic and equinox of date, centuries from 1900 January 0.5
(Explanatory Supplement 1961), taken as if the ecliptic stood still: the planets of ESA's GTOP problems. A trajectory
optimised to the last digit leans on their quirks, so such a problem can be checked on them alone. Everything else in
the program uses the almanac.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import GM_KM3_S2
from motherlode.mechanics import elements, frames
from motherlode.units import AU, DAY, DEG

Array = NDArray[np.float64]
CENTURY_D: Final = 36_525.0
FROM_J2000_NOON_D: Final = 36_525.5  # the elements count from 36 525 days before 2000-01-01 0 h

# a in au, then polynomials in centuries: e, inclination, node, argument of perihelion, mean anomaly; degrees
TABLE: Final = MappingProxyType(
    {
        "mercury": (
            0.38709860,
            (0.20561421, 2.046e-5, -3.0e-8),
            (7.00288055555556, 1.86083333333333e-3, -1.83333333333333e-5),
            (47.1459444444444, 1.18520833333333, 1.73888888888889e-4),
            (28.7537527777778, 0.370280555555556, 1.20833333333333e-4),
            (102.279380555556, 149472.515288889, 6.38888888888889e-6),
        ),
        "venus": (
            0.72333160,
            (0.00682069, -4.774e-5, 9.1e-8),
            (3.39363055555556, 1.00583333333333e-3, -9.72222222222222e-7),
            (75.7796472222222, 0.89985, 4.1e-4),
            (54.3841861111111, 0.508186111111111, -1.38638888888889e-3),
            (212.603219444444, 58517.803875, 1.28605555555556e-3),
        ),
        "earth": (
            1.00000023,
            (0.01675104, -4.18e-5, -1.26e-7),
            (0.0,),
            (0.0,),
            (101.220833333333, 1.719175, 4.52777777777778e-4, 3.33333333333333e-6),
            (358.475844444444, 35999.04975, -1.50277777777778e-4, -3.33333333333333e-6),
        ),
        "mars": (
            1.523688399,
            (0.0933129, 9.2064e-5, -7.7e-8),
            (1.85033333333333, -6.75e-4, 1.26111111111111e-5),
            (48.7864416666667, 0.770991666666667, -1.38888888888889e-6, -5.33333333333333e-6),
            (285.431761111111, 1.06976666666667, 1.3125e-4, 4.13888888888889e-6),
            (319.529425, 19139.8585, 1.80805555555556e-4, 1.19444444444444e-6),
        ),
        "jupiter": (
            5.202561,
            (0.04833475, 1.6418e-4, -4.676e-7, -1.7e-9),
            (1.30873611111111, -5.69611111111111e-3, 3.88888888888889e-6),
            (99.4433861111111, 1.01053, 3.52222222222222e-4, -8.51111111111111e-6),
            (273.277541666667, 0.599431666666667, 7.0405e-4, 5.07777777777778e-6),
            (225.328327777778, 3034.69202388889, -7.21588888888889e-4, 1.78444444444444e-6),
        ),
        "saturn": (
            9.554747,
            (0.05589232, -3.455e-4, -7.28e-7, 7.4e-10),
            (2.49251944444444, -3.91888888888889e-3, -1.54888888888889e-5, 4.44444444444444e-8),
            (112.790388888889, 0.873195138888889, -1.52180555555556e-4, -5.30555555555556e-6),
            (338.307772222222, 1.08522069444444, 9.78541666666667e-4, 9.91666666666667e-6),
            (175.466216666667, 1221.55146777778, -5.01819444444444e-4, -5.19444444444444e-6),
        ),
    }
)


@dataclass(frozen=True)
class ApproximatePlanet:
    """A planet on its slowly changing ellipse: a mover."""

    name: str

    @property
    def span(self) -> tuple[float, float]:
        """1900 to 2100; it degrades slowly."""
        return (-100 * 365.25 * DAY, 100 * 365.25 * DAY)

    def state(self, t: ArrayLike) -> Array:
        """Heliocentric states (..., 6) km, km/s at TDB s past J2000 (...); the ecliptic of date taken as J2000's."""
        centuries = (np.asarray(t, dtype=float) / DAY + FROM_J2000_NOON_D) / CENTURY_D
        axis, *polynomials = TABLE[self.name]
        e, i, node, peri, M = (np.polynomial.polynomial.polyval(centuries, c) for c in polynomials)
        six = (axis * AU, e, i * DEG, node * DEG, peri * DEG, np.mod(M, 360.0) * DEG)
        return frames.to_icrf(elements.to_state(*six, GM_KM3_S2["sun"]))


def planets() -> dict[str, ApproximatePlanet]:
    """Mercury to Saturn by name."""
    return {name: ApproximatePlanet(name) for name in TABLE}
