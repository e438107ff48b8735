"""Periodic orbits of the restricted three-body problem, grown into families.

Every family here has orbits that cross the plane y = 0 at right angles twice: from (x, 0, z, 0, v, 0) the flow must
come back with y = u = w = 0 after half a period. Four unknowns (x, z, v, half period), three conditions: a curve,
followed by its own tangent (pseudo-arclength) from an orbit that is known, each point corrected by Newton with the
state-transition matrix. The unknowns are counted in Hill radii from the smaller primary, so that one stride suits
Sun and Earth as well as Mars and Phobos.

Planar and vertical Lyapunov orbits start from the linear motion at the libration point, halos from the planar orbit
whose vertical stability changes, distant retrograde orbits from a small retrograde circle about the smaller primary.
"""

from dataclasses import dataclass
from math import pi, sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.mechanics import threebody
from motherlode.mechanics.threebody import libration_point, propagate_with_stm

Array = NDArray[np.float64]

FAMILIES: Final = ("planar", "vertical", "halo-north", "halo-south", "dro")
_FREE = np.array([0, 2, 4])  # x, z, v of the state
_ENDS = np.array([1, 3, 5])  # y, u, w after half a period
_PLANAR = np.array([True, False, True, True])


@dataclass(frozen=True)
class PeriodicOrbit:
    """A closed orbit in the rotating frame.

    state    (6,) on the plane y = 0, which it crosses at right angles
    period   units of the system
    """

    family: str
    point: int
    mu: float
    state: Array
    period: float

    @property
    def jacobi(self) -> float:
        """Jacobi constant."""
        return float(threebody.jacobi(self.state, self.mu))

    def monodromy(self) -> Array:
        """State-transition matrix over one period, (6, 6)."""
        return propagate_with_stm(self.state, self.period, self.mu)[1]

    def stability_index(self) -> float:
        """(|λ| + 1/|λ|)/2 of the largest eigenvalue of the monodromy matrix; 1 where nothing grows."""
        largest = float(np.max(np.abs(np.linalg.eigvals(self.monodromy()))))
        return float(0.5 * (largest + 1.0 / largest))

    def states(self, n: int) -> Array:
        """States (n, 6) at equal steps of time over one period."""
        return threebody.trace(self.state, self.period * np.arange(n) / n, self.mu)

    def closure(self) -> float:
        """Largest difference between the state and itself one period later."""
        return float(np.max(np.abs(threebody.propagate(self.state, self.period, self.mu) - self.state)))


def hill_radius(mu: float) -> float:
    """Unit of length of the families, in units of the system: (μ/3)^(1/3)."""
    return float(np.cbrt(mu / 3.0))


def correct(guess: ArrayLike, mu: float, *, planar: bool = False, turns: int = 12) -> Array | None:
    """The periodic orbit nearest to a guess, both as (x, z, v, half period) in Hill radii from the smaller primary.

    planar   keeps z = 0
    returns  (4,), or None where Newton does not get there
    """
    q = np.array(guess, dtype=float)
    for _ in range(turns):
        miss, slope = _defect(q, mu)
        if not np.isfinite(miss).all():
            return None
        step = _least_step(slope, miss, planar)
        q -= step
        if np.max(np.abs(step)) < 1e-12:
            return q
    return q if np.max(np.abs(miss)) < 1e-10 else None


def family(
    name: str, mu: float, point: int = 2, *, most: int = 400, stride: float = 0.03, nearest: float = 0.0
) -> list[PeriodicOrbit]:
    """Orbits of a family in the order in which it grows.

    name      one of FAMILIES
    point     libration point 1 or 2; of no meaning for "dro"
    most      number of orbits
    stride    largest arclength between neighbours, Hill radii
    nearest   ends where an orbit passes the smaller primary closer than this, Hill radii
    """
    planar = name in ("planar", "dro")
    if name.startswith("halo"):
        first, tangent = _halo_start(mu, point, north=name == "halo-north")
    else:
        first, tangent = {"planar": _planar_start, "vertical": _vertical_start, "dro": _dro_start}[name](mu, point)
    curve = _follow(first, tangent, mu, planar, most, stride, nearest)
    return [PeriodicOrbit(name, 0 if name == "dro" else point, mu, _state(q, mu), 2.0 * float(q[3])) for q in curve]


def _state(q: Array, mu: float) -> Array:
    x, z, v = q[:3] * hill_radius(mu)
    return np.array([1.0 - mu + x, 0.0, z, 0.0, v, 0.0])


def _defect(q: Array, mu: float) -> tuple[Array, Array]:
    """y, u, w after half a period and their derivatives by (x, z, v, half period)."""
    end, stm = propagate_with_stm(_state(q, mu), q[3], mu)
    unit = hill_radius(mu)
    return end[_ENDS] / unit, np.column_stack([stm[_ENDS][:, _FREE], _flow(end, mu)[_ENDS] / unit])


def _flow(s: Array, mu: float) -> Array:
    x, y, z, u, v, w = s
    w1 = (1.0 - mu) * ((x + mu) ** 2 + y * y + z * z) ** -1.5
    w2 = mu * ((x - 1.0 + mu) ** 2 + y * y + z * z) ** -1.5
    pull = w1 + w2
    return np.array([u, v, w, x + 2.0 * v - pull * x - w1 * mu + w2 * (1.0 - mu), y - 2.0 * u - pull * y, -pull * z])


def _least_step(slope: Array, miss: Array, planar: bool) -> Array:
    """Shortest change of the unknowns that removes the defect to first order."""
    if not planar:
        return np.asarray(np.linalg.lstsq(slope, miss, rcond=None)[0])
    step = np.zeros(4)
    step[_PLANAR] = np.linalg.lstsq(slope[:2][:, _PLANAR], miss[:2], rcond=None)[0]
    return step


def _tangent(q: Array, mu: float, planar: bool, before: Array) -> Array:
    """Unit direction of the family, on the side of the one before."""
    slope = _defect(q, mu)[1]
    tangent = np.zeros(4)
    if planar:
        tangent[_PLANAR] = np.linalg.svd(slope[:2][:, _PLANAR])[2][-1]
    else:
        tangent = np.linalg.svd(slope)[2][-1]
    return tangent if tangent @ before >= 0.0 else -tangent


def _follow(
    q: Array, tangent: Array, mu: float, planar: bool, most: int, stride: float, nearest: float
) -> list[Array]:
    curve = [q]
    step = 0.25 * stride
    while len(curve) < most and step > 1e-6 * stride:
        tangent = _tangent(curve[-1], mu, planar, tangent)
        better = _corrected_along(curve[-1] + step * tangent, tangent, mu, planar)
        if better is None or np.linalg.norm(better - curve[-1]) > 2.0 * step:
            step *= 0.5
            continue
        if _closest(better, mu) < nearest:
            break
        curve.append(better)
        step = min(1.4 * step, stride)
    return curve


def _corrected_along(guess: Array, tangent: Array, mu: float, planar: bool) -> Array | None:
    """Newton at right angles to the tangent."""
    q = guess.copy()
    for _ in range(10):
        miss, slope = _defect(q, mu)
        if not np.isfinite(miss).all() or q[3] <= 0.0:
            return None
        rows, unknowns = ([0, 1], _PLANAR) if planar else ([0, 1, 2], np.full(4, True))
        square = np.vstack([slope[rows][:, unknowns], tangent[unknowns]])
        step = np.linalg.solve(square, [*miss[rows], tangent @ (q - guess)])
        q[unknowns] -= step
        if np.max(np.abs(step)) < 1e-12:
            return q
    return q if np.max(np.abs(miss)) < 1e-11 else None


def _closest(q: Array, mu: float) -> float:
    path = threebody.trace(_state(q, mu), np.linspace(0.0, q[3], 40), mu)
    return float(np.min(np.linalg.norm(path[:, :3] - [1.0 - mu, 0.0, 0.0], axis=1))) / hill_radius(mu)


def _pull_at(mu: float, point: int) -> float:
    """c2: the second derivative of the pull of both primaries at the libration point."""
    x = libration_point(mu, point)[0]
    return float((1.0 - mu) / abs(x + mu) ** 3 + mu / abs(x - 1.0 + mu) ** 3)


def _place(mu: float, point: int) -> float:
    return float(libration_point(mu, point)[0] - 1.0 + mu) / hill_radius(mu)


def _planar_start(mu: float, point: int) -> tuple[Array, Array]:
    c2 = _pull_at(mu, point)
    rate = sqrt(0.5 * (2.0 - c2 + sqrt(9.0 * c2 * c2 - 8.0 * c2)))
    ratio = (rate * rate + 1.0 + 2.0 * c2) / (2.0 * rate)
    direction = np.array([-1.0, 0.0, ratio * rate, 0.0])
    q = correct(np.array([_place(mu, point), 0.0, 0.0, pi / rate]) + 1e-3 * direction, mu, planar=True)
    assert q is not None
    return q, direction / np.linalg.norm(direction)


def _vertical_start(mu: float, point: int) -> tuple[Array, Array]:
    q = correct([_place(mu, point), 1e-2, 0.0, pi / sqrt(_pull_at(mu, point))], mu)
    assert q is not None
    return q, np.array([0.0, 1.0, 0.0, 0.0])


def _dro_start(mu: float, point: int) -> tuple[Array, Array]:
    radius = 0.1
    rate = sqrt(3.0 / radius**3) + 1.0  # of the two-body circle, seen from the rotating frame
    q = correct([-radius, 0.0, rate * radius, pi / rate], mu, planar=True)
    assert q is not None
    return q, np.array([-1.0, 0.0, 0.0, 0.0])


def _halo_start(mu: float, point: int, *, north: bool) -> tuple[Array, Array]:
    """The planar orbit from which the halos branch, raised a little, and the direction off the plane."""
    first, tangent = _planar_start(mu, point)
    curve = _follow(first, tangent, mu, True, 60, 0.05, 0.0)
    lift = [_vertical_lift(q, mu) for q in curve]
    k = next(i for i in range(1, len(lift)) if lift[i - 1] * lift[i] < 0.0)
    low, high = curve[k - 1], curve[k]
    while np.max(np.abs(high - low)) > 1e-9:  # bisection along the chord, each point brought back onto the family
        middle = correct(0.5 * (low + high), mu, planar=True)
        assert middle is not None
        low, high = (middle, high) if _vertical_lift(middle, mu) * lift[k - 1] > 0.0 else (low, middle)
    up = np.array([0.0, 1.0 if north == (point == 1) else -1.0, 0.0, 0.0])
    raised = correct(low + 0.01 * up, mu)
    assert raised is not None
    return raised, up


def _vertical_lift(q: Array, mu: float) -> float:
    """How the vertical speed after half a period answers to a first step off the plane."""
    return float(propagate_with_stm(_state(q, mu), q[3], mu)[1][5, 2])
