"""The people, week by week: who is aggrieved, who acts, when work stops, and what that leaves of the labour.

QUALITATIVE. The mechanisms have sources; the weights are judgement, and every run draws its own from stated
intervals, so that results come as ranges. There are no data on isolated workforces. It is not a forecast, and
no individual in it is anybody.

Grievance is hardship × sensitivity × (1 - legitimacy of the authority); a person acts as in Epstein 2002
(``rebellion``). Anger is displaced upward: what happens inside the crew costs the commander one part of
legitimacy, employer and government five (Kanas). There is no third-quarter effect unless it is switched on:
none was found on Mir or the ISS.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.settlement import lifesupport, rebellion, stoppages
from motherlode.settlement.settings import Crew as Settings

Array = NDArray[np.float64]
LABEL: Final = (
    "qualitative model: ranges over stated parameter intervals; no data on isolated workforces; not a forecast; "
    "personality types are a switch, not a prediction"
)
BELIEFS: Final = MappingProxyType(
    {  # low and high of every judgement; each set of runs draws its own
        "weight_workload": (0.15, 0.35),
        "weight_volume": (0.10, 0.25),
        "weight_pay": (0.15, 0.35),
        "weight_accidents": (0.10, 0.30),
        "weight_news": (0.05, 0.20),
        "autonomy_relief": (0.20, 0.50),
        "sensitivity_spread": (1.0, 1.6),  # of the lognormal law; 1.3 gives two of six some 85 % of the conflict
        "threshold": (0.08, 0.12),
        "sanction_constant": (1.8, 2.8),
        "stop_share": (0.25, 0.45),  # of an employer's people who act, above which all stop
        "legitimacy": (0.75, 0.90),
        "legitimacy_loss": (0.02, 0.06),
        "legitimacy_gain": (0.03, 0.10),
        "recovery": (0.02, 0.06),  # of lost legitimacy in a week
        "truce_weeks": (13.0, 52.0),  # for which a settlement binds
        "slow_down": (0.2, 0.5),  # of the work of those who act without stopping
        "success_to_cohesion": (0.02, 0.08),
        "cohesion_to_output": (0.2, 0.8),  # as a share of the former: the smaller arrow (Mullen & Copper 1994)
    }
)
WEIGHTS: Final = tuple(name for name in BELIEFS if name.startswith("weight_"))
UPWARD: Final = 5.0  # displacement: employer and government against the commander, Mars-500
TYPES: Final = MappingProxyType({"mixed": 1.0, "agreeable": 0.7, "social": 0.85, "reactive": 1.15, "neurotic": 1.4})
MEMORY_WK: Final = 26.0  # accidents are remembered; judgement
LONG_D: Final = 27.0  # median of the published strikes: longer ones tire, shorter ones encourage (Card 1988)
TRIUMPH: Final = 1.0  # success of a week that everybody remembers: a capture flown, an asteroid landed
ORDINARY: Final = 0.6  # success of a week in which all of the work is done
SMALLEST: Final = 3  # people of an employer below which nobody calls a stoppage


def beliefs(
    settings: Settings, runs: int, rng: np.random.Generator, *, sets: int = 20, central: bool = False
) -> dict[str, Array]:
    """Judgements of every run, (runs): a Latin hypercube over the intervals, repeated so that runs share sets.

    sets     how many different sets; run r belongs to set r modulo sets
    central  the middle of every interval instead
    """
    intervals = dict(BELIEFS) | {name: settings.beliefs[name] for name in settings.beliefs if name in BELIEFS}
    sets = min(sets, runs)
    found = {}
    for name, (low, high) in intervals.items():
        u = np.full(sets, 0.5) if central else (rng.permutation(sets) + rng.random(sets)) / sets
        found[name] = np.resize(low + (high - low) * u, runs)
    return found


@dataclass(frozen=True)
class Conditions:
    """What a week at the base was like, (runs) each.

    workload    hours asked for over hours there are
    volume      m³ per person
    accidents   people hurt or killed
    overdue     share of people kept past their stay
    rationed    share of food missing
    success     of the week: 0.6 when all its work is done, 1 for a triumph
    """

    workload: Array
    volume: Array
    accidents: Array
    overdue: Array
    rationed: Array
    success: Array

    @classmethod
    def steady(
        cls,
        runs: int,
        *,
        workload: float = 0.9,
        volume: float = 60.0,
        accidents: float = 0.0,
        overdue: float = 0.0,
        rationed: float = 0.0,
        success: float = ORDINARY,
    ) -> "Conditions":
        """The same in all runs."""
        values = (workload, volume, accidents, overdue, rationed, success)
        return cls(*(np.full(runs, value) for value in values))


class Crew:
    """State of the people in all runs; ``week`` takes them one week further. Arrays are (runs, places)."""

    def __init__(
        self,
        settings: Settings,
        people: ArrayLike,
        places: int,
        judged: Mapping[str, Array],
        rng: np.random.Generator,
    ):
        self.settings = settings
        self.rng, self._moving = rng.spawn(2)  # apart, so that one more arrival does not move every later draw
        self.b = {name: value[:, None] for name, value in judged.items()}
        runs = len(next(iter(judged.values())))
        self._groups(places)
        shape = (runs, places)
        self.alive = np.arange(places) < np.asarray(people).reshape(-1, 1) * np.ones((runs, 1))
        self.sensitivity, self.aversion = self._fresh(shape)
        self.active = np.zeros(shape, dtype=bool)
        self.sanction, self.weeks_here = np.zeros(shape), np.zeros(shape)
        share_of_fair = np.array([min(group.fairness, 1.2) for group in settings.group])
        ordinary = self.b["legitimacy"]
        self.rest = {
            "commander": ordinary + 0.1 * (settings.leadership - 0.5),
            "employer": ordinary + np.zeros((1, len(self.employers))),
            "government": ordinary + 0.25 * (self.nation_of.T @ (share_of_fair - 1) / self.nation_of.sum(axis=0)),
        }
        self.legitimacy = {name: np.clip(value, 0.0, 0.99) for name, value in self.rest.items()}
        self.cohesion = np.full((runs, 1), 0.5)
        self.accident_memory = np.zeros((runs, 1))
        self.stop_left = np.zeros((runs, len(self.employers)))
        self.stop_length, self.memory = np.zeros_like(self.stop_left), np.zeros_like(self.stop_left)
        self.stoppages, self.truce = np.zeros_like(self.stop_left), np.zeros_like(self.stop_left)
        self.started = np.zeros_like(self.stop_left, dtype=bool)
        self.friction = np.zeros(shape)

    def _groups(self, places: int) -> None:
        groups = self.settings.group
        share = np.array([group.share for group in groups]) / sum(group.share for group in groups)
        # Places go to the group furthest below its share, so that any number of people is mixed alike.
        held, member = np.zeros(len(groups)), np.empty(places, dtype=np.int64)
        for place in range(places):
            member[place] = int(np.argmax(share * (place + 1) - held))
            held[member[place]] += 1
        self.member = member
        self.employers = tuple(dict.fromkeys(group.employer for group in groups))
        self.nations = tuple(dict.fromkeys(group.nation for group in groups))
        self.employer_of = np.array([[float(group.employer == name) for name in self.employers] for group in groups])
        self.nation_of = np.array([[float(group.nation == name) for name in self.nations] for group in groups])
        self.group_of = np.eye(len(groups))[member]  # (places, groups)
        mixing = self.settings.mixing
        self.contact = mixing + (1 - mixing) * np.eye(len(groups))
        best = max(group.pay for group in groups)
        gap = [max(0.0, 1 - group.pay) + 0.5 * (best / max(group.pay, 1e-6) - 1) for group in groups]
        self.pay_gap = np.clip(gap, 0.0, 1.0)

    def _fresh(self, shape: tuple[int, int]) -> tuple[Array, Array]:
        """Sensitivities (lognormal, mean one) and risk aversion of people who arrive."""
        spread = self.b["sensitivity_spread"]
        factor = TYPES[self.settings.personality]
        return factor * np.exp(spread * self._moving.standard_normal(shape) - spread**2 / 2), self._moving.random(
            shape
        )

    def moves(self, arrived: Array, left: Array, died: Array) -> None:
        """People who came, left (those longest here first) and died (anybody), (runs) each."""
        if (left > 0).any():
            order = np.argsort(np.argsort(np.where(self.alive, -self.weeks_here, 1e9), axis=1, kind="stable"), axis=1)
            self.alive &= order >= left[:, None]
        if (died > 0).any():
            chance = np.where(self.alive, self._moving.random(self.alive.shape), 2.0)
            self.alive &= np.argsort(np.argsort(chance, axis=1), axis=1) >= died[:, None]
        if (arrived > 0).any():
            free = ~self.alive
            new = free & (np.cumsum(free, axis=1) <= arrived[:, None])
            sensitivity, aversion = self._fresh(self.alive.shape)
            self.sensitivity, self.aversion = (
                np.where(new, sensitivity, self.sensitivity),
                np.where(new, aversion, self.aversion),
            )
            self.weeks_here[new] = 0.0
            self.sanction[new] = 0.0
            self.alive |= new
        self.active &= self.alive

    def hardship(self, now: Conditions) -> Array:
        """Hardship of each group, (runs, groups), 0 to 1."""
        s = self.settings
        b = {name: self.b[name] for name in WEIGHTS}
        total = sum(b.values())
        parts = {
            "weight_workload": np.clip(now.workload - 0.5, 0, 1)[:, None],
            "weight_volume": np.clip(lifesupport.human()["volume_floor"] / np.maximum(now.volume, 1e-9), 0, 1)[
                :, None
            ],
            "weight_pay": self.pay_gap[None, :],
            "weight_accidents": -np.expm1(-self.accident_memory / 2),
            "weight_news": np.full((1, 1), -np.expm1(-s.news_delay_d / 7)),
        }
        weighted = sum((b[name] * parts[name] for name in WEIGHTS), np.zeros((1, 1))) / total
        weighted = weighted + np.clip(now.rationed, 0, 1)[:, None] * 0.5
        return np.clip(weighted * (1 - self.b["autonomy_relief"] * s.autonomy), 0, 1)

    def week(self, now: Conditions, *, tour_weeks: float = 0.0) -> None:
        """One week: memory, grievance, action, sanctions, stoppages, legitimacy, cohesion."""
        people = np.maximum(self.alive.sum(axis=1, keepdims=True), 1.0)
        self.accident_memory = self.accident_memory * np.exp(-1 / MEMORY_WK) + 100 * now.accidents[:, None] / people
        grievance = self._grievance(now, tour_weeks)
        self._act(grievance)
        self._stop()
        self._believe(now, people)
        self.cohesion += self.b["success_to_cohesion"] * (now.success[:, None] - self.cohesion)
        self.weeks_here += self.alive

    def _grievance(self, now: Conditions, tour_weeks: float) -> Array:
        hard = self.hardship(now) @ self.group_of.T
        if self.settings.third_quarter and tour_weeks:
            through = self.weeks_here / tour_weeks
            hard = np.clip(hard + self.settings.third_quarter * ((through > 0.5) & (through <= 0.75)), 0, 1)
        least = np.minimum(
            self.legitimacy["employer"] @ self.employer_of.T, self.legitimacy["government"] @ self.nation_of.T
        )
        least = np.minimum(least, self.legitimacy["commander"])
        grievance = hard * self.sensitivity * (1 - least @ self.group_of.T) * self.alive
        self.friction = grievance**2 / (grievance + self.b["threshold"])
        return np.asarray(grievance)

    def _act(self, grievance: Array) -> None:
        acting = 1.0 + (self.active.astype(float) @ self.group_of) @ self.contact
        watching = self.settings.enforcement * (self.alive.astype(float) @ self.group_of) @ self.contact
        danger = rebellion.risk(watching, acting, constant=self.b["sanction_constant"])
        tired = self.b["threshold"] * (1 + (self.memory @ self.employer_of.T) @ self.group_of.T)
        willing = rebellion.acts(grievance, self.aversion, danger @ self.group_of.T, threshold=tired)
        self.sanction = np.maximum(0.0, self.sanction - 1)
        self.active = willing & self.alive & (self.sanction <= 0)
        caught = (
            self.rng.random(self.active.shape) < np.minimum(1.0, watching / np.maximum(acting, 1.0)) @ self.group_of.T
        )
        term = np.ceil(self.settings.sanction_weeks * self.rng.random(self.active.shape))
        caught &= self.active & (term > 0)
        self.sanction = np.where(caught, term, self.sanction)

    @property
    def group_people(self) -> Array:
        """People of each group, (runs, groups)."""
        return np.asarray(self.alive.astype(float) @ self.group_of)

    @property
    def group_active(self) -> Array:
        """Share of each group that acts, (runs, groups)."""
        return np.asarray((self.active.astype(float) @ self.group_of) / np.maximum(self.group_people, 1.0))

    @property
    def active_share(self) -> Array:
        """Share of all people who act, (runs)."""
        return np.asarray(self.active.sum(axis=1) / np.maximum(self.alive.sum(axis=1), 1))

    @property
    def stopped(self) -> NDArray[np.bool_]:
        """Whether each employer's people have stopped work, (runs, employers)."""
        return np.asarray(self.stop_left > 0)

    def _stop(self) -> None:
        """Stoppages that go on, end and begin; their lengths follow the published law, cut by talks."""
        people = self.group_people @ self.employer_of
        share = ((self.active.astype(float) @ self.group_of) @ self.employer_of) / np.maximum(people, 1.0)
        going = self.stop_left > 0
        self.stop_left = np.maximum(0.0, self.stop_left - 7)
        ended = going & (self.stop_left <= 0)
        long = self.stop_length > LONG_D
        self.memory = np.where(ended, np.where(long, 0.5, -0.2), self.memory * 0.98)
        self.legitimacy["employer"] = np.where(
            ended,
            self.legitimacy["employer"] + self.b["legitimacy_gain"] * (1 + 3 * self.settings.bargaining),
            self.legitimacy["employer"],
        )
        self.truce = np.where(ended, self.b["truce_weeks"], np.maximum(0.0, self.truce - 1))
        draw = self.rng.random(self.stop_left.shape)
        self.started = ~going & (self.truce <= 0) & (share > self.b["stop_share"]) & (people >= SMALLEST)
        length = stoppages.durations_d(draw, cut=self.settings.bargaining)
        self.stop_length = np.where(self.started, length, self.stop_length)
        self.stop_left = np.where(self.started, np.maximum(length, 1.0), self.stop_left)
        self.stoppages += self.started

    def _believe(self, now: Conditions, people: Array) -> None:
        """Legitimacy of each authority: lost to events and broken promises, won by success, healing in time."""
        inside = self.active.sum(axis=1, keepdims=True) / people
        broken = np.clip(now.overdue + now.rationed, 0, 1)[:, None]
        hurt = np.minimum(1.0, 20 * now.accidents[:, None] / people)
        blame = {
            "commander": inside / UPWARD,
            "employer": inside + broken + hurt,
            "government": inside + 0.5 * broken,
        }
        won = now.success[:, None] >= TRIUMPH
        for name, value in self.legitimacy.items():
            value = value - self.b["legitimacy_loss"] * blame[name] + self.b["legitimacy_gain"] * won
            self.legitimacy[name] = np.clip(value + self.b["recovery"] * (self.rest[name] - value), 0.0, 0.99)

    def labour(self) -> Array:
        """Share of the work that is not vital which gets done, (runs)."""
        people = self.group_people
        stopped = self.stopped.astype(float) @ self.employer_of.T
        working = people * (1 - stopped) * (1 - self.b["slow_down"] * self.group_active)
        lift = 1 + self.b["success_to_cohesion"] * self.b["cohesion_to_output"] * (self.cohesion - 0.5)
        return np.asarray(np.clip(lift[:, 0] * working.sum(axis=1) / np.maximum(people.sum(axis=1), 1.0), 0.0, 1.1))

    def strain(self, workload: Array) -> Array:
        """Factor on accidents and failures, (runs): one where all is well."""
        return np.asarray(1 + 0.5 * self.active_share + 0.5 * np.clip(workload - 1, 0.0, 1.0))

    def top_two_share(self) -> Array:
        """Share of the friction that the two most aggrieved people carry, (runs)."""
        ordered = np.sort(self.friction, axis=1)
        return np.asarray(ordered[:, -2:].sum(axis=1) / np.maximum(ordered.sum(axis=1), 1e-12))
