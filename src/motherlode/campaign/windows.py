"""Launch windows from the real motion of two bodies: each best departure, a few dates around it, and the way back.

Windows do not repeat exactly: each one is found on the porkchop of its own years.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.access import porkchop, ports
from motherlode.access.porkchop import Window
from motherlode.access.ports import Port
from motherlode.ephemeris.bodies import Mover
from motherlode.units import DAY

Array = NDArray[np.float64]
STEP_D: Final = 5.0  # of the departure axis
FLIGHT_STEP_D: Final = 10.0
BLOCK: Final = 400  # departures of one porkchop


@dataclass(frozen=True)
class Passage:
    """Out, a stay, and back: the two windows of one dated trip, ``number`` being that of the launch window."""

    out: Window
    back: Window | None
    number: int

    @property
    def depart_tdb(self) -> float:
        """Departure from home, TDB s past J2000."""
        return self.out.depart_tdb

    @property
    def end_tdb(self) -> float:
        """End of the last leg."""
        return self.out.arrive_tdb if self.back is None else self.back.arrive_tdb

    @property
    def stay_d(self) -> float:
        """Days at the target."""
        return 0.0 if self.back is None else (self.back.depart_tdb - self.out.arrive_tdb) / DAY

    @property
    def delta_v_km_s(self) -> float:
        """All burns, km/s."""
        return self.out.delta_v_km_s + (0.0 if self.back is None else self.back.delta_v_km_s)

    def summary(self) -> dict[str, Any]:
        """As one flat row, units in the names."""
        row = {
            "window": self.number,
            "depart_tdb": epochs.iso(self.depart_tdb),
            "arrive_tdb": epochs.iso(self.out.arrive_tdb),
            "c3_km2_s2": self.out.c3_km2_s2,
            "outbound_d": self.out.flight_s / DAY,
            "outbound_delta_v_km_s": self.out.delta_v_km_s,
        }
        if self.back is not None:
            row |= {
                "leave_tdb": epochs.iso(self.back.depart_tdb),
                "return_tdb": epochs.iso(self.back.arrive_tdb),
                "stay_d": self.stay_d,
                "return_delta_v_km_s": self.back.delta_v_km_s,
            }
        return row


def synodic_period(first: Mover, second: Mover, when: float) -> float:
    """Time after which two bodies stand alike again, s; from osculating orbits, good enough to search by."""
    return float(2 * np.pi / max(abs(_rate(first, when) - _rate(second, when)), 1e-9))


def _rate(body: Mover, when: float) -> float:
    """Mean motion of the osculating orbit, rad/s."""
    state = body.state(when)
    r, v2 = np.linalg.norm(state[:3]), float(state[3:] @ state[3:])
    axis = 1.0 / (2.0 / r - v2 / porkchop.MU)
    return float(np.sqrt(porkchop.MU / axis**3)) if axis > 0 else 0.0


def outbound(
    origin: Mover,
    target: Mover,
    span: tuple[float, float],
    *,
    flight_d: tuple[float, float] = (100.0, 450.0),
    criterion: str = "c3",
    apart_d: float | None = None,
    origin_port: Port | str | None = None,
    target_port: Port | str | None = None,
    most: int = 40,
    worst: float | None = None,
) -> list[Window]:
    """Launch windows in a span of years, in order of date: every departure that is cheapest among its neighbours.

    span       first and last departure, TDB s past J2000
    criterion  "c3", "v_infinity_arrive" or "delta_v" of both ports
    apart_d    least distance of two windows; half a synodic period, at most 300 d, where not given
    most       keep the cheapest so many
    worst      leave out what costs more than so many times the cheapest of all; 4 in energy, 2 in speed by default
    """
    apart = apart_d * DAY if apart_d else min(300 * DAY, 0.5 * synodic_period(origin, target, span[0]))
    found: list[tuple[float, Window]] = []
    for chop in _blocks(origin, target, span, flight_d, origin_port, target_port):
        layer = chop.layer(criterion)
        for i in _valleys(layer):
            j = int(np.nanargmin(layer[i]))
            found.append((float(layer[i, j]), chop.window(chop.depart_tdb[i], chop.flight_s[j])))
    found.sort(key=lambda pair: pair[0])
    limit = (worst or (4.0 if criterion == "c3" else 2.0)) * found[0][0] if found else 0.0
    kept = _apart([pair for pair in found if pair[0] <= limit], apart)[:most]
    refined = [_refined(origin, target, w, criterion, origin_port, target_port, span) for w in kept]
    return sorted(refined, key=lambda w: w.depart_tdb)


def _blocks(
    origin: Mover,
    target: Mover,
    span: tuple[float, float],
    flight_d: tuple[float, float],
    origin_port: Port | str | None,
    target_port: Port | str | None,
) -> Iterator[porkchop.Porkchop]:
    dates = np.arange(span[0], span[1] + DAY, STEP_D * DAY)
    flights = np.arange(flight_d[0], flight_d[1] + 1, FLIGHT_STEP_D) * DAY
    for k in range(0, len(dates), BLOCK):
        block = dates[max(0, k - 1) : k + BLOCK + 1]  # a node of overlap: a valley at the seam is seen
        yield porkchop.grid(origin, target, block, flights, origin_port=origin_port, target_port=target_port)


def _valleys(layer: Array) -> NDArray[np.int_]:
    """Departures whose best flight is no dearer than that of their neighbours."""
    least = np.nanmin(np.where(np.isfinite(layer), layer, np.inf), axis=1)
    padded = np.concatenate([[np.inf], least, [np.inf]])
    valley = (least <= padded[:-2]) & (least <= padded[2:]) & np.isfinite(least)
    return np.flatnonzero(valley)


def _apart(found: list[tuple[float, Window]], apart: float) -> list[Window]:
    kept: list[Window] = []
    for _, window in found:
        if all(abs(window.depart_tdb - other.depart_tdb) >= apart for other in kept):
            kept.append(window)
    return kept


def _refined(
    origin: Mover,
    target: Mover,
    near: Window,
    criterion: str,
    origin_port: Port | str | None,
    target_port: Port | str | None,
    span: tuple[float, float],
) -> Window:
    dates = near.depart_tdb + np.arange(-10, 11, 2.5) * DAY
    dates = dates[(dates >= span[0]) & (dates <= span[1])]
    flights = near.flight_s + np.arange(-20, 21, 5.0) * DAY
    chop = porkchop.grid(
        origin, target, dates, flights[flights > 10 * DAY], origin_port=origin_port, target_port=target_port
    )
    return chop.best(criterion)


def around(
    origin: Mover, target: Mover, best: Window, *, offsets_d: tuple[float, ...] = (-20.0, 0.0, 20.0)
) -> list[Window]:
    """A few dates of one window, each with its best flight time, so that a plan can trade energy against time."""
    leave, arrive = ports.find(best.origin_port), ports.find(best.target_port)
    dates = []
    for offset in offsets_d:
        if offset == 0:
            dates.append(best)
            continue
        flights = best.flight_s + np.arange(-60, 61, 5.0) * DAY
        chop = porkchop.grid(
            origin,
            target,
            [best.depart_tdb + offset * DAY],
            flights[flights > 10 * DAY],
            origin_port=leave,
            target_port=arrive,
        )
        layer = chop.delta_v_km_s[0]
        if np.isfinite(layer).any():
            dates.append(chop.window(chop.depart_tdb[0], chop.flight_s[int(np.nanargmin(layer))]))
    return dates


def back(
    target: Mover,
    home: Mover,
    arrive_tdb: float,
    *,
    stay_d: tuple[float, float] = (30.0, 560.0),
    flight_d: tuple[float, float] = (100.0, 400.0),
    criterion: str = "delta_v",
    target_port: Port | str | None = None,
    home_port: Port | str | None = None,
) -> Window:
    """Best way back after an arrival, within the stays and flight times allowed. Raises NoSolution where none is."""
    dates = arrive_tdb + np.arange(stay_d[0], stay_d[1] + 1, STEP_D) * DAY
    flights = np.arange(flight_d[0], flight_d[1] + 1, FLIGHT_STEP_D) * DAY
    chop = porkchop.grid(target, home, dates, flights, origin_port=target_port, target_port=home_port)
    return chop.best(criterion)
