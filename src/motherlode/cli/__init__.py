"""One verb per stage, one printer for tables and JSON."""


def main() -> None:
    """Run the command line."""
    raise SystemExit("not here yet")
