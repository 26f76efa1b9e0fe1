"""The part of the app that is about the mouse: whose it is, and what a right click offers."""

from typing import ClassVar

from textual import on
from textual.binding import BindingType

from chat_tui.gestures.conversing import ConversingApp
from chat_tui.keys import Where, cap
from chat_tui.screens.menu import MenuScreen
from chat_tui.terminal.mouse import switch
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.conversation import Conversation

LEFT = "The mouse is your terminal's now: select text as ever. {how}"
TAKEN = "The mouse works here again: click, double-click, right-click, wheel."
NONE = "There is no mouse to switch here."


class MousingApp(ConversingApp):
    """Everything that keys do to a message can be had from its menu."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.ANYWHERE, only={"toggle_mouse"}, priority=True)

    has_mouse = True
    """Whether clicks come here; else the terminal keeps them."""

    def action_toggle_mouse(self) -> None:
        """Leave the mouse to the terminal, or take it back."""
        if self._driver is None or not switch(self._driver, on=not self.has_mouse):
            self.notify(NONE, markup=False)
            return
        self.has_mouse = not self.has_mouse
        self.notify(TAKEN if self.has_mouse else LEFT.format(how=self._way_back()).strip(), markup=False)
        self._draw_soon()

    def _way_back(self) -> str:
        """How to have the mouse here again."""
        keys = next(key.keys for key in self._keys if key.action == "toggle_mouse")
        return f"{cap(keys[0])} takes it back." if keys else ""

    @on(Conversation.MenuAsked)
    def _menu_asked(self) -> None:
        message = self._chat.messages.current
        if message is None:
            self.notify("There is no message here.", markup=False)
        else:
            self.push_screen(MenuScreen(message, self._keys), self._chosen)

    async def _chosen(self, action: str | None) -> None:
        if action is not None:
            await self.run_action(action, self._chat.messages)
