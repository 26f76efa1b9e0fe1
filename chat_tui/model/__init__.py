"""The conversation as this client knows it: events in, effects and frozen views out. Pure."""
