"""What `--plain` writes: one view after another in, lines out. Pure.

14:02 Ann: the text             a message; its further lines are indented, so that none can pass for another line
* in reply to Bob: "…"          what the message in the next line answers
* read by Ann (1 of 3): "…"     anything else that has happened
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from chat_tui.model.editions import Text
from chat_tui.model.effects import Announce
from chat_tui.model.inspection import InfoView
from chat_tui.model.marks import PinsView
from chat_tui.model.searching import Progress, SearchView
from chat_tui.model.view import ConversationView, Link, MessageView, ReplyView, Status, Tick, TickState
from chat_tui.text.safetext import safe_line, safe_text

QUOTE_CHARS: Final = 40
EARLIER_MAX: Final = 10
"""Messages that were read already and are written at the start, so that one sees what the new ones are about."""
INDENT: Final = "    "

Local = Callable[[int], tuple[str, str]]
"""The day and the minute of a time in Unix ms, where one is."""


class Transcript:
    """What has been written of a conversation, and what of it waits to be acknowledged as read."""

    def __init__(self, me: str, local: Local, *, ascii_only: bool) -> None:
        """Begin with nothing written; `me` is whom a message is to that names one."""
        self._mention = re.compile(rf"(?<!\w)@{re.escape(safe_line(me))}(?!\w)", re.IGNORECASE)
        self._local = local
        self._ascii_only = ascii_only
        self._last = 0
        """The id of the last message that was written."""
        self._day = ""
        self._readers: dict[int, int] = {}
        """Per message of one's own that was written, how many were told to have read it."""
        self._removed: set[int] = set()
        self._texts: dict[int, str] = {}
        """What was written of the messages at hand, by id."""
        self._unsent: dict[str, TickState] = {}
        """What was told of those that are not sent, by nonce."""
        self._written_ms: dict[int, int] = {}
        """Messages of others that were written and not acknowledged, with when."""
        self._editions: dict[int, int] = {}
        """In which text they were written."""
        self._standing: tuple[object, ...] = ()
        self._closed = ""

    def update(self, view: ConversationView, status: Status, reads: Iterable[Announce], now_ms: int) -> list[str]:
        """The lines for all that has changed; `reads` are those that the session has announced since the last."""
        if view.loading or max((each.id or 0 for each in view.messages), default=0) < self._last:
            self._start_over()
        lines = [
            *self._tell_link(view, status, now_ms),
            *self._tell_messages(view, now_ms),
            *self._tell_reads(view, reads),
            *self._tell_unsent(view, status),
        ]
        if view.closed != self._closed:
            self._closed = view.closed
            lines += [f"* {view.closed or 'You can write here again.'}"]
        return [self.shown(each) for each in lines]

    def written_before(self, at_ms: int) -> frozenset[int]:
        """Messages of others that had been written by this time, and are not acknowledged."""
        return frozenset(each for each, written_ms in self._written_ms.items() if written_ms <= at_ms)

    def texts(self, ids: Iterable[int]) -> frozenset[Text]:
        """The texts in which messages were written that are not acknowledged."""
        return frozenset((each, self._editions[each]) for each in ids)

    @property
    def oldest_ms(self) -> int | None:
        """When the first of those that are not acknowledged was written; None where there is none."""
        return min(self._written_ms.values(), default=None)

    def acknowledge(self, ids: Collection[int]) -> None:
        """These have been read, or need not be."""
        for each in ids:
            self._written_ms.pop(each, None)
            self._editions.pop(each, None)

    def shown(self, text: str) -> str:
        """Text as it is written: harmless, and in ASCII where the locale has nothing else."""
        text = safe_text(text)
        return text.encode("ascii", "backslashreplace").decode() if self._ascii_only else text

    def _start_over(self) -> None:
        """The same ids may be other messages now: nothing of the old ones counts for them."""
        self._last = 0
        self._readers.clear()
        self._removed.clear()
        self._texts.clear()
        self._written_ms.clear()
        self._editions.clear()

    # The connection

    def _tell_link(self, view: ConversationView, status: Status, now_ms: int) -> Iterator[str]:
        online = status.link is Link.ONLINE
        if status.link is Link.CONNECTING or (online and view.loading):
            return
        standing = (status.link, status.reason)
        if standing == self._standing:
            return
        waited = online and self._standing and self._standing[0] is Link.ONLINE
        self._standing = standing
        if online and not waited:
            yield f"* connected to #{safe_line(view.room)}, {status.online} of {status.members} here"
        if online and status.reason:
            yield f"* waiting: {safe_line(status.reason)}"
        elif not online:
            in_s = max(-(-((status.retry_at_ms or now_ms) - now_ms) // 1000), 1)
            what = f"trying again in {in_s} s" if status.link is Link.WAITING else "not trying again"
            yield f"* {status.link.value}: {safe_line(status.reason)}; {what}"

    # Messages

    def _tell_messages(self, view: ConversationView, now_ms: int) -> Iterator[str]:
        fresh = [each for each in view.messages if (each.id or 0) > self._last]
        if not self._last:
            fresh = _newest(fresh, view.new_before)
        elif fresh and (fresh[0].id or 0) > self._last + 1:
            yield f"* {(fresh[0].id or 0) - self._last - 1} messages before the next are not shown here"
        for each in fresh:
            yield from self._tell_message(each, now_ms)
        for each in view.messages:
            if each.removed and each.id is not None and each.id <= self._last and each.id not in self._removed:
                self._removed.add(each.id)
                yield f"* {each.text}: it was {each.sender}'s, of {' '.join(self._local(each.at_ms))}"
        yield from self._tell_edits(view)

    def _tell_edits(self, view: ConversationView) -> Iterator[str]:
        """What those that were written say now, where somebody has edited them since."""
        at_hand = {each.id: each for each in view.messages if each.id in self._texts}
        for each in at_hand.values():
            if each.edited and each.text != self._texts[each.id or 0]:
                of = " ".join(self._local(each.at_ms))
                yield f"* edited by {each.sender}, of {of}: {_indented(each.text)}"
        self._texts = {each.id: each.text for each in at_hand.values() if each.id is not None}

    def _tell_message(self, message: MessageView, now_ms: int) -> Iterator[str]:
        assert message.id is not None
        self._last = message.id
        self._texts[message.id] = message.text
        if message.removed:
            self._removed.add(message.id)
        if message.own:
            self._readers[message.id] = 0
        else:
            self._written_ms[message.id] = now_ms
            self._editions[message.id] = message.edition
        day, minute = self._local(message.at_ms)
        if day != self._day:
            self._day = day
            yield f"* {day}"
        if message.reply is not None:
            yield f"* in reply to {_quoted(message.reply)}"
        to_me = not message.own and self._mention.search(message.text)
        notes = ("you" * message.own, "to you" if to_me else "", "edited" * message.edited)
        noted = ", ".join(filter(None, notes))
        yield f"{minute} {message.sender}{f' ({noted})' if noted else ''}: {_indented(message.text)}"

    # One's own

    def _tell_reads(self, view: ConversationView, reads: Iterable[Announce]) -> Iterator[str]:
        """Who has read one's own messages; of what came to be read meanwhile, how many have."""
        own = [each for each in view.messages if each.id in self._readers]
        ticks: dict[int | None, Tick] = {each.id: each.tick for each in own if each.tick}
        for read in reads:
            if read.acknowledged:
                yield f"* acknowledged by {safe_line(read.reader)}: {_what(read)}"
                continue
            told = [each for each in read.messages if each in ticks]
            self._readers.update((each, ticks[each].read_by) for each in told)
            tick = ticks[told[0]] if len(told) == 1 else None
            count = f" ({tick.read_by} of {tick.audience})" if tick else ""
            yield f"* read by {safe_line(read.reader)}{count}: {_what(read)}"
        for each in own:
            tick = ticks.get(each.id)
            if each.id and tick and tick.read_by > self._readers[each.id]:
                self._readers[each.id] = tick.read_by
                yield f"* read by {tick.read_by} of {tick.audience}: {quote(each.text)}"

    def _tell_unsent(self, view: ConversationView, status: Status) -> Iterator[str]:
        unsent = {each.key: each for each in view.messages if each.id is None and each.tick is not None}
        for key, each in unsent.items():
            state = TickState.REFUSED if each.reason else TickState.QUEUED
            if self._unsent.get(key) is state:
                continue
            if state is TickState.REFUSED:
                self._unsent[key] = state
                yield f"* refused ({each.reason}): {quote(each.text)}"
            elif status.link is Link.WAITING:
                self._unsent[key] = state
                yield f"* kept until there is a connection: {quote(each.text)}"
        self._unsent = {key: state for key, state in self._unsent.items() if key in unsent}


def quote(text: str) -> str:
    """The beginning of a text, on one line."""
    line = safe_line(text)
    return f'"{line}"' if len(line) <= QUOTE_CHARS else f'"{line[: QUOTE_CHARS - 3]}..."'


def tell_direct(sender: str, text: str) -> str:
    """What somebody has said to one alone, in another room than what is written otherwise."""
    return f"* {safe_line(sender)}, to you alone: {_indented(safe_text(text))}"


def tell_info(info: InfoView) -> str:
    """Who has read a message of one's own and who has not."""
    if info.hidden:
        return (
            f"* {quote(info.message.text)}: you do not share what you read here, so you do not see who has read it"
        )
    parts = [
        ("acknowledged by", [name for name, _ in info.acknowledged]),
        ("read by", [name for name, _ in info.read_by]),
        ("an earlier text was read by", [name for name, _ in info.read_earlier]),
        ("not yet", info.missing),
        ("do not say", info.unshared),
    ]
    told = [f"{what} {', '.join(names)}" for what, names in parts if names]
    return f"* {quote(info.message.text)}: {'; '.join(told) or 'it was sent to nobody'}"


def tell_pins(view: PinsView, local: Local) -> list[str]:
    """What is pinned, a line for each, the newest pin first; or why there is nothing to tell."""
    lines = [
        f"* pinned: {quote(each.text)} by {each.sender}, {' '.join(local(each.at_ms))}"
        f"{f'; {each.read}' if each.read else ''}"
        for each in view.pins
    ]
    return [*lines, *([f"* {view.notice}"] if view.notice else [])]


def tell_search(words: str, found: SearchView, local: Local) -> list[str]:
    """Which messages were found, the newest last, or why none were."""
    if found.error:
        return [f"* {found.error}"]
    if not found.hits:
        return [f"* no message has {quote(words)}"]
    lines = [f"* {' '.join(local(each.at_ms))} {each.sender}: {each.line}" for each in reversed(found.hits)]
    more = ", and there may be earlier ones" if found.progress is Progress.PART else ""
    return [*lines, f"* {len(lines)} with {quote(words)}{more}"]


def _newest(messages: list[MessageView], new_before: int | None) -> list[MessageView]:
    """What to begin with: everything that is new, and a little before it."""
    old = [each for each in messages if new_before is None or (each.id or 0) < new_before]
    return [*old[-EARLIER_MAX:], *messages[len(old) :]]


def _quoted(reply: ReplyView) -> str:
    return f"{reply.sender}: {quote(reply.snippet)}" if reply.sender else reply.snippet


def _indented(text: str) -> str:
    return text.replace("\n", f"\n{INDENT}")


def _what(read: Announce) -> str:
    texts = list(read.messages.values())
    if len(texts) > 1:
        return f"{len(texts)} of your messages"
    return quote(texts[0]) if texts[0] is not None else "an earlier message of yours"
