"""Stage 6: what it is worth, what it costs."""
