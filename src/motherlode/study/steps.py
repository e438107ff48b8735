"""The line on one page: catalogue, bounds, screen, round trips, capture, deposits, values, ranking.

Each step takes tables and gives one table; it is cut into pieces that any worker can do, in any order, with the same
outcome. This is the one file that knows every stage: read it first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from motherlode.access import apsides, bounds, ports, survey
from motherlode.access.rules import Rules
from motherlode.capture import destinations, gateway, retrieval, tow
from motherlode.catalogue import designations, orbits, physical, snapshot
from motherlode.economy import market, value
from motherlode.ephemeris import almanac
from motherlode.errors import NoSolution
from motherlode.prospect import deposit, size
from motherlode.study import answers, delivery, named, parquet, ranking, retrieval_dates, store
from motherlode.study.config import Study
from motherlode.tables import Table
from motherlode.units import DAY, DEG

Piece = dict[str, Any]  # what one chunk of a step is about: plain values
Tables = Mapping[str, Table]


@dataclass(frozen=True)
class Step:
    """One step of the line.

    reads   parts of the study that decide its outcome
    takes   steps whose tables it needs
    pieces  cuts the step into chunks
    work    does one chunk
    """

    name: str
    title: str
    reads: tuple[str, ...]
    takes: tuple[str, ...]
    pieces: Callable[[Study, Tables], list[Piece]]
    work: Callable[[Study, Tables, Piece], Table]


def whole(study: Study, tables: Tables) -> list[Piece]:
    """A step that is one piece."""
    return [{}]


# 1. Which asteroids exist, and what an orbit alone says about reaching them.

KEPT: Final = (
    "designation",
    "full_name",
    "orbit_class",
    "h_mag",
    "u_code",
    "n_oppositions",
    "one_opposition",
    "arc_d",
    "stale_epoch",
    "pha",
    "epoch_jd_tt",
    "semi_major_axis_au",
    "eccentricity",
    "inclination_deg",
    "node_deg",
    "perihelion_argument_deg",
    "mean_anomaly_deg",
    "perihelion_au",
    "period_yr",
)
MEASURED: Final = (
    "diameter_km",
    "diameter_sigma_km",
    "albedo",
    "albedo_sigma",
    "taxonomy",
    "period_h",
    "density_g_cm3",
    "density_sigma_g_cm3",
    "mass_kg",
)


def asteroids(study: Study, tables: Tables, piece: Piece) -> Table:
    """The asteroids that the study looks at, with what is measured and the phase-free bounds."""
    known = snapshot.load()
    if study.catalogue.asteroids:
        known = known.take([designations.find(name, known) for name in dict.fromkeys(study.catalogue.asteroids)])
    table = Table({name: known[name] for name in KEPT})
    values = physical.known(known)
    table = table.with_columns(**{name: values[name] for name in MEASURED if name in values})
    a, e, i = table["semi_major_axis_au"], table["eccentricity"], table["inclination_deg"] * DEG
    two_burn = {f"two_burn_{home}_km_s": sum(apsides.two_burn(a, e, i, au)) for home, au in answers.HOME_AU.items()}
    table = table.with_columns(shoemaker_helin_km_s=bounds.shoemaker_helin(a, e, i), **two_burn)
    return table.with_columns(selected=selected(study, table))


def selected(study: Study, table: Table) -> Any:
    """Which rows the study's own limits let through; a missing U counts as 9, a missing H fails."""
    limits = study.catalogue
    u = np.array([int(code) if str(code).isdigit() else 9 for code in table["u_code"]])
    with np.errstate(invalid="ignore"):
        bright = (table["h_mag"] <= limits.h_at_most) | np.isfinite(table["diameter_km"])
        return (
            (u <= limits.u_at_most) & bright & (table["arc_d"] >= limits.arc_at_least_d) & (table["eccentricity"] < 1)
        )


def near(study: Study, table: Table, port: str) -> Any:
    """Rows within a port's bound: Shoemaker-Helin for the Earth, two burns from the planet's orbit elsewhere."""
    if ports.find(port).body == "earth":
        close = table["shoemaker_helin_km_s"] <= study.access.shoemaker_helin_below_km_s
    else:
        close = table[f"two_burn_{ports.find(port).body}_km_s"] <= study.access.hohmann_below_km_s
    return np.flatnonzero(table["selected"] & close)


# 2. Round trips: all that are near and could pass, integrated, on the exact lattice; then the legs of the cheapest.

MEAN_ALBEDO: Final = 0.14  # of near-Earth asteroids; Stuart & Binzel 2004
# A chunk is so large that writing and acknowledging it (20 ms) takes less than 2 % of the work of first light.
SCREENED_AT_ONCE: Final = 192
SEARCHED_AT_ONCE: Final = 16
SAMPLED_AT_ONCE: Final = 64
VALUED_AT_ONCE: Final = 16


def rules_of(study: Study) -> Rules:
    """The round-trip rules of a study: the lattice of NHATS with its own window and limits."""
    limits = study.access
    first, last = limits.window.span
    return Rules(
        first_launch_tdb=first,
        last_launch_tdb=last,
        shortest_stay_s=max(limits.stay_at_least_d, 8.0) * DAY,
        longest_s=limits.duration_below_d * DAY,
        most_delta_v_km_s=limits.delta_v_below_km_s,
        name=study.name,
    )


def screen_pieces(study: Study, tables: Tables) -> list[Piece]:
    """Every port with its near asteroids, some at a time."""
    return [
        {"port": port, "rows": rows}
        for port in study.access.ports
        for rows in cut(near(study, tables["asteroids"], port), SCREENED_AT_ONCE)
    ]


def screen(study: Study, tables: Tables, piece: Piece) -> Table:
    """The round trips of each asteroid: those that could pass are integrated and searched on the exact lattice."""
    port = ports.find(piece["port"])
    rows = np.array(piece["rows"], dtype=np.int64)
    near_ones = tables["asteroids"].take(rows if len(rows) else [0])  # one that does not count keeps the columns
    named.home(port)
    found = survey.roundtrips(
        orbits.of(near_ones), almanac.load(), port.body, port, rules_of(study),
        u_code=list(near_ones["u_code"]), h_mag=near_ones["h_mag"],
    )  # fmt: skip
    return Table({"port": text(port.name, len(rows)), "row": rows, **found.take(np.arange(len(rows))).columns})


def search_pieces(study: Study, tables: Tables) -> list[Piece]:
    """The cheapest of each port's screen, and the cheapest of those large enough to mine."""
    found, limits = tables["screen"], study.access
    wide = large(tables["asteroids"], limits.large_m)[found["row"]]
    pieces = []
    for port in limits.ports:
        mine = found["port"] == port
        chosen = {*cheapest(found, mine, limits.screened), *cheapest(found, mine & wide, limits.screened_large)}
        pieces += [{"port": port, "rows": rows} for rows in cut(sorted(chosen), SEARCHED_AT_ONCE)]
    return pieces


def cheapest(table: Table, rows: Any, count: int) -> list[int]:
    """Catalogue rows of the cheapest trips among those rows of a table; ties go to the lower row."""
    mine = np.flatnonzero(rows & np.isfinite(table["min_delta_v_km_s"]))
    order = np.lexsort((table["row"][mine], table["min_delta_v_km_s"][mine]))
    return [int(row) for row in table["row"][mine[order][:count]]]


def large(asteroids: Table, least_m: float) -> Any:
    """Which asteroids are at least that wide: measured, or from H at the mean albedo of near-Earth asteroids."""
    from_h = size.diameter_km(asteroids["h_mag"], MEAN_ALBEDO)
    return np.where(np.isfinite(asteroids["diameter_km"]), asteroids["diameter_km"], from_h) * 1000 >= least_m


def search(study: Study, tables: Tables, piece: Piece) -> Table:
    """Every trip on the exact lattice: the cheapest, the shortest, how many."""
    port = ports.find(piece["port"])
    rules, bodies = rules_of(study), orbits.of(tables["asteroids"])
    found = [(row, survey.one(bodies[row], almanac.load(), port.body, port, rules)) for row in piece["rows"]]
    return ranking.trips(port.name, found)


# 3. What is in them, what it is worth where, and whether the whole rock can be brought.


def survivors(tables: Tables) -> Any:
    """Rows of the asteroids with at least one round trip from some port."""
    trips = tables["search"]
    return np.unique(trips["row"][np.isfinite(trips["min_delta_v_km_s"])])


def deposit_pieces(study: Study, tables: Tables) -> list[Piece]:
    """The survivors, some at a time."""
    return [{"rows": rows} for rows in cut(survivors(tables), SAMPLED_AT_ONCE)]


def deposits(study: Study, tables: Tables, piece: Piece) -> Table:
    """Percentiles of size, mass, spin and every resource."""
    return ranking.deposits(_sampled(study, tables, piece["rows"]))


def value_pieces(study: Study, tables: Tables) -> list[Piece]:
    """Every round trip that passed, some at a time."""
    passed = np.flatnonzero(np.isfinite(tables["search"]["min_delta_v_km_s"]))
    return [{"trips": trips} for trips in cut(passed, VALUED_AT_ONCE)]


def values(study: Study, tables: Tables, piece: Piece) -> Table:
    """The four values of every business on every trip."""
    found = [worth for trip in piece["trips"] for worth in _businesses(study, tables, trip)]
    return ranking.values(found)


def _businesses(study: Study, tables: Tables, trip: int) -> list[dict[str, Any]]:
    row = tables["search"].row(trip)
    body, port = orbits.of(tables["asteroids"])[row["row"]], ports.find(row["port"])
    (held,) = _sampled(study, tables, [row["row"]])
    way = delivery.Outbound(row["depart_tdb"], row["arrive_tdb"], row["outbound_delta_v_km_s"])
    rows = []
    for product, place in study.economy.businesses:
        try:
            legs = delivery.trip(body, way, port, place)
        except NoSolution:
            continue
        terms, year = terms_of(study), study.economy.vintage
        worth = value.assess(held, legs, product=product, place=place, vintage=year, seed=study.seed, base=terms)
        rows.append({"port": port.name, "row": row["row"], **ranking.flat(worth, legs)})
    return rows


def terms_of(study: Study) -> value.Terms:
    """What a study fixes of every mission; the rest is searched."""
    economy = study.economy
    return value.Terms(
        launch=economy.launch,
        demand=economy.demand,
        discount=economy.discount,
        sell_years=economy.sell_years,
        fleet=economy.fleet,
        prices=economy.prices,
        coefficients=economy.coefficients,
        caps_t=economy.caps_t,
        unverified=not study.verified_only,
    )


def _sampled(study: Study, tables: Tables, rows: Sequence[int]) -> list[deposit.Deposit]:
    assumed = deposit.Assumptions(unverified=not study.verified_only)
    return [
        deposit.sample(tables["asteroids"].row(row), study.samples, study.seed, assumptions=assumed) for row in rows
    ]


def retrievable_pieces(study: Study, tables: Tables) -> list[Piece]:
    """The planets whose libration points the study brings asteroids to."""
    places = [destinations.find(name) for name in study.capture.destinations]
    return [{"body": body} for body in sorted({place.body for place in places if place.point})] or [{"body": ""}]


def retrievable(study: Study, tables: Tables, piece: Piece) -> Table:
    """The asteroids that could be brought to a planet's libration points for the least, whatever the dates."""
    if not piece["body"]:
        return Table({"body": text("", 0), "row": np.zeros(0, dtype=np.int64), "bound_m_s": np.zeros(0)})
    rows = np.flatnonzero(tables["asteroids"]["selected"])
    bound = retrieval.bounds(
        orbits.of(tables["asteroids"].take(rows)), gateway_of(piece["body"], capture_span(study))
    )
    best = np.lexsort((rows, bound))[: study.capture.candidates]
    best = best[np.isfinite(bound[best])]
    return Table({"body": text(piece["body"], len(best)), "row": rows[best], "bound_m_s": 1e3 * bound[best]})


def capture_span(study: Study) -> tuple[float, float]:
    """First burns from the start of the study's window, arrivals to ten years after its end."""
    first, last = study.access.window.span
    return first, min(last + 10 * 365.25 * DAY, almanac.load().span[1])


@lru_cache(maxsize=4)
def gateway_of(body: str, span: tuple[float, float]) -> gateway.Gateway:
    """The manifold library of a planet, from the cache of the program's data or built there."""
    return retrieval.open_gateways(almanac.load().movers, span, retrieval_dates.libraries(), [body], workers=1)[body]


def capture_pieces(study: Study, tables: Tables) -> list[Piece]:
    """The best round trips of each port and the easiest to retrieve at each planet, two asteroids at a time."""
    trips, count = tables["search"], study.capture.candidates
    chosen = [row for port in study.access.ports for row in cheapest(trips, trips["port"] == port, count)]
    chosen += [int(row) for row in tables["retrievable"]["row"]]
    return [{"rows": rows} for rows in cut(sorted(set(chosen)), 2)]


def captures(study: Study, tables: Tables, piece: Piece) -> Table:
    """Cheapest way to bring each asteroid to each destination, and the mass that the tug moves along it."""
    span, names = capture_span(study), study.capture.destinations
    bodies = orbits.of(tables["asteroids"])
    targets = [bodies[row] for row in piece["rows"]]
    points = {place.body for place in map(destinations.find, names) if place.point}
    gates = {body: gateway_of(body, span) for body in sorted(points)} if targets else {}
    found = retrieval.survey(targets, almanac.load().movers, names, span=span, gateways=gates)
    rows = np.repeat(np.array(piece["rows"], dtype=np.int64), len(names))
    tug = tow.find(study.capture.tug)
    hauled = tow.heaviest(tug, found["delta_v_m_s"].astype(float) / 1e3, study.capture.tow_time_d * DAY)
    heaviest_t = np.where(np.isfinite(found["delta_v_m_s"].astype(float)), hauled.mass_kg / 1e3, np.nan)
    return Table({"row": rows, **found.columns, "tug": text(tug.name, len(rows)), "max_mass_t": heaviest_t})


def ranked(study: Study, tables: Tables, piece: Piece) -> Table:
    """One row a port and asteroid, best business first."""
    return ranking.ranked(study, tables)


LINE: Final = (
    Step("asteroids", "catalogue and bounds", ("catalogue",), (), whole, asteroids),
    Step("screen", "coarse round trips", ("catalogue", "access"), ("asteroids",), screen_pieces, screen),
    Step("search", "exact round trips", ("access", "name"), ("asteroids", "screen"), search_pieces, search),
    Step(
        "deposits",
        "deposits",
        ("seed", "samples", "verified_only"),
        ("asteroids", "search"),
        deposit_pieces,
        deposits,
    ),
    Step(
        "values",
        "values",
        ("seed", "samples", "verified_only", "economy"),
        ("asteroids", "search"),
        value_pieces,
        values,
    ),
    Step(
        "retrievable",
        "bounds of retrieval",
        ("access", "capture"),
        ("asteroids",),
        retrievable_pieces,
        retrievable,
    ),
    Step(
        "captures",
        "captures",
        ("access", "capture"),
        ("asteroids", "search", "retrievable"),
        capture_pieces,
        captures,
    ),
    Step(
        "ranked",
        "ranking",
        ("access", "report"),
        ("asteroids", "screen", "search", "deposits", "values", "captures"),
        whole,
        ranked,
    ),
)
BY_NAME: Final = {step.name: step for step in LINE}


def check(study: Study) -> None:
    """Refuse a study that names what does not exist or asks for dates that no table covers, before any work.

    raises  UnknownName, UnknownAsteroid, OutsideEphemeris, BadInput
    """
    for port in study.access.ports:
        named.home(ports.find(port))
    for name in study.capture.destinations:
        destinations.find(name)
    tow.find(study.capture.tug)
    for _, place in study.economy.businesses:
        market.place(place)
    first, last = study.access.window.span
    named.check_span(first, last + study.access.duration_below_d * DAY)
    rules_of(study)
    for name in study.catalogue.asteroids:
        designations.find(name, snapshot.load())


def do(folder: str, name: str, number: int, hashes: dict[str, str], piece: Piece) -> tuple[str, int]:
    """One chunk, in whichever process: read the tables, work, write the chunk; returns its hash and its rows."""
    step, place = BY_NAME[name], Path(folder)
    tables = {taken: _table(folder, taken, hashes[taken]) for taken in step.takes}
    return store.write_chunk(place, name, number, step.work(_study(folder, hashes["study"]), tables, piece))


@lru_cache(maxsize=16)
def _table(folder: str, step: str, sha256: str) -> Table:
    return parquet.read(Path(folder) / "tables" / f"{step}.parquet", expected=sha256)


@lru_cache(maxsize=2)
def _study(folder: str, sha256: str) -> Study:
    return Study.load(Path(folder))


def cut(rows: Any, size: int) -> list[list[int]]:
    """Rows in lists of at most so many; one empty list where there are none, so that a step still has its table."""
    plain = [int(row) for row in rows]
    return [plain[start : start + size] for start in range(0, len(plain), size)] or [[]]


def text(value: str, n: int) -> Any:
    """A text column of one value."""
    return np.full(n, value, dtype=object)
