"""The documentation is a test: every command and name appears, references match, blocks run."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests import page_numbers

import motherlode
from motherlode.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
HAND_WRITTEN = [page for page in PAGES if "reference" not in page.parts]
BLOCK = re.compile(r"```python\n(.*?)```", re.S)
TEXT = "\n".join(page.read_text() for page in PAGES)
SHOWN = [ROOT / "README.md", ROOT / "docs" / "tutorial.md"]


def builder() -> ModuleType:
    """tools/build_docs.py as a module."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "tools" / "build_docs.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("verb", app.VERBS)
def test_every_command_is_in_the_readme(verb: str) -> None:
    assert f"motherlode {verb}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", [name for name in motherlode.__all__ if name != "__version__"])
def test_every_public_name_is_documented(name: str) -> None:
    assert f"ml.{name}" in TEXT


def test_the_command_reference_is_what_help_prints() -> None:
    assert (ROOT / "docs/reference/cli.md").read_text() == builder().command_reference(), "run `make docs`"


def test_the_python_reference_is_the_docstrings() -> None:
    assert (ROOT / "docs/reference/python.md").read_text() == builder().python_reference(), "run `make docs`"


def test_the_answer_reference_has_the_keys_of_the_answers() -> None:
    assert (ROOT / "docs/reference/answers.md").read_text() == builder().answer_reference(), "run `make docs`"


@pytest.mark.skipif(os.environ.get("MOTHERLODE_CLAIMS") == "draft", reason="pages are being written")
def test_every_number_on_a_page_has_a_claim_or_the_mark_that_it_has_none() -> None:
    assert page_numbers.PAGE.read_text() == page_numbers.report(), "run `make docs`"


def test_a_number_is_backed_by_the_claim_that_says_the_same_and_no_other() -> None:
    row = "| trajectory | Juno over 8.7 years | JPL Horizons | ≤ 200 m | 59.1 m | validated |"
    (known,) = page_numbers.claims([row])
    (close, year) = page_numbers.numbers("Trajectories against Horizons: Juno is off by 59 m after 9 years.")
    assert page_numbers.backing(close, [known]) is known and page_numbers.backing(year, [known]) is known
    for text in (
        "Trajectories against Horizons: Juno is off by 58 m.",
        "Trajectories against Horizons: Juno is off by 59 km.",
        "The tunnel is 59 m long.",
    ):
        (other,) = page_numbers.numbers(text)
        assert page_numbers.backing(other, [known]) is None
    assert not list(page_numbers.numbers("`59 m` in code, 2003-05-01, 101955 Bennu, 4.7.1"))


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_console_blocks_show_what_the_command_prints(page: Path) -> None:
    tool = builder()
    for found in tool.CONSOLE.finditer(page.read_text()):
        assert found[0] == f"```console\n$ {found[1]}\n{tool.output(found[1])}\n```", f"{found[1]}: run `make docs`"


@pytest.mark.parametrize(
    "page", [page for page in HAND_WRITTEN if BLOCK.search(page.read_text())], ids=lambda p: p.stem
)
def test_python_blocks_run(page: Path, tmp_path: Path) -> None:
    """The blocks of a page, one after the other, as a reader would type them."""
    code = "\n".join(BLOCK.findall(page.read_text()))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, f"{page.name}: {done.stderr[-800:]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
