"""The report of a run: one HTML file that opens from disk with no network, sorts, turns, prints."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from motherlode import durable, epochs
from motherlode.access import porkchop, ports
from motherlode.catalogue import designations, orbits, snapshot
from motherlode.ephemeris import almanac
from motherlode.errors import UnknownName
from motherlode.figures import economics, funnel, spreads, transfers
from motherlode.figures import orbits as space
from motherlode.report import settled, words
from motherlode.study import config, store
from motherlode.study.config import Study
from motherlode.tables import Table
from motherlode.units import DAY

LARGEST: Final = 5_000_000  # bytes; a report goes by mail
REDACTIONS: Final = ("economics",)
ECONOMIC: Final = re.compile(r"usd|npv|break_even|^product$|^place$|economy|price")
SKY_BODIES: Final = 8
SCRIPTS: Final = ("static/plotly-cartesian.min.js", "page.js")
FLIGHT_D: Final = (30.0, 600.0)


def write(folder: Path, *, redact: str | None = None) -> Path:
    """Write ``report.html`` of a finished run; returns its path.

    redact  "economics" leaves out every price, value and economic assumption
    raises  StoreError where the run is not finished or cannot be written
    """
    path = folder / ("report.html" if redact is None else f"report-without-{redact}.html")
    durable.write(path, html(folder, redact=redact).encode())
    return path


def html(folder: Path, *, redact: str | None = None) -> str:
    """The report of a finished run as text."""
    import jinja2
    from markupsafe import Markup, escape

    if redact is not None and redact not in REDACTIONS:
        raise UnknownName("part to redact", redact, list(REDACTIONS))
    content = _content(folder, redact is not None)
    figures, sky = content.pop("figures"), content.pop("sky")
    used: list[str] = []

    def figure(name: str) -> Any:
        used.append(name)
        label = escape(figures[name]["layout"]["title"]["text"])
        return Markup(f'<div class="plot" data-figure="{name}" role="img" aria-label="{label}"></div>')

    engine = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    style = _packaged("page.css")
    scripts = [_packaged(name).replace("</script", "<\\/script") for name in SCRIPTS]
    return engine.from_string(_packaged("page.html")).render(
        content,
        figure=figure,
        style=Markup(style),
        scripts=[Markup(script) for script in scripts],
        data=Markup(_inert({"figures": figures, "sky": sky})),
        policy=_policy(style, scripts),
    )


def _policy(style: str, scripts: list[str]) -> str:
    """Nothing is fetched; only these scripts and this style run; charts fill an empty style of their own."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)} {_hash('')}; "
        "style-src-attr 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _packaged(name: str) -> str:
    return (files("motherlode.report") / name).read_text("utf-8")


def _inert(value: Any) -> str:
    """JSON that cannot end its own element or begin another."""
    text = json.dumps(words.plain(value), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _content(folder: Path, redacted: bool) -> dict[str, Any]:
    study = Study.load(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    gates = [gate for gate in store.funnel(folder) if not (redacted and "NPV" in gate["stage"])]
    ranked = store.table(folder, "ranked")
    top = _best(folder, study, ranked, redacted)
    figures = {"funnel": funnel.chart(gates)} | {
        name: chart for one in top for name, chart in one.pop("charts").items()
    }
    if redacted:
        manifest["validation"] = [row for row in manifest["validation"] if "NPV" not in row["part"]]
    comparison = None if redacted else words.comparison(store.table(folder, "values"), study)
    money = [] if redacted else _money(store.table(folder, "values"))
    figures |= {part["id"]: part.pop("figure") for part in money}
    base = settled.section(study, redacted=redacted)
    figures |= {name: one["figure"] for name, one in (base["charts"] if base else {}).items()}
    parts = [("ranked", "Ranked table"), ("funnel", "Funnel"), ("sky", "Sky")]
    parts += [("compare", "Compare")] if comparison else []
    parts += [("money", "Markets")] if money else []
    parts += [(top[0]["id"], "The best")] if top else []
    parts += [("base", "The base")] if base else []
    parts += [("assumptions", "Assumptions"), ("sources", "Sources")]
    return {
        "study": study,
        "manifest": manifest,
        "redacted": redacted,
        "headline": words.headline(gates, ranked, redacted),
        "parts": [{"id": part, "title": title} for part, title in parts],
        "columns": words.columns(redacted),
        "rows": words.rows(ranked, study.report.rows, {one["key"]: one["id"] for one in top}, redacted),
        "funnel": gates,
        "comparison": comparison,
        "money": money,
        "best": top,
        "base": base,
        "assumptions": [row for row in _assumptions(study) if not (redacted and _is_economic(row))],
        "run": words.run(manifest),
        "figures": figures,
        "sky": _sky(ranked, study),
    }


def _money(values: Table) -> list[dict[str, Any]]:
    """The market of the run's vintage, and the four rankings of each business."""
    if not len(values):
        return []
    found = economics.document(values, float(np.nanmedian(values["vintage"])))
    return [{**part, "id": f"money-{k}"} for k, part in enumerate(found)]


def _is_economic(row: Mapping[str, str]) -> bool:
    """Whether an assumption, or one inside a table of them, is about money."""
    return bool(ECONOMIC.search(f"{row['key']} {row['value']}"))


def _assumptions(study: Study) -> list[dict[str, str]]:
    rows = []
    for key in config.keys():  # noqa: SIM118
        value: Any = study
        for part in key["key"].split("."):
            value = getattr(value, part)
        rows.append({"key": key["key"], "value": words.value(value), "meaning": key["meaning"]})
    return rows


def _sky(ranked: Table, study: Study) -> dict[str, Any]:
    names = list(dict.fromkeys(ranked["designation"]))[:SKY_BODIES]
    known = snapshot.load()
    rows = [int(designations.find(name, known)) for name in names]
    bodies = [(str(known["full_name"][row]), orbits.of(known.take([row]))[0]) for row in rows]
    return space.sky(bodies, almanac.load().movers, study.access.window.span)


def _best(folder: Path, study: Study, ranked: Table, redacted: bool) -> list[dict[str, Any]]:
    """The first asteroids of the list, each once, with their figures."""
    values, held = store.table(folder, "values"), store.table(folder, "deposits")
    chosen: dict[str, dict[str, Any]] = {}
    for row in ranked.rows():
        if len(chosen) < study.report.porkchops:
            chosen.setdefault(row["designation"], row)
    return [_one(k, row, study, values, held, redacted) for k, row in enumerate(chosen.values())]


def _one(k: int, row: dict[str, Any], study: Study, values: Table, held: Table, redacted: bool) -> dict[str, Any]:
    name = row["full_name"]
    charts = {
        f"porkchop-{k}": _porkchop(row, study),
        f"deposit-{k}": spreads.deposit(_nested(held, held["designation"] == row["designation"]), name),
    }
    if not redacted:
        mine = np.flatnonzero((values["designation"] == row["designation"]) & (values["port"] == row["port"]))
        business = {f"{values['product'][i]} to {values['place'][i]}": _nested(values, [i]) for i in mine}
        charts[f"value-{k}"] = spreads.values(business, name)
    return {
        "id": f"best-{k}",
        "key": (row["designation"], row["port"]),
        "name": name,
        "port": row["port"],
        "text": words.story(row, redacted),
        "facts": words.facts(row, redacted),
        "figures": list(charts),
        "charts": charts,
    }


def _porkchop(row: Mapping[str, Any], study: Study) -> dict[str, Any]:
    """The way out around the best departure, two years on either side within the window."""
    first, last = study.access.window.span
    around = 730 * DAY
    departs = np.arange(max(first, row["depart_tdb"] - around), min(last, row["depart_tdb"] + around), 4 * DAY)
    flights = np.arange(*FLIGHT_D, 4.0) * DAY
    port = ports.find(row["port"])
    known = snapshot.load()
    body = orbits.of(known.take([designations.find(row["designation"], known)]))[0]
    chart = porkchop.grid(almanac.load()[port.body], body, departs, flights, origin_port=port)
    title = f"Out to {row['full_name']}; leaves {epochs.iso(row['depart_tdb'])}"
    return transfers.porkchop(chart, "delta_v", title=title)


def _nested(table: Table, rows: Any) -> dict[str, dict[str, float]]:
    """``mass_kg_p50`` and its like of one row as {"mass_kg": {"p50": ...}}."""
    row = table.take(rows).row(0)
    nested: dict[str, dict[str, float]] = {}
    for key, value in row.items():
        if (found := re.fullmatch(r"(.+)_(p\d\d|mean)", key)) and value is not None:
            nested.setdefault(found[1], {})[found[2]] = value
    return nested
