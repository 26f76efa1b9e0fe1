"""`chat-tui --plain`: the conversation line by line, for screen readers, logs and pipes. No Textual here.

line of input ------┐
frame --------------┴-> Session -> Say, Save, Announce … -> view -> Transcript -> lines of output
Enter, where both are a terminal ------> Seen

What is written counts as read only where somebody says so: nobody knows who looks at a pipe or a log.
"""

import asyncio
import os
import secrets
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, assert_never

from chat_server.protocol import Delete, Edit
from chat_tui import plaincommands
from chat_tui.connection import Connection
from chat_tui.identity.keyfiles import KeyFileError
from chat_tui.identity.passport import Passport
from chat_tui.lineinput import LineInput
from chat_tui.model import events as happened
from chat_tui.model.deeds import KEPT as COMES_BACK
from chat_tui.model.deeds import request_of
from chat_tui.model.effects import Alert, Announce, Answer, Confirm, Effect, GiveUp, Save, Say, Show
from chat_tui.model.session import Session
from chat_tui.model.view import ConversationView, Link, Tick, TickState
from chat_tui.outbox import Outbox, OutboxError
from chat_tui.plaincommands import Ask, Change, Look, Pinned, Quit, Read, Remove, Reply, Who
from chat_tui.plaininquiries import Inquiries
from chat_tui.plainlines import Transcript, tell_direct
from chat_tui.terminal import environment as terminal
from chat_tui.text.commands import Command, Help, Mistake, Text, Verb
from chat_tui.text.safetext import safe_line, safe_text

DWELL_MS: Final = 500
"""What was written later than this before Enter was not in front of anybody yet."""
WAITING_MAX: Final = 100
"""Messages that wait to be sent; no more lines are read until there are fewer."""
REFUSED: Final = 1
KEPT: Final = 75
"""Exit code of a try that may yet succeed (sysexits.h, EX_TEMPFAIL)."""
INTERRUPTED: Final = 130
LATEST_MS: Final = 253_402_128_000_000
"""In the last days of the year 9999, whatever the time zone."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    name: str
    server: str
    room: str
    state: Path
    config: Path
    key_file: Path | None
    ascii_only: bool
    mark_read: bool
    """Everything that is written counts as read."""
    timeout_s: float
    """How long to wait at the end for the server to take what is left, since it last took something."""
    invite: str | None = field(default=None, repr=False)


def run(options: Options) -> int:
    """Follow the conversation until the input ends; the exit code."""
    try:
        passport = Passport.open(options.config, options.name, options.server, options.key_file)
        outbox = Outbox.open(options.state, options.server, options.name)
    except (KeyFileError, OutboxError) as error:
        _complain(str(error))
        return REFUSED
    try:
        return asyncio.run(_follow(options, outbox, passport))
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        outbox.close()


async def _follow(options: Options, outbox: Outbox, passport: Passport) -> int:
    return await Linear(options, outbox, passport).run()


class Linear:
    """One person in one room, without a screen."""

    def __init__(self, options: Options, outbox: Outbox, passport: Passport) -> None:
        """Take the options, what the last client left to be sent, and what proves who one is."""
        self._options = options
        self._outbox = outbox
        self._passport = passport
        self._session = Session(options.name, options.room, outbox.owed, passport.public, options.invite)
        self._connection = Connection(options.server, self._hear, steady_ms)
        self._transcript = Transcript(options.name, _local, ascii_only=options.ascii_only)
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._input = LineInput(0, self._entered)
        self._commands = os.isatty(0)
        """A pipe has none: what it carries may be anybody's text."""
        self._seen_here = os.isatty(0) and os.isatty(1)
        self._reads: list[Announce] = []
        self._telling = False
        self._heard = False
        """Whether something has come since more of the history was last asked for."""
        self._alarm: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._ending = False
        self._own: set[str] = set()
        """Nonces of what was entered here."""
        self._refused = ""
        self._inquiries = Inquiries(self._session, self._handle, self._write, _local)

    async def run(self) -> int:
        """Connect, and tell what happens; the exit code."""
        self._loop.set_exception_handler(self._fail)
        self._handle(happened.Looked(attended=False, following=True))
        async with asyncio.TaskGroup() as tasks:
            connecting = tasks.create_task(self._connection.run())
            self._input.resume()
            try:
                return await self._ended
            finally:
                self._input.pause()
                for handle in (self._alarm, self._deadline):
                    if handle is not None:
                        handle.cancel()
                connecting.cancel()

    def _fail(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A bug of ours in what the loop calls ends the process; otherwise it would wait for ever."""
        error = context.get("exception")
        if not self._ended.done():
            self._ended.set_exception(error if isinstance(error, Exception) else RuntimeError(context["message"]))

    # The session

    def _hear(self, event: happened.Event) -> None:
        self._heard = True
        self._handle(event)

    def _handle(self, event: happened.Event) -> None:
        left = self._left
        for effect in self._session.handle(event):
            self._perform(effect)
        if self._left < left and self._deadline is not None:
            self._wait_for_the_rest()
        if not self._telling:
            self._telling = True
            self._loop.call_soon(self._tell)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Answer(nonce=nonce, challenge=challenge):
                self._handle(self._passport.answer(nonce, challenge))
            case Say(request=request):
                self._connection.say(request)
            case Save():
                self._save()
            case Announce(room=room):
                if room == self._session.room:  # the ids of another one are other messages
                    self._reads.append(effect)
            case Alert(sender=sender, text=text, direct=direct):
                if direct:  # for every other message a line is written anyway
                    self._write(tell_direct(sender, text))
            case Confirm():
                pass  # One stays in one room.
            case Show(sentence=sentence):
                # Nothing that was written comes back by itself here; it still stands in the terminal.
                self._write(f"* {sentence.removesuffix(COMES_BACK)}")
            case GiveUp(reason=reason):
                self._connection.give_up(reason)
            case _:
                assert_never(effect)

    def _save(self) -> None:
        try:
            self._outbox.save(self._session.owed)
        except OutboxError as error:
            _complain(str(error))

    @property
    def _left(self) -> int:
        """How much is owed to the server and may yet be taken."""
        owed = self._session.owed
        return sum(not each.refused for each in owed.posts) + len(owed.reads)

    # Output

    def _tell(self) -> None:
        """Write what has changed, and do what is due because of it."""
        self._telling = False
        view, status, now_ms = self._session.view(), self._session.status(), steady_ms()
        reads, self._reads = self._reads, []
        self._write(*self._transcript.update(view, status, reads, now_ms))
        if self._heard and not (view.at_end or view.loading):
            self._heard = False
            self._handle(happened.Sought(happened.Part.NEWER))
        self._inquiries.tell(view.messages)
        self._forget_refused()
        self._arm()
        if status.link is Link.STOPPED:
            self._end(REFUSED, f"{self._options.server}: {status.reason}{self._what_is_kept()}")
        elif self._ending and not self._left and not _is_landing(view):
            self._end_well()
        elif not self._ending and status.queued < WAITING_MAX:
            self._input.resume()

    def _forget_refused(self) -> None:
        """What is refused stands in the output; it is not left in the outbox, where no other would follow it."""
        for post in self._session.owed.posts:
            if post.refused and post.nonce in self._own:
                self._refused = f"A message was refused: {safe_line(post.refused)}"
                self._handle(happened.Discarded(post.nonce))

    def _write(self, *lines: str) -> None:
        try:
            for line in lines:
                sys.stdout.write(f"{self._transcript.shown(line)}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # Python would complain again when it flushes at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            self._end(REFUSED, "Nobody takes what is written here any more.")

    # Input

    def _entered(self, line: str | None) -> None:
        if line is None:
            self._finish()
            return
        if not self._commands and not line.strip():
            return
        meant = plaincommands.take(line) if self._commands else plaincommands.message(line)
        match meant:
            case Text(content=content):
                self._send(content)
            case Command(verb=Verb.MSG, name=name, text=text):
                self._whisper(name, text)
            case Command():
                self._handle(happened.Asked(request_of(meant, self._options.room)))
            case Mistake(sentence=sentence):
                self._mistake(sentence)
            case Read():
                self._acknowledge()
            case Who():
                self._write(self._who())
            case Pinned():
                self._inquiries.list_pins()
            case Help():
                self._write(*plaincommands.HELP)
            case Quit():
                self._finish()
            case Ask() | Reply() | Change() | Remove():
                self._do(meant)
            case Look(words=words):
                self._inquiries.search(words)
            case _:
                assert_never(meant)

    def _do(self, meant: Ask | Reply | Change | Remove) -> None:
        """What is meant for a message, if that is at hand."""
        own = not isinstance(meant, Reply)
        message_id, room = self._pick(meant.back, own=own), self._options.room
        if message_id is None:
            self._write(f"* There is no such message of {'yours' if own else 'others'} at hand.")
            return
        match meant:
            case Ask():
                self._inquiries.inspect(message_id)
            case Reply(content=content):
                self._send(content, message_id)
            case Change(content=content):
                self._handle(happened.Asked(Edit(room=room, message_id=message_id, content=content)))
            case Remove():
                self._handle(happened.Asked(Delete(room=room, message_id=message_id)))
            case _:
                assert_never(meant)

    def _pick(self, back: int, *, own: bool) -> int | None:
        """The id of the last message of one's own or of others, or of the `back`th from the end."""
        of_theirs = [each for each in self._session.view().messages if each.own is own and not each.removed]
        ids = [each.id for each in of_theirs if each.id is not None]
        return ids[-back] if len(ids) >= back else None

    def _send(self, content: str, reply_to: int | None = None) -> None:
        self._acknowledge(said=False)
        draft, nonce = self._session.draft, secrets.token_urlsafe(16)
        self._own.add(nonce)
        self._handle(happened.Typed(content, nonce, time.time_ns() // 1_000_000, reply_to=reply_to))
        if draft:  # what stands in the composer of the other mode is not this
            self._handle(happened.Drafted(draft))
        self._connection.hurry()
        if self._session.status().queued >= WAITING_MAX:
            self._input.pause()

    def _whisper(self, name: str, content: str) -> None:
        """Say something to one person alone, and go on in the room."""
        nonce = secrets.token_urlsafe(16)
        self._own.add(nonce)
        self._handle(happened.Approached(name, content, nonce, time.time_ns() // 1_000_000, stays=True))
        self._connection.hurry()

    def _mistake(self, sentence: str) -> None:
        if self._commands:
            self._write(f"* {sentence}")
        else:
            self._refused = sentence

    def _acknowledge(self, *, said: bool = True) -> None:
        """The person says that they have read what stands above."""
        if self._seen_here:
            self._see(steady_ms() - DWELL_MS)
        elif said:
            self._write("* What is written here is not shown on a terminal, so it does not count as read.")

    def _see(self, written_by_ms: int) -> None:
        texts = self._transcript.texts(self._transcript.written_before(written_by_ms))
        self._transcript.acknowledge([each for each, _ in texts])
        if unseen := self._session.unseen(texts):
            ids = frozenset(each for each, _ in unseen)
            self._handle(happened.Seen(self._session.room, ids, steady_ms(), unseen))

    def _who(self) -> str:
        replica = self._session.replica
        here = [each for each in replica.members if each in replica.online]
        others = [each for each in replica.members if each not in replica.online]
        away = f"; not here: {', '.join(map(safe_line, others))}" if others else ""
        return f"* here: {', '.join(map(safe_line, here)) or 'nobody that is known'}{away}"

    # Time, and the end

    def _arm(self) -> None:
        """Wake when time alone changes something."""
        due_ms = self._session.next_deadline_ms
        if self._options.mark_read and (oldest_ms := self._transcript.oldest_ms) is not None:
            due_ms = min(oldest_ms + DWELL_MS, due_ms if due_ms is not None else oldest_ms + DWELL_MS)
        if self._alarm is not None:
            self._alarm.cancel()
        if due_ms is not None:
            self._alarm = self._loop.call_later(max(due_ms - steady_ms(), 0) / 1000, self._wake)

    def _wake(self) -> None:
        if self._options.mark_read:
            self._see(steady_ms() - DWELL_MS)
        self._handle(happened.Elapsed(steady_ms()))

    def _finish(self) -> None:
        """Nothing more will be entered: end as soon as the server has everything."""
        if not self._ending:
            self._ending = True
            self._input.pause()
            self._wait_for_the_rest()
            self._handle(happened.Elapsed(steady_ms()))

    def _wait_for_the_rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(self._options.timeout_s, self._run_out)

    def _run_out(self) -> None:
        if not self._left:  # all of it is on the server's disk, though it was not told
            self._end_well()
            return
        status = self._session.status()
        reason = status.reason or "no answer comes"
        self._end(KEPT, f"{self._options.server}: {reason}{self._what_is_kept()}")

    def _what_is_kept(self) -> str:
        count = sum(not each.refused for each in self._session.owed.posts)
        what = "1 message is" if count == 1 else f"{count} messages are"
        return f". {what} kept, and sent the next time; do not send it again." if count else "."

    def _end_well(self) -> None:
        self._end(REFUSED if self._refused else 0, self._refused)

    def _end(self, code: int, reason: str) -> None:
        if not self._ended.done():
            self._ended.set_result(code)
            if reason:
                _complain(reason)


def _is_landing(view: ConversationView) -> bool:
    """Whether the server has acknowledged something that it has not yet told to those in the room."""
    return any(each.id is None and each.tick == Tick(TickState.SENT) for each in view.messages)


def steady_ms() -> int:
    """The clock of all events: milliseconds that only go forward."""
    return time.monotonic_ns() // 1_000_000


def ascii_only() -> bool:
    """Whether standard output has ASCII only."""
    return terminal.ascii_only(os.environ, sys.stdout.encoding or "ascii")


def _complain(sentence: str) -> None:
    sys.stderr.write(f"chat-tui: {safe_text(sentence)}\n")


def _local(at_ms: int) -> tuple[str, str]:
    moment = datetime.fromtimestamp(min(max(at_ms, 0), LATEST_MS) / 1000, UTC).astimezone()
    return f"{moment:%Y-%m-%d}", f"{moment:%H:%M}"
