"""Planetary protection as a gate: which of COSPAR's categories a capture falls under, and whether it may go.

The rules stand in ``protection.csv`` with the source and the standing of each line.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from motherlode.capture.plans import Retrieval


@dataclass(frozen=True)
class Rule:
    """One line of the table; ``limit`` is the largest chance of an impact on Mars in ``years``, None without one."""

    rule: str
    applies: str
    category: str
    asks: str
    limit: float | None
    years: float | None
    source: str
    status: str


@cache
def rules() -> tuple[Rule, ...]:
    """The packaged rules."""
    lines = (files("motherlode.capture") / "protection.csv").read_text().splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple(
        Rule(**{k: (float(v) if v else None) if k in ("limit", "years") else v for k, v in row.items()})  # type: ignore[arg-type]
        for row in rows
    )


def applying(way: Retrieval, body: str) -> list[Rule]:
    """The rules that a capture falls under; ``body`` is the planet of its destination."""
    touched = {"asteroid", body}
    if "phobos" in way.destination or "deimos" in way.destination:
        touched.add("touches")
    return [rule for rule in rules() if rule.applies in touched]


def verdict(way: Retrieval, body: str, falls_on_mars: float | None) -> tuple[bool, str, str]:
    """Whether it may go, what applies, and the limit, in words.

    falls_on_mars   upper limit of the chance that the body comes down on Mars; None where it is not known
    """
    ours = applying(way, body)
    told = "; ".join(f"{rule.rule}: category {rule.category} ({rule.status})" for rule in ours)
    limits = [rule.limit for rule in ours if rule.limit is not None]
    if not limits:
        return True, told, "documents, and no part of it goes down"
    limit = min(limits)
    if falls_on_mars is None:
        return False, f"{told}; whether it falls on Mars is not known", f"{limit:g} on Mars"
    return falls_on_mars <= limit, f"{told}; falls on Mars with at most {falls_on_mars:.1e}", f"{limit:g} on Mars"
