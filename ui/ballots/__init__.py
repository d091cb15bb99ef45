"""The page `Ballots`."""
