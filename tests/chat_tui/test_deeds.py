"""What is asked for, and how it is answered, by transcript."""

import pytest
from msgspec.structs import replace

from chat_server.protocol import (
    Acknowledge,
    Ban,
    Bans,
    Delete,
    Edit,
    FetchBans,
    Kick,
    Mute,
    Ok,
    Pass,
    Pin,
    React,
    Refused,
    Topic,
    Unban,
    Unmute,
    Unpin,
)
from chat_tui.model.deeds import CUT, KEPT, OFFLINE, DeedRequest, Deeds, request_of
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
        (Verb.PASS, Pass(room=ROOM, name=BOB)),
        (Verb.TOPIC, Topic(room=ROOM, title="Tea & cake")),
        (Verb.BANS, FetchBans(room=ROOM)),
    ],
)
def test_every_command_is_a_request(verb: Verb, request_: DeedRequest) -> None:
    assert request_of(Command(verb, BOB, "Tea & cake"), ROOM) == request_


def test_who_is_banned_is_answered_by_itself(deeds: Deeds) -> None:
    list(deeds.ask(FetchBans(room=ROOM), online=True))
    assert list(deeds.answer(Bans(room=ROOM, names=(BOB,), ref="deed-1"))) == []
    assert "deed-1" not in deeds


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
        (React(room=ROOM, message_id=7, emoji="+"), []),
        (Pin(room=ROOM, message_id=7), []),
        (Unpin(room=ROOM, message_id=7), []),
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


# Edits

EDIT = Edit(room=ROOM, message_id=7, content="at six")


def refusal(code: str) -> Refused:
    return Refused(code=code, reason="No.", ref="deed-1")


def test_an_edit_is_kept_until_it_is_done(deeds: Deeds) -> None:
    list(deeds.ask(EDIT, online=True))
    assert deeds.unsaved == {7: "at six"}
    list(deeds.answer(Ok(ref="deed-1")))
    assert deeds.unsaved == {}


def test_an_edit_that_was_refused_or_cut_off_is_kept_and_that_is_said(deeds: Deeds) -> None:
    list(deeds.ask(EDIT, online=True))
    assert list(deeds.answer(refusal("muted"))) == [Show("No." + KEPT, is_warning=True)]
    assert list(deeds.ask(EDIT, online=False)) == [Show(OFFLINE + KEPT, is_warning=True)]
    list(deeds.ask(EDIT, online=True))
    assert list(deeds.cut()) == [Show(CUT + KEPT, is_warning=True)]
    assert deeds.unsaved == {7: "at six"}


@pytest.mark.parametrize("code", ["deleted", "no-such-message"])
def test_an_edit_of_what_is_gone_is_not_kept(deeds: Deeds, code: str) -> None:
    list(deeds.ask(EDIT, online=True))
    assert list(deeds.answer(refusal(code))) == [Show("No.", is_warning=True)]
    assert deeds.unsaved == {}


def test_an_answer_to_an_earlier_edit_leaves_the_later_one() -> None:
    refs = iter("12")
    deeds = Deeds(lambda _: next(refs))
    list(deeds.ask(EDIT, online=True))
    list(deeds.ask(replace(EDIT, content="at seven"), online=True))
    list(deeds.answer(Ok(ref="1")))
    assert deeds.unsaved == {7: "at seven"}
    list(deeds.answer(Ok(ref="2")))
    assert deeds.unsaved == {}
