"""Every parser against damaged and invented input: a typed refusal or an answer, in bounded time, never a crash.

The default run is short. ``MOTHERLODE_FUZZ_SECONDS=60 pytest tests/test_parsers.py -m slow`` gives each parser a
minute of random damage; ``tools/fuzz.py`` does the same guided by what each damage reached.
"""

import json
import os
import random
import resource
import time
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.parsers import (
    COSTLY,
    MPCORB,
    NAMES,
    Parser,
    damaged,
    parsers,
    places,
    refuses_or_answers,
    sample,
)

from motherlode.catalogue import answers, jpl, mpc, parquet, sbdb, snapshot
from motherlode.errors import BadInput, BadStudy, MotherlodeError
from motherlode.study import config

all_parsers = cache(parsers)


def parser(name: str) -> Parser:
    return all_parsers()[name]


def test_no_parser_is_forgotten() -> None:
    assert tuple(all_parsers()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_damaged_input(name: str) -> None:
    parse, good = parser(name)
    if name != "address":  # the honest address is of a service that is not on the empty list
        parse(good)
    chance = random.Random(name)
    for _ in range(12 if name in COSTLY else 60):
        refuses_or_answers(parse, damaged(good, chance))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in COSTLY])
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_invented_input(name: str, data: bytes) -> None:
    refuses_or_answers(parser(name).parse, data)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "fields", "data", "object", "orbit", "phys_par", "covariance", "elements", "labels", "result", "dep_date", "tof",
    "min_dv_traj", "min_dur_traj", "records", "count", "full_name", "signature", "model_pars", "epoch",
)  # fmt: skip
READERS = ("sbdb query", "sbdb lookup", "cad", "nhats", "nhats object", "missions", "mission map", "horizons")


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(document=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6))
def test_invented_documents(name: str, document: dict[str, Any]) -> None:
    refuses_or_answers(parser(name).parse, json.dumps(document).encode())


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_one_value_replaced_in_a_real_answer(name: str, data: st.DataObject) -> None:
    parse, good = parser(name)
    try:
        document = json.loads(good)
    except ValueError:
        return
    where = list(places(document))
    holder, key = where[data.draw(st.integers(0, len(where) - 1))]
    holder[key] = data.draw(JSON)
    refuses_or_answers(parse, json.dumps(document).encode())


@pytest.mark.parametrize("name", ["sbdb query", "sbdb lookup", "neocc", "horizons", "nhats"])
def test_truncated_at_every_tenth_byte(name: str) -> None:
    parse, good = parser(name)
    for end in range(0, min(len(good), 6000), 10 if len(good) < 3000 else 97):
        refuses_or_answers(parse, good[:end])


def test_hostile_documents_cost_little() -> None:
    """Deep nesting, huge numbers, a ten-megabyte value: refused without much memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in (
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"data":' + b"9" * 1_000_000 + b"}",
        b'{"x":"' + b"y" * 10_000_000 + b'"}',
    ):
        with pytest.raises(MotherlodeError):
            sbdb.query(data)
    with pytest.raises(MotherlodeError, match="more than the 1,000 allowed"):
        answers.document(b"{}" * 1000, "test", max_bytes=1000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_row_of_ten_megabytes_is_refused_not_kept(tmp_path: Path) -> None:
    good = sample("mpc_nea_extended_sample.json").decode()
    path = tmp_path / "nea_extended.json"
    path.write_text(good.replace('"Name": "Eros"', f'"Name": "{"E" * 20_000_000}"', 1))
    with duckdb.connect(config=mpc.settings(tmp_path)) as db:
        try:
            assert mpc.read_extended(db, path).refused == {"Name is too long": 1}
        except MotherlodeError as error:
            assert "maximum_object_size" in str(error)


def test_a_binary_file_is_no_orbit_file(tmp_path: Path) -> None:
    path = tmp_path / "MPCORB.DAT"
    path.write_bytes(MPCORB[:300] + bytes(range(128, 160)) * 50 + MPCORB[300:].decode().encode("utf-16"))
    with duckdb.connect(config=mpc.settings(tmp_path)) as db, pytest.raises(MotherlodeError):
        mpc.read_mpcorb(db, path)


def test_duplicate_designations_are_refused(tmp_path: Path) -> None:
    records = json.loads(sample("mpc_nea_extended_sample.json"))
    path = tmp_path / "nea_extended.json"
    path.write_text(json.dumps([*records, records[0], {**records[1], "M": 1.0}]))
    with duckdb.connect(config=mpc.settings(tmp_path)) as db:
        count = mpc.read_extended(db, path)
    assert count.kept == len(records) and count.refused == {"designation is there already": 2}


@pytest.mark.parametrize("cut", [0, 4, 100, 5000, 2_000_000, 2_520_000])
def test_truncated_snapshots_are_refused(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.parquet"
    path.write_bytes(snapshot.PACKAGED.read_bytes()[:cut])
    with pytest.raises(BadInput):
        snapshot.load(path)


def test_damaged_snapshots_are_refused_or_read(tmp_path: Path) -> None:
    good = (Path(snapshot.__file__).parent / "data" / "measured.parquet").read_bytes()
    chance = random.Random(1)
    for place in range(15):
        path = tmp_path / f"{place}.parquet"
        path.write_bytes(damaged(good, chance))
        refuses_or_answers(lambda data, path=path: parquet.read(path), b"")


@pytest.mark.parametrize(
    "text",
    [
        "seed = " + "9" * 5000,
        "name = " + "[" * 5000,
        '[campaign]\nfirst = "1990-01-01"\nlast = "1999-12-31"\ncrafts = [{ engine = "nerva" }]',
        '[campaign]\nfirst = "1990-01-01"\nlast = "1999-12-31"\n'
        'expeditions = [{ name = "a", target = "moon", cost_musd = 1, repeat = 0 }]',
        "[campaign.race]\nattempts = inf",
        "[base]\npeople = inf",
        "[base]\npeople = " + "9" * 400,
    ],
)
def test_studies_that_once_ended_in_a_traceback(text: str) -> None:
    with pytest.raises(BadStudy) as refused:
        config.Study.parse(text if text.startswith("name") else 'name = "x"\n' + text)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 500


def test_an_answer_of_nhats_without_its_summary_is_refused_or_has_no_extremes() -> None:
    with pytest.raises(MotherlodeError, match="a trajectory is no object"):
        jpl.nhats_object(b'{"min_dv_traj": "-2", "min_dur_traj": true}')
    bare = jpl.nhats_object(b'{"min_dv_traj": {}, "min_dur_traj": {}, "fullname": "x"}')
    assert bare["min_delta_v_km_s"] is None and bare["min_delta_v"] == bare["min_duration"] == {}
    assert list(jpl.nhats(b'{"data": [{"des": "1"}, {"des": "2"}]}')["des"]) == ["1", "2"]


FUZZ_S = float(os.environ.get("MOTHERLODE_FUZZ_SECONDS", "10"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_parsers_for_long(name: str) -> None:
    parse, good = parser(name)
    chance = random.Random(os.environ.get("MOTHERLODE_FUZZ_SEED", name))  # a failure can be seen again
    end, count = time.monotonic() + FUZZ_S, 0
    while time.monotonic() < end:
        data = damaged(good, chance)
        for _ in range(chance.randrange(3)):
            data = damaged(data, chance) if data else data
        refuses_or_answers(parse, data)
        count += 1
    assert count > 5
