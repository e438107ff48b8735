"""What a command answers about one asteroid: names in, plain dicts with units in their keys out.

The command line prints these and the page serves them. Epochs in an answer are ISO dates in TDB; in tables they are
TDB seconds past J2000.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

import numpy as np

from motherlode import chance, epochs
from motherlode.access import apsides, bounds, confidence, ports, roundtrip, survey
from motherlode.access.roundtrip import Rules
from motherlode.capture import destinations, homecoming, retrieval
from motherlode.capture.gateway import Gateway
from motherlode.catalogue import query as question
from motherlode.catalogue import refresh, snapshot, uncertainty
from motherlode.economy import value
from motherlode.economy.value import Value
from motherlode.ephemeris import almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput, NoSolution, Refused
from motherlode.prospect import deposit
from motherlode.prospect.deposit import Deposit
from motherlode.study import delivery, named, retrieval_dates
from motherlode.units import DEG

HOME_AU: Final = {"earth": 1.0, "mars": 1.5237}  # semi-major axes; JPL approximate elements


def flags(facts: Mapping[str, Any]) -> list[str]:
    """What to be wary of in an orbit, in words."""
    found = []
    code = facts.get("u_code") or ""
    if not code.isdigit():
        found.append("orbit uncertainty unknown")
    elif int(code) >= 5:
        found.append(f"poor orbit (U {code})")
    if facts.get("one_opposition") or (facts.get("n_oppositions") or 0) < 2:
        found.append("seen at one opposition only")
    if facts.get("stale_epoch"):
        found.append("elements at an old epoch")
    if facts.get("h_mag") is None:
        found.append("brightness unknown")
    return found


def show(name: str, *, samples: int = named.SAMPLES, seed: int = named.SEED) -> dict[str, Any]:
    """One asteroid: orbit, quality flags, deposit, windows, capture options, values.

    raises  UnknownAsteroid
    """
    one = named.asteroid(name)
    facts = one.facts
    answer = {**identity(facts), "orbit": orbit(facts), "quality": quality(facts), "measured": measured(facts)}
    answer["bounds"] = bound(facts)
    answer["deposit"] = tried(lambda: _short_deposit(one.deposit(samples, seed)))
    trip = tried(lambda: roundtrips([name])[0])
    answer["windows"] = trip
    answer["capture"] = tried(lambda: capture(name, "any")["options"][:4])
    answer["value"] = tried(lambda: [_short_value(v) for v in values(name, samples=samples, seed=seed)])
    return answer | {"leaves_out": [named.TWO_BODY]}


def exact(one: named.Asteroid, place: ports.Port, rules: Rules) -> roundtrip.RoundTrip:
    """The round trips of one asteroid from a port, integrated under the planets, with every flag."""
    named.home(place)
    facts = one.facts
    bright = float("nan") if facts.get("h_mag") is None else facts["h_mag"]
    found = survey.one(
        one.orbit, almanac.load(), place.body, place, rules, u_code=facts.get("u_code") or "", h_mag=bright
    )
    return replace(found, flags=(*found.flags, *(note for note in flags(facts) if "(U " not in note)))


def _roundtrip(one: named.Asteroid, home: Mover, place: ports.Port, rules: Rules) -> dict[str, Any]:
    found = exact(one, place, rules)
    return {
        "designation": one.designation,
        "full_name": one.facts["full_name"],
        **found.summary(),
        "confidence": confident(one, home, place, found.best) if found.best else None,
        "leaves_out": list(survey.LEAVES_OUT),
    }


ORBITS: Final = 200  # samples of an orbit
CAPTURE_ORBITS: Final = 64  # the same for each way of a capture
MARGIN_KM_S: Final = 0.25  # what a mission keeps in hand


def confident(one: named.Asteroid, home: Mover, place: ports.Port, trip: roundtrip.Trip) -> dict[str, Any]:
    """With which probability a trip stays within its Δv and a margin, given how well the orbit is known."""
    known = refresh.body(one.designation)
    rng = chance.generator(named.SEED, "orbit", one.designation)
    try:
        basis = uncertainty.cloud(one.facts, 1, rng, body=known).basis
        samples = uncertainty.samples(one.facts, ORBITS, rng, body=known)
    except Refused as refused:
        return {"reason": str(refused)}
    found = confidence.of_trip(samples, home, place, trip, about=one.orbit)
    return {"basis": basis, **found.summary(trip.delta_v_km_s + MARGIN_KM_S)}


def tried(work: Callable[[], Any]) -> Any:
    """A part of an answer, or the reason why there is none."""
    try:
        return work()
    except (NoSolution, BadInput) as error:
        return {"reason": str(error)}


def identity(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What it is called."""
    return {key: facts[key] for key in ("designation", "full_name", "orbit_class", "pha", "h_mag")}


def orbit(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Its elements as published: heliocentric, ecliptic J2000, epoch in TT."""
    keys = (
        "epoch_jd_tt",
        "semi_major_axis_au",
        "eccentricity",
        "inclination_deg",
        "node_deg",
        "perihelion_argument_deg",
        "mean_anomaly_deg",
        "perihelion_au",
        "aphelion_au",
        "period_yr",
    )
    return {key: facts.get(key) for key in keys}


def quality(facts: Mapping[str, Any]) -> dict[str, Any]:
    """How well its orbit is known."""
    keys = ("u_code", "arc_d", "n_observations", "n_oppositions", "rms_arcsec", "last_observation")
    return {key: facts.get(key) for key in keys} | {"flags": flags(facts)}


def measured(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody has measured, with who."""
    names = [key.removesuffix("_source") for key in facts if key.endswith("_source") and facts[key]]
    return {name: {"value": facts.get(name), "source": facts[f"{name}_source"]} for name in names}


def bound(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Phase-free costs that screening uses."""
    a, e, i = facts["semi_major_axis_au"], facts["eccentricity"], facts["inclination_deg"] * DEG
    answer: dict[str, Any] = {"shoemaker_helin_km_s": float(bounds.shoemaker_helin(a, e, i))}
    for home, radius in HOME_AU.items():
        answer[f"two_burn_from_{home}_orbit_km_s"] = float(sum(apsides.two_burn(a, e, i, radius)))
    return answer


def roundtrips(
    names: Sequence[str], *, rules: str | Rules = "nhats", port: str = "earth-400km"
) -> list[dict[str, Any]]:
    """The round-trip search, one answer a name, in order.

    raises  UnknownAsteroid, UnknownName
    """
    place, chosen = ports.find(port), named.rules(rules)
    bodies = [named.asteroid(name) for name in names]
    home = named.home(place)
    return [_roundtrip(one, home, place, chosen) for one in bodies]


def capture(
    name: str,
    destination: str,
    *,
    span: tuple[str, str] = ("2028-01-01", "2050-01-01"),
    thorough: bool = False,
    seed: int = named.SEED,
) -> dict[str, Any]:
    """Ways to bring a whole asteroid to a place, cheapest first, with the mass that the standard tugs move.

    thorough   adds manifolds and close approaches, flies the best again under every pull, and asks the safety gates
    raises     UnknownAsteroid, UnknownName, NoSolution
    """
    return captured(name, destination, span=span, thorough=thorough, seed=seed)[0]


def captured(
    name: str,
    destination: str,
    *,
    span: tuple[str, str] = ("2028-01-01", "2050-01-01"),
    thorough: bool = False,
    seed: int = named.SEED,
) -> tuple[dict[str, Any], retrieval_dates.Dates | None]:
    """The same, and the dates of a thorough search to a libration point, of which figures are drawn."""
    destinations.named(destination)
    one = named.asteroid(name)
    window = epochs.parse(span[0]), epochs.parse(span[1])
    if window[1] <= window[0]:
        raise BadInput(f"the window ends ({span[1]}) before it begins ({span[0]}); swap the dates")
    named.check_span(*window)
    held = tried(lambda: one.deposit())
    estimate = held.percentiles()["mass_kg"] if isinstance(held, Deposit) else held
    gates = _gateways(destination, window) if thorough else {}
    if thorough and isinstance(held, Deposit):
        code, known = str(one.facts["u_code"] or ""), _orbits_known(one, seed)
        body = homecoming.Body(
            held["diameter_m"], held["mass_kg"], held["period_h"], held["cohesion_pa"], code, known
        )
        found = homecoming.compare(
            one.orbit, body, almanac.load(), destination,
            span=window, cache=retrieval_dates.libraries(), seed=seed, gates=gates,
        )  # fmt: skip
        options = [dated(way.summary()) for way in found]
    else:
        found = retrieval.options(one.orbit, almanac.load().movers, destination, span=window)
        options = [dated(way.summary()) | delivery.towing(way, "sep-150kw", 1500.0) for way in found]
    place = destinations.DESTINATIONS.get(destination)
    dates = retrieval_dates.found(one.orbit, place, gates[place.body]) if thorough and place and place.point else None
    answer = {**identity(one.facts), "destination": destination, "mass_kg": estimate, "options": options,
              "flags": flags(one.facts)}  # fmt: skip
    return answer | (dated(dates.summary()) if dates else {}), dates


def _gateways(destination: str, window: tuple[float, float]) -> dict[str, Gateway]:
    return homecoming.gateways(almanac.load(), destination, span=window, cache=retrieval_dates.libraries())


def _orbits_known(one: named.Asteroid, seed: int) -> Orbit | None:
    """Orbits that the observations allow; None where nothing says how well the orbit is known."""
    try:
        return uncertainty.samples(
            one.facts, CAPTURE_ORBITS, chance.generator(seed, "capture orbit", one.designation)
        )
    except Refused:
        return None


def deposit_answer(
    name: str, *, samples: int = named.SAMPLES, seed: int = named.SEED, assumptions: deposit.Assumptions | None = None
) -> dict[str, Any]:
    """Percentiles of size, mass, spin and each resource.

    raises  UnknownAsteroid, BadInput
    """
    one = named.asteroid(name)
    held = deposit.sample(one.facts, samples, seed, assumptions=assumptions)
    return {**identity(one.facts), "samples": samples, "seed": seed, "percentiles": held.percentiles(),
            "class_fractions": held.class_fractions, "hold_modes": held.hold_modes,
            "evidence": dict(held.evidence)}  # fmt: skip


def values(
    name: str,
    *,
    businesses: Sequence[tuple[str, str]] | None = None,
    port: str = "earth-400km",
    rules: str | Rules = "nhats",
    vintage: float | None = None,
    samples: int = named.SAMPLES,
    seed: int = named.SEED,
) -> list[Value]:
    """The four values of one asteroid for some businesses, by its cheapest round trip and onward legs.

    raises  UnknownAsteroid, UnknownName, NoSolution where no trip meets the rules
    """
    one = named.asteroid(name)
    place = ports.find(port)
    found = exact(one, place, named.rules(rules))
    held = one.deposit(samples, seed)
    legs = delivery.outbound(found)
    return [
        value.assess(
            held,
            delivery.trip(one.orbit, legs, place, sold_at),
            product=product,
            place=sold_at,
            vintage=vintage,
            seed=seed,
        )
        for product, sold_at in (businesses or value.BUSINESSES)
    ]


def value_answer(worth: Value) -> dict[str, Any]:
    """One business of one asteroid: the four values with their percentiles, and what stands beside them."""
    row = worth.summary()
    kept = {key: part for key, part in row.items() if not key.startswith(tuple(f"{name}_p" for name in value.VALUES))}
    kept = {
        key: part
        for key, part in kept.items()
        if not (key.endswith("_mean") and key.removesuffix("_mean") in value.VALUES)
    }
    return {**kept, **worth.percentiles()}


def catalogue_info() -> dict[str, Any]:
    """What the catalogue holds."""
    return snapshot.info()


def catalogue_query(sql: str) -> list[dict[str, Any]]:
    """The rows of a question in SQL. Raises BadInput where it is none."""
    return list(question.run(sql).rows())


def dated(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The same with every epoch (keys that end in ``_tdb``) as an ISO date."""
    out: dict[str, Any] = {}
    for key, part in answer.items():
        if isinstance(part, Mapping):
            out[key] = dated(part)
        elif isinstance(part, list | tuple):
            out[key] = [dated(one) if isinstance(one, Mapping) else one for one in part]
        elif key.endswith("_tdb") and isinstance(part, int | float) and np.isfinite(part):
            out[key] = epochs.iso(float(part), digits=0)
        else:
            out[key] = part
    return out


def _short_deposit(held: Deposit) -> dict[str, Any]:
    keys = ("diameter_m", "mass_kg", "period_h", "density_kg_m3", "water_kg", "metal_kg", "pgm_kg")
    every = held.percentiles()
    return {key: every[key] for key in keys} | {"class_fractions": held.class_fractions}


def _short_value(worth: Value) -> dict[str, Any]:
    return {"product": worth.product, "place": worth.place, **worth.percentiles(),
            "probability_npv_positive": worth.probability_npv_positive}  # fmt: skip


def catalogue_refresh(source: str = "mpc") -> dict[str, Any]:
    """Fetch a newer catalogue or table of measured values; the last good one stays in use until the new one is whole.

    raises  UnknownName, DownloadError, BadSource, StoreError
    """
    return asdict(refresh.run(source))


def catalogue_lookup(names: Sequence[str]) -> list[dict[str, Any]]:
    """Fetch single bodies from JPL's database: their covariance says how well the orbit is known.

    raises  UnknownAsteroid, DownloadError, BadSource
    """
    wanted = [named.asteroid(name).designation for name in names]
    return [
        {
            "designation": name,
            "orbit_id": body.orbit_id,
            "epoch_jd_tdb": body.epoch_jd_tdb,
            "covariance": body.covariance.shape[0],
            "nongravitational": body.nongravitational,
            "measured": len(body.measurements),
        }
        for name, body in refresh.lookup(wanted).items()
    ]
