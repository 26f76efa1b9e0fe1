"""Hub and sessions under every mischief that a seed can think of; and bugs, planted to be caught."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from random import Random

import msgspec
import pytest

from chat_server import answers
from chat_server.admission import Admission
from chat_server.effects import Append, Effect, Send
from chat_server.entering import Entering
from chat_server.hub import Hub
from chat_server.people import People
from chat_server.protocol import History, Message, Ok, PageReceipt, Post, Receipt, Welcome
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.ranges import Ranges
from chat_server.readings import Reading
from chat_server.receipts import Receipts
from chat_server.room import Room, RoomState
from chat_server.serving import Serving
from chat_tui.model import dues, pages, receipts, session
from chat_tui.model import effects as client_effects
from chat_tui.model import events as client_events
from chat_tui.model import replica as replica_module
from chat_tui.model.dues import Dues
from chat_tui.model.holdup import Holdup
from chat_tui.model.owed import Owed, OwedPost
from chat_tui.model.pages import Pages
from chat_tui.model.posts import Posts, request
from chat_tui.model.receipts import OwedReceipts, ReadTexts
from chat_tui.model.replica import Held, Replica
from chat_tui.model.session import Session
from tests.simulation.oracle import Broken, Promise
from tests.simulation.world import World

SCHEDULES = 300
SOAK_SCHEDULES = 12_000
STEPS = (150, 300, 600)
PLANTED_SCHEDULES = 1_500
"""A planted bug is found within so many schedules, most of them within forty."""


@pytest.fixture(autouse=True)
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and windows so small that a few messages fill them."""
    monkeypatch.setattr(pages, "PAGE_MAX", 4)
    monkeypatch.setattr(answers.returning, "PAGE_MAX", 4)
    monkeypatch.setattr(replica_module, "WINDOW_MAX", 9)
    monkeypatch.setattr(receipts, "RANGES_MAX", 2)


def run(seed: int) -> int:
    """One schedule; how many events it had. A failure names its seed."""
    world = World(seed)
    try:
        world.run(Random(seed).choice(STEPS))
    except Exception as error:
        error.add_note(f"seed {seed}: run({seed}) in {__name__} shows it again")
        raise
    return world.events


def test_every_schedule_keeps_every_promise() -> None:
    events = sum(run(seed) for seed in range(SCHEDULES))
    assert events > SCHEDULES * min(STEPS)


def test_a_seed_says_all() -> None:
    assert run(1) == run(1)


@pytest.mark.soak
def test_soak() -> None:
    print(sum(run(seed) for seed in range(SCHEDULES, SCHEDULES + SOAK_SCHEDULES)), "events")  # noqa: T201


# Bugs

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Bug:
    """What was planted, and the promises by which it may be found out."""

    plant: Plant
    promises: frozenset[Promise]
    first_seed: int
    """Where to begin to look: a bug that takes a rare meeting is found sooner from where it was found before."""


BUGS: dict[str, Bug] = {}


def caught_by(*promises: Promise, first_seed: int = 0) -> Callable[[Plant], Plant]:
    """List a bug under the name of the function that plants it."""

    def enlist(plant: Plant) -> Plant:
        BUGS[plant.__name__] = Bug(plant, frozenset(promises), first_seed)
        return plant

    return enlist


@caught_by(Promise.POSTED_ONCE)
def resend_with_new_nonce(patch: pytest.MonkeyPatch) -> None:
    numbers = count()

    def request(post: OwedPost) -> Post:
        return Post(ref=post.nonce, room=post.room, nonce=f"{post.nonce}/{next(numbers)}", content=post.content)

    patch.setattr(dues, "request", request)


@caught_by(Promise.READ_IS_KEPT)
def owed_receipts_dropped_on_cut(patch: pytest.MonkeyPatch) -> None:
    def cut(self: OwedReceipts) -> None:
        self._owed.clear()
        self._flying.clear()

    patch.setattr(OwedReceipts, "cut", cut)


@caught_by(Promise.READ_IS_KEPT)
def receipts_in_flight_not_sent_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OwedReceipts, "cut", lambda self: setattr(self, "_next_ms", 0))


@caught_by(Promise.READ_IS_KEPT, Promise.SAVED_BEFORE_SAID)
def receipts_taken_for_acknowledged_when_said(patch: pytest.MonkeyPatch) -> None:
    sent = OwedReceipts.sent

    def forgetful(self: OwedReceipts, ref: str, room: str, reading: ReadTexts) -> None:
        sent(self, ref, room, reading)
        self.answered(ref)

    patch.setattr(OwedReceipts, "sent", forgetful)


def through_hub(patch: pytest.MonkeyPatch, change: Callable[[Hub, list[Effect]], list[Effect]]) -> None:
    """Change what each hub wants done."""
    handle = Hub.handle
    patch.setattr(Hub, "handle", lambda self, event: change(self, handle(self, event)))


@caught_by(Promise.SYNCED_BEFORE_TOLD)
def ok_before_sync(patch: pytest.MonkeyPatch) -> None:
    def is_ok(effect: Effect) -> bool:
        return isinstance(effect, Send) and isinstance(effect.frame, Ok)

    through_hub(patch, lambda _, effects: sorted(effects, key=lambda each: not is_ok(each)))


@caught_by(Promise.NOBODY_ELSE_IS_TOLD)
def receipts_broadcast(patch: pytest.MonkeyPatch) -> None:
    def broadcast(hub: Hub, effects: list[Effect]) -> list[Effect]:
        return [
            replace(each, to=tuple(hub._live.roster._names))
            if isinstance(each, Send) and isinstance(each.frame, Receipt)
            else each
            for each in effects
        ]

    through_hub(patch, broadcast)


@caught_by(Promise.TICK_IS_READ_BY)
def receipts_to_one_device_of_the_author(patch: pytest.MonkeyPatch) -> None:
    def to_first(_: Hub, effects: list[Effect]) -> list[Effect]:
        return [
            replace(each, to=each.to[:1]) if isinstance(each, Send) and isinstance(each.frame, Receipt) else each
            for each in effects
        ]

    through_hub(patch, to_first)


@caught_by(
    Promise.RECOVERY_EQUALS_LIFE, Promise.POSTED_ONCE, Promise.IDS_HAVE_NO_GAPS, Promise.ACKNOWLEDGED_IS_KEPT
)
def one_record_of_each_request_put_on_disk(patch: pytest.MonkeyPatch) -> None:
    def first_only(_: Hub, effects: list[Effect]) -> list[Effect]:
        appends = [each for each in effects if isinstance(each, Append)]
        return [each for each in effects if each not in appends[1:]]

    through_hub(patch, first_only)


@caught_by(Promise.FIRST_TIME_STAYS, Promise.RECOVERY_EQUALS_LIFE)
def receipt_time_overwritten(patch: pytest.MonkeyPatch) -> None:
    def advance(self: Reading, wanted: Ranges, at_ms: int, revision: int) -> None:
        rows = list(self.advances())
        old = rangesets.subtract(self.ranges(), wanted)
        kept = [
            (each, each, self.read_at(each) or 0, row[3]) for row in rows for each in range(row[0], row[1] + 1)
        ]
        kept = [row for row in kept if rangesets.contains(old, row[0])]
        new = [(first, last, at_ms, revision) for first, last in wanted]
        self.__init__(sorted(kept + new))  # type: ignore[misc]

    patch.setattr(Reading, "advance", advance)
    patch.setattr(Room, "news", lambda self, _, ranges: rangesets.intersect(ranges, ((1, self.last_id),)))


@caught_by(Promise.TICK_IS_READ_BY, Promise.UNREAD_IS_RIGHT, first_seed=100)
def resume_forgets_receipts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers.returning, "_receipts_since", lambda *_: iter(()))


@caught_by(Promise.TICK_IS_READ_BY, Promise.UNREAD_IS_RIGHT)
def resume_tells_its_revision_first(patch: pytest.MonkeyPatch) -> None:
    def page_first(_: Hub, effects: list[Effect]) -> list[Effect]:
        resumed = [each for each in effects if isinstance(each, Send) and isinstance(each.frame, History)]
        if len(effects) > len(resumed):
            effects = [each for each in effects if each not in resumed]
            return [effects[0], *resumed, *effects[1:]]
        return effects

    through_hub(patch, page_first)


@caught_by(Promise.WINDOW_IS_WHOLE)
def window_joined_with_a_gap(patch: pytest.MonkeyPatch) -> None:
    def take(self: Replica, page: History, *, following: bool = True) -> None:  # noqa: ARG001
        self._extend([], [Held(each) for each in page.messages if each.id > self.last])
        self.loaded = True
        self._heed(page)

    patch.setattr(Replica, "take", take)


@caught_by(Promise.WINDOW_IS_WHOLE)
def resumed_page_appended_to_what_is_held(patch: pytest.MonkeyPatch) -> None:
    def take(self: Replica, page: History, *, following: bool = True) -> None:  # noqa: ARG001
        self._extend([], [Held(each) for each in page.messages])
        self.loaded = True
        self._heed(page)

    patch.setattr(Replica, "take", take)


@caught_by(Promise.WINDOW_IS_WHOLE)
def window_cut_before_it_is_full(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Replica, "_excess", property(lambda self: len(self._window) - replica_module.WINDOW_MAX))


@caught_by(Promise.SAVED_BEFORE_SAID)
def outbox_saved_after_saying(patch: pytest.MonkeyPatch) -> None:
    handle = Session.handle

    def late(self: Session, event: client_events.Event) -> list[client_effects.Effect]:
        return sorted(handle(self, event), key=lambda each: isinstance(each, client_effects.Save))

    patch.setattr(Session, "handle", late)


@caught_by(Promise.READ_IS_KEPT, Promise.SAVED_BEFORE_SAID)
def outbox_without_receipts(patch: pytest.MonkeyPatch) -> None:
    owed = Session.owed.fget  # type: ignore[attr-defined]

    def without(self: Session) -> Owed:
        kept: Owed = owed(self)
        return msgspec.structs.replace(kept, reads={})

    patch.setattr(Session, "owed", property(without))


@caught_by(Promise.TICK_IS_READ_BY, first_seed=250)
def late_reader_not_counted(patch: pytest.MonkeyPatch) -> None:
    told = answers.receipts

    def receipts(*args: object, **options: object) -> list[Receipt]:
        return [msgspec.structs.replace(each, late=False) for each in told(*args, **options)]  # type: ignore[arg-type]

    for module in (answers, answers.pages, answers.returning):
        patch.setattr(module, "receipts", receipts)


@caught_by(Promise.TICK_IS_READ_BY)
def late_reader_of_a_page_counted_twice(patch: pytest.MonkeyPatch) -> None:
    mark = Replica._mark

    def twice(self: Replica, receipt: Receipt | PageReceipt) -> list[int]:
        whole = Receipt(
            room=self.name,
            reader=receipt.reader,
            ranges=receipt.ranges,
            read_at=receipt.read_at,
            late=receipt.late,
        )
        return mark(self, whole)

    patch.setattr(Replica, "_mark", twice)


@caught_by(Promise.TICK_IS_READ_BY, first_seed=310)
def audience_keeps_who_has_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pages, "_renew", lambda *_: iter(()))


@caught_by(Promise.TICK_IS_READ_BY, first_seed=620)
def renewal_forgotten_by_a_cut(patch: pytest.MonkeyPatch) -> None:
    def forget(self: Pages) -> None:
        stale = self._stale
        cut(self)
        self._stale = stale

    cut = Pages.cut
    patch.setattr(Pages, "cut", forget)


@caught_by(Promise.NEVER_FALSE, Promise.SAVED_BEFORE_SAID, first_seed=130)
def ranges_bridge_what_was_not_seen(patch: pytest.MonkeyPatch) -> None:
    def see(self: Replica, ids: frozenset[int]) -> Ranges:
        seen = self.unread(ids)
        told = ((min(seen), max(seen)),) if seen else ()
        self.read = rangesets.union(self.read, told)
        return told

    patch.setattr(Replica, "see", see)


@caught_by(Promise.NEVER_FALSE)
def high_water_mark_for_ranges(patch: pytest.MonkeyPatch) -> None:
    news = Room.news

    def all_up_to(self: Room, reader: str, ranges: Ranges) -> Ranges:
        return news(self, reader, ((1, ranges[-1][1]),))

    patch.setattr(Room, "news", all_up_to)


def thawed(patch: pytest.MonkeyPatch, spoil: Callable[[Room], None]) -> None:
    """Spoil what comes out of a snapshot."""
    thaw = Room.thaw

    def spoilt(state: RoomState) -> Room:
        room = thaw(state)
        spoil(room)
        return room

    patch.setattr(Room, "thaw", spoilt)


@caught_by(Promise.POSTED_ONCE, Promise.RECOVERY_EQUALS_LIFE)
def nonces_lost_in_snapshot(patch: pytest.MonkeyPatch) -> None:
    thawed(patch, lambda room: room.messages._ids_by_nonce.clear())


@caught_by(Promise.TICK_IS_READ_BY, Promise.RECOVERY_EQUALS_LIFE)
def revision_lost_in_snapshot(patch: pytest.MonkeyPatch) -> None:
    thawed(patch, lambda room: setattr(room, "revision", 1))


@caught_by(Promise.RECOVERY_EQUALS_LIFE, Promise.UNREAD_IS_RIGHT)
def snapshot_goes_on_with_its_room(patch: pytest.MonkeyPatch) -> None:
    freeze = Room.freeze

    def frozen(self: Room) -> RoomState:
        return replace(freeze(self), stays=self._people._stays, readings=self.readings)

    patch.setattr(Room, "freeze", frozen)


@caught_by(Promise.POSTED_ONCE)
def outgoing_forgotten_on_cut(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Posts, "queued", property(lambda _: ()))


@caught_by(Promise.WINDOW_IS_WHOLE)
def acknowledged_shown_beside_its_message(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Posts, "arrive", lambda *_: False)
    patch.setattr(Posts, "settle", lambda *_: None)


@caught_by(Promise.UNREAD_IS_RIGHT)
def own_messages_counted_as_unread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Room, "unread_count", lambda self, name: rangesets.count(self.unread(name)))


@caught_by(Promise.ACKNOWLEDGED_IS_KEPT, Promise.IDS_HAVE_NO_GAPS)
def one_message_told_as_another(patch: pytest.MonkeyPatch) -> None:
    message = answers.message

    def shifted(*args: object, **options: object) -> Message:
        told = message(*args, **options)  # type: ignore[arg-type]
        return msgspec.structs.replace(told, content=told.content + " ") if told.id == 3 else told

    patch.setattr(answers, "message", shifted)


@caught_by(Promise.ORDER_IS_KEPT)
def all_that_is_queued_sent_at_once(patch: pytest.MonkeyPatch) -> None:
    def send(self: Dues) -> Iterator[Post]:
        queued = (each for each in self.posts.queued if self.is_in(each.room))
        return map(request, queued if self.may_send else ())

    patch.setattr(Dues, "send_post", send)


@caught_by(Promise.FULL_IS_NO_REFUSAL)
def full_disk_taken_for_a_refusal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(session, "DISK_FULL", "another-code")


@caught_by(Promise.FULL_IS_NO_REFUSAL, Promise.WINDOW_IS_WHOLE)
def owed_told_before_joining(patch: pytest.MonkeyPatch) -> None:
    welcome = Session._welcome

    def admitted(self: Session, frame: Welcome, now_ms: int) -> Iterator[client_effects.Effect]:
        self._dues.admit(self.room)
        return welcome(self, frame, now_ms)

    patch.setattr(Session, "_welcome", admitted)


@caught_by(Promise.READ_IS_KEPT)
def receipts_dropped_by_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OwedReceipts, "held", OwedReceipts.answered)


@caught_by(Promise.READ_IS_KEPT)
def receipts_held_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(OwedReceipts, "held", lambda *_: None)


@caught_by(Promise.FULL_IS_NO_REFUSAL)
def held_and_never_tried_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Holdup, "elapse", lambda *_: False)


@caught_by(Promise.NAME_IS_PROVEN)
def every_proof_taken_for_good(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Admission, "is_proven", lambda *_: True)


@caught_by(Promise.NAME_IS_PROVEN)
def every_key_taken_for_the_name_s(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Admission, "_refusal_of_key", lambda *_: None)


@caught_by(Promise.NAME_IS_PROVEN)
def welcome_before_the_name_is_on_disk(patch: pytest.MonkeyPatch) -> None:
    def is_welcome(effect: Effect) -> bool:
        return isinstance(effect, Send) and isinstance(effect.frame, Welcome)

    through_hub(patch, lambda _, effects: sorted(effects, key=lambda each: not is_welcome(each)))


@caught_by(Promise.NAME_IS_PROVEN, Promise.RECOVERY_EQUALS_LIFE)
def keys_lost_in_snapshot(patch: pytest.MonkeyPatch) -> None:
    freeze = People.freeze
    patch.setattr(People, "freeze", lambda self: replace(freeze(self), persons={}))


Part = Hub | Serving | Entering | Receipts


def heedless(patch: pytest.MonkeyPatch, owner: type[Part], method: str) -> None:
    """Have one method of each hub know nothing of a full disk."""
    whole = getattr(owner, method)

    def act(self: Part, *args: object) -> object:
        live = self._live
        full, live.full = live.full, False
        done = whole(self, *args)
        if isinstance(done, Iterator):
            done = iter(list(done))
        live.full = full
        return done

    patch.setattr(owner, method, act)


@caught_by(Promise.FULL_TAKES_NOTHING)
def post_to_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    heedless(patch, Serving, "_post")


@caught_by(Promise.FULL_TAKES_NOTHING)
def receipt_to_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    heedless(patch, Receipts, "read")


@caught_by(Promise.FULL_TAKES_NOTHING)
def acknowledgement_to_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    heedless(patch, Receipts, "acknowledge")


@caught_by(Promise.NOBODY_ELSE_IS_TOLD)
def acknowledgements_for_everybody(patch: pytest.MonkeyPatch) -> None:
    def told(room: Room, _: str, ids: range, revision: int = -1) -> Iterator[tuple[int, str, int, int]]:
        return (row[:4] for row in room.acknowledgements.told(ids, revision))

    for module in (answers.pages, answers.returning):
        patch.setattr(module, "acknowledged_told", told)


@caught_by(Promise.FULL_TAKES_NOTHING)
def hello_to_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    heedless(patch, Hub, "_refusal")


@caught_by(Promise.FULL_TAKES_NOTHING)
def join_of_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    heedless(patch, Entering, "_no_entry")


@caught_by(Promise.FULL_TAKES_NOTHING)
def leave_from_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    heedless(patch, Entering, "leave")


def found(schedules: Iterable[int]) -> tuple[int, Broken] | None:
    """The first of the schedules that breaks a promise, and which."""
    for seed in schedules:
        try:
            run(seed)
        except Broken as broken:
            return seed, broken
    return None


@pytest.mark.parametrize("name", BUGS)
def test_planted_bugs_die(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug = BUGS[name]
    bug.plant(monkeypatch)
    caught = found(range(bug.first_seed, bug.first_seed + PLANTED_SCHEDULES))
    assert caught is not None, f"{name} lives"
    seed, broken = caught
    print(f"{name}: seed {seed}, {broken}")  # noqa: T201
    assert broken.promise in bug.promises
