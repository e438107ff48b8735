"""The gate: every way in that must stay shut, tried on the gate itself."""

import asyncio
import json
import re
import stat
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motherlode.errors import BadInput
from motherlode.web import app, events, security, sessions

DOOR = security.door("127.0.0.1", 8040, token="t" * 43)
PAGE = [(b"host", b"127.0.0.1:8040")]
BEARER = (b"authorization", b"Bearer " + b"t" * 43)
JSON = (b"content-type", b"application/json")
ORIGIN = (b"origin", b"http://127.0.0.1:8040")


def ask(
    path: str = "/api/runs",
    headers: list[tuple[bytes, bytes]] | None = None,
    *,
    method: str = "GET",
    query: bytes = b"",
    body: bytes = b"",
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body that the gate answers in front of a service that says yes to everything."""

    async def yes(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": (await receive())["body"]})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query}
    asyncio.run(security.Gate(yes, DOOR)({**scope, "headers": PAGE if headers is None else headers}, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[-1]["body"]


def cookie() -> tuple[bytes, bytes]:
    _, headers, _ = ask("/", query=b"token=" + b"t" * 43)
    return b"cookie", headers[b"set-cookie"].split(b";")[0]


@pytest.mark.parametrize(
    "host",
    [
        *(b"evil.example", b"127.0.0.1", b"127.0.0.1:80", b"127.0.0.1:8041", b"127.0.0.1:8040.evil.example", b""),
        *(b"localhost.evil.example:8040", b"127.0.0.1:8040@evil.example", b"0.0.0.0:8040", b"[::]:8040", b"[::1]"),
        *(b"2130706433:8040", b"0x7f000001:8040", b"127.1:8040", b" 127.0.0.1:8040", b"127.0.0.1:8040 ", b"*"),
        *(b"localhost:", b"LOCALHOST.:8040", b"127.0.0.1:08040"),
    ],
)
def test_only_the_exact_host_is_answered(host: bytes) -> None:
    assert ask(headers=[(b"host", host), BEARER])[0] == 421


def test_missing_and_duplicate_hosts_are_refused() -> None:
    assert ask(headers=[BEARER])[0] == 421
    assert ask(headers=[*PAGE, *PAGE, BEARER])[0] == 421


def test_the_three_loopback_names_are_answered() -> None:
    for host in (b"127.0.0.1:8040", b"localhost:8040", b"[::1]:8040"):
        assert ask(headers=[(b"host", host), BEARER])[0] == 200


def test_nothing_is_answered_without_the_token() -> None:
    assert ask()[0] == 401
    assert ask(headers=[*PAGE, (b"authorization", b"Bearer " + b"u" * 43)])[0] == 401
    assert ask(headers=[*PAGE, (b"cookie", b"motherlode_session_8040=" + b"t" * 43)])[0] == 401


def test_the_token_is_traded_for_a_strict_cookie_once_and_leaves_the_address() -> None:
    status, headers, _ = ask("/", query=b"token=" + b"t" * 43)
    assert (status, headers[b"location"]) == (303, b"/")
    assert all(word in headers[b"set-cookie"] for word in (b"HttpOnly", b"SameSite=Strict", b"Path=/"))
    assert b"t" * 43 not in headers[b"set-cookie"]
    assert ask(headers=[*PAGE, cookie()])[0] == 200


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ([], 403),
        ([(b"origin", b"http://evil.example"), JSON], 403),
        ([(b"origin", b"http://127.0.0.1:8040.evil.example"), JSON], 403),
        ([(b"origin", b"https://127.0.0.1:8040"), JSON], 403),
        ([(b"origin", b"null"), JSON], 403),
        ([ORIGIN, (b"sec-fetch-site", b"cross-site"), JSON], 403),
        ([ORIGIN, (b"sec-fetch-site", b"same-site"), JSON], 403),
        ([ORIGIN, (b"content-type", b"text/plain")], 415),
        ([ORIGIN, (b"content-type", b"application/x-www-form-urlencoded")], 415),
        ([ORIGIN], 415),
        ([ORIGIN, JSON], 200),
        ([ORIGIN, (b"sec-fetch-site", b"same-origin"), (b"content-type", b"application/json; charset=utf-8")], 200),
    ],
)
def test_changes_are_taken_from_the_own_page_only(extra: list[tuple[bytes, bytes]], status: int) -> None:
    assert ask(method="POST", headers=[*PAGE, cookie(), *extra])[0] == status


def test_a_program_changes_things_with_the_bearer() -> None:
    assert ask(method="POST", headers=[*PAGE, BEARER, JSON])[0] == 200
    assert ask(method="POST", headers=[*PAGE, JSON])[0] == 403


def test_large_bodies_and_long_addresses_are_refused() -> None:
    assert ask(method="POST", headers=[*PAGE, BEARER, JSON], body=b"x" * (security.BODY_LIMIT_BYTES + 1))[0] == 413
    assert ask("/" + "a" * security.TARGET_LIMIT_BYTES, headers=[*PAGE, BEARER])[0] == 414


def test_every_answer_carries_the_headers_that_lock_the_page() -> None:
    for headers in (PAGE, [*PAGE, BEARER], []):
        _, sent, _ = ask(headers=headers)
        assert b"default-src 'none'" in sent[b"content-security-policy"]
        assert b"unsafe" not in sent[b"content-security-policy"]
        assert sent[b"x-content-type-options"] == b"nosniff"


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_no_header_crashes_the_gate(host: bytes, cookies: bytes, authorization: bytes) -> None:
    headers = [(b"host", host), (b"cookie", cookies), (b"authorization", authorization)]
    assert ask(headers=headers)[0] in {421, 401}
    assert ask(headers=[*PAGE, *headers[1:]])[0] == 401


def test_an_open_bind_is_refused_unless_encrypted_or_said_in_words() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.7", "example.org"):
        with pytest.raises(BadInput, match="--certificate and --key for TLS, or --exposed"):
            security.refuse_exposure(host, certificate=False, exposed=False)
        security.refuse_exposure(host, certificate=True, exposed=False)
        security.refuse_exposure(host, certificate=False, exposed=True)
    for host in ("127.0.0.1", "localhost", "::1", "[::1]"):
        security.refuse_exposure(host, certificate=False, exposed=False)


def test_tokens_hold_256_bits_and_differ() -> None:
    tokens = {security.door("127.0.0.1", 1).token for _ in range(100)}
    assert len(tokens) == 100 and all(len(token) == 43 for token in tokens)


def test_a_full_house_says_when_to_come_back() -> None:
    async def scenario() -> int:
        gate = security.Gate(None, DOOR)
        gate.places = asyncio.Semaphore(0)
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": [*PAGE, BEARER]}
        await gate(scope, None, send)
        assert (b"retry-after", b"1") in sent[0]["headers"]
        return int(sent[0]["status"])

    assert asyncio.run(scenario()) == 503


def over_tls(path: str, query: bytes = b"") -> dict[bytes, bytes]:
    """Headers of an answer of a service with a certificate."""
    door = security.door("192.168.1.7", 443, scheme="https", token="t" * 43)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def empty(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query}
    headers = [(b"host", b"192.168.1.7"), BEARER]
    asyncio.run(security.Gate(empty, door)({**scope, "headers": headers}, receive, send))
    return dict(sent[0]["headers"])


def test_under_tls_the_cookie_is_held_to_the_host_and_https_is_made_to_stay() -> None:
    headers = over_tls("/", b"token=" + b"t" * 43)
    assert (
        headers[b"set-cookie"].startswith(b"__Host-motherlode_session_443=") and b"Secure" in headers[b"set-cookie"]
    )
    assert headers[b"strict-transport-security"].startswith(b"max-age=31536000")


def test_the_browser_keeps_built_files_and_nothing_else() -> None:
    assert ask("/api/runs", [*PAGE, BEARER])[1][b"cache-control"] == b"no-store"
    assert b"cache-control" not in ask("/assets/index.js")[1]


def test_a_body_that_never_ends_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "BODY_LIMIT_S", 0.05)

    async def scenario() -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            await asyncio.sleep(3600)

        scope = {"type": "http", "method": "POST", "path": "/api/jobs", "query_string": b""}
        gate = security.Gate(None, DOOR)
        await gate({**scope, "headers": [*PAGE, BEARER, JSON]}, receive, send)
        assert gate.places._value == security.IN_FLIGHT_LIMIT
        return int(sent[0]["status"])

    assert asyncio.run(scenario()) == 408


def conversation(messages: list[dict[str, Any]], scope: dict[str, Any] | None = None) -> tuple[list[Any], list[Any]]:
    """What the service behind the gate received, and what was sent, when the server says these messages."""
    told, sent, coming = [], [], iter(messages)

    async def service(scope: Any, receive: Any, send: Any) -> None:
        told.extend([await receive(), await receive()])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Cache-Control", b"max-age=60")]})

    async def receive() -> Any:
        return next(coming)

    async def send(message: Any) -> None:
        sent.append(message)

    post = {
        "type": "http",
        "method": "POST",
        "path": "/api/jobs",
        "query_string": b"",
        "headers": [*PAGE, BEARER, JSON],
    }
    asyncio.run(security.Gate(service, DOOR)({**post, **(scope or {})}, receive, send))
    return told, sent


def test_a_body_in_parts_reaches_the_service_whole_and_once() -> None:
    gone = {"type": "http.disconnect"}
    parts = [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.request", "body": b"cd"},
        gone,
    ]
    told, _ = conversation(parts)
    assert told == [{"type": "http.request", "body": b"abcd", "more_body": False}, gone]
    told, _ = conversation([{"type": "http.request", "body": b"ab", "more_body": True}, gone, gone])
    assert told[0]["body"] == b"ab"


def test_limits_are_kept_to_the_byte() -> None:
    whole = b"x" * 1_000_000
    assert ask(method="POST", headers=[*PAGE, BEARER, JSON], body=whole)[0] == 200
    assert ask(method="POST", headers=[*PAGE, BEARER, JSON], body=whole + b"x")[0] == 413
    assert ask("/" + "a" * 7_989, headers=[*PAGE, BEARER], query=b"b" * 10)[0] == 200
    assert ask("/" + "a" * 7_990, headers=[*PAGE, BEARER], query=b"b" * 10)[0] == 414
    assert (security.BODY_LIMIT_S, security.Gate(None, DOOR).places._value) == (10.0, 32)


def test_what_is_open_to_all_is_open_by_its_exact_name() -> None:
    for path in ("/health", "/favicon.svg", "/assets/index.js"):
        assert ask(path)[0] == 200
    for path in ("/healthy", "/health/", "/favicon.svgz", "/assets", "/", "/api/runs"):
        assert ask(path)[0] == 401


def test_what_is_neither_request_nor_start_up_is_closed() -> None:
    _, sent = conversation([], {"type": "websocket"})
    assert sent == [{"type": "websocket.close", "code": 1008}]
    told, _ = conversation([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}], {"type": "lifespan"})
    assert told[0]["type"] == "lifespan.startup"


def test_a_header_that_the_service_sets_is_not_set_twice() -> None:
    _, sent = conversation([{"type": "http.request", "body": b""}, {"type": "http.disconnect"}])
    names = [name.lower() for name, _ in sent[0]["headers"]]
    assert names.count(b"cache-control") == 1 and len(names) == len(set(names)) == len(security.HEADERS)


def test_the_door_hides_its_token_and_cannot_be_changed() -> None:
    assert DOOR.token not in repr(DOOR)
    with pytest.raises(FrozenInstanceError):
        DOOR.token = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("host", "port", "scheme", "hosts"),
    [
        ("2001:db8::1", 8040, "http", {"[2001:db8::1]:8040"}),
        ("[2001:db8::1]", 8040, "http", {"[2001:db8::1]:8040"}),
        ("192.168.1.7", 443, "https", {"192.168.1.7:443", "192.168.1.7", "rock.example:443", "rock.example"}),
        ("192.168.1.7", 80, "https", {"192.168.1.7:80", "rock.example:80"}),
        ("127.0.0.2", 80, "http", {f"{n}{p}" for n in ("127.0.0.1", "localhost", "[::1]") for p in ("", ":80")}),
    ],
)
def test_names_that_a_door_answers_to(host: str, port: int, scheme: str, hosts: set[str]) -> None:
    names = ("rock.example",) if host.startswith("192") else ()
    assert security.door(host, port, scheme=scheme, names=names).hosts == hosts


def test_only_the_page_itself_trades_a_token_and_keeps_the_rest_of_its_address() -> None:
    token = b"token=" + b"t" * 43
    _, headers, _ = ask("/", query=b"view=sky&" + token + b"&row=3")
    assert headers[b"location"] == b"/?view=sky&row=3"
    assert ask("/api/runs", query=token)[0] == 401
    assert ask("/", query=token, method="HEAD")[0] == 401
    assert ask("/", query=token + b"&" + token)[0] == 401
    assert ask("/", query=b"token=" + b"u" * 43)[0] == 401
    assert b"Secure" not in cookie()[1] and b"Secure" not in ask("/", query=token)[1][b"set-cookie"]


def test_a_refusal_is_plain_text_of_its_own_length() -> None:
    status, headers, body = ask("/api/runs")
    assert status == 401 and b"motherlode serve" in body
    assert headers[b"content-type"] == b"text/plain; charset=utf-8" and int(headers[b"content-length"]) == len(body)
    twice = [*PAGE, BEARER, BEARER]
    assert ask("/api/runs", twice)[0] == 401


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_sessions_end_when_idle_and_at_last_whoever_asks(clock: Clock) -> None:
    held = sessions.Sessions(clock)
    quiet, busy = held.begin(), held.begin()
    clock.now += sessions.IDLE_S
    assert held.open(busy) and held.open(quiet)
    clock.now += sessions.IDLE_S / 2
    assert held.open(busy)
    clock.now += sessions.IDLE_S / 2 + 1
    assert held.open(busy) and not held.open(quiet)
    clock.now -= sessions.IDLE_S
    assert not held.open(quiet), "what has ended stays ended"
    for _ in range(int(sessions.LONGEST_S / sessions.IDLE_S) + 2):
        clock.now += sessions.IDLE_S / 1.1
        busy_still = held.open(busy)
    assert not busy_still and len(held) == 0


def test_limits_of_sessions_and_log_are_those_that_are_written_down() -> None:
    assert (sessions.IDLE_S, sessions.LONGEST_S, sessions.MOST) == (28_800.0, 604_800.0, 64)
    assert (events.LARGEST_BYTES, events.BURST, events.RATE_PER_S, events.LONGEST) == (1_000_000, 100, 1.0, 160)


def test_the_clock_of_sessions_only_grows() -> None:
    first = sessions.since_boot()
    assert 0 < first <= sessions.since_boot()


def test_sessions_are_few_and_each_is_new(clock: Clock) -> None:
    held = sessions.Sessions(clock)
    names = []
    for _ in range(sessions.MOST + 1):
        clock.now += 1
        names.append(held.begin())
    assert len(held) == sessions.MOST and len(set(names)) == len(names) and all(len(name) == 43 for name in names)
    assert not held.open(names[0]) and held.open(names[1]) and held.open(names[-1])
    assert not held.open("") and not held.open("\udcff") and not held.end(names[0])
    assert sessions.label(names[-1]) not in names[-1] and len(sessions.label(names[-1])) == 8


def test_a_sign_in_makes_a_new_session_and_ends_the_one_before() -> None:
    first = cookie()
    _, headers, _ = ask("/", [*PAGE, first], query=b"token=" + b"t" * 43)
    second = (b"cookie", headers[b"set-cookie"].split(b";")[0])
    assert second != first
    assert ask(headers=[*PAGE, first])[0] == 401 and ask(headers=[*PAGE, second])[0] == 200


def test_who_signs_out_is_out_for_good() -> None:
    mine, other = cookie(), cookie()
    own = [ORIGIN, (b"sec-fetch-site", b"same-origin"), JSON]
    assert ask("/sign-out", [*PAGE, mine], method="POST")[0] == 403, "from the own page only"
    assert ask("/sign-out", [*PAGE, *own], method="POST")[0] == 401
    assert ask("/sign-out", [*PAGE, mine])[1].get(b"set-cookie") is None, "asking changes nothing"
    status, headers, _ = ask("/sign-out", [*PAGE, mine, *own], method="POST")
    assert status == 200
    assert headers[b"set-cookie"].startswith(b"motherlode_session_8040=; ") and b"Max-Age=0" in headers[b"set-cookie"]
    assert ask(headers=[*PAGE, mine])[0] == 401 and ask(headers=[*PAGE, other])[0] == 200


def test_services_of_one_machine_do_not_share_a_session() -> None:
    assert security.door("127.0.0.1", 8041).cookie != DOOR.cookie
    assert DOOR.sessions is not security.door("127.0.0.1", 8040).sessions


@pytest.fixture
def log(tmp_path: Path, clock: Clock) -> events.EventLog:
    path = tmp_path / "runs" / "security.jsonl"
    return events.EventLog(path, service="http://127.0.0.1:8040", hidden=("t" * 43,), clock=clock)


def written(log: events.EventLog) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.path.read_text().splitlines()]


def logged(log: events.EventLog, *asked: dict[str, Any], status: int = 200) -> list[dict[str, Any]]:
    """What a gate writes down when these requests come."""

    async def service(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        pass

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    gate = security.Gate(service, DOOR, log)
    plain = {"type": "http", "method": "GET", "path": "/api/runs", "query_string": b"", "client": ("127.0.0.1", 5)}
    for one in asked:
        asyncio.run(gate({**plain, "headers": PAGE, **one}, receive, send))
    return written(log)


def test_sign_ins_that_went_well_are_logged_with_who_when_where_and_how(log: events.EventLog) -> None:
    by_token = {"path": "/", "query_string": b"token=" + b"t" * 43}
    program = {"headers": [*PAGE, BEARER]}
    one, two = logged(log, by_token, program, program, program)
    assert one["session"] and one["by"] == "token" and two["by"] == "bearer", "a program once, not at every question"
    for line in (one, two):
        assert line["event"] == "signed in" and line["time"] == "1970-01-12T13:46:40.000Z"
        assert (line["service"], line["peer"]) == ("http://127.0.0.1:8040", "127.0.0.1")


def test_sign_ins_that_failed_are_logged_with_what_was_tried(log: events.EventLog) -> None:
    lines = logged(
        log,
        {"path": "/", "query_string": b"token=guess"},
        {"headers": [*PAGE, (b"authorization", b"Bearer guess")]},
        {"headers": [*PAGE, (b"cookie", b"motherlode_session_8040=guess")]},
    )
    assert [line["by"] for line in lines] == ["token", "bearer", "cookie"]
    assert {line["event"] for line in lines} == {"sign-in refused"}
    assert "guess" not in log.path.read_text(), "a slip of the pen may be near the truth"


def test_what_is_turned_away_is_logged_with_the_reason(log: events.EventLog) -> None:
    post = {"method": "POST", "headers": [*PAGE, cookie(), JSON]}
    lines = logged(log, {}, {"headers": [(b"host", b"evil.example")]}, post, {"raw_path": b"/" + b"a" * 9_000})
    assert [line["status"] for line in lines] == [401, 421, 403, 414]
    assert {line["event"] for line in lines} == {"refused"} and all(line["why"] for line in lines)


def test_attempts_past_the_rules_are_logged(log: events.EventLog) -> None:
    (line, *_) = [one for one in logged(log, {"headers": [*PAGE, cookie()]}, status=422) if one["event"] == "refused"]
    assert (line["status"], line["path"], line["method"]) == (422, "/api/runs", "GET")


def test_signing_out_is_logged(log: events.EventLog) -> None:
    own = [ORIGIN, (b"sec-fetch-site", b"same-origin"), JSON]
    (line,) = logged(log, {"method": "POST", "path": "/sign-out", "headers": [*PAGE, cookie(), *own]})
    assert line["event"] == "signed out" and line["session"]


def test_nothing_from_outside_breaks_a_line_or_colours_a_terminal(log: events.EventLog) -> None:
    ugly = '/a\r\n{"event": "signed in"}\x1b[31m\u2028' + "é" * 400
    (line,) = logged(log, {"path": ugly})
    raw = log.path.read_bytes()
    assert raw.count(b"\n") == 1 and raw.endswith(b"\n") and all(32 <= byte < 127 for byte in raw[:-1])
    assert line["event"] == "refused" and line["path"].startswith(ugly[:100]) and len(line["path"]) <= 161


def test_no_secret_reaches_the_log(log: events.EventLog) -> None:
    mine = cookie()
    own = [ORIGIN, (b"sec-fetch-site", b"same-origin"), JSON]
    logged(
        log,
        {"path": "/" + "t" * 43},
        {"path": "/", "query_string": b"token=" + b"t" * 43},
        {"method": "POST", "path": "/sign-out", "headers": [*PAGE, mine, *own]},
    )
    assert "t" * 43 not in log.path.read_text()
    assert mine[1].decode().partition("=")[2] not in log.path.read_text()


def test_a_flood_is_counted_and_sign_ins_are_still_written(log: events.EventLog, clock: Clock) -> None:
    for _ in range(10_000):
        log("refused", status=401)
    log("signed in", signing=True)
    clock.now += 3.5
    for _ in range(10):
        log("refused", status=401)
    lines = written(log)
    assert len(lines) == events.BURST + 1 + 3
    assert lines[events.BURST]["event"] == "signed in"
    assert lines[events.BURST]["untold_before"] == 10_000 - events.BURST
    assert [line.get("untold_before") for line in lines].count(None) == len(lines) - 1


def test_the_log_stays_small_and_belongs_to_its_user(log: events.EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LARGEST_BYTES", 5_000)
    for number in range(200):
        log("signed in", signing=True, session=number)
    older = log.path.with_suffix(".old.jsonl")
    assert sorted(log.path.parent.iterdir()) == sorted([log.path, older])
    assert log.path.stat().st_size <= 5_000 and older.stat().st_size <= 5_000
    assert written(log)[-1]["session"] == 199
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_a_log_that_cannot_be_written_keeps_the_door_shut_and_is_said(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    log = events.EventLog(tmp_path / "file" / "security.jsonl", clock=clock)

    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("it was let in")

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Any] = []
    scope = {"type": "http", "method": "GET", "path": "/api/runs", "query_string": b"", "headers": PAGE}
    asyncio.run(security.Gate(never, DOOR, log)(scope, None, send))
    assert sent[0]["status"] == 401
    assert json.loads(capsys.readouterr().err)["event"] == "refused"


def test_what_the_log_holds_is_written_down(log: events.EventLog, clock: Clock) -> None:
    page = (Path(__file__).parents[1] / "docs" / "security.md").read_text().partition("## The log")[2]
    table = page.partition("\n## ")[0]
    for _ in range(2 * events.BURST):
        log("refused", status=401)
    clock.now += 60
    by_token = {"path": "/", "query_string": b"token=" + b"t" * 43}
    wrong = {"path": "/", "query_string": b"token=guess"}
    lines = logged(log, by_token, wrong, {"headers": [*PAGE, cookie()]}, {}, status=404)
    keys, kinds = {key for line in lines for key in line}, {line["event"] for line in lines}
    assert keys == set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.M))))
    assert all(f"`{kind}`" in table for kind in kinds)
    assert app.LOG in table and f"{sessions.IDLE_S / 3600:g} hours" in page
    assert f"{events.BURST} at once" in table and f"cut to {events.LONGEST} characters" in table
