"""The audit sees each thing that must never be; a test that cannot fail proves nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from chat_server.protocol import Message
from tests.faults.acting import Row, Window
from tests.faults.audit import Known, Wrong, audit, known
from tests.faults.ledger import (
    AnyLine,
    Entered,
    Ledger,
    PostAcknowledged,
    ReadAcknowledged,
    Seeing,
    Seen,
    Sent,
    Started,
    Told,
    ToldRead,
    Troubled,
    Typing,
    digest,
    lines,
)
from tests.faults.witness import Account

FIRST = Message(room="stage", id=1, sender="ann", content="one", sent_at=10, audience=1, read_by=1)
SECOND = Message(room="stage", id=2, sender="ann", content="two", sent_at=20, audience=1, read_by=0)
THIRD = Message(room="stage", id=3, sender="bob", content="three", sent_at=30, audience=1, read_by=0)
ACCOUNT = Account((FIRST, SECOND, THIRD), {1: {"bob": 15}, 2: {}, 3: {}})
ANN: list[AnyLine] = [
    Started(),
    *(Typing("n1", digest("one")), Sent("n1", 9), Entered("n1"), PostAcknowledged("n1", 1)),
    *(Typing("n2", digest("two")), Sent("n2", 19), Sent("n2", 21), Entered("n2"), PostAcknowledged("n2", 2)),
    *(Told(1, digest("one")), ToldRead("bob", ((1, 1),)), ToldRead("ann", ((1, 3),))),
]
BOB: list[AnyLine] = [
    *(Typing("n1", digest("three")), Sent("n1", 29), Entered("n1"), PostAcknowledged("n1", 3)),
    *(Seeing(((1, 1),)), Seen(((1, 1),)), ReadAcknowledged(((1, 1),))),
]
ROWS = (
    Row(1, digest("one"), "ann", (1, 1)),
    Row(2, digest("two"), "ann", (0, 1)),
    Row(3, digest("three"), "bob", None),
)
WINDOW = Window("ann", owes=False, at_end=True, rows=ROWS)


def wrongs(
    ann: list[AnyLine] | None = None,
    bob: list[AnyLine] | None = None,
    account: Account = ACCOUNT,
    window: Window = WINDOW,
) -> set[Wrong]:
    """What is wrong with this, in place of what is right."""
    ledgers = {"ann": known(ANN if ann is None else ann), "bob": known(BOB if bob is None else bob)}
    verdict = audit(ledgers, account, [window])
    return {wrong for wrong, how in verdict.wrongs.items() if how}


def said(*messages: Message, readers: dict[int, dict[str, int]] | None = None) -> Account:
    return Account(messages, readers or ACCOUNT.readers)


def test_what_is_right_is_counted_and_not_accused() -> None:
    verdict = audit({"ann": known(ANN), "bob": known(BOB)}, ACCOUNT, [WINDOW])
    assert verdict.is_clean
    assert verdict.counts["posts acknowledged"] == 3
    assert verdict.counts["receipts acknowledged"] == 1
    assert verdict.counts["of them already there"] == 1
    assert not audit({"ann": Known()}, Account((), {})).is_clean  # nothing was judged


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (Wrong.LOST, lambda: wrongs(account=said(FIRST, SECOND))),
        (Wrong.LOST, lambda: wrongs(ann=[*ANN, Typing("n3", "d"), Entered("n3")])),
        (Wrong.LOST, lambda: wrongs(bob=[*BOB, PostAcknowledged("n1", 2)])),
        (Wrong.DOUBLED, lambda: wrongs(account=said(FIRST, FIRST, SECOND, THIRD))),
        (Wrong.DOUBLED, lambda: wrongs(ann=[*ANN, PostAcknowledged("n2", 1)])),
        (Wrong.DISORDERED, lambda: wrongs(ann=[*ANN[5:], *ANN[:5]])),
        (Wrong.INVENTED, lambda: wrongs(ann=ANN[5:])),
        (Wrong.GAP, lambda: wrongs(account=said(FIRST, THIRD))),
        (Wrong.TAKEN_BACK, lambda: wrongs(ann=[*ANN, Told(3, digest("four"))])),
        (Wrong.TAKEN_BACK, lambda: wrongs(ann=[*ANN, ToldRead("bob", ((2, 2),))])),
        (Wrong.UNREAD, lambda: wrongs(bob=[*BOB, Seeing(((2, 2),)), Seen(((2, 2),))])),
        (Wrong.UNREAD, lambda: wrongs(bob=[*BOB, ReadAcknowledged(((2, 2),))])),
        (Wrong.FALSE_READER, lambda: wrongs(bob=BOB[:4])),
        (Wrong.MISCOUNTED, lambda: wrongs(account=said(FIRST, SECOND, THIRD, readers={1: {}, 2: {}, 3: {}}))),
        (Wrong.WINDOW, lambda: wrongs(window=msgspec.structs.replace(WINDOW, owes=True))),
        (Wrong.WINDOW, lambda: wrongs(window=msgspec.structs.replace(WINDOW, rows=ROWS[1:2]))),
        (Wrong.WINDOW, lambda: wrongs(window=msgspec.structs.replace(WINDOW, at_end=False))),
        (Wrong.TROUBLE, lambda: wrongs(ann=[*ANN, Troubled("gave up")])),
    ],
)
def test_what_is_wrong_is_seen(wrong: Wrong, found: Callable[[], set[Wrong]]) -> None:
    assert wrong in found()


def test_the_facts_of_a_room_do_not_depend_on_who_asks() -> None:
    told_to_ann = tuple(msgspec.structs.replace(each, nonce="n") for each in ACCOUNT.messages)
    assert replace(ACCOUNT, messages=told_to_ann).facts == ACCOUNT.facts


def test_a_ledger_goes_on_after_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    for line in (Entered("a"), Entered("b")):
        ledger = Ledger(path)
        ledger.write(line)
        ledger.close()
        with path.open("ab") as file:
            file.write(b'{"type":"entered","non')
    assert list(lines(path)) == [Entered("a"), Entered("b")]
    assert list(lines(tmp_path / "none")) == []
