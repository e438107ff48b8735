"""JPL's small-body database: answers of the query service (many bodies) and of the lookup service (one body).

https://ssd-api.jpl.nasa.gov/doc/sbdb_query.html and sbdb.html. Epochs are TDB, elements ecliptic J2000.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from motherlode.catalogue import answers
from motherlode.catalogue.designations import provisional
from motherlode.catalogue.measurement import Measurement
from motherlode.constants import G_KM3_KG_S2
from motherlode.epochs import MJD_OFFSET
from motherlode.errors import BadSource
from motherlode.tables import Table

# Query field -> our column; what is not listed stays as text under its own name.
FIELDS: Final = {
    "H": "h_mag", "G": "g_slope", "H_sigma": "h_sigma_mag", "epoch": "epoch_jd_tdb", "e": "eccentricity",
    "a": "semi_major_axis_au", "q": "perihelion_au", "ad": "aphelion_au", "i": "inclination_deg", "om": "node_deg",
    "w": "perihelion_argument_deg", "ma": "mean_anomaly_deg", "tp": "perihelion_jd_tdb", "per": "period_d",
    "per_y": "period_yr", "n": "mean_motion_deg_d", "moid": "moid_au", "moid_jup": "moid_jupiter_au",
    "t_jup": "tisserand_jupiter", "data_arc": "arc_d", "n_obs_used": "n_observations", "rms": "rms_arcsec",
    "A1": "a1_au_d2", "A2": "a2_au_d2", "A3": "a3_au_d2", "DT": "perihelion_offset_d", "diameter": "diameter_km",
    "diameter_sigma": "diameter_sigma_km", "albedo": "albedo", "rot_per": "period_h", "GM": "gm_km3_s2",
    "density": "density_g_cm3",
}  # fmt: skip
_FULL_NAME = re.compile(r"^\s*(?:(\d+)\s*)?([^()]*?)\s*(?:\(([^()]*)\))?\s*$")
# SBDB parameter -> our quantity, for values that are numbers and for values that are text.
PHYSICAL: Final = {
    "diameter": "diameter_km", "albedo": "albedo", "rot_per": "period_h", "density": "density_g_cm3",
    "I": "thermal_inertia_si",
}  # fmt: skip
DESCRIPTIVE: Final = {"extent": "extent_km", "pole": "pole_radec_deg", "spec_B": "taxonomy", "spec_T": "taxonomy"}


def query(data: bytes) -> Table:
    """Bodies of a query answer: ``number``, ``name``, ``provisional`` and every field, numbers in our units.

    data     bytes of the JSON answer, as received
    raises   BadSource
    """
    columns = answers.table(answers.document(data, "SBDB query"), "SBDB query")
    named = {FIELDS.get(key, key): column for key, column in columns.items()}
    known = set(FIELDS.values())
    typed = {key: answers.numbers(c) if key in known else answers.words(c) for key, c in named.items()}
    if "epoch_mjd" in columns:
        typed["epoch_jd_tdb"] = answers.numbers(columns["epoch_mjd"]) + MJD_OFFSET
    return Table({**_identity(columns), **typed})


def _identity(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    names = columns.get("full_name", columns.get("pdes"))
    if names is None:
        raise BadSource("SBDB query: the answer names no body; ask for the field full_name or pdes")
    parts = [name_parts(name or "") for name in names]
    keys = ("number", "name", "provisional")
    return {key: np.array([part[i] for part in parts], dtype=object if i else int) for i, key in enumerate(keys)}


def name_parts(full_name: str) -> tuple[int, str, str]:
    """Number (0 if none), name and provisional designation of ``101955 Bennu (1999 RQ36)`` or ``(2022 OB5)``."""
    if (plain := provisional(full_name)) is not None:
        return 0, "", plain
    found = _FULL_NAME.match(full_name)
    if found is None:
        return 0, full_name.strip(), ""
    number, name, inside = found.groups()
    return int(number) if number and len(number) < 10 else 0, name or "", provisional(inside or "") or (inside or "")


def measured(bodies: Table, source: str) -> Iterator[Measurement]:
    """The measured values in a query answer, one by one, all with the same source."""
    for row in bodies.rows():
        for quantity in (*PHYSICAL.values(), "extent"):
            value = row.get(quantity)
            if isinstance(value, float):
                yield Measurement(row["number"], row["provisional"], quantity, value, source=source)
            elif value:
                name = f"{quantity}_km"
                yield Measurement(row["number"], row["provisional"], name, text=str(value), source=source)


@dataclass(frozen=True)
class SmallBody:
    """One body of a lookup answer: who it is, its orbit with errors, covariance, non-gravitational terms, physics.

    ``elements`` and ``sigmas`` carry SBDB's names (e a q i om w ma tp per n ad; au, deg, TDB). ``covariance`` belongs
    to ``covariance_elements`` at ``covariance_epoch_jd_tdb``, in the order of ``covariance_labels``: an epoch and a
    set of its own.
    """

    number: int
    name: str
    provisional: str
    spk_id: int
    orbit_class: str
    orbit_id: str
    epoch_jd_tdb: float
    elements: dict[str, float]
    sigmas: dict[str, float]
    condition_code: str = ""
    covariance_epoch_jd_tdb: float = float("nan")
    covariance_labels: tuple[str, ...] = ()
    covariance: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    covariance_elements: dict[str, float] = field(default_factory=dict)
    nongravitational: dict[str, float] = field(default_factory=dict)
    measurements: tuple[Measurement, ...] = ()


def lookup(data: bytes) -> SmallBody:
    """The body of a lookup answer.

    data     bytes of the JSON answer, as received
    raises   BadSource, also where several bodies match (HTTP 300) or none does
    """
    answer = answers.document(data, "SBDB lookup")
    body, orbit = answer.get("object"), answer.get("orbit")
    if not isinstance(body, dict) or not isinstance(orbit, dict):
        several = ", ".join(str(item.get("pdes")) for item in answers.objects(answer.get("list")))
        raise BadSource(f"SBDB lookup: no single body in the answer{f'; it offers {several}' if several else ''}")
    number, name, other = name_parts(str(body.get("fullname") or body.get("des") or ""))
    elements = _values(orbit.get("elements"))
    return SmallBody(
        number=number,
        name=name,
        provisional=other,
        spk_id=_whole(body.get("spkid")),
        orbit_class=str(answers.mapping(body.get("orbit_class")).get("code") or ""),
        orbit_id=str(orbit.get("orbit_id") or ""),
        epoch_jd_tdb=answers.number(orbit.get("epoch")),
        elements=elements,
        sigmas=_values(orbit.get("elements"), "sigma"),
        condition_code=str(orbit.get("condition_code") or ""),
        nongravitational=_values(orbit.get("model_pars")),
        measurements=tuple(_measurements(number, other, answer.get("phys_par"))),
        **_covariance(orbit.get("covariance")),
    )


def _values(items: Any, key: str = "value") -> dict[str, float]:
    found = {str(i.get("name")): answers.number(i.get(key)) for i in answers.objects(items)}
    return {name: value for name, value in found.items() if not isnan(value)}


def _whole(value: Any) -> int:
    found = answers.number(value)
    return 0 if isnan(found) else int(found)


def _covariance(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        return {}
    labels, rows = given.get("labels"), given.get("data")
    labels = tuple(map(str, labels)) if isinstance(labels, list) else ()
    if not isinstance(rows, list) or any(not isinstance(r, list) or len(r) != len(labels) for r in rows):
        raise BadSource("SBDB lookup: the covariance is no square matrix of its labels")
    matrix = np.array([answers.numbers(row) for row in rows])
    if matrix.shape != (len(labels), len(labels)) or np.isnan(matrix).any():
        raise BadSource("SBDB lookup: the covariance is no square matrix of numbers")
    return {
        "covariance_epoch_jd_tdb": answers.number(given.get("epoch")),
        "covariance_labels": labels,
        "covariance": matrix,
        "covariance_elements": _values(given.get("elements")),
    }


def _measurements(number: int, other: str, parameters: Any) -> Iterator[Measurement]:
    """Physical parameters as measurements; GM as mass, both spectral types as taxonomy, Bus before Tholen."""
    given = {str(p.get("name")): p for p in answers.objects(parameters)}
    for name, quantity in {**PHYSICAL, "GM": "mass_kg", **DESCRIPTIVE}.items():
        if name not in given:
            continue
        parameter = given[name]
        value, sigma = (answers.number(parameter.get(key)) for key in ("value", "sigma"))
        source = f"SBDB: {parameter.get('ref') or 'no reference'}"
        if name in DESCRIPTIVE:
            yield Measurement(number, other, quantity, text=str(parameter.get("value") or ""), source=source)
        elif not isnan(value):
            scale = 1 / G_KM3_KG_S2 if name == "GM" else 1.0
            yield Measurement(number, other, quantity, value * scale, sigma * scale, source=source)
