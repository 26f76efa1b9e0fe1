"""Addresses and names, as far as they can be judged here."""

import pytest

from chat_tui.addresses import complete, is_open_to_others, mistake_in_name


@pytest.mark.parametrize(
    ("address", "completed"),
    [
        ("ws://127.0.0.1:9000", "ws://127.0.0.1:9000/ws"),
        ("wss://chat.example/other", "wss://chat.example/other"),
        ("http://chat.example", None),
        ("ws://", None),
        ("ws://a:0", None),
        ("ws://a:99999", None),
        ("ws://[/ws", None),
        ("", None),
    ],
)
def test_complete(address: str, completed: str | None) -> None:
    assert complete(address) == completed


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("ws://127.0.0.1:8080/ws", False),
        ("ws://127.1.2.3/ws", False),
        ("ws://[::1]:8080/ws", False),
        ("ws://localhost:8080/ws", False),
        ("ws://chat.localhost/ws", False),
        ("wss://chat.example/ws", False),
        ("ws://chat.example/ws", True),
        ("ws://192.168.0.7/ws", True),
        ("ws://notlocalhost/ws", True),
        ("WS://chat.example/ws", True),
    ],
)
def test_what_others_can_read(address: str, is_open: bool) -> None:  # noqa: FBT001  # a case
    assert is_open_to_others(address) is is_open


@pytest.mark.parametrize("name", ["John", "j" * 32, "Жанна", "_x", "7of9", "o'neil"])
def test_names(name: str) -> None:
    assert mistake_in_name(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "at least one"),
        ("j" * 33, "at most 32 characters; this has 33"),
        ("a b", "no spaces"),
        ("a\x1b", "cannot be seen"),
        ("a\u00a0b", "no spaces"),
        ("-x", "begins with"),
    ],
)
def test_names_that_are_none(name: str, why: str) -> None:
    assert why in mistake_in_name(name)
