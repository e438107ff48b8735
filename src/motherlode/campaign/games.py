"""Cooperative games: what each coalition is worth, and how the whole may be shared.

A coalition is the bit mask of its members; ``values[mask]`` is what it earns alone. Exact to twelve players.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import factorial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.errors import BadInput

Array = NDArray[np.float64]
EXACT_PLAYERS: Final = 12
TOLERANCE: Final = 1e-9  # of the largest value: below it two shares are the same


@dataclass(frozen=True)
class Game:
    """A game in characteristic form.

    ``names``    the players, n of them
    ``values``   (2**n,) worth of each coalition by bit mask; ``values[0]`` is 0
    """

    names: tuple[str, ...]
    values: Array

    def __post_init__(self) -> None:
        if len(self.values) != 2 ** len(self.names):
            n = len(self.names)
            raise BadInput(f"{n} players have {2**n} coalitions; got {len(self.values)}")
        if self.values[0] != 0.0:
            raise BadInput(f"the empty coalition is worth 0; got {self.values[0]:g}")

    @property
    def players(self) -> int:
        """Number of players."""
        return len(self.names)

    @property
    def whole(self) -> float:
        """Worth of everyone together."""
        return float(self.values[-1])

    @property
    def scale(self) -> float:
        """Largest worth in size, 1 for an empty game."""
        return float(np.abs(self.values).max()) or 1.0

    def members(self, mask: int) -> tuple[str, ...]:
        """Names in a coalition."""
        return tuple(name for i, name in enumerate(self.names) if mask >> i & 1)


def of(names: Sequence[str], worth: Callable[[frozenset[str]], float]) -> Game:
    """Game of a worth function, called once for every coalition but the empty one.

    names   of the players, at most twelve
    worth   of a set of names
    raises  BadInput for more players than are exact
    """
    if len(names) > EXACT_PLAYERS:
        raise BadInput(f"{len(names)} players are more than the {EXACT_PLAYERS} of an exact game; use games.sampled")
    members = [frozenset(n for i, n in enumerate(names) if mask >> i & 1) for mask in range(2 ** len(names))]
    return Game(tuple(names), np.array([0.0, *(worth(s) for s in members[1:])]))


def incidence(players: int) -> Array:
    """Who is in which coalition, (2**n, n) of zeros and ones."""
    return (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(float)


def shapley(game: Game) -> Array:
    """Shapley value, (n,): each player's mean marginal worth over all orders of joining.

    Shapley (1953), A value for n-person games.
    """
    n = game.players
    sizes = incidence(n).sum(axis=1).astype(int)
    weights = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    masks = np.arange(2**n)
    shares = np.empty(n)
    for i in range(n):
        without = masks[masks >> i & 1 == 0]
        shares[i] = np.sum(weights[sizes[without]] * (game.values[without | 1 << i] - game.values[without]))
    return shares


class Sampled(NamedTuple):
    """Shapley value by sampling: ``shares`` (n,), their standard ``errors`` (n,), and the number of ``orders``."""

    shares: Array
    errors: Array
    orders: int


def sampled(
    names: Sequence[str], worth: Callable[[frozenset[str]], float], rng: np.random.Generator, *, orders: int = 400
) -> Sampled:
    """Shapley value of many players from random orders of joining, each with its reverse.

    names    of the players, any number
    worth    of a set of names; asked once per distinct set
    orders   random orders, a pair of an order and its reverse counts as two
    returns  Sampled; the shares of every order sum to the worth of all, so do these
    """
    known: dict[frozenset[str], float] = {frozenset(): 0.0}

    def of_set(members: frozenset[str]) -> float:
        if members not in known:
            known[members] = worth(members)
        return known[members]

    pairs = []
    for _ in range(max(2, orders // 2)):
        order = rng.permutation(len(names))
        pairs.append((_marginals(names, order, of_set) + _marginals(names, order[::-1], of_set)) / 2)
    rows = np.array(pairs)
    return Sampled(rows.mean(axis=0), rows.std(axis=0, ddof=1) / np.sqrt(len(rows)), 2 * len(rows))


def _marginals(names: Sequence[str], order: ArrayLike, worth: Callable[[frozenset[str]], float]) -> Array:
    shares, joined, before = np.empty(len(names)), set[str](), 0.0
    for i in np.asarray(order):
        joined.add(names[i])
        after = worth(frozenset(joined))
        shares[i], before = after - before, after
    return shares


class LeastCore(NamedTuple):
    """Smallest ``epsilon`` with x(S) >= v(S) - epsilon for every coalition, and one such ``shares`` (n,)."""

    epsilon: float
    shares: Array


def least_core(game: Game) -> LeastCore:
    """Least core: how far the worst-off coalition is from content. Epsilon <= 0 means that the core is not empty.

    Maschler, Peleg & Shapley (1979).
    """
    if game.players == 1:
        return LeastCore(0.0, np.array([game.whole]))
    solved = _tightest(game, np.arange(1, 2**game.players - 1), np.empty(0, int), np.empty(0))
    return LeastCore(solved.epsilon, solved.shares)


def nucleolus(game: Game) -> Array:
    """Nucleolus, (n,): the shares whose unhappiest coalitions are as happy as can be, then the next unhappiest.

    One linear programme per level; a coalition with a positive multiplier is tight in every optimum, so it is fixed,
    and one whose members' sum then follows from the fixed ones is dropped: at most n - 1 levels.
    Schmeidler (1969); Kopelowitz (1967).
    """
    if game.players == 1:
        return np.array([game.whole])
    member = incidence(game.players)
    free = np.arange(1, 2**game.players - 1)
    fixed, levels = np.empty(0, int), np.empty(0)
    while True:
        solved = _tightest(game, free, fixed, levels)
        tight = free[solved.multipliers > 1e-7]
        fixed = np.concatenate([fixed, tight])
        levels = np.concatenate([levels, np.full(len(tight), solved.epsilon)])
        span = np.vstack([np.ones(game.players), member[fixed]])
        if np.linalg.matrix_rank(span) == game.players:
            return solved.shares
        free = free[~_spanned(member[free], span)]


class _Level(NamedTuple):
    epsilon: float
    shares: Array
    multipliers: Array


def _tightest(game: Game, free: NDArray[np.int_], fixed: NDArray[np.int_], levels: Array) -> _Level:
    """Shares with the smallest largest excess over the free coalitions; the fixed ones keep their excess."""
    from scipy.optimize import linprog

    n, member, worth = game.players, incidence(game.players), game.values / game.scale
    upper = np.hstack([-member[free], -np.ones((len(free), 1))])
    equal = np.vstack([np.append(np.ones(n), 0.0), np.hstack([member[fixed], np.zeros((len(fixed), 1))])])
    right = np.append(worth[-1], worth[fixed] - levels / game.scale)
    keep = _independent(equal)
    cost = np.append(np.zeros(n), 1.0)
    found = linprog(
        cost, upper, -worth[free], equal[keep], right[keep], bounds=[(None, None)] * (n + 1), method="highs"
    )
    if found.status != 0:
        raise BadInput(f"the shares of this game cannot be found: {found.message}")
    x = np.asarray(found.x)
    return _Level(float(x[-1]) * game.scale, x[:n] * game.scale, -found.ineqlin.marginals)


def _independent(rows: Array) -> list[int]:
    """Indices of rows that are linearly independent, the first ones first."""
    kept: list[int] = []
    for i in range(len(rows)):
        if np.linalg.matrix_rank(rows[[*kept, i]]) > len(kept):
            kept.append(i)
    return kept


def _spanned(rows: Array, span: Array) -> NDArray[np.bool_]:
    _, s, v = np.linalg.svd(span, full_matrices=False)
    axes = v[s > 1e-9 * s[0]]
    return np.asarray(np.abs(rows - rows @ axes.T @ axes).max(axis=1) < 1e-9)


def excess(game: Game, shares: ArrayLike) -> Array:
    """What each coalition would gain by leaving, (2**n,): v(S) - x(S)."""
    return np.asarray(game.values - incidence(game.players) @ np.asarray(shares, dtype=float))


def in_core(game: Game, shares: ArrayLike) -> bool:
    """Whether the shares give out exactly the whole and nobody gains by leaving."""
    gain = excess(game, shares)
    return bool(abs(gain[-1]) <= TOLERANCE * game.scale and gain[1:].max() <= TOLERANCE * game.scale)


class Block(NamedTuple):
    """The ``members`` who would leave, and what they ``gain`` together by doing so."""

    members: tuple[str, ...]
    gain: float


def blocking(game: Game, shares: ArrayLike) -> Block | None:
    """Smallest coalition that gains by leaving, of those of its size the one that gains most; None where all stay."""
    gain = excess(game, shares)
    sizes = incidence(game.players).sum(axis=1)
    leaving = np.flatnonzero(gain > TOLERANCE * game.scale)
    leaving = leaving[(leaving > 0) & (leaving < len(gain) - 1)]
    if not len(leaving):
        return None
    best = leaving[np.lexsort((-gain[leaving], sizes[leaving]))[0]]
    return Block(game.members(int(best)), float(gain[best]))


class Split(NamedTuple):
    """Two disjoint coalitions that are worth more apart than together, and by how much."""

    one: tuple[str, ...]
    other: tuple[str, ...]
    loss: float


def splits(game: Game) -> list[Split]:
    """Where the game is not super-additive, worst first: joining then costs. Empty where joining never hurts."""
    found = []
    for mask in range(1, 2**game.players):
        for one in _halves(mask):
            loss = game.values[one] + game.values[mask ^ one] - game.values[mask]
            if loss > TOLERANCE * game.scale:
                found.append(Split(game.members(one), game.members(mask ^ one), float(loss)))
    return sorted(found, key=lambda s: -s.loss)


def _halves(mask: int) -> list[int]:
    """One half of each way of cutting a coalition in two."""
    top = 1 << mask.bit_length() - 1
    rest, halves, part = mask ^ top, [], mask ^ top
    while part:
        halves.append(part)
        part = part - 1 & rest
    return halves


def equal_split(game: Game) -> Array:
    """The whole in equal parts, (n,)."""
    return np.full(game.players, game.whole / game.players)


def proportional(game: Game, stakes: ArrayLike) -> Array:
    """The whole in proportion to stakes such as the capital brought, (n,)."""
    stake = np.asarray(stakes, dtype=float)
    if stake.shape != (game.players,) or (stake < 0).any() or not stake.sum() > 0:
        raise BadInput(f"stakes are {game.players} numbers >= 0 with a positive sum; got {stake.tolist()}")
    return np.asarray(game.whole * stake / stake.sum())


def airport(costs: ArrayLike) -> Array:
    """Share of a facility's cost when each user needs it up to a size, (n,): each step split among those who need it.

    The Shapley value of the cost game max(c). Littlechild & Owen (1973).
    """
    cost = np.asarray(costs, dtype=float)
    order = np.argsort(cost, kind="stable")
    steps = np.diff(cost[order], prepend=0.0) / np.arange(len(cost), 0, -1)
    shares = np.empty(len(cost))
    shares[order] = np.cumsum(steps)
    return shares


def owen(game: Game, unions: Sequence[Sequence[str]]) -> Array:
    """Owen value, (n,): Shapley among blocs of players, then within each bloc.

    unions   a partition of the names
    Owen (1977), Values of games with a priori unions.
    """
    if sorted(name for bloc in unions for name in bloc) != sorted(game.names):
        raise BadInput(f"blocs must hold every player once; got {[list(b) for b in unions]} for {list(game.names)}")
    masks = [sum(1 << game.names.index(name) for name in bloc) for bloc in unions]
    shares = np.zeros(game.players)
    for k, bloc in enumerate(unions):
        others = [m for j, m in enumerate(masks) if j != k]
        inner = of(bloc, lambda part, b=bloc, o=others: _quotient(game, part, b, o))  # type: ignore[misc]
        shares[[game.names.index(name) for name in bloc]] = shapley(inner)
    return shares


def _quotient(game: Game, part: frozenset[str], bloc: Sequence[str], others: Sequence[int]) -> float:
    """Shapley value that a part of a bloc would get among the other blocs, standing in for its bloc."""
    mine = sum(1 << game.names.index(name) for name in part)
    blocs = [mine, *others]
    worth = [sum(m for i, m in enumerate(blocs) if s >> i & 1) for s in range(2 ** len(blocs))]
    return float(shapley(Game(tuple(map(str, range(len(blocs)))), game.values[worth]))[0])
