"""The page `Duel`."""
