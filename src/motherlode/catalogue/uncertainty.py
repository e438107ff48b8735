"""How well an orbit is known, as orbits that the observations allow: samples from a covariance, or from the U code.

A covariance (SBDB lookup, NEOCC) is drawn from whole. Its epoch is not the catalogue's: nominal and samples are
carried to the catalogue's epoch on two-body orbits and only their differences are kept, added to the catalogue's
elements. Differences are small, and so is what perturbations do to them, until a close approach magnifies them.

The U code says one thing: how fast the position along the orbit runs off, in arcseconds a decade
(Minor Planet Center, "Uncertainty parameter U"). It is drawn within its bin, as one sigma, from the last observation
on; the perihelion, which short arcs fix best, is kept, and the rest of the orbit is taken as known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, log, pi
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.catalogue.neocc import Solution
from motherlode.catalogue.sbdb import SmallBody
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import Refused
from motherlode.units import ARCSEC, AU, DAY, DEG, YEAR

Array = NDArray[np.float64]
MU: Final = GM_KM3_S2["sun"]
RUNOFF_ARCSEC_DECADE: Final = tuple(float(np.exp(1.49 * u)) for u in range(9))  # lower edges of U = 1 to 9
WORST_RUNOFF: Final = (RUNOFF_ARCSEC_DECADE[-1], float(np.exp(1.49 * 10)))  # U = 9 has no upper edge: one bin more
BEST_RUNOFF: Final = (0.01, 1.0)  # U = 0: below 1
# Order of SBDB's covariance, and the unit of each into ours: perihelion time in days, angles in degrees.
COVARIANT: Final = ("e", "q", "tp", "node", "peri", "i")


@dataclass(frozen=True)
class Cloud:
    """Differences of allowed orbits from the nominal one at an epoch, and what they rest on.

    differences  (n, 6)  of a (km), e, i, node, perihelion argument, mean anomaly (rad)
    """

    basis: str
    differences: Array


def samples(
    row: Mapping[str, Any],
    n: int,
    rng: np.random.Generator,
    *,
    body: SmallBody | None = None,
    solution: Solution | None = None,
) -> Orbit:
    """Orbits of one asteroid that its observations allow; the first is the nominal one.

    row       of the catalogue, as ``Table.row`` gives it
    n         how many
    rng       where chance comes from
    body      its SBDB lookup, if there is one with a covariance
    solution  its NEOCC orbit, used where there is no SBDB covariance
    returns   Orbit of shape (n,) at the catalogue's epoch, all named by the designation
    raises    Refused where nothing says how well the orbit is known
    """
    spread = cloud(row, n, rng, body=body, solution=solution).differences.copy()
    spread[:1] = 0.0
    nominal = (
        row["semi_major_axis_au"] * AU, row["eccentricity"], row["inclination_deg"] * DEG, row["node_deg"] * DEG,
        row["perihelion_argument_deg"] * DEG, row["mean_anomaly_deg"] * DEG,
    )  # fmt: skip
    a, e, i, node, peri, m = (value + spread[:, k] for k, value in enumerate(nominal))
    epoch = np.full(n, float(epochs.from_jd_tt(row["epoch_jd_tt"])))
    e = np.clip(e, 1e-9, 0.999999)
    return Orbit(np.full(n, row["designation"]), epoch, np.maximum(a, 1e-3 * AU), e, np.abs(i), node, peri, m)


def cloud(
    row: Mapping[str, Any],
    n: int,
    rng: np.random.Generator,
    *,
    body: SmallBody | None = None,
    solution: Solution | None = None,
) -> Cloud:
    """Differences from the nominal orbit at the catalogue's epoch; arguments as ``samples``."""
    if body is not None and body.covariance.size:
        return Cloud(f"covariance of JPL solution {body.orbit_id}", _from_sbdb(row, body, n, rng))
    if solution is not None and solution.covariance.size:
        return Cloud("covariance of the NEOCC solution", _from_neocc(row, solution, n, rng))
    if not str(row["u_code"]).isdigit():
        raise Refused(
            f"{row['full_name']} has no uncertainty code and no covariance is at hand; fetch one: "
            f"motherlode catalogue refresh --lookup {row['designation']!r}"
        )
    return Cloud(f"run-off of uncertainty code U = {row['u_code']}", _from_u(row, n, rng))


def _from_sbdb(row: Mapping[str, Any], body: SmallBody, n: int, rng: np.random.Generator) -> Array:
    """Draws of e, q, tp, node, peri, i at the covariance's epoch, as differences at the catalogue's."""
    names = {"om": "node", "w": "peri"}
    known = {names.get(key, key): value for key, value in {**body.elements, **body.covariance_elements}.items()}
    order = [body.covariance_labels.index(label) for label in COVARIANT]
    matrix = body.covariance[np.ix_(order, order)]
    centre = np.array([known[label] for label in COVARIANT])
    drawn = np.vstack([centre, centre + _normal(matrix, n, rng)])
    e, q, tp, node, peri, i = drawn.T
    a = q * AU / (1.0 - e)
    carried = float(epochs.from_jd_tt(row["epoch_jd_tt"])) - epochs.from_jd(tp)
    elements = np.stack([a, e, i * DEG, node * DEG, peri * DEG, np.sqrt(MU / a**3) * carried], axis=1)
    return np.asarray(elements[1:] - elements[0])


def _from_neocc(row: Mapping[str, Any], solution: Solution, n: int, rng: np.random.Generator) -> Array:
    """Draws of a, e, i, node, peri, M at the solution's epoch, as differences at the catalogue's."""
    scale = np.array([AU, 1.0, DEG, DEG, DEG, DEG])
    centre = np.array([solution.elements[key] for key in ("a", "e", "i", "node", "peri", "M")]) * scale
    drawn = np.vstack([centre, centre + _normal(solution.covariance[:6, :6], n, rng) * scale])
    elapsed = (row["epoch_jd_tt"] - solution.epoch_jd_tt) * DAY
    drawn[:, 5] += np.sqrt(MU / drawn[:, 0] ** 3) * elapsed
    return np.asarray(drawn[1:] - drawn[0])


def _normal(matrix: Array, n: int, rng: np.random.Generator) -> Array:
    """Draws of zero mean, (n, k); scaled by the standard deviations first, so that tiny entries do not drown."""
    sigma = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    safe = np.where(sigma > 0, sigma, 1.0)
    values, vectors = np.linalg.eigh(matrix / np.outer(safe, safe))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(rng.standard_normal((n, len(sigma))) @ root.T * sigma)


def runoff_bin(u_code: int) -> tuple[float, float]:
    """Lower and upper edge of the run-off that a U code stands for, arcsec per decade."""
    if u_code <= 0:
        return BEST_RUNOFF
    return WORST_RUNOFF if u_code >= 9 else (RUNOFF_ARCSEC_DECADE[u_code - 1], RUNOFF_ARCSEC_DECADE[u_code])


def u_code(runoff_arcsec_decade: float) -> int:
    """The U code of a run-off, by the Minor Planet Center's formula."""
    return int(min(9, max(0, log(max(runoff_arcsec_decade, 1e-9)) / 1.49 + 1)))


def _from_u(row: Mapping[str, Any], n: int, rng: np.random.Generator) -> Array:
    """Run-off along the orbit since the last observation; q kept, so that e follows a."""
    low, high = np.log(runoff_bin(int(row["u_code"])))
    rate = np.exp(rng.uniform(low, high, n)) * rng.standard_normal(n) * ARCSEC / (10 * YEAR)
    a, e = row["semi_major_axis_au"] * AU, row["eccentricity"]
    motion = np.sqrt(MU / a**3)
    rate = np.clip(rate, -0.5 * motion, 0.5 * motion)  # a body seen at all is not lost by more
    axis = a * (1.0 + rate / motion) ** (-2.0 / 3.0)
    elapsed = max(float(epochs.from_jd_tt(row["epoch_jd_tt"])) - _last_seen(row), 0.0)
    along = np.clip(rate * elapsed, -pi, pi)
    ratio = np.minimum(1.0 - a * (1.0 - e) / axis, 0.999)
    zero = np.zeros(n)
    return np.stack([axis - a, np.maximum(ratio, 0.0) - e, zero, zero, zero, along], axis=1)


def _last_seen(row: Mapping[str, Any]) -> float:
    day = str(row.get("last_observation") or "")
    return epochs.parse(f"{day} UTC") if day else float(epochs.from_jd_tt(row["epoch_jd_tt"]))


def along_track_km(orbits: Orbit, tdb: float) -> float:
    """One-sigma spread of sampled positions about the first, km, at an epoch."""
    states = orbits.state(tdb)[:, :3]
    spread = float(np.sqrt(np.mean(np.sum((states[1:] - states[0]) ** 2, axis=1)))) if len(states) > 1 else 0.0
    return 0.0 if isnan(spread) else spread
