"""The capture that the base flies: work to be done and propellant to be made before a burn that does not wait."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.settlement import equipment
from motherlode.settlement.ledger import Ledger
from motherlode.settlement.settings import Operation as Order
from motherlode.settlement.settings import Settings
from motherlode.units import DAY

Array = NDArray[np.float64]
YEAR_D = 365.0
CATCH_UP = 3.0  # times the planned pace at most; judgement
SMALLEST_TEAM = 3


@dataclass
class Operation:
    """State of the capture in all runs; days since the start of the base, NaN where it has not happened."""

    order: Order
    dates: tuple[float, ...]  # of the burn and its repetitions
    begins: float
    work_left: Array
    ready: Array = field(init=False)
    able: Array = field(init=False)  # first day from the burn on that it could be flown
    flown: Array = field(init=False)
    present: Array = field(init=False)  # whether the team was there on the day of the burn

    def __post_init__(self) -> None:
        nothing = np.full_like(self.work_left, np.nan)
        self.ready, self.able, self.flown, self.present = nothing, nothing.copy(), nothing.copy(), nothing.copy()

    @classmethod
    def ordered(cls, settings: Settings, runs: int) -> "Operation | None":
        """The operation of a study, None where there is none."""
        order = settings.base.operation
        if order is None:
            return None
        start = settings.span[0]
        burn, *retries = ((epochs.parse(date) - start) / DAY for date in (order.burn, *order.retries))
        begins = (epochs.parse(order.begins) - start) / DAY if order.begins else burn - YEAR_D
        return cls(
            order,
            (burn, *sorted(retries)),
            max(0.0, min(begins, burn - order.slack_d - 30)),
            np.full(runs, order.work_h),
        )

    def asked_h(self, day: float, stopped: NDArray[np.bool_]) -> Array:
        """Crew-hours that the plan wants today, (runs): the rest spread evenly up to the planned day of readiness."""
        if day < self.begins:
            return np.zeros_like(self.work_left)
        target = self.dates[0] - self.order.slack_d
        planned = self.order.work_h / max(1.0, target - self.begins)
        pace = np.minimum(self.work_left / max(1.0, target - day), CATCH_UP * planned)
        return np.asarray(np.where(stopped, 0.0, np.minimum(pace, self.work_left)))

    def day(
        self, day: int, hours: Array, people: Array, stopped: NDArray[np.bool_], ledger: Ledger
    ) -> NDArray[np.bool_]:
        """Work done, propellant taken, burn flown where all is ready; returns where it was flown today, (runs)."""
        self.work_left = np.maximum(0.0, self.work_left - hours)
        fuel = self.order.fuel_kg
        enough = (ledger["fuel"] >= fuel) & (ledger["oxidiser"] >= fuel * equipment.OXIDISER_RATIO)
        now = np.isnan(self.ready) & (self.work_left <= 1e-6) & enough
        if now.any() and fuel:
            ledger.move("fuel", "shipped", fuel * now)
            ledger.move("oxidiser", "shipped", fuel * equipment.OXIDISER_RATIO * now)
        self.ready[now] = day
        can = ~np.isnan(self.ready) & ~stopped & (people >= SMALLEST_TEAM)
        if day >= self.dates[0]:
            first = can & np.isnan(self.able)
            self.able[first] = day
        today = any(day == int(np.ceil(date)) for date in self.dates)
        if day == int(np.ceil(self.dates[0])):
            self.present = (~stopped & (people >= SMALLEST_TEAM)).astype(float)
        flown = can & np.isnan(self.flown) & today
        self.flown[flown] = day
        return np.asarray(flown)

    @property
    def burn_day(self) -> int:
        """Day of the burn as planned."""
        return int(np.ceil(self.dates[0]))

    @property
    def on_time(self) -> NDArray[np.bool_]:
        """Whether it was flown on the first date, (runs)."""
        return np.asarray(self.flown == self.burn_day)

    @property
    def delay_d(self) -> Array:
        """Days from the planned burn to the one flown, (runs); infinite where it was never flown."""
        return np.asarray(np.where(np.isnan(self.flown), np.inf, self.flown - self.burn_day))

    @property
    def lateness_d(self) -> Array:
        """Days from the planned burn to the first on which it could have been flown, (runs); infinite where none."""
        return np.asarray(np.where(np.isnan(self.able), np.inf, self.able - self.burn_day))
