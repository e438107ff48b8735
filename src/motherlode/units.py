"""One unit system inside (km, s, kg, rad) and the factors into it: ``2.7 * AU``, ``30 * DAY``, ``12 * DEG``."""

from math import pi
from typing import Final

from motherlode.constants import AU_KM

KM: Final = 1.0
METRE: Final = 1e-3
AU: Final = AU_KM

SECOND: Final = 1.0
MINUTE: Final = 60.0
HOUR: Final = 3_600.0
DAY: Final = 86_400.0
YEAR: Final = 365.25 * DAY  # Julian year

KG: Final = 1.0
TONNE: Final = 1_000.0

RAD: Final = 1.0
DEG: Final = pi / 180.0
ARCSEC: Final = DEG / 3_600.0

KM_S: Final = 1.0
METRE_S: Final = 1e-3
