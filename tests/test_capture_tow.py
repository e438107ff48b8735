"""Towing: the identities of the Keck and ARM sizing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode.capture import hauling, tow
from motherlode.capture.plans import Burn, Retrieval
from motherlode.errors import UnknownName
from motherlode.units import HOUR, MINUTE, TONNE, YEAR

KECK = tow.find("sep-40kw")


@pytest.mark.parametrize(
    ("delta_v_km_s", "propellant_t", "thrust_yr"),
    [(0.17, 2.90, 1.65), (0.20, 3.41, 1.94), (0.50, 8.57, 4.9), (1.0, 17.3, 9.7)],
)
def test_keck_identities(claim: Any, delta_v_km_s: float, propellant_t: float, thrust_yr: float) -> None:
    used = tow.propellant_kg(500 * TONNE, delta_v_km_s, KECK.isp_s)
    time = 500 * TONNE * 1e3 * delta_v_km_s / KECK.thrust_newton()
    claim(
        f"propellant that moves 500 t by {delta_v_km_s:g} km/s, 40 kW, 3000 s",
        oracle="closed form as computed in the reference notes",
        measured=float(abs(used / (propellant_t * TONNE) - 1.0)) * 100,
        at_most=0.5,
        unit="%",
        status="modelled",
    )
    assert time / YEAR == pytest.approx(thrust_yr, abs=0.05)


def test_keck_despin_of_one_turn_a_minute() -> None:
    assert tow.despin_propellant_kg(500 * TONNE, 7.0, MINUTE / HOUR) == pytest.approx(24.0, rel=0.01)


def test_despin_grows_with_the_fifth_power_of_size() -> None:
    sizes = np.array([10.0, 20.0])
    small, large = tow.despin_propellant_kg(2000.0 * np.pi / 6 * sizes**3, sizes, 0.5)
    assert large / small == pytest.approx(32.0)


@settings(deadline=None)
@given(st.sampled_from(sorted(tow.tugs())), st.floats(0.01, 2.0), st.floats(0.1, 10.0))
def test_the_heaviest_mass_uses_what_there_is(name: str, delta_v_km_s: float, years: float) -> None:
    tug = tow.find(name)
    load = tow.heaviest(tug, delta_v_km_s, years * YEAR)
    if load.mass_kg > 0.0:
        end = load.mass_kg + tug.dry_mass_kg - (load.propellant_kg if tug.eats_asteroid else 0.0)
        assert tow.propellant_kg(end, delta_v_km_s, tug.isp_s) == pytest.approx(load.propellant_kg, rel=1e-9)
        assert load.thrust_time_s <= years * YEAR * (1 + 1e-12)
        assert load.propellant_kg <= tug.propellant_kg


def test_power_follows_the_path_from_the_sun() -> None:
    """Half the time at 1 au and half at 2: the mean of 1 and 1/4 is the power at 1.265 au."""
    assert KECK.working_distance_au([1.0, 2.0]) == pytest.approx((1.0 / 0.625) ** 0.5)
    assert KECK.thrust_newton(KECK.working_distance_au([1.0, 2.0])) == pytest.approx(0.625 * KECK.thrust_newton())
    nuclear = tow.find("nuclear-1mw")
    assert nuclear.thrust_newton(nuclear.working_distance_au([1.0, 2.0])) == nuclear.thrust_newton()


WAY = Retrieval("rock", "mars-1sol", "Lambert return", (Burn(0.0, 0.2, "leave"), Burn(3e7, 0.33, "brake")), 3e7)
ROCK = hauling.Body(np.array([20.0]), np.array([8e6]), np.array([0.5]), np.array([100.0]))


def test_a_burn_at_a_periapsis_is_left_to_a_chemical_stage() -> None:
    """0.33 km/s in 20 minutes from 100 kN: 364 t with the stage, whatever the electric tug can push."""
    (row,) = hauling.hauls(WAY, ROCK, ["sep-1mw"])["tugs"]
    assert row["max_mass_t"] == pytest.approx(1e5 * 1200.0 / 330.0 / 1e3 - 20.0)
    assert row["limit"] == "thrust of the chemical stage: a burn at a periapsis lasts minutes"
    assert row["chemical_propellant_t"] > 0.0
    far = replace(WAY, destination="sun-mars-l1")
    (row,) = hauling.hauls(far, ROCK, ["sep-1mw"])["tugs"]
    assert row["max_mass_t"] > 1_000.0 and row["chemical_propellant_t"] == 0.0


def test_a_part_is_despun_as_a_part() -> None:
    (row,) = hauling.hauls(WAY, ROCK, ["chemical"])["tugs"]
    assert row["share_of_body"] < 1.0
    width = 20.0 * row["share_of_body"] ** (1.0 / 3.0)
    assert row["despin_kg"] == pytest.approx(
        float(tow.despin_propellant_kg(row["max_mass_t"] * TONNE, width, 0.5)), rel=0.05
    )


def test_an_unknown_tug_names_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="no tug called 'ox-cart'; choose one of: sep-40kw"):
        tow.find("ox-cart")
