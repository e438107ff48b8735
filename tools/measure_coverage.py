"""How much of the package the tests run, lines and branches.

    python tools/measure_coverage.py [SUITE OPTIONS]

Two passes, added up. The default suite runs as it is, child processes included; what the compiler took is not seen
by it. The kernels' own tests then run once more with the compiler off: there a test that works through a million
cases is cut short after a quarter of a minute, and what counts is which lines it reached, not whether it passed.
Needs the package `coverage`; twelve minutes of processor time.
"""

import os
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
KERNELS = ("kepler", "elements", "lambert", "orbit", "almanac", "spk", "trajectory", "approaches", "assists",
           "mechanics_threebody", "lowthrust", "porkchop", "nhats", "roundtrip", "capture_destinations",
           "settlement_people")  # fmt: skip
LONG_ENOUGH_S = 15
SETTINGS = """
[run]
source = motherlode
branch = true
parallel = true
sigterm = true
concurrency = thread,multiprocessing
patch = subprocess
data_file = {folder}/data
[report]
precision = 1
exclude_also =
    if TYPE_CHECKING:
    raise NotImplementedError
    ^\\s*\\.\\.\\.$
"""


class Patience:
    """Ends a test that has had its time."""

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Any:
        signal.signal(signal.SIGALRM, self.enough)
        signal.alarm(LONG_ENOUGH_S)
        yield
        signal.alarm(0)

    def enough(self, *_: Any) -> None:
        pytest.skip("long enough without the compiler")


def kernels() -> None:
    from motherlode.mechanics import lanes

    os.chdir(ROOT)
    lanes._bits = lambda z: struct.unpack("<q", struct.pack("<d", z))[0]  # what only the compiler knows
    lanes._double = lambda n: struct.unpack("<d", struct.pack("<q", n))[0]
    lanes._prefetch = lambda array, byte: None
    tests = [f"tests/test_{name}.py" for name in KERNELS]
    pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not slow and not browser", *tests], [Patience()])


def main() -> None:
    folder = ROOT / ".coverage"
    folder.mkdir(exist_ok=True)
    settings = folder / "settings"
    settings.write_text(SETTINGS.format(folder=folder))
    options = sys.argv[1:] or ["-n", "2", "--dist", "loadgroup", "-m", "not slow"]
    environment = os.environ | {"MOTHERLODE_CLAIMS": "draft", "COVERAGE_RCFILE": str(settings)}
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "erase"], env=environment, cwd=ROOT, check=True)
    subprocess.run([*coverage, "run", "-m", "pytest", "-q", *options], env=environment, cwd=ROOT, check=False)
    plain = environment | {"NUMBA_DISABLE_JIT": "1"}
    subprocess.run([*coverage, "run", __file__, "--kernels"], env=plain, cwd=ROOT, check=False)
    subprocess.run([*coverage, "combine", "-q"], env=environment, cwd=ROOT, check=True)
    subprocess.run([*coverage, "report", "--skip-covered", "--show-missing"], env=environment, cwd=ROOT, check=True)


if __name__ == "__main__":
    kernels() if sys.argv[1:] == ["--kernels"] else main()
