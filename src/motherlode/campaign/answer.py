"""A campaign from its settings to its answer: options, plan, futures, partners and rivals as one plain document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from motherlode import chance, epochs
from motherlode.access.porkchop import Window
from motherlode.campaign import (
    careful,
    expeditions,
    games,
    law,
    milp,
    missions,
    parties,
    plan,
    race,
    risk,
    supply,
    windows,
)
from motherlode.campaign.options import Craft, Frame, Option, Prospect
from motherlode.campaign.parties import Party
from motherlode.campaign.plan import Plan, Problem
from motherlode.campaign.settings import Settings
from motherlode.catalogue import designations, orbits, physical, snapshot
from motherlode.economy.value import Terms
from motherlode.ephemeris import almanac
from motherlode.errors import BadStudy
from motherlode.prospect import deposit
from motherlode.units import DAY, TONNE, YEAR

PLANETS: Final = ("sun", "mercury", "venus", "earth", "moon", "mars", "jupiter", "saturn")
SAMPLED_ORDERS: Final = 60
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Campaign:
    """Everything that was worked out, for figures and export as well as for the answer.

    ``problem``   of all parties together; ``best`` its plan (partners) or that of each party by name (rivals)
    """

    settings: Settings
    problem: Problem
    best: Mapping[str, Plan]
    careful: Plan | None
    futures: Mapping[str, risk.Futures]
    bargain: parties.Bargain | None
    sampled: games.Sampled | None
    contest: race.Race | None
    game: Mapping[str, Any] | None
    waiting: race.Wait | None
    launch_windows: tuple[Window, ...]
    base: supply.Supply | None
    seed: int

    @property
    def plans(self) -> list[tuple[str, Plan]]:
        """Who flies what: "all" or each rival."""
        return list(self.best.items())


def problem(settings: Settings, seed: int = 2003, tell: Tell | None = None) -> Problem:
    """Options, fleet and rules of a campaign as one programme."""
    return plan.problem(rows(settings, seed, tell), crafts(settings), settings.launchers, settings.rules)


def rows(settings: Settings, seed: int = 2003, tell: Tell | None = None) -> list[Option]:
    """Everything that could be flown: raises BadStudy where nothing has a window."""
    frame = _frame(settings, seed)
    say = tell or (lambda stage, done, total: None)
    say("options", 0, 2)
    found = expeditions.rows(settings.expeditions, settings.crafts, frame)
    say("options", 1, 2)
    found += _asteroid_rows(settings, frame)
    say("options", 2, 2)
    if not found:
        raise BadStudy("campaign: no mission has a window; widen the dates, or add expeditions or asteroids")
    return found


def crafts(settings: Settings) -> list[Craft]:
    """Every craft of a campaign, the tug of its captures among them."""
    tug = Craft(settings.asteroids.tug, settings.asteroids.tug, 0.0)
    return [*settings.crafts, *([tug] if settings.asteroids.names else [])]


def _frame(settings: Settings, seed: int) -> Frame:
    planets, rules = almanac.load(), settings.rules
    caps = {f"{place}/{product}": kg / TONNE for (product, place), kg in rules.caps_kg.items()}
    return Frame(
        (settings.first_tdb, settings.last_tdb),
        {name: planets[name] for name in PLANETS},
        settings.home,
        settings.port,
        settings.asteroids.windows,
        settings.asteroids.dates,
        settings.samples,
        seed,
        Terms(discount=settings.discount, sell_years=rules.sell_years, caps_t=caps),
    )


def _asteroid_rows(settings: Settings, frame: Frame) -> list[Option]:
    wanted = settings.asteroids
    if not wanted.names:
        return []
    prospects = [_prospect(name, settings, frame) for name in wanted.names]
    return missions.of_asteroids(
        prospects,
        settings.crafts,
        frame,
        businesses=wanted.businesses,
        architectures=wanted.architectures,
        tug=wanted.tug,
        destinations=wanted.destinations,
        prize_usd=wanted.prize_musd * 1e6,
    )


def _prospect(name: str, settings: Settings, frame: Frame) -> Prospect:
    table = snapshot.load()
    row = designations.find(name, table)
    one = table.take([row])
    facts = one.row(0) | physical.known(one).row(0)
    _discovered(name, facts, settings)
    return Prospect(orbits.of(one)[0], deposit.sample(facts, frame.samples, frame.seed))


def _discovered(name: str, facts: Mapping[str, Any], settings: Settings) -> None:
    """Refuse a body that nobody knew when the campaign begins, unless the study asks for foresight."""
    provisional = str(facts.get("provisional") or facts.get("designation") or "")
    year = int(provisional[:4]) if provisional[:4].isdigit() else 0
    begins = int(epochs.iso(settings.first_tdb)[:4])
    if year > begins and not settings.asteroids.foresight:
        raise BadStudy(
            f"campaign.asteroids: {name} was found in {year}, after the campaign begins ({begins}); "
            "leave it out, or set foresight = true"
        )


def work(
    settings: Settings,
    *,
    seed: int = 2003,
    watch: milp.Watch | None = None,
    start: Mapping[str, float] | None = None,
    keep: Callable[[dict[str, float]], None] | None = None,
    tell: Tell | None = None,
    whole: Problem | None = None,
) -> Campaign:
    """Work a campaign out.

    whole  its programme, where it is already known
    watch  sees the progress of the long solve and may stop it: the best plan so far is used
    start  columns of a plan kept from an earlier run, by name, to resume from
    keep   called with the columns of every better plan of the long solve
    tell   called with a stage, pieces done and pieces in all
    """
    say = tell or (lambda stage, done, total: None)
    whole = whole or problem(settings, seed, say)
    rivals = settings.relation == "rivals" and len(settings.parties) > 1
    say("plan", 0, 1)
    best = _rival_plans(whole, settings) if rivals else {"all": _solve(whole, settings, seed, watch, start, keep)}
    say("plan", 1, 1)
    careful = None if rivals or settings.rules.objective != "value" else _careful(whole, best["all"], settings)
    say("futures", 0, 1)
    futures = {who: _futures(found, settings, seed) for who, found in best.items()}
    say("futures", 1, 1)
    return Campaign(
        settings,
        whole,
        best,
        careful,
        futures,
        bargain(whole, settings, say),
        _sampled(whole, settings, seed),
        *_rivalry(settings, seed),
        _waiting(whole, best, settings),
        _windows(settings),
        _supplied(settings),
        seed,
    )


def _solve(
    whole: Problem,
    settings: Settings,
    seed: int,
    watch: milp.Watch | None,
    start: Mapping[str, float] | None,
    keep: Callable[[dict[str, float]], None] | None,
) -> Plan:
    names = list(whole.model.columns)
    known = np.array([start.get(name, 0.0) for name in names]) if start else None

    def better(x: Any) -> None:
        if keep:
            keep({name: float(v) for name, v in zip(names, x) if v})

    return plan.solve(
        whole,
        gap=settings.gap,
        time_limit_s=settings.time_limit_s,
        watch=watch,
        start=known,
        keep=better if keep else None,
        seed=seed % 2**31,
    )


def _careful(whole: Problem, best: Plan, settings: Settings) -> Plan:
    limit = min(20.0, settings.time_limit_s)
    return careful.solve(whole, best, gap=settings.gap, time_limit_s=limit)


def _rival_plans(whole: Problem, settings: Settings) -> dict[str, Plan]:
    """Each party's best plan with what it owns, the others racing for what nobody owns."""
    found = {}
    for party in settings.parties:
        alone = replace(whole, model=parties.restricted(whole, settings.parties, frozenset({party.name})))
        found[party.name] = plan.solve(alone, gap=settings.gap, time_limit_s=settings.time_limit_s)
    return found


def _futures(found: Plan, settings: Settings, seed: int) -> risk.Futures:
    return risk.run(found, n=settings.futures, seed=seed, hazards=settings.hazards, success=settings.launch_success)


def _shared(settings: Settings) -> bool:
    return len(settings.parties) > 1 and settings.rules.objective in ("value", "risk")


def _sampled(whole: Problem, settings: Settings, seed: int) -> games.Sampled | None:
    """Shapley shares with error bars where the parties are too many to solve every coalition."""
    if not _shared(settings) or len(settings.parties) <= min(settings.exact_parties, games.EXACT_PLAYERS):
        return None
    return parties.sampled(whole, settings.parties, chance.generator(seed, "shares"), orders=SAMPLED_ORDERS)


def bargain(whole: Problem, settings: Settings, say: Tell) -> parties.Bargain | None:
    """How the parties may share what they could do together; None where money is not sought or they are too many."""
    if not _shared(settings) or len(settings.parties) > min(settings.exact_parties, games.EXACT_PLAYERS):
        return None
    worth = parties.game(
        whole, settings.parties, gap=settings.gap, tell=lambda done, total: say("coalitions", done, total)
    )
    return parties.bargain(worth, settings.parties)


def _windows(settings: Settings) -> tuple[Window, ...]:
    target = settings.race.target if settings.race else next((e.target for e in settings.expeditions), "mars")
    if target not in PLANETS or target in ("moon", "sun", settings.home):
        return ()
    planets = almanac.load()
    span = settings.first_tdb, settings.last_tdb
    return tuple(windows.outbound(planets[settings.home], planets[target], span, origin_port=settings.port))


def _supplied(settings: Settings) -> supply.Supply | None:
    """The base on Mars supplied over its windows, with the plants it may have and without."""
    if settings.supply is None:
        return None
    asked, planets = settings.supply, almanac.load()
    earth, mars = planets["earth"], planets["mars"]
    found = windows.outbound(earth, mars, (asked.first_tdb, asked.last_tdb), criterion="delta_v")
    passages = [windows.Passage(w, windows.back(mars, earth, w.arrive_tdb), k) for k, w in enumerate(found)]
    able = settings.launchers if asked.objective == "cost" else ()
    return supply.solve(passages, asked.base, able, objective=asked.objective, time_limit_s=settings.time_limit_s)


def _rivalry(settings: Settings, seed: int) -> tuple[race.Race | None, Mapping[str, Any] | None]:
    if settings.race is None or len(settings.parties) < 2:
        return None, None
    entrants = [_contender(party, settings) for party in settings.parties]
    rule = law.rule(settings.first_tdb, assumed=settings.legal_rule)
    prize = settings.race.prize_usd
    outcome = race.run(
        entrants, chance.generator(seed, "race"), prize_usd=prize, rule=rule, discount=settings.discount
    )
    game = None
    if len(entrants) in (2, 3):
        costs = [settings.race.cost_usd.get(p.name, 0.0) for p in settings.parties]
        rng = chance.generator(seed, "game")
        game = race.go_or_stay(entrants, rng, prize_usd=prize, cost_usd=costs, rule=rule)
    return outcome, game


def _contender(party: Party, settings: Settings) -> race.Contender:
    spec = settings.race
    assert spec is not None
    found = _windows(settings)
    if found:
        table = np.array([(w.depart_tdb, w.arrive_tdb) for w in found])
    else:  # the Moon is open every month
        dates = np.arange(settings.first_tdb, settings.last_tdb, YEAR / 12)
        table = np.column_stack([dates, dates + 4 * DAY])
    return race.Contender(
        party.name,
        table,
        spec.ready_tdb.get(party.name, settings.first_tdb),
        settings.hazards.late_probability,
        settings.hazards.late_mean_d,
        spec.launch_success.get(party.name, settings.hazards.launch_success),
        spec.mission_success.get(party.name, 0.8),
        attempts=spec.attempts,
    )


def _waiting(whole: Problem, best: Mapping[str, Plan], settings: Settings) -> race.Wait | None:
    """The right to wait for the most valuable flown mission that has later windows."""
    flown = [row for found in best.values() for row in found.chosen]
    for row in sorted(flown, key=lambda r: -float(r.cash_usd.sum(axis=1, dtype=float).mean())):
        same = [r for r in whole.rows if (r.project, r.craft) == (row.project, row.craft)]
        later = sorted((r for r in same if r.depart_tdb >= row.depart_tdb), key=lambda r: r.depart_tdb)
        apart = [r for i, r in enumerate(later) if i == 0 or r.depart_tdb - later[i - 1].depart_tdb > 300 * DAY]
        if len(apart) > 1:
            now = np.array([_as_known(r, r.present_usd(settings.discount, r.year), i) for i, r in enumerate(apart)])
            gaps = np.diff([r.depart_tdb for r in apart]) / YEAR
            return race.waiting(now, gaps, discount=settings.discount)
    return None


def _as_known(row: Option, present: Any, window: int) -> Any:
    """What is known of a mission's worth at a window: its mean now, later also what a scout has seen."""
    if window and row.architecture == "mine":
        return missions.expected_given_deposit(present, row.delivered_kg)
    return np.full(len(present), present.mean())


def columns(found: Plan) -> dict[str, float]:
    """The plan's non-zero columns by name: what a later run resumes from."""
    return {n: float(v) for (n, _), v in zip(found.problem.model.columns.items(), found.solution.x) if v}
