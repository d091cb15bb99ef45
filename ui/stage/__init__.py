"""The stage: one question on a wall, and the audience's ballots from their phones, seen live."""
