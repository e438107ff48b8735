"""Loaded by the server that forks workers: a run that is killed while it asks for one must not end the server."""

import errno
from multiprocessing import reduction
from typing import Any

_receive = reduction.recvfds


def _patient(*words: Any) -> Any:
    try:
        return _receive(*words)
    except EOFError:
        raise ConnectionAbortedError(errno.ECONNABORTED, "the run that asked was killed") from None


reduction.recvfds = _patient
