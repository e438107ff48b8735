"""``python -m motherlode`` is ``motherlode``."""

from motherlode.cli import main

if __name__ == "__main__":
    main()
