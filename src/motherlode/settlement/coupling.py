"""Plan and base, both ways: what the plan should fear once the base has run it, and what shares do to people."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from motherlode.campaign.risk import Hazards
from motherlode.errors import BadInput
from motherlode.settlement import lifesupport, stoppages
from motherlode.settlement.programme import Outcome
from motherlode.settlement.settings import Crew

LONGEST_SLACK_D = 365.0
NOTHING = 1e-9  # of the whole; what a solver leaves of zero


def hazards(outcome: Outcome, before: Hazards | None = None, *, target: float = 0.95) -> Hazards:
    """The hazards of a campaign with those of its own base in place of the guesses.

    Stoppages of the team that flies, their published law cut by talks, how often and by how much the base was late,
    and the slack that would have been enough.

    before  what stays: launches, prices, costs, throughput
    target  probability for which the slack is chosen; a year at most
    """
    years = outcome.plan.days / lifesupport.YEAR_D
    team = outcome.team
    scale = stoppages.SCALE_D * (1 - outcome.settings.crew.bargaining)
    found = replace(
        before or Hazards(),
        stoppage_per_yr=float(outcome.crew.stoppages[:, team].mean() / years),
        stoppage_scale_d=max(scale, 1.0),
        stoppage_shape=stoppages.SHAPE,
    )
    if outcome.operation is None:
        return found
    late = outcome.operation.lateness_d
    late = np.where(np.isfinite(late), late, outcome.plan.days - outcome.operation.burn_day)
    is_late = late > 0
    mean = float(late[is_late].mean()) if is_late.any() else found.late_mean_d
    slack = min(LONGEST_SLACK_D, max(0.0, float(np.quantile(late, target))) + outcome.operation.order.slack_d)
    return replace(found, late_probability=float(is_late.mean()), late_mean_d=mean, slack_d=slack)


def with_shares(crew: Crew, received: Mapping[str, float], fair: Mapping[str, float]) -> Crew:
    """The people with the fairness that a split of the proceeds means to them.

    received, fair  share of each partner by nation, such as the split agreed and the Shapley value of the campaign
    raises          BadInput where a nation has no share
    """
    nations = {group.nation for group in crew.group}
    if missing := nations - set(received) | nations - set(fair):
        raise BadInput(f"no share for {', '.join(sorted(missing))}; the partners are: {', '.join(sorted(received))}")
    ratio = {nation: _fairness(received[nation], fair[nation]) for nation in nations}
    return replace(crew, group=tuple(replace(group, fairness=ratio[group.nation]) for group in crew.group))


def _fairness(received: float, fair: float) -> float:
    """A share over the fair one, twice at most; who is due nothing and gets nothing is treated fairly."""
    if fair <= NOTHING:
        return 1.0 if received <= NOTHING else 2.0
    return float(np.clip(received / fair, 0.0, 2.0))
