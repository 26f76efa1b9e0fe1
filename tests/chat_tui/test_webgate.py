"""Who gets the page, and who does not."""

from dataclasses import replace

import pytest

from chat_tui.webgate import Asked, Gate, Verdict, origin_of

GATE = Gate("http://127.0.0.1:8000", "token", "secret")
PAGE = Asked("/", "127.0.0.1:8000", cookie="secret")
SOCKET = Asked("/ws", "127.0.0.1:8000", GATE.origin, cookie="secret")


@pytest.mark.parametrize("asked", [PAGE, SOCKET, replace(PAGE, path="/static/js/textual.js", origin=GATE.origin)])
def test_who_has_the_cookie_is_admitted(asked: Asked) -> None:
    assert GATE.judge(asked) is Verdict.ADMIT
    for cookie in (None, "", "token", "secre", "secrets", "\udcff"):
        assert GATE.judge(replace(asked, cookie=cookie)) is Verdict.STRANGER


def test_who_has_the_token_gets_the_cookie_by_the_page_alone() -> None:
    asked = Asked("/", "127.0.0.1:8000", token="token")
    assert GATE.judge(asked) is Verdict.ENTER
    assert GATE.judge(replace(asked, token="other")) is Verdict.STRANGER
    assert GATE.judge(replace(asked, token="other", cookie="secret")) is Verdict.ADMIT
    assert GATE.judge(replace(asked, path="/ws", origin=GATE.origin)) is Verdict.STRANGER


@pytest.mark.parametrize("host", [None, "", "evil.example", "127.0.0.1", "127.0.0.1:8001", "localhost:8000"])
def test_a_name_that_was_made_to_point_here_is_refused(host: str | None) -> None:
    assert GATE.judge(replace(PAGE, host=host)) is Verdict.ELSEWHERE
    assert GATE.judge(replace(PAGE, host=host, token="token")) is Verdict.ELSEWHERE


@pytest.mark.parametrize("origin", [None, "null", "http://127.0.0.1:8001", "https://127.0.0.1:8000"])
def test_the_socket_is_for_the_page_alone(origin: str | None) -> None:
    assert GATE.judge(replace(SOCKET, origin=origin)) is Verdict.STRANGER


def test_another_page_gets_nothing_at_all() -> None:
    assert GATE.judge(replace(PAGE, origin="https://evil.example")) is Verdict.STRANGER


def test_two_on_one_host_have_a_cookie_each() -> None:
    assert GATE.cookie == "doubletick-8000"
    public = replace(GATE, origin="https://chat.example")
    assert public.cookie == "doubletick-web"
    assert (GATE.is_encrypted, public.is_encrypted) == (False, True)
    assert "token" not in repr(GATE).replace("token=", "")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://chat.example", "https://chat.example"),
        ("https://Chat.example/", "https://chat.example"),
        ("https://chat.example:443", "https://chat.example"),
        ("https://chat.example:8443", "https://chat.example:8443"),
        ("http://chat.example", None),
        ("https://", None),
        ("https://chat.example/chat", None),
        ("https://chat.example?token=1", None),
        ("https://ann@chat.example", None),
        ("https://chat.example:99999", None),
    ],
)
def test_what_is_an_origin(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin
