"""Reproducible chance: a generator from the study's seed and the names of what it is for.

The same seed, stage and asteroid give the same samples, whatever the order or the chunk they are drawn in.
"""

from hashlib import blake2b

import numpy as np


def generator(seed: int, *labels: str) -> np.random.Generator:
    """Random generator of a study's seed and labels such as the stage and the designation.

    seed     of the study
    labels   what the samples are for: ``generator(7, "deposit", "101955")``
    returns  numpy Generator (PCG64)
    """
    text = "\x1f".join((str(seed), *labels)).encode()
    return np.random.Generator(np.random.PCG64(int.from_bytes(blake2b(text, digest_size=16).digest(), "little")))
