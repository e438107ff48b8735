"""What the page asks for. Every route gives JSON (or packed columns); nothing here computes: the stages do."""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from motherlode.access import bounds
from motherlode.capture import destinations
from motherlode.catalogue import snapshot
from motherlode.ephemeris import almanac
from motherlode.errors import BadInput
from motherlode.figures import funnel as funnel_figure
from motherlode.study import config, store
from motherlode.tables import Table
from motherlode.units import DEG
from motherlode.web import documents, flights, packed, shortlist
from motherlode.web.jobs import Job, Jobs, as_json
from motherlode.web.selections import Selections
from motherlode.web.shortlist import View

Json = dict[str, Any]
Name = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Query(max_length=shortlist.LONGEST_FILTER)]
Kind = Annotated[str, Query(pattern="^(roundtrip|capture)$")]
Place = Annotated[str, Query(max_length=40)]
STREAM: Final = "application/octet-stream"
BAD: dict[int | str, dict[str, Any]] = {
    422: {"description": "what came, what was expected and what to do"},
    404: {"description": "no such thing, with the nearest"},
}


class JobRequest(BaseModel):
    """What to start: a kind of work and the study, as TOML, that it is for."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field("hunt", max_length=16)
    study: str = Field(max_length=200_000)


class Selection(BaseModel):
    """A view of a ranked table, kept under a name."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=60)
    filter: str = Field("", max_length=shortlist.LONGEST_FILTER)
    sort: str = Field("", max_length=200)
    columns: str = Field("", max_length=4_000)


def router(workspace: Path) -> APIRouter:
    """Every route of a workspace."""
    routes = APIRouter(prefix="/api", responses=BAD)
    for part in (_catalogue, _asteroid, _windows, _runs, _selections, _studies, _jobs):
        part(routes, workspace)
    return routes


def _catalogue(routes: APIRouter, _: Path) -> None:
    @routes.get("/catalogue")
    def about() -> Json:
        """The catalogue: where it comes from, how many bodies, which epoch."""
        return snapshot.info()

    @routes.get("/sky", response_class=Response)
    def sky() -> Response:
        """All orbits, packed for the graphics card (layout: see the documentation of the page)."""
        return Response(_sky(), media_type=STREAM)

    @routes.get("/planets", response_class=Response)
    def planets() -> Response:
        """Tracks of the planets, packed."""
        return Response(_planets(), media_type=STREAM)

    @routes.get("/asteroids")
    def search(
        q: Annotated[str, Query(min_length=1, max_length=64)], limit: Annotated[int, Query(ge=1, le=50)] = 12
    ) -> list[Json]:
        """Asteroids whose name, number or designation begins with, or else contains, some text."""
        return matches(_table(), q, limit)


def matches(table: Table, text: str, limit: int) -> list[Json]:
    """Rows whose full name begins with, or else contains, a text."""
    wanted = text.strip().lower()
    names = _lower_names()
    held = [k for k, name in enumerate(names) if wanted in name]
    found = [k for k in held if f" {wanted}" in f" {names[k]}" or f"({wanted}" in names[k]] or held
    found.sort(key=lambda k: (len(names[k]), names[k]))
    return [{"designation": table["designation"][k], "full_name": table["full_name"][k]} for k in found[:limit]]


def _asteroid(routes: APIRouter, _: Path) -> None:
    parts: dict[str, Callable[[str], Json]] = {
        "deposit": documents.deposit,
        "value": documents.value,
        "roundtrip": documents.roundtrip,
        "capture": documents.capture,
    }

    @routes.get("/asteroid/{name}")
    def show(name: Name) -> Response:
        """One asteroid: orbit, quality, what is measured."""
        return Response(_shown(name), media_type="application/json")

    @routes.get("/asteroid/{name}/legs")
    def legs(name: Name, kind: Kind = "roundtrip", to: Place = "sun-earth-l2") -> Json:
        """The arcs of its cheapest round trip, or of its cheapest capture at a place, as (days, x, y, z au) rows."""
        return flights.legs(name, kind, to)

    @routes.get("/asteroid/{name}/flight.{form}", response_class=Response)
    def flight(name: Name, form: Name, kind: Kind = "roundtrip", to: Place = "sun-earth-l2") -> Response:
        """The same flight as a file for another tool: SPK, OEM, OPM, GMAT, STK, CSV, VOTable, Parquet, iCalendar."""
        held, called = flights.download(name, kind, to, form)
        headers = {"content-disposition": f'attachment; filename="{called}"'}
        return Response(held, media_type=STREAM, headers=headers)

    @routes.get("/destinations")
    def places() -> list[Json]:
        """Where an asteroid can be brought."""
        return [{"name": one.name, "title": one.title} for one in destinations.DESTINATIONS.values()]

    for part, document in parts.items():
        routes.add_api_route(f"/asteroid/{{name}}/{part}", _of_one(document), summary=f"Its {part}.", name=part)


def _of_one(document: Callable[[str], Json]) -> Callable[[str], Json]:
    def route(name: Name) -> Json:
        return document(name)

    return route


def _windows(routes: APIRouter, _: Path) -> None:
    @routes.get("/porkchop")
    def porkchop(
        to: Name,
        origin: Annotated[str, Query(alias="from", max_length=64)] = "earth",
        depart: Annotated[str, Query(max_length=60)] = "2028-01-01..2033-01-01",
        flight: Annotated[str, Query(max_length=30)] = "60..600",
        layer: Annotated[str, Query(pattern="^(total|c3|arrive)$")] = "total",
    ) -> Json:
        """Grid of departures and flight times between two movers, its best window and one a departure year."""
        return documents.porkchop(origin, to, depart, flight, layer)

    @routes.get("/porkchop/cell")
    def cell(
        to: Name,
        depart: Annotated[str, Query(max_length=30)],
        flight_d: Annotated[float, Query(gt=0, le=20_000)],
        origin: Annotated[str, Query(alias="from", max_length=64)] = "earth",
    ) -> Json:
        """One transfer of a porkchop, solved exactly."""
        return documents.cell(origin, to, depart, flight_d)


def _runs(routes: APIRouter, workspace: Path) -> None:
    @routes.get("/runs")
    def runs() -> list[Json]:
        """Finished runs, newest first."""
        seen = [run for run in store.runs(workspace) if run.finished]
        return [{"name": run.name, "finished": run.finished, "rows": run.rows} for run in seen]

    @routes.get("/runs/{run}/shortlist")
    def rows(
        run: Name,
        filter: Text = "",
        sort: Text = "",
        columns: Text = "",
        limit: Annotated[int, Query(ge=1, le=50_000)] = 5_000,
    ) -> Json:
        """Rows of the ranked table that pass a filter, in an order, with some columns."""
        path = store.shortlist(store.find(workspace, run))
        found, total = shortlist.select(path, View(filter, sort, columns), limit=limit)
        meaning = shortlist.meanings()
        return {
            "columns": [{"name": n, "meaning": meaning.get(n, n)} for n in shortlist.names(path)],
            "rows": found,
            "total": total,
        }

    @routes.get("/runs/{run}/shortlist.{kind}", response_class=Response)
    def download(
        run: Name,
        kind: Annotated[str, Field(pattern="^(csv|parquet)$")],
        filter: Text = "",
        sort: Text = "",
        columns: Text = "",
    ) -> Response:
        """The same rows as a file."""
        content = shortlist.as_file(store.shortlist(store.find(workspace, run)), View(filter, sort, columns), kind)
        return Response(content, media_type="text/csv; charset=utf-8" if kind == "csv" else STREAM)

    @routes.get("/runs/{run}/funnel")
    def funnel(run: Name) -> Json:
        """How many asteroids each stage let through, as a figure."""
        return funnel_figure.chart(store.funnel(store.find(workspace, run)))


def _selections(routes: APIRouter, workspace: Path) -> None:
    selections = Selections(workspace / "selections.json")

    @routes.get("/selections")
    def saved() -> Json:
        """Views kept under a name."""
        return selections.all()

    @routes.post("/selections")
    def save(selection: Selection) -> Json:
        """Keep a view under a name."""
        return selections.keep(selection.name, selection.model_dump(exclude={"name"}))


def _studies(routes: APIRouter, workspace: Path) -> None:
    @routes.get("/examples")
    def examples() -> list[Json]:
        """Studies that come with the program, as TOML."""
        return [{"name": name, "toml": config.example_text(name)} for name in config.EXAMPLES]

    @routes.get("/studies/{kind}")
    def studies(kind: Annotated[str, Field(pattern="^(campaign|base)$")]) -> list[str]:
        """Studies that have such a part."""
        return documents.studies(kind, workspace)

    @routes.get("/campaign/{study}")
    def campaign(study: Name) -> Json:
        """The campaign of a study: missions in time, flows, cash, shares."""
        return documents.campaign(study, workspace)

    @routes.get("/base/{study}")
    def base(study: Name) -> Json:
        """The base of a study: people, stocks, tension."""
        return documents.base(study, workspace)


def _jobs(routes: APIRouter, workspace: Path) -> None:
    jobs = Jobs(workspace, lambda run: store.progress(workspace / run))

    @routes.get("/jobs")
    def every() -> list[Job]:
        """Long work, newest first, with its progress."""
        return jobs.all()

    @routes.post("/jobs", status_code=201)
    def start(asked: JobRequest) -> Json:
        """Start a hunt of a study."""
        study = config.Study.parse(asked.study)
        return as_json(jobs.start(asked.kind, study.name, asked.study))

    @routes.get("/jobs/{id}")
    def one(id: Name) -> Job:
        """One piece of long work."""
        return jobs.job(id)

    @routes.post("/jobs/{id}/{verb}")
    def act(id: Name, verb: str) -> Job:
        """Cancel a job, or resume one that stopped early."""
        acts = {"cancel": jobs.cancel, "resume": jobs.resume}
        if verb not in acts:
            raise BadInput(f"a job cannot be told to {verb!r}; choose one of: {', '.join(acts)}")
        return acts[verb](id)


@lru_cache(maxsize=4096)
def _shown(name: str) -> bytes:
    """The first thing a reader asks of an asteroid, ready to send."""
    return json.dumps(documents.show(name), allow_nan=False).encode()


@lru_cache(maxsize=1)
def _table() -> Table:
    return snapshot.load()


@lru_cache(maxsize=1)
def _lower_names() -> list[str]:
    return [name.lower() for name in _table()["full_name"].tolist()]


@lru_cache(maxsize=1)
def _sky() -> bytes:
    table = _table()
    a, e, i = (table[name] for name in ("semi_major_axis_au", "eccentricity", "inclination_deg"))
    return packed.sky(table, bounds.shoemaker_helin(a, e, i * DEG))


@lru_cache(maxsize=1)
def _planets() -> bytes:
    return packed.planets(almanac.load())
