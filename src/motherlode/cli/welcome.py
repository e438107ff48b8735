"""One line for whoever runs the program for the first time. It is written on the terminal and sent nowhere."""

import sys
from collections.abc import Sequence
from typing import Final

MARK: Final = "welcomed"
SILENT: Final = frozenset({"--json", "--quiet", "-q"})
LINE: Final = (
    "motherlode: first run. `motherlode hunt` ranks every near-Earth asteroid in about a minute, `motherlode serve` "
    "opens the page, `motherlode VERB --help` gives an example. Nothing is sent anywhere; this is said once."
)


def once(arguments: Sequence[str]) -> bool:
    """Say the line after the first verb that ran on a terminal; returns whether it was said.

    What was said is remembered by an empty file in the folder of fetched data; where that cannot be written, nothing
    is said, since it would be said for ever.
    """
    snapshot = sys.modules.get("motherlode.catalogue.snapshot")  # a verb that did any work has it
    if snapshot is None or not sys.stderr.isatty() or SILENT.intersection(arguments):
        return False
    try:
        snapshot.home().mkdir(parents=True, exist_ok=True)
        (snapshot.home() / MARK).touch(exist_ok=False)
    except OSError:
        return False
    print(LINE, file=sys.stderr)
    return True
