"""The screen one lives in: the conversation, what is below it, the composer and the status bar."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from chat_tui.keys import TABLE, Key, Where, cap
from chat_tui.model.sidebar import RoomsView
from chat_tui.model.view import ConversationView, Link
from chat_tui.widgets.answering import Originals, Quotes
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.completing import Names
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.keyrow import KeyRow
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.offers import Offers
from chat_tui.widgets.purpose import Purpose
from chat_tui.widgets.sidebar import Sidebar
from chat_tui.widgets.status import StatusBar, StatusLine

HINTS: Final = {
    "send": "sends",
    "to_conversation": "goes to the messages and back",
    "hold": "holds your receipts",
    "command_palette": "finds everything",
    "help": "shows all keys",
}
"""The five keys for newcomers, by action."""


class ChatScreen(Screen[None]):
    """Lays out a view and turns keys into messages for the app; it decides nothing about the chat."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        Where.ANYWHERE, only={"scroll_page_up", "scroll_page_down", "newest"}, priority=True
    )

    AUTO_FOCUS = "Composer"
    """One begins by writing."""

    class HintEnded(Message):
        """The row of keys for newcomers has been put away."""

    class Covered(Message):
        """Another screen has come over this one, or has gone."""

    def __init__(self, room: str, draft: str, *, ascii_only: bool, keys: tuple[Key, ...] = TABLE) -> None:
        """Be the screen of a room, with what was being written to it."""
        super().__init__()
        self._ascii_only = ascii_only
        self._hinting = False
        self.sidebar = Sidebar(ascii_only=ascii_only, id="sidebar")
        self.messages = Messages(ascii_only=ascii_only, id="messages")
        self._below = Static(id="below", markup=False)
        self._under = ""
        """How many messages are below the screen; empty while none is, or the end is followed."""
        self._sought = ""
        self._hint = Static(_hint(keys), id="hint", markup=False)
        self._purpose = Purpose(_cancel_key(keys), id="purpose")
        self._offers = Offers(id="offers")
        self._composer = Composer(draft, room, keys=keys, id="composer")
        self.messages.writer = self._composer
        self._composer.reader = self.messages
        newest = next(key.keys for key in keys if key.action == "newest")
        self._newest_key = cap(newest[0]) if newest else ""
        self._status = StatusBar(ascii_only=ascii_only, id="status")

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        with Horizontal(id="main"):
            yield self.sidebar
            yield self.messages
        yield self._below
        yield self._hint
        yield self._purpose
        yield self._offers
        yield self._composer
        yield self._status
        yield KeyRow()

    def on_mount(self) -> None:
        """Nothing is below yet, and nothing offered."""
        self._below.display = False
        self._hint.display = self._hinting
        self._purpose.display = False
        self._offers.display = False

    def show_hint(self) -> None:
        """Show the keys that a newcomer needs, above the composer; from the beginning, and until `end_hint`."""
        self._hinting = True

    def end_hint(self) -> None:
        """Put these keys away."""
        if self._hint.display:
            self._hint.display = False
            self.post_message(self.HintEnded())

    def on_screen_suspend(self) -> None:
        """Another screen is on top."""
        self.post_message(self.Covered())

    def on_screen_resume(self) -> None:
        """This screen is on top again."""
        self.post_message(self.Covered())

    @property
    def draft(self) -> str:
        """What is being written, and is no edit."""
        return self._composer.draft

    @property
    def written(self) -> str:
        """What is being written, whatever for."""
        return self._composer.text

    @property
    def is_writing(self) -> bool:
        """Whether that is a message, and was written here."""
        return self._composer.is_writing

    def rewrite(self, text: str) -> None:
        """Have this written in the composer, and nothing else."""
        self._composer.rewrite(text)

    @property
    def room(self) -> str:
        """Where that is being written."""
        return self._composer.room

    def turn(self, room: str, label: str, draft: str) -> None:
        """Be the screen of another room, which is called `label`."""
        self._composer.turn(room, draft)
        self._composer.set_label(label)

    def mention(self, name: str) -> None:
        """Name somebody where the cursor is in what is being written, and go on writing."""
        self._composer.mention(name)
        self._composer.focus()

    def begin_writing(self) -> None:
        """Have what is typed be written, not taken for keys of the conversation."""
        self.set_focus(self._composer)

    def show(self, view: ConversationView, line: StatusLine, rooms: RoomsView) -> None:
        """Draw everything as it is now."""
        self.sidebar.rooms = rooms
        self.messages.me = line.status.name
        self.messages.show(view)
        if view.sought != self._sought:
            self._sought = view.sought
            self._draw_below()
        self._composer.set_closed(view.closed)
        self._composer.online = line.status.link is Link.ONLINE
        if view.room == self.room:
            self._composer.renew()
        self._composer.set_label(line.status.label)
        self._status.line = line

    def show_below(self, count: int, *, following: bool) -> None:
        """Say how many messages are below the screen, while it does not follow the end."""
        arrow = "v" if self._ascii_only else "↓"
        self._under = f"{count} more {arrow}  {self._newest_key}" if count and not following else ""
        self._draw_below()

    def _draw_below(self) -> None:
        """What is looked for stands in the place of what is below."""
        more = "..." if self._ascii_only else "…"
        text = f"{self._sought} {more}  Esc stops" if self._sought else self._under
        self._below.display = bool(text)
        self._below.update(text)

    def let_name(self, names: Names) -> None:
        """Ask this from now on whom one can name while writing."""
        self._composer.names = names

    def let_answer(self, quotes: Quotes, originals: Originals) -> None:
        """Ask this from now on what is answered, and what is to be edited."""
        self._composer.quotes, self._composer.originals = quotes, originals

    def forget_answers(self) -> None:
        """The messages of all rooms are others from now on."""
        self._composer.forget()

    def on_answering_text_area_purposed(self, event: Composer.Purposed) -> None:
        """What is written is for something else."""
        self._purpose.show(event.purpose)

    def on_purpose_cancelled(self) -> None:
        """It is to be for nothing else than a message."""
        self._composer.action_cancel()
        self._composer.focus()

    def on_completing_text_area_offered(self, event: Composer.Offered) -> None:
        """What is written can be completed, or can no more."""
        self._offers.show(event.offer, event.chosen)

    def on_offers_picked(self, event: Offers.Picked) -> None:
        """What is offered can be clicked, too."""
        self._composer.accept(event.offer, event.number)

    # Keys

    def on_composer_left(self) -> None:
        """Who goes from writing to the conversation has found the keys."""
        self.end_hint()

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


def _cancel_key(keys: tuple[Key, ...]) -> str:
    first = next((key.keys[0] for key in keys if key.where is Where.ANSWERING and key.keys), "")
    return "Esc" if first == "escape" else cap(first)


def _hint(keys: tuple[Key, ...]) -> str:
    """A row of keys; those that somebody has taken away are left out."""
    first = {key.action: key.keys[0] for key in reversed(keys) if key.keys}
    hints = [f"{cap(first[action])} {what}" for action, what in HINTS.items() if action in first]
    hiding = next((key.keys[-1] for key in keys if key.action == "to_conversation" and key.keys), None)
    return f"{', '.join(hints)}.{f' {cap(hiding)} hides this.' if hiding else ''}"
