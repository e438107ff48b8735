"""The flight of a round trip as a mover: legs, stay, leg, with the burns between them."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.ephemeris import almanac, orbit
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import MU_SUN, Orbit
from motherlode.ephemeris.sampled import Burn, Itinerary
from motherlode.errors import NoSolution
from motherlode.mechanics import frames, lambert
from motherlode.study import answers, motion
from motherlode.units import DAY

Array = NDArray[np.float64]
FORCES: Final = "legs under the Sun alone between the centres of home and asteroid; the stay follows the asteroid"
LEAVES_OUT: Final[tuple[str, ...]] = (
    "legs are two-body arcs from centre to centre: escape from home and the pull of planets are left out",
    "burns are impulsive; the first is the hyperbolic excess, not the burn from the parking orbit",
)


@dataclass(frozen=True)
class Flight:
    """A spacecraft's path from home to an asteroid and back, and its burns in heliocentric axes."""

    path: Itinerary
    burns: tuple[Burn, ...]
    labels: tuple[str, ...] = ("outbound", "at the asteroid", "return")
    forces: str = FORCES
    leaves_out: tuple[str, ...] = LEAVES_OUT


def roundtrip(name: str, *, port: str = "earth-400km", rules: str = "nhats") -> Flight:
    """The flight of the cheapest round trip, its legs solved anew between integrated places.

    raises  UnknownAsteroid, UnknownName; NoSolution where no trip meets the rules
    """
    answer = answers.roundtrips([name], rules=rules, port=port)[0]
    best = answer.get("best")
    if not best:
        raise NoSolution(f"no round trip to {answer['full_name']} meets the rules {rules!r}; nothing to export")
    dates = [epochs.parse(best[key]) for key in ("launch_tdb", "arrive_tdb", "leave_tdb", "return_tdb")]
    home = almanac.load()["mars" if port.startswith("mars") else "earth"]
    return _flown(answer, home, motion.path(name, (dates[0] - DAY, dates[3] + DAY)), dates)


def _flown(answer: dict[str, Any], home: Mover, asteroid: Mover, dates: list[float]) -> Flight:
    launch, arrive, leave, back = dates
    out = _leg("outbound", home, asteroid, launch, arrive)
    home_leg = _leg("return", asteroid, home, leave, back)
    changes = (
        (launch, home.state(launch), out.state(launch), "leaves home: hyperbolic excess"),
        (arrive, out.state(arrive), asteroid.state(arrive), "arrives at the asteroid"),
        (leave, asteroid.state(leave), home_leg.state(leave), "leaves the asteroid"),
    )
    burns = tuple(Burn(t, _vector(after[3:] - before[3:]), what) for t, before, after, what in changes)
    title = f"{answer['designation']} round trip"
    return Flight(Itinerary(title, (out, asteroid, home_leg), (arrive, leave), (launch, back)), burns)


def _leg(name: str, origin: Mover, target: Mover, depart: float, arrive: float) -> Orbit:
    here, there = origin.state(depart), target.state(arrive)
    v, _ = lambert.solve(here[:3], there[:3], arrive - depart, MU_SUN, north=frames.ECLIPTIC_NORTH)
    return orbit.from_state(name, np.concatenate([here[:3], v]), depart)


def _vector(change: Array) -> tuple[float, float, float]:
    x, y, z = change.tolist()
    return x, y, z
