"""A report of a run: one file to share, with all it needs in it, to be read or printed."""
