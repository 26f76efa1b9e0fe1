"""What a person has chosen, on disk and on the command line."""
