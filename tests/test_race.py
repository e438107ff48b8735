"""Rivals: closed forms of races and games, and what law, waiting and entry do."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motherlode import epochs
from motherlode.campaign import law, race
from motherlode.campaign.race import Contender
from motherlode.chance import generator
from motherlode.errors import BadInput, UnknownName
from motherlode.units import DAY, YEAR


def test_exponential_rivals(claim):
    a, b, n = 0.5, 0.3, 100_000
    rng = generator(1, "exponential")
    done = np.array([rng.exponential(1 / a, n), rng.exponential(1 / b, n)])
    p = race.first(done)[0]
    sigma = np.sqrt(p * (1 - p) / n)
    claim(
        "P(first) of exponential rivals",
        oracle="a/(a+b)",
        measured=abs(p - a / (a + b)) / sigma,
        at_most=4,
        unit="sigma",
    )
    ends = done.min(axis=0)
    away = abs(ends.mean() - 1 / (a + b)) / (ends.std() / np.sqrt(n))
    claim("mean end of their race", oracle="1/(a+b)", measured=away, at_most=4, unit="sigma")


def windows(first, count=6, period=780.0, flight=210.0):
    depart = first + np.arange(count) * period * DAY
    return np.column_stack([depart, depart + flight * DAY])


def rivals(**second):
    start = epochs.parse("1990-08-28")
    one = Contender("one", windows(start), start - 100 * DAY)
    return one, Contender(**({"name": "two", "windows": windows(start), "ready_tdb": start - 100 * DAY} | second))


def test_equals_share_the_first_place():
    result = race.run(rivals(), generator(2, "race"), n=40_000)
    assert result.first[0] == pytest.approx(result.first[1], abs=0.02)
    assert result.first.sum() + result.nobody == pytest.approx(1.0)


def test_a_missed_window_costs_a_synodic_period():
    one, late = rivals(ready_tdb=epochs.parse("1990-08-28") + 10 * DAY, late_probability=0.0)
    result = race.run((one, late), generator(3, "late"), n=20_000)
    assert result.first[0] > 3 * result.first[1]
    sure = Contender("sure", one.windows, late.ready_tdb, 0.0, 0.0, 1.0, 1.0)
    assert np.all(sure.finish(generator(1), 10) == one.windows[1, 1])


def test_never_ready_never_arrives():
    lost = Contender("lost", windows(0.0, 1), 10 * DAY, 0.0)
    assert np.all(np.isinf(lost.finish(generator(1), 5)))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 12), min_size=2, max_size=4), st.sampled_from(law.RULES))
def test_the_prize_is_given_out_once(years, rule):
    done = np.array(years)[:, None] * YEAR
    assert race.shares(done, rule).sum() == pytest.approx(1.0)


def test_first_come_gives_all_and_no_law_gives_time():
    done = np.array([[0.0], [5 * YEAR]])
    assert race.shares(done, "first-come")[:, 0].tolist() == [1, 0]
    assert race.shares(done, "none")[:, 0] == pytest.approx([0.75, 0.25])
    assert race.shares(done, "shared")[:, 0].tolist() == [0.5, 0.5]


CHICKEN = [[[0, 0], [-1, 2]], [[2, -1], [-5, -5]]]


def test_equilibria_of_known_games():
    chicken = race.equilibria(CHICKEN)
    assert sorted(e.goes for e in chicken if e.pure) == [(0, 1), (1, 0)]
    mixed = next(e for e in chicken if not e.pure)
    assert mixed.goes == pytest.approx((1 / 3, 1 / 3))
    prisoners = [[[3, 3], [0, 5]], [[5, 0], [1, 1]]]
    assert [e.goes for e in race.equilibria(prisoners)] == [(1, 1)]
    pennies = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    assert [e.goes for e in race.equilibria(pennies)] == [pytest.approx((0.5, 0.5))]


def test_three_players_enter_with_the_closed_form_chance():
    prize = {1: 4.0, 2: 1.0, 3: -2.0}  # what each that goes gets
    table = np.zeros((2, 2, 2, 3))
    for choice in itertools.product((0, 1), repeat=3):
        for i, go in enumerate(choice):
            table[choice][i] = prize[sum(choice)] if go else 0.0
    found = race.equilibria(table)
    assert sum(e.pure for e in found) == 3  # any two of the three
    inner = next(e for e in found if len({round(p, 9) for p in e.goes}) == 1 and not e.pure)
    p = inner.goes[0]
    assert 4 * (1 - p) ** 2 + 2 * p * (1 - p) - 2 * p * p == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=8, max_size=8))
def test_equilibria_of_two_agree_with_nashpy(numbers):
    nashpy = pytest.importorskip("nashpy")
    table = np.array(numbers, dtype=float).reshape(2, 2, 2) + generator(1, str(numbers)).uniform(-0.1, 0.1, (2, 2, 2))
    ours = sorted(e.goes for e in race.equilibria(table))
    theirs = sorted(
        (float(x[1]), float(y[1])) for x, y in nashpy.Game(table[..., 0], table[..., 1]).support_enumeration()
    )
    assert len(ours) == len(theirs) and np.allclose(ours, theirs)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=24, max_size=24))
def test_nobody_gains_by_leaving_an_equilibrium_of_three(numbers):
    table = np.array(numbers, dtype=float).reshape(2, 2, 2, 3) + generator(2, str(numbers)).uniform(
        -0.1, 0.1, (2, 2, 2, 3)
    )
    found = race.equilibria(table)
    assert len(found) % 2 == 1  # Wilson 1971: odd in almost every game
    for e in found:
        for i in range(3):
            for p in (0.0, 1.0):
                changed = [*e.goes[:i], p, *e.goes[i + 1 :]]
                assert race._expected(table, changed)[i] <= e.payoffs[i] + 1e-6


def test_go_or_stay_of_two_rivals():
    answer = race.go_or_stay(rivals(), generator(5, "game"), prize_usd=10e9, cost_usd=(7e9, 7e9))
    assert len(answer["equilibria"]) == 3 and "3 equilibria" in answer["note"]
    rich = race.go_or_stay(rivals(), generator(5, "game"), prize_usd=100e9, cost_usd=(7e9, 7e9))
    assert [e["goes"] for e in rich["equilibria"]] == [[1.0, 1.0]] and rich["note"] == ""


def test_waiting_pays_for_learning_and_not_under_pre_emption():
    rng = generator(6, "wait")
    truth = rng.normal(0.0, 1e9, 20_000)
    samples = np.array([np.full(20_000, 0.1e9), truth])  # a survey arrives before the second window
    patient = race.waiting(samples, 2.1)
    assert not patient.go[0] and patient.value_usd[0] > 0.2e9
    assert race.waiting(samples, 2.1, lost=0.9).go[0]
    expected = (1.1**-2.1) * np.maximum(truth, 0).mean()
    assert patient.value_usd[0] == pytest.approx(expected)


def test_entry_lowers_the_price():
    found = race.entry(57_629, 221e3, 10e3, 20e3, elasticity=0.55, withdrawn=0.4)
    assert found.with_rival_usd_kg < found.alone_usd_kg < 57_629
    assert race.entry(100, 1e3, 10, 0).revenue_lost == 0
    assert race.entry(100, 1e3, 10, 1e3, withdrawn=1.0).revenue_lost == 0
    assert race.capped_entry(50, 50, 100) == 0 and race.capped_entry(100, 100, 100) == pytest.approx(0.5)


def test_law_is_dated():
    assert law.rule(epochs.parse("1969-07-20")) == "none"
    assert law.rule(epochs.parse("1990-01-01")) == "shared"
    assert law.rule(epochs.parse("1990-01-01"), members=("outer-space-treaty",)) == "none"
    assert law.rule(epochs.parse("2016-01-01")) == "first-come"
    assert law.rule(epochs.parse("1975-01-01"), assumed="first-come") == "first-come"
    with pytest.raises(UnknownName, match="no legal rule called 'finders'"):
        law.rule(0.0, assumed="finders")


def test_refusals():
    with pytest.raises(BadInput, match=r"shape \(2, 2, 2\) or \(2, 2, 2, 3\)"):
        race.equilibria(np.zeros((3, 3, 2)))
    with pytest.raises(BadInput, match="no legal rule 'luck'"):
        race.run(rivals(), generator(1), rule="luck")
