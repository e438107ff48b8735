"""Speed of capture: the flow, the manifold library, the search of one asteroid and of the catalogue; CPU seconds.

``python benchmarks/capture.py flights`` flies the cheapest plan of the best asteroids of both planets instead, under
every pull and to five years after the arrival, and prints the table of docs/capture.md. ``... lost`` counts how many
bodies out of control end in a planet, beside what the target plane says; ``... whole [DESTINATION]`` times the answer
of the command, after one that loads what is compiled.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from motherlode import chance, epochs
from motherlode.capture import destinations, flight, gateway, homecoming, loss, manifolds, patch, retrieval
from motherlode.capture.manifolds import Recipe
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.ephemeris import almanac, orbit, trajectory
from motherlode.mechanics import threebody
from motherlode.study import answers
from motherlode.units import DAY, METRE_S, YEAR

SPAN = (25.0 * YEAR, 99.0 * YEAR)
FLOWN = (25.0 * YEAR, 94.0 * YEAR)  # five years and a little before the packaged ephemeris ends
BEST = {"earth": (20, 0.5), "mars": (10, 1.5)}  # asteroids flown, and the largest bound searched, km/s


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


def flights() -> None:
    """The cheapest plan of each of the best asteroids, flown; one row of the table each."""
    planets, table = almanac.load(), snapshot.load()
    bodies = orbits.of(table)
    with tempfile.TemporaryDirectory() as cache:
        gates = retrieval.open_gateways(planets.movers, FLOWN, Path(cache))
    for planet, (count, below) in BEST.items():
        print(f"\n{planet}\n{'|'.join(HEAD)}\n{'|'.join('---' for _ in HEAD)}")
        pilot = flight.pilot(gates[planet], planets, planets.movers)
        for name in retrieval.sweep(bodies, gates[planet], below_km_s=below)["designation"][:count]:
            target = homecoming.path(bodies[designations.find(str(name), table)], planets, FLOWN)
            print("|".join(row(str(name), target, pilot)), flush=True)


HEAD = (
    "asteroid",
    "point, orbit",
    "first burn",
    "arrival",
    "planned",
    "flown",
    "pushes",
    "with errors",
    "kept",
    "s CPU",
)


def row(name: str, target, pilot: flight.Pilot) -> tuple[str, ...]:
    places = [place for place in destinations.of_planet(pilot.body) if place.point]
    ways = [way for place in places for way in retrieval.to_libration_point(target, pilot.gate, place)]
    way = min(ways, key=lambda way: way.delta_v_km_s)
    start = time.process_time()
    flown = pilot.fly(target, way)
    spent = time.process_time() - start
    told = (
        name,
        f"L{way.orbit['point']} {way.orbit['family']}",
        *(epochs.iso(t)[:7] for t in (way.depart_tdb, way.arrive_tdb)),
    )
    planned = f"{way.delta_v_km_s / METRE_S:.0f}"
    if not flown.burns_km_s:
        return (*told, planned, "–", "–", "–", f"**lost**: {flown.reason}", f"{spent:.1f}")
    slipped = pilot.fly(target, way, slips=chance.generator(0, "slips", name))
    pushes = (f"{one.keeping_km_s / METRE_S:.1f}" for one in (flown, slipped))
    kept = "kept" if flown.survived and slipped.survived else f"**lost**: {flown.reason or slipped.reason}"
    return (*told, planned, f"{flown.delta_v_km_s / METRE_S:.0f}", *pushes, kept, f"{spent:.1f}")


DRAWN = 400  # bodies of each burn


def lost(name: str = "2006 RH120", to: str = "sun-earth-l2", plans: int = 2) -> None:
    """Bodies drawn from burns of the cheapest plans, flown while the ephemeris lasts: how many end in a planet."""
    sky, table = almanac.load(), snapshot.load()
    body = orbits.of(table)[designations.find(name, table)]
    span = epochs.parse("2028-01-01"), epochs.parse("2050-01-01")
    target, last = homecoming.path(body, sky, span), float(sky.span[1]) - DAY
    ways = homecoming.ways(body, sky, to, span=span, cache=snapshot.home() / "manifolds")[:plans]
    for plan, way in enumerate(ways):
        burns = loss.burns_of(target, way)
        told = loss.of_burns(burns, sky, chance.generator(0, "lost", name), strata=16, most=48)
        print(f"plan {plan}: the target plane says {told.probability}, at most {told.upper}")
        for number, burn in enumerate(burns):
            draw = np.random.default_rng(11 + number)
            states = burn.broken_off(draw.uniform(size=DRAWN))
            states = states + draw.normal(size=states.shape) * np.sqrt(burn.variances)
            bodies = orbit.from_state(np.full(DRAWN, "lost"), states, np.full(DRAWN, burn.epoch_tdb))
            dates = np.array([burn.epoch_tdb, min(burn.epoch_tdb + 100.0 * YEAR, last)])
            paths = trajectory.tabulate(bodies, dates, almanac=sky, threads=2)
            fallen = int(np.count_nonzero(~np.isfinite(paths[:, 1, 0])))
            print(f"plan {plan}, burn {number}: {fallen} of {DRAWN} end in a planet", flush=True)


def whole(to: str = "sun-earth-l2", name: str = "2006 RH120") -> None:
    """The answer of ``motherlode capture`` to a destination, twice."""
    for turn in ("first", "again"):
        start = time.perf_counter()
        timed(f"{name} to {to}, {turn}", lambda: answers.capture(name, to, thorough=True))
        print(f"{'':58} {time.perf_counter() - start:8.2f} s on the clock")


if __name__ == "__main__":
    {"flights": flights, "lost": lost, "whole": whole}.get("".join(sys.argv[1:2]), main)(*sys.argv[2:3])
