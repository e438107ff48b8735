"""Every way home of one asteroid, with its checks: the figures of the page on capture."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from motherlode import epochs
from motherlode.capture import destinations, encounters, homecoming, moon_flight
from motherlode.capture.homecoming import Body, Effort
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.ephemeris import almanac
from motherlode.units import YEAR

OURS = "own search and flight (unvalidated: no published counterpart)"
FEW = Effort(fly=1, strata=8, most_strata=8)


@pytest.fixture(scope="module")
def planets() -> Any:
    return almanac.load()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("captures")


def _orbit(name: str) -> Any:
    table = snapshot.load()
    return orbits.of(table)[designations.find(name, table)]


def _span(first: str, last: str) -> tuple[float, float]:
    return epochs.parse(first), epochs.parse(last)


LARGE = Body(np.array([944.0]), np.array([6.23e11]), np.array([7.3]), np.array([52.0]), "0")


@pytest.fixture(scope="module")
def to_one_sol(planets: Any, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(homecoming, "_captures", lambda places, cache: None)  # ballistic ways have their own test
        span = _span("2030-01-01", "2060-01-01")
        found = homecoming.compare(_orbit("68278"), LARGE, planets, "mars-1sol", span=span, cache=cache, effort=FEW)
    return {way.way: way for way in found}


def test_the_way_of_68278_to_one_sol(claim: Any, to_one_sol: Any) -> None:
    way = to_one_sol["Lambert return"]
    flown = way.checks["n_body"]
    assert flown["survived"] and flown["stayed_yr"] == pytest.approx(5.0)
    for text, measured, most in (
        ("68278 to one sol about Mars, direct, 2030 to 2060: planned", 1e3 * way.delta_v_km_s, 616.0),
        ("68278 to one sol about Mars, direct: flown", flown["delta_v_m_s"], 620.0),
        ("68278 to one sol about Mars, direct: loss of the finite burn", flown["finite_burn_loss_m_s"], 6.0),
        ("68278 in one sol: raising the periapsis for a century", way.checks["storage"]["raise_m_s"], 12.0),
        ("68278 by its close approach of 2043 to one sol: planned", _planned(to_one_sol, "close approach"), 770.0),
    ):
        claim(text, oracle=OURS, measured=measured, at_most=most, unit="m/s", status="modelled")
    assert way.checks["storage"]["stays_yr"] == 100.0


def _planned(found: Any, way: str) -> float:
    return 1e3 * float(found[way].delta_v_km_s)


def test_what_stops_it_is_size_and_mars_not_the_earth(claim: Any, to_one_sol: Any) -> None:
    checks = to_one_sol["Lambert return"].checks
    lost = checks["safety"]["loss_of_control"]
    claim(
        "68278 on its way to Mars, control lost: chance to hit the Earth, upper limit of 90 %",
        oracle="target plane, 8 strata of each burn",
        measured=lost["impact_probability_95_upper"]["earth"],
        at_most=1e-7,
        status="modelled",
    )
    refused = {why.split(":")[0] for why in checks["safety"]["refused_because"]}
    assert refused == {"strength", "tug", "planetary protection"}
    assert "tug" not in {why.split(":")[0] for why in checks["safety_of_part"]["refused_because"]}
    assert lost["impact_probability_95_upper"]["mars"] > 0.01  # a braking that is broken off leaves it too low


def test_a_part_of_it_is_what_the_stage_can_brake(claim: Any, to_one_sol: Any) -> None:
    rows = {row["tug"]: row for row in to_one_sol["Lambert return"].checks["tugs"]}
    claim(
        "boulder of 68278 that a stage of 100 kN brakes into one sol in 20 minutes",
        oracle="thrust times time over velocity change, less the stage",
        measured=rows["chemical"]["max_mass_t"],
        at_least=340.0,
        unit="t",
        status="modelled",
    )
    assert rows["chemical"]["limit"].startswith("thrust of the chemical stage")
    assert 0.0 < rows["chemical"]["despin_kg"] < 1.0
    assert rows["sep-150kw"]["power_at_au"] > 1.4


def test_2000_sg344_is_met_by_the_moon(claim: Any, planets: Any) -> None:
    """A push years ahead, a passage of the Moon, and months later the Moon again, slower than when met directly."""
    span = _span("2028-01-01", "2035-01-01")
    target = homecoming.path(_orbit("2000 SG344"), planets, span)
    place = destinations.find("high-lunar-orbit")
    plans = [homecoming.by_the_moon(way, planets) for way in encounters.powered(target, planets, [place], span)]
    best = min(plans, key=lambda way: way.delta_v_km_s)
    flown = [moon_flight.fly(target, way, place, planets) for way in sorted(plans, key=lambda way: way.delta_v_km_s)]
    kept = [done for done in flown if done.survived]
    assert kept and all(done.stayed_s >= 5.0 * YEAR - 1.0 for done in kept)
    claim(
        "2000 SG344 into a high lunar orbit by passages of the Moon, 2028 to 2035: flown, first burn to five years",
        oracle="own flight",
        measured=1e3 * min(sum(done.burns_km_s) for done in kept),
        at_most=760.0,
        unit="m/s",
        status="modelled",
    )
    met = best.orbit["moon"]
    assert met["flybys"] == len(met["c3_after_each_flyby_km2_s2"]) >= 1
    assert met["c3_after_each_flyby_km2_s2"][0] < 0.0
    claim(
        "2000 SG344 into a high lunar orbit by passages of the Moon, 2028 to 2035: planned",
        oracle="own search: fly-bys found under every pull",
        measured=1e3 * best.delta_v_km_s,
        at_most=300.0,
        unit="m/s",
        status="modelled",
    )
