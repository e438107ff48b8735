"""The logistics network: places, dated arcs between them, vehicles, plants and what must get where.

Time is a list of events, not days: windows, arrivals, deliveries. Between two events a place holds its stock.
A network says what is possible; ``campaign.flow`` finds what to do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, inf
from typing import Final

from motherlode.constants import G0_M_S2
from motherlode.errors import BadInput, UnknownName
from motherlode.units import DAY

ALWAYS: Final = (-inf, inf)


@dataclass(frozen=True)
class Commodity:
    """Something that is carried: crew by the head, everything else by the kilogram.

    ``unit_kg``     mass of one unit, ``integer`` whole units only
    ``propellant``  travels in tanks and burns; everything else is payload
    ``price_usd``   of one unit where it is bought
    """

    name: str
    unit_kg: float = 1.0
    integer: bool = False
    propellant: bool = False
    price_usd: float = 0.0


@dataclass(frozen=True)
class Vehicle:
    """A spacecraft design: fixed masses, one kind of propulsion.

    ``mixture``     share of each propellant in what it burns, sums to 1
    ``copies``      new ones that may leave ``home`` at one event, ``fleet`` at all events together
    ``upkeep``      share of the dry mass needed in spares for every flight
    ``whole``       False lets the solver fly fractions of it: a design law (mass per kg carried), not a craft
    ``available``   first and last epoch at which new ones leave, TDB s; ``owner`` the party that has it
    """

    name: str
    dry_kg: float
    payload_kg: float
    tank_kg: float
    isp_s: float
    mixture: Mapping[str, float]
    home: str = ""
    copies: float = inf
    fleet: float = inf
    upkeep: float = 0.0
    whole: bool = True
    price_usd: float = 0.0
    available: tuple[float, float] = ALWAYS
    owner: str = ""


@dataclass(frozen=True)
class Launcher:
    """A rocket that lifts mass along a lift arc, in whole launches.

    ``capacity_kg``  to the far end of the arc
    ``pad``          launches from one pad complex share its yearly limit
    """

    name: str
    capacity_kg: float
    price_usd: float = 0.0
    pad: str = ""
    available: tuple[float, float] = ALWAYS
    owner: str = ""


@dataclass(frozen=True)
class Arc:
    """A dated way from one place to another.

    ``depart``, ``arrive``  events, TDB s; equal where the passage takes no step of the calendar
    ``delta_v_km_s``        that the stack gives itself, ``days`` that its crew lives through
    ``vehicles``            the designs that may fly it, all where empty
    ``lift``                carried by launchers: mass counts as initial mass in orbit, no vehicle capacity applies
    """

    origin: str
    target: str
    depart: float
    arrive: float
    delta_v_km_s: float = 0.0
    days: float | None = None
    vehicles: tuple[str, ...] = ()
    lift: bool = False
    name: str = ""

    @property
    def duration_d(self) -> float:
        """Days that a crew spends on it."""
        return (self.arrive - self.depart) / DAY if self.days is None else self.days


@dataclass(frozen=True)
class Plant:
    """Machinery that makes products where it stands, in proportion to its own mass.

    ``commodity``        the plant mass itself, brought like any payload
    ``makes``            kg of each product per year and kg of plant, at full work
    ``decay``, ``upkeep``  shares of the plant mass lost, and needed as spares, per year
    ``available``        share of the time at work, downtime and labour taken off
    """

    commodity: str
    place: str
    makes: Mapping[str, float]
    decay: float = 0.0
    upkeep: float = 0.0
    availability: float = 1.0


@dataclass(frozen=True)
class Demand:
    """Units that appear (positive, infinite allowed) or are used up (negative) at a place and an event."""

    place: str
    when: float
    commodity: str
    amount: float


@dataclass(frozen=True)
class Market:
    """A buyer: at most ``cap`` units per year of a commodity at a place, at a price each."""

    place: str
    commodity: str
    price_usd: float
    cap: float = inf


@dataclass(frozen=True)
class Network:
    """Everything that is possible.

    ``holds``        places where stock may wait, and the crew days of waiting (None: the gap between the events)
    ``eats``         units of each commodity that one crew member uses per day
    ``crew``         name of the crew commodity, ``spares`` of the one that upkeep takes
    ``budget_usd``, ``pads``  limits by calendar year, and by pad and year
    ``g0_m_s2``      only to reproduce studies that rounded it
    """

    commodities: tuple[Commodity, ...]
    arcs: tuple[Arc, ...]
    vehicles: tuple[Vehicle, ...]
    demands: tuple[Demand, ...]
    launchers: tuple[Launcher, ...] = ()
    plants: tuple[Plant, ...] = ()
    markets: tuple[Market, ...] = ()
    holds: Mapping[str, float | None] = field(default_factory=dict)
    eats: Mapping[str, float] = field(default_factory=dict)
    crew: str = "crew"
    spares: str = "spares"
    budget_usd: Mapping[int, float] = field(default_factory=dict)
    pads: Mapping[str, float] = field(default_factory=dict)
    stacks: bool = False
    g0_m_s2: float = G0_M_S2

    def __post_init__(self) -> None:
        known = {c.name for c in self.commodities}
        named = [(d.commodity, "demand") for d in self.demands] + [(p.commodity, "plant") for p in self.plants]
        named += [(k, f"vehicle {v.name}") for v in self.vehicles for k in v.mixture]
        for name, where in named:
            if name not in known:
                raise UnknownName(f"commodity (in a {where})", name, sorted(known))
        for vehicle in self.vehicles:
            if vehicle.mixture and abs(sum(vehicle.mixture.values()) - 1) > 1e-9:
                raise BadInput(f"the mixture of {vehicle.name} sums to {sum(vehicle.mixture.values()):g}; expected 1")
        for arc in self.arcs:
            if arc.arrive < arc.depart:
                raise BadInput(f"the arc {arc.origin} to {arc.target} arrives before it departs")

    @property
    def events(self) -> tuple[float, ...]:
        """Every date at which something happens, in order, TDB s."""
        dates = {d for a in self.arcs for d in (a.depart, a.arrive)} | {d.when for d in self.demands}
        return tuple(sorted(dates))

    @property
    def places(self) -> tuple[str, ...]:
        """Every place of the arcs, in the order in which they appear."""
        return tuple(dict.fromkeys(p for a in self.arcs for p in (a.origin, a.target)))

    def commodity(self, name: str) -> Commodity:
        """The commodity of that name."""
        return next(c for c in self.commodities if c.name == name)

    def burned(self, vehicle: Vehicle, arc: Arc) -> float:
        """Share of the departing stack that a vehicle burns on an arc: 1 - exp(-delta-v / (g0 Isp))."""
        if not arc.delta_v_km_s:
            return 0.0
        return 1.0 - exp(-arc.delta_v_km_s * 1e3 / (self.g0_m_s2 * vehicle.isp_s))

    def flown_by(self, arc: Arc) -> tuple[Vehicle, ...]:
        """Designs that may fly an arc at its date."""
        return tuple(
            v for v in self.vehicles if (not arc.vehicles or v.name in arc.vehicles) and _open(v.available, arc)
        )

    def of_parties(self, members: Iterable[str]) -> "Network":
        """The same network with only what these parties own; what nobody owns is everybody's."""
        inside = {"", *members}
        return replace(
            self,
            vehicles=tuple(v for v in self.vehicles if v.owner in inside),
            launchers=tuple(r for r in self.launchers if r.owner in inside),
        )


def _open(available: Sequence[float], arc: Arc) -> bool:
    return available[0] <= arc.depart <= available[1]
