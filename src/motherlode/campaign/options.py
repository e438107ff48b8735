"""Missions as options: every architecture, window and vehicle of every prospect as one row, with its cash by sample.

A row is something that can be decided: fly this, then, with that. Rows of one project exclude each other. The launch
is not in a row's cash: the plan buys launches whole.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.economy.value import Terms
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import BadInput
from motherlode.mining import massbudget
from motherlode.prospect.deposit import Deposit
from motherlode.tables import Table

Array = NDArray[np.float64]
TAIL_YR: Final = 15  # cash after the last plan year that is still counted


@dataclass(frozen=True)
class Craft:
    """A kind of vehicle: how it pushes and how heavy it departs.

    ``propulsion``  name in the mining propulsion table, or a tug for capture
    ``fleet``       how many can be under way at once, ``price_usd`` of each where it is not in the mission's cost
    ``available``   first and last departure, TDB s; ``owner`` the party that has it
    """

    name: str
    propulsion: str
    parking_kg: float
    fleet: float = np.inf
    price_usd: float = 0.0
    available: tuple[float, float] = (-np.inf, np.inf)
    owner: str = ""
    isp_s: float | None = None  # of a dated engine, where it differs from the table


@dataclass(frozen=True)
class Option:
    """One row: what would be flown, when, and what it means in kilograms and dollars.

    ``lift_kg``       that launchers bring to low orbit, of which a depot at ``port`` may replace ``propellant_kg``
    ``gear``          kg in low orbit that a kg at the port costs
    ``delivered_kg``  (n,) at the place of sale, 0 where the mission fails
    ``income_usd``, ``outlay_usd``  (n, years) in each calendar year from ``first_year`` on, launches not in them
    ``needs``         skills and assets without which no coalition can fly it
    ``status``        "modelled" or "assumed", with ``notes`` on what is assumed
    """

    name: str
    project: str
    architecture: str
    target: str
    product: str
    place: str
    craft: str
    window: int
    depart_tdb: float
    arrive_tdb: float
    end_tdb: float
    delta_v_km_s: float
    lift_kg: float
    propellant_kg: float
    gear: float
    port: str
    delivered_kg: Array
    income_usd: NDArray[np.float32]
    outlay_usd: NDArray[np.float32]
    first_year: int
    price_usd_kg: float = 0.0
    owner: str = ""
    needs: tuple[str, ...] = ()
    status: str = "modelled"
    notes: tuple[str, ...] = ()
    any_day: bool = False  # the way is open at all times: being late costs days, not a window

    @cached_property
    def cash_usd(self) -> NDArray[np.float32]:
        """Income less outlay, (n, years)."""
        return self.income_usd - self.outlay_usd

    @cached_property
    def earned_usd(self) -> Array:
        """Mean income of each year, (years,)."""
        return np.asarray(self.income_usd.mean(axis=0, dtype=float))

    @cached_property
    def spent_usd(self) -> Array:
        """Mean outlay of each year, (years,)."""
        return np.asarray(self.outlay_usd.mean(axis=0, dtype=float))

    @cached_property
    def year(self) -> int:
        """Calendar year of departure."""
        return int(epochs.iso(self.depart_tdb)[:4])

    @cached_property
    def end_year(self) -> int:
        """Calendar year of delivery."""
        return int(epochs.iso(self.end_tdb)[:4])

    def present_usd(self, rate: float, first: int) -> Array:
        """Net present value of each sample at the start of a year, launches not in it, (n,)."""
        years = self.first_year + np.arange(self.cash_usd.shape[1])
        return np.asarray(self.cash_usd @ (1 + rate) ** (first - years).astype(float))

    def summary(self) -> dict[str, Any]:
        """One flat row, units in the names."""
        low, middle, high = np.percentile(self.cash_usd.sum(axis=1, dtype=float), [5, 50, 95])
        return {
            "option": self.name,
            "project": self.project,
            "architecture": self.architecture,
            "target": self.target,
            "product": self.product,
            "place": self.place,
            "craft": self.craft,
            "window": self.window,
            "depart_tdb": self.depart_tdb,
            "arrive_tdb": self.arrive_tdb,
            "end_tdb": self.end_tdb,
            "delta_v_km_s": self.delta_v_km_s,
            "lift_kg": self.lift_kg,
            "delivered_kg_mean": float(self.delivered_kg.mean()),
            "cash_usd_p05": float(low),
            "cash_usd_p50": float(middle),
            "cash_usd_p95": float(high),
            "cash_usd_mean": float(self.cash_usd.sum(axis=1, dtype=float).mean()),
            "owner": self.owner,
            "needs": " ".join(self.needs),
            "status": self.status,
        }


def table(rows: Sequence[Option]) -> Table:
    """The options as one table, a row each."""
    if not rows:
        return Table({"option": np.array([], dtype=object)})
    summaries = [row.summary() for row in rows]
    return Table({name: np.array([s[name] for s in summaries]) for name in summaries[0]})


@dataclass(frozen=True)
class Prospect:
    """An asteroid on the shortlist: its motion, what it may hold, and who holds a claim to it."""

    mover: Mover
    deposit: Deposit
    owner: str = ""

    @property
    def name(self) -> str:
        """Designation."""
        return self.deposit.designation


@dataclass(frozen=True)
class Frame:
    """What all rows of one campaign share.

    ``span``      first and last departure, TDB s past J2000
    ``home``      mover of the home planet, ``port`` of departure there
    ``windows``   how many launch windows of each prospect, the cheapest, and how many ``dates`` of each
    ``planets``   movers by name
    """

    span: tuple[float, float]
    planets: Mapping[str, Mover]
    home: str = "earth"
    port: str = "earth-400km"
    windows: int = 4
    dates: int = 1
    samples: int = 128
    seed: int = 2003
    terms: Terms = field(default_factory=Terms)
    vintage: float | None = None

    @property
    def years(self) -> NDArray[np.int_]:
        """Calendar years of the cash, the plan's and a tail."""
        first, last = (int(epochs.iso(t)[:4]) for t in self.span)
        return np.arange(first - 6, last + TAIL_YR + 1)  # development is paid before departure

    @property
    def gear(self) -> float:
        """Kilograms in low Earth orbit for one at the port."""
        delta_v = {"lunar-nrho": 3.6, "lunar-surface": 6.0, "mars-1sol": 4.1, "mars-phobos": 4.6}.get(self.port, 0.0)
        return 1.0 / float(massbudget.delivered_share(delta_v, 450.0, 0.10)) if delta_v else 1.0


def check(rows: Sequence[Option]) -> None:
    """Raise BadInput where rows do not fit together."""
    twice = sorted(name for name, times in Counter(row.name for row in rows).items() if times > 1)
    if twice:
        raise BadInput(f"two options called {twice[0]!r}")
    shapes = {row.cash_usd.shape for row in rows}
    if len(shapes) > 1:
        raise BadInput(f"options of one plan have the same samples and years; got {sorted(shapes)}")
