"""Epochs: time scales against CSPICE, calendar against Python, errors that teach."""

from collections.abc import Iterator

import numpy as np
import pytest
import spiceypy
from hypothesis import given
from hypothesis import strategies as st

from motherlode import epochs
from motherlode.errors import BadEpoch
from motherlode.units import DAY, SECOND

MICROSECOND = 1e-6 * SECOND


def test_j2000_is_zero() -> None:
    assert epochs.parse("2000-01-01T12:00:00 TDB") == 0.0
    assert epochs.parse("JD 2451545.0") == 0.0
    assert epochs.parse("MJD 51544.5") == 0.0


def test_utc_offset_of_2025_is_69_184_seconds() -> None:
    assert epochs.parse("2025-11-21 UTC") - epochs.parse("2025-11-21 TDB") == pytest.approx(69.184, abs=2e-3)


@pytest.fixture
def leap_second_pool() -> Iterator[None]:
    """CSPICE told of the same leap seconds, with the constants of naif0012."""
    pairs = [x for day, n in epochs.LEAP_SECONDS for x in (float(n), spiceypy.tparse(day, 64)[0])]
    spiceypy.pdpool("DELTET/DELTA_T_A", [32.184])
    spiceypy.pdpool("DELTET/K", [1.657e-3])
    spiceypy.pdpool("DELTET/EB", [1.671e-2])
    spiceypy.pdpool("DELTET/M", [6.239996, 1.99096871e-7])
    spiceypy.pdpool("DELTET/DELTA_AT", pairs)
    yield
    spiceypy.kclear()


@pytest.mark.parametrize("scale", ["TT", "TAI", "UTC"])
def test_scales_agree_with_cspice(scale: str, leap_second_pool: None) -> None:
    for text in ("1973-03-05T01:02:03", "1999-12-31T23:59:58", "2016-12-31T23:59:00", "2026-07-01T00:00:00"):
        if scale == "UTC":
            expected = spiceypy.str2et(text)
        else:
            expected = spiceypy.unitim(epochs.parse(text), "TDT" if scale == "TT" else "TAI", "TDB")
        assert epochs.parse(f"{text} {scale}") == pytest.approx(expected, abs=50 * MICROSECOND)


@given(st.floats(-40 * 365 * DAY, 100 * 365 * DAY))
def test_scales_round_trip(t: float) -> None:
    assert epochs.from_tt(epochs.to_tt(t)) == pytest.approx(t, abs=MICROSECOND)
    assert abs(float(epochs.from_utc(epochs.to_utc(t))) - t) < 1.1  # inside a leap second UTC is ambiguous


@given(st.floats(-40 * 365 * DAY, 100 * 365 * DAY))
def test_calendar_round_trip(t: float) -> None:
    assert epochs.parse(epochs.iso(t, digits=6)) == pytest.approx(t, abs=MICROSECOND)
    assert epochs.parse(epochs.iso(t)) <= t < epochs.parse(epochs.iso(t)) + DAY


def test_tdb_minus_tt_is_at_most_two_milliseconds() -> None:
    t = np.linspace(-40, 100, 100_000) * 365.25 * DAY
    assert np.abs(epochs.tdb_minus_tt(t)).max() < 2e-3 * SECOND


@pytest.mark.parametrize(
    "text", ["", "next tuesday", "2026-13-01", "2026-02-30", "JD", "2026-01-01T25:00", "01/02/2026"]
)
def test_unreadable_dates_say_what_is_expected(text: str) -> None:
    with pytest.raises(BadEpoch, match="expected a date like 2032-04-01"):
        epochs.parse(text)


def test_beyond_the_calendar_an_epoch_is_told_in_seconds() -> None:
    first, last = epochs.CALENDAR
    assert epochs.iso(first) == "0001-01-01" and epochs.iso(last - 1, digits=0) == "9999-12-31T23:59:58"
    assert epochs.iso(np.nextafter(last, 0), digits=0) == "9999-12-31T23:59:59"
    for t in (np.nextafter(first, -np.inf), last, 1e30, float("inf"), float("nan")):
        assert epochs.iso(t, digits=3) == epochs.iso(t) == f"{t:.6g} s past J2000"
