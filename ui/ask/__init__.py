"""The page `Ask`."""
