"""How many small faults the tests notice: a module is changed in one place at a time and its tests are run.

    python tools/mutate.py MODULE N TEST... [PYTEST OPTIONS]
    python tools/mutate.py --plain mechanics/kepler.py 60 tests/test_kepler.py tests/test_elements.py

N mutants are drawn (the same ones each time) out of all swaps of comparisons, arithmetic, and/or, True/False,
numbers and dropped ``not``. The package is copied, the copy is changed; the source stays as it is. Every mutant runs
in a fork of one process that has the heavy libraries loaded. ``--plain`` is for kernels: the tests run without the
compiler first, a test at most a second, those left out that need the compiler's arithmetic; only a mutant that
survives this is compiled, and with ``--uncompiled`` counts as not noticed at once: a lower bound, found quickly.
Faults that change no answer stand by name and reason in ``equivalent_mutants.csv``; they are not drawn.
"""

import argparse
import ast
import csv
import os
import random
import shutil
import signal
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb  # noqa: F401 - loaded once, for every fork
import hypothesis  # noqa: F401
import numba
import numpy  # noqa: F401
import pydantic  # noqa: F401
import pytest

ROOT = Path(__file__).parents[1]
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.csv")
PATIENCE_S = 240
SWAPS: dict[type, type] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every node that can be changed, with what is changed in it; the compiler's switches in decorators are not."""
    switches = {
        id(part)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.FunctionDef)
        for decorator in owner.decorator_list
        for part in ast.walk(decorator)
    }
    for node in (node for node in ast.walk(tree) if id(node) not in switches):
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


def mutant(source: str, number: int) -> tuple[ast.Module, int, str]:
    """The changed module, the line, and what was changed into what."""
    tree = ast.parse(source)
    node, kind = list(places(tree))[number]
    before = ast.unparse(node)
    change(node, kind)
    return tree, node.lineno, f"{before} -> {ast.unparse(node)}"


def equivalent(module: str, source: str) -> set[int]:
    """Numbers of the faults that are named as changing no answer; a name that fits nothing any more is an error."""
    rows = csv.DictReader(line for line in EQUIVALENT.read_text().splitlines() if not line.startswith("#"))
    named = {(row["line"], row["change"], int(row["place"])) for row in rows if row["module"] == module}
    if not named:
        return set()
    lines, times, found = source.splitlines(), Counter(), {}
    for number in range(len(list(places(ast.parse(source))))):
        _, line, what = mutant(source, number)
        name = lines[line - 1].strip(), what
        times[name] += 1
        found[*name, times[name]] = number
    assert named <= set(found), f"{EQUIVALENT.name} names what is not in {module}: {sorted(named - set(found))}"
    return {found[name] for name in named}


class Plainly:
    """Tests without the compiler: one that takes long is passed over; those that fail are written down if asked."""

    def __init__(self, unfit: Path | None = None):
        self.unfit = unfit

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        signal.signal(signal.SIGPROF, lambda *_: pytest.skip("long without the compiler"))
        signal.setitimer(signal.ITIMER_PROF, 1.0)
        yield
        signal.setitimer(signal.ITIMER_PROF, 0.0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.unfit:
            with self.unfit.open("a") as file:
                file.write(f"{report.nodeid}\n")


def without_compiler() -> None:
    """What only the compiler knows, in Python."""
    numba.config.DISABLE_JIT = True
    from motherlode.mechanics import lanes

    lanes._bits = lambda z: struct.unpack("<q", struct.pack("<d", z))[0]
    lanes._double = lambda n: struct.unpack("<d", struct.pack("<q", n))[0]
    lanes._prefetch = lambda array, byte: None


def survives(copy: Path, tests: list[str], *, plain: bool = False) -> bool:
    """Whether the tests pass, in a fork, on the copy of the package."""
    child = os.fork()
    if child == 0:
        os.setsid()
        os._exit(_tested(copy, tests, plain))
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _tested(copy: Path, tests: list[str], plain: bool) -> int:
    os.chdir(ROOT)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.environ |= {
        "PYTHONPATH": f"{copy}:{ROOT}",
        "MOTHERLODE_CLAIMS": "draft",
        "NUMBA_CACHE_DIR": f"{copy}/compiled",
    }
    sys.path[:0] = [str(copy), str(ROOT)]
    numba.config.CACHE_DIR = f"{copy}/compiled"
    options = ["-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow", *tests]
    if not plain:
        return int(pytest.main([*options, "-x"]))
    without_compiler()
    unfit = copy / "unfit"
    if not unfit.exists():  # the first run, without a fault, finds them
        unfit.touch()
        pytest.main(options, [Plainly(unfit)])
        return 0
    left_out = [word for name in unfit.read_text().splitlines() for word in ("--deselect", name)]
    return int(pytest.main([*options, "-x", *left_out], [Plainly()]))


def alive(copy: Path, tests: list[str], *, plain: bool, compiled: bool = True) -> bool:
    """A caller in another file is not compiled again by itself: the compiled copies go first."""
    shutil.rmtree(copy / "compiled", ignore_errors=True)
    return (not plain or survives(copy, tests, plain=True)) and (not compiled or survives(copy, tests))


def main() -> None:
    options = argparse.ArgumentParser(description="How many small faults the tests notice.")
    options.add_argument("--plain", action="store_true")
    options.add_argument("--uncompiled", action="store_true")
    options.add_argument("module")
    options.add_argument("count", type=int)
    options.add_argument("tests", nargs=argparse.REMAINDER)
    asked = options.parse_args()
    way = {"plain": asked.plain or asked.uncompiled, "compiled": not asked.uncompiled}
    source = (ROOT / "src" / "motherlode" / asked.module).read_text()
    named = equivalent(asked.module, source)
    every = [number for number in range(len(list(places(ast.parse(source))))) if number not in named]
    drawn = sorted(random.Random(asked.module).sample(every, min(asked.count, len(every))))
    unseen = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        ignored = shutil.ignore_patterns("__pycache__", "static")
        shutil.copytree(ROOT / "src" / "motherlode", copy / "motherlode", ignore=ignored)
        assert alive(copy, asked.tests, **way), "the tests fail without any fault"
        for number in drawn:
            tree, line, what = mutant(source, number)
            (copy / "motherlode" / asked.module).write_text(ast.unparse(ast.fix_missing_locations(tree)))
            if alive(copy, asked.tests, **way):
                unseen.append(f"line {line}: {what}")
                print(unseen[-1], flush=True)
    seen = len(drawn) - len(unseen)
    print(
        f"{asked.module}: {seen} of {len(drawn)} noticed, {100 * seen / len(drawn):.0f} % "
        f"({len(every)} places in all, {len(named)} more change nothing)"
    )


if __name__ == "__main__":
    main()
