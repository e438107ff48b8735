"""Stage 3: there and back."""
