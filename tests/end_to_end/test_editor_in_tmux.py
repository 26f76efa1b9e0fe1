"""Writing in one's own editor, in tmux: the draft goes there and comes back, and nobody is said to have read."""

import shlex
import sys
from pathlib import Path

import pytest

from tests.chat_tui.people import Host, Peer, until
from tests.end_to_end.terminals import CLIENT, Tmux, needs_tmux
from tests.end_to_end.test_in_tmux import until_read

pytestmark = needs_tmux

EDITOR = """
import pathlib, sys
path = pathlib.Path(sys.argv[1])
print("EDITING", repr(path.read_text()), flush=True)
line = sys.stdin.readline()
path.write_text(f"{path.read_text()}{line}and more\\n")
sys.exit(line == "fail\\n")
"""


@pytest.fixture
def editor(tmp_path: Path) -> str:
    """A command that shows what it was given, adds a line that one types, and ends."""
    script = tmp_path / "an editor.py"
    script.write_text(EDITOR)
    return shlex.join([sys.executable, str(script)])


async def sees(tmux: Tmux, *texts: str) -> None:
    for text in texts:
        await until(lambda text=text: tmux.sees("Mary", text), text)  # type: ignore[misc]


@pytest.mark.parametrize("focus_events", ["on", "off"])
async def test_a_draft_goes_to_the_editor_and_back(
    tmux: Tmux, host: Host, tmp_path: Path, editor: str, focus_events: str
) -> None:
    kept = ("--state-dir", str(tmp_path / "state"), "--config-dir", str(tmp_path / "state"))
    client = (*CLIENT, "--name", "Mary", "--server", host.url, *kept)
    tmux.run("start-server", ";", "set-option", "-g", "focus-events", focus_events, ";",
             "new-session", "-d", "-s", "first", "cat")  # fmt: skip
    tmux.start("Mary", "env", f"VISUAL={editor}", *client)
    await sees(tmux, "1 of 1 online")
    async with Peer.on(host.url, "John", "general") as john:
        tmux.type("Mary", "a draft")
        await sees(tmux, "a draft", "receipts: live")
        tmux.type("Mary", "C-o")
        await sees(tmux, "EDITING 'a draft\\n'")
        (unseen,) = await john.post("behind the editor")
        for number in range(40):
            await john.post(f"line {number}")
        assert "behind" not in tmux.screen("Mary")
        assert "receipts" not in tmux.screen("Mary")
        tmux.type("Mary", "C-c")  # it ends the editor, and not what started it
        await sees(tmux, "The editor ended with exit code", "line 39", "a draft")
        tmux.type("Mary", "C-o")
        await sees(tmux, "EDITING 'a draft\\n'")
        tmux.type("Mary", "typed there", "Enter")
        await sees(tmux, "typed there", "and more", "line 39")
        tmux.type("Mary", "C-o")
        await sees(tmux, "EDITING 'a draft\\ntyped there\\nand more\\n'")
        tmux.type("Mary", "fail", "Enter")
        await sees(tmux, "The editor ended with exit code 1", "receipts: ")
        tmux.type("Mary", "Enter")
        heard = await john.hear("a draft\ntyped there\nand more")
        assert heard.sender == "Mary"
        await until_read(john, heard.id - 1, "Mary")
        assert await john.readers(unseen) == []
