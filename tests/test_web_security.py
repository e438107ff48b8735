"""The gate: every way in that must stay shut, tried on the gate itself."""

import asyncio
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motherlode.errors import BadInput
from motherlode.web import security

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
    assert ask(headers=[*PAGE, (b"cookie", b"motherlode_session=" + b"t" * 43)])[0] == 401


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
    assert headers[b"set-cookie"].startswith(b"__Host-motherlode_session=") and b"Secure" in headers[b"set-cookie"]
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
