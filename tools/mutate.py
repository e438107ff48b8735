"""How many small faults the tests notice: a module is changed in one place at a time and its tests are run.

    python tools/mutate.py MODULE N TEST... [-- PYTEST OPTIONS]

    python tools/mutate.py durable.py 40 tests/test_durable.py

N mutants are drawn (the same ones each time) out of all swaps of comparisons, arithmetic, and/or, True/False, numbers
and dropped ``not``. The package is copied, the copy is changed; the source stays as it is.
"""

import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SWAPS: dict[type, type] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every node that can be changed, with what is changed in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
            yield node, "comparison"
        elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPS:
            yield node, "operator"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, "not"
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
            yield node, "constant"


def change(node: ast.AST, kind: str) -> None:
    match node, kind:
        case ast.Compare(), _:
            node.ops[0] = SWAPS[type(node.ops[0])]()
        case ((ast.BinOp() | ast.BoolOp()), _):
            node.op = SWAPS[type(node.op)]()
        case ast.UnaryOp(), _:
            node.op = ast.UAdd() if isinstance(node.operand, ast.Constant) else ast.Not()
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
        case ast.Constant(value=bool()), _:
            node.value = not node.value
        case ast.Constant(), _:
            node.value = node.value + 1


def survives(copy: Path, tests: list[str]) -> bool:
    environment = {**os.environ, "PYTHONPATH": f"{copy}:{ROOT}", "MOTHERLODE_CLAIMS": "draft"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    try:
        return (
            subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, timeout=180, check=False
            ).returncode
            == 0
        )
    except subprocess.TimeoutExpired:
        return False


def main() -> None:
    module, count, *tests = sys.argv[1:]
    tests = [word for word in tests if word != "--"]
    source = (ROOT / "src" / "motherlode" / module).read_text()
    total = len(list(places(ast.parse(source))))
    drawn = sorted(random.Random(module).sample(range(total), min(int(count), total)))
    alive = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(
            ROOT / "src" / "motherlode", copy / "motherlode", ignore=shutil.ignore_patterns("__pycache__")
        )
        assert survives(copy, tests), "the tests fail without any fault"
        for number in drawn:
            tree = ast.parse(source)
            node, kind = list(places(tree))[number]
            before = ast.unparse(node)
            change(node, kind)
            (copy / "motherlode" / module).write_text(ast.unparse(ast.fix_missing_locations(tree)))
            if survives(copy, tests):
                alive.append(f"line {node.lineno}: {before}")
    print(f"{module}: {len(drawn) - len(alive)} of {len(drawn)} noticed, {100 * (1 - len(alive) / len(drawn)):.0f} %")
    print(*alive, sep="\n")


if __name__ == "__main__":
    main()
