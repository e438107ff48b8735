"""Multiple shooting under every pull: a path is cut at nodes, its pieces are flown, and Newton joins them together.

A libration point multiplies an error by ten every eight weeks at the Earth, so no single start can be aimed years
ahead; between nodes a month apart little grows. Two burns are free, the first at the asteroid and one at the join;
everywhere else a piece must end where and as fast as the next begins. Among all the paths that do, the solver walks
to the one of least Δv: each round minimises the sum of both burns (as weighted squares) to first order, keeps the
change short, and closes the path again with the same factors.

Betts (1998), doi:10.2514/2.4231; for libration points Howell & Pernicka (1988), doi:10.1007/BF01230715.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris import trajectory
from motherlode.ephemeris.almanac import Almanac
from motherlode.ephemeris.bodies import Mover
from motherlode.ephemeris.trajectory import Trajectory
from motherlode.errors import NoSolution
from motherlode.units import DAY, METRE_S

Array = NDArray[np.float64]

FINE: Final = 3e-7  # tolerance of the pieces: centimetres in a month
SAMPLES: Final = 12  # of the gravity gradient on a piece
LEAST_BURN: Final = 2.0 * METRE_S  # below this a burn is no longer favoured for being small
EARLY: Final = 0.1  # price of moving a node before the arrival, against one on the orbit
LONGEST_STEP: Final = (20.0, 1.5, 3.0)  # units a node may move in a round: before the arrival, after it; epochs
STRONGEST: Final = 8.0  # answer of a piece's end to its start, in units, beyond which it is cut in two
SHORTEST: Final = 2.0 * DAY  # of a piece
SUPPLE, STIFF = 0.05, 20.0  # price of moving nodes when the search for less Δv begins, and when it gives up
LOOSE, RIGID = 1e-2, 1e-12  # how far a step may leave gaps open: the first one, and one that may not
NEARLY, CLOSED, JOINED = 2e-3, 5e-4, 1e-6  # largest gap in units: to begin, while the burns fall, at the end
HELD = 5e-3  # and where pushes hold together what does not close: 700 km and 0.3 m/s at the Earth


@dataclass(frozen=True)
class Chain:
    """A path cut at nodes.

    epochs   (n,)    TDB s past J2000
    states   (n, 6)  heliocentric, after the burn where there is one
    join     index of the node of the second burn; the first burn is at node 0
    arrive   index of the first node on the orbit
    """

    epochs: Array
    states: Array
    join: int
    arrive: int


@dataclass(frozen=True)
class Units:
    """In which changes of the nodes are counted: km, km/s, s."""

    place: float
    speed: float
    time: float

    @property
    def state(self) -> Array:
        """Units (6,) of a state."""
        return np.repeat([self.place, self.speed], 3)


@dataclass(frozen=True)
class Sky:
    """What pulls: everything on the path, Sun and the nearest bodies in its first derivatives."""

    almanac: Almanac
    near: tuple[str, ...]

    def piece(self, state: Array, start: float, end: float) -> Trajectory:
        """Path of a state from the start to the end, either way. Raises NoSolution where it meets a planet."""
        return trajectory.from_state(
            "captured body", state, start, (start, end), almanac=self.almanac, asteroids=False, tolerance=FINE
        )

    def pieces(self, chain: Chain) -> list[Trajectory]:
        """The path from every node to the next."""
        return [self.piece(*leg) for leg in zip(chain.states, chain.epochs, chain.epochs[1:])]

    def slopes(self, pieces: Sequence[Trajectory]) -> Array:
        """How the end of each piece answers to its start, (n, 6, 6): Runge and Kutta's rule on the linear motion."""
        spans = np.array([piece.span for piece in pieces])
        length = (spans[:, 1] - spans[:, 0]) / SAMPLES
        dates = spans[:, :1] + length[:, None] * (0.5 * np.arange(2 * SAMPLES + 1))
        dates = np.minimum(dates, spans[:, 1:])
        pull = self._gradient(dates, np.array([piece.state(t)[:, :3] for piece, t in zip(pieces, dates)]))
        slope = np.tile(np.eye(6), (len(pieces), 1, 1))
        h = length[:, None, None]
        for k in range(SAMPLES):
            slope = _advanced(slope, pull[:, 2 * k : 2 * k + 3], h)
        return slope

    def _gradient(self, dates: Array, places: Array) -> Array:
        """Derivative of the acceleration by place, (..., 3, 3) 1/s²."""
        total = np.zeros((*places.shape, 3))
        for name in ("sun", *self.near):
            away = places - (0.0 if name == "sun" else self.almanac[name].state(dates)[..., :3])
            d2 = np.sum(away**2, -1)[..., None, None]
            outer = away[..., :, None] * away[..., None, :]
            total += GM_KM3_S2[name] * d2**-1.5 * (3.0 * outer / d2 - np.eye(3))
        return total


def _advanced(slope: Array, pull: Array, h: Array) -> Array:
    """One step of the variational equations with the gradient at its start, middle and end, (n, 3, 3, 3)."""

    def rate(s: Array, k: int) -> Array:
        return np.concatenate([s[:, 3:], pull[:, k] @ s[:, :3]], 1)

    one = rate(slope, 0)
    two = rate(slope + 0.5 * h * one, 1)
    three = rate(slope + 0.5 * h * two, 1)
    four = rate(slope + h * three, 2)
    return np.asarray(slope + h / 6.0 * (one + 2.0 * two + 2.0 * three + four))


@dataclass(frozen=True)
class Look:
    """A chain as it flies: ends (n - 1, 6) of its pieces, gaps (n - 1, 6) to the next nodes, burns (2, 3) km/s."""

    chain: Chain
    pieces: tuple[Trajectory, ...]
    ends: Array
    gaps: Array
    burns: Array

    @property
    def delta_v(self) -> float:
        """Sum of both burns, km/s."""
        return float(np.sum(np.linalg.norm(self.burns, axis=1)))


@dataclass(frozen=True)
class Shooter:
    """Joins the pieces of a chain that leaves a target.

    earliest  first burn not before, TDB s past J2000
    """

    target: Mover
    sky: Sky
    units: Units
    earliest: float

    def closed(self, chain: Chain, *, rounds: int = 60) -> Look:
        """The joined path next to a chain with gaps, by Levenberg and Marquardt's rule.

        returns  gaps below ``NEARLY``; or below ``HELD`` where they close no further, and pushes must hold the path
        raises   NoSolution where it does not get there, or a piece meets a planet
        """
        look, loose = self._split(self.look(chain)), LOOSE
        for _ in range(rounds):
            if self.widest(look) < NEARLY:
                return look
            tried = self._closer(look, loose)
            loose = max(0.1 * loose, RIGID) if tried else 6.0 * loose
            look = self._split(tried) if tried else look
        if self.widest(look) < HELD:
            return look
        raise NoSolution(f"the path cannot be joined under every pull: {self._said(look)}")

    def cheapest(self, look: Look, *, rounds: int = 12, worth: float = 2e-3) -> Look:
        """A joined path of less Δv nearby; what pushes hold together stays as it is.

        rounds  at most
        worth   share of the Δv that two rounds must save for a third
        """
        look, stiff, idle, step = self.joined(look), SUPPLE, 0, None
        for _ in range(rounds if self.widest(look) < CLOSED else 0):
            step = step if step and step.look is look else _Step(self, look, stiff)
            tried = self._tried(step)
            if tried is None or tried.delta_v >= look.delta_v:
                stiff, step = 4.0 * stiff, None
            else:
                idle = idle + 1 if look.delta_v - tried.delta_v < worth * look.delta_v else 0
                stiff, look = max(0.5 * stiff, 1e-3), tried
            if idle == 2 or stiff > STIFF:
                break
        return look

    def joined(self, look: Look) -> Look:
        """The same path with its last gaps closed; the burns change by millimetres per second."""
        for _ in range(6 if self.widest(look) < NEARLY else 0):
            if self.widest(look) < JOINED:
                return look
            look = self.look(self._moved(look.chain, _Step(self, look, 1.0).closing(look)))
        return look

    def rough(self, look: Look) -> float:
        """Root of the sum of squares of the gaps in units."""
        return float(np.linalg.norm(look.gaps / self.units.state))

    def _closer(self, look: Look, loose: float) -> Look | None:
        """A look with smaller gaps, if a step that may leave some open gives one."""
        try:
            tried = self.look(self._moved(look.chain, _Step(self, look, 1.0, loose).closing(look)))
        except NoSolution:
            return None
        return tried if self.rough(tried) < self.rough(look) else None

    def _split(self, look: Look) -> Look:
        """The same with a node more in the middle of every piece whose end answers too strongly to its start."""
        size = self.units.state
        strength = np.linalg.norm(self.sky.slopes(look.pieces) * size / size[:, None], axis=(1, 2))
        weak = np.flatnonzero(strength > STRONGEST)
        if not len(weak):
            return look
        chain = look.chain
        dates = 0.5 * (chain.epochs[weak] + chain.epochs[weak + 1])
        between = np.array([look.pieces[k].state(t) for k, t in zip(weak, dates)])
        return self.look(
            Chain(
                np.insert(chain.epochs, weak + 1, dates),
                np.insert(chain.states, weak + 1, between, axis=0),
                chain.join + int(np.sum(weak < chain.join)),
                chain.arrive + int(np.sum(weak < chain.arrive)),
            )
        )

    def look(self, chain: Chain) -> Look:
        """Fly the pieces."""
        pieces = tuple(self.sky.pieces(chain))
        ends = np.array([piece.state(t) for piece, t in zip(pieces, chain.epochs[1:])])
        gaps = ends - chain.states[1:]
        leave = chain.states[0, 3:] - self.target.state(chain.epochs[0])[3:]
        burn = -gaps[chain.join - 1, 3:]
        gaps[chain.join - 1, 3:] = 0.0
        return Look(chain, pieces, ends, gaps, np.array([leave, burn]))

    def widest(self, look: Look) -> float:
        """Largest gap in units."""
        return float(np.max(np.abs(look.gaps / self.units.state)))

    def _tried(self, step: "_Step") -> Look | None:
        """A step towards less Δv, closed again; None where it does not close."""
        try:
            look = self.look(self._moved(step.look.chain, step.least()))
            for _ in range(4):
                if (wide := self.widest(look)) < CLOSED:
                    return look
                if wide > 3.0:
                    return None
                look = self.look(self._moved(look.chain, step.closing(look)))
        except NoSolution:
            return None
        return None

    def _moved(self, chain: Chain, change: Array) -> Chain:
        """The chain with its nodes and both burns' epochs changed, at most by the longest step."""
        change = change * self._share(chain, change)
        states = chain.states + change[:-2].reshape(-1, 6) * self.units.state
        epochs, j = self._retimed(chain, change[-2:] * self.units.time), chain.join
        before, here = self.target.state(chain.epochs[0]), self.target.state(epochs[0])
        states[0] = here + np.concatenate([np.zeros(3), states[0, 3:] - before[3:]])
        if epochs[j] != chain.epochs[j]:  # the node slides along its own path
            states[j] = self.sky.piece(states[j], chain.epochs[j], epochs[j]).state(epochs[j])
        return replace(chain, epochs=epochs, states=states)

    def _retimed(self, chain: Chain, later: Array) -> Array:
        """Epochs with both burns later by so much, between their neighbours."""
        t, j = chain.epochs.copy(), chain.join
        t[j] = np.clip(t[j] + later[1], t[j - 1] + SHORTEST, t[j + 1] - SHORTEST)
        t[0] = np.clip(t[0] + later[0], self.earliest, t[1] - SHORTEST)
        return t

    def _share(self, chain: Chain, change: Array) -> float:
        """Share of a change that keeps to the longest step."""
        nodes = np.abs(change[:-2].reshape(-1, 6))
        early, late, when = LONGEST_STEP
        moved = nodes[: chain.arrive].max() / early, nodes[chain.arrive :].max() / late
        return float(1.0 / max(1.0, *moved, *np.abs(change[-2:]) / when))

    def _said(self, look: Look) -> str:
        place, speed = np.abs(look.gaps[:, :3]).max(), np.abs(look.gaps[:, 3:]).max()
        return f"gaps of {place:,.0f} km and {speed / METRE_S:.1f} m/s are left"


class _Step:
    """The linear problem about a chain: factors of its optimality conditions, ready for several right-hand sides.

    Unknowns in units: the nodes (6 n; the place of node 0 stays with the target), both epochs.
    """

    def __init__(self, shooter: Shooter, look: Look, stiff: float, loose: float = RIGID) -> None:
        from scipy import sparse
        from scipy.sparse.linalg import splu

        self.look, self.units = look, shooter.units.state
        rows = self._rows(shooter.units, shooter.sky.slopes(look.pieces))
        free = np.ones(rows.shape[0], dtype=bool)
        free[6 * look.chain.join - 3 : 6 * look.chain.join] = False
        self.closing_rows = free
        first = sparse.csr_matrix((np.ones(3), (range(3), range(3))), shape=(3, rows.shape[1]))
        ties = sparse.vstack([first, rows[free]])
        burns, size = self._burns(rows, free, shooter.units.speed), np.linalg.norm(look.burns, axis=1)
        weight = np.repeat(1.0 / np.maximum(size, LEAST_BURN), 3)
        price = np.full(rows.shape[1], stiff * shooter.units.speed)
        price[: 6 * look.chain.arrive] *= EARLY
        hessian = burns.T @ sparse.diags(weight) @ burns + sparse.diags(price)
        self.slope = burns.T @ (weight * look.burns.reshape(-1))
        below = -loose * sparse.eye(ties.shape[0])
        self.factors = splu(sparse.bmat([[hessian, ties.T], [ties, below]]).tocsc())

    def least(self) -> Array:
        """The change that closes the path and lowers the burns most for its length."""
        return self._solved(-self.slope, self.look)

    def closing(self, look: Look) -> Array:
        """The shortest change that closes another look at a chain nearby."""
        return self._solved(0.0 * self.slope, look)

    def _solved(self, slope: Array, look: Look) -> Array:
        gaps = (look.gaps / self.units).reshape(-1)[self.closing_rows]
        found = self.factors.solve(np.concatenate([slope, np.zeros(3), -gaps]))
        return np.asarray(found[: len(slope)])

    def _rows(self, units: Units, slopes: Array) -> Any:
        """Derivatives of all the gaps, (6 (n - 1), 6 n + 2)."""
        from scipy import sparse

        n, s, j = len(slopes) + 1, units.state, self.look.chain.join
        scaled = slopes * s / s[:, None]
        blocks = np.concatenate([scaled, np.tile(-np.eye(6), (n - 1, 1, 1))], 2)
        row, column = np.indices((6, 12))
        shift = 6 * np.arange(n - 1)[:, None, None]
        dense = sparse.csr_matrix(
            (blocks.reshape(-1), ((row + shift).reshape(-1), (column + shift).reshape(-1))),
            shape=(6 * n - 6, 6 * n + 2),
        ).tolil()
        # a later first burn carries the start along the target's path, a later second burn the end along the arc's
        leave, join = self.look.burns
        dense[:6, 6 * n] = (-(slopes[0, :, :3] @ leave) * units.time / s)[:, None]
        dense[6 * j - 6 : 6 * j - 3, 6 * n + 1] = (-join * units.time / units.place)[:, None]
        return dense.tocsr()

    def _burns(self, rows: Any, free: NDArray[np.bool_], speed: float) -> Any:
        """Derivatives (6, unknowns) of both burns, km/s."""
        from scipy import sparse

        leave = sparse.csr_matrix((np.full(3, speed), (range(3), range(3, 6))), shape=(3, rows.shape[1]))
        return sparse.vstack([leave, -speed * rows[~free]]).tocsr()
