"""Life support, resource plants, spares and accounts of the base: published balances and exact conservation."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode.errors import BadInput, UnknownName
from motherlode.settlement import equipment, garden, lifesupport, spares
from motherlode.settlement.ledger import Ledger

AUTHORITIES = Path(__file__).parent / "authorities"


def test_bvad_2022_person_balances(claim) -> None:
    inward, outward = lifesupport.balance()
    assert inward == pytest.approx(5.672, abs=1e-9)
    claim(
        "mass into and out of a person",
        oracle="BVAD Rev 2 table 3-31",
        measured=abs(inward - outward),
        at_most=1e-9,
        unit="kg/d",
    )


def test_bvad_2022_water_balances(claim) -> None:
    inward, outward = lifesupport.water_balance()
    assert inward == pytest.approx(4.467, abs=1e-9)
    claim(
        "water into and out of a person",
        oracle="BVAD Rev 2 table 3-31",
        measured=abs(inward - outward),
        at_most=1e-9,
        unit="kg/d",
    )


@pytest.mark.parametrize(
    ("water", "oxygen", "tonnes"), [(0, 0, 4.63), (0.935, 0.42, 2.00), (0.98, 0.5, 1.83), (0.98, 0.75, 1.65)]
)
def test_resupply_of_a_window(water: float, oxygen: float, tonnes: float) -> None:
    assert lifesupport.resupply_t(water, oxygen) == pytest.approx(tonnes, abs=0.01)


def test_recovery_above_one_is_refused() -> None:
    with pytest.raises(BadInput, match=r"water recovery must lie between 0 and 1; got 1\.2"):
        lifesupport.resupply_t(1.2, 0.5)


def test_kleinhenz_paz_2017_methane_plant(claim) -> None:
    made = lifesupport.methane_plant_kg(6978)
    published = {"water": 15_701, "co2": 19_190, "oxygen": 27_912}
    worst = max(abs(made[name] / kg - 1) for name, kg in published.items())
    claim(
        "methane and oxygen plant, mass balance",
        oracle="Kleinhenz & Paz, AIAA 2017-0423",
        measured=worst,
        at_most=1e-4,
    )


@pytest.mark.parametrize(
    ("days", "eva_h", "published"), [(7, 80, (113.46, 68.22, 176.30)), (14, 160, (226.93, 136.42, 352.60))]
)
def test_spacenet_quick_start_2_demands(claim, days: float, eva_h: float, published: tuple[float, ...]) -> None:
    found = lifesupport.expedition_kg(4, days, eva_h=eva_h)
    worst = max(abs(found[name] - kg) for name, kg in zip(("water", "food", "gases"), published))
    claim(
        f"crew demands of a sortie of {days} d",
        oracle="SpaceNet 2.5 quick start 2",
        measured=worst,
        at_most=0.01,
        unit="kg",
    )


def test_jones_2019_spares_insufficient(claim) -> None:
    expected = spares.expected_failures(1000.0, 450.0)
    assert expected == pytest.approx(10.8)
    insufficient = 1 - float(spares.sufficiency(4, expected))
    claim(
        "P(spares insufficient), 10.8 failures on 4",
        oracle="Jones, ICES-2019-14",
        measured=abs(insufficient - 0.983),
        at_most=0.001,
    )


def test_item_target_of_150_items() -> None:
    assert spares.item_target(0.99, 150) == pytest.approx(0.999933, abs=1e-6)


def test_uncertain_rates_need_more_spares() -> None:
    certain = spares.allocate([2.0] * 20, [50.0] * 20, 0.99)
    uncertain = spares.allocate([2.0] * 20, [50.0] * 20, 0.99, shape=1.5)
    assert certain.probability >= 0.99 and uncertain.probability >= 0.99
    assert uncertain.mass_kg > 1.7 * certain.mass_kg  # published: 5,984 kg against 12,000 to 17,000 kg


@pytest.mark.parametrize(("per_year", "share"), [(0.05, 0.54), (0.10, 0.70), (0.28, 0.87)])
def test_share_of_spares_in_resupply(per_year: float, share: float) -> None:
    assert lifesupport.spares_share(20, per_year) == pytest.approx(share, abs=0.005)


def test_fission_power_law() -> None:
    assert lifesupport.reactor_kg(40) == pytest.approx(6820, rel=0.02)
    assert lifesupport.reactor_kg(10) == 1754


def test_every_machine_has_a_status_and_a_known_class() -> None:
    for machine in equipment.machines().values():
        assert machine.status in {"secondary", "judgement"}
        assert machine.spares in equipment.SPARES
        assert machine.mtbf_h > 0 and machine.mass_kg > 0


def test_yearly_spares_are_in_the_published_band() -> None:
    counts = equipment.required(50, volume_m3_per_person=60, leaving=17)
    share = sum(equipment.spares_kg_d(counts).values()) * 365.25 / equipment.mass_kg(counts)
    assert 0.10 <= share <= 0.28


def test_unknown_machine_names_the_choices() -> None:
    with pytest.raises(UnknownName, match="no machine called 'replicator'; choose one of: habitat"):
        equipment.find("replicator")


def test_sealed_garden_loses_oxygen_as_biosphere_2_did(claim) -> None:
    lines = (AUTHORITIES / "biosphere2_oxygen.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    days = [int(row["day"]) for row in rows]
    published = np.array([float(row["oxygen_share"]) for row in rows])
    ours = garden.oxygen_share(480)[np.array(days) - 1]
    agree = np.mean(np.sign(np.diff(np.r_[0.209, ours])) == np.sign(np.diff(np.r_[0.209, published])))
    claim(
        "sealed garden, sign of the oxygen trend",
        oracle="Severinghaus et al. 1994",
        measured=float(agree),
        at_least=1.0,
        status="modelled",
    )
    kept = garden.oxygen_share(480, concrete=0.0)
    assert kept[-1] > ours[-1] + 0.02  # nothing binds the CO2: its oxygen comes back


def test_ledger_refuses_a_reaction_that_does_not_balance() -> None:
    ledger = Ledger.opened({"a": 10.0, "b": 0.0}, 2)
    with pytest.raises(BadInput, match=r"a reaction must conserve mass: 1\.0 kg in, 2\.0 kg out"):
        ledger.react({"a": 1.0}, {"b": 2.0}, 1.0)


def test_ledger_refuses_negative_opening_stock() -> None:
    with pytest.raises(BadInput, match="the stock of food is -5 kg at the start; a stock is zero or more"):
        Ledger.opened({"food": -5.0}, 1)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.floats(0, 1e5)), max_size=30),
    st.lists(st.floats(0, 1e3), max_size=10),
)
def test_ledger_conserves_every_stock(moves: list[tuple[int, int, float]], extents: list[float]) -> None:
    names = ("water", "hydrogen", "oxygen")
    ledger = Ledger.opened({"water": 1000.0, "hydrogen": 10.0, "oxygen": 5.0}, 3)
    before = ledger.total().copy()
    for source, sink, kg in moves:
        ledger.move(names[source], names[sink], kg)
    for extent in extents:
        ledger.react({"water": 36.0}, {"oxygen": 32.0, "hydrogen": 4.0}, extent)
    assert (ledger.kg[:3] >= 0).all()
    assert ledger.gap() < 1e-9
    np.testing.assert_allclose(ledger.total(), before, rtol=1e-12)
