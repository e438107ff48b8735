"""Bands between bars: as thick as what flows, joined end to end, no circle."""

import pytest

from motherlode.figures import flows

LINKS = {("A", "orbit"): 500.0, ("B", "orbit"): 200.0, ("orbit", "Moon"): 400.0, ("orbit", "Mars"): 300.0}


def heights(figure: flows.Figure) -> dict[str, float]:
    """Height of each bar by its name."""
    blocks = [trace for trace in figure["data"] if trace.get("name") and "→" not in trace["name"]]
    return {trace["name"].split(":")[0]: max(trace["y"]) - min(trace["y"]) for trace in blocks}


def test_bars_are_as_high_as_what_flows_through_them() -> None:
    expected = {"A": 500, "B": 200, "orbit": 700, "Moon": 400, "Mars": 300}
    assert heights(flows.chart(LINKS, "t")) == pytest.approx(expected)


def test_bands_leave_and_arrive_inside_their_bars() -> None:
    figure = flows.chart(LINKS, "t")
    orbit = next(trace for trace in figure["data"] if trace.get("name", "").startswith("orbit:"))
    arriving = [trace for trace in figure["data"] if "→ orbit" in trace.get("name", "")]
    ends = [y for trace in arriving for x, y in zip(trace["x"], trace["y"]) if x == max(trace["x"])]
    assert min(ends) == pytest.approx(min(orbit["y"])) and max(ends) == pytest.approx(max(orbit["y"]))


def test_a_link_that_closes_a_circle_is_left_out() -> None:
    circle = flows.chart({**LINKS, ("Moon", "A"): 5.0}, "t")
    assert not [trace for trace in circle["data"] if "Moon → A" in trace.get("name", "")]
