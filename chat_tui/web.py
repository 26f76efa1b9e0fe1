"""`chat-tui web`: the same program in a browser, by textual-serve; one process for each page that is open.

textual-serve lets in whoever asks. Here `webgate` stands before everything that it answers.
"""

import asyncio
import os
import secrets
import shlex
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from textual_serve.server import Server

from chat_tui import webpage
from chat_tui.text.safetext import safe_line
from chat_tui.webgate import Asked, Gate, Verdict

VISITORS_MAX: Final = 8
"""Pages of one person that may be open at a time; each is a process."""
END_S: Final = 2.0
STRANGER: Final = (
    "This is somebody's own chat. Open the address that `chat-tui web` has printed, with its token.\n"
)
ELSEWHERE: Final = "This is not what that address is for. Open the one that `chat-tui web` has printed.\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebError(Exception):
    """It cannot be served; a sentence."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is served."""

    host: str
    port: int
    """0 for any that is free."""
    origin: str | None
    """How browsers reach it, where that is by a proxy; None where it is by this host and port."""


def run(name: str, place: Place, arguments: tuple[str, ...], environ: dict[str, str]) -> None:
    """Serve this person's chat until a signal ends it.

    The visitors' program gets these arguments, and its other settings from the environment. Raises WebError.
    """
    os.environ.update(environ)
    # What tmux says of this pane says nothing of a browser.
    for each in ("TMUX", "TMUX_PANE"):
        os.environ.pop(each, None)
    command = f"exec {shlex.join((sys.executable, '-m', 'chat_tui', *arguments))}"
    asyncio.run(_Served(command, safe_line(name), place).run())


class _Served(Server):
    def __init__(self, command: str, name: str, place: Place) -> None:
        super().__init__(command, host=place.host, port=place.port, title=f"{name} - doubletick")
        self._place = place
        self._gate = Gate("", "", "")
        self._visitors = 0

    async def run(self) -> None:
        """Listen, say where, and end by a signal. Raises WebError."""
        stopped = asyncio.Event()
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, stopped.set)
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=END_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._place.host, self._place.port).start()
        except OSError as error:
            await runner.cleanup()
            place = f"{self._place.host}:{self._place.port}"
            raise WebError(f"{place} cannot be listened at: {error.strerror}.") from error
        port = runner.addresses[0][1]
        host = f"[{self._place.host}]" if ":" in self._place.host else self._place.host
        origin = self._place.origin or f"http://{host}:{port}"
        self._gate = Gate(origin, secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        sys.stdout.write(f"Your chat is at {origin}/?token={self._gate.token}\n")
        sys.stdout.write("Whoever has this address writes and reads in your name. Ctrl+C ends it.\n")
        sys.stdout.flush()
        try:
            await stopped.wait()
        finally:
            await runner.cleanup()

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        app.router.add_get("/page.js", self._script)
        app.router.add_get("/favicon.ico", self._nothing)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet."""

    @property
    def _headers(self) -> dict[str, str]:
        return webpage.headers(self._gate.origin)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let `webgate` judge each request before anything else sees it."""
        asked = Asked(
            path=request.path,
            host=request.headers.get("Host"),
            origin=request.headers.get("Origin"),
            token=request.query.get("token"),
            cookie=request.cookies.get(self._gate.cookie),
        )
        match self._gate.judge(asked):
            case Verdict.ELSEWHERE:
                return web.Response(status=421, text=ELSEWHERE, headers=self._headers)
            case Verdict.STRANGER:
                return web.Response(status=403, text=STRANGER, headers=self._headers)
            case Verdict.ENTER:
                return self._enter()
            case Verdict.ADMIT:
                response = await handler(request)
                if not response.prepared:
                    response.headers.update(self._headers)
                return response

    def _enter(self) -> web.Response:
        response = web.Response(status=303, headers={**self._headers, "Location": "/"})
        gate = self._gate
        response.set_cookie(
            gate.cookie, gate.secret, httponly=True, samesite="Strict", secure=gate.is_encrypted, path="/"
        )
        return response

    async def handle_index(self, request: web.Request) -> web.Response:  # noqa: ARG002  # as its base has it
        """Answer with the page."""
        text = webpage.page(self._gate.origin, str(self.title))
        return web.Response(text=text, content_type="text/html")

    async def _script(self, _: web.Request) -> web.Response:
        return web.Response(text=webpage.SCRIPT, content_type="text/javascript")

    async def _nothing(self, _: web.Request) -> web.Response:
        return web.Response(status=204)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the program for a page, for as long as the page is open."""
        if self._visitors >= VISITORS_MAX:
            raise web.HTTPServiceUnavailable(text=f"{VISITORS_MAX} pages are open already.\n")
        self._visitors += 1
        try:
            return await super().handle_websocket(request)
        finally:
            self._visitors -= 1
