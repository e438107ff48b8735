"""Stage 7: which missions, when, whose."""
