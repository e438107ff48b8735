"""Which class an asteroid belongs to, as probabilities: the near-Earth prior times every piece of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isnan, log
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
    "Cgh": "Ch", "Ch": "Ch", "Cg": "C", "Cb": "C", "C": "C", "G": "C", "F": "B", "B": "B", "D": "D", "P": "D",
    "T": "D", "Z": "D", "Sq": "S", "S": "S", "R": "S", "O": "Q", "Q": "Q", "V": "V", "J": "V",
    "K": "K", "L": "L", "A": "A",
    "Mk": "M", "M": "M", "Xk": "M", "Xc": "M", "Xe": "E", "E": "E", "X": "X",
}  # fmt: skip
UNRESOLVED_X: Final = {"M": 0.42, "E": 0.05, "D": 0.28, "X": 0.25}  # judgement: before albedo


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
        for key, share in (UNRESOLVED_X if name == "X" else {name: 1.0}).items():
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

    facts    any of taxonomy, albedo (with albedo_sigma), radar_albedo, density_g_cm3 (with its sigma)
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
    if (radar := number(facts, "radar_albedo")) is not None:
        likelihood *= _normal(radar, table.column["radar"], table.column["radar_sd"])
    if (density := number(facts, "density_g_cm3")) is not None:
        sd = np.hypot(table.column["density_sd"], number(facts, "density_sigma_g_cm3") or 0.2 * density)
        likelihood *= _normal(density, table.column["density"], sd)
    weight = shares * likelihood
    total = weight.sum()
    return weight / total if total > 0 else shares


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
