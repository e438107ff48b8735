"""Speed of integrated asteroids in bulk: bodies × years per second and core, side by side with ASSIST; CPU time.

python -m benchmarks.nbody [--bodies N] [--json FILE]

A sample of the catalogue flies 26 years from its epoch under Sun, planets, Moon and Pluto. Each tolerance stands with
its error against the tightest of its own code, so that equal accuracies can be compared; ASSIST flies to the end,
ours also fills the 8-day lattice. The ratio at equal accuracy has a floor: the exit code is 1 where it is missed.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from motherlode.catalogue import orbits, snapshot
from motherlode.ephemeris import almanac, trajectory
from motherlode.ephemeris.orbit import Orbit
from motherlode.units import AU, DAY, METRE, YEAR

YEARS = 26.0
FLOOR = 2.0
OURS = (1e-9, 1e-7, 1e-6, trajectory.BULK)
THEIRS = (1e-9, 1e-7, 1e-6, 1e-5)


def sample(n: int) -> Orbit:
    table = snapshot.load()
    good = np.flatnonzero((table["u_code"] == "0") & ~table["stale_epoch"])
    return orbits.of(table.take(np.random.default_rng(8).choice(good, n, replace=False)))


def ours(bodies: Orbit, tolerance: float) -> tuple[np.ndarray, float]:
    dates = float(bodies.epoch_tdb.max()) + np.append(np.arange(0.0, YEARS * YEAR, 8 * DAY), YEARS * YEAR)
    start = time.process_time()
    table = trajectory.tabulate(bodies, dates, tolerance=tolerance)
    return table[:, -1, :3], time.process_time() - start


def theirs(bodies: Orbit, epsilon: float, planets: object) -> tuple[np.ndarray, float]:
    import assist
    import rebound

    t0 = float(bodies.epoch_tdb.max())
    t1 = t0 + YEARS * YEAR
    ends, spent = [], 0.0
    for row in range(len(bodies)):
        sim = rebound.Simulation()
        extras = assist.Extras(sim, planets)
        extras.forces = ["SUN", "PLANETS", "EARTH_HARMONICS", "SUN_HARMONICS", "GR_EIH"]
        sun = planets.get_particle("sun", t0 / DAY)
        s = bodies[row].state(t0) / AU
        s[3:] *= DAY
        names = ("x", "y", "z", "vx", "vy", "vz")
        sim.add(**{k: s[j] + getattr(sun, k) for j, k in enumerate(names)})
        sim.t = t0 / DAY
        sim.ri_ias15.epsilon = epsilon
        start = time.process_time()
        sim.integrate(t1 / DAY)
        spent += time.process_time() - start
        p = sim.particles[0]
        ends.append(np.array([p.x, p.y, p.z]) * AU)
    return np.array(ends), spent


def rows(name: str, run, tolerances: tuple[float, ...], n: int) -> list[dict]:
    found, truth = [], None
    for tolerance in tolerances:
        ends, spent = run(tolerance)
        truth = ends if truth is None else truth
        miss = np.linalg.norm(ends - truth, axis=1) / METRE
        found.append(
            {
                "code": name,
                "tolerance": tolerance,
                "body_years_per_s": n * YEARS / spent,
                "error_median_m": float(np.nanmedian(miss)),
                "error_p90_m": float(np.nanpercentile(miss, 90)),
            }
        )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=100)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    bodies = sample(args.bodies)
    ours(bodies[:2], OURS[0])
    found = rows("motherlode", lambda tolerance: ours(bodies, tolerance), OURS, args.bodies)
    try:
        import assist

        planets = assist.Ephem(str(almanac.de440_path()))
        found += rows("ASSIST", lambda epsilon: theirs(bodies, epsilon, planets), THEIRS, args.bodies)
    except ImportError as error:
        print(f"ASSIST: not measured, {error}")
    for row in found:
        print(
            f"{row['code']:11s} {row['tolerance']:7.0e}  {row['body_years_per_s']:8.0f} body-years/s  "
            f"error {row['error_median_m']:9.3g} m median, {row['error_p90_m']:9.3g} m 90 %"
        )
    if args.json:
        args.json.write_text(json.dumps(found, indent=1))
    return verdict(found)


def verdict(found: list[dict]) -> int:
    """Ours in bulk against the fastest setting of ASSIST that is at least as accurate."""
    bulk = next(r for r in found if r["code"] == "motherlode" and r["tolerance"] == trajectory.BULK)
    peers = [r for r in found if r["code"] == "ASSIST" and r["error_p90_m"] <= bulk["error_p90_m"]]
    if not peers:
        return 0
    ratio = bulk["body_years_per_s"] / max(r["body_years_per_s"] for r in peers)
    print(f"at equal accuracy {ratio:.1f} times ASSIST (floor {FLOOR})")
    return int(ratio < FLOOR)


if __name__ == "__main__":
    sys.exit(main())
