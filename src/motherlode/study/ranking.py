"""Tables of a hunt: what the stages found, as rows; and the ranked one that people read first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from motherlode.access.roundtrip import RoundTrip
from motherlode.economy.value import Trip, Value
from motherlode.prospect.deposit import Deposit
from motherlode.study import answers
from motherlode.study.config import Study
from motherlode.tables import Table
from motherlode.units import KG, TONNE

NAN: Final = float("nan")
LABELS: Final = ("p05", "p16", "p50", "p84", "p95", "mean")
HELD: Final = (
    "diameter_m",
    "mass_kg",
    "period_h",
    "density_kg_m3",
    "water_kg",
    "carbon_kg",
    "nitrogen_kg",
    "metal_kg",
    "iron_kg",
    "nickel_kg",
    "cobalt_kg",
    "gold_kg",
    "silicate_kg",
    "pgm_kg",
)
FOUR: Final = ("gross_in_situ_usd", "recoverable_usd", "market_absorbed_usd", "risk_adjusted_npv_usd")


def rows_to_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, type]) -> Table:
    """A table of rows in declared columns: float, int, bool or str; None becomes NaN or ""."""
    kinds: dict[type, Any] = {float: np.float64, int: np.int64, bool: np.bool_, str: object}
    blank: dict[type, Any] = {float: NAN, int: 0, bool: False, str: ""}
    return Table(
        {
            name: np.array(
                [blank[kind] if row.get(name) is None else kind(row[name]) for row in rows], dtype=kinds[kind]
            )
            for name, kind in columns.items()
        }
    )


TRIP: Final[dict[str, type]] = {
    "port": str,
    "row": int,
    "designation": str,
    "min_delta_v_km_s": float,
    "duration_d": float,
    "min_duration_d": float,
    "delta_v_at_min_duration_km_s": float,
    "n_trajectories": int,
    "depart_tdb": float,
    "arrive_tdb": float,
    "leave_tdb": float,
    "return_tdb": float,
    "c3_km2_s2": float,
    "departure_delta_v_km_s": float,
    "arrival_delta_v_km_s": float,
    "leaving_delta_v_km_s": float,
    "return_delta_v_km_s": float,
    "outbound_delta_v_km_s": float,
    "model": str,
}


def trips(port: str, found: Iterable[tuple[int, RoundTrip]]) -> Table:
    """Round trips of one port: a row an asteroid, NaN where no trip passes."""
    return rows_to_table([_trip(port, row, one) for row, one in found], TRIP)


def _trip(port: str, row: int, one: RoundTrip) -> dict[str, Any]:
    answer = {**one.summary(), "port": port, "row": row}
    if (best := one.best) is None:
        return answer
    return answer | {
        "depart_tdb": best.launch_tdb,
        "arrive_tdb": best.arrive_tdb,
        "leave_tdb": best.leave_tdb,
        "return_tdb": best.return_tdb,
        "c3_km2_s2": best.c3_km2_s2,
        "departure_delta_v_km_s": best.departure_km_s,
        "arrival_delta_v_km_s": best.arrival_km_s,
        "leaving_delta_v_km_s": best.leaving_km_s,
        "return_delta_v_km_s": best.return_km_s,
        "outbound_delta_v_km_s": best.departure_km_s + best.arrival_km_s,
    }


def deposits(found: Iterable[Deposit]) -> Table:
    """Percentiles of what each asteroid is and holds: a row an asteroid."""
    columns: dict[str, type] = {"designation": str, "likely_class": str, "likely_class_share": float}
    columns |= {f"{name}_{label}": float for name in HELD for label in LABELS}
    return rows_to_table([_deposit(one) for one in found], columns)


def _deposit(one: Deposit) -> dict[str, Any]:
    every = one.percentiles()
    likely, share = next(iter(one.class_fractions.items()))
    spread = {f"{name}_{label}": every[name][label] for name in HELD for label in LABELS}
    return {"designation": one.designation, "likely_class": likely, "likely_class_share": share, **spread}


VALUE: Final[dict[str, type]] = {
    "port": str,
    "row": int,
    "designation": str,
    "product": str,
    "place": str,
    "outbound_delta_v_km_s": float,
    "onward_delta_v_km_s": float,
    "stay_d": float,
    "onward_d": float,
    "depart_year": float,
    **{f"{name}_{label}": float for name in FOUR for label in LABELS},
    "probability_npv_positive": float,
    "cvar_05_usd": float,
    "cost_usd_p50": float,
    "delivered_kg_p50": float,
    "delivered_kg_mean": float,
    "parking_mass_kg": float,
    "plant_mass_kg": float,
    "price_usd_kg": float,
    "break_even_price_factor": float,
    "break_even_throughput_kg_d_kg": float,
    "method": str,
    "limits": str,
    "vintage": float,
}


def values(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The four values: a row a port, asteroid and business."""
    return rows_to_table(rows, VALUE)


def flat(worth: Value, legs: Trip) -> dict[str, Any]:
    """One business as one flat row."""
    row = worth.summary()
    spread = {f"{name}_{label}": stats[label] for name, stats in worth.percentiles().items() for label in LABELS}
    limits = row["limits"]
    words = (
        "; ".join(f"{name} {share:.0%}" for name, share in limits.items())
        if isinstance(limits, Mapping)
        else str(limits)
    )
    legs_row = {
        "outbound_delta_v_km_s": legs.outbound_delta_v_km_s,
        "onward_delta_v_km_s": legs.return_delta_v_km_s,
        "stay_d": legs.stay_d,
        "onward_d": legs.return_d,
        "depart_year": legs.depart_year,
    }
    return {**row, **spread, **legs_row, "limits": words}


RANKED: Final[dict[str, tuple[type, str]]] = {
    "rank": (int, "place in the list: least break-even price factor of the best business first"),
    "designation": (str, "number, or provisional designation"),
    "full_name": (str, "number, name and provisional designation"),
    "port": (str, "home port of the mission"),
    "min_delta_v_km_s": (float, "cheapest round trip, all burns"),
    "duration_d": (float, "how long that trip takes"),
    "depart_tdb": (float, "when it departs, TDB s past J2000"),
    "min_duration_d": (float, "shortest trip within the rules"),
    "n_trajectories": (int, "trips on the lattice that keep the rules"),
    "diameter_m_p05": (float, "diameter, 5 per cent"),
    "diameter_m_p50": (float, "diameter, median"),
    "diameter_m_p95": (float, "diameter, 95 per cent"),
    "mass_t_p50": (float, "mass, median"),
    "likely_class": (str, "most likely class"),
    "product": (str, "product of the best business"),
    "place": (str, "where it is sold"),
    "gross_in_situ_usd_p50": (float, "all of the product in the rock at today's price: what headlines quote"),
    "recoverable_usd_p50": (float, "what one mission brings, at today's price"),
    "market_absorbed_usd_p50": (float, "what the market pays for that"),
    "risk_adjusted_npv_usd_p05": (float, "net present value with failures and costs, 5 per cent"),
    "risk_adjusted_npv_usd_p50": (float, "net present value with failures and costs, median"),
    "risk_adjusted_npv_usd_p95": (float, "net present value with failures and costs, 95 per cent"),
    "break_even_price_factor": (
        float,
        "how many times today's prices the mission needs to pay for itself; below 1 it does",
    ),
    "probability_npv_positive": (float, "share of the samples that earn more than they cost"),
    "capture_rank": (
        int,
        "place among those of the list that can be brought whole: least Δv first; 0 where none was looked for",
    ),
    "capture_destination": (str, "cheapest place to bring the whole rock to"),
    "capture_way": (str, "how: stable manifold of a libration-point orbit, or Lambert return"),
    "capture_delta_v_m_s": (float, "what that takes, planned: two-body orbits, impulses"),
    "capture_depart_tdb": (float, "first burn on the rock, TDB s past J2000"),
    "capture_flight_d": (float, "from there to the arrival"),
    "capture_max_mass_t": (float, "heaviest rock that the tug moves that way"),
    "capture_fits": (bool, "whether the median mass is within that"),
    "capture_label": (str, "warning that stands beside the capture figures"),
    "u_code": (str, "orbit uncertainty, 0 best to 9"),
    "h_mag": (float, "absolute magnitude"),
    "orbit_class": (str, "orbit class"),
    "flags": (str, "what to be wary of"),
}


def ranked(study: Study, tables: Mapping[str, Table]) -> Table:
    """One row a port and asteroid, the best business of each, best first.

    The measure is how many times today's prices a business needs to pay for itself: unlike the NPV itself, it does
    not prefer a mission that brings nothing to one that brings something. Ties are ordered by
    Δv, then by the row in the catalogue, so that the order is one.
    """
    best = _best_businesses(tables["values"])
    caught = _best_captures(tables["captures"])
    held = {name: k for k, name in enumerate(tables["deposits"]["designation"])}
    rows = []
    for trip in tables["search"].rows():
        if trip["min_delta_v_km_s"] is None or (trip["port"], trip["row"]) not in best:
            continue
        facts = tables["asteroids"].row(trip["row"])
        row = {
            **facts,
            **trip,
            **tables["deposits"].row(held[trip["designation"]]),
            **best[trip["port"], trip["row"]],
        }
        rows.append(row | caught.get(trip["row"], {}) | {"flags": "; ".join(answers.flags(facts))})
    rows.sort(key=lambda row: (row["break_even_price_factor"], row["min_delta_v_km_s"], row["row"], row["port"]))
    for place, row in enumerate(rows, start=1):
        row |= {"rank": place, "mass_t_p50": row["mass_kg_p50"] * KG / TONNE}
        row["capture_fits"] = row.get("capture_max_mass_t", 0.0) >= row["mass_t_p50"]
    _rank_captures(rows, caught)
    return rows_to_table(rows, {name: kind for name, (kind, _) in RANKED.items()})


def _rank_captures(rows: list[dict[str, Any]], caught: Mapping[int, Mapping[str, Any]]) -> None:
    """Give every row the place of its asteroid among the captures of the list."""
    here = sorted({row["row"] for row in rows if row["row"] in caught})
    order = sorted(here, key=lambda row: (caught[row]["capture_delta_v_m_s"], row))
    place = {row: k for k, row in enumerate(order, start=1)}
    for row in rows:
        row["capture_rank"] = place.get(row["row"], 0)


def _best_businesses(table: Table) -> dict[tuple[str, int], dict[str, Any]]:
    best: dict[tuple[str, int], dict[str, Any]] = {}
    for row in table.rows():
        key = row["port"], row["row"]
        if key not in best or row["break_even_price_factor"] < best[key]["break_even_price_factor"]:
            best[key] = row
    return best


def _best_captures(table: Table) -> dict[int, dict[str, Any]]:
    best: dict[int, dict[str, Any]] = {}
    for row in table.rows():
        if row["delta_v_m_s"] is None:
            continue
        if row["row"] not in best or row["delta_v_m_s"] < best[row["row"]]["capture_delta_v_m_s"]:
            best[row["row"]] = {
                "capture_destination": row["destination"],
                "capture_way": row["way"],
                "capture_depart_tdb": row["depart_tdb"],
                "capture_flight_d": row["flight_d"],
                "capture_delta_v_m_s": row["delta_v_m_s"],
                "capture_max_mass_t": row["max_mass_t"],
                "capture_label": row["label"],
            }
    return best
