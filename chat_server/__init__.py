"""The doubletick server: messages and read-by lists, kept and passed on."""
