"""What is told of those who use power over others."""

import pytest

from chat_server.audit import HOST, audit_line
from chat_server.chat import AnyRecord
from chat_server.people import Banned, Bound, Chose, Founded, Invited, Promoted, Removed, Renamed, Reset
from chat_server.room import (
    Acknowledged,
    Advanced,
    Barred,
    Deleted,
    Departed,
    Edited,
    Entered,
    Entry,
    Muted,
    Opened,
    Passed,
    Pinned,
    Posted,
    Reacted,
    Retitled,
    Shared,
    Unbarred,
    Unmuted,
    Unpinned,
)


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (Deleted(room="den", id=7, by="ann", at=1), "'ann' deleted message 7 in 'den'"),
        (Departed(room="den", name="bob", at=1, by="ann"), "'ann' kicked 'bob' from 'den'"),
        (Barred(room="den", name="bob", by="ann", at=1), "'ann' banned 'bob' from 'den'"),
        (Unbarred(room="den", name="bob", by="ann", at=1), "'ann' lets 'bob' join 'den' again"),
        (Muted(room="den", name="bob", by="ann", at=1), "'ann' muted 'bob' in 'den'"),
        (Unmuted(room="den", name="bob", by="ann", at=1), "'ann' lets 'bob' write in 'den' again"),
        (Passed(room="den", name="bob", by="ann", at=1), "'ann' made 'bob' the owner of 'den'"),
        (Retitled(room="den", title="a secret", by="ann", at=1), "'ann' gave 'den' another title"),
        (Bound(at=1, name="bob", key="k"), "key k was bound to 'bob'"),
        (Bound(at=1, name="ann", key="k", admin=True), "key k was bound to 'ann', who is an admin"),
        (Reset(at=1, name="bob"), f"{HOST} took all keys from 'bob'"),
        (Promoted(at=1, name="bob"), f"{HOST} made 'bob' an admin"),
        (Promoted(at=1, name="bob", admin=False), f"{HOST} made 'bob' no admin any more"),
        (Banned(at=1, name="bob"), f"{HOST} banned 'bob'"),
        (Banned(at=1, name="bob", banned=False), f"{HOST} lets 'bob' in again"),
        (Removed(at=1, name="bob"), f"{HOST} removed 'bob'"),
        (Renamed(at=1, name="bob", to="rob"), f"{HOST} renamed 'bob' to 'rob'"),
        (Invited(at=1, digest="d", uses=3, expires_at=2), "an invitation was made for 3"),
        (Invited(at=1, digest="d", uses=1, expires_at=2, name="bob"), "a code was made for 'bob'"),
    ],
)
def test_power_is_told_of(record: AnyRecord, line: str) -> None:
    assert audit_line(record) == line


@pytest.mark.parametrize(
    "record",
    [
        Opened(room="den", title="Den", at=1),
        Entered(room="den", name="bob", at=1),
        Departed(room="den", name="bob", at=1),
        Posted(room="den", entry=Entry(1, "bob", "n", "a secret", 1)),
        Advanced(room="den", reader="bob", ranges=((1, 1),), read_at=1),
        Edited(room="den", id=1, content="a secret", at=1),
        Reacted(room="den", id=1, name="ann", emoji="+", at=1),
        Acknowledged(room="den", id=1, reader="ann", at=1),
        Pinned(room="den", id=1, by="ann", at=1),
        Unpinned(room="den", id=1, by="ann", at=1),
        Founded(at=1, seed="a secret"),
        Shared(room="den", name="bob", mode="private"),
        Chose(at=1, name="bob", receipts="off"),
    ],
)
def test_what_everybody_does_is_not(record: AnyRecord) -> None:
    assert audit_line(record) is None


def test_a_name_cannot_look_like_another_line() -> None:
    line = audit_line(Muted(room="d\nen", name="b\x1b[31mob\u202e", by="änn", at=1))
    assert line == r"'\xe4nn' muted 'b\x1b[31mob\u202e' in 'd\nen'"
