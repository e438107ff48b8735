"""Speed of Lambert, porkchops, Kepler and the round-trip search, side by side with other codes; CPU time, one core.

python -m benchmarks.reach [--json FILE]

MOTHERLODE_PEERS names a Python per peer, "adam_core=/path/python pykep=/path/python hapsira=/path/python"; a peer
without one is tried in this interpreter. What fails to import is printed with its reason. The ratios have floors:
the exit code is 1 where one is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from motherlode.access import embedded, ports, roundtrip
from motherlode.ephemeris import almanac
from motherlode.ephemeris.orbit import Orbit
from motherlode.mechanics import elements, lambert, lambert_cells

MU = 1.0
TU_D = 58.13244  # days per unit of time at 1 au
FLOORS = {
    ("adam_core", "lambert"): 20.0,
    ("pykep", "lambert"): 35.0,
    ("adam_core", "grid"): 30.0,
    ("pykep", "problems to 1 revolution"): 10.0,
    ("pykep", "problems to 2 revolutions"): 10.0,
    ("adam_core", "elements"): 15.0,
    ("pykep", "elements"): 15.0,
}
Rates = dict[str, float]


def best(work: Callable[[], object], repeats: int = 7) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def problems(n: int = 200_000) -> dict[str, np.ndarray]:
    """Legs from the Earth to asteroid-like orbits, 30 to 700 days, in au and mu = 1; the same for every code."""
    rng = np.random.default_rng(1)
    a, e, i = rng.uniform(0.8, 2.5, n), rng.uniform(0, 0.6, n), rng.rayleigh(0.15, n)
    node, peri, M, phase = rng.uniform(0, 2 * np.pi, (4, n))
    home = elements.to_state(1.0, 0.0167, 0.0, 0.0, 1.8, phase, MU)
    away = elements.to_state(a, e, i, node, peri, M, MU)
    days = np.arange(400.0)
    dep = elements.many_dates(1.0, 0.0167, 0.0, 0.0, 1.8, 0.0, days / TU_D, MU)
    later = np.arange(100.0, 500.0)
    arr = elements.many_dates(1.2, 0.2, 0.1, 1.0, 2.0, 1.0, later / TU_D, MU)
    return {
        "r1": home[:, :3].copy(), "r2": away[:, :3].copy(), "mu": np.array(MU),
        "tof": rng.uniform(30, 700, n) / TU_D, "tof_long": rng.uniform(700, 2000, n) / TU_D,
        "grid_dep": dep, "grid_arr": arr, "grid_dep_t": days / TU_D, "grid_arr_t": later / TU_D,
        "orbits": np.stack([a, e, *np.degrees([i, node, peri, M])], axis=1),
        "state": away[0], "dates": np.linspace(0, 100.0, n),
    }  # fmt: skip


def ours(p: dict[str, np.ndarray]) -> Rates:
    r1, r2, n = p["r1"], p["r2"], len(p["tof"])
    rates = {"lambert": n / best(lambda: lambert.solve(r1, r2, p["tof"], MU))}
    rates["lambert, velocities read"] = rates["lambert"]
    for most in (1, 2):
        name = f"problems to {most} revolution{'s' if most > 1 else ''}"
        rates[name] = n / best(lambda most=most: lambert.every_branch(r1, r2, p["tof_long"], MU, revolutions=most), 4)
    rates["grid"] = grid_rate(p)
    six = elements.from_state(p["state"], MU)
    scalars = [float(x) for x in six]
    rates["elements"] = len(p["dates"]) / best(lambda: elements.many_dates(*scalars, p["dates"], MU))
    rates["propagate"] = rates["elements"]
    return rates


def grid_rate(p: dict[str, np.ndarray]) -> float:
    """The 400 departures against flight times of 100 to 500 days: as many cells as a peer's grid of two date axes."""
    depart = elements.many_dates(1.0, 0.0167, 0.0, 0.0, 1.8, 0.0, np.arange(400.0) / TU_D, MU)
    arrive = elements.many_dates(1.2, 0.2, 0.1, 1.0, 2.0, 1.0, np.arange(100.0, 900.0) / TU_D, MU)
    here, there = np.empty((8, 400)), np.empty((8, 800))
    lambert_cells.tabulate(depart, MU, here)
    lambert_cells.tabulate(arrive, MU, there)
    flights, layers = np.arange(100.0, 500.0) / TU_D, [np.empty((400, 400)) for _ in range(4)]
    first, north = np.arange(400), np.array([0.0, 0, 1])
    return 160_000 / best(
        lambda: lambert_cells.grid(here, there, first, 1, flights, MU, north, north, *layers)
    )  # fmt: skip


def round_trips() -> Rates:
    """Legs, and whole searches, per second of the published lattice, one asteroid after the other."""
    rng = np.random.default_rng(2)
    lattice = roundtrip.Lattice.of(almanac.load()["earth"], ports.find("earth-400km"), roundtrip.NHATS)
    n = 40
    orbit = Orbit(
        np.arange(n).astype(str), np.zeros(n), rng.uniform(0.9, 2.2, n) * 1.496e8, rng.uniform(0, 0.5, n),
        rng.rayleigh(0.1, n), *rng.uniform(0, 6.28, (3, n)),
    )  # fmt: skip
    states = [orbit[k].state(lattice.stay_dates) for k in range(n)]
    out, back = lattice.tables()
    answer = np.empty(embedded.ANSWER)
    legs = best(lambda: [lattice.fill(s, out, back) for s in states], 3) / n

    def search(s: np.ndarray) -> None:
        lattice.fill(s, out, back)
        embedded.evaluate(out, back, 1, 56, 12.0, answer)

    searches = best(lambda: [search(s) for s in states], 3) / n
    home, port = almanac.load()["earth"], ports.find("earth-400km")
    coarse = best(lambda: roundtrip.coarse(orbit, home, port, roundtrip.NHATS), 3) / n
    return {"round-trip legs": (out.size + back.size) / legs, "searches": 1 / searches, "first looks": 1 / coarse}


def peer(name: str, file: Path) -> Rates | str:
    pythons = dict(pair.split("=", 1) for pair in os.environ.get("MOTHERLODE_PEERS", "").split())
    script = Path(__file__).with_name("peers.py")
    run = subprocess.run(
        [pythons.get(name, sys.executable), str(script), str(file), name], capture_output=True, text=True
    )
    try:
        answer = json.loads(run.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return f"ended with {run.returncode}: {(run.stderr.strip().splitlines() or ['nothing said'])[-1]}"
    return answer.get("failed", answer)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    data = problems()
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problems.npz"
        np.savez(file, **data)
        mine = ours(data)
        others = {name: peer(name, file) for name in ("adam_core", "pykep", "hapsira")}
    missed = []
    print(f"{'ours':>30}  " + "  ".join(f"{name} {rate / 1e6:.2f} M/s" for name, rate in mine.items()))
    for name, rates in others.items():
        if isinstance(rates, str):
            print(f"{name:>30}  not measured: {rates}")
            continue
        for what, rate in rates.items():
            ratio, floor = mine[what] / rate, FLOORS.get((name, what))
            said = f"floor {floor:g}" if floor else ""
            print(f"{name:>12} {what:<28} {rate / 1e6:8.3f} M/s   ours x {ratio:6.1f}  {said}")
            if floor and ratio < floor:
                missed.append((name, what, ratio))
    trips = round_trips()
    print("  ".join(f"{name} {rate:,.0f}/s" for name, rate in trips.items()))
    result = {"ours": mine | trips, "peers": others, "missed": missed}
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
