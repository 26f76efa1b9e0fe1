"""An app whose server is scripted: it says the same at the same time in each run."""

from collections.abc import Awaitable, Callable, Iterator

from textual.pilot import Pilot

from chat_server.protocol import (
    AcknowledgedBy,
    AnyFrame,
    AnyRequest,
    Bans,
    ChangeSettings,
    FetchBans,
    FetchHistory,
    FetchHorizons,
    FetchInfo,
    FetchPins,
    FetchRooms,
    Found,
    History,
    Hit,
    Horizon,
    Horizons,
    Info,
    Message,
    Ok,
    PageReceipt,
    Pins,
    Post,
    ReadBy,
    Refused,
    RoomListing,
    Rooms,
    RoomSummary,
    Search,
    Settings,
    Welcome,
)
from chat_tui.app import ChatApp
from chat_tui.gestures import attentive
from chat_tui.model.events import Cut, Heard, Linked
from chat_tui.widgets.composer import Composer
from tests.chat_tui.people import until
from tests.identities import NONCE, challenge

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
LISTED = (
    RoomListing(
        name="board", title="Board of directors", members=7, joined=False, policy={"receipts": "required"}
    ),
    RoomListing(name="general", title="general", members=4, joined=True),
    RoomListing(name="random", title="Anything but work", members=31, joined=False),
)
READ = {4: ("Ada", "Grace", "Edsger"), 5: ("Ada",)}

ELSEWHERE = {
    "@1": tuple(
        Message(
            room="@1",
            id=number,
            sender=sender,
            content=content,
            sent_at=TEN_MS + 60_000 * (number - 4),
            audience=1,
            read_by=1,
        )
        for number, (sender, content) in enumerate(
            (("John", "Shall I wait with the tag?"), ("Ada", "Five minutes."), ("Ada", "Now, please.")), start=8
        )
    )
}
"""What is said in other rooms."""
EDITED = 4
"""The message that is told to have been read in two texts; whether it is edited is for the test."""


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
            case FetchHistory(ref=ref, room="general"):
                self._hear(self._page(ref))
            case FetchHistory(ref=ref, room=room):
                self._hear(History(room=room, messages=ELSEWHERE.get(room, ()), more=False, ref=ref))
            case FetchInfo(ref=ref, message_id=message_id):
                self._hear(_info(message_id, ref))
            case FetchPins(ref=ref):
                pinned = self._page(None).messages[1:4]
                self._hear(Pins(room="general", messages=pinned, more=True, ref=ref))
            case FetchRooms(ref=ref):
                self._hear(Rooms(rooms=LISTED, ref=ref))
            case FetchBans(ref=ref, room=room):
                self._hear(Bans(room=room, names=("Mallory", "Trudy"), ref=ref))
            case FetchHorizons(ref=ref, room=room):
                horizons = (Horizon("Ada", 5, TEN_MS), Horizon("Grace", 4, TEN_MS), Horizon("Edsger", 4, TEN_MS))
                self._hear(Horizons(room=room, horizons=horizons, ref=ref))
            case Search(ref=ref, query=query):
                self._hear(Found(query=query, hits=tuple(self._hits(query)), ref=ref))
            case ChangeSettings(ref=ref):
                self._hear(Settings(receipts="public", rooms={}, ref=ref))
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

    def _hits(self, words: str) -> Iterator[Hit]:
        """Of each message that has these words the first place, the newest message first."""
        for message in reversed(self._page(None).messages):
            at = message.content.casefold().find(words)
            if at >= 0:
                yield Hit(message, ((at, at + len(words)),))

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
    if message_id == EDITED:
        return Info(
            room="general",
            message_id=message_id,
            read_by=(ReadBy("Ada", TEN_MS + 400_000),),
            missing=("Edsger",),
            unshared=(),
            read_earlier=(ReadBy("Grace", TEN_MS + 250_000),),
            acknowledged=(AcknowledgedBy("Ada", TEN_MS + 410_000),),
            acknowledged_earlier=(AcknowledgedBy("Grace", TEN_MS + 260_000),),
            ref=ref,
        )
    readers = READ.get(message_id, ())
    return Info(
        room="general",
        message_id=message_id,
        read_by=tuple(ReadBy(name, TEN_MS + 90_000 * number) for number, name in enumerate(readers)),
        missing=tuple(name for name in MEMBERS[1:3] if name not in readers),
        unshared=() if "Edsger" in readers else ("Edsger",),
        ref=ref,
    )


async def settle(pilot: Pilot[None]) -> None:
    """Wait until everything has been drawn, whatever that takes."""
    app = pilot.app
    assert isinstance(app, ChatApp)
    await pilot.pause()
    await until(lambda: app._drawing is None, "everything is drawn")
    await pilot.pause()


def doing(*keys: str, write: tuple[str, ...] = (), hear: tuple[AnyFrame, ...] = (), offline: bool = False) -> Act:
    """Write some messages, hear what others do, then press some keys."""

    async def do(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, ChatApp)
        composer = app._chat.query_one(Composer)
        await pilot.press("f13")
        await settle(pilot)
        if offline:
            app._hear(Cut("nothing listens at 127.0.0.1:8080", 1_004_000))
            await settle(pilot)
        for text in write:
            composer.post_message(Composer.Sent(text, composer.room))
            await settle(pilot)
        for frame in hear:
            app._hear(Heard(frame, attentive.steady_ms()))
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return do
