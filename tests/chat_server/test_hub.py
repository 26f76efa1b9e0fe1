"""The hub by transcripts: events in, effects out."""

from typing import get_args

import pytest

from chat_server import hub as hub_module
from chat_server.effects import Append, Close, Effect, Send
from chat_server.events import Event, Filled, Freed, Garbled, Lost, Received
from chat_server.hub import Hub
from chat_server.protocol import (
    ID_MAX,
    LOBBY,
    MEMBERS_MAX,
    NAME_CHARS_MAX,
    ROOMS_MAX,
    AnyFrame,
    AnyRequest,
    CloseCode,
    FetchHistory,
    FetchInfo,
    FetchMembers,
    FetchRooms,
    Hello,
    History,
    Info,
    Join,
    Joined,
    Leave,
    Left,
    Members,
    Message,
    Ok,
    PageReceipt,
    Post,
    Presence,
    Read,
    ReadBy,
    Receipt,
    Refused,
    Resume,
    RoomCursor,
    RoomListing,
    RoomRequest,
    Rooms,
    RoomSummary,
    Welcome,
)
from chat_server.protocol.ranges import Ranges
from chat_server.room import Advanced, Departed, Entered, Entry, Opened, Posted, Room
from tests.chat_server.rooms import as_values


class Chat:
    """A hub with its effects as a transcript; sends to nobody are left out."""

    def __init__(self, rooms: dict[str, Room] | None = None) -> None:
        self.hub = Hub("e", rooms if rooms is not None else {})
        self.now_ms = 0

    def tell(self, event: Event) -> list[Effect]:
        return [each for each in self.hub.handle(event) if not (isinstance(each, Send) and not each.to)]

    def say(self, connection: int, request: AnyRequest, now_ms: int | None = None) -> list[Effect]:
        return self.tell(Received(connection, request, self.now_ms if now_ms is None else now_ms))

    def greet(
        self, connection: int, name: str, *, client: str | None = None, key: str | None = None
    ) -> list[Effect]:
        return self.say(connection, hello(name, client=client, key=key))

    def restarted(self) -> "Chat":
        """The same rooms after a snapshot and a start, with nobody connected."""
        return Chat({name: Room.thaw(room.freeze()) for name, room in self.hub.rooms.items()})


def hello(name: str, *, client: str | None = None, key: str | None = None, version: int = 1) -> Hello:
    return Hello(ref="h", name=name, version=version, client=client, key=key)


def chat_of(*names: str) -> Chat:
    """A chat in whose lobby these are: the first on connection 1, the second on 2, and so on."""
    chat = Chat()
    for connection, name in enumerate(names, 1):
        chat.greet(connection, name, client=name)
    return chat


def post(nonce: str = "n", *, room: str = LOBBY, content: str = "hi", reply_to: int | None = None) -> Post:
    return Post(ref="p", room=room, nonce=nonce, content=content, reply_to=reply_to)


def read(*ranges: tuple[int, int], room: str = LOBBY) -> Read:
    return Read(ref="r", room=room, ranges=ranges)


def to(connection: int, frame: AnyFrame) -> Send:
    return Send((connection,), frame)


def refusals(effects: list[Effect]) -> list[tuple[str, str | None]]:
    """The codes and refs of an answer in which nothing is but refusals."""
    assert all(isinstance(each, Send) and isinstance(each.frame, Refused) for each in effects)
    return [
        (each.frame.code, each.frame.ref)
        for each in effects
        if isinstance(each, Send) and isinstance(each.frame, Refused)
    ]


def turned_away(connection: int, effects: list[Effect]) -> tuple[str, str | None, int]:
    """The code and ref of a refusal, and the close code after it."""
    *refused, closed = effects
    assert isinstance(closed, Close)
    assert closed.connection == connection
    [(code, ref)] = refusals(refused)
    return code, ref, closed.code


def frames(effects: list[Effect], connection: int) -> list[AnyFrame]:
    return [each.frame for each in effects if isinstance(each, Send) and connection in each.to]


def summary(
    *members: str, online: tuple[str, ...], last_id: int = 0, revision: int, unread: int = 0
) -> RoomSummary:
    return RoomSummary(
        name=LOBBY,
        title=LOBBY,
        last_id=last_id,
        revision=revision,
        first_unread=None if not unread else last_id - unread + 1,
        unread=unread,
        members=members,
        online=online,
    )


# Hello


def test_the_first_hello_opens_the_lobby() -> None:
    assert Chat().say(1, hello("ann"), now_ms=5) == [
        Append(Opened(room=LOBBY, title=LOBBY, at=5)),
        Append(Entered(room=LOBBY, name="ann", at=5)),
        to(1, Welcome(name="ann", epoch="e", rooms=(summary("ann", online=("ann",), revision=2),), ref="h")),
    ]


def test_the_next_is_told_to_those_who_are_there() -> None:
    chat = chat_of("ann")
    lobby = summary("ann", "bob", online=("ann", "bob"), revision=3)
    assert chat.greet(2, "bob") == [
        Append(Entered(room=LOBBY, name="bob", at=0)),
        to(1, Joined(room=LOBBY, name="bob")),
        to(2, Welcome(name="bob", epoch="e", rooms=(lobby,), ref="h")),
        to(1, Presence(room=LOBBY, name="bob", online=True)),
    ]


def test_presence_is_told_for_the_first_device_and_the_last() -> None:
    chat = chat_of("ann", "bob")
    assert [type(each.frame) for each in chat.greet(3, "bob", client="bob") if isinstance(each, Send)] == [Welcome]
    assert chat.tell(Lost(2)) == []
    assert chat.tell(Lost(3)) == [to(1, Presence(room=LOBBY, name="bob", online=False))]
    assert chat.tell(Lost(3)) == []
    [_, presence] = chat.greet(4, "bob")
    assert presence == to(1, Presence(room=LOBBY, name="bob", online=True))


def test_presence_is_told_in_every_room_one_is_in_and_to_none_outside() -> None:
    chat = chat_of("ann", "bob", "cid")
    for connection, room in ((1, "tea"), (2, "tea"), (2, "alone")):
        chat.say(connection, Join(room=room))
    assert chat.tell(Lost(2)) == [
        Send((1, 3), Presence(room=LOBBY, name="bob", online=False)),
        to(1, Presence(room="tea", name="bob", online=False)),
    ]


@pytest.mark.parametrize("version", [2, ID_MAX])
def test_another_version_is_turned_away(version: int) -> None:
    assert turned_away(1, Chat().say(1, hello("ann", version=version))) == ("version", "h", CloseCode.NOT_ALLOWED)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * (NAME_CHARS_MAX + 1),
        "a b",
        "a\x1b",
        "\u202ea",
        "a\u200b",
        "\ud800",
        "\u0378",
        "e\u0301",
        "\u0301",
    ],
)
def test_an_unfit_name_is_turned_away(name: str) -> None:
    chat = Chat()
    assert turned_away(1, chat.greet(1, name)) == ("bad-name", "h", CloseCode.NOT_ALLOWED)
    assert chat.hub.rooms == {}


@pytest.mark.parametrize(
    ("first", "second", "admitted"),
    [
        ({}, {}, False),
        ({"client": "w"}, {"client": "w"}, True),
        ({"client": "w"}, {"client": "v"}, False),
        ({"client": "w"}, {}, False),
        ({"key": "k"}, {"key": "k", "client": "w"}, True),
        ({"key": "k", "client": "w"}, {"key": "l", "client": "w"}, False),
        ({"key": "k", "client": "w"}, {"client": "w"}, False),
    ],
)
def test_a_name_in_use_is_open_to_its_owner_only(
    first: dict[str, str], second: dict[str, str], *, admitted: bool
) -> None:
    chat = Chat()
    chat.greet(1, "ann", **first)
    answer = chat.greet(2, "ann", **second)
    if admitted:
        assert isinstance(frames(answer, 2)[0], Welcome)
    else:
        assert turned_away(2, answer) == ("name-taken", "h", CloseCode.NAME_TAKEN)
        assert chat.tell(Lost(2)) == []


def test_a_name_is_free_again_when_its_last_connection_is_lost() -> None:
    chat = Chat()
    chat.greet(1, "ann", client="w")
    chat.greet(2, "ann", client="w")
    chat.tell(Lost(1))
    assert turned_away(3, chat.greet(3, "ann", client="v")) == ("name-taken", "h", CloseCode.NAME_TAKEN)
    chat.tell(Lost(2))
    assert isinstance(frames(chat.greet(4, "ann", client="v"), 4)[0], Welcome)


def test_the_lobby_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MEMBERS_MAX == 1_000
    monkeypatch.setattr(hub_module, "MEMBERS_MAX", 2)
    chat = chat_of("ann", "bob")
    assert len(chat.hub.rooms[LOBBY].members) == 2
    assert turned_away(3, chat.greet(3, "cid")) == ("room-full", "h", CloseCode.NOT_ALLOWED)
    chat.tell(Lost(2))
    assert isinstance(frames(chat.greet(4, "bob"), 4)[0], Welcome)


def test_hello_twice_is_refused() -> None:
    chat = chat_of("ann")
    assert refusals(chat.greet(1, "bob")) == [("already-greeted", "h")]
    assert frames(chat.say(1, post()), 1)[0] == Ok(ref="p", message_id=1)


@pytest.mark.parametrize("request_", [post(), Join(ref="p", room="tea"), FetchRooms(ref="p")])
def test_hello_comes_first(request_: AnyRequest) -> None:
    chat = chat_of("ann")
    assert turned_away(2, chat.say(2, request_)) == ("hello-first", "p", CloseCode.NOT_ALLOWED)


def test_nothing_is_acted_on_after_a_close() -> None:
    chat = chat_of("ann")
    chat.say(2, post())
    for event in (
        Received(2, hello("bob"), 0),
        Received(2, post(), 0),
        Garbled(2, "no", None),
        Lost(2),
    ):
        assert chat.tell(event) == []
    assert chat.hub.rooms[LOBBY].members == ["ann"]


def test_what_is_no_request_is_refused_and_ends_only_what_has_not_been_greeted() -> None:
    chat = chat_of("ann")
    assert chat.tell(Garbled(1, "No.", "g")) == [to(1, Refused(code="bad-request", reason="No.", ref="g"))]
    assert turned_away(2, chat.tell(Garbled(2, "No.", "g"))) == ("bad-request", "g", CloseCode.NOT_ALLOWED)
    assert chat.greet(2, "bob") == []


# Posts


def test_a_post_is_on_disk_then_acknowledged_then_told() -> None:
    chat = chat_of("ann", "bob", "cid")
    chat.greet(4, "ann", client="ann")
    told = Message(room=LOBBY, id=1, sender="ann", content="hi", sent_at=7, audience=2, read_by=0)
    assert chat.say(1, post("n1"), now_ms=7) == [
        Append(Posted(room=LOBBY, entry=Entry(1, "ann", "n1", "hi", 7))),
        to(1, Ok(ref="p", message_id=1)),
        Send((1, 4), told_with_nonce(told, "n1")),
        Send((2, 3), told),
    ]


def told_with_nonce(message: Message, nonce: str) -> Message:
    return Message(
        room=message.room,
        id=message.id,
        sender=message.sender,
        content=message.content,
        sent_at=message.sent_at,
        audience=message.audience,
        read_by=message.read_by,
        reply_to=message.reply_to,
        nonce=nonce,
    )


def test_ids_have_no_gaps_whatever_comes_between() -> None:
    chat = chat_of("ann", "bob")
    answers = [
        chat.say(1, post("a")),
        chat.say(2, post("a")),
        chat.say(1, post("a")),
        chat.say(1, post("b", reply_to=9)),
        chat.say(2, read((1, 1))),
        chat.say(1, post("b")),
    ]
    assert [frames(answer, at)[0] for answer, at in zip(answers, (1, 2, 1, 1, 2, 1), strict=True)] == [
        Ok(ref="p", message_id=1),
        Ok(ref="p", message_id=2),
        Ok(ref="p", message_id=1),
        Refused(code="no-such-message", reason="The room has no message 9.", ref="p"),
        Ok(ref="r"),
        Ok(ref="p", message_id=3),
    ]


def test_a_nonce_posts_once_also_after_a_restart_and_from_another_device() -> None:
    chat = chat_of("ann", "bob")
    chat.say(1, post("n"))
    again = [to(1, Ok(ref="p", message_id=1))]
    assert chat.say(1, post("n", content="something else")) == again
    chat.greet(3, "ann", client="ann")
    assert chat.say(3, post("n")) == [to(3, Ok(ref="p", message_id=1))]
    later = chat.restarted()
    later.greet(1, "ann")
    assert later.say(1, post("n")) == again


def test_a_reply_is_to_a_message_that_exists() -> None:
    chat = chat_of("ann")
    chat.say(1, post("a"))
    assert refusals(chat.say(1, post("b", reply_to=2))) == [("no-such-message", "p")]
    told = frames(chat.say(1, post("b", reply_to=1)), 1)[1]
    assert isinstance(told, Message)
    assert told.reply_to == 1


# Receipts


def conversation() -> Chat:
    """Ann (1, 4), Bob (2, 5) and Cid (3), each on the connections named; Ann wrote 1 and 2, Bob 3, Ann 4."""
    chat = chat_of("ann", "bob", "cid")
    chat.greet(4, "ann", client="ann")
    chat.greet(5, "bob", client="bob")
    for nonce, connection in enumerate((1, 1, 2, 1)):
        chat.say(connection, post(str(nonce)))
    return chat


def receipt(reader: str, ranges: Ranges, at_ms: int, *, revision: int, late: bool = False) -> Receipt:
    return Receipt(room=LOBBY, reader=reader, ranges=ranges, read_at=at_ms, late=late, revision=revision)


def test_a_receipt_goes_to_the_authors_and_to_the_readers_other_devices() -> None:
    assert conversation().say(2, read((1, 4)), now_ms=100) == [
        Append(Advanced(room=LOBBY, reader="bob", ranges=((1, 4),), read_at=100)),
        Send((1, 4), receipt("bob", ((1, 2), (4, 4)), 100, revision=9)),
        to(5, receipt("bob", ((1, 4),), 100, revision=9)),
        to(2, Ok(ref="r")),
    ]


def test_each_author_hears_of_their_own_messages_alone() -> None:
    assert conversation().say(3, read((2, 3)), now_ms=100) == [
        Append(Advanced(room=LOBBY, reader="cid", ranges=((2, 3),), read_at=100)),
        Send((1, 4), receipt("cid", ((2, 2),), 100, revision=9)),
        Send((2, 5), receipt("cid", ((3, 3),), 100, revision=9)),
        to(3, Ok(ref="r")),
    ]


def test_a_receipt_again_tells_nobody_and_appends_nothing() -> None:
    chat = conversation()
    chat.say(3, read((1, 2)), now_ms=100)
    assert chat.say(3, read((1, 2)), now_ms=200) == [to(3, Ok(ref="r"))]
    assert chat.say(3, read((2, 2), (1, 1)), now_ms=200) == [to(3, Ok(ref="r"))]
    assert chat.say(3, read((1, 4)), now_ms=300)[:3] == [
        Append(Advanced(room=LOBBY, reader="cid", ranges=((3, 4),), read_at=300)),
        Send((2, 5), receipt("cid", ((3, 3),), 300, revision=10)),
        Send((1, 4), receipt("cid", ((4, 4),), 300, revision=10)),
    ]
    info = frames(chat.say(1, FetchInfo(room=LOBBY, message_id=1)), 1)
    assert info == [
        Info(room=LOBBY, message_id=1, read_by=(ReadBy("cid", 100),), missing=("bob",), unshared=()),
    ]


@pytest.mark.parametrize(
    ("connection", "ranges"),
    [(3, (5, 5)), (3, (5, ID_MAX)), (1, (1, 2)), (1, (4, 4)), (2, (3, 3))],
)
def test_what_does_not_exist_and_ones_own_changes_nothing(connection: int, ranges: tuple[int, int]) -> None:
    assert conversation().say(connection, read(ranges)) == [to(connection, Ok(ref="r"))]


def test_only_what_exists_of_a_receipt_counts() -> None:
    assert conversation().say(3, read((4, ID_MAX)))[0] == Append(
        Advanced(room=LOBBY, reader="cid", ranges=((4, 4),), read_at=0)
    )


def test_who_came_later_is_told_apart() -> None:
    chat = conversation()
    chat.greet(6, "dan")
    chat.say(1, post("late"))
    answer = chat.say(6, read((4, 5)), now_ms=100)
    assert frames(answer, 1) == [
        receipt("dan", ((5, 5),), 100, revision=0),
        receipt("dan", ((4, 4),), 100, revision=11, late=True),
    ]
    assert frames(answer, 2) == frames(answer, 3) == []


def test_an_author_who_has_left_is_not_told_but_is_when_back() -> None:
    chat = chat_of("ann", "bob")
    for connection in (1, 2):
        chat.say(connection, Join(room="tea"))
    chat.say(1, post(room="tea"))
    chat.say(1, Leave(room="tea"))
    assert frames(chat.say(2, read((1, 1), room="tea"), now_ms=100), 1) == []
    chat.say(1, Join(room="tea"))
    [page] = frames(chat.say(1, FetchHistory(room="tea", after=0)), 1)
    assert isinstance(page, History)
    assert page.receipts == (PageReceipt(reader="bob", ranges=((1, 1),), read_at=100),)


# Questions


@pytest.mark.parametrize("kind", get_args(RoomRequest))
@pytest.mark.parametrize("room", ["nowhere", "tea"])
def test_a_room_one_is_not_in_answers_nothing(kind: type, room: str) -> None:
    requests: dict[type, AnyRequest] = {
        Post: Post(ref="x", room=room, nonce="n", content="hi"),
        Read: Read(ref="x", room=room, ranges=((1, 1),)),
        FetchHistory: FetchHistory(ref="x", room=room, after=0),
        FetchInfo: FetchInfo(ref="x", room=room, message_id=1),
        Leave: Leave(ref="x", room=room),
        FetchMembers: FetchMembers(ref="x", room=room),
    }
    chat = chat_of("ann", "bob")
    chat.say(1, Join(room="tea"))
    chat.say(1, post(room="tea"))
    assert refusals(chat.say(2, requests[kind])) == [("not-a-member", "x")]


def test_info_is_for_any_member_and_a_message_that_exists() -> None:
    chat = conversation()
    assert refusals(chat.say(3, FetchInfo(ref="i", room=LOBBY, message_id=5))) == [("no-such-message", "i")]
    assert chat.say(3, FetchInfo(ref="i", room=LOBBY, message_id=4)) == [
        to(3, Info(room=LOBBY, message_id=4, read_by=(), missing=("bob", "cid"), unshared=(), ref="i"))
    ]


def test_history_members_and_rooms_are_answered_to_who_asked() -> None:
    chat = conversation()
    chat.say(2, Join(room="tea"))
    chat.tell(Lost(3))
    [page] = frames(chat.say(1, FetchHistory(ref="g", room=LOBBY, before=3, limit=1)), 1)
    assert page == History(
        room=LOBBY,
        messages=(
            Message(room=LOBBY, id=2, sender="ann", content="hi", sent_at=0, audience=2, read_by=0, nonce="1"),
        ),
        more=True,
        revision=8,
        ref="g",
    )
    assert chat.say(1, FetchMembers(ref="m", room=LOBBY)) == [
        to(1, Members(room=LOBBY, members=("ann", "bob", "cid"), online=("ann", "bob"), ref="m"))
    ]
    rooms = (RoomListing(LOBBY, LOBBY, 3, joined=True), RoomListing("tea", "tea", 1, joined=False))
    assert chat.say(1, FetchRooms(ref="l")) == [to(1, Rooms(rooms=rooms, ref="l"))]


# Membership


def test_a_room_is_made_by_joining_it() -> None:
    chat = chat_of("ann", "bob")
    room = RoomSummary(
        name="tea",
        title="tea",
        last_id=0,
        revision=2,
        first_unread=None,
        unread=0,
        members=("ann",),
        online=("ann",),
    )
    assert chat.say(1, Join(ref="j", room="tea"), now_ms=9) == [
        Append(Opened(room="tea", title="tea", at=9)),
        Append(Entered(room="tea", name="ann", at=9)),
        to(1, Ok(ref="j", room=room)),
    ]
    assert chat.say(1, Join(ref="j", room="tea")) == [to(1, Ok(ref="j", room=room))]


def test_who_joins_is_told_to_the_members_and_to_their_own_other_devices() -> None:
    chat = chat_of("ann", "bob", "cid")
    chat.greet(4, "bob", client="bob")
    chat.say(1, Join(room="tea"))
    appended, joined, _ = chat.say(2, Join(ref="j", room="tea"), now_ms=9)
    assert appended == Append(Entered(room="tea", name="bob", at=9))
    assert joined == Send((1, 4), Joined(room="tea", name="bob"))


def test_who_leaves_is_told_to_those_who_were_there() -> None:
    chat = chat_of("ann", "bob", "cid")
    for connection in (1, 2):
        chat.say(connection, Join(room="tea"))
    assert chat.say(2, Leave(ref="l", room="tea"), now_ms=9) == [
        Append(Departed(room="tea", name="bob", at=9)),
        Send((1, 2), Left(room="tea", name="bob")),
        to(2, Ok(ref="l")),
    ]
    assert refusals(chat.say(2, Leave(ref="l", room="tea"))) == [("not-a-member", "l")]
    assert frames(chat.say(1, post(room="tea")), 2) == []


def test_who_comes_back_is_said_to_be_back() -> None:
    chat = chat_of("ann", "bob")
    for connection in (1, 2):
        chat.say(connection, Join(ref="j", room="tea"))
    chat.say(2, Leave(ref="l", room="tea"))
    assert frames(chat.say(2, Join(ref="j", room="tea")), 1) == [Joined(room="tea", name="bob", back=True)]


def test_nobody_leaves_the_lobby() -> None:
    assert refusals(chat_of("ann").say(1, Leave(ref="l", room=LOBBY))) == [("not-allowed", "l")]


def test_rooms_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROOMS_MAX == 1_000
    monkeypatch.setattr(hub_module, "ROOMS_MAX", 2)
    chat = chat_of("ann", "bob")
    assert isinstance(chat.say(1, Join(ref="j", room="tea"))[-1], Send)
    assert refusals(chat.say(1, Join(ref="j", room="milk"))) == [("too-many-rooms", "j")]
    assert len(chat.hub.rooms) == 2
    assert frames(chat.say(2, Join(ref="j", room="tea")), 1) == [Joined(room="tea", name="bob")]


def test_members_at_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MEMBERS_MAX", 3)
    chat = chat_of("ann", "bob", "cid")
    monkeypatch.setattr(hub_module, "MEMBERS_MAX", 2)
    for connection in (1, 2):
        assert isinstance(frames(chat.say(connection, Join(room="tea")), connection)[0], Ok)
    assert refusals(chat.say(3, Join(ref="j", room="tea"))) == [("room-full", "j")]
    assert isinstance(frames(chat.say(2, Join(room="tea")), 2)[0], Ok)
    chat.say(1, Leave(room="tea"))
    assert isinstance(frames(chat.say(3, Join(room="tea")), 3)[0], Ok)


@pytest.mark.parametrize("room", ["a b", "r" * (NAME_CHARS_MAX + 1), "\x1b"])
def test_a_room_has_a_name_that_can_be_shown(room: str) -> None:
    assert refusals(chat_of("ann").say(1, Join(ref="j", room=room))) == [("bad-name", "j")]


# A full disk


def full_conversation() -> Chat:
    """As `conversation`, with a full disk; Bob has read 1, and Ann and Bob are in a room "tea"."""
    chat = conversation()
    chat.say(2, read((1, 1)), now_ms=50)
    for connection in (1, 2):
        chat.say(connection, Join(room="tea"))
    assert chat.tell(Filled()) == []
    return chat


@pytest.mark.parametrize(
    "request_",
    [
        post("new"),
        post("new", room="tea"),
        read((1, 2)),
        Join(ref="j", room="milk"),
        Leave(ref="l", room="tea"),
    ],
)
def test_what_would_need_the_disk_is_refused_while_it_is_full_and_taken_afterwards(request_: AnyRequest) -> None:
    chat = full_conversation()
    before = {name: as_values(room.freeze()) for name, room in chat.hub.rooms.items()}
    assert refusals(chat.say(2, request_)) == [("disk-full", request_.ref)]
    assert {name: as_values(room.freeze()) for name, room in chat.hub.rooms.items()} == before
    assert chat.tell(Freed()) == []
    assert any(isinstance(each, Append) for each in chat.say(2, request_))


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (post("2"), Ok(ref="p", message_id=3)),
        (read((1, 1)), Ok(ref="r")),
        (read((3, 3), (9, 9)), Ok(ref="r")),
        (FetchHistory(room=LOBBY, after=0), History),
        (FetchInfo(room=LOBBY, message_id=1), Info),
        (FetchMembers(room=LOBBY), Members),
        (FetchRooms(), Rooms),
        (Join(room="tea"), Ok),
    ],
)
def test_what_needs_no_disk_is_answered_while_it_is_full(
    request_: AnyRequest, answer: AnyFrame | type[AnyFrame]
) -> None:
    [frame] = frames(full_conversation().say(2, request_), 2)
    assert frame == answer or (isinstance(answer, type) and isinstance(frame, answer))


def test_other_faults_are_named_before_a_full_disk() -> None:
    chat = full_conversation()
    assert refusals(chat.say(2, post(reply_to=9))) == [("no-such-message", "p")]
    assert refusals(chat.say(2, Leave(ref="l", room=LOBBY))) == [("not-allowed", "l")]
    assert refusals(chat.say(3, post(room="tea"))) == [("not-a-member", "p")]
    assert refusals(chat.say(3, Join(ref="j", room="a b"))) == [("bad-name", "j")]


def test_who_is_new_is_turned_away_from_a_full_disk_and_members_are_not() -> None:
    chat = full_conversation()
    assert turned_away(6, chat.greet(6, "dan")) == ("disk-full", "h", CloseCode.OVERLOADED)
    chat.tell(Lost(3))
    assert isinstance(frames(chat.greet(7, "cid"), 7)[0], Welcome)
    chat.tell(Freed())
    assert isinstance(frames(chat.greet(8, "dan"), 8)[-1], Welcome)


def test_who_has_been_greeted() -> None:
    chat = chat_of("ann")
    chat.greet(2, "a b")
    assert [chat.hub.is_greeted(each) for each in (1, 2, 3)] == [True, False, False]
    chat.tell(Lost(1))
    assert not chat.hub.is_greeted(1)


# Resuming


def returning(chat: Chat, connection: int, name: str, resume: Resume) -> list[AnyFrame]:
    greeting = Hello(ref="h", name=name, version=1, client=name, resume=resume)
    return frames(chat.say(connection, greeting), connection)


def test_a_returning_member_is_told_receipts_then_the_messages_that_lack() -> None:
    chat = conversation()
    chat.tell(Lost(1))
    chat.say(2, read((1, 4)), now_ms=100)
    chat.say(3, read((4, 4)), now_ms=200)
    welcome, *told = returning(chat, 6, "ann", Resume("e", {LOBBY: RoomCursor(message=3, revision=8)}))
    assert isinstance(welcome, Welcome)
    assert told == [
        receipt("bob", ((1, 2),), 100, revision=0),
        History(
            room=LOBBY,
            messages=(
                Message(room=LOBBY, id=4, sender="ann", content="hi", sent_at=0, audience=2, read_by=2, nonce="3"),
            ),
            more=False,
            receipts=(
                PageReceipt(reader="bob", ranges=((4, 4),), read_at=100),
                PageReceipt(reader="cid", ranges=((4, 4),), read_at=200),
            ),
            revision=10,
        ),
    ]


@pytest.mark.parametrize(
    "resume",
    [
        Resume("another", {LOBBY: RoomCursor()}),
        Resume("e", {"nowhere": RoomCursor()}),
        Resume("e", {"tea": RoomCursor()}),
        Resume("e"),
    ],
)
def test_a_cursor_of_another_history_or_of_a_room_one_is_not_in_gets_nothing(resume: Resume) -> None:
    chat = conversation()
    chat.say(2, Join(room="tea"))
    assert [type(each) for each in returning(chat, 6, "cid", resume)] == [Welcome]


def test_a_returning_member_who_lacks_nothing_gets_an_empty_page() -> None:
    chat = conversation()
    _, *told = returning(chat, 6, "cid", Resume("e", {LOBBY: RoomCursor(message=4, revision=8)}))
    assert told == [History(room=LOBBY, messages=(), more=False, revision=8)]
