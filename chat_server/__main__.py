"""`python -m chat_server`: the same as `chat-server`."""

from chat_server.cli import main

main(prog_name="chat-server")
