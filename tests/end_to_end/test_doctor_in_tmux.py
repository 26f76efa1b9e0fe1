"""What the doctor says in a real tmux, before and after one does as it says; and what gets out of tmux."""

import shlex
import sys
from collections.abc import Callable, Iterator

import pytest

from chat_tui.terminal.abilities import Ability, Channel, Verdict
from chat_tui.terminal.channels import Voice, notification
from chat_tui.terminal.tmux import ask_tmux, load_buffer
from tests.chat_tui.people import until
from tests.end_to_end.terminals import Terminal, Tmux, environ, needs_tmux

pytestmark = needs_tmux

DOCTOR = shlex.join([sys.executable, "-c", "from chat_tui.doctor import doctor; doctor()"])
Attach = Callable[[str], Terminal]


@pytest.fixture
def attach(tmux: Tmux) -> Iterator[Attach]:
    """Attach a terminal, of which all is kept that tmux writes to it, to a session."""
    terminals: list[Terminal] = []

    def start(session: str) -> Terminal:
        terminals.append(Terminal("tmux", "-S", str(tmux._socket), "attach", "-t", session, more={}))
        return terminals[-1]

    yield start
    for each in terminals:
        each.close()


def inside(tmux: Tmux, session: str) -> dict[str, str]:
    """The environment of a process in its first pane."""
    pane = tmux.run("list-panes", "-t", session, "-F", "#{pane_id}").strip()
    return environ(TMUX=f"{tmux._socket},1,0", TMUX_PANE=pane)


async def test_the_doctor_before_and_after_its_advice(tmux: Tmux) -> None:
    tmux.start("one", "sh")
    tmux.run("resize-window", "-t", "one", "-x", "100", "-y", "60")
    # What a reply leaves behind would be read by cat, and shown.
    tmux.type("one", f"clear; {DOCTOR}; echo done; cat -v", "Enter")
    await until(lambda: tmux.sees("one", "\ndone"), "the doctor's words")
    screen = tmux.screen("one")
    assert "off      focus          tmux passes on no focus reports" in screen
    assert "set -g focus-events on" in screen
    assert "ok       widths         Characters are as wide as they are drawn for, emoji included." in screen
    assert "limited  keys" in screen

    tmux.type("one", "marker", "Enter")
    await until(lambda: tmux.sees("one", "marker\nmarker"), "the marker")
    assert "\ndone\nmarker\nmarker" in tmux.screen("one"), "nothing was left to be read"

    tmux.type("one", "C-c")
    tmux.run("set-option", "-g", "focus-events", "on")
    tmux.run("set-option", "-s", "extended-keys", "on")
    tmux.type("one", f"clear; {DOCTOR}; echo again; cat -v", "Enter")
    await until(lambda: tmux.sees("one", "\nagain"), "the doctor's words")
    screen = tmux.screen("one")
    assert "ok       focus          tmux passes on focus reports." in screen
    assert "ok       keys" in screen
    tmux.type("one", "marker", "Enter")
    await until(lambda: tmux.sees("one", "marker\nmarker"), "the marker")
    assert "\nagain\nmarker\nmarker" in tmux.screen("one"), "nothing was left to be read"


async def test_what_tmux_tells(tmux: Tmux, attach: Attach) -> None:
    tmux.run("new-session", "-d", "-s", "one", "cat")
    told = await ask_tmux(inside(tmux, "one"), timeout_s=20)
    assert told is not None
    assert (told.client_term, told.focus_events, told.monitor_bell) == ("", False, True)
    attach("one")
    await until(lambda: "1" in tmux.run("list-sessions", "-F", "#{session_attached}"), "the terminal")
    told = await ask_tmux(inside(tmux, "one"), timeout_s=20)
    assert told is not None
    assert (told.client_term, told.set_clipboard) == ("xterm-256color", "external")
    assert "clipboard" in told.client_features


@pytest.mark.parametrize("option", ["on", "external", "off"])
async def test_a_copy_gets_out_of_tmux_whatever_its_option_says(tmux: Tmux, attach: Attach, option: str) -> None:
    tmux.run("new-session", "-d", "-s", "one", "cat")
    tmux.run("set-option", "-s", "set-clipboard", option)
    terminal = attach("one")
    await until(lambda: "1" in tmux.run("list-sessions", "-F", "#{session_attached}"), "the terminal")
    assert await load_buffer(inside(tmux, "one"), "hello", timeout_s=20)
    await until(lambda: b"aGVsbG8=" in terminal.spoken, "OSC 52")
    assert tmux.run("show-buffer") == "hello"


@pytest.mark.parametrize(("option", "passes"), [("on", True), ("off", False)])
async def test_a_notification_gets_out_of_tmux_where_it_may(
    tmux: Tmux,
    attach: Attach,
    option: str,
    passes: bool,  # noqa: FBT001 - a case, not a switch
) -> None:
    voice = Voice(Channel.OSC777, Ability(Verdict.OK, "Yes."), through_tmux=True)
    script = f"import sys; sys.stdout.write({notification(voice, 'x', '#general', 'hello')!r} + 'written\\n')"
    tmux.run("new-session", "-d", "-s", "one", "sh")
    tmux.run("set-option", "-g", "allow-passthrough", option)
    terminal = attach("one")
    await until(lambda: "1" in tmux.run("list-sessions", "-F", "#{session_attached}"), "the terminal")
    tmux.type("one", f"clear; {shlex.join([sys.executable, '-c', script])}", "Enter")
    await until(lambda: terminal.screen.startswith("written"), "the word after it")
    assert (b"\x1b]777;notify;#general;hello\x1b\\" in terminal.spoken) is passes
