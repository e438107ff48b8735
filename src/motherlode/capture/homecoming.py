"""Every way home of one asteroid side by side: direct, by manifolds, at close approaches, whole or in part.

Each way carries what a tug can move along it, what stopping the spin costs, whether the real system keeps it, and the
verdict of the safety gates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance
from motherlode.capture import destinations, encounters, flight, retrieval, safety, tow
from motherlode.capture.destinations import Destination
from motherlode.capture.plans import Retrieval
from motherlode.capture.safety import Limits
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import MotherlodeError, NoSolution
from motherlode.units import DAY, TONNE

Array = NDArray[np.float64]

AT_PERIAPSIS: Final = ("mars-1sol", "mars-phobos-orbit", "phobos-dro", "lunar-dro", "high-lunar-orbit")
AT_PHOBOS: Final = ("mars-phobos-orbit", "phobos-dro")  # several burns: the loss of each is not integrated
DUTY_D: Final = 1_500.0  # longest time of thrust that a plan may ask for


@dataclass(frozen=True)
class Body:
    """What is known of the asteroid, as samples (n,)."""

    diameter_m: Array
    mass_kg: Array
    period_h: Array
    strength_pa: Array
    u_code: str = ""


@dataclass(frozen=True)
class Effort:
    """How much is looked at.

    fly      best plans to libration points that are flown again, for each planet
    tries    of the repair of each
    samples  of the loss of control
    tugs     compared; the first is the one whose mass heads the answer
    """

    fly: int = 2
    tries: int = 40
    samples: int = 40
    tugs: tuple[str, ...] = ("sep-150kw", "sep-40kw", "sep-1mw", "nuclear-1mw", "chemical", "mass-driver")


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
) -> list[Retrieval]:
    """Ways to a destination ("any": to all), cheapest first, each with its checks.

    orbit   of one asteroid; its path is integrated over the span
    cache   folder of the manifold libraries
    raises  NoSolution where there is none
    """
    places = destinations.named(destination)
    target = path(orbit, almanac, span)
    gates = retrieval.open_gateways(almanac.movers, span, cache, sorted({p.body for p in places if p.point}))
    ways = _all(target, almanac, places, span, gates)
    ways = _flown(ways, target, almanac, gates, effort)
    return [_judged(way, target, almanac, body, seed, effort, limits) for way in ways]


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
        here = [place for place in direct if place.body == planet and place.name in AT_PERIAPSIS]
        if here and isinstance(target, trajectory.Trajectory):
            found += map(without_stand_in, encounters.powered(target, almanac, here, span)[: 2 * len(here)])
    if not found:
        raise NoSolution(f"no return of {target.name} within the span; widen the dates")
    return sorted(found, key=lambda way: way.delta_v_km_s)


def without_stand_in(way: Retrieval) -> Retrieval:
    """The way with the loss of its finite burn unknown where that of another burn stood in for it."""
    if way.destination not in AT_PHOBOS:
        return way
    return replace(way, orbit=way.orbit | {"finite_burn_loss_m_s": None})


def _flown(
    ways: list[Retrieval], target: Mover, almanac: Almanac, gates: Mapping[str, Any], effort: Effort
) -> list[Retrieval]:
    left = dict.fromkeys(gates, effort.fly)
    done: list[Retrieval] = []
    for way in ways:
        planet = destinations.find(way.destination).body
        if way.way == "stable manifold" and left.get(planet, 0) > 0:
            left[planet] -= 1
            pilot = flight.pilot(gates[planet], almanac, almanac.movers)
            flown = pilot.fly(target, way, tries=effort.tries)
            way = replace(way, checks={**way.checks, "n_body": flown.summary()})
        done.append(way)
    return done


def _judged(
    way: Retrieval, target: Mover, almanac: Almanac, body: Body, seed: int, effort: Effort, limits: Limits
) -> Retrieval:
    towing = hauls(way, body, effort.tugs)
    loss, unfollowed = None, ""
    try:
        rng = chance.generator(seed, "capture safety", way.designation, way.destination)
        loss = safety.loss_of_control(target, way, almanac, rng, samples=effort.samples)
    except MotherlodeError as problem:
        unfollowed = str(problem)
    found = safety.gates(
        way,
        body=destinations.find(way.destination).body,
        diameter_m=float(np.median(body.diameter_m)),
        mass_kg=float(np.median(body.mass_kg)),
        period_h=float(np.median(body.period_h)),
        strength_pa=float(np.median(body.strength_pa)),
        u_code=body.u_code,
        tug_mass_kg=max(row["max_mass_t"] for row in towing["tugs"]) * TONNE,
        loss=loss,
        unfollowed=unfollowed,
        limits=limits,
    )
    checks = {
        "n_body": way.checks.get("n_body", {"survived": None, "reason": "not flown again"}),
        "safety": safety.verdict(found, limits) | ({"loss_of_control": loss.summary()} if loss else {}),
        **towing,
    }
    return replace(way, checks=checks)


def hauls(way: Retrieval, body: Body, names: Sequence[str]) -> dict[str, Any]:
    """Heaviest mass that each tug moves along a way, the share of the body that is, and the cost of despin.

    The time of thrust is that of the flight up to the last burn, at most ``DUTY_D``; a chemical stage needs none.
    Where the whole body is too heavy the answer is what is hauled of it: a boulder, or bulk material in the bag.
    """
    time = min(max(way.burns[-1].epoch_tdb - way.depart_tdb, 60.0 * DAY), DUTY_D * DAY)
    mass = float(np.median(body.mass_kg))
    despin = tow.despin_propellant_kg(body.mass_kg, body.diameter_m, body.period_h)
    rows: list[dict[str, Any]] = []
    for name in names:
        tug = tow.find(name)
        needed = float(np.median(despin))
        whole = needed < 0.3 * tug.propellant_kg  # else only a part is taken, and its own spin is not counted
        hauled = tow.heaviest(tug, way.delta_v_km_s, time, despin_kg=needed if whole else 0.0)
        able = way.way != "close approach" or tug.name == "chemical"
        heaviest = float(hauled.mass_kg) if able else 0.0
        rows.append(
            {
                "tug": name,
                "max_mass_t": heaviest / TONNE,
                "share_of_body": min(1.0, heaviest / mass),
                "propellant_t": float(hauled.propellant_kg) / TONNE if able else None,
                "thrust_time_d": float(hauled.thrust_time_s) / DAY if able else None,
                "limit": str(hauled.limit) if able else "thrust: the burn at periapsis lasts minutes",
                "fits_grip": bool(np.median(body.diameter_m) <= tug.largest_diameter_m),
                "grip": tug.grip,
            }
        )
    first = rows[0] if rows[0]["max_mass_t"] > 0.0 else max(rows, key=lambda row: float(row["max_mass_t"]))
    return {
        "tugs": rows,
        "tug": first["tug"],
        "max_mass_t": first["max_mass_t"],
        "tug_propellant_t": first["propellant_t"],
        "tug_limit": first["limit"],
        "hauled": "the whole body" if first["share_of_body"] >= 1.0 else "a boulder or bulk material",
        "hauled_t": min(first["max_mass_t"], mass / TONNE),
        "despin_propellant_kg_p05_p50_p95": [float(v) for v in np.percentile(despin, [5, 50, 95])],
    }
