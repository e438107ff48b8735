"""What must hold before a capture may be shown as feasible, and what happens if control is lost on the way.

Every gate says what it measured, its limit, and why; a failed gate is a refusal, and so is a plan that was not flown
or whose loss of control could not be followed. Limits are settings with names, and a changed one is printed with the
result.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import pi
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture.plans import Retrieval
from motherlode.constants import G_KM3_KG_S2, GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import orbit as orbits
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import NoSolution, Refused
from motherlode.mechanics import kepler
from motherlode.units import DAY, HOUR, TONNE, YEAR

Array = NDArray[np.float64]

STRUCK: Final = ("earth", "moon", "mars")
NEAR_KM: Final = 4.0e6  # passages within this carry the estimate: impact parameters spread evenly inside it
STEP: Final = 8.0 * DAY
POSITION_KM: Final = 1_000.0  # uncertainty of a body under tow, one sigma; a choice
PROTECTION: Final = {
    "earth": "COSPAR category II outbound, V for the return to the Earth-Moon system",
    "mars": "COSPAR category III about Mars, IV where it may touch Mars; Phobos and Deimos as targets of return: V",
}


@dataclass(frozen=True)
class Limits:
    """Limits of the gates; each is a judgement unless its comment names a source.

    diameter_m, mass_t         largest body brought into Earth-Moon space: ARRM, 4 to 10 m and 1000 t
    impact_probability         for a body above that size, over the years followed
    keep_out_km                lowest powered passage of the Earth with a body
    stress_margin              strength over stress
    u_code                     largest orbit uncertainty of a body taken to Mars
    mars_periapsis_km          lowest altitude at Mars
    """

    diameter_m: float = 10.0
    mass_t: float = 1_000.0
    impact_probability: float = 1e-6
    keep_out_km: float = 1_000.0
    stress_margin: float = 2.0
    u_code: int = 4
    mars_periapsis_km: float = 300.0

    @property
    def changed(self) -> dict[str, float]:
        """Settings that differ from the defaults, for the report."""
        ours, defaults = asdict(self), asdict(Limits())
        return {f.name: ours[f.name] for f in fields(self) if ours[f.name] != defaults[f.name]}


@dataclass(frozen=True)
class Gate:
    """One condition: what was measured, against which limit, and the reason for it."""

    name: str
    passed: bool
    measured: str
    limit: str
    reason: str


@dataclass(frozen=True)
class Loss:
    """Loss of control: what happens to the body afterwards.

    samples       cut-off states followed
    years         for which they were followed
    probability   of hitting each body, from the passages within reach of it
    upper         95 % upper limit of the same
    """

    samples: int
    years: float
    probability: dict[str, float]
    upper: dict[str, float]

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units."""
        return {
            "samples": self.samples,
            "followed_yr": self.years,
            "impact_probability": self.probability,
            "impact_probability_95_upper": self.upper,
        }


def loss_of_control(
    target: Mover,
    way: Retrieval,
    almanac: Almanac,
    rng: np.random.Generator,
    *,
    samples: int = 60,
    years: float = 100.0,
) -> Loss:
    """Follow bodies whose tug has failed at a random moment of its burns or after the arrival.

    target    the asteroid, as in the plan
    rng       of the study
    years     to follow; cut where the ephemeris ends, and said so
    raises    NoSolution where a sample has no path: it would count as harmless
    """
    states, epochs = _cut_offs(target, way, almanac, rng, samples)
    end = min(float(almanac.span[1]) - DAY, float(epochs.max()) + years * YEAR)
    bodies = orbits.from_state(np.array([f"lost {i}" for i in range(samples)]), states, epochs)
    dates = np.arange(float(epochs.min()), end, STEP)
    paths = trajectory.tabulate(_writable(bodies), dates, almanac=almanac)
    paths[dates[None, :] < epochs[:, None]] = np.nan
    followed = int(np.count_nonzero(np.isfinite(paths).all(-1).any(-1)))
    if followed < samples:
        raise NoSolution(f"only {followed} of {samples} bodies out of control could be followed")
    hits = {name: _expected_hits(paths, almanac[name].state(dates), name) for name in STRUCK}
    return Loss(
        samples,
        (end - float(np.median(epochs))) / YEAR,
        {name: float(np.mean(h)) for name, h in hits.items()},
        {
            name: float(np.mean(h) + 1.645 * np.std(h) / np.sqrt(samples) + _unseen(name, samples))
            for name, h in hits.items()
        },
    )


def gates(
    way: Retrieval,
    *,
    body: str,
    diameter_m: float,
    mass_kg: float,
    period_h: float,
    strength_pa: float,
    u_code: str = "",
    tug_mass_kg: float = float("inf"),
    loss: Loss | None = None,
    unfollowed: str = "",
    limits: Limits = Limits(),
) -> list[Gate]:
    """Every gate of a plan; what was not flown or not followed does not pass.

    body         planet of the destination
    strength_pa  that holds the asteroid together
    tug_mass_kg  heaviest asteroid that the tug moves this way
    unfollowed   why there is no loss of control, for the reason
    """
    found = [
        _harmless(body, diameter_m, mass_kg, limits),
        _strong(mass_kg, diameter_m, period_h, strength_pa, limits),
        Gate(
            "tug",
            mass_kg <= tug_mass_kg,
            f"{mass_kg / TONNE:.0f} t",
            f"{tug_mass_kg / TONNE:.0f} t",
            "the tug must be able to move what it holds",
        ),
        Gate(
            "planetary protection", True, PROTECTION[body], "stated", "COSPAR policy; a mission needs its own review"
        ),
    ]
    found.append(_lost(body, diameter_m, mass_kg, loss, limits) if loss else _not_followed(unfollowed))
    if body == "mars":
        found.append(_known(u_code, limits))
    periapsis = way.orbit.get("periapsis_km")
    if periapsis is not None:
        found.append(_high(body, float(periapsis), limits))
    return [*found, _kept(way)]


def verdict(found: Sequence[Gate], limits: Limits = Limits()) -> dict[str, Any]:
    """Gates as plain values with the word: feasible or refused, and why."""
    failed = [gate for gate in found if not gate.passed]
    return {
        "feasible": not failed,
        "refused_because": [f"{g.name}: {g.measured}, limit {g.limit} ({g.reason})" for g in failed],
        "gates": [asdict(gate) for gate in found],
        "limits_changed": limits.changed,
    }


def require(found: Sequence[Gate]) -> None:
    """Raise Refused with the first failed gate."""
    for gate in found:
        if not gate.passed:
            raise Refused(f"refused by the gate {gate.name!r}: {gate.measured}, limit {gate.limit}; {gate.reason}")


def spin_stress_pa(density_kg_m3: float, diameter_m: float, period_h: float) -> float:
    """Tension, Pa, that a spinning sphere asks of its material: ρω²R²/5 - (4/15)πGρ²R²; negative is compression."""
    omega, radius = 2.0 * pi / (period_h * HOUR), 0.5 * diameter_m
    gravity = 1e9 * G_KM3_KG_S2
    return density_kg_m3 * (omega * radius) ** 2 / 5.0 - 4.0 / 15.0 * pi * gravity * (density_kg_m3 * radius) ** 2


def _harmless(body: str, diameter_m: float, mass_kg: float, limits: Limits) -> Gate:
    small = diameter_m <= limits.diameter_m and mass_kg <= limits.mass_t * TONNE
    return Gate(
        "size cap",
        small or body != "earth",
        f"{diameter_m:.1f} m, {mass_kg / TONNE:.0f} t",
        f"{limits.diameter_m:g} m and {limits.mass_t:g} t" if body == "earth" else "none at Mars",
        "a larger body may reach the ground if it is lost",
    )


def _strong(mass_kg: float, diameter_m: float, period_h: float, strength_pa: float, limits: Limits) -> Gate:
    density = mass_kg / (pi / 6.0 * diameter_m**3)
    stress = max(spin_stress_pa(density, diameter_m, period_h), 1e-9)
    margin = strength_pa / stress
    return Gate(
        "strength",
        margin >= limits.stress_margin,
        f"margin {margin:.3g} at {stress:.3g} Pa",
        f"{limits.stress_margin:g}",
        "a rubble pile must not come apart in the grip; a bag holds what does",
    )


def _lost(body: str, diameter_m: float, mass_kg: float, loss: Loss, limits: Limits) -> Gate:
    harmless = diameter_m <= limits.diameter_m and mass_kg <= limits.mass_t * TONNE
    worst = max(loss.upper["earth"], loss.upper["moon"]) if body == "earth" else loss.upper["earth"]
    return Gate(
        "loss of control",
        harmless or worst <= limits.impact_probability,
        f"hits Earth with {loss.probability['earth']:.1e} (95 %: below {worst:.1e}) in {loss.years:.0f} yr",
        "harmless size" if harmless else f"{limits.impact_probability:g}",
        "a lost body must not become a hazard",
    )


def _not_followed(why: str) -> Gate:
    measured = f"not followed: {why}" if why else "not followed"
    return Gate("loss of control", False, measured, "followed", "whether a lost body becomes a hazard is not shown")


def _kept(way: Retrieval) -> Gate:
    flown = way.checks.get("n_body")
    if flown is None or flown["survived"] is None:
        return Gate(
            "n-body flight", False, "not flown", "5 yr", "whether the real system keeps this plan is not shown"
        )
    reason = "a plan that the real system does not keep is not a plan"
    return Gate("n-body flight", bool(flown["survived"]), f"{flown['stayed_yr']:.1f} yr", "5 yr", reason)


def _known(u_code: str, limits: Limits) -> Gate:
    code = int(u_code) if u_code.isdigit() else 9
    return Gate(
        "orbit known", code <= limits.u_code, f"U {u_code or 'unknown'}", f"U {limits.u_code}", "aim needs an orbit"
    )


def _high(body: str, periapsis_km: float, limits: Limits) -> Gate:
    floor = limits.keep_out_km if body == "earth" else limits.mars_periapsis_km
    height = periapsis_km - RADIUS_KM[body]
    return Gate("keep-out", height >= floor, f"{height:.0f} km", f"{floor:g} km", "room for errors of aim")


def _cut_offs(
    target: Mover, way: Retrieval, almanac: Almanac, rng: np.random.Generator, samples: int
) -> tuple[Array, Array]:
    """Heliocentric states and epochs at which control is lost: a share of each burn done, or some time after."""
    first = way.burns[0]
    here = target.state(first.epoch_tdb)
    push = np.asarray(way.orbit.get("leave_km_s", here[3:] / np.linalg.norm(here[3:]) * first.delta_v_km_s))
    share = rng.uniform(0.0, 1.0, samples)
    drift = rng.uniform(0.0, 1.0, samples) * (way.burns[-1].epoch_tdb - first.epoch_tdb)
    done = np.where(rng.uniform(size=samples) < 0.5, share, 1.0)
    starts = np.tile(here, (samples, 1))
    starts[:, :3] += rng.normal(0.0, POSITION_KM, (samples, 3))
    starts[:, 3:] += done[:, None] * push + rng.normal(0.0, 0.01 * first.delta_v_km_s, (samples, 3))
    drift = np.where(done < 1.0, 0.0, drift)
    r, v = kepler.propagate(starts[:, :3], starts[:, 3:], drift, GM_KM3_S2["sun"])
    epochs = np.minimum(first.epoch_tdb + drift, almanac.span[1] - 30.0 * DAY)
    return np.concatenate([r, v], 1), epochs


def _expected_hits(paths: Array, planet: Array, name: str) -> Array:
    """Expected hits of each path (n,): every near passage counts by the target it would have had to meet."""
    here = paths[:, :-1] - planet[None, :-1]
    r, v = here[..., :3], here[..., 3:]
    squared = np.sum(v * v, -1)
    time = np.clip(-np.sum(r * v, -1) / squared, 0.0, STEP)
    closest = np.sqrt(np.sum((r + time[..., None] * v) ** 2, -1))
    inside = (closest < NEAR_KM) & (time > 0.0) & (time < STEP)
    reach = RADIUS_KM[name] ** 2 * (1.0 + 2.0 * GM_KM3_S2[name] / (RADIUS_KM[name] * np.maximum(squared, 0.01)))
    return np.asarray(np.sum(np.where(inside, np.minimum(reach / NEAR_KM**2, 1.0), 0.0), 1))


def _unseen(name: str, samples: int) -> float:
    """What passages that no sample made could add: three of them at walking pace."""
    slow = RADIUS_KM[name] ** 2 * (1.0 + 2.0 * GM_KM3_S2[name] / RADIUS_KM[name])
    return 3.0 / samples * slow / NEAR_KM**2


def _writable(bodies: Orbit) -> Orbit:
    return Orbit(*(np.array(getattr(bodies, f.name)) for f in fields(bodies)))
