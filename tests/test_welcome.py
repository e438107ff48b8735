"""The line for the first run: once, to a terminal, never into a pipe."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

WORDS = [sys.executable, "-m", "motherlode"]


def on_terminal(*words: str, data: Path) -> str:
    """What a command writes to standard error when that is a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "MOTHERLODE_DATA": str(data)}
    subprocess.run(
        [*WORDS, *words], stderr=theirs, stdout=subprocess.DEVNULL, env=environment, check=True, timeout=60
    )
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 4096):
            said += part
    except OSError:  # Linux ends a terminal without a writer this way
        pass
    os.close(ours)
    return said.decode()


def test_said_once_and_only_on_a_terminal(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = {**os.environ, "MOTHERLODE_DATA": str(data)}
    piped = subprocess.run(
        [*WORDS, "catalogue", "info"], capture_output=True, env=environment, check=True, timeout=60
    )
    assert piped.stderr == b"" and not data.exists()
    assert on_terminal("catalogue", "info", "--json", data=data) == ""
    first = on_terminal("catalogue", "info", data=data)
    assert "first run" in first and "Nothing is sent anywhere" in first and first.count("\n") == 1
    assert on_terminal("catalogue", "info", data=data) == ""


def test_not_said_where_it_cannot_be_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from motherlode.cli import welcome

    (tmp_path / "file").touch()
    monkeypatch.setenv("MOTHERLODE_DATA", str(tmp_path / "file"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert welcome.once(["catalogue", "info"]) is False
