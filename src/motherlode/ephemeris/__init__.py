"""Where every moving thing is: each mover answers ``state(t)``."""
