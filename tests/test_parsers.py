"""Every parser against damaged and invented input: a typed refusal or an answer, in bounded time, never a crash.

The default run is short; ``MOTHERLODE_FUZZ_S=60 pytest tests/test_parsers.py -m slow`` gives each parser a minute.
"""

import json
import os
import random
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motherlode import epochs
from motherlode.catalogue import (
    answers,
    designations,
    horizons,
    jpl,
    mpc,
    neocc,
    neowise,
    parquet,
    query,
    sbdb,
    snapshot,
)
from motherlode.catalogue.guards import Limits, check
from motherlode.errors import BadInput, MotherlodeError
from motherlode.study.config import Study

ANSWERS = Path(__file__).parent / "authorities" / "answers"


def sample(name: str) -> bytes:
    return (ANSWERS / name).read_bytes()


def text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def lines_of(read: Callable[[duckdb.DuckDBPyConnection, Path], Any], folder: Path) -> Callable[[bytes], Any]:
    def parse(data: bytes) -> Any:
        path = folder / "input"
        path.write_bytes(data)
        with duckdb.connect(config=mpc.settings(folder)) as db:
            return read(db, path)

    return parse


MPCORB = (
    "header\n" + "-" * 160 + "\n"
    "00001    3.34  0.15 K2555 188.70269   73.27343   80.25221   10.58780  0.0794013  0.21424651   2.7660512"
    "  0 E2024-V47  7330 125 1801-2024 0.80 M-v 30k MPCLINUX   4000      (1) Ceres              20241101\n"
).encode()
NEOWISE = sample("neowise_sample.csv")
MISSIONS = b'{"fields":["name","MJD0","MJDF","tof"],"data":[["(2020 YA2)","61884","62124","240"]]}'
MAP = b'{"dep_date":[61000,61010],"tof":[100,110,120],"vinf_dep":[[1,2,3],[4,5,6]]}'
PARSERS: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "sbdb query": (sbdb.query, sample("sbdb_query_v1.0_25rows.json")),
    "sbdb lookup": (sbdb.lookup, sample("101955_phys.json")),
    "cad": (jpl.close_approaches, sample("cad_v1.1_145rows.json")),
    "nhats": (jpl.nhats, sample("nhats_v1.3_documented_example.json")),
    "nhats object": (jpl.nhats_object, sample("nhats_v1.3_documented_object_2000SG344.json")),
    "missions": (jpl.missions, MISSIONS),
    "mission map": (jpl.mission_map, MAP),
    "horizons": (horizons.vectors, sample("ceres_vectors_range.txt")),
    "neocc": (neocc.solution, sample("101955.ke1")),
    "neowise": (lambda data: list(neowise.measurements(data)), NEOWISE),
    "study": (lambda data: Study.parse(text(data)), b'name = "x"\nseed = 3\n[catalogue]\nu_at_most = 5\n'),
    "epoch": (lambda data: epochs.parse(text(data)), b"2032-04-01T12:30:00 UTC"),
    "designation": (lambda data: designations.read(text(data)), b"101955 Bennu (1999 RQ36)"),
    "query": (lambda data: query.run(text(data), timeout_s=1), b"SELECT designation FROM catalogue LIMIT 2"),
    "address": (lambda data: check(text(data), Limits(hosts=frozenset())), b"https://ssd.jpl.nasa.gov/x"),
}  # fmt: skip
ON_DISK = {
    "mpc json": (mpc.read_extended, sample("mpc_nea_extended_sample.json")),
    "mpcorb": (mpc.read_mpcorb, MPCORB),
}


def refuses_or_answers(parse: Callable[[bytes], Any], data: bytes) -> None:
    start = time.monotonic()
    try:
        parse(data)
    except MotherlodeError as error:
        assert str(error) and len(str(error)) < 1500
    assert time.monotonic() - start < 20


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One of the ways in which a file goes wrong."""
    text = bytearray(data or b"0")
    kind = chance.randrange(9)
    where = chance.randrange(len(text))
    if kind == 0:
        return bytes(text[:where])
    if kind == 1:
        for _ in range(chance.randrange(1, 9)):
            text[chance.randrange(len(text))] = chance.randrange(256)
    elif kind == 2:
        del text[where : where + chance.randrange(1, 200)]
    elif kind == 3:
        text[where:where] = text[chance.randrange(len(text)) :][:200]
    elif kind == 4:
        text[where:where] = chance.choice(
            [b"\0", b"\xff\xfe", b'"', b"{", b"[" * 2000, b"1e999", b"NaN", b"-1", b"\r\n"]
        )
    elif kind == 5:
        numbers = [i for i, byte in enumerate(text) if 48 <= byte <= 57]
        for _ in range(5):
            if numbers:
                text[chance.choice(numbers)] = chance.choice(b"0123456789eE.-+ ")
    elif kind == 6:
        old, new = chance.choice(
            [(b'"', b"'"), (b":", b","), (b"null", b"{}"), (b"[", b"{"), (b",", b""), (b"0", b"nan")]
        )
        return bytes(text).replace(old, new, chance.randrange(1, 5))
    elif kind == 7:
        return b"\xef\xbb\xbf" + bytes(text)
    else:
        return bytes(text).decode("latin-1").encode("utf-16")
    return bytes(text)


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_input(name: str) -> None:
    parse, good = PARSERS[name]
    if name != "address":
        parse(good)
    chance = random.Random(name)
    for _ in range(40 if name not in {"query", "study"} else 15):
        refuses_or_answers(parse, damaged(good, chance))


@pytest.mark.parametrize("name", ON_DISK)
def test_damaged_files(name: str, tmp_path: Path) -> None:
    read, good = ON_DISK[name]
    parse = lines_of(read, tmp_path)
    parse(good)
    chance = random.Random(name)
    for _ in range(12):
        refuses_or_answers(parse, damaged(good, chance))


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_invented_input(name: str, data: bytes) -> None:
    refuses_or_answers(PARSERS[name][0], data)


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
    refuses_or_answers(PARSERS[name][0], json.dumps(document).encode())


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_one_value_replaced_in_a_real_answer(name: str, data: st.DataObject) -> None:
    parse, good = PARSERS[name]
    try:
        document = json.loads(good)
    except ValueError:
        return
    places = list(_places(document))
    holder, key = places[data.draw(st.integers(0, len(places) - 1))]
    holder[key] = data.draw(JSON)
    refuses_or_answers(parse, json.dumps(document).encode())


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


@pytest.mark.parametrize("name", ["sbdb query", "sbdb lookup", "neocc", "horizons", "nhats"])
def test_truncated_at_every_tenth_byte(name: str) -> None:
    parse, good = PARSERS[name]
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


FUZZ_S = float(os.environ.get("MOTHERLODE_FUZZ_S", "10"))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*PARSERS, *ON_DISK])
def test_parsers_for_long(name: str, tmp_path: Path) -> None:
    parse, good = PARSERS[name] if name in PARSERS else (lines_of(ON_DISK[name][0], tmp_path), ON_DISK[name][1])
    chance = random.Random(time.time_ns())
    end, count = time.monotonic() + FUZZ_S, 0
    while time.monotonic() < end:
        data = damaged(good, chance)
        for _ in range(chance.randrange(3)):
            data = damaged(data, chance) if data else data
        refuses_or_answers(parse, data)
        count += 1
    assert count > 5
