"""Frames as a server would send them, with only what a test is about spelt out."""

from chat_server.protocol import Acknowledged, History, Message, PageReceipt, Receipt, RoomSummary, Welcome
from chat_server.protocol.ranges import Ranges

ROOM = "deploys"
ME, ANN, BOB = "me", "ann", "bob"
MEMBERS = (ME, ANN, BOB)


def message(message_id: int, sender: str = ANN, *, audience: int = 2, nonce: str | None = None) -> Message:
    return Message(
        room=ROOM,
        id=message_id,
        sender=sender,
        content=f"text {message_id}",
        sent_at=1_000 + message_id,
        audience=audience,
        read_by=0,
        nonce=nonce,
    )


def messages(first: int, last: int, sender: str = ANN) -> tuple[Message, ...]:
    return tuple(message(each, sender) for each in range(first, last + 1))


def page(
    *told: Message, receipts: tuple[PageReceipt, ...] = (), revision: int = 0, ref: str | None = None
) -> History:
    return History(room=ROOM, messages=told, more=False, receipts=receipts, revision=revision, ref=ref)


def receipt(
    reader: str, *ranges: tuple[int, int], read_at: int = 5_000, late: bool = False, revision: int = 0
) -> Receipt:
    return Receipt(room=ROOM, reader=reader, ranges=ranges, read_at=read_at, late=late, revision=revision)


def acknowledged(reader: str, message_id: int, *, edition: int = 0, revision: int = 0) -> Acknowledged:
    return Acknowledged(
        room=ROOM, message_id=message_id, reader=reader, acknowledged_at=5_000, edition=edition, revision=revision
    )


def page_receipt(reader: str, *ranges: tuple[int, int], read_at: int = 5_000, late: bool = False) -> PageReceipt:
    return PageReceipt(reader=reader, ranges=ranges, read_at=read_at, late=late)


def summary(
    last_id: int,
    *,
    first_unread: int | None = None,
    members: tuple[str, ...] = MEMBERS,
    revision: int = 0,
    name: str = ROOM,
) -> RoomSummary:
    return RoomSummary(
        name=name,
        title=f"The {name} room",
        last_id=last_id,
        revision=revision,
        first_unread=first_unread,
        unread=0,
        members=members,
        online=members[:2],
    )


def welcome(*rooms: RoomSummary, epoch: str = "epoch") -> Welcome:
    return Welcome(name=ME, epoch=epoch, rooms=rooms, ref="hello")


def covering(*ids: int) -> Ranges:
    """One range per id, for what is given id by id."""
    return tuple((each, each) for each in ids)
