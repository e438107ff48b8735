"""The law in force at a date, and what it does for who comes first."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from motherlode import epochs
from motherlode.errors import UnknownName

RULES = ("none", "shared", "first-come")


@dataclass(frozen=True)
class Act:
    """One treaty, act or scenario assumption; ``rule`` is what it does for the first to come."""

    name: str
    first_tdb: float
    last_tdb: float
    rule: str
    text: str
    status: str


@cache
def acts() -> tuple[Act, ...]:
    """Every act of the packaged table, by date."""
    lines = (files("motherlode.campaign") / "data" / "law.csv").read_text().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple(
        Act(
            r["name"],
            epochs.parse(r["from"]),
            epochs.parse(r["until"]) if r["until"] else float("inf"),
            r["rule"],
            r["text"],
            r["status"],
        )
        for r in rows
    )


def in_force(when_tdb: float) -> tuple[Act, ...]:
    """Acts in force at a date."""
    return tuple(act for act in acts() if act.first_tdb <= when_tdb <= act.last_tdb)


def rule(when_tdb: float, *, members: Sequence[str] = (), assumed: str | None = None) -> str:
    """What being first gives at a date: "none", "shared" or "first-come".

    members  acts that bind the parties; all acts in force where empty
    assumed  a scenario's own rule, which wins over the acts
    """
    if assumed is not None:
        if assumed not in RULES:
            raise UnknownName("legal rule", assumed, list(RULES))
        return assumed
    known = {act.name for act in acts()}
    for name in members:
        if name not in known:
            raise UnknownName("legal act", name, sorted(known))
    binding = [act.rule for act in in_force(when_tdb) if not members or act.name in members]
    return next((r for r in ("first-come", "shared") if r in binding), "none")
