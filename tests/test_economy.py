"""Markets, costs and the four values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode.economy import costs, market, sales, value
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
        "launch that a kilogram of water or iron replaces in orbit at six places, up to 16,000 dollars, relative",
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
    assert sales.elastic_price(0.5, -0.55) == pytest.approx(1.5 ** (-1 / 0.55))
    assert sales.linear_price(0.1, -0.5) == pytest.approx(0.8)
    assert sales.linear_price(3.0, -0.5) == 0.0


def ore(elasticity: float, withdrawal: float, supply: float = 1e5) -> market.Metal:
    return market.Metal("x", 100.0, supply, elasticity, withdrawal, True, np.log(100.0), 0.3, "judgement")


def earned(metal: market.Metal, kg: list[float], **how: Any) -> np.ndarray[Any, Any]:
    sold, relative = sales.metal(np.array(kg), metal, **how)
    return np.asarray(sold * relative * metal.usd_kg)


@settings(max_examples=40, deadline=None)
@given(
    stock=st.floats(1, 1e9),
    withdrawal=st.floats(0, 1),
    elasticity=st.floats(-3, -0.1).map(lambda e: round(e, 1)),
    model=st.sampled_from(["elastic", "linear"]),
    years=st.integers(1, 12),
)
def test_no_market_pays_more_than_spot_nor_sells_more_than_there_is(
    stock: float, withdrawal: float, elasticity: float, model: str, years: int
) -> None:
    how: dict[str, Any] = {"years": years, "rate": 0.1, "model": model}
    sold, relative = sales.metal(np.array([stock, 2 * stock]), ore(elasticity, withdrawal), **how)
    assert np.all(sold.sum(axis=0) <= np.array([stock, 2 * stock]) * (1 + 1e-12)) and np.all(relative <= 1)
    paid = sold * relative * 1.1 ** -np.arange(years)[:, None]
    assert paid.sum(axis=0)[1] >= paid.sum(axis=0)[0] * (1 - 1e-3)


@pytest.mark.parametrize("model", ["elastic", "linear"])
@pytest.mark.parametrize("stock", [1e3, 3e4, 4e5])
def test_sales_schedule_beats_every_other_split_of_the_stock(model: str, stock: float, claim: Claim) -> None:
    """The optimisation per year against scipy's on the same problem."""
    from scipy.optimize import minimize

    metal, years = ore(-0.55, 0.4), 4
    weight = 1.1 ** -np.arange(years)

    def present(q: np.ndarray[Any, Any]) -> float:
        return float(np.sum(q * sales.price(q * 0.6 / metal.supply_kg, -0.55, model) * weight))

    found, _ = sales.metal(np.array([stock]), metal, years=years, rate=0.1, model=model)
    split = [np.full(years, stock / years), np.array([stock, 0, 0, 0]), np.full(years, stock / 10)]
    best = max(
        -minimize(
            lambda q: -present(q), start, bounds=[(0, stock)] * years, method="SLSQP",
            constraints={"type": "ineq", "fun": lambda q: stock - q.sum()}, options={"ftol": 1e-12, "maxiter": 300},
        ).fun
        for start in split
    )  # fmt: skip
    short = 1 - present(found[:, 0]) / best
    claim(
        f"sales schedule of {stock:g} kg, {model} demand, below the optimum",
        oracle="SciPy SLSQP",
        measured=short,
        at_most=1e-3,
    )


def test_full_withdrawal_and_infinite_elasticity_remove_the_price_depression() -> None:
    assert earned(ore(-0.5, 1.0), [1e9], years=1, rate=0.1).sum() == pytest.approx(1e11)
    assert earned(ore(-1e6, 0.0), [1e5], years=1, rate=0.1).sum() == pytest.approx(1e7, rel=1e-4)


def test_in_space_sales_stop_at_the_cap() -> None:
    sold = sales.in_space(np.array([1e3, 1e9]), 100.0, years=3)
    assert sold.sum(axis=0).tolist() == [1e3, 3e5]
    assert sold[:, 1].tolist() == [1e5, 1e5, 1e5]


def test_price_paths_are_correlated_and_revert_to_the_mean_of_their_history() -> None:
    prices = Market.of(2026)
    z = np.random.default_rng(1).standard_normal((1 + len(market.METALS), 30, 4000))
    paths = np.log(prices.paths(0.0, 30, z))
    assert np.all(paths[:, 0] == 0.0)
    for index, name in enumerate(market.METALS):
        metal = prices.metals[name]
        far = metal.log_mean - np.log(metal.usd_kg)
        assert paths[index, -1].mean() == pytest.approx(far, abs=0.1)
    assert np.corrcoef(paths[0, 10], paths[1, 10])[0, 1] == pytest.approx(market.PRICE_CORRELATION, abs=0.06)


def test_launch_prices_follow_the_trend_known_at_the_vintage() -> None:
    then, now = Market.of(2003), Market.of(2026)
    assert then.launch_trend == pytest.approx(np.log(10_500 / 12_000) / 13, abs=0.004)
    assert -0.06 < now.launch_trend < -0.03
    z = np.random.default_rng(1).standard_normal((11, 10, 20_000))
    paths = now.launch_paths(4.0, 10, z)
    assert paths.shape == (1, 10, 20_000)
    assert paths[0].mean(axis=1) == pytest.approx(np.exp(now.launch_trend * (4 + np.arange(10))), rel=0.02)


def test_svlcm_reproduces_osiris_rex_development(claim: Claim) -> None:
    error = abs(costs.development_musd(880) / 588.5 - 1)
    claim(
        "development cost of OSIRIS-REx by the NASA mass law, 5 % off at most",
        oracle="OSIRIS-REx, 588.5 M$",
        measured=error,
        at_most=0.05,
        status="modelled",
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


def test_in_space_a_kilogram_is_worth_the_lesser_of_launch_and_the_next_supplier() -> None:
    prices = Market.of(2026)
    launched = prices.launch_to_usd_kg("eml1")
    assert prices.launch_to_usd_kg("eml1", sale_year=2039.9) == launched > 1500
    assert prices.launch_to_usd_kg("eml1", sale_year=2040.0) == 1500
    assert prices.launch_to_usd_kg("mars-orbit", sale_year=2050) == prices.launch_to_usd_kg("mars-orbit")
    cheap = Market.of(2035, launch="low")
    assert cheap.launch_to_usd_kg("eml1", sale_year=2045) == pytest.approx(100 / 0.365, rel=1e-3)


def test_every_coefficient_and_price_names_its_source_and_status() -> None:
    for name in ("coefficients", "prices", "launch_prices", "places", "metals", "consumer_prices"):
        for row in market.reference.rows("economy", name):
            assert row["source"] and row["status"] in {
                "primary",
                "secondary",
                "derived",
                "judgement",
                "unverified",
            }, row
        assert market.reference.notes("economy", name)
    for each in costs.coefficients().values():
        assert each.low <= each.value <= each.high


def test_costs_grow_with_mass_time_and_a_single_mission_pays_all_its_development() -> None:
    def total(**changed: Any) -> float:
        asked = {"dry_kg": 2000.0, "parking_kg": 2e4, "drive_kw": 0.0, "home": "earth", "to_earth": False, "fleet": 5}
        asked |= {"mission_yr": np.full(3, 3.0), "growth_z": np.zeros(3)} | changed
        return float(costs.mission(Market.of(2026), costs.values(), **asked).total_usd.mean())  # type: ignore[arg-type]

    base = total()
    for change in ({"dry_kg": 4000.0}, {"parking_kg": 4e4}, {"drive_kw": 50.0}, {"to_earth": True}, {"fleet": 1}):
        assert total(**change) > base
    assert total(home="mars") > base
    assert total(mission_yr=np.full(3, 6.0)) > base
