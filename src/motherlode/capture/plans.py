"""What a capture is made of: burns at their dates, the total, and what the number leaves out."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from motherlode.units import DAY, METRE_S

UNVALIDATED: Final = "unvalidated: no published counterpart"


@dataclass(frozen=True)
class Burn:
    """A change of velocity of the asteroid at an epoch."""

    epoch_tdb: float
    delta_v_km_s: float
    what: str


@dataclass(frozen=True)
class Retrieval:
    """One way to bring one asteroid to one destination.

    way          how it gets there: "Lambert return", "stable manifold", "close approach"
    orbit        what it ends in: family, libration point, Jacobi constant, periapsis
    leaves_out   what the figure does not contain, in sentences
    label        "" or the warning that must stand beside the figure
    checks       n-body flight, tug and safety results, as the stages add them
    """

    designation: str
    destination: str
    way: str
    burns: tuple[Burn, ...]
    arrive_tdb: float
    v_infinity_km_s: float = float("nan")
    orbit: dict[str, Any] = field(default_factory=dict)
    leaves_out: tuple[str, ...] = ()
    label: str = ""
    checks: dict[str, Any] = field(default_factory=dict)

    @property
    def delta_v_km_s(self) -> float:
        """Sum of the burns."""
        return sum(burn.delta_v_km_s for burn in self.burns)

    @property
    def depart_tdb(self) -> float:
        """Epoch of the first burn."""
        return self.burns[0].epoch_tdb

    @property
    def flight_s(self) -> float:
        """From the first burn to the arrival."""
        return self.arrive_tdb - self.depart_tdb

    def summary(self) -> dict[str, Any]:
        """Plain values for tables and JSON; keys carry their units."""
        return {
            "designation": self.designation,
            "destination": self.destination,
            "way": self.way,
            "delta_v_m_s": self.delta_v_km_s / METRE_S,
            "depart_tdb": self.depart_tdb,
            "arrive_tdb": self.arrive_tdb,
            "flight_d": self.flight_s / DAY,
            "v_infinity_km_s": None if self.v_infinity_km_s != self.v_infinity_km_s else self.v_infinity_km_s,
            "burns": [asdict(burn) for burn in self.burns],
            "orbit": self.orbit,
            "leaves_out": list(self.leaves_out),
            "label": self.label,
            **self.checks,
        }
