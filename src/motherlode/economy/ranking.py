"""Ranking: the same asteroids in four orders, one for each value, and what each order follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.economy.mission import Trip
from motherlode.economy.value import VALUES, Value, in_situ
from motherlode.prospect.deposit import Deposit

Array = NDArray[np.float64]

WHY: Final = {  # what stands behind a driver, in words; all but the first two and the stay help by being small
    "mass of the product": "a big rock wins, however far and however poor",
    "grade": "a rich rock wins, because a plant moves only so much feed in a stay",
    "return speed change": "a rock that is cheap to leave wins, because propellant eats the product",
    "outbound speed change": "a rock that is cheap to reach wins, because more plant arrives",
    "stay": "a long stay wins, because the plant works longer",
    "cost": "a cheap mission wins: most lose money, and the smallest loses least",
}


@dataclass(frozen=True)
class Comparison:
    """Ranks of the same asteroids under each of the four values, 1 is best, and the driver of each order."""

    names: tuple[str, ...]
    ranks: Mapping[str, tuple[int, ...]]
    drivers: Mapping[str, tuple[str, float]]  # value -> driver and its rank correlation

    @property
    def differ(self) -> bool:
        """Whether the orders disagree."""
        return len(set(self.ranks.values())) > 1

    def reasons(self) -> dict[str, str]:
        """Why each value orders the asteroids as it does, one sentence each."""
        return {
            name: f"follows the {driver} (rank correlation {rho:.2f}): {WHY[driver]}"
            for name, (driver, rho) in self.drivers.items()
        }


def compare(values: Sequence[Value], trips: Sequence[Trip], deposits: Sequence[Deposit]) -> Comparison:
    """The four rankings of the same business on several asteroids, by the mean of each value.

    values, trips, deposits   one each an asteroid, in the same order
    returns                   Comparison
    """
    means = {name: np.array([float(getattr(v, name).mean()) for v in values]) for name in VALUES}
    drivers = _drivers(values, trips, deposits)
    follows = {}
    for name, column in means.items():
        found = {driver: correlation(column, numbers) for driver, numbers in drivers.items()}
        follows[name] = max(found.items(), key=lambda item: item[1])
    ranks = {name: tuple((_order(-column) + 1).astype(int).tolist()) for name, column in means.items()}
    return Comparison(tuple(v.designation for v in values), ranks, follows)


def _drivers(values: Sequence[Value], trips: Sequence[Trip], deposits: Sequence[Deposit]) -> dict[str, Array]:
    """What may order asteroids, each with the sign that makes more of it better."""
    masses = np.array([float(in_situ(d, v.product)[0].mean()) for v, d in zip(values, deposits)])
    return {
        "mass of the product": masses,
        "grade": masses / np.array([float(d["mass_kg"].mean()) for d in deposits]),
        "return speed change": -np.array([t.return_delta_v_km_s for t in trips]),
        "outbound speed change": -np.array([t.outbound_delta_v_km_s for t in trips]),
        "stay": np.array([t.stay_d for t in trips]),
        "cost": -np.array([float(v.present_cost_usd.mean()) for v in values]),
    }


def correlation(a: Array, b: Array) -> float:
    """Spearman rank correlation of two columns; 0 where one does not vary."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(_order(a), _order(b))[0, 1])


def _order(column: Array) -> Array:
    return np.argsort(np.argsort(column, kind="stable"), kind="stable").astype(float)
