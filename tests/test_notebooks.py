"""Notebooks run from top to bottom, and every last line of a cell shows itself."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_run(path: Path) -> None:
    book = json.loads(path.read_text())
    names: dict[str, object] = {}
    shown = 0
    for cell in book["cells"]:
        assert not cell.get("outputs"), "outputs are not kept: clear them before committing"
        if cell["cell_type"] != "code":
            continue
        *lines, last = "".join(cell["source"]).splitlines()
        exec("\n".join(lines), names)
        try:
            value = eval(last, names)
        except SyntaxError:
            exec(last, names)
            continue
        if hasattr(value, "_repr_mimebundle_"):
            assert value._repr_mimebundle_()["text/html"].startswith("<table>")
            shown += 1
    assert shown
