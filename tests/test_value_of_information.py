"""Sensitivity, break-even, internal rate of return and the worth of looking first."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode.economy import cashflow, mission, prospecting, sensitivity, value
from motherlode.economy.mission import Terms, Trip
from motherlode.economy.sensitivity import Question
from motherlode.errors import UnknownName
from motherlode.mining import plant
from motherlode.prospect import deposit
from motherlode.prospect.taxonomy import posterior, prior_of_orbit

Claim = Callable[..., None]
TRIP = Trip(4.2, 0.8, 2003.5, 300, 250, 250, 1.1)
RICH = Terms(fleet=40, caps_t={"eml1": 1000.0})


def wet(**changed: object) -> Question:
    asked = Question({"designation": "wet", "h_mag": 22.0, "taxonomy": "Ch", "period_h": 6.0}, TRIP, "water", "eml1")
    return replace(asked, **changed)  # type: ignore[arg-type]


def test_ishigami_sobol_indices(claim: Claim) -> None:
    """The standard function of the field: a = 7, b = 0.1; see the figures."""

    def ishigami(x: sensitivity.Numbers) -> np.ndarray:  # type: ignore[type-arg]
        return np.asarray(np.sin(x["x1"]) + 7 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"]))

    rng = np.random.default_rng(5)
    first, second = ({name: rng.uniform(-np.pi, np.pi, 200_000) for name in ("x1", "x2", "x3")} for _ in range(2))
    found = sensitivity.indices(ishigami, first, second)
    truth = {"x1": (0.3139, 0.5576), "x2": (0.4424, 0.4424), "x3": (0.0, 0.2437)}
    worst = max(abs(found[k][i] - truth[k][i]) for k in truth for i in (0, 1))
    claim("Sobol indices of the Ishigami function", oracle="closed form", measured=worst, at_most=0.01)


def test_sobol_names_what_decides() -> None:
    found = sensitivity.sobol(wet(), 1500, of="market_absorbed_usd")
    assert set(found) == set(sensitivity.GROUPS)
    assert next(iter(found)) in ("throughput", "grade", "size")
    assert found["throughput"][1] > 0.2 > found["class"][1]
    assert found["success"] == (0.0, 0.0)  # what is absorbed is before failure
    assert sensitivity.sobol(wet(), 300) == sensitivity.sobol(wet(), 300)


def test_tornado_puts_the_longest_bar_first() -> None:
    base, bars = sensitivity.tornado(wet(), 200)
    swings = [bar.swing_usd for bar in bars]
    assert swings == sorted(swings, reverse=True)
    prices = next(bar for bar in bars if bar.name == "all prices")
    assert prices.low_usd <= base <= prices.high_usd
    assert len(sensitivity.tornado(wet(), 50, top=5)[1]) == 5


def test_internal_rate_of_return_of_textbook_flows() -> None:
    assert cashflow.internal_rate(np.array([0.0, 1.0]), np.array([-100.0, 110.0])) == pytest.approx(0.10, abs=1e-9)
    four = np.array([-100.0, 60.0, 60.0, 60.0])
    assert cashflow.internal_rate(np.arange(4.0), four) == pytest.approx(0.3631, abs=1e-4)
    assert np.isnan(cashflow.internal_rate(np.arange(2.0), np.array([-100.0, 0.0])))
    both = cashflow.internal_rate(np.arange(4.0)[:, None], np.stack([four, -four * [1, 0, 0, 0]], axis=1))
    assert both[0] == pytest.approx(0.3631, abs=1e-4)


def test_at_its_internal_rate_a_mission_is_worth_nothing() -> None:
    v = value.assess(wet().deposit(300), TRIP, product="water", place="eml1", terms=RICH)
    times, amounts = cashflow.of(v.outcome)
    each = cashflow.internal_rate(times, amounts)
    earning = np.isfinite(each) & (each > -0.85)
    left = np.sum(amounts * (1 + np.where(earning, each, 0.0)) ** -times, axis=0)
    assert np.all(np.abs(left[earning]) < 1e-6 * np.abs(amounts).sum(axis=0)[earning])
    spread = v.irr_spread()
    assert spread["p05"] <= spread["p50"] <= spread["p95"]
    assert spread["share_without_return"] == pytest.approx(float(np.mean(~np.isfinite(each))))
    assert np.mean(each > RICH.discount) == pytest.approx(v.probability_npv_positive, abs=0.01)


def test_at_the_break_even_throughput_the_mean_npv_is_zero() -> None:
    q = wet(terms=RICH)
    v = value.assess(q.deposit(250), TRIP, product="water", place="eml1", terms=RICH)
    even = v.break_even_throughput_kg_d_kg
    usual = plant.typical(q.deposit(250), mission.ways("water", RICH))
    factor = even / np.sqrt(usual.throughput_low * usual.throughput_high)

    def npv(feed: float) -> float:
        budget, built, drive = mission.design(q.deposit(250), TRIP, "water", RICH)
        more = max(feed, 1.0)
        fed = replace(built, electric_kw=built.electric_kw * more, heat_kw=built.heat_kw * more)
        terms = replace(RICH, throughput_factor=feed)
        flown = mission.fly(
            q.deposit(250), TRIP, "water", "eml1", v.market, terms, q.draws(250), designed=(budget, fed, drive)
        )
        return float(flown.npv_usd.mean())

    assert npv(0.99 * factor) < 0 <= npv(1.001 * factor)
    nobody = Terms(caps_t={"eml1": 0.1})
    hopeless = value.assess(q.deposit(250), TRIP, product="water", place="eml1", terms=nobody)
    assert hopeless.break_even_throughput_kg_d_kg == float("inf")


def test_at_the_break_even_price_the_mean_npv_is_zero() -> None:
    q = wet(terms=RICH)
    v = value.assess(q.deposit(250), TRIP, product="water", place="eml1", terms=RICH)
    scaled = replace(RICH, price_factor=v.break_even_price_factor)
    again = value.assess(q.deposit(250), TRIP, product="water", place="eml1", terms=scaled)
    assert again.risk_adjusted_npv_usd.mean() == pytest.approx(0.0, abs=1e-6 * v.present_cost_usd.mean())


def test_waterfall_ends_at_the_npv() -> None:
    v = value.assess(wet().deposit(300), TRIP, product="water", place="eml1")
    assert sum(v.waterfall().values()) == pytest.approx(v.risk_adjusted_npv_usd.mean())


def test_information_is_never_worth_less_than_nothing_much_and_a_sure_loss_stays_home() -> None:
    lost = prospecting.worth(wet(trip=replace(TRIP, depart_year=2026.5)), bodies=60, futures=32)
    assert lost.blind_usd == 0.0 and lost.decision == "stay home"
    assert lost.probe_usd >= 0.0


def test_a_doubtful_asteroid_is_worth_a_probe() -> None:
    better = replace(RICH, throughput_factor=5.0)
    doubtful = Question({"designation": "maybe", "h_mag": 22.0, "taxonomy": "C"}, TRIP, "water", "eml1", terms=better)
    found = prospecting.worth(doubtful, bodies=120, futures=64)
    assert 0 < found.chance_to_go < 1
    assert found.probe_usd > found.spectrum_usd == 0.0  # the class is known already
    assert found.summary()["decision"] in ("probe first", "stay home", "commit now")


@settings(max_examples=25, deadline=None)
@given(
    factor=st.floats(1.0, 5.0),
    business=st.sampled_from([*value.BUSINESSES, ("metal", "earth"), ("shielding", "leo"), ("propellant", "nrho")]),
    taxonomy=st.sampled_from(["", "Ch", "M", "S", "X"]),
    seed=st.integers(0, 50),
)
def test_invariants_of_value(factor: float, business: tuple[str, str], taxonomy: str, seed: int) -> None:
    """Price up never lowers NPV; product stays inside the body, revenue inside cap x price, values in order."""
    product, place = business
    d = deposit.sample({"designation": "p", "h_mag": 23.0, "taxonomy": taxonomy}, 60, seed)
    plain, dear = (
        value.assess(d, TRIP, product=product, place=place, seed=seed, terms=Terms(price_factor=f))
        for f in (1.0, factor)
    )
    assert np.all(dear.risk_adjusted_npv_usd >= plain.risk_adjusted_npv_usd - 1e-6)
    assert np.all(plain.delivered_kg <= value.in_situ(d, product)[0] * (1 + 1e-9))
    assert np.all(plain.market_absorbed_usd <= plain.recoverable_usd * (1 + 1e-9))
    assert np.all(plain.recoverable_usd <= plain.gross_in_situ_usd * (1 + 1e-9))
    if place != "earth":
        cap = mission.Sale(product, place, plain.market, 2005, Terms()).cap_t * 1000 * Terms().sell_years
        assert np.all(plain.market_absorbed_usd <= cap * plain.price_usd_kg * (1 + 1e-9))


@settings(max_examples=15, deadline=None)
@given(sigma=st.floats(0.05, 0.5), more=st.floats(1.1, 3.0), h=st.floats(18, 26))
def test_more_uncertainty_never_narrows_intervals(sigma: float, more: float, h: float) -> None:
    def width(h_sigma: float) -> float:
        assumed = deposit.Assumptions(h_sigma_mag=h_sigma)
        d = deposit.sample({"designation": "w", "h_mag": h, "taxonomy": "S"}, 400, 1, assumptions=assumed)
        low, high = np.percentile(np.log(d["mass_kg"]), [5, 95])
        return float(high - low)

    assert width(sigma * more) >= width(sigma) - 0.05


def test_a_misspelt_coefficient_is_refused() -> None:
    with pytest.raises(UnknownName, match="no coefficient called 'learnin'"):
        value.assess(
            wet().deposit(20), TRIP, product="water", place="eml1", terms=Terms(coefficients={"learnin": 1.0})
        )


@settings(max_examples=40, deadline=None)
@given(
    albedo=st.one_of(st.none(), st.floats(0.01, 0.8)),
    radar=st.one_of(st.none(), st.floats(0.02, 0.8)),
    colour=st.one_of(st.none(), st.floats(0.5, 1.2)),
    density=st.one_of(st.none(), st.floats(0.8, 7.5)),
    taxonomy=st.sampled_from(["", "S", "Xe", "X", "C:", "K/L"]),
    a=st.floats(0.6, 3.5),
    e=st.floats(0.0, 0.9),
)
def test_shares_sum_to_one(
    albedo: float | None,
    radar: float | None,
    colour: float | None,
    density: float | None,
    taxonomy: str,
    a: float,
    e: float,
) -> None:
    facts = {"designation": "s", "h_mag": 22.0, "albedo": albedo, "radar_albedo": radar, "b_v": colour}
    facts |= {
        "density_g_cm3": density,
        "taxonomy": taxonomy,
        "semi_major_axis_au": a,
        "eccentricity": e,
        "inclination_deg": 5.0,
    }
    assert posterior(facts, prior=prior_of_orbit(facts)).sum() == pytest.approx(1.0)
    d = deposit.sample(facts, 50, 1)
    v = value.assess(d, TRIP, product="metal", place="eml1", terms=Terms())
    for shares in (d.class_fractions, d.hold_modes, v.haul.limits()):
        assert sum(shares.values()) == pytest.approx(1.0)


def test_propellant_is_seven_ninths_of_its_water() -> None:
    d = wet().deposit(100)
    water = value.assess(d, TRIP, product="water", place="nrho", terms=Terms())
    propellant = value.assess(d, TRIP, product="propellant", place="nrho", terms=Terms())
    assert value.in_situ(d, "propellant")[0] == pytest.approx(d["water_kg"] * 7 / 9)
    assert propellant.delivered_kg.mean() < water.delivered_kg.mean()
    assert (
        propellant.plant.electric_kw / propellant.plant.equipment_kg
        > water.plant.electric_kw / water.plant.equipment_kg
    )


@pytest.mark.parametrize("product,place", value.BUSINESSES)
def test_no_kilogram_is_lost_between_parking_orbit_and_sale(product: str, place: str) -> None:
    d = deposit.sample({"designation": "k", "h_mag": 22.0, "taxonomy": "C"}, 200, 1)
    m = value.assess(d, TRIP, product=product, place=place).masses()
    assert min(m.values()) >= -1e-6
    assert m["parking_kg"] == pytest.approx(m["spent_outbound_kg"] + m["arriving_kg"])
    parts = ("bus_and_drive_kg", "plant_kg", "spares_kg", "despin_kg", "return_propellant_and_consumables_kg")
    assert m["arriving_kg"] == pytest.approx(sum(m[part] for part in parts))
    assert m["mined_kg"] == pytest.approx(m["burnt_on_the_way_back_kg"] + m["delivered_kg"] + m["left_behind_kg"])
