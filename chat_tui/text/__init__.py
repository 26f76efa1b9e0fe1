"""What people write and what is shown of it: commands, completion, Markdown, and all of it made safe. Pure."""
