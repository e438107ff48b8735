"""Figures of a capture hold what was found and nothing that JSON cannot."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from motherlode.capture import destinations, gateway, manifolds, retrieval
from motherlode.capture.manifolds import Recipe
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.cli import app
from motherlode.ephemeris import almanac
from motherlode.figures import capture
from motherlode.units import YEAR


def test_capture_figures() -> None:
    planets, table = almanac.load(), snapshot.load()
    span = (30 * YEAR, 70 * YEAR)
    recipe = Recipe("sun-earth", orbits=16, departures=16, eccentricity=0.01671, seasons=6, nearest=0.33)
    gate = gateway.open_gateway(manifolds.build(recipe), planets["emb"], span)
    target = orbits.of(table)[designations.find("2000 SG344", table)]
    place = destinations.find("sun-earth-l1")
    front = retrieval.pareto(target, gate, place)
    assert all(a.delta_v_km_s > b.delta_v_km_s for a, b in pairwise(front))
    way = front[-1]
    for drawn in (
        capture.manifold_tube(gate.library, int(way.orbit["orbit"]), strands=6),
        capture.rotating_view(way, target, gate),
        capture.inertial_view(way, target, planets["emb"]),
        capture.pareto_front(front),
    ):
        assert json.loads(json.dumps(drawn))["data"]
        assert drawn["layout"]["title"]
    arc, coast = capture.rotating_view(way, target, gate)["data"][:2]
    assert abs(arc["x"][-1] - coast["x"][0]) + abs(arc["y"][-1] - coast["y"][0]) < 0.02  # au: where it is joined
    assert all(way <= 2_000 for way in capture.pareto_front(front)["data"][0]["y"])


def test_figures_are_of_libration_points(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["capture", "Bennu", "--to", "mars-1sol", "--quick", "--figures", str(tmp_path / "figures")]
    assert app.run(words) == 2
    assert "figures are drawn of captures to a libration point, got 'mars-1sol'" in capsys.readouterr().err
    assert not (tmp_path / "figures").exists()
