"""The page of `chat-tui web`, as text."""

import re

from chat_tui import webpage


def test_the_page_loads_nothing_from_elsewhere() -> None:
    text = webpage.page("https://chat.example", "Ann")
    assert re.findall(r'(?:src|href)="([^"]*)"', text) == [
        "/static/css/xterm.css", "/static/js/textual.js", "/page.js", "/",
    ]  # fmt: skip
    assert 'data-session-websocket-url="wss://chat.example/ws"' in text


def test_a_name_is_text() -> None:
    assert "<title>&lt;b&gt;&quot;</title>" in webpage.page("http://127.0.0.1:8000", '<b>"')


def test_nobody_may_frame_it() -> None:
    headers = webpage.headers("http://127.0.0.1:8000")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:8000/ws;" in headers["Content-Security-Policy"]
