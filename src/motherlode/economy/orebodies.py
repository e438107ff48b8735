"""Ore bodies: how many asteroids are worth a mission, by multiplying what fraction passes each gate."""

from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Final

# Near-Earth asteroids larger than a diameter in m. 1,000 and 140: NEOMOD3 (Nesvorny et al. 2024, Icarus 417:116110).
# 100 and 18: the figures that Elvis 2014 (PSS 91:20) used.
POPULATION: Final = MappingProxyType({1000: 830.0, 140: 20_000.0, 100: 20_000.0, 18: 1e7})


@dataclass(frozen=True)
class Gates:
    """Chances that an asteroid is of the type, rich, reachable and workable; their product is the share of ore."""

    of_type: float
    rich: float = 1.0
    reachable: float = 1.0
    workable: float = 1.0

    @property
    def share(self) -> float:
        """Share of the population that is ore."""
        return prod((self.of_type, self.rich, self.reachable, self.workable))


# Elvis 2014: the products of the gates as its abstract gives them.
ELVIS_2014: Final = MappingProxyType({"pgm": Gates(1 / 2000), "water": Gates(1 / 1100)})


def count(population: float, gates: Gates) -> float:
    """Ore bodies in a population."""
    return population * gates.share
