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


def kernels() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Options and calls of every compiled function, by its full name."""
    options: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for path in FILES:
        module = ".".join(("motherlode", *path.relative_to(PACKAGE).with_suffix("").parts))
        body = ast.parse(path.read_text()).body
        known = {n.name: f"{module}.{n.name}" for n in body if isinstance(n, ast.FunctionDef)}
        for line in (n for n in body if isinstance(n, ast.ImportFrom)):
            known |= {a.asname or a.name: f"{line.module}.{a.name}" for a in line.names}
        for function in (n for n in body if isinstance(n, ast.FunctionDef)):
            for mark in (m for m in function.decorator_list if isinstance(m, ast.Call)):
                if isinstance(mark.func, ast.Name) and mark.func.id == "njit":
                    name = known[function.name]
                    options[name] = {str(k.arg) for k in mark.keywords}
                    calls[name] = {called for n in ast.walk(function) if (called := callee(n, known))}
    return options, calls


def callee(node: ast.AST, known: dict[str, str]) -> str | None:
    """Full name of the function of this package that a call names."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Name):
        return known.get(node.func.id)
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        return f"{known.get(node.func.value.id)}.{node.func.attr}"
    return None


def test_what_the_compiler_may_reorder_exists_once() -> None:
    """A kernel with relaxed arithmetic that another kernel calls is inlined there.

    Otherwise its machine code exists twice, in its own module and, optimised once more, in the caller's; which one
    runs depends on what was loaded first, and a fresh cache gives other last bits than a warm one.
    """
    options, calls = kernels()
    relaxed = {name for name in options if "fastmath" in options[name]}
    assert len(relaxed) > 10
    while more := {name for name in options if calls[name] & relaxed} - relaxed:
        relaxed |= more
    called = set().union(*calls.values())
    assert not [name for name in sorted(relaxed & called) if "forceinline" not in options[name]]


def test_import_is_light() -> None:
    code = "import sys, motherlode; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)
