"""Shares of the games that everyone knows, and what must hold for any game."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from motherlode.campaign import games
from motherlode.chance import generator
from motherlode.errors import BadInput

AUTHORITY = Path(__file__).parent / "authorities" / "cooperation.csv"


def bankruptcy(estate):
    claims = {"1": 100.0, "2": 200.0, "3": 300.0}
    return games.of(list(claims), lambda s: max(0.0, estate - sum(c for n, c in claims.items() if n not in s)))


def airport_savings():
    cost = {"a": 12.0, "b": 20.0, "c": 33.0}
    return games.of(list(cost), lambda s: sum(cost[i] for i in s) - max(cost[i] for i in s))


GAMES = {
    "talmud-100": bankruptcy(100),
    "talmud-200": bankruptcy(200),
    "talmud-300": bankruptcy(300),
    "glove": games.of(["left", "r1", "r2"], lambda s: float("left" in s and len(s) > 1)),
    "three-player": games.Game(("1", "2", "3"), np.array([0.0, 1, 2, 4, 0, 3, 3, 6])),
}
RULES = {"shapley": games.shapley, "nucleolus": games.nucleolus}


def rows():
    lines = [line for line in AUTHORITY.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r['game']} {r['rule']}")
def test_published_shares(row, claim):
    expected = np.array([float(x) for x in row["shares"].split("/")])
    rule = RULES[row["rule"].split()[0]]
    if "cost" in row["rule"]:
        shares = np.array([12.0, 20.0, 33.0]) - rule(airport_savings())
    else:
        shares = rule(GAMES[row["game"]])
    error = float(np.abs(shares - expected).max())
    claim(f"{row['rule']} of {row['game']}", oracle="closed form and independent LP", measured=error, at_most=1e-6)


def test_least_core_of_the_three_player_game(claim):
    found = games.least_core(GAMES["three-player"])
    error = abs(found.epsilon + 0.5)
    claim("least-core epsilon of the three-player game", oracle="published -0.5", measured=error, at_most=1e-9)


def test_airport_steps_are_the_closed_form():
    assert np.allclose(games.airport([12, 20, 33]), [4, 8, 21])
    assert np.allclose(games.airport([33, 12, 20]), [21, 4, 8])


def test_core_and_who_leaves():
    glove = GAMES["glove"]
    assert games.in_core(glove, [1, 0, 0])
    assert not games.in_core(glove, games.shapley(glove))
    block = games.blocking(glove, games.shapley(glove))
    assert set(block.members) in ({"left", "r1"}, {"left", "r2"})
    assert block.gain == pytest.approx(1 - 5 / 6)
    assert games.blocking(glove, [1, 0, 0]) is None


def test_majority_of_three_has_an_empty_core():
    majority = games.of(["a", "b", "c"], lambda s: float(len(s) > 1))
    assert games.least_core(majority).epsilon == pytest.approx(1 / 3)


def test_splits_name_where_joining_costs():
    game = games.of(["a", "b"], lambda s: {1: 3.0, 2: 5.0}[len(s)])
    (split,) = games.splits(game)
    assert {*split.one, *split.other} == {"a", "b"}
    assert split.loss == pytest.approx(1.0)
    assert games.splits(GAMES["talmud-200"]) == []


def test_owen_of_singletons_and_of_one_bloc_is_shapley():
    game = GAMES["three-player"]
    assert np.allclose(games.owen(game, [["1"], ["2"], ["3"]]), games.shapley(game))
    assert np.allclose(games.owen(game, [["1", "2", "3"]]), games.shapley(game))


def test_owen_of_a_bloc_in_unanimity():
    everyone = games.of(["a", "b", "c"], lambda s: float(len(s) == 3))
    assert np.allclose(games.owen(everyone, [["a", "b"], ["c"]]), [0.25, 0.25, 0.5])


values = arrays(float, 15, elements=st.floats(-50, 50).map(lambda x: round(x, 3)))


@settings(max_examples=40, deadline=None)
@given(values)
def test_rules_share_exactly_the_whole(worths):
    game = games.Game(("a", "b", "c", "d"), np.append(0.0, worths))
    for rule in (games.shapley, games.nucleolus, games.equal_split):
        assert rule(game).sum() == pytest.approx(game.whole, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(values)
def test_nucleolus_lies_in_the_least_core(worths):
    game = games.Game(("a", "b", "c", "d"), np.append(0.0, worths))
    worst = games.excess(game, games.nucleolus(game))[1:-1].max()
    assert worst == pytest.approx(games.least_core(game).epsilon, abs=1e-6)


def test_sampled_shapley_within_its_error_bars(claim):
    names = [f"p{i}" for i in range(8)]
    weight = {name: 1.0 + i for i, name in enumerate(names)}
    worth = lambda s: sum(weight[n] for n in s) ** 1.5  # noqa: E731
    exact = games.shapley(games.of(names, worth))
    found = games.sampled(names, worth, generator(7, "shapley"), orders=600)
    sigmas = float(np.max(np.abs(found.shares - exact) / found.errors))
    claim(
        "sampled Shapley against the exact one, 8 parties", oracle="exact", measured=sigmas, at_most=4, unit="sigma"
    )
    assert found.shares.sum() == pytest.approx(worth(frozenset(names)))


def test_twelve_players_are_exact():
    rng = generator(3, "twelve")
    weight = rng.uniform(1, 5, 12)
    game = games.Game(tuple("abcdefghijkl"), (games.incidence(12) @ weight) ** 1.4)
    nucleolus = games.nucleolus(game)
    assert nucleolus.sum() == pytest.approx(game.whole)
    assert games.in_core(game, nucleolus)  # a convex game


def test_refusals_name_what_came():
    with pytest.raises(BadInput, match="13 players are more than the 12"):
        games.of([str(i) for i in range(13)], lambda s: 0.0)
    with pytest.raises(BadInput, match="2 players have 4 coalitions; got 3"):
        games.Game(("a", "b"), np.zeros(3))
    with pytest.raises(BadInput, match="blocs must hold every player once"):
        games.owen(GAMES["glove"], [["left"], ["r1"]])
