"""A study: a plan of alignments that differ in a few settings, done one by one, and its report."""
