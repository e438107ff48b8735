"""Who may talk to the service: this machine's user, from the service's own page, with the token. Nobody else.

A pure ASGI layer in front of everything: it answers before a route is chosen, so no route can forget it.
Controls and the tests that show them: ``docs/security.md``.
"""

import asyncio
import hmac
import ipaddress
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs

from motherlode.errors import BadInput
from motherlode.web import events, sessions
from motherlode.web.sessions import Sessions

Scope = dict[str, Any]

COOKIE: Final = "motherlode_session"
BODY_LIMIT_BYTES: Final = 1_000_000
BODY_LIMIT_S: Final = 10.0
TARGET_LIMIT_BYTES: Final = 8_000
IN_FLIGHT_LIMIT: Final = 32
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
SIGN_OUT: Final = "/sign-out"
OPEN_PATHS: Final = ("/health", "/assets/", "/favicon.svg")  # nothing here depends on who asks

HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        b"connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)
HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


@dataclass(frozen=True)
class Door:
    """What the service answers to: its own names, one secret, and how much at once.

    hosts    exact ``name:port`` pairs that a request may be addressed to
    token    256-bit secret; a browser trades it for a cookie once, a program sends it as a bearer
    scheme   http, or https when a certificate is given
    port     where it listens
    sessions  browsers that have traded the token and may come back with their cookie
    """

    hosts: frozenset[str]
    token: str = field(repr=False)
    scheme: str = "http"
    port: int = 0
    sessions: Sessions = field(default_factory=Sessions, repr=False, compare=False)

    @property
    def origins(self) -> frozenset[str]:
        """Origins from which a page may change something: exact strings, never prefixes."""
        return frozenset(f"{self.scheme}://{host}" for host in self.hosts)

    @property
    def cookie(self) -> str:
        """Name of the session cookie; under TLS the prefix makes browsers hold it to this host and to TLS.

        Browsers send the cookies of a host to all its ports: the name tells two services of one machine apart.
        """
        return f"{'__Host-' if self.scheme == 'https' else ''}{COOKIE}_{self.port}"


def door(host: str, port: int, *, scheme: str = "http", token: str | None = None, names: Iterable[str] = ()) -> Door:
    """The door of a service bound to an address.

    host, port   where it listens; a loopback address answers to its three usual names
    names        further host names, for a service that is deliberately on a network
    """
    own = ("127.0.0.1", "localhost", "[::1]") if is_loopback(host) else (bracketed(host),)
    default = {"http": 80, "https": 443}[scheme]
    hosts = {f"{name}:{port}" for name in (*own, *names)}
    hosts |= {name for name in (*own, *names) if port == default}
    return Door(frozenset(hosts), token or secrets.token_urlsafe(32), scheme, port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def bracketed(host: str) -> str:
    """A host as it is written before a port."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def refuse_exposure(host: str, *, certificate: bool, exposed: bool) -> None:
    """Refuse a bind that others can reach unless it is encrypted or the user says so in words.

    raises  BadInput
    """
    if not is_loopback(host) and not certificate and not exposed:
        raise BadInput(
            f"--host {host} would show the service to the network without encryption; expected 127.0.0.1, or "
            "--certificate and --key for TLS, or --exposed if you accept that anyone there can read the traffic"
        )


class Gate:
    """ASGI layer that lets in only what the door allows, and caps size and number of what is let in."""

    def __init__(self, app: Any, door: Door, log: Callable[..., None] = events.nowhere):
        self.app, self.door, self.log = app, door, log
        self.places = asyncio.Semaphore(IN_FLIGHT_LIMIT)
        self._programs: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, _hardened(send, _headers(scope, self.door)))
        else:  # no WebSocket is served; close before it opens
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Any, send: Any) -> None:
        if refusal := judge(scope, self.door):
            return await self._turn_away(scope, send, *refusal)
        if _has_token(scope, self.door):
            return await self._sign_in(scope, send)
        if scope["method"] == "POST" and scope["path"] == SIGN_OUT:
            return await self._sign_out(scope, send)
        if _has_bearer(scope["headers"], self.door):
            self._admit(scope)
        if self.places.locked():
            busy = "busy: too many requests in flight; try again"
            return await self._turn_away(scope, send, 503, busy, ((b"retry-after", b"1"),))
        async with self.places:
            return await self._serve(scope, receive, self._watched(scope, send))

    async def _serve(self, scope: Scope, receive: Any, send: Any) -> None:
        try:
            body = await asyncio.wait_for(_body(receive), BODY_LIMIT_S)
        except TimeoutError:
            return await _answer(send, 408, f"body not sent within {BODY_LIMIT_S:g} s")
        if body is None:
            return await _answer(send, 413, f"body larger than {BODY_LIMIT_BYTES} bytes")
        await self.app(scope, _replay(body, receive), send)

    async def _sign_in(self, scope: Scope, send: Any) -> None:
        """Trade the token for a session; one that the browser had before ends."""
        self.door.sessions.end(_cookie_of(scope["headers"], self.door))
        name = self.door.sessions.begin()
        self.log("signed in", signing=True, by="token", session=sessions.label(name), **_who(scope))
        cookie = (b"set-cookie", _cookie(self.door, name))
        await _answer(send, 303, "", ((b"location", _without_token(scope)), cookie))

    async def _sign_out(self, scope: Scope, send: Any) -> None:
        name = _cookie_of(scope["headers"], self.door)
        if self.door.sessions.end(name):
            self.log("signed out", signing=True, session=sessions.label(name), **_who(scope))
        await _answer(send, 200, "signed out", ((b"set-cookie", _cookie(self.door, "", "; Max-Age=0")),))

    def _admit(self, scope: Scope) -> None:
        """Note a program with the bearer, once for each place it comes from and span of use."""
        who, now = _who(scope), sessions.since_boot()
        last = self._programs.get(who["peer"])
        if last is None or now - last > sessions.IDLE_S:
            self._programs = {**dict(list(self._programs.items())[-sessions.MOST :]), who["peer"]: now}
            self.log("signed in", signing=True, by="bearer", **who)

    async def _turn_away(
        self, scope: Scope, send: Any, status: int, why: str, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        tried = _tried(scope, self.door)
        event = "sign-in refused" if status == 401 and tried else "refused"
        self.log(event, status=status, why=why, by=tried, **_who(scope))
        await _answer(send, status, why, headers)

    def _watched(self, scope: Scope, send: Any) -> Any:
        """Note what the service behind the gate refuses: input that is not as described, methods, too much."""

        async def watched(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                self.log("refused", status=message["status"], why="by the service", **_who(scope))
            await send(message)

        return watched


def judge(scope: Scope, door: Door) -> tuple[int, str] | None:
    """Status and reason with which a request is turned away, or None to let it in."""
    headers = scope["headers"]
    hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
    if len(hosts) != 1 or hosts[0].lower() not in door.hosts:
        return 421, "this service does not answer to that host name"
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > TARGET_LIMIT_BYTES:
        return 414, "address too long"
    if scope["method"] not in SAFE_METHODS and (refusal := _judge_change(headers, door)):
        return refusal
    path = scope["path"]
    if any(path == name or (name.endswith("/") and path.startswith(name)) for name in OPEN_PATHS):
        return None
    if not (_has_bearer(headers, door) or _has_cookie(headers, door) or _has_token(scope, door)):
        return 401, "open the address that `motherlode serve` printed, with its token, or send it as a bearer"
    return None


def _judge_change(headers: Any, door: Door) -> tuple[int, str] | None:
    """A change must come from the service's own page, as JSON; a program without an Origin needs the bearer."""
    values = {name: value.decode("latin-1") for name, value in headers}
    origin, site = values.get(b"origin"), values.get(b"sec-fetch-site")
    if origin is None and site is None and _has_bearer(headers, door):
        pass
    elif origin not in door.origins or site not in {"same-origin", None}:
        return 403, "changes are taken from the service's own page only"
    if values.get(b"content-type", "").split(";")[0].strip().lower() != "application/json":
        return 415, "changes are sent as application/json"
    return None


def _has_bearer(headers: Any, door: Door) -> bool:
    sent = [value for name, value in headers if name == b"authorization"]
    return len(sent) == 1 and hmac.compare_digest(sent[0], f"Bearer {door.token}".encode())


def _has_cookie(headers: Any, door: Door) -> bool:
    return door.sessions.open(_cookie_of(headers, door))


def _cookie_of(headers: Any, door: Door) -> str:
    """The session that a browser says it has; empty where it says none."""
    sent = [value.decode("latin-1") for name, value in headers if name == b"cookie"]
    try:
        jar = SimpleCookie("; ".join(sent))
    except CookieError:
        return ""
    return jar[door.cookie].value if door.cookie in jar else ""


def _has_token(scope: Scope, door: Door) -> bool:
    """Whether a request is for the page, by the printed address."""
    if scope["method"] != "GET" or scope["path"] != "/":
        return False
    sent = _tokens(scope)
    return len(sent) == 1 and hmac.compare_digest(sent[0].encode(), door.token.encode())


def _tokens(scope: Scope) -> list[str]:
    return parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])


def _cookie(door: Door, name: str, more: str = "") -> bytes:
    secure = "; Secure" if door.scheme == "https" else ""
    return f"{door.cookie}={name}; Path=/; HttpOnly; SameSite=Strict{secure}{more}".encode()


def _tried(scope: Scope, door: Door) -> str:
    """With what a request meant to be let in."""
    if _tokens(scope):
        return "token"
    if any(name == b"authorization" for name, _ in scope["headers"]):
        return "bearer"
    return "cookie" if _cookie_of(scope["headers"], door) else ""


def _who(scope: Scope) -> dict[str, str]:
    """Who asks for what: never the query, which may hold the token."""
    peer = scope.get("client") or ("unknown",)
    return {"peer": str(peer[0]), "method": str(scope["method"]), "path": str(scope["path"])}


def _without_token(scope: Scope) -> bytes:
    pairs = scope["query_string"].split(b"&")
    rest = b"&".join(pair for pair in pairs if not pair.startswith(b"token="))
    return b"/?" + rest if rest else b"/"


async def _body(receive: Any) -> bytes | None:
    """The whole body, or None as soon as it is over the limit."""
    parts, size = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_LIMIT_BYTES:
            return None
        if not message.get("more_body") or message["type"] == "http.disconnect":
            return b"".join(parts)


def _replay(body: bytes, receive: Any) -> Any:
    sent = False

    async def replay() -> Any:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _headers(scope: Scope, door: Door) -> tuple[tuple[bytes, bytes], ...]:
    """The headers that lock an answer: the built files may be kept by the browser, nothing else."""
    kept = [pair for pair in HEADERS if pair[0] != b"cache-control" or not scope["path"].startswith("/assets/")]
    return (*kept, HTTPS_ONLY) if door.scheme == "https" else tuple(kept)


def _hardened(send: Any, headers: Iterable[tuple[bytes, bytes]]) -> Any:
    async def hardened(message: Any) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message.get("headers", ())}
            extra = [pair for pair in headers if pair[0] not in present]
            message = {**message, "headers": [*message.get("headers", ()), *extra]}
        await send(message)

    return hardened


async def _answer(send: Any, status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    body = text.encode()
    plain = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*plain, *headers]})
    await send({"type": "http.response.body", "body": body})
