"""Who may do what to whom in a room: the whole table, what follows, and what is so already."""

from collections.abc import Callable

import pytest

from chat_server import protocol
from chat_server.moderation import (
    Refusal,
    Ruling,
    moderate,
    pass_on,
    refusal_of_bans,
    refusal_to_join,
    refusal_to_write,
    retitle,
)
from chat_server.protocol import (
    LOBBY,
    ROOMS_OWNED_MAX,
    Ban,
    Changed,
    Delete,
    Kick,
    Left,
    ModerationRequest,
    Mute,
    Pass,
    Topic,
    Unban,
    Unmute,
)
from chat_server.room import (
    AnyRoomRecord,
    Barred,
    Deleted,
    Departed,
    Entered,
    Entry,
    Muted,
    Opened,
    Passed,
    Posted,
    Retitled,
    Room,
    Unbarred,
    Unmuted,
)

OWNER, ADMIN, SECOND_ADMIN, BOB, CID = "olga", "adam", "ada", "bob", "cid"
EVERYBODY = (OWNER, ADMIN, SECOND_ADMIN, BOB, CID)
NOW_MS = 9_000
SANCTIONS = (Kick, Ban, Unban, Mute, Unmute)


def room_with(*records: AnyRoomRecord, name: str = "tea", owner: str = OWNER) -> Room:
    """A room in which everybody is, with one message of each in that order, and then these records."""
    room = Room(name)
    room.apply(Opened(room=name, title=name, at=1, by=owner))
    for each in EVERYBODY:
        room.apply(Entered(room=name, name=each, at=1))
    for at, each in enumerate(EVERYBODY, 1):
        room.apply(Posted(room=name, entry=Entry(at, each, f"n{at}", "hi", at)))
    for record in records:
        room.apply(record)
    return room


def rule(room: Room, actor: str, request: ModerationRequest) -> Ruling:
    admins = {ADMIN, SECOND_ADMIN}
    return moderate(room, actor, request, is_admin=admins.__contains__, now_ms=NOW_MS)


def is_granted(room: Room, actor: str, request: ModerationRequest) -> bool:
    """Whether it is; nothing follows from what is not."""
    ruling = rule(room, actor, request)
    assert ruling.refusal is None or ruling == Ruling(ruling.refusal)
    return ruling.refusal is None


# The table


@pytest.mark.parametrize(
    ("actor", "may_delete"),
    [
        (OWNER, EVERYBODY),
        (ADMIN, EVERYBODY),
        (SECOND_ADMIN, EVERYBODY),
        (BOB, (BOB,)),
        (CID, (CID,)),
    ],
)
def test_who_may_delete_whose_messages(actor: str, may_delete: tuple[str, ...]) -> None:
    room = room_with()
    granted = [
        author
        for at, author in enumerate(EVERYBODY, 1)
        if is_granted(room, actor, Delete(room="tea", message_id=at))
    ]
    assert granted == list(may_delete)


@pytest.mark.parametrize("sanction", SANCTIONS)
@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (OWNER, (BOB, CID)),
        (ADMIN, (OWNER, SECOND_ADMIN, BOB, CID)),
        (SECOND_ADMIN, (OWNER, ADMIN, BOB, CID)),
        (BOB, ()),
    ],
)
def test_who_may_put_a_sanction_on_whom(
    sanction: Callable[..., ModerationRequest], actor: str, may: tuple[str, ...]
) -> None:
    room = room_with()
    assert [each for each in EVERYBODY if is_granted(room, actor, sanction(room="tea", name=each))] == list(may)


def direct_room() -> Room:
    """Of an admin and Bob, with one message of each."""
    room = Room("@pair")
    room.apply(Opened(room="@pair", title="@pair", at=1, direct=True))
    for each in (ADMIN, BOB):
        room.apply(Entered(room="@pair", name=each, at=1))
    for at, each in enumerate((ADMIN, BOB), 1):
        room.apply(Posted(room="@pair", entry=Entry(at, each, f"n{at}", "hi", at)))
    return room


@pytest.mark.parametrize("sanction", SANCTIONS)
def test_in_a_direct_conversation_nobody_moderates(sanction: Callable[..., ModerationRequest]) -> None:
    refusal = rule(direct_room(), ADMIN, sanction(room="@pair", name=BOB)).refusal
    verb = sanction.__name__.lower()
    assert refusal == Refusal("not-allowed", f"Nobody can {verb} anybody in a direct conversation.")


def test_in_a_direct_conversation_each_deletes_their_own() -> None:
    room = direct_room()
    for at, author in enumerate((ADMIN, BOB), 1):
        delete = Delete(room="@pair", message_id=at)
        assert [each for each in (ADMIN, BOB) if is_granted(room, each, delete)] == [author]
    refusal = rule(room, ADMIN, Delete(room="@pair", message_id=2)).refusal
    assert refusal == Refusal("not-allowed", "Only bob can delete what bob wrote.")


def retitled(room: Room, actor: str, title: str) -> Ruling:
    topic = Topic(room=room.name, title=title)
    return retitle(room, actor, topic, is_admin={ADMIN, SECOND_ADMIN}.__contains__, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("room", "may"),
    [
        (room_with(), (OWNER, ADMIN, SECOND_ADMIN)),
        (room_with(name=LOBBY), (ADMIN, SECOND_ADMIN)),
        (direct_room(), ()),
    ],
)
def test_who_may_give_a_room_another_title(room: Room, may: tuple[str, ...]) -> None:
    rulings = {actor: retitled(room, actor, "Other") for actor in EVERYBODY}
    assert [actor for actor, ruling in rulings.items() if ruling.refusal is None] == list(may)
    assert all(each == Ruling(each.refusal) for each in rulings.values() if each.refusal is not None)


def passed(room: Room, actor: str, name: str, owned: int = 0) -> Ruling:
    request = Pass(room=room.name, name=name)
    admins = {ADMIN, SECOND_ADMIN}
    return pass_on(room, actor, request, owned=lambda _: owned, is_admin=admins.__contains__, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("room", "may"),
    [(room_with(), (OWNER, ADMIN, SECOND_ADMIN)), (room_with(name=LOBBY), ()), (direct_room(), ())],
)
def test_who_may_pass_a_room_on(room: Room, may: tuple[str, ...]) -> None:
    rulings = {actor: passed(room, actor, BOB) for actor in EVERYBODY}
    assert [actor for actor, ruling in rulings.items() if ruling.refusal is None] == list(may)
    assert {each.refusal.code for each in rulings.values() if each.refusal} == {"not-allowed"}


def test_a_room_is_passed_to_a_member_who_has_not_too_many() -> None:
    room = room_with(Departed(room="tea", name=CID, at=1))
    record = Passed(room="tea", name=BOB, by=OWNER, at=NOW_MS)
    told = protocol.Passed(room="tea", owner=BOB, by=OWNER)
    most = ROOMS_OWNED_MAX
    assert passed(room, OWNER, BOB, most - 1) == Ruling(records=(record,), frames=(told,), told=EVERYBODY[:-1])
    assert passed(room, OWNER, OWNER, most) == Ruling()
    refusals = [passed(room, OWNER, BOB, most).refusal, passed(room, OWNER, CID).refusal]
    assert [each.code for each in refusals if each] == ["too-many-rooms", "no-such-member"]


def test_who_is_banned_is_for_moderators_to_see() -> None:
    seen = [actor for actor in EVERYBODY if refusal_of_bans(room_with(), actor, {ADMIN}.__contains__) is None]
    assert seen == [OWNER, ADMIN]


def test_the_same_title_changes_nothing_and_another_is_told_without_white_space() -> None:
    room = room_with()
    assert retitled(room, OWNER, " tea ") == Ruling()
    record = Retitled(room="tea", title="A title", by=OWNER, at=NOW_MS)
    told = protocol.Retitled(room="tea", title="A title", by=OWNER)
    assert retitled(room, OWNER, " A title ") == Ruling(records=(record,), frames=(told,), told=EVERYBODY)


@pytest.mark.parametrize("sanction", SANCTIONS)
def test_in_the_lobby_admins_only_and_nobody_is_put_out(sanction: Callable[..., ModerationRequest]) -> None:
    room = room_with(name=LOBBY)
    request = sanction(room=LOBBY, name=BOB)
    assert not is_granted(room, OWNER, request)
    assert is_granted(room, ADMIN, request) == (sanction not in (Kick, Ban))


# Why not


def reason(room: Room, actor: str, request: ModerationRequest) -> Refusal:
    refusal = rule(room, actor, request).refusal
    assert refusal is not None
    return refusal


@pytest.mark.parametrize(
    ("actor", "request_", "code", "sentence"),
    [
        (
            BOB,
            Kick(room="tea", name=CID),
            "not-allowed",
            "Only olga, whose room this is, or an admin can kick somebody.",
        ),
        (
            BOB,
            Delete(room="tea", message_id=5),
            "not-allowed",
            "Only olga, whose room this is, or an admin can delete what cid wrote.",
        ),
        (OWNER, Delete(room="tea", message_id=6), "no-such-message", "The room has no message 6."),
        (OWNER, Mute(room="tea", name=OWNER), "not-allowed", "Nobody can mute themselves."),
        (OWNER, Ban(room="tea", name="zoe"), "no-such-member", "Nobody named 'zoe' has been in this room."),
        (
            OWNER,
            Unban(room="tea", name=ADMIN),
            "not-allowed",
            "adam is an admin: only an admin can unban them.",
        ),
    ],
)
def test_reasons(actor: str, request_: ModerationRequest, code: str, sentence: str) -> None:
    assert reason(room_with(), actor, request_) == Refusal(code, sentence)


def test_reasons_where_nobody_is_the_owner() -> None:
    sentence = "Only an admin can mute somebody."
    for room in (room_with(name=LOBBY), room_with(owner="")):
        assert reason(room, BOB, Mute(room=room.name, name=CID)) == Refusal("not-allowed", sentence)


def test_reasons_in_the_lobby() -> None:
    room = room_with(name=LOBBY)
    kicking = reason(room, ADMIN, Kick(room=LOBBY, name=BOB))
    assert kicking == Refusal("not-allowed", "Everybody stays in general.")
    banning = reason(room, ADMIN, Ban(room=LOBBY, name=BOB))
    assert banning.code == "not-allowed"
    assert banning.reason.endswith("runs: chat-server user ban bob")


# What follows


@pytest.mark.parametrize(
    ("request_", "record", "frame"),
    [
        (
            Delete(room="tea", message_id=4),
            Deleted(room="tea", id=4, by=OWNER, at=NOW_MS),
            Changed(room="tea", message_id=4, deleted_at=NOW_MS, deleted_by=OWNER, revision=12),
        ),
        (
            Kick(room="tea", name=BOB),
            Departed(room="tea", name=BOB, at=NOW_MS, by=OWNER),
            Left(room="tea", name=BOB, by=OWNER),
        ),
        (
            Ban(room="tea", name=BOB),
            Barred(room="tea", name=BOB, by=OWNER, at=NOW_MS),
            Left(room="tea", name=BOB, by=OWNER, barred=True),
        ),
        (
            Mute(room="tea", name=BOB),
            Muted(room="tea", name=BOB, by=OWNER, at=NOW_MS),
            protocol.Muted(room="tea", name=BOB, muted=True, by=OWNER),
        ),
    ],
)
def test_what_follows_is_told_to_all_and_again_is_nothing(
    request_: ModerationRequest, record: AnyRoomRecord, frame: protocol.AnyFrame
) -> None:
    room = room_with()
    ruling = rule(room, OWNER, request_)
    assert ruling == Ruling(records=(record,), frames=(frame,), told=EVERYBODY)
    room.apply(record)
    if isinstance(frame, Changed):
        assert frame.revision == room.revision
    assert rule(room, OWNER, request_) == Ruling()


BARRED = Barred(room="tea", name=BOB, by=OWNER, at=1)
MUTED = Muted(room="tea", name=BOB, by=OWNER, at=1)
HERE_WITHOUT_BOB = tuple(each for each in EVERYBODY if each != BOB)


def test_a_ban_is_lifted_without_a_word_to_anybody() -> None:
    room = room_with(BARRED)
    unbarred = Unbarred(room="tea", name=BOB, by=ADMIN, at=NOW_MS)
    ruling = rule(room, ADMIN, Unban(room="tea", name=BOB))
    assert ruling == Ruling(records=(unbarred,), told=HERE_WITHOUT_BOB)
    room.apply(unbarred)
    assert rule(room, ADMIN, Unban(room="tea", name=BOB)) == Ruling()


def test_a_mute_is_lifted() -> None:
    room = room_with(MUTED)
    unmuted = Unmuted(room="tea", name=BOB, by=OWNER, at=NOW_MS)
    frame = protocol.Muted(room="tea", name=BOB, muted=False, by=OWNER)
    ruling = rule(room, OWNER, Unmute(room="tea", name=BOB))
    assert ruling == Ruling(records=(unmuted,), frames=(frame,), told=EVERYBODY)
    room.apply(unmuted)
    assert rule(room, OWNER, Unmute(room="tea", name=BOB)) == Ruling()


def test_who_has_left_can_be_banned_which_nobody_hears_of() -> None:
    room = room_with(Departed(room="tea", name=BOB, at=1))
    ruling = rule(room, OWNER, Ban(room="tea", name=BOB))
    assert ruling == Ruling(records=(Barred(room="tea", name=BOB, by=OWNER, at=NOW_MS),), told=HERE_WITHOUT_BOB)
    room.apply(ruling.records[0])
    assert room.is_barred(BOB)


def test_who_has_left_is_kicked_already() -> None:
    room = room_with(Departed(room="tea", name=BOB, at=1))
    assert rule(room, OWNER, Kick(room="tea", name=BOB)) == Ruling()


def test_one_who_is_muted_may_delete_what_they_wrote() -> None:
    assert is_granted(room_with(MUTED), BOB, Delete(room="tea", message_id=4))


# What sanctions do


def test_only_who_is_barred_cannot_join() -> None:
    refusal = Refusal("banned", "You are banned from tea; its owner or an admin can let you in again.")
    assert refusal_to_join(room_with(BARRED), BOB) == refusal
    assert refusal_to_join(room_with(BARRED), CID) is None


def test_only_who_is_muted_cannot_write() -> None:
    refusal = Refusal("muted", "You are muted in tea: you can read and not write.")
    assert refusal_to_write(room_with(MUTED), BOB) == refusal
    assert refusal_to_write(room_with(MUTED), CID) is None
