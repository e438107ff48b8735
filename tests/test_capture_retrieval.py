"""Retrieval to libration-point orbits: the published method on the published objects, and its own invariants."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from motherlode.capture import destinations, gateway, homecoming, manifolds, patch, retrieval
from motherlode.capture.manifolds import Recipe
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.cli import app
from motherlode.ephemeris import almanac
from motherlode.errors import BadInput
from motherlode.mechanics import elements, periodic, synodic, threebody
from motherlode.study import retrieval_dates
from motherlode.units import DAY, METRE_S, YEAR

SPAN = (25.0 * YEAR, 99.9 * YEAR)  # 2025 to 2099
SMALL = Recipe("sun-earth", orbits=100, departures=40)
TWELVE = (
    "2006 RH120",
    "2010 VQ98",
    "2007 UN12",
    "2010 UE51",
    "2008 EA9",
    "2011 UD21",
    "2009 BD",
    "2008 UA202",
    "2011 BL45",
    "2011 MD",
    "2000 SG344",
    "1991 VG",
)


@pytest.fixture(scope="module")
def planets() -> Any:
    return almanac.load()


@pytest.fixture(scope="module")
def table() -> Any:
    return snapshot.load()


@pytest.fixture(scope="module")
def circular(planets: Any) -> gateway.Gateway:
    library = manifolds.build(SMALL)
    return gateway.open_gateway(library, gateway.circling(library, planets["emb"], SPAN), SPAN)


@pytest.fixture(scope="module")
def mars(planets: Any) -> gateway.Gateway:
    library = manifolds.build(Recipe("sun-mars", orbits=30, departures=24, eccentricity=0.09341, seasons=12))
    return gateway.open_gateway(library, planets["mars"], SPAN)


def test_kept_states_coast_into_their_orbits(claim: Any, circular: gateway.Gateway) -> None:
    library = circular.library
    picks = np.random.default_rng(1).choice(len(library), 200, replace=False)
    some = library.take(picks)
    ends = threebody.propagate(some.state, some.duration, library.system.mu)
    miss = [
        np.linalg.norm(end - library.orbits[orbit].states(SMALL.departures)[departure])
        for end, orbit, departure in zip(ends, some.orbit, some.departure)
    ]
    claim(
        "section states flown forward meet their orbit, 95th percentile of 200 (all families, L1 and L2)",
        oracle="the flow itself",
        measured=float(np.percentile(miss, 95)),
        at_most=1e-6,
        unit="of 1 au",
        status="modelled",
    )


def test_paths_cross_the_section_at_its_angle(circular: gateway.Gateway) -> None:
    state = circular.library.state
    angle = np.arctan2(state[:, 1], state[:, 0] + circular.library.system.mu)
    assert np.abs(angle) == pytest.approx(manifolds.SECTION_ANGLE, abs=1e-9)


def test_the_frame_of_the_planet_there_and_back(planets: Any) -> None:
    rng = np.random.default_rng(2)
    states = np.concatenate([rng.uniform(-1.2, 1.2, (50, 3)), rng.uniform(-0.3, 0.3, (50, 3))], 1)
    primary = planets["mars"].state(rng.uniform(*SPAN, 50))
    mu = threebody.SYSTEMS["sun-mars"].mu
    assert synodic.from_inertial(synodic.to_inertial(states, primary, mu), primary, mu) == pytest.approx(
        states, abs=1e-13
    )


@pytest.fixture(scope="module")
def named(table: Any, circular: gateway.Gateway) -> dict[str, float]:
    every = orbits.of(table)
    rows = {name: designations.find(name, table) for name in TWELVE}
    return {name: float(patch.Patcher(every[row], circular).best().total[0]) for name, row in rows.items()}


def test_2006_rh120_is_the_easiest_of_the_named(claim: Any, named: dict[str, float]) -> None:
    claim(
        "2006 RH120 to a Sun-Earth libration-point orbit",
        oracle="García Yárnoz et al. 2013: 58 m/s",
        measured=named["2006 RH120"] / METRE_S,
        at_most=100.0,
        unit="m/s",
    )
    assert named["2006 RH120"] == min(named.values())


def test_the_twelve_named_objects(claim: Any, named: dict[str, float]) -> None:
    claim(
        "the twelve easily retrievable objects of the literature, dearest",
        oracle="García Yárnoz et al. 2013: below 500 m/s by definition",
        measured=max(named.values()) / METRE_S,
        at_most=500.0,
        unit="m/s",
    )


def test_burns_carry_the_asteroid_onto_the_manifold(table: Any, circular: gateway.Gateway) -> None:
    target = orbits.of(table)[designations.find("2006 RH120", table)]
    way = retrieval.to_libration_point(target, circular, destinations.find("sun-earth-l2"))[0]
    start = target.state(way.depart_tdb) + _kick(way.orbit["leave_km_s"])
    drift = way.burns[1].epoch_tdb - way.depart_tdb
    moved = _coast(start, drift) + _kick(way.orbit["join_km_s"])
    at_section = _coast(moved, way.orbit["coast_d"] * DAY)
    planet = circular.planet.state(way.orbit["section_tdb"])
    wanted = synodic.to_inertial(way.orbit["section_state"], planet, circular.library.system.mu)
    assert at_section[:3] == pytest.approx(wanted[:3], abs=50.0)
    assert at_section[3:] == pytest.approx(wanted[3:], abs=1e-5)
    assert way.arrive_tdb > way.orbit["section_tdb"]


BEYOND = retrieval.SAFE * gateway.FAR  # an infinite bound stands for any above this, km/s
QUICK = patch.Search(thin=600, pairs=200, a_year=1, seeds=20, rounds=5)


def least(target: Any, gate: gateway.Gateway, search: patch.Search, rng: np.random.Generator) -> float:
    """The best of the search and of arcs drawn at random over the whole library, refined: no filter, no ranking."""
    patcher = patch.Patcher(target, gate, search)
    n = 4_000
    drawn = patcher.evaluate(
        rng.integers(0, len(gate.library), n),
        rng.uniform(gate.span[0], gate.span[1], n),
        rng.uniform(0.0, search.coasts_d[-1] * DAY, n),
        rng.uniform(search.flight_d[0] * DAY, search.flight_d[1] * DAY, n),
    )
    order = np.argsort(np.where(np.isfinite(drawn.total), drawn.total, np.inf))[: search.seeds]
    return min(
        float(np.min(found.total, initial=np.inf)) for found in (patcher.refined(drawn.take(order)), patcher.best())
    )


def around(bound: Any, rng: np.random.Generator, shares: dict[tuple[float, float], int]) -> Any:
    """Rows drawn at random from bands of the bound, km/s."""
    bands = [
        (np.flatnonzero((low <= bound) & ((bound < high) | np.isinf(high))), count)
        for (low, high), count in shares.items()
    ]
    return np.concatenate([rng.choice(rows, min(count, len(rows)), replace=False) for rows, count in bands])


def test_prefilter_is_a_lower_bound(claim: Any, table: Any, circular: gateway.Gateway) -> None:
    every, rng = orbits.of(table), np.random.default_rng(4)
    bound = retrieval.bounds(every, circular)
    sample = around(bound, rng, {(0.0, 0.5): 4, (0.5, 1.0): 8, (1.0, np.inf): 4})
    found = np.array([least(every[int(row)], circular, QUICK, rng) for row in sample])
    claim(
        "bodies of a random sample, kept and rejected ones, that cost less than the prefilter's bound",
        oracle="the unfiltered search",
        measured=int(np.sum(found < np.minimum(bound[sample], BEYOND))),
        at_most=0,
        unit="of 16",
        status="modelled",
    )


@pytest.mark.slow
def test_no_rejected_body_was_worth_a_search(
    claim: Any, table: Any, planets: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("libraries")
    gate = retrieval.open_gateways(planets, SPAN, cache, ["earth"])["earth"]
    every, rng = orbits.of(table), np.random.default_rng(5)
    bound = retrieval.bounds(every, gate)
    sample = around(bound, rng, {(0.0, 0.5): 50, (0.5, 0.75): 75, (0.75, 1.5): 50, (1.5, np.inf): 25})
    found = np.array([least(every[int(row)], gate, patch.Search(), rng) for row in sample])
    low = found < np.minimum(bound[sample], BEYOND)
    missed = (bound[sample] >= 0.5) & (found < 0.5)
    print(f"lowest cost over bound: {np.sort(found / bound[sample])[:5]}")
    what = f"of {len(sample)} bodies, {int(np.sum(bound[sample] >= 0.5))} of them rejected by the filter of 500 m/s"
    for name, count in (("cost less than their bound", np.sum(low)), ("are missed by the filter", np.sum(missed))):
        claim(f"{what}: {name}", oracle="the unfiltered search", measured=int(count), at_most=0, unit="bodies")


@pytest.mark.slow
def test_as_many_easily_retrievable_objects_as_were_published(
    claim: Any, table: Any, planets: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    known = np.array([known_by(str(name), 2020, "J") for name in table["provisional"]])
    cache = tmp_path_factory.mktemp("libraries")
    found = retrieval.sweep(orbits.of(table)[np.flatnonzero(known)], retrieval.open_published(planets, SPAN, cache))
    easy = found["delta_v_m_s"].astype(float) < 500.0
    print("; ".join(f"{row['designation']} {row['delta_v_m_s']:.0f}" for row in found.take(easy).rows()))
    claim(
        "objects known by April 2020 below 500 m/s, circular problem, every orbit of the families",
        oracle="Tyler & Wittig 2021: 44",
        measured=int(np.sum(easy)),
        at_least=44,
        unit="objects",
    )


def known_by(provisional: str, year: int, half_month: str) -> bool:
    """Whether a designation was given before a half-month, such as 2020 J (1 to 15 May)."""
    if not provisional[:4].isdigit():
        return True  # A898 PA and the like; survey designations (4788 P-L) are of 1960 to 1977
    return provisional[5:].startswith(("P-L", "T-")) or (int(provisional[:4]), provisional[5]) < (year, half_month)


def test_what_was_known_in_april_2020() -> None:
    names = {
        "A898 PA": True,
        "4788 P-L": True,
        "2020 CD3": True,
        "2020 KA": False,
        "2019 XV": True,
        "2024 PT5": False,
    }
    assert {name: known_by(name, 2020, "J") for name in names} == names


def test_no_plan_arrives_after_the_span(table: Any, circular: gateway.Gateway) -> None:
    target = orbits.of(table)[designations.find("2006 RH120", table)]
    for point in ("sun-earth-l1", "sun-earth-l2"):
        for way in retrieval.to_libration_point(target, circular, destinations.find(point), QUICK):
            assert SPAN[0] <= way.depart_tdb < way.arrive_tdb <= SPAN[1]


def test_paths_and_orbits_keep_away_from_the_planet() -> None:
    recipe = Recipe("sun-earth", orbits=12, departures=12, eccentricity=0.01671, seasons=4, nearest=0.33)
    library = manifolds.build(recipe)
    unit = periodic.hill_radius(library.system.mu)
    lanes, steps = library.take(np.arange(0, len(library), 23)), 150
    times = np.linspace(0.0, 1.0, steps) * lanes.duration[:, None]
    path = threebody.propagate(
        lanes.state[:, None], times, library.system.mu, eccentricity=0.01671, anomaly=lanes.anomaly[:, None]
    )
    away = np.linalg.norm(path[..., :3] - [1.0 - library.system.mu, 0.0, 0.0], axis=-1)
    assert np.min(away) > 0.25 * unit


def test_mars_uses_the_same_code_and_says_so(table: Any, mars: gateway.Gateway) -> None:
    target = orbits.of(table)[designations.find("68278", table)]
    ways = retrieval.to_libration_point(target, mars, destinations.find("sun-mars-l1"))
    assert ways[0].label == "unvalidated: no published counterpart"
    assert 0.3 < ways[0].delta_v_km_s < 1.5


def test_a_library_comes_back_from_its_cache(tmp_path: Path) -> None:
    recipe = Recipe("sun-mars", orbits=8, departures=8)
    first, second = manifolds.load(tmp_path, recipe), manifolds.load(tmp_path, recipe)
    assert np.array_equal(first.state, second.state)
    assert [o.period for o in first.orbits] == [o.period for o in second.orbits]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_costs_only_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert len(manifolds.load(tmp_path / "file", Recipe("sun-mars", orbits=8, departures=8))) > 0


def _kick(burn: list[float]) -> Any:
    return np.array([0.0, 0.0, 0.0, *burn])


def _coast(state: Any, time: float) -> Any:
    six = elements.from_state(state, gateway.MU)
    motion = np.sqrt(gateway.MU / six[0] ** 3)
    return elements.to_state(*six[:5], six[5] + motion * time, gateway.MU)


def test_every_year_has_its_window_and_haste_its_price(
    table: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Recipe("sun-earth", orbits=10, departures=12, eccentricity=0.01671, seasons=12, nearest=0.33)
    monkeypatch.setattr(retrieval, "RECIPES", {"earth": small})
    monkeypatch.setattr(snapshot, "home", lambda: tmp_path)
    target = orbits.of(table)[designations.find("2006 RH120", table)]
    found = retrieval_dates.of(target, "sun-earth-l2", (25.0 * YEAR, 50.0 * YEAR)).summary()
    windows, front = found["windows"], found["pareto"]
    assert len(windows) > 5
    assert [row["depart_tdb"] for row in windows] == sorted(row["depart_tdb"] for row in windows)
    assert [row["flight_d"] for row in front] == sorted(row["flight_d"] for row in front)
    prices = [row["delta_v_m_s"] for row in front]
    assert len(prices) > 2 and prices == sorted(prices, reverse=True)
    with pytest.raises(BadInput, match="of captures to a libration point, got 'mars-1sol'; choose of sun-earth-l1"):
        retrieval_dates.of(target, "mars-1sol", SPAN)


def test_one_search_and_one_opening_serve_answer_and_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = Recipe("sun-earth", orbits=10, departures=12, eccentricity=0.01671, seasons=12, nearest=0.33)
    monkeypatch.setattr(retrieval, "RECIPES", {"earth": small})
    monkeypatch.setattr(snapshot, "home", lambda: tmp_path)
    monkeypatch.setattr(homecoming, "compare", lambda *_, gates, **__: [])
    asked: Counter[str] = Counter()

    def counted(name: str) -> Any:
        work = getattr(retrieval, name)
        return lambda *args, **kwargs: (asked.update([name]), work(*args, **kwargs))[1]

    for name in ("open_gateways", "pareto", "to_libration_point"):
        monkeypatch.setattr(retrieval, name, counted(name))
    words = ["capture", "2006 RH120", "--to", "sun-earth-l2", "--figures", str(tmp_path / "drawn"), "--json"]
    assert app.run(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert asked == {"open_gateways": 1, "pareto": 1, "to_libration_point": 1}
    assert len(answer["windows"]) > 5 and len(answer["pareto"]) > 2
    assert len(list((tmp_path / "drawn").glob("*.svg"))) == 4
