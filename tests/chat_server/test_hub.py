"""The hub by transcripts: who gets in and who does not, who is told of it, and what the server's admin orders."""

import pytest

from chat_server import entering
from chat_server.effects import Append, Close, Effect, Reply, Send
from chat_server.events import Filled, Freed, Garbled, Lost, Ordered, Received
from chat_server.orders import (
    Answer,
    AnyOrder,
    BanName,
    Invite,
    ListPeople,
    PromoteName,
    RemoveName,
    RenameName,
    ResetName,
)
from chat_server.people import Banned, Bound, Invited, Promoted, Removed, Renamed, Reset
from chat_server.policy import Joining
from chat_server.protocol import (
    ID_MAX,
    LOBBY,
    MEMBERS_MAX,
    NAME_CHARS_MAX,
    AnyRequest,
    Challenge,
    CloseCode,
    FetchBans,
    FetchHistory,
    FetchHorizons,
    FetchInfo,
    FetchMembers,
    FetchPins,
    FetchRooms,
    Hello,
    History,
    Join,
    Joined,
    Left,
    Message,
    Ok,
    PageReceipt,
    Presence,
    Prove,
    Refused,
    Resume,
    RoomCursor,
    RoomSummary,
    Search,
    TellTyping,
    Welcome,
)
from chat_server.protocol import Renamed as RenamedFrame
from chat_server.protocol.proofs import Signer, bytes_of, code_digest, is_signed, server_lines
from chat_server.rates import DEFAULTS, Kind, Limit, Scope
from chat_server.refusals import DISK_FULL
from chat_server.room import Departed, Entered, Opened
from tests.chat_server.hubs import (
    SEED,
    Scene,
    conversation,
    frames,
    nonce_of,
    post,
    read,
    receipt,
    refusals,
    scene_of,
    to,
    turned_away,
)
from tests.identities import NONCE, hello, prove, signature, signer

KEY = signer("ann").public
CODE = "ABCDE-FGHJK-MNPQR-STVWX"


def invited(scene: Scene, name: str = "", *, uses: int = 1, expires_at: int = 10_000) -> Scene:
    """The same, once there is such a code."""
    scene.chat.apply(Invited(at=0, digest=code_digest(CODE), uses=uses, expires_at=expires_at, name=name))
    return scene


def bound_by(effects: list[Effect]) -> list[Bound]:
    return [each.record for each in effects if isinstance(each, Append) and isinstance(each.record, Bound)]


def is_welcomed(effects: list[Effect], connection: int) -> bool:
    return any(isinstance(each, Welcome) for each in frames(effects, connection))


def summary(*members: str, online: tuple[str, ...], revision: int) -> RoomSummary:
    """The lobby, in which nothing has been said."""
    return RoomSummary(
        name=LOBBY,
        title=LOBBY,
        last_id=0,
        revision=revision,
        first_unread=None,
        unread=0,
        members=members,
        online=online,
    )


# Saying hello and proving it


def test_a_hello_is_answered_by_a_challenge_and_changes_nothing() -> None:
    scene = Scene()
    before = scene.chat.freeze()
    [effect] = scene.say(1, hello("ann", ref="h"))
    assert isinstance(effect, Send)
    challenge = effect.frame
    server = Signer(bytes_of(SEED)).public
    lines = server_lines(NONCE, nonce_of(1), server)
    assert isinstance(challenge, Challenge)
    assert is_signed(lines, challenge.signature, server)
    assert effect == to(1, Challenge(nonce=nonce_of(1), server=server, signature=challenge.signature, ref="h"))
    assert scene.chat.freeze() == before
    assert not scene.hub.is_greeted(1)


def test_the_first_who_proves_a_name_is_the_admin_and_opens_the_lobby() -> None:
    scene = Scene()
    challenge = scene.challenged(1, hello("ann"))
    assert scene.say(1, prove("ann", challenge, ref="p"), now_ms=5) == [
        Append(Bound(at=5, name="ann", key=KEY, admin=True)),
        Append(Opened(room=LOBBY, title=LOBBY, at=5)),
        Append(Entered(room=LOBBY, name="ann", at=5)),
        to(1, Welcome(name="ann", epoch="e", rooms=(summary("ann", online=("ann",), revision=2),), ref="p")),
    ]


def test_the_next_is_no_admin_and_told_to_those_who_are_there() -> None:
    scene = scene_of("ann")
    lobby = summary("ann", "bob", online=("ann", "bob"), revision=3)
    assert scene.greet(2, "bob") == [
        Append(Bound(at=0, name="bob", key=signer("bob").public)),
        Append(Entered(room=LOBBY, name="bob", at=0)),
        to(1, Joined(room=LOBBY, name="bob")),
        to(2, Welcome(name="bob", epoch="e", rooms=(lobby,), ref="hello")),
        to(1, Presence(room=LOBBY, name="bob", online=True)),
    ]


def test_who_is_known_is_welcomed_and_nothing_is_appended() -> None:
    scene = scene_of("ann").restarted()
    lobby = summary("ann", online=("ann",), revision=2)
    welcome = Welcome(name="ann", epoch="e", rooms=(lobby,), ref="hello")
    assert scene.greet(1, "ann") == [to(1, welcome)]


def test_presence_is_told_for_the_first_device_and_the_last() -> None:
    scene = scene_of("ann", "bob")
    assert [type(each.frame) for each in scene.greet(3, "bob") if isinstance(each, Send)] == [Welcome]
    assert scene.tell(Lost(2)) == []
    assert scene.tell(Lost(3)) == [to(1, Presence(room=LOBBY, name="bob", online=False))]
    assert scene.tell(Lost(3)) == []
    [_, presence] = scene.greet(4, "bob")
    assert presence == to(1, Presence(room=LOBBY, name="bob", online=True))


def test_presence_is_told_in_every_room_one_is_in_and_to_none_outside() -> None:
    scene = scene_of("ann", "bob", "cid")
    for connection, room in ((1, "tea"), (2, "tea"), (2, "alone")):
        scene.say(connection, Join(room=room))
    assert scene.tell(Lost(2)) == [
        Send((1, 3), Presence(room=LOBBY, name="bob", online=False)),
        to(1, Presence(room="tea", name="bob", online=False)),
    ]


# Who is turned away


@pytest.mark.parametrize("version", [2, ID_MAX])
def test_another_version_is_turned_away(version: int) -> None:
    greeting = Hello(ref="h", name="ann", version=version, key=KEY, nonce=NONCE)
    assert turned_away(1, Scene().say(1, greeting)) == ("version", "h", CloseCode.NOT_ALLOWED)


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
    scene = Scene()
    assert turned_away(1, scene.greet(1, name, key="ann")) == ("bad-name", "hello", CloseCode.NOT_ALLOWED)
    assert (scene.hub.rooms, list(scene.chat.people)) == ({}, [])


def test_a_name_is_its_first_owners_whether_they_are_connected_or_not() -> None:
    scene = scene_of("ann", "bob")
    for connection in (3, 4):
        taken = turned_away(connection, scene.greet(connection, "ann", key="eve"))
        assert taken == ("name-taken", "hello", CloseCode.NAME_TAKEN)
        assert scene.tell(Lost(connection)) == []
        scene.tell(Lost(1))
    assert is_welcomed(scene.greet(5, "ann"), 5)


@pytest.mark.parametrize("name", ["Ann", "ANN", "\u0430nn"])
def test_a_name_that_looks_like_anothers_is_turned_away(name: str) -> None:
    scene = scene_of("ann")
    code, _, _ = turned_away(2, scene.greet(2, name))
    assert code == ("bad-name" if not name.isascii() else "name-taken")
    assert [each for each, _ in scene.chat.people] == ["ann"]


def test_a_proof_by_another_key_than_hello_named_is_turned_away() -> None:
    scene = scene_of("eve")
    challenge = scene.challenged(2, hello("ann"))
    forged = prove("ann", challenge, key="eve", ref="p")
    assert turned_away(2, scene.say(2, forged)) == ("not-proven", "p", CloseCode.NOT_ALLOWED)
    assert [each for each, _ in scene.chat.people] == ["eve"]
    assert not scene.hub.is_greeted(2)
    assert is_welcomed(scene.greet(3, "ann"), 3)


def test_a_proof_that_was_heard_on_another_connection_is_turned_away() -> None:
    scene = Scene()
    heard = prove("ann", scene.challenged(1, hello("ann")))
    scene.challenged(2, hello("ann"))
    assert turned_away(2, scene.say(2, heard))[0] == "not-proven"
    assert is_welcomed(scene.say(1, heard), 1)


def test_what_has_happened_between_hello_and_proof_counts() -> None:
    scene = scene_of("ann")
    first, second = scene.challenged(2, hello("bob")), scene.challenged(3, hello("bob", key="eve"))
    assert is_welcomed(scene.say(2, prove("bob", first)), 2)
    refused = turned_away(3, scene.say(3, prove("bob", second, key="eve", ref="p")))
    assert refused == ("name-taken", "p", CloseCode.NAME_TAKEN)


def test_the_lobby_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MEMBERS_MAX == 1_000
    monkeypatch.setattr(entering, "MEMBERS_MAX", 2)
    scene = scene_of("ann", "bob")
    assert len(scene.hub.rooms[LOBBY].members) == 2
    assert turned_away(3, scene.greet(3, "cid")) == ("room-full", "hello", CloseCode.NOT_ALLOWED)
    assert scene.chat.people.of("cid") is None
    scene.tell(Lost(2))
    assert is_welcomed(scene.greet(4, "bob"), 4)


@pytest.mark.parametrize(
    "request_", [hello("bob", ref="x"), Prove(ref="x", signature=signature("ann", nonce_of(1), "", key="ann"))]
)
def test_hello_and_proof_again_are_refused(request_: AnyRequest) -> None:
    scene = scene_of("ann")
    assert refusals(scene.say(1, request_)) == [("already-greeted", "x")]
    assert frames(scene.say(1, post()), 1)[0] == Ok(ref="p", message_id=1)


ANYTHING = [post(), Join(ref="p", room="tea"), FetchRooms(ref="p")]


@pytest.mark.parametrize("request_", [*ANYTHING, Prove(ref="p", signature="s" * 86)])
def test_hello_comes_first(request_: AnyRequest) -> None:
    scene = scene_of("ann")
    assert turned_away(2, scene.say(2, request_)) == ("hello-first", "p", CloseCode.NOT_ALLOWED)


@pytest.mark.parametrize("request_", [*ANYTHING, hello("bob", ref="p")])
def test_the_proof_comes_second(request_: AnyRequest) -> None:
    scene = scene_of("ann")
    scene.challenged(2, hello("bob"))
    assert turned_away(2, scene.say(2, request_)) == ("hello-first", "p", CloseCode.NOT_ALLOWED)


def test_nothing_is_acted_on_after_a_close() -> None:
    scene = scene_of("ann")
    scene.say(2, post())
    for event in (
        Received(2, hello("bob"), 0),
        Received(2, post(), 0),
        Garbled(2, "no", None),
        Lost(2),
    ):
        assert scene.tell(event) == []
    assert list(scene.hub.rooms[LOBBY].members) == ["ann"]


def test_what_is_no_request_is_refused_and_ends_only_what_has_not_been_greeted() -> None:
    scene = scene_of("ann")
    assert scene.tell(Garbled(1, "No.", "g")) == [to(1, Refused(code="bad-request", reason="No.", ref="g"))]
    scene.challenged(2, hello("bob"))
    assert turned_away(2, scene.tell(Garbled(2, "No.", "g"))) == ("bad-request", "g", CloseCode.NOT_ALLOWED)
    assert scene.say(2, hello("bob")) == []


def test_who_has_been_greeted() -> None:
    scene = scene_of("ann")
    scene.greet(2, "a b")
    scene.challenged(3, hello("bob"))
    assert [scene.hub.is_greeted(each) for each in (1, 2, 3, 4)] == [True, False, False, False]
    scene.tell(Lost(1))
    assert not scene.hub.is_greeted(1)


# By invitation


def test_who_has_a_code_gets_in_where_others_do_not() -> None:
    scene = invited(scene_of("ann"), uses=2).restarted(joining=Joining.INVITE)
    assert turned_away(1, scene.greet(1, "bob"))[0] == "invite-needed"
    assert turned_away(2, scene.greet(2, "bob", invite="another"))[0] == "invite-wrong"
    assert bound_by(scene.greet(3, "bob", invite=CODE)) == [
        Bound(at=0, name="bob", key=signer("bob").public, code=code_digest(CODE))
    ]
    assert is_welcomed(scene.greet(4, "cid", invite=CODE), 4)
    assert turned_away(5, scene.greet(5, "dan", invite=CODE))[0] == "invite-wrong"
    assert is_welcomed(scene.greet(6, "bob"), 6)


def test_of_two_who_come_with_the_last_use_of_a_code_one_gets_in() -> None:
    scene = invited(Scene(joining=Joining.INVITE))
    challenges = {at: scene.challenged(at, hello(name, invite=CODE)) for at, name in ((1, "ann"), (2, "bob"))}
    assert is_welcomed(scene.say(2, prove("bob", challenges[2])), 2)
    assert turned_away(1, scene.say(1, prove("ann", challenges[1])))[0] == "invite-wrong"


def test_a_closed_server_takes_who_is_known_and_nobody_new() -> None:
    scene = scene_of("ann").restarted(joining=Joining.CLOSED)
    assert turned_away(1, scene.greet(1, "bob")) == ("closed", "hello", CloseCode.NOT_ALLOWED)
    assert is_welcomed(scene.greet(2, "ann"), 2)


# A full disk


def test_who_is_new_is_turned_away_from_a_full_disk_and_members_are_not() -> None:
    scene = scene_of("ann", "bob", "cid")
    scene.tell(Filled())
    assert [scene.hub.full] == [True]
    assert turned_away(6, scene.greet(6, "dan")) == ("disk-full", "hello", CloseCode.OVERLOADED)
    scene.tell(Lost(3))
    assert is_welcomed(scene.greet(7, "cid"), 7)
    scene.tell(Freed())
    assert [scene.hub.full] == [False]
    assert is_welcomed(scene.greet(8, "dan"), 8)


def test_a_disk_that_fills_between_hello_and_proof_turns_away_who_is_new() -> None:
    scene = scene_of("ann")
    challenge = scene.challenged(2, hello("bob"))
    scene.tell(Filled())
    refused = turned_away(2, scene.say(2, prove("bob", challenge)))
    assert refused == ("disk-full", "hello", CloseCode.OVERLOADED)
    assert scene.chat.people.of("bob") is None


def test_another_key_and_a_member_of_nothing_need_the_disk() -> None:
    scene = invited(scene_of("ann"), "ann")
    scene.chat.apply(Bound(at=0, name="bob", key=signer("bob").public))
    scene.tell(Filled())
    assert turned_away(2, scene.greet(2, "ann", key="ann 2", invite=CODE))[0] == "disk-full"
    assert turned_away(3, scene.greet(3, "bob"))[0] == "disk-full"
    assert is_welcomed(scene.greet(4, "ann"), 4)


# Too many, too fast


HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"


def test_hellos_from_one_address_are_limited() -> None:
    scene = Scene(limits={Kind.HELLO: {Scope.ADDRESS: Limit(every_ms=100, burst=2)}})
    for connection, address in enumerate((HOME, HOME, HOME, ELSEWHERE, None), 1):
        scene.connect(connection, address)
    for connection in (1, 2):
        scene.challenged(connection, hello("ann"))
    refused = turned_away(3, scene.say(3, hello("ann")))
    assert refused == ("rate-limited", "hello", CloseCode.OVERLOADED)
    for connection in (4, 5):
        scene.challenged(connection, hello("ann"))
    scene.connect(6, HOME)
    scene.challenged(6, hello("ann"), now_ms=100)


def test_new_names_from_one_address_are_limited_and_known_ones_are_not() -> None:
    scene = Scene(limits={Kind.SIGN_UP: {Scope.ADDRESS: Limit(every_ms=100, burst=2)}})
    names = ("ann", "bob", "cid", "ann", "bob")
    for connection in range(1, len(names) + 1):
        scene.connect(connection, HOME)
    answers = {at: scene.greet(at, name) for at, name in enumerate(names, 1)}
    assert [is_welcomed(answers[at], at) for at in answers] == [True, True, False, True, True]
    assert turned_away(3, answers[3]) == ("rate-limited", "hello", CloseCode.OVERLOADED)
    assert scene.chat.people.of("cid") is None


def test_who_does_not_prove_a_new_name_uses_none_up() -> None:
    scene = Scene(limits={Kind.SIGN_UP: {Scope.ADDRESS: Limit(every_ms=100, burst=1)}})
    for connection in (1, 2):
        scene.connect(connection, HOME)
    assert turned_away(1, scene.say(1, prove("ann", scene.challenged(1, hello("ann")), key="eve")))
    assert is_welcomed(scene.greet(2, "ann"), 2)


@pytest.mark.parametrize(
    ("kind", "limited"),
    [
        (Kind.READ, [read((1, 1))]),
        (
            Kind.HISTORY,
            [
                FetchHistory(room=LOBBY, after=0),
                FetchInfo(room=LOBBY, message_id=1),
                FetchHorizons(room=LOBBY),
                FetchMembers(room=LOBBY),
                FetchRooms(),
                FetchPins(room=LOBBY),
                FetchBans(room=LOBBY),
            ],
        ),
        (Kind.POST, [post("new"), Join(room="tea")]),
        (Kind.SEARCH, [Search(query="x")]),
    ],
)
def test_requests_are_limited_by_what_they_are(kind: Kind, limited: list[AnyRequest]) -> None:
    scene = scene_of("ann", limits={kind: {Scope.NAME: Limit(every_ms=60_000, burst=1)}})
    free: list[AnyRequest] = [FetchRooms(), post("a"), read((1, 1))]
    scene.say(1, limited[0])
    for request in limited:
        assert refusals(scene.say(1, request))[0][0] == "rate-limited"
    others = [each for each in free if type(each) not in {type(one) for one in limited}]
    assert len(others) == 3 - (kind is not Kind.SEARCH)
    for request in others:
        assert not any(isinstance(each, Refused) for each in frames(scene.say(1, request), 1))


def test_too_much_typing_is_passed_over_and_costs_nothing_else() -> None:
    scene = scene_of("ann", "bob", limits=DEFAULTS)
    for _ in range(5):
        assert len(scene.say(1, TellTyping(room=LOBBY))) == 2
    assert scene.say(1, TellTyping(room=LOBBY)) == []
    assert refusals(scene.say(1, TellTyping(ref="t", room=LOBBY))) == [("rate-limited", "t")]
    assert len(scene.say(2, TellTyping(room=LOBBY))) == 2
    assert not any(isinstance(each, Refused) for each in frames(scene.say(1, post("a")), 1))
    assert len(scene.say(1, TellTyping(room=LOBBY), now_ms=2_000)) == 2


# The server's admin


def order(scene: Scene, order: AnyOrder, now_ms: int = 9) -> list[Effect]:
    """What comes of it before the reply."""
    *effects, reply = scene.tell(Ordered(7, order, now_ms))
    assert reply == Reply(7, Answer())
    return effects


def expelled(name: str, *connections: int) -> list[Effect]:
    refused = Refused(code="expelled", reason=f"An admin has changed {name}; connect again.")
    return [
        effect
        for each in connections
        for effect in (to(each, refused), Close(each, CloseCode.NOT_ALLOWED, "expelled"))
    ]


def test_who_is_there_is_replied() -> None:
    scene = scene_of("ann", "bob")
    scene.tell(Lost(2))
    [reply] = scene.tell(Ordered(3, ListPeople(), 9))
    assert isinstance(reply, Reply)
    assert reply.number == 3
    assert [(each.name, each.online, each.admin) for each in reply.answer.people] == [
        ("ann", True, True),
        ("bob", False, False),
    ]


def test_an_order_that_cannot_be_carried_out_is_refused_and_changes_nothing() -> None:
    scene = scene_of("ann")
    [reply] = scene.tell(Ordered(3, RemoveName(name="bob"), 9))
    assert isinstance(reply, Reply)
    assert reply.answer.refused.startswith("Nobody here is named 'bob'")


def test_whoever_is_banned_is_put_out_and_does_not_come_back() -> None:
    scene = scene_of("ann", "bob")
    scene.greet(3, "bob")
    assert order(scene, BanName(name="bob")) == [Append(Banned(at=9, name="bob")), *expelled("bob", 2, 3)]
    assert scene.say(2, post()) == []
    assert turned_away(4, scene.greet(4, "bob")) == ("banned", "hello", CloseCode.NOT_ALLOWED)
    assert order(scene, BanName(name="bob", banned=False)) == [Append(Banned(at=9, name="bob", banned=False))]
    assert is_welcomed(scene.greet(5, "bob"), 5)


def test_whoever_is_reset_comes_back_with_the_code_alone() -> None:
    scene = scene_of("ann", "bob")
    reset = ResetName(name="bob", digest=code_digest(CODE), lasts_ms=1_000)
    assert order(scene, reset) == [
        Append(Reset(at=9, name="bob")),
        Append(Invited(at=9, digest=code_digest(CODE), uses=1, expires_at=1_009, name="bob")),
        *expelled("bob", 2),
    ]
    assert turned_away(3, scene.greet(3, "bob", now_ms=10))[0] == "name-taken"
    assert is_welcomed(scene.greet(4, "bob", key="bob 2", invite=CODE, now_ms=10), 4)


def test_whoever_is_removed_leaves_all_rooms_and_is_nobody_again() -> None:
    scene = scene_of("ann", "bob")
    scene.say(2, Join(room="tea"))
    assert order(scene, RemoveName(name="bob")) == [
        Append(Departed(room=LOBBY, name="bob", at=9)),
        Send((1, 2), Left(room=LOBBY, name="bob")),
        Append(Departed(room="tea", name="bob", at=9)),
        to(2, Left(room="tea", name="bob")),
        Append(Removed(at=9, name="bob")),
        *expelled("bob", 2),
    ]
    assert scene.tell(Lost(2)) == []
    assert turned_away(3, scene.greet(3, "bob"))[0] == "removed"


def test_whoever_is_renamed_is_told_to_those_who_know_them_and_put_out() -> None:
    scene = scene_of("ann", "bob", "cid")
    scene.say(2, post())
    scene.say(1, Join(room="tea"))
    effects = order(scene, RenameName(name="bob", to="rob"))
    assert effects[0] == Append(Renamed(at=9, name="bob", to="rob"))
    told = RenamedFrame(room=LOBBY, name="bob", to="rob", revision=scene.hub.rooms[LOBBY].revision)
    assert effects[1:] == [Send((1, 2, 3), told), *expelled("bob", 2)]
    assert scene.tell(Lost(2)) == [Send((1, 3), Presence(room=LOBBY, name="rob", online=False))]
    assert turned_away(4, scene.greet(4, "bob"))[0] == "renamed"
    assert is_welcomed(scene.greet(5, "rob", key="bob"), 5)
    assert scene.say(5, post()) == [to(5, Ok(ref="p", message_id=1))]


def test_whoever_is_renamed_while_away_is_told_to_those_who_know_them() -> None:
    scene = scene_of("ann", "bob")
    scene.tell(Lost(2))
    told = RenamedFrame(room=LOBBY, name="bob", to="rob", revision=scene.hub.rooms[LOBBY].revision + 1)
    assert order(scene, RenameName(name="bob", to="rob")) == [
        Append(Renamed(at=9, name="bob", to="rob")),
        to(1, told),
    ]


def test_an_admin_is_made_and_unmade() -> None:
    scene = scene_of("ann", "bob")
    for admin in (True, False):
        assert order(scene, PromoteName(name="bob", admin=admin)) == [
            Append(Promoted(at=9, name="bob", admin=admin))
        ]


def test_orders_that_need_a_full_disk_are_refused() -> None:
    scene = scene_of("ann", "bob")
    before = scene.chat.people.freeze()
    scene.tell(Filled())
    refused = [Reply(7, Answer(refused=DISK_FULL))]
    invite = Invite(digest=code_digest(CODE), lasts_ms=1)
    for each in (BanName(name="bob"), RemoveName(name="bob"), invite):
        assert scene.tell(Ordered(7, each, 9)) == refused
    assert scene.chat.people.freeze() == before
    assert order(scene, PromoteName(name="ann")) == []
    assert frames(scene.say(2, FetchRooms(ref="l")), 2) != []


# Resuming


def returning(scene: Scene, connection: int, name: str, resume: Resume) -> list[object]:
    return [*frames(scene.greet(connection, name, resume=resume), connection)]


def test_a_returning_member_is_told_receipts_then_the_messages_that_lack() -> None:
    scene = conversation()
    scene.tell(Lost(1))
    scene.say(2, read((1, 4)), now_ms=100)
    scene.say(3, read((4, 4)), now_ms=200)
    welcome, *told = returning(scene, 6, "ann", Resume("e", {LOBBY: RoomCursor(message=3, revision=8)}))
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
    scene = conversation()
    scene.say(2, Join(room="tea"))
    assert [type(each) for each in returning(scene, 6, "cid", resume)] == [Welcome]


def test_a_returning_member_who_lacks_nothing_gets_an_empty_page() -> None:
    scene = conversation()
    _, *told = returning(scene, 6, "cid", Resume("e", {LOBBY: RoomCursor(message=4, revision=8)}))
    assert told == [History(room=LOBBY, messages=(), more=False, revision=8)]
