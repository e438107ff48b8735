"""Other codes on the problems of ``benchmarks.reach``: run with the Python that has the peer, prints one JSON line.

python benchmarks/peers.py PROBLEMS.npz adam_core|pykep|hapsira

Stands alone on purpose: the peers pin versions that cannot share an environment with each other.
"""

import json
import math
import sys
import time


def best(work, repeats=5):
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def adam_core(p):
    from adam_core._rust import api

    n, mu = len(p["tof"]), float(p["mu"])
    dep, arr = p["grid_dep"], p["grid_arr"]
    cells = int((p["grid_arr_t"][None] > p["grid_dep_t"][:, None]).sum())
    kepler = p["orbits"]  # a, e, i, node, peri, M
    dt = p["dates"]
    states = p["state"][None].repeat(len(dt), 0)
    return {
        "lambert": n / best(lambda: api.izzo_lambert_numpy(p["r1"], p["r2"], p["tof"], mu)),
        "grid": cells / best(lambda: api.porkchop_grid_numpy(dep, p["grid_dep_t"], arr, p["grid_arr_t"], mu)),
        "propagate": len(dt) / best(lambda: api.propagate_2body_numpy(states, dt, dt * 0 + mu)),
        "elements": len(kepler) / best(lambda: api.keplerian_to_cartesian_numpy(kepler, dt * 0 + mu, 100, 1e-15)),
    }


def pykep(p):
    import pykep as pk

    n, mu = 20_000, float(p["mu"])
    r1, r2, tof = (p[name][:n].tolist() for name in ("r1", "r2", "tof"))
    long_tof = p["tof_long"][:n].tolist()

    def run(times, revolutions):
        for a, b, t in zip(r1, r2, times):
            pk.lambert_problem(a, b, t, mu, False, revolutions)

    def read():
        for a, b, t in zip(r1, r2, tof):
            found = pk.lambert_problem(a, b, t, mu, False, 0)
            _ = found.v0[0], found.v1[0]

    r, v = p["state"][:3].tolist(), p["state"][3:].tolist()
    dates = p["dates"][:n].tolist()
    return {
        "lambert": n / best(lambda: run(tof, 0)),
        "lambert, velocities read": n / best(read, 3),
        "problems to 1 revolution": n / best(lambda: run(long_tof, 1), 3),
        "problems to 2 revolutions": n / best(lambda: run(long_tof, 2), 3),
        "elements": n / best(lambda: [pk.propagate_lagrangian([r, v], t, mu) for t in dates], 3),
    }


def hapsira(p):
    from hapsira.core.iod import izzo
    from numba import njit

    n, mu = 50_000, float(p["mu"])
    r1, r2, tof = (p[name][:n].copy() for name in ("r1", "r2", "tof"))

    @njit
    def run(r1, r2, tof, mu):
        total = 0.0
        for k in range(len(tof)):
            v1, v2 = izzo(mu, r1[k], r2[k], tof[k], 0, True, True, 35, 1e-10)
            total += v1[0] + v2[0]
        return total

    return {"lambert": n / best(lambda: run(r1, r2, tof, mu))}


def main():
    import numpy as np

    problems = dict(np.load(sys.argv[1]))
    try:
        rates = {"adam_core": adam_core, "pykep": pykep, "hapsira": hapsira}[sys.argv[2]](problems)
    except Exception as error:
        print(json.dumps({"failed": f"{type(error).__name__}: {error}"}))
        return
    print(json.dumps({name: rate for name, rate in rates.items() if math.isfinite(rate)}))


if __name__ == "__main__":
    main()
