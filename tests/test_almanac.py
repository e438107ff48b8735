"""Sun, planets and Moon: the packaged table against DE440, our kernel reader against CSPICE."""

from pathlib import Path

import numpy as np
import pytest
import spiceypy

from motherlode import epochs
from motherlode.ephemeris import almanac, bodies, spk
from motherlode.errors import BadSource, OutsideEphemeris, UnknownName
from motherlode.units import METRE

INNER = ("earth", "moon", "venus", "mars", "mercury", "emb")
OUTER = ("jupiter", "saturn", "uranus", "neptune", "pluto")
FIRST, LAST = epochs.parse("1960-01-01"), epochs.parse("2100-12-31") - 334 * 86400.0


@pytest.fixture(scope="module")
def dates() -> np.ndarray:
    return np.sort(np.random.default_rng(440).uniform(FIRST, epochs.parse("2100-01-01"), 20_000))


@pytest.fixture(scope="module")
def kernel() -> almanac.Almanac:
    return almanac.load("de440")


@pytest.fixture
def cspice():
    spiceypy.furnsh(str(almanac.de440_path()))
    yield spiceypy
    spiceypy.kclear()


def test_packaged_table_against_de440(dates, kernel, claim):
    table = almanac.load()
    for names, gate, kind in ((INNER, 10.0, "inner planets and Moon"), (OUTER, 100.0, "outer planets")):
        misses = [np.abs(table[n].state(dates) - kernel[n].state(dates)) for n in names]
        worst = max(np.linalg.norm(m[:, :3], axis=1).max() for m in misses) / METRE
        claim(f"packaged table 1960-2100, {kind}", oracle="DE440", measured=worst, at_most=gate, unit="m")
        speed = max(np.linalg.norm(m[:, 3:], axis=1).max() for m in misses) * 1e6
        claim(
            f"packaged table 1960-2100, {kind}, velocity", oracle="DE440", measured=speed, at_most=20.0, unit="mm/s"
        )


def test_kernel_reader_against_cspice(dates, kernel, cspice, claim):
    worst = 0.0
    for name, code in (("earth", "399"), ("moon", "301"), ("mars", "4"), ("mercury", "1"), ("venus", "2")):
        theirs = cspice.spkezr(code, dates[::20], "J2000", "NONE", "10")[0]
        miss = kernel[name].state(dates[::20])[:, :3] - np.array(theirs)[:, :3]
        worst = max(worst, np.abs(miss).max())
    claim("own SPK type 2 reader", oracle="CSPICE (spiceypy)", measured=worst / METRE * 1e3, at_most=0.1, unit="mm")


def test_velocity_is_the_rate_of_position():
    mars, t = almanac.load()["mars"], epochs.parse("2031-07-01")
    rate = (mars.state(t + 30.0) - mars.state(t - 30.0))[:3] / 60.0
    np.testing.assert_allclose(rate, mars.state(t)[3:], atol=1e-7)


def test_movers_keep_the_contract():
    table = almanac.load()
    for name in table:
        mover = table[name]
        assert isinstance(mover, bodies.Mover)
        assert mover.state(0.0).shape == (6,)
        assert mover.state(np.zeros((2, 3))).shape == (2, 3, 6)
    assert not np.any(table["sun"].state(0.0))


def test_moon_circles_the_earth():
    table = almanac.load()
    gap = np.linalg.norm(
        (table["moon"].state(np.arange(400) * 86400.0) - table["earth"].state(np.arange(400) * 86400.0))[:, :3],
        axis=1,
    )
    assert 356_000 < gap.min() < 371_000 and 404_000 < gap.max() < 407_000


def test_outside_the_span_is_one_clear_sentence():
    with pytest.raises(OutsideEphemeris) as caught:
        almanac.load()["mars"].state(epochs.parse("2171-03-01"))
    assert str(caught.value) == (
        "2171-03-01 is outside the ephemeris of mars (packaged table of DE440, 1959-12-01 to 2100-02-04); "
        "choose dates inside it or load a longer kernel"
    )


def test_unknown_body_names_the_choices():
    with pytest.raises(UnknownName, match="no body called 'vulcan'; choose one of: sun, mercury"):
        almanac.load()["vulcan"]


def test_kernels_that_are_not(tmp_path: Path):
    with pytest.raises(BadSource, match="cannot read the SPK file"):
        almanac.load(tmp_path / "none.bsp")
    (tmp_path / "text.bsp").write_text("not a kernel " * 200)
    with pytest.raises(BadSource, match="is not a little-endian SPK file"):
        spk.segments(tmp_path / "text.bsp")
