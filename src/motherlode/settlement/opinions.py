"""Opinions of people who listen only to those not too far away (Deffuant et al. 2000): how many camps remain."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def settled(
    people: int, confidence: float, rng: np.random.Generator, *, mu: float = 0.5, meetings: int = 400
) -> Array:
    """Opinions in 0..1 after everybody has met somebody many times, (people).

    confidence  largest difference of opinion across which two people listen to each other
    mu          share of the way that each moves towards the other
    meetings    of each person
    """
    opinion = rng.random(people)
    half = people // 2
    for _ in range(meetings):
        order = rng.permutation(people)
        a, b = order[:half], order[half : 2 * half]
        step = mu * (opinion[b] - opinion[a]) * (np.abs(opinion[b] - opinion[a]) < confidence)
        opinion[a] += step
        opinion[b] -= step
    return opinion


def camps(opinion: Array, *, apart: float = 0.05, at_least: float = 0.05) -> int:
    """Number of groups of opinions further apart than ``apart`` that hold at least a share of the people."""
    ordered = np.sort(opinion)
    edges = np.flatnonzero(np.diff(ordered) > apart)
    sizes = np.diff(np.concatenate([[0], edges + 1, [len(ordered)]]))
    return int((sizes >= at_least * len(ordered)).sum())
