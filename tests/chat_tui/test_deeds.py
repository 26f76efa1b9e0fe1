"""What is asked for, and how it is answered, by transcript."""

import pytest
from msgspec.structs import replace

from chat_server.protocol import (
    Acknowledge,
    Ban,
    Delete,
    Edit,
    Kick,
    Mute,
    Ok,
    Pass,
    Refused,
    Topic,
    Unban,
    Unmute,
)
from chat_tui.model.deeds import CUT, OFFLINE, DeedRequest, Deeds, request_of
from chat_tui.model.effects import Say, Show
from chat_tui.text.commands import Command, Verb
from tests.chat_tui.frames import BOB, ROOM

KICK = Kick(room=ROOM, name=BOB)


@pytest.fixture
def deeds() -> Deeds:
    return Deeds(lambda kind: f"{kind}-1")


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
def test_every_command_is_a_request(verb: Verb, request_: DeedRequest) -> None:
    assert request_of(Command(verb, BOB), ROOM) == request_


@pytest.mark.parametrize(
    ("request_", "done"),
    [
        (Delete(room=ROOM, message_id=7), []),
        (Kick(room=ROOM, name=BOB), [Show("bob was kicked.")]),
        (Ban(room=ROOM, name=BOB), [Show("bob was banned.")]),
        (Unban(room=ROOM, name=BOB), [Show("bob can come back.")]),
        (Mute(room=ROOM, name=BOB), [Show("bob was muted.")]),
        (Acknowledge(room=ROOM, message_id=7, edition=1), [Show("You have acknowledged the message.")]),
        (Edit(room=ROOM, message_id=7, content="hi"), []),
        (Topic(room=ROOM, title="Tea"), []),
        (Pass(room=ROOM, name=BOB), [Show("The room is bob's now.")]),
        (Unmute(room=ROOM, name="bo\x1bb"), [Show("bo\\x1bb can write again.")]),
    ],
)
def test_what_was_done_is_said_where_nobody_sees_it(deeds: Deeds, request_: DeedRequest, done: list[Show]) -> None:
    assert list(deeds.ask(request_, online=True)) == [Say(replace(request_, ref="deed-1"))]
    assert "deed-1" in deeds
    assert deeds.of("deed-1") == request_
    assert list(deeds.answer(Ok(ref="deed-1"))) == done
    assert "deed-1" not in deeds


def test_a_refusal_is_told_as_it_is(deeds: Deeds) -> None:
    list(deeds.ask(KICK, online=True))
    refused = Refused(code="not-allowed", reason="Only ann\x07 can.", ref="deed-1")
    assert list(deeds.answer(refused)) == [Show("Only ann\\x07 can.", is_warning=True)]
    assert "deed-1" not in deeds


def test_without_a_connection_nothing_is_asked_for(deeds: Deeds) -> None:
    assert list(deeds.ask(KICK, online=False)) == [Show(OFFLINE, is_warning=True)]
    assert "deed-1" not in deeds


def test_what_a_cut_leaves_unanswered_is_said(deeds: Deeds) -> None:
    assert list(deeds.cut()) == []
    list(deeds.ask(KICK, online=True))
    assert list(deeds.cut()) == [Show(CUT, is_warning=True)]
    assert "deed-1" not in deeds
