"""Rivals: who is first, whether to go at all, when waiting pays, and what a rival does to the price."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.campaign import law
from motherlode.errors import BadInput
from motherlode.units import DAY, YEAR

Array = NDArray[np.float64]
NEVER: Final = np.inf
GAP_D: Final = 30.0  # arrivals closer than this share the prize; judgement


@dataclass(frozen=True)
class Contender:
    """A party in a race for one target.

    ``windows``   (k, 2) departure and arrival of each window that it could use, TDB s past J2000, by date
    ``ready_tdb``  when it plans to be ready; with ``late_probability`` late by an exponential of ``late_mean_d``
    ``launch_success``, ``mission_success``  of one attempt; a lost one is built again in ``rebuild_d``
    ``attempts``  how many it can pay for
    """

    name: str
    windows: Array
    ready_tdb: float
    late_probability: float = 0.5
    late_mean_d: float = 180.0
    launch_success: float = 0.95
    mission_success: float = 0.85
    rebuild_d: float = 540.0
    attempts: int = 3

    def finish(self, rng: np.random.Generator, n: int) -> Array:
        """Arrival of each of n futures, TDB s past J2000; infinite where it never arrives."""
        table = np.asarray(self.windows, dtype=float).reshape(-1, 2)
        late = np.where(rng.random(n) < self.late_probability, rng.exponential(self.late_mean_d, n), 0.0)
        ready, done = self.ready_tdb + late * DAY, np.full(n, NEVER)
        left = np.full(n, self.attempts)
        for depart, arrive in table:
            go = np.isinf(done) & (ready <= depart) & (left > 0)
            works = rng.random(n) < self.launch_success * self.mission_success
            done[go & works] = arrive
            ready[go & ~works] = depart + self.rebuild_d * DAY
            left[go] -= 1
        return done


class Race(NamedTuple):
    """Outcome of a race: for each contender the chance to be ``first``, to ``arrive`` at all, its mean ``delay_d``
    after its planned arrival and mean ``prize_usd``; ``nobody`` arrives with that chance; ``shared`` is a dead heat.
    """

    names: tuple[str, ...]
    first: Array
    arrive: Array
    delay_d: Array
    prize_usd: Array
    nobody: float
    shared: float

    def summary(self) -> dict[str, Any]:
        """Plain values for JSON."""
        each = zip(self.names, self.first, self.arrive, self.delay_d, self.prize_usd)
        keys = "party", "probability_first", "probability_arrives", "delay_d", "prize_usd"
        rows = [dict(zip(keys, (name, *map(float, rest)))) for name, *rest in each]
        return {"parties": rows, "probability_nobody": self.nobody, "probability_dead_heat": self.shared}


def run(
    contenders: Sequence[Contender],
    rng: np.random.Generator,
    *,
    n: int = 20_000,
    prize_usd: float = 0.0,
    rule: str = "first-come",
    discount: float = 0.10,
) -> Race:
    """Monte Carlo race to one target.

    prize_usd  value of the target at the first planned arrival
    rule       what being first gives: "first-come" all of it; "none" and "shared" the part of each that arrives,
               with the earlier having more time alone under "none"
    """
    if rule not in law.RULES:
        raise BadInput(f"no legal rule {rule!r}; choose one of: {', '.join(law.RULES)}")
    done = np.array([c.finish(rng, n) for c in contenders])
    start = min(_planned(c) for c in contenders)
    part = shares(done, rule)
    worth = prize_usd * np.where(np.isfinite(done), (1 + discount) ** (-(done - start) / YEAR), 0.0)
    earliest = done.min(axis=0)
    heat = (np.isfinite(done) & (done <= earliest + GAP_D * DAY)).sum(axis=0) > 1
    first = np.isfinite(done) & (done == earliest)
    planned = np.array([_planned(c) for c in contenders])[:, None]
    arrived = np.isfinite(done)
    late = np.where(arrived, (done - planned) / DAY, 0.0).sum(axis=1) / np.maximum(arrived.sum(axis=1), 1)
    return Race(
        tuple(c.name for c in contenders),
        (first / np.maximum(first.sum(axis=0), 1)).mean(axis=1),
        arrived.mean(axis=1),
        late,
        (part * worth).mean(axis=1),
        float(np.isinf(earliest).mean()),
        float(heat.mean()),
    )


def _planned(contender: Contender) -> float:
    table = np.asarray(contender.windows, dtype=float).reshape(-1, 2)
    open_ = table[table[:, 0] >= contender.ready_tdb]
    return float(open_[0, 1]) if len(open_) else float(table[-1, 1])


def shares(done: Array, rule: str, *, horizon_s: float = 10 * YEAR) -> Array:
    """Part of the prize of each, (parties, n), from the arrivals, (parties, n).

    All to the first under "first-come"; equal parts under "shared"; under "none" each works its time of a horizon,
    and what several work at once is divided.
    """
    arrived = np.isfinite(done)
    if rule == "shared":
        return np.asarray(arrived / np.maximum(arrived.sum(axis=0), 1))
    earliest = np.where(arrived, done, np.inf).min(axis=0)
    if rule == "first-come":
        near = arrived & (done <= earliest + GAP_D * DAY)
        return np.asarray(near / np.maximum(near.sum(axis=0), 1))
    finite = np.where(arrived, done, 0.0) - np.where(np.isfinite(earliest), earliest, 0.0)
    return _by_time(np.where(arrived, np.clip(finite, 0, horizon_s), horizon_s), horizon_s)


def _by_time(late: Array, horizon: float) -> Array:
    """Time worked alone counts whole, time worked together is divided; (parties, n) shares of the horizon."""
    order = np.sort(late, axis=0)
    edges = np.vstack([order, np.full(late.shape[1], horizon)])
    pay = np.cumsum(np.diff(edges, axis=0) / (np.arange(len(late)) + 1)[:, None], axis=0)
    rank = np.argsort(np.argsort(late, axis=0, kind="stable"), axis=0, kind="stable")
    before = np.vstack([np.zeros(late.shape[1]), pay])
    return np.asarray((pay[-1] - np.take_along_axis(before, rank, axis=0)) / horizon)


class Equilibrium(NamedTuple):
    """A Nash equilibrium: the chance with which each player ``goes``, and the mean ``payoffs``."""

    goes: tuple[float, ...]
    payoffs: tuple[float, ...]

    @property
    def pure(self) -> bool:
        """Whether nobody mixes."""
        return all(p in (0.0, 1.0) for p in self.goes)


def equilibria(payoffs: ArrayLike) -> list[Equilibrium]:
    """Every Nash equilibrium of a go/no-go game of two or three players, isolated ones; pure ones first.

    payoffs  (2, 2, 2) or (2, 2, 2, 3): payoff of each player (last axis) for each choice, 0 stay and 1 go

    Support enumeration: who mixes is indifferent. With three mixing players the indifference is a quadratic.
    """
    table = np.asarray(payoffs, dtype=float)
    players = table.shape[-1]
    if table.shape != (2,) * players + (players,) or players not in (2, 3):
        raise BadInput(f"payoffs of 2 or 3 players have shape (2, 2, 2) or (2, 2, 2, 3); got {table.shape}")
    found: list[Equilibrium] = []
    for support in np.ndindex(*(3,) * players):  # 0 stay, 1 go, 2 mix
        for goes in _candidates(table, support):
            if _stable(table, goes) and not any(np.allclose(goes, e.goes, atol=1e-6) for e in found):
                found.append(Equilibrium(goes, tuple(_expected(table, goes))))
    return sorted(found, key=lambda e: (not e.pure, [-p for p in e.payoffs]))


def _expected(table: Array, goes: Sequence[float]) -> list[float]:
    value = table
    for p in goes:
        value = (1 - p) * value[0] + p * value[1]
    return [float(v) for v in value]


def _gain(table: Array, player: int, goes: Sequence[float]) -> float:
    """What a player gains by going for sure rather than staying, the others as they are."""
    go, stay = ([*goes[:player], x, *goes[player + 1 :]] for x in (1.0, 0.0))
    return _expected(table, go)[player] - _expected(table, stay)[player]


def _stable(table: Array, goes: Sequence[float]) -> bool:
    size = 1e-9 * max(1.0, float(np.abs(table).max()))
    for player, p in enumerate(goes):
        gain = _gain(table, player, goes)
        if (p < 1 and gain > size * 10) or (p > 0 and gain < -size * 10):
            return False
    return True


def _candidates(table: Array, support: tuple[int, ...]) -> list[tuple[float, ...]]:
    """Mixtures that leave every mixing player indifferent."""
    mixers = [i for i, s in enumerate(support) if s == 2]
    base = [float(s) if s < 2 else 0.5 for s in support]
    if len(mixers) == 0:
        return [tuple(base)]
    if len(mixers) == 1:
        return []  # a lone mixer is indifferent in degenerate games only
    if len(mixers) == 2:
        return _pair(table, mixers, base)
    return _triple(table)


def _pair(table: Array, mixers: Sequence[int], base: list[float]) -> list[tuple[float, ...]]:
    one, other = mixers
    goes = list(base)
    for player, opponent in ((one, other), (other, one)):
        at = [_gain(table, player, [*base[:opponent], x, *base[opponent + 1 :]]) for x in (0.0, 1.0)]
        if at[0] == at[1]:
            return []
        goes[opponent] = at[0] / (at[0] - at[1])
    return [tuple(goes)] if all(0 < goes[i] < 1 for i in mixers) else []


def _triple(table: Array) -> list[tuple[float, ...]]:
    """All three mix: each is indifferent in the two others' mixtures, bilinear; eliminate to a quadratic."""
    a = [_bilinear(table, player) for player in range(3)]  # gain = c0 + c1 p + c2 q + c3 p q in the others' order
    c0, cq, cr, cqr = a[0]  # player 0 by q, r
    d0, dp, dr, dpr = a[1]  # player 1 by p, r
    e0, ep, eq, epq = a[2]  # player 2 by p, q
    # r = -(c0 + cq q)/(cr + cqr q), p = -(e0 + eq q)/(ep + epq q); into d0 + dp p + dr r + dpr p r = 0
    r_up, r_down = np.poly1d([-cq, -c0]), np.poly1d([cqr, cr])
    p_up, p_down = np.poly1d([-eq, -e0]), np.poly1d([epq, ep])
    poly = d0 * p_down * r_down + dp * p_up * r_down + dr * r_up * p_down + dpr * p_up * r_up
    found = []
    for q in np.roots(poly.coeffs):
        if abs(q.imag) < 1e-9 and r_down(q.real) and p_down(q.real):
            goes = (p_up(q.real) / p_down(q.real), q.real, r_up(q.real) / r_down(q.real))
            if all(0 < x < 1 for x in goes):
                found.append(tuple(float(x) for x in goes))
    return found


def _bilinear(table: Array, player: int) -> tuple[float, float, float, float]:
    others = [i for i in range(3) if i != player]
    corner = {}
    for x in (0.0, 1.0):
        for y in (0.0, 1.0):
            goes = [0.5] * 3
            goes[others[0]], goes[others[1]] = x, y
            corner[x, y] = _gain(table, player, goes)
    c0, c1, c2 = corner[0, 0], corner[1, 0] - corner[0, 0], corner[0, 1] - corner[0, 0]
    return c0, c1, c2, corner[1, 1] - c0 - c1 - c2


def go_or_stay(
    contenders: Sequence[Contender],
    rng: np.random.Generator,
    *,
    prize_usd: float,
    cost_usd: Sequence[float],
    rule: str = "first-come",
    n: int = 4_000,
) -> dict[str, Any]:
    """Game of two or three rivals before a window: each goes or stays, the race decides what going brings.

    cost_usd  of going, by contender
    returns   payoffs, every equilibrium found, and a warning where they disagree on who goes
    """
    count = len(contenders)
    table = np.zeros((2,) * count + (count,))
    for choice in np.ndindex(*(2,) * count):
        going = [c for c, go in zip(contenders, choice) if go]
        if going:
            prizes = dict(
                zip((c.name for c in going), run(going, rng, n=n, prize_usd=prize_usd, rule=rule).prize_usd)
            )
            table[choice] = [
                prizes.get(c.name, 0.0) - (cost if go else 0.0) for c, cost, go in zip(contenders, cost_usd, choice)
            ]
    found = equilibria(table)
    agree = len({e.goes for e in found}) <= 1
    return {
        "parties": [c.name for c in contenders],
        "payoffs_usd": table.tolist(),
        "equilibria": [{"goes": list(e.goes), "payoffs_usd": list(e.payoffs), "pure": e.pure} for e in found],
        "note": "" if agree else f"{len(found)} equilibria: who goes depends on what each believes of the others",
    }


class Wait(NamedTuple):
    """Worth of each window when one may still wait, ``value_usd`` (k,), and whether to ``go`` in the mean."""

    value_usd: Array
    go: NDArray[np.bool_]


def waiting(go_now_usd: ArrayLike, gap_yr: ArrayLike, *, discount: float = 0.10, lost: ArrayLike = 0.0) -> Wait:
    """When waiting pays: backward over windows, W_k = E[max(go now, what waiting is worth)].

    go_now_usd  (k, n) samples of the value of going at each window, as known at that window
    gap_yr      (k - 1) years between windows
    lost        (k - 1) chance that a rival has taken the target before the next window
    """
    now = np.atleast_2d(np.asarray(go_now_usd, dtype=float))
    gaps = np.broadcast_to(np.asarray(gap_yr, dtype=float), max(len(now) - 1, 1))
    gone = np.broadcast_to(np.asarray(lost, dtype=float), max(len(now) - 1, 1))
    value, go, later = np.zeros(len(now)), np.zeros(len(now), dtype=bool), 0.0
    for k in range(len(now) - 1, -1, -1):
        if k < len(now) - 1:
            later = (1 - gone[k]) * (1 + discount) ** -gaps[k] * value[k + 1]
        value[k] = np.maximum(now[k], max(later, 0.0)).mean()
        go[k] = now[k].mean() > max(later, 0.0)
    return Wait(value, go)


class Entry(NamedTuple):
    """Price and sales of one's own before and after a rival's supply, with the share of revenue that is lost."""

    alone_usd_kg: float
    with_rival_usd_kg: float
    revenue_lost: float


def entry(
    price_usd_kg: float,
    market_kg: float,
    own_kg: float,
    rival_kg: float,
    *,
    elasticity: float = 0.5,
    withdrawn: float = 0.5,
) -> Entry:
    """What a rival's entry does to the price of a metal: constant elasticity, part of the old supply withdraws.

    market_kg   sold per year before either came
    elasticity  of demand, positive; ``withdrawn`` kg of old supply per kg that comes
    """
    if not (market_kg > 0 and elasticity > 0 and 0 <= withdrawn <= 1):
        raise BadInput("a market needs market_kg > 0, elasticity > 0 and withdrawn from 0 to 1")

    def price(supply: float) -> float:
        return float(price_usd_kg * (1 + (1 - withdrawn) * supply / market_kg) ** (-1 / elasticity))

    alone, both = price(own_kg), price(own_kg + rival_kg)
    return Entry(alone, both, 1 - both / alone)


def capped_entry(own_kg: float, rival_kg: float, cap_kg: float) -> float:
    """Share of one's sales lost where a place buys no more than a cap a year and both sell to it in proportion."""
    alone = min(own_kg, cap_kg)
    total = own_kg + rival_kg
    return 1 - min(1.0, cap_kg / total) * own_kg / alone if alone > 0 else 0.0


def first(done: ArrayLike) -> Array:
    """Share of the futures in which each is first, (parties,), from finish times (parties, n); ties are divided."""
    times = np.asarray(done, dtype=float)
    best = np.isfinite(times) & (times == times.min(axis=0))
    return np.asarray((best / np.maximum(best.sum(axis=0), 1)).mean(axis=1))
