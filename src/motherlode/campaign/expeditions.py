"""Expeditions: missions to planets and the Moon that a study spells out, as rows beside the mines and captures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from motherlode import chance, epochs
from motherlode.access.porkchop import Window
from motherlode.campaign import windows
from motherlode.campaign.options import Craft, Frame, Option
from motherlode.capture import tow
from motherlode.errors import BadStudy, NoSolution
from motherlode.mining import massbudget
from motherlode.units import DAY, TONNE, YEAR

GROWTH: Final = 0.35  # standard deviation of the logarithm of cost growth; judgement


@dataclass(frozen=True)
class Expedition:
    """A mission as a study states it.

    ``target``         a planet's mover; "moon" and places near the Earth have a window every year
    ``payload_t``      to the target and left there, ``back_t`` brought home (crew cabin, samples)
    ``delta_v_km_s``   where no ephemeris window prices it: out and back together
    ``lift_t``         published mass in low orbit, taken instead of the rocket equation
    ``aerocapture``    the arrival burn at the target is saved
    ``value_usd``      of success, to the owner; ``cost_usd`` of everything but launches
    ``after``          a project that must have ended before this one departs
    ``repeat``         how many times it may be flown
    ``crew``           people aboard; what they use up is part of ``payload_t`` and ``back_t``, and the answer says so
    """

    name: str
    target: str
    cost_usd: float
    value_usd: float = 0.0
    payload_t: float = 0.0
    back_t: float = 0.0
    delta_v_km_s: float = 0.0
    lift_t: float = 0.0
    aerocapture: bool = False
    round_trip: bool = True
    stay_d: tuple[float, float] = (30.0, 560.0)
    flight_d: tuple[float, float] = (120.0, 420.0)
    development_yr: float = 5.0
    success: float = 0.8
    crew: int = 0
    product: str = ""
    place: str = ""
    delivered_t: float = 0.0
    price_usd_kg: float = 0.0
    crafts: tuple[str, ...] = ()
    owner: str = ""
    needs: tuple[str, ...] = ()
    after: str = ""
    repeat: int = 1
    dates: int = 3
    status: str = "assumed"
    source: str = ""


def rows(expeditions: Iterable[Expedition], crafts: Sequence[Craft], frame: Frame) -> list[Option]:
    """Rows of every expedition: each window, a few dates in it, each craft that may fly it.

    raises  BadStudy for a craft or a target that is not there
    """
    known = {craft.name: craft for craft in crafts}
    made: list[Option] = []
    trips: dict[Any, list[windows.Passage]] = {}  # windows are looked for once, whoever flies through them
    for expedition in expeditions:
        for name in expedition.crafts or tuple(known):
            if name not in known:
                raise BadStudy(
                    f"mission {expedition.name!r} wants the craft {name!r}; the study has: {', '.join(known)}"
                )
            craft = known[name]
            if craft.propulsion in tow.tugs() or (expedition.owner and craft.owner not in ("", expedition.owner)):
                continue
            for turn in range(expedition.repeat):
                made += [_row(expedition, craft, p, turn, frame) for p in _passages(expedition, craft, frame, trips)]
    return made


def _passages(
    expedition: Expedition, craft: Craft, frame: Frame, trips: dict[Any, list[windows.Passage]]
) -> list[windows.Passage] | list[float]:
    """Dated trips, or plain departure dates where the way is open at any time."""
    if expedition.target not in frame.planets or expedition.target == "moon" or expedition.delta_v_km_s:
        first = max(frame.span[0], craft.available[0])
        last = min(frame.span[1], craft.available[1])
        return [float(t) for t in np.arange(first + YEAR / 2, last + 1, YEAR)]
    asked = expedition.target, expedition.flight_d, expedition.stay_d, expedition.round_trip, expedition.dates
    if asked not in trips:
        trips[asked] = _trips(expedition, frame)
    return [trip for trip in trips[asked] if craft.available[0] <= trip.depart_tdb <= craft.available[1]]


def _trips(expedition: Expedition, frame: Frame) -> list[windows.Passage]:
    home, target = frame.planets[frame.home], frame.planets[expedition.target]
    offsets = (0.0,) if expedition.dates < 2 else tuple(np.linspace(-24, 24, expedition.dates | 1))
    best = windows.outbound(
        home, target, frame.span, flight_d=expedition.flight_d, criterion="delta_v", origin_port=frame.port
    )
    return [
        passage
        for number, window in enumerate(best)
        for out in windows.around(home, target, window, offsets_d=offsets)
        for passage in _with_return(expedition, out, number, frame)
    ]


def _with_return(expedition: Expedition, out: Window, number: int, frame: Frame) -> list[windows.Passage]:
    if not expedition.round_trip:
        return [windows.Passage(out, None, number)]
    target, home = frame.planets[expedition.target], frame.planets[frame.home]
    try:
        back = windows.back(target, home, out.arrive_tdb, stay_d=expedition.stay_d, flight_d=expedition.flight_d)
    except NoSolution:
        return []
    return [windows.Passage(out, back, number)]


def _row(expedition: Expedition, craft: Craft, passage: Any, turn: int, frame: Frame) -> Option:
    dated = isinstance(passage, windows.Passage)
    depart = passage.depart_tdb if dated else float(passage)
    arrive = passage.out.arrive_tdb if dated else depart + 5 * DAY
    end = passage.end_tdb if dated else depart + max(expedition.stay_d[0], 10.0) * DAY
    lift, propellant, delta_v = _masses(expedition, craft, passage if dated else None)
    rng = chance.generator(frame.seed, "expedition", expedition.name, str(turn))
    works = rng.random(frame.samples) < expedition.success
    growth = np.exp(GROWTH * rng.standard_normal(frame.samples))
    earned, spent = _cash(expedition, depart, end, works, growth, frame)
    project = expedition.name if expedition.repeat == 1 else f"{expedition.name} {turn + 1}"
    return Option(
        name=f"{project}, {craft.name}, {epochs.iso(depart)}",
        project=project,
        architecture="expedition",
        target=expedition.target,
        product=expedition.product,
        place=expedition.place or expedition.target,
        craft=craft.name,
        window=passage.number if dated else int(epochs.iso(depart)[:4]),
        depart_tdb=depart,
        arrive_tdb=arrive,
        end_tdb=end,
        delta_v_km_s=delta_v,
        lift_kg=lift * frame.gear,
        propellant_kg=propellant,
        gear=frame.gear,
        port=frame.port,
        delivered_kg=np.where(works, expedition.delivered_t * TONNE, 0.0),
        income_usd=earned.astype(np.float32),
        outlay_usd=spent.astype(np.float32),
        first_year=int(frame.years[0]),
        price_usd_kg=expedition.price_usd_kg,
        owner=expedition.owner,
        needs=expedition.needs,
        status=expedition.status,
        notes=_notes(expedition),
        any_day=not dated,
    )


def _notes(expedition: Expedition) -> tuple[str, ...]:
    aboard = f"{expedition.crew} people, their provisions in the payload" if expedition.crew else ""
    return tuple(filter(None, (expedition.source, aboard)))


def _cash(
    expedition: Expedition, depart: float, end: float, works: Any, growth: Any, frame: Frame
) -> tuple[Any, Any]:
    n, years = frame.samples, len(frame.years)
    earned, spent = np.zeros((n, years)), np.zeros((n, years))
    start, stop = (int(float(epochs.year(t)) - frame.years[0]) for t in (depart, end))
    build = max(1, round(expedition.development_yr))
    spent[:, max(0, start - build) : start + 1] += (expedition.cost_usd * growth / (min(build, start) + 1))[:, None]
    sales = expedition.delivered_t * TONNE * expedition.price_usd_kg
    earned[:, min(stop, years - 1)] += np.where(works, expedition.value_usd + sales, 0.0)
    return earned, spent


def _masses(expedition: Expedition, craft: Craft, passage: windows.Passage | None) -> tuple[float, float, float]:
    """Mass in parking orbit, propellant in it (kg), and all burns (km/s): the rocket equation from the end back."""
    push = massbudget.propulsion(craft.propulsion)
    if craft.isp_s:
        push = replace(push, isp_s=craft.isp_s)
    if passage is None:
        out, back = expedition.delta_v_km_s, 0.0
    else:
        arrival = 0.0 if expedition.aerocapture else passage.out.arrival_delta_v_km_s
        out = passage.out.departure_delta_v_km_s + arrival
        back = passage.back.departure_delta_v_km_s if passage.back else 0.0  # home by direct entry
    if expedition.lift_t:
        lift = expedition.lift_t * TONNE
        return lift, lift * (1 - float(1 / massbudget.mass_ratio(out, push.isp_s))), out + back
    homeward = expedition.back_t * TONNE / _share(back, push) if expedition.back_t else 0.0
    there = expedition.payload_t * TONNE + homeward
    lift = there / _share(out, push)
    return lift, lift * (1 - float(1 / massbudget.mass_ratio(out, push.isp_s))), out + back


def _share(delta_v: float, push: massbudget.Propulsion) -> float:
    """Payload over initial mass, in as many stages as it takes."""
    stages = max(1, int(np.ceil(delta_v / (1.2 * push.exhaust_km_s))))
    share = float(massbudget.delivered_share(delta_v / stages, push.isp_s, push.structure_share)) ** stages
    if share <= 0:
        raise NoSolution(f"{push.name} cannot give {delta_v:.1f} km/s; choose a stronger propulsion")
    return share
