"""Choosing an emoji for a message: one of a few by its digit, or any by its name."""

from itertools import islice
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.keys import Where
from chat_tui.model.view import MessageView
from chat_tui.text.completion import emoji_like
from chat_tui.text.emojinames import name_of
from chat_tui.widgets.bindings import bindings

COMMON: Final = "👍✅👀🎉😂🙏"
"""Chosen by the digits from 1 on; each of two cells everywhere."""
MINE: Final = "bold underline $text-accent"
FOUND_MAX: Final = 50


class ReactScreen(ModalScreen[str | None]):
    """Asks: the emoji that was chosen, or None. One's own is to be taken away by choosing it again."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Where.CHOOSING, priority=True)

    def __init__(self, message: MessageView, *, ascii_only: bool) -> None:
        """Take the message."""
        super().__init__()
        self._ascii_only = ascii_only
        self._mine = frozenset(emoji for emoji, _, is_mine in message.reactions if is_mine)
        self._found: list[str] = []

    def compose(self) -> ComposeResult:
        """The common ones, where one types, and what is found."""
        with Vertical(id="react"):
            yield Static(self._common(), id="common")
            yield Input(placeholder="Search by name", id="name", compact=True)
            yield OptionList(id="emoji", markup=False, compact=True)

    def on_mount(self) -> None:
        """Nothing is found yet, so that Enter alone does nothing."""
        box = self.query_one("#react")
        box.border_title = "React"
        box.border_subtitle = "Digit or Enter picks, Esc closes"
        self.query_one(Input).focus()
        self.query_one(OptionList).display = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """A digit alone chooses, since no name needs to be begun with one of these."""
        if event.value in map(str, range(1, len(COMMON) + 1)):
            self.action_choose(int(event.value))
        else:
            self._find(event.value.strip().strip(":").casefold())

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _picked(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self.dismiss(self._found[at])

    def action_choose(self, number: int) -> None:
        """Close with the common emoji of a number, counted from 1."""
        self.dismiss(COMMON[number - 1])

    def action_close(self) -> None:
        """Close with none."""
        self.dismiss(None)

    def action_move_up(self) -> None:
        """Go up in what is found, while typing."""
        self._move(-1)

    def action_move_down(self) -> None:
        """Go down in what is found, while typing."""
        self._move(1)

    def _move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = ((options.highlighted or 0) + step) % options.option_count

    def _find(self, typed: str) -> None:
        found = list(islice(emoji_like(typed.replace(" ", "_")), FOUND_MAX)) if typed else []
        self._found = [each.inserted for each in found]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(self._line(each.inserted, each.hint)) for each in found)
        options.highlighted = 0 if found else None
        options.display = bool(found)

    def _line(self, emoji: str, name: str) -> Content:
        yours = ("  takes yours away" if emoji in self._mine else "", "$text-muted")
        return Content.assemble(name if self._ascii_only else f"{emoji}  {name}", yours)

    def _common(self) -> Content:
        """One row, or two where names stand for the emoji."""
        buttons = list(map(self._button, range(1, len(COMMON) + 1)))
        rows = [buttons[:3], buttons[3:]] if self._ascii_only else [buttons]
        return Content("\n").join(Content("  ").join(row) for row in rows)

    def _button(self, number: int) -> Content:
        emoji = COMMON[number - 1]
        shown = name_of(emoji) if self._ascii_only else emoji
        button = Content.assemble((f"{number} ", "$text-muted"), (shown, MINE if emoji in self._mine else ""))
        return button.stylize(Style.from_meta({"@click": f"screen.choose({number})"}))
