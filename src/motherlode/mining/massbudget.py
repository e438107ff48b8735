"""Mass budget: from the parking orbit to the product at its place of sale, over the legs that access found."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import G0_M_S2
from motherlode.errors import NoSolution, UnknownName
from motherlode.prospect import reference
from motherlode.units import DAY

Array = NDArray[np.float64]

DELTA_V_MARGIN: Final = 0.05  # on every leg; judgement
LOW_THRUST_OUT: Final = 1.7  # electric over impulsive speed change out of a gravity well (rule of thumb, secondary)
LOW_THRUST_BACK: Final = 1.4  # and between orbits round the Sun with capture (a spiral costs 40 % more, secondary)
BUS_SHARE: Final = 0.15  # structure, avionics, thermal, of what arrives; judgement
BUS_MIN_KG: Final = 300.0
THRUSTER_KG_KW: Final = 8.0  # thruster, power processing and feed, band 5-15; third-party figure
SOLAR_KW_KG: Final = 0.060  # power system at 1 au, band 0.030-0.150; third-party figure
CAPSULE_SHARE: Final = 0.4  # of the product that enters the atmosphere of the Earth; judgement


@dataclass(frozen=True)
class Propulsion:
    """One way to push."""

    name: str
    isp_s: float
    structure_share: float  # of the propellant
    boil_off_per_d: float
    water_kg: float  # per kg of propellant made on site; 0 where it cannot be
    carbon_kg: float
    kwh_kg: float
    efficiency: float  # of an electric thruster; 0 for the others
    source: str
    status: str

    @property
    def exhaust_km_s(self) -> float:
        """Exhaust speed in km/s."""
        return self.isp_s * G0_M_S2 / 1000

    def drive_kg(self, mass_kg: float, delta_v_km_s: float, thrust_d: float) -> float:
        """Thrusters and their power for an electric leg, kg; 0 for the others."""
        if not self.efficiency:
            return 0.0
        thrust_n = mass_kg * delta_v_km_s * 1000 / (thrust_d * DAY)
        kw = thrust_n * self.exhaust_km_s / (2 * self.efficiency)
        return kw * (THRUSTER_KG_KW + 1 / SOLAR_KW_KG)


@cache
def _table() -> dict[str, Propulsion]:
    words = ("name", "source", "status")
    return {
        row["name"]: Propulsion(**{k: v if k in words else float(v) for k, v in row.items()})  # type: ignore[arg-type]
        for row in reference.rows("mining", "propulsion")
    }


def propulsion(name: str) -> Propulsion:
    """A propulsion system by name; raises UnknownName."""
    if name not in _table():
        raise UnknownName("propulsion", name, list(_table()))
    return _table()[name]


def mass_ratio(delta_v_km_s: ArrayLike, isp_s: float) -> Any:
    """Initial over final mass, (...), of a burn; Tsiolkovsky."""
    return np.exp(np.asarray(delta_v_km_s) / (isp_s * G0_M_S2 / 1000))


def delivered_share(delta_v_km_s: ArrayLike, isp_s: float, structure_share: float) -> Any:
    """Payload over initial mass, (...), of one stage with structure as a share of propellant; 0 where it cannot."""
    rest = 1 / mass_ratio(delta_v_km_s, isp_s)
    return np.maximum(rest - structure_share * (1 - rest), 0.0)


def staged_share(delta_v_km_s: float, isp_s: float, structure_share: float, stages: int) -> float:
    """Payload over initial mass of equal stages that are dropped when empty."""
    return float(delivered_share(delta_v_km_s / stages, isp_s, structure_share)) ** stages


@dataclass(frozen=True)
class Burn:
    """One burn of a chain of stages; what is left of a stage is dropped after its last burn.

    structure_kg   dropped after this burn; None: a share of the propellant; 0 where the same stage burns again
    load_kg        what comes aboard before the burn: cargo, or product
    refuel         the propellant of this burn is bought or made where it starts, not brought from before
    """

    delta_v_km_s: float
    push: Propulsion
    coast_d: float = 0.0
    structure_kg: float | None = None
    load_kg: float = 0.0
    refuel: bool = False


@dataclass(frozen=True)
class Rung:
    """The masses of one burn, kg."""

    initial_kg: float
    propellant_kg: float
    structure_kg: float
    boil_off_kg: float


def ladder(payload_kg: float, burns: Sequence[Burn], *, margin: float = 0.0) -> list[Rung]:
    """Masses of a mission worked backwards from its payload, in the order in which it flies.

    payload_kg   at the end of the last burn, besides what each burn loads
    margin       on every speed change
    returns      one Rung a burn; ``initial_kg`` of the first is what the mission starts with
    raises       NoSolution where a stage cannot lift its own structure
    """
    rungs: list[Rung] = []
    after = payload_kg
    for burn in reversed(burns):
        ratio = float(mass_ratio(burn.delta_v_km_s * (1 + margin), burn.push.isp_s))
        share = burn.push.structure_share if burn.structure_kg is None else 0.0
        fixed = burn.structure_kg or 0.0
        lift = 1 - share * (ratio - 1)
        if lift <= 0:
            raise NoSolution(
                f"{burn.delta_v_km_s:.2f} km/s is too much for one {burn.push.name} stage; split it or choose another"
            )
        propellant = (ratio - 1) * (after + fixed) / lift
        structure = share * propellant + fixed
        boiled = propellant * float(np.expm1(burn.push.boil_off_per_d * burn.coast_d))
        initial = after + structure + propellant + boiled
        rungs.append(Rung(initial, propellant, structure, boiled))
        after = max(initial - burn.load_kg - (propellant + boiled if burn.refuel else 0.0), 0.0)
    return rungs[::-1]


@dataclass(frozen=True)
class Legs:
    """The speed changes and times that access found for one mission."""

    outbound_delta_v_km_s: float
    return_delta_v_km_s: float
    outbound_d: float
    stay_d: float
    return_d: float


@dataclass(frozen=True)
class Budget:
    """Where the mass goes, kg."""

    parking_kg: float
    arriving_kg: float
    bus_kg: float
    return_vehicle_kg: float
    plant_kg: float
    return_ratio: float
    made_on_site: bool
    water_per_propellant: float = 1.0  # kg of product burnt or lost per kg of propellant made from it
    capacity_kg: float = float("inf")  # of product that the carried propellant and drive bring back

    def delivered_kg(self, mined_kg: ArrayLike) -> Array:
        """Product at the place of sale, (n,), of what was mined: the rest is burnt or stays behind."""
        mined = np.asarray(mined_kg, dtype=float)
        if self.made_on_site:
            burnt = self.water_per_propellant * (self.return_ratio - 1)
            return np.asarray(np.maximum((mined - burnt * self.return_vehicle_kg) / (1 + burnt), 0.0))
        return np.asarray(np.clip(mined, 0.0, self.capacity_kg))


def capacity_kg(carried_kg: float, vehicle_kg: float, ratio: float, drive_per_kg: float, drive_kg: float) -> float:
    """Product that comes home on what is carried for it, kg.

    carried_kg     for propellant and, on an electric way back, more thrusters
    vehicle_kg     that comes back with the product
    ratio          initial over final mass
    drive_per_kg   thrusters and power per kg moved; 0 where the way back is not electric
    drive_kg       of those that are there already
    """
    if ratio <= 1:
        return float("inf")
    by_propellant = carried_kg / (ratio - 1) - vehicle_kg
    by_drive = (carried_kg + drive_kg) / (ratio - 1 + drive_per_kg * ratio) - vehicle_kg
    return max(min(by_propellant, by_drive) if drive_per_kg else by_propellant, 0.0)


def outbound_delta_v(legs: Legs, push: Propulsion) -> float:
    """Speed change of the way out in km/s: more than the impulsive one where thrust is low."""
    return legs.outbound_delta_v_km_s * (LOW_THRUST_OUT if push.efficiency else 1.0)


def return_delta_v(legs: Legs, push: Propulsion) -> float:
    """Speed change of the way back in km/s: more than the impulsive one where thrust is low."""
    return legs.return_delta_v_km_s * (LOW_THRUST_BACK if push.efficiency else 1.0)


def outbound(parking_kg: float, legs: Legs, push: Propulsion) -> float:
    """Mass that arrives at the asteroid, kg: two stages where that is better, margin and boil-off taken off."""
    delta_v = outbound_delta_v(legs, push) * (1 + DELTA_V_MARGIN)
    share = max(staged_share(delta_v, push.isp_s, push.structure_share, k) for k in (1, 2))
    return parking_kg * share * float(np.exp(-push.boil_off_per_d * legs.outbound_d * 0.2))


def return_ratio(legs: Legs, push: Propulsion) -> float:
    """Initial over final mass of the way back with margin and boil-off."""
    delta_v = return_delta_v(legs, push) * (1 + DELTA_V_MARGIN)
    return 1 + (float(mass_ratio(delta_v, push.isp_s)) - 1) * float(np.exp(push.boil_off_per_d * legs.return_d * 0.5))
