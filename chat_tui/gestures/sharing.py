"""An app in which one chooses who is shown what one reads, and is asked before everybody is."""

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from chat_server.protocol import ChangeSettings
from chat_server.protocol.requests import Mode
from chat_tui.gestures.conversing import ConversingApp
from chat_tui.keys import SHARING, Where
from chat_tui.model import events as happened
from chat_tui.screens.consent import ConsentScreen
from chat_tui.screens.sharing import SharingScreen
from chat_tui.text.commands import MODES
from chat_tui.widgets.bindings import bindings


class SharingApp(ConversingApp):
    """The part of the app that is about what others are shown of one's reading."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ANYWHERE, only=SHARING, priority=True)

    _mode: Mode = "public"
    """Who was last shown what one reads in the shown room."""

    def action_receipts(self) -> None:
        """Show who sees what one reads, or show it no longer."""
        if isinstance(self.screen, SharingScreen):
            self.screen.dismiss()
        elif self.screen is self._chat:
            self._feed(happened.Chose(ChangeSettings(), aloud=False))
            self.push_screen(SharingScreen(self._session.sharing(), ascii_only=self._ascii_only))

    def choose_receipts(self, choice: str, room: str) -> None:
        """Have a mode hold in a room, by its word; another word stands for the mode of all rooms."""
        mode: Mode | None = next((each for each in MODES if each == choice), None)
        self._feed(happened.Chose(ChangeSettings(rooms={room: mode})))

    def draw_sharing(self) -> None:
        """Show what holds now, where somebody looks; where it is something else, other messages are to be read."""
        mode = self._session.status().sharing
        if mode != self._mode:
            self._mode = mode
            self.call_after_refresh(self.attend_to_sight)
        if isinstance(self.screen, SharingScreen):
            self.screen.show(self._session.sharing())

    @on(SharingScreen.Chosen)
    def _mode_chosen(self, event: SharingScreen.Chosen) -> None:
        if event.here:
            request = ChangeSettings(rooms={self._session.room: event.mode})
        else:
            request = ChangeSettings(receipts=event.mode)
        self._feed(happened.Chose(request, aloud=False))

    def ask_consent(self, room: str) -> None:
        """Ask whether one wants into a room that requires receipts."""

        def enter(answer: bool | None) -> None:  # noqa: FBT001  # the answer of a screen
            if answer:
                self._feed(happened.Turned(room, agreed=True))

        self.push_screen(ConsentScreen(room), enter)
