"""The session without a screen: lines of input to it, and what comes of them to lines of output.

line of input ------┐
frame --------------┴-> Session -> Say, Save, Announce … -> view -> Transcript -> lines of output
Enter, where both are a terminal ------> Seen

What is written counts as read only where somebody says so: nobody knows who looks at a pipe or a log.
"""

import asyncio
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, assert_never

from chat_tui.connection import Connection
from chat_tui.identity.keyfiles import KeyFileError
from chat_tui.identity.passport import Passport
from chat_tui.model import events as happened
from chat_tui.model.deeds import KEPT as COMES_BACK
from chat_tui.model.effects import Alert, Announce, Answer, Confirm, Effect, GiveUp, Save, Say, Show
from chat_tui.model.session import Session
from chat_tui.model.view import ConversationView, Link, Tick, TickState
from chat_tui.outbox import Outbox, OutboxError
from chat_tui.plain.entries import Entries
from chat_tui.plain.inquiries import Inquiries
from chat_tui.plain.lineinput import LineInput
from chat_tui.plain.transcript import Transcript, tell_direct
from chat_tui.terminal import environment as terminal
from chat_tui.text.safetext import safe_text

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
        self._seen_here = os.isatty(0) and os.isatty(1)
        self._reads: list[Announce] = []
        self._telling = False
        self._heard = False
        """Whether something has come since more of the history was last asked for."""
        self._alarm: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._ending = False
        self._inquiries = Inquiries(self._session, self._handle, self._write, _local)
        self._entries = Entries(
            self._session, self._inquiries, self._handle, self._write, self._see_all, typed=os.isatty(0)
        )

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
        self._entries.forget_refused()
        self._arm()
        if status.link is Link.STOPPED:
            self._end(REFUSED, f"{self._options.server}: {status.reason}{self._what_is_kept()}")
        elif self._ending and not self._left and not _is_landing(view):
            self._end_well()
        elif not self._ending and status.queued < WAITING_MAX:
            self._input.resume()

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
        if line is None or not self._entries.take(line):
            self._finish()
            return
        self._connection.hurry()
        if self._session.status().queued >= WAITING_MAX:
            self._input.pause()

    def _see_all(self) -> bool:
        """The person says that they have read what stands above; whether it is where they can."""
        if self._seen_here:
            self._see(steady_ms() - DWELL_MS)
        return self._seen_here

    def _see(self, written_by_ms: int) -> None:
        texts = self._transcript.texts(self._transcript.written_before(written_by_ms))
        self._transcript.acknowledge([each for each, _ in texts])
        if unseen := self._session.unseen(texts):
            ids = frozenset(each for each, _ in unseen)
            self._handle(happened.Seen(self._session.room, ids, steady_ms(), unseen))

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
        self._end(REFUSED if self._entries.refused else 0, self._entries.refused)

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
