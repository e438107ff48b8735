"""Round trips: the lattice against brute force, ties, limits, ports, and the screen against the search."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from motherlode import epochs
from motherlode.access import ports, roundtrip
from motherlode.access.roundtrip import NHATS, Rules
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris import almanac
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import BadInput
from motherlode.mechanics import lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import AU, DAY, DEG

MU = GM_KM3_S2["sun"]
EARTH = almanac.load()["earth"]
# Elements like those of 2000 SG344, 1991 VG and a main-belt asteroid; made up, so that the test stands alone.
NEAR = Orbit("near", 0.0, 0.977 * AU, 0.067, 0.11 * DEG, 192 * DEG, 275 * DEG, 6.2)
TILTED = Orbit("tilted", 0.0, 1.027 * AU, 0.049, 1.4 * DEG, 74 * DEG, 24 * DEG, 0.9)
FAR = Orbit("far", 0.0, 2.7 * AU, 0.1, 8 * DEG, 10 * DEG, 50 * DEG, 3.0)
SMALL = Rules(epochs.parse("2028-01-01"), epochs.parse("2028-10-01"), step_s=16 * DAY, longest_s=330 * DAY)


def brute_force(target: Any, home: Any, port: ports.Port, rules: Rules) -> list[tuple[float, int, int, int, int]]:
    """Every passing trip in loop order, with the public solver and plain loops."""
    found = []
    for launch, start in enumerate(rules.launches):
        for i in range(rules.legs):
            out = leg(home, target, start, rules.flights[i])
            if out[0] ** 2 > rules.most_c3_km2_s2:
                continue
            cost = port.departure_delta_v_km_s(out[0]) + out[1]
            for j in range(rules.least_stay, rules.steps - i + 1):
                leave = start + rules.flights[i] + j * rules.step_s
                for k in range(rules.steps - i - j + 1):
                    back = leg(target, home, leave, rules.flights[k])
                    total = cost + back[0] + port.arrival_delta_v_km_s(back[1])
                    if total <= rules.most_delta_v_km_s:
                        found.append((float(total), launch, i, j, k))
    return found


CACHE: dict[Any, tuple[float, float]] = {}


def leg(origin: Any, target: Any, depart: float, flight: float) -> tuple[float, float]:
    key = (origin.name, target.name, depart, flight)
    if key not in CACHE:
        a, b = origin.state(depart), target.state(depart + flight)
        v1, v2 = lambert.solve(a[:3], b[:3], flight, MU, north=ECLIPTIC_NORTH)
        CACHE[key] = float(np.linalg.norm(v1 - a[3:])), float(np.linalg.norm(v2 - b[3:]))
    return CACHE[key]


@pytest.mark.parametrize("target", [NEAR, TILTED], ids=lambda orbit: orbit.name)
@pytest.mark.parametrize("port", ["earth-400km", "lunar-nrho"])
def test_lattice_equals_brute_force(target: Orbit, port: str) -> None:
    trips = brute_force(target, EARTH, ports.find(port), SMALL)
    found = roundtrip.search(target, EARTH, port, SMALL)
    assert found.n_trajectories == len(trips)
    assert found.min_delta_v_km_s == pytest.approx(min(trips)[0], abs=1e-7)
    assert found.best is not None and found.quickest is not None
    assert found.best.delta_v_km_s == pytest.approx(found.min_delta_v_km_s, abs=1e-7)
    assert found.duration_d == 2 + 16 * sum(min(trips)[2:])
    fewest = min(sum(trip[2:]) for trip in trips)
    assert found.min_duration_d == 2 + 16 * fewest
    first = next(trip for trip in trips if sum(trip[2:]) == fewest)
    assert found.delta_v_at_min_duration_km_s == pytest.approx(first[0], abs=1e-7), (
        "the first found, not the cheapest"
    )
    assert found.quickest.launch_tdb == SMALL.launches[first[1]]


def test_nothing_passes_from_far_away() -> None:
    found = roundtrip.search(FAR, EARTH, "earth-400km", SMALL)
    assert not found.passes and found.best is None and np.isnan(found.min_delta_v_km_s)
    assert found.summary()["min_delta_v_km_s"] is None


def test_departure_energy_is_limited() -> None:
    tight = replace(SMALL, most_c3_km2_s2=3.0)
    found = roundtrip.search(NEAR, EARTH, "earth-400km", tight)
    assert found.best is not None and found.best.c3_km2_s2 <= 3.0
    assert found.n_trajectories < roundtrip.search(NEAR, EARTH, "earth-400km", SMALL).n_trajectories


def test_screen_equals_search() -> None:
    many = stacked(NEAR, TILTED, FAR)
    table = roundtrip.screen(many, EARTH, "earth-400km", SMALL, threads=2)
    for row, target in enumerate((NEAR, TILTED, FAR)):
        found = roundtrip.search(target, EARTH, "earth-400km", SMALL)
        assert table["n_trajectories"][row] == found.n_trajectories
        for name in ("min_delta_v_km_s", "duration_d", "min_duration_d", "delta_v_at_min_duration_km_s"):
            assert table[name][row] == pytest.approx(getattr(found, name), nan_ok=True, abs=1e-9), name
    assert table["coarse_delta_v_km_s"][2] > 15


def stacked(*orbits: Orbit) -> Orbit:
    columns = [np.array(column) for column in zip(*(orbit.elements for orbit in orbits), strict=True)]
    return Orbit(np.array([o.name for o in orbits]), np.zeros(len(orbits)), *columns)


def test_home_at_mars() -> None:
    mars = almanac.load()["mars"]
    neighbour = Orbit("neighbour", 0.0, 1.52 * AU, 0.09, 2 * DEG, 50 * DEG, 286 * DEG, 0.8)
    rules = replace(NHATS, longest_s=900 * DAY).during("2003-01-01", "2012-12-31")
    found = roundtrip.search(neighbour, mars, "mars-phobos", rules)
    assert found.passes and found.best is not None
    assert found.best.departure_km_s == pytest.approx(
        ports.find("mars-phobos").departure_delta_v_km_s(found.best.c3_km2_s2**0.5), abs=1e-9
    )


def test_nhats_lattice_is_the_published_one() -> None:
    assert epochs.iso(NHATS.launches[0]) == "2020-01-05" and epochs.iso(NHATS.launches[-1]) == "2045-12-27"
    assert len(NHATS.launches) == 1187 and NHATS.steps == 56 and NHATS.least_stay == 1
    assert NHATS.combinations == 1187 * 56 * 57 * 58 // 6


def test_rules_that_cannot_hold_are_refused() -> None:
    with pytest.raises(BadInput, match=r"the launch window ends \(2020-01-01\) before it begins \(2021-01-01\)"):
        NHATS.during("2021-01-01", "2020-01-01")
    with pytest.raises(BadInput, match="no trip fits into 5 d"):
        replace(NHATS, longest_s=5 * DAY)
