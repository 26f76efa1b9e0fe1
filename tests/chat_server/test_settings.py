"""What people choose about being shown, what follows, and who is then shown what: against a naive model."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.chat import Chat
from chat_server.effects import Append, Effect, Send
from chat_server.people import Bound, Chose
from chat_server.protocol import (
    LOBBY,
    AnyFrame,
    Changed,
    ChangeSettings,
    Edit,
    FetchHistory,
    FetchInfo,
    History,
    Info,
    Join,
    Leave,
    Message,
    Mode,
    Ok,
    PageReceipt,
    Read,
    Receipt,
    Refused,
    Resume,
    RoomCursor,
    RoomSummary,
    Settings,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_server.room import Entered, Opened, Shared
from chat_server.settings import choose, on_entering, settings_of
from tests.chat_server.hubs import frames, post, read, receipt, refusals, scene_of, to
from tests.chat_server.rooms import Model

REQUIRED = "board"


def chat_of(**rooms: tuple[str, ...]) -> Chat:
    """Rooms with these members; in the board everybody shares."""
    chat = Chat()
    for name in sorted({each for members in rooms.values() for each in members}):
        chat.apply(Bound(at=1, name=name, key=name))
    for room, members in rooms.items():
        chat.apply(Opened(room=room, title=room, at=1, receipts_required=room == REQUIRED))
        for each in members:
            chat.apply(Entered(room=room, name=each, at=1))
    return chat


def change(receipts: Mode | None = None, **rooms: Mode | None) -> ChangeSettings:
    return ChangeSettings(ref="s", receipts=receipts, rooms=rooms)


def take(chat: Chat, name: str, request: ChangeSettings) -> list[object]:
    """The records that follow, once they are applied."""
    choice = choose(chat, name, request, 5)
    assert choice.refusal is None
    for record in choice.records:
        chat.apply(record)
    return list(choice.records)


# What follows from a choice


def test_without_a_word_everybody_shares() -> None:
    chat = chat_of(tea=("ann",))
    assert settings_of(chat, "ann", "s") == Settings(receipts="public", rooms={}, ref="s")
    assert settings_of(chat, "nobody") == Settings(receipts="public", rooms={})
    assert take(chat, "ann", change()) == []


def test_a_general_choice_holds_in_every_room_that_has_none_of_its_own() -> None:
    chat = chat_of(tea=("ann", "bob"), den=("ann",), attic=("bob",))
    assert take(chat, "ann", change(den="public")) == [Shared(room="den", name="ann", mode="public", chosen=True)]
    assert take(chat, "ann", change("private")) == [
        Chose(at=5, name="ann", receipts="private"),
        Shared(room="tea", name="ann", mode="private"),
    ]
    assert settings_of(chat, "ann") == Settings(receipts="private", rooms={"den": "public"})
    assert [chat.rooms["tea"].mode_of(each) for each in ("ann", "bob")] == ["private", "public"]
    assert take(chat, "ann", change("private")) == []


def test_a_room_goes_by_the_general_choice_again() -> None:
    chat = chat_of(tea=("ann",))
    take(chat, "ann", change("off", tea="private"))
    assert settings_of(chat, "ann") == Settings(receipts="off", rooms={"tea": "private"})
    assert take(chat, "ann", change(tea=None)) == [Shared(room="tea", name="ann", mode="off")]
    assert settings_of(chat, "ann") == Settings(receipts="off", rooms={})
    assert take(chat, "ann", change(tea=None)) == []


def test_one_may_choose_for_rooms_that_one_is_in() -> None:
    chat = chat_of(tea=("ann",), den=("bob",))
    for room in ("den", "attic"):
        refused = choose(chat, "ann", ChangeSettings(rooms={"tea": "off", room: "off"}), 5)
        assert refused.refusal == ("not-a-member", f"You are not in a room named '{room}'.")
        assert refused.records == ()


def test_where_a_room_requires_it_everybody_shares() -> None:
    chat = chat_of(tea=("ann",), board=("ann",))
    refusal = choose(chat, "ann", change(board="private"), 5).refusal
    assert refusal is not None
    assert refusal[0] == "not-allowed"
    assert take(chat, "ann", change(board="public", tea="public")) == [
        Shared(room="tea", name="ann", mode="public", chosen=True)
    ]
    assert take(chat, "ann", change("private", board=None)) == [Chose(at=5, name="ann", receipts="private")]
    assert settings_of(chat, "ann") == Settings(receipts="private", rooms={"tea": "public", "board": "public"})
    with pytest.raises(AssertionError):
        chat.apply(Shared(room="board", name="ann", mode="off"))


def test_who_becomes_a_member_shares_as_they_have_chosen() -> None:
    chat = chat_of(tea=("ann", "bob"), board=("ann", "bob"))
    tea, board = chat.rooms["tea"], chat.rooms["board"]
    chat.apply(Chose(at=5, name="ann", receipts="private"))
    assert on_entering(chat, tea, "ann") == Shared(room="tea", name="ann", mode="private")
    assert on_entering(chat, board, "ann") is None
    assert on_entering(chat, tea, "bob") is None
    chat.apply(Shared(room="tea", name="ann", mode="off", chosen=True))
    assert on_entering(chat, tea, "ann") is None


def test_what_an_import_has_left_holds_until_it_is_spoken_of() -> None:
    chat = chat_of(tea=("ann",), den=("ann",))
    chat.apply(Shared(room="tea", name="ann", mode="private"))
    assert settings_of(chat, "ann") == Settings(receipts="public", rooms={"tea": "private"})
    assert take(chat, "ann", change(den=None)) == []
    assert take(chat, "ann", change("public")) == [Shared(room="tea", name="ann", mode="public")]


# What is answered and told


def test_one_asks_and_is_told_and_so_are_ones_other_devices_once_it_changes() -> None:
    scene = scene_of("ann", "bob")
    scene.greet(3, "ann")
    public = Settings(receipts="public", rooms={}, ref="s")
    assert scene.say(1, change()) == [to(1, public)]
    told = Settings(receipts="private", rooms={LOBBY: "off"})
    assert scene.say(1, change("private", general="off")) == [
        Append(Chose(at=0, name="ann", receipts="private")),
        Append(Shared(room=LOBBY, name="ann", mode="off", chosen=True)),
        to(3, told),
        to(1, Settings(receipts="private", rooms={LOBBY: "off"}, ref="s")),
    ]
    [welcome, *_] = [each for each in frames(scene.restarted().greet(1, "ann"), 1) if isinstance(each, Welcome)]
    assert (welcome.settings, welcome.rooms[0].sharing) == (told, "off")
    assert refusals(scene.say(1, change(attic="off"))) == [("not-a-member", "s")]


def test_a_full_disk_takes_no_choice() -> None:
    scene = scene_of("ann")
    scene.hub._live.full = True
    assert refusals(scene.say(1, change("private"))) == [("disk-full", "s")]
    assert scene.say(1, change("public")) == [to(1, Settings(receipts="public", rooms={}, ref="s"))]


def test_whoever_joins_does_as_they_have_chosen() -> None:
    scene = scene_of("ann")
    scene.say(1, change("private"))
    effects = scene.say(1, Join(ref="j", room="tea"))
    assert [each.record for each in effects if isinstance(each, Append)][-1] == Shared(
        room="tea", name="ann", mode="private"
    )
    [ok] = frames(effects, 1)
    assert isinstance(ok, Ok)
    assert isinstance(ok.room, RoomSummary)
    assert ok.room.sharing == "private"


def test_who_is_private_is_shown_to_their_own_devices_alone_and_is_shown_nobody() -> None:
    scene = scene_of("ann", "bob", "cid")
    scene.greet(4, "bob")
    scene.say(2, change("private"))
    sent = scene.say(1, post())
    counts = {
        each.to: (each.frame.audience, each.frame.read_by)
        for each in sent
        if isinstance(each, Send) and isinstance(each.frame, Message)
    }
    assert counts == {(1,): (1, 0), (3,): (1, 0), (2, 4): (0, 0)}
    told = scene.say(2, read((1, 1)))
    assert [each.to for each in told if isinstance(each, Send)] == [(4,), (2,)]
    scene.say(2, post("b"))
    assert receipt("cid", ((1, 1),), 9, revision=scene.hub.rooms[LOBBY].revision + 1) in frames(
        scene.say(3, read((1, 2)), 9), 1
    )
    assert all(not isinstance(each, Receipt) for each in frames(scene.say(1, read((2, 2))), 2))
    info = Info(room=LOBBY, message_id=2, read_by=(), missing=(), unshared=(), hidden=True)
    assert scene.say(2, FetchInfo(room=LOBBY, message_id=2)) == [to(2, info)]
    [page] = frames(scene.say(2, FetchHistory(room=LOBBY, after=0)), 2)
    assert isinstance(page, History)
    assert [(each.audience, each.read_by) for each in page.messages] == [(0, 0), (0, 0)]
    assert {each.reader for each in page.receipts} == {"bob"}
    [info_for_ann] = frames(scene.say(1, FetchInfo(room=LOBBY, message_id=1)), 1)
    assert isinstance(info_for_ann, Info)
    assert ([each.reader for each in info_for_ann.read_by], info_for_ann.unshared) == (["cid"], ("bob",))


def test_of_who_is_off_nothing_is_kept() -> None:
    scene = scene_of("ann", "bob")
    scene.greet(3, "bob")
    scene.say(2, change("off"))
    scene.say(1, post())
    assert scene.say(2, read((1, 1))) == [to(2, Ok(ref="r"))]
    assert scene.hub.rooms[LOBBY].unread_count("bob") == 1


def test_a_device_that_was_away_while_one_turned_takes_its_rooms_afresh() -> None:
    scene = scene_of("ann", "bob")
    scene.say(1, post())
    scene.say(2, read((1, 1)))
    cursor = RoomCursor(message=1, revision=scene.hub.rooms[LOBBY].revision)
    turns: list[tuple[Mode, set[str]]] = [("private", set()), ("public", {"bob"})]
    for mode, names in turns:
        scene.say(1, ChangeSettings(receipts=mode))
        [page] = [
            each
            for each in frames(scene.greet(7, "ann", resume=Resume("e", {LOBBY: cursor})), 7)
            if isinstance(each, History)
        ]
        assert page.afresh
        assert {each.reader for each in page.receipts} == names
        scene = scene.restarted()
        scene.greet(1, "ann")
    again = RoomCursor(message=1, revision=scene.hub.rooms[LOBBY].revision)
    [page] = [
        each
        for each in frames(scene.greet(8, "ann", resume=Resume("e", {LOBBY: again})), 8)
        if isinstance(each, History)
    ]
    assert not page.afresh


def test_what_was_not_shared_when_it_was_read_is_never_told() -> None:
    scene = scene_of("ann", "bob")
    scene.say(1, post("a"))
    scene.say(1, post("b"))
    scene.say(2, change("private"))
    scene.say(2, read((1, 1)))
    scene.say(2, change("public"))
    scene.say(1, post("c"))
    room = scene.hub.rooms[LOBBY]
    assert [(room.readers(each), room.missing(each), room.unshared(each)) for each in (1, 2, 3)] == [
        ([], [], ["bob"]),
        ([], [], ["bob"]),
        ([], ["bob"], []),
    ]
    told = frames(scene.say(2, read((1, 3)), 9), 1)
    at = room.revision
    assert told == [
        receipt("bob", ((3, 3),), 9, revision=0),
        receipt("bob", ((2, 2),), 9, revision=at, late=True),
    ]
    assert [[name for name, _ in room.readers(each)] for each in (1, 2, 3)] == [[], ["bob"], ["bob"]]


# Against a naive model


PEOPLE = ("ann", "bob", "cid", "dan")
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("post"), st.sampled_from(PEOPLE), st.just(0)),
        *[st.tuples(st.just("read"), st.sampled_from(PEOPLE), st.integers(1, 6))] * 3,
        *[st.tuples(st.just("reread"), st.sampled_from(PEOPLE), st.integers(1, 4))] * 2,
        st.tuples(st.just("edit"), st.sampled_from(PEOPLE), st.integers(1, 4)),
        st.tuples(st.sampled_from(["enter", "leave"]), st.sampled_from(PEOPLE), st.just(0)),
        st.tuples(
            st.sampled_from(["public", "public", "private", "off"]), st.sampled_from(PEOPLE), st.integers(0, 1)
        ),
    ),
    min_size=10,
    max_size=50,
)
MODES: dict[str, Mode] = {"public": "public", "private": "private", "off": "off"}


class World:
    """A hub in whose tea room people do as they like, with a naive model of it, and all that anybody was told."""

    def __init__(self) -> None:
        self.scene = scene_of(*PEOPLE)
        self.model = Model()
        self.general: dict[str, Mode] = {}
        self.chosen: set[str] = set()
        self.posts = 0
        self.enter("ann")
        self.enter("bob")

    def say(self, name: str, request: object) -> list[Effect]:
        return self.scene.say(PEOPLE.index(name) + 1, request, 10 * self.posts)  # type: ignore[arg-type]

    def enter(self, name: str) -> None:
        self.heard(name, self.say(name, Join(room="tea")))
        if name not in self.model.here:
            self.model.enter(name)
            if name not in self.chosen:
                self.model.turn(name, self.general.get(name, "public"))

    def leave(self, name: str) -> None:
        self.heard(name, self.say(name, Leave(room="tea")))
        self.model.here.discard(name)

    def post(self, name: str) -> None:
        self.posts += 1
        effects = self.say(name, post(str(self.posts), room="tea"))
        if name not in self.model.here:
            return
        self.model.post(name)
        self.heard(name, effects)

    def edit(self, each: int) -> None:
        """Let the author write it anew: only who shares is told how many have read that."""
        if each > self.model.last_id or (author := self.model.sender(each)) not in self.model.here:
            return
        self.posts += 1
        edit = Edit(room="tea", message_id=each, content=str(self.posts))
        effects = self.say(author, edit)
        self.model.edit(each)
        self.heard(author, effects)
        tally = self.model.tally(each)
        for name in self.model.here:
            wanted = (tally.audience, tally.read_by) if self.model.shares(name) else (0, 0)
            [told] = [each for each in frames(effects, PEOPLE.index(name) + 1) if isinstance(each, Changed)]
            assert (told.audience, told.read_by) == wanted

    def read(self, name: str, *ids: int, editions: tuple[tuple[int, int], ...] = ()) -> None:
        shares, seen = self.model.shares(name), self.model.seen
        ranges = rangesets.of_ids(ids)
        effects = self.say(name, Read(ref="r", room="tea", ranges=ranges, editions=editions))
        fresh: set[int] = set()
        later: dict[int, int] = {}
        if name in self.model.here and self.model.modes.get(name) != "off":
            fresh = self.model.read(name, [*ids, *(at for at, _ in editions)], 10 * self.posts)
            later = self.model.read_editions(name, editions, 10 * self.posts)
        self.heard(name, effects)
        first = {each for each in (*fresh, *later) if (name, each) not in seen}
        for each in PEOPLE:
            hears = shares and self.model.shares(each) and each in self.model.here
            told = [frame for frame in frames(effects, PEOPLE.index(each) + 1) if isinstance(frame, Receipt)]
            assert {at for frame in told for at in rangesets.ids(frame.ranges)} == {
                at for at in first if hears and self.model.sender(at) == each
            }
            assert {pair for frame in told for pair in frame.editions} == {
                pair for pair in later.items() if hears and self.model.sender(pair[0]) == each
            }
            for frame in told:
                late = {name not in self.model.waiting[at - 1] for at in rangesets.ids(frame.ranges)}
                assert late <= {frame.late}

    def reread(self, name: str, each: int) -> None:
        """Read two messages as they are now."""
        shown = tuple((at, self.model.editions.get(at, 0)) for at in (each, each + 1) if at in self.model.ids)
        self.read(name, each, editions=shown)

    def turn(self, name: str, mode: Mode, *, here: bool) -> None:
        if here:
            self.heard(name, self.say(name, ChangeSettings(rooms={"tea": mode})))
            if name in self.model.here:
                self.chosen.add(name)
                self.model.turn(name, mode)
            return
        self.heard(name, self.say(name, ChangeSettings(receipts=mode)))
        self.general[name] = mode
        if name in self.model.here and name not in self.chosen:
            self.model.turn(name, mode)

    def heard(self, actor: str, effects: list[Effect]) -> None:
        """Nobody is told that somebody else has read what they did not share."""
        for effect in effects:
            if isinstance(effect, Send) and any(PEOPLE[each - 1] != actor for each in effect.to):
                self.check_silence(effect.frame, actor)

    def check_silence(self, frame: AnyFrame, actor: str) -> None:
        if isinstance(frame, Receipt):
            assert all((frame.reader, each) in self.model.seen for each in rangesets.ids(frame.ranges))
            assert all(self.model.reshown[frame.reader, each][0] == edition for each, edition in frame.editions)
        assert not (isinstance(frame, Settings) and actor)

    def check(self) -> None:
        """Ask everything as everybody: counts, lists and pages say the same, which is what the model says."""
        for asker in PEOPLE:
            shares, connection = self.model.shares(asker), PEOPLE.index(asker) + 1
            [page] = frames(self.say(asker, FetchHistory(room="tea", after=0)), connection)
            if asker not in self.model.here:
                assert isinstance(page, Refused)
                continue
            assert isinstance(page, History)
            self.check_page(page, asker, resumed=self.resumed(asker))
            for message in page.messages:
                [info] = frames(self.say(asker, FetchInfo(room="tea", message_id=message.id)), connection)
                assert isinstance(info, Info)
                told = ({each.reader: each.read_at for each in info.read_by}, info.missing, info.unshared)
                assert info.hidden != shares
                assert message.read_by == len(info.read_by)
                lists = (info.read_by, info.missing, info.read_earlier)
                assert message.read_by <= message.audience == sum(map(len, lists))
                model = self.model
                earlier = {each.reader: each.read_at for each in info.read_earlier}
                assert earlier == (model.earlier_readers(message.id) if shares else {})
                wanted = (model.readers(message.id), model.missing(message.id), model.unshared(message.id))
                assert (told[0], *map(list, told[1:])) == (wanted if shares else ({}, [], []))

    def resumed(self, asker: str) -> list[Receipt | PageReceipt]:
        """What a device of theirs is told that comes back with all messages and no receipts."""
        cursor = RoomCursor(message=self.model.last_id, revision=0)
        effects = self.scene.restarted().greet(9, asker, resume=Resume("e", {"tea": cursor}))
        found: list[Receipt | PageReceipt] = []
        for frame in frames(effects, 9):
            if isinstance(frame, History):
                found.extend(frame.receipts)
            elif isinstance(frame, Receipt):
                found.append(frame)
        return found

    def check_page(self, page: History, asker: str, resumed: list[Receipt | PageReceipt]) -> None:
        model = self.model
        own_reads = {at for reader, at, _ in told_by(page.receipts, of=lambda name: name == asker)}
        assert {at for at in own_reads if model.sender(at) != asker} == {
            at for reader, at in model.times if reader == asker
        }
        latest = {each: read[0] for (reader, each), read in model.reread.items() if reader == asker}
        assert latest_of(page.receipts, asker) == latest
        wanted = {
            (reader, at, model.reshown.get((reader, at), (0, 0))[0])
            for reader, at in model.seen
            if model.sender(at) == asker and model.shares(asker)
        }
        for receipts in (page.receipts, resumed):
            assert told_by(receipts, of=lambda name: name != asker) == wanted


def latest_of(receipts: Iterable[Receipt | PageReceipt], reader: str) -> dict[int, int]:
    """Per message the latest edition that these say this reader has read."""
    found: dict[int, int] = {}
    for each, edition in (pair for one in receipts if one.reader == reader for pair in one.editions):
        found[each] = max(edition, found.get(each, 0))
    return found


def told_by(receipts: Iterable[Receipt | PageReceipt], *, of: Callable[[str], bool]) -> set[tuple[str, int, int]]:
    """Which of such readers has read which message, and which text of it: 0 for the first."""
    receipts = list(receipts)
    return {
        (one.reader, each, latest_of(receipts, one.reader).get(each, 0))
        for one in receipts
        if of(one.reader)
        for each in rangesets.ids(one.ranges)
    }


@settings(max_examples=200, deadline=None)
@given(DEEDS)
def test_nobody_is_shown_what_was_not_shared_and_all_that_is_told_agrees(
    deeds: list[tuple[str, str, int]],
) -> None:
    world = World()
    simple: dict[str, Callable[[str], None]] = {"post": world.post, "enter": world.enter, "leave": world.leave}
    for deed, name, number in deeds:
        if deed in simple:
            simple[deed](name)
        elif deed == "read":
            world.read(name, *range(max(number - 2, 1), number + 1))
        elif deed == "reread":
            world.reread(name, number)
        elif deed == "edit":
            world.edit(number)
        else:
            world.turn(name, MODES[deed], here=bool(number))
    world.check()
