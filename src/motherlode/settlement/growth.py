"""How a base grows: who and what each supply window brings, and which bound stops it from bringing more.

ΔN = min(seats, landed mass, labour, pressurised volume / 25 m³); what asteroids deliver makes Earth cargo lighter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from motherlode.settlement import equipment, lifesupport
from motherlode.settlement.settings import Settings
from motherlode.settlement.windows import Window
from motherlode.units import DAY

PERSONAL_KG: Final = 150.0
INSTALL_H_T: Final = 20.0  # crew-hours to set up a tonne of machines; judgement
SEASON_D: Final = 120.0  # in which new machines must stand; judgement
METAL_IN_HABITAT: Final = 0.5  # share of a habitat that can be made from local metal; judgement
PRINTABLE: Final = 1 / 3  # share of spares that can be printed (published study of a transit habitat)
WATER_LOST_KG_D: Final = 0.5  # per person without ground ice; the daily balance says less
RESERVES_D: Final = {"water": 60.0, "oxygen": 60.0}


@dataclass(frozen=True)
class Shipment:
    """One window: what lands, who comes, what stood in the way of more."""

    window: Window
    day: float  # of arrival, since the start of the base
    people: int
    machines: Mapping[str, int]
    cargo: Mapping[str, float]  # kg by stock; spares as "spares life support", ...
    bounds: Mapping[str, int]  # people that each bound alone would allow
    bottleneck: str
    displaced_t: Mapping[str, float] = field(default_factory=dict)  # Earth cargo saved by what asteroids brought
    before: int = 0  # people at the base when it lands

    @property
    def mass_t(self) -> float:
        """Landed mass, t."""
        own = equipment.mass_kg(self.machines) + sum(self.cargo.values())
        return (own + self.people * (lifesupport.human()["body"] + PERSONAL_KG)) / 1000

    @property
    def spares_share(self) -> float:
        """Share of spares in the resupply (machines for new people left out)."""
        spares = sum(kg for name, kg in self.cargo.items() if name.startswith("spares"))
        total = sum(self.cargo.values())
        return spares / total if total else 0.0


@dataclass(frozen=True)
class Departure:
    """People whose stay ends."""

    window: Window
    day: float
    people: int


@dataclass(frozen=True)
class Plan:
    """The start and every window of a base's life."""

    people: int
    machines: Mapping[str, int]
    stocks: Mapping[str, float]
    shipments: tuple[Shipment, ...]
    departures: tuple[Departure, ...]
    days: int

    @property
    def population(self) -> list[tuple[float, int]]:
        """Day and number of people after every arrival and departure."""
        changes = [(one.day, one.people) for one in self.shipments] + [
            (one.day, -one.people) for one in self.departures
        ]
        now, path = self.people, [(0.0, self.people)]
        for day, change in sorted(changes):
            now += change
            path.append((day, now))
        return path


@dataclass
class _Books:
    """Stocks as the planner expects them."""

    people: int
    machines: dict[str, int]
    stocks: dict[str, float]
    day: float = 0.0

    def until(self, day: float, settings: Settings) -> None:
        for name, rate in rates(self.people, self.machines, settings).items():
            self.stocks[name] = max(0.0, self.stocks.get(name, 0.0) - rate * (day - self.day))
        self.day = day


def rates(people: float, machines: Mapping[str, int], settings: Settings) -> dict[str, float]:
    """What is used up in a day and must come from outside, kg by stock."""
    base, h = settings.base, lifesupport.human()
    volume = sum(count * equipment.find(name).volume_m3 for name, count in machines.items())
    leak = (
        equipment.LEAK_PER_D
        * volume
        * lifesupport.gas_density_kg_m3("nitrogen", lifesupport.CABIN_KPA - lifesupport.OXYGEN_KPA)
    )
    grown = min(people * h["packaged_food"], 0.039 * base.crops_m2)
    daily = {
        "food": people * h["packaged_food"] - grown,
        "water": 0.0 if base.ice else people * WATER_LOST_KG_D,
        "nitrogen": max(0.0, leak - 0.8 * machines.get("nitrogen-plant", 0)),
    }
    worn = equipment.spares_kg_d(machines)
    return daily | {f"spares {name}": settings.base.spares_margin * kg for name, kg in worn.items()}


def plan(settings: Settings, arrivals: Sequence[Window], homeward: Sequence[Window]) -> Plan:
    """The whole life of the base as decided in advance, window by window."""
    base, (start, end) = settings.base, settings.span
    days = [(window.arrive_tdb - start) / DAY for window in arrivals]
    first = days[0] if days else (end - start) / DAY
    machines = dict(base.machines) or required(base.people, settings)
    stocks = opening(settings, machines, first)
    books, cohorts = _Books(base.people, dict(machines), dict(stocks)), [(0.0, base.people)]
    shipments: list[Shipment] = []
    leaving = _departures(settings, days, homeward)
    gone: list[Departure] = []
    events = sorted([(day, 1, k) for k, day in enumerate(days)] + [(day, 0, k) for k, (day, _) in enumerate(leaving)])
    for day, kind, k in events:
        books.until(day, settings)
        if kind == 0:
            due = sum(people for at, people in cohorts if at <= leaving[k][1])
            cohorts = [(at, people) for at, people in cohorts if at > leaving[k][1]]
            due = min(due, books.people - 1)
            books.people -= due
            gone.append(Departure(homeward[k], day, due))
            continue
        _delivered(books, settings, days[k - 1] if k else 0.0, day)
        until = days[k + 1] if k + 1 < len(days) else day + lifesupport.SYNODIC_D
        shipment = _shipment(settings, books, arrivals[k], k, day, until - day)
        shipments.append(shipment)
        cohorts.append((day, shipment.people))
    return Plan(base.people, dict(machines), stocks, tuple(shipments), tuple(gone), int((end - start) / DAY))


def required(people: float, settings: Settings) -> dict[str, int]:
    """Machines of so many people under a study's settings, crops included."""
    base = settings.base
    leaving = people / base.tour_windows if base.tour_windows else 0.0
    need = equipment.required(
        people, volume_m3_per_person=base.volume_m3_per_person, leaving=leaving, ice=base.ice, reactors=base.reactors
    )
    if base.crops_m2:
        need["crops"] = -(-int(base.crops_m2) // 50)
        source = "reactor-40kw" if base.reactors else "solar-40kw"
        need[source] += need["crops"] + need["crops"] // 4 + 1
        need["radiator"] += 2 * need["crops"]
    return need


def opening(settings: Settings, machines: Mapping[str, int], first_ship_d: float) -> dict[str, float]:
    """Stocks at the start, kg: to the first ship and the reserve beyond, where the study names none."""
    base, h = settings.base, lifesupport.human()
    days = first_ship_d + base.reserve_d
    stocks = {name: rate * days for name, rate in rates(base.people, machines, settings).items()}
    stocks["water"] += base.people * RESERVES_D["water"] * (h["potable_water"] + h["hygiene_water"]) + 500
    stocks["oxygen"] = base.people * RESERVES_D["oxygen"] * h["oxygen"]
    stocks["nitrogen"] += 250.0
    stocks |= {"fuel": 0.0, "oxidiser": 0.0, "metal": 0.0}
    for name, kg in base.stocks.items():
        if name == "spares":
            total = sum(stocks[f"spares {kind}"] for kind in equipment.SPARES) or 1.0
            stocks |= {f"spares {kind}": kg * stocks[f"spares {kind}"] / total for kind in equipment.SPARES}
        else:
            stocks[name] = kg
    return stocks


def _departures(settings: Settings, days: Sequence[float], homeward: Sequence[Window]) -> list[tuple[float, float]]:
    """Day of every way home and the latest arrival whose stay ends with it."""
    start, tour = settings.span[0], settings.base.tour_windows
    found = []
    for window in homeward:
        day = (window.depart_tdb - start) / DAY
        landed = [0.0, *[at for at in days if at < day]]
        found.append((day, landed[-tour] if tour and len(landed) >= tour else -1.0))
    return found


def _delivered(books: _Books, settings: Settings, since: float, until: float) -> None:
    from motherlode import epochs

    for one in settings.base.delivery:
        day = (epochs.parse(one.date) - settings.span[0]) / DAY
        if since < day <= until:
            books.stocks[one.commodity] = books.stocks.get(one.commodity, 0.0) + one.kg


def _shipment(settings: Settings, books: _Books, window: Window, k: int, day: float, gap_d: float) -> Shipment:
    base = settings.base
    landed_kg = 1000 * base.landed_t * base.landed_growth**k
    seats = int(base.seats * base.seats_growth**k)
    metal = books.stocks.get("metal", 0.0)
    bounds = {
        "seats": seats,
        "landed mass": _most(
            lambda extra: _load(settings, books, extra, gap_d, metal)[0] <= landed_kg, 4 * seats + 8
        ),
        "labour": _labour_bound(books),
        "volume": max(0, int(_volume(books.machines) / lifesupport.human()["volume_floor"]) - books.people),
    }
    bottleneck = min(bounds, key=lambda name: bounds[name])
    people = bounds[bottleneck]
    mass, machines, cargo, displaced = _load(settings, books, people, gap_d, metal)
    if mass > landed_kg:
        machines, cargo = _fitted(cargo, landed_kg)
    cargo = {name: kg * base.cargo.get(name.split()[0], 1.0) for name, kg in cargo.items()}
    before = books.people
    books.people += people
    for name, count in machines.items():
        books.machines[name] = books.machines.get(name, 0) + count
    for name, kg in cargo.items():
        books.stocks[name] = books.stocks.get(name, 0.0) + kg
    books.stocks["metal"] = metal - 1000 * sum(displaced.values())
    return Shipment(window, day, people, machines, cargo, bounds, bottleneck, displaced, before)


def _load(
    settings: Settings, books: _Books, extra: int, gap_d: float, metal_kg: float
) -> tuple[float, dict[str, int], dict[str, float], dict[str, float]]:
    """Mass, machines, cargo and displaced tonnes of a ship that brings so many more people."""
    people = books.people + extra
    machines = {name: count - books.machines.get(name, 0) for name, count in required(people, settings).items()}
    machines = {name: count for name, count in machines.items() if count > 0}
    whole = {name: books.machines.get(name, 0) + machines.get(name, 0) for name in {*books.machines, *machines}}
    days = gap_d + settings.base.reserve_d
    cargo = {
        name: max(0.0, rate * days - books.stocks.get(name, 0.0))
        for name, rate in rates(people, whole, settings).items()
    }
    shells = METAL_IN_HABITAT * equipment.mass_kg({"habitat": machines.get("habitat", 0)})
    printed = min(metal_kg, sum(PRINTABLE * kg for name, kg in cargo.items() if name.startswith("spares")))
    built = min(metal_kg - printed, shells)
    saved = printed / max(1e-9, sum(kg for name, kg in cargo.items() if name.startswith("spares")))
    cargo = {name: kg * (1 - saved) if name.startswith("spares") else kg for name, kg in cargo.items()}
    mass = (
        equipment.mass_kg(machines)
        - built
        + sum(cargo.values())
        + extra * (lifesupport.human()["body"] + PERSONAL_KG)
    )
    return mass, machines, cargo, {"spares": printed / 1000, "habitats": built / 1000}


def _fitted(cargo: Mapping[str, float], landed_kg: float) -> tuple[dict[str, int], dict[str, float]]:
    """What fits when not even the needs of those present do: food first, the rest in proportion."""
    kept = {"food": min(cargo.get("food", 0.0), landed_kg)}
    room, rest = landed_kg - kept["food"], sum(kg for name, kg in cargo.items() if name != "food")
    share = min(1.0, room / rest) if rest else 0.0
    return {}, kept | {name: kg * share for name, kg in cargo.items() if name != "food"}


def _most(fits: "object", limit: int) -> int:
    """Largest number up to a limit that fits, 0 where none does; fitting is monotone."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):  # type: ignore[operator]
            low = middle
        else:
            high = middle - 1
    return low


def _labour_bound(books: _Books) -> int:
    """New people whose machines those present can set up in a season."""
    surplus = books.people * SEASON_D / 7 * 0.5 * lifesupport.human()["schedulable_time"]
    per_person_t = equipment.mass_kg(equipment.required(50, volume_m3_per_person=60)) / 50 / 1000
    return int(surplus / (INSTALL_H_T * per_person_t))


def _volume(machines: Mapping[str, int]) -> float:
    return sum(count * equipment.find(name).volume_m3 for name, count in machines.items())
