"""What a report says in words and figures: headline, cells, stories."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from motherlode import epochs
from motherlode.economy import market
from motherlode.study.config import Study
from motherlode.study.ranking import RANKED
from motherlode.tables import Table

SHOWN: Final = {
    "rank": "#",
    "full_name": "asteroid",
    "port": "from",
    "min_delta_v_km_s": "Δv, km/s",
    "duration_d": "trip, d",
    "depart_tdb": "departs",
    "diameter_m_p50": "size, m",
    "mass_t_p50": "mass",
    "likely_class": "class",
    "product": "product",
    "place": "sold at",
    "gross_in_situ_usd_p50": "gross in situ",
    "recoverable_usd_p50": "recoverable",
    "market_absorbed_usd_p50": "market pays",
    "risk_adjusted_npv_usd_p50": "NPV",
    "break_even_price_factor": "pays at, × prices",
    "capture_destination": "capture at",
    "capture_delta_v_m_s": "capture Δv, m/s",
    "capture_max_mass_t": "tug moves, t",
    "u_code": "U",
    "flags": "flags",
}
ECONOMIC: Final = {"product", "place", "gross_in_situ_usd_p50", "recoverable_usd_p50", "market_absorbed_usd_p50",
                   "risk_adjusted_npv_usd_p50", "break_even_price_factor"}  # fmt: skip
SPREAD: Final = {"diameter_m_p50": ("diameter_m_p05", "diameter_m_p95"),
                 "risk_adjusted_npv_usd_p50": ("risk_adjusted_npv_usd_p05", "risk_adjusted_npv_usd_p95")}  # fmt: skip


def columns(redacted: bool) -> list[dict[str, Any]]:
    """Headings of the ranked table with their meanings."""
    return [
        {
            "title": title,
            "meaning": "place in the list" if redacted and key == "rank" else RANKED[key][1],
            "number": RANKED[key][0] in (float, int) and not key.endswith("_tdb"),
        }
        for key, title in _shown(redacted).items()
    ]


def _shown(redacted: bool) -> dict[str, str]:
    return {key: title for key, title in SHOWN.items() if not (redacted and key in ECONOMIC)}


def rows(
    ranked: Table, most: int, links: Mapping[tuple[str, str], str], redacted: bool
) -> list[list[dict[str, Any]]]:
    """Cells of the ranked table: text for people, value for sorting."""
    return [[_cell(row, key, links) for key in _shown(redacted)] for _, row in zip(range(most), ranked.rows())]


def _cell(row: Mapping[str, Any], key: str, links: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    raw = row[key]
    blank = raw is None or raw == "" or (isinstance(raw, float) and not math.isfinite(raw))
    link = links.get((row["designation"], row["port"])) if key == "full_name" else None
    number = RANKED[key][0] in (float, int) and not key.endswith("_tdb")
    text = value(raw, key)
    if key in SPREAD and not blank:
        low, high = (value(row[end], key) for end in SPREAD[key])
        text += f" ({low} … {high})"
    return {"value": "" if blank else raw, "text": text, "number": number, "link": link}


def value(raw: Any, key: str = "") -> str:
    """A value as people read it."""
    if raw is None or raw == "" or (isinstance(raw, float) and not math.isfinite(raw)):
        return "–"
    if key == "mass_t_p50":
        return tonnes(raw)
    if key.endswith("_tdb") and not isinstance(raw, str):
        return epochs.iso(float(raw))
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, float):
        return money(raw) if "usd" in key else figure(raw)
    if isinstance(raw, int):
        return f"{raw:,}" if abs(raw) > 9999 else str(raw)
    if isinstance(raw, list | tuple):
        return "; ".join(" to ".join(one) if isinstance(one, tuple) else value(one) for one in raw) or "–"
    return str(raw)


def figure(number: float) -> str:
    """Three figures with k, M, G, T."""
    size = abs(number)
    for limit, letter in ((1e15, " P"), (1e12, " T"), (1e9, " G"), (1e6, " M")):
        if size >= limit:
            return f"{number / limit:.3g}{letter}"
    return f"{number:,.0f}" if size >= 1000 else f"{number:.4g}" if size >= 1 or number == 0 else f"{number:.2g}"


def money(usd: float) -> str:
    """Dollars with M, bn and tn: G and T are for grams and tonnes."""
    size, sign = abs(usd), "−" if usd < 0 else ""
    for limit, letter in ((1e15, " quadrillion"), (1e12, " tn"), (1e9, " bn"), (1e6, " M")):
        if size >= limit:
            return f"{sign}${size / limit:.3g}{letter}"
    return f"{sign}${size:,.0f}"


def tonnes(t: float) -> str:
    """A mass given in tonnes."""
    for limit, unit in ((1e9, "Gt"), (1e6, "Mt"), (1e3, "kt")):
        if abs(t) >= limit:
            return f"{t / limit:.3g} {unit}"
    return f"{figure(t)} t"


def headline(gates: Sequence[Mapping[str, Any]], ranked: Table, redacted: bool) -> str:
    """The outcome in two sentences."""
    if not len(ranked):
        return f"Of {gates[0]['kept']:,} asteroids none is left; widen the study's limits."
    first = ranked.row(0)
    text = (
        f"Of {gates[0]['kept']:,} asteroids {len(set(ranked['designation']))} were taken through every stage; "
        f"first in the list is {first['full_name']} from {first['port']}: "
        f"{first['min_delta_v_km_s']:.2f} km/s for the round trip, leaving {epochs.iso(first['depart_tdb'])}."
    )
    if redacted:
        return text
    paying = int((ranked["break_even_price_factor"] < 1).sum())
    if paying:
        return text + f" {paying} of {len(ranked)} missions earn more than they cost on average."
    return (
        text
        + " No mission earns more than it costs at today's prices; "
        + f"the best would at {figure(first['break_even_price_factor'])} times them."
    )


def story(row: Mapping[str, Any], redacted: bool) -> str:
    """One asteroid of the list in a few sentences."""
    text = (
        f"Most likely class {row['likely_class']}, {figure(row['diameter_m_p50'])} m across "
        f"({figure(row['diameter_m_p05'])} … {figure(row['diameter_m_p95'])} m), {tonnes(row['mass_t_p50'])}. "
        f"The cheapest round trip from {row['port']} leaves {epochs.iso(row['depart_tdb'])}, "
        f"takes {row['duration_d']:.0f} days and {row['min_delta_v_km_s']:.2f} km/s; "
        f"{row['n_trajectories']:,} trips keep the rules."
    )
    if not redacted:
        text += (
            f" Best business: {row['product']} to {row['place']}: "
            f"{money(row['gross_in_situ_usd_p50'])} in the rock, {money(row['market_absorbed_usd_p50'])} "
            f"from the market, risk-adjusted NPV {money(row['risk_adjusted_npv_usd_p50'])}."
        )
    if row["capture_destination"]:
        fits = "which is enough for it" if row["capture_fits"] else "too little for this rock"
        text += (
            f" The whole rock to {row['capture_destination']}: {row['capture_delta_v_m_s']:,.0f} m/s; the tug moves "
            f"{figure(row['capture_max_mass_t'])} t that way, {fits}."
        )
        text += f" ({row['capture_label']}.)" if row["capture_label"] else ""
    return text


def facts(row: Mapping[str, Any], redacted: bool) -> list[dict[str, str]]:
    """What stands beside the story."""
    keys = {
        "min_duration_d": "shortest trip, d",
        "h_mag": "H",
        "orbit_class": "orbit class",
        "u_code": "orbit uncertainty U",
        "probability_npv_positive": "chance of a gain",
        "flags": "flags",
    }
    return [
        {"title": title, "text": value(row[key])} for key, title in keys.items() if not (redacted and "npv" in key)
    ]


def run(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What identifies the run."""
    software = ", ".join(f"{name} {number}" for name, number in manifest["software"].items())
    return {
        "result SHA-256": manifest["result_sha256"][:32],
        "study SHA-256": manifest["study_sha256"][:32],
        "code SHA-256": manifest["code_sha256"][:32],
        "seed": str(manifest["seed"]),
        "software": f"Python {manifest['python']}, {software}",
        "machine": manifest["machine"],
        "chunks given up": str(len(manifest["failures"])) if manifest["failures"] else "none",
    }


def comparison(values: Table, study: Study) -> dict[str, Any] | None:
    """Delivery to Mars against delivery to the Earth's side, where a study sells at both."""
    places = {place for _, place in study.economy.businesses}
    sides = {place: "Mars" if place.startswith("mars") else "Earth" for place in places}
    if len(set(sides.values())) < 2 or not len(values):
        return None
    lines = [line for line in (_business(values, study, *one) for one in study.economy.businesses) if line]
    best = {
        side: min((line for line in lines if line["side"] == side), key=lambda line: line["factor"], default=None)
        for side in ("Mars", "Earth")
    }
    heads = [
        "business",
        "asteroids that can deliver",
        "delivered by the best, t",
        "market pays (the best)",
        "its NPV",
        "pays at, × prices",
    ]
    cells = [
        [
            line["name"],
            value(line["count"]),
            figure(line["tonnes"]),
            money(line["absorbed"]),
            money(line["npv"]),
            value(line["factor"]),
        ]
        for line in lines
    ]
    return {"title": "Reshaping Mars or reshaping the Earth", "text": _verdict(best), "heads": heads, "rows": cells}


def _business(values: Table, study: Study, product: str, place: str) -> dict[str, Any] | None:
    mine = (values["product"] == product) & (values["place"] == place) & (values["delivered_kg_mean"] > 0)
    if not mine.any():
        return None
    factors = np.where(mine, values["break_even_price_factor"], np.inf)
    best = int(np.argmin(factors))
    market.place(place)
    return {
        "name": f"{product} to {place}",
        "side": "Mars" if place.startswith("mars") else "Earth",
        "count": len(set(values["designation"][mine])),
        "tonnes": float(values["delivered_kg_p50"][best]) / 1e3,
        "absorbed": float(values["market_absorbed_usd_p50"][best]),
        "npv": float(values["risk_adjusted_npv_usd_p50"][best]),
        "factor": float(factors[best]),
        "asteroid": str(values["designation"][best]),
    }


def _verdict(best: Mapping[str, Mapping[str, Any] | None]) -> str:
    mars, earth = best["Mars"], best["Earth"]
    if mars is None or earth is None:
        only = "Mars" if earth is None else "the Earth"
        return f"Only delivery to {only} is possible from this port within the rules."
    near, far = (mars, earth) if mars["factor"] <= earth["factor"] else (earth, mars)
    return (
        f"Delivery to {'Mars' if near is mars else 'the Earth'} comes closer to paying: "
        f"{near['name']} from {near['asteroid']} needs {value(near['factor'])} times today's prices, the best on the "
        f"other side ({far['name']} from {far['asteroid']}) "
        f"{value(far['factor'])} times."
    )


def plain(raw: Any) -> Any:
    """Plain JSON values: arrays as lists, NaN and infinity as null."""
    if isinstance(raw, Mapping):
        return {str(key): plain(part) for key, part in raw.items()}
    if hasattr(raw, "tolist"):
        return plain(raw.tolist())
    if isinstance(raw, list | tuple):
        return [plain(part) for part in raw]
    return None if isinstance(raw, float) and not math.isfinite(raw) else raw
