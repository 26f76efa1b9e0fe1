"""The screen one lives in: the conversation, what is below it, the composer and the status bar."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static

from chat_tui.keys import Where
from chat_tui.sidebar import RoomsView
from chat_tui.view import ConversationView
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.sidebar import Sidebar
from chat_tui.widgets.status import StatusBar, StatusLine


class ChatScreen(Screen[None]):
    """Lays out a view and turns keys into messages for the app; it decides nothing about the chat."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        Where.ANYWHERE, only={"scroll_page_up", "scroll_page_down", "newest"}, priority=True
    )

    AUTO_FOCUS = "Composer"
    """One begins by writing."""

    class Covered(Message):
        """Another screen has come over this one, or has gone."""

    def __init__(self, room: str, draft: str, *, ascii_only: bool) -> None:
        """Be the screen of a room, with what was being written to it."""
        super().__init__()
        self._ascii_only = ascii_only
        self.sidebar = Sidebar(ascii_only=ascii_only, id="sidebar")
        self.messages = Messages(ascii_only=ascii_only, id="messages")
        self._below = Static(id="below", markup=False)
        self._composer = Composer(draft, room, id="composer")
        self._status = StatusBar(ascii_only=ascii_only, id="status")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        with Horizontal(id="main"):
            yield self.sidebar
            yield self.messages
        yield self._below
        yield self._composer
        yield self._status
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Nothing is below yet."""
        self._below.display = False

    def on_screen_suspend(self) -> None:
        """Another screen is on top."""
        self.post_message(self.Covered())

    def on_screen_resume(self) -> None:
        """This screen is on top again."""
        self.post_message(self.Covered())

    @property
    def draft(self) -> str:
        """What is being written."""
        return self._composer.text

    @property
    def room(self) -> str:
        """Where that is being written."""
        return self._composer.room

    def turn(self, room: str, draft: str) -> None:
        """Be the screen of another room."""
        self._composer.turn(room, draft)

    def show(self, view: ConversationView, line: StatusLine, rooms: RoomsView) -> None:
        """Draw everything as it is now."""
        self.sidebar.rooms = rooms
        self.messages.show(view)
        self._composer.set_closed(view.closed)
        self._status.line = line

    def show_below(self, count: int, *, following: bool) -> None:
        """Say how many messages are below the screen, while it does not follow the end."""
        self._below.display = not following and count > 0
        arrow = "v" if self._ascii_only else "↓"
        self._below.update(f"{count} more {arrow}  Ctrl+G")

    # Keys

    def on_composer_left(self) -> None:
        """From writing to the conversation."""
        self.messages.focus()

    def on_messages_left(self) -> None:
        """From the conversation to writing."""
        self._composer.focus()

    def action_scroll_page_up(self) -> None:
        """Older messages, wherever the focus is."""
        self.messages.action_page_up()

    def action_scroll_page_down(self) -> None:
        """Newer messages, wherever the focus is."""
        self.messages.action_page_down()

    def toggle_sidebar(self) -> None:
        """Show the rooms and people beside the conversation, or hide them."""
        shown = self.sidebar.display and bool(self.sidebar.size)
        self.set_class(not shown, "-with-sidebar")
        self.set_class(shown, "-without-sidebar")

    def action_newest(self) -> None:
        """The newest message."""
        self.messages.action_newest()
