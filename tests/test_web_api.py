"""The service's answers: against its own OpenAPI description, hostile filters, downloads, jobs that outlive it."""

import ctypes
import gc
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from motherlode.errors import BadInput
from motherlode.web import app, packed, shortlist
from motherlode.web.jobs import Jobs
from motherlode.web.shortlist import View

CASES = int(os.environ.get("MOTHERLODE_API_CASES", "12"))  # an endpoint; 1000 on demand
SLOW = ("/api/campaign/", "/api/base/")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of which one is finished, with a small ranked table."""
    folder = tmp_path_factory.mktemp("runs")
    tables = folder / "small" / "tables"
    tables.mkdir(parents=True)
    (folder / "small" / "ledger.sqlite").touch()
    (folder / "small" / "manifest.json").write_text('{"rows": 4}')
    (folder / "small" / "funnel.json").write_text("[]")
    rows = "('=1+1', 5.5, 22.0), ('2000 SG344', 3.8, 24.7), ('-2+3', 4.2, NULL), ('101955', 6.9, 20.7)"
    names = "AS t(designation, min_delta_v_km_s, h_mag)"
    duckdb.sql(f"COPY (SELECT * FROM (VALUES {rows}) {names}) TO '{tables / 'ranked.parquet'}'")
    return folder


@pytest.fixture(scope="module")
def client(workspace: Path) -> Iterator[TestClient]:
    with TestClient(app.create(workspace), raise_server_exceptions=False) as one:
        yield one


@pytest.fixture(scope="module")
def description(workspace: Path) -> Any:
    return schemathesis.openapi.from_asgi("/api/openapi.json", app.create(workspace))


def paths() -> list[str]:
    """Every address that is only read, but for the studies that take minutes."""
    described = app.openapi(Path("runs"))["paths"]
    return [path for path, verbs in described.items() if "get" in verbs and not path.startswith(SLOW)]


@pytest.mark.parametrize("path", paths())
def test_every_endpoint_keeps_its_description(description: Any, path: str) -> None:
    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]

    @settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=description[path]["GET"].as_strategy())
    def asked(case: Any) -> None:
        response = case.call()
        assert response.status_code < 500, response.text
        case.validate_response(response, checks=checks)

    asked()


def changes() -> list[str]:
    """Every address that is posted to."""
    return [path for path, verbs in app.openapi(Path("runs"))["paths"].items() if "post" in verbs]


@pytest.mark.parametrize("path", changes())
def test_every_change_keeps_its_description(
    description: Any, workspace: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies of the described shape and bodies of none, on jobs that are never started and never end."""
    monkeypatch.setattr(Jobs, "_launch", lambda self, folder, kind: None)
    monkeypatch.setattr(Jobs, "_refuse_if_busy", lambda self: None)
    folder = workspace / ".jobs" / "0a1b2c"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text('{"kind": "hunt", "run": "small"}')
    checks = [status_code_conformance, content_type_conformance, response_schema_conformance]
    operation = description[path]["POST"]

    @settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), known=st.booleans())
    def asked(case: Any, known: bool) -> None:
        if known and "id" in case.path_parameters:
            case.path_parameters = case.path_parameters | {"id": "0a1b2c", "verb": "cancel"}
        response = case.call()
        assert response.status_code < 500, response.text
        case.validate_response(response, checks=checks)

    asked()


@settings(max_examples=CASES * 8, deadline=None)
@given(text=st.text(max_size=120))
def test_no_filter_breaks_the_table(client: TestClient, text: str) -> None:
    answer = client.get("/api/runs/small/shortlist", params={"filter": text})
    assert answer.status_code in {200, 422}, answer.text


@pytest.mark.parametrize(
    "filter",
    [
        "1=1) UNION SELECT * FROM read_csv('/etc/passwd') --",
        "designation IN (SELECT content FROM read_text('/etc/passwd'))",
        "h_mag < 3; DROP TABLE ranked",
        "1=1); COPY ranked TO '/tmp/stolen.csv'; --",
        "(SELECT count(*) FROM duckdb_secrets()) > getenv('HOME')",
        "h_mag < (SELECT 1 FROM 'https://example.org/x.parquet')",
    ],
)
def test_a_hostile_filter_reaches_nothing(client: TestClient, filter: str) -> None:
    answer = client.get("/api/runs/small/shortlist", params={"filter": filter})
    assert answer.status_code == 422
    assert "root:" not in answer.text and not Path("/tmp/stolen.csv").exists()


def test_the_database_behind_a_filter_is_locked(workspace: Path) -> None:
    with shortlist._locked(workspace / "small/tables/ranked.parquet") as database:
        for wish in (
            "SET enable_external_access=true",
            "SET memory_limit='100GB'",
            "INSTALL httpfs",
            "SELECT * FROM '/etc/passwd'",
        ):
            with pytest.raises(duckdb.Error):
                database.execute(wish)


def test_a_filter_that_never_ends_is_stopped(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortlist, "LONGEST_S", 0.3)
    endless = "(SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b) > 3"
    with pytest.raises(BadInput, match="make it simpler"):
        shortlist.select(workspace / "small/tables/ranked.parquet", View(endless))


def test_questions_leave_no_memory_behind(tmp_path: Path) -> None:
    """A freed buffer stays on the database's list with 288 bytes: a question may not leave one each time."""
    allocated = _allocated()
    table = tmp_path / "ranked.parquet"
    columns = "'body ' || range AS designation, sin(range) AS min_delta_v_km_s, range % 31 AS h_mag"
    duckdb.sql(f"COPY (SELECT {columns} FROM range(5000)) TO '{table}'")

    def ask(questions: int) -> int:
        for turn in range(questions):
            shortlist.select(table, View(f"h_mag < {20 + turn / 100}", "min_delta_v_km_s desc"), limit=50)
        gc.collect()
        return allocated()

    held = [ask(300) for _ in range(4)]
    assert (
        min(after - before for before, after in itertools.pairwise(held)) / 300 < 250
    )  # other threads allocate as well


def _allocated() -> Callable[[], int]:
    """Bytes that native code holds, as the C library counts them."""
    kind = type("Told", (ctypes.Structure,), {"_fields_": [(f"part{k}", ctypes.c_size_t) for k in range(10)]})
    told = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if told is None:
        pytest.skip("the C library does not count its memory")
    told.restype = kind
    return lambda: int(told().part7)  # uordblks


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no list of open files on this system")
def test_downloads_leave_no_file_thread_or_folder_behind(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    shortlist._writer.cache_clear()

    def download(times: int) -> tuple[int, int]:
        for kind in ("csv", "parquet") * (times // 2):
            shortlist.as_file(workspace / "small/tables/ranked.parquet", View("h_mag < 23"), kind)
        return len(list(Path("/proc/self/fd").iterdir())), len(list(Path("/proc/self/task").iterdir()))

    files, threads = download(4)
    files_after, threads_after = download(200)
    assert files_after <= files and threads_after <= threads  # threads of other tests may end meanwhile
    assert not list(tmp_path.iterdir())
    shortlist._writer.cache_clear()


def test_the_writer_of_downloads_reaches_the_temporary_folder_alone() -> None:
    writer = shortlist._writer()
    for wish in (
        "COPY (SELECT 1) TO '/stolen.csv'",
        f"COPY (SELECT 1) TO '{tempfile.gettempdir()}/../stolen.csv'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SET allowed_directories=['/']",
        "INSTALL httpfs",
    ):
        with pytest.raises(duckdb.Error):
            writer.execute(wish)


def test_the_rows_are_those_of_the_filter_in_order(client: TestClient) -> None:
    asked = {
        "filter": "min_delta_v_km_s < 6",
        "sort": "min_delta_v_km_s desc",
        "columns": "designation,min_delta_v_km_s",
    }
    answer = client.get("/api/runs/small/shortlist", params=asked).json()
    assert [row["designation"] for row in answer["rows"]] == ["=1+1", "-2+3", "2000 SG344"]
    assert answer["total"] == 3 and set(answer["rows"][0]) == {"designation", "min_delta_v_km_s"}


def test_a_spreadsheet_sees_text_where_a_cell_looks_like_a_formula(client: TestClient) -> None:
    text = client.get("/api/runs/small/shortlist.csv").text
    assert "'=1+1" in text and "'-2+3" in text and "\n2000 SG344" in text


def test_parquet_holds_what_is_seen(client: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    file.write_bytes(client.get("/api/runs/small/shortlist.parquet", params={"filter": "h_mag < 23"}).content)
    assert duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/asteroid/Benu", 404, "did you mean"),
        ("/api/runs/nothing/shortlist", 404, "small"),
        ("/api/porkchop?to=101955&depart=tomorrow", 422, "2028-01-01..2033-01-01"),
        ("/api/porkchop?to=101955&depart=2030-01-01..2029-01-01", 422, "swap the dates"),
        ("/api/porkchop?to=101955&depart=2098-01-01..2200-01-01", 422, "outside the ephemeris"),
        ("/api/runs/small/shortlist?columns=nonsense", 404, "min_delta_v_km_s"),
        ("/api/runs/..%2F..%2Fetc/shortlist", 404, ""),
        ("/..%2f..%2f..%2fetc/passwd", 404, ""),
    ],
)
def test_mistakes_are_answered_with_what_to_do(client: TestClient, path: str, status: int, says: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert says in answer.text


def test_a_bad_study_starts_nothing(client: TestClient, workspace: Path) -> None:
    before = client.get("/api/jobs").json()
    answer = client.post("/api/jobs", json={"kind": "hunt", "study": 'name = "x"\nsamples = -3'})
    assert answer.status_code == 422 and "samples" in answer.json()["detail"]
    assert client.get("/api/jobs").json() == before


def test_a_view_is_kept_under_its_name(client: TestClient) -> None:
    view = {"name": "cheap", "filter": "min_delta_v_km_s < 5", "sort": "", "columns": ""}
    assert client.post("/api/selections", json=view).status_code == 200
    assert client.get("/api/selections").json()["cheap"]["filter"] == "min_delta_v_km_s < 5"


def test_packed_orbits_are_the_catalogue(client: TestClient) -> None:
    block = client.get("/api/sky").content
    size = int.from_bytes(block[:4], "little")
    import json

    header = json.loads(block[4 : 4 + size])
    start = (4 + size + 3) // 4 * 4
    a = np.frombuffer(block, "<f4", header["columns"][0]["length"], start)
    bennu = header["names"].index("101955")
    assert header["columns"][0]["name"] == "semi_major_axis_au"
    assert a[bennu] == pytest.approx(1.1260, abs=1e-4)


def test_a_cubic_through_the_planet_tracks_is_good_enough_to_draw() -> None:
    from motherlode.constants import AU_KM
    from motherlode.ephemeris import almanac
    from motherlode.mechanics import frames
    from motherlode.units import DAY

    planets = almanac.load()
    for name, step in zip(packed.PLANETS, packed.STEP_D):
        days = 9000.0 + step * (np.arange(4) - 1.0)
        track = frames.to_ecliptic(planets[name].state(days * DAY)[:, :3]) / AU_KM
        middle = frames.to_ecliptic(planets[name].state(np.array((9000.0 + step / 2) * DAY))[:3]) / AU_KM
        assert np.abs(np.array([-1, 9, 9, -1]) / 16 @ track - middle).max() < 2e-4


def test_jobs_outlive_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import motherlode.web.jobs as module

    monkeypatch.setitem(module.KINDS, "nap", ("--version",))
    first = Jobs(tmp_path, lambda run: ("nap", 0, 1))
    job = first.start("nap", "a-nap", 'name = "a-nap"')
    again = Jobs(tmp_path, lambda run: ("nap", 0, 1))
    for _ in range(100):
        if again.job(job.id).state != "running":
            break
        time.sleep(0.2)
    assert again.job(job.id).state in {"done", "failed"}
    assert [one.id for one in again.all()] == [job.id]


@pytest.mark.parametrize(("kind", "arcs", "burns"), [("roundtrip", 3, 3), ("capture", 2, 2)])
def test_flights_are_drawn_and_downloaded(client: TestClient, kind: str, arcs: int, burns: int) -> None:
    asked = {"kind": kind, "to": "mars-phobos-orbit"}
    drawn = client.get("/api/asteroid/2000 SG344/legs", params=asked).json()
    assert (len(drawn["legs"]), len(drawn["burns"])) == (arcs, burns)
    tracks = [leg["track"] for leg in drawn["legs"]]
    for before, after in itertools.pairwise(tracks):
        assert before[-1] == pytest.approx(after[0], abs=1e-6), "the arcs meet"
    assert len(drawn["figures"]) >= 2 and all(figure["figure"]["data"] for figure in drawn["figures"])
    for path in drawn["downloads"].values():
        answer = client.get(path)
        assert answer.status_code == 200 and len(answer.content) > 500, path
        assert 'filename="2000_SG344_' in answer.headers["content-disposition"]
    assert client.get("/api/asteroid/2000 SG344/flight.word").status_code == 404
    assert client.get("/api/asteroid/2000 SG344/legs?kind=capture&to=moon-base").status_code == 404


def test_nothing_beside_the_page_is_served(client: TestClient) -> None:
    for path in ("/.git/config", "/assets/../../security.py", "/assets/%2e%2e/%2e%2e/app.py", "/docs", "/redoc"):
        assert client.get(path).status_code == 404, path
    for folder in ("/assets/", "/assets", "/api/", "/api/runs/small"):
        answer = client.get(folder)
        assert answer.status_code == 404 and "index" not in answer.text, folder
    assert client.request("TRACE", "/api/runs").status_code == 405
