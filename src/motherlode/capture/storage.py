"""Whether a body stays where it was put when nobody looks after it, or how it is got rid of.

About Mars the orbit is followed for a century. About the Moon the packaged ephemeris ends too soon: after 18.03 years
(the saros) Sun, Earth and Moon stand almost as before, so the century is begun so many saroi earlier as it needs.
Orbits about libration points do not last: a last push sends the body off, and its chance to come back is followed.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.capture import descents, loss, orbiting
from motherlode.capture.descents import BEYOND_KM, LOWEST_KM, Descent
from motherlode.capture.destinations import Destination
from motherlode.capture.loss import Burning, Loss
from motherlode.constants import GM_KM3_S2, RADIUS_KM
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import NoSolution
from motherlode.mechanics import periodic, synodic, threebody
from motherlode.units import DAY, YEAR

Array = NDArray[np.float64]

CENTURY: Final = 100.0
SAROS: Final = 6_585.3211 * DAY  # 223 synodic months
GONE: Final = 2.2  # times the amplitude: a retrograde orbit that strays so far has ended
LOOK: Final = 0.25 * DAY
RAISES: Final = 4  # of a periapsis that sinks, at most
PUSHES_M_S: Final = (5.0, 20.0)  # that end the stay about a libration point


@dataclass(frozen=True)
class Storage:
    """What becomes of a body that is left alone.

    years      for which it was followed and stayed
    nearest_km and farthest_km  from the body that it circles
    disposal   chance to hit something after it was sent off; None for orbits that stay
    raise_m_s  spent beforehand on a higher periapsis
    """

    years: float
    nearest_km: float = float("nan")
    farthest_km: float = float("nan")
    disposal: Loss | None = None
    what: str = ""
    raise_m_s: float = 0.0

    def summary(self) -> dict[str, Any]:
        """Plain values; keys carry units."""
        found: dict[str, Any] = {"stays_yr": self.years, "what": self.what}
        if self.disposal is not None:
            return found | {"disposal": self.disposal.summary()}
        seen = {"nearest_km": self.nearest_km, "farthest_km": self.farthest_km, "raise_m_s": self.raise_m_s}
        return found | {name: None if np.isnan(value) else value for name, value in seen.items()}


def about_mars(flown: Descent, almanac: Almanac, years: float = CENTURY) -> Storage:
    """A century from the end of the last burn, under Mars, its bulge and the Sun.

    Where the Sun's tide lowers the periapsis too far, it is raised beforehand, at the apoapsis, by what is missing.
    """
    if flown.after is None:
        return Storage(0.0, what=flown.reason)
    state, epoch = flown.after
    floor = RADIUS_KM["mars"] + LOWEST_KM
    raised, cost = 0.0, 0.0
    for _ in range(RAISES):
        leg = orbiting.fly(
            state, epoch, epoch + years * YEAR, almanac["mars"], gone_km=BEYOND_KM, floor_km=floor - 1_000.0
        )
        if leg.lowest_km >= floor or leg.highest_km > BEYOND_KM:
            break
        missing = floor - leg.lowest_km + 40.0
        state, epoch, burn = descents.higher(state, epoch, missing, almanac["mars"])
        raised, cost = raised + missing, cost + burn
    held = leg.lowest_km >= floor and leg.highest_km <= BEYOND_KM
    what = "followed under Mars with its bulge and the Sun" if held else f"comes to {leg.lowest_km:.0f} km, or leaves"
    what += f", its periapsis raised by {raised:.0f} km for {1e3 * cost:.1f} m/s" if raised else ""
    return Storage(
        years if held else min((leg.epoch_tdb - epoch) / YEAR, years - 1.0), leg.lowest_km, leg.highest_km,
        what=what, raise_m_s=1e3 * cost,
    )  # fmt: skip


def about_moon(place: Destination, epoch: float, almanac: Almanac, years: float = CENTURY) -> Storage:
    """A century in the n-body model of the Earth and Moon, begun when they stand as they do at an epoch."""
    latest = float(almanac.span[1]) - years * YEAR - DAY
    start = epoch - SAROS * max(np.ceil((epoch - latest) / SAROS), 0.0)
    retrograde = place.name == "lunar-dro"
    state = retrograde_state(place.radius_km, start, almanac) if retrograde else ring(place.radius_km, start, almanac)
    lasted, nearest, farthest = followed(state, start, place.radius_km, almanac, years)
    back = round((epoch - start) / SAROS)
    return Storage(lasted, nearest, farthest, what=f"followed under every pull from {back} saroi before the arrival")


def about_libration_point(path: Mover, point: int, almanac: Almanac, rng: np.random.Generator) -> Storage:
    """The last push of a body at the end of its path near L1 or L2, away from the planet, and what follows."""
    epoch = float(path.span[1])
    state = path.state(epoch)
    away = state[:3] / np.linalg.norm(state[:3]) * (1.0 if point == 2 else -1.0)
    tried = []
    for push in PUSHES_M_S:
        sent = Burning(epoch, state + np.concatenate([np.zeros(3), away * push * 1e-3]), away * 1e-5)
        tried.append((loss.of_burns([sent], almanac, rng, strata=12, most=12, neighbours=True), push))
        if _danger(tried[-1][0]) <= 2.0 * loss.RESOLVED:  # no other push can be told to be safer
            break
    best, push = min(tried, key=lambda found: _danger(found[0]))
    return Storage(0.0, disposal=best, what=f"sent off by {push:g} m/s away from the planet when its stay ends")


def _danger(sent: Loss) -> float:
    return sent.upper["earth"] + sent.upper["moon"] + sent.untold["earth"]


def retrograde_state(amplitude_km: float, epoch: float, almanac: Almanac) -> Array:
    """Heliocentric state on the lunar distant retrograde orbit of this amplitude, between Earth and Moon."""
    orbit = _retrograde(amplitude_km)
    earth, moon = almanac["earth"].state(epoch), almanac["moon"].state(epoch)
    return np.asarray(synodic.to_inertial(orbit.state, moon - earth, orbit.mu) + earth)


def ring(radius_km: float, epoch: float, almanac: Almanac) -> Array:
    """Heliocentric state on a retrograde circle about the Moon in the plane of its orbit."""
    earth, moon = almanac["earth"].state(epoch), almanac["moon"].state(epoch)
    out = (moon - earth)[:3] / np.linalg.norm((moon - earth)[:3])
    pole = np.cross((moon - earth)[:3], (moon - earth)[3:])
    along = np.cross(out, pole / np.linalg.norm(pole))
    speed = np.sqrt(GM_KM3_S2["moon"] / radius_km)
    return np.asarray(moon + np.concatenate([out * radius_km, along * speed]))


def _retrograde(amplitude_km: float) -> periodic.PeriodicOrbit:
    """Member of the family whose inner crossing is so far from the Moon."""
    system = threebody.SYSTEMS["earth-moon"]
    grown = periodic.family("dro", system.mu, most=150, stride=0.03)
    inner = np.array([(1.0 - system.mu - orbit.state[0]) * system.length_km for orbit in grown])
    return grown[int(np.argmin(np.abs(inner - amplitude_km)))]


def followed(
    state: Array, start: float, amplitude_km: float, almanac: Almanac, years: float
) -> tuple[float, float, float]:
    """Years for which it stays within reach of the Moon, nearest and farthest in that time."""
    step, now = 10.0 * YEAR, start
    nearest, farthest = np.inf, 0.0
    while now < start + years * YEAR - 1.0:
        until = min(now + step, start + years * YEAR)
        try:
            path = trajectory.from_state(
                "stored", state, now, (now, until), almanac=almanac, asteroids=False, tolerance=trajectory.BULK
            )
        except NoSolution:
            return (now - start) / YEAR, nearest, farthest
        dates = np.append(np.arange(now, until, LOOK), until)
        states = path.state(dates)
        away = np.linalg.norm(states[:, :3] - almanac["moon"].state(dates)[:, :3], axis=1)
        out = np.flatnonzero(away > GONE * amplitude_km)
        if len(out):
            return (float(dates[out[0]]) - start) / YEAR, nearest, farthest
        nearest, farthest = min(nearest, float(away.min())), max(farthest, float(away.max()))
        state, now = states[-1], until
    return years, nearest, farthest
