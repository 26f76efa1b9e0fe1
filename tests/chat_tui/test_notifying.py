"""What is told to somebody who is not looking, as transcripts: what happened, when, and what was done then."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.model.notifying import (
    COUNTED_MAX,
    GATHER_MS,
    PAUSE_MS,
    QUOTE_CHARS,
    Addressed,
    Caught,
    Effect,
    Elapsed,
    Event,
    Kind,
    Looked,
    Mentioned,
    Notifier,
    Read,
    Tell,
    Withdraw,
)
from chat_tui.text.safetext import safe_line

AWAY = Looked(attended=False, room="general")
HERE = Looked(attended=True, room="general")
ELSEWHERE = Looked(attended=True, room="ops")


def play(notifier: Notifier, *events: Event, at_ms: int = 0) -> list[Effect]:
    """All at one moment."""
    return [effect for event in events for effect in notifier.handle(event, at_ms)]


def away(*rooms: str) -> Notifier:
    """Nobody is there; of each room ten messages are old."""
    notifier = Notifier()
    assert play(notifier, *(Caught(room, 10) for room in rooms or ("general",)), AWAY) == []
    return notifier


def read(reader: str = "ann", messages: dict[int, str | None] | None = None, *, watched: bool = False) -> Read:
    return Read("general", reader, messages or {1: "Deploy at five"}, watched)


def noted(reader: str = "ann", message_id: int = 1) -> Read:
    return Read("general", reader, {message_id: "Deploy at five"}, acknowledged=True)


def mention(id_: int, room: str = "general", sender: str = "ann", text: str = "@me come") -> Mentioned:
    return Mentioned(room, id_, sender, text)


def sentence(*events: Event, rooms: Iterable[str] = ("general", "ops")) -> str:
    """The one sentence that is told of these."""
    notifier = away(*rooms)
    assert play(notifier, *events) == []
    (effect,) = notifier.handle(Elapsed(), GATHER_MS)
    assert isinstance(effect, Tell)
    return effect.sentence


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([read()], "ann read “Deploy at five”"),
        ([read(messages={1: None})], "ann read your message"),
        ([read(messages={1: "a", 2: None})], "ann read 2 of your messages"),
        ([read("ann"), read("bob"), read("carl")], "3 people read “Deploy at five”"),
        ([read("ann"), read("ann")], "ann read “Deploy at five”"),
        ([read("ann", {1: "a"}), read("bob", {2: "b"})], "2 people read 2 of your messages"),
        ([Read("general", "ann", {1: "a"}), Read("ops", "ann", {1: "b"})], "ann read 2 of your messages"),
        ([read(messages={1: "two\nlines"})], "ann read “two lines”"),
        ([read("ann\x1b", {1: "\x1b[2J"})], "ann\\x1b read “\\x1b[2J”"),
        ([read(messages={1: "x" * QUOTE_CHARS})], f"ann read “{'x' * QUOTE_CHARS}”"),
        ([read(messages={1: "x" * (QUOTE_CHARS + 1)})], f"ann read “{'x' * (QUOTE_CHARS - 1)}…”"),
        ([read(watched=True)], "ann read “Deploy at five”"),
        ([read(messages=dict.fromkeys(range(2_000)))], f"ann read {COUNTED_MAX} or more of your messages"),
        ([noted()], "ann acknowledged “Deploy at five”"),
        ([noted("ann"), noted("bob", 2)], "2 people acknowledged 2 of your messages"),
        ([mention(11)], "ann mentioned you in #general: “@me come”"),
        ([mention(11), mention(12)], "2 mentions in #general"),
        ([mention(11), mention(11, "ops")], "2 mentions in 2 rooms"),
        ([Addressed("general", 11, "ann", "hello")], "ann: “hello”"),
        ([Addressed("general", 11, "ann", "a"), Addressed("general", 12, "ann", "b")], "2 messages from ann"),
        ([Addressed("general", 11, "ann", "a"), Addressed("ops", 11, "bob", "b")], "2 messages from 2 people"),
    ],
)
def test_sentences(events: list[Event], expected: str) -> None:
    assert sentence(*events) == expected


@pytest.mark.parametrize(
    ("events", "title"),
    [
        ([read()], "#general"),
        ([Read("general", "ann", {1: "a"}), Read("ops", "ann", {1: "b"})], "doubletick"),
        ([mention(11)], "#general"),
        ([Addressed("general", 11, "ann\x07", "a")], "ann\\x07"),
        ([Read("@5d41402abc4b", "ann\x07", {1: "a"})], "ann\\x07"),
    ],
)
def test_titles(events: list[Event], title: str) -> None:
    notifier = away("general", "ops")
    play(notifier, *events)
    (effect,) = notifier.handle(Elapsed(), GATHER_MS)
    assert isinstance(effect, Tell)
    assert (effect.title, effect.aloud) == (title, True)


def test_nothing_to_tell() -> None:
    notifier = away()
    assert notifier.next_deadline_ms is None
    assert notifier.handle(Elapsed(), 10**9) == []


def test_gathered_from_the_first_on() -> None:
    notifier = away()
    assert play(notifier, read("ann"), at_ms=100) == []
    assert play(notifier, read("bob"), at_ms=100 + GATHER_MS - 1) == []
    assert notifier.next_deadline_ms == 100 + GATHER_MS
    told = notifier.handle(Elapsed(), 100 + GATHER_MS)
    assert told == [Tell(Kind.READ, "#general", "2 people read “Deploy at five”", aloud=True)]
    assert notifier.next_deadline_ms is None


def test_the_next_of_a_kind_waits_and_says_all_so_far() -> None:
    notifier = away()
    play(notifier, read("ann", {1: "a"}))
    assert len(notifier.handle(Elapsed(), GATHER_MS)) == 1
    play(notifier, read("bob", {2: "b"}), mention(11), at_ms=2_000)
    assert notifier.next_deadline_ms == 2_000 + GATHER_MS
    (first,) = notifier.handle(Elapsed(), 2_000 + GATHER_MS)
    assert isinstance(first, Tell)
    assert first.kind is Kind.MENTION
    assert notifier.next_deadline_ms == GATHER_MS + PAUSE_MS[Kind.READ]
    (second,) = notifier.handle(Elapsed(), GATHER_MS + PAUSE_MS[Kind.READ])
    assert isinstance(second, Tell)
    assert second.sentence == "2 people read 2 of your messages"
    play(notifier, read("carl", {3: "c"}), at_ms=10**6)
    assert notifier.next_deadline_ms == 10**6 + GATHER_MS


def test_whoever_is_there_is_not_told_of_reads() -> None:
    notifier = Notifier()
    assert play(notifier, HERE, read()) == []
    assert notifier.next_deadline_ms is None


def test_an_acknowledgement_is_told_apart_from_reads_and_taken_back_with_them() -> None:
    notifier = away()
    assert play(notifier, read(), noted()) == []
    told = notifier.handle(Elapsed(), GATHER_MS)
    assert [each.kind for each in told] == [Kind.READ, Kind.ACKNOWLEDGED]
    assert play(notifier, HERE) == [Withdraw(Kind.READ), Withdraw(Kind.ACKNOWLEDGED)]
    assert play(notifier, noted()) == []
    assert notifier.next_deadline_ms is None


def test_coming_back_takes_reads_back_and_begins_anew() -> None:
    notifier = away()
    play(notifier, read("ann"))
    notifier.handle(Elapsed(), GATHER_MS)
    assert play(notifier, HERE, at_ms=5_000) == [Withdraw(Kind.READ)]
    assert play(notifier, HERE, AWAY, HERE, at_ms=5_000) == []
    play(notifier, AWAY, read("bob"), at_ms=5_000)
    assert notifier.next_deadline_ms == 5_000 + GATHER_MS
    (told,) = notifier.handle(Elapsed(), 5_000 + GATHER_MS)
    assert isinstance(told, Tell)
    assert told.sentence == "bob read “Deploy at five”"


def test_what_was_not_told_yet_is_not_withdrawn() -> None:
    notifier = away()
    play(notifier, read(), mention(11), Addressed("general", 12, "ann", "a"))
    assert play(notifier, HERE) == []
    assert notifier.next_deadline_ms is None


def test_a_watched_message_is_told_of_to_somebody_who_is_there_but_softly() -> None:
    notifier = Notifier()
    play(notifier, HERE, read(watched=True))
    assert play(notifier, HERE, ELSEWHERE) == []
    (told,) = notifier.handle(Elapsed(), GATHER_MS)
    assert told == Tell(Kind.WATCHED, "#general", "ann read “Deploy at five”", aloud=False)
    assert play(notifier, HERE, ELSEWHERE, at_ms=1_500) == []
    play(notifier, read("bob", {2: "b"}, watched=True), at_ms=2_000)
    (told,) = notifier.handle(Elapsed(), GATHER_MS + PAUSE_MS[Kind.WATCHED])
    assert isinstance(told, Tell)
    assert told.sentence == "bob read “b”"


def test_a_watched_message_is_told_of_once_one_is_back() -> None:
    notifier = away()
    play(notifier, read(watched=True))
    assert play(notifier, HERE) == []
    (told,) = notifier.handle(Elapsed(), GATHER_MS)
    assert isinstance(told, Tell)
    assert not told.aloud
    assert play(notifier, AWAY, HERE, at_ms=5_000) == [Withdraw(Kind.WATCHED)]


def test_old_messages_are_never_told_of() -> None:
    notifier = Notifier()
    play(notifier, AWAY, mention(1), Caught("general", 10), mention(9), mention(10))
    assert notifier.next_deadline_ms is None
    play(notifier, mention(11))
    assert notifier.next_deadline_ms == GATHER_MS


def test_an_old_message_that_names_one_since_it_was_edited_is_told_of() -> None:
    unedited, notifier = away("general"), away("general")
    play(unedited, mention(3))
    assert unedited.next_deadline_ms is None
    play(notifier, Mentioned("general", 3, "ann", "@me come", edition=1))
    assert notifier.next_deadline_ms == GATHER_MS
    play(notifier, Looked(attended=True, room="general"), Looked(attended=False, room=None), mention(10))
    assert notifier.next_deadline_ms is None


def test_what_was_missed_during_a_cut_is_new_and_nothing_is_told_of_twice() -> None:
    notifier = away()
    play(notifier, mention(11), Caught("general", 20), mention(12), mention(11), mention(12))
    (told,) = notifier.handle(Elapsed(), GATHER_MS)
    assert isinstance(told, Tell)
    assert told.sentence == "2 mentions in #general"


def test_what_one_has_before_one_is_not_told_of_and_what_is_elsewhere_softly() -> None:
    notifier = Notifier()
    play(notifier, Caught("general", 10), Caught("ops", 10), HERE, mention(11))
    assert notifier.next_deadline_ms is None
    play(notifier, mention(11, "ops"))
    (told,) = notifier.handle(Elapsed(), GATHER_MS)
    assert isinstance(told, Tell)
    assert not told.aloud
    assert play(notifier, Looked(attended=True, room=None)) == []
    assert play(notifier, ELSEWHERE) == [Withdraw(Kind.MENTION)]


def test_looking_at_one_room_leaves_the_others() -> None:
    notifier = away("general", "ops")
    play(notifier, mention(11, sender="ann"), mention(11, "ops", sender="bob"))
    notifier.handle(Elapsed(), GATHER_MS)
    assert play(notifier, ELSEWHERE, AWAY) == []
    play(notifier, mention(12, sender="carl"), at_ms=2_000)
    (told,) = notifier.handle(Elapsed(), GATHER_MS + PAUSE_MS[Kind.MENTION])
    assert isinstance(told, Tell)
    assert told.sentence == "2 mentions in #general"
    assert play(notifier, HERE) == [Withdraw(Kind.MENTION)]


def test_there_is_a_bound_on_whom_and_what_is_remembered() -> None:
    notifier = away("general", "ops")
    for number in range(2_000):
        play(notifier, Addressed("general", 11 + number, f"name {number}", "a"))
    play(notifier, Addressed("ops", 11, "ann", "b"))
    gathered = notifier._gathered[Kind.DIRECT]
    assert (len(gathered.people), len(gathered.messages)) == (COUNTED_MAX, COUNTED_MAX)
    (told,) = notifier.handle(Elapsed(), GATHER_MS)
    assert isinstance(told, Tell)
    assert told.sentence == f"{COUNTED_MAX} or more messages from {COUNTED_MAX} or more people"


EVENTS = st.one_of(
    st.builds(Looked, st.booleans(), st.sampled_from(["general", "ops", None])),
    st.builds(Caught, st.sampled_from(["general", "ops"]), st.integers(0, 20)),
    st.builds(
        Read,
        st.sampled_from(["general", "ops"]),
        st.sampled_from(["ann", "bob"]),
        st.dictionaries(st.integers(1, 5), st.none() | st.text(max_size=5), min_size=1),
        st.booleans(),
    ),
    st.builds(Mentioned, st.sampled_from(["general", "ops"]), st.integers(1, 40), st.just("ann"), st.text()),
    st.builds(Addressed, st.sampled_from(["general", "ops"]), st.integers(1, 40), st.just("ann"), st.text()),
    st.just(Elapsed()),
)


@given(st.lists(st.tuples(EVENTS, st.integers(0, 5_000)), max_size=60))
def test_whatever_happens(happened: list[tuple[Event, int]]) -> None:
    """No kind is told of more often than it may, none is withdrawn that does not stand, and every wait ends."""
    notifier = Notifier()
    now_ms = 0
    standing: dict[Kind, int] = {}
    for event, pause_ms in happened:
        now_ms += pause_ms
        for effect in notifier.handle(event, now_ms):
            if isinstance(effect, Withdraw):
                del standing[effect.kind]
            else:
                assert now_ms - standing.get(effect.kind, -(10**9)) >= PAUSE_MS[effect.kind]
                assert effect.sentence == safe_line(effect.sentence)
                standing[effect.kind] = now_ms
        due_ms = notifier.next_deadline_ms
        assert due_ms is None or now_ms < due_ms <= now_ms + max(PAUSE_MS.values())
    while (due_ms := notifier.next_deadline_ms) is not None:
        assert notifier.handle(Elapsed(), due_ms)
