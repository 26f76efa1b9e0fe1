"""What is asked for and answered, and what is said of what others do, by transcript."""

import pytest
from msgspec.structs import replace

from chat_server.protocol import (
    Ban,
    Delete,
    Joined,
    Kick,
    Left,
    ModerationRequest,
    Mute,
    Muted,
    Ok,
    Refused,
    Unban,
    Unmute,
)
from chat_tui.commands import Command, Verb
from chat_tui.effects import Say, Show
from chat_tui.moderation import CUT, MUTED, OFFLINE, Moderation, request_of
from tests.chat_tui.frames import ANN, BOB, ME, ROOM

KICK = Kick(room=ROOM, name=BOB)


@pytest.fixture
def moderation() -> Moderation:
    return Moderation(ME, lambda kind: f"{kind}-1")


@pytest.mark.parametrize(
    ("verb", "request_"),
    [
        (Verb.KICK, Kick(room=ROOM, name=BOB)),
        (Verb.BAN, Ban(room=ROOM, name=BOB)),
        (Verb.UNBAN, Unban(room=ROOM, name=BOB)),
        (Verb.MUTE, Mute(room=ROOM, name=BOB)),
        (Verb.UNMUTE, Unmute(room=ROOM, name=BOB)),
    ],
)
def test_every_command_is_a_request(verb: Verb, request_: ModerationRequest) -> None:
    assert request_of(Command(verb, BOB), ROOM) == request_


# What one asks for


@pytest.mark.parametrize(
    ("request_", "done"),
    [
        (Delete(room=ROOM, message_id=7), []),
        (Kick(room=ROOM, name=BOB), [Show("bob was kicked.")]),
        (Ban(room=ROOM, name=BOB), [Show("bob was banned.")]),
        (Unban(room=ROOM, name=BOB), [Show("bob can come back.")]),
        (Mute(room=ROOM, name=BOB), [Show("bob was muted.")]),
        (Unmute(room=ROOM, name="bo\x1bb"), [Show("bo\\x1bb can write again.")]),
    ],
)
def test_what_was_done_is_said_where_nobody_sees_it(
    moderation: Moderation, request_: ModerationRequest, done: list[Show]
) -> None:
    assert list(moderation.ask(request_, online=True)) == [Say(replace(request_, ref="moderate-1"))]
    assert "moderate-1" in moderation
    assert list(moderation.answer(Ok(ref="moderate-1"))) == done
    assert "moderate-1" not in moderation


def test_a_refusal_is_told_as_it_is(moderation: Moderation) -> None:
    list(moderation.ask(KICK, online=True))
    refused = Refused(code="not-allowed", reason="Only ann\x07 can.", ref="moderate-1")
    assert list(moderation.answer(refused)) == [Show("Only ann\\x07 can.", is_warning=True)]
    assert "moderate-1" not in moderation


def test_without_a_connection_nothing_is_asked_for(moderation: Moderation) -> None:
    assert list(moderation.ask(KICK, online=False)) == [Show(OFFLINE, is_warning=True)]
    assert "moderate-1" not in moderation


def test_what_a_cut_leaves_unanswered_is_said(moderation: Moderation) -> None:
    assert list(moderation.cut()) == []
    list(moderation.ask(KICK, online=True))
    assert list(moderation.cut()) == [Show(CUT, is_warning=True)]
    assert "moderate-1" not in moderation


# What others do


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (Left(room=ROOM, name=BOB), []),
        (Left(room=ROOM, name=BOB, by=ANN), [Show("bob was removed by ann.")]),
        (Left(room=ROOM, name="b\nb", by="a\x1bn", barred=True), [Show("b b was banned by a\\x1bn.")]),
        (Left(room=ROOM, name=BOB, by=ME), []),
        (Left(room=ROOM, name=ME, by=ANN), [Show("ann has removed you from this room.", is_warning=True)]),
        (
            Left(room=ROOM, name=ME, by=ANN, barred=True),
            [Show("ann has banned you from this room.", is_warning=True)],
        ),
        (Left(room=ROOM, name=ME), [Show("You have left this room.", is_warning=True)]),
        (Muted(room=ROOM, name=BOB, muted=True, by=ANN), [Show("bob was muted by ann.")]),
        (Muted(room=ROOM, name=BOB, muted=False, by=ANN), [Show("bob was unmuted by ann.")]),
        (Muted(room=ROOM, name=BOB, muted=True, by=ME), []),
        (
            Muted(room=ROOM, name=ME, muted=True, by=ANN),
            [Show("ann has muted you: you can read and not write.", is_warning=True)],
        ),
        (
            Muted(room=ROOM, name=ME, muted=False, by=ANN),
            [Show("ann lets you write again.", is_warning=True)],
        ),
        (Joined(room=ROOM, name=BOB), []),
    ],
)
def test_what_is_said_of_it(moderation: Moderation, frame: Joined | Left | Muted, told: list[Show]) -> None:
    assert list(moderation.hear(frame)) == told


def test_why_one_cannot_write(moderation: Moderation) -> None:
    assert moderation.closed({BOB}) == ""
    assert moderation.closed({ME}) == MUTED
    list(moderation.hear(Left(room=ROOM, name=BOB, by=ANN)))
    assert moderation.closed(()) == ""
    list(moderation.hear(Left(room=ROOM, name=ME, by=ANN)))
    assert moderation.closed({ME}) == "ann has removed you from this room."
    list(moderation.hear(Joined(room=ROOM, name=BOB)))
    assert moderation.removed
    list(moderation.hear(Joined(room=ROOM, name=ME)))
    assert moderation.closed({ME}) == MUTED
