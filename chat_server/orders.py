"""What the server's admin asks for from the command line, and what follows from it. Pure.

An order comes by a socket in the data directory that only the server's own user can open; that is its authority.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, assert_never

from msgspec import Meta, Struct

from chat_server.chat import AnyRecord, Chat
from chat_server.names import objection
from chat_server.people import INVITATIONS_MAX, Banned, Invited, Person, Promoted, Removed, Renamed, Reset
from chat_server.protocol.requests import Key
from chat_server.room import Departed

Name = Annotated[str, Meta(max_length=256)]
USES_MAX: Final = 10_000


class Order(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", tag_field="type", kw_only=True):
    """What every order is."""


class ListPeople(Order, frozen=True, tag="list", kw_only=True):
    """Everybody the server knows."""


class Invite(Order, frozen=True, tag="invite", kw_only=True):
    """Let a code of this digest be good for so long, and for `name` alone where one is given."""

    digest: Key
    uses: Annotated[int, Meta(ge=1, le=USES_MAX)] = 1
    lasts_ms: Annotated[int, Meta(ge=1)]
    name: Name = ""


class ResetName(Order, frozen=True, tag="reset", kw_only=True):
    """Take all keys from a name, and let whoever has this code bind a new one."""

    name: Name
    digest: Key
    lasts_ms: Annotated[int, Meta(ge=1)]


class RemoveName(Order, frozen=True, tag="remove", kw_only=True):
    """Give a name up for good."""

    name: Name


class RenameName(Order, frozen=True, tag="rename", kw_only=True):
    """Let all that is one name's be another's."""

    name: Name
    to: Name


class BanName(Order, frozen=True, tag="ban", kw_only=True):
    """Let nobody in under a name any more, or (`banned` false) its owner again."""

    name: Name
    banned: bool = True


class PromoteName(Order, frozen=True, tag="promote", kw_only=True):
    """Make a name an admin's, or (`admin` false) no longer one's."""

    name: Name
    admin: bool = True


AnyOrder = ListPeople | Invite | ResetName | RemoveName | RenameName | BanName | PromoteName


class Listed(Struct, frozen=True, rename="camel", kw_only=True):
    """One person in a list."""

    name: str
    since: int
    """Unix ms."""
    keys: tuple[str, ...]
    online: bool
    admin: bool
    banned: bool
    removed: bool
    renamed_to: str


class Answer(Struct, frozen=True, rename="camel", kw_only=True):
    """What came of an order."""

    refused: str = ""
    """Why nothing came of it, as a sentence; empty where it was done."""
    people: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an order comes to."""

    answer: Answer
    records: tuple[AnyRecord, ...] = ()
    """In the order in which they are to be applied."""
    expelled: str = ""
    """Whose connections end."""


def carry_out(chat: Chat, order: AnyOrder, online: frozenset[str], now_ms: int) -> Outcome:
    """What follows from an order; nothing has been changed yet."""
    match order:
        case ListPeople():
            return Outcome(Answer(people=tuple(_listed(chat, online))))
        case Invite():
            return _invite(chat, order, now_ms)
        case PromoteName():
            return _promote(chat, order, now_ms)
        case RenameName():
            return _rename(chat, order, now_ms)
        case ResetName() | RemoveName() | BanName():
            if refusal := _unknown(chat, order.name):
                return refusal
            return _change(chat, order, now_ms)
        case _:
            assert_never(order)


def _listed(chat: Chat, online: frozenset[str]) -> Iterator[Listed]:
    for name, person in chat.people:
        yield Listed(
            name=name,
            since=person.since,
            keys=person.keys,
            online=name in online,
            admin=person.admin,
            banned=person.banned,
            removed=person.removed,
            renamed_to=person.renamed_to,
        )


def _invite(chat: Chat, order: Invite, now_ms: int) -> Outcome:
    if chat.people.is_inviting_no_more(now_ms) or chat.people.has_code(order.digest):
        return _refused(f"There are {INVITATIONS_MAX} codes that can be used already, or this one is known.")
    if order.name and (unfit := _unusable(chat, order.name)):
        return _refused(unfit)
    return Outcome(
        Answer(),
        (
            Invited(
                at=now_ms,
                digest=order.digest,
                uses=order.uses,
                expires_at=now_ms + order.lasts_ms,
                name=order.name,
            ),
        ),
    )


def _promote(chat: Chat, order: PromoteName, now_ms: int) -> Outcome:
    if chat.people.is_admin(order.name) == order.admin:
        return Outcome(Answer())
    if unfit := _unusable(chat, order.name):
        return _refused(unfit)
    return Outcome(Answer(), (Promoted(at=now_ms, name=order.name, admin=order.admin),))


def _rename(chat: Chat, order: RenameName, now_ms: int) -> Outcome:
    if refusal := _unknown(chat, order.name):
        return refusal
    if unfit := objection(order.to):
        return _refused(unfit)
    other = chat.people.lookalike(order.to)
    member = any(room.knows(order.to) for room in chat.rooms.values())
    if chat.people.of(order.to) is not None or other not in (None, order.name) or member:
        return _refused(f"The name {order.to} is {other or order.to}'s, or was once, or looks like it.")
    return Outcome(Answer(), (Renamed(at=now_ms, name=order.name, to=order.to),), expelled=order.name)


def _change(chat: Chat, order: ResetName | RemoveName | BanName, now_ms: int) -> Outcome:
    """What is done to a name that somebody has."""
    name = order.name
    match order:
        case ResetName(digest=digest, lasts_ms=lasts_ms):
            if chat.people.has_code(digest):
                return _refused("This code is known already.")
            invited = Invited(at=now_ms, digest=digest, uses=1, expires_at=now_ms + lasts_ms, name=name)
            return Outcome(Answer(), (Reset(at=now_ms, name=name), invited), expelled=name)
        case RemoveName():
            left = (
                Departed(room=room.name, name=name, at=now_ms)
                for room in chat.rooms.values()
                if room.is_member(name)
            )
            return Outcome(Answer(), (*left, Removed(at=now_ms, name=name)), expelled=name)
        case BanName(banned=banned):
            person = chat.people.of(name)
            if person is not None and person.banned == banned:
                return Outcome(Answer())
            return Outcome(
                Answer(), (Banned(at=now_ms, name=name, banned=banned),), expelled=name if banned else ""
            )
        case _:
            assert_never(order)


def _unknown(chat: Chat, name: str) -> Outcome | None:
    """A refusal where nobody has the name now."""
    person = chat.people.of(name)
    if person is None:
        return _refused(f"Nobody here is named {name!r}; `chat-server user list` shows who is.")
    reason = _given_up(name, person)
    return _refused(reason) if reason else None


def _given_up(name: str, person: Person) -> str:
    """What has become of a name that nobody can have any more; empty of any other."""
    if person.renamed_to:
        return f"{name} is {person.renamed_to} now."
    return f"The name {name} was removed." if person.removed else ""


def _unusable(chat: Chat, name: str) -> str:
    """Why no key can be bound to a name, which may be somebody's; empty where one can."""
    person = chat.people.of(name)
    if person is not None:
        return _given_up(name, person)
    other = chat.people.lookalike(name)
    return objection(name) or (f"The name {name} looks like {other}." if other else "")


def _refused(reason: str) -> Outcome:
    return Outcome(Answer(refused=reason))
