"""Figures: plain JSON in one visual language, units on every axis, colours that every eye can tell apart."""

import json
from pathlib import Path

import numpy as np
import pytest

from motherlode.errors import BadInput
from motherlode.figures import funnel, orbits, spreads, still, theme, transfers
from motherlode.figures.theme import Figure
from motherlode.report import notebook
from motherlode.study import launch_windows, named
from motherlode.units import DAY


@pytest.fixture(scope="module")
def chart() -> object:
    from motherlode import epochs

    window = epochs.parse("2003-01-01"), epochs.parse("2003-12-31")
    return launch_windows.grid("earth", "mars", window, (100.0, 350.0), step_d=2.0)


def speaks_json(figure: Figure) -> None:
    assert set(figure) == {"data", "layout"}
    json.dumps(figure, allow_nan=False)
    assert figure["layout"]["title"]["text"]


@pytest.mark.parametrize("layer", transfers.LAYERS)
def test_a_porkchop_marks_its_best_window(chart: object, layer: str) -> None:
    figure = transfers.porkchop(chart, layer)  # type: ignore[arg-type]
    speaks_json(figure)
    heat, _, best = figure["data"]
    costs = [cell for row in heat["z"] for cell in row if cell is not None]
    assert min(costs) == pytest.approx(np.nanmin(chart.layer(layer)), abs=1e-3)  # type: ignore[attr-defined]
    assert max(costs) <= 3 * min(costs) + 1e-2
    assert best["x"][0] in heat["x"] and best["y"][0] in heat["y"]
    assert heat["colorscale"][0][1] == theme.COSTS[0]  # cheap is bright


def test_thinning_loses_no_window() -> None:
    costs = np.full((1000, 900), 9.0)
    costs[777, 333] = 1.0
    costs[0, 0] = np.nan
    thin = transfers._least_of_blocks(costs, 5)
    assert thin.shape == (200, 180)
    assert np.nanmin(thin) == 1.0


def test_deposit_and_value_spreads() -> None:
    held = named.asteroid("Bennu").deposit(100, 1).percentiles()
    speaks_json(spreads.deposit(held, "Bennu"))
    row = {"p05": -1e9, "p16": -5e8, "p50": 0.0, "p84": 2e6, "p95": 1e12, "mean": 1e10}
    figure = spreads.values({"water to eml1": dict.fromkeys(spreads.VALUES, row)}, "Bennu")
    speaks_json(figure)
    assert figure["data"][0]["x"][:2] == [spreads._symlog(-1e9), spreads._symlog(1e12)]


def test_symmetric_logarithm() -> None:
    assert spreads._symlog(0.0) == 0
    assert spreads._symlog(1e3) == pytest.approx(1)
    assert spreads._symlog(-1e6) == pytest.approx(-np.log10(9001))
    ticks = spreads._ticks(1e9)
    assert ticks["ticktext"][len(ticks["ticktext"]) // 2] == "0"
    assert "1G" in ticks["ticktext"] and "-1G" in ticks["ticktext"]


def test_funnel_keeps_its_order_and_reasons() -> None:
    gates = [
        {"stage": "in the catalogue", "port": "", "kept": 40874, "rejected": 0, "why": "all"},
        {"stage": "near", "port": "mars-1sol", "kept": 0, "rejected": 40874, "why": "too far"},
    ]
    figure = funnel.chart(gates)
    speaks_json(figure)
    assert figure["data"][0]["y"] == ["in the catalogue", "near · mars-1sol"]
    assert "too far" in figure["data"][0]["hovertext"][1]


def test_the_viewer_and_the_mover_agree() -> None:
    """Kepler as the page's script solves it lands where the mover says."""
    from motherlode.ephemeris import almanac
    from motherlode.mechanics import frames
    from motherlode.units import AU

    body = named.asteroid("2000 SG344").orbit
    span = (8.8e8, 1.4e9)
    drawn = orbits.sky([("x", body)], almanac.load().movers, span)["bodies"][-1]["orbit"]
    t = 1.0e9
    mean = drawn["mean"] + drawn["motion"] * (t - drawn["epoch"])
    anomaly = mean
    for _ in range(30):
        anomaly = mean + drawn["e"] * np.sin(anomaly)
    distance = drawn["a"] * (1 - drawn["e"] * np.cos(anomaly))
    here = frames.to_ecliptic(body.state(np.array(t)))[:3] / AU
    assert abs(np.linalg.norm(here) - distance) < 1e-9


@pytest.mark.parametrize("kind", still.KINDS)
def test_still_figures(chart: object, tmp_path: Path, kind: str) -> None:
    if kind != ".json":
        pytest.importorskip("matplotlib", reason="the extra `papers` is not installed")
    path = tmp_path / f"chart{kind}"
    still.write(transfers.porkchop(chart, "c3"), path)  # type: ignore[arg-type]
    starts = {".json": b"{", ".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}
    assert path.read_bytes().startswith(starts[kind])


def test_another_kind_is_refused(chart: object, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"end its name in one of: \.json"):
        still.write(transfers.porkchop(chart), tmp_path / "chart.gif")  # type: ignore[arg-type]


def test_answers_show_themselves_in_a_notebook() -> None:
    import motherlode as ml

    found = ml.porkchop("earth", "mars", ("2003-05-01", "2003-07-01"), (150, 250))
    bundle = found._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", notebook.PLOTLY}
    assert found.best("c3").flight_s / DAY == pytest.approx(202, abs=1)
    assert "<td>c3</td>" in bundle["text/html"] or "c3_km2_s2" in bundle["text/html"]
    held = ml.deposit("Bennu")
    assert len(held["mass_kg"]) == 1000
    assert held.figure["layout"]["title"]["text"].endswith("Bennu (1999 RQ36)")
    with pytest.raises(BadInput, match="this answer has no chart"):
        _ = ml.roundtrip("Bennu").figure
    assert notebook.table_html([{"name": "<b>"}]).count("&lt;b&gt;") == 1
