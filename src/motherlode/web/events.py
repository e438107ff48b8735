"""What happened at the gate, written down: one JSON line an event, in a file that only its user can read.

Sign-ins that went well and those that did not, sign-outs, and whatever was turned away. No secret is written, no
query, no text longer than ``LONGEST``; control characters are escaped by JSON. A flood is counted and not written
out, and the file is turned over before it is large.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

LONGEST: Final = 160  # characters of one value
LARGEST_BYTES: Final = 1_000_000  # of one file; one older file is kept
BURST: Final = 100  # refusals that are written at once
RATE_PER_S: Final = 1.0  # and how fast there is room again


class EventLog:
    """The log of one service."""

    def __init__(
        self,
        path: Path,
        *,
        service: str = "",
        hidden: tuple[str, ...] = (),
        clock: Callable[[], float] = time.time,
    ):
        """A log in a file, made with its folder when something happens.

        service  the address that answers
        hidden   secrets that are blotted out wherever they stand
        clock    seconds since 1970, UTC
        """
        self.path, self._service, self._hidden, self._clock = path, service, hidden, clock
        self._room, self._filled, self._untold = float(BURST), clock(), 0

    def __call__(self, event: str, *, signing: bool = False, **facts: object) -> None:
        """Write an event down; one of signing in or out always, others while there is room.

        facts  what is known: who asked from where, for what, how it was answered and why
        """
        if not (signing or self._has_room()):
            self._untold += 1
            return
        when = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        kept = {name: self._plain(value) for name, value in facts.items() if value not in ("", None)}
        line = {"time": when, "event": event, "service": self._service, **kept}
        if self._untold:
            line["untold_before"] = self._untold
            self._untold = 0
        self._write(json.dumps(line) + "\n")

    def _has_room(self) -> bool:
        now = self._clock()
        self._room = min(float(BURST), self._room + max(0.0, now - self._filled) * RATE_PER_S)
        self._filled = now
        if self._room < 1.0:
            return False
        self._room -= 1.0
        return True

    def _plain(self, value: object) -> Any:
        if isinstance(value, int):
            return value
        text = str(value)
        for secret in self._hidden:
            text = text.replace(secret, "(secret)")
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"

    def _write(self, line: str) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and self.path.stat().st_size + len(line) > LARGEST_BYTES:
                self.path.replace(self.path.with_suffix(".old.jsonl"))
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)
        except OSError:  # a full disk must not let anybody in or out: the line goes where the service speaks
            sys.stderr.write(line)


def nowhere(event: str, **facts: object) -> None:
    """No log: what a gate without a workspace is given."""
