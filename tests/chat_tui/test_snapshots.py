"""How it looks: a few screens, compared as pictures. `pytest --snapshot-update` takes them anew; look before."""

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from chat_server.protocol import (
    AnyFrame,
    AnyRequest,
    Changed,
    FetchHistory,
    FetchInfo,
    FetchPins,
    History,
    Info,
    Message,
    Ok,
    PageReceipt,
    Pins,
    Post,
    ReadBy,
    Refused,
    RoomSummary,
    Welcome,
)
from chat_tui.app import ChatApp, Options
from chat_tui.model.events import Cut, Heard, Linked
from chat_tui.outbox import Outbox
from chat_tui.widgets.composer import Composer
from tests.chat_tui.people import Clock, passport
from tests.identities import NONCE, challenge

Compare = Callable[..., bool]
Start = Callable[..., ChatApp]
Act = Callable[[Pilot[None]], Awaitable[None]]
TEN_MS = 1_736_935_200_000
"""10:00 UTC on 15 January 2025."""
MEMBERS = ("John", "Ada", "Grace", "Edsger")
SAID = (
    ("Ada", "Morning! The deploy is at ten."),
    ("Ada", "Release notes are in the usual place: a short list of what has changed, and whom to ask about it."),
    ("Grace", "Thanks. I will watch the dashboards:\n- latency of the write path\n- errors per minute"),
    ("John", "Ten it is."),
    ("John", "The pipeline is green, and the tag is pushed."),
    ("John", "See you there!"),
)
READ = {4: ("Ada", "Grace", "Edsger"), 5: ("Ada",)}


class Scripted:
    """A connection in whose place the test answers: nothing is sent anywhere, and nothing depends on time."""

    def __init__(self, app: ChatApp, said: tuple[tuple[str, str], ...]) -> None:
        self._app = app
        self._said = said

    async def run(self) -> None:
        self._app._hear(Linked(NONCE))
        self._hear(challenge(NONCE))
        unread = len(self._said) + 1
        room = RoomSummary(
            name="general",
            title="general",
            last_id=len(self._said),
            revision=1,
            first_unread=None if not self._said else unread,
            unread=0,
            members=MEMBERS,
            online=MEMBERS[:3],
        )
        self._hear(Welcome(name="John", epoch="one", rooms=(room,)))

    def say(self, request: AnyRequest) -> None:
        match request:
            case FetchHistory(ref=ref):
                self._hear(self._page(ref))
            case FetchInfo(ref=ref, message_id=message_id):
                self._hear(_info(message_id, ref))
            case FetchPins(ref=ref):
                pinned = self._page(None).messages[1:4]
                self._hear(Pins(room="general", messages=pinned, more=True, ref=ref))
            case Post(ref=ref, content="refused"):
                self._hear(Refused(code="too-long", reason="The message is not to the server's taste.", ref=ref))
            case Post():
                pass  # it stays on its way
            case _:
                self._hear(Ok(ref=request.ref))

    def hurry(self) -> None:
        pass

    def give_up(self, reason: str) -> None:
        pass

    def _hear(self, frame: AnyFrame) -> None:
        self._app._hear(Heard(frame, 0))

    def _page(self, ref: str | None) -> History:
        messages = tuple(
            Message(
                room="general",
                id=number,
                sender=sender,
                content=content,
                sent_at=TEN_MS + 60_000 * number,
                audience=3,
                read_by=len(READ.get(number, ())),
            )
            for number, (sender, content) in enumerate(self._said, start=1)
        )
        receipts = tuple(
            PageReceipt(reader=name, ranges=((number, number),), read_at=TEN_MS + 90_000)
            for number, names in READ.items()
            for name in names
        )
        return History(room="general", messages=messages, more=False, receipts=receipts, ref=ref)


def _info(message_id: int, ref: str | None) -> Info:
    readers = READ.get(message_id, ())
    return Info(
        room="general",
        message_id=message_id,
        read_by=tuple(ReadBy(name, TEN_MS + 90_000 * number) for number, name in enumerate(readers)),
        missing=tuple(name for name in MEMBERS[1:3] if name not in readers),
        unshared=() if "Edsger" in readers else ("Edsger",),
        ref=ref,
    )


@pytest.fixture
def start(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:  # noqa: ARG001
    """John's app with a scripted server, in UTC, at a time that stands still."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    outbox = Outbox.open(tmp_path, "ws://127.0.0.1:8080/ws", "John")

    def make(said: tuple[tuple[str, str], ...] = SAID, *, ascii_only: bool = False) -> ChatApp:
        url = "ws://127.0.0.1:8080/ws"
        app = ChatApp(
            Options("John", url, "general", ascii_only=ascii_only), outbox, passport("John", url, tmp_path)
        )
        app._connection = Scripted(app, said)  # type: ignore[assignment]
        return app

    monkeypatch.setattr("time.time_ns", lambda: (TEN_MS + 480_000) * 1_000_000)
    yield make
    outbox.close()
    monkeypatch.undo()
    time.tzset()


def doing(*keys: str, write: tuple[str, ...] = (), offline: bool = False) -> Act:
    """Write some messages, then press some keys."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        composer = app._chat.query_one(Composer)
        composer.cursor_blink = False
        await pilot.press("f13")
        if offline:
            app._hear(Cut("nothing listens at 127.0.0.1:8080", 1_004_000))
            await pilot.pause(0.1)
        for text in write:
            composer.post_message(Composer.Sent(text, composer.room))
            await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause(0.1)

    return do


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 15), (120, 40)])
def test_conversation(snap_compare: Compare, start: Start, width: int, height: int) -> None:
    run_before = doing(write=("refused", "On its way"))
    assert snap_compare(start(), terminal_size=(width, height), run_before=run_before)


def test_ascii(snap_compare: Compare, start: Start) -> None:
    run_before = doing("tab", write=("refused", "On its way"))
    assert snap_compare(start(ascii_only=True), terminal_size=(80, 24), run_before=run_before)


def test_info_of_a_message(snap_compare: Compare, start: Start) -> None:
    assert snap_compare(start(), terminal_size=(80, 24), run_before=doing("tab", "k", "i"))


def deleting(*keys: str) -> Act:
    """Have a message of one's own and one of somebody else deleted, then press some keys."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await doing()(pilot)
        for message_id, by in ((3, "Grace"), (5, "Ada")):
            app._hear(Heard(Changed(room="general", message_id=message_id, deleted_at=TEN_MS, deleted_by=by), 0))
        await pilot.pause(0.1)
        await pilot.press(*keys)
        await pilot.pause(0.1)

    return do


def test_removed_messages(snap_compare: Compare, start: Start) -> None:
    assert snap_compare(start(), terminal_size=(80, 24), run_before=deleting())


def test_whether_to_delete_a_message(snap_compare: Compare, start: Start) -> None:
    assert snap_compare(start(), terminal_size=(80, 24), run_before=deleting("tab", "d"))


def marking(*keys: str) -> Act:
    """Have messages pinned and reacted to, then press some keys."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        await doing()(pilot)
        for message_id in (2, 3, 4):
            app._hear(Heard(Changed(room="general", message_id=message_id, pinned=True), 0))
        reactions = {"\U0001f44d": ("Ada", "Grace"), "\U0001f440": ("John",)}
        app._hear(Heard(Changed(room="general", message_id=6, reactions=reactions), 0))
        await pilot.pause(0.1)
        await pilot.press(*keys)
        await pilot.pause(0.1)

    return do


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 15)])
def test_pins(snap_compare: Compare, start: Start, width: int, height: int) -> None:
    assert snap_compare(start(), terminal_size=(width, height), run_before=marking("f7"))


def test_choosing_a_reaction(snap_compare: Compare, start: Start) -> None:
    assert snap_compare(start(), terminal_size=(80, 24), run_before=marking("tab", "plus", *"tad"))


def test_help(snap_compare: Compare, start: Start) -> None:
    assert snap_compare(start(), terminal_size=(80, 24), run_before=doing("f1"))


def test_empty(snap_compare: Compare, start: Start) -> None:
    assert snap_compare(start(()), terminal_size=(80, 24), run_before=doing())


def test_offline_in_a_light_theme(snap_compare: Compare, start: Start) -> None:
    app = start()
    app.theme = "textual-light"
    run_before = doing(write=("Typed while offline",), offline=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=run_before)
