"""Dated hardware: launchers and engines of every era from the packaged tables, with the sources of their figures."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from motherlode.errors import UnknownName
from motherlode.units import TONNE

FLOWN = "flown"


@dataclass(frozen=True)
class LauncherRecord:
    """A launcher as published; years and capacity are None where it never flew or nobody says."""

    name: str
    country: str
    first: int | None
    last: int | None
    leo_kg: float | None
    record: str
    source: str
    status: str


@dataclass(frozen=True)
class EngineRecord:
    """An engine or ship as published."""

    name: str
    base: str
    isp_s: float
    gross_kg: float | None
    empty_kg: float | None
    first: int | None
    source: str
    status: str


def _rows(name: str) -> list[dict[str, str]]:
    lines = (files("motherlode.campaign") / "data" / f"{name}.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _year(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _kg(text: str) -> float | None:
    return float(text) * TONNE if text else None


@cache
def launchers() -> dict[str, LauncherRecord]:
    """Every launcher of the packaged table by name."""
    return {
        r["name"]: LauncherRecord(
            r["name"],
            r["country"],
            _year(r["first"]),
            _year(r["last"]),
            _kg(r["leo_t"]),
            r["record"],
            r["source"],
            r["status"],
        )
        for r in _rows("launchers")
    }


@cache
def engines() -> dict[str, EngineRecord]:
    """Every engine of the packaged table by name."""
    return {
        r["name"]: EngineRecord(
            r["name"],
            r["base"],
            float(r["isp_s"]),
            _kg(r["gross_t"]),
            _kg(r["empty_t"]),
            _year(r["first"]),
            r["source"],
            r["status"],
        )
        for r in _rows("engines")
    }


def launcher(name: str) -> LauncherRecord:
    """The launcher of that name; raises UnknownName with the choices."""
    if name not in launchers():
        raise UnknownName("launcher", name, list(launchers()))
    return launchers()[name]


def engine(name: str) -> EngineRecord:
    """The engine of that name; raises UnknownName with the choices."""
    if name not in engines():
        raise UnknownName("engine", name, list(engines()))
    return engines()[name]
