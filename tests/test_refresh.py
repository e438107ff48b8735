"""Downloads from a server that misbehaves in every way we know; the last good catalogue always survives."""

import contextlib
import gzip
import json
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from motherlode.catalogue import fetch, guards, refresh, snapshot
from motherlode.catalogue.guards import Limits
from motherlode.catalogue.refresh import SOURCES, Source
from motherlode.errors import BadSource, DownloadError, UnknownName

ANSWERS = Path(__file__).parent / "authorities" / "answers"
QUICK = Limits(loopback=True, connect_s=2, idle_s=0.5, total_s=2, attempts=3, max_bytes=8 << 20)
JSON = (ANSWERS / "mpc_nea_extended_sample.json").read_bytes()
GOOD = gzip.compress(JSON, mtime=0)


@dataclass
class Server:
    """A loopback server whose answer to the n-th request is the n-th of a list of scripts (the last one repeats)."""

    scripts: list[Callable[[BaseHTTPRequestHandler], None]]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/nea_extended.json.gz") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    running: list[ThreadingHTTPServer] = []

    def start(*scripts: Callable[[BaseHTTPRequestHandler], None]) -> Server:
        server = Server(list(scripts))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.path, dict(self.headers)))
                script = server.scripts[min(len(server.asked), len(server.scripts)) - 1]
                with contextlib.suppress(OSError):
                    script(self)

            def log_message(self, *args: object) -> None:
                pass

        httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        httpd.daemon_threads = True
        threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
        running.append(httpd)
        server.port = httpd.server_port
        return server

    yield start
    for httpd in running:
        httpd.shutdown()
        httpd.server_close()


def body(content: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(content)), **given}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def status(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return body(b"", code, **headers)


def broken_off(content: bytes, after: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content[:after])
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)

    return answer


def rest(content: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
        about = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}", **headers}
        body(content[start:], 206, **about)(handler)

    return answer


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"\x1f")
        time.sleep(0.1)


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


def source(server: Server) -> Source:
    return replace(SOURCES["mpc"], url=server.url(), what="catalogue")


def bring(server: Server, folder: Path, limits: Limits = QUICK, waits: list[float] | None = None) -> refresh.Change:
    return refresh.bring(source(server), folder, limits, (waits if waits is not None else []).append)


@pytest.fixture
def last_good(tmp_path: Path) -> Path:
    """A folder with a catalogue in use."""
    (tmp_path / "catalogue.parquet").write_bytes(snapshot.PACKAGED.read_bytes())
    return tmp_path


def test_a_good_answer_is_swapped_in_and_tells_what_changed(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(body(GOOD, ETag='"v1"'))
    change = bring(server, tmp_path)
    made = snapshot.load(snapshot.current(tmp_path))
    assert len(made) == change.rows == len(json.loads(JSON))
    assert change.rows_before == 40_874 and change.added == 0 and change.removed == 40_874 - change.rows
    assert json.loads((tmp_path / "refresh.json").read_text())["mpc"]["sha256"] == change.sha256
    assert server.asked[0][1]["User-Agent"].startswith("motherlode/") and server.asked[0][1]["Connection"] == "close"
    litter = [path for path in tmp_path.rglob("*") if path.suffix in {".tmp", ".part"}]
    assert not litter


def test_an_unchanged_file_is_not_sent_again(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(body(GOOD, ETag='"v1"'), status(304))
    bring(server, tmp_path)
    change = bring(server, tmp_path)
    assert change.unchanged and server.asked[1][1]["If-None-Match"] == '"v1"'


def test_new_and_changed_orbits_are_named(serve: Callable[..., Server], tmp_path: Path) -> None:
    records = json.loads(JSON)
    moved = [{**records[0], "M": 11.5}, *records[1:-1], {**records[-1], "Principal_desig": "2031 AB", "Number": None}]
    moved[-1].pop("Number"), moved[-1].pop("Name", None), moved[-1].pop("Other_desigs", None)
    server = serve(body(GOOD), body(gzip.compress(json.dumps(moved).encode())))
    bring(server, tmp_path)
    change = bring(server, tmp_path)
    assert (change.added, change.removed, change.changed) == (1, 1, 1)
    assert change.examples["added"] == ["2031 AB"] and change.examples["changed"] == ["433 Eros (A898 PA)"]
    assert (tmp_path / "previous-catalogue.parquet").exists()


def test_a_body_that_was_numbered_is_still_the_same(serve: Callable[..., Server], tmp_path: Path) -> None:
    records = json.loads(JSON)
    place = next(i for i, record in enumerate(records) if "Number" not in record)
    numbered = [*records]
    numbered[place] = {**records[place], "Number": "(999999)"}
    server = serve(body(GOOD), body(gzip.compress(json.dumps(numbered).encode())))
    bring(server, tmp_path)
    change = bring(server, tmp_path)
    assert (change.added, change.removed, change.changed) == (0, 0, 0)


def test_a_broken_download_goes_on_where_it_stopped(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(broken_off(GOOD, 700, ETag='"v1"'), rest(GOOD, ETag='"v1"'))
    waits: list[float] = []
    bring(server, tmp_path, waits=waits)
    assert server.asked[1][1]["Range"] == "bytes=700-" and server.asked[1][1]["If-Range"] == '"v1"'
    assert waits == [2.0]


def test_a_broken_download_starts_over_when_the_file_is_another(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(broken_off(GOOD, 700, ETag='"v1"'), body(GOOD, ETag='"v2"'))
    assert bring(server, tmp_path).rows == len(json.loads(JSON))


def test_a_broken_download_without_a_version_starts_over(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(broken_off(GOOD, 700), body(GOOD))
    bring(server, tmp_path)
    assert "Range" not in server.asked[1][1]


def test_the_wrong_rest_is_not_believed(serve: Callable[..., Server], tmp_path: Path) -> None:
    wrong = body(GOOD[:50], 206, Content_Range="bytes 0-49/1000")
    server = serve(broken_off(GOOD, 700, ETag='"v1"'), wrong, body(GOOD, ETag='"v1"'))
    assert bring(server, tmp_path).rows == len(json.loads(JSON))


@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_server_is_given_the_time_it_asks_for(code: int, serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(status(code, Retry_After="7"), status(code), body(GOOD))
    waits: list[float] = []
    bring(server, tmp_path, waits=waits)
    assert waits == [7.0, 4.0]


def test_a_server_cannot_make_us_wait_for_ever(serve: Callable[..., Server], last_good: Path) -> None:
    server = serve(status(503, Retry_After="1000000"))
    waits: list[float] = []
    with pytest.raises(DownloadError, match=r"failed 3 times, last: HTTP 503.*the last good catalogue, of .* in use"):
        bring(server, last_good, waits=waits)
    assert waits == [QUICK.max_wait_s] * 2


HOSTILE: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str]] = {
    "html": (body(b"<html>down for maintenance</html>"), "answers with a web page where a gzip file was expected"),
    "json error": (body(b'{"message":"no"}'), "where a gzip file was expected"),
    "empty": (body(b""), "where a gzip file was expected"),
    "truncated gzip": (body(GOOD[:-200]), "is cut off after"),
    "garbage in gzip": (body(GOOD[:200] + b"\x00" * 50 + GOOD[250:]), "is no whole gzip file|no MPC extended JSON"),
    "trailing bytes": (body(GOOD + b"PK\x03\x04"), "behind the end of the gzip data"),
    "bomb": (body(gzip.compress(b"0" * (12 << 20))), "refused as a bomb"),
    "not json": (body(gzip.compress(b"hello " * 1000)), "is no MPC extended JSON array|rows can be read"),
    "json object": (body(gzip.compress(b'{"error": "busy"}')), "no MPC extended JSON array|rows can be read"),
    "empty array": (body(gzip.compress(b"[]")), "only 0 of 0 rows can be read"),
    "array of junk": (body(gzip.compress(b"[1, 2, 3]")), "no MPC extended JSON array|rows can be read"),
    "deep json": (body(gzip.compress(b"[" * 10_000 + b"]" * 10_000)), "no MPC extended JSON|rows can be read"),
    "shrunk": (body(GOOD), "8? ?rows where the last catalogue has 40,874"),
    "404": (status(404), "the server answers HTTP 404"),
    "loop": (status(301, Location="/nea_extended.json.gz"), "more than 5 redirects"),
    "other host": (status(302, Location="https://evil.example/x.gz"), "is not among the known services"),
    "other scheme": (status(302, Location="file:///etc/passwd"), "only https is allowed"),
    "credentials": (status(302, Location="https://a:b@ssd.jpl.nasa.gov/x"), "with a user name is refused"),
    "internal": (status(302, Location="http://169.254.169.254/latest/meta-data"), "only https is allowed"),
    "too large": (body(GOOD, Content_Length=str(9 << 20)), "are announced"),
    "broken off": (broken_off(GOOD, 500), "the body broke off after 500"),
    "silent": (silent, "the connection broke"),
    "drip": (drip, "the connection broke|the body broke off"),
    "not http": (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n"), "the connection broke"),
    "endless headers": (
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300),
        "the connection broke",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_comes_the_last_good_catalogue_survives(
    name: str, serve: Callable[..., Server], last_good: Path
) -> None:
    script, reason = HOSTILE[name]
    before = (last_good / "catalogue.parquet").read_bytes()
    limits = replace(QUICK, attempts=1)
    start = time.monotonic()
    with pytest.raises((DownloadError, BadSource), match=reason) as caught:
        bring(serve(script), last_good, limits)
    assert time.monotonic() - start < 8
    assert "the last good catalogue" in str(caught.value) and "\n" not in str(caught.value)
    assert (last_good / "catalogue.parquet").read_bytes() == before
    assert len(snapshot.load(last_good / "catalogue.parquet")) == 40_874
    assert not list(last_good.rglob("*.tmp"))


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody = Server([], port=port)
    with pytest.raises(
        DownloadError, match=r"failed 3 times, last: cannot reach 127.0.0.1.*packaged catalogue stays"
    ):
        bring(nobody, tmp_path)


def test_no_certificate_no_download(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(body(GOOD))
    plain = replace(source(server), url=server.url().replace("http:", "https:"))
    with pytest.raises(DownloadError, match=r"cannot reach|certificate"):
        refresh.bring(plain, tmp_path, QUICK, lambda _: None)


def test_two_refreshes_at_once_are_one_too_many(serve: Callable[..., Server], tmp_path: Path) -> None:
    from motherlode import durable
    from motherlode.errors import StoreError

    with durable.hold(tmp_path / "refresh.lock"), pytest.raises(StoreError, match="is in use by process"):
        bring(serve(body(GOOD)), tmp_path)


def test_unknown_source_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no source called 'nasa'; choose one of: mpc, mpc-all, mpcorb, sbdb"):
        refresh.run("nasa", tmp_path)


@pytest.mark.parametrize(
    "url",
    ["http://minorplanetcenter.net/x", "ftp://minorplanetcenter.net/x", "https://minorplanetcenter.net.evil.org/x",
     "https://minorplanetcenter.net:8443/x", "https://user@minorplanetcenter.net/x", "https://127.0.0.1/x",
     "https://[::1]/x", "https://localhost/x", "//minorplanetcenter.net/x", "", "https:///x", "https://evil.org/x",
     "https://minorplanetcenter.net:99999/x", "https://xminorplanetcenter.net/", "file:///etc/passwd"],
)  # fmt: skip
def test_only_known_services_are_asked(url: str) -> None:
    with pytest.raises(DownloadError):
        guards.check(url, Limits())


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::", "255.255.255.255"],
)  # fmt: skip
def test_no_private_address_is_connected_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DownloadError, match="not a public one"):
        guards.allowed(address)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443)), (0, 0, 0, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(DownloadError, match="not a public one"):  # one private address among public ones is enough
        guards.check("https://ssd.jpl.nasa.gov/x", Limits())


def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes its address after the check leads nowhere: it is not asked a second time."""
    names: list[str] = []

    def resolve(host: str, *args: object, **kwargs: object) -> list[object]:
        names.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34" if len(names) == 1 else "10.0.0.1", 443))
        ]

    reached: list[object] = []

    def connect(address: object, *args: object) -> None:
        reached.append(address)
        raise OSError("stop here")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(fetch, "create_connection", connect)
    with pytest.raises(DownloadError):
        fetch.fetch("https://ssd.jpl.nasa.gov/x", Path("x"), "json", Limits(attempts=1), sleep=lambda _: None)
    assert names == ["ssd.jpl.nasa.gov"] and reached == [("93.184.216.34", 443)]


def archive(path: Path, *entries: tuple[str, bytes], link: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
        if link:
            entry = zipfile.ZipInfo(link)
            entry.external_attr = 0o120777 << 16
            made.writestr(entry, "/etc/passwd")
    return path


def test_a_member_is_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("data/neowise_neos.csv", b"1,2\n"), ("data/readme.txt", b""))
    assert guards.unzip(path, "neowise_neos.csv", tmp_path / "out.csv", Limits()) == 4
    assert (tmp_path / "out.csv").read_bytes() == b"1,2\n"


@pytest.mark.parametrize(
    ("entries", "link", "reason"),
    [
        ([("../../neowise_neos.csv", b"x")], "", "leads elsewhere"),
        ([("/etc/cron.d/neowise_neos.csv", b"x")], "", "leads elsewhere"),
        ([("C:\\x\\neowise_neos.csv", b"x")], "", "leads elsewhere"),
        ([("..\\neowise_neos.csv", b"x")], "", "leads elsewhere"),
        ([("neowise_neos.csv", b"x")], "passwd", "holds a link"),
        ([("other.csv", b"x")], "", "has 0 entries called"),
        ([("a/neowise_neos.csv", b"x"), ("b/neowise_neos.csv", b"y")], "", "has 2 entries called"),
        ([(f"{i}.csv", b"") for i in range(300)], "", "more than the 200 allowed"),
        ([("neowise_neos.csv", b"0" * (4 << 20))], "", "refused as a bomb"),
    ],
)
def test_hostile_archives(entries: list[tuple[str, bytes]], link: str, reason: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", *entries, link=link)
    with pytest.raises(BadSource, match=reason):
        guards.unzip(path, "neowise_neos.csv", tmp_path / "out.csv", Limits())


def test_measured_values_replace_those_of_the_same_source(serve: Callable[..., Server], tmp_path: Path) -> None:
    from motherlode.catalogue import physical

    server = serve(body((ANSWERS / "sbdb_query_v1.0_25rows.json").read_bytes()))
    values = replace(SOURCES["sbdb"], url=server.url("/sbdb_query.api"))
    first = refresh.bring(values, tmp_path, QUICK, lambda _: None)
    again = refresh.bring(values, tmp_path, QUICK, lambda _: None)
    table = physical.measurements(tmp_path / "measured.parquet")
    assert first.added > 50 and again.added == again.removed == 0 and len(table) == again.rows
    assert {"SBDB query, NASA/JPL-Caltech", "Mahlke et al. 2022, A&A 665, A26"} <= set(table["source"])


def test_single_bodies_are_looked_up_one_at_a_time(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(*(body((ANSWERS / f"{name}_phys.json").read_bytes()) for name in ("101955", "99942")))
    waits: list[float] = []
    found = refresh.lookup(
        ["101955", "99942"], tmp_path, limits=QUICK, sleep=waits.append, address=server.url("/sbdb.api")
    )
    assert found["99942"].name == "Apophis" and waits == [refresh.PAUSE_S]
    assert "sstr=101955&cov=mat" in server.asked[0][0]
    assert set(refresh.bodies(tmp_path)) == {"101955", "99942"}


def test_every_source_is_on_the_list_of_hosts() -> None:
    for one in SOURCES.values():
        assert one.url.startswith("https://") and one.url.split("/")[2] in guards.HOSTS
