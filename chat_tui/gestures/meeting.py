"""An app in which one meets people: who is in a room, conversations of two, and letting back who was banned."""

import secrets
import time

from textual import on

from chat_server.protocol import Bans, FetchBans, Unban
from chat_tui.gestures.conversing import ConversingApp
from chat_tui.model import events as happened
from chat_tui.model.sidebar import PersonView
from chat_tui.screens.confirm import ConfirmScreen
from chat_tui.screens.members import MembersScreen
from chat_tui.screens.picker import Choice, PickerScreen
from chat_tui.text.safetext import safe_line
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.sidebar import Sidebar


class MeetingApp(ConversingApp):
    """The part of the app that is about other people."""

    _told_bans: Bans | None = None
    """What was shown last of who is banned."""

    def approach(self, name: str, content: str = "") -> None:
        """Go to the conversation with this person, and say something there, if it is anything."""
        wall_ms = time.time_ns() // 1_000_000
        self._feed(happened.Approached(name, content, secrets.token_urlsafe(16), wall_ms))

    # Members

    @on(Sidebar.MembersAsked)
    def _members_asked(self) -> None:
        self.action_members()

    def action_members(self) -> None:
        """Show who is in the room."""
        title = f"Members of {self._session.status().label}"
        self.push_screen(MembersScreen(title, self._members(), self._mention), self._approach_member)

    def draw_people(self) -> None:
        """Show who has come or gone, where somebody looks, and who is banned, once the server has said so."""
        if isinstance(self.screen, MembersScreen):
            self.screen.offer(self._members())
        if self._session.bans is not self._told_bans:
            self._told_bans = self._session.bans
            self._show_bans(self._told_bans)

    def _members(self) -> list[Choice]:
        dots = ("o ", "* ") if self._ascii_only else ("○ ", "● ")
        people = self._session.rooms().people
        return [Choice(each.key, each.name, _said_of(each), mark=dots[each.online]) for each in people]

    def _approach_member(self, name: str | None) -> None:
        if name == self._session.replica.me:
            self.notify("This is you.", markup=False)
        elif name is not None:
            self.approach(name)

    def _mention(self, name: str) -> None:
        self._chat.mention(safe_line(name))

    @on(Sidebar.PersonPicked)
    def _person_clicked(self, event: Sidebar.PersonPicked) -> None:
        self._approach_member(event.name)

    @on(Messages.SenderAsked)
    def _sender_asked(self, event: Messages.SenderAsked) -> None:
        if (held := self._session.replica.get(event.message_id)) is not None:
            self.approach(held.message.sender)

    # Who is banned

    def ask_bans(self, room: str) -> None:
        """Have it shown who is banned from the room, once the server has said so."""
        self._feed(happened.Asked(FetchBans(room=room)))

    def _show_bans(self, bans: Bans | None) -> None:
        if bans is None or not bans.names:
            self.notify("Nobody is banned from this room.", markup=False)
            return
        choices = [Choice(each, safe_line(each)) for each in bans.names]
        title = f"Banned from #{safe_line(bans.room)}"

        def ask(name: str | None) -> None:
            if name is not None:
                self._confirm_unban(name, bans.room)

        self.push_screen(PickerScreen(title, choices, does="Enter lets back"), ask)

    def _confirm_unban(self, name: str, room: str) -> None:
        def unban(answer: bool | None) -> None:  # noqa: FBT001  # the answer of a screen
            if answer:
                self._feed(happened.Asked(Unban(room=room, name=name)))

        question = f"Let {safe_line(name)} come back to #{safe_line(room)}?"
        self.push_screen(ConfirmScreen(question, yes="Let back"), unban)


def _said_of(person: PersonView) -> str:
    """What is said beside a member."""
    parts = {"online": person.online, "owner": person.owner, "muted": person.muted, "you": person.me}
    return ", ".join(part for part, holds in parts.items() if holds)
