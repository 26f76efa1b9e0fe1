"""An app in which one goes from room to room: keys, clicks and commands that do so."""

from abc import abstractmethod
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from chat_server.protocol import RoomListing
from chat_tui.keys import ROAMING, Where
from chat_tui.model import events as happened
from chat_tui.model.deeds import request_of
from chat_tui.model.replica import is_required
from chat_tui.model.session import Session
from chat_tui.model.sidebar import RoomView
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.picker import Choice, PickerScreen
from chat_tui.sharing import SharingApp
from chat_tui.text.commands import Command, Verb
from chat_tui.text.safetext import safe_line
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.sidebar import Sidebar


class RoomsScreen(PickerScreen):
    """All rooms of the server, once it has said which there are."""


class RoamingApp(SharingApp):
    """The part of the app that chooses which room is shown."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ANYWHERE, only=ROAMING)

    _session: Session
    _chat: ChatScreen

    @abstractmethod
    def _feed(self, *newest: happened.Event) -> None:
        """Tell the session what has happened."""

    def _turn(self, room: str | None) -> None:
        if room is not None:
            self._feed(happened.Turned(room))

    def _turn_to(self, room: RoomView | None, otherwise: str) -> None:
        if room is not None:
            self._turn(room.key)
        else:
            self.notify(otherwise, markup=False)

    def follow_room(self) -> None:
        """The session may show another room than the screen: what was being written stays where it was written."""
        if self._session.room != self._chat.room:
            self._feed(happened.Drafted(self._chat.draft, self._chat.room))
            self._chat.turn(self._session.room, self._session.draft)

    # Keys

    def action_switch_room(self) -> None:
        """Find a room to go to."""
        rooms = self._session.rooms().rooms
        choices = [Choice(each.key, f"#{each.name}", _waiting(each)) for each in rooms]
        self.push_screen(PickerScreen("Go to a room", choices, makes=True), self._turn)

    def action_next_unread(self) -> None:
        """Go to the next room in which something waits."""
        self._turn_to(self._session.rooms().next_unread(), "Nothing is unread in other rooms.")

    def action_previous_room(self) -> None:
        """Go to the room above."""
        self._turn_to(self._session.rooms().beside(-1), "There is no other room.")

    def action_next_room(self) -> None:
        """Go to the room below."""
        self._turn_to(self._session.rooms().beside(1), "There is no other room.")

    def action_toggle_sidebar(self) -> None:
        """Show or hide the rooms and people beside the conversation."""
        self._chat.toggle_sidebar()

    # Gestures

    @on(Sidebar.Picked)
    def _room_clicked(self, event: Sidebar.Picked) -> None:
        self._turn(event.room)

    @on(Messages.MarkAsked)
    def _mark_asked(self, event: Messages.MarkAsked) -> None:
        self._feed(happened.Marked(event.message_id))
        self.notify("The room opens here next time.", markup=False)

    @on(Messages.WatchAsked)
    def _watch_asked(self, event: Messages.WatchAsked) -> None:
        self._feed(happened.Watched(event.message_id))

    @on(Messages.SilenceAsked)
    def _silence_asked(self) -> None:
        room = self._session.room
        self._feed(happened.Silenced(room))
        silenced = any(each.silenced for each in self._session.rooms().rooms if each.key == room)
        tells = "tells only of mentions now" if silenced else "tells of everything again"
        self.notify(f"#{safe_line(room)} {tells}.", markup=False)

    # Commands

    @on(Composer.Commanded)
    def _commanded(self, event: Composer.Commanded) -> None:
        self._command(event.command, event.room)

    def _command(self, command: Command, room: str) -> None:
        match command.verb:
            case Verb.JOIN:
                self._feed(happened.Turned(command.name, required=bool(command.choice)))
            case Verb.RECEIPTS:
                if command.choice:
                    self.choose_receipts(command.choice, room)
                else:
                    self.action_receipts()
            case Verb.LEAVE:
                self._feed(happened.Departed(room))
            case Verb.ROOMS:
                self._feed(happened.Listed())
                self.push_screen(RoomsScreen("All rooms", self._listed(), makes=True), self._turn)
            case Verb.MEMBERS:
                people = self._session.rooms().people
                choices = [Choice("", each.name, "online" if each.online else "") for each in people]
                self.push_screen(PickerScreen(f"Members of #{safe_line(room)}", choices))
            case Verb.KICK | Verb.BAN | Verb.UNBAN | Verb.MUTE | Verb.UNMUTE:
                self._feed(happened.Asked(request_of(command, room)))

    def draw_listing(self) -> None:
        """Show the rooms that the server has told of since, where somebody looks."""
        if isinstance(self.screen, RoomsScreen):
            self.screen.offer(self._listed())

    def _listed(self) -> list[Choice]:
        listing = self._session.listing
        return [_choice(each) for each in (listing.rooms if listing is not None else ())]


def _choice(room: RoomListing) -> Choice:
    joined, plural = ", joined" if room.joined else "", "" if room.members == 1 else "s"
    required = ", receipts required" if is_required(room.policy) else ""
    return Choice(room.name, f"#{safe_line(room.name)}", f"{room.members} member{plural}{joined}{required}")


def _waiting(room: RoomView) -> str:
    """What is said beside a room."""
    parts = (f"{room.unread} unread" if room.unread else "", f"@{room.mentions}" if room.mentions else "")
    here, required = "here" if room.current else "", "receipts required" if room.receipts_required else ""
    return " ".join(filter(None, (*parts, here, required)))
