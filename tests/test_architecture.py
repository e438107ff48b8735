"""The folder tree is the architecture; this file keeps it true."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "motherlode"
ORDER = [  # each line may import only from the lines above it; names on one line do not import each other
    "constants errors",
    "units",
    "epochs tables chance durable",
    "mechanics",
    "ephemeris",
    "catalogue",
    "prospect",
    "access",
    "capture",
    "mining",
    "economy",
    "campaign",
    "settlement",
    "study figures export",
    "web report",
    "cli",
]
RANK = {name: depth for depth, line in enumerate(ORDER) for name in line.split()}
HEAVY = {"scipy", "numba", "duckdb", "pydantic", "typer", "rich", "fastapi", "uvicorn", "jinja2", "spiceypy"}
FILES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Names of motherlode's rooms imported anywhere in a file, functions included."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if "." in node.module else [f"{node.module}.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("motherlode."))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_flow_one_way(path: Path) -> None:
    here = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for there in imports(path):
        allowed = here in ("__init__", "__main__") or there == here or RANK[there] < RANK[here]
        assert allowed, f"{path}: {here} imports {there}"


def test_mechanics_stands_alone() -> None:
    for path in (PACKAGE / "mechanics").glob("*.py"):
        assert set(imports(path)) <= {"mechanics", "constants", "units"}, path


def test_no_dumping_grounds() -> None:
    hallways = {"utils.py", "helpers.py", "common.py", "misc.py", "manager.py"}
    assert not [path for path in FILES if path.name in hallways]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 450, f"{path} is long: split it where its second subject begins"


def test_import_is_light() -> None:
    code = "import sys, motherlode; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)
