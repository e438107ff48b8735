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
