"""People's ballots: the box, the tally, and the pairs that they make."""
