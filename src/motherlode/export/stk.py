"""STK ephemeris file (``.e``): seconds past a scenario epoch in UTC, positions and velocities from the Sun."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from motherlode import epochs
from motherlode.export.samples import Samples, several

NOON_2000: Final = datetime(2000, 1, 1, 12)


def text(samples: Samples | Sequence[Samples], *, forces: str = "") -> str:
    """The ephemeris file of some samples, or of several arcs of one body: heliocentric, ICRF axes, km.

    Where two arcs meet both states stand, and the epoch is listed as a boundary: no reader interpolates across it.
    """
    arcs = several(samples)
    first = arcs[0]
    tt = epochs.to_tt(np.concatenate([arc.epoch_tdb for arc in arcs]))
    start = NOON_2000 + timedelta(seconds=float(epochs.to_utc(first.epoch_tdb[0])))
    rest = float(epochs.to_utc(first.epoch_tdb[0])) - (start - NOON_2000).total_seconds()
    seconds = tt - tt[0] + rest
    starts = np.cumsum([len(arc.epoch_tdb) for arc in arcs])[:-1]
    lines = [
        "stk.v.11.0",
        f"# {first.name}; {forces}" if forces else f"# {first.name}",
        "BEGIN Ephemeris",
        f"NumberOfEphemerisPoints {len(seconds)}",
        f"ScenarioEpoch {start.day} {start:%b %Y %H:%M:%S}.{start.microsecond:06d}",
        "InterpolationMethod Hermite",
        "InterpolationSamplesM1 5",
        "CentralBody Sun",
        "CoordinateSystem ICRF",
        "DistanceUnit Kilometers",
        *_boundaries(seconds[starts].tolist()),
        "EphemerisTimePosVel",
        "",
        *(
            _line(t, state)
            for t, state in zip(seconds.tolist(), np.concatenate([arc.states for arc in arcs]).tolist())
        ),
        "",
        "END Ephemeris",
        "",
    ]
    return "\n".join(lines)


def _boundaries(seconds: list[float]) -> list[str]:
    if not seconds:
        return []
    return ["BEGIN SegmentBoundaryTimes", *(f"{t:.9f}" for t in seconds), "END SegmentBoundaryTimes"]


def _line(seconds: float, state: list[float]) -> str:
    return f"{seconds:.9f} " + " ".join(f"{value:.15e}" for value in state)
