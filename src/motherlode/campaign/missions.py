"""What can be done with an asteroid, as rows: mine it and ship, bring it whole, send a scout first."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode import chance, epochs
from motherlode.access.porkchop import Window
from motherlode.campaign import windows
from motherlode.campaign.options import Craft, Frame, Option, Prospect
from motherlode.capture import retrieval, tow
from motherlode.economy import market, value
from motherlode.economy.mission import Outcome, Sale
from motherlode.economy.value import Trip, Value
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import NoSolution, UnknownName
from motherlode.units import AU, DAY, TONNE, YEAR

Array = NDArray[np.float64]
ARCHITECTURES: Final = ("mine", "capture", "survey")
SURVEY_USD: Final = 250e6  # a small scout; judgement, of the size of the cheapest asteroid missions flown
SURVEY_LIFT_KG: Final = 3_000.0  # in parking orbit; judgement
MARGIN_STAY_D: Final = (90.0, 720.0)  # how long a plant may work before its way home; choice
SPIRAL_OUT_S: Final = 2.0 * YEAR  # a tug's way out with its rendezvous; judgement
CAPTURE_SUCCESS: Final = 0.8  # launch, grip, tow and capture together; judgement
HARDWARE_USD_KG: Final = 20_000.0  # of a tug, dry; judgement
PLACE_PORT: Final = {  # the port whose arrival rule prices the way to a place of sale
    "earth": "earth-400km", "leo": "earth-400km", "eml1": "lunar-nrho", "nrho": "lunar-nrho",
    "lunar-surface": "lunar-surface", "mars-orbit": "mars-1sol", "mars-surface": "mars-1sol",
}  # fmt: skip


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
    for name in architectures:
        if name not in ARCHITECTURES:
            raise UnknownName("architecture", name, list(ARCHITECTURES))
    rows: list[Option] = []
    for prospect in prospects:
        departures = _departures(prospect.mover, frame)
        for product, place in businesses if "mine" in architectures or "survey" in architectures else ():
            for craft in (c for c in crafts if c.propulsion not in tow.tugs()):
                mined = list(_mined(prospect, craft, product, place, departures, frame))
                rows += mined if "mine" in architectures else []
                later = [row for row in mined if row.window > 0]  # a scout needs the window before
                rows += [_surveyed(row, frame) for row in later] if "survey" in architectures else []
        if "capture" in architectures:
            rows += _captured(prospect, tug, destinations, frame, prize_usd)
    return rows


def _departures(body: Mover, frame: Frame) -> list[tuple[int, Window]]:
    """Departures with the number of their launch window: the best date of each, and others around it if asked for."""
    home = frame.planets[frame.home]
    try:
        best = windows.outbound(
            home, body, frame.span, flight_d=(60.0, 720.0), criterion="delta_v", apart_d=150.0,
            origin_port=frame.port, most=frame.windows,
        )  # fmt: skip
    except NoSolution:
        return []
    if frame.dates < 2:
        return list(enumerate(best))
    offsets = tuple(np.linspace(-20, 20, frame.dates | 1))
    spread = [(k, w) for k, one in enumerate(best) for w in windows.around(home, body, one, offsets_d=offsets)]
    return [(k, w) for k, w in spread if frame.span[0] <= w.depart_tdb <= frame.span[1]]


def _mined(
    prospect: Prospect, craft: Craft, product: str, place: str, found: Sequence[tuple[int, Window]], frame: Frame
) -> Iterable[Option]:
    if place not in PLACE_PORT:
        raise UnknownName("place of sale", place, list(PLACE_PORT))
    destination = "mars" if place.startswith("mars") else "earth"
    for number, out in found:
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
    engine = {"outbound": craft.propulsion, "outbound_isp_s": craft.isp_s, "parking_kg": craft.parking_kg}
    terms = replace(frame.terms, **engine)  # type: ignore[arg-type]
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
    tug, mass = tow.find(tug_name), prospect.deposit["mass_kg"]
    depart = way.depart_tdb - SPIRAL_OUT_S
    if depart < frame.span[0]:
        return None
    place = "mars-orbit" if "mars" in way.destination or "phobos" in way.destination else "eml1"
    sold_year, left_year = float(epochs.year(way.arrive_tdb)), float(epochs.year(depart))
    prices = market.Market.of(frame.vintage or left_year, launch=frame.terms.launch)
    usd_kg = prices.price_usd_kg("shielding", place, sale_year=sold_year)
    movable = float(tow.heaviest(tug, way.delta_v_km_s, max(way.flight_s, YEAR)).mass_kg)
    rng = chance.generator(frame.seed, "capture", prospect.name)
    works = rng.random(len(mass)) < CAPTURE_SUCCESS
    brought = np.where(works & (mass <= movable), mass, 0.0)
    takes_t = Sale("shielding", place, prices, sold_year, frame.terms).cap_t
    earned = _capture_income(brought, takes_t, usd_kg, sold_year, frame, prize_usd)
    growth = np.exp(0.3 * rng.standard_normal(len(mass)))
    spent = np.zeros((len(mass), len(frame.years)))
    for k in range(4):
        _put(spent, left_year - frame.years[0] - k, HARDWARE_USD_KG * tug.dry_mass_kg * growth / 4)
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
        delivered_kg=brought,
        income_usd=earned.astype(np.float32),
        outlay_usd=spent.astype(np.float32),
        first_year=int(frame.years[0]),
        price_usd_kg=usd_kg,
        owner=prospect.owner,
        status="assumed",
        notes=(way.label, "tug costs and success are judgement", f"the tug moves {movable / 1e3:,.0f} t"),
    )


def _capture_income(
    brought: Array, takes_t: float, usd_kg: float, year: float, frame: Frame, prize_usd: float
) -> Array:
    """Dollars (sample, year): what the place takes as shielding, in equal parts, and the prize for bringing one."""
    takes_kg = takes_t * TONNE * frame.terms.sell_years
    earned, when = np.zeros((len(brought), len(frame.years))), year - frame.years[0]
    for k in range(frame.terms.sell_years):
        _put(earned, when + k, np.minimum(brought, takes_kg) * usd_kg / frame.terms.sell_years)
    _put(earned, when, np.where(brought > 0, prize_usd, 0.0))
    return earned
