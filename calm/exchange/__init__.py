"""Runs from and for elsewhere: archives, exports, imported samples, all of it checked."""
