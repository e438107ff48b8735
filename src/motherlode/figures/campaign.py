"""Figures of a campaign: missions in time, what flows where, the cash, who gets how much, who is first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from motherlode import epochs
from motherlode.campaign.answer import Campaign
from motherlode.campaign.plan import Plan
from motherlode.campaign.risk import Futures
from motherlode.figures import flows as bands
from motherlode.figures import theme
from motherlode.figures.theme import Figure
from motherlode.tables import Table
from motherlode.units import DAY

FAN = (5, 16, 50, 84, 95)


def gantt(campaign: Campaign) -> Figure:
    """Missions as bars from departure to delivery, one row each, and the launch windows as lines."""
    rows = [(who, row) for who, found in campaign.plans for row in found.chosen]
    owners = [who for who, _ in campaign.plans]
    data = []
    for who in owners:
        mine = [row for name, row in rows if name == who]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": "together" if who == "all" else who,
                "y": [row.project for row in mine],
                "base": [epochs.iso(row.depart_tdb) for row in mine],
                "x": [(row.end_tdb - row.depart_tdb) / DAY * 86_400_000 for row in mine],
                "hovertext": [
                    f"{row.craft}, leaves {epochs.iso(row.depart_tdb)}, arrives {epochs.iso(row.arrive_tdb)}, "
                    f"ends {epochs.iso(row.end_tdb)}, {row.delta_v_km_s:.2f} km/s, {row.lift_kg / 1e3:,.0f} t lifted"
                    for row in mine
                ],
                "hoverinfo": "text+y",
                "marker": {"color": theme.PALETTE[owners.index(who) % len(theme.PALETTE)]},
            }
        )
    settings = campaign.settings
    x = theme.axis(
        "date", type="date", range=[epochs.iso(settings.first_tdb), epochs.iso(settings.last_tdb + 900 * DAY)]
    )
    y = theme.axis("", autorange="reversed")
    layout = theme.layout("Missions and launch windows", x, y, barmode="overlay", height=140 + 36 * len(rows))
    return theme.figure(data, layout | {"shapes": [_line(w.depart_tdb) for w in campaign.launch_windows]})


def _line(when: float) -> dict[str, Any]:
    date = epochs.iso(when)
    line = {"color": theme.REJECTED, "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": date, "x1": date, "y0": 0, "y1": 1, "line": line}


def flows(plan: Plan, title: str = "What is lifted and where it goes") -> Figure:
    """Bands: launchers to low orbit, low orbit to missions, missions to places of delivery, in tonnes."""
    links: dict[tuple[str, str], float] = defaultdict(float)
    capacity = {r.name: r.capacity_kg for r in plan.problem.launchers}
    for row in plan.launches.rows():
        links[row["launcher"], "low orbit"] += row["count"] * capacity[row["launcher"]] / 1e3
    for option in plan.chosen:
        links["low orbit", option.project] += option.lift_kg / 1e3
        if option.product:
            links[option.project, f"{option.product} at {option.place}"] += float(option.delivered_kg.mean()) / 1e3
    return bands.chart(links, title)


def network(table: Table, title: str = "What flows through the network") -> Figure:
    """Bands of a solved network: tonnes from place to place, all windows together."""
    links: dict[tuple[str, str], float] = defaultdict(float)
    for row in table.rows():
        mass = sum(v for k, v in row.items() if k.endswith("_kg")) / 1e3
        if mass > 0.5 and (row["target"], row["origin"]) not in links:
            links[row["origin"], row["target"]] += mass
    return bands.chart(links, title, colour=theme.PALETTE[2])


def cash(futures: Futures, title: str = "Cumulative cash") -> Figure:
    """Fan of the cumulative cash over the years: 5 to 95 and 16 to 84 per cent, the median as a line."""
    total = np.cumsum(futures.cash_usd, axis=1) / 1e9
    last = _last_change(total)
    years, bands = futures.years[:last], np.percentile(total[:, :last], FAN, axis=0)
    data = [
        _band(years, bands[0], bands[4], "5 to 95 %", "rgba(0,114,178,0.18)"),
        _band(years, bands[1], bands[3], "16 to 84 %", "rgba(0,114,178,0.35)"),
        {
            "type": "scatter",
            "mode": "lines",
            "name": "median",
            "x": years.tolist(),
            "y": bands[2].tolist(),
            "line": {"color": theme.PALETTE[0], "width": 2},
        },
    ]
    return theme.figure(
        data, theme.layout(title, theme.axis("year"), theme.axis("cumulative cash, G$ (not discounted)"))
    )


def _last_change(total: Any) -> int:
    moving = np.flatnonzero(np.abs(np.diff(total, axis=1)).max(axis=0) > 0)
    return int(moving[-1]) + 3 if len(moving) else total.shape[1]


def _band(x: Any, low: Any, high: Any, name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [*x.tolist(), *x[::-1].tolist()],
        "y": [*low.tolist(), *high[::-1].tolist()],
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def shares(partners: Mapping[str, Any]) -> Figure:
    """Bars of what each party gets under each sharing rule; a rule under which somebody leaves is hatched.

    partners  the part of that name in a campaign's answer
    """
    rules = partners["rules"]
    data = [
        {
            "type": "bar",
            "name": party,
            "x": [rule["rule"] + (" (unstable)" if rule["stable"] is False else "") for rule in rules],
            "y": [rule["shares_usd"][party] / 1e9 for rule in rules],
            "marker": {
                "color": theme.PALETTE[i % len(theme.PALETTE)],
                "pattern": {"shape": ["/" if rule["stable"] is False else "" for rule in rules]},
            },
        }
        for i, party in enumerate(partners["parties"])
    ]
    title = f"Who gets how much of {partners['value_usd'] / 1e9:,.2f} G$"
    return theme.figure(
        data, theme.layout(title, theme.axis("sharing rule"), theme.axis("share, G$"), barmode="group")
    )


def first(contest: Mapping[str, Any]) -> Figure:
    """Bars of each rival's chance to be first and to arrive at all."""
    rows: Sequence[Mapping[str, Any]] = contest["parties"]
    names = [row["party"] for row in rows]
    data = [
        {"type": "bar", "name": label, "x": names, "y": [row[key] for row in rows], "marker": {"color": colour}}
        for label, key, colour in (
            ("first", "probability_first", theme.PALETTE[0]),
            ("arrives at all", "probability_arrives", theme.REJECTED),
        )
    ]
    y = theme.axis("probability", range=[0, 1], tickformat=".0%")
    return theme.figure(data, theme.layout("Who is first", theme.axis(""), y, barmode="group"))


def every(campaign: Campaign, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every figure of a campaign with its title and what it says."""
    found = [
        _entry("Missions", "Bars run from departure to delivery; dotted lines are launch windows.", gantt(campaign))
    ]
    for who, plan in campaign.plans:
        name = "" if who == "all" else f", {who}"
        found.append(_entry(f"Flows{name}", "Tonnes lifted, flown and delivered (means).", flows(plan)))
        says = "Cash of the futures with the right to decide at each departure."
        found.append(_entry(f"Cash{name}", says, cash(campaign.futures[who], f"Cumulative cash{name}")))
    if answer.get("partners"):
        says = "Under an unstable rule some coalition gains by leaving."
        found.append(_entry("Shares", says, shares(answer["partners"])))
    if campaign.base is not None:
        says = "Mass that leaves each place for the next, all windows together; the lesser of two ways is left out."
        found.append(_entry("Supply", says, network(campaign.base.plan.flights)))
    if answer.get("race"):
        found.append(_entry("Race", "Monte Carlo over windows, delays and failures.", first(answer["race"])))
    return found


def _entry(title: str, says: str, figure: Figure) -> dict[str, Any]:
    return {"title": title, "says": says, "figure": figure}


def document(campaign: Campaign, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The campaign as a page reads it: facts, flags, figures, tables, what is left out."""
    plans = answer["plans"]
    facts = {
        "relation": answer["relation"],
        "options": answer["options"],
        "law": answer["law"]["rule"],
        "recommended_slack_d": answer["slack"]["recommended_d"],
        **{f"npv_usd ({p['party']})": p["npv_usd"] for p in plans},
    }
    keys = ("project", "craft", "depart_tdb", "end_tdb", "delta_v_km_s", "lift_kg", "delivered_kg_mean", "status")
    missions = [{"party": p["party"], **{k: m[k] for k in keys}} for p in plans for m in p["missions"]]
    tables = [{"title": "Missions", "rows": missions}]
    tables += [{"title": "Launches", "rows": [{"party": p["party"], **row} for p in plans for row in p["launches"]]}]
    tables += [{"title": "Sources of the hardware", "rows": answer["sources"]}]
    flags = [] if all(p["proven"] for p in plans) else ["feasible, not proven"]
    notes = [*(f"assumption: {text}" for text in answer["assumptions"]), *answer["leaves_out"]]
    return {
        "title": answer["title"],
        "facts": facts,
        "flags": flags,
        "figures": every(campaign, answer),
        "tables": tables,
        "notes": notes,
    }
