"""What is written of a conversation, by transcript: views in, lines out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chat_tui.model.effects import Announce
from chat_tui.model.inspection import InfoView
from chat_tui.model.marks import PinsView, PinView
from chat_tui.model.searching import HitView, Progress, SearchView
from chat_tui.model.view import ConversationView, Link, MessageView, ReplyView, Status, Tick, TickState
from chat_tui.plain.transcript import (
    EARLIER_MAX,
    QUOTE_CHARS,
    Transcript,
    quote,
    tell_direct,
    tell_info,
    tell_pins,
    tell_search,
)

ONLINE = Status(Link.ONLINE, "", None, "Bob", "general", members=6, online=4, queued=0)
OFFLINE = replace(ONLINE, link=Link.WAITING, reason="nothing listens there", retry_at_ms=2_500)
DAY = "* 1970-01-01"


def local(at_ms: int) -> tuple[str, str]:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{moment:%Y-%m-%d}", f"{moment:%H:%M}"


def said(number: int, text: str = "text", sender: str = "Ann", *, at_ms: int = 60_000) -> MessageView:
    return MessageView(str(number), number, sender, text, at_ms, own=False)


def mine(number: int, text: str = "mine", *, read_by: int = 0) -> MessageView:
    tick = Tick(TickState.READ if read_by else TickState.SENT, read_by, 3)
    return MessageView(str(number), number, "Bob", text, 60_000, own=True, tick=tick)


def unsent(key: str, state: TickState = TickState.QUEUED, reason: str = "") -> MessageView:
    return MessageView(key, None, "Bob", "later", 60_000, own=True, tick=Tick(state), reason=reason)


def view(*messages: MessageView, new_before: int | None = None, closed: str = "") -> ConversationView:
    return ConversationView("general", messages, new_before=new_before, closed=closed)


class Told:
    """A transcript, and what it says next."""

    def __init__(self, *begun: MessageView, ascii_only: bool = False) -> None:
        self.transcript = Transcript("Bob", local, ascii_only=ascii_only)
        self.lines = self.of(*begun)

    def of(
        self, *messages: MessageView, status: Status = ONLINE, reads: tuple[Announce, ...] = (), now_ms: int = 0
    ) -> list[str]:
        return self.transcript.update(view(*messages), status, reads, now_ms)


def test_what_is_said_to_one_alone_cannot_be_taken_for_another_line() -> None:
    assert tell_direct("Ann\x07", "one\n* two\x1b") == "* Ann\\x07, to you alone: one\n    * two\\x1b"


def test_messages_as_they_come() -> None:
    told = Told(said(1), mine(2, "hello"))
    assert told.lines == [
        "* connected to #general, 4 of 6 here", DAY, "00:01 Ann: text", "00:01 Bob (you): hello",
    ]  # fmt: skip
    assert told.of(said(1), mine(2, "hello")) == []
    later = said(3, "one\n* connected to #else\n00:01 Bob: two")
    assert told.of(said(1), mine(2), later) == ["00:01 Ann: one\n    * connected to #else\n    00:01 Bob: two"]


@pytest.mark.parametrize(
    ("text", "to_me"), [("see @bob, please", True), ("@Bobby", False), ("a@bob", False), ("Bob", False)]
)
def test_who_is_named_is_told(text: str, to_me: bool) -> None:  # noqa: FBT001
    assert Told(said(1, text)).lines[-1] == f"00:01 Ann{' (to you)' if to_me else ''}: {text}"


def test_a_new_day_is_told_once() -> None:
    told = Told(said(1))
    tomorrow = 86_400_000
    assert told.of(said(1), said(2, at_ms=tomorrow), said(3, at_ms=tomorrow))[:2] == [
        "* 1970-01-02", "00:00 Ann: text",
    ]  # fmt: skip


def test_it_begins_with_what_is_new_and_a_little_before() -> None:
    messages = [said(each, str(each)) for each in range(1, 41)]
    for new_before, first in ((None, 31), (36, 26), (5, 1)):
        transcript = Transcript("Bob", local, ascii_only=False)
        lines = transcript.update(view(*messages, new_before=new_before), ONLINE, (), 0)
        assert lines[2] == f"00:01 Ann: {first}"
        assert lines[-1] == "00:01 Ann: 40"
    assert EARLIER_MAX == 10


def test_what_is_left_out_is_said() -> None:
    assert Told(said(1)).of(said(5)) == ["* 3 messages before the next are not shown here", "00:01 Ann: text"]


def test_a_history_of_another_kind_begins_anew() -> None:
    told = Told(said(8))
    assert told.of(said(1, "other")) == ["00:01 Ann: other"]
    assert told.transcript.written_before(0) == {1}
    loading = ConversationView("general", loading=True)
    assert told.transcript.update(loading, ONLINE, (), 0) == []
    assert told.transcript.written_before(0) == frozenset()


def test_what_is_written_is_acknowledged_in_the_text_in_which_it_was_written() -> None:
    told = Told()
    told.of(replace(said(1), edition=2))
    told.of(replace(said(1), edition=3))
    assert told.transcript.texts(told.transcript.written_before(0)) == {(1, 2)}


def test_what_is_written_waits_to_be_acknowledged() -> None:
    told = Told()
    told.of(said(1), mine(2), now_ms=100)
    told.of(said(1), mine(2), said(3), now_ms=600)
    assert told.transcript.written_before(99) == frozenset()
    assert told.transcript.written_before(100) == {1}
    assert told.transcript.written_before(600) == {1, 3}
    assert told.transcript.oldest_ms == 100
    assert told.transcript.texts([1, 3]) == {(1, 0), (3, 0)}
    told.transcript.acknowledge({1})
    assert told.transcript.written_before(600) == {3}
    assert told.transcript.oldest_ms == 600
    assert Told().transcript.oldest_ms is None


def test_who_reads_is_told() -> None:
    told = Told(mine(1, "Deploy at nine"))
    read = Announce("Ann", {1: "Deploy at nine"}, "general")
    assert told.of(mine(1, read_by=1), reads=(read,)) == ['* read by Ann (1 of 3): "Deploy at nine"']
    assert told.of(mine(1, read_by=1)) == []
    assert told.of(mine(1, read_by=3)) == ['* read by 3 of 3: "mine"']


def test_reads_of_several_and_of_what_is_not_at_hand() -> None:
    told = Told(mine(1), mine(2))
    reads = (Announce("Ann", {1: "one", 2: "two"}, "general"), Announce("Cid", {9: None}, "general"))
    assert told.of(mine(1, read_by=1), mine(2, read_by=1), reads=reads) == [
        "* read by Ann: 2 of your messages", "* read by Cid: an earlier message of yours",
    ]  # fmt: skip


def test_who_acknowledges_is_told() -> None:
    told = Told(mine(1, "Deploy at nine"))
    said = Announce("Ann\x1b", {1: "Deploy at nine"}, "general", acknowledged=True)
    assert told.of(mine(1), reads=(said,)) == ['* acknowledged by Ann\\x1b: "Deploy at nine"']


def test_what_was_read_before_it_is_written_is_told_too() -> None:
    assert Told(mine(1, read_by=2)).lines[-1] == '* read by 2 of 3: "mine"'


def test_what_is_removed_is_told_once() -> None:
    told = Told(said(1))
    gone = replace(said(1, "message removed by Cid"), removed=True)
    line = "* message removed by Cid: it was Ann's, of 1970-01-01 00:01"
    assert told.of(gone) == [line]
    assert told.of(gone) == []
    assert Told(gone).lines[-1] == "00:01 Ann: message removed by Cid"


def test_what_is_edited_is_told_once() -> None:
    told = Told(said(1, "at five"), mine(2))
    edited = replace(said(1, "at six\n* or seven"), edited=True)
    line = "* edited by Ann, of 1970-01-01 00:01: at six\n    * or seven"
    assert told.of(edited, mine(2)) == [line]
    assert told.of(edited, mine(2)) == []
    gone = replace(edited, text="message removed by Ann", removed=True, edited=False)
    assert len(told.of(gone, mine(2))) == 1


def test_what_was_edited_before_it_is_written_says_so() -> None:
    assert Told(replace(said(1), edited=True)).lines[-1] == "00:01 Ann (edited): text"
    assert Told(replace(mine(1), edited=True)).lines[-1] == "00:01 Bob (you, edited): mine"
    assert Told(replace(said(1, "@Bob"), edited=True)).lines[-1] == "00:01 Ann (to you, edited): @Bob"


def test_what_is_answered_stands_before_the_answer_and_waits_for_nobody() -> None:
    told = Told()
    answer = replace(said(3), reply=ReplyView("Bob", "at five? " * 9, 1))
    assert told.of(answer)[-2:] == [f"* in reply to Bob: {quote('at five? ' * 9)}", "00:01 Ann: text"]
    assert told.transcript.written_before(0) == {3}
    unknown = replace(said(4), reply=ReplyView("", "a message further up", 1))
    assert told.of(answer, unknown)[-2] == "* in reply to a message further up"


def test_the_connection() -> None:
    told = Told()
    assert told.lines == ["* connected to #general, 4 of 6 here"]
    assert told.of(status=OFFLINE) == ["* offline: nothing listens there; trying again in 3 s"]
    assert told.of(status=replace(OFFLINE, retry_at_ms=9_000)) == []
    assert told.of(status=replace(OFFLINE, link=Link.CONNECTING)) == []
    assert told.of() == ["* connected to #general, 4 of 6 here"]
    full = replace(ONLINE, reason="the server's disk is full; 1 message waits")
    assert told.of(status=full) == ["* waiting: the server's disk is full; 1 message waits"]
    assert told.of() == []
    stopped = replace(OFFLINE, link=Link.STOPPED, reason="no\nmore", retry_at_ms=None)
    assert told.of(status=stopped) == ["* stopped: no more; not trying again"]


def test_what_is_not_sent() -> None:
    told = Told()
    assert told.of(unsent("a")) == []
    assert told.of(unsent("a"), status=OFFLINE)[-1] == '* kept until there is a connection: "later"'
    assert told.of(unsent("a"), status=OFFLINE) == []
    refused = unsent("a", TickState.REFUSED, "too long")
    told.of(refused)
    assert Told(refused).lines[-1] == '* refused (too long): "later"'
    assert told.of(refused) == []
    assert told.of() == []
    assert told.of(refused) == ['* refused (too long): "later"']


def test_a_room_that_is_closed_and_open_again() -> None:
    told = Told()
    assert told.transcript.update(view(closed="You are muted."), ONLINE, (), 0) == ["* You are muted."]
    assert told.of() == ["* You can write here again."]


def test_nothing_hostile_is_written_and_ascii_where_there_is_nothing_else() -> None:
    assert Told(said(1, "\x1b[2Jé")).lines[-1] == r"00:01 Ann: \x1b[2Jé"
    assert Told(said(1, "é 漢"), ascii_only=True).lines[-1] == r"00:01 Ann: \xe9 \u6f22"


def test_a_quotation_is_short() -> None:
    assert quote("a\nb") == '"a b"'
    assert quote("a" * QUOTE_CHARS) == f'"{"a" * QUOTE_CHARS}"'
    assert quote("a" * (QUOTE_CHARS + 1)) == f'"{"a" * (QUOTE_CHARS - 3)}..."'


def test_who_has_read_a_message() -> None:
    info = InfoView(mine(1), loading=False, read_by=(("Ann", 1), ("Cid", 2)), missing=("Dee",), unshared=("Eve",))
    assert tell_info(info) == '* "mine": read by Ann, Cid; not yet Dee; do not say Eve'
    noted = InfoView(mine(1), loading=False, read_by=(("Ann", 1),), acknowledged=(("Ann", 1), ("Cid", 2)))
    assert tell_info(noted) == '* "mine": acknowledged by Ann, Cid; read by Ann'
    later = InfoView(mine(1), loading=False, read_by=(("Ann", 1),), read_earlier=(("Cid", 2),))
    assert tell_info(later) == '* "mine": read by Ann; an earlier text was read by Cid'
    hidden = tell_info(InfoView(mine(1), loading=False, hidden=True))
    assert hidden == '* "mine": you do not share what you read here, so you do not see who has read it'
    assert tell_info(InfoView(mine(1), loading=False)) == '* "mine": it was sent to nobody'


def test_what_is_pinned() -> None:
    pins = (
        PinView(2, "Ann", 60_000, "Deploy\nat nine", "1 of 2 has read this pin"),
        PinView(1, "Cid", 0, "text", ""),
    )
    assert tell_pins(PinsView(pins, "Older ones are left out."), local) == [
        '* pinned: "Deploy at nine" by Ann, 1970-01-01 00:01; 1 of 2 has read this pin',
        '* pinned: "text" by Cid, 1970-01-01 00:00',
        "* Older ones are left out.",
    ]
    assert tell_pins(PinsView(notice="No."), local) == ["* No."]
    assert tell_pins(PinsView(pins[1:]), local) == ['* pinned: "text" by Cid, 1970-01-01 00:00']


def test_what_was_found_ends_with_the_newest() -> None:
    hits = tuple(
        HitView("tea", each, "tea", "Ann", 60_000, f"deploy {each}", ((0, 6),), is_cut=False) for each in (7, 3)
    )
    lines = ["* 1970-01-01 00:01 Ann: deploy 3", "* 1970-01-01 00:01 Ann: deploy 7"]
    done, part = SearchView(hits, Progress.DONE), SearchView(hits, Progress.PART)
    assert tell_search("deploy", done, local) == [*lines, '* 2 with "deploy"']
    assert tell_search("deploy", part, local) == [*lines, '* 2 with "deploy", and there may be earlier ones']
    assert tell_search("deploy", SearchView(progress=Progress.DONE), local) == ['* no message has "deploy"']
    assert tell_search("deploy", SearchView(progress=Progress.FAILED, error="No."), local) == ["* No."]
