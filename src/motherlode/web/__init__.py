"""The page and its service."""
