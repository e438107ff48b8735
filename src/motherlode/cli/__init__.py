"""One verb per stage, one printer for tables and JSON."""

import sys


def main() -> None:
    """Run the command line: ``motherlode VERB …``; exits 0 on success and 2 on bad input, said in one line."""
    from motherlode.cli import app

    sys.exit(app.run(sys.argv[1:]))
