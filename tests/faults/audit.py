"""Ledgers, account and windows against each other, by sets: a retry is no second acknowledgement.

It knows nothing of how client or server work.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from chat_server.protocol import Message
from chat_server.protocol.ranges import Ranges
from tests.faults.acting import Row, Window
from tests.faults.ledger import (
    AnyLine,
    Entered,
    PostAcknowledged,
    ReadAcknowledged,
    Seeing,
    Seen,
    Sent,
    Told,
    ToldRead,
    Troubled,
    Typing,
    digest,
)
from tests.faults.witness import Account


class Wrong(Enum):
    """What must never be."""

    LOST = "lost: acknowledged or entered, and not there"
    DOUBLED = "doubled: there more than once"
    DISORDERED = "out of order: not in the order of writing"
    INVENTED = "invented: there, and never written"
    GAP = "gaps: ids that are not 1, 2, 3"
    TAKEN_BACK = "taken back: shown to somebody, and not so at the end"
    UNREAD = "receipts lost: acknowledged, or seen and saved, and not read"
    FALSE_READER = "false readers: listed, and never seen by them"
    MISCOUNTED = "miscounted: a count that is not that of the list"
    WINDOW = "windows that differ from the server"
    TROUBLE = "refusals and clients that gave up"


@dataclass
class Verdict:
    """What was counted, and what was wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    wrongs: dict[Wrong, list[str]] = field(default_factory=lambda: defaultdict(list))

    def accuse(self, wrong: Wrong, *how: object) -> None:
        self.wrongs[wrong].append(" ".join(map(str, how)))

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong, and there was something to judge."""
        judged = self.counts["posts acknowledged"] and self.counts["receipts acknowledged"]
        return bool(judged) and not any(self.wrongs.values())

    def __str__(self) -> str:
        """A line of counts, and a line per kind of wrong, with examples where there are any."""
        counted = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
        verdicts = (f"  {len(self.wrongs[each]):6,} {each.value} {self.wrongs[each][:3] or ''}" for each in Wrong)
        return "\n".join((counted, *(each.rstrip() for each in verdicts)))


@dataclass
class Known:
    """One ledger, in sets."""

    typed: list[tuple[str, str]] = field(default_factory=list)
    """Nonce and digest, in the order of writing."""
    entered: set[str] = field(default_factory=set)
    sent: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    seeing: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    reads_acknowledged: set[int] = field(default_factory=set)
    told: set[tuple[int, str]] = field(default_factory=set)
    told_read: set[tuple[str, int]] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    def take(self, line: AnyLine) -> None:
        match line:
            case Typing(nonce=nonce, digest=content):
                self.typed.append((nonce, content))
            case Entered(nonce=nonce):
                self.entered.add(nonce)
            case Sent(nonce=nonce, at=at_ms):
                self.sent[nonce].append(at_ms)
            case PostAcknowledged(nonce=nonce, id=message_id):
                self.acknowledged.add((nonce, message_id))
            case Seeing(ranges=ranges):
                self.seeing |= _ids(ranges)
            case Seen(ranges=ranges):
                self.seen |= _ids(ranges)
            case ReadAcknowledged(ranges=ranges):
                self.reads_acknowledged |= _ids(ranges)
            case Told(id=message_id, digest=content):
                self.told.add((message_id, content))
            case ToldRead(reader=reader, ranges=ranges):
                self.told_read |= {(reader, each) for each in _ids(ranges)}
            case Troubled(reason=reason):
                self.troubles.append(reason)
            case _:
                pass


def known(lines: Iterable[AnyLine]) -> Known:
    """A ledger in sets."""
    gathered = Known()
    for line in lines:
        gathered.take(line)
    return gathered


def audit(
    ledgers: dict[str, Known],
    account: Account,
    windows: Sequence[Window] = (),
    also: frozenset[str] = frozenset(),
) -> Verdict:
    """Compare everything; `also` are people who wrote and kept no ledger."""
    verdict = Verdict()
    check_room(verdict, account)
    for name, each in ledgers.items():
        check_posts(verdict, name, each, account)
        check_receipts(verdict, name, each, account)
        check_told(verdict, name, each, account)
    check_nothing_else(verdict, ledgers, account, also)
    for window in windows:
        check_window(verdict, window, account)
    return verdict


def check_room(verdict: Verdict, account: Account) -> None:
    """Ids are 1, 2, 3 …, each message is there once, and its count is that of its list."""
    verdict.counts["messages"] += len(account.messages)
    for place, each in enumerate(account.messages, start=1):
        if each.id != place:
            verdict.accuse(Wrong.GAP, "id", each.id, "in place", place)
        if each.read_by != len(account.readers[each.id]):
            verdict.accuse(Wrong.MISCOUNTED, each.id, each.read_by, account.readers[each.id])
    for said, count in Counter((each.sender, each.content) for each in account.messages).items():
        if count > 1:
            verdict.accuse(Wrong.DOUBLED, *said)


def check_posts(verdict: Verdict, name: str, ledger: Known, account: Account) -> None:
    """What was acknowledged is there under its id; what was entered is there, in the order of writing."""
    mine = {digest(each.content): each.id for each in account.messages if each.sender == name}
    digests = dict(ledger.typed)
    at_ids = {each.id: (each.sender, digest(each.content)) for each in account.messages}
    for nonce, message_id in ledger.acknowledged:
        if at_ids.get(message_id) != (name, digests.get(nonce)):
            verdict.accuse(Wrong.LOST, name, "was told that", nonce, "is", message_id)
    for nonce in ledger.entered:
        if digests[nonce] not in mine:
            verdict.accuse(Wrong.LOST, name, "entered", nonce)
    ids = [mine[content] for _, content in ledger.typed if content in mine]
    for before, after in pairwise(ids):
        if before > after:
            verdict.accuse(Wrong.DISORDERED, name, "wrote", before, "before", after)
    for nonce, count in Counter(nonce for nonce, _ in ledger.acknowledged).items():
        if count > 1:
            verdict.accuse(Wrong.DOUBLED, name, "was given several ids for", nonce)
    _count_posts(verdict, ledger, account, mine)


def _count_posts(verdict: Verdict, ledger: Known, account: Account, mine: dict[str, int]) -> None:
    verdict.counts["entered"] += len(ledger.entered)
    verdict.counts["posts acknowledged"] += len({nonce for nonce, _ in ledger.acknowledged})
    verdict.counts["sent more than once"] += sum(len(each) > 1 for each in ledger.sent.values())
    sent_at = {each.id: each.sent_at for each in account.messages}
    for nonce, content in ledger.typed:
        if content in mine and nonce in ledger.sent:
            # It was in the room before it was sent for the last time: only its answer had been lost.
            verdict.counts["of them already there"] += sent_at[mine[content]] < ledger.sent[nonce][-1]


def check_receipts(verdict: Verdict, name: str, ledger: Known, account: Account) -> None:
    """What was acknowledged as read is, what was seen and saved has come to be, and nothing else."""
    others = {each.id for each in account.messages if each.sender != name}
    read = {message_id for message_id, readers in account.readers.items() if name in readers}
    for message_id in ((ledger.reads_acknowledged | ledger.seen) & others) - read:
        acknowledged = message_id in ledger.reads_acknowledged
        verdict.accuse(Wrong.UNREAD, name, message_id, "acknowledged" if acknowledged else "seen")
    for message_id in read - ledger.seeing:
        verdict.accuse(Wrong.FALSE_READER, name, "never saw", message_id)
    verdict.counts["receipts acknowledged"] += len(ledger.reads_acknowledged & others)
    verdict.counts["receipts earned"] += len(ledger.seen & others)


def check_told(verdict: Verdict, name: str, ledger: Known, account: Account) -> None:
    """Whatever anybody was shown is so at the end, and nobody was refused anything."""
    said = {(each.id, digest(each.content)) for each in account.messages}
    for message_id, content in ledger.told - said:
        verdict.accuse(Wrong.TAKEN_BACK, name, "was shown", message_id, content)
    senders = {each.id: each.sender for each in account.messages}
    for reader, message_id in ledger.told_read:
        others = reader != name  # on another device, of what anybody has said: one's own may lie within
        if others and senders.get(message_id) == name and reader not in account.readers[message_id]:
            verdict.accuse(Wrong.TAKEN_BACK, name, "was told that", reader, "had read", message_id)
    for each in ledger.troubles:
        verdict.accuse(Wrong.TROUBLE, name, each)
    verdict.counts["messages shown"] += len(ledger.told)


def check_nothing_else(
    verdict: Verdict, ledgers: dict[str, Known], account: Account, also: frozenset[str]
) -> None:
    """Nothing is in the room that nobody wrote."""
    written = {(name, content) for name, each in ledgers.items() for _, content in each.typed}
    for message in account.messages:
        if message.sender not in also and (message.sender, digest(message.content)) not in written:
            verdict.accuse(Wrong.INVENTED, message.id, "by", message.sender)


def check_window(verdict: Verdict, window: Window, account: Account) -> None:
    """A window owes nothing, and is the room's end, without gaps, with the ticks that the lists make."""
    end = account.messages[-len(window.rows) :] if window.rows else account.messages
    truth = tuple(_row(window.name, each, account) for each in end)
    if window.owes or not window.at_end or window.rows != truth:
        differing = [each for each in zip(window.rows, truth, strict=False) if each[0] != each[1]]
        state = "owes something" if window.owes else f"at the end: {window.at_end}"
        verdict.accuse(Wrong.WINDOW, window.name, state, len(window.rows), differing[:1])


def _row(name: str, message: Message, account: Account) -> Row:
    """As this person must see it."""
    tick = (len(account.readers[message.id]), message.audience) if message.sender == name else None
    return Row(message.id, digest(message.content), message.sender, tick)


def _ids(ranges: Ranges) -> set[int]:
    return {each for first, last in ranges for each in range(first, last + 1)}
