"""A run as one page that replays it without a server, in every language of the interface."""
