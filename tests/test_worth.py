"""The commands ``deposit`` and ``value``, their figures, and four rankings of the same asteroids."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from motherlode.cli import app
from motherlode.economy import ranking, sensitivity, value
from motherlode.economy.market import Market
from motherlode.economy.sensitivity import Question
from motherlode.economy.value import Trip
from motherlode.errors import BadStudy
from motherlode.figures import economics
from motherlode.prospect import deposit
from motherlode.study import steps
from motherlode.study.config import Study
from motherlode.tables import Table

TRIP = Trip(4.5, 0.8, 2003.5, 300, 250, 250, 1.1)
QUESTION = Question({"designation": "wet", "h_mag": 22.0, "taxonomy": "Ch", "period_h": 6.0}, TRIP, "water", "eml1")


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert app.run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert app.run(list(arguments)) == 2
    return capsys.readouterr().err


def test_deposit_gives_percentiles_of_size_mass_spin_and_each_resource(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "deposit", "Bennu", "--samples", "200")
    for key in ("diameter_m", "mass_kg", "period_h", "water_kg", "platinum_kg", "iron_kg"):
        assert set(found["percentiles"][key]) == {"mean", "p05", "p16", "p50", "p84", "p95"}
    assert found["percentiles"]["diameter_m"]["p50"] == pytest.approx(484.4, abs=1)
    assert found["evidence"]["diameter"] == "measured"
    assert found["hold_modes"]["rig"] == 1.0
    kept = answer(capsys, "deposit", "Bennu", "--samples", "200", "--verified")["percentiles"]
    assert kept["mass_kg"] == found["percentiles"]["mass_kg"]


def test_platinum_of_irons_is_a_switch_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    low, high = (
        answer(capsys, "deposit", "3554", "--samples", "400", "--iron-pgm-ppm", ppm)["percentiles"]["pgm_kg"]["mean"]
        for ppm in ("17", "40.8")
    )
    assert 1.05 < high / low < 2.5


def test_value_gives_the_four_values_with_percentiles_and_what_stands_beside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = answer(
        capsys, "value", "Bennu", "--product", "water", "--to", "mars-orbit", "--vintage", "2003", "--depth"
    )
    for key in value.VALUES:
        assert {"p05", "p50", "p95", "mean"} <= set(found[key])
    means = [found[key]["mean"] for key in value.VALUES]
    for greater, smaller in itertools.pairwise(means):
        assert smaller <= greater + 1e-12 * abs(greater)  # equal but for rounding where the market is not moved
    assert "unverified" in " ".join(found["notes"]) and found["vintage"] == 2003
    assert found["design"] and found["leaves_out"]
    assert found["prospecting"]["decision"] in ("stay home", "commit now", "probe first")
    assert len(found["tornado"]) == 15 and len(found["sobol_of_npv"]) == len(sensitivity.GROUPS)
    assert sum(found["waterfall_usd"].values()) == pytest.approx(found["risk_adjusted_npv_usd"]["mean"])


def test_several_asteroids_are_ranked_under_each_value(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture = tmp_path / "market.json"
    found = answer(capsys, "value", "Bennu", "2000 SG344", "--figure", "market", "--out", str(picture))
    assert [row["designation"] for row in found["ranking"]] == ["101955", "2000 SG344"]
    assert found["ranking"][0]["rank_gross_in_situ"] == 1
    assert all("rank correlation" in why for why in found["why"].values())
    assert json.loads(picture.read_text())["data"]


def test_bad_input_ends_in_one_clear_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "no product called 'helium-3'; choose one of: water" in refusal(
        capsys, "value", "Bennu", "--product", "helium-3"
    )
    assert "no place of sale called 'venus'" in refusal(capsys, "value", "Bennu", "--to", "venus")
    assert "no model of demand called 'magic'" in refusal(capsys, "value", "Bennu", "--demand", "magic")
    assert "cannot read the table" in refusal(capsys, "value", "Bennu", "--prices", str(tmp_path / "none.csv"))
    assert "no asteroid called 'Benu'" in refusal(capsys, "deposit", "Benu")
    assert "no figure called 'pie'" in refusal(capsys, "value", "Bennu", "--figure", "pie")


def priced(facts: Sequence[dict[str, Any]], trips: Sequence[Trip]) -> ranking.Comparison:
    deposits = [deposit.sample(one, 200, 1) for one in facts]
    values = [value.assess(d, t, product="water", place="eml1", seed=1) for d, t in zip(deposits, trips)]
    return ranking.compare(values, trips, deposits)


def test_rankings_differ_and_say_why() -> None:
    """A big dry far rock heads the gross list, a small wet near one the others."""
    facts = [
        {"designation": "big and dry", "h_mag": 14.0, "taxonomy": "S", "period_h": 6.0},
        {"designation": "middling", "h_mag": 19.0, "taxonomy": "C", "period_h": 6.0},
        {"designation": "small and wet", "h_mag": 23.0, "taxonomy": "Ch", "period_h": 6.0},
    ]
    trips = [Trip(7.0, 3.0, 2003.5), Trip(6.5, 2.5, 2003.5), Trip(4.0, 0.5, 2003.5)]
    found = priced(facts, trips)
    assert found.differ
    assert found.ranks["gross_in_situ_usd"][0] == 1 and found.ranks["recoverable_usd"][2] == 1
    assert "mass of the product" in found.reasons()["gross_in_situ_usd"]
    assert "mass of the product" not in found.reasons()["recoverable_usd"]


def test_figures_are_plotly_json_with_units_on_their_axes() -> None:
    worth = value.assess(QUESTION.deposit(150), TRIP, product="water", place="eml1")
    drawn = [
        economics.tornado(*sensitivity.tornado(QUESTION, 60), "wet"),
        economics.waterfall(worth.waterfall(), "wet"),
        economics.market(Market.of(2026)),
        economics.market(Market.of(2026), product="metal", most_t=1e9),
        economics.ranks(["a", "b"], {name: [1.0, 2.0] for name in value.VALUES}),
        economics.sobol(sensitivity.sobol(QUESTION, 100), "wet"),
    ]
    for figure in drawn:
        assert json.dumps(figure, allow_nan=False) and set(figure) == {"data", "layout"} and figure["data"]
    assert "M$" in drawn[0]["layout"]["xaxis"]["title"]["text"]
    assert "$/kg" in drawn[2]["layout"]["yaxis"]["title"]["text"]


def test_market_chart_falls_with_what_is_sold_and_osmium_is_not_on_it() -> None:
    lines = economics.market(Market.of(2026))["data"]
    for line in lines:
        prices = [p for p in line["y"] if p is not None]
        assert prices == sorted(prices, reverse=True)
    assert not any("osmium" in line["name"] for line in lines)


def test_a_study_fixes_the_terms_of_every_mission(tmp_path: Path) -> None:
    text = (
        'name = "terms"\nverified_only = true\n[economy]\nvintage = 2003\n'
        'launch = "high"\ndemand = "linear"\nfleet = 3\ndiscount = 0.15\n'
        f'prices = "{tmp_path / "prices.csv"}"\ncoefficients = {{ insurance = 0.2 }}\n'
        'caps_t = { mars-orbit = 500.0, "leo/shielding" = 9.0 }\n'
        'businesses = [["propellant", "nrho"], ["shielding", "leo"]]\n'
    )
    terms = steps.terms_of(Study.parse(text))
    assert (terms.launch, terms.demand, terms.fleet, terms.discount) == ("high", "linear", 3, 0.15)
    assert terms.coefficients == {"insurance": 0.2} and terms.caps_t == {"mars-orbit": 500.0, "leo/shielding": 9.0}
    with pytest.raises(BadStudy, match="no place or place/product 'mars-orbit/beer'"):
        Study.parse('name = "x"\n[economy]\ncaps_t = { "mars-orbit/beer" = 1.0 }\n')
    assert terms.prices == tmp_path / "prices.csv" and not terms.unverified


def test_report_sections_from_the_values_of_a_hunt() -> None:
    columns: dict[str, Any] = {"designation": ["a", "b", "a"], "product": ["water", "water", "pgm"]}
    columns |= {"place": ["eml1", "eml1", "earth"]} | {f"{name}_mean": [1.0, 2.0, 3.0] for name in value.VALUES}
    table = Table({name: np.array(column) for name, column in columns.items()})
    found = economics.document(table, 2026)
    assert [part["title"] for part in found] == ["What a market does", "water to eml1: four rankings"]
    assert all(part["figure"]["data"] for part in found) and found[0]["text"] and found[1]["text"]
