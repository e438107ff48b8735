"""One polite download: one request at a time, cached, resumed where it broke, backing off when asked to.

Nothing is left behind that is not whole: bytes gather in ``NAME.part``, and become ``NAME`` when all are there.
"""

import http.client
import json
import ssl
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from socket import SHUT_RDWR, create_connection, socket
from threading import Timer
from typing import Any, Final
from urllib.parse import urljoin

import motherlode
from motherlode import durable
from motherlode.catalogue import guards
from motherlode.catalogue.guards import Limits, Target
from motherlode.errors import DownloadError

USER_AGENT: Final = f"motherlode/{motherlode.__version__} (asteroid mission studies; one request at a time)"
MAGIC: Final = {"gzip": (b"\x1f\x8b",), "zip": (b"PK\x03\x04",), "parquet": (b"PAR1",), "json": (b"{", b"[")}
RETRIED: Final = frozenset({429, 500, 502, 503, 504})
REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Received:
    """A file as it came: where from, when, how large, its hash and what the server calls this version."""

    url: str
    sha256: str
    size: int
    retrieved: str
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False


class _Again(Exception):
    """The same request may work later."""

    def __init__(self, reason: str, wait_s: float | None = None):
        super().__init__(reason)
        self.wait_s = wait_s


def fetch(
    url: str, path: Path, kind: str, limits: Limits, *, sleep: Callable[[float], None] = time.sleep
) -> Received:
    """Bring a file, or find that the one in ``path`` is still the newest.

    path     where it goes; beside it ``.part`` while it comes and ``.json`` with what is known of it
    kind     gzip, zip, parquet or json: checked against the first bytes
    sleep    how to wait; a test hands its own
    raises   DownloadError; what stood in ``path`` before is untouched
    """
    for attempt in range(1, limits.attempts + 1):
        try:
            return _once(url, path, kind, limits)
        except _Again as again:
            if attempt == limits.attempts:
                raise DownloadError(f"{url} failed {attempt} times, last: {again}") from None
            sleep(min(again.wait_s if again.wait_s is not None else 2.0**attempt, limits.max_wait_s))
    raise AssertionError("unreachable")


def _once(url: str, path: Path, kind: str, limits: Limits) -> Received:
    """One chain of request and redirects."""
    known, part = _known(path), path.with_name(path.name + ".part")
    asked, at = _conditions(url, known, path, part), url
    for _ in range(limits.redirects + 1):
        target = guards.check(at, limits)
        with closing(_connect(target, limits)) as connection:
            cut = Timer(limits.total_s, _cut, [connection.sock])
            cut.start()
            try:
                response = _ask(connection, target, asked)
                if response.status in REDIRECTED:
                    at = urljoin(at, response.getheader("Location") or "")
                    continue
                if response.status == 304 and known:
                    return Received(**{**asdict(known), "unchanged": True})
                _gather(response, url, part, limits)
                return _received(url, response, path, part, kind)
            except (OSError, http.client.HTTPException) as error:
                said = " ".join(f"{type(error).__name__}: {error}".split())
                raise _Again(f"the connection broke ({said[:120]})") from None
            finally:
                cut.cancel()
    raise DownloadError(f"{url} leads through more than {limits.redirects} redirects")


def _known(path: Path) -> Received | None:
    """What is known of the file that is there, if it is whole."""
    try:
        known = Received(**json.loads(path.with_name(path.name + ".json").read_text()))
        return known if path.stat().st_size == known.size else None
    except (OSError, ValueError, TypeError):
        return None


def _conditions(url: str, known: Received | None, path: Path, part: Path) -> dict[str, str]:
    """Headers that ask for news only, or for the rest of what broke off."""
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Accept": "*/*", "Connection": "close"}
    begun = _begun(part)
    if begun and begun["url"] == url and begun["version"]:
        return headers | {"Range": f"bytes={part.stat().st_size}-", "If-Range": begun["version"]}
    part.unlink(missing_ok=True)
    if known and known.url == url and known.etag:
        return headers | {"If-None-Match": known.etag}
    if known and known.url == url and known.last_modified:
        return headers | {"If-Modified-Since": known.last_modified}
    return headers


def _begun(part: Path) -> dict[str, str] | None:
    """Which version of which file a broken download is a part of."""
    try:
        found = json.loads(part.with_name(part.name + ".json").read_text())
        return found if part.stat().st_size > 0 and {"url", "version"} <= set(found) else None
    except (OSError, ValueError, TypeError):
        return None


def _connect(target: Target, limits: Limits) -> http.client.HTTPConnection:
    """A connection to the address that was checked, its peer checked once more, TLS to the name."""
    try:
        raw = create_connection((target.address, target.port), limits.connect_s)
        guards.allowed(raw.getpeername()[0], local=limits.loopback)
        raw.settimeout(limits.idle_s)
        if target.scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=target.host)
    except ssl.SSLCertVerificationError as error:
        raise DownloadError(f"{target.host} shows no valid certificate: {error.verify_message}") from None
    except OSError as error:
        raise _Again(f"cannot reach {target.host}: {error}") from None
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = raw
    return connection


def _cut(channel: socket) -> None:
    """End a connection that has taken too long, whatever it is waiting for."""
    with suppress(OSError):
        channel.shutdown(SHUT_RDWR)


def _ask(connection: http.client.HTTPConnection, target: Target, headers: dict[str, str]) -> Any:
    default = 443 if target.scheme == "https" else 80
    host = target.host if target.port == default else f"{target.host}:{target.port}"
    connection.request("GET", target.path, headers={"Host": host, **headers})
    return connection.getresponse()


def _gather(response: Any, url: str, part: Path, limits: Limits) -> None:
    """Bring the body into the part file, by appending where the server goes on with it."""
    if response.status in RETRIED:
        raise _Again(f"HTTP {response.status} {response.reason}", _retry_after(response.getheader("Retry-After")))
    if response.status == 416:
        part.unlink(missing_ok=True)
        raise _Again("the server does not know the part that is here", 0.0)
    if response.status not in {200, 206}:
        raise DownloadError(f"the server answers HTTP {response.status} {response.reason}")
    begun = part.stat().st_size if response.status == 206 and part.exists() else 0
    if response.status == 206 and not str(response.getheader("Content-Range")).startswith(f"bytes {begun}-"):
        part.unlink(missing_ok=True)
        raise _Again("the server goes on at another place than asked", 0.0)
    announced = response.length
    if begun + (announced or 0) > limits.max_bytes:
        raise DownloadError(f"{begun + announced:,} bytes are announced, {limits.max_bytes:,} are allowed")
    if begun == 0:
        about = {"url": url, "version": _version(response)}
        part.with_name(part.name + ".json").write_text(json.dumps(about))
    _copy(response, part, begun, announced, limits)


def _version(response: Any) -> str:
    """What names this very version; a weak ETag does not."""
    version = str(response.getheader("ETag") or response.getheader("Last-Modified") or "")
    return "" if version.startswith("W/") else version


def _copy(response: Any, part: Path, begun: int, announced: int | None, limits: Limits) -> None:
    got = 0
    with part.open("ab" if begun else "wb") as out:
        while block := response.read1(guards.BLOCK):
            got += len(block)
            if begun + got > limits.max_bytes:
                raise DownloadError(f"more than the {limits.max_bytes:,} bytes allowed")
            out.write(block)
    if announced is not None and got != announced:
        raise _Again(f"the body broke off after {got:,} of {announced:,} bytes")


def _received(url: str, response: Any, path: Path, part: Path, kind: str) -> Received:
    """Put a whole file in its place, with what is known of it beside it."""
    with part.open("rb") as content:
        start = content.read(64).lstrip() if kind == "json" else content.read(4)
    if not start.startswith(MAGIC[kind]):
        part.unlink()
        what = "a web page" if start.lstrip()[:1] == b"<" else f"{start[:16]!r}"
        raise DownloadError(f"{url} answers with {what} where a {kind} file was expected")
    received = Received(
        url=url,
        sha256=_hash(part),
        size=part.stat().st_size,
        retrieved=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        etag=response.getheader("ETag") or "",
        last_modified=response.getheader("Last-Modified") or "",
    )
    durable.adopt(part, path)
    durable.write(path.with_name(path.name + ".json"), json.dumps(asdict(received), indent=1).encode())
    part.with_name(part.name + ".json").unlink(missing_ok=True)
    return received


def _hash(path: Path) -> str:
    total = sha256()
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, from a number or a date; None where nothing readable is said."""
    if value is None:
        return None
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError):
        return None
