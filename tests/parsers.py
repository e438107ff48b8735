"""Every reader of foreign input with an honest input for it, and the ways in which input goes wrong."""

import copy
import json
import random
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np

from motherlode import epochs
from motherlode.catalogue import designations, horizons, jpl, mpc, neocc, neowise, parquet, query, sbdb, snapshot
from motherlode.catalogue.guards import Limits, check
from motherlode.cli import ranges
from motherlode.ephemeris import almanac, kernel
from motherlode.errors import MotherlodeError
from motherlode.export import oem, samples, spk
from motherlode.study import config

ANSWERS = Path(__file__).parent / "authorities" / "answers"
LONGEST_S = 20  # that a reader may take over any input
SQL_S = 1.0


class Parser(NamedTuple):
    """A reader of bytes and one input that it takes."""

    parse: Callable[[bytes], Any]
    good: bytes


def sample(name: str) -> bytes:
    return (ANSWERS / name).read_bytes()


def text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def of_file(read: Callable[[Path], Any], name: str = "input") -> Callable[[bytes], Any]:
    """A reader of files as a reader of bytes."""

    def parse(data: bytes) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            return read(path)

    return parse


def of_orbits(read: Callable[[duckdb.DuckDBPyConnection, Path], Any]) -> Callable[[bytes], Any]:
    """A reader of orbit files, each time with a database of its own."""

    def parse(path: Path) -> Any:
        with duckdb.connect(config=mpc.settings(path.parent)) as database:
            return read(database, path)

    return of_file(parse)


def body_of(path: Path) -> Any:
    """A state in the middle of every body of an SPK file."""
    bodies = [kernel.load(path, code) for code in kernel.targets(path)]
    return [body.state(sum(body.span) / 2) for body in bodies]


def samples_of_venus() -> samples.Samples:
    return samples.of(almanac.load()["venus"], (0.0, 40 * 86400.0), step_s=4 * 86400.0)


def spk_of_venus() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        spk.write(samples_of_venus(), Path(folder) / "venus.bsp", target=1000299)
        return (Path(folder) / "venus.bsp").read_bytes()


MPCORB = (
    "header\n" + "-" * 160 + "\n"
    "00001    3.34  0.15 K2555 188.70269   73.27343   80.25221   10.58780  0.0794013  0.21424651   2.7660512"
    "  0 E2024-V47  7330 125 1801-2024 0.80 M-v 30k MPCLINUX   4000      (1) Ceres              20241101\n"
).encode()
NEOWISE = b"433,1898 PA,00433,10.40,0.46,2455381.12,10,11,12,13,DVBI,16.8,0.06,0.25,0.06,0.4,0.05,1.07,0.02,0,Ma1,\n"
MISSIONS = b'{"fields":["name","MJD0","MJDF","tof"],"data":[["(2020 YA2)","61884","62124","240"]]}'
MAP = b'{"dep_date":[61000,61010],"tof":[100,110,120],"vinf_dep":[[1,2,3],[4,5,6]]}'


def study(data: bytes) -> Any:
    return config.Study.parse(text(data))


def example(name: str) -> bytes:
    return config.example_text(name).encode()


def parsers() -> dict[str, Parser]:
    """All of them, by name."""
    measured = snapshot.PACKAGED.parent / "measured.parquet"
    return {
        "sbdb query": Parser(sbdb.query, sample("sbdb_query_v1.0_25rows.json")),
        "sbdb lookup": Parser(sbdb.lookup, sample("101955_phys.json")),
        "cad": Parser(jpl.close_approaches, sample("cad_v1.1_145rows.json")),
        "nhats": Parser(jpl.nhats, sample("nhats_v1.3_documented_example.json")),
        "nhats object": Parser(jpl.nhats_object, sample("nhats_v1.3_documented_object_2000SG344.json")),
        "missions": Parser(jpl.missions, MISSIONS),
        "mission map": Parser(jpl.mission_map, MAP),
        "horizons": Parser(horizons.vectors, sample("ceres_vectors_range.txt")),
        "neocc": Parser(neocc.solution, sample("101955.ke1")),
        "neowise": Parser(lambda data: list(neowise.measurements(data)), NEOWISE),
        "mpc json": Parser(of_orbits(mpc.read_extended), sample("mpc_nea_extended_sample.json")),
        "mpcorb": Parser(of_orbits(mpc.read_mpcorb), MPCORB),
        "parquet": Parser(of_file(parquet.read, "table.parquet"), measured.read_bytes()),
        "spk": Parser(of_file(body_of), spk_of_venus()),
        "oem": Parser(
            lambda data: oem.read(text(data), almanac.load()),
            oem.text(samples_of_venus(), created="2026-01-01T00:00:00").encode(),
        ),
        "study": Parser(study, b'name = "x"\nseed = 3\n[catalogue]\nu_at_most = 5\n'),
        "campaign": Parser(study, example("moon-race-1970s")),
        "base": Parser(study, example("happy-valley-2003")),
        "epoch": Parser(lambda data: epochs.parse(text(data)), b"2032-04-01T12:30:00 UTC"),
        "dates": Parser(lambda data: ranges.dates(text(data)), b"2028-01-01..2030-12-31"),
        "days": Parser(lambda data: ranges.days(text(data)), b"100..350"),
        "designation": Parser(lambda data: designations.read(text(data)), b"101955 Bennu (1999 RQ36)"),
        "query": Parser(
            lambda data: query.run(text(data), timeout_s=SQL_S), b"SELECT designation FROM catalogue LIMIT 2"
        ),
        "address": Parser(lambda data: check(text(data), Limits(hosts=frozenset())), b"https://ssd.jpl.nasa.gov/x"),
    }


NAMES = (
    "sbdb query", "sbdb lookup", "cad", "nhats", "nhats object", "missions", "mission map", "horizons", "neocc",
    "neowise", "mpc json", "mpcorb", "parquet", "spk", "oem", "study", "campaign", "base", "epoch", "dates", "days",
    "designation", "query", "address",
)  # fmt: skip
COSTLY = {"query", "mpc json", "mpcorb", "parquet", "campaign", "base"}  # milliseconds an input


def refuses_or_answers(parse: Callable[[bytes], Any], data: bytes) -> None:
    """A typed refusal in words or an answer, in bounded time."""
    start = time.monotonic()
    try:
        with np.errstate(all="ignore"):
            parse(data)
    except MotherlodeError as error:
        assert str(error) and len(str(error)) < 1500
    assert time.monotonic() - start < LONGEST_S


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One of the ways in which a file goes wrong: in its bytes, or in one value of a sound document."""
    whole = document(data) if chance.random() < 0.4 else None
    return _altered(data, *whole, chance) if whole else _spoilt(data, chance)


def document(data: bytes) -> tuple[Any, Callable[[Any], str]] | None:
    """What a JSON or TOML text says, with the writer of its kind."""
    for read, write in ((json.loads, json.dumps), (tomllib.loads, toml)):
        try:
            return read(data.decode()), write
        except (ValueError, RecursionError):
            continue
    return None


def toml(document: Any) -> str:
    lines = document.items() if isinstance(document, dict) else ()
    return "\n".join(f"{json.dumps(str(key))} = {_toml(value)}" for key, value in lines)


def _toml(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(key))} = {_toml(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case float():
            return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")
        case None:
            return '"none"'
    return json.dumps(value, default=str)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder in a document with each of its keys."""
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from places(inner)


ODD = (
    None, True, False, 0, -1, 1, 1e308, float("nan"), float("inf"), -float("inf"), 1e-320, 10**30, -(10**30), 2**63,
    "", "x", "-1", "nan", "2030-01-01", "9999-12-31", "0001-01-01", "\0", "é" * 50,
    (), ((),), {}, {"x": 1}, (1, 2), ("a",), (None,),
)  # fmt: skip


def _altered(data: bytes, whole: Any, write: Callable[[Any], str], chance: random.Random) -> bytes:
    """A sound document in which some values are others, are doubled, or are gone."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        where = list(places(whole))
        if not where:
            break
        holder, key = chance.choice(where)
        kind = chance.randrange(7)
        if kind < 4:
            holder[key] = json.loads(json.dumps(chance.choice(ODD)))
        elif kind == 4 and isinstance(holder, dict):
            del holder[key]
        elif kind == 5 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif isinstance(holder[key], int | float):
            holder[key] = holder[key] * chance.choice((-1, 0, 1000, 1 << 80))
    try:
        return write(whole).encode()
    except (ValueError, OverflowError):
        return data


def _spoilt(data: bytes, chance: random.Random) -> bytes:
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
