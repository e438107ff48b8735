"""What must hold before a capture may be shown as feasible.

Every gate says what it measured, its limit, and why; a failed gate is a refusal, and so is a plan that was not flown,
whose loss of control could not be followed, or whose store was not shown to last. Limits are settings with names, and
a changed one is printed with the result.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import protection, stress
from motherlode.capture.loss import HOME, Loss
from motherlode.capture.plans import Retrieval
from motherlode.capture.storage import Storage
from motherlode.constants import RADIUS_KM
from motherlode.errors import Refused
from motherlode.units import TONNE

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """Limits of the gates; each is a judgement unless its comment names a source.

    diameter_m, mass_t         largest body brought into Earth-Moon space: ARRM, 4 to 10 m and 1000 t
    impact_probability         for a body above that size, over the years followed
    keep_out_km                lowest powered passage of the Earth with a body
    stress_margin              strength over stress, in so many of the samples
    strength_share
    u_code                     largest orbit uncertainty of a body taken to Mars
    mars_periapsis_km          lowest altitude at Mars
    storage_yr                 for which a body stays without control
    """

    diameter_m: float = 10.0
    mass_t: float = 1_000.0
    impact_probability: float = 1e-6
    keep_out_km: float = 1_000.0
    stress_margin: float = 2.0
    strength_share: float = 0.9
    u_code: int = 4
    mars_periapsis_km: float = 300.0
    storage_yr: float = 100.0

    @property
    def changed(self) -> dict[str, float]:
        """Settings that differ from the defaults, for the report."""
        ours, defaults = asdict(self), asdict(Limits())
        return {f.name: ours[f.name] for f in fields(self) if ours[f.name] != defaults[f.name]}

    def harmless(self, diameter_m: float, mass_kg: float) -> bool:
        """Whether a body breaks up in the air."""
        return diameter_m <= self.diameter_m and mass_kg <= self.mass_t * TONNE


@dataclass(frozen=True)
class Gate:
    """One condition: what was measured, against which limit, and the reason for it."""

    name: str
    passed: bool
    measured: str
    limit: str
    reason: str


@dataclass(frozen=True)
class Case:
    """All that the gates look at.

    body               planet of the destination
    diameter_m, mass_kg, period_h, strength_pa   samples (n,) of what is held, or single figures
    tug_mass_kg        heaviest asteroid that the tug moves this way
    acceleration_m_s2  largest of the burns
    passage            μ and distance of the nearest passage of a planet or moon, km³/s² and km
    loss               of control; ``unfollowed`` says why there is none
    storage            what becomes of the body when it is left alone; None where it was not looked at
    """

    body: str
    diameter_m: Array
    mass_kg: Array
    period_h: Array
    strength_pa: Array
    u_code: str = ""
    tug_mass_kg: float = float("inf")
    acceleration_m_s2: float = 0.0
    passage: tuple[float, float] | None = None
    loss: Loss | None = None
    unfollowed: str = ""
    storage: Storage | None = None

    @property
    def width_m(self) -> float:
        """Median."""
        return float(np.median(self.diameter_m))

    @property
    def weight_kg(self) -> float:
        """Median."""
        return float(np.median(self.mass_kg))


def gates(way: Retrieval, case: Case, limits: Limits = Limits()) -> list[Gate]:
    """Every gate of a plan; what was not flown, followed or shown does not pass."""
    found = [_harmless(case, limits), _strong(case, limits), _tugged(case), _protected(way, case)]
    found.append(_lost(case, case.loss, limits) if case.loss else _not_followed(case.unfollowed))
    if case.body == "mars":
        found.append(_known(case.u_code, limits))
    for name in ("periapsis_km", "perigee_km"):
        height = way.orbit.get(name)
        if height is not None:
            found.append(_high(case.body, float(height), limits))
    return [*found, _stored(case, limits), _kept(way)]


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


def _harmless(case: Case, limits: Limits) -> Gate:
    return Gate(
        "size cap",
        limits.harmless(case.width_m, case.weight_kg) or case.body != "earth",
        f"{case.width_m:.1f} m, {case.weight_kg / TONNE:.0f} t",
        f"{limits.diameter_m:g} m and {limits.mass_t:g} t" if case.body == "earth" else "none at Mars",
        "a larger body may reach the ground if it is lost",
    )


def _strong(case: Case, limits: Limits) -> Gate:
    load = stress.loads(
        np.atleast_1d(case.mass_kg), np.atleast_1d(case.diameter_m), np.atleast_1d(case.period_h),
        case.acceleration_m_s2, case.passage,
    )  # fmt: skip
    strength = np.atleast_1d(case.strength_pa)
    share = stress.share_that_holds(strength, load, limits.stress_margin)
    median = float(np.median(load.worst))
    margin = float(np.median(strength / load.worst))
    return Gate(
        "strength",
        share >= limits.strength_share,
        f"margin {margin:.3g} at {median:.3g} Pa, most by {load.what}; {100 * share:.0f} % of the samples hold",
        f"{limits.stress_margin:g} in {100 * limits.strength_share:g} %",
        "a rubble pile must not come apart in the grip; a bag or net keeps the debris together",
    )


def _tugged(case: Case) -> Gate:
    return Gate(
        "tug",
        case.weight_kg <= case.tug_mass_kg,
        f"{case.weight_kg / TONNE:.0f} t",
        f"{case.tug_mass_kg / TONNE:.0f} t",
        "the tug must be able to move what it holds",
    )


def _protected(way: Retrieval, case: Case) -> Gate:
    falls = case.loss.upper["mars"] if case.loss else None
    passed, measured, limit = protection.verdict(way, case.body, falls)
    return Gate("planetary protection", passed, measured, limit, "COSPAR's policy; a mission needs its own review")


def _lost(case: Case, loss: Loss, limits: Limits) -> Gate:
    harmless = limits.harmless(case.width_m, case.weight_kg)
    names = HOME if case.body == "earth" else ("earth",)
    worst = max(names, key=lambda name: loss.upper[name])
    chance = f"hits {worst.title()} with {loss.probability[worst]:.1e} "
    interval = f"(90 %: {loss.lower[worst]:.1e} to {loss.upper[worst]:.1e}) in {loss.years:.0f} yr"
    return Gate(
        "loss of control",
        harmless or (loss.upper[worst] <= limits.impact_probability and not _lingers(loss, names)),
        chance + interval + _lingers(loss, names),
        "harmless size" if harmless else f"{limits.impact_probability:g}",
        "a lost body must not become a hazard",
    )


def _lingers(loss: Loss, names: Sequence[str]) -> str:
    """What is to be said of the share whose chance is not told; empty where all is."""
    share = max(loss.untold[name] for name in names)
    return f", and more: {100 * share:.0f} % of the paths linger, with a chance that is not told" if share else ""


def _not_followed(why: str) -> Gate:
    measured = f"not followed: {why}" if why else "not followed"
    return Gate("loss of control", False, measured, "followed", "whether a lost body becomes a hazard is not shown")


def _stored(case: Case, limits: Limits) -> Gate:
    limit, reason = f"{limits.storage_yr:g} yr or a disposal plan", "a store must last when nobody looks after it"
    store = case.storage
    if store is None:
        return Gate("storage", False, "not shown", limit, reason)
    if store.disposal is None:
        measured = f"{store.years:.0f} yr without control, {store.what}"
        return Gate("storage", store.years >= limits.storage_yr - 1e-6, measured, limit, reason)
    chance, lingers = max(store.disposal.upper[name] for name in HOME), _lingers(store.disposal, HOME)
    told_safe = chance <= limits.impact_probability and not lingers
    safe = limits.harmless(case.width_m, case.weight_kg) or told_safe
    bound = f"{'' if lingers else 'at most '}{chance:.1e} in {store.disposal.years:.0f} yr"
    measured = f"{store.what}; hits Earth or Moon with {bound}{lingers}"
    return Gate("storage", safe, measured, limit, reason)


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
