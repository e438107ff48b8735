"""What a plan must keep and what it seeks: years, money, pads, teams, markets, deliveries, order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from motherlode.errors import BadInput

OBJECTIVES: Final = ("value", "risk", "cost", "imleo")


@dataclass(frozen=True)
class Delivery:
    """So many kilograms of a product that must be at a place by the end of a year."""

    product: str
    place: str
    kg: float
    by_year: int


@dataclass(frozen=True)
class Rules:
    """What the plan must keep.

    ``years``       first and last calendar year of departures and money
    ``objective``   "value" (mean NPV), "risk" (mean NPV of the worst share ``risk_level``), "cost", or "imleo"
    ``budget_usd``  by year; what is left carries over where ``carry``; sales feed it by the share ``reinvest``
    ``pads``        launches per year of each pad
    ``teams``       missions that may be under way at once
    ``labour``      share of the teams' years that gets worked; what one year loses another may make up
    ``caps_kg``     what a market of (product, place) takes in a year over all missions
    ``required``    projects that must be flown, ``deliveries`` that must be made
    ``precedence``  project -> project that must have ended first
    """

    years: tuple[int, int]
    objective: str = "value"
    risk_level: float = 0.10
    discount: float = 0.10
    budget_usd: Mapping[int, float] = field(default_factory=dict)
    carry: bool = True
    reinvest: float = 0.0
    pads: Mapping[str, float] = field(default_factory=dict)
    teams: float = np.inf
    labour: float = 1.0
    caps_kg: Mapping[tuple[str, str], float] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    precedence: Mapping[str, str] = field(default_factory=dict)
    sell_years: int = 10

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise BadInput(f"no objective called {self.objective!r}; choose one of: {', '.join(OBJECTIVES)}")
        if not 0 < self.risk_level < 1:
            raise BadInput(f"the risk level is a share between 0 and 1; got {self.risk_level:g}")

    @property
    def span(self) -> range:
        """Every year."""
        return range(self.years[0], self.years[1] + 1)
