"""A campaign and its own base brought to agree: labour and hazards reach the plan, its shares reach the people.

In each round the base lives through its years, the campaign is shared out anew with the work that this leaves it, and
the people hear what their partner gets of what it thinks fair, its Shapley value. Done when a round changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from motherlode import epochs
from motherlode.campaign import answer, plan
from motherlode.campaign.parties import Bargain
from motherlode.campaign.plan import Problem
from motherlode.campaign.settings import Settings as Campaign
from motherlode.errors import BadInput
from motherlode.settlement import coupling, demand, programme
from motherlode.settlement.programme import Outcome
from motherlode.settlement.settings import Crew
from motherlode.settlement.settings import Settings as Base
from motherlode.units import TONNE

ROUNDS: Final = 4
RUNS: Final = 60  # of the base in each round
SAME: Final = 0.005  # of the labour, below which a round has changed nothing
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Round:
    """What each side told the other: ``fairness`` by nation is a share received over the fair one."""

    labour_share: float
    probability_on_time: float
    stoppages_per_yr: float
    value_usd: float | None
    fairness: Mapping[str, float]


@dataclass(frozen=True)
class Agreement:
    """Both sides as each has left the other, the programme of the campaign, and how they came there."""

    campaign: Campaign
    base: Base
    whole: Problem
    rounds: tuple[Round, ...]
    settled: bool
    note: str

    def summary(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "base": self.base.base.name,
            "sharing": self.campaign.sharing,
            "rounds": [asdict(one) for one in self.rounds],
            "settled": self.settled,
            "labour_share": self.campaign.rules.labour,
            "caps_t": {
                f"{product} to {place}": kg / 1000 for (product, place), kg in self.campaign.rules.caps_kg.items()
            },
            "note": self.note,
        }


def reached(campaign: Campaign, base: Base, seed: int, tell: Tell | None = None) -> Agreement:
    """Bring a campaign and its base to agree.

    tell    called with a stage, rounds done and rounds at most
    raises  BadStudy for a base that does not survive its own plan, BadInput where some of its nations are partners
            and others are not
    """
    say = tell or (lambda stage, done, total: None)
    supplied = programme.planned(base)
    programme.checked(base, supplied)
    campaign = replace(campaign, rules=replace(campaign.rules, caps_kg=_caps(campaign, base, supplied)))
    rows = answer.rows(campaign, seed, say)
    rounds: list[Round] = []
    while True:
        outcome = programme.run(base, seed, runs=RUNS, plan=supplied)
        campaign = _told(campaign, outcome)
        whole = plan.problem(rows, answer.crafts(campaign), campaign.launchers, campaign.rules)
        found = answer.bargain(whole, campaign, say) if campaign.relation == "partners" else None
        people, note = _heard(base.crew, campaign, found)
        rounds.append(_round(outcome, campaign, found, people))
        say("agreement", len(rounds), ROUNDS)
        settled = people == base.crew or (len(rounds) > 1 and _same(*rounds[-2:]))
        dated, when = _dated(base, campaign, whole)
        settled = settled and dated == base
        base, note = replace(dated, crew=people), "; ".join(filter(None, (note, when)))
        if settled or len(rounds) == ROUNDS:
            return Agreement(campaign, base, whole, tuple(rounds), settled, note)


def labour_share(outcome: Outcome) -> float:
    """Mean share of the work beyond survival that gets done."""
    return float(np.clip(outcome.series["labour_share"].mean(), 0.0, 1.0))


def _told(campaign: Campaign, outcome: Outcome) -> Campaign:
    """The campaign with the labour and the hazards of its own base."""
    rules = replace(campaign.rules, labour=labour_share(outcome))
    return replace(campaign, rules=rules, hazards=coupling.hazards(outcome, campaign.hazards))


def _caps(campaign: Campaign, base: Base, supplied: Any) -> dict[tuple[str, str], float]:
    """What the markets at Mars take in a year: the need of the base, where the study names no cap, kg."""
    own = {}
    for name, tonnes in demand.caps_t(base, supplied).items():
        place, _, product = name.partition("/")
        own[product, place] = TONNE * tonnes
    return own | dict(campaign.rules.caps_kg)


def _heard(crew: Crew, campaign: Campaign, found: Bargain | None) -> tuple[Crew, str]:
    """The people after they have heard how the partners share, and a sentence that says so."""
    nations = {group.nation for group in crew.group}
    if found is None:
        return crew, "the partners share no money that could be worked out: the people keep the fairness of the study"
    if not nations & set(found.game.names):
        return crew, "no nation of the crew is a partner of the campaign: the people keep the fairness of the study"
    agreed = found.shares_usd.get(campaign.sharing, found.shares_usd["equal"])
    received, fair = (_parts(found, shares) for shares in (agreed, found.shares_usd["shapley"]))
    return coupling.with_shares(crew, received, fair), f"shares by {campaign.sharing}, fair ones by shapley"


def _dated(base: Base, campaign: Campaign, whole: Problem) -> tuple[Base, str]:
    """The base with its capture on the day on which the plan ends that mission, and a sentence that says so."""
    order = base.base.operation
    if order is None or not order.mission:
        return base, ""
    if order.mission not in (known := sorted({row.project for row in whole.rows})):
        raise BadInput(f"base.operation.mission {order.mission!r} is no project of the campaign: {', '.join(known)}")
    chosen = plan.solve(whole, gap=campaign.gap, time_limit_s=campaign.time_limit_s).chosen
    ends = next((row.end_tdb for row in chosen if row.project == order.mission), None)
    if ends is None:
        return base, f"the plan does not fly {order.mission}: its burn keeps the date of the study"
    burn = epochs.iso(ends)[:10]
    if not base.span[0] <= ends <= base.span[1]:
        return base, f"the plan ends {order.mission} on {burn}, outside the life of the base: the burn keeps its date"
    later = tuple(date for date in order.retries if epochs.parse(date) > ends)
    moved = replace(base.base, operation=replace(order, burn=burn, retries=later))
    return replace(base, base=moved), f"burn of {order.mission} on {burn}, as the plan flies it"


def _parts(found: Bargain, shares: Any) -> dict[str, float]:
    """Shares of one, by partner; equal where there is nothing to share."""
    whole = float(np.maximum(shares, 0.0).sum())
    parts = np.maximum(shares, 0.0) / whole if whole > 0 else np.full(len(shares), 1 / len(shares))
    return dict(zip(found.game.names, map(float, parts)))


def _round(outcome: Outcome, campaign: Campaign, found: Bargain | None, people: Crew) -> Round:
    return Round(
        campaign.rules.labour,
        float(outcome.on_time.mean()),
        campaign.hazards.stoppage_per_yr,
        found.game.whole if found else None,
        {group.nation: group.fairness for group in people.group},
    )


def _same(before: Round, after: Round) -> bool:
    near = [abs(after.fairness[nation] - before.fairness[nation]) < SAME for nation in after.fairness]
    return abs(after.labour_share - before.labour_share) < SAME and all(near)
