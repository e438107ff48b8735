"""Stage 1: which asteroids exist, how well their orbits are known, what has been measured of them."""
