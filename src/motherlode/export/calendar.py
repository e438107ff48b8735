"""iCalendar, RFC 5545: windows and close approaches as events in anyone's calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from motherlode import epochs
from motherlode.ephemeris.sampled import Burn
from motherlode.units import DAY, METRE_S

NOON_2000: Final = datetime(2000, 1, 1, 12)
LINE_OCTETS: Final = 75


@dataclass(frozen=True)
class Event:
    """Something that happens from one epoch to another, TDB s past J2000."""

    title: str
    start_tdb: float
    end_tdb: float
    details: str = ""


def of_burns(name: str, burns: Sequence[Burn], details: str = "") -> list[Event]:
    """Burns of a flight as events of a day."""
    return [
        Event(
            f"{name}: {burn.what}, {burn.delta_v_km_s / METRE_S:,.1f} m/s",
            burn.epoch_tdb,
            burn.epoch_tdb + DAY,
            details,
        )
        for burn in burns
    ]


def text(events: Sequence[Event], *, stamp_tdb: float, name: str = "motherlode") -> str:
    """The calendar of some events, in UTC.

    stamp_tdb   when it was made; after the last known leap second UTC is a forecast
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//motherlode//EN", f"X-WR-CALNAME:{_escaped(name)}"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_uid(event)}",
            f"DTSTAMP:{_utc(stamp_tdb)}",
            f"DTSTART:{_utc(event.start_tdb)}",
            f"DTEND:{_utc(event.end_tdb)}",
            f"SUMMARY:{_escaped(event.title)}",
            *([f"DESCRIPTION:{_escaped(event.details)}"] if event.details else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(_folded(line) + "\r\n" for line in [*lines, "END:VCALENDAR"])


def _utc(tdb: float) -> str:
    moment = NOON_2000 + timedelta(seconds=round(float(epochs.to_utc(tdb))))
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _uid(event: Event) -> str:
    digest = blake2b(f"{event.title}|{event.start_tdb:.0f}".encode(), digest_size=12).hexdigest()
    return f"{digest}@motherlode"


def _escaped(words: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        words = words.replace(plain, written)
    return words


def _folded(line: str) -> str:
    """Lines of at most 75 octets, broken between characters; a continuation begins with a space."""
    parts, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LINE_OCTETS:
            parts, size = [*parts, " "], 1
        parts[-1] += letter
        size += octets
    return "\r\n".join(parts)
