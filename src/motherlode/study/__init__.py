"""The assembly line: runs the stages, stores every table, spreads the load."""
