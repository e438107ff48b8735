"""Every way home of one asteroid side by side: direct, by manifolds, at close approaches, whole or in part.

Each way carries what a tug can move along it, what stopping the spin costs, whether the real system keeps it, what
becomes of it when it is left alone, how sure its window is, and the verdict of the safety gates.
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance
from motherlode.capture import (
    ballistic,
    descents,
    destinations,
    encounters,
    flight,
    loss,
    moon,
    moon_flight,
    retrieval,
    safety,
    storage,
    weak_flight,
    windows,
)
from motherlode.capture.destinations import MARS_PERIAPSIS_KM, MOON_PERIAPSIS_KM, Destination
from motherlode.capture.gateway import Gateway
from motherlode.capture.hauling import Body, hauls, short_burns
from motherlode.capture.loss import Burning
from motherlode.capture.manifolds import Library
from motherlode.capture.plans import Burn, Retrieval
from motherlode.capture.safety import Case, Limits
from motherlode.capture.storage import Storage
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import MotherlodeError, NoSolution
from motherlode.units import DAY, TONNE

__all__ = ["Body", "Effort", "by_the_moon", "compare", "gateways", "hauls", "part", "path", "ways"]

Array = NDArray[np.float64]

BY_ONE_BURN: Final = ("mars-high-orbit", "mars-1sol")  # at a low periapsis of Mars
EARTH_ORBITS_MOON: Final = ("lunar-dro", "high-lunar-orbit")
ALONE: Final = 2  # plans that are followed when one destination is asked for
BOULDER_PA: Final = 1e5  # strength of a boulder, a tenth of a small monolith's; a choice
LONG_THRUST_S: Final = 100.0 * DAY  # of the impulses of deep space, for the load on the grip


@dataclass(frozen=True)
class Effort:
    """How much is looked at.

    fly      best plans that are flown again, of each planet's libration points and of each orbit about Mars
    tries    of the repair of each
    strata   of each burn in the loss of control, and how many they may be cut into
    follow   best plans of each destination whose loss of control and whose store are followed
    tugs     compared; the first is the one whose mass heads the answer
    """

    fly: int = 2
    tries: int = 40
    strata: int = 16
    most_strata: int = 64
    follow: int = 1
    tugs: tuple[str, ...] = ("sep-150kw", "sep-40kw", "sep-1mw", "nuclear-1mw", "chemical", "mass-driver")


@dataclass(frozen=True)
class _Flown:
    """A way with what its flight left: burns beside a planet, and a look at its store."""

    way: Retrieval
    beside: tuple[Burning, ...] = ()
    store: Callable[[np.random.Generator], Storage | None] = lambda rng: None


def compare(
    orbit: Orbit,
    body: Body,
    almanac: Almanac,
    destination: str = "any",
    *,
    span: tuple[float, float],
    cache: Path,
    seed: int = 0,
    effort: Effort = Effort(),
    limits: Limits = Limits(),
    gates: Mapping[str, Gateway] | None = None,
) -> list[Retrieval]:
    """Ways to a destination ("any": to all), cheapest first, each with its checks.

    orbit   of one asteroid; its path is integrated over the span
    cache   folder of the manifold libraries
    gates   of ``gateways``, where they are open already
    raises  NoSolution where there is none
    """
    places = destinations.named(destination)
    target = path(orbit, almanac, span)
    gates = gateways(almanac, destination, span=span, cache=cache) if gates is None else gates
    weak = _captures(places, cache)
    found = _all(target, almanac, places, span, gates, weak)
    if len(places) == 1:
        effort = replace(effort, follow=max(effort.follow, ALONE))
    judge = _Judge(target, almanac, body, seed, effort, limits)
    means = _Means(gates, weak, effort)
    ranks = _ranks([way.destination for way in found])

    def checked(way: Retrieval, rank: int, flies: bool) -> Retrieval:
        return judge.judged(_one(way, target, almanac, means) if flies else _Flown(way), rank)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # ways do not depend on one another
        return list(pool.map(checked, found, ranks, _flies(found, effort.fly)))


def gateways(almanac: Almanac, destination: str, *, span: tuple[float, float], cache: Path) -> dict[str, Gateway]:
    """The manifolds that lead to a destination's libration points ("any": to all), by their planets."""
    bodies = sorted({place.body for place in destinations.named(destination) if place.point})
    return retrieval.open_gateways(almanac.movers, span, cache, bodies)


def ways(
    orbit: Orbit,
    almanac: Almanac,
    destination: str = "any",
    *,
    span: tuple[float, float],
    cache: Path,
    gates: Mapping[str, Gateway] | None = None,
) -> list[Retrieval]:
    """The plans alone, cheapest first, without flights and gates; arguments as ``compare``."""
    places = destinations.named(destination)
    gates = gateways(almanac, destination, span=span, cache=cache) if gates is None else gates
    return _all(path(orbit, almanac, span), almanac, places, span, gates, _captures(places, cache))


def _captures(places: Sequence[Destination], cache: Path) -> Library | None:
    """The ballistic captures at Mars, where a destination is entered by one burn at a low periapsis."""
    return ballistic.load(cache) if any(place.name in BY_ONE_BURN for place in places) else None


def path(orbit: Orbit, almanac: Almanac, span: tuple[float, float]) -> Mover:
    """The asteroid's integrated path over a span, or its two-body orbit where that path ends in a planet."""
    try:
        return trajectory.integrate(orbit, span, almanac=almanac, asteroids=False, tolerance=trajectory.BULK)
    except NoSolution:
        return orbit


def _all(
    target: Mover,
    almanac: Almanac,
    places: Sequence[Destination],
    span: tuple[float, float],
    gates: Mapping[str, Any],
    weak: Library | None,
) -> list[Retrieval]:
    found: list[Retrieval] = []
    for place in places:
        if place.point:
            found += retrieval.to_libration_point(target, gates[place.body], place)[:3]
    direct = [place for place in places if not place.point]
    for place in direct:
        try:
            found += retrieval.options(target, almanac.movers, place, span=span)
        except NoSolution:
            continue
    for planet in sorted({place.body for place in direct}):
        here = [place for place in direct if place.body == planet]
        if isinstance(target, trajectory.Trajectory):
            found += encounters.powered(target, almanac, here, span)[: 2 * len(here)]
    if weak is not None:
        here = [place for place in places if place.name in BY_ONE_BURN]
        found += ballistic.ways(target, almanac["mars"], weak, here, span, most=2)
    if not found:
        raise NoSolution(f"no return of {target.name} within the span; widen the dates")
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        met = list(
            pool.map(lambda way: by_the_moon(way, almanac) if way.destination in EARTH_ORBITS_MOON else way, found)
        )
    return sorted(met, key=lambda way: way.delta_v_km_s)


def by_the_moon(way: Retrieval, almanac: Almanac) -> Retrieval:
    """A way to a lunar orbit with its braking at the passage of the Moon that is really there, and what leads to it.

    Where the Moon is met so many days from the planned arrival, the first burn shifts the arrival: excess speed times
    the shift, over the time there is. A way whose Moon cannot be met keeps its plan and says so.
    """
    place = destinations.find(way.destination)
    lowest = RADIUS_KM["earth"] + Limits().keep_out_km
    passages = moon.found(way.orbit["incoming_km_s"], way.arrive_tdb, place, almanac, lowest_km=lowest)
    if not passages:
        return replace(way, leaves_out=("no passage of the Moon was found about the arrival", *way.leaves_out))

    def shift(passage: moon.Passage) -> float:
        days_off = abs(passage.meeting.epoch_tdb - way.arrive_tdb)
        return float(way.v_infinity_km_s * days_off / max(way.burns[-1].epoch_tdb - way.depart_tdb, DAY))

    best = min(passages, key=lambda passage: passage.brake_km_s + shift(passage))
    first = way.burns[0]
    burns = (
        replace(first, delta_v_km_s=first.delta_v_km_s + shift(best)),
        Burn(best.epoch_tdb, best.brake_km_s, f"braked at the Moon into the {place.title}"),
    )
    facts = {
        **way.orbit, "moon": best.summary(), "shift_m_s": 1e3 * shift(best), "aim_tdb": way.arrive_tdb
    }  # fmt: skip
    facts.pop("periapsis_km", None)
    if not np.isinf(best.meeting.perigee_km):
        facts["perigee_km"] = best.meeting.perigee_km
    return replace(way, burns=burns, arrive_tdb=best.epoch_tdb, orbit=facts)


@dataclass(frozen=True)
class _Means:
    """What flights need: manifolds, captures, and how much is flown."""

    gates: Mapping[str, Any]
    weak: Library | None
    effort: Effort


def _ranks(keys: Sequence[str]) -> list[int]:
    """Which of its kind each one is, from 1."""
    seen: Counter[str] = Counter()
    ranks = []
    for key in keys:
        seen[key] += 1
        ranks.append(seen[key])
    return ranks


def _flies(found: Sequence[Retrieval], most: int) -> list[bool]:
    """Which of the ways, cheapest first, are flown again: so many of a planet's points, of each orbit and kind."""
    places = [destinations.find(way.destination) for way in found]
    kinds = [p.body if p.point else f"{p.name} {way.way == ballistic.WAY}" for p, way in zip(places, found)]
    return [rank <= most for rank in _ranks(kinds)]


def _one(way: Retrieval, target: Mover, almanac: Almanac, means: _Means) -> _Flown:
    """The flight that belongs to a way, as far as there is one."""
    place = destinations.find(way.destination)
    if way.way == "stable manifold":
        pilot = flight.pilot(means.gates[place.body], almanac, almanac.movers)
        done = pilot.fly(target, way, tries=means.effort.tries)
        kept = done.kept

        def sent_off(rng: np.random.Generator) -> Storage | None:
            return None if kept is None else storage.about_libration_point(kept, place.point, almanac, rng)

        return _Flown(_with(way, done.summary()), (), sent_off)
    if place.name in EARTH_ORBITS_MOON:
        if way.orbit.get("moon", {}).get("leaving_km") is not None:
            way = _with(way, moon_flight.fly(target, way, place, almanac).summary())
        return _Flown(way, (), lambda rng: storage.about_moon(place, way.arrive_tdb, almanac))
    if place.body == "mars" and not place.point:
        if way.way == ballistic.WAY and means.weak is not None:
            down = weak_flight.fly(target, way, place, means.weak, almanac)
        else:
            down = descents.fly(target, way, place, almanac)
        return _Flown(
            _with(way, down.summary()), _beside_mars(down, almanac), lambda rng: storage.about_mars(down, almanac)
        )
    return _Flown(way)


def _with(way: Retrieval, summary: dict[str, Any]) -> Retrieval:
    return replace(way, checks={**way.checks, "n_body": summary})


def _beside_mars(down: descents.Descent, almanac: Almanac) -> tuple[Burning, ...]:
    """The braking at the periapsis, as a burn that may be broken off."""
    if down.before is None:
        return ()
    state, epoch = down.before
    brake = -state[3:] / np.linalg.norm(state[3:]) * down.burns_km_s[down.deep]
    return (Burning(epoch, state + almanac["mars"].state(epoch), brake, loss.CLOSE_KM),)


@dataclass(frozen=True)
class _Judge:
    """Asks the gates of one asteroid's ways; the best of each destination are followed out of control."""

    target: Mover
    almanac: Almanac
    body: Body
    seed: int
    effort: Effort
    limits: Limits

    def judged(self, flown: _Flown, rank: int) -> Retrieval:
        """The way with its checks; ``rank`` among the ways to its destination, the cheapest is 1."""
        way = flown.way
        place = destinations.find(way.destination)
        towing = hauls(way, self.body, self.effort.tugs, self.target)
        rng = chance.generator(self.seed, "capture safety", way.designation, way.destination)
        follow = rank <= self.effort.follow
        out, unfollowed = self._followed_out(flown, rng) if follow else (None, self._unfollowed)
        store = flown.store(rng) if follow else None
        case = Case(
            place.body, self.body.diameter_m, self.body.mass_kg, self.body.period_h, self.body.strength_pa,
            self.body.u_code, max(row["max_mass_t"] for row in towing["tugs"]) * TONNE,
            _acceleration(way), _passage(way, place), out, unfollowed, store,
        )  # fmt: skip
        checks = {
            "n_body": way.checks.get("n_body", {"survived": None, "reason": "not flown again"}),
            "safety": self._told(way, case) | ({"loss_of_control": out.summary()} if out else {}),
            "storage": store.summary() if store else None,
            "window": self._window(way, place),
            **towing,
        }
        if case.tug_mass_kg < case.weight_kg:
            checks["safety_of_part"] = self._told(way, part(case))
        return replace(way, checks=checks)

    def _told(self, way: Retrieval, case: Case) -> dict[str, Any]:
        return safety.verdict(safety.gates(way, case, self.limits), self.limits)

    @property
    def _unfollowed(self) -> str:
        return f"only those of the cheapest {self.effort.follow} to a destination are"

    def _followed_out(self, flown: _Flown, rng: np.random.Generator) -> tuple[loss.Loss | None, str]:
        try:
            burns = loss.burns_of(self.target, flown.way, *flown.beside)
            strata, most = self.effort.strata, self.effort.most_strata
            limit = self.limits.impact_probability
            return loss.of_burns(burns, self.almanac, rng, strata=strata, most=most, limit=limit), ""
        except MotherlodeError as problem:
            return None, str(problem)

    def _window(self, way: Retrieval, place: Destination) -> dict[str, Any] | None:
        if self.body.orbits is None:
            return None
        planet = self.almanac[place.body]
        return windows.of_way(self.body.orbits, self.target, way, place, planet).summary()


def part(case: Case) -> Case:
    """The same with only as much of the body as the strongest tug moves: as dense, and a boulder, of one piece."""
    share = min(case.tug_mass_kg / case.weight_kg, 1.0)
    width, strength = case.diameter_m * share ** (1.0 / 3.0), np.maximum(case.strength_pa, BOULDER_PA)
    return replace(case, mass_kg=case.mass_kg * share, diameter_m=width, strength_pa=strength)


def _acceleration(way: Retrieval) -> float:
    """Largest acceleration of a way's burns, m/s²: minutes beside a planet, weeks in deep space."""
    short = max(short_burns(way), default=0.0) * 1e3 / encounters.SHORT_BURN_S
    return max(short, max(burn.delta_v_km_s for burn in way.burns) * 1e3 / LONG_THRUST_S)


def _passage(way: Retrieval, place: Destination) -> tuple[float, float] | None:
    """μ and distance of the nearest passage of what it is braked at."""
    if place.point:
        return None
    if place.body == "mars":
        return GM_KM3_S2["mars"], MARS_PERIAPSIS_KM
    return GM_KM3_S2["moon"], MOON_PERIAPSIS_KM
