"""Capture at a close approach that nature offers: aim the asteroid a little, long before, and brake at periapsis.

The asteroid's integrated path gives the approaches. For each, a burn some years ahead moves the passage to the wanted
periapsis (two conditions in the plane across the approach, the smallest push that meets them, under every pull), and
the destination's arrival burn follows. A finite burn loses part of what an impulse would give: that is integrated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.capture.destinations import Destination
from motherlode.capture.plans import Burn, Retrieval
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import approaches, trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import MotherlodeError
from motherlode.units import AU, DAY, METRE_S, YEAR

Array = NDArray[np.float64]

REACH_KM: Final = {"earth": 0.12 * AU, "mars": 0.08 * AU}  # approaches worth aiming
PERIAPSIS_KM: Final = {
    "earth": 300_000.0,
    "mars": RADIUS_KM["mars"] + 400.0,
}  # Earth: where the Moon does the turning
LEADS: Final = (1.0 * YEAR, 2.0 * YEAR, 3.0 * YEAR)  # before the approach
EDGE: Final = 20.0 * DAY  # before the approach: where the plane across it is read
SHORT_BURN_S: Final = 1_200.0
LEAVES_OUT: Final = (
    "orbit uncertainty: the aim assumes that the orbit is known to kilometres at the approach",
    "the burn at periapsis asks for the thrust given beside it; electric tugs cannot give it",
)


@dataclass(frozen=True)
class Encounter:
    """A close approach of an integrated path: epoch, distance, excess speed."""

    epoch_tdb: float
    distance_km: float
    v_infinity_km_s: float


def natural(target: Mover, planet: Mover, span: tuple[float, float]) -> list[Encounter]:
    """Approaches near enough to be aimed, slowest first."""
    table = approaches.find(target, planet, span, within_km=REACH_KM[planet.name])
    rows = [Encounter(r["epoch_tdb"], r["distance_km"], r["v_infinity_km_s"]) for r in table.rows()]
    return sorted((r for r in rows if r.v_infinity_km_s == r.v_infinity_km_s), key=lambda r: r.v_infinity_km_s)


def powered(
    target: Mover, almanac: Almanac, places: Sequence[Destination], span: tuple[float, float], *, most: int = 4
) -> list[Retrieval]:
    """Captures at the slowest approaches, one per approach and destination, best first.

    target   an integrated trajectory
    places   destinations of one planet that have an arrival burn at periapsis
    most     approaches that are aimed
    """
    planet = almanac[places[0].body]
    found: list[Retrieval] = []
    for encounter in natural(target, planet, span)[:most]:
        aimed = _cheapest_aim(target, almanac, planet, encounter, span)
        if aimed is None:
            continue
        start, push, periapsis_tdb, v_infinity = aimed
        found += [_retrieval(target, place, encounter, start, push, periapsis_tdb, v_infinity) for place in places]
    return sorted(found, key=lambda way: way.delta_v_km_s)


def finite_burn(v_infinity: float, mu: float, periapsis_km: float, delta_v: float, duration_s: float) -> float:
    """Velocity change, km/s, that a steady burn around periapsis must give to take off what an impulse would.

    The braking follows the velocity; energy after the burn is compared with that after the impulse.
    """

    def energy(total: float) -> float:
        v = np.sqrt(v_infinity**2 + 2.0 * mu / periapsis_km)
        state = _coasted(np.array([periapsis_km, 0.0, 0.0, v]), -0.5 * duration_s, mu, 0.0)
        end = _coasted(state, duration_s, mu, total / duration_s)
        return float(0.5 * (end[2] ** 2 + end[3] ** 2) - mu / np.hypot(end[0], end[1]))

    v = np.sqrt(v_infinity**2 + 2.0 * mu / periapsis_km)
    goal = 0.5 * (v - delta_v) ** 2 - mu / periapsis_km
    low, high = delta_v, 4.0 * delta_v
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if energy(middle) > goal else (low, middle)
    return 0.5 * (low + high)


def thrust_kn(mass_kg: ArrayLike, delta_v_km_s: ArrayLike, duration_s: float = SHORT_BURN_S) -> Array:
    """Thrust, kN, that gives a mass a velocity change in a time."""
    thrust: Array = np.asarray(mass_kg) * np.asarray(delta_v_km_s) / duration_s
    return thrust


def lunar_flyby(v_infinity_km_s: float, *, height_km: float = 100.0) -> float:
    """C3 about the Earth, km²/s², after the best single passage of the Moon, all in the plane of its orbit.

    v_infinity_km_s   excess over the Earth before
    """
    distance, mu = 384_400.0, GM_KM3_S2["moon"]
    moon = np.sqrt(GM_KM3_S2["emb"] / distance)
    speed = np.sqrt(v_infinity_km_s**2 + 2.0 * GM_KM3_S2["earth"] / distance)
    angle = np.linspace(-np.pi / 2, np.pi / 2, 721)  # of the incoming velocity from the Moon's
    vx, vy = speed * np.cos(angle) - moon, speed * np.sin(angle)
    excess = np.hypot(vx, vy)
    turn = 2.0 * np.arcsin(1.0 / (1.0 + (RADIUS_KM["moon"] + height_km) * excess**2 / mu))
    heading = np.arctan2(vy, vx)
    after = np.stack([heading + share * turn for share in np.linspace(-1.0, 1.0, 41)])
    squared = (excess * np.cos(after) + moon) ** 2 + (excess * np.sin(after)) ** 2
    return float(np.min(squared) - 2.0 * GM_KM3_S2["earth"] / distance)


def _coasted(state: Array, time: float, mu: float, brake: float) -> Array:
    """Planar motion about the planet with a steady brake along the velocity; fourth-order steps."""

    def rate(s: Array) -> Array:
        pull = mu / np.hypot(s[0], s[1]) ** 3
        speed = np.hypot(s[2], s[3])
        return np.array([s[2], s[3], -pull * s[0] - brake * s[2] / speed, -pull * s[1] - brake * s[3] / speed])

    h = time / 60
    for _ in range(60):
        a = rate(state)
        b = rate(state + 0.5 * h * a)
        c = rate(state + 0.5 * h * b)
        d = rate(state + h * c)
        state = state + h / 6.0 * (a + 2 * b + 2 * c + d)
    return state


def _cheapest_aim(
    target: Mover, almanac: Almanac, planet: Mover, encounter: Encounter, span: tuple[float, float]
) -> tuple[float, float, float, float] | None:
    aims = []
    for lead in LEADS:
        start = encounter.epoch_tdb - lead
        if start < span[0]:
            continue
        try:
            aims.append(_aimed(target, almanac, planet, encounter, start))
        except (MotherlodeError, np.linalg.LinAlgError):
            continue
    return min(aims, key=lambda aim: aim[1]) if aims else None


def _aimed(
    target: Mover, almanac: Almanac, planet: Mover, encounter: Encounter, start: float
) -> tuple[float, float, float, float]:
    """Epoch and size of the push, epoch and excess of the passage at the wanted periapsis."""
    here = target.state(start)
    read = encounter.epoch_tdb - EDGE

    def relative(push: Array) -> Array:
        path = trajectory.from_state(
            target.name, here + np.concatenate([np.zeros(3), push]), start, (start, read),
            almanac=almanac, asteroids=False, tolerance=trajectory.BULK,
        )  # fmt: skip
        return np.asarray(path.state(read) - planet.state(read))

    mu = GM_KM3_S2[planet.name]
    push = np.zeros(3)
    state = relative(push)
    for _ in range(8):
        miss, v_infinity, axes = _off_target(state, mu, PERIAPSIS_KM[planet.name])
        if np.linalg.norm(miss) < 20.0:
            break
        nudge = 1e-5
        columns = [
            (_across(relative(push + nudge * axis), mu, axes) - _across(state, mu, axes)) / nudge
            for axis in np.eye(3)
        ]
        push = push - np.linalg.lstsq(np.column_stack(columns), miss, rcond=None)[0]
        state = relative(push)
    time = read + float(-(state[:3] @ state[3:]) / (state[3:] @ state[3:]))
    return start, float(np.linalg.norm(push)), time, v_infinity


def _off_target(state: Array, mu: float, periapsis_km: float) -> tuple[Array, float, Array]:
    """What the passage misses in the plane across the approach, the excess speed, and the axes of that plane."""
    squared = state[3:] @ state[3:] - 2.0 * mu / np.linalg.norm(state[:3])
    v_infinity = max(float(squared), 1e-4) ** 0.5
    along = state[3:] / np.linalg.norm(state[3:])
    one = np.cross(along, [0.0, 0.0, 1.0])
    one /= np.linalg.norm(one)
    axes = np.stack([one, np.cross(along, one)])
    across = _across(state, mu, axes)
    wanted = periapsis_km * np.sqrt(1.0 + 2.0 * mu / (periapsis_km * v_infinity**2))
    return across - wanted * across / np.linalg.norm(across), v_infinity, axes


def _across(state: Array, mu: float, axes: Array) -> Array:
    """Components of the undisturbed passage in the plane across the approach, km."""
    along = state[3:] / np.linalg.norm(state[3:])
    return np.asarray(axes @ (state[:3] - along * (state[:3] @ along)))


def _retrieval(
    target: Mover, place: Destination, natural: Encounter, start: float, push: float, when: float, v_infinity: float
) -> Retrieval:
    brake = float(place.capture_delta_v_km_s(v_infinity))
    facts: dict[str, Any] = {
        "title": place.title,
        "periapsis_km": PERIAPSIS_KM[place.body],
        "natural_distance_km": natural.distance_km,
        "natural_epoch_tdb": natural.epoch_tdb,
        "thrust_kn_per_1000_t": float(thrust_kn(1e6, brake)),
    }
    if place.body == "mars":
        low = brake if place.name == "mars-1sol" else min(brake, v_infinity**2)
        finite = finite_burn(v_infinity, GM_KM3_S2["mars"], PERIAPSIS_KM["mars"], low, SHORT_BURN_S)
        facts["finite_burn_loss_m_s"] = (finite - low) / METRE_S
    if place.body == "earth":
        facts["c3_after_one_lunar_flyby_km2_s2"] = lunar_flyby(v_infinity)
    burns = (
        Burn(start, push, "aim the passage"),
        Burn(when, brake, f"into the {place.title}"),
    )
    return Retrieval(
        str(target.name), place.name, "close approach", burns, when, v_infinity, facts, LEAVES_OUT, place.label
    )
