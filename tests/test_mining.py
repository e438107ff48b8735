"""Mining methods, plants and mass budgets."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode.errors import UnknownName
from motherlode.mining import massbudget, methods, plant
from motherlode.mining.massbudget import Legs
from motherlode.prospect import deposit

Claim = Callable[..., None]


def wet(h: float = 26.0, **facts: float) -> deposit.Deposit:
    return deposit.sample({"designation": "wet", "h_mag": h, "taxonomy": "Ch", **facts}, 400, 3)


def draws(n: int = 400) -> plant.Draws:
    u = np.random.default_rng(1).random((2, n))
    return plant.Draws(u[0], u[1])


def test_heat_of_water_at_three_grades(claim: Claim) -> None:
    oven = methods.find("bag-baking")
    measured = oven.heat_kwh_kg(np.array([0.05, 0.10, 0.20]))
    error = float(np.abs(measured / [4.33, 2.53, 1.63] - 1).max())
    claim(
        "kWh of heat per kg of water at 5, 10, 20 wt%",
        oracle="closed form",
        measured=error,
        at_most=0.005,
        status="modelled",
    )


def test_100_t_of_water_in_200_days_needs_53_kw() -> None:
    heat = methods.find("bag-baking").heat_kwh_kg(np.array([0.10]))[0]
    assert 100_000 * heat / (200 * 24) == pytest.approx(53, abs=1)


def test_every_method_names_its_source_and_status() -> None:
    for method in methods.METHODS.values():
        assert method.source and method.status in {"secondary", "derived", "judgement", "claim", "unverified"}
        assert 0 < method.recovery_low <= method.recovery_high <= 1
        assert method.throughput_low < method.throughput_high


def test_a_fast_spinner_too_big_for_a_bag_cannot_be_mined() -> None:
    fast, slow = wet(22.0, period_h=0.1), wet(22.0, period_h=8.0)
    ways = [m for m in methods.for_product("water") if m.hold != "tether"]
    built = plant.Plant(5000, 50, 500)
    assert plant.extract(fast, ways, built, 200, 1.0, draws()).product_kg.max() == 0
    assert plant.extract(fast, ways, built, 200, 1.0, draws()).limits() == {"hold": 1.0}
    assert np.median(plant.extract(slow, ways, built, 200, 1.0, draws()).product_kg) > 0


@settings(max_examples=25, deadline=None)
@given(
    equipment=st.floats(10, 1e6), stay=st.floats(1, 1000), distance=st.floats(0.7, 3), h=st.floats(18, 30),
    product=st.sampled_from(methods.PRODUCTS),
)  # fmt: skip
def test_extraction_stays_inside_the_body_and_grows_with_throughput(
    equipment: float, stay: float, distance: float, h: float, product: str
) -> None:
    d = deposit.sample({"designation": "x", "h_mag": h}, 60, 1)
    ways, built = methods.for_product(product), plant.Plant(equipment, 1e4, 1e4)
    once = plant.extract(d, ways, built, stay, distance, draws(60))
    twice = plant.extract(d, ways, built, stay, distance, draws(60), throughput_factor=2.0)
    assert np.all(once.product_kg <= methods.in_place_kg(d, ways[0].resource) * (1 + 1e-9))
    assert np.all(once.feed_kg <= d["mass_kg"] * (1 + 1e-9))
    assert np.all(twice.product_kg >= once.product_kg * (1 - 1e-12))
    assert all(np.all(kg <= d[f"{name}_kg"] * (1 + 1e-9)) for name, kg in once.parts_kg.items())


def test_power_falls_with_the_square_of_the_distance() -> None:
    d, ways = wet(), methods.for_product("water")
    starved = plant.Plant(1e6, 1e3, 1.0)
    near = plant.extract(d, ways, starved, 100, 1.0, draws()).product_kg
    far = plant.extract(d, ways, starved, 100, 2.0, draws()).product_kg
    limited = near < methods.in_place_kg(d, "water") * 0.4
    assert far[limited] == pytest.approx(near[limited] / 4)


def test_rocket_equation_and_keck_2012_return_leg(claim: Claim) -> None:
    xenon = 500_000 * (massbudget.mass_ratio(0.17, 3000) - 1)
    claim(
        "xenon to move 500 t by 170 m/s at 3000 s",
        oracle="Keck 2012 identity (2.90 t)",
        measured=abs(xenon - 2900),
        at_most=10,
        unit="kg",
    )


def test_payload_share_to_each_destination_as_tabled() -> None:
    for delta_v, share in ((4.2, 0.3247), (3.8, 0.3650), (6.0, 0.1824), (4.1, 0.3344), (5.7, 0.2023)):
        assert massbudget.delivered_share(delta_v, 450, 0.10) == pytest.approx(share, abs=1e-4)


def test_mass_is_conserved_from_parking_orbit_to_sale() -> None:
    legs = Legs(4.5, 1.0, 300, 180, 300)
    push = massbudget.propulsion("hydrogen-oxygen")
    arriving = massbudget.outbound(60_000, legs, push)
    assert 0 < arriving < 60_000 * massbudget.delivered_share(0, push.isp_s, push.structure_share)
    ratio = massbudget.return_ratio(legs, massbudget.propulsion("steam"))
    budget = massbudget.Budget(60_000, arriving, 2000, 2000, arriving - 2000, 0, ratio, True)
    sold = budget.delivered_kg(np.array([50_000.0]))[0]
    assert (sold + 2000) * ratio == pytest.approx(52_000)
    assert budget.delivered_kg(np.array([100.0]))[0] == 0.0


def test_unknown_names_are_answered_with_the_choices() -> None:
    with pytest.raises(UnknownName, match="no propulsion called 'warp'; choose one of: hydrogen-oxygen"):
        massbudget.propulsion("warp")
    with pytest.raises(UnknownName, match="no mining method called 'dynamite'"):
        methods.find("dynamite")
