"""The doubletick client: a terminal chat that says truly what has been read."""
