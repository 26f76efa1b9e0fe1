"""A web page that tries to speak to the server for its visitor, in a real browser, where there is one."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import pytest

from tests.hostile.conftest import ServerMaker
from tests.hostile.processes import ServerProcess

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_S = 60
PAGE = """<!doctype html><script>
const tell = what => fetch("/told?" + encodeURIComponent(what));
const attempts = PLACES.map(place => new Promise(done => {
  let socket;
  try { socket = PROTOCOL ? new WebSocket(place, "doubletick.v1") : new WebSocket(place); }
  catch (error) { done(error.name); return; }
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
}));
Promise.all(attempts).then(all => tell(all.join(" ")));
</script>"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium")


class Site:
    """A web site on a loopback port, whose page tries to open WebSockets and tells what came of it."""

    def __init__(self) -> None:
        self.page = ""
        self.told: Queue[str] = Queue()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # named by http.server
                path, _, query = self.path.partition("?")
                if path == "/told":
                    site.told.put(query.replace("%20", " "))
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(site.page.encode() if path == "/" else b"")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named by http.server
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def served(self) -> Iterator["Site"]:
        thread = threading.Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def visited(site: Site, server: ServerProcess, *, protocol: bool) -> list[str]:
    """What the page says has come of its attempts, for the server's addresses."""
    places = [server.url, server.url.replace("127.0.0.1", "localhost")]
    site.page = PAGE.replace("PLACES", str(places)).replace("PROTOCOL", str(protocol).lower())
    assert BROWSER is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage")
        browser = subprocess.Popen(
            [BROWSER, *options, f"--user-data-dir={profile}", f"{site.origin}/"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return site.told.get(timeout=PATIENCE_S).split(" ")
        finally:
            browser.terminate()
            browser.wait(PATIENCE_S)


async def came(site: Site, server: ServerProcess, *, protocol: bool) -> list[str]:
    return await asyncio.to_thread(visited, site, server, protocol=protocol)


async def test_a_page_of_another_origin_does_not_get_to_the_server(serve: ServerMaker) -> None:
    with Site().served() as site:
        server = serve()
        with_protocol = await came(site, server, protocol=True)
        without = await came(site, server, protocol=False)
        sys.stdout.write(f"\n  a page of another origin: {with_protocol}, without a subprotocol {without}\n")
        assert set(with_protocol + without) == {"refused"}


async def test_a_page_of_an_origin_that_is_allowed_gets_to_the_server(serve: ServerMaker) -> None:
    """The same page: so it is the origin that keeps it out, and not a mistake in the page."""
    with Site().served() as site, Site().served() as other:
        server = serve("--allow-origin", site.origin)
        assert "open" in await came(site, server, protocol=True)
        assert set(await came(other, server, protocol=True)) == {"refused"}
