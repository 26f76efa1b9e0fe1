"""Whose the mouse is, as a terminal is told."""

from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver

from chat_tui.terminal.mouse import switch

LEFT = ["\x1b[?1000l", "\x1b[?1003l", "\x1b[?1015l", "\x1b[?1006l"]
TAKEN = ["\x1b[?1000h", "\x1b[?1003h", "\x1b[?1015h", "\x1b[?1006h"]


class Terminal(LinuxDriver):
    """Textual's driver, whose terminal is a list."""

    def __init__(self, *, mouse: bool = True) -> None:
        super().__init__(App(), mouse=mouse)
        self.written: list[str] = []

    def write(self, data: str) -> None:
        self.written.append(data)

    def flush(self) -> None:
        pass

    def told(self) -> list[str]:
        told, self.written = self.written, []
        return told


async def test_it_is_left_and_taken_back() -> None:
    terminal = Terminal()
    assert switch(terminal, on=False)
    assert terminal.told() == LEFT
    terminal._enable_mouse_support()
    assert terminal.told() == [], "it stays left when the terminal is taken back from another program"
    assert switch(terminal, on=True)
    assert terminal.told() == TAKEN


async def test_it_can_be_taken_where_it_was_not_at_the_start() -> None:
    terminal = Terminal(mouse=False)
    assert switch(terminal, on=True)
    assert terminal.told() == TAKEN


async def test_a_terminal_that_tells_pixels_tells_them_again() -> None:
    terminal = Terminal()
    terminal._enable_mouse_pixels()
    switch(terminal, on=False)
    terminal.told()
    switch(terminal, on=True)
    assert terminal.told() == [*TAKEN, "\x1b[?1016h"]


async def test_where_there_is_no_terminal_there_is_no_mouse() -> None:
    assert not switch(HeadlessDriver(App()), on=False)
