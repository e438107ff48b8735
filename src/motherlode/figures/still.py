"""Figures as files: Plotly JSON as it is; SVG, PNG, PDF for papers, drawn by Matplotlib (the extra ``papers``)."""

import json
from pathlib import Path
from typing import Final

from motherlode.errors import BadInput, StoreError
from motherlode.figures import drawing
from motherlode.figures.theme import Figure

KINDS: Final = (".json", ".svg", ".png", ".pdf")


def write(figure: Figure, path: Path) -> None:
    """Write a figure in the kind that the name's ending says.

    raises  BadInput for another kind, or where Matplotlib is not installed; StoreError where it cannot be written
    """
    if path.suffix not in KINDS:
        raise BadInput(f"cannot write a figure as {path.name!r}; end its name in one of: {', '.join(KINDS)}")
    try:
        if path.suffix == ".json":
            path.write_text(json.dumps(figure, allow_nan=False))
        else:
            drawing.write(figure, path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
