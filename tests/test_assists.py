"""Gravity assists: GTOP problems evaluated at published vectors and solved again, fly-bys by themselves."""

from collections.abc import Callable

import numpy as np
import pytest

from motherlode.access import assists, chains
from motherlode.constants import GM_KM3_S2
from motherlode.ephemeris import almanac, approximate
from motherlode.errors import BadInput
from motherlode.mechanics import flyby
from motherlode.units import DAY

MJD2000 = -0.5  # days from J2000 to 2000-01-01 0 h, from which GTOP counts
SATURN = assists.insertion(GM_KM3_S2["saturn"], 108_950.0, 0.98)
CASSINI = ("earth", "venus", "venus", "earth", "jupiter", "saturn")
LOWEST = (6_678.0, 6_351.8, 6_351.8, 6_778.1, 671_492.0, 70_000.0)
BOUNDS = ((30, 400), (100, 470), (30, 400), (400, 2000), (1000, 6000))


def chain(names: tuple[str, ...], movers: object, lowest: tuple[float, ...]) -> list[assists.Planet]:
    return [assists.planet(movers[name], r) for name, r in zip(names, lowest, strict=True)]  # type: ignore[index]


def test_cassini1_at_the_published_vector(claim: Callable[..., None]) -> None:
    """The vector and value that Tudat tests with: 4 930.72686847 m/s."""
    flights = np.array([158.302027105278, 449.385873819743, 54.7489684339665, 1024.36205846918, 4552.30796805542])
    planets = chain(CASSINI, approximate.planets(), (*LOWEST[:3], 6_678.0, 600_000.0, LOWEST[5]))
    found = assists.mga(planets, (-789.8117 + MJD2000) * DAY, flights * DAY, arrival=SATURN)
    miss = abs(float(found.delta_v_km_s[0]) / 4.93072686847 - 1)
    claim("Cassini1 at the published vector, relative", oracle="GTOP, Tudat", measured=miss, at_most=1e-3)


def test_messenger_at_the_published_vector(claim: Callable[..., None]) -> None:
    """Reduced Messenger, MGA-1DSM, as Tudat tests it: 8 630.83256 m/s, first manoeuvre 910.8017 m/s."""
    names = ("earth", "earth", "venus", "venus", "mercury")
    movers = approximate.planets()
    found = assists.mga_1dsm(
        [assists.planet(movers[name]) for name in names],
        (1171.64503236 + MJD2000) * DAY,
        1.40899421278,
        [0.37992647165, 0.498004040298],
        np.array([399.999999715, 178.372255301, 299.223139512, 180.510754824]) * DAY,
        [0.234594654679, 0.0964769387134, 0.829948744508, 0.317174785637],
        [1.80629232251, 3.04129845698, 1.10000000891],
        [1.35077257078, 1.09554368115, 1.34317576594],
    )
    miss = abs(float(found.delta_v_km_s[0]) / 8.63083256199 - 1)
    claim("Messenger (reduced) at the published vector, relative", oracle="GTOP, Tudat", measured=miss, at_most=1e-3)
    assert found.burns_km_s[0, 0] == pytest.approx(0.910801673, abs=2e-5)


def test_cassini1_is_found(claim: Callable[..., None]) -> None:
    planets = chain(CASSINI, approximate.planets(), LOWEST)
    flights = [(low * DAY, high * DAY) for low, high in BOUNDS]
    route = chains.search(planets, ((-1000 + MJD2000) * DAY, MJD2000 * DAY), flights, arrival=SATURN, generations=300)
    claim(
        "Cassini1, best found",
        oracle="GTOP, best known 4.9307",
        measured=route.delta_v_km_s,
        at_most=4.931,
        unit="km/s",
    )
    assert (route.chain.periapsis_km[0] >= np.array(LOWEST[1:5]) - 1e-6).all()


@pytest.mark.slow
def test_cassini1_with_real_planets() -> None:
    movers = almanac.load()
    flights = [(low * DAY, high * DAY) for low, high in BOUNDS]
    route = chains.search(
        chain(CASSINI, movers, LOWEST), ((-1000 + MJD2000) * DAY, MJD2000 * DAY), flights, arrival=SATURN
    )
    assert 4.8 < route.delta_v_km_s < 5.4


def test_powered_flyby_turns_as_asked() -> None:
    mu, rng = GM_KM3_S2["venus"], np.random.default_rng(1)
    v_in, v_out = rng.normal(size=(200, 3)) * 4, rng.normal(size=(200, 3)) * 4
    burn, r = flyby.powered(v_in, v_out, mu, 6_251.8)
    si, so = np.linalg.norm(v_in, axis=1), np.linalg.norm(v_out, axis=1)
    turn = np.arccos(np.sum(v_in * v_out, axis=1) / si / so)
    half = flyby.turn_angle(si, r, mu) / 2 + flyby.turn_angle(so, r, mu) / 2
    free = r > 6_251.8
    assert half[free] == pytest.approx(turn[free], abs=1e-12)
    assert (half[~free] <= turn[~free] + 1e-12).all()
    assert burn[free] == pytest.approx(np.abs(flyby.oberth(si, r, mu) - flyby.oberth(so, r, mu))[free], abs=1e-12)


def test_gravity_assist_of_tudat(claim: Callable[..., None]) -> None:
    """The first Venus fly-by of Cassini as Tudat tests it: 1 090.64622926 m/s at 6 351.8 km."""
    venus = np.array([32.851224953746, -11.6187310059974, -2.05504615890989])
    v_in = np.array([34.2164827530912, -15.1701440677825, 0.395792122152361]) - venus
    v_out = np.array([37.9542431376052, -14.0930467234774, -5.75353728279429]) - venus
    burn, _ = flyby.powered(v_in, v_out, 3.24860e5, 6_351.8)
    claim(
        "powered fly-by of Venus",
        oracle="Tudat",
        measured=abs(float(burn) * 1e3 - 1090.64622926316),
        at_most=0.01,
        unit="m/s",
    )


def test_unpowered_swing_keeps_the_speed() -> None:
    rng = np.random.default_rng(2)
    body = assists.planet(approximate.planets()["venus"])
    relative, planet = rng.normal(size=(50, 3)) * 5, rng.normal(size=(50, 3)) * 30
    after = assists.swing(relative, planet, body, rng.uniform(1.1, 5, 50), rng.uniform(-3, 3, 50))
    assert np.linalg.norm(after, axis=1) == pytest.approx(np.linalg.norm(relative, axis=1), rel=1e-13)


def test_a_chain_needs_mass() -> None:
    class Rock:
        name = "Bennu"

    with pytest.raises(BadInput, match="'Bennu' has no mass to swing by; a chain passes planets: sun, mercury"):
        assists.planet(Rock())  # type: ignore[arg-type]
