"""Replies and edits at the app, against a real server: keys, the mouse, and what others are told."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.events import Key

from chat_server.protocol import CONTENT_CHARS_MAX, AnyRequest, Changed, Delete, Edit, Post
from chat_tui.model.deeds import KEPT
from chat_tui.model.events import Heard
from chat_tui.model.receipts import SEND_EVERY_MS
from chat_tui.model.view import ReplyView
from chat_tui.model.writing import EDITING
from chat_tui.widgets.answering import NOTHING, UNFINISHED, WAITS
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.purpose import Purpose
from tests.chat_tui.frames import summary, welcome
from tests.chat_tui.people import DWELL_MS, Clock, Host, Peer, Person, at_the_app

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]
NARROW = (40, 15)


def keys_of(text: str) -> list[Key]:
    return [Key("space" if each == " " else each, each) for each in text]


async def type_in(john: Person, text: str) -> None:
    """Type without sending."""
    for key in keys_of(text):
        john.report(key)
    await john.settle()


async def burst(john: Person, *keys: str) -> None:
    """All of these in one go, before any of them has had its effect."""
    for each in keys:
        john.report(Key(each, each if len(each) == 1 else None))
    await john.settle()


async def posted(john: Person, mary: Peer, text: str) -> int:
    """The id of a message of hers that is on his screen."""
    (message_id,) = await mary.post(text)
    await john.until(lambda: message_id in john.visible, text)
    await john.settle()
    return message_id


async def sent(john: Person, text: str) -> int:
    """The id of a message that he writes now."""
    await john.write(text)
    await john.until(lambda: john.tick(text).startswith("✓"), text)
    await john.settle()
    message = john.message(text)
    assert message is not None
    assert message.id is not None
    return message.id


async def changes(mary: Peer) -> list[tuple[int, str | None]]:
    """Every edit that she has been told of by now."""
    await mary.readers(1)
    return [(each.message_id, each.content) for each in mary.heard if isinstance(each, Changed)]


def purpose(john: Person) -> str:
    """The row above the composer; empty where there is none."""
    strip = john.widget(Purpose)
    return john.rows[strip.region.y].strip() if strip.display and strip.region else ""


# Replies


async def test_a_reply_says_what_it_answers_to_oneself_and_to_others(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        asked = await posted(john_, mary_, "shall we?")
        await john_.press("tab", "r")
        assert john_.widget(Composer).has_focus
        assert purpose(john_).startswith(f"Replying to {mary_.name}: shall we?")
        assert purpose(john_).endswith("cancel (Esc)")
        await john_.write("we shall")
        heard = await mary_.hear("we shall")
        assert heard.reply_to == asked
        await john_.until(lambda: john_.tick("we shall") == "✓")
        assert john_.sees(f"╭ {mary_.name}: shall we?")
        assert purpose(john_) == ""
        await john_.write("and that answers nothing")
        assert (await mary_.hear("and that answers nothing")).reply_to is None


async def test_what_is_typed_at_once_after_the_key_answers_the_message_under_the_cursor(
    john: Start, mary: Join
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        first = await posted(john_, mary_, "first")
        await posted(john_, mary_, "second")
        await john_.press("tab")
        await burst(john_, "k", "r", *"dry", "enter", *"next", "enter")
        assert (await mary_.hear("dry")).reply_to == first
        assert (await mary_.hear("next")).reply_to is None
        assert john_.toasts == []


async def test_escape_takes_back_the_reply_and_then_leaves(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await posted(john_, mary_, "shall we?")
        await john_.press("tab", "r")
        await type_in(john_, "we shall")
        await john_.press("escape")
        assert purpose(john_) == ""
        assert (john_.composer, john_.widget(Composer).has_focus) == ("we shall", True)
        await john_.press("escape")
        assert john_.widget(Messages).has_focus
        await john_.press("tab", "enter")
        assert (await mary_.hear("we shall")).reply_to is None


@pytest.mark.parametrize("size", [(80, 24), NARROW])
async def test_a_click_takes_it_back_too(john: Start, mary: Join, size: tuple[int, int]) -> None:
    async with mary as mary_, john(size) as john_:
        await john_.until_online()
        await posted(john_, mary_, "shall we?")
        await john_.press("tab", "r", "tab")
        await john_.pilot.click(Purpose, offset=(2, 0))
        assert purpose(john_) != ""
        await john_.pilot.click("#purpose .cancel")
        await john_.settle()
        assert purpose(john_) == ""
        assert john_.widget(Composer).has_focus


async def test_in_a_narrow_terminal_it_is_one_safe_row(john: Start, mary: Join) -> None:
    async with mary as mary_, john(NARROW) as john_:
        await john_.until_online()
        await posted(john_, mary_, "[/b]\x1b]0;title\x07\nand a second line " + "that is long " * 20)
        await john_.press("tab", "r")
        await john_.until(lambda: john_.widget(Purpose).region.height == 1, "its row")
        assert purpose(john_).startswith(f"Replying to {mary_.name[:4]}")
        assert "…" in purpose(john_)
        assert purpose(john_).endswith("cancel (Esc)")
        await john_.resize(80, 24)
        assert "[/b]\\x1b]0;title\\x07 and a sec" in purpose(john_)


async def test_what_is_answered_may_change_meanwhile(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        asked = await posted(john_, mary_, "shall we?")
        await john_.press("tab", "r")
        await mary_.ask(Edit(ref="e", room=mary_.room, message_id=asked, content="shall they?"))
        await john_.until(lambda: "shall they?" in purpose(john_))
        await mary_.ask(Delete(ref="d", room=mary_.room, message_id=asked))
        await john_.until(lambda: f"{mary_.name}: removed message" in purpose(john_))
        await john_.write("anyway")
        assert (await mary_.hear("anyway")).reply_to == asked
        await john_.until(lambda: john_.sees(f"╭ {mary_.name}: removed message"))


async def test_each_room_keeps_what_is_answered_and_edited_in_it(john: Start, mary: Join, room: str) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        asked = await posted(john_, mary_, "shall we?")
        await john_.press("tab", "r")
        await type_in(john_, "yes")
        john_.app._turn(f"{room}-tea")
        await john_.until(lambda: john_.app._session.room == f"{room}-tea")
        await john_.settle()
        assert (purpose(john_), john_.composer) == ("", "")
        await sent(john_, "tea")
        await type_in(john_, "half")
        await john_.press("tab", "e")
        await type_in(john_, " time")
        john_.app._turn(room)
        await john_.settle()
        assert "shall we?" in purpose(john_)
        assert john_.composer == "yes"
        assert john_.app._session.owed.drafts == {room: "yes", f"{room}-tea": "half"}
        john_.app._turn(f"{room}-tea")
        await john_.settle()
        assert (john_.composer, purpose(john_).startswith(EDITING)) == ("tea time", True)
        await john_.press("escape")
        assert john_.composer == "half"
        john_.app._turn(room)
        await john_.settle()
        await john_.press("enter")
        assert (await mary_.hear("yes")).reply_to == asked


async def test_a_quoted_message_is_not_read(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        (asked, *_) = await mary_.post("asked", *(f"line {each}" for each in range(40)))
        await mary_.ask(Post(ref="a", room=mary_.room, nonce="a", content="answered", reply_to=asked))
        await john_.until(lambda: john_.sees(f"╭ {mary_.name}: asked") and john_.sees("answered"))
        await john_.focus()
        await john_.press("tab", "r")
        await john_.wait(DWELL_MS)
        await john_.wait(SEND_EVERY_MS)
        await john_.until_told()
        answer = john_.message("answered")
        assert answer is not None
        assert answer.id is not None
        assert await mary_.readers(answer.id) == [john_.name]
        assert await mary_.readers(asked) == []


async def test_what_has_not_reached_the_server_is_not_answered(host: Host, tmp_path: Path) -> None:
    async with at_the_app(host.url, "John", "general", tmp_path, Clock()) as john_:
        await john_.until_online()
        host.kill()
        await john_.until(lambda: "connected" not in john_.status)
        await john_.write("to nobody yet")
        await john_.press("tab")
        for key in ("r", "e"):
            await john_.press(key)
            assert john_.toasts == ["This message has not reached the server yet."]
            john_.app.clear_notifications()
        assert purpose(john_) == ""


async def test_what_waits_is_sent_as_a_reply_by_the_next_client(host: Host, clock: Clock, tmp_path: Path) -> None:
    async with Peer.on(host.url, "Mary", "general") as mary_:
        (asked,) = await mary_.post("shall we?")
    async with at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john_:
        await john_.until_online()
        await john_.press("tab", "r")
        host.kill()
        await john_.until(lambda: "connected" not in john_.status)
        await john_.write("we shall")
        assert john_.sees("╭ Mary: shall we?")
    host.start()
    async with at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john_:
        await john_.until(lambda: john_.tick("we shall").startswith("✓"))
        reply = john_.message("we shall")
        assert reply is not None
        assert reply.reply == ReplyView("Mary", "shall we?", asked)


async def test_another_history_has_nothing_to_answer_or_edit(john: Start, mary: Join, room: str) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await posted(john_, mary_, "shall we?")
        await sent(john_, "mine")
        await john_.press("tab", "k", "r")
        await type_in(john_, "half")
        await john_.press("tab", "j", "e")
        await type_in(john_, "!")
        assert (john_.composer, purpose(john_).startswith(EDITING)) == ("mine!", True)
        john_.app._feed(Heard(welcome(summary(0, name=room), epoch="another"), 0))
        await john_.settle()
        assert (john_.composer, purpose(john_)) == ("half", "")
        await john_.press(*["backspace"] * 4, "ctrl+r")
        assert john_.composer == "mine!"


# Edits


async def test_up_where_nothing_is_written_edits_ones_own_newest_message(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await sent(john_, "at five")
        newest = await sent(john_, "at sicks")
        await posted(john_, mary_, "what?")
        await john_.press("up")
        assert john_.composer == "at sicks"
        await john_.until(lambda: purpose(john_).startswith(EDITING))
        await john_.press(*["backspace"] * 3, "x", "enter")
        await john_.until(lambda: john_.message("at six"))
        assert await changes(mary_) == [(newest, "at six")]
        edited = john_.message("at six")
        assert edited is not None
        assert edited.edited
        assert (john_.composer, purpose(john_)) == ("", "")
        assert john_.message("at sicks") is None


async def test_what_is_typed_at_once_after_up_is_part_of_the_edit(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        newest = await sent(john_, "at five")
        await burst(john_, "up", "!", "enter", *"next", "enter")
        await mary_.hear("next")
        await john_.until(lambda: john_.message("at five!"))
        assert await changes(mary_) == [(newest, "at five!")]


async def test_up_is_the_cursor_s_once_something_is_written(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await sent(john_, "mine")
        await john_.press("a", "ctrl+j", "b", "up")
        assert (john_.composer, purpose(john_)) == ("a\nb", "")
        assert john_.widget(Composer).cursor_location == (0, 1)
        await john_.press("up")
        assert john_.widget(Composer).cursor_location[0] == 0


async def test_up_where_there_is_nothing_to_edit_says_so(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await posted(john_, mary_, "not yours")
        await john_.press("up")
        assert (john_.toasts, purpose(john_)) == ([NOTHING], "")


async def test_e_edits_the_message_under_the_cursor_if_it_is_ones_own(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        first = await sent(john_, "first")
        await sent(john_, "second")
        await posted(john_, mary_, "hers")
        await john_.press("tab", "e")
        assert john_.toasts == ["Only your own messages can be edited."]
        assert john_.widget(Messages).has_focus
        await burst(john_, "k", "k", "e", *"ly", "enter")
        await john_.until(lambda: john_.message("firstly"))
        assert await changes(mary_) == [(first, "firstly")]


@pytest.mark.parametrize("end", ["escape", "enter"])
async def test_without_a_change_nothing_is_said_and_what_was_written_before_is_there_again(
    john: Start, mary: Join, end: str
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await sent(john_, "mine")
        await type_in(john_, "half a sen")
        await john_.press("tab", "e")
        assert john_.composer == "mine"
        await john_.press(end)
        assert (john_.composer, purpose(john_)) == ("half a sen", "")
        assert await changes(mary_) == []


async def test_an_edit_is_never_kept_as_a_draft(john: Start, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        await sent(john_, "mine")
        await type_in(john_, "half")
        await john_.press("tab", "e")
        await type_in(john_, " and more")
        john_.app._keep_draft()
        assert john_.app._session.owed.drafts == {room: "half"}
    async with john() as john_:
        assert (john_.composer, purpose(john_)) == ("half", "")


async def test_an_edit_to_nothing_or_too_much_stays_and_says_why(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await sent(john_, "no")
        await john_.press("up", "backspace", "backspace", "enter")
        assert john_.toasts == ["To remove it, delete it (d)."]
        john_.app._chat.rewrite("x" * (CONTENT_CHARS_MAX + 1))
        await john_.press("enter")
        assert john_.toasts[1:] == ["The message has 8,001 characters; at most 8,000 can be sent at a time."]
        await john_.until(lambda: purpose(john_).startswith(EDITING))
        assert await changes(mary_) == []


async def test_an_edit_is_no_command(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.write("//kick me")
        await john_.until(lambda: john_.tick("/kick me") == "✓")
        await john_.press("up")
        assert john_.composer == "/kick me"
        await john_.press("!", "enter")
        await john_.until(lambda: john_.message("/kick me!"))
        assert [content for _, content in await changes(mary_)] == ["/kick me!"]


async def test_one_edit_at_a_time_and_no_reply_meanwhile(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await sent(john_, "mine")
        await posted(john_, mary_, "hers")
        await john_.press("up")
        await type_in(john_, "!")
        await john_.press("tab", "r")
        assert john_.toasts == [UNFINISHED]
        john_.app.clear_notifications()
        await john_.press("tab", "k", "e")
        assert john_.toasts == [UNFINISHED]
        assert (john_.composer, purpose(john_).startswith(EDITING)) == ("mine!", True)


async def test_an_edit_over_a_reply_gives_it_back(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await sent(john_, "mine")
        asked = await posted(john_, mary_, "shall we?")
        await john_.press("tab", "r")
        await type_in(john_, "we sh")
        await john_.press("tab", "k", "e", "!", "enter")
        await john_.until(lambda: john_.message("mine!"))
        assert "shall we?" in purpose(john_)
        await john_.write("all")
        assert (await mary_.hear("we shall")).reply_to == asked


async def test_what_the_server_refuses_is_there_again_at_the_next_edit(
    john: Start, mary: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        hers = await posted(john_, mary_, "hers")
        mine = await sent(john_, "mine")
        connection = john_.app._connection
        say = connection.say

        def spoil(request: AnyRequest) -> None:
            say(replace(request, message_id=hers) if isinstance(request, Edit) else request)

        monkeypatch.setattr(connection, "say", spoil)
        await john_.press("up", "!", "enter")
        await john_.until(lambda: john_.toasts and john_.toasts[0].endswith(KEPT))
        assert (john_.composer, purpose(john_)) == ("", "")
        monkeypatch.setattr(connection, "say", say)
        await john_.press("up")
        assert john_.composer == "mine!"
        await john_.press("enter")
        await john_.until(lambda: john_.message("mine!"))
        assert await changes(mary_) == [(mine, "mine!")]


async def test_an_edit_without_a_connection_stays_where_it_is(host: Host, clock: Clock, tmp_path: Path) -> None:
    async with at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john_:
        await john_.until_online()
        await sent(john_, "mine")
        host.kill()
        await john_.until(lambda: "connected" not in john_.status)
        await john_.press("up", "!", "enter")
        assert john_.toasts == [WAITS]
        assert (john_.composer, purpose(john_).startswith(EDITING)) == ("mine!", True)
        host.start()
        await john_.until_online()
        await john_.press("enter")
        await john_.until(lambda: (message := john_.message("mine!")) and message.edited)
        assert john_.composer == ""


async def test_an_edited_message_is_drawn_anew_where_it_is_quoted(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        mine = await sent(john_, "at five")
        await mary_.ask(Post(ref="a", room=mary_.room, nonce="a", content="fine", reply_to=mine))
        await john_.until(lambda: john_.sees(f"╭ {john_.name}: at five"))
        await john_.press("up", "!", "enter")
        await john_.until(lambda: john_.sees(f"╭ {john_.name}: at five!"))


async def test_the_palette_does_both(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await sent(john_, "mine")
        await john_.press("tab", "tab")
        commands = {each.title: each for each in john_.app.get_system_commands(john_.app.screen)}
        await commands["Reply"].callback()
        await john_.settle()
        assert purpose(john_).startswith(f"Replying to {john_.name}: mine")
        await commands["Edit"].callback()
        await john_.settle()
        assert (purpose(john_).startswith(EDITING), john_.composer) == (True, "mine")
