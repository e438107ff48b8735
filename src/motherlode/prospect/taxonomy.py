"""Which class an asteroid belongs to, as probabilities: the near-Earth prior times every piece of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import cos, isnan, log, radians, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.prospect import reference

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Classes:
    """The table of classes as arrays, (n_classes,) each."""

    names: tuple[str, ...]
    share: Array
    column: Mapping[str, Array]

    def index(self, name: str) -> int:
        """Row of a class."""
        return self.names.index(name)


@cache
def classes() -> Classes:
    """The packaged table of classes."""
    table = reference.rows("prospect", "classes")
    numbers = {key: np.array([float(row[key]) for row in table]) for key in table[0] if key != "class"}
    return Classes(tuple(row["class"] for row in table), numbers["share"] / numbers["share"].sum(), numbers)


# Spectral types in use (Bus-DeMeo, SMASS, Tholen, Mahlke) and the class they stand for.
SPELLINGS: Final = {
    "Cgh": "Ch", "Ch": "Ch", "Cg": "C", "Cb": "C", "C": "C", "G": "C", "F": "B", "B": "B", "D": "D", "P": "P",
    "T": "D", "Z": "D", "Sq": "S", "S": "S", "R": "S", "O": "Q", "Q": "Q", "V": "V", "J": "V",
    "K": "K", "L": "L", "A": "A",
    "Mk": "M", "M": "M", "Xk": "M", "Xc": "M", "Xe": "E", "E": "E", "X": "X",
}  # fmt: skip
DEGENERATE: Final = {  # spectra that several classes share before albedo or radar speaks; judgement
    "X": {"M": 0.42, "E": 0.05, "D": 0.28, "X": 0.25},
    "P": {"D": 0.80, "M": 0.15, "E": 0.05},
}


def of_spectrum(taxonomy: str) -> dict[str, float] | None:
    """Class shares that a published spectral type allows; None when it says nothing.

    taxonomy   such as ``S``, ``Sq``, ``Xe``, ``C:`` or ``B/C``
    returns    {class: share} summing to one, or None
    """
    parts = taxonomy.replace(":", "").replace(",", "/").split("/")
    found = [name for part in parts if (name := _class(part.strip()))]
    if not found:
        return None
    shares: dict[str, float] = {}
    for name in found:
        for key, share in DEGENERATE.get(name, {name: 1.0}).items():
            shares[key] = shares.get(key, 0.0) + share / len(found)
    return shares


@cache
def _class(part: str) -> str | None:
    for spelling in sorted(SPELLINGS, key=len, reverse=True):
        if part.startswith(spelling):
            return SPELLINGS[spelling]
    return None


def posterior(facts: Mapping[str, Any], *, prior: Array | None = None) -> Array:
    """Probability of each class, (n_classes,), given what was measured.

    facts    any of taxonomy, albedo (with albedo_sigma), colour b_v, radar_albedo, density_g_cm3 (with its sigma)
    prior    (n_classes,) instead of the near-Earth shares, such as one conditioned on the orbit
    returns  (n_classes,) summing to one
    """
    table = classes()
    shares = table.share if prior is None else prior
    allowed = of_spectrum(str(facts.get("taxonomy") or ""))
    if allowed is not None:
        shares = np.array([allowed.get(name, 0.0) for name in table.names])
    likelihood = np.ones(len(shares))
    if (p := number(facts, "albedo")) is not None and p > 0:
        sd = np.hypot(table.column["albedo_sd_dex"], albedo_error_dex(facts))
        likelihood *= _normal(log(p) / log(10), np.log10(table.column["albedo_mean"]), sd)
    if (colour := number(facts, "b_v")) is not None:
        likelihood *= _normal(colour, table.column["b_v"], table.column["b_v_sd"])
    if (radar := number(facts, "radar_albedo")) is not None:
        likelihood *= _normal(radar, table.column["radar"], table.column["radar_sd"])
    if (density := number(facts, "density_g_cm3")) is not None:
        sd = np.hypot(table.column["density_sd"], number(facts, "density_sigma_g_cm3") or 0.2 * density)
        likelihood *= _normal(density, table.column["density"], sd)
    weight = shares * likelihood
    total = weight.sum()
    return weight / total if total > 0 else shares


ORBIT_GROUPS: Final = {  # columns of class_by_orbit.csv
    "C": "dark", "B": "dark", "Ch": "dark", "D": "dark", "S": "stony", "Q": "stony", "A": "stony", "V": "basaltic",
    "K": "primitive", "L": "primitive", "M": "metallic", "E": "metallic", "X": "metallic",
}  # fmt: skip
JUPITER_AU: Final = 5.2026


def prior_of_orbit(facts: Mapping[str, Any]) -> Array | None:
    """Class shares of near-Earth asteroids on similar orbits, (n_classes,); None where the elements are not known.

    Dark bodies come from the outer belt: the shape of each group over the Tisserand parameter, of 732 spectra.
    """
    elements = [number(facts, key) for key in ("semi_major_axis_au", "eccentricity", "inclination_deg")]
    if any(value is None for value in elements):
        return None
    a, e, i = (float(value) for value in elements if value is not None)
    if not (a > 0 and 0 <= e < 1 and a * (1 - e) < 1.3):
        return None  # the table is of near-Earth asteroids
    tisserand = JUPITER_AU / a + 2 * cos(radians(i)) * sqrt(a / JUPITER_AU * (1 - e**2))
    limits, ratios = _orbit_ratios()
    shares = classes().share * ratios[min(int(np.searchsorted(limits, tisserand, side="right")), len(limits))]
    return np.asarray(shares / shares.sum())


@cache
def _orbit_ratios() -> tuple[Array, Array]:
    """Inner limits of the bins, and how much likelier each class is in each, (n_bins, n_classes)."""
    table = reference.rows("prospect", "class_by_orbit")
    names = classes().names
    counts = {group: np.array([float(r[group]) + 0.5 for r in table]) for group in {*ORBIT_GROUPS.values(), "all"}}
    share = {group: n / n.sum() for group, n in counts.items()}
    mean = sum(share[ORBIT_GROUPS[name]] * weight for name, weight in zip(names, classes().share))
    ratios = np.array([share[ORBIT_GROUPS[name]] / mean for name in names]).T
    return np.array([float(r["tisserand_max"]) for r in table[:-1]]), ratios


def albedo_error_dex(facts: Mapping[str, Any]) -> float:
    """Error of a measured albedo in dex; 40 % (NEOWISE, judgement) when none is given."""
    p, sigma = number(facts, "albedo"), number(facts, "albedo_sigma")
    return (sigma / p if sigma and p else 0.4) / log(10)


def number(facts: Mapping[str, Any], key: str) -> float | None:
    """A fact as a float; None when it is missing, empty or NaN."""
    value = facts.get(key)
    if value is None or value == "":
        return None
    number = float(value)
    return None if isnan(number) else number


def _normal(x: float, mean: Array, sd: Array) -> Array:
    result: Array = np.exp(-0.5 * ((x - mean) / sd) ** 2) / sd
    return result
