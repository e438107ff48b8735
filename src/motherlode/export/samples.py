"""States of a mover dense enough that any reader's interpolation returns the motion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.orbit import Orbit
from motherlode.ephemeris.sampled import Itinerary, Sampled
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import BadInput
from motherlode.units import DAY

Array = NDArray[np.float64]
STEP: Final = 1.0 * DAY
PER_STEP: Final = 3  # samples at least in each step of an integration, which is short where the path bends
FEWEST: Final = 6  # samples of an arc, however short: what Hermite's polynomial of degree 11 takes
MOST: Final = 1_000_000


@dataclass(frozen=True)
class Samples:
    """What every format writes: a name, ascending epochs (n,) TDB s past J2000, heliocentric ICRF states (n, 6).

    two_body   the motion between them is that under the Sun alone
    """

    name: str
    epoch_tdb: Array
    states: Array
    two_body: bool = False

    @property
    def span(self) -> tuple[float, float]:
        """First and last epoch."""
        return float(self.epoch_tdb[0]), float(self.epoch_tdb[-1])


def of(mover: Mover, span: tuple[float, float], *, step_s: float | None = None) -> Samples:
    """Samples of a mover over a span, TDB s past J2000.

    step_s   equal steps; by default a day, for an integrated path a third of its own steps, for samples their own
    raises   BadInput where the span runs backwards or holds more than a million samples
    """
    first, last = span
    if last <= first:
        raise BadInput(f"the span ends ({epochs.iso(last)}) before it begins ({epochs.iso(first)}); swap the dates")
    if (last - first) / (step_s or STEP) > MOST:
        raise BadInput(f"{(last - first) / (step_s or STEP):.0f} samples are too many; lengthen the step")
    edges = _edges(mover, first, last) if step_s is None else np.array([first, last])
    return Samples(mover.name, *_between(mover, edges, step_s or STEP), two_body=isinstance(mover, Orbit))


def of_arcs(mover: Mover, span: tuple[float, float], *, step_s: float | None = None) -> list[Samples]:
    """Samples of a mover, cut where a burn changes its velocity: no interpolation may reach across.

    returns  one Samples for each arc of an itinerary, one for any other mover
    """
    if not isinstance(mover, Itinerary):
        return [of(mover, span, step_s=step_s)]
    edges = [span[0], *(t for t in mover.changes if span[0] < t < span[1]), span[1]]
    first = int(np.searchsorted(np.array(mover.changes), span[0], side="right"))
    arcs = mover.arcs[first : first + len(edges) - 1]
    pieces = [of(arc, (a, b), step_s=step_s) for arc, a, b in zip(arcs, edges[:-1], edges[1:])]
    return [replace(piece, name=mover.name) for piece in pieces]


def several(samples: Samples | Sequence[Samples]) -> list[Samples]:
    """One or several arcs as a list."""
    return [samples] if isinstance(samples, Samples) else list(samples)


def _edges(mover: Mover, first: float, last: float) -> Array:
    """The span, cut where the integration took its steps, or the samples lie; slivers at the ends join neighbours."""
    if not isinstance(mover, Trajectory | Sampled):
        return np.array([first, last])
    t = np.append(mover.starts, mover.span[1]) if isinstance(mover, Trajectory) else mover.epoch_tdb
    inside = t[(t > first) & (t < last)]
    gaps = np.diff(np.concatenate([[first], inside, [last]]))
    keep = (gaps[:-1] > 0.3 * gaps[1:]) & (gaps[1:] > 0.3 * gaps[:-1])
    return np.concatenate([[first], inside[keep], [last]])


def _between(mover: Mover, edges: Array, step: float) -> tuple[Array, Array]:
    """Epochs that cut every piece into equal parts of at most a step, and the states there."""
    widths = np.diff(edges)
    least = PER_STEP if len(edges) > 2 and isinstance(mover, Trajectory) else 1
    parts = np.maximum(np.ceil(widths / step - 1e-9).astype(int), least)
    if parts.sum() < FEWEST - 1:
        parts = parts * -(-(FEWEST - 1) // int(parts.sum()))
    t = np.concatenate([a + w * np.arange(n) / n for a, w, n in zip(edges, widths, parts)] + [edges[-1:]])
    return t, mover.state(t)
