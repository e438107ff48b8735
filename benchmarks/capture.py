"""Speed of capture: the flow, the manifold library, the search of one asteroid and of the catalogue; CPU seconds."""

import time

import numpy as np

from motherlode.capture import gateway, manifolds, patch, retrieval
from motherlode.capture.manifolds import Recipe
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.ephemeris import almanac
from motherlode.mechanics import threebody
from motherlode.units import YEAR

SPAN = (25.0 * YEAR, 99.0 * YEAR)


def timed(what: str, work, count: float = 1.0, unit: str = "") -> object:
    start = time.process_time()
    result = work()
    spent = time.process_time() - start
    print(f"{what:58} {spent:8.2f} s CPU" + (f"  {count / spent:12,.0f} {unit}" if unit else ""))
    return result


def main() -> None:
    mu = threebody.SYSTEMS["sun-earth"].mu
    rng = np.random.default_rng(0)
    states = np.array([1.01, 0, 0, 0, 0, 0]) + rng.uniform(-2e-3, 2e-3, (512, 6))
    threebody.propagate(states, 2 * np.pi, mu)  # the same work once before the clock starts
    for tolerance in (1e-16, 1e-12):
        timed(
            f"one-year trajectories, tolerance {tolerance:g}",
            lambda t=tolerance: threebody.propagate(states, 2 * np.pi, mu, tolerance=t),
            512,
            "a second and core",
        )
    manifolds.build(Recipe("sun-earth", orbits=8, departures=8))
    timed("library of 1,000 orbits x 360 departures", lambda: manifolds.build(Recipe()))
    planets, bodies, table = almanac.load(), None, snapshot.load()
    bodies = orbits.of(table)
    library = timed("library for twelve seasons, Earth", lambda: manifolds.build(retrieval.RECIPES["earth"]))
    gate = gateway.open_gateway(library, planets["emb"], SPAN)
    one = bodies[designations.find("2006 RH120", table)]
    patch.Patcher(one, gate).best()
    timed("one asteroid, both points, 74 years", lambda: patch.Patcher(one, gate).best())
    timed("prefilter of the catalogue", lambda: retrieval.bounds(bodies, gate), len(table), "asteroids a second")
    timed("sweep of the catalogue, Earth", lambda: retrieval.sweep(bodies, gate))


if __name__ == "__main__":
    main()
