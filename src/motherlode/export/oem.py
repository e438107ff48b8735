"""CCSDS Orbit Ephemeris Message, version 2.0, keyword-value notation: 502.0-B-3, section 5."""

from typing import Final

from motherlode import epochs
from motherlode.export.samples import Samples

DEGREE: Final = 11


def text(samples: Samples, *, created: str, forces: str = "") -> str:
    """The message of some samples: heliocentric, ICRF, TDB.

    created   ISO date and time in UTC, as the standard asks
    forces    what the motion is made of, as a comment
    """
    name = samples.name
    first, last = (epochs.iso(t, digits=6) for t in samples.span)
    head = [
        "CCSDS_OEM_VERS = 2.0",
        f"CREATION_DATE = {created}",
        "ORIGINATOR = MOTHERLODE",
        "",
        "META_START",
        *([f"COMMENT {forces}"] if forces else []),
        f"OBJECT_NAME = {name}",
        f"OBJECT_ID = {name}",
        "CENTER_NAME = SUN",
        "REF_FRAME = ICRF",
        "TIME_SYSTEM = TDB",
        f"START_TIME = {first}",
        f"STOP_TIME = {last}",
        "INTERPOLATION = HERMITE",
        f"INTERPOLATION_DEGREE = {DEGREE}",
        "META_STOP",
        "",
    ]
    lines = [
        f"{epochs.iso(t, digits=6)} " + " ".join([*(f"{x:.6f}" for x in s[:3]), *(f"{v:.12f}" for v in s[3:])])
        for t, s in zip(samples.epoch_tdb.tolist(), samples.states.tolist())
    ]
    return "\n".join([*head, *lines, ""])
