"""The base, day by day, in every run of a Monte Carlo at once.

Order of a day: ships, storms, power, labour, repairs, life support, plants, perils, failures. Stocks are
double-entry accounts (``ledger``); people are counted one by one, and every loss has a cause. Deterministic for
given generators.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.settlement import equipment, growth, lifesupport, loops
from motherlode.settlement.growth import Plan
from motherlode.settlement.ledger import Ledger
from motherlode.settlement.settings import Settings
from motherlode.units import DAY

Array = NDArray[np.float64]
CAUSES: Final = ("no oxygen", "bad air", "thirst", "hunger", "accident", "lost ship")
TOLERANCE: Final = {"no oxygen": 0.3, "bad air": 2.0, "thirst": 3.0, "hunger": 45.0}  # days without; judgement
DYING: Final = 0.1  # share of those present who die on a day past a tolerance
LEAST_OXYGEN_KPA: Final = 10.0
WORST_CO2_KPA: Final = 6.0
PREVENTIVE_H_WK: Final = 2.0  # of the 6 h a week of maintenance; repairs take the rest
PLANT_H_D: Final = 20 / 7  # crew-hours of a working plant; judgement
PLANTS: Final = ("ice-mine", "isru-oxygen", "isru-methalox", "printer", "nitrogen-plant", "crops")
VITAL: Final = {
    "cabin-air": "vapour",
    "co2-removal": "co2",
    "oxygen-generator": "oxygen",
    "water-processor": "potable_water",
}
HOLIDAYS: Final = 8 / 365


@dataclass
class Events:
    """What happened, sparsely: day, kind, and the runs in which it did with an amount."""

    rows: list[tuple[float, str, NDArray[np.int64], Array]] = field(default_factory=list)

    def note(self, day: float, kind: str, amount: Array) -> None:
        """Enter an event in the runs where its amount is above zero."""
        where = np.flatnonzero(amount > 0)
        if len(where):
            self.rows.append((day, kind, where, np.asarray(amount, dtype=float)[where]))

    def of(self, run: int) -> list[tuple[float, str, float]]:
        """Day, kind and amount of everything in one run."""
        found = []
        for day, kind, where, amount in self.rows:
            at = int(np.searchsorted(where, run))
            if at < len(where) and where[at] == run:
                found.append((day, kind, float(amount[at])))
        return found


class Base:
    """State of the base in all runs; ``day`` takes it one day further."""

    def __init__(self, settings: Settings, plan: Plan, runs: int, rng: np.random.Generator, *, nominal: bool = False):
        self.settings, self.plan, self.runs, self.nominal = settings, plan, runs, nominal
        self.rng, self._landing, self._fate = rng.spawn(
            3
        )  # apart, so that one more ship does not move every later failure
        self.names = tuple(equipment.machines())
        self.kinds = [equipment.machines()[name] for name in self.names]
        self.row = {name: k for k, name in enumerate(self.names)}
        self._columns()
        self.people = np.full(runs, float(plan.people))
        self.count = np.repeat([[float(plan.machines.get(name, 0))] for name in self.names], runs, axis=1)
        self.broken = np.zeros_like(self.count)
        shape = settings.base.failure_shape
        self.unluck = np.ones_like(self.count) if nominal else self._fate.gamma(shape, 1 / shape, self.count.shape)
        self._counted()
        volume = float(self.volume[0])
        cabin = {"cabin oxygen": loops.OXYGEN_DENSITY * volume, "cabin nitrogen": loops.NITROGEN_DENSITY * volume}
        opening = dict.fromkeys(loops.INNER, 0.0) | dict(plan.stocks) | cabin
        self.ledger = Ledger.opened(opening | {"bodies": plan.people * lifesupport.human()["body"]}, runs)
        self.events = Events()
        self.lost = {cause: np.zeros(runs) for cause in CAUSES}
        self.short = {cause: np.zeros(runs) for cause in TOLERANCE}
        self.unmet_kg = {"oxygen": np.zeros(runs), "water": np.zeros(runs), "food": np.zeros(runs)}
        self.first_short = {name: np.full(runs, np.nan) for name in self.unmet_kg}
        self.install_h, self.bank_h, self.overdue, self.evacuated = (np.zeros(runs) for _ in range(4))
        self.storm_left, self.operation_h, self.worked_h = np.zeros(runs), np.zeros(runs), np.zeros(runs)
        self.used_spares = {name: np.zeros(runs) for name in equipment.SPARES}
        self.worn_spares = {name: np.zeros(runs) for name in equipment.SPARES}  # what the mean rates would have used
        self.workload, self.accidents, self.arrived = np.zeros(runs), np.zeros(runs), np.zeros(runs)
        self.died_today, self.left_today = np.zeros(runs), np.zeros(runs)
        self.hours: dict[str, Array] = {}
        self._arrivals = [(one.day, one) for one in plan.shipments]
        self._departures = [(one.day, one) for one in plan.departures]
        start = settings.span[0]
        nothing = np.zeros(runs, dtype=bool)
        self._deliveries = [
            ((epochs.parse(one.date) - start) / DAY, one, nothing.copy()) for one in settings.base.delivery
        ]
        self.captured = np.full(runs, nominal or settings.base.operation is None)

    def _columns(self) -> None:
        columns = ("power_kw", "supply_kw", "heat_kw", "capacity", "mtbf_h", "replace_kg", "repair_h", "volume_m3")
        table = {name: np.array([[float(getattr(kind, name))] for kind in self.kinds]) for name in columns}
        self._power_kw, self._supply_kw, self._heat_kw, self._capacity = (table[name] for name in columns[:4])
        self._mtbf_h, self._replace_kg, self._repair_h, self._volume_m3 = (table[name] for name in columns[4:])
        self._order = np.argsort([kind.priority for kind in self.kinds], kind="stable")
        self._repair_order = sorted(
            range(len(self.kinds)), key=lambda k: (self.kinds[k].system != "life support", self.kinds[k].priority)
        )

    @property
    def working(self) -> Array:
        """Machines that are not broken, (machines, runs)."""
        return np.asarray(self.count - self.broken)

    def day(
        self, day: int, share: Array | float = 1.0, strain: Array | float = 1.0, operation_h: Array | float = 0.0
    ) -> None:
        """One day of everything.

        share        of the work that is not vital which people do
        strain       factor on accidents and failures: tired or angry people err more
        operation_h  crew-hours that the capture asks for today
        """
        self.died_today, self.left_today, self.arrived, self.accidents = (np.zeros(self.runs) for _ in range(4))
        self._ships(day)
        self._storms(day)
        powered = self._power()
        plants, hours = self._labour(powered, share, operation_h)
        self._repair(day, hours)
        self._live(day, powered, plants)
        self._perils(day, strain)
        self._fail(day, strain)

    def _ships(self, day: int) -> None:
        for due, one, there in self._deliveries:
            if due <= day and not there.all():
                now = ~there & self.captured if one.source == "capture" else ~there
                self.ledger.move("asteroid", one.commodity, one.kg * now)
                self.events.note(day, f"{one.commodity} from {one.source}, t", np.where(now, one.kg / 1000, 0.0))
                there |= now
        while self._arrivals and self._arrivals[0][0] <= day:
            self._land(day, self._arrivals.pop(0)[1])
        while self._departures and self._departures[0][0] <= day:
            self._leave(day, self._departures.pop(0)[1])

    def _land(self, day: int, shipment: growth.Shipment) -> None:
        base, h = self.settings.base, lifesupport.human()
        landers = max(1, int(np.ceil(shipment.mass_t / base.lander_t)))
        landed = (
            np.ones(self.runs)
            if self.nominal
            else 1 - self._landing.binomial(landers, base.lander_loss, self.runs) / landers
        )
        self.events.note(day, "cargo lost in landing, t", (1 - landed) * shipment.mass_t)
        for name, kg in (dict(shipment.cargo) | self._spares_wanted(day, shipment)).items():
            self.ledger.move("earth", name, kg * landed)
        u = self._landing.random(self.runs)
        for name, number in shipment.machines.items():
            self.count[self.row[name]] += np.floor(number * landed + u * (landed < 1))
        self._counted()
        rooms = shipment.machines.get("habitat", 0) * equipment.find("habitat").volume_m3 * landed
        self.ledger.move("earth", "cabin oxygen", loops.OXYGEN_DENSITY * rooms)
        self.ledger.move("earth", "cabin nitrogen", loops.NITROGEN_DENSITY * rooms)
        self.install_h += growth.INSTALL_H_T * equipment.mass_kg(shipment.machines) / 1000 * landed
        ships = max(1, -(-shipment.people // base.people_per_ship))
        sunk = np.zeros(self.runs) if self.nominal else self._landing.binomial(ships, base.ship_loss, self.runs)
        lost = np.minimum(shipment.people, sunk * base.people_per_ship)
        self.lost["lost ship"] += lost
        self.events.note(day, "people lost with a ship", lost)
        silent = self.people <= 0  # nobody answers: nobody lands
        came = np.where(silent, 0.0, shipment.people - lost)
        self.events.note(day, "people turned back: the base is silent", np.where(silent, shipment.people - lost, 0.0))
        self.arrived += came
        self.people += came
        self.ledger.move("earth", "bodies", h["body"] * came)
        self.events.note(day, "people arrived", came)

    def _spares_wanted(self, day: int, shipment: growth.Shipment) -> dict[str, Array]:
        """The spares of a ship, of the planned mass in all, split by what has been used up and what is left."""
        expected, days = self._spares_use, self.next_ship(day) - day + self.settings.base.reserve_d
        want = {}
        for name, rate in expected.items():
            ratio = (self.used_spares[name] + rate * 60) / np.maximum(self.worn_spares[name] + rate * 60, 1e-9)
            target = self.settings.base.spares_margin * rate * days * np.clip(ratio, 0.5, 3.0)
            want[f"spares {name}"] = np.maximum(0.0, target - self.ledger[f"spares {name}"])
        planned = sum(kg for name, kg in shipment.cargo.items() if name.startswith("spares"))
        scale = planned / np.maximum(sum(want.values()), 1e-9)
        return {name: kg * scale for name, kg in want.items()}

    def _leave(self, day: int, departure: growth.Departure) -> None:
        due = departure.people + self.overdue + self._hungry(day)
        fuel, oxidiser = equipment.METHANE_PER_PERSON_KG, equipment.METHANE_PER_PERSON_KG * equipment.OXIDISER_RATIO
        able = np.floor(np.minimum(self.ledger["fuel"] / fuel, self.ledger["oxidiser"] / oxidiser))
        leave = np.minimum(np.minimum(due, able), np.maximum(0.0, self.people - 1))
        extra = np.maximum(0.0, leave - departure.people - self.overdue)
        self.evacuated += extra
        self.overdue = np.minimum(np.maximum(0.0, departure.people + self.overdue - leave), self.people)
        self.ledger.move("fuel", "shipped", fuel * leave)
        self.ledger.move("oxidiser", "shipped", oxidiser * leave)
        self.ledger.move("bodies", "shipped", lifesupport.human()["body"] * leave)
        self.people -= leave
        self.left_today += leave
        self.events.note(day, "people left for home", leave - extra)
        self.events.note(day, "people evacuated", extra)
        self.events.note(day, "people who could not leave for want of propellant", self.overdue)

    def _hungry(self, day: int) -> Array:
        """People whom the food in store will not carry to the next ship."""
        until = self.next_ship(day) - day
        cover = self.ledger["food"] / np.maximum(
            1e-9, self.people * lifesupport.human()["packaged_food"] * loops.RATION
        )
        return np.asarray(np.ceil(self.people * np.clip(1 - cover / max(until, 1.0), 0.0, 1.0)))

    def next_ship(self, day: float) -> float:
        """Day of the next landing; a synodic period past the last one when none is left."""
        return self._arrivals[0][0] if self._arrivals else max(day, self.plan.days) + 60.0

    def _storms(self, day: int) -> None:
        if self.nominal or not self.settings.base.storms_per_year:
            return
        begins = (self.rng.random(self.runs) < lifesupport.daily_chance(self.settings.base.storms_per_year)) & (
            self.storm_left <= 0
        )
        self.storm_left = np.where(begins, self.settings.base.storm_d, np.maximum(0.0, self.storm_left - 1))
        self.events.note(day, "global dust storm begins, d", np.where(begins, self.settings.base.storm_d, 0.0))

    def _power(self) -> Array:
        """Share of its power that each machine gets, (machines, runs): limited by supply and radiators."""
        working = self.working
        given = self._supply_kw * working
        given[self.row["solar-40kw"]] *= np.where(self.storm_left > 0, self.settings.base.storm_light, 1.0)
        cooled = (self._heat_kw * working).sum(axis=0) - 0.144 * self.people
        self.supply_kw = np.minimum(given.sum(axis=0), np.maximum(0.0, cooled))
        need = (self._power_kw * working)[self._order]
        before = np.cumsum(need, axis=0) - need
        share = np.empty_like(need)
        share[self._order] = np.clip((self.supply_kw - before) / np.maximum(need, 1e-9), 0.0, 1.0)
        self.demand_kw = need.sum(axis=0)
        return share

    def _labour(self, powered: Array, share: Array | float, operation_h: Array | float) -> tuple[Array, Array]:
        """Share of the plants' work that is done, (runs), and crew-hours for repairs, (runs)."""
        h, n = lifesupport.human(), self.people
        hours = n * h["schedulable_time"] / 7 * (1 - HOLIDAYS)
        care = h["schedulable_time"] - h["operations_time"]
        vital = n * ((care + h["routine_work"] + PREVENTIVE_H_WK) / 7 + h["food_preparation"])
        backlog = (self.broken * self._repair_h).sum(axis=0)
        repair = np.minimum(backlog, np.maximum(0.0, hours - vital))
        plants = sum((self.working[self.row[name]] * PLANT_H_D for name in PLANTS), np.zeros(self.runs))
        install, science = self.install_h / 90, self.settings.base.utilisation * hours
        asked = {
            "plants": plants,
            "installation": install,
            "operation": np.broadcast_to(np.asarray(operation_h, float), n.shape),
            "science": science,
        }
        left = np.maximum(0.0, hours - vital - repair) * share
        self.workload = (vital + repair + sum(asked.values(), np.zeros(self.runs))) / np.maximum(hours, 1e-9)
        self.hours = {"vital": np.minimum(vital, hours), "repair": repair}
        for name, wanted in asked.items():
            self.hours[name] = np.minimum(wanted, left)
            left = left - self.hours[name]
        self.hours["free"] = left
        self.install_h = self.install_h - self.hours["installation"]
        self.operation_h = self.hours["operation"]
        return np.where(plants > 0, self.hours["plants"] / np.maximum(plants, 1e-9), 1.0), repair

    def _repair(self, day: int, hours: Array) -> None:
        """Broken machines mended in order of need, each with a spare from store and crew time."""
        self.bank_h = np.minimum(self.bank_h, 40.0) + hours
        for name, rate in self._spares_use.items():
            self.worn_spares[name] += rate
        any_broken: NDArray[np.bool_] = np.asarray(self.broken.any(axis=1))
        for k in self._repair_order:
            if not any_broken[k]:
                continue
            kind = self.kinds[k]
            stock = self.ledger[f"spares {kind.spares}"]
            mended = np.floor(
                np.minimum(np.minimum(self.broken[k], self.bank_h / kind.repair_h), stock / kind.replace_kg)
            )
            self.ledger.move(f"spares {kind.spares}", "scrap", mended * kind.replace_kg)
            self.used_spares[kind.spares] += mended * kind.replace_kg
            self.broken[k] -= mended
            self.bank_h -= mended * kind.repair_h
        for name in VITAL:
            if any_broken[self.row[name]]:
                self._improvise(day, self.row[name])

    def _improvise(self, day: int, k: int) -> None:
        """A vital machine patched from broken parts, one a day, where the rest cannot carry the people; judgement."""
        kind = self.kinds[k]
        need = self.people * lifesupport.human()[VITAL[kind.name]]
        desperate = (
            (self.broken[k] > 0)
            & (self.working[k] * kind.capacity < need)
            & (self.ledger["scrap"] > 3 * kind.replace_kg)
        )
        if desperate.any():
            self.broken[k] -= desperate
            self.ledger.move("scrap", "waste", desperate * kind.replace_kg)
            self.events.note(day, f"{kind.title} patched from scrap", desperate)

    def _live(self, day: int, powered: Array, plants: Array) -> None:
        base, n, ledger = self.settings.base, self.people, self.ledger
        able = self._capacity * self.working * powered
        for name in PLANTS:
            able[self.row[name]] *= plants
        can = {name: able[k] for name, k in self.row.items()}
        until = self.next_ship(day) - day
        rationed = ledger["food"] < n * lifesupport.human()["packaged_food"] * until
        if base.crops_m2:
            loops.crops(ledger, np.minimum(base.crops_m2, can["crops"]))
        loops.air(ledger, can, self.volume)
        unmet = loops.people(ledger, n, rationed)
        loops.water(ledger, can, n, base.water_recovery)
        loops.oxygen(ledger, can, n)
        loops.resources(ledger, can, n, self.volume, self._fuel_target(day), base.ice)
        if ledger["metal"].any():
            loops.printed(ledger, can, self._spares_use)
        self._shortage(day, unmet)

    def _fuel_target(self, day: int) -> Array:
        """Methane for the next people to go home and for the capture."""
        going = self._departures[0][1].people if self._departures else 0
        operation = self.settings.base.operation
        return (going + self.overdue) * equipment.METHANE_PER_PERSON_KG + (operation.fuel_kg if operation else 0.0)

    def _counted(self) -> None:
        """What follows from the number of machines: volume, m³, and mean use of spares, kg/d, (runs)."""
        self.volume = (self._volume_m3 * self.count).sum(axis=0)
        rate = 24 * self.count * self._replace_kg / self._mtbf_h
        classes = [[kind.spares == name for kind in self.kinds] for name in equipment.SPARES]
        self._spares_use = {name: rate[rows].sum(axis=0) for name, rows in zip(equipment.SPARES, classes)}

    def _shortage(self, day: int, unmet: Mapping[str, Array]) -> None:
        h = lifesupport.human()
        need = {"oxygen": h["oxygen"], "water": h["potable_water"], "food": h["packaged_food"]}
        volume = np.maximum(self.volume, 1e-9)
        self.oxygen_kpa = self.ledger["cabin oxygen"] / volume / loops.OXYGEN_DENSITY * lifesupport.OXYGEN_KPA
        self.co2_kpa = self.ledger["cabin co2"] / volume / lifesupport.gas_density_kg_m3("co2", 1.0)
        for name, share in unmet.items():
            missing = share if name != "food" else np.maximum(0.0, share - (1 - loops.RATION))
            fresh = (missing > 1e-6) & np.isnan(self.first_short[name])
            self.first_short[name][fresh] = day
            self.events.note(day, f"{name} runs out", fresh * self.people)
            self.unmet_kg[name] += missing * self.people * need[name]
        lack = {
            "no oxygen": np.maximum(unmet["oxygen"], self.oxygen_kpa < LEAST_OXYGEN_KPA),
            "bad air": self.co2_kpa > WORST_CO2_KPA,
            "thirst": unmet["water"],
            "hunger": np.maximum(0.0, unmet["food"] - (1 - loops.RATION) - 1e-9),
        }
        for cause, share in lack.items():
            share = np.asarray(share, dtype=float)
            self.short[cause] = np.where(
                share > 1e-6, self.short[cause] + share, np.maximum(0.0, self.short[cause] - 1.0)
            )

    def _perils(self, day: int, strain: Array | float) -> None:
        """Deaths, each with its cause, in whole people."""
        for cause, limit in TOLERANCE.items():
            past = self.short[cause] > limit
            if past.any():
                self._bury(day, cause, np.where(past, np.ceil(DYING * self.people), 0.0))
        if not self.nominal:
            rate = self.people * lifesupport.human()["fatal_accidents"] / lifesupport.YEAR_D * strain
            struck = (self.rng.random(self.runs) < -np.expm1(-rate)).astype(float)
            self.accidents += struck
            self._bury(day, "accident", struck)

    def _bury(self, day: int, cause: str, number: Array) -> None:
        number = np.minimum(number, self.people)
        if not number.any():
            return
        self.people -= number
        self.lost[cause] += number
        self.died_today += number
        self.ledger.move("bodies", "mars ground", lifesupport.human()["body"] * number)
        self.events.note(day, f"deaths: {cause}", number)

    def _fail(self, day: int, strain: Array | float) -> None:
        if self.nominal:
            self._wear()
            return
        expected = 24 * self.working / self._mtbf_h * self.unluck * strain
        u = self.rng.random(expected.shape)
        term = np.exp(-expected)
        total, failed = term.copy(), np.zeros_like(term)
        for k in (1, 2, 3, 4, 5, 6):  # Poisson by inversion: the same draws whatever the rates
            over = u > total
            if not over.any():
                break
            failed += over
            term = term * expected / k
            total += term
        before = self.working
        self.broken = np.minimum(self.count, self.broken + failed)
        for name in VITAL:
            k = self.row[name]
            self.events.note(day, f"last {self.kinds[k].title} fails", (before[k] > 0) & (self.working[k] <= 0))

    def _wear(self) -> None:
        """Without chance: spares are used up at their mean rate."""
        for name, used in self._spares_use.items():
            self.used_spares[name] += self.ledger.move(f"spares {name}", "scrap", used)
