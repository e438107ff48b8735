"""A worked campaign as one plain document: keys with units, dates in ISO, all assumptions and all left out."""

from typing import Any, Final

import numpy as np

from motherlode import epochs
from motherlode.campaign import games, law, parties, plan, race, risk
from motherlode.campaign.answer import Campaign
from motherlode.campaign.options import Option
from motherlode.campaign.plan import Plan
from motherlode.campaign.settings import Settings
from motherlode.economy import market
from motherlode.units import TONNE

LEAVES_OUT: Final = (
    *plan.LEAVES_OUT,
    "asteroids move on two-body orbits; a burn date needs the n-body flight before anyone builds for it",
    "politics enter only as sharing rules, claims and dates of law",
)


def document(campaign: Campaign) -> dict[str, Any]:
    """The answer as one JSON-able document, keys with units, dates in ISO (TDB)."""
    settings = campaign.settings
    answer: dict[str, Any] = {
        "title": settings.title,
        "relation": settings.relation,
        "first_tdb": epochs.iso(settings.first_tdb),
        "last_tdb": epochs.iso(settings.last_tdb),
        "law": _law(settings),
        "options": len(campaign.problem.rows),
        "plans": [_plan(who, found, campaign.futures[who]) for who, found in campaign.plans],
        "careful": _plan("all", campaign.careful, None) if campaign.careful else None,
        "slack": risk.slack(settings.hazards, seed=campaign.seed),
        "partners": _partners(campaign),
        "race": campaign.contest.summary() if campaign.contest else None,
        "game": campaign.game,
        "waiting": _wait(campaign.waiting),
        "entry": _entry(campaign),
        "supply": campaign.base.summary() if campaign.base else None,
        "windows": [w.summary() for w in campaign.launch_windows],
        "sources": [dict(source) for source in settings.sources],
        "assumptions": [*settings.assumptions, *_assumed(campaign)],
        "leaves_out": list(LEAVES_OUT),
        "solver": _solver(campaign),
    }
    return answer


def _plan(who: str, found: Plan, futures: risk.Futures | None) -> dict[str, Any]:
    return {
        "party": who,
        "status": found.status,
        "proven": found.proven,
        "gap": found.gap,
        "objective": found.objective,
        "bound": found.bound,
        "missions": [_mission(row) for row in found.chosen],
        "launches": list(found.launches.rows()),
        "lift_kg": found.lift_kg,
        "delivered_kg": {f"{product} to {place}": kg for (product, place), kg in found.delivered_kg.items()},
        "npv_usd": _spread(found.npv_usd),
        "worst_tenth_usd": found.worst_share_usd(0.10),
        "risk": futures.summary() if futures else None,
    }


def _spread(samples: Any) -> dict[str, float]:
    low, middle, high = np.percentile(samples, [5, 50, 95])
    return {"p05": float(low), "p50": float(middle), "p95": float(high), "mean": float(np.mean(samples))}


def _mission(row: Option) -> dict[str, Any]:
    summary = row.summary()
    for key in ("depart_tdb", "arrive_tdb", "end_tdb"):
        summary[key] = epochs.iso(summary[key])
    return summary | {"notes": [note for note in row.notes if note]}


def _law(settings: Settings) -> dict[str, Any]:
    acts = law.in_force(settings.first_tdb)
    rule = law.rule(settings.first_tdb, assumed=settings.legal_rule)
    return {"rule": rule, "assumed": settings.legal_rule is not None, "acts": [act.text for act in acts]}


def _partners(campaign: Campaign) -> dict[str, Any] | None:
    if campaign.sampled is not None:
        return _drawn(campaign.sampled, campaign.settings)
    if campaign.bargain is None:
        return None
    answer = campaign.bargain.summary()
    whole = campaign.best.get("all")
    if whole is not None:
        shares = campaign.bargain.shares_usd["nucleolus"]
        answer["product_split"] = parties.product_split(whole, campaign.settings.parties, shares)
    answer["in_kind"] = {
        party.name: parties.in_kind(campaign.problem, campaign.settings.parties, party.name)
        for party in campaign.settings.parties
        if party.in_kind
    }
    return answer


def _drawn(found: games.Sampled, settings: Settings) -> dict[str, Any]:
    """Sampled shares in the form of the exact ones; what needs every coalition is not known."""
    names = [party.name for party in settings.parties]
    rule: dict[str, Any] = {"rule": "shapley, sampled", "shares_usd": dict(zip(names, map(float, found.shares)))}
    rule |= {"errors_usd": dict(zip(names, map(float, found.errors))), "orders": found.orders}
    rule |= {"stay_usd": None, "stable": None, "blocking": None}
    value = float(found.shares.sum())
    return {
        "parties": names,
        "value_usd": value,
        "tension_usd": None,
        "core": "not known",
        "rules": [rule],
        "splits": [],
    }


def _entry(campaign: Campaign) -> list[dict[str, Any]]:
    """What a rival that brings as much as the plan would do to each of its markets."""
    rows = []
    for who, found in campaign.plans:
        for (product, place), kg in found.delivered_kg.items():
            yearly = kg / found.problem.rules.sell_years
            lost = _lost(product, place, yearly, campaign)
            if lost is not None:
                rows.append({"party": who, "product": product, "place": place, "revenue_lost": lost})
    return rows


def _lost(product: str, place: str, yearly_kg: float, campaign: Campaign) -> float | None:
    """Share of the revenue that a second seller of the same size takes; None where nothing is known of the market."""
    if place == "earth":
        metals = market.Market.of(float(epochs.year(campaign.settings.first_tdb))).metals
        metal = metals["platinum" if product == "pgm" else "nickel"]
        depth = {"elasticity": metal.elasticity, "withdrawn": metal.withdrawal}
        return race.entry(metal.usd_kg, metal.supply_kg, yearly_kg, yearly_kg, **depth).revenue_lost
    known = place in market.PLACES
    packaged = market.place(place).caps_t.get(product, np.inf) * TONNE if known else np.inf
    cap = campaign.problem.rules.caps_kg.get((product, place), packaged)
    return race.capped_entry(yearly_kg, yearly_kg, cap) if np.isfinite(cap) else None


def _wait(found: race.Wait | None) -> dict[str, Any] | None:
    return {"value_usd": found.value_usd.tolist(), "go": found.go.tolist()} if found else None


def _assumed(campaign: Campaign) -> list[str]:
    """What the rows flown and the hardware assume."""
    rows = [row for _, found in campaign.plans for row in found.chosen if row.status == "assumed"]
    words = {row.project: "; ".join(filter(None, row.notes)) or "as the study states it" for row in rows}
    flown = [f"mission {project}: {text}" for project, text in sorted(words.items())]
    marked = [
        f"{s['item']}: {s['status']}" for s in campaign.settings.sources if s["status"].startswith("assumption")
    ]
    return [*flown, *marked]


def _solver(campaign: Campaign) -> dict[str, Any]:
    settings, model = campaign.settings, campaign.problem.model
    rows, cols = model.shape
    return {
        "name": "HiGHS through SciPy",
        "seed": campaign.seed,
        "time_limit_s": settings.time_limit_s,
        "gap_asked": settings.gap,
        "rows": rows,
        "columns": cols,
        "integers": model.integers,
    }
