"""The page `Votes`."""
