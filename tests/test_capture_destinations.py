"""What staying costs at each destination."""

from typing import Any

import numpy as np
import pytest

from motherlode.capture import destinations
from motherlode.capture.destinations import MARS_PERIAPSIS_KM, periapsis_burn
from motherlode.capture.plans import UNVALIDATED
from motherlode.constants import GM_KM3_S2
from motherlode.errors import UnknownName
from motherlode.units import METRE_S

MARS_CAPTURE = [  # v_infinity, to circular, to the 1-sol ellipse, barely captured; km/s at 400 km, from the formula
    (0.5, 1.418, 0.252, 0.026),
    (1.0, 1.495, 0.330, 0.104),
    (1.5, 1.622, 0.457, 0.231),
    (2.0, 1.795, 0.630, 0.404),
    (2.565, 2.040, 0.874, 0.648),
    (2.729, 2.119, 0.954, 0.728),
    (2.915, 2.214, 1.049, 0.823),
    (3.261, 2.403, 1.237, 1.012),
    (3.593, 2.597, 1.432, 1.206),
    (4.892, 3.460, 2.294, 2.069),
]


def test_mars_capture_at_400_km(claim: Any) -> None:
    v, circular, sol, bare = np.array(MARS_CAPTURE).T
    mu = GM_KM3_S2["mars"]
    ours = [
        periapsis_burn(v, mu, MARS_PERIAPSIS_KM, MARS_PERIAPSIS_KM),
        destinations.find("mars-1sol").capture_delta_v_km_s(v),
        periapsis_burn(v, mu, MARS_PERIAPSIS_KM),
    ]
    claim(
        "powered capture at Mars from v∞ 0.5 to 4.9 km/s: circle, 1-sol ellipse, parabola",
        oracle="closed form; Mars windows tables agree at 2.565, 2.729 and 3.261 km/s",
        measured=float(np.max(np.abs(np.array(ours) - [circular, sol, bare]))),
        at_most=0.001,
        unit="km/s",
    )


def test_earth_bare_capture_at_400_km() -> None:
    burn = periapsis_burn([0.5, 1.0, 1.27, 1.45], GM_KM3_S2["earth"], 6378.137 + 400.0)
    assert burn == pytest.approx(np.array([12, 46, 74, 97]) * METRE_S, abs=0.6 * METRE_S)


def test_staying_costs_more_the_faster_it_comes() -> None:
    v = np.linspace(0.0, 6.0, 61)
    for place in destinations.DESTINATIONS.values():
        assert np.all(np.diff(place.capture_delta_v_km_s(v)) >= 0.0), place.name


def test_the_sum_of_the_arrival_burns_is_what_staying_costs() -> None:
    for place in destinations.DESTINATIONS.values():
        for v in (0.4, 1.0, 3.0, 6.0):
            burns = place.arrival_burns(v)
            assert place.point or sum(b.delta_v_km_s for b in burns) == pytest.approx(place.capture_delta_v_km_s(v))


def test_insertion_about_phobos_from_the_family_of_its_problem(claim: Any) -> None:
    """A retrograde orbit far from Phobos is an ellipse about Mars that touches the circle: a speed of v e / 2."""
    far = 90.0
    ellipse = np.sqrt(GM_KM3_S2["mars"] / destinations.PHOBOS_RADIUS_KM) * far / destinations.PHOBOS_RADIUS_KM / 2.0
    claim(
        "burn into the distant retrograde orbit 90 km below Phobos, from its family over from a touching ellipse",
        oracle="two-body closed form",
        measured=abs(destinations.phobos_dro_insertion(far) / ellipse - 1.0) * 100,
        at_most=3.0,
        unit="%",
        status="modelled",
    )
    near = destinations.phobos_dro_insertion()
    assert near == pytest.approx(6.2 * METRE_S, abs=0.1 * METRE_S)


def test_a_wide_ellipse_is_barely_captured() -> None:
    for v, bare in ((0.5, 0.026), (1.0, 0.104)):
        assert bare < destinations.find("mars-high-orbit").capture_delta_v_km_s(v) < bare + 0.065


def test_every_destination_says_what_it_leaves_out() -> None:
    for place in destinations.DESTINATIONS.values():
        assert place.leaves_out
        assert (place.label == UNVALIDATED) == (place.body == "mars")


def test_an_unknown_destination_names_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"no destination called 'venus'; choose one of: sun-earth-l1, .*any"):
        destinations.find("venus")
