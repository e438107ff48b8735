"""The base in a report: its figures and tables where a study has one, the reason where its plan does not hold."""

import json

from motherlode.report import page, settled
from motherlode.study.config import Study

BASE = 'name = "outpost"\n[base]\nstart = "1999-06-01"\nend = "2000-02-28"\npeople = 8\n'


def test_no_base_no_section() -> None:
    assert settled.section(Study.parse('name = "bare"\n')) is None


def test_section_has_figures_tables_and_labels() -> None:
    told = settled.section(Study.parse(BASE))
    assert told is not None and told["refused"] == ""
    json.dumps(told, allow_nan=False)
    assert len(told["charts"]) >= 8 and all(one["figure"]["data"] for one in told["charts"].values())
    assert any("not a forecast" in flag for flag in told["flags"])
    assert {table["title"] for table in told["tables"]} >= {"Supply windows", "Stoppages"}
    assert all(len(row) == len(table["heads"]) for table in told["tables"] for row in table["rows"])


def test_a_plan_that_starves_is_told_in_the_report() -> None:
    told = settled.section(Study.parse(BASE + "stocks = { food = 500.0 }\n"))
    assert told is not None and "food runs out on 1999-" in told["refused"]


def test_what_the_base_is_worth_is_left_out_of_a_redacted_report() -> None:
    worth = BASE + '[base.operation]\nburn = "2000-02-01"\nvalue_usd = 8e9\nwork_h = 100.0\n'
    told = settled.section(Study.parse(worth), redacted=True)
    assert told is not None and "USD" not in json.dumps(told["facts"]) and "usd" not in json.dumps(told["tables"])
    kept = [row for row in page._assumptions(Study.parse(worth)) if not page._is_economic(row)]
    assert "8e9" not in json.dumps(kept) and "8000000000" not in json.dumps(kept)
