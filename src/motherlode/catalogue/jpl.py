"""JPL's tables of close approaches (CAD), accessible asteroids (NHATS) and missions (Mission Design), as tables.

https://ssd-api.jpl.nasa.gov/doc/cad.html, nhats.html, mdesign.html. Columns depend on what was asked: they are read
by name; unknown ones stay as text.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.catalogue import answers
from motherlode.epochs import MJD_OFFSET
from motherlode.errors import BadSource
from motherlode.tables import Table

CAD: Final = {
    "jd": "epoch_jd_tdb", "dist": "distance_au", "dist_min": "distance_min_au", "dist_max": "distance_max_au",
    "v_rel": "v_relative_km_s", "v_inf": "v_infinity_km_s", "h": "h_mag", "diameter": "diameter_km",
    "diameter_sigma": "diameter_sigma_km",
}  # fmt: skip
NHATS: Final = {
    "h": "h_mag", "min_size": "min_size_m", "max_size": "max_size_m", "size": "size_m", "size_sigma": "size_sigma_m",
    "occ": "condition_code", "n_via_traj": "n_trajectories", "obs_mag": "v_mag",
}  # fmt: skip
TRAJECTORY: Final = {
    "dv_total": "delta_v_km_s", "dur_total": "duration_d", "dur_out": "outbound_d", "dur_at": "stay_d",
    "dur_ret": "return_d", "c3": "c3_km2_s2", "v_dep_earth": "v_infinity_depart_km_s",
    "dv_dep_park": "delta_v_depart_km_s", "vrel_arr_neo": "v_arrive_asteroid_km_s",
    "vrel_dep_neo": "v_depart_asteroid_km_s", "vrel_arr_earth": "v_infinity_arrive_km_s",
    "v_arr_earth": "v_entry_km_s", "dec_dep": "declination_depart_deg", "dec_arr": "declination_arrive_deg",
}  # fmt: skip
MISSION: Final = {
    "MJD0": "depart_jd_tdb", "mjd0": "depart_jd_tdb", "MJDF": "arrive_jd_tdb", "MJDf": "arrive_jd_tdb",
    "c3_dep": "c3_km2_s2", "vinf_dep": "v_infinity_depart_km_s", "vinf_arr": "v_infinity_arrive_km_s",
    "dv_tot": "delta_v_km_s", "tof": "flight_d", "H": "h_mag", "phase_ang": "phase_angle_deg",
    "earth_dist": "earth_distance_au", "elong_arr": "elongation_deg", "decl_dep": "declination_depart_deg",
    "approach_ang": "approach_angle_deg",
}  # fmt: skip


def close_approaches(data: bytes) -> Table:
    """Close approaches of a CAD answer: ``des``, ``epoch_jd_tdb``, ``distance_au`` with its 3-sigma range, speeds.

    data     bytes as received; an answer without matches is an empty table
    raises   BadSource
    """
    answer = answers.document(data, "CAD")
    if "data" not in answer and answers.number(answer.get("count")) == 0:
        return Table({name: np.empty(0) for name in ("des", *CAD.values())})
    return _typed(answers.table(answer, "CAD"), CAD)


def nhats(data: bytes) -> Table:
    """Accessible asteroids of an NHATS summary answer, with the two extreme trajectories of each.

    returns  ``des``, ``min_delta_v_km_s`` at ``duration_d``, ``min_duration_d`` at ``delta_v_at_min_duration_km_s``,
             ``n_trajectories``, sizes in m, ...
    raises   BadSource
    """
    rows: Any = answers.document(data, "NHATS").get("data")
    columns = answers.records(rows, "NHATS")
    return _typed(_extremes(columns, len(rows)), NHATS | {name: name for name in _EXTREMES})


_EXTREMES: Final = {
    "min_delta_v_km_s": ("min_dv", "dv"), "duration_d": ("min_dv", "dur"),
    "delta_v_at_min_duration_km_s": ("min_dur", "dv"), "min_duration_d": ("min_dur", "dur"),
}  # fmt: skip


def _extremes(columns: dict[str, NDArray[Any]], rows: int) -> dict[str, NDArray[Any]]:
    """Take the nested pairs ``min_dv`` and ``min_dur`` apart; None where an answer lacks them."""
    plain = {name: column for name, column in columns.items() if name not in {"min_dv", "min_dur"}}
    for name, (pair, key) in _EXTREMES.items():
        parsed = [answers.nested(text).get(key) for text in columns.get(pair, [None] * rows)]
        plain[name] = answers.text(parsed)
    return plain


def nhats_object(data: bytes) -> dict[str, Any]:
    """One asteroid of an NHATS answer: its summary values and ``min_delta_v`` and ``min_duration`` trajectories.

    raises  BadSource
    """
    answer = answers.document(data, "NHATS")
    if "min_dv_traj" not in answer or "min_dur_traj" not in answer:
        raise BadSource("NHATS: no trajectories in the answer; ask for one asteroid with des=")
    summary = {k: [v] for k, v in answer.items() if not k.endswith("_traj") and k not in {"signature", "plot_base64"}}
    columns = _extremes({name: answers.text(value) for name, value in summary.items()}, 1)
    row = _typed(columns, NHATS | {name: name for name in _EXTREMES}).row(0)
    return row | {
        "min_delta_v": _trajectory(answer["min_dv_traj"]),
        "min_duration": _trajectory(answer["min_dur_traj"]),
    }


def _trajectory(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadSource("NHATS: a trajectory is no object")
    return _typed(answers.records([given], "NHATS"), TRAJECTORY).row(0)


def missions(data: bytes) -> Table:
    """Missions of a Mission Design answer (modes A and Q), whether its rows stand under ``data`` or ``records``.

    returns  ``name``, ``depart_jd_tdb``, ``arrive_jd_tdb``, ``c3_km2_s2``, speeds in km/s, ``flight_d``, ...
    raises   BadSource
    """
    answer = answers.document(data, "Mission Design")
    rows = answer.get("data", answer.get("records", answer.get("selectedMissions")))
    if isinstance(rows, list) and rows and isinstance(rows[0], dict):
        columns = answers.records(rows, "Mission Design")
    else:
        columns = answers.table({"fields": answer.get("fields"), "data": rows}, "Mission Design")
    table = _typed(columns, MISSION)
    dates = {name: table[name] + MJD_OFFSET for name in ("depart_jd_tdb", "arrive_jd_tdb") if name in table}
    return table.with_columns(**dates)


def mission_map(data: bytes) -> dict[str, NDArray[np.float64]]:
    """Grid of a Mission Design answer (mode M).

    returns  ``depart_jd_tdb`` (n,), ``flight_d`` (m,), and every n × m or m × n array of the answer by its name
    raises   BadSource
    """
    answer = answers.document(data, "Mission Design")
    depart, flight = (answers.numbers(answer.get(key) or []) for key in ("dep_date", "tof"))
    grids: dict[str, NDArray[np.float64]] = {}
    for name, value in answer.items():
        if isinstance(value, list) and value and isinstance(value[0], list):
            if len({len(row) if isinstance(row, list) else -1 for row in value}) != 1:
                raise BadSource(f"Mission Design: the map {name} is ragged")
            grids[name] = np.array([answers.numbers(row) for row in value])
    if not depart.size or not flight.size or not grids:
        raise BadSource("Mission Design: no map in the answer; ask for mjd0, span, tof-min, tof-max and step")
    wrong = [k for k, g in grids.items() if set(g.shape) != {depart.size, flight.size}]
    if wrong:
        raise BadSource(f"Mission Design: the map {wrong[0]} has not the size of its axes")
    return {"depart_jd_tdb": depart + (MJD_OFFSET if depart.max() < 1e6 else 0.0), "flight_d": flight, **grids}


def _typed(columns: dict[str, NDArray[Any]], names: dict[str, str]) -> Table:
    """Our names and numbers for the fields that we know, text under their own names for the rest."""
    return Table(
        {names.get(key, key): (answers.numbers if key in names else answers.words)(c) for key, c in columns.items()}
    )
