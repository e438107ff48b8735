"""Low thrust: a published optimum, the estimate against the optimiser, the linear model against its own equations."""

from collections.abc import Callable

import numpy as np
import pytest

from motherlode import epochs
from motherlode.access import lowthrust
from motherlode.ephemeris import almanac
from motherlode.ephemeris.orbit import Orbit
from motherlode.errors import NoSolution
from motherlode.mechanics import kepler, lambert
from motherlode.mechanics.frames import ECLIPTIC_NORTH
from motherlode.units import AU, DAY, DEG

# Minimum-mass transfer with fixed time that the documentation of kep3 (ESA) solves by the indirect method: 250 d,
# 0.6 N, 3 000 s, 1 500 kg; final mass 1 259.9009 kg.
START = np.array(
    [
        34110913.367783306,
        -139910016.91887585,
        -14037825.669025244,
        29.0909902134693,
        10.000390168313803,
        1.0033858682643288,
    ]
)
END = np.array(
    [
        -159018773.15922266,
        -18832495.968945133,
        15781467.087350443,
        2.781182556622003,
        -28.89840730995848,
        -0.4834533989771214,
    ]
)
BEST_KG = 1259.9009


def test_published_minimum_mass_transfer(claim: Callable[..., None]) -> None:
    leg = lowthrust.optimise(START, END, 250 * DAY, 0.6, 3000.0, 1500.0, segments=14)
    who = "kep3 documentation, indirect method"
    share = 100 * leg.final_mass_kg / BEST_KG
    claim(
        "low-thrust final mass, share of the published optimum", oracle=who, measured=share, at_least=99.5, unit="%"
    )
    claim("low-thrust final mass, not above the optimum", oracle=who, measured=share, at_most=100.1, unit="%")
    assert leg.miss_km < 1.0 and (np.linalg.norm(leg.thrust_n, axis=1) <= 0.6 * (1 + 1e-6)).all()
    assert leg.propellant_kg == pytest.approx(1500.0 - leg.final_mass_kg)


def near_earth_leg() -> tuple[np.ndarray, np.ndarray, float]:
    rock = Orbit("rock", epochs.parse("2030-01-01"), 1.06 * AU, 0.05, 1.0 * DEG, 100 * DEG, 0.0, 6.2)
    start, flight = epochs.parse("2030-01-01"), 330 * DAY
    return almanac.load()["earth"].state(start), rock.state(start + flight), flight


def test_estimate_agrees_with_the_optimum(claim: Callable[..., None]) -> None:
    here, there, flight = near_earth_leg()
    v1, v2 = lambert.solve(here[:3], there[:3], flight, lowthrust.MU, north=ECLIPTIC_NORTH)
    engine = lowthrust.Engine(20_000.0, 3000.0, 0.6, solar=False)
    guess = lowthrust.estimate(v1 - here[3:], there[3:] - v2, flight, engine, 3000.0)
    leg = lowthrust.optimise(here, there, flight, float(engine.force_n()), 3000.0, 3000.0, segments=10)
    assert guess.feasible and guess.thrusting < 1
    off = abs(float(guess.final_mass_kg) - leg.final_mass_kg) / leg.final_mass_kg
    claim(
        "estimated mass after a near-Earth leg",
        oracle="optimised leg",
        measured=100 * off,
        at_most=3.0,
        unit="%",
        status="modelled",
    )


def test_estimate_tends_to_the_impulses() -> None:
    leave, meet = np.array([[1.0, 0, 0], [0, 2.0, 0]]), np.array([[0, 0.5, 0], [0.3, 0, 0.1]])
    strong = lowthrust.Engine(1e9, 3000.0, solar=False)
    found = lowthrust.estimate(leave, meet, 300 * DAY, strong, 1000.0)
    impulses = np.linalg.norm(leave, axis=1) + np.linalg.norm(meet, axis=1)
    assert found.delta_v_km_s == pytest.approx(impulses, rel=1e-3)
    assert found.final_mass_kg == pytest.approx(1000 * np.exp(-impulses / strong.exhaust_km_s), rel=1e-3)


def test_too_weak_and_too_empty_are_infeasible() -> None:
    leave, meet = np.array([3.0, 0, 0]), np.array([0, 2.0, 0])
    weak = lowthrust.estimate(leave, meet, 100 * DAY, lowthrust.Engine(1_000.0, 3000.0), 5000.0)
    assert not weak.feasible and np.isnan(weak.final_mass_kg) and weak.thrusting > 1
    heavy = lowthrust.estimate(leave, meet, 600 * DAY, lowthrust.Engine(1e6, 3000.0), 1000.0, dry_mass_kg=950.0)
    assert not heavy.feasible


def test_solar_power_falls_with_distance() -> None:
    engine = lowthrust.Engine(10_000.0, 3000.0)
    assert engine.force_n(2 * AU) == pytest.approx(engine.force_n(AU) / 4)
    assert engine.force_n(0.1 * AU) == pytest.approx(2 * engine.force_n(AU))


def test_no_thrust_is_two_body_motion() -> None:
    y = np.array([1.0, 0, 0, 0, 1.1, 0.1, 1.0])
    lowthrust.fly(y, np.zeros(3), 0.5, 0.1, 1.0)
    r, v = kepler.propagate([1.0, 0, 0], [0, 1.1, 0.1], 0.5, 1.0)
    assert y[:3] == pytest.approx(r, abs=1e-6) and y[3:6] == pytest.approx(v, abs=1e-6)


def test_impossible_legs_are_refused() -> None:
    with pytest.raises(NoSolution, match=r"no low-thrust leg of 30 d with 0\.01 N and 1500 kg was found"):
        lowthrust.optimise(START, END, 30 * DAY, 0.01, 3000.0, 1500.0, segments=6)
