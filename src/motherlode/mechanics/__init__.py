"""Celestial mechanics on plain arrays; knows no asteroid and no file."""
