"""The page of `chat-tui web`, and the script that keeps receipts true in it. Pure.

textual-serve's own page loads a font from a stranger's server and leaves it to chance whether a hidden page
counts as looked at; so this one is ours, and only its terminal is theirs.
"""

from html import escape
from typing import Final

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' {socket}; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
"""What the page may load, and who may frame it: nobody, since keys typed into a frame could be stolen."""

SCRIPT: Final = """\
"use strict";
// The terminal tells the program that it has the focus when this element has it. A page that is hidden, or in a
// window that is not in front, must not have it: what comes meanwhile has not been read.
const element = () => document.querySelector(".xterm-helper-textarea");
const leave = () => element()?.blur();
const judge = () => (document.hidden || !document.hasFocus() ? leave() : element()?.focus());
document.addEventListener("visibilitychange", judge);
window.addEventListener("focus", judge);
window.addEventListener("blur", leave);
window.addEventListener("pagehide", leave);
document.addEventListener("freeze", leave);
// The program begins as one without the focus, whatever was told before it ran; so it is told again and again.
// That ends an absence only where the focus was lost, and is no sign of life otherwise.
setInterval(() => {
  judge();
  if (document.activeElement === element()) element().dispatchEvent(new FocusEvent("focus"));
}, 1000);
"""

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="stylesheet" href="/static/css/xterm.css">
<style>
body {{ margin: 0; background: #0c181f; color: #eee; font-family: monospace; }}
.textual-terminal {{ width: 100vw; height: 100vh; overflow: hidden; }}
#closed {{ display: none; padding: 1em; }}
body.-closed #closed {{ display: block; }}
body.-closed .textual-terminal {{ display: none; }}
</style>
<script src="/static/js/textual.js"></script>
<script src="/page.js"></script>
</head>
<body>
<p id="closed">The chat has ended. <a href="/" style="color: inherit">Begin again</a></p>
<div id="terminal" class="textual-terminal" data-session-websocket-url="{socket}" data-font-size="16"></div>
</body>
</html>
"""


def socket_of(origin: str) -> str:
    """Where the page's WebSocket is."""
    return f"ws{origin.removeprefix('http')}/ws"


def page(origin: str, title: str) -> str:
    """The page, at this origin."""
    return _PAGE.format(title=escape(title), socket=escape(socket_of(origin)))


def headers(origin: str) -> dict[str, str]:
    """What goes with every answer."""
    return {
        "Content-Security-Policy": POLICY.format(socket=socket_of(origin)),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
