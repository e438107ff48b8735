"""Kinds of mission: against plain loops, several revolutions, hauls to another planet, refusals."""

import numpy as np
import pytest

from motherlode import epochs
from motherlode.access import missions, porkchop, ports
from motherlode.ephemeris import almanac
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput
from motherlode.units import AU, DAY, DEG

ALMANAC = almanac.load()
EARTH, MARS = ALMANAC["earth"], ALMANAC["mars"]
ROCK = Orbit("rock", 0.0, 1.19 * AU, 0.19, 5.9 * DEG, 251 * DEG, 211 * DEG, 3.6)  # like Ryugu's
DEPART = epochs.parse("2030-01-01") + 20 * DAY * np.arange(30)


def test_one_way_is_the_porkchops_minimum() -> None:
    flights = DAY * np.arange(100, 500, 20)
    found = missions.one_way(EARTH, ROCK, DEPART, flights)
    assert found.delta_v_km_s == porkchop.grid(EARTH, ROCK, DEPART, flights).best("delta_v").delta_v_km_s
    assert found.kind == "rendezvous" and found.stay_s == 0.0
    assert missions.described(found).startswith("rendezvous: 203")


def test_revolutions_never_cost_more() -> None:
    flights = DAY * np.arange(100, 1100, 50)
    plain = missions.one_way(EARTH, ROCK, DEPART, flights)
    turning = missions.one_way(EARTH, ROCK, DEPART, flights, revolutions=2)
    assert turning.delta_v_km_s <= plain.delta_v_km_s


def test_fly_by_pays_only_the_departure() -> None:
    flights = DAY * np.arange(100, 500, 20)
    passing, meeting = (f(EARTH, ROCK, DEPART, flights) for f in (missions.fly_by, missions.one_way))
    assert passing.legs[0].arrival_delta_v_km_s == 0.0 and passing.legs[0].v_infinity_arrive_km_s > 0
    assert passing.delta_v_km_s < meeting.delta_v_km_s


@pytest.mark.parametrize("destination", [None, MARS], ids=["home", "mars"])
def test_mining_equals_plain_loops(destination: almanac.Planet | None) -> None:
    step = 40 * DAY
    depart = DEPART[0] + step * np.arange(8)
    out, cargo = step * np.arange(4, 10), step * np.arange(5, 16)
    port = "mars-phobos" if destination else "lunar-nrho"
    found = missions.mining(
        EARTH, ROCK, depart, out, (120 * DAY, 400 * DAY), cargo,
        origin_port="earth-400km", destination=destination, destination_port=port, revolutions=1,
    )  # fmt: skip
    space, goal = ports.find("depot"), destination or EARTH
    totals = []
    for launch in depart:
        for flight in out:
            there = porkchop.window(EARTH, ROCK, launch, flight, ports.find("earth-400km"), space).delta_v_km_s
            if not np.isfinite(there) or there > found.delta_v_km_s:
                continue
            for stay in step * np.arange(3, 11):
                back = [cheapest(ROCK, goal, launch + flight + stay, f, space, ports.find(port)) for f in cargo]
                totals.append(there + min(back))
    assert found.delta_v_km_s == pytest.approx(min(totals), abs=1e-6)
    assert 120 * DAY <= found.stay_s <= 400 * DAY
    assert found.legs[1].target == goal.name and found.legs[1].target_port == port
    assert found.summary()["legs"][0]["origin"] == "earth"


def cheapest(
    origin: Orbit, goal: almanac.Planet, depart: float, flight: float, a: ports.Port, b: ports.Port
) -> float:
    every = [
        porkchop.window(origin, goal, depart, flight, a, b, revolutions=m, branch=branch).delta_v_km_s
        for m, branch in ((0, "low"), (1, "low"), (1, "high"))
    ]
    return float(np.nanmin(every))


def test_capture_can_be_left_to_others() -> None:
    step = 40 * DAY
    args = (
        EARTH,
        ROCK,
        DEPART[0] + step * np.arange(8),
        step * np.arange(4, 10),
        (0.0, 400 * DAY),
        step * np.arange(5, 16),
    )
    free = missions.mining(*args, destination_port=missions.PASSING)
    paid = missions.mining(*args, destination_port="earth-gto")
    assert free.legs[1].arrival_delta_v_km_s == 0.0 and free.delta_v_km_s < paid.delta_v_km_s


def test_uneven_dates_and_empty_stays_are_refused() -> None:
    step = 40 * DAY
    with pytest.raises(BadInput, match="flight times whole steps of 40 d apart"):
        missions.mining(
            EARTH, ROCK, DEPART[0] + step * np.arange(4), [100 * DAY, 110 * DAY], (0, step), [step, 2 * step]
        )
    with pytest.raises(BadInput, match="shortest to longest, got 100 to 50 d"):
        missions.mining(
            EARTH, ROCK, DEPART[0] + step * np.arange(4), [step], (100 * DAY, 50 * DAY), [step, 2 * step]
        )  # fmt: skip
