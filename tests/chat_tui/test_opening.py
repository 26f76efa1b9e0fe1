"""Links are opened by a real process that finds its browser in `BROWSER`, once their addresses were seen."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from chat_tui.opening import browser_is_here, offer, open_in_browser
from chat_tui.screens.links import LinksScreen
from chat_tui.telling import Telling
from chat_tui.text.markup import Address, addresses
from chat_tui.toasts import ToastingApp
from tests.chat_tui.people import Peer, Person, until

PLAIN = Address("https://x.org/a?b=c&d", "https://x.org/a?b=c&d")
TITLED = Address("https://y.org/", "the [bold]log[/nope]")


@pytest.mark.parametrize(
    ("environ", "platform", "is_here"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"SSH_CONNECTION": "x"}, "linux", False),
        ({"SSH_CONNECTION": "x", "DISPLAY": "localhost:10"}, "linux", True),
        ({"SSH_CONNECTION": "x", "BROWSER": "/editor/browser.sh"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "x"}, "darwin", False),
        ({}, "win32", True),
    ],
)
def test_where_a_browser_is(environ: dict[str, str], platform: str, is_here: bool) -> None:  # noqa: FBT001
    assert browser_is_here(environ, platform) is is_here


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What the browser of this test was started with."""
    log = tmp_path / "opened"
    use_browser(monkeypatch, tmp_path, f'printf "%s\\n" "$@" >> {log}')
    return lambda: log.read_text().splitlines() if log.exists() else []


def use_browser(monkeypatch: pytest.MonkeyPatch, directory: Path, line: str) -> None:
    script = directory / "browser"
    script.write_text(f"#!/bin/sh\n{line}\n")
    script.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(script))


async def test_a_browser_gets_the_address_and_nothing_else(opened: Callable[[], list[str]]) -> None:
    assert await open_in_browser(PLAIN.target)
    assert opened() == [PLAIN.target]


async def test_a_browser_that_fails_is_said_to_have(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_browser(monkeypatch, tmp_path, "exit 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("TERM", raising=False)
    assert not await open_in_browser(PLAIN.target)


async def test_a_browser_that_stays_is_not_waited_for_nor_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pipe, log = tmp_path / "pipe", tmp_path / "log"
    os.mkfifo(pipe)
    use_browser(monkeypatch, tmp_path, f"read line < {pipe}; echo $line > {log}")
    # The writer can be opened once the browser reads, so the browser is running when the waiting ends.
    opening = asyncio.create_task(open_in_browser(PLAIN.target, wait_s=2))
    with await asyncio.to_thread(pipe.open, "w") as writer:
        assert await opening
        writer.write("alive\n")
    await until(lambda: log.exists() and log.read_text() == "alive\n", "the browser's last words")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "javascript:1", "--help", "https://x.org/é"])
async def test_nothing_else_is_ever_opened(target: str, opened: Callable[[], list[str]]) -> None:
    with pytest.raises(AssertionError):
        await open_in_browser(target)
    assert opened() == []


COPIED: list[str] = []


@asynccontextmanager
async def offered(*found: Address) -> AsyncIterator[tuple[App[None], Pilot[None]]]:
    app = ToastingApp()
    async with app.run_test() as pilot:
        offer(app, found, Telling(app, COPIED.append, {"TERM": "xterm"}, bell_on=False).copy)
        await pilot.pause()
        yield app, pilot


async def until_opened(app: App[None]) -> None:
    """The browser has ended, which its caller waits for."""
    await until(lambda: any(each.message.startswith("Opened ") for each in app._notifications), "the browser")


def sees(app: App[None], text: str) -> bool:
    return any(text in strip.text for strip in app.screen._compositor.render_strips())


async def test_the_only_address_that_is_in_plain_view_is_opened_at_once(opened: Callable[[], list[str]]) -> None:
    async with offered(PLAIN) as (app, _pilot):
        assert not isinstance(app.screen, LinksScreen)
        await until_opened(app)
    assert opened() == [PLAIN.target]


@pytest.mark.parametrize(("keys", "target"), [(["enter"], 0), (["2"], 1), (["down", "enter"], 1), (["1"], 0)])
async def test_of_several_one_is_chosen(opened: Callable[[], list[str]], keys: list[str], target: int) -> None:
    found = (PLAIN, TITLED)
    async with offered(*found) as (app, pilot):
        assert sees(app, PLAIN.target)
        assert sees(app, TITLED.shown)
        assert sees(app, TITLED.target)
        await pilot.press("3", *keys)
        await until_opened(app)
        assert not isinstance(app.screen, LinksScreen)
    assert opened() == [found[target].target]


async def test_one_is_chosen_by_mouse(opened: Callable[[], list[str]]) -> None:
    async with offered(PLAIN, TITLED) as (app, pilot):
        await pilot.click("OptionList", offset=(3, 2))
        await until_opened(app)
    assert opened() == [TITLED.target]


async def test_an_address_behind_a_title_is_shown_first(opened: Callable[[], list[str]]) -> None:
    async with offered(TITLED) as (app, pilot):
        assert sees(app, TITLED.target)
        await pilot.press("escape")
        assert not isinstance(app.screen, LinksScreen)
    assert opened() == []


async def test_without_a_browser_the_address_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSH_CONNECTION", "1.2.3.4 5 6.7.8.9 22")
    async with offered(PLAIN) as (app, pilot):
        assert sees(app, "No browser is here.")
        assert sees(app, PLAIN.target)
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert base64.b64encode(PLAIN.target.encode()).decode() in COPIED[-1]
        assert [each.message[:6] for each in app._notifications] == ["Copied"]


async def test_a_key_opens_the_link_of_the_message_under_the_cursor(
    john: Callable[..., AbstractAsyncContextManager[Person]],
    mary: AbstractAsyncContextManager[Peer],
    opened: Callable[[], list[str]],
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await mary_.post("nothing")
        (message_id,) = await mary_.post("see **https://x.org/1**.")
        await john_.until(lambda: message_id in john_.visible, "the link")
        await john_.press("tab", "o")
        await john_.until(lambda: john_.toasts, "what was opened")
        assert opened() == ["https://x.org/1"]
        assert john_.toasts == ["Opened https://x.org/1"]
        await john_.press("k", "o")
        assert john_.toasts[-1] == "This message has no link."
        await mary_.post("[one](https://x.org/1) https://x.org/2")
        await john_.press("G")
        await john_.until(lambda: john_.sees("one (x.org)"), "two links")
        await john_.press("G", "o")
        assert isinstance(john_.app.screen, LinksScreen)
        await john_.press("2")
        await john_.until(lambda: john_.toasts[-1] == "Opened https://x.org/2", "what was opened")
    assert opened() == ["https://x.org/1", "https://x.org/2"]


def test_every_address_that_is_found_may_be_opened() -> None:
    assert [each.target for each in addresses("https://x.org/é [a](file:///x)")] == ["https://x.org/%C3%A9"]
