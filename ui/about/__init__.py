"""The page `About`."""
