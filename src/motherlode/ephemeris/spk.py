"""SPICE kernels: the motion that NAIF, JPL and Horizons publish as binary SPK files, read without SPICE.

An SPK file is a DAF: 1024-byte records, a linked list of summaries, arrays of float64. Types 2 and 3 (Chebyshev),
13 (Hermite on sampled states) and 21 (difference lines of JPL's integrator) are read; the file is mapped from disk.

NAIF, SPK Required Reading and DAF Required Reading (N0067).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import epochs
from motherlode.ephemeris import differences, hermite
from motherlode.ephemeris.chebyshev import Series
from motherlode.errors import BadSource, OutsideEphemeris

Array = NDArray[np.float64]
RECORD: Final = 1024  # bytes
FRAME_J2000: Final = 1  # SPICE's number of the ICRF axes


@dataclass(frozen=True)
class Segment:
    """One array of an SPK file: the motion of a target about a centre over a span.

    target, centre   NAIF integer codes
    span             TDB s past J2000
    frame, kind      NAIF frame code (1 is ICRF), SPK data type
    words            (n,) the array as it stands in the file
    """

    target: int
    centre: int
    span: tuple[float, float]
    frame: int
    kind: int
    words: Array

    @cached_property
    def series(self) -> Series:
        """Type 2 as Chebyshev series; the file's rows stay on disk until used.

        raises  BadSource for another type or a damaged array
        """
        if self.kind != 2:
            raise BadSource(f"SPK segment of target {self.target} is of type {self.kind}; a series needs type 2")
        start, step, rows = _pieces(self)
        return Series(start, step, rows, (rows.shape[1] - 2) // 3, skip=2)

    def state(self, t: ArrayLike) -> Array:
        """States (..., 6) km, km/s of the target seen from the centre, in the segment's axes.

        raises  BadSource for a type that is not read; OutsideEphemeris
        """
        t = np.asarray(t, dtype=float)
        if np.any((t < self.span[0]) | (t > self.span[1])):
            raise OutsideEphemeris(
                f"the SPK segment of target {self.target} covers {epochs.iso(self.span[0])} to "
                f"{epochs.iso(self.span[1])}; choose dates inside it"
            )
        if self.kind not in _READERS:
            kinds = ", ".join(str(kind) for kind in sorted(_READERS))
            raise BadSource(f"SPK segment of target {self.target} is of type {self.kind}; types {kinds} are read")
        out = np.zeros((t.size, 6))
        _READERS[self.kind](self, np.ascontiguousarray(t).reshape(-1), out)
        return out.reshape(*t.shape, 6)


def segments(path: str | Path) -> list[Segment]:
    """Every segment of an SPK file, in file order; later ones take precedence where they overlap.

    raises  BadSource where the file is not a little-endian SPK
    """
    words = _words(Path(path))
    return [_segment(words, ints, doubles) for doubles, ints in _summaries(words)]


def _words(path: Path) -> Array:
    try:
        with path.open("rb") as file:
            head = file.read(RECORD)
    except OSError as error:
        raise BadSource(f"cannot read the SPK file {path}: {error.strerror}") from None
    if head[:8] not in {b"DAF/SPK ", b"NAIF/DAF"} or head[88:96] != b"LTL-IEEE":
        raise BadSource(f"{path} is not a little-endian SPK file; expected one that starts with DAF/SPK, LTL-IEEE")
    return np.asarray(np.memmap(path, dtype="<f8", mode="r", shape=(path.stat().st_size // 8,)))


def _summaries(words: Array) -> Iterator[tuple[Array, NDArray[np.int32]]]:
    record = int(words[9:10].view(np.int32)[1])  # FWARD: bytes 76 to 80 of the file record
    seen: set[int] = set()
    while record > 0:
        if record in seen or record * RECORD // 8 > len(words):
            raise BadSource("damaged SPK file: its list of summaries does not end")
        seen.add(record)
        start = (record - 1) * RECORD // 8
        following, _, count = words[start : start + 3]
        if not (0 <= count <= 25 and abs(following) < 2**40):
            raise BadSource("damaged SPK file: a summary record makes no sense")
        for k in range(int(count)):
            summary = words[start + 3 + 5 * k : start + 8 + 5 * k]
            yield summary[:2], summary[2:].view(np.int32)
        record = int(following)


def _segment(words: Array, ints: NDArray[np.int32], doubles: Array) -> Segment:
    target, centre, frame, kind, first, last = (int(n) for n in ints)
    if not (0 < first <= last <= len(words) and np.all(np.isfinite(doubles)) and doubles[0] <= doubles[1]):
        raise BadSource(f"damaged SPK file: the segment of target {target} has no sound span or place")
    return Segment(target, centre, (float(doubles[0]), float(doubles[1])), frame, kind, words[first - 1 : last])


def _pieces(segment: Segment) -> tuple[float, float, Array]:
    """Start, step and rows of a Chebyshev array."""
    start, step = (float(x) for x in segment.words[-4:-2]) if len(segment.words) > 4 else (0.0, 0.0)
    size, pieces = _counts(segment, 2)
    _fits(segment, size * pieces + 4, size > 4 and step > 0.0)
    return start, step, segment.words[: size * pieces].reshape(pieces, size)


def _counts(segment: Segment, n: int) -> list[int]:
    """The last n words of an array, which count something."""
    words = segment.words[-n:]
    _fits(segment, n, bool(np.all((words >= 0) & (words < 2**40) & (words == np.floor(words)))))
    return [int(x) for x in words]


def _fits(segment: Segment, words: int, sound: bool) -> None:
    if not sound or not 0 <= words <= len(segment.words):
        raise BadSource(f"damaged SPK file: the array of target {segment.target}, type {segment.kind}, is not whole")


def _read_positions(segment: Segment, t: Array, out: Array) -> None:
    segment.series.add_to(out, t)


def _read_states(segment: Segment, t: Array, out: Array) -> None:
    """Type 3: the velocity has a series of its own."""
    start, step, rows = _pieces(segment)
    terms = (rows.shape[1] - 2) // 6
    speed = np.zeros_like(out)
    Series(start, step, rows, terms, skip=2).add_to(out, t)
    Series(start, step, rows, terms, skip=2 + 3 * terms).add_to(speed, t)
    out[:, 3:] = speed[:, :3]


def _read_samples(segment: Segment, t: Array, out: Array) -> None:
    """Type 13: states, then their epochs."""
    window, count = _counts(segment, 2)
    window += 1
    _fits(segment, 7 * count + 2, 1 <= window <= 64)
    samples = segment.words[: 6 * count].reshape(count, 6)
    out[:] = hermite.states(segment.words[6 * count : 7 * count], samples, t, window=window)


def _read_differences(segment: Segment, t: Array, out: Array) -> None:
    """Type 21: difference lines, then the last epoch of each."""
    order, count = _counts(segment, 2)
    size = 4 * order + 11
    _fits(segment, (size + 1) * count + 2, 1 <= order <= 64)
    ends = np.array(segment.words[size * count : (size + 1) * count])
    records = np.array(segment.words[: size * count]).reshape(count, size)
    used = records[:, 4 * order + 7 :]
    _fits(segment, 0, bool(np.all((used >= 0) & (used <= order + 1))))
    differences.states(ends, records, order, t, out)


_READERS: Final = {2: _read_positions, 3: _read_states, 13: _read_samples, 21: _read_differences}
