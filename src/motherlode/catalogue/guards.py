"""What a download may be: from where, how large, how packed. Everything else is refused with its reason.

A list of hosts, https only, no credentials; every address that a name resolves to must be public, and the connection
goes to the very address that was checked; archives are unpacked by count, size and ratio, never by what they declare.
"""

import ipaddress
import socket
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from motherlode.errors import BadSource, DownloadError

HOSTS: Final = frozenset({
    "minorplanetcenter.net", "www.minorplanetcenter.net", "data.minorplanetcenter.net", "ssd-api.jpl.nasa.gov",
    "ssd.jpl.nasa.gov", "ssp.imcce.fr", "api.ssodnet.imcce.fr", "sbnarchive.psi.edu", "neo.ssa.esa.int",
})  # fmt: skip
BLOCK: Final = 1 << 16


@dataclass(frozen=True)
class Limits:
    """How far a download may go."""

    hosts: frozenset[str] = HOSTS
    max_bytes: int = 2 << 30
    max_unpacked_bytes: int = 4 << 30
    max_ratio: float = 100.0  # unpacked to packed, after the first MB; catalogues reach 3 to 10, zeros 1 028
    max_entries: int = 200
    connect_s: float = 15.0
    idle_s: float = 60.0
    total_s: float = 3_600.0
    redirects: int = 5
    attempts: int = 5
    max_wait_s: float = 300.0
    loopback: bool = False  # http to this very machine, for tests


@dataclass(frozen=True)
class Target:
    """An address that may be asked: the name for TLS and the header, the address that was checked."""

    scheme: str
    host: str
    port: int
    address: str
    path: str


def check(url: str, limits: Limits) -> Target:
    """Where a URL leads, if it may be asked.

    raises  DownloadError: another scheme or host, credentials, an odd port, an address that is not public
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise DownloadError(f"{url[:200]!r} is no address") from None
    local = limits.loopback and host in {"127.0.0.1", "localhost"}
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise DownloadError(f"{url[:200]!r} is refused: only https is allowed")
    if parts.username is not None or parts.password is not None:
        raise DownloadError(f"an address with a user name is refused: {host}")
    if not local and (host not in limits.hosts or port not in {None, 443}):
        raise DownloadError(
            f"{host or url[:80]!r} is not among the known services: {', '.join(sorted(limits.hosts))}"
        )
    port = port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if any(ord(character) < 33 or ord(character) > 126 for character in path):
        raise DownloadError(f"{url[:200]!r} is refused: unprintable characters")
    return Target(parts.scheme, host, port, _address(host, port, local), path)


def _address(host: str, port: int, local: bool) -> str:
    """The address to connect to; all that the name resolves to must be public, so that none can be chosen later."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise DownloadError(f"cannot find {host}: {error.strerror or error}; is this machine online?") from None
    addresses = [str(item[4][0]) for item in found]
    for address in addresses:
        allowed(address, local=local)
    return addresses[0]


def allowed(address: str, *, local: bool = False) -> None:
    """Refuse an address that is not public (or, for tests, not this machine); checked again on the connected peer."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    if not (mapped.is_loopback if local else mapped.is_global and not mapped.is_multicast):
        raise DownloadError(f"the address {address} is refused: not a public one")


def gunzip(packed: Path, unpacked: Path, limits: Limits) -> int:
    """Unpack a .gz file block by block; returns the number of bytes.

    raises  BadSource: not gzip, cut off, followed by something else, too large, too dense
    """
    size, read = 0, 0
    inflate = zlib.decompressobj(wbits=31)
    with packed.open("rb") as source, unpacked.open("wb") as out:
        try:
            while block := source.read(BLOCK):
                read += len(block)
                while block and not inflate.eof:
                    piece = inflate.decompress(block, 1 << 22)
                    block, size = inflate.unconsumed_tail, size + len(piece)
                    _bounded(size, read, packed.name, limits)
                    out.write(piece)
                if inflate.eof and (inflate.unused_data or source.read(1)):
                    raise BadSource(f"{packed.name}: there is something behind the end of the gzip data")
        except zlib.error as error:
            raise BadSource(f"{packed.name} is no whole gzip file: {error}") from None
    if not inflate.eof:
        raise BadSource(f"{packed.name} is cut off after {read:,} bytes")
    return size


def _bounded(size: int, packed_size: int, name: str, limits: Limits) -> None:
    if size > limits.max_unpacked_bytes:
        raise BadSource(f"{name} unpacks to more than the {limits.max_unpacked_bytes:,} bytes allowed")
    if size > 1 << 20 and size > limits.max_ratio * packed_size:
        raise BadSource(f"{name} unpacks to more than {limits.max_ratio:g} times its size: refused as a bomb")


def unzip(packed: Path, member: str, unpacked: Path, limits: Limits) -> int:
    """Unpack the one member of a .zip file whose name ends so; no name of the archive becomes a path.

    raises  BadSource: not zip, too many entries, names that lead elsewhere, links, the member absent or twice, bombs
    """
    try:
        with zipfile.ZipFile(packed) as archive:
            entries = archive.infolist()
            if len(entries) > limits.max_entries:
                raise BadSource(
                    f"{packed.name} has {len(entries)} entries, more than the {limits.max_entries} allowed"
                )
            for entry in entries:
                _plain_entry(entry, packed.name)
            wanted = [entry for entry in entries if entry.filename.rsplit("/", 1)[-1] == member]
            if len(wanted) != 1:
                raise BadSource(f"{packed.name} has {len(wanted)} entries called {member}, expected one")
            with archive.open(wanted[0]) as source, unpacked.open("wb") as out:
                return _copied(source, out, wanted[0].compress_size, packed.name, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadSource(f"{packed.name} is no whole zip file: {error}") from None


def _plain_entry(entry: zipfile.ZipInfo, archive: str) -> None:
    parts = entry.filename.replace("\\", "/").split("/")
    if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise BadSource(f"{archive} holds a name that leads elsewhere: {entry.filename[:80]!r}")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadSource(f"{archive} holds a link: {entry.filename[:80]!r}")


def _copied(source: IO[bytes], out: IO[bytes], packed_size: int, name: str, limits: Limits) -> int:
    size = 0
    while block := source.read(BLOCK):
        size += len(block)
        _bounded(size, packed_size, name, limits)
        out.write(block)
    return size
