"""Stage 8: the base that runs it and the people who live there."""
