"""What must be true, kept as naively as can be: sets of ids, and no word of how the program does it.

The world tells it all that happens: what was typed and seen, saved and said, put on disk, told and heard. It
raises `Broken` as soon as one of the promises is.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import NoReturn

from chat_server.chat import AnyRecord
from chat_server.people import Bound, PeopleRecord
from chat_server.protocol import (
    Acknowledge,
    Acknowledged,
    AnyFrame,
    AnyRequest,
    History,
    Info,
    Message,
    Ok,
    PageAcknowledgement,
    PageReceipt,
    Post,
    Read,
    Receipt,
)
from chat_server.room import Acknowledged as NotedRecord
from chat_server.room import Advanced, Departed, Entered, Opened, Posted


class Promise(Enum):
    """What is promised, and checked here or by the world."""

    ACKNOWLEDGED_IS_KEPT = "an acknowledged post is in the room, as it was typed"
    IDS_HAVE_NO_GAPS = "ids are 1, 2, 3, and everybody sees the same under them"
    POSTED_ONCE = "what was typed, and nothing else, is in the room once"
    READ_IS_KEPT = "what was seen and saved, or acknowledged as read, is read"
    NOTED_IS_KEPT = "what was acknowledged is acknowledged, once, by who said so, and read"
    NEVER_FALSE = "nobody is told to have read what they have not seen"
    FIRST_TIME_STAYS = "the time of the first reading never changes"
    TICK_IS_READ_BY = "a tick, the info and the read-by list are the same"
    NOBODY_ELSE_IS_TOLD = "receipts go to authors and to the reader's devices"
    SYNCED_BEFORE_TOLD = "nothing is told before it is on disk"
    SAVED_BEFORE_SAID = "nothing is said before it is in the outbox on disk"
    WINDOW_IS_WHOLE = "a window has no gaps, and nothing is in a view twice"
    UNREAD_IS_RIGHT = "the unread are those sent and not read"
    ORDER_IS_KEPT = "what a device posts is in the room in the order of typing"
    FULL_TAKES_NOTHING = "a full disk is asked for nothing"
    FULL_IS_NO_REFUSAL = "what a full disk does not take waits, and is not given up"
    RECOVERY_EQUALS_LIFE = "what is recovered is what was"
    NAME_IS_PROVEN = "a name is spoken for by whoever has its key, and nobody else"


class Broken(Exception):
    """A promise was broken."""

    def __init__(self, promise: Promise, how: str) -> None:
        """Take the promise and what was seen instead."""
        super().__init__(f"{promise.value}: {how}")
        self.promise = promise


def broken(promise: Promise, how: str) -> NoReturn:
    """Say that a promise was broken."""
    raise Broken(promise, how)


def check(promise: Promise, kept: bool, *how: object) -> None:  # noqa: FBT001 - it reads like an assertion
    """Raise Broken unless the promise is kept."""
    if not kept:
        broken(promise, " ".join(map(str, how)))


@dataclass(frozen=True)
class Said:
    """A message on disk."""

    sender: str
    nonce: str
    content: str
    sent_at: int


@dataclass
class Truth:
    """One room, as the disk has it."""

    said: list[Said] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    sent_to: dict[int, set[str]] = field(default_factory=dict)
    """Per id everybody who was a member then, but its sender."""
    read: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """Per id each reader and when, its sender perhaps among them."""
    noted: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """Per id who has acknowledged it, and when."""

    @property
    def last_id(self) -> int:
        return len(self.said)

    def sender(self, message_id: int) -> str:
        return self.said[message_id - 1].sender

    def by_others(self, name: str) -> set[int]:
        return {each for each in range(1, self.last_id + 1) if self.sender(each) != name}

    def readers(self, message_id: int) -> dict[str, int]:
        return {name: at for name, at in self.read[message_id].items() if name != self.sender(message_id)}

    def missing(self, message_id: int) -> set[str]:
        return self.sent_to[message_id] & self.members - set(self.read[message_id])

    def audience(self, message_id: int) -> int:
        return len(self.readers(message_id)) + len(self.missing(message_id))

    def read_of(self, name: str) -> set[int]:
        """What this person has read of others."""
        return {each for each in self.by_others(name) if name in self.read[each]}

    def unread(self, name: str) -> set[int]:
        """What was sent to this person and has not been read."""
        return {each for each in range(1, self.last_id + 1) if name in self.sent_to[each] - set(self.read[each])}


def ids_of(ranges: Iterable[tuple[int, int]]) -> set[int]:
    """Every id in the ranges."""
    return {each for first, last in ranges for each in range(first, last + 1)}


@dataclass
class Typing:
    """A message that somebody has entered."""

    room: str
    name: str
    content: str
    fit: bool
    """Whether the server can take it."""
    device: object = None
    """Who keeps an order; None for nobody."""
    saved: bool = False
    discarded: bool = False
    acknowledged: int | None = None


class Oracle:
    """Everything that has happened, and what follows from it."""

    def __init__(self) -> None:
        self.rooms: dict[str, Truth] = defaultdict(Truth)
        self.typings: dict[str, Typing] = {}
        """By nonce."""
        self.seen: dict[tuple[str, str], set[int]] = defaultdict(set)
        """Per room and person the ids that some device of theirs had in front of them."""
        self.saved_reads: dict[tuple[str, str], set[int]] = defaultdict(set)
        """Those of them that got as far as the disk of the device."""
        self.keys: dict[str, str] = {}
        """Per name the key that was the first to prove it."""

    # Clients

    def type(self, nonce: str, typing: Typing) -> None:
        self.typings[nonce] = typing

    def see(self, room: str, name: str, ids: Iterable[int]) -> None:
        self.seen[room, name].update(ids)

    def save(self, name: str, nonces: Iterable[str], reads: dict[str, set[int]]) -> None:
        """A device's outbox is on its disk, and holds this."""
        for nonce in nonces:
            self.typings[nonce].saved = True
        for room, ids in reads.items():
            self.saved_reads[room, name].update(ids & self.rooms[room].by_others(name))

    def say(self, name: str, request: AnyRequest) -> None:
        """A device sends a request."""
        match request:
            case Post(nonce=nonce):
                known = nonce in self.typings
                check(Promise.POSTED_ONCE, known, "nobody typed", nonce)
                check(Promise.SAVED_BEFORE_SAID, self.typings[nonce].saved, "post", nonce)
            case Read(room=room, ranges=ranges):
                unsaved = (ids_of(ranges) & self.rooms[room].by_others(name)) - self.saved_reads[room, name]
                check(Promise.SAVED_BEFORE_SAID, not unsaved, name, "reads of", unsaved)
            case _:
                pass

    def hear_ok(self, name: str, answered: AnyRequest, ok: Ok) -> None:
        """A device hears that its request is done."""
        match answered:
            case Post(room=room, nonce=nonce):
                said = self.rooms[room].said
                at = ok.message_id or 0
                kept = 1 <= at <= len(said) and (said[at - 1].sender, said[at - 1].nonce) == (name, nonce)
                check(Promise.ACKNOWLEDGED_IS_KEPT, kept, nonce, "was acknowledged as", at)
                self.typings[nonce].acknowledged = at
            case Read(room=room, ranges=ranges):
                truth = self.rooms[room]
                lost = (ids_of(ranges) & truth.by_others(name)) - truth.read_of(name)
                check(Promise.READ_IS_KEPT, not lost, name, "was acknowledged to have read", lost)
            case Acknowledge(room=room, message_id=each):
                truth = self.rooms[room]
                kept = name in truth.noted[each] and name in truth.read[each]
                check(Promise.NOTED_IS_KEPT, kept, name, "was told to have acknowledged", each)
            case _:
                pass

    def announce(self, room: str, reader: str, ids: Iterable[int]) -> None:
        """A person is told by a notice that somebody has read these."""
        for each in ids:
            check(Promise.NEVER_FALSE, reader in self.rooms[room].read[each], "notice of", reader, "and", each)

    # The server

    def sync(self, record: AnyRecord) -> None:
        """This is on disk."""
        if isinstance(record, PeopleRecord):
            if isinstance(record, Bound):
                check(Promise.NAME_IS_PROVEN, record.name not in self.keys, record, "after", self.keys)
                self.keys[record.name] = record.key
            return
        truth = self.rooms[record.room]
        match record:
            case Posted(entry=entry):
                check(Promise.IDS_HAVE_NO_GAPS, entry.id == truth.last_id + 1, entry.id, "after", truth.last_id)
                typing = self.typings.get(entry.nonce)
                typed = typing is not None and typing.name == entry.sender and typing.content == entry.content
                twice = any(each.nonce == entry.nonce for each in truth.said)
                check(Promise.POSTED_ONCE, typed and not twice, entry)
                if typing is not None and typing.device is not None:
                    self._check_order(entry.nonce, typing.device)
                truth.said.append(Said(entry.sender, entry.nonce, entry.content, entry.sent_at))
                truth.sent_to[entry.id] = truth.members - {entry.sender}
            case Advanced(reader=reader, ranges=ranges, read_at=read_at):
                self._advance(truth, record.room, reader, ids_of(ranges), read_at)
            case NotedRecord(id=each, reader=reader, at=at_ms):
                known = reader in truth.noted[each] or reader == truth.sender(each)
                check(Promise.NOTED_IS_KEPT, not known, record)
                check(Promise.NEVER_FALSE, each in self.seen[record.room, reader], record)
                truth.noted[each][reader] = at_ms
            case Entered(name=name):
                truth.members.add(name)
            case Departed(name=name):
                truth.members.remove(name)
            case Opened():
                pass
            case _:
                raise AssertionError(record)

    def _check_order(self, nonce: str, device: object) -> None:
        """Nothing that this device has kept for longer may come after it."""
        posted = {each.nonce for truth in self.rooms.values() for each in truth.said}
        for earlier, typing in self.typings.items():
            if earlier == nonce:
                return
            waits = typing.device is device and typing.saved and typing.fit and not typing.discarded
            check(Promise.ORDER_IS_KEPT, not waits or earlier in posted, nonce, "has overtaken", earlier)

    def _advance(self, truth: Truth, room: str, reader: str, ids: set[int], read_at: int) -> None:
        false = (ids & truth.by_others(reader)) - self.seen[room, reader]
        check(Promise.NEVER_FALSE, not false, reader, "has not seen", false)
        for each in ids:
            check(Promise.FIRST_TIME_STAYS, reader not in truth.read[each], reader, "reads anew", each)
            truth.read[each][reader] = read_at

    def welcome(self, name: str, key: str) -> None:
        """Whoever has this key speaks for the name from now on."""
        check(Promise.NAME_IS_PROVEN, self.keys.get(name) == key, name, "is taken for", key, self.keys)

    def tell(self, to: str, frame: AnyFrame) -> None:
        """The server tells a person."""
        match frame:
            case Message():
                self._tell_message(frame)
            case History(messages=messages, receipts=receipts, room=room):
                for message in messages:
                    self._tell_message(message)
                for said in frame.acknowledged:
                    self._tell_noted(to, room, said)
                for each in receipts:
                    self._tell_receipt(to, room, each)
            case Receipt(room=room):
                self._tell_receipt(to, room, frame)
            case Acknowledged(room=room):
                self._tell_noted(to, room, frame)
            case Info(room=room, message_id=message_id, read_by=read_by):
                noted = {each.reader: each.acknowledged_at for each in frame.acknowledged}
                truly = self.rooms[room].noted[message_id]
                check(Promise.NOTED_IS_KEPT, noted.items() <= truly.items(), frame, "is not", truly)
                for reader in read_by:
                    self._tell_read(room, reader.reader, message_id, reader.read_at)
            case Ok(message_id=int(at), ref=nonce):
                synced = any(
                    nonce == each.nonce for truth in self.rooms.values() for each in truth.said[at - 1 : at]
                )
                check(Promise.SYNCED_BEFORE_TOLD, synced, "ok to", nonce)
            case _:
                pass

    def _tell_message(self, message: Message) -> None:
        truth = self.rooms[message.room]
        check(Promise.SYNCED_BEFORE_TOLD, message.id <= truth.last_id, message)
        said = truth.said[message.id - 1]
        same = (said.sender, said.content, said.sent_at) == (message.sender, message.content, message.sent_at)
        check(Promise.IDS_HAVE_NO_GAPS, same, message, "is not", said)
        check(Promise.TICK_IS_READ_BY, message.read_by <= len(truth.readers(message.id)), message)

    def _tell_receipt(self, to: str, room: str, receipt: Receipt | PageReceipt) -> None:
        truth = self.rooms[room]
        for each in ids_of(receipt.ranges):
            his = receipt.reader == to or truth.sender(each) == to
            check(Promise.NOBODY_ELSE_IS_TOLD, his, to, "hears that", receipt.reader, "has read", each)
            self._tell_read(room, receipt.reader, each, receipt.read_at)

    def _tell_noted(self, to: str, room: str, said: Acknowledged | PageAcknowledgement) -> None:
        truth, each = self.rooms[room], said.message_id
        his = to in (said.reader, truth.sender(each))
        check(Promise.NOBODY_ELSE_IS_TOLD, his, to, "hears that", said.reader, "acknowledges", each)
        truly = truth.noted[each].get(said.reader)
        check(Promise.SYNCED_BEFORE_TOLD, truly == said.acknowledged_at, said.reader, "acknowledges", each)

    def _tell_read(self, room: str, reader: str, message_id: int, read_at: int) -> None:
        truly = self.rooms[room].read[message_id].get(reader)
        check(Promise.SYNCED_BEFORE_TOLD, truly is not None, reader, "has read", message_id)
        check(Promise.FIRST_TIME_STAYS, truly == read_at, reader, "read", message_id, "at", truly, "not", read_at)

    # When all is quiet

    def check_quiet(self) -> None:
        """Nothing is under way any more: everything that was owed is paid."""
        for nonce, typing in self.typings.items():
            found = [each for each in self.rooms[typing.room].said if each.nonce == nonce]
            if typing.acknowledged is not None:
                check(Promise.ACKNOWLEDGED_IS_KEPT, len(found) == 1, nonce, "is there", len(found), "times")
            owed = typing.saved and typing.fit and not typing.discarded
            check(Promise.POSTED_ONCE, len(found) <= 1, nonce, "is there", len(found), "times")
            check(Promise.POSTED_ONCE, bool(found) or not owed, nonce, "is not there")
            check(Promise.POSTED_ONCE, not found or typing.fit, nonce, "cannot be there")
        for (room, name), ids in self.saved_reads.items():
            lost = ids - self.rooms[room].read_of(name)
            check(Promise.READ_IS_KEPT, not lost, name, "has read and is not listed for", lost)
