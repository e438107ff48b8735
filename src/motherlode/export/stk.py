"""STK ephemeris file (``.e``): seconds past a scenario epoch in UTC, positions and velocities from the Sun."""

from datetime import datetime, timedelta
from typing import Final

from motherlode import epochs
from motherlode.export.samples import Samples

NOON_2000: Final = datetime(2000, 1, 1, 12)


def text(samples: Samples, *, forces: str = "") -> str:
    """The ephemeris file of some samples: heliocentric, ICRF axes, km."""
    tt = epochs.to_tt(samples.epoch_tdb)
    start = NOON_2000 + timedelta(seconds=float(epochs.to_utc(samples.epoch_tdb[0])))
    day = f"{start.day} {start:%b %Y %H:%M:%S}.{start.microsecond:06d}"
    rest = float(epochs.to_utc(samples.epoch_tdb[0])) - (start - NOON_2000).total_seconds()
    lines = [
        "stk.v.11.0",
        f"# {samples.name}; {forces}" if forces else f"# {samples.name}",
        "BEGIN Ephemeris",
        f"NumberOfEphemerisPoints {len(tt)}",
        f"ScenarioEpoch {day}",
        "InterpolationMethod Hermite",
        "InterpolationSamplesM1 5",
        "CentralBody Sun",
        "CoordinateSystem ICRF",
        "DistanceUnit Kilometers",
        "EphemerisTimePosVel",
        "",
        *(
            f"{seconds + rest:.9f} "
            + " ".join([*(f"{x:.15e}" for x in state[:3]), *(f"{v:.15e}" for v in state[3:])])
            for seconds, state in zip((tt - tt[0]).tolist(), samples.states.tolist())
        ),
        "",
        "END Ephemeris",
        "",
    ]
    return "\n".join(lines)
