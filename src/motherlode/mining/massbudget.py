"""Mass budget: from the parking orbit to the product at its place of sale, over the legs that access found."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.constants import G0_M_S2
from motherlode.errors import UnknownName
from motherlode.prospect import reference

Array = NDArray[np.float64]

DELTA_V_MARGIN: Final = 0.05  # on every leg; judgement
BUS_SHARE: Final = 0.15  # structure, avionics, thermal, of what arrives; judgement
BUS_MIN_KG: Final = 300.0
CAPSULE_SHARE: Final = 0.4  # of the product that enters the atmosphere of the Earth; judgement


@dataclass(frozen=True)
class Propulsion:
    """One way to push."""

    name: str
    isp_s: float
    structure_share: float  # of the propellant
    boil_off_per_d: float
    made_from: str
    source: str
    status: str

    @property
    def exhaust_km_s(self) -> float:
        """Exhaust speed in km/s."""
        return self.isp_s * G0_M_S2 / 1000


@cache
def _table() -> dict[str, Propulsion]:
    numbers = ("isp_s", "structure_share", "boil_off_per_d")
    return {
        row["name"]: Propulsion(**{k: float(v) if k in numbers else v for k, v in row.items()})  # type: ignore[arg-type]
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
    return_propellant_kg: float  # carried from home; 0 when made on site
    return_ratio: float
    made_on_site: bool

    def delivered_kg(self, mined_kg: ArrayLike) -> Array:
        """Product at the place of sale, (n,), of what was mined: the rest is burnt or stays behind."""
        mined = np.asarray(mined_kg, dtype=float)
        dry = self.return_vehicle_kg
        if self.made_on_site:
            return np.asarray(np.maximum((mined - (self.return_ratio - 1) * dry) / self.return_ratio, 0.0))
        return np.asarray(np.clip(mined, 0.0, self.capacity_kg))

    @property
    def capacity_kg(self) -> float:
        """Product that the carried propellant can bring back."""
        if self.return_ratio <= 1:
            return float("inf")
        return max(self.return_propellant_kg / (self.return_ratio - 1) - self.return_vehicle_kg, 0.0)


def outbound(parking_kg: float, legs: Legs, push: Propulsion) -> float:
    """Mass that arrives at the asteroid, kg: two stages where that is better, margin and boil-off taken off."""
    delta_v = legs.outbound_delta_v_km_s * (1 + DELTA_V_MARGIN)
    share = max(staged_share(delta_v, push.isp_s, push.structure_share, k) for k in (1, 2))
    return parking_kg * share * float(np.exp(-push.boil_off_per_d * legs.outbound_d * 0.2))


def return_ratio(legs: Legs, push: Propulsion) -> float:
    """Initial over final mass of the way back with margin and boil-off."""
    delta_v = legs.return_delta_v_km_s * (1 + DELTA_V_MARGIN)
    return 1 + (float(mass_ratio(delta_v, push.isp_s)) - 1) * float(np.exp(push.boil_off_per_d * legs.return_d * 0.5))
