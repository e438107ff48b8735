"""Ports: published burns, limits, and that every port answers."""

from collections.abc import Callable

import numpy as np
import pytest

from motherlode.access import ports
from motherlode.errors import UnknownName


def test_departure_from_leo_as_nhats_publishes_it(claim: Callable[..., None]) -> None:
    leo = ports.find("earth-400km")
    miss = max(abs(leo.departure_delta_v_km_s(c3**0.5) - dv) for c3, dv in ((1.737, 3.256), (2.197, 3.277)))
    claim("departure from 400 km at C3 1.737 and 2.197", oracle="NHATS API", measured=miss, at_most=6e-4, unit="km/s")


def test_entry_is_free_up_to_twelve_km_s() -> None:
    leo = ports.find("earth-400km")
    assert leo.arrival_delta_v_km_s(4.62) == 0.0
    assert leo.arrival_delta_v_km_s(5.627) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("v_infinity", "circular", "one_sol"),
    [(0.5, 1.418, 0.252), (1.0, 1.495, 0.330), (2.0, 1.795, 0.630), (2.565, 2.040, 0.874), (4.892, 3.460, 2.294)],
)
def test_mars_capture_table(v_infinity: float, circular: float, one_sol: float) -> None:
    """Impulsive capture at 400 km of Mars, computed independently; two rows agree with a printed table."""
    assert ports.find("mars-400km").arrival_delta_v_km_s(v_infinity) == pytest.approx(circular, abs=1e-3)
    assert ports.find("mars-1sol").arrival_delta_v_km_s(v_infinity) == pytest.approx(one_sol, abs=1e-3)


def test_phobos_takes_the_cheaper_way() -> None:
    phobos = ports.find("mars-phobos")
    for v, way in ((1.0, 0), (5.0, 1)):
        assert phobos.departure_delta_v_km_s(v) == phobos.departure[way].delta_v_km_s(v)
        assert phobos.departure_delta_v_km_s(v) < phobos.departure[1 - way].delta_v_km_s(v)


@pytest.mark.parametrize("port", ports.PORTS.values(), ids=lambda port: port.name)
def test_every_port_costs_more_for_more_speed(port: ports.Port) -> None:
    v = np.linspace(0, 12, 200)
    for cost in (port.departure_delta_v_km_s(v), port.arrival_delta_v_km_s(v)):
        assert cost.shape == v.shape
        assert (np.diff(cost) >= 0).all() and (cost >= 0).all()
    assert port.source and port.title


def test_unknown_port_names_the_choices() -> None:
    with pytest.raises(UnknownName, match="no port called 'moonbase'; choose one of: earth-400km, earth-gto"):
        ports.find("moonbase")
