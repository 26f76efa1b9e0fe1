"""Whose the mouse is, as a real terminal knows it."""

from pathlib import Path

from tests.chat_tui.people import Host, until
from tests.end_to_end.terminals import CLIENT, Tmux, needs_tmux

pytestmark = needs_tmux


def takes_mouse(tmux: Tmux) -> bool:
    """Whether the program in the pane has asked to hear of the mouse."""
    return tmux.run("display-message", "-p", "-t", "John", "#{mouse_any_flag}").strip() == "1"


async def test_the_mouse_is_left_to_the_terminal_and_taken_back(tmux: Tmux, host: Host, tmp_path: Path) -> None:
    kept = ("--state-dir", str(tmp_path / "state"), "--config-dir", str(tmp_path / "state"))
    tmux.start("John", *CLIENT, "--name", "John", "--server", host.url, *kept)
    await until(lambda: tmux.sees("John", "1 of 1 online"))
    assert takes_mouse(tmux)
    tmux.type("John", "F9")
    await until(lambda: tmux.sees("John", "mouse off"))
    await until(lambda: not takes_mouse(tmux))
    tmux.type("John", "F9")
    await until(lambda: takes_mouse(tmux))
