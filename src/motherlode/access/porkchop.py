"""Porkchops: what it takes to fly from one mover to another, for every departure date and every flight time.

Any two movers will do: planets, asteroids, depots. The grid runs through the wide Lambert stages; lanes that these
cannot vouch for, and the best window, are solved with ``lambert.solve``.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode import epochs
from motherlode.access import ports, refine
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris.bodies import Mover
from motherlode.errors import BadInput, NoSolution
from motherlode.mechanics import lambert, lambert_cells
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import DAY

Array = NDArray[np.float64]
MU: Final = GM_KM3_S2["sun"]
CRITERIA: Final = ("c3", "v_infinity_depart", "v_infinity_arrive", "delta_v")
_POLE: Final = np.array([0.0, 0.0, 1.0])  # ICRF: declinations are equatorial


@dataclass(frozen=True)
class Window:
    """One departure: when, how fast, at what cost."""

    origin: str
    target: str
    origin_port: str
    target_port: str
    depart_tdb: float
    flight_s: float
    v_infinity_depart: Array  # (3) km/s, ICRF
    v_infinity_arrive: Array
    departure_delta_v_km_s: float
    arrival_delta_v_km_s: float
    transfer_type: str  # "I" below 180°, "II" above
    revolutions: int = 0
    branch: str = "low"

    @property
    def arrive_tdb(self) -> float:
        """Arrival, TDB s past J2000."""
        return self.depart_tdb + self.flight_s

    @property
    def c3_km2_s2(self) -> float:
        """Departure energy, km²/s²."""
        return float(self.v_infinity_depart @ self.v_infinity_depart)

    @property
    def v_infinity_arrive_km_s(self) -> float:
        """Arrival speed relative to the target, km/s."""
        return float(np.linalg.norm(self.v_infinity_arrive))

    @property
    def declination_deg(self) -> float:
        """Declination of the departure asymptote, ICRF degrees."""
        return float(np.degrees(np.arcsin(self.v_infinity_depart[2] / np.linalg.norm(self.v_infinity_depart))))

    @property
    def delta_v_km_s(self) -> float:
        """Departure and arrival burns of the two ports together, km/s."""
        return self.departure_delta_v_km_s + self.arrival_delta_v_km_s

    def summary(self) -> dict[str, Any]:
        """As one flat row, units in the names."""
        return {
            "origin": self.origin,
            "target": self.target,
            "depart_tdb": epochs.iso(self.depart_tdb, digits=0),
            "arrive_tdb": epochs.iso(self.arrive_tdb, digits=0),
            "flight_d": self.flight_s / DAY,
            "c3_km2_s2": self.c3_km2_s2,
            "v_infinity_depart_km_s": self.c3_km2_s2**0.5,
            "v_infinity_arrive_km_s": self.v_infinity_arrive_km_s,
            "declination_deg": self.declination_deg,
            "departure_delta_v_km_s": self.departure_delta_v_km_s,
            "arrival_delta_v_km_s": self.arrival_delta_v_km_s,
            "delta_v_km_s": self.delta_v_km_s,
            "origin_port": self.origin_port,
            "target_port": self.target_port,
            "transfer_type": self.transfer_type,
            "revolutions": self.revolutions,
            "branch": self.branch,
        }


@dataclass(frozen=True)
class Porkchop:
    """A grid of departures (n) by flight times (m); every layer is (n, m), NaN where no orbit exists."""

    origin: Mover
    target: Mover
    origin_port: ports.Port
    target_port: ports.Port
    depart_tdb: Array
    flight_s: Array
    v_infinity_depart_km_s: Array
    v_infinity_arrive_km_s: Array
    polar_km_s: Array  # departure velocity towards the north celestial pole
    type_one: NDArray[np.bool_]  # transfer angle below 180°
    revolutions: int = 0
    branch: str = "low"

    @property
    def c3_km2_s2(self) -> Array:
        """Departure energy, km²/s²."""
        return self.v_infinity_depart_km_s**2

    @property
    def declination_rad(self) -> Array:
        """Declination of the departure asymptote, ICRF."""
        return np.asarray(np.arcsin(np.clip(self.polar_km_s / self.v_infinity_depart_km_s, -1, 1)))

    @property
    def arrive_tdb(self) -> Array:
        """Arrival dates, TDB s past J2000."""
        return np.asarray(self.depart_tdb[:, None] + self.flight_s)

    @property
    def delta_v_km_s(self) -> Array:
        """Burns at both ports, km/s."""
        leave = self.origin_port.departure_delta_v_km_s(self.v_infinity_depart_km_s)
        return np.asarray(leave + self.target_port.arrival_delta_v_km_s(self.v_infinity_arrive_km_s))

    def layer(self, criterion: str) -> Array:
        """The layer of a criterion: c3, v_infinity_depart, v_infinity_arrive or delta_v."""
        if criterion not in CRITERIA:
            raise BadInput(f"no criterion {criterion!r}; choose one of: {', '.join(CRITERIA)}")
        return {
            "c3": lambda: self.c3_km2_s2,
            "v_infinity_depart": lambda: self.v_infinity_depart_km_s,
            "v_infinity_arrive": lambda: self.v_infinity_arrive_km_s,
            "delta_v": lambda: self.delta_v_km_s,
        }[criterion]()

    def best(self, criterion: str = "c3", *, transfer_type: str | None = None) -> Window:
        """The window with the least of a criterion, refined to the second between the grid's nodes.

        transfer_type  "I" (below 180°) or "II" to look at one side of the ridge only
        raises         NoSolution where no cell has an orbit
        """
        wanted = np.ones_like(self.type_one) if transfer_type is None else self.type_one == (transfer_type == "I")
        layer = np.where(wanted, self.layer(criterion), np.nan)
        if not np.isfinite(layer).any():
            raise NoSolution(
                f"no orbit from {self.origin.name} to {self.target.name} on this grid "
                f"({self.revolutions} revolutions, type {transfer_type or 'any'})"
            )
        i, j = np.unravel_index(int(np.nanargmin(layer)), layer.shape)

        def cost(depart: Array, flight: Array) -> Array:
            cell = self._exact(depart, flight)
            sided = wanted[i, j] if transfer_type is None else cell.type_one == (transfer_type == "I")
            return np.where(sided, cell.layer(criterion), np.nan)

        limits = (self.depart_tdb, self.flight_s)
        (depart, flight), _ = refine.minimum(
            cost,
            (self.depart_tdb[i], self.flight_s[j]),
            [_spacing(axis) for axis in limits],
            [axis.min() for axis in limits],
            [axis.max() for axis in limits],
            finest=1e-7,
        )
        return self.window(float(np.round(depart)), float(np.round(flight)))

    def window(self, depart_tdb: float, flight_s: float) -> Window:
        """The window of one departure and flight time, solved exactly."""
        ends = (self.origin, self.target, depart_tdb, flight_s, self.origin_port, self.target_port)
        return window(*ends, revolutions=self.revolutions, branch=self.branch)

    def _exact(self, depart: Array, flight: Array) -> "Porkchop":
        leave, arrive, one = _solved(self.origin, self.target, depart, flight, self.revolutions, self.branch)
        speed = np.linalg.norm(leave, axis=-1)
        return Porkchop(
            self.origin, self.target, self.origin_port, self.target_port, depart, flight,
            speed, np.linalg.norm(arrive, axis=-1), leave[..., 2], one,
        )  # fmt: skip


def window(
    origin: Mover,
    target: Mover,
    depart_tdb: float,
    flight_s: float,
    origin_port: ports.Port,
    target_port: ports.Port,
    *,
    revolutions: int = 0,
    branch: str = "low",
) -> Window:
    """The window of one departure and one flight time, solved exactly; arguments as for ``grid``."""
    leave, arrive, one = _solved(origin, target, np.asarray(depart_tdb), np.asarray(flight_s), revolutions, branch)
    return Window(
        str(origin.name), str(target.name), origin_port.name, target_port.name, depart_tdb, flight_s, leave, arrive,
        float(origin_port.departure_delta_v_km_s(np.linalg.norm(leave))),
        float(target_port.arrival_delta_v_km_s(np.linalg.norm(arrive))),
        "I" if one else "II", revolutions, branch,
    )  # fmt: skip


def grid(
    origin: Mover,
    target: Mover,
    depart_tdb: ArrayLike,
    flight_s: ArrayLike,
    *,
    revolutions: int = 0,
    branch: str = "low",
    origin_port: ports.Port | str | None = None,
    target_port: ports.Port | str | None = None,
) -> Porkchop:
    """The porkchop of two movers: prograde, about the Sun alone.

    depart_tdb  (n)  TDB s past J2000, flight_s (m) s, both ascending
    revolutions complete turns; with one or more ``branch`` is "low" or "high" as in ``lambert.solve``
    ports       their burns make up the Δv layer; by default a 400 km orbit at Earth and Mars, elsewhere free space
    raises      BadInput for an empty or falling axis, OutsideEphemeris from the movers
    """
    depart, flight = _axis("departure dates", depart_tdb), _axis("flight times", flight_s)
    if flight[0] <= 0:
        raise BadInput(f"flight times must be positive; the first is {flight[0] / DAY:g} d")
    leaving, arriving = port_of(origin_port, origin), port_of(target_port, target)
    layers = _fast(origin, target, depart, flight) if revolutions == 0 else None
    if layers is None:
        leave, arrive, one = _solved(origin, target, depart[:, None], flight[None, :], revolutions, branch)
        layers = (np.linalg.norm(leave, axis=-1), np.linalg.norm(arrive, axis=-1), leave[..., 2], one)
    return Porkchop(origin, target, leaving, arriving, depart, flight, *layers, revolutions, branch)


def _axis(what: str, values: ArrayLike) -> Array:
    axis = np.atleast_1d(np.asarray(values, dtype=float))
    if axis.ndim != 1 or not len(axis) or not (np.diff(axis) > 0).all():
        raise BadInput(f"the {what} of a porkchop must be one ascending row of numbers; got {len(axis)} of them")
    return axis


def port_of(port: ports.Port | str | None, mover: Mover) -> ports.Port:
    """The port itself, by name, or the usual one of a mover: 400 km at Earth and Mars, elsewhere free space."""
    if port is None:
        port = {"earth": "earth-400km", "mars": "mars-400km"}.get(str(mover.name), "depot")
    return ports.find(port) if isinstance(port, str) else port


def _spacing(axis: Array) -> float:
    return float(np.diff(axis).max()) if len(axis) > 1 else 0.0


def _solved(
    origin: Mover, target: Mover, depart: Array, flight: Array, revolutions: int, branch: str
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Relative velocities at both ends and which transfers are below 180°, for any shapes that broadcast."""
    depart, flight = np.broadcast_arrays(depart, flight)
    from_, to = origin.state(depart), target.state(depart + flight)
    v1, v2 = lambert.solve(
        from_[..., :3], to[..., :3], flight, MU, revolutions=revolutions, branch=branch, north=ECLIPTIC_NORTH
    )
    one = np.cross(from_[..., :3], to[..., :3]) @ ECLIPTIC_NORTH >= 0
    return v1 - from_[..., 3:], v2 - to[..., 3:], one


def _lattice(depart: Array, flight: Array) -> tuple[float, int, Array] | None:
    """Spacing of the arrival dates, departures per spacing and the index of each flight time; None if irregular."""
    if len(depart) < 2:
        return None
    step = depart[1] - depart[0]
    if not np.allclose(np.diff(depart), step, rtol=0, atol=1e-3):
        return None
    for parts in (1, 2, 3, 4, 6, 8, 12, 24):
        index = (flight - flight[0]) / (step / parts)
        if np.allclose(index, np.round(index), rtol=0, atol=1e-8 * parts * len(depart)):
            return step / parts, parts, np.round(index).astype(np.int64)
    return None


def _fast(
    origin: Mover, target: Mover, depart: Array, flight: Array
) -> tuple[Array, Array, Array, NDArray[np.bool_]] | None:
    """The layers by the wide stages, where departures and flights share a lattice of arrival dates."""
    lattice = _lattice(depart, flight)
    if lattice is None:
        return None
    spacing, parts, index = lattice
    arrivals = depart[0] + flight[0] + spacing * np.arange((len(depart) - 1) * parts + index[-1] + 1)
    there, here = _table(target.state(arrivals)), _table(origin.state(depart))
    leave, arrive, polar, lam = (np.empty((len(flight), len(depart))) for _ in range(4))
    axes = (MU, ECLIPTIC_NORTH, _POLE)
    lambert_cells.grid(here, there, index, parts, flight, *axes, leave, arrive, polar, lam)
    _repair(origin, target, depart, flight, leave, arrive, polar)
    return leave.T, arrive.T, polar.T, (lam >= 0).T


def _table(states: Array) -> Array:
    table = np.empty((lambert_cells.COLUMNS, len(states)))
    lambert_cells.tabulate(np.ascontiguousarray(states), MU, table)
    return table


def _repair(origin: Mover, target: Mover, depart: Array, flight: Array, *layers: Array) -> None:
    """The cells that did not converge, solved one by one."""
    j, i = np.nonzero(~np.isfinite(layers[0]))
    if len(i):
        leave, arrive, _ = _solved(origin, target, depart[i], flight[j], 0, "low")
        layers[0][j, i] = np.linalg.norm(leave, axis=-1)
        layers[1][j, i] = np.linalg.norm(arrive, axis=-1)
        layers[2][j, i] = leave[..., 2]
