"""Lines of input, told apart."""

import pytest

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_tui.plain.commands import (
    Ask,
    Change,
    Entered,
    Look,
    Pinned,
    Quit,
    Read,
    Remove,
    Reply,
    Who,
    message,
    take,
)
from chat_tui.text.commands import Command, Help, Mistake, Text, Verb


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("hello", Text("hello")),
        ("", Read()),
        ("  ", Read()),
        ("/read", Read()),
        ("/who", Who()),
        ("/pins", Pinned()),
        ("/help", Help()),
        ("/quit ", Quit()),
        ("/info", Ask(1)),
        ("/info 12", Ask(12)),
        ("/reply 1 yes,  we shall ", Reply(1, "yes,  we shall ")),
        ("/reply 2 /quit", Reply(2, "/quit")),
        ("/edit 12 at six", Change(12, "at six")),
        ("/delete 3", Remove(3)),
        ("//quit", Text("/quit")),
        ("/kick Bob", Command(Verb.KICK, "Bob")),
        ("/search deploy from:ann", Look("deploy from:ann")),
        ("/leave", Mistake("/leave is not for this mode; /help shows what is.")),
        ("/date monday", Mistake("/date is not for this mode; /help shows what is.")),
        ("/msg Bob Tea at four?", Command(Verb.MSG, "Bob", "Tea at four?")),
        ("/topic Tea at four", Command(Verb.TOPIC, "", "Tea at four")),
    ],
)
def test_what_is_meant(line: str, meant: Entered) -> None:
    assert take(line) == meant


@pytest.mark.parametrize(
    "line",
    [
        *("/info 0", "/info x", "/info 1000", "/info 1 2", "/whom", "/kick", "/join tea", "/bans", "/msg Bob"),
        *("/reply", "/reply 1", "/reply yes", "/reply 0 yes", "/edit 1", "/edit x y", "/delete", "/delete 1 2"),
    ],
)
def test_what_is_wrong_is_said(line: str) -> None:
    assert isinstance(take(line), Mistake)


def test_a_message_is_as_long_as_one_may_be() -> None:
    assert take("a" * CONTENT_CHARS_MAX) == Text("a" * CONTENT_CHARS_MAX)
    assert isinstance(take("a" * (CONTENT_CHARS_MAX + 1)), Mistake)
    assert take("/edit 1 " + "a" * CONTENT_CHARS_MAX) == Change(1, "a" * CONTENT_CHARS_MAX)
    assert isinstance(take("/edit 1 " + "a" * (CONTENT_CHARS_MAX + 1)), Mistake)


def test_a_pipe_has_no_commands() -> None:
    assert message("/quit") == Text("/quit")
