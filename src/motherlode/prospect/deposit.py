"""Deposit: one asteroid as correlated samples of size, mass, spin, strength and of every resource in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import log
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance
from motherlode.errors import BadInput
from motherlode.prospect import composition, quantiles, size, spin, taxonomy
from motherlode.prospect.taxonomy import number
from motherlode.tables import Table

Array = NDArray[np.float64]

RESOURCES: Final = (*composition.VOLATILE, "iron", *composition.SIDEROPHILE, "silicate")  # sum to the body
BAG_MAX_M: Final = 40.0  # largest enclosure that anyone has claimed
DENSE_FROM_M: Final = 30_000.0  # porosity closes from here; judgement
DENSE_AT_M: Final = 300_000.0
WEIGHED_DENSITY_KG_M3: Final = 2000.0  # of a body with a mass and no diameter, to 12 % in diameter; judgement
HYDRATED_SHARE: Final = 0.03  # of water, above which a body counts as hydrated
QUANTILES: Final = (5.0, 16.0, 50.0, 84.0, 95.0)
BODY: Final = (
    "albedo", "h_mag", "diameter_m", "period_h", "density_kg_m3", "porosity", "mass_kg", "cohesion_pa", "coherent",
    "tumbling", "strength_needed_pa", "rig_holds", "despin_kg", "hydrated",
)  # fmt: skip


@dataclass(frozen=True)
class Assumptions:
    """What is assumed where nothing is measured; every figure a judgement unless a source is named."""

    h_sigma_mag: float = 0.3
    diameter_sigma: float = 0.15  # relative, of a measured diameter that names no error
    hydrated_low: float = 0.25  # of carbonaceous asteroids; Elvis 2014
    hydrated_high: float = 0.53  # of carbonaceous falls; Grady 2000, biased
    iron_pgm_median_ppm: float = composition.IRON_PGM_MEDIAN_PPM
    cohesion_median_pa: float = 50.0
    coherent_below_m: float = 60.0
    coherent_period_h: float = 2.0
    unverified: bool = True  # use composition figures that were only recalled
    orbit_prior: bool = True  # let the orbit speak for the class


@dataclass(frozen=True)
class Deposit:
    """Samples of one asteroid, (n,) per column, and what they rest on."""

    designation: str
    columns: Mapping[str, Array]
    taxonomy: NDArray[np.str_]
    evidence: Mapping[str, str]
    assumptions: Assumptions = field(default_factory=Assumptions)

    def __getitem__(self, name: str) -> Array:
        try:
            return self.columns[name]
        except KeyError:
            raise BadInput(f"a deposit has no {name!r}; it has: {', '.join(self.columns)}") from None

    def __len__(self) -> int:
        return len(self.taxonomy)

    def first(self, n: int) -> "Deposit":
        """The first n samples."""
        columns = {name: values[:n] for name, values in self.columns.items()}
        return Deposit(self.designation, columns, self.taxonomy[:n], self.evidence, self.assumptions)

    @property
    def names(self) -> list[str]:
        """Numeric columns in order."""
        return list(self.columns)

    @property
    def pgm_kg(self) -> Array:
        """Platinum-group metals in kg, (n,)."""
        return composition.platinum_group({name: self[f"{name}_kg"] for name in composition.PGM})

    @property
    def hold_modes(self) -> dict[str, float]:
        """Share of the samples by how a plant holds on: on the ground, in a bag after despin, or only on tethers."""
        rig = self["rig_holds"] > 0
        bag = ~rig & (self["diameter_m"] <= BAG_MAX_M)
        return {"rig": float(rig.mean()), "bag": float(bag.mean()), "tether": float((~rig & ~bag).mean())}

    @property
    def class_fractions(self) -> dict[str, float]:
        """Share of the samples in each class, most likely first."""
        names, counts = np.unique(self.taxonomy, return_counts=True)
        order = np.argsort(-counts)
        return {str(names[i]): float(counts[i] / len(self)) for i in order}

    def percentiles(self) -> dict[str, dict[str, float]]:
        """Mean and 5, 16, 50, 84, 95 per cent of every column."""
        return percentiles({**self.columns, "pgm_kg": self.pgm_kg})


def percentiles(columns: Mapping[str, Array]) -> dict[str, dict[str, float]]:
    """Mean and 5, 16, 50, 84, 95 per cent of named sample arrays, (n,) each."""
    block = np.sort(np.stack([np.asarray(values, dtype=float) for values in columns.values()]), axis=1)
    place = np.array(QUANTILES) / 100 * (block.shape[1] - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, block.shape[1] - 1)
    quantiles = block[:, low] * (1 - (place - low)) + block[:, high] * (place - low)
    means = block.mean(axis=1)
    labels = [f"p{q:02.0f}" for q in QUANTILES]
    return {
        name: {"mean": float(mean), **dict(zip(labels, map(float, row), strict=True))}
        for name, mean, row in zip(columns, means, quantiles, strict=True)
    }


@dataclass(frozen=True)
class Draws:
    """The chance behind a deposit: standard normal z (n, 10 + components) and uniform u (n, 3) numbers.

    Columns of z: albedo, magnitude or diameter, period, density, cohesion, one spare, hydrated share, enrichment,
    volatiles, metal, then the components. Columns of u: class, hydration, meteorite. ``GROUPS`` names them.
    """

    z: Array
    u: Array

    @classmethod
    def of(cls, seed: int, designation: str, n: int) -> "Draws":
        """The draws of a study for one asteroid; a longer draw begins with the shorter one."""
        z = chance.generator(seed, "deposit", designation).standard_normal((n, 10 + len(composition.COMPONENTS)))
        return cls(z, chance.generator(seed, "deposit kind", designation).random((n, 3)))


GROUPS: Final = {  # what a column of the draws decides
    "class": ((), (0,)),
    "size": ((0, 1), ()),
    "spin and strength": ((2, 4), ()),
    "density": ((3,), ()),
    "grade": ((5, 6, 7, 8, *range(9, 10 + len(composition.COMPONENTS))), (1, 2)),
}


def sample(
    facts: Mapping[str, Any],
    n: int = 1000,
    seed: int = 0,
    *,
    assumptions: Assumptions | None = None,
    prior: Array | None = None,
    draws: Draws | None = None,
) -> Deposit:
    """Correlated samples of one asteroid; measured values where known, published priors where not.

    facts        designation and h_mag or diameter_km; any of h_sigma_mag, diameter_sigma_km, albedo, albedo_sigma,
                 taxonomy, period_h, density_g_cm3, density_sigma_g_cm3, mass_kg, mass_sigma_kg, radar_albedo, b_v;
                 with semi_major_axis_au, eccentricity, inclination_deg the prior is that of the orbit
    n            samples
    seed         of the study: the same seed and designation give the same samples, whatever else is drawn
    prior        (n_classes,) class shares instead of the near-Earth ones
    draws        instead of those of the seed
    returns      Deposit
    raises       BadInput when neither brightness nor size is known
    """
    assumed = assumptions or Assumptions()
    name = str(facts["designation"])
    if number(facts, "h_mag") is None and number(facts, "diameter_km") is None:
        raise BadInput(f"{name}: neither h_mag nor diameter_km is known; one of them is needed")
    draws = draws or Draws.of(seed, name, n)
    z_body = np.ascontiguousarray(draws.z[:, :10].T)
    known = _with_implied(facts)
    if prior is None and assumed.orbit_prior:
        prior = taxonomy.prior_of_orbit(known)
    shares = taxonomy.posterior(known, prior=prior)
    kind = np.minimum(np.searchsorted(np.cumsum(shares), draws.u[:, 0], side="right"), len(shares) - 1)
    body = _body(known, kind, z_body, assumed)
    parts = _parts(kind, draws, z_body, assumed)
    body["hydrated"] = (parts["water"] > HYDRATED_SHARE).astype(float)
    columns = {column: body[column] for column in BODY}
    columns |= {f"{part}_kg": parts[part] * body["mass_kg"] for part in (*RESOURCES, "metal")}
    return Deposit(name, columns, np.array(taxonomy.classes().names)[kind], _evidence(facts), assumed)


def _parts(kind: NDArray[np.intp], draws: Draws, z_body: Array, assumed: Assumptions) -> dict[str, Array]:
    """Mass fractions of each sample: hydration, then the meteorite, then its components."""
    share = assumed.hydrated_low + (assumed.hydrated_high - assumed.hydrated_low) * _normal_cdf(z_body[6])
    material = composition.analogue(kind, draws.u[:, 1] < share, draws.u[:, 2])
    return composition.fractions(
        material, draws.z[:, 7:9], draws.z[:, 10:], z_body[9], unverified=assumed.unverified,
        iron_pgm=assumed.iron_pgm_median_ppm / composition.IRON_PGM_MEDIAN_PPM,
    )  # fmt: skip


def _with_implied(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """A mass implies a diameter, a diameter and a magnitude imply an albedo, with their errors."""
    h, d, p = (number(facts, key) for key in ("h_mag", "diameter_km", "albedo"))
    if d is None and (mass := number(facts, "mass_kg")) is not None:
        d = (6 * mass / (np.pi * WEIGHED_DENSITY_KG_M3)) ** (1 / 3) / 1000
        facts = {**facts, "diameter_km": d, "diameter_sigma_km": 0.12 * d}
    if p is not None or h is None or d is None:
        return facts
    implied = float(np.clip(size.albedo(h, d), 0.01, size.ALBEDO_MAX))
    error = np.hypot(0.4 * log(10) * (number(facts, "h_sigma_mag") or 0.3), 2 * _diameter_error(facts, 0.15))
    return {**facts, "albedo": implied, "albedo_sigma": implied * float(error)}


def _diameter_error(facts: Mapping[str, Any], assumed: float) -> float:
    sigma, d = number(facts, "diameter_sigma_km"), number(facts, "diameter_km")
    return sigma / d if sigma and d else assumed


def _body(facts: Mapping[str, Any], kind: NDArray[np.intp], z: Array, assumed: Assumptions) -> dict[str, Array]:
    """Albedo, magnitude, diameter, period, structure, density and mass of each sample, in causal order."""
    albedo = _albedo(facts, kind, z[0])
    h = number(facts, "h_mag")
    measured = number(facts, "diameter_km")
    if measured is not None:
        diameter = measured * 1000 * np.exp(_diameter_error(facts, assumed.diameter_sigma) * z[1])
        h_mag = size.magnitude(diameter / 1000, albedo) if h is None else np.full(len(albedo), h)
    else:
        h_mag = h + (number(facts, "h_sigma_mag") or assumed.h_sigma_mag) * z[1]  # type: ignore[operator]
        diameter = size.diameter_km(h_mag, albedo) * 1000
    measured_period = number(facts, "period_h")
    period = spin.period_h(diameter, z[2]) if measured_period is None else np.full(len(albedo), measured_period)
    coherent = (diameter < assumed.coherent_below_m) & (period < assumed.coherent_period_h)
    density = _density(facts, kind, diameter, coherent, z[3])
    volume = np.pi / 6 * diameter**3
    if (mass := number(facts, "mass_kg")) is not None:
        error = (number(facts, "mass_sigma_kg") or 0.0) / mass
        density = mass * np.exp(error * z[5]) / volume
    cohesion = assumed.cohesion_median_pa * np.exp(1.0 * z[4]) * np.where(coherent, 2e4, 1.0)
    needed = spin.strength_needed_pa(density, diameter, period)
    grain = taxonomy.classes().column["grain"][kind] * 1000
    return {
        "albedo": albedo, "h_mag": h_mag, "diameter_m": diameter, "period_h": period, "density_kg_m3": density,
        "porosity": np.clip(1 - density / grain, 0.0, 1.0), "mass_kg": density * volume,
        "cohesion_pa": np.maximum(cohesion, needed), "coherent": coherent.astype(float),
        "tumbling": spin.tumbles(diameter, period).astype(float), "strength_needed_pa": needed,
        "rig_holds": spin.holds_a_rig(density, diameter, period).astype(float),
        "despin_kg": spin.despin_propellant_kg(density * volume, diameter, period),
    }  # fmt: skip


def _albedo(facts: Mapping[str, Any], kind: NDArray[np.intp], z: Array) -> Array:
    p = number(facts, "albedo")
    if p is not None and p > 0:
        return np.clip(p * 10 ** (taxonomy.albedo_error_dex(facts) * z), 0.01, size.ALBEDO_MAX)
    log_p = quantiles.at(z, *(part[kind] for part in quantiles.slopes(_albedo_knots())))
    if taxonomy.of_spectrum(str(facts.get("taxonomy") or "")) is None:
        log_p = np.interp(log_p, *_bend())
    return np.minimum(10**log_p, size.ALBEDO_MAX)


@cache
def _albedo_knots() -> Array:
    """Log albedo quantiles of each class, (n_classes, 5)."""
    column = taxonomy.classes().column
    return np.log10(np.stack([column[f"albedo_{label}"] for label in quantiles.LABELS], axis=1))


@cache
def _bend() -> tuple[Array, Array]:
    """A monotone map of log albedo under which all classes together follow the unknown near-Earth asteroid."""
    grid = np.linspace(-3.0, 0.6, 1500)
    share = taxonomy.classes().share
    cdf = np.sum([w * _normal_cdf(quantiles.score(grid, five)) for w, five in zip(share, _albedo_knots())], axis=0)
    p = np.maximum(size.unknown_albedo(np.clip(cdf, 1e-9, 1 - 1e-9)), 1e-4)
    return grid, np.log10(p)


def _density(
    facts: Mapping[str, Any], kind: NDArray[np.intp], diameter: Array, coherent: NDArray[np.bool_], z: Array
) -> Array:
    """Bulk density in kg/m³: measured, of coherent rock, or of a rubble pile, inside its bounds."""
    if (measured := number(facts, "density_g_cm3")) is not None:
        error = number(facts, "density_sigma_g_cm3") or 0.15 * measured
        return np.maximum(measured + error * z, 0.3) * 1000
    table = taxonomy.classes().column
    rubble, solid = (_truncated(table, name, kind, z) for name in ("density", "solid"))
    closing = np.clip(np.log(diameter / DENSE_FROM_M) / np.log(DENSE_AT_M / DENSE_FROM_M), 0.0, 1.0)
    closing = np.where(table["grain"][kind] < 4, closing, 0.0)  # metal-rich Psyche is as porous as a small body
    rubble = rubble + closing * np.maximum(0.9 * table["grain"][kind] - rubble, 0.0)
    return 1000 * np.where(coherent, solid, rubble)


def _truncated(table: Mapping[str, Array], name: str, kind: NDArray[np.intp], z: Array) -> Array:
    mean, sd = table[name][kind], table[f"{name}_sd"][kind]
    low = _normal_cdf((table[f"{name}_min"] - table[name]) / table[f"{name}_sd"])[kind]
    high = _normal_cdf((table[f"{name}_max"] - table[name]) / table[f"{name}_sd"])[kind]
    return mean + sd * _normal_quantile(low + (high - low) * _normal_cdf(z))


@cache
def _normal_table() -> tuple[Array, Array]:
    from math import erf, sqrt

    z = np.linspace(-6, 6, 4801)
    return z, np.array([0.5 * (1 + erf(x / sqrt(2))) for x in z])


def _normal_cdf(z: Array) -> Array:
    return np.interp(z, *_normal_table())


def _normal_quantile(p: Array) -> Array:
    z, cdf = _normal_table()
    return np.interp(p, cdf, z)


SURVEYED: Final = ("diameter_m", "mass_kg", "period_h", "water_kg", "metal_kg", "pgm_kg")
MEASURABLE: Final = ("taxonomy", "albedo", "diameter_km", "period_h", "density_g_cm3", "mass_kg", "radar_albedo")


def _evidence(facts: Mapping[str, Any]) -> dict[str, str]:
    """Which of the inputs were measured and which assumed."""
    known = {key: bool(facts.get(key)) if key == "taxonomy" else number(facts, key) is not None for key in MEASURABLE}
    return {key.removesuffix("_km").removesuffix("_g_cm3").removesuffix("_kg").removesuffix("_h"): (
        "measured" if is_known else "assumed") for key, is_known in known.items()}  # fmt: skip


def survey(
    table: Table,
    n: int = 1000,
    seed: int = 0,
    *,
    columns: Iterable[str] = SURVEYED,
    assumptions: Assumptions | None = None,
) -> Table:
    """Percentiles of many asteroids, one row each.

    table    catalogue joined with what is measured; rows that ``sample`` can read
    columns  which quantities to keep
    returns  Table: designation and, for each quantity, mean, p05, p16, p50, p84, p95
    """
    wanted = list(columns)
    kept = [name for name in _FACTS if name in table]
    rows = table.only(kept).rows()
    stats = [_stats(sample(row, n, seed, assumptions=assumptions), wanted) for row in rows]
    block = np.array(stats).reshape(len(table), len(wanted), 6)
    labels = ("mean", *(f"p{q:02.0f}" for q in QUANTILES))
    names = [f"{name}_{label}" for name in wanted for label in labels]
    quantities = dict(zip(names, block.reshape(len(table), -1).T, strict=True))
    return Table({"designation": table["designation"], **quantities})


_FACTS: Final = (
    "designation", "h_mag", "h_sigma_mag", "diameter_km", "diameter_sigma_km", "albedo", "albedo_sigma", "taxonomy",
    "period_h", "density_g_cm3", "density_sigma_g_cm3", "mass_kg", "mass_sigma_kg", "radar_albedo", "b_v",
    "semi_major_axis_au", "eccentricity", "inclination_deg",
)  # fmt: skip


def _stats(deposit: Deposit, wanted: list[str]) -> list[float]:
    columns = {name: deposit.pgm_kg if name == "pgm_kg" else deposit[name] for name in wanted}
    return [value for row in percentiles(columns).values() for value in row.values()]
