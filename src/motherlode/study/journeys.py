"""What a command answers about a mission of any kind and about a chain of gravity assists."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from motherlode import epochs
from motherlode.access import assists, chains, lowthrust, missions, ports
from motherlode.access.missions import Mission
from motherlode.access.porkchop import Window
from motherlode.ephemeris import almanac
from motherlode.errors import BadInput, UnknownName
from motherlode.study import named
from motherlode.units import AU, DAY

KINDS: Final = ("rendezvous", "fly-by", "mining")
MOST_CELLS: Final = 400_000
LEAVES_OUT: Final = ("Sun's gravity alone between the ends", named.TWO_BODY)
Range = tuple[float, float]


def mission(
    target: str,
    kind: str,
    depart: Range,
    outbound_d: Range,
    *,
    port: str = "earth-400km",
    stay_d: Range = (100.0, 500.0),
    cargo_d: Range = (100.0, 700.0),
    to_port: str | None = None,
    revolutions: int = 0,
    step_d: float = 10.0,
    engine: lowthrust.Engine | None = None,
    mass_kg: float = 0.0,
) -> dict[str, Any]:
    """The best mission of a kind from a port to an asteroid or planet, with its low-thrust estimate where asked.

    depart   first and last departure, TDB s past J2000; the other ranges in days
    to_port  where the haul ends; "passing" leaves it at its speed at infinity; by default the port it came from
    raises   UnknownName, UnknownAsteroid, BadInput, NoSolution
    """
    if kind not in KINDS:
        raise UnknownName("kind of mission", kind, list(KINDS))
    start, step = ports.find(port), step_d * DAY
    home, goal = named.home(start), named.mover(target)
    departures = np.arange(depart[0], depart[1] + 1.0, step)
    flights = _steps(outbound_d, step)
    if len(departures) * len(flights) > MOST_CELLS or step <= 0:
        raise BadInput(f"{len(departures):,} departures by {len(flights):,} flights: make --step larger, or positive")
    if kind == "rendezvous":
        found = missions.one_way(home, goal, departures, flights, origin_port=start, revolutions=revolutions)
    elif kind == "fly-by":
        found = missions.fly_by(home, goal, departures, flights, origin_port=start)
    else:
        end = missions.PASSING if to_port == "passing" else ports.find(to_port or port)
        found = missions.mining(
            home, goal, departures, flights, (stay_d[0] * DAY, stay_d[1] * DAY), _steps(cargo_d, step),
            origin_port=start, destination=almanac.load()[end.body] if end.body else home, destination_port=end,
            revolutions=revolutions,
        )  # fmt: skip
    answer = {**found.summary(), "said": missions.described(found), "leaves_out": list(LEAVES_OUT)}
    if engine:
        answer["low_thrust"] = low_thrust(found, engine, mass_kg)
    return answer


def low_thrust(found: Mission, engine: lowthrust.Engine, mass_kg: float) -> list[dict[str, Any]]:
    """Each leg flown by an electric ship instead: what it weighs afterwards, and whether it can."""
    legs, mass = [], mass_kg
    for leg in found.legs:
        distance = _mean_distance_km(leg)
        meet = np.zeros(3) if leg.target_port == missions.PASSING.name else -leg.v_infinity_arrive
        one = lowthrust.estimate(leg.v_infinity_depart, meet, leg.flight_s, engine, mass, distance_km=distance)
        mass = float(one.final_mass_kg)
        legs.append(
            {
                "origin": leg.origin,
                "target": leg.target,
                "delta_v_km_s": float(one.delta_v_km_s),
                "thrusting_share": float(one.thrusting),
                "final_mass_kg": None if np.isnan(mass) else mass,
                "feasible": bool(one.feasible),
            }
        )
        if not one.feasible:
            break
    return legs


def chain(names: Sequence[str], start: Range, flights_d: Sequence[Range], *, seed: int = 0) -> dict[str, Any]:
    """The cheapest dates for a chain of planets with powered fly-bys.

    start      first and last departure, TDB s past J2000
    flights_d  shortest and longest of each leg, days
    raises     BadInput, NoSolution
    """
    if len(names) < 2 or len(flights_d) != len(names) - 1:
        raise BadInput(f"{len(names)} bodies need {max(1, len(names) - 1)} flight ranges; got {len(flights_d)}")
    planets = [assists.planet(named.mover(name)) for name in names]
    route = chains.search(planets, start, [(low * DAY, high * DAY) for low, high in flights_d], seed=seed)
    dates = np.concatenate([[route.start_tdb], route.start_tdb + np.cumsum(route.flights_s)])
    burns = [route.chain.departure_km_s[0], *route.chain.burns_km_s[0], route.chain.arrival_km_s[0]]
    heights = [None, *route.chain.periapsis_km[0], None]
    return {
        "delta_v_km_s": route.delta_v_km_s,
        "duration_d": float(np.sum(route.flights_s) / DAY),
        "stops": [
            {
                "body": body,
                "epoch_tdb": epochs.iso(float(date), digits=0),
                "delta_v_km_s": float(burn),
                "periapsis_km": None if height is None else float(height),
            }
            for body, date, burn, height in zip(names, dates, burns, heights, strict=True)
        ],
        "evaluations": route.evaluations,
        "leaves_out": ["manoeuvres between the planets", "Sun's gravity alone between fly-bys of no duration"],
    }


def _steps(span_d: Range, step: float) -> Any:
    """Whole steps within a range of days, at least one."""
    first = max(1, int(np.ceil(span_d[0] * DAY / step - 1e-9)))
    return step * np.arange(first, max(first, int(span_d[1] * DAY / step + 1e-9)) + 1)


def _mean_distance_km(leg: Window) -> float:
    ends = ((leg.origin, leg.depart_tdb), (leg.target, leg.arrive_tdb))
    found = [np.linalg.norm(named.mover(name).state(date)[:3]) for name, date in ends]
    return float(np.mean(found)) if found else AU
