"""Views of ranked tables that a reader kept under a name, in one small file beside the runs."""

import json
from pathlib import Path
from threading import Lock
from typing import Any, Final

from motherlode import durable
from motherlode.errors import BadInput

MOST: Final = 200


class Selections:
    """The named views of a workspace."""

    def __init__(self, path: Path):
        self.path, self._lock = path, Lock()

    def all(self) -> dict[str, Any]:
        """Every view by name."""
        try:
            return dict(json.loads(self.path.read_text("utf-8")))
        except FileNotFoundError:
            return {}

    def keep(self, name: str, view: dict[str, str]) -> dict[str, Any]:
        """Keep a view; returns them all."""
        with self._lock:
            kept = {**self.all(), name.strip(): view}
            if len(kept) > MOST:
                raise BadInput(f"{MOST} selections are kept at most; use the name of one of them")
            durable.make_folder(self.path.parent)
            durable.write(self.path, json.dumps(kept, indent=1).encode())
        return kept
