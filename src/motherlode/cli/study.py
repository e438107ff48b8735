"""Study files: what can be written in one, and the ones that come with the program."""

from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    group = typer.Typer(help="Study files: the assumptions of a hunt.", no_args_is_help=True)
    group.command("schema")(schema)
    group.command("example")(example)
    app.add_typer(group, name="study")


def schema(as_json: Json = False, quiet: Quiet = False) -> None:
    """Every key of a study file with its meaning, type and default; with --json as a JSON schema.

    Example: motherlode study schema
    """
    from motherlode.cli.printer import Printer
    from motherlode.study import config

    printer = Printer(as_json, quiet)
    if not printer.document(config.schema()):
        printer.table(config.keys(), title="Keys of a study file (TOML)")


def example(
    name: Annotated[str, typer.Argument(help="first-light or happy-valley-2003.")] = "first-light",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print a study file that comes with the program, to start from.

    Example: motherlode study example happy-valley-2003 > mine.toml
    """
    from motherlode.cli.printer import Printer
    from motherlode.study import config

    text = config.example_text(name)
    printer = Printer(as_json, quiet)
    if not printer.document({"name": name, "toml": text}):
        printer.line(text.rstrip())
