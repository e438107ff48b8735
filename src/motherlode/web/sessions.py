"""Who is signed in: a random name for each browser, which ends when it is idle, old, or when its owner says so.

The names live in the service's memory as hashes and end with it.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

IDLE_S: Final = 8 * 3600.0
LONGEST_S: Final = 7 * 86_400.0
MOST: Final = 64  # whoever signs in once more ends the one that was quiet longest


@dataclass
class _Session:
    begun: float
    seen: float


def since_boot() -> float:
    """Seconds that pass while the machine sleeps, too, and that nobody can set back."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Sessions:
    """The signed-in browsers of one service."""

    def __init__(self, clock: Callable[[], float] = since_boot):
        """clock: seconds that only grow."""
        self._clock = clock
        self._held: dict[bytes, _Session] = {}

    def __len__(self) -> int:
        return len(self._held)

    def begin(self) -> str:
        """Sign a browser in; returns its name of 256 bits, a secret."""
        if len(self._held) >= MOST:
            del self._held[min(self._held, key=lambda key: self._held[key].seen)]
        name = secrets.token_urlsafe(32)
        self._held[_key(name)] = _Session(self._clock(), self._clock())
        return name

    def open(self, name: str) -> bool:
        """Whether a browser is signed in; asking keeps it so."""
        key, now = _key(name), self._clock()
        session = self._held.get(key)
        if session is None:
            return False
        if now - session.seen > IDLE_S or now - session.begun > LONGEST_S:
            del self._held[key]
            return False
        session.seen = now
        return True

    def end(self, name: str) -> bool:
        """Sign a browser out, for good; returns whether it was signed in."""
        return self._held.pop(_key(name), None) is not None


def label(name: str) -> str:
    """What a session is called where it must not be told: enough to follow it, useless to take it over."""
    return _key(name).hex()[:8]


def _key(name: str) -> bytes:
    return sha256(name.encode("utf-8", "surrogatepass")).digest()
