"""Prospecting: what it is worth to look before committing, and whether to go at all."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motherlode.economy import costs, mission
from motherlode.economy.sensitivity import Question
from motherlode.prospect.deposit import Deposit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prospect:
    """The worth of looking first; USD at departure, means.

    blind_usd            of committing now: the mean NPV, or 0 for staying at home
    spectrum_usd         of knowing the class before deciding, less ``blind_usd``
    probe_usd            of knowing the body (size, spin, class, grade) before deciding, less ``blind_usd``
    chance_to_go         that the probe finds a body worth the mission
    probe_cost_usd       of the probe, in the dollars of the study
    """

    mission_npv_usd: float
    blind_usd: float
    spectrum_usd: float
    probe_usd: float
    chance_to_go: float
    probe_cost_usd: float

    @property
    def staged_npv_usd(self) -> float:
        """Of flying the probe and then the mission only where it pays."""
        return self.blind_usd + self.probe_usd - self.probe_cost_usd

    @property
    def decision(self) -> str:
        """What to do: ``stay home``, ``commit now`` or ``probe first``."""
        if self.staged_npv_usd > max(self.blind_usd, 0.0):
            return "probe first"
        return "commit now" if self.blind_usd > 0 else "stay home"

    def summary(self) -> dict[str, Any]:
        """Every figure and the decision."""
        return {
            "mission_npv_usd": self.mission_npv_usd, "blind_usd": self.blind_usd,
            "value_of_spectrum_usd": self.spectrum_usd, "value_of_probe_usd": self.probe_usd,
            "chance_to_go": self.chance_to_go, "probe_cost_usd": self.probe_cost_usd,
            "staged_npv_usd": self.staged_npv_usd, "decision": self.decision,
        }  # fmt: skip


def worth(question: Question, *, bodies: int = 200, futures: int = 128) -> Prospect:
    """Value of information of a spectrum and of a probe, by nested sampling.

    bodies    samples of what the asteroid could be
    futures   chances of the mission (throughput, failure, price, cost) for each of them

    Half of the futures decide, the other half pay: noise in a mean never looks like information. The plant is the one
    that would be built blind, so the figures are a lower bound.
    """
    sampled = question.deposit(bodies)
    designed = mission.design(sampled, question.trip, question.product, question.terms)
    outcome = mission.fly(
        _repeated(sampled, futures), question.trip, question.product, question.place, question.market, question.terms,
        question.draws(bodies * futures), designed=designed,
    )  # fmt: skip
    npv = outcome.npv_usd.reshape(bodies, futures)
    decides, pays = npv[:, ::2].mean(axis=1), npv[:, 1::2].mean(axis=1)
    blind = float(pays.mean()) if decides.mean() > 0 else 0.0
    go = decides > 0
    cost = costs.values(question.terms.coefficients)["probe"]
    usd = costs.inflate(cost * 1e6, costs.coefficients()["probe"].dollar_year, question.market.vintage)
    return Prospect(
        float(npv.mean()), blind, _by_class(sampled, decides, pays) - blind,
        float(np.where(go, pays, 0.0).mean()) - blind, float(go.mean()), usd,
    )  # fmt: skip


def _by_class(sampled: Deposit, decides: Array, pays: Array) -> float:
    """Mean of going only for the classes that pay on average."""
    total = 0.0
    for name in np.unique(sampled.taxonomy):
        here = sampled.taxonomy == name
        if decides[here].mean() > 0:
            total += float(pays[here].sum())
    return total / len(pays)


def _repeated(sampled: Deposit, times: int) -> Deposit:
    columns = {name: np.repeat(values, times) for name, values in sampled.columns.items()}
    taxonomy = np.repeat(sampled.taxonomy, times)
    return Deposit(sampled.designation, columns, taxonomy, sampled.evidence, sampled.assumptions)
