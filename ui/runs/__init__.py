"""The page `Runs`."""
