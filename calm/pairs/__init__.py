"""Preference pairs: made from votes, looked at, changed, read from files."""
