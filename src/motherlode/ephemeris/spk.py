"""SPICE kernels: the motion that NAIF, JPL and Horizons publish as binary SPK files, read without SPICE.

An SPK file is a DAF: 1024-byte records, a linked list of summaries, arrays of float64. Type 2 (Chebyshev
positions) is mapped from disk and evaluated by the kernel of ``chebyshev``.

NAIF, SPK Required Reading and DAF Required Reading (N0067).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode.ephemeris.chebyshev import Series
from motherlode.errors import BadSource

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
        start, step, size, pieces = self.words[-4:]
        rows = self.words[: int(size) * int(pieces)].reshape(int(pieces), int(size))
        return Series(float(start), float(step), rows, (int(size) - 2) // 3, skip=2)


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
        for k in range(int(count)):
            summary = words[start + 3 + 5 * k : start + 8 + 5 * k]
            yield summary[:2], summary[2:].view(np.int32)
        record = int(following)


def _segment(words: Array, ints: NDArray[np.int32], doubles: Array) -> Segment:
    target, centre, frame, kind, first, last = (int(n) for n in ints)
    if not 0 < first <= last <= len(words):
        raise BadSource(f"damaged SPK file: the segment of target {target} lies outside the file")
    return Segment(target, centre, (float(doubles[0]), float(doubles[1])), frame, kind, words[first - 1 : last])
