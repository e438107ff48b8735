"""The catalogue: what is in it, a question to it in SQL, a newer one."""

from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet


def register(app: typer.Typer) -> None:
    """Add the verb."""
    group = typer.Typer(help="The catalogue of asteroids.", no_args_is_help=True)
    group.command("info")(info)
    group.command("query")(query)
    group.command("refresh")(refresh)
    app.add_typer(group, name="catalogue")


def info(as_json: Json = False, quiet: Quiet = False) -> None:
    """What the catalogue holds: rows, epochs, quality, classes, origin.

    Example: motherlode catalogue info
    """
    from motherlode.cli.printer import Printer
    from motherlode.study import answers

    printer = Printer(as_json, quiet)
    answer = answers.catalogue_info()
    if not printer.document(answer):
        printer.facts(answer)


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the table `catalogue` (DuckDB SQL).")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask the catalogue in SQL.

    Example: motherlode catalogue query "SELECT full_name, h_mag FROM catalogue WHERE h_mag < 14 ORDER BY h_mag"
    """
    from motherlode.cli.printer import Printer
    from motherlode.study import answers

    printer = Printer(as_json, quiet)
    rows = answers.catalogue_query(sql)
    if not printer.document(rows):
        printer.table(rows)
        printer.line(f"{len(rows)} rows")


def refresh(
    source: Annotated[
        str, typer.Option("--source", help="What to fetch: mpc, mpc-all, mpcorb, sbdb, neowise, ssodnet.")
    ] = "mpc",
    lookup: Annotated[
        list[str] | None,
        typer.Option("--lookup", help="Fetch this one asteroid with its covariance (may be repeated)."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fetch a newer catalogue and put it in use; the last good one stays until the new one is whole.

    Examples:

      motherlode catalogue refresh

      motherlode catalogue refresh --source sbdb

      motherlode catalogue refresh --lookup Bennu --lookup Apophis
    """
    from motherlode.cli.printer import Printer
    from motherlode.study import answers

    printer = Printer(as_json, quiet)
    if lookup:
        bodies = answers.catalogue_lookup(lookup)
        if not printer.document(bodies):
            printer.table(bodies)
        return
    answer = answers.catalogue_refresh(source)
    if not printer.document(answer):
        printer.facts(answer)
