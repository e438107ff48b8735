"""The command line as a whole: the verbs, and how errors reach people."""

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import typer

import motherlode
from motherlode.cli import welcome
from motherlode.errors import MotherlodeError

VERBS: Final = (
    "hunt",
    "show",
    "roundtrip",
    "porkchop",
    "mission",
    "chain",
    "capture",
    "deposit",
    "value",
    "plan",
    "base",
    "approaches",
    "export",
    "catalogue",
    "study",
    "serve",
)
HELP: Final = """Find, reach, capture and mine asteroids: from every asteroid known to a ranked, costed shortlist.

Start with `motherlode hunt`; then `motherlode show NAME` for one asteroid of the list.
"""
BAD_INPUT: Final = 2


def build() -> typer.Typer:
    """The application with every verb of ``VERBS``, each from its own file."""
    app = typer.Typer(
        name="motherlode", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    app.callback()(_root)
    for verb in VERBS:
        import_module(f"motherlode.cli.{verb}").register(app)
    return app


def _version(asked: bool) -> None:
    if asked:
        print(motherlode.__version__)
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True, callback=_version),
) -> None:
    pass


def command() -> Any:
    """The Click-like command behind the application, for the reference page and for completion."""
    return typer.main.get_command(build())


def run(arguments: Sequence[str]) -> int:
    """Run one command line, with a line for whoever runs the first; returns the exit code of ``_run``."""
    code = _run(arguments)
    welcome.once(arguments)
    return code


def _run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code: 0 success, 1 some work failed, 2 bad input, 130 interrupted."""
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"numba\.")  # of the compiler to itself
    os.environ.setdefault("TERMINAL_WIDTH", "100" if not sys.stdout.isatty() else "")
    if not os.environ["TERMINAL_WIDTH"]:
        del os.environ["TERMINAL_WIDTH"]
    if "_MOTHERLODE_COMPLETE" in os.environ:
        command()(prog_name="motherlode")
    try:
        outcome = command().main(args=list(arguments), prog_name="motherlode", standalone_mode=False)
    except MotherlodeError as error:
        return _told(str(error))
    except (typer.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except typer.Exit as leave:
        return leave.exit_code
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return _told(_usage(error))
    return outcome if isinstance(outcome, int) else 0


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    where = context.command_path if context else "motherlode"
    return f"{error.format_message()} (see: {where} --help)"


def _told(text: str) -> int:
    """One line on standard error, whatever the text."""
    print(f"motherlode: {' '.join(text.split())}", file=sys.stderr)
    return BAD_INPUT
