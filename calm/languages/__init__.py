"""Languages: the table of what differs between them, and how texts get one form."""
