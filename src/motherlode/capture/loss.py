"""Loss of control: whom the body may hit if its tug fails at any moment of its burns.

A burn broken off after a share s leaves a state on the line from before the burn to after it. The line is cut into
strata; from the middle of each the body is followed under every pull, and the tangent of its path with it. At every
passage of a planet the tangent says how the foot of the approach in the target plane answers to errors of state and
to s. So each stratum is a Gaussian there, as wide as its errors and its share of the line make it, and the chance to
hit is its mass on the planet's disc: a chance of 1e-7 needs no ten million bodies. Strata that differ give the
interval. Where that interval holds the limit, each stratum is cut in three: what was flown from its middle serves on.

A body that a planet catches for a while, or whose errors have grown wider than what is looked at, comes back in ways
that no Gaussian knows: such strata are counted as untold, and the chance is then a least one.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import orbiting, tangent, target_plane
from motherlode.capture.plans import Retrieval
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import NoSolution
from motherlode.mechanics import kepler
from motherlode.units import AU, DAY, YEAR

Array = NDArray[np.float64]

STRUCK: Final = ("earth", "moon", "mars")
HOME: Final = ("earth", "moon")  # who lingers at one lingers at the other
NEAR_KM: Final = 0.2 * AU  # passages within this are looked at: five times what the widest Gaussian spreads
STEP: Final = 4.0 * DAY  # of the paths: half of it from a passage, straight lines are good to 2,000 km
POSITION_KM: Final = 1_000.0  # of a body under tow, one sigma; a choice
CLOSE_KM: Final = 10.0  # the same beside a planet, where it is navigated by
SPEED_SHARE: Final = 0.01  # one sigma of the velocity, of the burn; a choice
DISPLACED: Final = np.array([10.0, 10.0, 10.0, 1e-6, 1e-6, 1e-6])  # km and km/s, by which a foot's slope is taken
HELD_KM: Final = 250_000.0  # semi-major axis about Mars up to which a body stays: a quarter of the Hill radius
ORBITER_YR: Final = 20.0  # for which COSPAR asks that an orbiter does not come down
RESOLVED: Final = 1e-9  # nothing smaller is told apart from 0
DRAWS: Final = 2_000  # of the strata, for the interval


@dataclass(frozen=True)
class Burning:
    """A burn that may be broken off: state (6,) before it, its change (3,) km/s, and what is uncertain, one sigma."""

    epoch_tdb: float
    before: Array
    change_km_s: Array
    position_km: float = POSITION_KM

    @property
    def variances(self) -> Array:
        """Of the state, (6,)."""
        speed = max(SPEED_SHARE * float(np.linalg.norm(self.change_km_s)), 1e-6)
        return np.array([self.position_km**2] * 3 + [speed**2] * 3)

    def broken_off(self, shares: Array) -> Array:
        """States (n, 6) after shares of the burn."""
        states = np.tile(self.before, (len(shares), 1))
        states[:, 3:] += shares[:, None] * self.change_km_s
        return states


@dataclass(frozen=True)
class Loss:
    """Chance to hit each body, given that control is lost in some burn, and its 90 % interval.

    samples   strata followed, each with its tangent
    years     for which they were followed
    untold    share of the strata of which this is the least chance: bodies that linger there
    """

    samples: int
    years: float
    probability: dict[str, float]
    lower: dict[str, float]
    upper: dict[str, float]
    untold: dict[str, float]

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units."""
        return {
            "samples": self.samples,
            "followed_yr": self.years,
            "impact_probability": self.probability,
            "impact_probability_05_lower": self.lower,
            "impact_probability_95_upper": self.upper,
            "share_untold": self.untold,
            "method": "target plane: burns cut into strata, each a Gaussian there",
        }


def burns_of(target: Mover, way: Retrieval, *others: Burning) -> list[Burning]:
    """The burns of a way whose state and direction are known; ``others`` are those of a flight near a planet."""
    first = way.burns[0]
    here = target.state(first.epoch_tdb)
    along = here[3:] / np.linalg.norm(here[3:]) * first.delta_v_km_s
    change = np.asarray(way.orbit.get("push_km_s", way.orbit.get("leave_km_s", along)), dtype=float)
    found = [Burning(first.epoch_tdb, here, change)]
    if "join_km_s" in way.orbit:
        second = way.burns[1].epoch_tdb
        r, v = kepler.propagate(here[:3], here[3:] + change, second - first.epoch_tdb, GM_KM3_S2["sun"])
        found.append(Burning(second, np.concatenate([r, v]), np.asarray(way.orbit["join_km_s"], dtype=float)))
    return [*found, *others]


def of_burns(
    burns: Sequence[Burning],
    almanac: Almanac,
    rng: np.random.Generator,
    *,
    strata: int = 24,
    most: int = 96,
    years: float = 100.0,
    limit: float = 1e-6,
    neighbours: bool = False,
) -> Loss:
    """Chance to hit Earth, Moon and Mars after control is lost at any moment of any of these burns.

    rng      for the interval
    strata   of each burn, tripled up to ``most`` while the interval about the chance holds the limit
    years    to follow; cut where the ephemeris ends, and said so
    neighbours   in place of the tangent six paths nearby, which feel how the motion bends: for those that linger
    raises   NoSolution where a stratum has no path: it would count as harmless
    """
    last = float(almanac.span[1]) - DAY
    shown = min(years, (last - float(np.median([burn.epoch_tdb for burn in burns]))) / YEAR)
    whole = last >= max(burn.epoch_tdb for burn in burns) + years * YEAR
    ends = [min(burn.epoch_tdb + years * YEAR, last) for burn in burns]
    flown = [_followed(*job, _middles(strata), almanac, neighbours) for job in zip(burns, ends)]
    while True:
        hits, untold = map(np.stack, zip(*(_hits(*pair) for pair in zip(burns, flown))))
        found = _estimated(hits, untold, rng, years if whole else shown)
        undecided = any(found.lower[name] <= limit < found.upper[name] and not found.untold[name] for name in STRUCK)
        if not undecided or 3 * strata > most:
            return found
        strata *= 3
        flown = [_refined(*job, almanac, neighbours) for job in zip(burns, ends, flown)]


def _estimated(hits: Array, untold: NDArray[np.bool_], rng: np.random.Generator, years: float) -> Loss:
    """Mean and interval of chances (burns, strata, bodies), and the share that is untold."""
    count, strata = hits.shape[:2]
    picks = rng.integers(0, strata, (DRAWS, count, strata))
    drawn = hits[np.arange(count)[None, :, None], picks].mean((1, 2))
    low, high = np.maximum(np.percentile(drawn, [5, 95], axis=0), [[0.0], [RESOLVED]])
    figures = hits.mean((0, 1)), low, high, untold.mean((0, 1))
    return Loss(strata * count, years, *(dict(zip(STRUCK, map(float, figure))) for figure in figures))


def _middles(strata: int) -> Array:
    """Shares of a burn in the middle of its strata."""
    return np.asarray((np.arange(strata) + 0.5) / strata)


@dataclass(frozen=True)
class _Passage:
    """A passage of a body: state (6,) from it, and its derivatives (6, 6) by the state after the burn."""

    body: int
    state: Array
    tangent: Array


@dataclass(frozen=True)
class _Stratum:
    """What became of the body from the middle of a stratum: passages, or whether it falls on Mars, which holds it.

    caught   indices of the bodies that held it for a while
    """

    passages: tuple[_Passage, ...] = ()
    falls: bool = False
    caught: frozenset[int] = frozenset()


def _followed(
    burning: Burning, until: float, shares: Array, almanac: Almanac, neighbours: bool = False
) -> list[_Stratum]:
    """The bodies that some shares of a burn leave, each followed to an epoch."""
    states = burning.broken_off(shares)
    held = _held_by_mars(states, burning.epoch_tdb, almanac)
    dates = np.arange(burning.epoch_tdb, until, STEP)
    bodies = [almanac[name].state(dates) for name in STRUCK]

    def one(state: Array, stays: bool) -> _Stratum | None:
        if stays:
            return _Stratum(falls=_falls_on_mars(state, burning.epoch_tdb, almanac))
        return _passing(state, dates, bodies, almanac, neighbours)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = list(pool.map(one, states, held.tolist()))
    strata = [stratum for stratum in found if stratum is not None]
    if len(strata) < len(found):
        raise NoSolution(f"only {len(strata)} of {len(found)} bodies out of control could be followed")
    return strata


def _refined(
    burning: Burning, until: float, flown: list[_Stratum], almanac: Almanac, neighbours: bool
) -> list[_Stratum]:
    """The strata, each cut in three: the middle one is flown already."""
    sides = _middles(3 * len(flown)).reshape(-1, 3)[:, [0, 2]].reshape(-1)
    new = _followed(burning, until, sides, almanac, neighbours)
    return [stratum for k, middle in enumerate(flown) for stratum in (new[2 * k], middle, new[2 * k + 1])]


def _hits(burning: Burning, flown: Sequence[_Stratum]) -> tuple[Array, NDArray[np.bool_]]:
    """Chance to hit (strata, bodies) of one burn, and where more than that may happen."""
    line = np.concatenate([np.zeros(3), burning.change_km_s]) / len(flown)
    spread = np.vstack([np.diag(np.sqrt(burning.variances)), line / np.sqrt(12.0)])
    hits, untold = map(np.array, zip(*(_chances(stratum, spread) for stratum in flown)))
    hits[:, STRUCK.index("mars")] += [float(stratum.falls) for stratum in flown]
    home = [STRUCK.index(name) for name in HOME]
    untold[:, home] = untold[:, home].any(axis=1, keepdims=True)
    return hits, untold


def _held_by_mars(states: Array, epoch: float, almanac: Almanac) -> NDArray[np.bool_]:
    """Which states (n, 6) are on ellipses about Mars that the Sun does not take apart."""
    here = states - almanac["mars"].state(epoch)
    distance = np.linalg.norm(here[:, :3], axis=1)
    energy = 0.5 * np.sum(here[:, 3:] ** 2, 1) - GM_KM3_S2["mars"] / distance
    return np.asarray(energy < -0.5 * GM_KM3_S2["mars"] / HELD_KM)


def _falls_on_mars(state: Array, epoch: float, almanac: Almanac) -> bool:
    """Whether a body (6,) about Mars comes down on it within the years of the rule for orbiters."""
    mars = almanac["mars"]
    leg = orbiting.fly(state - mars.state(epoch), epoch, epoch + ORBITER_YR * YEAR, mars)
    return leg.lowest_km < RADIUS_KM["mars"]


def _passing(
    state: Array, dates: Array, bodies: Sequence[Array], almanac: Almanac, neighbours: bool
) -> _Stratum | None:
    """Passages of a path within reach, at the date nearest to each; None where it cannot be followed.

    bodies   states (dates, 6) of those that may be struck
    """
    path = tangent.followed(state, float(dates[0]), float(dates[-1]), almanac, trajectory.BULK)
    states = path.states(dates)
    if not np.isfinite(states[:2]).all():
        return None
    seen = [(k, row) for k, body in enumerate(bodies) for row in _nearest(states - body)]
    reached = int(np.count_nonzero(np.isfinite(states[:, 0])))
    if reached < len(dates):
        seen.append((_ended_on(states[reached - 1], [body[reached - 1] for body in bodies]), reached - 1))
    free = [_excess2(states[row] - bodies[k][row], GM_KM3_S2[STRUCK[k]]) > 0.0 for k, row in seen]
    caught = frozenset(k for (k, _), passes in zip(seen, free) if not passes)
    seen = [pair for pair, passes in zip(seen, free) if passes]
    rows = np.unique(np.array([row for _, row in seen], dtype=np.int64))
    there = _differences(state, states[rows], dates, rows, almanac) if neighbours else path.tangents(dates[rows])
    slopes = dict(zip(rows.tolist(), there))
    passages = tuple(_Passage(k, states[row] - bodies[k][row], slopes[row]) for k, row in seen)
    return _Stratum(passages, caught=caught)


def _differences(state: Array, there: Array, dates: Array, rows: NDArray[np.int64], almanac: Almanac) -> Array:
    """What ``tangent.Path.tangents`` gives, by six displaced paths; 0 where one of them has ended."""
    if not len(rows):
        return np.empty((0, 6, 6))
    span = float(dates[0]), float(dates[rows[-1]])
    near = [tangent.followed(state + d, *span, almanac, trajectory.BULK) for d in np.diag(DISPLACED)]
    ends = np.stack([path.states(dates[rows]) for path in near], -1)
    return np.asarray(np.nan_to_num((ends - there[..., None]) / DISPLACED))


def _nearest(here: Array) -> list[int]:
    """Rows of the passages within reach, of a path (dates, 6) seen from a planet."""
    distance2 = np.sum(here[:, :3] ** 2, -1)
    middle = distance2[1:-1]
    with np.errstate(invalid="ignore"):
        least = (middle <= distance2[:-2]) & (middle < distance2[2:]) & (middle < NEAR_KM**2)
    return (np.flatnonzero(least) + 1).tolist()


def _ended_on(state: Array, bodies: Sequence[Array]) -> int:
    """Index of the body on which a path ends that was last seen here."""
    aims = []
    for name, body in zip(STRUCK, bodies):
        mu, here = GM_KM3_S2[name], state - body
        incoming, foot = target_plane.of_state(here, mu)
        reach = target_plane.reach(RADIUS_KM[name], np.linalg.norm(incoming), mu)
        aims.append(float(np.linalg.norm(foot) / reach + np.linalg.norm(here[:3]) / NEAR_KM))
    return int(np.argmin(aims))


def _excess2(here: Array, mu: float) -> float:
    """Energy about a body, km²/s²: turns of one that is held are no approaches."""
    return float(0.5 * here[3:] @ here[3:] - mu / np.linalg.norm(here[:3]))


def _chances(stratum: _Stratum, spread: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Chance (bodies,) to hit each of them, and whether it is only the least.

    spread (7, 6) what is uncertain in the state after the burn, km and km/s
    """
    missed = np.zeros(len(STRUCK))
    untold = np.array([k in stratum.caught for k in range(len(STRUCK))])
    for k, name in enumerate(STRUCK):
        ours = [passage for passage in stratum.passages if passage.body == k]
        if ours:
            mu, states = GM_KM3_S2[name], np.array([passage.state for passage in ours])
            moved = np.array([passage.tangent for passage in ours]) * DISPLACED
            foot, shifts, excess = _feet(states, moved.swapaxes(1, 2), mu)
            wide = np.einsum("ij,pjk->pik", spread, shifts / DISPLACED[:, None])  # (p, 7, 2)
            covariance = np.einsum("pik,pil->pkl", wide, wide)
            mass = _mass_on_disc(foot, covariance, target_plane.reach(RADIUS_KM[name], excess, mu))
            missed[k] = np.sum(np.log1p(-np.minimum(mass, 1.0 - 1e-12)))
            untold[k] |= bool(np.any(np.linalg.eigvalsh(covariance)[:, -1] > NEAR_KM**2))
    return np.asarray(-np.expm1(missed)), untold


def _feet(states: Array, shifts: Array, mu: float) -> tuple[Array, Array, Array]:
    """Foot (p, 2) of each passage (p, 6), how it moves (p, n, 2) with shifts (p, n, 6), and excess speed (p,)."""
    incoming, foot = target_plane.of_state(np.concatenate([states[:, None], states[:, None] + shifts], 1), mu)
    along = incoming[:, 0] / np.linalg.norm(incoming[:, 0], axis=-1, keepdims=True)
    one = np.cross(along, [0.0, 0.0, 1.0])
    one /= np.linalg.norm(one, axis=-1, keepdims=True)
    axes = np.stack([one, np.cross(along, one)], -1)  # (p, 3, 2)
    feet = np.einsum("pjk,pkl->pjl", foot, axes)
    return feet[:, 0], feet[:, 1:] - feet[:, :1], np.linalg.norm(incoming[:, 0], axis=-1)


def _mass_on_disc(foot: Array, covariance: Array, reach: Array) -> Array:
    """Mass (p,) of Gaussians about ``foot`` on the disc about the planet: a square of its area along their axes."""
    from scipy.special import ndtr

    values, vectors = np.linalg.eigh(covariance)
    sigma = np.sqrt(np.maximum(values, 1.0))
    centre = np.einsum("pkl,pk->pl", vectors, foot)
    half = 0.5 * np.sqrt(np.pi) * reach[:, None]
    # from the far side, where the difference of two small numbers keeps its digits
    off = np.abs(centre)
    return np.asarray(np.prod(ndtr((half - off) / sigma) - ndtr((-half - off) / sigma), -1))
