"""Languages as data, and what can be read of texts by language alone: numbers, dates."""
