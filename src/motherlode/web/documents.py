"""What the page reads as one document: facts, flags, figures, tables, what is left out and the command that makes it.

Each document is an answer of ``study.answers`` or ``study.launch_windows`` with the figures of ``figures`` beside it.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from motherlode import epochs
from motherlode.access import porkchop as grids
from motherlode.errors import BadInput
from motherlode.figures import campaign as campaign_figures
from motherlode.figures import settlement as settlement_figures
from motherlode.figures import spreads, transfers
from motherlode.study import answers, config, fleet, home, launch_windows, named, store
from motherlode.units import DAY

Json = dict[str, Any]
Array = NDArray[np.float64]
LAYERS: Final = {"total": "delta_v", "c3": "c3", "arrive": "v_infinity_arrive"}
_ONE_AT_A_TIME = Lock()
CAPTURE_SPAN: Final = ("2028-01-01", "2050-01-01")


def show(name: str) -> Json:
    """One asteroid: orbit, quality and what somebody measured of it."""
    one = named.asteroid(name)
    facts, label = one.facts, str(one.facts["full_name"])
    quality = answers.quality(facts)
    found = quality.pop("flags")
    known = [{"quantity": key, **value} for key, value in answers.measured(facts).items()]
    return {
        "title": label,
        "facts": {**answers.identity(facts), **answers.orbit(facts), **quality, **answers.bound(facts)},
        "flags": found,
        "tables": [{"title": "Measured, and by whom", "rows": known}],
        "notes": [named.TWO_BODY],
        "command": _command(
            "show", one.designation, f"ml.asteroid({one.designation!r})", f"asteroid/{quote(one.designation)}"
        ),
    }


def deposit(name: str) -> Json:
    """How big, how fast it spins, what is in it, as spreads."""
    answer = answers.deposit_answer(name)
    label, spread = answer["designation"], answer["percentiles"]
    rows = [{"quantity": key, **_rounded(value)} for key, value in spread.items()]
    return {
        "title": f"What is in {label}",
        "figures": [
            {
                "title": "Deposit",
                "says": "Thin line 5 to 95 per cent of the samples, thick line 16 to 84, dot the median.",
                "figure": spreads.deposit(spread, label),
            }
        ],
        "facts": {"class_fractions": answer["class_fractions"], **answer["evidence"]},
        "tables": [{"title": "Percentiles", "rows": rows}],
        "command": _command("deposit", label, f"ml.deposit({label!r})", f"asteroid/{quote(label)}/deposit"),
    }


def value(name: str) -> Json:
    """The four values for the standard businesses."""
    found = [answers.value_answer(one) for one in _values(named.asteroid(name).designation)]
    label = named.asteroid(name).designation
    spread = {f"{one['product']} to {one['place']}": {key: one[key] for key in spreads.VALUES} for one in found}
    rows = [
        {"product": one["product"], "place": one["place"], **{f"{key}": one[key]["p50"] for key in spreads.VALUES}}
        for one in found
    ]
    notes = list(dict.fromkeys(note for one in found for note in one.get("leaves_out", ())))
    return {
        "title": f"What {label} is worth",
        "figures": [
            {
                "title": "Four values",
                "says": "In place, recoverable, absorbed by the market, net after risk: orders of magnitude apart.",
                "figure": spreads.values(spread, label),
            }
        ],
        "tables": [{"title": "Medians", "rows": rows}],
        "notes": notes,
        "command": _command(
            "value",
            f"{label} --product water --to mars-orbit",
            f"ml.value({label!r})",
            f"asteroid/{quote(label)}/value",
        ),
    }


@lru_cache(maxsize=64)
def _values(designation: str) -> Sequence[Any]:
    return answers.values(designation)


def roundtrip(name: str) -> Json:
    """The cheapest and the quickest round trip from a low Earth orbit under the NHATS rules."""
    answer = _roundtrip(named.asteroid(name).designation)
    label = answer["designation"]
    trips = [{"trip": kind, **answer[kind]} for kind in ("best", "quickest") if answer.get(kind)]
    keys = ("min_delta_v_km_s", "duration_d", "min_duration_d", "delta_v_at_min_duration_km_s", "n_trajectories")
    return {
        "title": f"Round trips to {label}",
        "facts": {**{key: answer[key] for key in ("port", "rules", "model")}, **{key: answer[key] for key in keys}},
        "flags": answer["flags"],
        "tables": [{"title": "Cheapest and quickest", "rows": trips}],
        "notes": answer["leaves_out"],
        "command": _command("roundtrip", label, f"ml.roundtrip({label!r})", f"asteroid/{quote(label)}/roundtrip"),
    }


@lru_cache(maxsize=256)
def _roundtrip(designation: str) -> Json:
    return answers.roundtrips([designation])[0]


def capture(name: str) -> Json:
    """Ways to bring the whole body somewhere, cheapest first."""
    answer = _capture(named.asteroid(name).designation)
    label = answer["designation"]
    notes = list(dict.fromkeys(note for way in answer["options"] for note in way.get("leaves_out", ())))
    return {
        "title": f"Bringing {label} home",
        "flags": answer["flags"],
        "tables": [{"title": "Ways, cheapest first", "rows": [_way(option) for option in answer["options"]]}],
        "notes": notes,
        "command": _command(
            "capture", f"{label} --to any", f'ml.capture({label!r}, "any")', f"asteroid/{quote(label)}/capture"
        ),
    }


def _way(option: Json) -> Json:
    """One way as a row: the plan, what became of it under every pull, what the gates said, what a tug moves."""
    flown, gates = option.get("n_body", {}), option.get("safety")
    refused = [] if gates is None else [why.partition(":")[0] for why in gates["refused_because"]]
    keys = ("destination", "way", "delta_v_m_s", "depart_tdb", "arrive_tdb", "flight_d")
    return {
        **{key: option[key] for key in keys},
        "flown_m_s": flown.get("delta_v_m_s"),
        "stays": {True: "yes", False: flown.get("reason") or "no", None: "not flown"}[flown.get("survived")],
        "gates": "not asked" if gates is None else "pass" if gates["feasible"] else f"refused: {', '.join(refused)}",
        "max_mass_t": option.get("max_mass_t"),
        "tug": option.get("tug"),
        "label": option["label"],
    }


def _capture(designation: str) -> Json:
    with _ONE_AT_A_TIME:  # a second reader waits for the first one's answer instead of working it out again
        return _captured(designation)


@lru_cache(maxsize=64)
def _captured(designation: str) -> Json:
    return answers.capture(designation, "any", span=CAPTURE_SPAN, thorough=True)


def porkchop(origin: str, target: str, depart: str, flight: str, layer: str) -> Json:
    """A grid of transfers as a figure, its best window and the best of each departure year."""
    dates, days = _dates(depart), _days(flight)
    chart = launch_windows.grid(origin, target, dates, days)
    criterion = LAYERS[layer]
    best = chart.best(criterion)
    target_name = str(chart.target.name)
    words = f"{origin} {target_name} --depart {depart} --flight {flight}"
    first, _, last = depart.partition("..")
    span = f"({first!r}, {last!r}), ({flight.replace('..', ', ')})"
    return {
        "figure": transfers.porkchop(chart, criterion),
        "depart_tdb": [float(t) for t in chart.depart_tdb[[0, -1]]],
        "flight_d": list(days),
        "best": {**best.summary(), "depart_tdb": best.depart_tdb},
        "options": [_short(window.summary()) for window in _yearly(chart, criterion)],
        "command": _command(
            "porkchop",
            words,
            f"ml.porkchop({origin!r}, {target_name!r}, {span})",
            f"porkchop?from={origin}&to={quote(target_name)}",
        ),
    }


def cell(origin: str, target: str, depart: str, flight_d: float) -> Json:
    """One transfer, solved exactly."""
    when = epochs.parse(depart)
    named.check_span(when, when + flight_d * DAY)
    chart = launch_windows.grid(origin, target, (when, when), (flight_d, flight_d))
    return _short(chart.window(when, flight_d * DAY).summary())


def _yearly(chart: grids.Porkchop, criterion: str) -> list[grids.Window]:
    """The best window of each calendar year of departure, cheapest first."""
    years = np.floor(epochs.year(chart.depart_tdb)).astype(int)
    layer = chart.layer(criterion)
    found = []
    for year in np.unique(years):
        part = np.where((years == year)[:, None], layer, np.nan)
        if np.isfinite(part).any():
            i, j = np.unravel_index(int(np.nanargmin(part)), part.shape)
            found.append((float(part[i, j]), chart.window(float(chart.depart_tdb[i]), float(chart.flight_s[j]))))
    return [window for _, window in sorted(found, key=lambda pair: pair[0])[:12]]


def _short(summary: Json) -> Json:
    keys = ("c3_km2_s2", "v_infinity_arrive_km_s", "delta_v_km_s", "declination_deg", "transfer_type")
    dates = {
        "depart": summary["depart_tdb"][:10],
        "arrive": summary["arrive_tdb"][:10],
        "flight_d": round(summary["flight_d"], 2),
    }
    return {**dates, **{key: round(part, 4) if isinstance(part := summary[key], float) else part for key in keys}}


def _dates(text: str) -> tuple[float, float]:
    first, dots, last = text.partition("..")
    if not dots:
        raise BadInput(f"departures {text!r}: expected two dates, as in 2028-01-01..2033-01-01")
    return epochs.parse(first), epochs.parse(last)


def _days(text: str) -> tuple[float, float]:
    first, _, last = text.partition("..")
    try:
        return float(first), float(last)
    except ValueError:
        raise BadInput(f"flight times {text!r}: expected two numbers of days, as in 60..600") from None


def _rounded(percentiles: Json) -> Json:
    return {key: float(f"{part:.4g}") for key, part in percentiles.items()}


def _command(verb: str, words: str, python: str, path: str) -> Json:
    return {
        "shell": f"motherlode {verb} {words}",
        "python": f"import motherlode as ml\nanswer = {python}\nprint(answer)",
        "json": f"/api/{path}",
    }


def studies(kind: str, workspace: Path) -> list[str]:
    """Studies that have a campaign, or a base: those that come with the program and those of the runs."""
    return [name for name in (*config.EXAMPLES, *_own(workspace)) if _has(kind, _study(name, workspace))]


def campaign(name: str, workspace: Path) -> Json:
    """The campaign of a study; the best plan found is kept with its run."""
    return _campaign(name, _study(name, workspace).model_dump_json(), workspace)


def base(name: str, workspace: Path) -> Json:
    """The base of a study and its people."""
    return _base(name, _study(name, workspace).model_dump_json())


def _campaign(name: str, asked: str, workspace: Path) -> Json:
    with _ONE_AT_A_TIME:
        return _campaigned(name, asked, workspace)


@lru_cache(maxsize=8)
def _campaigned(name: str, asked: str, workspace: Path) -> Json:
    answer, done = fleet.plan(config.Study.model_validate_json(asked), folder=workspace / name)
    return {
        **campaign_figures.document(done, answer),
        "command": _study_command("plan", name, f"campaign/{quote(name)}"),
    }


def _base(name: str, asked: str) -> Json:
    with _ONE_AT_A_TIME:
        return _based(name, asked)


@lru_cache(maxsize=8)
def _based(name: str, asked: str) -> Json:
    study = config.Study.model_validate_json(asked)
    answer = home.base(study, more=False)
    answer["leaves_out"] = [
        *answer["leaves_out"],
        f"levers, slack and judgements take a minute: motherlode base {name}",
    ]
    return {**settlement_figures.document(answer), "command": _study_command("base", name, f"base/{quote(name)}")}


def _study(name: str, workspace: Path) -> config.Study:
    if name in config.EXAMPLES:
        return config.Study.example(name)
    return config.Study.load(store.find(workspace, name))


def _own(workspace: Path) -> list[str]:
    return [run.name for run in store.runs(workspace) if run.name not in config.EXAMPLES]


def _has(kind: str, study: config.Study) -> bool:
    return bool(study.campaign if kind == "campaign" else study.base)


def _study_command(verb: str, name: str, path: str) -> Json:
    python = f'import json, subprocess\nwords = ["motherlode", "{verb}", "{name}", "--json"]\n'
    python += "answer = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)"
    return {"shell": f"motherlode {verb} {name}", "python": python, "json": f"/api/{path}"}
