"""A table: named columns of one length. What flows between the stages.

A column's name carries its unit (``diameter_km``); the files that hold tables are written by ``study.store``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.errors import BadInput


@dataclass(frozen=True)
class Table:
    """Columns by name, all of one length; rows are asteroids, missions, windows."""

    columns: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise BadInput(f"columns of one table must have one length; got {lengths}")

    def __getitem__(self, name: str) -> NDArray[Any]:
        try:
            return self.columns[name]
        except KeyError:
            raise BadInput(f"no column {name!r}; the table has: {', '.join(self.columns)}") from None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return list(self.columns)

    def take(self, rows: ArrayLike) -> "Table":
        """The rows of a mask or of indices, in that order."""
        index = np.asarray(rows)
        return Table({name: column[index] for name, column in self.columns.items()})

    def only(self, names: Sequence[str]) -> "Table":
        """These columns, in this order."""
        return Table({name: self[name] for name in names})

    def with_columns(self, **columns: ArrayLike) -> "Table":
        """The same rows with columns added or replaced."""
        return Table({**self.columns, **{name: np.asarray(column) for name, column in columns.items()}})

    def row(self, index: int) -> dict[str, Any]:
        """One row as plain Python values, NaN as None."""
        return {name: _plain(column[index]) for name, column in self.columns.items()}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every row, as ``row`` gives it."""
        return (self.row(index) for index in range(len(self)))


def concatenate(tables: Sequence[Table]) -> Table:
    """One table of the rows of many with the same columns."""
    return Table({name: np.concatenate([t[name] for t in tables]) for name in tables[0].names})


def _plain(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and np.isnan(plain) else plain
