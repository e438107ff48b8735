"""Files that are whole or not there: written beside their place, forced to the disk, renamed, folder forced too.

Also the lock that one process holds on a folder, and the one function that turns a name from outside into a path.
"""

import errno
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from motherlode.errors import BadInput, StoreError

SUFFIX: Final = ".tmp"  # what a killed writer leaves behind, and what ``sweep`` takes away


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ +-]{0,99}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)  # devices on Windows, whatever the folder


def inside(folder: Path, name: str) -> Path:
    """The path of a name that came from outside, in a folder and nowhere else.

    name    one plain file name: letters, digits, space and ``. _ + -``, not beginning with a dot
    raises  BadInput for anything that could lead elsewhere: separators, dots, drives, links, devices
    """
    plain = _NAME.fullmatch(name) and not name.endswith((".", " ")) and not _RESERVED.fullmatch(name)
    path = folder / name if plain else folder
    if not plain or path.resolve().parent != folder.resolve():
        raise BadInput(f"{name[:60]!r} is no plain name: use letters, digits, spaces and . _ + - (at most 100)")
    return path


def write(path: Path, content: bytes) -> None:
    """Put bytes in a file, whole or not at all; what stood there before stays until the new file is complete.

    raises  StoreError
    """
    fill(path, lambda fresh: fresh.write_bytes(content))


def fill(path: Path, writer: Callable[[Path], object]) -> None:
    """Let a writer fill a file beside ``path``, then put it in place in one step.

    writer  given the path of the fresh file; may raise OSError
    raises  StoreError, with the old file untouched and no fresh file left
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}{SUFFIX}")
    try:
        writer(fresh)
        _force(fresh)
        fresh.replace(path)
        _force(path.parent)
    except OSError as error:
        _forget(fresh)
        raise StoreError(told(path, error)) from error
    except BaseException:
        _forget(fresh)
        raise


def adopt(fresh: Path, path: Path) -> None:
    """Put a complete file from the same folder in the place of another in one step.

    raises  StoreError, with the old file untouched
    """
    try:
        _force(fresh)
        fresh.replace(path)
        _force(path.parent)
    except OSError as error:
        raise StoreError(told(path, error)) from error


def make_folder(path: Path) -> None:
    """Make a folder and what lies above it.

    raises  StoreError where that is not allowed
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe.{os.getpid()}{SUFFIX}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StoreError(told(path, error)) from error


def sweep(folder: Path) -> int:
    """Remove the unfinished files of writers that were killed; returns how many.

    raises  StoreError where one cannot be removed
    """
    litter = list(folder.rglob(f".*{SUFFIX}"))
    for path in litter:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(told(path, error)) from error
    return len(litter)


def need_room(folder: Path, size: int) -> None:
    """Refuse to start on a write that would not fit, with a margin of 5 % of the disk or 64 MB, the lesser.

    size    bytes
    raises  StoreError
    """
    disk = shutil.disk_usage(folder)
    wanted = size + min(disk.total // 20, 64 << 20)
    if disk.free < wanted:
        raise StoreError(
            f"{folder} has {disk.free / 1e6:.0f} MB left and {wanted / 1e6:.0f} MB are needed; "
            "free some space and run the same command again: it goes on where it stopped"
        )


def told(path: Path, error: OSError) -> str:
    """What a failed write means and what to do about it, in one line."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space left for {path}; free some and run the same command again: it goes on where it stopped"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"cannot write {path}: {error.strerror}; choose another folder with --runs"
    return f"cannot write {path}: {error.strerror or error}; results written before are intact"


def hold(path: Path) -> IO[str]:
    """Hold a lock that the system lets go when this process ends, however it ends; close it to let go.

    path    of the lock file; says who holds it
    raises  StoreError where another process holds it
    """
    try:
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(told(path, error)) from error
    try:
        _take(handle)
    except OSError:
        handle.seek(0)
        owner = handle.read().strip() or "another process"
        handle.close()
        raise StoreError(f"{path.parent} is in use by {owner}; wait for it, or choose another folder") from None
    try:
        handle.truncate(0)
        handle.write(f"process {os.getpid()}, started {time.strftime('%Y-%m-%d %H:%M:%S')}")
        handle.flush()
    except OSError as error:
        with suppress(OSError):  # what could not be written cannot be written now either
            handle.close()
        raise StoreError(told(path, error)) from error
    return handle


def _take(handle: IO[str]) -> None:
    if sys.platform == "win32":
        import msvcrt

        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _force(path: Path) -> None:
    """Force a file or a folder's entries to the disk; a system that cannot open folders is let off."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        if path.is_dir() and os.name == "nt":
            return
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget(fresh: Path) -> None:
    try:
        fresh.unlink(missing_ok=True)
    except OSError:  # the sweeper of the next run takes it
        return
