"""Every parser of foreign input under a coverage-guided fuzzer: an uncaught exception ends the run and is shown.

    python tools/fuzz.py [--seconds 60] [--jobs 2] [PARSER...]

The parsers and their honest inputs are those of ``tests/parsers.py``. Half of the inputs are libFuzzer's own
mutations, half are the damage that the tests do. Needs the package `atheris`. The input that broke a parser is kept
in ``.fuzz/PARSER``; make a test of it.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".fuzz"
SOURCES = ROOT / "src"
COMPILED = [  # the fuzzer's probes are nothing that Numba can compile
    ".".join(path.relative_to(SOURCES).with_suffix("").parts)
    for path in SOURCES.rglob("*.py")
    if "njit" in path.read_text()
]
sys.path.insert(0, str(ROOT))
with atheris.instrument_imports(include=["motherlode", "tomllib"], exclude=COMPILED):
    from tests.parsers import NAMES, damaged, parsers, refuses_or_answers


def fuzz(name: str, options: list[str]) -> None:
    """In a process of its own: libFuzzer ends it."""
    parse, good = parsers()[name]

    def mutate(data: bytes, largest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return atheris.Mutate(data, largest)
        return damaged(data or good, chance)[:largest]

    atheris.Setup([sys.argv[0], *options], lambda data: refuses_or_answers(parse, data), custom_mutator=mutate)
    atheris.Fuzz()


def run(name: str, seconds: int) -> tuple[str, bool, str]:
    """Whether a parser held, and libFuzzer's last words."""
    KEPT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        (Path(corpus) / "good").write_bytes(parsers()[name].good)
        options = [f"-max_total_time={seconds}", "-timeout=25", "-rss_limit_mb=3000", "-max_len=65536",
                   f"-artifact_prefix={KEPT / name.replace(' ', '-')}-", corpus]  # fmt: skip
        command = [sys.executable, __file__, "--one", name, *options]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    words = [line for line in done.stderr.splitlines() if "Done" in line or "Error" in line or "File " in line]
    return name, done.returncode == 0, "\n".join(words[-1:] if done.returncode == 0 else words[-8:])


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        return fuzz(sys.argv[2], sys.argv[3:])
    options = argparse.ArgumentParser(description="Every parser under a coverage-guided fuzzer.")
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("parsers", nargs="*", default=list(NAMES))
    asked = options.parse_args()
    broken = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for name, held, words in pool.map(lambda name: run(name, asked.seconds), asked.parsers):
            broken += not held
            print(f"{name}: {'held' if held else 'BROKEN'}; {words}", flush=True)
    sys.exit(f"{broken} parsers broken" if broken else None)


if __name__ == "__main__":
    main()
