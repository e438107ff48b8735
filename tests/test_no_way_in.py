"""What the source must not contain, whoever writes it; and the table of security requirements, kept true."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "motherlode"
FILES = sorted(PACKAGE.rglob("*.py"))
# Modules that turn bytes into code or objects, or are easily used so that they do.
FORBIDDEN = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "ruamel", "xmlrpc",
             "telnetlib", "ftplib", "imp", "code", "codeop", "ctypes", "pty", "commands", "xml"}  # fmt: skip
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.execv", "os.spawnl", "tempfile.mktemp",
         "hashlib.md5", "hashlib.sha1", "ssl._create_unverified_context", "yaml.load", "np.fromfile"}  # fmt: skip
# Who may open a connection or listen: the one downloader, the service, the cluster. Nobody else knows the word.
NETWORK = {"socket", "ssl", "http.client", "http.server", "urllib.request", "requests", "httpx", "aiohttp", "uvicorn",
           "distributed", "asyncio", "socketserver"}  # fmt: skip
NETWORKED = {"catalogue/fetch.py", "catalogue/guards.py", "study/cluster.py", "study/machines.py"}
PROCESSES = {"study/workers.py"}
SPAWNING = {"web/jobs.py"}


def trees() -> Iterator[tuple[str, ast.AST]]:
    for path in FILES:
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text())


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_no_pickle_no_yaml_no_eval() -> None:
    for name, tree in trees():
        written = {
            module for module in imported(tree) if module.startswith("xml.sax.saxutils")
        }  # escapes, reads nothing
        roots = {module.split(".")[0] for module in imported(tree) - written}
        assert not roots & FORBIDDEN, f"{name} imports {roots & FORBIDDEN}"
        for function, call in called(tree):
            assert function not in CALLS, f"{name}:{call.lineno} calls {function}"


def test_no_shell_and_no_objects_in_arrays() -> None:
    for name, tree in trees():
        for function, call in called(tree):
            words = {word.arg: word.value for word in call.keywords}
            shell = words.get("shell")
            assert not (isinstance(shell, ast.Constant) and shell.value), f"{name}:{call.lineno} uses a shell"
            allow = words.get("allow_pickle")
            assert not (isinstance(allow, ast.Constant) and allow.value), f"{name}:{call.lineno} loads objects"
            verify = words.get("verify")
            assert not (isinstance(verify, ast.Constant) and verify.value is False), f"{name}:{call.lineno}"
            assert function not in {"random.random", "random.choice", "random.randint"}, f"{name}:{call.lineno}"


def test_only_the_downloader_the_service_and_the_cluster_know_the_network() -> None:
    for name, tree in trees():
        found = {
            module for module in imported(tree) for word in NETWORK if module == word or module.startswith(word + ".")
        }
        allowed = name in NETWORKED or name.startswith("web/") or name == "cli/serve.py"
        assert allowed or not found, f"{name} imports {found}"


def test_processes_are_started_in_one_place() -> None:
    for name, tree in trees():
        modules = imported(tree)
        if {"multiprocessing"} & {module.split(".")[0] for module in modules}:
            assert name in PROCESSES, name
        if "subprocess" in modules:
            assert name in SPAWNING, name


def test_importing_by_name_is_for_our_own_modules() -> None:
    """``import_module`` turns text into code: only from the program's own lists."""
    users = {name for name, tree in trees() for function, _ in called(tree) if function.endswith("import_module")}
    assert users <= {"__init__.py", "study/workers.py", "cli/app.py", "cli/__init__.py", "campaign/milp.py"}


ENGINE = re.compile(r"duckdb\.connect\(")


def test_foreign_sql_meets_a_locked_engine_only() -> None:
    """Where a user's words reach the engine, its doors are closed first."""
    for name in ("catalogue/query.py", "web/shortlist.py"):
        text = (PACKAGE / name).read_text()
        for setting in ("enable_external_access", "lock_configuration"):
            assert setting in text, f"{name} lacks {setting}"


def test_no_secret_and_no_address_is_logged() -> None:
    for name, tree in trees():
        for function, call in called(tree):
            if function in {"print", "logging.info", "logging.debug", "logger.info", "logger.debug"}:
                text = ast.unparse(call)
                assert "password" not in text and "secret" not in text, f"{name}:{call.lineno}"


def test_locks_pin_every_package_by_hash() -> None:
    for name in ("requirements.lock", "requirements-test.lock"):
        blocks = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
        assert len(blocks) > 10
        for block in blocks:
            assert "==" in block.split("\n")[0] and "--hash=sha256:" in block, f"{name}: {block[:60]}"
            assert "://" not in block, f"{name}: {block[:60]}"


def test_the_bill_of_materials_names_every_locked_package(tmp_path: Path) -> None:
    made = tmp_path / "sbom.json"
    command = [sys.executable, str(ROOT / "tools" / "build_sbom.py"), str(made)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    bill = json.loads(made.read_text())
    assert bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.6"
    locked = {
        line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line[:80]
    }
    named = {part["name"] for part in bill["components"]}
    assert {name.strip() for name in locked if not name.startswith(" ")} == named
    assert all(part["hashes"] and part["purl"].startswith("pkg:pypi/") for part in bill["components"])


CRYPTOGRAPHY = {"hashlib", "hmac", "secrets", "ssl"}


def test_the_cryptography_in_use_is_written_down() -> None:
    inventory = (
        (ROOT / "docs" / "security.md").read_text().partition("## Cryptography in use")[2].partition("\n## ")[0]
    )
    listed = set(re.findall(r"`([\w/]+\.py)`", inventory))
    users = {name for name, tree in trees() if CRYPTOGRAPHY & {module.split(".")[0] for module in imported(tree)}}
    assert listed == users


def test_how_fast_faults_are_mended_is_written_down() -> None:
    policy = " ".join((ROOT / "SECURITY.md").read_text().split())
    assert re.search(r"critical faults are fixed within \d+ days, high ones within \d+", policy)
    assert "packages that the locks pin" in policy and "locks are renewed" in policy


PAGE = ROOT / "docs" / "security-asvs.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.*?) \| (.*?) \| (.*?) \|$")


def requirements() -> list[tuple[str, str, str]]:
    """Number, level and what shows it, of every row of the table."""
    found = [ROW.match(line) for line in PAGE.read_text().splitlines()]
    return [(row[1], row[2], row[5]) for row in found if row]


@pytest.fixture(scope="module")
def tests() -> set[str]:
    names: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        names |= set(re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.M))
    return names


def test_every_test_in_the_table_exists(tests: set[str]) -> None:
    for number, _, shown in requirements():
        for name in re.findall(r"test_\w+", shown):
            assert name in tests, f"{number}: there is no {name}"


def test_all_of_level_1_and_nine_tenths_of_level_2() -> None:
    applicable = [(level, shown) for _, level, shown in requirements() if not shown.startswith("not applicable")]
    met = {level: [shown != "not met" for lv, shown in applicable if lv == level] for level in "12"}
    ones, twos = met["1"], met["2"]
    told = f"Level 1: {sum(ones)} of {len(ones)} that apply are met. Level 2: {sum(twos)} of {len(twos)}."
    assert told in PAGE.read_text()
    assert len(ones) >= 40 and all(ones)
    assert len(twos) >= 40 and sum(twos) >= 0.9 * len(twos)


def test_the_table_names_no_requirement_twice() -> None:
    numbers = [number for number, _, _ in requirements()]
    assert len(numbers) == len(set(numbers))
