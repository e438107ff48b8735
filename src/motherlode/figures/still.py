"""Figures as files: Plotly's JSON as it is."""

import json
from pathlib import Path
from typing import Final

from motherlode.errors import BadInput, StoreError
from motherlode.figures.theme import Figure

KINDS: Final = (".json",)


def write(figure: Figure, path: Path) -> None:
    """Write a figure in the kind that the name's ending says.

    raises  BadInput for another kind; StoreError where it cannot be written
    """
    if path.suffix not in KINDS:
        raise BadInput(f"cannot write a figure as {path.name!r}; end its name in one of: {', '.join(KINDS)}")
    try:
        path.write_text(json.dumps(figure, allow_nan=False))
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
