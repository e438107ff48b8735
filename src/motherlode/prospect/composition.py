"""Composition: which meteorites an asteroid is made of, and correlated mass fractions of what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.prospect import quantiles, reference, taxonomy

Array = NDArray[np.float64]
Index = NDArray[np.intp]

PGM: Final = ("ruthenium", "rhodium", "palladium", "osmium", "iridium", "platinum")
SIDEROPHILE: Final = ("nickel", "cobalt", *PGM, "gold")
VOLATILE: Final = ("water", "carbon", "nitrogen")
COMPONENTS: Final = ("iron", *SIDEROPHILE, *VOLATILE)  # drawn; metal is drawn first and silicate is what is left
VOLATILE_COLUMNS: Final = np.array([name in VOLATILE for name in COMPONENTS])
VOLATILE_PULL: Final = 0.8  # of the body's hydration on water, carbon and nitrogen; judgement
BLOCK: Final = 1024  # samples at a time: their tables stay in cache
NAMELESS: Final = 1e-20  # mass fraction below which a component is not in the table
IRON_PGM_MEDIAN_PPM: Final = 17.0  # of the packaged table of irons; 20 and 40.8 are quoted elsewhere


@dataclass(frozen=True)
class Materials:
    """Meteorite analogues: five-knot log quantiles as a centre and four slopes, (n_materials, n_components)."""

    names: tuple[str, ...]
    centre: Array
    slopes: tuple[Array, ...]
    latent: Array  # pull of the body's hidden variable
    noise: Array  # and of its own chance: the squares of both sum to one
    of_metal: Array  # 1 where the fraction is of the native metal
    metal: tuple[Array, ...]  # the same five for the share of native metal, (n_materials,)


@cache
def materials(unverified: bool = True) -> Materials:
    """The packaged analogues; ``unverified=False`` leaves out every figure that was only recalled."""
    table = [r for r in reference.rows("prospect", "materials") if unverified or r["status"] != "unverified"]
    every = reference.rows("prospect", "materials")
    names = tuple(dict.fromkeys(row["material"] for row in every))
    knots = np.full((len(names), len(COMPONENTS) + 1, 5), 1e-30)
    latent, of_metal = np.zeros(knots.shape[:2]), np.zeros(knots.shape[:2])
    columns = {name: i for i, name in enumerate((*COMPONENTS, "metal"))}
    for row in table:
        at = names.index(row["material"]), columns[row["component"]]
        knots[at] = [float(row[q]) for q in quantiles.LABELS]
        latent[at], of_metal[at] = float(row["latent"]), row["phase"] == "metal"
    y = np.log(knots)
    centre, *slopes = quantiles.slopes(y[:, :-1])
    metal = quantiles.slopes(y[:, -1])
    pull = np.where(VOLATILE_COLUMNS, VOLATILE_PULL, latent[:, :-1])
    return Materials(names, centre, tuple(slopes), pull, np.sqrt(1 - pull**2), of_metal[:, :-1], metal)


@cache
def _choices(hydrated: bool) -> Array:
    """Cumulative chance of each material for each class, (n_classes, n_materials)."""
    names, classes = materials().names, taxonomy.classes().names
    weight = np.zeros((len(classes), len(names)))
    for row in reference.rows("prospect", "analogues"):
        if row["hydrated"] in ("any", "yes" if hydrated else "no"):
            weight[classes.index(row["class"]), names.index(row["material"])] = float(row["weight"])
    cumulative: Array = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    return cumulative


def analogue(class_index: Index, hydrated: NDArray[np.bool_], quantile: Array) -> Index:
    """Material of each sample, (n,), from its class, its hydration state and a uniform number."""
    both = np.concatenate([_choices(False), _choices(True)])  # each row rises from 0 to 1
    rows = class_index + hydrated * len(_choices(True))
    steps = (both + np.arange(len(both))[:, None]).ravel()  # one ladder for a single search
    chosen: Index = np.searchsorted(steps, quantile + rows, side="right") - rows * both.shape[1]
    return np.asarray(np.minimum(chosen, both.shape[1] - 1))


def fractions(
    material: Index, latent: Array, z: Array, z_metal: Array, *, unverified: bool = True, iron_pgm: float = 1.0
) -> dict[str, Array]:
    """Mass fractions of a body, (n,) each, that sum to one with ``silicate``; native ``metal`` is counted in iron.

    material   (n,)                 row of each sample in ``materials()``
    latent     (n, 2)               standard normal: the body's enrichment (iridium for irons), its volatiles
    z          (n, n_components)    standard normal noise of each component
    z_metal    (n,)                 standard normal of the share of native metal
    iron_pgm   factor on the platinum-group metals of irons: published medians differ by 2.4
    returns    {component: (n,)} with metal and silicate
    """
    table = materials(unverified)
    value, metal = np.empty_like(z), np.empty(len(z))
    for start in range(0, len(z), BLOCK):
        some = slice(start, start + BLOCK)
        metal[some], value[some] = _block(table, material[some], latent[some], z[some], z_metal[some])
    if iron_pgm != 1.0:
        irons = material == table.names.index("iron")
        value[np.ix_(irons, [COMPONENTS.index(e) for e in PGM])] *= iron_pgm
    drawn = dict(zip(COMPONENTS, np.ascontiguousarray(value.T), strict=True))
    in_metal = table.of_metal[:, COMPONENTS.index("nickel")][material] > 0
    native_iron = np.maximum(metal - drawn["nickel"] - drawn["cobalt"], 0.0)
    drawn["iron"] = drawn["iron"] + np.where(in_metal, native_iron, 0.0)
    return _close(drawn, metal)


def _block(table: Materials, material: Index, latent: Array, z: Array, z_metal: Array) -> tuple[Array, Array]:
    """Share of native metal, (n,), and mass fractions, (n, n_components), of a few samples."""
    driver = table.latent[material]
    hidden = np.where(VOLATILE_COLUMNS, latent[:, 1:2], latent[:, 0:1])
    score = driver * hidden + table.noise[material] * z
    value = np.exp(quantiles.at(score, table.centre[material], *(s[material] for s in table.slopes)))
    metal = np.exp(quantiles.at(z_metal, *(part[material] for part in table.metal)))
    metal[metal < NAMELESS] = 0.0
    value[value < NAMELESS] = 0.0
    value *= np.where(table.of_metal[material] > 0, metal[:, None], 1.0)
    return metal, value


def _close(drawn: dict[str, Array], metal: Array) -> dict[str, Array]:
    """Scale down where the parts exceed the body; what is left is silicate."""
    total = np.sum(list(drawn.values()), axis=0)
    scale = np.where(total > 1, 1 / np.maximum(total, 1e-30), 1.0)
    closed = {name: values * scale for name, values in drawn.items()}
    silicate = np.maximum(1 - total * scale, 0.0)
    return {**closed, "silicate": silicate, "metal": np.minimum(metal, closed["iron"] + closed["nickel"])}


def platinum_group(parts: Any, names: Sequence[str] = PGM) -> Array:
    """Sum of the platinum-group metals of a mapping of components, (n,)."""
    total: Array = np.sum([parts[name] for name in names], axis=0)
    return total
