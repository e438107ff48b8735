"""What a command answers about the motion of one asteroid: its integrated path, its close approaches, its windows."""

from typing import Any, Final

from motherlode import epochs
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.ephemeris import almanac, approaches, trajectory
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import BadInput
from motherlode.study import answers
from motherlode.units import DAY, HOUR

PLANETS: Final = ("mercury", "venus", "earth", "moon", "mars", "jupiter", "saturn", "uranus", "neptune")
LEAVES_OUT: Final = (
    "catalogue elements of seven digits place a well observed asteroid to about 50 km, a poor orbit far worse; "
    "each close approach multiplies the error",
    "non-gravitational forces (A1, A2, A3) are not in the catalogue: 40 km in eight years for Apophis",
)

BURNS: Final = (  # keys of the answer, and what happens then
    ("launch_tdb", "departure_delta_v_km_s", "leaves home"),
    ("arrive_tdb", "arrival_delta_v_km_s", "arrives at the asteroid"),
    ("leave_tdb", "leaving_delta_v_km_s", "leaves the asteroid"),
    ("return_tdb", "return_delta_v_km_s", "is home"),
)


def path(name: str, span: tuple[float, float]) -> Trajectory:
    """Integrated path of a catalogued asteroid over a span, TDB s past J2000.

    raises  UnknownAsteroid; BadInput where the span runs backwards; OutsideEphemeris; NoSolution
    """
    first, last = span
    if last <= first:
        raise BadInput(f"the span ends ({epochs.iso(last)}) before it begins ({epochs.iso(first)}); swap the dates")
    table = snapshot.load()
    return trajectory.integrate(orbits.of(table)[designations.find(name, table)], span)


def approaches_answer(
    name: str, body: str, span: tuple[float, float], *, within_km: float | None = None
) -> dict[str, Any]:
    """Close approaches of an asteroid to a planet, in order of time.

    span, within_km   TDB s past J2000; km, centre to centre, by default what ``approaches.WITHIN_KM`` says
    raises            UnknownAsteroid, UnknownName, BadInput, OutsideEphemeris, NoSolution
    """
    planet = almanac.load()[body]
    moved = path(name, span)
    found = approaches.find(moved, planet, span, within_km=within_km)
    rows = [{**row, "epoch_tdb": epochs.iso(row["epoch_tdb"], digits=0)} for row in found.rows()]
    table = snapshot.load()
    row = designations.find(name, table)
    return {
        "designation": moved.name,
        "full_name": str(table["full_name"][row]),
        "orbit_uncertainty": str(table["u_code"][row]),
        "body": body,
        "from_tdb": epochs.iso(span[0]),
        "to_tdb": epochs.iso(span[1]),
        "within_km": approaches.WITHIN_KM.get(body) if within_km is None else within_km,
        "approaches": rows,
        "forces": moved.forces,
        "leaves_out": list(LEAVES_OUT),
    }


def events(name: str, span: tuple[float, float]) -> list[tuple[str, float, float, str]]:
    """Close approaches to Earth and Mars in a span, and the burns of the cheapest round trip where there is one.

    returns  (title, start, end, details) with epochs in TDB s past J2000
    """
    moved = path(name, span)
    found = []
    for body in ("earth", "mars"):
        for row in approaches.find(moved, almanac.load()[body], span).rows():
            t, what = row["epoch_tdb"], f"{row['distance_km']:,.0f} km at {row['v_relative_km_s']:.2f} km/s"
            found.append((f"{moved.name} passes {body}: {what}", t, t + HOUR, moved.forces))
    return found + _burns(name, span)


def _burns(name: str, span: tuple[float, float]) -> list[tuple[str, float, float, str]]:
    trip = answers.roundtrips([name])[0]
    best = trip.get("best") or {}
    found = []
    for date, burn, what in BURNS:
        t = epochs.parse(best[date]) if best.get(date) else span[0] - 1.0
        if span[0] <= t <= span[1]:
            title = f"{trip['designation']} round trip: {what}, {best[burn]:.3f} km/s"
            found.append((title, t, t + DAY, f"cheapest by {trip['rules']}; {trip['model']}"))
    return found
