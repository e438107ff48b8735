"""Flags: why a search's answer for an asteroid may be off, said by the program itself.

Three causes were found behind every published round trip that the search does not reproduce: forces other than
gravity, a close approach inside the window, and a poorly known orbit.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.ephemeris.almanac import Almanac
from motherlode.units import AU

Array = NDArray[np.float64]
NEAR_KM: Final = 0.05 * AU  # judgement: beyond such an approach states depend on the orbit solution
SMALL_H: Final = 27.5  # H at which a body of albedo 0.14 is 11 m across: sunlight moves it within a few years
POOR_U: Final = 3  # MPC uncertainty parameter from which published searches often used another orbit
WATCHED: Final = ("earth", "venus", "mars")


def of_orbit(u_code: str) -> tuple[str, ...]:
    """The flag of a poorly known orbit, from the MPC uncertainty parameter U: 0 to 9, or a letter where unknown."""
    u = u_code.strip()
    if u.isdigit() and int(u) < POOR_U:
        return ()
    said = f"U = {u}" if u else "no uncertainty parameter"
    return (f"orbit: poorly known ({said}); another solution can give another trip",)


def of_size(h_mag: float) -> tuple[str, ...]:
    """The flag of a body so small that sunlight pushes it, from its absolute magnitude."""
    if not h_mag > SMALL_H:
        return ()
    metres = 1329e3 / np.sqrt(0.14) * 10 ** (-h_mag / 5)
    return (f"non-gravitational: about {metres:.0f} m across, moved by sunlight that these elements leave out",)


def of_approaches(dates: Array, states: Array, planets: Mapping[str, Array]) -> tuple[str, ...]:
    """The flags of close approaches: one per planet, its nearest within 0.05 au.

    dates    (n)     TDB s past J2000, evenly spaced
    states   (n, 6)  of the asteroid on them; planets (n, 6) by name
    """
    half_step = 0.5 * (dates[1] - dates[0])
    found = []
    for name, planet in planets.items():
        r, v = states[:, :3] - planet[:, :3], states[:, 3:] - planet[:, 3:]
        speed2 = np.einsum("ij,ij->i", v, v)
        along = np.clip(-np.einsum("ij,ij->i", r, v) / speed2, -1.1 * half_step, 1.1 * half_step)
        distance = np.linalg.norm(r + along[:, None] * v, axis=1)  # straight lines between the dates
        nearest = int(np.argmin(distance))
        if distance[nearest] < NEAR_KM:
            day = epochs.iso(float(dates[nearest] + along[nearest]))
            found.append(
                f"close approach: {distance[nearest] / AU:.4f} au from {name} about {day}; "
                "states beyond it depend on the orbit solution"
            )
    return tuple(found)


def watched(almanac: Almanac, dates: Array) -> dict[str, Array]:
    """States of the planets whose approaches are looked for."""
    return {name: almanac[name].state(dates) for name in WATCHED}
