"""Grids between two movers by name, and the launch windows in them."""

from functools import partial
from typing import Any, Final

import numpy as np

from motherlode import epochs
from motherlode.access import porkchop
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput
from motherlode.study import named
from motherlode.study.answers import tried
from motherlode.units import DAY

MOST_CELLS: Final = 4_000_000
DAILY_CELLS: Final = 400_000  # up to here both axes step by a day


def grid(
    origin: str,
    target: str,
    depart: tuple[float, float],
    flight_d: tuple[float, float],
    *,
    step_d: float | None = None,
    from_port: str | None = None,
    to_port: str | None = None,
    revolutions: int = 0,
    branch: str = "low",
) -> porkchop.Porkchop:
    """The grid between two movers by name: planets or asteroids.

    depart    first and last departure, TDB s past J2000
    flight_d  shortest and longest flight, days
    step_d    spacing of both axes; by default a day, more where that would be over 400 000 cells
    raises    BadInput, OutsideEphemeris, UnknownAsteroid
    """
    leaving, arriving = named.mover(origin), named.mover(target)
    _check_window(depart, flight_d)
    step = step_d or _step(depart, flight_d)
    if step <= 0:
        raise BadInput(f"the step is {step:g} d; it must be positive")
    departures = np.arange(depart[0], depart[1] + 1.0, step * DAY)
    flights = np.arange(flight_d[0], flight_d[1] + 1e-9, step) * DAY
    if len(departures) * len(flights) > MOST_CELLS:
        raise BadInput(
            f"{len(departures):,} departures by {len(flights):,} flight times are over 4 million; make --step larger"
        )
    if branch not in ("low", "high") or revolutions < 0:
        raise BadInput(f"revolutions are 0 or more, their branch low or high; got {revolutions} and {branch!r}")
    return porkchop.grid(
        leaving, arriving, departures, flights,
        origin_port=from_port, target_port=to_port, revolutions=revolutions, branch=branch,
    )  # fmt: skip


def _check_window(depart: tuple[float, float], flight_d: tuple[float, float]) -> None:
    if depart[1] < depart[0]:
        raise BadInput(
            f"departures end ({epochs.iso(depart[1])}) before they begin ({epochs.iso(depart[0])}); swap the dates"
        )
    if flight_d[1] < flight_d[0]:
        raise BadInput(f"flight times end ({flight_d[1]:g} d) before they begin ({flight_d[0]:g} d); swap them")
    if flight_d[0] <= 0:
        raise BadInput(f"flight times start at {flight_d[0]:g} d; they must be positive")
    named.check_span(depart[0], depart[1] + flight_d[1] * DAY)


def _step(depart: tuple[float, float], flight_d: tuple[float, float]) -> float:
    cells = ((depart[1] - depart[0]) / DAY + 1) * (flight_d[1] - flight_d[0] + 1)
    return 1.0 if cells <= DAILY_CELLS else float(np.ceil(np.sqrt(cells / DAILY_CELLS)))


def answer(chart: porkchop.Porkchop, criterion: str = "c3") -> dict[str, Any]:
    """The best window of a grid by a criterion, and the best of each transfer type."""
    shape = chart.v_infinity_depart_km_s.shape
    return {
        "origin": chart.origin.name,
        "target": chart.target.name,
        "criterion": criterion,
        "best": chart.best(criterion).summary(),
        "best_by_type": {kind: tried(partial(_best, chart, criterion, kind)) for kind in ("I", "II")},
        "grid": {"departures": shape[0], "flight_times": shape[1]},
        "leaves_out": [
            "Sun's gravity alone between the ends",
            *([named.TWO_BODY] if isinstance(chart.target, Orbit) else []),
        ],
    }


def _best(chart: porkchop.Porkchop, criterion: str, transfer_type: str) -> dict[str, Any]:
    return chart.best(criterion, transfer_type=transfer_type).summary()
