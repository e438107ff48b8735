"""SPK files of every type that we read, against CSPICE."""

import numpy as np
import pytest
import spiceypy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motherlode.ephemeris import almanac, bodies, kernel, spk
from motherlode.errors import BadSource, MotherlodeError, OutsideEphemeris, UnknownName
from motherlode.units import DAY

CODE, SPAN = 20_000_042, (0.0, 400 * DAY)


def motion(t: np.ndarray) -> np.ndarray:
    """An ellipse-like path, km and km/s."""
    w = 2 * np.pi / (900 * DAY)
    r = np.stack([3e8 * np.cos(w * t), 2.6e8 * np.sin(w * t), 5e7 * np.sin(w * t + 1.0)], axis=-1)
    v = w * np.stack([-3e8 * np.sin(w * t), 2.6e8 * np.cos(w * t), 5e7 * np.cos(w * t + 1.0)], axis=-1)
    return np.concatenate([r, v], axis=-1)


def chebyshev_records(pieces: int, terms: int) -> list[np.ndarray]:
    """Per piece the coefficients of position (3, terms), then velocity."""
    x = np.cos(np.pi * np.arange(terms) / (terms - 1))
    basis = np.linalg.inv(np.polynomial.chebyshev.chebvander(x, terms - 1))
    step = (SPAN[1] - SPAN[0]) / pieces
    return [(basis @ motion(SPAN[0] + step * (k + (x + 1) / 2))).T for k in range(pieces)]


def differences(count: int, order: int) -> np.ndarray:
    """A type 21 array with records of random differences: both readers must make the same of them."""
    rng = np.random.default_rng(21)
    ends = np.linspace(*SPAN, count + 1)[1:]
    words = []
    for end in ends:
        used = rng.integers(4, order, 3)
        steps = np.cumsum(rng.uniform(1.0, 3.0, order)) * DAY
        reference = motion(np.array(end))
        pairs = np.stack([reference[:3], reference[3:]], axis=1).reshape(-1)
        scale = 1e-7 * 0.3 ** np.arange(order)
        words.append([end, *steps, *pairs, *(rng.normal(size=(3, order)) * scale).reshape(-1), used.max() + 1, *used])
    return np.concatenate([np.reshape(words, -1), ends, [order, count]])


def write_differences(path) -> None:
    """CSPICE writes no type 21 from Python: a type 13 file of the same length is filled with it."""
    count, order = 23, 12
    words = differences(count, order)
    n = next(n for n in range(1, 2_000) if 7 * n + (n - 1) // 100 + 2 >= len(words))
    assert 7 * n + (n - 1) // 100 + 2 == len(words)
    t = np.linspace(*SPAN, n)
    handle = spiceypy.spkopn(str(path), "test", 0)
    spiceypy.spkw13(handle, CODE, 10, "J2000", *SPAN, "test", 7, n, motion(t), t)
    spiceypy.spkcls(handle)
    file = np.fromfile(path, dtype="<f8")
    start = int(file[9:10].view(np.int32)[1] - 1) * 128 + 3
    summary = file[start : start + 5]
    codes = summary[2:].view(np.int32)
    codes[3] = 21
    file[codes[4] - 1 : codes[5]] = words
    file.tofile(path)


def write(path, kind: int) -> None:
    if kind == 21:
        return write_differences(path)
    handle = spiceypy.spkopn(str(path), "test", 0)
    head = (handle, CODE, 10, "J2000", *SPAN, "test")
    records = chebyshev_records(20, 12)
    step = SPAN[1] / 20
    if kind == 2:
        flat = np.concatenate([x[:3].reshape(-1) for x in records])
        spiceypy.spkw02(*head, step, 20, 11, flat, 0.0)
    elif kind == 3:
        flat = np.concatenate([x.reshape(-1) for x in records])
        spiceypy.spkw03(*head, step, 20, 11, flat, 0.0)
    elif kind == 13:
        t = np.linspace(*SPAN, 150)
        t[1:-1] += np.random.default_rng(13).uniform(-0.6, 0.6, 148) * DAY
        spiceypy.spkw13(*head, 7, len(t), motion(t), t)
    elif kind == 9:
        t = np.linspace(*SPAN, 100)
        spiceypy.spkw09(*head, 7, len(t), motion(t), t)
    return spiceypy.spkcls(handle)


@pytest.mark.parametrize("kind", [2, 3, 13, 21])
def test_reader_against_cspice(kind, tmp_path, claim):
    path = tmp_path / "test.bsp"
    write(path, kind)
    t = np.append(np.random.default_rng(kind).uniform(*SPAN, 2_000), SPAN)
    spiceypy.furnsh(str(path))
    try:
        theirs = np.array([spiceypy.spkgeo(CODE, x, "J2000", 10)[0] for x in t])
    finally:
        spiceypy.kclear()
    (segment,) = spk.segments(path)
    assert segment.kind == kind
    miss = np.abs(segment.state(t) - theirs)
    claim(f"SPK type {kind} reader", oracle="CSPICE", measured=miss[:, :3].max() * 1e6, at_most=1.0, unit="mm")
    assert miss[:, 3:].max() < 1e-9


def test_a_body_of_a_kernel_is_a_mover(tmp_path):
    write(tmp_path / "test.bsp", 13)
    body = kernel.load(tmp_path / "test.bsp", name="42")
    assert isinstance(body, bodies.Mover)
    np.testing.assert_allclose(body.state(1e7), motion(np.array(1e7)), rtol=1e-9)
    assert body.state(np.zeros((2, 3)) + 5.0).shape == (2, 3, 6)
    assert kernel.targets(tmp_path / "test.bsp") == [CODE]
    with pytest.raises(OutsideEphemeris, match="covers 2000-01-01 to 2001-02-04"):
        body.state(-1.0)
    with pytest.raises(UnknownName, match="choose one of: 20000042"):
        kernel.load(tmp_path / "test.bsp", 7)


def test_other_types_are_refused(tmp_path):
    write(tmp_path / "test.bsp", 9)
    with pytest.raises(BadSource, match="is of type 9; types 2, 3, 13, 21 are read"):
        spk.segments(tmp_path / "test.bsp")[0].state(1.0)


def test_several_bodies_ask_for_one():
    with pytest.raises(BadSource, match="holds several bodies"):
        kernel.load(almanac.de440_path())


@pytest.mark.parametrize("cut", [100, 1024, 3000, 5000])
def test_cut_files_never_answer_wrongly(cut, tmp_path):
    write(tmp_path / "test.bsp", 2)
    (tmp_path / "cut.bsp").write_bytes((tmp_path / "test.bsp").read_bytes()[:cut])
    with pytest.raises(BadSource):
        spk.segments(tmp_path / "cut.bsp")


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> dict[int, bytes]:
    folder = tmp_path_factory.mktemp("spk")
    for kind in (2, 3, 13, 21):
        write(folder / f"{kind}.bsp", kind)
    return {kind: (folder / f"{kind}.bsp").read_bytes() for kind in (2, 3, 13, 21)}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_raise_what_people_understand(data, originals, tmp_path):
    """Flipped words in head, summaries, tail and data: an error that teaches or an answer, never a crash."""
    kind = data.draw(st.sampled_from([2, 3, 13, 21]))
    damaged = bytearray(originals[kind])
    words = len(damaged) // 8
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.one_of(st.integers(1, 12), st.integers(256, 270), st.integers(words - 140, words - 1)))
        value = data.draw(
            st.one_of(st.binary(min_size=8, max_size=8), st.floats().map(lambda x: np.float64(x).tobytes()))
        )
        damaged[8 * place : 8 * place + 8] = value
    path = tmp_path / "damaged.bsp"
    path.write_bytes(bytes(damaged))
    try:
        for segment in spk.segments(path):
            segment.state(np.array([1e6, 2e6]))
    except MotherlodeError as error:
        assert str(error)
