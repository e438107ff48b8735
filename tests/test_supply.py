"""Supply of a base on Mars through the network: real windows, balances, and plants that come only where they pay."""

import pytest

from motherlode import epochs
from motherlode.campaign import supply, windows
from motherlode.campaign.network import Launcher
from motherlode.ephemeris import almanac
from motherlode.errors import BadInput, UnknownName


@pytest.fixture(scope="module")
def passages():
    planets = almanac.load()
    earth, mars = planets["earth"], planets["mars"]
    span = epochs.parse("1994-06-01"), epochs.parse("2003-12-31")
    found = windows.outbound(earth, mars, span, criterion="delta_v")
    return [windows.Passage(w, windows.back(mars, earth, w.arrive_tdb), k) for k, w in enumerate(found)]


def test_five_windows_and_every_way_back(passages):
    assert [epochs.iso(p.depart_tdb)[:4] for p in passages] == ["1994", "1996", "1998", "2001", "2003"]
    assert all(p.back.depart_tdb > p.out.arrive_tdb for p in passages)


def test_plants_save_mass_and_nothing_is_lost(passages, claim):
    found = supply.solve(passages, supply.Base(lunar_plant=5.0, mars_plant=5.0))
    moon = supply.solve(passages, supply.Base(lunar_plant=5.0))
    claim(
        "plants on the Moon and on Mars save 26 % and 30 % of 2606 t over five windows: off by",
        oracle="the same network without plants",
        measured=max(abs(moon.saved - 0.26), abs(found.saved - 0.30), abs(found.without_kg / 2606e3 - 1)),
        at_most=0.005,
        status="modelled",
    )
    assert found.plan.imbalance < 1e-6
    summary = found.summary()
    assert summary["plants_kg"]["lunar plant"] > 0 and summary["plants_kg"]["mars plant"] > 0
    assert sum(w["lifted_kg"] for w in summary["windows"]) == pytest.approx(found.plan.imleo_kg, rel=0.2)
    dates = {p.depart_tdb for p in passages}
    lifted = found.plan.flights.take(found.plan.flights["origin"] == "earth")
    assert set(lifted["depart_tdb"]) <= dates


def test_crew_goes_out_and_comes_home(passages):
    flights = supply.solve(passages, supply.Base(crew=6)).plan.flights
    out = flights.take((flights["target"] == "mars orbit") & (flights["origin"] != "mars"))
    home = flights.take(flights["target"] == "home")
    assert out["crew"].sum() == home["crew"].sum() == 6 * len(passages)


def test_lunar_plant_pays_above_a_threshold_that_many_shipments_lower(passages, claim):
    low, high = 0.2, 5.0
    assert supply.solve(passages, supply.Base(lunar_plant=low)).saved == pytest.approx(0.0, abs=1e-9)
    while high - low > 0.05:
        middle = (low + high) / 2
        pays = supply.solve(passages, supply.Base(lunar_plant=middle)).saved > 1e-6
        low, high = (low, middle) if pays else (middle, high)
    text = "threshold of a lunar plant over the five windows with crew, food and cargo, 0.73 kg a year and kg"
    claim(text, oracle="Ishimatsu 2016: 1.8 kg/yr/kg", measured=high, at_most=2.5, unit="kg/yr/kg")
    assert high == pytest.approx(0.73, abs=0.05)


@pytest.fixture(scope="module")
def eleven_windows():
    planets = almanac.load()
    earth, mars = planets["earth"], planets["mars"]
    span = epochs.parse("1994-06-01"), epochs.parse("2016-12-31")
    found = windows.outbound(earth, mars, span, criterion="delta_v")
    return [windows.Passage(w, windows.back(mars, earth, w.arrive_tdb), k) for k, w in enumerate(found)]


def test_a_plant_that_stands_saves_as_much_as_published(eleven_windows, claim):
    """In the first five windows it saves 35 %: it must be brought. What is published is a steady state."""
    base = supply.Base(lunar_plant=10.0)
    saved = supply.steady_saving(eleven_windows, base)
    claim(
        "a lunar plant of 10 kg a year and kg saves 68 % of the mass in the windows after five, once it stands",
        oracle="Ishimatsu 2016: 68 % (its own plant output is not in the sources read)",
        measured=abs(saved - 0.68),
        at_most=0.03,
        status="modelled",
    )
    early = supply.solve(eleven_windows[:5], base).saved
    assert early == pytest.approx(0.35, abs=0.01) and early < 0.6 * saved


def test_tankers_that_brake_in_the_atmosphere_save_more(passages, claim):
    burnt = supply.solve(passages, supply.Base(lunar_plant=5.0)).saved
    braked = supply.solve(passages, supply.Base(lunar_plant=5.0, tanker_aerobraking=True)).saved
    claim(
        "tankers from the Moon that brake in the atmosphere: a lunar plant saves 42 % from the start, off by",
        oracle="the same network with a burn: 26 %",
        measured=abs(braked - 0.42),
        at_most=0.01,
        status="modelled",
    )
    assert burnt == pytest.approx(0.26, abs=0.01)
    assert supply.solve(passages, supply.Base(tanker_aerobraking=True)).saved == 0.0


def test_launches_are_whole_when_money_counts(passages):
    rockets = [Launcher("Energia", 105e3, 280e6, "b"), Launcher("Proton", 20e3, 85e6, "p")]
    found = supply.solve(passages, supply.Base(crew=0, cargo_kg=15e3), rockets, objective="cost", gap=0.01)
    assert found.plan.cost_usd > 0 and len(found.plan.launches) > 0


def test_more_demand_never_costs_less(passages):
    light, heavy = (supply.solve(passages, supply.Base(cargo_kg=kg)).plan.imleo_kg for kg in (10e3, 30e3))
    assert heavy > light


def test_refusals(passages):
    with pytest.raises(BadInput, match="needs windows with a way back"):
        supply.network([windows.Passage(passages[0].out, None, 0)], supply.Base())
    with pytest.raises(UnknownName, match="no leg called 'leo to ceres'"):
        supply.leg("leo", "ceres")
    with pytest.raises(BadInput, match="a steady state needs more than 5 windows; got 5"):
        supply.steady_saving(passages, supply.Base(lunar_plant=1.0))
    with pytest.raises(BadInput, match="zero or more"):
        supply.Base(crew=-1)
