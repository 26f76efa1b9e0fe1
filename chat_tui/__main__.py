"""`python -m chat_tui`: the same as `chat-tui`."""

from chat_tui.cli import main

main(prog_name="chat-tui")
