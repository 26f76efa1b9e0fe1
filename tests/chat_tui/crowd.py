"""A server with two rooms full of Ada's messages, for an app without a terminal: it answers whatever is asked.

Each text begins and ends with a row that says which one it is, so that a screen tells what is on it.
"""

import random
from typing import Final

from chat_server.protocol import (
    PAGE_MAX,
    Acknowledge,
    AnyFrame,
    AnyRequest,
    Changed,
    ChangeSettings,
    Direct,
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
    Join,
    Message,
    Ok,
    Pins,
    Post,
    Read,
    Refused,
    RoomListing,
    Rooms,
    RoomSummary,
    Search,
    Settings,
    Welcome,
)
from chat_server.protocol import ranges as rangesets
from chat_server.protocol.requests import Mode
from chat_tui.app import ChatApp
from chat_tui.model.events import Heard, Linked
from tests.chat_tui.people import Clock
from tests.identities import NONCE, challenge

ROOMS: Final = ("general", "attic")
Text = tuple[str, int, int]
"""A message's room, its number and its edition."""
DOTS: Final = 12 * "."
"""Whatever lies over them is likely to lie over one of them."""
HITS: Final = 20


class Crowd:
    """It knows which receipts came, and who is shown what John reads."""

    def __init__(self, app: ChatApp, clock: Clock, chance: random.Random) -> None:
        self.read: frozenset[Text] = frozenset()
        self.acknowledged: frozenset[Text] = frozenset()
        self.modes: dict[str, Mode] = dict.fromkeys(ROOMS, "public")
        self.mode_changes = 0
        self.first_unread: dict[str, int] = {}
        """Per room from which message on it had not been read elsewhere."""
        self._everywhere: Mode = "public"
        self._chosen: dict[str, Mode] = {}
        self._app = app
        self._clock = clock
        self._chance = chance
        self._rooms: dict[str, list[Message]] = {}
        for room in ROOMS:
            messages = [self._message(room, number) for number in range(1, chance.choice((3, 30, 450)))]
            self._rooms[room] = messages
            self.first_unread[room] = chance.choice((1, max(1, len(messages) - 5)))

    async def run(self) -> None:
        self._app._hear(Linked(NONCE))
        self._hear(challenge(NONCE))
        self._hear(Welcome(name="John", epoch="one", rooms=tuple(map(self._summary, ROOMS))))

    # What Ada does, and John at another device

    def arrive(self) -> None:
        room = self._chance.choice(ROOMS)
        message = self._message(room, len(self._rooms[room]) + 1)
        self._rooms[room].append(message)
        self._hear(message)

    def edit(self) -> None:
        """One of her newest messages says something else from now on."""
        room = self._chance.choice(ROOMS)
        hers = [each for each in self._rooms[room][-5:] if each.sender == "Ada"]
        if not hers:
            return
        old = self._chance.choice(hers)
        new = self._message(room, old.id, edition=old.edition + 1, reply_to=old.reply_to)
        self._rooms[room][old.id - 1] = new
        self._hear(
            Changed(
                room=room, message_id=new.id, content=new.content, edition=new.edition, edited_at=9, audience=1
            )
        )

    def share(self) -> None:
        """Other things are chosen at another device, most often to share again."""
        modes: tuple[Mode, ...] = ("public", "public", "private", "off")
        mode = self._chance.choice(modes)
        room = self._chance.choice((*ROOMS, ""))
        self._settle(ChangeSettings(rooms={room: mode}) if room else ChangeSettings(receipts=mode, rooms={}))

    # What is asked

    def say(self, request: AnyRequest) -> None:
        match request:
            case FetchHistory():
                self._hear(self._page(request))
            case FetchInfo(ref=ref, room=room, message_id=message_id):
                self._hear(
                    Info(room=room, message_id=message_id, read_by=(), missing=("Ada",), unshared=(), ref=ref)
                )
            case FetchPins(ref=ref, room=room):
                self._hear(Pins(room=room, messages=tuple(self._rooms[room][:3]), ref=ref))
            case FetchHorizons(ref=ref, room=room):
                self._hear(Horizons(room=room, horizons=(Horizon("Ada", 2, 1),), ref=ref))
            case FetchRooms(ref=ref):
                listed = (RoomListing(name=each, title=each, members=2, joined=True) for each in ROOMS)
                self._hear(Rooms(rooms=tuple(listed), ref=ref))
            case Search():
                self._hear(self._found(request))
            case ChangeSettings():
                self._settle(request)
            case Join(ref=ref, room=room) if room in ROOMS:
                self._hear(Ok(ref=ref, room=self._summary(room)))
            case Join(ref=ref) | Direct(ref=ref):
                self._hear(Refused(code="forbidden", reason="Nobody can be let in there.", ref=ref))
            case Read(ref=ref, room=room, ranges=ranges, editions=editions):
                texts = dict(editions)
                told = frozenset((room, each, texts.get(each, 0)) for each in rangesets.ids(ranges))
                self.read |= {each for each in told if self.is_hers(each)}
                self._hear(Ok(ref=ref))
            case Acknowledge(ref=ref, room=room, message_id=message_id, edition=edition):
                self.acknowledged |= {(room, message_id, edition)}
                self._hear(Ok(ref=ref))
            case Post(ref=ref, room=room, nonce=nonce, reply_to=reply_to):
                mine = self._message(room, len(self._rooms[room]) + 1, "John", nonce, reply_to=reply_to)
                self._rooms[room].append(mine)
                self._hear(Ok(ref=ref, message_id=mine.id))
                self._hear(mine)
            case _:
                self._hear(Ok(ref=request.ref))

    def hurry(self) -> None:
        pass

    def give_up(self, reason: str) -> None:
        raise AssertionError(reason)

    # What is so

    def is_hers(self, text: Text) -> bool:
        return self._rooms[text[0]][text[1] - 1].sender == "Ada"

    def unread(self, room: str, read: set[Text]) -> int | None:
        """The first of hers that John has not read, as far as the server or he himself knows."""
        numbers = {number for its, number, _ in read if its == room}
        rest = self._rooms[room][self.first_unread[room] - 1 :]
        return next((each.id for each in rest if each.sender == "Ada" and each.id not in numbers), None)

    def _settle(self, change: ChangeSettings) -> None:
        """Choose, and tell that."""
        self._everywhere = change.receipts or self._everywhere
        for room, mode in change.rooms.items():
            self._chosen.pop(room, None)
            if mode is not None:
                self._chosen[room] = mode
        modes = {room: self._chosen.get(room, self._everywhere) for room in ROOMS}
        self.mode_changes += modes != self.modes
        self.modes = modes
        self._hear(Settings(receipts=self._everywhere, rooms=dict(self._chosen), ref=change.ref))

    def _hear(self, frame: AnyFrame) -> None:
        self._app._hear(Heard(frame, self._clock()))

    def _message(
        self,
        room: str,
        number: int,
        sender: str = "Ada",
        nonce: str | None = None,
        *,
        edition: int = 0,
        reply_to: int | None = None,
    ) -> Message:
        lines = self._chance.choice((0, 0, 0, 1, 2, 30))
        body = "".join(f"line {each} of {room[0]}{number}\n" for each in range(lines))
        if number > 1 and sender == "Ada" and not edition and self._chance.random() < 0.3:
            reply_to = self._chance.randrange(max(1, number - 40), number)
        return Message(
            room=room, id=number, sender=sender, content=body + last_row(room, number, edition),
            sent_at=1_000 * number, audience=1, read_by=0, nonce=nonce, edition=edition, reply_to=reply_to,
        )  # fmt: skip

    def _summary(self, room: str) -> RoomSummary:
        last_id, first_unread = len(self._rooms[room]), self.first_unread[room]
        return RoomSummary(
            name=room, title=room, last_id=last_id, revision=1, first_unread=first_unread,
            unread=last_id - first_unread + 1, members=("John", "Ada"), online=("John", "Ada"),
            sharing=self.modes[room],
        )  # fmt: skip

    def _page(self, wanted: FetchHistory) -> History:
        all_of_it = self._rooms[wanted.room]
        total = len(all_of_it)
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
        messages = tuple(all_of_it[first - 1 : last])
        return History(room=wanted.room, messages=messages, more=more, ref=wanted.ref)

    def _found(self, wanted: Search) -> Found:
        """The newest with the words in them, and no more of them."""
        hits = []
        for room in ROOMS if wanted.room is None else (wanted.room,):
            for message in reversed(self._rooms[room]):
                at = message.content.find(wanted.query)
                if at >= 0:
                    hits.append(Hit(message, ((at, at + len(wanted.query)),)))
        hits.sort(key=lambda hit: -hit.message.sent_at)
        return Found(query=wanted.query, hits=tuple(hits[:HITS]), ref=wanted.ref)


def last_row(room: str, number: int, edition: int) -> str:
    return f"<{room[0]}{number}/{edition}{DOTS}{room[0]}{number}/{edition}>"
