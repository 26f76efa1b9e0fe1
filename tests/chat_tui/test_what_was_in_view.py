"""Random keys, resizes, focus reports, arrivals and pauses at the running app, against a model of what was seen.

The model looks at nothing but the drawn screen: a text is seen while the whole of its last row is on it, and an
edited message has another text. It
counts for how long that held while somebody was there, and at each moment says which receipts there must be by
now: no other may be sent, and none of them may be missing.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from textual import events

from chat_server.protocol import (
    PAGE_MAX,
    AnyFrame,
    AnyRequest,
    Changed,
    FetchHistory,
    FetchInfo,
    History,
    Info,
    Message,
    Ok,
    Post,
    Read,
    RoomSummary,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_tui.app import ChatApp, Options
from chat_tui.model.events import Heard, Linked
from chat_tui.outbox import Outbox
from tests.chat_tui.people import Clock, Person, passport
from tests.identities import NONCE, challenge

DWELL_MS: Final = 500
IDLE_MS: Final = 300_000
EVIDENCE_MS: Final = 60_000
STEPS: Final = 40
Text = tuple[int, int]
"""A message's number and its edition."""
DOTS: Final = 20 * "."
"""Whatever lies over them is likely to lie over one of them."""
SEEDS: Final = 4
SIZES: Final = ((80, 24), (40, 15), (120, 40), (60, 12))
KEYS: Final = (
    *("tab", "escape", "pageup", "pageup", "pagedown", "ctrl+g", "up", "down", "k", "j", "g", "G", "i", "f1"),
    *("ctrl+t", "x", "a", "enter", "ctrl+p", "ctrl+j", "backspace"),
)


class Crowd:
    """A server with many messages of Ada's, and now and then one more."""

    def __init__(self, app: ChatApp, clock: Clock, chance: random.Random) -> None:
        self.read: frozenset[Text] = frozenset()
        self._app = app
        self._clock = clock
        self._chance = chance
        self._messages = [self._message(each) for each in range(1, chance.choice((3, 30, 450)))]

    async def run(self) -> None:
        self._app._hear(Linked(NONCE))
        self._hear(challenge(NONCE))
        last_id = len(self._messages)
        first_unread = self._chance.choice((1, max(1, last_id - 5)))
        self._hear(Welcome(name="John", epoch="one", rooms=(self._summary(last_id, first_unread),)))

    def arrive(self) -> None:
        message = self._message(len(self._messages) + 1)
        self._messages.append(message)
        self._hear(message)

    def edit(self) -> None:
        """One of her newest messages says something else from now on."""
        hers = [each for each in self._messages[-5:] if each.sender == "Ada"]
        if not hers:
            return
        old = self._chance.choice(hers)
        self._messages[old.id - 1] = new = self._message(old.id, edition=old.edition + 1)
        self._hear(
            Changed(
                room="general",
                message_id=new.id,
                content=new.content,
                edition=new.edition,
                edited_at=9,
                audience=1,
            )
        )

    def say(self, request: AnyRequest) -> None:
        match request:
            case FetchHistory():
                self._hear(self._page(request))
            case FetchInfo(ref=ref, message_id=message_id):
                self._hear(
                    Info(room="general", message_id=message_id, read_by=(), missing=("Ada",), unshared=(), ref=ref)
                )
            case Read(ref=ref, ranges=ranges, editions=editions):
                texts = dict(editions)
                self.read |= {
                    (each, texts.get(each, 0))
                    for each in rangesets.ids(ranges)
                    if self._messages[each - 1].sender != "John"
                }
                self._hear(Ok(ref=ref))
            case Post(ref=ref, nonce=nonce):
                mine = self._message(len(self._messages) + 1, "John", nonce)
                self._messages.append(mine)
                self._hear(Ok(ref=ref, message_id=mine.id))
                self._hear(mine)
            case _:
                self._hear(Ok(ref=request.ref))

    def hurry(self) -> None:
        pass

    def give_up(self, reason: str) -> None:
        raise AssertionError(reason)

    def _hear(self, frame: AnyFrame) -> None:
        self._app._hear(Heard(frame, self._clock()))

    def _message(self, number: int, sender: str = "Ada", nonce: str | None = None, edition: int = 0) -> Message:
        lines = self._chance.choice((0, 0, 0, 1, 2, 30))
        body = "".join(f"line {each}\n" for each in range(lines)) + _last_row(number, edition)
        return Message(
            room="general", id=number, sender=sender, content=body, sent_at=1_000 * number, audience=1,
            read_by=0, nonce=nonce, edition=edition,
        )  # fmt: skip

    def _summary(self, last_id: int, first_unread: int) -> RoomSummary:
        return RoomSummary(
            name="general", title="general", last_id=last_id, revision=1, first_unread=first_unread,
            unread=last_id - first_unread + 1, members=("John", "Ada"), online=("John", "Ada"),
        )  # fmt: skip

    def _page(self, wanted: FetchHistory) -> History:
        total = len(self._messages)
        if wanted.before is not None:
            first = max(1, min(wanted.before, total + 1) - wanted.limit)
            last = min(wanted.before - 1, total)
            more = first > 1
        elif wanted.after is not None:
            first, last = wanted.after + 1, min(wanted.after + wanted.limit, total)
            more = last < total
        else:
            assert wanted.around is not None
            first = max(min(wanted.around - PAGE_MAX // 2, total - PAGE_MAX + 1), 1)
            last = min(first + PAGE_MAX - 1, total)
            more = last - first + 1 < total
        messages = tuple(self._messages[first - 1 : last])
        return History(room="general", messages=messages, more=more, ref=wanted.ref)


def _last_row(number: int, edition: int) -> str:
    return f"<{number}/{edition}{DOTS}{number}/{edition}>"


@dataclass
class Model:
    """What was on screen, since when, and whether anybody was there."""

    now_ms: int
    focused: bool | None = None
    evident_until_ms: int = -1
    alive_until_ms: int = 0
    since_ms: dict[Text, int] = field(default_factory=dict)
    """Per text, from when on it has been seen without a break by somebody who was there."""
    earned: set[Text] = field(default_factory=set)

    def press(self) -> None:
        self.evident_until_ms = self.now_ms + EVIDENCE_MS
        self.alive_until_ms = self.now_ms + IDLE_MS
        self.focused = True if self.focused is False else self.focused

    def focus(self) -> None:
        if not self.focused:
            self.alive_until_ms = self.now_ms + IDLE_MS
        self.focused = True

    def blur(self) -> None:
        self.focused = False

    def look(self, seen: set[Text], *, covered: bool) -> None:
        """This is on screen from now on."""
        there = not covered and self.there_until_ms() >= self.now_ms
        self.since_ms = {each: self.since_ms.get(each, self.now_ms) for each in seen} if there else {}

    def wait(self, ms: int) -> None:
        """Nothing changes but the time."""
        self.now_ms += ms
        upto_ms = min(self.now_ms, self.there_until_ms())
        self.earned |= {each for each, since_ms in self.since_ms.items() if upto_ms - since_ms >= DWELL_MS}
        if upto_ms < self.now_ms:
            self.since_ms = {}

    def there_until_ms(self) -> int:
        if self.focused is False:
            return -1
        return self.alive_until_ms if self.focused else min(self.evident_until_ms, self.alive_until_ms)


def seen(john: Person) -> set[Text]:
    """The texts the last row of which is on screen, from its first to its last character."""
    found = set()
    toasts = [each.region for each in john.app.screen.query("Toast")]
    for y, row in enumerate(john.rows):
        if any(each.y <= y < each.bottom for each in toasts):
            continue
        _, open_, rest = row.partition("<")
        number, _, edition = rest.partition(".")[0].partition("/")
        if open_ and number.isdigit() and edition.isdigit() and _last_row(int(number), int(edition)) in row:
            found.add((int(number), int(edition)))
    return found


@asynccontextmanager
async def crowded(tmp_path: Path, clock: Clock, chance: random.Random) -> AsyncIterator[tuple[Person, Crowd]]:
    url = "ws://127.0.0.1:8080/ws"
    outbox = Outbox.open(tmp_path, url, "John")
    app = ChatApp(Options("John", url, "general"), outbox, passport("John", url, tmp_path))
    crowd = Crowd(app, clock, chance)
    app._connection = crowd  # type: ignore[assignment]
    try:
        async with app.run_test(size=chance.choice(SIZES), notifications=True) as pilot:
            yield Person(app, pilot, clock, "John"), crowd
    finally:
        outbox.close()


async def act(john: Person, crowd: Crowd, model: Model, chance: random.Random) -> str:
    """Something happens; what."""
    what = chance.choice(
        ("key", "key", "key", "wheel", "resize", "focus", "blur", "arrive", "arrive", "edit", "toast", "hush")
    )
    match what:
        case "key":
            key = chance.choice(KEYS)
            model.press()
            await john.press(key)
            return key
        case "wheel":
            up = chance.random() < 0.5
            kind = events.MouseScrollUp if up else events.MouseScrollDown
            model.evident_until_ms = model.now_ms + EVIDENCE_MS
            model.alive_until_ms = model.now_ms + IDLE_MS
            john.report(kind(None, 10, 3, 0, 0, 0, shift=False, meta=False, ctrl=False, screen_x=10, screen_y=3))
        case "resize":
            await john.resize(*chance.choice(SIZES))
        case "focus":
            model.focus()
            await john.focus()
        case "blur":
            model.blur()
            await john.blur()
        case "arrive":
            crowd.arrive()
        case "edit":
            crowd.edit()
        case "toast":
            john.app.notify("A toast. " * chance.choice((1, 9)), timeout=3_600)
        case _:
            john.app.clear_notifications()
    return what


async def play(tmp_path: Path, clock: Clock, seed: int) -> None:
    chance = random.Random(seed)
    async with crowded(tmp_path, clock, chance) as (john, crowd):
        await john.settle()
        model = Model(clock(), alive_until_ms=clock() + IDLE_MS)
        done: list[str] = []
        for _ in range(STEPS):
            done.append(await act(john, crowd, model, chance))
            await john.settle()
            held = john.app.attention.held_count or "HELD" in john.app.attention.state.name
            model.look(seen(john), covered=john.app.is_covered())
            pause_ms = chance.choice((0, 1, 300, 499, 500, 700, 5_000, 61_000, 301_000))
            model.wait(pause_ms)
            await john.wait(pause_ms)
            await john.wait(0)
            if held:
                model.earned &= crowd.read
            done.append(str(pause_ms))
            assert crowd.read <= model.earned, f"never seen: {crowd.read - model.earned} after {done}"
        await john.wait(250)
        if "ctrl+t" not in done:
            told = own(john) | {
                each for each in model.earned if any(is_as_late(text, each) for text in crowd.read)
            }
            assert model.earned <= told, f"not told: {model.earned - told} after {done}"


def is_as_late(told: Text, seen: Text) -> bool:
    """Whether it is the same message, and the text that was seen or a later one."""
    return told[0] == seen[0] and told[1] >= seen[1]


def own(john: Person) -> set[Text]:
    """One's own messages need no receipt."""
    return {(each.id, 0) for each in john.app._session.view().messages if each.own and each.id is not None}


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_receipts_are_those_of_what_was_seen(tmp_path: Path, clock: Clock, seed: int) -> None:
    await play(tmp_path, clock, seed)


@pytest.mark.soak
async def test_receipts_are_those_of_what_was_seen_for_long(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.chat_tui.test_what_was_in_view.STEPS", 200)
    for seed in range(1_000, 1_200):
        await play(tmp_path / str(seed), clock, seed)


class Plain(random.Random):
    """No chance at all: the first of everything, so each message has one line."""

    def choice(self, seq: Any) -> Any:
        return seq[0]


async def test_what_a_toast_covers_is_read_once_it_is_gone(tmp_path: Path, clock: Clock) -> None:
    async with crowded(tmp_path, clock, Plain()) as (john, crowd):
        for _ in range(60):
            crowd.arrive()
        await john.settle()
        await john.press("pageup", "pageup", "pagedown")
        await john.focus()
        everything = seen(john)
        john.app.notify("A toast. " * 9, timeout=3_600)
        await john.settle()
        beside = seen(john)
        assert beside < everything
        assert john.visible == {number for number, _ in beside}
        await john.wait(DWELL_MS)
        assert not crowd.read & (everything - beside)
        john.app.clear_notifications()
        await john.settle()
        await john.wait(DWELL_MS)
        await john.wait(250)
        assert everything <= crowd.read
