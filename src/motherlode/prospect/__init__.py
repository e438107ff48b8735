"""Stage 2: how big, how fast it spins, what is in it."""
