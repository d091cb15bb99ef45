"""The lint: what can be wrong with preference pairs, and what it mends."""
