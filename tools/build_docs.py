"""Write the generated reference pages, then the documentation site with Zensical.

usage: python tools/build_docs.py [--pages-only] [--hunt RUN_FOLDER]

Console blocks in README and tutorial are run and rewritten; ``--hunt`` puts the screen of a finished run into README.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import motherlode
from motherlode.cli import app
from motherlode.study import config
from motherlode.study.ranking import RANKED

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WIDTH = 100
SHOWN = (ROOT / "README.md", DOCS / "tutorial.md")
CONSOLE = re.compile(r"```console\n\$ (motherlode[^\n]*)\n(.*?)\n?```", re.S)
HUNT = re.compile(r"<!-- hunt -->\n(?:.*?<!-- end of hunt -->\n)?", re.S)


def output(line: str) -> str:
    """What a command prints into a pipe, without the blanks at the ends of lines."""
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "TERMINAL_WIDTH")}
    words = [sys.executable, "-m", *shlex.split(line)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={**environment, "NO_COLOR": "1"})
    return "\n".join(row.rstrip() for row in done.stdout.splitlines()).rstrip()


def refreshed(page: str) -> str:
    """A page with every console block run again."""
    return CONSOLE.sub(lambda found: f"```console\n$ {found[1]}\n{output(found[1])}\n```", page)


def with_hunt(page: str, folder: Path) -> str:
    """README with the screen of a finished run, which is reused and so takes seconds."""
    screen = output(f"motherlode hunt --runs {folder.parent} --top 10")
    kept = [
        row for row in screen.splitlines() if not row.startswith(("tables ", "report ")) and " s; next: " not in row
    ]
    block = "```text\n" + "\n".join(kept).rstrip() + "\n```"
    return HUNT.sub(lambda _: f"<!-- hunt -->\n\n{block}\n\n<!-- end of hunt -->\n", page)


def commands(command: Any = None, words: tuple[str, ...] = ("motherlode",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it, groups before their members."""
    command = app.command() if command is None else command
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*words, name))


def help_of(words: tuple[str, ...], command: Any) -> str:
    """The text of ``--help``, as wide as the page allows."""
    os.environ["TERMINAL_WIDTH"] = str(WIDTH)
    context = command.make_context(words[-1], ["--help"], resilient_parsing=True, max_content_width=WIDTH)
    context.info_name = " ".join(words)
    lines = command.get_help(context).splitlines()
    return "\n".join(line.rstrip() for line in lines)


def command_reference() -> str:
    """The reference of the command line."""
    parts = [
        "# The command line\n",
        "Every command takes `--json` (one JSON document on standard output, nothing else there) and `--quiet`.\n"
        "Exit codes: 0 success, 1 some chunks of a hunt had to be given up, 2 bad input (one line on standard error\n"
        "says what came, what was expected and what to do), 130 interrupted. Colours and progress bars appear on a\n"
        "terminal only; `NO_COLOR` turns "
        "colours off. `motherlode --install-completion` sets up completion for your shell. There is no telemetry.\n",
    ]
    for words, command in commands():
        parts.append(f"## `{' '.join(words)}`\n\n```text\n{help_of(words, command)}\n```\n")
    return "\n".join(parts)


def study_reference() -> str:
    """The reference of a study file and of the ranked table."""
    known = config.keys()
    keys = [f"| `{row['key']}` | `{row['default']}` | {row['meaning']} |\n" for row in known]
    columns = [f"| `{name}` | {kind.__name__} | {meaning} |\n" for name, (kind, meaning) in RANKED.items()]
    return (
        "# Study files and tables\n\nOne TOML file holds every assumption of a hunt. An unknown key is refused with "
        "the nearest one;\n`motherlode study schema --json` prints the JSON schema.\n\n"
        "| key | default | meaning |\n|---|---|---|\n"
        + "".join(keys)
        + "\n## The ranked table\n\n`runs/NAME/tables/ranked.parquet`, and `ranked` in "
        "`motherlode hunt --json`; epochs there are ISO dates.\n\n"
        "| column | type | meaning |\n|---|---|---|\n" + "".join(columns)
    )


def python_reference() -> str:
    """The public names with their docstrings."""
    parts = [
        "# Python\n",
        "`import motherlode as ml`; names resolve on first use, importing loads nothing heavier than NumPy.\n",
    ]
    for name in motherlode.__all__:
        if name == "__version__":
            parts.append("## `ml.__version__`\n\nThe version of the program.\n")
            continue
        home = motherlode._HOMES[name]
        shown = motherlode._public(name)
        text = "\n".join(line.removeprefix("    ") for line in (shown.__doc__ or "").splitlines())
        parts.append(f"## `ml.{name}`\n\nAlso `{home.replace(':', '.')}`.\n\n```text\n{text.strip()}\n```\n")
    return "\n".join(parts)


ANSWERS = (  # commands whose answer is described, with an example that has every key
    "roundtrip Bennu",
    "porkchop earth mars --depart 2003-05-01..2003-07-01 --flight 150..250",
    "deposit Bennu",
    "value Bennu",
    "approaches Apophis --body earth --from 2029-01-01 --to 2030-01-01",
    "catalogue info",
)


def answer_reference() -> str:
    """The keys of every ``--json`` answer, with their types."""
    parts = [
        "# Answers as JSON\n",
        "What `--json` prints, key by key; units are in the names, an unknown value is null, epochs (`…_tdb`) are\n"
        "ISO dates in TDB. A key keeps its name and type within a major version. Lists show their first item.\n",
    ]
    for line in ANSWERS:
        answer = json.loads(output(f"motherlode {line} --json"))
        rows = "\n".join(f"| `{key}` | {kind} |" for key, kind in described(answer))
        parts.append(
            f"## `motherlode {line.split()[0]}`\n\n`motherlode {line} --json`\n\n| key | type |\n|---|---|\n{rows}\n"
        )
    return "\n".join(parts)


def described(value: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Every key below a value with the type of what stands there."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from described(part, f"{above}.{key}" if above else key)
    elif isinstance(value, list):
        yield from described(value[0], f"{above}[]") if value else iter([(f"{above}[]", "list")])
    else:
        names = {bool: "true or false", int: "number", float: "number", str: "text", type(None): "null where unknown"}
        yield above or ".", names[type(value)]


def page_numbers() -> str:
    """Every number on the pages with its claim; made last, from the other pages."""
    sys.path.insert(0, str(ROOT))
    from tests import page_numbers

    return page_numbers.report()


PAGES = {
    "reference/answers.md": answer_reference,
    "reference/cli.md": command_reference,
    "reference/study.md": study_reference,
    "reference/python.md": python_reference,
}


def main(pages_only: bool, hunt: Path | None) -> None:
    """Write the pages, fetch Zensical into this environment where it is missing, build the site."""
    (DOCS / "reference").mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())
    for path in SHOWN:
        path.write_text(refreshed(path.read_text()))
    if hunt:
        SHOWN[0].write_text(with_hunt(SHOWN[0].read_text(), hunt))
    (DOCS / "numbers.md").write_text(page_numbers())
    if pages_only:
        return
    try:
        import zensical  # noqa: F401
    except ImportError:
        subprocess.run(install(), check=True)
    subprocess.run([str(Path(sys.executable).with_name("zensical")), "build", "--clean"], cwd=ROOT, check=True)


def install() -> list[str]:
    """How to put Zensical into this environment; the program itself does not need it."""
    from shutil import which

    if which("uv"):
        return ["uv", "pip", "install", "--quiet", "--python", sys.executable, "zensical"]
    return [sys.executable, "-m", "pip", "install", "--quiet", "zensical"]


if __name__ == "__main__":
    folder = sys.argv[sys.argv.index("--hunt") + 1] if "--hunt" in sys.argv else None
    main("--pages-only" in sys.argv, Path(folder) if folder else None)
