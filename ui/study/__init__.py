"""Studies on the pages: started from a plan, watched, and their reports drawn."""
