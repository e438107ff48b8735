"""Columns for the graphics card: a JSON header, then little-endian floats, four-byte aligned.

Layout: header length (uint32), header (UTF-8 JSON with ``columns``: name, type, length), then each column.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.catalogue import orbits
from motherlode.constants import AU_KM
from motherlode.ephemeris.almanac import Almanac
from motherlode.mechanics import frames
from motherlode.tables import Table
from motherlode.units import DAY

PLANETS: Final = ("mercury", "venus", "earth", "mars", "jupiter", "saturn", "uranus", "neptune")
STEP_D: Final = (2.0, 4.0, 5.0, 8.0, 40.0, 60.0, 120.0, 120.0)  # a cubic through them is off by < 1e-4 au
SUN_RATE_RAD_D: Final = 0.01720209895  # Gauss's constant, the mean motion of a = 1 au


def columns(header: Mapping[str, Any], values: Mapping[str, NDArray[Any]]) -> bytes:
    """Header and columns in one block; floats as float32, small integers as bytes."""
    kinds = {name: "u1" if column.dtype.kind in "ui" else "f4" for name, column in values.items()}
    listed = [{"name": name, "type": kinds[name], "length": column.size} for name, column in values.items()]
    head = json.dumps({**header, "columns": listed}).encode()
    parts = [_aligned(len(head).to_bytes(4, "little") + head)]
    parts += [_aligned(column.astype("<" + kinds[name]).tobytes()) for name, column in values.items()]
    return b"".join(parts)


def _aligned(block: bytes) -> bytes:
    return block + bytes(-len(block) % 4)


def sky(table: Table, delta_v_km_s: NDArray[np.float64]) -> bytes:
    """The whole catalogue as orbits about J2000: what the cloud of asteroids is drawn from."""
    orbit = orbits.of(table)
    a = orbit.semi_major_axis_km / AU_KM
    classes, index = np.unique(table["orbit_class"].astype(str), return_inverse=True)
    at_j2000 = orbit.mean_anomaly_rad - SUN_RATE_RAD_D / a**1.5 * (orbit.epoch_tdb / DAY)
    values = {
        "semi_major_axis_au": a,
        "eccentricity": orbit.eccentricity,
        "inclination_rad": orbit.inclination_rad,
        "node_rad": orbit.node_rad,
        "perihelion_argument_rad": orbit.perihelion_argument_rad,
        "mean_anomaly_j2000_rad": np.mod(at_j2000, 2 * np.pi),
        "shoemaker_helin_km_s": delta_v_km_s,
        "h_mag": table["h_mag"],
        "class_index": index.astype(np.uint8),
    }
    return columns({"names": table["designation"].tolist(), "classes": classes.tolist()}, values)


def planets(almanac: Almanac) -> bytes:
    """Tracks of the planets over the span of the almanac, ecliptic, au."""
    first, last = (bound / DAY for bound in almanac.span)
    start = np.ceil(first)
    tracks = {}
    for name, step in zip(PLANETS, STEP_D):
        days = np.arange(start, last, step)
        tracks[name] = (frames.to_ecliptic(almanac[name].state(days * DAY)[:, :3]) / AU_KM).ravel()
    return columns({"names": PLANETS, "start_days": start, "step_days": STEP_D}, tracks)
