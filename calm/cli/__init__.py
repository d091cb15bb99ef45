"""The command line: its parser, and what each command does."""
