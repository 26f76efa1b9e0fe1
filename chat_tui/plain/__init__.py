"""`chat-tui --plain`: the conversation line by line, for screen readers, logs and pipes. No Textual here."""
