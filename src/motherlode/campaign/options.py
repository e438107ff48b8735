"""Missions as options: every architecture, window and vehicle of every prospect as one row, with its cash by sample.

A row is something that can be decided: fly this, then, with that. Rows of one project exclude each other. The launch
is not in a row's cash: the plan buys launches whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance, epochs
from motherlode.access.porkchop import Window
from motherlode.campaign import windows
from motherlode.capture import retrieval, tow
from motherlode.economy import market, value
from motherlode.economy.mission import Outcome
from motherlode.economy.value import Terms, Trip, Value
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import BadInput, NoSolution, UnknownName
from motherlode.mining import massbudget
from motherlode.prospect.deposit import Deposit
from motherlode.tables import Table
from motherlode.units import AU, DAY, YEAR

Array = NDArray[np.float64]
ARCHITECTURES: Final = ("mine", "capture", "survey", "expedition")
TAIL_YR: Final = 15  # cash after the last plan year that is still counted
SURVEY_USD: Final = 250e6  # a small scout; judgement, of the size of the cheapest asteroid missions flown
SURVEY_LIFT_KG: Final = 3_000.0  # in parking orbit; judgement
MARGIN_STAY_D: Final = (90.0, 720.0)  # how long a plant may work before its way home; choice
PLACE_PORT: Final = {  # the port whose arrival rule prices the way to a place of sale
    "earth": "earth-400km", "leo": "earth-400km", "eml1": "lunar-nrho", "nrho": "lunar-nrho",
    "lunar-surface": "lunar-surface", "mars-orbit": "mars-1sol", "mars-surface": "mars-1sol",
}  # fmt: skip


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
    ``windows``   how many launch windows of each prospect, the cheapest, are looked at
    ``planets``   movers by name
    """

    span: tuple[float, float]
    planets: Mapping[str, Mover]
    home: str = "earth"
    port: str = "earth-400km"
    windows: int = 4
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


def of_asteroids(
    prospects: Iterable[Prospect],
    crafts: Sequence[Craft],
    frame: Frame,
    *,
    businesses: Sequence[tuple[str, str]] = value.BUSINESSES,
    architectures: Sequence[str] = ("mine", "capture", "survey"),
    tug: str = "sep-150kw",
    destinations: Sequence[str] = ("sun-earth-l2", "mars-1sol"),
    prize_usd: float = 0.0,
) -> list[Option]:
    """Rows of every prospect: mine in place and ship, capture whole, survey first.

    businesses     product and place of sale of what is mined
    tug            that brings whole bodies, to ``destinations``; ``prize_usd`` is what one is worth beyond its sale
    returns        rows, prospect by prospect; a prospect without a window or a way home has none
    """
    rows: list[Option] = []
    for prospect in prospects:
        passages = _passages(prospect.mover, frame)
        for product, place in businesses if "mine" in architectures or "survey" in architectures else ():
            for craft in (c for c in crafts if c.propulsion not in tow.tugs()):
                mined = list(_mined(prospect, craft, product, place, passages, frame))
                rows += mined if "mine" in architectures else []
                rows += [_surveyed(row, frame) for row in mined[1:]] if "survey" in architectures else []
        if "capture" in architectures:
            rows += _captured(prospect, tug, destinations, frame, prize_usd)
    return rows


def _passages(body: Mover, frame: Frame) -> list[Window]:
    home = frame.planets[frame.home]
    try:
        return windows.outbound(
            home, body, frame.span, flight_d=(60.0, 720.0), criterion="delta_v", apart_d=150.0,
            origin_port=frame.port, most=frame.windows,
        )  # fmt: skip
    except NoSolution:
        return []


def _mined(
    prospect: Prospect, craft: Craft, product: str, place: str, found: Sequence[Window], frame: Frame
) -> Iterable[Option]:
    if place not in PLACE_PORT:
        raise UnknownName("place of sale", place, list(PLACE_PORT))
    destination = "mars" if place.startswith("mars") else "earth"
    for number, out in enumerate(found):
        if not craft.available[0] <= out.depart_tdb <= craft.available[1]:
            continue
        try:
            back = windows.back(
                prospect.mover, frame.planets[destination], out.arrive_tdb, stay_d=MARGIN_STAY_D,
                flight_d=(60.0, 600.0), home_port=PLACE_PORT[place],
            )  # fmt: skip
        except NoSolution:
            continue
        yield _mine_row(prospect, craft, product, place, windows.Passage(out, back, number), frame)


def _mine_row(
    prospect: Prospect, craft: Craft, product: str, place: str, passage: windows.Passage, frame: Frame
) -> Option:
    back = passage.back
    assert back is not None
    distance = prospect.mover.state(np.linspace(passage.out.arrive_tdb, back.depart_tdb, 9))[:, :3]
    trip = Trip(
        passage.out.delta_v_km_s,
        back.delta_v_km_s,
        float(epochs.year(passage.depart_tdb)),
        passage.out.flight_s / DAY,
        passage.stay_d,
        back.flight_s / DAY,
        float(np.linalg.norm(distance, axis=-1).mean() / AU),
        frame.home,
    )
    terms = replace(frame.terms, outbound=craft.propulsion, parking_kg=craft.parking_kg)
    worth = value.assess(
        prospect.deposit, trip, product=product, place=place, vintage=frame.vintage, seed=frame.seed, terms=terms
    )
    earned, spent = _by_year(worth.outcome, passage.depart_tdb, frame)
    project = f"{prospect.name} {product} to {place}"
    return Option(
        name=f"{project}, mine, {craft.name}, {epochs.iso(passage.depart_tdb)}",
        project=project,
        architecture="mine",
        target=prospect.name,
        product=product,
        place=place,
        craft=craft.name,
        window=passage.number,
        depart_tdb=passage.depart_tdb,
        arrive_tdb=passage.out.arrive_tdb,
        end_tdb=passage.end_tdb,
        delta_v_km_s=passage.delta_v_km_s,
        lift_kg=craft.parking_kg * frame.gear,
        propellant_kg=max(0.0, craft.parking_kg - worth.budget.arriving_kg),
        gear=frame.gear,
        port=frame.port,
        delivered_kg=np.where(worth.outcome.success, worth.delivered_kg, 0.0),
        income_usd=earned.astype(np.float32),
        outlay_usd=spent.astype(np.float32),
        first_year=int(frame.years[0]),
        price_usd_kg=_mean_price(worth),
        owner=prospect.owner,
    )


def _mean_price(worth: Value) -> float:
    """What a delivered kilogram earns on average: prices answer, some sales come late."""
    delivered = float(worth.delivered_kg.mean())
    return float(worth.outcome.market_absorbed_usd.mean()) / delivered if delivered > 0 else 0.0


def _by_year(outcome: Outcome, depart_tdb: float, frame: Frame) -> tuple[Array, Array]:
    """Earned and spent in each calendar year, (n, years) each; the launch is left to the plan."""
    n, years = len(outcome.delivered_kg), len(frame.years)
    start = float(epochs.year(depart_tdb)) - float(frame.years[0])
    earned, spent = np.zeros((n, years)), np.zeros((n, years))
    for time, usd in outcome.cost.flows():
        amount = usd - outcome.cost.launch_usd if np.all(time == 0.0) else usd
        _put(spent, start + time, amount)
    for k, usd in enumerate(outcome.revenue_usd):
        _put(earned, start + outcome.first_sale_yr + k, usd)
    return earned, spent


def _put(ledger: Array, at: Any, usd: Any) -> None:
    n, years = ledger.shape
    column = np.clip(np.floor(np.broadcast_to(at, n)).astype(int), 0, years - 1)
    ledger[np.arange(n), column] += usd


def _surveyed(row: Option, frame: Frame) -> Option:
    """The same mission one window later with a scout sent ahead: it is flown only where the scout found enough.

    What the scout learns is the deposit of each sample; a mission that would lose money is then not flown.
    """
    n, years = row.cash_usd.shape
    present = row.present_usd(frame.terms.discount, row.year)
    know = expected_given_deposit(present, row.delivered_kg)
    flown = know > 0
    scouted = np.zeros((n, years))
    scout_year = min(max(row.year - 4 - row.first_year, 0), years - 1)
    scouted[:, scout_year] = SURVEY_USD
    return replace(
        row,
        name=row.name.replace(", mine,", ", survey first,"),
        architecture="survey",
        lift_kg=row.lift_kg * float(flown.mean()) + SURVEY_LIFT_KG,
        propellant_kg=row.propellant_kg * float(flown.mean()),
        delivered_kg=np.where(flown, row.delivered_kg, 0.0),
        income_usd=np.where(flown[:, None], row.income_usd, np.float32(0)),
        outlay_usd=(np.where(flown[:, None], row.outlay_usd, 0.0) + scouted).astype(np.float32),
        notes=(*row.notes, f"goes on after the survey in {flown.mean():.0%} of the samples"),
    )


def expected_given_deposit(present: Array, delivered: Array, bins: int = 8) -> Array:
    """Mean present value among samples that deliver about as much: what is known once the deposit is."""
    order = np.argsort(delivered, kind="stable")
    known = np.empty(len(present))
    for part in np.array_split(order, bins):
        known[part] = present[part].mean()
    return known


def _captured(
    prospect: Prospect, tug_name: str, destinations: Sequence[str], frame: Frame, prize_usd: float
) -> list[Option]:
    rows = []
    for name in destinations:
        try:
            way = retrieval.cheapest(prospect.mover, frame.planets, name, span=(frame.span[0] + YEAR, frame.span[1]))
        except NoSolution:
            continue
        row = _capture_row(prospect, tug_name, way, frame, prize_usd)
        rows += [row] if row else []
    return rows


def _capture_row(prospect: Prospect, tug_name: str, way: Any, frame: Frame, prize_usd: float) -> Option | None:
    """The whole body as shielding and ore where it is brought; worthless where the tug cannot move the sample."""
    tug, deposit = tow.find(tug_name), prospect.deposit
    place = "mars-orbit" if "mars" in way.destination or "phobos" in way.destination else "eml1"
    out_s = 2.0 * YEAR  # spiral out and rendezvous; judgement
    depart = way.depart_tdb - out_s
    if depart < frame.span[0]:
        return None
    movable = tow.heaviest(tug, way.delta_v_km_s, max(way.flight_s, YEAR)).mass_kg
    brought = np.where(deposit["mass_kg"] <= float(movable), deposit["mass_kg"], 0.0)
    when = float(epochs.year(way.arrive_tdb))
    prices = market.Market.of(frame.vintage or float(epochs.year(depart)), launch=frame.terms.launch)
    usd_kg = prices.price_usd_kg("shielding", place, sale_year=when)
    cap_kg = market.place(place).caps_t.get("shielding", 100.0) * 1e3 * frame.terms.sell_years
    rng = chance.generator(frame.seed, "capture", prospect.name)
    works = rng.random(len(brought)) < 0.8  # launch, grip, tow and capture together; judgement
    sold = np.where(works, np.minimum(brought, cap_kg), 0.0)
    n, years = len(brought), len(frame.years)
    earned, spent = np.zeros((n, years)), np.zeros((n, years))
    for k in range(frame.terms.sell_years):
        _put(earned, when - frame.years[0] + k, sold * usd_kg / frame.terms.sell_years)
    _put(earned, when - frame.years[0], np.where(works & (brought > 0), prize_usd, 0.0))
    hardware = 20_000.0 * tug.dry_mass_kg  # USD per kg of flight hardware; judgement
    growth = np.exp(0.3 * rng.standard_normal(n))
    for k in range(4):
        _put(spent, float(epochs.year(depart)) - frame.years[0] - k, hardware * growth / 4)
    return Option(
        name=f"{prospect.name} whole to {way.destination}, {tug_name}, {epochs.iso(depart)}",
        project=f"{prospect.name} whole",
        architecture="capture",
        target=prospect.name,
        product="shielding",
        place=place,
        craft=tug_name,
        window=0,
        depart_tdb=depart,
        arrive_tdb=way.depart_tdb,
        end_tdb=way.arrive_tdb,
        delta_v_km_s=way.delta_v_km_s,
        lift_kg=(tug.dry_mass_kg + (tug.propellant_kg if np.isfinite(tug.propellant_kg) else 0.0)) * frame.gear,
        propellant_kg=0.0,  # xenon comes from no depot
        gear=frame.gear,
        port=frame.port,
        delivered_kg=np.where(works, brought, 0.0),
        income_usd=earned.astype(np.float32),
        outlay_usd=spent.astype(np.float32),
        first_year=int(frame.years[0]),
        price_usd_kg=usd_kg,
        owner=prospect.owner,
        status="assumed",
        notes=(way.label, "tug costs and success are judgement", f"the tug moves {float(movable) / 1e3:,.0f} t"),
    )


def check(rows: Sequence[Option]) -> None:
    """Raise BadInput where rows do not fit together."""
    twice = sorted(name for name, times in Counter(row.name for row in rows).items() if times > 1)
    if twice:
        raise BadInput(f"two options called {twice[0]!r}")
    shapes = {row.cash_usd.shape for row in rows}
    if len(shapes) > 1:
        raise BadInput(f"options of one plan have the same samples and years; got {sorted(shapes)}")
