"""What a tug moves along a way: the whole body, or a boulder or bulk material where the whole is too heavy.

Power follows the distance from the Sun along the path. What is held must stop spinning first: the whole body, or the
part, which leaves the surface with the body's own spin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import destinations, loss, tow
from motherlode.capture.plans import Retrieval
from motherlode.capture.tow import Tug
from motherlode.constants import AU_KM, GM_KM3_S2
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.mechanics import kepler
from motherlode.units import DAY, TONNE

Array = NDArray[np.float64]

DUTY_D: Final = 1_500.0  # longest time of thrust that a plan may ask for
SHORTEST_D: Final = 60.0
SPIN_SHARE: Final = 0.3  # of the propellant: a body whose spin takes more is not taken whole
CHEMICAL: Final = "chemical"  # the stage that burns at a periapsis for those whose thrust is too weak
MINUTES_S: Final = 1_200.0  # of a burn at a periapsis
SAMPLES: Final = 60  # of the distance from the Sun along a way


@dataclass(frozen=True)
class Body:
    """What is known of the asteroid, as samples (n,).

    orbits   that its observations allow, the nominal one first; None where nothing says how well it is known
    """

    diameter_m: Array
    mass_kg: Array
    period_h: Array
    strength_pa: Array
    u_code: str = ""
    orbits: Orbit | None = None


def distances_au(target: Mover, way: Retrieval) -> Array:
    """Distances from the Sun, au, at even times from the first burn to the last."""
    burns = loss.burns_of(target, way)
    dates = np.linspace(way.depart_tdb, max(way.burns[-1].epoch_tdb, way.depart_tdb + DAY), SAMPLES)
    found = np.empty(SAMPLES)
    for burning in burns:
        after = burning.before + np.concatenate([np.zeros(3), burning.change_km_s])
        rows = dates >= burning.epoch_tdb
        r, _ = kepler.propagate(after[:3], after[3:], dates[rows] - burning.epoch_tdb, GM_KM3_S2["sun"])
        found[rows] = np.linalg.norm(r, axis=-1) / AU_KM
    return found


def hauls(way: Retrieval, body: Body, names: Sequence[str], target: Mover | None = None) -> dict[str, Any]:
    """Heaviest mass that each tug moves along a way, the share of the body that is, and the cost of despin.

    The time of thrust is that of the flight up to the last burn, at most ``DUTY_D``; a chemical stage needs none.
    target   gives the distance from the Sun along the way; 1 au without it
    """
    mass = float(np.median(body.mass_kg))
    despin = tow.despin_propellant_kg(body.mass_kg, body.diameter_m, body.period_h)
    path = np.ones(2) if target is None else distances_au(target, way)
    rows = [_hauled(tow.find(name), way, body, path) for name in names]
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
        "solar_distance_au_mean": float(np.mean(path)),
    }


def short_burns(way: Retrieval) -> tuple[float, ...]:
    """Burns, km/s, that must be over in minutes: those beside a planet or the Moon."""
    if destinations.find(way.destination).point:
        return ()
    return tuple(burn.delta_v_km_s for burn in way.burns[2 if "join_km_s" in way.orbit else 1 :])


def _hauled(tug: Tug, way: Retrieval, body: Body, path: Array) -> dict[str, Any]:
    """One row of the comparison of tugs."""
    distance = tug.working_distance_au(path)
    mass, period = float(np.median(body.mass_kg)), float(np.median(body.period_h))
    spin = float(np.median(tow.despin_propellant_kg(body.mass_kg, body.diameter_m, body.period_h)))
    moved = _moved(tug, way, distance, spin if spin < SPIN_SHARE * tug.propellant_kg else 0.0)
    if moved.mass_kg < mass:  # a part, with the spin that it has on the surface
        spin = _despin_of_part(_moved(tug, way, distance, 0.0).mass_kg, mass, body, period)
        moved = _moved(tug, way, distance, spin)
    return {
        "tug": tug.name,
        "max_mass_t": moved.mass_kg / TONNE,
        "share_of_body": min(1.0, moved.mass_kg / mass),
        "propellant_t": moved.propellant_kg / TONNE,
        "chemical_propellant_t": moved.chemical_kg / TONNE,
        "despin_kg": spin,
        "thrust_time_d": moved.thrust_time_s / DAY,
        "power_at_au": distance,
        "limit": moved.limit,
        "fits_grip": bool(np.median(body.diameter_m) <= tug.largest_diameter_m),
        "grip": tug.grip,
    }


@dataclass(frozen=True)
class _Moved:
    """Heaviest mass along a way, what it takes, and what sets the limit."""

    mass_kg: float
    propellant_kg: float
    chemical_kg: float
    thrust_time_s: float
    limit: str


def _moved(tug: Tug, way: Retrieval, distance_au: float, despin_kg: float) -> _Moved:
    """The tug pushes in deep space; what must be over in minutes is burnt by a chemical stage that comes along."""
    stage, short = tow.find(CHEMICAL), short_burns(way)
    alone = tug.name == CHEMICAL
    deep = way.delta_v_km_s - (0.0 if alone else sum(short))
    time = min(max(way.burns[-1].epoch_tdb - way.depart_tdb, SHORTEST_D * DAY), DUTY_D * DAY)
    pushed = tow.heaviest(tug, deep, time, solar_distance_au=distance_au, despin_kg=despin_kg)
    most = {str(pushed.limit): float(pushed.mass_kg)}
    if short and not alone:
        most["propellant of the chemical stage"] = float(tow.heaviest(stage, sum(short), np.inf).mass_kg)
    if short:
        most["thrust of the chemical stage"] = 1e-3 * stage.thrust_n * MINUTES_S / max(short) - stage.dry_mass_kg
    limit = min(most, key=lambda name: most[name])
    mass = max(most[limit], 0.0)
    share = (mass + tug.dry_mass_kg) / (float(pushed.mass_kg) + tug.dry_mass_kg)
    burnt = 0.0 if alone else float(tow.propellant_kg(mass + stage.dry_mass_kg, sum(short), stage.isp_s))
    return _Moved(
        mass, float(pushed.propellant_kg) * share, burnt, float(pushed.thrust_time_s) * share,
        f"{limit}: a burn at a periapsis lasts minutes" if limit.startswith("thrust") else limit,
    )  # fmt: skip


def _despin_of_part(part_kg: float, mass_kg: float, body: Body, period_h: float) -> float:
    """Propellant that stops a part as dense as the body: it turns as fast, but weighs and measures less."""
    width = float(np.median(body.diameter_m)) * (min(part_kg, mass_kg) / mass_kg) ** (1.0 / 3.0)
    return float(tow.despin_propellant_kg(part_kg, width, period_h))
