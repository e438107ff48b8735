"""Double-entry accounts of matter: what leaves one account enters another, in every run of a Monte Carlo at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motherlode.errors import BadInput

Array = NDArray[np.float64]
OUTSIDE: Final = (
    "earth",
    "asteroid",
    "mars air",
    "mars ground",
    "lost",
    "shipped",
)  # may go below zero: where matter comes from


@dataclass
class Ledger:
    """Kilograms in named accounts, (accounts, runs); inner accounts never fall below zero.

    received, given  totals since the beginning: opening + received - given = now, for each account and run
    """

    names: tuple[str, ...]
    kg: Array
    opening: Array = field(init=False)
    received: Array = field(init=False)
    given: Array = field(init=False)

    def __post_init__(self) -> None:
        self._row = {name: k for k, name in enumerate(self.names)}
        self._inner = [name not in OUTSIDE for name in self.names]
        self.opening = self.kg.copy()
        self.received, self.given = np.zeros_like(self.kg), np.zeros_like(self.kg)

    @classmethod
    def opened(cls, stocks: Mapping[str, float], runs: int) -> "Ledger":
        """Accounts with their opening stock, kg, and the accounts of the outside world at zero."""
        for name, kg in stocks.items():
            if not kg >= 0:
                raise BadInput(f"the stock of {name} is {kg:g} kg at the start; a stock is zero or more")
        names = (*stocks, *OUTSIDE)
        return cls(names, np.repeat([[float(stocks.get(name, 0.0))] for name in names], runs, axis=1))

    def __getitem__(self, name: str) -> Array:
        row: Array = self.kg[self._row[name]]
        return row

    def move(self, source: str, sink: str, kg: ArrayLike) -> Array:
        """Carry matter from one account to another, as far as the source lasts; returns what was carried, (runs)."""
        i, j = self._row[source], self._row[sink]
        amount: Array = np.minimum(kg, self.kg[i]) if self._inner[i] else np.asarray(kg, dtype=float)
        self.kg[i] -= amount
        self.kg[j] += amount
        self.given[i] += amount
        self.received[j] += amount
        return amount

    def react(self, inputs: Mapping[str, float], outputs: Mapping[str, float], extent: ArrayLike) -> Array:
        """Turn inputs into outputs, kg per unit of extent, as far as every input lasts; returns the extent, (runs).

        raises  BadInput where the two sides do not weigh the same
        """
        if not isclose(sum(inputs.values()), sum(outputs.values()), rel_tol=1e-12):
            raise BadInput(
                f"a reaction must conserve mass: {sum(inputs.values())} kg in, {sum(outputs.values())} kg out"
            )
        done = np.asarray(extent, dtype=float)
        for name, ratio in inputs.items():
            if self._inner[self._row[name]]:
                done = np.minimum(done, self[name] / ratio)
        for name, ratio in inputs.items():
            k, taken = self._row[name], ratio * done
            self.given[k] += taken
            self.kg[k] -= taken
            if self._inner[k]:
                np.maximum(self.kg[k], 0.0, out=self.kg[k])  # a rounding error below zero
        for name, ratio in outputs.items():
            k, made = self._row[name], ratio * done
            self.received[k] += made
            self.kg[k] += made
        return done

    def gap(self) -> float:
        """Largest mismatch of any account with its books, relative to what went through it."""
        expected = self.opening + self.received - self.given
        return float(np.max(np.abs(expected - self.kg) / np.maximum(1.0, self.received + self.given)))

    def total(self) -> Array:
        """All matter of all accounts, kg, (runs): never changes."""
        return np.asarray(self.kg.sum(axis=0))

    def rows(self, names: Sequence[str]) -> Array:
        """Several accounts at once, (names, runs)."""
        return self.kg[[self._row[name] for name in names]]
