"""The screen one lives in: the conversation, what is below it, the composer and the status bar."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static

from chat_tui.keys import Where
from chat_tui.view import ConversationView
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.status import StatusBar, StatusLine


class ChatScreen(Screen[None]):
    """Lays out a view and turns keys into messages for the app; it decides nothing about the chat."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        Where.ANYWHERE, only={"scroll_page_up", "scroll_page_down", "newest"}, priority=True
    )

    def __init__(self, room: str, *, ascii_only: bool) -> None:
        """Be the screen of a room; its name has been made safe to show."""
        super().__init__()
        self._room = room
        self._ascii_only = ascii_only

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Messages(ascii_only=self._ascii_only, id="messages")
        yield Static(id="below", markup=False)
        yield Composer(f"Write to #{self._room}", id="composer")
        yield StatusBar(ascii_only=self._ascii_only, id="status")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """One begins by writing."""
        self.query_one(Composer).focus()
        self.query_one("#below").display = False

    @property
    def messages(self) -> Messages:
        """The conversation."""
        return self.query_one(Messages)

    def show(self, view: ConversationView, line: StatusLine) -> None:
        """Draw everything as it is now."""
        self.messages.show(view)
        self.query_one(StatusBar).line = line

    def show_below(self, count: int, *, following: bool) -> None:
        """Say how many messages are below the screen, while it does not follow the end."""
        below = self.query_one("#below", Static)
        below.display = not following and count > 0
        arrow = "v" if self._ascii_only else "↓"
        below.update(f"{count} more {arrow}  Ctrl+G")

    # Keys

    def on_composer_left(self) -> None:
        """From writing to the conversation."""
        self.messages.focus()

    def on_messages_left(self) -> None:
        """From the conversation to writing."""
        self.query_one(Composer).focus()

    def action_scroll_page_up(self) -> None:
        """Older messages, wherever the focus is."""
        self.messages.action_page_up()

    def action_scroll_page_down(self) -> None:
        """Newer messages, wherever the focus is."""
        self.messages.action_page_down()

    def action_newest(self) -> None:
        """The newest message."""
        self.messages.action_newest()
