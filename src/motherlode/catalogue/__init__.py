"""Stage 1: which asteroids exist."""
