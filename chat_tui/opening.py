"""Opens what a message links to: at once, or after a screen that shows what there is.

A browser is started without this terminal, on which it could draw, and waited for without holding anything up.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from textual.app import App

from chat_tui.screens.links import LinksScreen
from chat_tui.text.links import cleaned
from chat_tui.text.markup import Address

WAIT_S: Final = 10.0
"""A browser that has not ended by then has been started."""
Copy = Callable[[str], Coroutine[Any, Any, None]]
"""Puts a text into the clipboard, and says whether that will have worked."""
_START: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def browser_is_here(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a browser that is started here comes up before the person; `platform` is as `sys.platform`.

    `BROWSER` is believed: editors set it for terminals on other machines. No display, no browser.
    """
    if environ.get("BROWSER"):
        return True
    if platform in ("darwin", "win32"):
        return not environ.get("SSH_CONNECTION")
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


async def open_in_browser(target: str, *, wait_s: float = WAIT_S) -> bool:
    """Whether a browser, or a mail program, took the address, which must have been cleaned."""
    assert cleaned(target) == target
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", _START, target),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(wait_s):
            return await process.wait() == 0
    except TimeoutError:
        return True
    finally:
        if process.returncode is None:
            process.kill()  # this starts browsers only, and none ends with it
            await process.wait()


def offer(app: App[None], addresses: tuple[Address, ...], copy: Copy) -> None:
    """Open the only address if it is in plain view; else show what there is and open, or copy, what is chosen."""
    is_here = browser_is_here(os.environ, sys.platform)
    if is_here and len(addresses) == 1 and addresses[0].is_plain:
        _open(app, addresses[0].target)
        return

    def chosen(target: str | None) -> None:
        if target is None:
            return
        if is_here:
            _open(app, target)
        else:
            app.run_worker(copy(target), name="copy")

    app.push_screen(LinksScreen(addresses, is_browser_here=is_here), chosen)


def _open(app: App[None], target: str) -> None:
    async def run() -> None:
        if await open_in_browser(target):
            app.notify(f"Opened {target}", markup=False)
        else:
            app.notify(f"No browser could be started for {target}", severity="warning", markup=False)

    app.run_worker(run(), name="browser")
