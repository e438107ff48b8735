"""Options that every verb understands."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Runs = Annotated[Path, typer.Option("--runs", help="Folder of the runs.", metavar="DIR")]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=4096, help="Processes; all cores where not given.")
]
