"""Markets, costs and the four values."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode.economy import costs, market, value
from motherlode.economy.market import Market
from motherlode.errors import BadInput, BadSource, UnknownName
from motherlode.prospect import deposit

Claim = Callable[..., None]
TRIP = value.Trip(4.5, 1.2, 2026.5, 300, 180, 250, 1.1)
AUTHORITIES = Path(__file__).parent / "authorities"


def body(taxonomy: str, h: float = 22.0, n: int = 300) -> deposit.Deposit:
    return deposit.sample({"designation": taxonomy, "h_mag": h, "taxonomy": taxonomy}, n, 7)


def test_avoided_launch_at_every_destination(claim: Claim) -> None:
    published = {"leo": 2940, "geo": 9055, "eml1": 8055, "nrho": 7606, "lunar-surface": 16115, "mars-orbit": 8792}
    prices = Market.of(2026.5)
    error = max(
        abs(prices.launch_to_usd_kg(name) / prices.launch_usd_kg * 2940 / usd - 1) for name, usd in published.items()
    )
    claim(
        "avoided launch per kg at six places",
        oracle="closed form, 450 s and 10 % structure",
        measured=error,
        at_most=1e-3,
        status="modelled",
    )


@pytest.mark.parametrize("product,place", value.BUSINESSES)
def test_four_values_side_by_side(product: str, place: str) -> None:
    v = value.assess(body("M"), TRIP, product=product, place=place, seed=1)
    assert list(v.percentiles()) == list(value.VALUES)
    assert np.all(v.recoverable_usd <= v.gross_in_situ_usd * (1 + 1e-9))
    assert np.all(v.market_absorbed_usd <= v.recoverable_usd * (1 + 1e-9))
    assert np.all(v.risk_adjusted_npv_usd <= v.present_revenue_usd)
    assert np.all(v.delivered_kg <= body("M")["mass_kg"])
    again = value.assess(body("M"), TRIP, product=product, place=place, seed=1)
    assert np.array_equal(v.risk_adjusted_npv_usd, again.risk_adjusted_npv_usd)
    assert v.summary()["vintage"] == 2026.5


def test_a_2003_study_uses_2003_prices_and_says_which_are_unverified() -> None:
    then, now = Market.of(2003), Market.of(2026)
    assert then.metals["platinum"].usd_kg == pytest.approx(22_327, rel=1e-3)
    assert now.metals["platinum"].usd_kg == pytest.approx(57_629)
    assert then.launch_usd_kg > 3 * now.launch_usd_kg
    assert any("unverified prices" in note and "platinum" in note for note in then.notes)
    assert then.notes[0] == "metal prices of 2003"


def test_flooding_in_closed_form() -> None:
    assert market.elastic_price(0.5, -0.55) == pytest.approx(1.5 ** (-1 / 0.55))
    assert market.linear_price(0.1, -0.5) == pytest.approx(0.8)
    assert market.linear_price(3.0, -0.5) == 0.0


@settings(max_examples=30, deadline=None)
@given(
    stock=st.floats(1, 1e9), withdrawal=st.floats(0, 1), elasticity=st.floats(-3, -0.1),
    model=st.sampled_from(["elastic", "linear"]), years=st.integers(1, 20),
)  # fmt: skip
def test_no_market_pays_more_than_spot(
    stock: float, withdrawal: float, elasticity: float, model: str, years: int
) -> None:
    metal = market.Metal("x", 100.0, 1e5, elasticity, withdrawal, True, np.log(100.0), 0.3, "judgement")
    kg = np.array([stock, 2 * stock])
    earned, discounted = market.sell_metal(metal, kg, years=years, rate=0.1, model=model)
    assert np.all(earned <= kg * 100.0) and np.all(discounted <= earned * (1 + 1e-6))
    assert discounted[1] >= discounted[0] * (1 - 1e-6)


def test_full_withdrawal_removes_the_price_depression() -> None:
    metal = market.Metal("x", 100.0, 1e5, -0.5, 1.0, True, np.log(100.0), 0.3, "judgement")
    earned, _ = market.sell_metal(metal, np.array([1e9]), years=1, rate=0.1)
    assert earned[0] == pytest.approx(1e11 * market.PAYABLE * (1 - market.REFINING_CHARGE))


def test_in_space_sales_stop_at_the_cap() -> None:
    sold, revenue, discounted = market.sell_in_space(np.array([1e3, 1e9]), 10.0, 100.0, years=3, rate=0.1)
    assert sold.tolist() == [1e3, 3e5]
    assert revenue.tolist() == [1e4, 3e6]
    assert discounted[1] == pytest.approx(1e6 * (1 + 1 / 1.1 + 1 / 1.21))


def test_svlcm_reproduces_osiris_rex_development(claim: Claim) -> None:
    error = abs(costs.development_musd(880) / 588.5 - 1)
    claim(
        "SVLCM development at 880 kg", oracle="OSIRIS-REx, 588.5 M$", measured=error, at_most=0.05, status="modelled"
    )
    assert costs.unit_musd(880) == pytest.approx(97, abs=1)


def test_calla_2019_fleet_cost_by_the_learning_curve(claim: Claim) -> None:
    total = costs.learned_total(113.6, 200) + 180 + 32
    claim(
        "200 water craft, up-front cost",
        oracle="Calla, Fries & Welch 2019 (6.77 G$)",
        measured=abs(total / 6772 - 1),
        at_most=0.05,
    )


def test_amcm_is_within_a_factor_of_two_of_osiris_rex() -> None:
    musd = costs.amcm_musd(1940, quantity=1, speciality=2.39, year=2016, block=1, difficulty=-1)
    assert musd == pytest.approx(653, rel=0.01)
    assert 0.5 < costs.inflate(musd, 1999, 2016) / 1057.3 < 2


def test_names_that_do_not_exist_are_answered_with_the_choices() -> None:
    with pytest.raises(UnknownName, match="no product called 'helium'; choose one of: water"):
        value.assess(body("C"), TRIP, product="helium", place="eml1")
    with pytest.raises(UnknownName, match="no place of sale called 'venus'"):
        value.assess(body("C"), TRIP, product="water", place="venus")
    with pytest.raises(BadInput, match="stay_d is -1; a trip needs zero or more"):
        value.Trip(4.5, 1.2, 2030, stay_d=-1)


def test_a_users_price_file_replaces_the_packaged_one(tmp_path: Path) -> None:
    table = tmp_path / "prices.csv"
    metals = market.reference.rows("economy", "metals")
    lines = [f"{row['metal']},2030,10,me,judgement" for row in metals]
    table.write_text("metal,year,usd_per_kg,source,status\n" + "\n".join(lines))
    assert Market.of(2030, prices=table).metals["iridium"].usd_kg == pytest.approx(10)
    table.write_text("metal,usd_per_kg\niron,1\n")
    with pytest.raises(BadSource, match="lacks the columns source, status, year"):
        Market.of(2030, prices=table)
