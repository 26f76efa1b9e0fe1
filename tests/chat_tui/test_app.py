"""The app against a real server: what it tells the server has been read, and what it shows of what others read."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.events import Key, MouseScrollDown

from chat_server.orders import Invite
from chat_server.policy import Joining
from chat_server.protocol import AnyRequest, History, Message, Post, RoomSummary, Welcome
from chat_server.protocol.proofs import code_digest, fingerprint
from chat_tui.app import ChatApp, Options
from chat_tui.identity.knownservers import KnownServers
from chat_tui.keys import TABLE
from chat_tui.model import attention
from chat_tui.model.attention import ReceiptState
from chat_tui.model.events import Heard
from chat_tui.model.receipts import SEND_EVERY_MS
from chat_tui.outbox import Outbox, OutboxError
from chat_tui.screens.help import HelpScreen
from chat_tui.screens.hold import HoldScreen
from chat_tui.screens.info import InfoScreen
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import Messages
from tests.chat_server.peers import release, start
from tests.chat_tui.people import DWELL_MS, Clock, Host, Peer, Person, at_the_app, passport, until
from tests.identities import signer

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]
IDLE_MS = 300_000
EVIDENCE_MS = 60_000


def wheel() -> MouseScrollDown:
    """One turn of the wheel over the conversation."""
    return MouseScrollDown(None, 10, 5, 0, 0, 0, shift=False, meta=False, ctrl=False, screen_x=10, screen_y=5)


async def told(john: Person) -> None:
    """Every receipt that was earned is at the server: its answers come in order, and none is owed."""
    await john.wait(SEND_EVERY_MS)
    await john.until_told()


async def come_back_to(john: Start, mary: Peer, *contents: str) -> None:
    """John has been in the room before; these were written since."""
    async with john() as john_:
        await john_.until_online()
    await mary.post(*contents)


def maintain(*arguments: str) -> None:
    """Have `chat-server` do something with a directory."""
    subprocess.run([sys.executable, "-m", "chat_server", *arguments], check=True, capture_output=True)


def lines_on(john: Person) -> set[int]:
    """The numbers of the messages `line N` that can be read on the screen."""
    return {int(number) for row in john.rows for number in re.findall(r"line (\d+)\b", row)}


async def post_unread(john: Person, mary: Peer, text: str) -> int:
    """A new message at the end of the screen."""
    (message_id,) = await mary.post(text)
    await john.until(lambda: message_id in john.visible, text)
    await john.settle()
    return message_id


# Writing


async def test_a_message_is_sent_read_and_its_tick_doubles(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.write("hello there")
        heard = await mary_.hear("hello there")
        await john_.until(lambda: john_.tick("hello there") == "✓")
        await mary_.read(heard.id, heard.id)
        await john_.until(lambda: john_.tick("hello there") == "✓✓")
        assert any(row.startswith("       ✓✓ hello there") for row in john_.rows)


async def test_ticks_count_readers(shared_host: Host, john: Start, mary: Join, room: str) -> None:
    async with mary as mary_, Peer.on(shared_host.url, f"Ada-{room}", room) as ada, john() as john_:
        await john_.until_online()
        await john_.write("to two")
        heard = await mary_.hear("to two")
        await mary_.read(heard.id, heard.id)
        await john_.until(lambda: john_.tick("to two") == "✓✓ 1/2")
        await ada.read(heard.id, heard.id)
        await john_.until(lambda: john_.tick("to two") == "✓✓ 2/2")


async def test_keys_that_come_at_once_neither_split_nor_lose_a_message(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        for text in ("first", "second"):
            for key in (*text, "enter"):
                john_.report(Key(key, key if len(key) == 1 else None))
        await john_.until(lambda: john_.tick("second") == "✓")
        await mary_.hear("first")
        await mary_.hear("second")
        assert john_.composer == ""


async def test_another_s_name_is_a_sentence_and_exit_code_1(shared_host: Host, mary: Join, tmp_path: Path) -> None:
    async with (
        mary as mary_,
        at_the_app(shared_host.url, mary_.name, mary_.room, tmp_path, Clock(), key="Eve") as other,
    ):
        await until(lambda: other.app.return_code == 1)
        sentence = str(other.app._exit_renderables[0])
        assert sentence.startswith(f"{shared_host.url}: ")
        assert f"The name {mary_.name} belongs to another key." in sentence


async def test_a_code_lets_one_in(tmp_path: Path) -> None:
    running = await start(tmp_path / "server", joining=Joining.INVITE)
    try:
        url = running.url
        async with at_the_app(url, "John", "general", tmp_path / "state", Clock()) as john_:
            await until(lambda: john_.app.return_code == 1)
            assert "Start with it: chat-tui --invite CODE" in str(john_.app._exit_renderables[0])
        await running.server.order(Invite(digest=code_digest("CODE"), lasts_ms=60_000))
        for invite in ("CODE", None):
            async with at_the_app(url, "John", "general", tmp_path / "state", Clock(), invite=invite) as john_:
                await john_.until_online()
    finally:
        await release(running)


async def test_a_server_with_another_key_is_a_sentence_and_exit_code_1(shared_host: Host, tmp_path: Path) -> None:
    KnownServers(tmp_path).recall(shared_host.url, signer("the one before").public)
    async with at_the_app(shared_host.url, "Trustful", "general", tmp_path, Clock()) as other:
        await until(lambda: other.app.return_code == 1)
        sentence = str(other.app._exit_renderables[0])
        assert "THE SERVER HAS ANOTHER KEY THAN BEFORE" in sentence
        assert f"chat-tui forget --server ws://127.0.0.1:{shared_host.port}" in sentence


async def test_a_server_that_comes_back_with_another_key_is_left_and_that_is_said(
    host: Host, clock: Clock, tmp_path: Path
) -> None:
    async with at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john_:
        await john_.until_online()
        host.kill()
        host.data = tmp_path / "another"
        host.start()
        await john_.until(lambda: "stopped" in john_.status, "given up")
        await john_.settle()
        assert "THE SERVER HAS ANOTHER KEY THAN BEFORE" in john_.status
        (toast,) = john_.toasts
        pinned = KnownServers(tmp_path / "state").find(host.url)
        assert pinned is not None
        assert fingerprint(pinned) in toast
        assert "Ask whoever" in toast
        assert "Ask whoever" not in john_.status
        await john_.write("to nobody")
        assert john_.tick("to nobody") == "…"
        async with Peer.on(host.url, "Mary", "general") as mary_:
            assert await mary_.post("the first here") == [1]


async def test_a_room_that_cannot_be_is_a_sentence_and_exit_code_1(shared_host: Host, tmp_path: Path) -> None:
    async with at_the_app(shared_host.url, "Roomless", "no such room", tmp_path, Clock()) as other:
        await until(lambda: other.app.return_code == 1)
        assert "room's name" in str(other.app._exit_renderables[0])


# When something counts as read


async def test_a_message_in_view_is_read_after_the_dwell_and_not_before(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        number = await post_unread(john_, mary_, "news")
        await john_.wait(DWELL_MS - 1 - SEND_EVERY_MS)
        await told(john_)
        assert await mary_.readers(number) == []
        await john_.wait(1)
        await told(john_)
        assert await mary_.readers(number) == [john_.name]
        assert john_.receipts is ReceiptState.LIVE


async def test_without_any_evidence_nothing_is_read_until_a_key(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        number = await post_unread(john_, mary_, "news")
        await john_.wait(10 * DWELL_MS)
        await told(john_)
        assert await mary_.readers(number) == []
        assert "held: press a key" in john_.status
        await john_.press("f2")
        await john_.wait(DWELL_MS)
        await told(john_)
        assert await mary_.readers(number) == [john_.name]


async def test_away_then_back(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.blur()
        number = await post_unread(john_, mary_, "news")
        await john_.wait(10 * DWELL_MS)
        await told(john_)
        assert await mary_.readers(number) == []
        assert "held: away" in john_.status
        await john_.focus()
        await john_.wait(DWELL_MS)
        await told(john_)
        assert await mary_.readers(number) == [john_.name]
        assert "receipts: live" in john_.status


async def test_the_wheel_ends_no_absence(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.blur()
        number = await post_unread(john_, mary_, "passing over")
        john_.report(wheel())
        await john_.wait(10 * DWELL_MS)
        assert john_.receipts is ReceiptState.AWAY
        await told(john_)
        assert await mary_.readers(number) == []


async def test_idle_then_a_key(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.wait(IDLE_MS + 1)
        number = await post_unread(john_, mary_, "news")
        await john_.wait(10 * DWELL_MS)
        await told(john_)
        assert "held: idle" in john_.status
        assert await mary_.readers(number) == []
        await john_.press("a")
        await john_.wait(DWELL_MS)
        await told(john_)
        assert await mary_.readers(number) == [john_.name]


@pytest.mark.parametrize("key", ["f1", "ctrl+p"], ids=["help", "palette"])
async def test_covered_then_closed(john: Start, mary: Join, key: str) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        number = await post_unread(john_, mary_, "news")
        await john_.press(key)
        await john_.settle()
        assert john_.receipts is ReceiptState.COVERED
        await john_.wait(10 * DWELL_MS)
        await told(john_)
        assert await mary_.readers(number) == []
        await john_.press("escape")
        await john_.until(lambda: john_.receipts is ReceiptState.LIVE)
        await john_.wait(DWELL_MS)
        await told(john_)
        assert await mary_.readers(number) == [john_.name]


async def test_covered_ends_a_dwell_that_has_begun(john: Start, mary: Join, clock: Clock) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        number = await post_unread(john_, mary_, "news")
        await john_.press("f1")
        await until(lambda: isinstance(john_.app.screen, HelpScreen))
        await john_.settle()
        # Nothing but the cover tells the app: if it were not told at once, the dwell would have gone on below it.
        clock.forward(10 * DWELL_MS)
        await john_.wait(0)
        await told(john_)
        assert await mary_.readers(number) == []


async def test_scrolled_away_and_back(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await mary_.post(*(f"line {number}" for number in range(60)))
        await john_.until(lambda: john_.sees("line 59"))
        await john_.press("pageup", "pageup")
        await john_.until(lambda: not john_.sees("line 59"))
        (number,) = await mary_.post("below the screen")
        await john_.until(lambda: john_.sees("more ↓"))
        await john_.wait(10 * DWELL_MS)
        await told(john_)
        assert not john_.sees("below the screen")
        assert await mary_.readers(number) == []
        await john_.press("ctrl+g")
        await john_.until(lambda: john_.sees("below the screen"))
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.readers(number) == [john_.name]


async def test_out_of_view_by_a_resize_and_in_view_again(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await mary_.post(*(f"line {number}" for number in range(1, 31)))
        await john_.until(lambda: john_.sees("line 30"))
        await john_.press("tab", "g")
        await john_.until(lambda: 1 in john_.visible)
        await john_.settle()
        before = lines_on(john_)
        await john_.resize(80, 10)
        during = lines_on(john_)
        assert during < before
        await john_.wait(10 * DWELL_MS)
        await told(john_)
        assert await mary_.read_by(john_.name, range(1, 31)) == during
        await john_.resize(80, 24)
        assert lines_on(john_) == before
        await john_.wait(DWELL_MS)
        await told(john_)
        assert await mary_.read_by(john_.name, range(1, 31)) == before


async def test_of_200_unread_those_on_screen_for_the_dwell_are_read_and_no_other(john: Start, mary: Join) -> None:
    async with mary as mary_:
        await come_back_to(john, mary_, *(f"line {number}" for number in range(1, 201)))
        async with john() as john_:
            await john_.until_online()
            await john_.focus()
            shown: set[int] = set()
            for keys in ((), ("pagedown",), ("pagedown", "pagedown", "pagedown"), ("ctrl+g",), ("pageup",)):
                for key in keys:
                    await john_.press(key)
                await john_.settle()
                assert john_.visible == lines_on(john_)
                shown |= lines_on(john_)
                await john_.wait(DWELL_MS)
            await told(john_)
            assert await mary_.read_by(john_.name, range(1, 201)) == shown
            assert 60 < len(shown) < 110


async def test_history_that_is_loaded_is_read_where_it_is_shown(john: Start, mary: Join) -> None:
    async with mary as mary_:
        await come_back_to(john, mary_, *(f"line {number}" for number in range(1, 451)))
        async with john() as john_:
            await john_.until_online()
            await john_.focus()
            await john_.press("ctrl+g")
            await john_.until(lambda: john_.sees("line 450"))
            await john_.wait(DWELL_MS)
            await john_.press("tab", "g")
            await john_.until(lambda: 1 in john_.visible)
            await john_.settle()
            shown = lines_on(john_)
            await john_.wait(DWELL_MS)
            await told(john_)
            assert await mary_.read_by(john_.name, range(1, 40)) == shown
            assert await mary_.readers(225) == []


# Hold


async def test_hold_release_and_drop(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.press("ctrl+t")
        first = await post_unread(john_, mary_, "held one")
        await john_.wait(DWELL_MS)
        assert "held: you (1)" in john_.status
        await john_.press("ctrl+t")
        await until(lambda: isinstance(john_.app.screen, HoldScreen))
        await john_.press("escape")
        await told(john_)
        assert "held: you (1)" in john_.status
        assert await mary_.readers(first) == []
        await john_.press("ctrl+t", "r")
        await told(john_)
        assert await mary_.readers(first) == [john_.name]
        assert "receipts: live" in john_.status

        await john_.press("ctrl+t")
        second = await post_unread(john_, mary_, "held two")
        await john_.wait(DWELL_MS)
        await john_.press("ctrl+t")
        await until(lambda: isinstance(john_.app.screen, HoldScreen))
        await john_.pilot.click("#drop")
        await john_.wait(10 * DWELL_MS)
        await told(john_)
        assert await mary_.readers(second) == []
        assert "receipts: live" in john_.status


async def test_a_hold_of_nothing_ends_by_the_same_key(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.focus()
        for expected in ("held: you", "receipts: live"):
            await john_.press("ctrl+t")
            await john_.settle()
            assert expected in john_.status


# Notices


async def test_reads_while_one_is_away_are_one_notice_with_a_bell(
    shared_host: Host, john: Start, mary: Join, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[None] = []
    async with mary as mary_, Peer.on(shared_host.url, f"Ada-{room}", room) as ada, john() as john_:
        monkeypatch.setattr(john_.app, "bell", lambda: rung.append(None))
        await john_.until_online()
        await john_.focus()
        await john_.write("Deploy at ten")
        number = (await mary_.hear("Deploy at ten")).id
        await john_.blur()
        await mary_.read(number, number)
        await ada.read(number, number)
        await john_.until(lambda: john_.tick("Deploy at ten") == "✓✓ 2/2")
        assert john_.toasts == []
        await john_.wait(1_000)
        assert john_.toasts == ["2 people read “Deploy at ten”"]
        assert len(rung) == 1
        await john_.focus()
        john_.app.clear_notifications()
        await john_.write("And another one")
        number = (await mary_.hear("And another one")).id
        await mary_.read(number, number)
        await john_.until(lambda: john_.tick("And another one") == "✓✓ 1/2")
        await john_.wait(1_000)
        assert john_.toasts == []
        await john_.press("f2")
        assert "bell off" in john_.status
        await john_.blur()
        john_.app.clear_notifications()
        await ada.read(number, number)
        await john_.until(lambda: john_.tick("And another one") == "✓✓ 2/2")
        await john_.wait(1_000)
        assert len(john_.toasts) == 1
        assert len(rung) == 1


async def test_a_notice_ends_some_time_after_one_has_come_back_and_not_while_one_is_away_again(
    john: Start, mary: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.write("Deploy at ten")
        number = (await mary_.hear("Deploy at ten")).id
        await john_.blur()
        await mary_.read(number, number)
        await john_.until(lambda: john_.tick("Deploy at ten") == "✓✓")
        await john_.wait(1_000)
        assert len(john_.toasts) == 1
        await john_.focus()
        ending = john_.app._ending_notice
        assert ending is not None
        await john_.blur()
        await until(lambda: ending._task is None or ending._task.done(), "the timer stopped")
        assert len(john_.toasts) == 1
        monkeypatch.setattr("chat_tui.gestures.reading.NOTICE_AFTER_S", 0.01)
        await john_.focus()
        await john_.until(lambda: john_.toasts == [])


async def test_no_notice_at_the_start_for_what_was_read_before(john: Start, mary: Join) -> None:
    async with mary as mary_:
        async with john() as john_:
            await john_.until_online()
            await john_.write("old")
            number = (await mary_.hear("old")).id
            await john_.until(lambda: john_.tick("old") == "✓")
        await mary_.read(number, number)
        async with john() as john_:
            await john_.until(lambda: john_.tick("old") == "✓✓")
            await john_.wait(1_000)
            assert john_.toasts == []


# Info


async def test_the_info_pane_is_live_for_own_and_for_others_messages(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.write("who reads this")
        number = (await mary_.hear("who reads this")).id
        await john_.until(lambda: john_.tick("who reads this") == "✓")
        await john_.press("tab", "i")
        await john_.until(lambda: john_.sees("Read by 0 of 1"))
        await john_.until(lambda: john_.sees("Not yet"))
        await mary_.read(number, number)
        await john_.until(lambda: john_.sees("Read by 1 of 1"))
        await john_.press("escape")
        other = await post_unread(john_, mary_, "another's")
        await john_.wait(DWELL_MS)
        await told(john_)
        assert await mary_.readers(other) == [john_.name]
        row = next(row for row, text in enumerate(john_.rows) if "another's" in text)
        await john_.pilot.click(Messages, offset=(20, row), times=2)
        await john_.until(lambda: isinstance(john_.app.screen, InfoScreen))
        await john_.until(lambda: john_.sees("Read by 1 of 1") and john_.sees(f"✓✓ {john_.name}"))


async def test_the_info_of_anothers_message_is_asked_for_again(
    shared_host: Host, john: Start, mary: Join, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its author is told of receipts."""
    monkeypatch.setattr("chat_tui.app.ASK_INFO_S", 0.05)
    async with mary as mary_, Peer.on(shared_host.url, f"Ada-{room}", room) as ada, john() as john_:
        await john_.until_online()
        number = await post_unread(john_, mary_, "another's")
        await john_.press("tab", "i")
        await john_.until(lambda: john_.sees("Read by 0 of 2"))
        await ada.read(number, number)
        await john_.until(lambda: john_.sees("Read by 1 of 2") and john_.sees(f"✓✓ {ada.name}"))


async def test_a_queued_message_has_no_info(host: Host, clock: Clock, tmp_path: Path) -> None:
    host.kill()
    async with at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john_:
        await john_.write("not yet sent")
        await john_.press("tab", "i")
        await john_.settle()
        assert john_.toasts == ["This message has not reached the server yet."]


# Opening


async def test_it_opens_at_the_first_unread_message_again_and_again(john: Start, mary: Join) -> None:
    async with mary as mary_:
        await come_back_to(john, mary_, *(f"line {number}" for number in range(1, 101)))
        read: set[int] = set()
        for _ in range(3):
            async with john() as john_:
                await john_.until_online()
                await john_.focus()
                first = max(read, default=0) + 1
                assert lines_on(john_) >= {first, first + 1, first + 2}
                new = next(row for row, text in enumerate(john_.rows) if "new since you left" in text)
                assert f"line {first}" in "".join(john_.rows[new + 1 : new + 3])
                read |= lines_on(john_)
                await john_.wait(DWELL_MS)
                await told(john_)
                assert await mary_.read_by(john_.name, range(1, 101)) == read


async def test_it_opens_at_the_first_unread_although_something_waits_to_be_sent(
    host: Host, clock: Clock, tmp_path: Path
) -> None:
    def john() -> AbstractAsyncContextManager[Person]:
        return at_the_app(host.url, "John", "general", tmp_path / "state", clock)

    async with Peer.on(host.url, "Mary", "general") as mary_:
        await come_back_to(john, mary_, *(f"line {number}" for number in range(1, 101)))
    host.kill()
    async with john() as john_:
        await john_.write("waiting")
        await john_.until(lambda: john_.tick("waiting") == "…")
    host.start()
    async with john() as john_:
        await john_.until_online()
        await john_.until(lambda: 1 in john_.visible)
        assert john_.sees("new since you left")


# Cuts


async def test_offline_messages_wait_on_disk_and_are_sent_once(host: Host, clock: Clock, tmp_path: Path) -> None:
    state = tmp_path / "state"
    host.kill()
    async with at_the_app(host.url, "John", "general", state, clock) as john_:
        await john_.until(lambda: "offline" in john_.status)
        assert f"Nothing listens at 127.0.0.1:{host.port}; trying again in" in john_.status
        await john_.write("one")
        await john_.write("two")
        assert john_.tick("one") == john_.tick("two") == "…"
        assert "2 waiting" in john_.status
    host.start()
    async with at_the_app(host.url, "John", "general", state, clock) as john_:
        await john_.until(lambda: john_.tick("two") == "✓")
        await john_.settle()
        assert "waiting" not in john_.status
        host.kill()
        await john_.until(lambda: "offline" in john_.status)
        await john_.write("three")
        host.start()
        await john_.write("four")
        await john_.until(lambda: john_.tick("four") == "✓")
        messages = john_.app._session.view().messages
        assert [(each.id, each.text) for each in messages] == [(1, "one"), (2, "two"), (3, "three"), (4, "four")]


async def test_a_draft_is_kept_and_is_there_again(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press(*"half")
        await john_.until(lambda: list(john_.app._outbox.owed.drafts.values()) == ["half"], "kept while writing")
        await john_.press(*"way")
    async with john() as john_:
        await john_.press(*"there")
        await john_.until(lambda: john_.composer == "halfwaythere", "what was written and more")
        await john_.press("enter")
        await john_.until(lambda: john_.message("halfwaythere"), "the message")
    async with john() as john_:
        assert john_.composer == ""


async def test_an_app_that_is_ended_before_it_was_drawn_ends_in_peace(
    john: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = ChatApp.on_mount

    def end_at_once(app: ChatApp) -> None:
        mounted(app)
        app.exit()

    monkeypatch.setattr(ChatApp, "on_mount", end_at_once)
    async with john() as john_:
        pass
    assert john_.app._connecting is None
    assert john_.app.return_code == 0


async def test_a_message_is_on_disk_before_it_is_sent(
    john: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with john() as john_:
        await john_.until_online()
        on_disk: list[bool] = []
        (file,) = (tmp_path / "state").rglob("owed-1.lock")
        say = john_.app._connection.say

        def look(request: AnyRequest) -> None:
            if isinstance(request, Post):
                on_disk.append(request.content in file.with_name("owed-1.json").read_text())
            say(request)

        monkeypatch.setattr(john_.app._connection, "say", look)
        await john_.write("important")
        await john_.until(lambda: john_.tick("important") == "✓")
        assert on_disk == [True]


async def test_a_restored_server_is_another_history(host: Host, clock: Clock, tmp_path: Path) -> None:
    """The same ids are other messages after it: what was read of the old ones does not count for them."""
    async with at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john_:
        async with Peer.on(host.url, "Mary", "general") as mary_:
            await john_.until_online()
            await john_.focus()
            backup = tmp_path / "backup"
            maintain("backup", str(host.data), str(backup))
            number = await post_unread(john_, mary_, "the old one")
            await john_.wait(DWELL_MS)
            await told(john_)
            assert await mary_.readers(number) == [john_.name]
        host.kill()
        maintain("restore", str(backup), str(tmp_path / "another"))
        host.data = tmp_path / "another"
        host.start()
        async with Peer.on(host.url, "Mary", "general") as mary_:
            await mary_.post("the new one")
            await john_.until(lambda: john_.sees("the new one"))
            await john_.wait(0)
            await john_.wait(DWELL_MS)
            await told(john_)
            assert await mary_.readers(1) == [john_.name]


async def test_another_history_is_not_read_by_what_was_seen_before(
    john: Start, mary: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both of its frames come before anything is drawn, so that the same ids stay in sight throughout."""
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        number = await post_unread(john_, mary_, "the old one")
        await john_.wait(DWELL_MS)
        await told(john_)
        asked: list[str | None] = []
        monkeypatch.setattr(john_.app._connection, "say", lambda request: asked.append(request.ref))
        members = (john_.name, mary_.name)
        room = RoomSummary(
            name=mary_.room,
            title=mary_.room,
            last_id=1,
            revision=1,
            first_unread=1,
            unread=1,
            members=members,
            online=(),
        )
        new = Message(
            room=mary_.room, id=number, sender=mary_.name, content="the new one", sent_at=1, audience=1, read_by=0
        )
        for frame in (
            Welcome(name=john_.name, epoch="another", rooms=(room,)),
            History(room=mary_.room, messages=(new,), more=False),
        ):
            john_.app._hear(Heard(replace(frame, ref=asked[-1] if asked else None), 0))
            john_.app._feed()
        await john_.settle()
        assert john_.sees("the new one")
        assert john_.app._session.owed.reads == {}
        await john_.wait(DWELL_MS - 1)
        assert john_.app._session.owed.reads == {}
        await john_.wait(1)
        assert john_.app._session.owed.reads == {mary_.room: ((number, number),)}


@pytest.mark.parametrize("how", ["coming back", "writing"])
async def test_somebody_who_comes_back_or_writes_need_not_wait_for_the_next_try(
    host: Host, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("chat_tui.connection.RETRY_FIRST_S", 3_000.0)
    monkeypatch.setattr("chat_tui.connection.RETRY_MAX_S", 3_000.0)
    host.kill()
    async with at_the_app(host.url, "John", "general", tmp_path / "state", clock) as john_:
        await john_.focus()
        await john_.until(lambda: "offline" in john_.status)
        if how == "coming back":
            await john_.blur()
            host.start()
            await john_.focus()
        else:
            host.start()
            john_.widget(Composer).post_message(Composer.Sent("now", john_.app._session.room))
        await john_.until_online()


# Refusals


async def test_a_refused_message_says_why_and_can_be_retried_and_discarded(
    john: Start, mary: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused by making its reply impossible on the way out; the retry goes out as it was written."""
    async with mary as mary_, john() as john_:
        await john_.until_online()
        connection = john_.app._connection
        say = connection.say

        def spoil(request: AnyRequest) -> None:
            say(replace(request, reply_to=9_999) if isinstance(request, Post) else request)

        monkeypatch.setattr(connection, "say", spoil)
        await john_.write("spoilt")
        await john_.until(lambda: john_.tick("spoilt") == "!")
        assert john_.sees("! spoilt")
        assert john_.sees("has no message 9999")
        await john_.write("gone")
        await john_.until(lambda: john_.tick("gone") == "!")
        await john_.press("tab", "x")
        await john_.until(lambda: john_.message("gone") is None)
        monkeypatch.setattr(connection, "say", say)
        await john_.press("t")
        await john_.until(lambda: john_.tick("spoilt") == "✓")
        await mary_.hear("spoilt")
        await john_.press("t")
        assert john_.toasts == ["Only a message that was refused (!) can be retried or discarded."]


# Keys and mouse


async def test_the_palette_offers_every_action_once(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        titles = [each.title for each in john_.app.get_system_commands(john_.app.screen)]
        assert len(titles) == len(set(titles))
        assert {"Help", "Hold", "Page up", "Newest", "Bell", "Info", "Try again", "Discard", "First"} <= set(
            titles
        )
        await john_.press("ctrl+p")
        await john_.press(*"hold")
        await john_.settle()
        await john_.press("enter")
        await john_.until(lambda: john_.receipts is ReceiptState.HELD)
        for command in john_.app.get_system_commands(john_.app.screen):
            if command.title in ("Page up", "Info", "Newest"):
                await command.callback()


async def test_help_lists_all_keys_and_closes(john: Start) -> None:
    async with john((80, 140)) as john_:
        await john_.until_online()
        await john_.press("f1")
        await john_.until(lambda: john_.sees("Esc closes"))
        for key in TABLE:
            assert john_.sees(key.help.split(";")[0].split(",")[0])
        await john_.press("f1")
        await john_.until(lambda: not isinstance(john_.app.screen, HelpScreen))
        await john_.press("tab", "question_mark")
        await john_.until(lambda: isinstance(john_.app.screen, HelpScreen))


@pytest.mark.parametrize("key", ["tab", "escape"])
async def test_the_footer_fits_in_80_columns(john: Start, key: str) -> None:
    async with john() as john_:
        await john_.until_online()
        for _ in range(2):
            await john_.press(key)
            await john_.settle()
            await john_.until(
                lambda: re.search(r"Ctrl\+T Hold +Ctrl\+P Commands$", john_.rows[-1]), "the whole footer"
            )


async def test_the_mouse_selects_and_scrolls(john: Start, mary: Join) -> None:
    async with mary as mary_:
        await come_back_to(john, mary_, *(f"line {number}" for number in range(1, 61)))
        async with john() as john_:
            await john_.until_online()
            messages = john_.widget(Messages)
            row = next(row for row, text in enumerate(john_.rows) if re.search(r"line 3\b", text))
            await john_.pilot.click(Messages, offset=(20, row))
            assert messages.current is not None
            assert messages.current.id == 3
            before = max(lines_on(john_))
            john_.report(wheel())
            await john_.until(lambda: max(john_.visible) == before + 3)
            assert john_.receipts is ReceiptState.LIVE


# What is left


async def test_a_disk_that_fails_is_said_and_the_message_goes_out(
    john: Start, mary: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()

        def fail(_: object) -> None:
            raise OutboxError("Cannot keep unsent messages in [/x]: no space left.")

        monkeypatch.setattr(john_.app._outbox, "save", fail)
        await john_.write("anyway")
        await mary_.hear("anyway")
        assert "Cannot keep unsent messages in [/x]: no space left." in john_.toasts
        await john_.settle()


async def test_nothing_is_judged_before_there_is_a_screen(tmp_path: Path) -> None:
    outbox = Outbox.open(tmp_path, "ws://127.0.0.1:1/ws", "John")
    url = "ws://127.0.0.1:1/ws"
    app = ChatApp(Options("John", url, "general"), outbox, passport("John", url, tmp_path))
    assert app.unread_in_sight() == frozenset()
    assert app.attention.handle(attention.Elapsed(), 0) == frozenset()
    outbox.close()
    await asyncio.sleep(0)


async def test_y_copies_the_message_under_the_cursor(john: Start, mary: Join) -> None:
    async with mary as mary_, john() as john_:
        await mary_.post("copy me")
        await john_.until(lambda: john_.sees("copy me"))
        await john_.press("tab", "y")
        await john_.until(lambda: any(each.startswith("Copied") for each in john_.toasts))
