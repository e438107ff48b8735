"""A body from an SPK file as a mover: what Horizons, NAIF or a mission published, seen from the Sun."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.ephemeris import almanac as almanacs
from motherlode.ephemeris import spk
from motherlode.ephemeris.almanac import Almanac, Planet
from motherlode.errors import BadSource, UnknownName

Array = NDArray[np.float64]
CENTRES: Final = {code: name for name, code in almanacs.NAIF_ID.items()} | {199: "mercury", 299: "venus", 499: "mars"}


@dataclass(frozen=True)
class Body:
    """A mover made of the segments of an SPK file; later segments take precedence, as in SPICE.

    centres   where each segment's centre is
    """

    name: str
    span: tuple[float, float]
    segments: tuple[spk.Segment, ...]
    centres: tuple[Planet, ...]

    def state(self, t: ArrayLike) -> Array:
        """Heliocentric states (..., 6) km, km/s in ICRF axes at TDB s past J2000 (...).

        raises  OutsideEphemeris
        """
        t = np.asarray(t, dtype=float)
        flat = t.reshape(-1)
        out, missing = np.empty((flat.size, 6)), np.ones(flat.size, dtype=bool)
        for segment, centre in zip(reversed(self.segments), reversed(self.centres)):
            here = missing & (flat >= segment.span[0]) & (flat <= segment.span[1])
            if np.any(here):
                out[here] = segment.state(flat[here]) + centre.state(flat[here])
                missing &= ~here
        if np.any(missing):
            self.segments[-1].state(flat[missing])  # says which span there is
        return out.reshape(*t.shape, 6)


def targets(path: str | Path) -> list[int]:
    """NAIF codes of the bodies in an SPK file."""
    return sorted({segment.target for segment in spk.segments(path)})


def load(path: str | Path, target: int | None = None, *, name: str = "", almanac: Almanac | None = None) -> Body:
    """The body of an SPK file as a mover.

    target    NAIF code; the only one in the file by default
    name      what to call it; its code by default
    almanac   for the places of the centres; the packaged table by default
    raises    BadSource where the file, its frame or its centre cannot be used; UnknownName
    """
    found = spk.segments(path)
    codes = sorted({segment.target for segment in found})
    if target is None and len(codes) != 1:
        raise BadSource(f"{path} holds several bodies: {', '.join(map(str, codes))}; say which one by its code")
    code = codes[0] if target is None else target
    mine = tuple(segment for segment in found if segment.target == code)
    if not mine:
        raise UnknownName("body in the SPK file", str(code), [str(c) for c in codes])
    planets = almanac or almanacs.load()
    centres = tuple(_centre(path, segment, planets) for segment in mine)
    span = min(s.span[0] for s in mine), max(s.span[1] for s in mine)
    return Body(name or str(code), span, mine, centres)


def _centre(path: str | Path, segment: spk.Segment, planets: Almanac) -> Planet:
    if segment.frame != spk.FRAME_J2000:
        raise BadSource(f"{path}: target {segment.target} is given in frame {segment.frame}; expected 1, the ICRF")
    if segment.centre not in CENTRES:
        raise BadSource(
            f"{path}: target {segment.target} is seen from body {segment.centre}, whose place is not known"
        )
    return planets[CENTRES[segment.centre]]
