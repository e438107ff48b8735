"""The part of a report on the base of a study and its people; nothing where the study has no base."""

from typing import Any, Final

from motherlode.errors import BadStudy
from motherlode.figures import settlement
from motherlode.report import words
from motherlode.study import home
from motherlode.study.config import Study

RUNS: Final = 100
MOST_EVENTS: Final = 40


def section(study: Study, *, redacted: bool = False) -> dict[str, Any] | None:
    """Facts, labels, figures and tables of the base; the reason where the plan does not hold; None without a base.

    redacted  whether what it is worth is left out
    """
    if not study.base:
        return None
    try:
        answer = home.base(study, runs=RUNS, more=False)
    except BadStudy as reason:
        return {
            "title": "The base",
            "refused": str(reason),
            "facts": [],
            "flags": [],
            "notes": [],
            "charts": {},
            "tables": [],
        }
    told = settlement.document(answer)
    charts = {f"base-{k}": one for k, one in enumerate(told["figures"])}
    tables = [_table(one["title"], one["rows"]) for one in told["tables"] if one["rows"]]
    facts = {key: value for key, value in told["facts"].items() if not (redacted and "USD" in key)}
    return {
        "title": told["title"],
        "refused": "",
        "facts": [{"title": key, "text": _text(value)} for key, value in facts.items()],
        "flags": told["flags"],
        "notes": told["notes"],
        "charts": charts,
        "tables": tables,
    }


def _table(title: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    heads = list(rows[0])
    cells = [[_text(row.get(head)) for head in heads] for row in rows[-MOST_EVENTS:]]
    return {"title": title, "heads": [head.replace("_", " ") for head in heads], "rows": cells}


def _text(value: Any) -> str:
    """A value as people read it; a range as mean and ends."""
    if isinstance(value, dict):
        numbers = [value[key] for key in ("mean", "low", "high", "p50", "p05", "p95") if key in value]
        middle, low, high = (f"{number:.3g}" for number in numbers[:3])
        return f"{middle} ({low} … {high})"
    return f"{value:.3g}" if isinstance(value, float) else words.value(value)
