"""The bodies that disturb asteroids, laid out for the force kernels: planets and Moon, and the 16 large asteroids.

A field is refitted from its source for the span that is asked for, and kept; ten years of planets take some 30 ms.
"""

from functools import lru_cache
from math import ceil
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import large_asteroids
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.chebyshev import coefficients
from motherlode.errors import OutsideEphemeris
from motherlode.mechanics.gravity import Field
from motherlode.units import DAY, METRE

Array = NDArray[np.float64]
PLANETS: Final = ("moon", "earth", "mercury", "venus", "mars", "jupiter", "saturn", "uranus", "neptune", "pluto")
SMALL_KM_S2: Final = 1e-20  # pull on the Sun below this does not count: 3 mm in 26 years
SMALL_KM: Final = np.array([0.1, 0.1, 3.0, 3.0, 3.0, 20.0, 20.0, 20.0, 20.0, 20.0]) * METRE  # of the planets' places
BLOCK: Final = 2**27  # s, four years: spans are rounded outwards to blocks, so that neighbours share a field


def planets(almanac: Almanac, first: float, last: float) -> Field:
    """Field of planets, Moon and Pluto from an almanac over a span, TDB s past J2000.

    raises  OutsideEphemeris
    """
    low, high = _covering(first, last, almanac.span, f"planets ({almanac.source})")
    return _planets(almanac, low, high)


def asteroids(first: float, last: float) -> Field:
    """Field of the 16 large asteroids from the packaged table over a span, TDB s past J2000.

    raises  OutsideEphemeris
    """
    span = large_asteroids.span()
    return _asteroids(*_covering(first, last, span, "16 large asteroids", "choose dates inside it or leave them out"))


def nothing() -> Field:
    """A field without bodies."""
    none = np.zeros(0)
    return Field(0.0, 1.0, np.zeros((1, 9)), np.array([9]), none, none, -1, ())


def _covering(
    first: float,
    last: float,
    span: tuple[float, float],
    what: str,
    advice: str = "choose dates inside it or load a longer kernel",
) -> tuple[float, float]:
    low, high = span
    if first < low or last > high:
        worst = epochs.iso(first if first < low else last)
        raise OutsideEphemeris(
            f"{worst} is outside the ephemeris of the {what}, {epochs.iso(low)} to {epochs.iso(high)}; {advice}"
        )
    return max(BLOCK * np.floor(first / BLOCK), low), min(BLOCK * np.ceil(last / BLOCK), high)


@lru_cache(maxsize=32)  # short pieces of a long path meet a block, or two, of 4 years each
def _planets(almanac: Almanac, first: float, last: float) -> Field:
    gm = np.array([GM_KM3_S2[name] for name in PLANETS])
    radii = np.array([RADIUS_KM[name] for name in PLANETS])

    def motion(t: Array) -> Array:
        t = np.minimum(t, almanac.span[1])  # the last piece may reach past the end
        return _components(gm, [almanac[name].state(t)[:, :3] for name in PLANETS], -almanac["ssb"].state(t)[:, 3:])

    return _field(motion, (first, last, 16 * DAY), PLANETS, gm, radii, terms=24, small_km=SMALL_KM)


@lru_cache(maxsize=8)
def _asteroids(first: float, last: float) -> Field:
    bodies = large_asteroids.bodies()
    gm = np.array([body.gm_km3_s2 for body in bodies])

    def motion(t: Array) -> Array:
        at = [body.position(np.minimum(t, body.series.span[1])) for body in bodies]
        return _components(gm, at, np.zeros((t.size, 3)))

    names = tuple(body.name for body in bodies)
    return _field(motion, (first, last, 128 * DAY), names, gm, np.zeros(len(gm)), terms=12, small_km=np.ones(16))


def _components(gm: Array, at: list[Array], speed: Array) -> Array:
    """Bodies' pull on the Sun, their places, the Sun's velocity, their potential at the Sun: (n, 9 + 3 bodies)."""
    distance = [np.linalg.norm(r, axis=1)[:, None] for r in at]
    pull = -sum(mu * r / d**3 for mu, r, d in zip(gm, at, distance))
    potential = sum(mu / d for mu, d in zip(gm, distance))
    return np.concatenate([pull, *at, speed, potential, np.zeros((len(speed), 2))], axis=1)


def _field(
    motion: Any,
    grid: tuple[float, float, float],
    names: tuple[str, ...],
    gm: Array,
    radii: Array,
    *,
    terms: int,
    small_km: Array,
) -> Field:
    """Field of a motion on pieces of equal length; each body keeps the coefficients that are not small."""
    first, last, step = grid
    pieces = ceil((last - first) / step)
    c = coefficients(motion, first, step, pieces, terms)
    limit = np.repeat([SMALL_KM_S2, *small_km, 1e-7, 1e-4], 3)
    needed = _terms_needed(c, limit)
    order = np.argsort(-needed[1:-2], kind="stable")
    groups = np.array([0, *(1 + order), len(gm) + 1, len(gm) + 2])
    counts = np.array([3 * np.sum(needed[groups] > degree) for degree in range(needed[0])])
    components = (3 * groups[:, None] + np.arange(3)).reshape(-1)
    rows = [c[:, components[:n], degree] for degree, n in enumerate(counts)]
    ordered = tuple(names[i] for i in order)
    earth = ordered.index("earth") if "earth" in ordered else -1
    return Field(
        first,
        step,
        np.ascontiguousarray(np.concatenate(rows, axis=1)),
        counts,
        gm[order],
        radii[order],
        earth,
        ordered,
    )


def _terms_needed(c: Array, limit: Array) -> NDArray[np.int64]:
    """Terms of each group of three components, to the last coefficient above its limit; the pull as any."""
    large = np.abs(c).max(axis=0) > limit[:, None]
    needed = np.array([1 + np.max(np.nonzero(row)[0], initial=0) for row in large]).reshape(-1, 3).max(axis=1)
    needed[0] = needed.max()
    needed[-2:] = needed[:-2].min()  # the Sun's motion, smoother than any body's, stands last
    return np.asarray(needed)
