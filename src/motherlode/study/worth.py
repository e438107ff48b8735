"""What an asteroid is worth, asked in depth: sensitivity and prospecting; several asteroids side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from motherlode.access import ports
from motherlode.economy import market, prospecting, ranking, sensitivity, value
from motherlode.economy.sensitivity import Question
from motherlode.economy.value import Terms, Value
from motherlode.mining import methods
from motherlode.prospect import deposit
from motherlode.study import answers, delivery, named


@dataclass(frozen=True)
class Asked:
    """One business on one asteroid, with its answer and the means to ask further."""

    question: Question
    worth: Value

    def in_depth(self) -> dict[str, Any]:
        """Tornado, Sobol indices and the worth of looking first."""
        base, bars = sensitivity.tornado(self.question, top=15)
        return {
            "mean_npv_usd": base,
            "tornado": [
                {"assumption": b.name, "low": b.low, "high": b.high, "low_usd": b.low_usd, "high_usd": b.high_usd}
                for b in bars
            ],
            "sobol_of_npv": _indices(sensitivity.sobol(self.question)),
            "sobol_of_market_absorbed": _indices(sensitivity.sobol(self.question, of="market_absorbed_usd")),
            "prospecting": prospecting.worth(self.question).summary(),
            "waterfall_usd": self.worth.waterfall(),
            "masses": self.worth.masses(),
            "irr_spread": self.worth.irr_spread(),
        }


def _indices(found: dict[str, tuple[float, float]]) -> list[dict[str, Any]]:
    return [{"unknown": name, "first_order": one, "total": every} for name, (one, every) in found.items()]


def ask(
    name: str,
    product: str,
    place: str,
    *,
    port: str = "earth-400km",
    vintage: float | None = None,
    base: Terms | None = None,
    samples: int = named.SAMPLES,
    seed: int = named.SEED,
) -> Asked:
    """The four values of one asteroid by its cheapest round trip and onward leg.

    base     what the search for the best design leaves alone: discount, fleet, prices
    raises   UnknownAsteroid, UnknownName, NoSolution where no trip meets the rules
    """
    market.place(place)
    methods.for_product(product)
    one, home = named.asteroid(name), ports.find(port)
    found = answers.exact(one, home, named.rules("nhats"))
    trip = delivery.trip(one.orbit, delivery.outbound(found), home, place)
    assumed = deposit.Assumptions(unverified=base is None or base.unverified)
    held = deposit.sample(one.facts, samples, seed, assumptions=assumed)
    worth = value.assess(held, trip, product=product, place=place, vintage=vintage, seed=seed, base=base)
    return Asked(Question(one.facts, trip, product, place, vintage, seed, worth.terms, assumed), worth)


def side_by_side(asked: Sequence[Asked]) -> dict[str, Any]:
    """Several asteroids, the same business: ranks under each of the four values and why they differ."""
    deposits = [one.question.deposit(len(one.worth.delivered_kg)) for one in asked]
    found = ranking.compare([one.worth for one in asked], [one.question.trip for one in asked], deposits)
    rows = [
        {"designation": name, **{f"rank_{key.removesuffix('_usd')}": found.ranks[key][k] for key in value.VALUES},
         **{key: float(getattr(asked[k].worth, key).mean()) for key in value.VALUES}}
        for k, name in enumerate(found.names)
    ]  # fmt: skip
    return {"ranking": rows, "differ": found.differ, "why": found.reasons()}
