"""Find, reach, capture and mine asteroids; plan the campaign; keep the base behind it standing.

Names resolve on first use: importing this package loads nothing heavier than NumPy and touches no file.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOMES: dict[str, str] = {
    # ask about one asteroid or one transfer, by name; answers show themselves in a notebook
    "asteroid": "motherlode.report.notebook:asteroid",
    "roundtrip": "motherlode.report.notebook:roundtrip",
    "porkchop": "motherlode.report.notebook:porkchop",
    "capture": "motherlode.report.notebook:capture",
    "deposit": "motherlode.report.notebook:deposit",
    "value": "motherlode.report.notebook:value",
    "hunt": "motherlode.report.notebook:hunt",
    "plan": "motherlode.study.fleet:campaign",
    # the tables and movers behind them
    "catalogue": "motherlode.report.notebook:catalogue",
    "almanac": "motherlode.ephemeris.almanac:load",
    "Orbit": "motherlode.ephemeris.orbit:Orbit",
    "Table": "motherlode.tables:Table",
    "Study": "motherlode.study.config:Study",
    # celestial mechanics on plain arrays
    "lambert": "motherlode.mechanics.lambert:solve",
    "propagate": "motherlode.mechanics.kepler:propagate",
    "elements_of": "motherlode.mechanics.elements:from_state",
    "state_of": "motherlode.mechanics.elements:to_state",
    "shoemaker_helin": "motherlode.access.bounds:shoemaker_helin",
    # dates, units, errors
    "epoch": "motherlode.epochs:parse",
    "iso": "motherlode.epochs:iso",
    "MotherlodeError": "motherlode.errors:MotherlodeError",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'motherlode' has no attribute {name!r}; it has: {', '.join(__all__)}")
    return import_module(f"{__name__}.{name}") if name in _ROOMS else _public(name)


def _public(name: str) -> Any:
    module, attribute = _HOMES[name].rsplit(":", 1)
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)


_ROOMS = {"capture", "catalogue"}  # stages that share their name with a question: ``ml.capture`` is both


class _Room(ModuleType):
    """A stage that answers the question of its name when it is called."""

    def __call__(self, *arguments: Any, **choices: Any) -> Any:
        return _public(self.__name__.rpartition(".")[2])(*arguments, **choices)


class _Front(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        if name in _ROOMS and isinstance(value, ModuleType):
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front
