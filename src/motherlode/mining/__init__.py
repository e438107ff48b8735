"""Stage 5: what comes out."""
