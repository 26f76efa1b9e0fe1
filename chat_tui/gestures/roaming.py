"""An app in which one goes from room to room: keys, clicks and commands that do so."""

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from chat_server.protocol import RoomListing
from chat_tui.gestures.meeting import MeetingApp
from chat_tui.gestures.seeking import SeekingApp
from chat_tui.gestures.sharing import SharingApp
from chat_tui.keys import ROAMING, Where
from chat_tui.model import events as happened
from chat_tui.model.deeds import request_of
from chat_tui.model.replica import is_required
from chat_tui.model.sidebar import PersonView, RoomView
from chat_tui.screens.picker import TO, Choice, PickerScreen
from chat_tui.text.commands import Command, Verb
from chat_tui.text.safetext import safe_line
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.sidebar import Sidebar


class RoomsScreen(PickerScreen):
    """All rooms of the server, once it has said which there are."""


class RoamingApp(MeetingApp, SeekingApp, SharingApp):
    """The part of the app that chooses which room is shown."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ANYWHERE, only=ROAMING)

    def _turn(self, room: str | None, title: str = "") -> None:
        if room is not None:
            self._feed(happened.Turned(room, title))

    def _go_to_choice(self, key: str | None) -> None:
        """To what was picked: a room, or a person."""
        if key is not None and key.startswith(TO):
            self.approach(key.removeprefix(TO))
        else:
            self._turn(key)
        if key is not None:
            self._chat.begin_writing()

    def _turn_to(self, room: RoomView | None, otherwise: str) -> None:
        if room is not None:
            self._turn(room.key)
        else:
            self.notify(otherwise, markup=False)

    def follow_room(self) -> None:
        """The session may show another room than the screen: what was being written stays where it was written."""
        if self._session.room != self._chat.room:
            self._feed(happened.Drafted(self._chat.draft, self._chat.room))
            self._chat.turn(self._session.room, self._session.status().label, self._session.draft)

    # Keys

    def action_switch_room(self) -> None:
        """Find a room or a person to go to."""
        rooms, people = self._session.rooms().rooms, self._session.acquaintances()
        met = {each.name for each in rooms if each.direct}
        choices = [Choice(each.key, each.label, _waiting(each)) for each in rooms]
        others = [_stranger(each) for each in people if each.name not in met]
        everybody = [*choices, *others]
        self.push_screen(PickerScreen("Go to a room or a person", everybody, makes=True), self._go_to_choice)

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
        """Show or hide the rooms and people beside the conversation, or over it where that is too narrow."""
        if self._chat.has_class("-narrow"):
            self.action_switch_room()
        else:
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
        status = self._session.status()
        only = "notifies of nothing" if status.direct else "tells only of mentions"
        tells = f"{only} now" if silenced else "tells of everything again"
        self.notify(f"{status.label} {tells}.", markup=False)

    # Commands

    @on(Composer.Commanded)
    def _commanded(self, event: Composer.Commanded) -> None:
        self._command(event.command, event.room)

    def _command(self, command: Command, room: str) -> None:
        match command.verb:
            case Verb.JOIN:
                self._feed(happened.Turned(command.name, command.text, required=bool(command.choice)))
            case Verb.RECEIPTS:
                if command.choice:
                    self.choose_receipts(command.choice, room)
                else:
                    self.action_receipts()
            case Verb.LEAVE:
                self._feed(happened.Departed(room))
            case Verb.ROOMS:
                self._feed(happened.Listed())
                self.push_screen(RoomsScreen("All rooms", self._listed(), makes=True), self._go_to_choice)
            case Verb.MEMBERS:
                self.action_members()
            case Verb.DATE:
                self.go_to_date(command.name)
            case Verb.SEARCH:
                self.search_for(command.name)
            case Verb.MSG:
                self.approach(command.name, command.text)
            case Verb.BANS:
                self.ask_bans(room)
            case Verb.KICK | Verb.BAN | Verb.UNBAN | Verb.MUTE | Verb.UNMUTE | Verb.TOPIC | Verb.PASS:
                self._feed(happened.Asked(request_of(command, room)))

    def draw_listing(self) -> None:
        """Show the rooms that the server has told of since, where somebody looks."""
        if isinstance(self.screen, RoomsScreen):
            self.screen.offer(self._listed())
        self.draw_people()

    def _listed(self) -> list[Choice]:
        listing = self._session.listing
        return [_choice(each) for each in (listing.rooms if listing is not None else ())]


def _choice(room: RoomListing) -> Choice:
    joined, plural = ", joined" if room.joined else "", "" if room.members == 1 else "s"
    title = f"  {safe_line(room.title)}" if room.title != room.name else ""
    required = ", receipts required" if is_required(room.policy) else ""
    said = f"{room.members} member{plural}{joined}{required}{title}"
    return Choice(room.name, f"#{safe_line(room.name)}", said)


def _stranger(person: PersonView) -> Choice:
    return Choice(f"{TO}{person.key}", f"@{person.name}", "online" if person.online else "")


def _waiting(room: RoomView) -> str:
    """What is said beside a room."""
    there = "online" if room.direct and room.there else ""
    here, required = "here" if room.current else "", "receipts required" if room.receipts_required else ""
    parts = (there, f"{room.unread} unread" if room.unread else "", f"@{room.mentions}" if room.mentions else "")
    title = "" if room.direct or room.title == room.name else room.title
    return "  ".join(filter(None, (", ".join(filter(None, (*parts, here, required))), title)))
