"""What is written to the terminal for somebody who is not looking, and for copies."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.pilot import Pilot

from chat_tui.model import notifying
from chat_tui.telling import Telling
from chat_tui.toasts import ToastingApp

from .test_surroundings import IN_TMUX

KITTY = {"TERM": "xterm-kitty"}
AWAY = notifying.Looked(attended=False, room=None)
BACK = notifying.Looked(attended=True, room="general")
READ = notifying.Read("general", "Mary", {7: "Deploy is done"})


@dataclass
class Desk:
    """An app, and what was written beneath it."""

    app: ToastingApp
    telling: Telling
    written: list[str]
    pilot: Pilot[None]
    rung: list[bool] = field(default_factory=list)

    async def toasts(self) -> list[str]:
        await self.pilot.pause()
        return [each.message for each in self.app._notifications]


@asynccontextmanager
async def desk(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], *, bell_on: bool = True
) -> AsyncIterator[Desk]:
    app = ToastingApp()
    written: list[str] = []
    telling = Telling(app, written.append, environ, bell_on=bell_on)
    async with app.run_test() as pilot:
        made = Desk(app, telling, written, pilot)
        monkeypatch.setattr(app, "bell", lambda: made.rung.append(True))
        yield made


async def test_a_read_is_told_on_the_desktop_and_taken_back_when_one_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with desk(monkeypatch, KITTY) as at:
        at.telling.take(AWAY, 0)
        at.telling.take(READ, 0)
        assert at.telling.next_deadline_ms == 1_000
        at.telling.take(notifying.Elapsed(), 1_000)
        assert await at.toasts() == ["Mary read “Deploy is done”"]
        assert base64.b64encode("Mary read “Deploy is done”".encode()).decode() in at.written[-1]
        assert at.rung == [True]
        at.telling.take(BACK, 2_000)
        assert ":p=close;" in at.written[-1]


async def test_without_the_bell_and_without_a_channel_there_is_a_toast(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(monkeypatch, {"TERM": "xterm"}, bell_on=False) as at:
        at.telling.take(AWAY, 0)
        at.telling.take(READ, 0)
        at.telling.take(notifying.Elapsed(), 1_000)
        assert await at.toasts() == ["Mary read “Deploy is done”"]
        assert "".join(at.written) == ""
        assert at.rung == []


async def test_the_window_is_named_and_gets_its_old_name_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(monkeypatch, KITTY) as at:
        at.telling.entitle("#general", 0)
        at.telling.entitle("#general", 0)
        at.telling.entitle("#general", 3)
        at.telling.end()
        assert at.written[:3] == [
            "\x1b[22;2t\x1b]2;#general\x1b\\",
            "\x1b]2;(3) #general\x1b\\",
            "\x1b]2;\x1b\\\x1b[23;2t",
        ]


async def test_a_terminal_without_windows_is_written_no_title(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(monkeypatch, {"TERM": "linux"}) as at:
        at.telling.entitle("#general", 1)
        at.telling.end()
        assert "".join(at.written) == ""


async def test_a_copy_says_whether_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(monkeypatch, KITTY) as at:
        await at.telling.look_around()
        await at.telling.copy("Deploy")
        assert at.written == ["\x1b]52;c;RGVwbG95\x07"]
        await at.telling.copy("x" * 80_000)
        assert len(at.written) == 2
        assert at.written[-1] == ""
        copied, refused = await at.toasts()
        assert copied.startswith("Copied")
        assert refused.startswith("Not copied")


async def test_a_copy_that_tmux_does_not_take_is_not_called_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with desk(monkeypatch, {**IN_TMUX, "PATH": str(tmp_path)}) as at:
        await at.telling.look_around()
        await at.telling.copy("Deploy")
        assert at.written == ["\x1b]52;c;RGVwbG95\x07"]
        assert await at.toasts() == ["Copied, if it arrives: tmux did not take it into its buffer."]


async def test_a_notice_takes_the_place_of_the_one_before_and_of_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(monkeypatch, KITTY) as at:
        at.telling.take(AWAY, 0)
        at.app.notify("The disk is full.", severity="error")
        for number in (7, 8):
            at.telling.take(notifying.Read("general", "Mary", {number: f"message {number}"}), number)
            due_ms = at.telling.next_deadline_ms
            assert due_ms is not None
            at.telling.take(notifying.Elapsed(), due_ms)
            assert (await at.toasts())[0] == "The disk is full."
        assert await at.toasts() == ["The disk is full.", "Mary read 2 of your messages"]
