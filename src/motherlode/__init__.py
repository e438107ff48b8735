"""Find, reach, capture and mine asteroids; plan the campaign; keep the base behind it standing.

Names resolve on first use: importing this package loads nothing heavier than NumPy and touches no file.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES: dict[str, str] = {}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'motherlode' has no attribute {name!r}; it has: {', '.join(__all__)}")
    module, attribute = _HOMES[name].rsplit(":", 1)
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
