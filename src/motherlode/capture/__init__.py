"""Stage 4: bring the rock, or the haul, to where it is used."""
