"""Newer catalogues, fetched on request: downloaded politely, checked, swapped in one step, the last good one kept.

A folder holds what was fetched: ``catalogue.parquet`` (orbits), ``measured.parquet`` (values), ``previous-*`` of
both, ``downloads/`` (as received), ``bodies/`` (SBDB lookups with covariance), ``refresh.json`` (what came when).
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import duckdb

from motherlode import durable
from motherlode.catalogue import fetch, guards, measurement, mpc, neowise, parquet, physical, sbdb, snapshot, ssodnet
from motherlode.catalogue.guards import Limits
from motherlode.catalogue.measurement import Measurement
from motherlode.errors import BadSource, DownloadError, MotherlodeError, UnknownName

MPC: Final = "https://minorplanetcenter.net/Extended_Files/"
SBDB: Final = "https://ssd-api.jpl.nasa.gov/"
_PHYSICAL: Final = "full_name,pdes,H,G,diameter,diameter_sigma,albedo,rot_per,density,GM,extent,pole,spec_B,spec_T"
PAUSE_S: Final = 1.0  # between two requests to one service
SHRINK: Final = 0.9  # a new catalogue with fewer rows than this share of the last one is not believed


@dataclass(frozen=True)
class Source:
    """Where a catalogue or a table of measured values comes from."""

    name: str
    url: str
    kind: str
    what: str
    member: str = ""

    @property
    def is_catalogue(self) -> bool:
        """Whether it gives orbits; else measured values."""
        return self.url.startswith(MPC) or self.what == "catalogue"


SOURCES: Final = {
    source.name: source
    for source in (
        Source("mpc", f"{MPC}nea_extended.json.gz", "gzip", "catalogue"),
        Source("mpc-all", f"{MPC}mpcorb_extended.json.gz", "gzip", "catalogue"),
        Source("mpcorb", "https://minorplanetcenter.net/iau/MPCORB/MPCORB.DAT.gz", "gzip", "catalogue"),
        Source(
            "sbdb",
            f"{SBDB}sbdb_query.api?{urlencode({'fields': _PHYSICAL, 'sb-group': 'neo', 'full-prec': '1'})}",
            "json",
            "measured values",
        ),
        Source(
            "neowise",
            "https://sbnarchive.psi.edu/pds4/non_mission/neowise_diameters_albedos_V2_0.zip",
            "zip",
            "measured values",
            member="neowise_neos.csv",
        ),
        Source("ssodnet", "https://ssp.imcce.fr/data/ssoBFT-latest_Asteroid.parquet", "parquet", "measured values"),
    )
}


@dataclass(frozen=True)
class Change:
    """What a refresh did: rows before and after, what is new, gone or different, what was refused and why."""

    source: str
    rows_before: int
    rows: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    unread_keys: list[str] = field(default_factory=list)
    retrieved: str = ""
    sha256: str = ""
    unchanged: bool = False


def run(
    source: str = "mpc",
    folder: Path | None = None,
    *,
    limits: Limits | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Change:
    """Fetch one source and put it in use, or leave everything as it was.

    source   a key of ``SOURCES``
    folder   where fetched catalogues live
    returns  what changed
    raises   DownloadError, BadSource (the last good catalogue stays), StoreError, UnknownName
    """
    if source not in SOURCES:
        raise UnknownName("source", source, list(SOURCES))
    return bring(SOURCES[source], folder or snapshot.home(), limits or Limits(), sleep)


def bring(source: Source, folder: Path, limits: Limits, sleep: Callable[[float], None]) -> Change:
    """``run`` with every part given: the source, the folder, the limits and how to wait."""
    downloads = folder / "downloads"
    durable.make_folder(downloads)
    with durable.hold(folder / "refresh.lock"):
        durable.sweep(folder)
        packed = downloads / f"{source.name}.{source.kind}"
        durable.need_room(folder, 64 << 20)
        try:
            received = fetch.fetch(source.url, packed, source.kind, limits, sleep=sleep)
            change = _take_in(source, packed, folder, limits)
        except DownloadError as error:
            raise DownloadError(f"{error}; {_still_in_use(folder)}") from None
        except BadSource as error:
            raise BadSource(f"{error}; {_still_in_use(folder)}") from None
        noted = {**asdict(change), "retrieved": received.retrieved, "sha256": received.sha256}
        change = Change(**{**noted, "unchanged": received.unchanged and not change.added + change.removed})
        history = _history(folder) | {source.name: asdict(change)}
        durable.write(folder / "refresh.json", json.dumps(history, indent=1).encode())
    return change


def _history(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "refresh.json").read_text()))
    except (OSError, ValueError):
        return {}


def _still_in_use(folder: Path) -> str:
    if snapshot.current(folder) == snapshot.PACKAGED:
        return "the packaged catalogue stays in use"
    day = time.strftime("%Y-%m-%d", time.gmtime(snapshot.current(folder).stat().st_mtime))
    return f"the last good catalogue, of {day}, stays in use"


def _take_in(source: Source, packed: Path, folder: Path, limits: Limits) -> Change:
    """Unpack, read, compare and swap; scratch files go, whatever happens."""
    scratch = packed.with_name(f".{packed.name}.{os.getpid()}{durable.SUFFIX}")
    try:
        plain = _unpacked(source, packed, scratch, limits)
        return (_new_catalogue if source.is_catalogue else _new_values)(source, plain, folder)
    finally:
        scratch.unlink(missing_ok=True)


def _unpacked(source: Source, packed: Path, scratch: Path, limits: Limits) -> Path:
    match source.kind:
        case "gzip":
            guards.gunzip(packed, scratch, limits)
        case "zip":
            guards.unzip(packed, source.member, scratch, limits)
        case _:
            return packed
    return scratch


def _new_catalogue(source: Source, plain: Path, folder: Path) -> Change:
    """Import an orbit file, refuse one that has shrunk, swap it in."""
    place, before = folder / "catalogue.parquet", snapshot.current(folder)
    fresh = folder / f".catalogue.{os.getpid()}{durable.SUFFIX}"
    read = mpc.read_mpcorb if source.name == "mpcorb" else mpc.read_extended
    try:
        with duckdb.connect(config=mpc.settings(folder)) as db:
            count = read(db, plain)
            snapshot.write(db, fresh, level=6)
            added, removed, changed, examples, rows_before = compare(db, before, fresh)
        if before != snapshot.PACKAGED and count.kept < SHRINK * rows_before:
            raise BadSource(f"{source.name}: {count.kept:,} rows where the last catalogue has {rows_before:,}")
        _swap(fresh, place)
    finally:
        fresh.unlink(missing_ok=True)
    return Change(
        source.name,
        rows_before,
        count.kept,
        added,
        removed,
        changed,
        examples,
        count.refused,
        list(count.unread_keys),
    )


def compare(
    db: duckdb.DuckDBPyConnection, before: Path, after: Path
) -> tuple[int, int, int, dict[str, list[str]], int]:
    """How many bodies are new, gone, or have another orbit; one that was numbered meanwhile is still the same."""
    a, b = (
        f"(SELECT * FROM read_parquet({parquet.quoted(path)}, hive_partitioning = false))" for path in (before, after)
    )
    elements = ("semi_major_axis_au", "eccentricity", "inclination_deg", "mean_anomaly_deg", "epoch_jd_tt")
    differ = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in elements)
    db.execute(f"""CREATE OR REPLACE TEMP TABLE same AS SELECT b.designation AS after,
        coalesce(a.designation, c.designation) AS before
        FROM {b} b LEFT JOIN {a} a USING (designation) LEFT JOIN {a} c ON c.provisional = b.provisional""")
    db.execute(f"""CREATE OR REPLACE TEMP TABLE news AS
        SELECT b.full_name AS who, CASE WHEN a.designation IS NULL THEN 'added' ELSE 'changed' END AS what
        FROM {b} b JOIN same s ON s.after = b.designation LEFT JOIN {a} a ON a.designation = s.before
        WHERE a.designation IS NULL OR {differ}
        UNION ALL SELECT full_name, 'removed' FROM {a} a ANTI JOIN same s ON s.before = a.designation""")
    counts = dict(db.execute("SELECT what, count(*) FROM news GROUP BY 1").fetchall())
    kinds = ("added", "removed", "changed")
    some = "SELECT who FROM news WHERE what = ? ORDER BY who LIMIT 10"
    examples = {kind: [who for (who,) in db.execute(some, [kind]).fetchall()] for kind in kinds if kind in counts}
    rows_before = db.execute(
        "SELECT count(*) FROM read_parquet(?, hive_partitioning = false)", [str(before)]
    ).fetchone()
    added, removed, changed = (int(counts.get(kind, 0)) for kind in kinds)
    return added, removed, changed, examples, int(rows_before[0]) if rows_before else 0


def _new_values(source: Source, plain: Path, folder: Path) -> Change:
    """Read measured values and put them in the place of those that came from the same source before."""
    place = folder / "measured.parquet"
    before = physical.measurements(physical.current(folder))
    fresh = list(_values(source, plain))
    if not fresh:
        raise BadSource(f"{source.name}: no value could be read")
    mine = fresh[0].source
    kept = before.take(before["source"] != mine)
    table = measurement.table(fresh)
    written = folder / f".measured.{os.getpid()}{durable.SUFFIX}"
    parquet.write([kept, table], written)
    _swap(written, place)
    gone = int((before["source"] == mine).sum())
    added, removed = max(len(table) - gone, 0), max(gone - len(table), 0)
    return Change(source.name, len(before), len(kept) + len(table), added, removed)


def _values(source: Source, plain: Path) -> Iterable[Measurement]:
    match source.name:
        case "sbdb":
            return sbdb.measured(sbdb.query(plain.read_bytes()), "SBDB query, NASA/JPL-Caltech")
        case "neowise":
            return neowise.measurements(plain.read_bytes())
        case _:
            return ssodnet.measurements(plain)


def _swap(fresh: Path, place: Path) -> None:
    """Put a new file in place, keeping the last good one as ``previous-NAME``."""
    if place.exists():
        previous = place.with_name(f"previous-{place.name}")
        durable.fill(previous, partial(shutil.copyfile, place))
    durable.adopt(fresh, place)


def lookup(
    names: Iterable[str],
    folder: Path | None = None,
    *,
    limits: Limits | None = None,
    sleep: Callable[[float], None] = time.sleep,
    address: str = f"{SBDB}sbdb.api",
) -> dict[str, sbdb.SmallBody]:
    """Fetch single bodies from SBDB with covariance and physical parameters; they stay in ``bodies/``.

    names    designations, as the catalogue gives them
    returns  the bodies by that designation
    raises   DownloadError, BadSource
    """
    place = (folder or snapshot.home()) / "bodies"
    durable.make_folder(place)
    found: dict[str, sbdb.SmallBody] = {}
    for name in names:
        if found:
            sleep(PAUSE_S)
        query = urlencode({"sstr": name, "cov": "mat", "phys-par": "1", "full-prec": "1"})
        path = durable.inside(place, f"{name}.json")
        fetch.fetch(f"{address}?{query}", path, "json", limits or Limits(max_bytes=16 << 20), sleep=sleep)
        try:
            found[name] = sbdb.lookup(path.read_bytes())
        except BadSource:
            path.unlink(missing_ok=True)
            raise
    return found


def body(designation: str, folder: Path | None = None) -> sbdb.SmallBody | None:
    """The SBDB lookup of one body that was fetched before, or None."""
    path = durable.inside((folder or snapshot.home()) / "bodies", f"{designation}.json")
    try:
        return sbdb.lookup(path.read_bytes())
    except (BadSource, OSError):
        return None


def bodies(folder: Path | None = None) -> dict[str, sbdb.SmallBody]:
    """The SBDB lookups that were fetched before, by designation."""
    found: dict[str, sbdb.SmallBody] = {}
    for path in sorted(((folder or snapshot.home()) / "bodies").glob("*.json")):
        if not path.name.endswith(".json.json"):
            try:
                found[path.stem] = sbdb.lookup(path.read_bytes())
            except (MotherlodeError, OSError):
                continue
    return found
