"""The page `Align`."""
