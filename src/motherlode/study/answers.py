"""What a command answers about one asteroid or one transfer: names in, plain dicts with units in their keys out.

The command line prints these and the page serves them. Epochs in an answer are ISO dates in TDB; in tables they are
TDB seconds past J2000.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from motherlode import chance, epochs
from motherlode.access import apsides, bounds, confidence, porkchop, ports, roundtrip, survey
from motherlode.access.roundtrip import Rules
from motherlode.capture import destinations, homecoming, retrieval
from motherlode.catalogue import designations, orbits, physical, refresh, snapshot, uncertainty
from motherlode.catalogue import query as question
from motherlode.economy import value
from motherlode.economy.value import Value
from motherlode.ephemeris import almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput, NoSolution, OutsideEphemeris, Refused, UnknownName
from motherlode.prospect import deposit
from motherlode.prospect.deposit import Deposit
from motherlode.study import delivery
from motherlode.units import DAY, DEG

SEED: Final = 2003
SAMPLES: Final = 1000
HOME_AU: Final = {"earth": 1.0, "mars": 1.5237}  # semi-major axes; JPL approximate elements
RULES: Final = {"nhats": roundtrip.NHATS}
TWO_BODY: Final = "the asteroid moves on its two-body orbit; close approaches and n-body motion are left out"


@dataclass(frozen=True)
class Asteroid:
    """One row of the catalogue with what is measured of it."""

    row: int

    @classmethod
    def named(cls, name: str) -> "Asteroid":
        """The asteroid of any usual spelling. Raises UnknownAsteroid with the nearest names."""
        return cls(int(designations.find(name, snapshot.load())))

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Catalogue and measurements, None where unknown."""
        one = snapshot.load().take([self.row])
        return one.row(0) | physical.known(one).row(0)

    @cached_property
    def orbit(self) -> Orbit:
        """Its two-body orbit."""
        return orbits.of(snapshot.load().take([self.row]))[0]

    @property
    def designation(self) -> str:
        return str(self.facts["designation"])

    def deposit(self, samples: int = SAMPLES, seed: int = SEED) -> Deposit:
        """Samples of what it is and holds."""
        return deposit.sample(self.facts, samples, seed)


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


def show(name: str, *, samples: int = SAMPLES, seed: int = SEED) -> dict[str, Any]:
    """One asteroid: orbit, quality flags, deposit, windows, capture options, values.

    raises  UnknownAsteroid
    """
    one = Asteroid.named(name)
    facts = one.facts
    answer = {**identity(facts), "orbit": orbit(facts), "quality": quality(facts), "measured": measured(facts)}
    answer["bounds"] = bound(facts)
    answer["deposit"] = _tried(lambda: _short_deposit(one.deposit(samples, seed)))
    trip = _tried(lambda: roundtrips([name])[0])
    answer["windows"] = trip
    answer["capture"] = _tried(lambda: capture(name, "any")["options"][:4])
    answer["value"] = _tried(lambda: [_short_value(v) for v in values(name, samples=samples, seed=seed)])
    return answer | {"leaves_out": [TWO_BODY]}


def exact(one: Asteroid, place: ports.Port, rules: Rules) -> roundtrip.RoundTrip:
    """The round trips of one asteroid from a port, integrated under the planets, with every flag."""
    home_of(place)
    facts = one.facts
    bright = float("nan") if facts.get("h_mag") is None else facts["h_mag"]
    found = survey.one(
        one.orbit, almanac.load(), place.body, place, rules, u_code=facts.get("u_code") or "", h_mag=bright
    )
    return replace(found, flags=(*found.flags, *(note for note in flags(facts) if "(U " not in note)))


def _roundtrip(one: Asteroid, home: Mover, place: ports.Port, rules: Rules) -> dict[str, Any]:
    found = exact(one, place, rules)
    return {
        "designation": one.designation,
        "full_name": one.facts["full_name"],
        **found.summary(),
        "confidence": confident(one, home, place, found.best) if found.best else None,
        "leaves_out": list(survey.LEAVES_OUT),
    }


ORBITS: Final = 200  # samples of an orbit
MARGIN_KM_S: Final = 0.25  # what a mission keeps in hand


def confident(one: Asteroid, home: Mover, place: ports.Port, trip: roundtrip.Trip) -> dict[str, Any]:
    """With which probability a trip stays within its Δv and a margin, given how well the orbit is known."""
    known = refresh.body(one.designation)
    rng = chance.generator(SEED, "orbit", one.designation)
    try:
        basis = uncertainty.cloud(one.facts, 1, rng, body=known).basis
        samples = uncertainty.samples(one.facts, ORBITS, rng, body=known)
    except Refused as refused:
        return {"reason": str(refused)}
    found = confidence.of_trip(samples, home, place, trip, about=one.orbit)
    return {"basis": basis, **found.summary(trip.delta_v_km_s + MARGIN_KM_S)}


def _tried(work: Any) -> Any:
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


def home_of(port: ports.Port) -> Mover:
    """The planet that a port belongs to."""
    if not port.body:
        raise BadInput(
            f"port {port.name!r} has no planet; choose one of: "
            + ", ".join(other.name for other in ports.PORTS.values() if other.body)
        )
    return almanac.load()[port.body]


def rules_named(rules: str | Rules, launches: tuple[float, float] | None = None) -> Rules:
    """Rules by name, for another launch window where one is given (TDB s past J2000)."""
    if isinstance(rules, Rules):
        return rules
    if rules not in RULES:
        raise UnknownName("set of rules", rules, list(RULES))
    if launches is None:
        return RULES[rules]
    check_span(launches[0], launches[1] + RULES[rules].longest_s)
    return replace(
        RULES[rules], first_launch_tdb=launches[0], last_launch_tdb=launches[1], name=f"{rules}, own window"
    )


def porkchop_of(
    origin: str,
    target: str,
    depart: tuple[float, float],
    flight_d: tuple[float, float],
    *,
    step_d: float | None = None,
    from_port: str | None = None,
    to_port: str | None = None,
    revolutions: int = 0,
    branch: str = "low",
) -> porkchop.Porkchop:
    """The grid between two movers by name: planets or asteroids.

    depart    first and last departure, TDB s past J2000
    flight_d  shortest and longest flight, days
    step_d    spacing of both axes; by default a day, more where that would be over 400 000 cells
    raises    BadInput, OutsideEphemeris, UnknownAsteroid
    """
    leaving, arriving = mover(origin), mover(target)
    _check_window(depart, flight_d)
    step = step_d or _step(depart, flight_d)
    if step <= 0:
        raise BadInput(f"the step is {step:g} d; it must be positive")
    departures = np.arange(depart[0], depart[1] + 1.0, step * DAY)
    flights = np.arange(flight_d[0], flight_d[1] + 1e-9, step) * DAY
    if len(departures) * len(flights) > 4_000_000:
        raise BadInput(
            f"{len(departures):,} departures by {len(flights):,} flight times are over 4 million; make --step larger"
        )
    if branch not in ("low", "high") or revolutions < 0:
        raise BadInput(f"revolutions are 0 or more, their branch low or high; got {revolutions} and {branch!r}")
    return porkchop.grid(
        leaving, arriving, departures, flights,
        origin_port=from_port, target_port=to_port, revolutions=revolutions, branch=branch,
    )  # fmt: skip


def _check_window(depart: tuple[float, float], flight_d: tuple[float, float]) -> None:
    if depart[1] < depart[0]:
        raise BadInput(
            f"departures end ({epochs.iso(depart[1])}) before they begin ({epochs.iso(depart[0])}); swap the dates"
        )
    if flight_d[1] < flight_d[0]:
        raise BadInput(f"flight times end ({flight_d[1]:g} d) before they begin ({flight_d[0]:g} d); swap them")
    if flight_d[0] <= 0:
        raise BadInput(f"flight times start at {flight_d[0]:g} d; they must be positive")
    check_span(depart[0], depart[1] + flight_d[1] * DAY)


def check_span(first: float, last: float) -> None:
    """Refuse dates that the almanac does not cover. Raises OutsideEphemeris."""
    begin, end = almanac.load().span
    if first < begin or last > end:
        outside = first if first < begin else last
        raise OutsideEphemeris(
            f"{epochs.iso(outside)} is outside the ephemeris ({epochs.iso(begin)} to {epochs.iso(end)}), "
            "arrivals included; choose dates inside it"
        )


def _step(depart: tuple[float, float], flight_d: tuple[float, float]) -> float:
    cells = ((depart[1] - depart[0]) / DAY + 1) * (flight_d[1] - flight_d[0] + 1)
    return 1.0 if cells <= 400_000 else float(np.ceil(np.sqrt(cells / 400_000)))


def mover(name: str) -> Mover:
    """A planet of the almanac or an asteroid of the catalogue, by name."""
    planets = almanac.load()
    return planets[name.lower()] if name.lower() in planets else Asteroid.named(name).orbit


def porkchop_answer(chart: porkchop.Porkchop, criterion: str = "c3") -> dict[str, Any]:
    """The best window of a grid, the best of each type and of each criterion."""
    best = chart.best(criterion).summary()
    types = {
        kind: _tried(lambda kind=kind: chart.best(criterion, transfer_type=kind).summary()) for kind in ("I", "II")
    }
    shape = chart.v_infinity_depart_km_s.shape
    return {
        "origin": chart.origin.name,
        "target": chart.target.name,
        "criterion": criterion,
        "best": best,
        "best_by_type": types,
        "grid": {"departures": shape[0], "flight_times": shape[1]},
        "leaves_out": [
            "Sun's gravity alone between the ends",
            *([TWO_BODY] if isinstance(chart.target, Orbit) else []),
        ],
    }


def roundtrips(
    names: Sequence[str], *, rules: str | Rules = "nhats", port: str = "earth-400km"
) -> list[dict[str, Any]]:
    """The round-trip search, one answer a name, in order.

    raises  UnknownAsteroid, UnknownName
    """
    place, chosen = ports.find(port), rules_named(rules)
    bodies = [Asteroid.named(name) for name in names]
    home = home_of(place)
    return [_roundtrip(one, home, place, chosen) for one in bodies]


def capture(
    name: str,
    destination: str,
    *,
    span: tuple[str, str] = ("2028-01-01", "2050-01-01"),
    thorough: bool = False,
    seed: int = SEED,
) -> dict[str, Any]:
    """Ways to bring a whole asteroid to a place, cheapest first, with the mass that the standard tugs move.

    thorough   adds manifolds and close approaches, flies the best again under every pull, and asks the safety gates
    raises     UnknownAsteroid, UnknownName, NoSolution
    """
    destinations.named(destination)
    one = Asteroid.named(name)
    window = epochs.parse(span[0]), epochs.parse(span[1])
    if window[1] <= window[0]:
        raise BadInput(f"the window ends ({span[1]}) before it begins ({span[0]}); swap the dates")
    check_span(*window)
    held = _tried(lambda: one.deposit())
    estimate = _tried(lambda: one.deposit().percentiles()["mass_kg"])
    if thorough and isinstance(held, Deposit):
        body = homecoming.Body(
            held["diameter_m"], held["mass_kg"], held["period_h"], held["cohesion_pa"], str(one.facts["u_code"] or "")
        )
        found = homecoming.compare(
            one.orbit, body, almanac.load(), destination, span=window, cache=snapshot.home() / "manifolds", seed=seed
        )
        options = [dated(way.summary()) for way in found]
    else:
        found = retrieval.options(one.orbit, almanac.load().movers, destination, span=window)
        options = [dated(way.summary()) | delivery.towing(way, "sep-150kw", 1500.0) for way in found]
    return {**identity(one.facts), "destination": destination, "mass_kg": estimate, "options": options,
            "flags": flags(one.facts)}  # fmt: skip


def deposit_answer(
    name: str, *, samples: int = SAMPLES, seed: int = SEED, assumptions: deposit.Assumptions | None = None
) -> dict[str, Any]:
    """Percentiles of size, mass, spin and each resource.

    raises  UnknownAsteroid, BadInput
    """
    one = Asteroid.named(name)
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
    samples: int = SAMPLES,
    seed: int = SEED,
) -> list[Value]:
    """The four values of one asteroid for some businesses, by its cheapest round trip and onward legs.

    raises  UnknownAsteroid, UnknownName, NoSolution where no trip meets the rules
    """
    one = Asteroid.named(name)
    place = ports.find(port)
    found = exact(one, place, rules_named(rules))
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
    wanted = [Asteroid.named(name).designation for name in names]
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
