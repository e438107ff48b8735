"""CCSDS Orbit Ephemeris Message, version 2.0, keyword-value notation, written and read: 502.0-B-3, section 5."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from motherlode import epochs
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.sampled import Sampled
from motherlode.errors import BadSource
from motherlode.export.samples import Samples, several

DEGREE: Final = 11
FRAMES: Final = {"ICRF", "EME2000", "J2000", "GCRF"}
CENTRES: Final = {"SUN": "sun", "SOLAR SYSTEM BARYCENTER": "ssb", "EARTH": "earth", "MOON": "moon", "MARS": "mars"}
SCALES: Final = {"TDB", "TT", "TAI", "UTC"}


def text(samples: Samples | Sequence[Samples], *, created: str, forces: str = "") -> str:
    """The message of some samples, or of several arcs of one body: heliocentric, ICRF, TDB.

    created   ISO date and time in UTC, as the standard asks
    forces    what the motion is made of, as a comment
    """
    head = ["CCSDS_OEM_VERS = 2.0", f"CREATION_DATE = {created}", "ORIGINATOR = MOTHERLODE"]
    return "\n".join([*head, *(line for arc in several(samples) for line in _block(arc, forces)), ""])


def _block(samples: Samples, forces: str) -> list[str]:
    first, last = (epochs.iso(t, digits=6) for t in samples.span)
    head = [
        "",
        "META_START",
        *([f"COMMENT {forces}"] if forces else []),
        f"OBJECT_NAME = {samples.name}",
        f"OBJECT_ID = {samples.name}",
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
    return head + lines


def read(written: str, almanac: Almanac) -> Sampled:
    """The first object of a message as a mover.

    almanac   for the place of the centre
    raises    BadSource where it is not a message, or its frame, centre or time system is not understood
    """
    if "CCSDS_OEM_VERS" not in written:
        raise BadSource("not an Orbit Ephemeris Message: it lacks CCSDS_OEM_VERS")
    block = written.partition("META_START")[2]
    meta, _, rest = block.partition("META_STOP")
    head = {key: value.strip() for key, value in re.findall(r"^\s*(\w+)\s*=\s*(.+?)\s*$", meta, re.M)}
    frame, centre, scale = (head.get(k, "").upper() for k in ("REF_FRAME", "CENTER_NAME", "TIME_SYSTEM"))
    for value, known, what in ((frame, FRAMES, "frame"), (centre, CENTRES, "centre"), (scale, SCALES, "time system")):
        if value not in known:
            raise BadSource(f"the {what} of the message is {value or 'missing'}; known: {', '.join(sorted(known))}")
    lines = [line.split() for line in rest.partition("META_START")[0].splitlines()]
    rows = [line for line in lines if len(line) >= 7 and line[0][:4].isdigit()]
    try:
        t = np.array([epochs.parse(f"{row[0].rstrip('Z')} {scale}") for row in rows])
        states = np.array([[float(x) for x in row[1:7]] for row in rows]).reshape(-1, 6)
    except ValueError as error:
        raise BadSource(f"the message has a line that is not a state: {error}") from None
    return Sampled(head.get("OBJECT_NAME", "body"), t, states + almanac[CENTRES[centre]].state(t))
