"""Epochs: calendar dates and UTC, TT, TDB to and from TDB seconds past J2000, the one time inside.

J2000 is 2000-01-01 12:00:00 TDB. A float64 resolves 0.1 µs over the span of the ephemeris.
"""

import re
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.errors import BadEpoch
from motherlode.units import DAY

Array = NDArray[np.float64]

J2000_JD: Final = 2_451_545.0
MJD_OFFSET: Final = 2_400_000.5
TT_MINUS_TAI_S: Final = 32.184  # exact; IAU 1991

# TAI - UTC in seconds from the given UTC day on; NAIF naif0012.tls (IERS bulletin C).
LEAP_SECONDS: Final = (
    ("1972-01-01", 10), ("1972-07-01", 11), ("1973-01-01", 12), ("1974-01-01", 13), ("1975-01-01", 14),
    ("1976-01-01", 15), ("1977-01-01", 16), ("1978-01-01", 17), ("1979-01-01", 18), ("1980-01-01", 19),
    ("1981-07-01", 20), ("1982-07-01", 21), ("1983-07-01", 22), ("1985-07-01", 23), ("1988-01-01", 24),
    ("1990-01-01", 25), ("1991-01-01", 26), ("1992-07-01", 27), ("1993-07-01", 28), ("1994-07-01", 29),
    ("1996-01-01", 30), ("1997-07-01", 31), ("1999-01-01", 32), ("2006-01-01", 33), ("2009-01-01", 34),
    ("2012-07-01", 35), ("2015-07-01", 36), ("2017-01-01", 37),
)  # fmt: skip

_DATE = re.compile(
    r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d*)?))?)?\s*(Z|UTC|TDB|TT|TAI)?$",
    re.I,
)
_JULIAN = re.compile(r"^(JD|MJD)\s*([-+]?\d+(?:\.\d*)?)\s*(TDB|TT|UTC)?$", re.I)
_EXPECTED = (
    "a date like 2032-04-01, 2032-04-01T12:30:00 UTC, JD 2461000.5 or MJD 61000 (TDB unless TT or UTC is said)"
)


def parse(text: str) -> float:
    """Epoch of a written date, in TDB seconds past J2000.

    text     ISO date with optional time, or ``JD n``, ``MJD n``; a trailing UTC, TT or TDB names the scale
    returns  float, TDB s past J2000; the scale is TDB where none is named
    raises   BadEpoch
    """
    if found := _JULIAN.match(text.strip()):
        kind, number, scale = found.groups()
        days = float(number) + (MJD_OFFSET if kind.upper() == "MJD" else 0.0)
        return _to_tdb((days - J2000_JD) * DAY, scale)
    if found := _DATE.match(text.strip()):
        year, month, day, hour, minute, second, scale = found.groups()
        try:
            days = date(int(year), int(month), int(day)).toordinal() - date(2000, 1, 1).toordinal() - 0.5
        except ValueError as error:
            raise BadEpoch(f"{text[:60]!r} is not a date: {error}; expected {_EXPECTED}") from None
        clock = int(hour or 0) * 3600.0 + int(minute or 0) * 60.0 + float(second or 0.0)
        if clock > DAY or int(minute or 0) > 59 or float(second or 0.0) >= 61.0:
            raise BadEpoch(f"{text[:60]!r} has no such time of day; expected {_EXPECTED}")
        return _to_tdb(days * DAY + clock, scale)
    raise BadEpoch(f"cannot read the date {text[:60]!r}; expected {_EXPECTED}")


def _to_tdb(seconds: float, scale: str | None) -> float:
    match (scale or "TDB").upper():
        case "TDB":
            return seconds
        case "TT":
            return float(from_tt(seconds))
        case "TAI":
            return float(from_tt(seconds + TT_MINUS_TAI_S))
        case _:
            return float(from_utc(seconds))


def iso(tdb: float, *, digits: int | None = None) -> str:
    """ISO calendar date of an epoch in TDB; with ``digits`` also the time to that many decimals of a second.

    Before the year 1 and after 9999 there is no such date: seconds past J2000 in words.
    """
    if not CALENDAR[0] <= tdb < CALENDAR[1]:
        return f"{tdb:.6g} s past J2000"
    if digits is None:
        return _calendar(np.floor((tdb + DAY / 2) / DAY))
    scale = 10**digits
    ticks = round((float(tdb) + DAY / 2) * scale)
    days, rest = divmod(ticks, int(DAY) * scale)
    seconds, fraction = divmod(rest, scale)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{_calendar(days)}T{clock}" + (f".{fraction:0{digits}d}" if digits else "")


_FIRST: Final = date(2000, 1, 1).toordinal()
CALENDAR: Final = (-(_FIRST - 0.5) * DAY, (date.max.toordinal() - _FIRST + 0.5) * DAY - 1.0)  # TDB s, years 1 to 9999


def _calendar(days_past_2000: float) -> str:
    return date.fromordinal(_FIRST + int(days_past_2000)).isoformat()


def year(tdb: ArrayLike) -> Any:
    """Decimal Julian year of an epoch, (...)."""
    return 2000.0 + np.asarray(tdb) / (365.25 * DAY)


def from_jd(jd: ArrayLike, fraction: ArrayLike = 0.0) -> Any:
    """TDB s past J2000 of a TDB Julian date, (...), given in one or two parts."""
    return (np.asarray(jd) - J2000_JD) * DAY + np.asarray(fraction) * DAY


def to_jd(tdb: ArrayLike) -> Any:
    """TDB Julian date, (...); good to 40 µs, as a float64 allows."""
    return J2000_JD + np.asarray(tdb) / DAY


def from_jd_tt(jd: ArrayLike) -> Any:
    """TDB s past J2000 of a TT Julian date, (...): the scale of Minor Planet Center epochs."""
    return from_tt((np.asarray(jd) - J2000_JD) * DAY)


def tdb_minus_tt(tt: ArrayLike) -> Any:
    """TDB - TT in seconds, (...), good to 10 µs from 1600 to 2200.

    Fairhead & Bretagnon 1990 truncated as in the Explanatory Supplement 2013, eq. 2.6 (USNO Circular 179).
    """
    t = np.asarray(tt, dtype=float) / (36_525.0 * DAY)
    return (
        0.001657 * np.sin(628.3076 * t + 6.2401)
        + 0.000022 * np.sin(575.3385 * t + 4.2970)
        + 0.000014 * np.sin(1256.6152 * t + 6.1969)
        + 0.000005 * np.sin(606.9777 * t + 4.0212)
        + 0.000005 * np.sin(52.9691 * t + 0.4444)
        + 0.000002 * np.sin(21.3299 * t + 5.5431)
        + 0.000010 * t * np.sin(628.3076 * t + 4.2490)
    )


def from_tt(tt: ArrayLike) -> Any:
    """TDB s past J2000 of TT s past J2000, (...)."""
    return np.asarray(tt) + tdb_minus_tt(tt)


def to_tt(tdb: ArrayLike) -> Any:
    """TT s past J2000 of TDB s past J2000, (...)."""
    return np.asarray(tdb) - tdb_minus_tt(tdb)


_LEAP_DAYS = np.array(
    [date.fromisoformat(d).toordinal() - date(2000, 1, 1).toordinal() - 0.5 for d, _ in LEAP_SECONDS]
)
_LEAPS = np.array([n for _, n in LEAP_SECONDS], dtype=float)


def from_utc(utc: ArrayLike) -> Any:
    """TDB s past J2000 of UTC, given as 86 400 s days past 2000-01-01 12:00 UTC, (...).

    Before 1972 the first offset, after the last announced leap second the last one is kept: a forecast.
    """
    seconds = np.asarray(utc, dtype=float)
    index = np.clip(np.searchsorted(_LEAP_DAYS, seconds / DAY, side="right") - 1, 0, None)
    return from_tt(seconds + _LEAPS[index] + TT_MINUS_TAI_S)


def to_utc(tdb: ArrayLike) -> Any:
    """UTC as 86 400 s days past 2000-01-01 12:00 UTC, (...); inverse of ``from_utc`` outside a leap second."""
    atomic = to_tt(tdb) - TT_MINUS_TAI_S
    index = np.clip(np.searchsorted(_LEAP_DAYS * DAY + _LEAPS, atomic, side="right") - 1, 0, None)
    return atomic - _LEAPS[index]
