"""What the names in a question mean: asteroids, movers, home planets, rules, dates."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from motherlode import epochs
from motherlode.access import ports, roundtrip
from motherlode.access.roundtrip import Rules
from motherlode.catalogue import designations, orbits, physical, snapshot
from motherlode.ephemeris import almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput, OutsideEphemeris, UnknownName
from motherlode.prospect import deposit
from motherlode.prospect.deposit import Deposit

SEED: Final = 2003
SAMPLES: Final = 1000
RULES: Final = {"nhats": roundtrip.NHATS}
TWO_BODY: Final = "the asteroid moves on its two-body orbit; close approaches and n-body motion are left out"


@dataclass(frozen=True)
class Asteroid:
    """One row of the catalogue with what is measured of it."""

    row: int

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


def asteroid(name: str) -> Asteroid:
    """The asteroid of any usual spelling. Raises UnknownAsteroid with the nearest names."""
    return Asteroid(int(designations.find(name, snapshot.load())))


def home(port: ports.Port) -> Mover:
    """The planet that a port belongs to."""
    if not port.body:
        raise BadInput(
            f"port {port.name!r} has no planet; choose one of: "
            + ", ".join(other.name for other in ports.PORTS.values() if other.body)
        )
    return almanac.load()[port.body]


def rules(wanted: str | Rules, launches: tuple[float, float] | None = None) -> Rules:
    """Rules by name, for another launch window where one is given (TDB s past J2000)."""
    if isinstance(wanted, Rules):
        return wanted
    if wanted not in RULES:
        raise UnknownName("set of rules", wanted, list(RULES))
    if launches is None:
        return RULES[wanted]
    check_span(launches[0], launches[1] + RULES[wanted].longest_s)
    return replace(
        RULES[wanted], first_launch_tdb=launches[0], last_launch_tdb=launches[1], name=f"{wanted}, own window"
    )


def mover(name: str) -> Mover:
    """A planet of the almanac or an asteroid of the catalogue, by name."""
    planets = almanac.load()
    return planets[name.lower()] if name.lower() in planets else asteroid(name).orbit


def check_span(first: float, last: float) -> None:
    """Refuse dates that the almanac does not cover. Raises OutsideEphemeris."""
    begin, end = almanac.load().span
    if first < begin or last > end:
        outside = first if first < begin else last
        raise OutsideEphemeris(
            f"{epochs.iso(outside)} is outside the ephemeris ({epochs.iso(begin)} to {epochs.iso(end)}), "
            "arrivals included; choose dates inside it"
        )
