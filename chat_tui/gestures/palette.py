"""What the palette offers: everything that keys do but moving about, and what else is written after a slash."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from textual.app import SystemCommand
from textual.command import CommandPalette
from textual.screen import Screen

from chat_tui.gestures.roaming import RoamingApp
from chat_tui.keys import Key, Where, cap
from chat_tui.screens.prompt import PromptScreen
from chat_tui.text.commands import HELP, TAKES, Command, Mistake, Verb, parse

PLACES: Final = (Where.ANYWHERE, Where.CONVERSATION)
NOT_OURS: Final = {"Keys", "Maximize", "Minimize"}
LEFT_OUT: Final = {
    *("command_palette", "quit"),  # it is open, and Textual offers the other
    *("cursor_up", "cursor_down", "to_composer"),
}


class PaletteApp(RoamingApp):
    """The part of the app that can be told by name what to do."""

    def action_command_palette(self) -> None:
        """Find what can be done; asked for in words that every terminal can show."""
        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="Search for commands", id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own, then ours by their keys, then what is else written after a slash."""
        yield from (each for each in super().get_system_commands(screen) if each.title not in NOT_OURS)
        offered = {key.action: key for key in reversed(self._keys) if key.where in PLACES}
        for action, key in reversed(offered.items()):
            if action not in LEFT_OUT:
                keys = f" ({' or '.join(map(cap, key.keys))})" if key.keys else ""
                yield SystemCommand(key.label, f"{key.help}{keys}", self._runner(key))
        for verb in Verb:
            yield SystemCommand(f"/{verb.value}", HELP[verb], self._asker(verb))

    def _runner(self, key: Key) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            places = (self._chat.messages,) if key.where is Where.CONVERSATION else (self, self._chat)
            place = next(each for each in places if hasattr(each, f"action_{key.action}"))
            await self.run_action(key.action, place)

        return run

    def _asker(self, verb: Verb) -> Callable[[], None]:
        def ask() -> None:
            if takes := TAKES.get(verb, "NAME"):
                self.push_screen(PromptScreen(HELP[verb], takes), lambda given: self._command_by(verb, given))
            else:
                self._command(Command(verb, ""), self._session.room)

        return ask

    def _command_by(self, verb: Verb, given: str | None) -> None:
        """Do what the verb says with what was given for it; nothing where that was nothing."""
        match parse(f"/{verb.value} {given}") if given else None:
            case Command() as command:
                self._command(command, self._session.room)
            case Mistake(sentence=sentence):
                self.notify(sentence, severity="warning", markup=False)
            case _:
                pass
