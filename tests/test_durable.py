"""Files that are whole or not there, locks that end with their holder, names that stay in their folder."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motherlode import durable
from motherlode.errors import BadInput, StoreError


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "table"
    durable.write(path, b"old")

    def half(fresh: Path) -> None:
        fresh.write_bytes(b"ne")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError, match=r"no space left for .*; free some and run the same command again"):
        durable.fill(path, half)
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["table"]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_forbidden_place_is_said(code: int, tmp_path: Path) -> None:
    def forbidden(fresh: Path) -> None:
        raise OSError(code, "not allowed")

    with pytest.raises(StoreError, match=r"cannot write .*: not allowed; choose another folder"):
        durable.fill(tmp_path / "table", forbidden)


def test_litter_of_killed_writers_is_swept(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / f".table.123{durable.SUFFIX}").write_bytes(b"half")
    (tmp_path / "deep" / "table").write_bytes(b"whole")
    assert durable.sweep(tmp_path) == 1
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["table"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_lock_on_a_full_disk_is_said_and_let_go(tmp_path: Path) -> None:
    (tmp_path / "run.lock").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"no space left for|cannot write"):
        durable.hold(tmp_path / "run.lock")


def test_litter_that_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    (tmp_path / f".table.1{durable.SUFFIX}").touch()
    monkeypatch.setattr(Path, "unlink", read_only)
    with pytest.raises(StoreError, match=r"cannot write .*: Read-only file system; choose another folder"):
        durable.sweep(tmp_path)


def test_a_full_disk_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"MB left and .* MB are needed; free some space"):
        durable.need_room(tmp_path, 1 << 60)


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    code = (
        "import sys, pathlib; from motherlode import durable; held = durable.hold(pathlib.Path(sys.argv[1]));"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=rf"is in use by process {other.pid}, started"):
            durable.hold(path)
        other.kill()
        other.wait()
    durable.hold(path).close()


@pytest.mark.parametrize("name", ["first-light", "101955.json", "2000 SG344.json", "study_2.toml", "a+b"])
def test_plain_names_have_a_place(name: str, tmp_path: Path) -> None:
    assert durable.inside(tmp_path, name) == tmp_path / name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", "C:x", "C:\\x", ".hidden", "x\0y", "x\ny", "con", "NUL.txt",
     "lpt1", "x.", "x ", " x", "~", "%2e%2e", "a" * 101, "x\u202ey", "\uff0e\uff0e", "-x", "$HOME", "`id`", "a|b"],
)  # fmt: skip
def test_other_names_have_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no plain name"):
        durable.inside(tmp_path, name)


def test_a_link_out_of_the_folder_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to("/etc/passwd")
    with pytest.raises(BadInput):
        durable.inside(tmp_path / "in", "link")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.text(max_size=30) | st.lists(st.sampled_from(["..", ".", "/", "\\", "x", "%2f", "\0", " "])).map("".join)
)
def test_no_name_leads_out(name: str, tmp_path: Path) -> None:
    try:
        path = durable.inside(tmp_path, name)
    except BadInput:
        return
    assert path.resolve().parent == tmp_path.resolve() and path != tmp_path


def test_a_folder_is_made_with_what_lies_above_and_may_be_there_already(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b"
    for _ in range(2):
        durable.make_folder(place)
    assert place.is_dir() and not list(place.iterdir())  # the probe is gone


@pytest.mark.parametrize(
    ("total_mb", "free_mb", "wanted_mb", "fits"),
    [
        (100_000, 1_064, 1_000, True),
        (100_000, 1_063, 1_000, False),
        (1_000, 150, 100, True),
        (1_000, 149, 100, False),
    ],
)
def test_the_margin_is_5_percent_or_64_mb(
    total_mb: int, free_mb: int, wanted_mb: int, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    from types import SimpleNamespace

    mb = 1 << 20
    disk = SimpleNamespace(total=total_mb * mb, free=free_mb * mb)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: disk)
    if fits:
        durable.need_room(tmp_path, wanted_mb * mb)
    else:
        with pytest.raises(StoreError, match=rf"has {free_mb * mb / 1e6:.0f} MB left and \d+ MB are needed"):
            durable.need_room(tmp_path, wanted_mb * mb)


def test_other_faults_of_the_disk_are_named() -> None:
    told = durable.told(Path("t"), OSError(errno.EIO, "Input/output error"))
    assert told == "cannot write t: Input/output error; results written before are intact"
    assert "something" in durable.told(Path("t"), OSError("something"))


def test_the_lock_says_who_holds_it(tmp_path: Path) -> None:
    import os

    with durable.hold(tmp_path / "run.lock"):
        assert (tmp_path / "run.lock").read_text().startswith(f"process {os.getpid()}, started 2")
    with durable.hold(tmp_path / "run.lock"):
        assert (tmp_path / "run.lock").read_text().count("process") == 1


@pytest.mark.parametrize(("system", "let_off"), [("nt", True), ("posix", False)])
def test_a_folder_that_cannot_be_opened_is_let_off_where_the_system_has_no_such_thing(
    system: str, let_off: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    def refused(*words: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(durable, "os", SimpleNamespace(open=refused, O_RDONLY=0, name=system))
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file"):
        if let_off and path.is_dir():
            durable._force(path)
        else:
            with pytest.raises(PermissionError):
                durable._force(path)


def test_litter_that_is_gone_already_is_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: [tmp_path / "gone"])
    assert durable.sweep(tmp_path) == 1


def test_figures_and_names_in_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil
    from types import SimpleNamespace

    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(total=2_000_000_000, free=7_000_000))
    with pytest.raises(StoreError, match=r"has 7 MB left and 117 MB are needed"):
        durable.need_room(tmp_path, 50_000_000)
    with pytest.raises(BadInput) as refused:
        durable.inside(tmp_path, "/" + "a" * 90)
    assert str(refused.value).startswith(f"{'/' + 'a' * 59!r} is no plain name")
