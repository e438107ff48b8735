"""The guards of a download, each at its edge: addresses, sizes, ratios, entries."""

import gzip
import socket
import zipfile
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from motherlode.catalogue import guards
from motherlode.catalogue.guards import Limits, check
from motherlode.errors import BadSource, DownloadError

MB = 1 << 20
HOME = Limits(hosts=frozenset({"rock.example"}))
HERE = Limits(hosts=frozenset(), loopback=True)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A resolver that knows these names only, and every literal address."""
    known = {"rock.example": ["93.184.216.34"], "localhost": ["127.0.0.1"], "127.0.0.1": ["127.0.0.1"]}

    def resolve(host: str, port: int, *, type: int) -> list[tuple[object, ...]]:
        assert type == socket.SOCK_STREAM
        if host not in known:
            raise OSError("no such name")
        return [(socket.AF_INET, type, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.mark.parametrize(
    ("url", "port", "path"),
    [
        ("https://rock.example", 443, "/"),
        ("https://rock.example./a/b?c=d&e", 443, "/a/b?c=d&e"),
        ("https://ROCK.example:443/%20", 443, "/%20"),
        ("https://rock.example/!~", 443, "/!~"),
    ],
)
def test_where_an_address_leads(url: str, port: int, path: str, names: dict[str, list[str]]) -> None:
    assert check(url, HOME) == guards.Target("https", "rock.example", port, "93.184.216.34", path)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://rock.example/", "only https is allowed"),
        ("ftp://rock.example/", "only https is allowed"),
        ("https://user@rock.example/", "an address with a user name is refused"),
        ("https://:secret@rock.example/", "an address with a user name is refused"),
        ("https://rock.example:444/", "is not among the known services: rock.example"),
        ("https://rock.example:0/", "is not among the known services"),
        ("https://rock.example.evil/", "is not among the known services"),
        ("https:///x", "is not among the known services"),
        ("https://rock.example:port/", "is no address"),
        ("https://[rock/", "is no address"),
        ("https://rock.example/a b", "unprintable characters"),
        ("https://rock.example/\x7f", "unprintable characters"),
        ("https://rock.example/é", "unprintable characters"),
        ("http://127.0.0.1/", "only https is allowed"),
    ],
)
def test_addresses_that_are_not_asked(url: str, reason: str, names: dict[str, list[str]]) -> None:
    with pytest.raises(DownloadError, match=reason):
        check(url, HOME)


def test_this_very_machine_is_asked_in_tests_only(names: dict[str, list[str]]) -> None:
    assert check("http://localhost:8040/x", HERE) == guards.Target("http", "localhost", 8040, "127.0.0.1", "/x")
    assert check("http://127.0.0.1", HERE).port == 80 and check("https://127.0.0.1", HERE).port == 443
    for url in ("http://rock.example/", "https://rock.example/", "ftp://localhost/", "https://127.0.0.2/"):
        with pytest.raises(DownloadError):
            check(url, HERE)
    names["localhost"] = ["93.184.216.34"]
    with pytest.raises(DownloadError, match=r"the address 93\.184\.216\.34 is refused"):
        check("http://localhost/", HERE)


def test_every_address_of_a_name_must_be_public(names: dict[str, list[str]]) -> None:
    names["rock.example"] = ["93.184.216.34", "10.0.0.1"]
    with pytest.raises(DownloadError, match=r"the address 10\.0\.0\.1 is refused: not a public one"):
        check("https://rock.example/", HOME)
    del names["rock.example"]
    with pytest.raises(DownloadError, match=r"cannot find rock\.example: no such name; is this machine online\?"):
        check("https://rock.example/", HOME)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "2001:4860:4860::8888%eth0"]
)
def test_public_addresses(address: str) -> None:
    guards.allowed(address)
    with pytest.raises(DownloadError):
        guards.allowed(address, local=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.8.8"])
def test_own_addresses(address: str) -> None:
    guards.allowed(address, local=True)
    with pytest.raises(DownloadError):
        guards.allowed(address)


@pytest.mark.parametrize(
    "address", ["224.0.0.1", "232.1.1.1", "ff0e::1", "fe80::1%eth0", "::ffff:127.0.0.1", "0.0.0.0"]
)
def test_addresses_of_many_or_of_nobody(address: str) -> None:
    with pytest.raises(DownloadError, match="not a public one"):
        guards.allowed(address)


def packed(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(content, mtime=0))
    return path


@pytest.mark.parametrize("size", [0, 1, guards.BLOCK, 9 * MB + 1])
def test_gzip_is_unpacked_whole(size: int, tmp_path: Path) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    path = packed(tmp_path, content)
    assert guards.gunzip(path, tmp_path / "x", Limits(max_ratio=1e6)) == size
    assert (tmp_path / "x").read_bytes() == content


def test_gzip_with_something_behind_it_is_refused(tmp_path: Path) -> None:
    stored = (gzip.compress(b"r" * size, 0, mtime=0) for size in range(guards.BLOCK - 60, guards.BLOCK))
    a_block = next(data for data in stored if len(data) == guards.BLOCK)
    for whole in (gzip.compress(b"a" * 1000), a_block):
        for behind in (b"x", gzip.compress(b"second")):
            (tmp_path / "x.gz").write_bytes(whole + behind)
            with pytest.raises(BadSource, match="something behind the end"):
                guards.gunzip(tmp_path / "x.gz", tmp_path / "x", Limits())


def test_gzip_cut_off_or_damaged_is_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path, b"abc" * 1000).read_bytes()
    for end in (0, 5, len(whole) - 1):
        (tmp_path / "cut.gz").write_bytes(whole[:end])
        with pytest.raises(BadSource, match=f"is cut off after {end} bytes"):
            guards.gunzip(tmp_path / "cut.gz", tmp_path / "x", Limits())
    (tmp_path / "plain.gz").write_bytes(b"plain text")
    with pytest.raises(BadSource, match="is no whole gzip file"):
        guards.gunzip(tmp_path / "plain.gz", tmp_path / "x", Limits())


def test_sizes_and_ratios_are_kept_to_the_byte(tmp_path: Path) -> None:
    path = packed(tmp_path, b"\0" * 2000)
    assert guards.gunzip(path, tmp_path / "x", Limits(max_unpacked_bytes=2000, max_ratio=1)) == 2000
    with pytest.raises(BadSource, match="more than the 1,999 bytes allowed"):
        guards.gunzip(path, tmp_path / "x", Limits(max_unpacked_bytes=1999))
    guards._bounded(MB, 1, "x", Limits(max_ratio=100.0))  # the first megabyte may be dense
    guards._bounded(200 * MB, 2 * MB, "x", Limits(max_ratio=100.0))
    for size, read in ((MB + 1, 1), (200 * MB + 1, 2 * MB)):
        with pytest.raises(BadSource, match="more than 100 times its size: refused as a bomb"):
            guards._bounded(size, read, "x", Limits(max_ratio=100.0))


def archive(tmp_path: Path, *entries: str, content: bytes = b"rock") -> Path:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in entries:
            made.writestr(entry, content)
    return path


def test_the_one_member_of_an_archive_is_taken(tmp_path: Path) -> None:
    content = b"0123456789" * 20_000
    path = archive(tmp_path, "other.csv", "folder/orbits.csv", content=content)
    assert guards.unzip(path, "orbits.csv", tmp_path / "x", Limits()) == len(content)
    assert (tmp_path / "x").read_bytes() == content


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        (("other.csv",), "has 0 entries called orbits.csv, expected one"),
        (("orbits.csv", "a/orbits.csv"), "has 2 entries called orbits.csv, expected one"),
        (("orbits.csv", "/etc/passwd"), "a name that leads elsewhere"),
        (("orbits.csv", "a/../../b"), "a name that leads elsewhere"),
        (("orbits.csv", "C:b"), "a name that leads elsewhere"),
        (("orbits.csv", "..\\b"), "a name that leads elsewhere"),
        (("orbits.csv", "\\b"), "a name that leads elsewhere"),
    ],
)
def test_archives_that_are_not_unpacked(entries: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match=reason):
        guards.unzip(archive(tmp_path, *entries), "orbits.csv", tmp_path / "x", Limits())


def test_names_with_dots_and_colons_inside_are_plain(tmp_path: Path) -> None:
    path = archive(tmp_path, "orbits.csv", "a..b/c", "a/b:c")
    assert guards.unzip(path, "orbits.csv", tmp_path / "x", Limits()) == 4


def test_entries_and_bytes_of_an_archive_are_counted(tmp_path: Path) -> None:
    path = archive(tmp_path, "orbits.csv", "b", "c")
    assert guards.unzip(path, "orbits.csv", tmp_path / "x", Limits(max_entries=3)) == 4
    with pytest.raises(BadSource, match="has 3 entries, more than the 2 allowed"):
        guards.unzip(path, "orbits.csv", tmp_path / "x", Limits(max_entries=2))
    with pytest.raises(BadSource, match="more than the 3 bytes allowed"):
        guards.unzip(path, "orbits.csv", tmp_path / "x", Limits(max_unpacked_bytes=3))
    bomb = archive(tmp_path, "orbits.csv", content=b"\0" * 3 * MB)
    with pytest.raises(BadSource, match="refused as a bomb"):
        guards.unzip(bomb, "orbits.csv", tmp_path / "x", Limits())
    bomb.write_bytes(bomb.read_bytes()[:-30])
    with pytest.raises(BadSource, match="is no whole zip file"):
        guards.unzip(bomb, "orbits.csv", tmp_path / "x", Limits())


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, "orbits.csv")
    with zipfile.ZipFile(path, "a") as made:
        link = zipfile.ZipInfo("elsewhere")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    with pytest.raises(BadSource, match="holds a link: 'elsewhere'"):
        guards.unzip(path, "orbits.csv", tmp_path / "x", Limits())


def test_the_limits_are_those_of_the_security_page_and_cannot_be_changed() -> None:
    limits = Limits()
    assert (limits.max_bytes, limits.max_unpacked_bytes) == (2 * 1024 * MB, 4 * 1024 * MB)
    assert (limits.max_ratio, limits.max_entries, limits.redirects, limits.attempts) == (100.0, 200, 5, 5)
    assert (limits.connect_s, limits.idle_s, limits.total_s, limits.max_wait_s) == (15.0, 60.0, 3600.0, 300.0)
    assert not limits.loopback
    with pytest.raises(FrozenInstanceError):
        limits.loopback = True  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        guards.Target("https", "a", 1, "b", "/").port = 2  # type: ignore[misc]


def test_a_refusal_quotes_the_beginning_of_what_came(names: dict[str, list[str]], tmp_path: Path) -> None:
    long = "a" * 300
    for url, reason in (
        (f"ftp://{long}", "is refused: only https is allowed"),
        (f"https://rock.example/{long} b", "is refused: unprintable characters"),
        (f"https://[{long}", "is no address"),
    ):
        with pytest.raises(DownloadError) as refused:
            check(url, HOME)
        assert str(refused.value) == f"{url[:200]!r} {reason}"
    with pytest.raises(DownloadError) as refused:
        check(f"https:///{long}", HOME)
    assert str(refused.value).startswith(f"'https:///{long[:71]}' is not among")
    with pytest.raises(BadSource) as told:
        guards.unzip(archive(tmp_path, f"/{long}"), "orbits.csv", tmp_path / "x", Limits())
    assert str(told.value).endswith(f"leads elsewhere: '/{long[:79]}'")
    link = zipfile.ZipInfo(long)
    link.external_attr = 0o120777 << 16
    with pytest.raises(BadSource) as told:
        guards._plain_entry(link, "x.zip")
    assert str(told.value) == f"x.zip holds a link: '{long[:80]}'"
