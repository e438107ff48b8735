"""``motherlode serve``: the page, for this machine's user."""

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from motherlode.cli.options import Json, Quiet, Runs
from motherlode.cli.printer import Printer


def serve(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 takes any that is free.")] = 8040,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    name: Annotated[list[str] | None, typer.Option(help="A further host name to answer to, on a network.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="TLS certificate (PEM).", exists=True)] = None,
    key: Annotated[Path | None, typer.Option(help="TLS key (PEM).", exists=True)] = None,
    exposed: Annotated[bool, typer.Option("--exposed", help="Listen to a network without TLS.")] = False,
    runs: Runs = Path("runs"),
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Serve the page and print its address, which carries the token that opens it.

    Example: motherlode serve --port 0 --no-browser
    """
    from motherlode.web import app

    def ready(address: str) -> None:
        printer = Printer(json, quiet)
        if not printer.document({"address": address}):
            printer.line(f"The page is at {address}\nStop it with Ctrl-C.")
        sys.stdout.flush()  # whoever started the service through a pipe waits for this line
        if browser:
            webbrowser.open(address)

    app.serve(
        runs,
        host=host,
        port=port,
        certificate=certificate,
        key=key,
        exposed=exposed,
        names=tuple(name or ()),
        ready=ready,
    )


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(serve)
