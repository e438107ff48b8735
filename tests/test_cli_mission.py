"""Missions and chains from the command line: the same answers as from Python, refusals in one line."""

import json

import pytest

from motherlode.cli import app
from motherlode.errors import BadInput, UnknownName
from motherlode.study import journeys


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = app.run(list(words))
    out, err = capsys.readouterr()
    return code, out, err


def test_mining_mission_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "mission",
        "Ryugu",
        "--depart",
        "2030-01-01..2032-12-31",
        "--step",
        "30",
        "--to",
        "lunar-nrho",
        "--power",
        "150",
    )
    code, out, _ = run(*words, "--json", capsys=capsys)
    found = json.loads(out)
    assert code == 0 and found["kind"] == "mining" and len(found["legs"]) == 2
    assert 100 <= found["stay_d"] <= 500 and found["legs"][1]["target_port"] == "lunar-nrho"
    assert found["delta_v_km_s"] == pytest.approx(sum(leg["delta_v_km_s"] for leg in found["legs"]))
    assert found["low_thrust"][0]["final_mass_kg"] < 10_000


def test_fly_by_and_rendezvous_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("fly-by", "rendezvous"):
        code, out, _ = run(
            "mission", "Bennu", "--kind", kind, "--depart", "2031-01-01..2031-12-31", "--step", "20", capsys=capsys
        )
        assert code == 0 and kind in out and "leaves out" in out


def test_chain_of_two_planets(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("chain", "earth", "venus", "--depart", "2031-01-01..2031-12-31", "--flights", "80..250")
    code, out, _ = run(*words, "--json", capsys=capsys)
    found = json.loads(out)
    assert code == 0 and [stop["body"] for stop in found["stops"]] == ["earth", "venus"]
    assert 5 < found["delta_v_km_s"] < 9


def test_refusals() -> None:
    with pytest.raises(
        UnknownName, match="no kind of mission called 'picnic'; choose one of: rendezvous, fly-by, mining"
    ):
        journeys.mission("Bennu", "picnic", (0.0, 1.0), (100.0, 200.0))
    with pytest.raises(BadInput, match="3 bodies need 2 flight ranges; got 1"):
        journeys.chain(["earth", "venus", "mars"], (0.0, 1.0), [(100.0, 200.0)])
    with pytest.raises(BadInput, match="make --step larger, or positive"):
        journeys.mission("Bennu", "fly-by", (0.0, 1e9), (1.0, 5000.0), step_d=0.1)


def test_porkchop_with_turns_and_ports(capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "porkchop",
        "earth",
        "mars",
        "--depart",
        "2033-01-01..2033-12-31",
        "--flight",
        "700..1000",
        "--step",
        "10",
    )
    code, out, _ = run(*words, "--revolutions", "1", "--to-port", "mars-phobos", "--json", capsys=capsys)
    best = json.loads(out)["best"]
    assert code == 0 and best["revolutions"] == 1 and best["target_port"] == "mars-phobos"
    code, _, err = run(*words, "--revolutions", "1", "--branch", "left", capsys=capsys)
    assert code == 2 and "branch low or high; got 1 and 'left'" in err
