"""Supply of a base on Mars over its windows, as one network: crew there and back, food, spares, cargo and propellant.

Places at the Earth, the Moon and Mars; arcs to Mars only at the real windows, priced by their own speed at infinity.
Plants on the Moon and on Mars are brought if the programme finds that they pay, and not otherwise.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import inf
from typing import Any, Final

from motherlode import epochs
from motherlode.access import ports
from motherlode.campaign import consumables, flow, milp
from motherlode.campaign.network import Arc, Commodity, Demand, Launcher, Network, Plant, Vehicle
from motherlode.campaign.windows import Passage
from motherlode.errors import BadInput, UnknownName
from motherlode.units import DAY

HYDROLOX: Final = {"oxygen": 6 / 7, "hydrogen": 1 / 7}
DESCENT_KM_S: Final = 0.9  # powered, after entry; choice
NEAR_EARTH: Final = (("leo", "gto"), ("gto", "lt"), ("lt", "eml2"), ("llo", "eml2"), ("llo", "lunar"))


@cache
def legs() -> dict[tuple[str, str], float]:
    """Velocity changes of the packaged table, km/s, both ways."""
    lines = (files("motherlode.campaign") / "data" / "legs.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    found = {(r["from"], r["to"]): float(r["delta_v_km_s"]) for r in rows}
    return found | {(b, a): v for (a, b), v in found.items()}


def leg(origin: str, target: str) -> float:
    """One of them; raises UnknownName."""
    if (origin, target) not in legs():
        raise UnknownName("leg", f"{origin} to {target}", [f"{a} to {b}" for a, b in legs()])
    return legs()[origin, target]


@dataclass(frozen=True)
class Base:
    """What a base asks for at each window.

    ``crew``         who goes out at each window and comes back at the next but one return
    ``cargo_kg``     landed at each window
    ``daily_kg``     food, water and gases of one person and day that must come from outside
    ``lunar_plant``, ``mars_plant``  kg of propellant per year and kg of plant; 0 where there is none
    ``plant_upkeep``  spares a year as a share of the plant
    ``tanker_aerobraking``  lunar propellant comes down to low Earth orbit through the atmosphere instead of by a burn
    """

    crew: int = 6
    cargo_kg: float = 20_000.0
    daily_kg: float = consumables.SPACENET.daily_kg
    cabin_kg: float = 25_000.0
    lunar_plant: float = 0.0
    mars_plant: float = 0.0
    plant_upkeep: float = 0.05
    isp_s: float = 448.0
    structure: float = 0.17  # of the propellant
    aerocapture: bool = True
    tanker_aerobraking: bool = False

    def __post_init__(self) -> None:
        if min(self.crew, self.cargo_kg, self.daily_kg, self.lunar_plant, self.mars_plant) < 0:
            raise BadInput("what a base asks for is zero or more")


def network(passages: Sequence[Passage], base: Base, launchers: Sequence[Launcher] = ()) -> Network:
    """The network of a base over its windows.

    passages   by date, each with its way back
    launchers  that lift to low orbit, in whole launches; none: mass alone counts
    """
    if not passages or any(p.back is None for p in passages):
        raise BadInput("a supply network needs windows with a way back")
    fuels = [Commodity(name, propellant=True) for name in HYDROLOX]
    goods = [Commodity(name) for name in ("cargo", "cabin", "food", "spares", "lunar plant", "mars plant")]
    stage = Vehicle("stage", base.structure, inf, 1.0, base.isp_s, HYDROLOX, home="earth", whole=False)
    arcs = [arc for p in passages for arc in _arcs(p, base)]
    plants = [
        Plant(name, place, {k: rate * share for k, share in HYDROLOX.items()}, upkeep=base.plant_upkeep)
        for name, place, rate in (("lunar plant", "lunar", base.lunar_plant), ("mars plant", "mars", base.mars_plant))
        if rate > 0
    ]
    return Network(
        (Commodity("crew", 100.0, integer=True), *goods, *fuels),
        tuple(arcs),
        (stage,),
        tuple(_demands(passages, base, [c.name for c in (*goods, *fuels)])),
        launchers=tuple(launchers),
        plants=tuple(plants),
        holds=dict.fromkeys(("leo", "eml2", "llo", "lunar", "mars orbit", "mars")),
        eats={"food": base.daily_kg},
    )


def _arcs(passage: Passage, base: Base) -> list[Arc]:
    out, back = passage.out, passage.back
    assert back is not None
    t, there, leave, home = out.depart_tdb, out.arrive_tdb, back.depart_tdb, back.arrive_tdb
    arcs = [Arc("earth", "leo", t, t, lift=True, days=0.5)]
    for a, b, delta_v, days in _near_earth():
        down = leg("lt", "eml2") if base.tanker_aerobraking and a == "leo" else delta_v
        arcs += [Arc(a, b, t, t, delta_v, days), Arc(b, a, t, t, down, days)]
    speed = out.c3_km2_s2**0.5
    capture = 0.0 if base.aerocapture else out.arrival_delta_v_km_s
    for place, port in (("leo", "earth-400km"), ("eml2", "lunar-nrho")):
        burn = float(ports.find(port).departure_delta_v_km_s(speed))
        arcs.append(Arc(place, "mars orbit", t, there, burn + capture))
    arcs.append(Arc("mars orbit", "mars", there, there, DESCENT_KM_S, 1.0))
    arcs.append(Arc("mars", "mars orbit", leave, leave, leg("mars", "lmo"), 1.0))
    arcs.append(Arc("mars orbit", "home", leave, home, back.departure_delta_v_km_s))
    return arcs


def _near_earth() -> list[tuple[str, str, float, float]]:
    """Low orbit to the far libration point, on to low lunar orbit and the ground: km/s and days."""
    far = leg("leo", "gto") + leg("gto", "lt") + leg("lt", "eml2")
    return [
        ("leo", "eml2", far, 8.0),
        ("eml2", "llo", leg("eml2", "llo"), 3.0),
        ("llo", "lunar", leg("llo", "lunar"), 0.5),
    ]


def _demands(passages: Sequence[Passage], base: Base, bought: Sequence[str]) -> list[Demand]:
    wanted: list[Demand] = []
    for k, passage in enumerate(passages):
        assert passage.back is not None
        t, there = passage.out.depart_tdb, passage.out.arrive_tdb
        leave, home = passage.back.depart_tdb, passage.back.arrive_tdb
        wanted += [Demand("earth", t, name, inf) for name in bought]
        wanted += [Demand("earth", t, "crew", base.crew), Demand("mars", there, "crew", -base.crew)]
        wanted += [Demand("mars", there, "cargo", -base.cargo_kg)]
        until = passages[k + 1].out.arrive_tdb if k + 1 < len(passages) else leave
        stock = base.crew * base.daily_kg * (until - there) / DAY
        wanted.append(Demand("mars", there, "food", -stock))
        if base.crew:
            wanted += [Demand("mars", leave, "crew", base.crew), Demand("home", home, "crew", -base.crew)]
            wanted.append(Demand("home", home, "cabin", -base.cabin_kg))
    return wanted


@dataclass(frozen=True)
class Supply:
    """A solved supply: the ``plan``, the same ``without`` plants, and what the plants save."""

    plan: flow.Plan
    without_kg: float
    base: Base

    @property
    def saved(self) -> float:
        """Share of the initial mass that the plants save."""
        return 1.0 - self.plan.imleo_kg / self.without_kg

    def summary(self) -> dict[str, Any]:
        """Plain values for JSON."""
        flights = self.plan.flights
        lifted = flights.take(flights["origin"] == "earth")
        mass = [_mass(row) for row in lifted.rows()]
        return {
            "status": self.plan.status,
            "gap": self.plan.gap,
            "imleo_kg": self.plan.imleo_kg,
            "without_plants_kg": self.without_kg,
            "saved": self.saved,
            "plants_kg": {
                name: float(flights[f"{name}_kg"][flights["target"] == place].sum())
                for name, place in (("lunar plant", "lunar"), ("mars plant", "mars"))
            },
            "windows": [
                {"depart_tdb": epochs.iso(when), "lifted_kg": kg} for when, kg in zip(lifted["depart_tdb"], mass)
            ],
            "launches": [{**row, "date_tdb": epochs.iso(row["date_tdb"])} for row in self.plan.launches.rows()],
            "cost_usd": self.plan.cost_usd,
            "imbalance": self.plan.imbalance,
        }


def _mass(row: Mapping[str, Any]) -> float:
    return float(sum(v for k, v in row.items() if k.endswith("_kg")) + 100.0 * row["crew"])


def solve(
    passages: Sequence[Passage],
    base: Base,
    launchers: Sequence[Launcher] = (),
    *,
    objective: str = "imleo",
    gap: float = 1e-4,
    time_limit_s: float = 60.0,
    watch: milp.Watch | None = None,
) -> Supply:
    """Least mass or money that supplies a base, with the plants that it may have and without them."""
    choices: dict[str, Any] = {"objective": objective, "gap": gap, "time_limit_s": time_limit_s}
    found = flow.solve(network(passages, base, launchers), watch=watch, **choices)
    bare = replace(base, lunar_plant=0.0, mars_plant=0.0)
    without = found if bare == base else flow.solve(network(passages, bare, launchers), **choices)
    return Supply(found, without.imleo_kg, base)


def steady_saving(passages: Sequence[Passage], base: Base, *, first: int = 5, gap: float = 1e-4) -> float:
    """Share of the initial mass that plants save once they stand, in the windows after the first ones.

    What they save from the start (``Supply.saved``) is less: the plants themselves must be brought.

    passages  more than ``first`` of them, by date
    """
    if not 0 < first < len(passages):
        raise BadInput(f"a steady state needs more than {first} windows; got {len(passages)}")
    bare = replace(base, lunar_plant=0.0, mars_plant=0.0)

    def later(asked: Base) -> float:
        early, every = (flow.solve(network(some, asked), gap=gap).imleo_kg for some in (passages[:first], passages))
        return every - early

    return 1.0 - later(base) / later(bare)
