"""Figures of a capture hold what was found and nothing that JSON cannot."""

import json
from itertools import pairwise

from motherlode.capture import destinations, gateway, manifolds, retrieval
from motherlode.capture.manifolds import Recipe
from motherlode.catalogue import designations, orbits, snapshot
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
