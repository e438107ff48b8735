"""Physical constants: value, unit, uncertainty and source on one line. The only home of such numbers."""

from types import MappingProxyType
from typing import Final

AU_KM: Final = 149_597_870.700  # km, exact; IAU 2012 resolution B2
SPEED_OF_LIGHT_KM_S: Final = 299_792.458  # km/s, exact; SI
G_KM3_KG_S2: Final = 6.674_30e-20  # km³/(kg s²) ± 1.5e-24; CODATA 2018
G0_M_S2: Final = 9.806_65  # m/s², exact; standard gravity, CGPM 1901
OBLIQUITY_J2000_ARCSEC: Final = 84_381.448  # arcsec; ecliptic of JPL and MPC elements, IAU 1976
MARS_SOL_S: Final = 88_775.244  # s; mean solar day of Mars, Allison & McEwen 2000

GM_KM3_S2: Final = MappingProxyType(
    {  # km³/s²; DE440 as distributed by NAIF in gm_de440 (Park et al. 2021, AJ 161:105)
        "sun": 1.3271244004127942e11,
        "mercury": 2.2031868551400003e04,
        "venus": 3.2485859200000000e05,
        "earth": 3.9860043550702266e05,
        "moon": 4.9028001184575496e03,
        "emb": 4.0350323562548019e05,
        "mars": 4.2828375815756102e04,  # system; the planet alone is 42828.37362
        "jupiter": 1.2671276409999998e08,  # system, as all that follow
        "saturn": 3.7940584841799997e07,
        "uranus": 5.7945563999999985e06,
        "neptune": 6.8365271005803989e06,
        "pluto": 9.7550000000000000e02,
        "phobos": 7.087546066894452e-04,
        "deimos": 9.615569648120313e-05,
    }
)

RADIUS_KM: Final = MappingProxyType(
    {  # km, equatorial; IAU WGCCRE 2015 (Archinal et al. 2018) unless said otherwise
        "sun": 695_700.0,  # IAU 2015 resolution B3, nominal
        "mercury": 2_440.53,
        "venus": 6_051.8,
        "earth": 6_378.137,  # WGS 84, the radius that NHATS uses
        "moon": 1_737.4,
        "mars": 3_396.19,
        "jupiter": 71_492.0,
        "saturn": 60_268.0,
        "uranus": 25_559.0,
        "neptune": 24_764.0,
        "pluto": 1_188.3,
        "phobos": 11.08,  # mean
        "deimos": 6.2,  # mean
    }
)
