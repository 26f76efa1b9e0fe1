"""Random keys, jumps, resizes, focus reports, arrivals and pauses at the running app, against a model of what was
seen.

The model looks at nothing but the drawn screen: a text is seen while the whole of its last row is among the
messages on it, no other screen lies over them, and the room shares what is read. A quote is not what it quotes,
an edited message has another text, and each room has messages of its own. The model counts for how long that held
while somebody was there, and at each moment says which receipts there must be by now: no other may be sent, and
none of them may be missing.
"""

import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from textual import events

from chat_tui.app import ChatApp, Options
from chat_tui.outbox import Outbox
from chat_tui.screens.chat import ChatScreen
from chat_tui.widgets.messages import Messages
from tests.chat_tui.crowd import ROOMS, Crowd, Text, last_row
from tests.chat_tui.people import Clock, Person, passport

DWELL_MS: Final = 500
IDLE_MS: Final = 300_000
EVIDENCE_MS: Final = 60_000
STEPS: Final = 60
SEEDS: Final = 6
SIZES: Final = ((80, 24), (40, 15), (120, 40), (60, 12))
KEYS: Final = (
    *("tab", "escape", "pageup", "pageup", "pagedown", "ctrl+g", "up", "down", "k", "j", "g", "G", "i", "f1"),
    *("x", "a", "enter", "ctrl+p", "ctrl+j", "backspace", "r", "h", "s", "plus", "space"),
    *("f5", "f6", "f7", "f8", "ctrl+f", "ctrl+k", "b", "B", "n"),
)
COVERS: Final = ("f1", "f5", "f7", "f8", "ctrl+f", "ctrl+k", "ctrl+p", "space", "plus", "i", "D")
"""Keys that put a screen over the messages, some only from among them."""
TURNS: Final = ("f3", "f4", "ctrl+n")
"""Keys that turn to another room."""
ACTS: Final = (
    *(
        "key",
        "key",
        "key",
        "key",
        "turn",
        "turn",
        "jump",
        "jump",
        "cover",
        "cover",
        "wheel",
        "resize",
        "focus",
        "blur",
    ),
    *("arrive", "arrive", "arrive", "edit", "share", "hold", "toast", "hush"),
)
PAUSES_MS: Final = (0, 1, 300, 499, 500, 700, 5_000, 61_000, 301_000)
RELEASE: Final = "Release (r)"
"""What stands on the screen that asks what is to become of held receipts."""


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
    doubtful: set[Text] = field(default_factory=set)
    """What need not be told: sharing changed before, or it was dropped and may not have left since."""
    holding: bool = False
    collected: set[Text] = field(default_factory=set)
    dropped: set[Text] = field(default_factory=set)
    """In view since they were dropped."""

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

    def hold(self) -> None:
        """The key of the hold; with something collected it only asks."""
        self.holding = not self.holding or bool(self.collected)

    def release(self, modes: dict[str, Any]) -> None:
        self.holding = False
        self._earn({each for each in self.collected if modes[each[0]] != "off"})
        self.collected.clear()

    def drop(self) -> None:
        self.holding = False
        self.dropped |= self.collected
        self.collected.clear()
        self.since_ms = {}

    def mistrust(self, told: frozenset[Text]) -> None:
        """Sharing has changed: what was not told before need not be told."""
        self.doubtful |= (self.earned | self.collected) - told

    def look(self, seen: set[Text], *, covered: bool) -> None:
        """This is on screen from now on."""
        if covered:
            self.doubtful |= self.dropped
            self.dropped.clear()
        self.dropped &= seen
        there = not covered and self.there_until_ms() >= self.now_ms
        counts = seen - self.dropped
        self.since_ms = {each: self.since_ms.get(each, self.now_ms) for each in counts} if there else {}

    def wait(self, ms: int) -> None:
        """Nothing changes but the time."""
        self.now_ms += ms
        upto_ms = min(self.now_ms, self.there_until_ms())
        self._earn({each for each, since_ms in self.since_ms.items() if upto_ms - since_ms >= DWELL_MS})
        if upto_ms < self.now_ms:
            self.since_ms = {}

    def there_until_ms(self) -> int:
        if self.focused is False:
            return -1
        return self.alive_until_ms if self.focused else min(self.evident_until_ms, self.alive_until_ms)

    def _earn(self, texts: set[Text]) -> None:
        if self.holding:
            self.collected |= texts - self.earned
        else:
            self.earned |= texts


def on_screen(john: Person) -> list[str]:
    """The rows of the messages, without those of which a toast covers a part."""
    region = john.app._chat.messages.region
    toasts = [each.region for each in john.app.screen.query("Toast")]
    return [
        row[region.x : region.right]
        for y, row in enumerate(john.rows)
        if region.y <= y < region.bottom and not any(each.y <= y < each.bottom for each in toasts)
    ]


def seen(john: Person) -> set[Text]:
    """The texts the last row of which is on screen, from its first to its last character."""
    if is_covered(john):
        return set()
    found = set()
    for row in on_screen(john):
        begins = re.match(r"[^\w<]*<([a-z])([0-9]+)/([0-9]+)\.", row)
        if begins is not None:
            room = next(each for each in ROOMS if each[0] == begins[1])
            text = room, int(begins[2]), int(begins[3])
            if last_row(*text) in row:
                found.add(text)
    return found


def is_covered(john: Person) -> bool:
    return not isinstance(john.app.screen, ChatScreen)


def begins_on_screen(john: Person, room: str, number: int) -> bool:
    """Whether the first row of this message is among the messages."""
    first_row = re.compile(rf"[^\w<]*(line 0 of |<){room[0]}{number}\b")
    return any(first_row.match(row) for row in on_screen(john))


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


class Player:
    """Has things happen, and the model know of them."""

    def __init__(self, john: Person, crowd: Crowd, model: Model, chance: random.Random) -> None:
        self._john = john
        self._crowd = crowd
        self._model = model
        self._chance = chance

    async def act(self) -> str:
        """Something happens; what."""
        what: str = self._chance.choice(ACTS)
        john = self._john
        if john.sees(RELEASE):
            return await self._decide()
        match what:
            case "key":
                return await self._press(self._chance.choice(KEYS))
            case "turn":
                return await self._turn()
            case "jump":
                return await self._jump()
            case "cover":
                john.app._chat.set_focus(john.widget(Messages))
                return await self._press(self._chance.choice(COVERS))
            case "hold":
                return await self._hold()
            case "wheel":
                self._wheel()
            case "resize":
                await john.resize(*self._chance.choice(SIZES))
            case "focus":
                self._model.focus()
                await john.focus()
            case "blur":
                self._model.blur()
                await john.blur()
            case "arrive":
                self._crowd.arrive()
            case "edit":
                self._crowd.edit()
            case "share":
                self._crowd.share()
            case "toast":
                john.app.notify("A toast. " * self._chance.choice((1, 9)))
            case _:
                john.app.clear_notifications()
        return what

    async def _press(self, *keys: str) -> str:
        for key in keys:
            self._model.press()
            await self._john.press(key)
        return " ".join(keys)

    async def _hold(self) -> str:
        if is_covered(self._john):
            return await self._press("escape")
        self._model.hold()
        return await self._press("ctrl+t")

    async def _decide(self) -> str:
        """What becomes of what is held."""
        key = self._chance.choice(("r", "d", "escape"))
        if key == "r":
            self._model.release(self._crowd.modes)
        elif key == "d":
            self._model.drop()
        return await self._press(key)

    async def _turn(self) -> str:
        """To another room, which begins at what is unread in it."""
        john, before = self._john, self._john.app._session.room
        if is_covered(john):
            return await self._press("escape")
        john.app.clear_notifications()
        key = await self._press(self._chance.choice(TURNS))
        await john.settle()
        room = john.app._session.room
        sure = not any(each[0] == room for each in self._model.doubtful)
        first = self._crowd.unread(room, self._model.earned | self._crowd.acknowledged)
        if room != before and sure and first is not None and not john.toasts:
            assert begins_on_screen(john, room, first), f"{room} does not begin at {first}:\n{john.screen}"
        return key

    async def _jump(self) -> str:
        """Somewhere else, past messages that are skipped."""
        john, chance = self._john, self._chance
        if is_covered(john):
            return await self._press("escape")
        john.app._chat.set_focus(john.widget(Messages))
        down = ["down"] * chance.randrange(9)
        match chance.choice(("search", "pins", "date", "parent", "back", "unread")):
            case "search":
                where, go = chance.choice(((), ("ctrl+r",))), ("enter", *down, "enter")
                return await self._press("ctrl+f", *chance.choice(("g1", "a1", "ne")), *where, *go)
            case "pins":
                return await self._press("f7", *down[:2], "enter")
            case "date":
                return await self._press("D", *chance.choice(("1970-01-01", "yesterday")), "enter")
            case "parent":
                return await self._press("b")
            case "back":
                return await self._press("B")
            case _:
                return await self._press("n")

    def _wheel(self) -> None:
        up = self._chance.random() < 0.5
        kind = events.MouseScrollUp if up else events.MouseScrollDown
        self._model.evident_until_ms = self._model.now_ms + EVIDENCE_MS
        self._model.alive_until_ms = self._model.now_ms + IDLE_MS
        x = self._john.app._chat.messages.region.x + 10
        self._john.report(kind(None, x, 3, 0, 0, 0, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=3))


async def play(tmp_path: Path, clock: Clock, seed: int) -> None:
    chance = random.Random(seed)
    async with crowded(tmp_path, clock, chance) as (john, crowd):
        await john.settle()
        model = Model(clock(), alive_until_ms=clock() + IDLE_MS)
        player = Player(john, crowd, model, chance)
        done: list[str] = []
        for _ in range(STEPS):
            changes = crowd.mode_changes
            done.append(await player.act())
            await john.settle()
            if crowd.mode_changes != changes:
                model.mistrust(crowd.read)
            shared = {each for each in seen(john) if crowd.modes[each[0]] != "off"}
            model.look(shared, covered=is_covered(john))
            pause_ms = chance.choice(PAUSES_MS)
            model.wait(pause_ms)
            await john.wait(pause_ms)
            await john.wait(0)
            done.append(str(pause_ms))
            assert crowd.read <= model.earned, f"never seen: {crowd.read - model.earned} after {done}"
        await john.wait(250)
        told = {text for text in model.earned if any(is_as_late(each, text) for each in crowd.read)}
        due = {each for each in model.earned - model.doubtful - crowd.acknowledged if crowd.is_hers(each)}
        assert due <= told, f"not told: {due - told} after {done}"


def is_as_late(told: Text, seen: Text) -> bool:
    """Whether it is the same message, and the text that was seen or a later one."""
    return told[:2] == seen[:2] and told[2] >= seen[2]


@pytest.fixture(autouse=True)
def _steady_toasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """None goes by itself: it would by the time of the machine, at which the model does not look."""
    monkeypatch.setattr(ChatApp, "NOTIFICATION_TIMEOUT", 3_600)
    monkeypatch.setattr("chat_tui.gestures.reading.NOTICE_AFTER_S", 3_600.0)
    monkeypatch.setattr("chat_tui.telling.NOTICE_AFTER_S", 3_600.0)


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

    def random(self) -> float:
        return 1.0


async def test_what_a_toast_covers_is_read_once_it_is_gone(tmp_path: Path, clock: Clock) -> None:
    async with crowded(tmp_path, clock, Plain()) as (john, crowd):
        for _ in range(60):
            crowd.arrive()
        await john.settle()
        await john.press("pageup", "pageup", "pagedown")
        await john.focus()
        everything = seen(john)
        john.app.notify("A toast. " * 9)
        await john.settle()
        beside = seen(john)
        assert beside < everything
        assert john.visible == {number for _, number, _ in beside}
        await john.wait(DWELL_MS)
        assert not crowd.read & (everything - beside)
        john.app.clear_notifications()
        await john.settle()
        await john.wait(DWELL_MS)
        await john.wait(250)
        assert everything <= crowd.read
