"""The run folder: its files, the process that fills it, and the rates it was filled at."""
