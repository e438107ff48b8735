"""The direct way home, on orbits whose best return is known in closed form."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from motherlode.capture import retrieval
from motherlode.constants import GM_KM3_S2
from motherlode.errors import NoSolution
from motherlode.mechanics.frames import to_icrf
from motherlode.units import AU, DAY, METRE_S, YEAR

MU = GM_KM3_S2["sun"]


@dataclass(frozen=True)
class Circular:
    """A mover on a circle in the ecliptic."""

    name: str
    radius_km: float
    span: tuple[float, float] = (-1e10, 1e10)

    def state(self, t: ArrayLike) -> Any:
        speed = np.sqrt(MU / self.radius_km)
        angle = np.asarray(t, dtype=float) * speed / self.radius_km
        c, s, zero = np.cos(angle), np.sin(angle), np.zeros_like(angle)
        where = np.stack([self.radius_km * c, self.radius_km * s, zero], -1)
        return to_icrf(np.concatenate([where, speed * np.stack([-s, c, zero], -1)], -1))


ALMANAC = {"earth": Circular("earth", AU), "mars": Circular("mars", 1.524 * AU)}


def test_return_from_a_wider_circle_is_the_hohmann_transfer() -> None:
    way = retrieval.cheapest(Circular("rock", 1.2 * AU), ALMANAC, "mars-1sol", span=(0.0, 12 * YEAR))
    half = 0.5 * (1.2 + 1.524) * AU
    leave = np.sqrt(MU * (2 / (1.2 * AU) - 1 / half)) - np.sqrt(MU / (1.2 * AU))
    arrive = np.sqrt(MU / (1.524 * AU)) - np.sqrt(MU * (2 / (1.524 * AU) - 1 / half))
    assert way.burns[0].delta_v_km_s == pytest.approx(leave, abs=2 * METRE_S)
    assert way.v_infinity_km_s == pytest.approx(arrive, abs=2 * METRE_S)
    halves = way.flight_s / (np.pi * np.sqrt(half**3 / MU))
    assert halves == pytest.approx(2 * round(halves // 2) + 1, abs=0.02)  # whole turns on the way cost nothing


def test_every_way_is_ranked_and_says_what_it_is() -> None:
    ways = retrieval.options(Circular("rock", 1.05 * AU), ALMANAC, "any", span=(0.0, 12 * YEAR))
    assert len(ways) == 11
    assert [w.delta_v_km_s for w in ways] == sorted(w.delta_v_km_s for w in ways)
    for way in ways:
        summary = way.summary()
        assert summary["leaves_out"]
        assert ("unvalidated" in summary["label"]) == ("mars" in way.destination or "phobos" in way.destination)


def test_survey_has_a_row_for_each_asteroid_and_destination() -> None:
    rocks = [Circular("a", 1.05 * AU), Circular("b", 1.3 * AU)]
    table = retrieval.survey(rocks, ALMANAC, ("sun-earth-l2", "mars-1sol"), span=(0.0, 8 * YEAR))
    assert table["designation"].tolist() == ["a", "a", "b", "b"]
    assert np.all(table["delta_v_m_s"] > 0.0)


def test_a_span_too_short_for_any_flight_is_refused() -> None:
    with pytest.raises(NoSolution, match="no return of rock within the span; widen the dates"):
        retrieval.cheapest(Circular("rock", 1.2 * AU), ALMANAC, "mars-1sol", span=(0.0, 30 * DAY))
