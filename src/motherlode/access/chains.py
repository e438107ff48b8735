"""The search for a good chain of gravity assists: when to start and how long each leg should take.

Differential evolution (SciPy) on every date at once. A leg from a planet back to the same planet has its best answers
within hours of a whole number of revolutions, where the plane of the transfer is free; a plain search walks past
them. So such a leg is also searched on a stretched scale, t = kP ± 10^u, one island per k.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import inf
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.access import assists
from motherlode.access.assists import Chain, Charge, Planet, matching
from motherlode.errors import NoSolution
from motherlode.mechanics import elements, kepler
from motherlode.units import DAY

Array = NDArray[np.float64]
Bounds = tuple[float, float]
DEAR: Final = 1e3  # km/s, where a leg has no orbit
FINEST_D: Final = 1e-4  # stretched scale: from ten seconds ...
DECADES: Final = 5.0  # ... to ten days off a whole revolution


@dataclass(frozen=True)
class Route:
    """The best chain found: start TDB s past J2000, flights s, and what it costs."""

    start_tdb: float
    flights_s: Array
    delta_v_km_s: float
    chain: Chain
    evaluations: int


@dataclass(frozen=True)
class _Island:
    """One way to read the variables: for each leg the whole revolutions it is stretched about, 0 s for none."""

    about_s: tuple[float, ...]

    def bounds(self, start: Bounds, flights_s: Sequence[Bounds]) -> list[Bounds]:
        legs = [(-1.0, 1.0) if about else bound for about, bound in zip(self.about_s, flights_s, strict=True)]
        return [start, *legs]

    def flights(self, x: Array) -> Array:
        """Flight times (n, legs) of variables (1 + legs, n)."""
        columns = [
            about + np.sign(z) * FINEST_D * DAY * 10 ** (DECADES * np.abs(z)) if about else z
            for about, z in zip(self.about_s, x[1:], strict=True)
        ]
        return np.stack(columns, axis=1)


def search(
    chain: Sequence[Planet],
    start_tdb: Bounds,
    flights_s: Sequence[Bounds],
    *,
    departure: Charge = matching,
    arrival: Charge = matching,
    seed: int = 0,
    generations: int = 500,
) -> Route:
    """The cheapest chain with powered fly-bys inside the bounds, polished to the second.

    start_tdb  first and last start, TDB s past J2000
    flights_s  shortest and longest of each leg, s
    seed       same seed, same route
    raises     NoSolution where no chain inside the bounds exists
    """
    from scipy import optimize

    evolve: Any = optimize.differential_evolution
    polish: Any = optimize.minimize
    count = 0

    def total(start: Any, flights: Array) -> Array:
        nonlocal count
        count += len(flights)
        found = assists.mga(chain, start, flights, departure=departure, arrival=arrival).delta_v_km_s
        inside = np.all([(f >= low) & (f <= high) for f, (low, high) in zip(flights.T, flights_s)], axis=0)
        return np.where(inside & np.isfinite(found), found, DEAR)

    best, variables = inf, np.empty(0)
    for island in _islands(chain, start_tdb, flights_s):
        found = evolve(
            lambda x, island=island: total(x[0], island.flights(x)),
            island.bounds(start_tdb, flights_s),
            maxiter=generations, popsize=25, strategy="rand1bin", mutation=(0.4, 0.8), recombination=0.9,
            vectorized=True, updating="deferred", polish=False, rng=np.random.default_rng(seed), tol=1e-9,
        )  # fmt: skip
        if found.fun < best:
            at = np.asarray(found.x)[:, None]
            best, variables = float(found.fun), np.concatenate([at[0], island.flights(at)[0]])
    if best >= DEAR:
        raise NoSolution(f"no chain {'-'.join(str(p.mover.name) for p in chain)} inside these dates")
    options = {"maxfev": 3000, "xatol": 1e-9, "fatol": 1e-10}
    polished = polish(
        lambda x: float(total(x[:1] * DAY, x[None, 1:] * DAY)[0]),
        variables / DAY,
        method="Nelder-Mead",
        options=options,
    )
    start, flights = polished.x[0] * DAY, polished.x[1:] * DAY
    end = assists.mga(chain, [start], [flights], departure=departure, arrival=arrival)
    return Route(float(start), np.asarray(flights), float(end.delta_v_km_s[0]), end, count)


def _islands(chain: Sequence[Planet], start: Bounds, flights_s: Sequence[Bounds]) -> list[_Island]:
    choices: list[list[float]] = []
    for (here, there), (low, high) in zip(pairwise(chain), flights_s, strict=True):
        turns = [0.0]
        if here.mover.name == there.mover.name:
            at = elements.from_state(here.mover.state(np.mean(start)), assists.MU)
            period = float(kepler.period(at.semi_major_axis_km, assists.MU))
            turns += [k * period for k in range(1, int(high / period) + 1) if k * period >= low]
        choices.append(turns)
    return [_Island(about) for about in product(*choices)]
