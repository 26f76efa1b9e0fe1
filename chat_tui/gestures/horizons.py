"""An app that shows how far others have read: asked again every few seconds, while somebody looks."""

from typing import Final

from textual import on

from chat_tui.gestures.noticing import NoticingApp
from chat_tui.model import events as happened
from chat_tui.widgets.messages import Messages

ASK_HORIZONS_S: Final = 5.0
"""How often it is asked; nobody tells of it."""


class HorizonsApp(NoticingApp):
    """The part of the app that is about the names in the margin."""

    def watch_horizons(self) -> None:
        """Ask again from now on."""
        self.set_interval(ASK_HORIZONS_S, self.look_at_horizons)

    def look_at_horizons(self) -> None:
        """Ask how far others have read, where that is shown and somebody sees it."""
        if self.is_attended() and not self.is_covered():
            self._feed(happened.HorizonsDue())

    @on(Messages.HorizonsAsked)
    def _horizons_asked(self) -> None:
        self._feed(happened.HorizonsToggled(self._session.room))
