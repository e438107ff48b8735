"""The base as a whole: mass, growth, losses told, the capture, and the coupling with its people."""

import dataclasses
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from motherlode import chance, epochs
from motherlode.campaign.risk import Hazards
from motherlode.errors import BadInput, BadStudy
from motherlode.figures import settlement as figures
from motherlode.settlement import (
    answer,
    coupling,
    crew,
    demand,
    levers,
    programme,
    sensitivity,
    settings,
    shortage,
)
from motherlode.settlement.base import Base
from motherlode.settlement.operation import Operation
from motherlode.units import DAY

SHORT = {"start": "1999-06-01", "end": "2001-05-31", "people": 12}
TENSE = [
    {"nation": "a", "employer": "x", "pay": 0.6, "fairness": 0.7},
    {"nation": "b", "employer": "y", "share": 0.5},
]


def read(base: dict | None = None, crew: dict | None = None) -> settings.Settings:
    return settings.read({"base": {**SHORT, **(base or {})}, "crew": crew or {}})


def lived(told: settings.Settings, runs: int, *, nominal: bool = False, seed: int = 1) -> Base:
    plan = programme.planned(told)
    base = Base(told, plan, runs, chance.generator(seed, "test"), nominal=nominal)
    for day in range(plan.days):
        base.day(day)
    return base


@pytest.fixture(scope="module")
def story() -> programme.Outcome:
    """Two years with a capture and a crew that has something to be angry about, 60 runs."""
    operation = {
        "burn": "2001-01-15",
        "retries": ["2001-05-01"],
        "work_h": 9000.0,
        "begins": "2000-03-01",
        "team": "x",
        "value_usd": 1e9,
    }
    return programme.run(read({"operation": operation}, {"group": TENSE, "autonomy": 0.1}), 7, runs=60, sets=10)


def test_every_stock_conserves_mass_every_day(claim) -> None:
    told = read({"delivery": [{"date": "2000-01-01", "commodity": "metal", "kg": 5000}]})
    plan = programme.planned(told)
    base = Base(told, plan, 20, chance.generator(3, "test"))
    before, worst = base.ledger.total(), 0.0
    for day in range(plan.days):
        base.day(day)
        assert (base.ledger.rows(("food", "water", "oxygen", "nitrogen", "metal", "bodies")) >= 0).all()
        if day % 50 == 0:
            moved = np.maximum(1.0, base.ledger.received.sum(axis=0))
            worst = max(worst, base.ledger.gap(), float(np.max(np.abs(base.ledger.total() - before) / moved)))
    claim(
        "mass of every stock against its books, each step",
        oracle="double entry",
        measured=worst,
        at_most=1e-9,
        status="modelled",
    )


def test_nobody_vanishes_from_the_count() -> None:
    base = lived(read(), 30)
    came = base.plan.people + sum(one.people for one in base.plan.shipments)
    gone = sum(amount_of(base, kind) for kind in ("people left for home", "people evacuated"))
    np.testing.assert_array_equal(base.people + gone + sum(base.lost.values()), came)


def amount_of(base: Base, kind: str) -> np.ndarray:
    total = np.zeros(base.runs)
    for _, name, where, amount in base.events.rows:
        if name == kind:
            total[where] += amount
    return total


def test_bodies_weigh_what_their_people_weigh() -> None:
    base = lived(read(), 10)
    fed = base.unmet_kg["food"] + base.unmet_kg["water"] == 0
    np.testing.assert_allclose(base.ledger["bodies"][fed], 82.0 * base.people[fed], rtol=0.05)


def test_windows_of_the_nineties_are_the_real_ones() -> None:
    told = settings.read({"base": {"start": "1995-08-01", "end": "2004-03-31"}})
    found = [one.window for one in programme.planned(told).shipments]
    published = {"1996-11-18": 8.945, "2001-04-19": 7.831, "2003-06-05": 8.787}  # DE440, best of all flight times
    years = [int(epochs.year(one.depart_tdb)) for one in found]
    assert years == [1994, 1996, 1999, 2001, 2003]
    for date, energy in published.items():
        near = min(found, key=lambda one: abs(one.depart_tdb - epochs.parse(date)))
        assert abs(near.depart_tdb - epochs.parse(date)) < 8 * DAY
        assert near.c3_km2_s2 == pytest.approx(energy, rel=0.01)


def test_growth_follows_its_bottleneck_and_published_landed_mass(claim) -> None:
    told = settings.read({"base": {"start": "1995-08-01", "end": "2004-03-31"}})
    plan = programme.planned(told)
    for one in plan.shipments:
        assert one.people == min(one.bounds.values()) == one.bounds[one.bottleneck]
    per_person = [one.mass_t / one.people for one in plan.shipments]
    claim(
        "landed mass of each new person, largest window",
        oracle="13 (Mars Direct) to 28 t (DRA 5.0)",
        measured=max(per_person),
        at_most=28.0,
        unit="t",
        status="modelled",
    )
    claim(
        "landed mass of each new person, smallest window",
        oracle="13 (Mars Direct) to 28 t (DRA 5.0)",
        measured=min(per_person),
        at_least=12.5,
        unit="t",
        status="modelled",
    )


def test_share_of_spares_lies_in_the_published_band(claim) -> None:
    told = settings.read({"base": {"start": "1995-08-01", "end": "2004-03-31", "spares_margin": 1.0}})
    shares = [one.spares_share for one in programme.planned(told).shipments]
    claim(
        "spares in resupply, largest share of a window",
        oracle="54 to 87 %, 62 % in Do et al. 2014",
        measured=max(shares),
        at_most=0.87,
        status="modelled",
    )
    claim(
        "spares in resupply, smallest share of a window",
        oracle="54 to 87 %, 62 % in Do et al. 2014",
        measured=min(shares),
        at_least=0.54,
        status="modelled",
    )


@pytest.mark.parametrize(
    ("change", "bound"),
    [({"seats": 2}, "seats"), ({"landed_t": 130.0}, "landed mass"), ({"landed_t": 5000.0, "seats": 500}, "volume")],
)
def test_bottleneck_is_named(change: dict, bound: str) -> None:
    told = settings.read({"base": {"start": "1997-12-01", "end": "2002-12-31", **change}})
    assert programme.planned(told).shipments[0].bottleneck == bound


def test_asteroid_metal_displaces_earth_cargo_and_lets_more_people_come() -> None:
    base = {"start": "1997-12-01", "end": "2002-12-31", "landed_t": 180.0}
    poor = programme.planned(settings.read({"base": base}))
    metal = {"date": "1999-01-01", "commodity": "metal", "kg": 60_000.0}
    told = settings.read({"base": {**base, "delivery": [metal]}})
    rich = programme.planned(told)
    assert sum(one.people for one in rich.shipments) > sum(one.people for one in poor.shipments)
    saved = demand.savings(told, rich)
    assert 0 < sum(saved["displaced_t"].values()) <= 60.0
    assert saved["worth_usd"] == pytest.approx(1000 * sum(saved["displaced_t"].values()) * saved["price_usd_kg"])
    caps, need = demand.caps_t(told, rich), demand.yearly_t(told, rich)
    assert {f"{place}/{product}" for place in demand.PLACES for product in need if need[product] > 0} == set(caps)
    assert caps["mars-surface/metal"] == caps["mars-orbit/metal"] == need["metal"] > 0


def test_grown_food_raises_oxygen_then_spends_the_nitrogen_as_in_do_2014(claim) -> None:
    """Sign and order only: all food grown, oxygen rises, air is let out, the nitrogen in store goes with it."""
    rich, empty = {}, {}
    for name, base_ in (("packed", {}), ("grown", {"crops_m2": 600.0})):
        told = read(base_)
        base = Base(told, programme.planned(told), 1, chance.generator(1, "test"), nominal=True)
        rich[name] = empty[name] = np.inf
        for day in range(60):
            base.day(day)
            air = base.ledger["cabin oxygen"] / 32 / (base.ledger["cabin nitrogen"] / 28)
            rich[name] = min(rich[name], day if air[0] > 0.40 else np.inf)
            empty[name] = min(empty[name], day if base.ledger["nitrogen"][0] < 10.0 else np.inf)
    assert rich["grown"] < empty["grown"] < np.inf
    assert rich["packed"] == empty["packed"] == np.inf
    order = float(empty["grown"] - rich["grown"])
    text = "all food grown: days from rich air to no nitrogen in store"
    claim(
        text,
        oracle="Do et al. 2014: order of the chain, not its days",
        measured=order,
        at_least=1.0,
        unit="d",
        status="modelled",
    )


def test_a_base_that_starves_is_told_when_and_what_would_prevent_it() -> None:
    told = read({"stocks": {"food": 2000.0}, "cargo": {"food": 0.3}})
    with pytest.raises(BadStudy) as refused:
        programme.checked(told, programme.planned(told))
    text = str(refused.value)
    assert "food runs out on 1999-" in text and "d before the next ship" in text
    assert "people lost: " in text and "by hunger" in text
    assert "t more food would prevent it: more food on the ship before" in text
    assert "base.losses_allowed = true" in text


def test_losses_allowed_are_counted_and_shown() -> None:
    told = read({"stocks": {"food": 2000.0}, "cargo": {"food": 0.3}, "losses_allowed": True})
    plan = programme.planned(told)
    programme.checked(told, plan)
    base = lived(told, 5)
    rows = shortage.losses(base)
    assert rows["hunger"]["expected"] > 0 and rows["hunger"]["probability_of_any"] == 1.0
    assert set(rows) == {"no oxygen", "bad air", "thirst", "hunger", "accident", "lost ship"}
    dead = sum(float(base.lost[cause].sum()) for cause in rows)
    noted = sum(
        float(amount.sum())
        for _, kind, _, amount in base.events.rows
        if kind.startswith("deaths: ") or kind == "people lost with a ship"
    )
    assert dead == noted


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"base": {"peeple": 3}}, "unknown key 'base.peeple'; did you mean 'people'?"),
        ({"base": {"stocks": {"food_lb": 3}}}, "base.stocks: unknown 'food_lb'; did you mean 'food'?"),
        ({"base": {"stocks": {"food": -5}}}, "base.stocks.food must be at least 0; got -5"),
        ({"base": {"people": "many"}}, "base.people must be a whole number; got 'many'"),
        ({"base": {"machines": {"tardis": 1}}}, "base: no machine called 'tardis'; choose one of: habitat"),
        ({"base": {"end": "1990-01-01"}}, "base.end 1990-01-01 is not after base.start 1995-09-01"),
        ({"base": {"operation": {}}}, "the key 'base.operation.burn' is missing: date of the capture burn"),
        (
            {"base": {"operation": {"burn": "2030-01-01"}}},
            "base.operation.burn 2030-01-01 is outside 1995-09-01 to 2003-12-31",
        ),
        (
            {"base": {"operation": {"burn": "2003-01-01", "team": "nobody"}}},
            "base.operation.team 'nobody' employs nobody",
        ),
        (
            {"base": {"delivery": [{"date": "2000-01-01", "commodity": "gold", "kg": 1}]}},
            "base.delivery: unknown 'gold'",
        ),
        ({"crew": {"beliefs": {"threshold": [0.2, 0.1]}}}, "crew.beliefs.threshold goes from 0.2 down to 0.1"),
        ({"crew": {"personality": "grumpy"}}, "crew.personality: unknown 'grumpy'"),
        ({"crew": {"group": []}}, "crew.group needs at least one group with a share above zero"),
        ({"crew": {"autonomy": float("nan")}}, "crew.autonomy must be a number; got nan"),
    ],
)
def test_bad_studies_are_told_plainly(sections: dict, told: str) -> None:
    with pytest.raises(BadStudy) as refused:
        settings.read(sections)
    assert told in str(refused.value) and "\n" not in str(refused.value)


def test_every_key_has_a_meaning_and_a_default_or_is_required() -> None:
    rows = settings.keys()
    assert len(rows) > 50 and all(row["meaning"] and row["default"] for row in rows)


def test_same_seed_same_story(story: programme.Outcome) -> None:
    again = programme.run(story.settings, 7, runs=60, sets=10, plan=story.plan)
    for name, values in story.series.items():
        np.testing.assert_array_equal(again.series[name], values)


def test_a_team_that_stopped_is_not_there_for_the_burn(story: programme.Outcome) -> None:
    operation = story.operation
    assert operation is not None
    absent = operation.present == 0
    assert absent.any(), "the story needs at least one run with a stoppage at the burn"
    assert not operation.on_time[absent].any()
    assert np.isfinite(operation.ready[operation.on_time]).all()
    assert (operation.ready[operation.on_time] <= operation.burn_day).all()


def test_delay_is_to_the_next_date_and_slack_to_the_first_possible_one(story: programme.Outcome) -> None:
    operation = story.operation
    late = np.isfinite(operation.delay_d) & ~operation.on_time
    assert set(np.unique(operation.delay_d[late])) <= {106.0}
    flown = np.isfinite(operation.delay_d)
    assert (operation.lateness_d[flown] <= operation.delay_d[flown]).all()
    assert story.slack_d(0.5) <= story.slack_d(0.9)


def test_unrest_costs_labour_and_calm_keeps_it(story: programme.Outcome) -> None:
    calm = dataclasses.replace(
        story.settings,
        crew=dataclasses.replace(
            story.settings.crew,
            autonomy=0.9,
            news_delay_d=0.0,
            group=(settings.Group("a", "x"), settings.Group("b", "y")),
        ),
    )
    better = programme.run(calm, 7, runs=60, sets=10, plan=story.plan)
    assert better.series["labour_share"].mean() > story.series["labour_share"].mean()
    assert better.on_time.mean() >= story.on_time.mean()
    assert better.stopped_days.mean() < story.stopped_days.mean()


def test_answer_is_plain_labelled_and_gives_ranges(story: programme.Outcome) -> None:
    told = answer.told(story)
    json.dumps(told, allow_nan=False)
    assert "qualitative" in told["labels"][0] and "no data on isolated workforces" in told["labels"][0]
    chance_ = told["capture"]["probability_on_time"]
    assert chance_["low"] <= chance_["mean"] <= chance_["high"] and chance_["high"] > chance_["low"]
    assert all(set(row["probability_of_any"]) == {"mean", "low", "high"} for row in told["stoppages"])
    assert len({len(fan["p50"]) for name, fan in told["series"].items() if name != "date"}) == 1


def test_figures_of_an_answer(story: programme.Outcome) -> None:
    told = answer.told(story) | {"levers": [], "slack": []}
    drawn = figures.document(told)
    json.dumps(drawn, allow_nan=False)
    assert [one["title"] for one in drawn["figures"]][:3] == ["Population", "Windows", "Stocks"]
    for one in drawn["figures"]:
        layout = one["figure"]["layout"]
        assert layout["title"]["text"] and layout["yaxis"]["title"] is not None and one["figure"]["data"]
    assert "qualitative" in figures.tension(told)["layout"]["title"]["text"]


def test_the_base_tells_the_campaign_what_to_fear(story: programme.Outcome) -> None:
    before = Hazards(price_sigma=0.123)
    after = coupling.hazards(story, before)
    assert after.price_sigma == 0.123  # what the base knows nothing about stays
    assert after.stoppage_per_yr == pytest.approx(
        story.crew.stoppages[:, story.team].mean() / (story.plan.days / 365.25)
    )
    assert after.stoppage_shape == 0.921 and after.slack_d >= story.operation.order.slack_d
    calm = coupling.hazards(programme.run(read({"operation": {"burn": "2001-01-15"}}), 7, runs=10), before)
    assert after.stoppage_per_yr > calm.stoppage_per_yr and after.late_probability > calm.late_probability


def test_an_unfair_split_lowers_trust_in_the_government() -> None:
    told = read(crew={"group": TENSE}).crew
    split = coupling.with_shares(told, {"a": 0.3, "b": 0.7}, {"a": 0.5, "b": 0.5})
    assert [group.fairness for group in split.group] == [pytest.approx(0.6), pytest.approx(1.4)]
    with pytest.raises(BadInput, match="no share for b; the partners are: a"):
        coupling.with_shares(told, {"a": 1.0}, {"a": 1.0})


def test_judgements_are_ranked_by_elementary_effects() -> None:
    found = sensitivity.effects(read().crew, chance.generator(1, "test"), weeks=30, paths=4, repeats=6)
    sizes = [one.size for one in found]
    assert sizes == sorted(sizes, reverse=True) and all(np.isfinite(sizes))
    assert {one.name for one in found} >= {"threshold", "legitimacy", "weight_pay"}


def test_recommended_slack_is_the_least_that_is_enough() -> None:
    table = [
        {"slack_d": d, "probability_on_time": p} for d, p in ((0.0, 0.7), (30.0, 0.93), (60.0, 0.96), (120.0, 0.97))
    ]
    assert levers.recommended(table, 0.95) == 60.0
    assert levers.recommended(table, 0.99) == 120.0
    assert levers.recommended([], 0.9) is None


def test_operation_catches_up_no_faster_than_people_can() -> None:
    told = read({"operation": {"burn": "2001-01-15", "work_h": 1000.0, "begins": "2000-12-01", "slack_d": 10.0}})
    operation = Operation.ordered(told, 3)
    nobody = np.zeros(3, dtype=bool)
    planned = 1000.0 / (operation.dates[0] - 10.0 - operation.begins)
    assert operation.asked_h(operation.begins + 1, nobody).max() < 1.1 * planned
    assert operation.asked_h(operation.dates[0] - 1, nobody).max() <= 3.0 * planned + 1e-9
    assert operation.asked_h(operation.dates[0] - 1, np.ones(3, dtype=bool)).max() == 0.0


def test_levers_are_ranked_with_paired_luck() -> None:
    operation = {"burn": "2000-03-01", "work_h": 4000.0, "begins": "1999-09-01", "team": "x"}
    told = settings.read(
        {
            "base": {"start": "1999-06-01", "end": "2000-04-30", "operation": operation},
            "crew": {"group": TENSE, "autonomy": 0.1},
        }
    )
    rows = levers.ranked(told, 3, runs=30)
    assert {row["lever"] for row in rows} == {lever.name for lever in levers.LEVERS}
    gains = [row["gain"] for row in rows]
    assert gains == sorted(gains, reverse=True)
    assert all(row["gain_low"] <= row["gain_high"] and row["gain_error"] >= 0 for row in rows)


def test_a_base_without_a_window_lives_on_what_it_has() -> None:
    plan = programme.planned(settings.read({"base": {"start": "1996-01-01", "end": "1996-03-01"}}))
    assert plan.shipments == () and plan.days == 60


def test_the_happy_valley_study_has_a_base() -> None:
    import tomllib

    text = (files("motherlode.study") / "examples" / "happy-valley-2003.toml").read_text("utf-8")
    told = tomllib.loads(text)
    read_ = settings.read({"base": told["base"], "crew": told["crew"]})
    plan = programme.planned(read_)
    arrivals = [one for one in plan.shipments if epochs.year(one.window.depart_tdb) < 2004]
    assert len(arrivals) == 5  # five supply windows to 2003
    page = (Path(__file__).parents[1] / "docs" / "happy-valley.md").read_text()
    for one in plan.shipments:  # the page tells what the program says
        depart, arrive = epochs.iso(one.window.depart_tdb), epochs.iso(one.window.arrive_tdb)
        row = f"| {depart} | {arrive} | {one.window.c3_km2_s2:.2f} | {one.before} | {one.people} | {one.mass_t:.0f} "
        assert row in page, "run tools/build_happy_valley.py"


def test_every_key_is_on_the_page() -> None:
    page = (Path(__file__).parents[1] / "docs" / "base.md").read_text()
    for row in settings.keys():  # noqa: SIM118
        assert f"| `{row['key']}` | {row['default']} | {row['meaning']} |" in page, row["key"]
    for name, (low, high) in crew.BELIEFS.items():
        assert f"| `{name}` | {low:g} | {high:g} |" in page, name
