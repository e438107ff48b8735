"""Close approaches: when a small body passes a planet, how near and how fast.

The least distances are the roots of Δr·Δv on the way from falling to rising, found between samples that are finer
where the body is near.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.constants import AU_KM, GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris.bodies import Mover
from motherlode.tables import Table
from motherlode.units import DAY, HOUR

Array = NDArray[np.float64]
WITHIN_KM: Final = {  # what counts as close when nobody says
    **dict.fromkeys(("mercury", "venus", "moon", "mars", "pluto"), 0.1 * AU_KM),
    **dict.fromkeys(("jupiter", "saturn", "uranus", "neptune"), 1.0 * AU_KM),
    "earth": 0.2 * AU_KM,
}
COARSE: Final = 1.0 * DAY
FINE: Final = 1.0 * HOUR  # inside the sphere where a planet bends the path within a day
NEAR_KM: Final = 0.02 * AU_KM


def find(body: Mover, planet: Mover, span: tuple[float, float], *, within_km: float | None = None) -> Table:
    """Close approaches of a body to a planet in a span, in order of time.

    body, planet   movers that know the span; the planet's name says its mass and radius
    span           first and last epoch, TDB s past J2000
    within_km      largest distance that counts; 0.1 au for most planets by default (``WITHIN_KM``)
    returns        Table: ``epoch_tdb``, ``distance_km`` (centre to centre), ``altitude_km``, ``v_relative_km_s``,
                   ``v_infinity_km_s`` (that of a body which the planet has not pulled; NaN for a bound path)
    """
    limit = WITHIN_KM.get(planet.name, 0.1 * AU_KM) if within_km is None else within_km
    t = _roots(body, planet, _samples(body, planet, span))
    gap = body.state(t) - planet.state(t)
    distance = np.linalg.norm(gap[:, :3], axis=1)
    keep = distance <= limit
    return _table(planet.name, t[keep], distance[keep], np.linalg.norm(gap[keep, 3:], axis=1))


def nearest(body: Mover, planet: Mover, span: tuple[float, float]) -> dict[str, Any]:
    """The closest approach of a span as one row of ``find``; its ends do not count, so it may be empty."""
    table = find(body, planet, span, within_km=np.inf)
    return table.row(int(np.argmin(table["distance_km"]))) if len(table) else {}


def _table(planet: str, t: Array, distance: Array, speed: Array) -> Table:
    mu, radius = GM_KM3_S2.get(planet, 0.0), RADIUS_KM.get(planet, 0.0)
    excess = speed**2 - 2.0 * mu / distance
    return Table(
        {
            "epoch_tdb": t,
            "distance_km": distance,
            "altitude_km": distance - radius,
            "v_relative_km_s": speed,
            "v_infinity_km_s": np.where(excess >= 0.0, np.sqrt(np.abs(excess)), np.nan),
        }
    )


def _samples(body: Mover, planet: Mover, span: tuple[float, float]) -> Array:
    """Epochs a day apart, an hour apart where the body is near."""
    first, last = span
    t = np.append(np.arange(first, last, COARSE), last)
    near = np.linalg.norm((body.state(t) - planet.state(t))[:, :3], axis=1) < NEAR_KM
    steps = int(COARSE / FINE)
    fine = (t[near][:, None] + FINE * np.arange(-steps, steps + 1)).reshape(-1)
    return np.unique(np.concatenate([t, fine[(fine > first) & (fine < last)]]))


def _roots(body: Mover, planet: Mover, t: Array) -> Array:
    """Epochs of least distance between samples, to a millisecond: bisection, then the secant."""
    rate = _closing(body, planet, t)
    turn = np.nonzero((rate[:-1] < 0.0) & (rate[1:] >= 0.0))[0]
    low, high, f_low, f_high = t[turn], t[turn + 1], rate[turn], rate[turn + 1]
    for step in range(60):
        if not np.any(high - low > 1e-3):
            break
        inside = low + (high - low) * (f_low / (f_low - f_high) if step % 3 else 0.5)
        middle = np.clip(inside, low + 1e-4 * (high - low), high - 1e-4 * (high - low))
        f = _closing(body, planet, middle)
        before = f < 0.0
        low, f_low = np.where(before, middle, low), np.where(before, f, f_low)
        high, f_high = np.where(before, high, middle), np.where(before, f_high, f)
    return np.asarray(low - f_low * (high - low) / np.where(f_high > f_low, f_high - f_low, 1.0))


def _closing(body: Mover, planet: Mover, t: Array) -> Array:
    """Δr·Δv, km²/s, (n,): negative while the distance shrinks."""
    gap = body.state(t) - planet.state(t)
    return np.asarray(np.einsum("nj,nj->n", gap[:, :3], gap[:, 3:]))
