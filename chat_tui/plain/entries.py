"""What one enters in `--plain`, done: messages, commands, and Enter, by which one has read what stands above."""

import secrets
import time
from collections.abc import Callable
from typing import assert_never

from chat_server.protocol import Delete, Edit
from chat_tui.model import events as happened
from chat_tui.model.deeds import request_of
from chat_tui.model.session import Session
from chat_tui.plain import commands
from chat_tui.plain.commands import Ask, Change, Look, Pinned, Quit, Read, Remove, Reply, Who
from chat_tui.plain.inquiries import Inquiries
from chat_tui.text.commands import Command, Help, Mistake, Text, Verb
from chat_tui.text.safetext import safe_line


class Entries:
    """The lines of one input, each taken when it comes."""

    def __init__(
        self,
        session: Session,
        inquiries: Inquiries,
        handle: Callable[[happened.Event], None],
        write: Callable[..., None],
        see: Callable[[], bool],
        *,
        typed: bool,
    ) -> None:
        """Take the session, who asks for it, and what hands it events and writes lines.

        `see` has it that all that was written counts as read, and says whether it can. A pipe, where nothing is
        typed, has no commands: what it carries may be anybody's text.
        """
        self._session = session
        self._inquiries = inquiries
        self._see = see
        self._handle = handle
        self._write = write
        self._typed = typed
        self.own: set[str] = set()
        """Nonces of what was entered here."""
        self.refused = ""
        """The last of what was entered, and not taken, from a pipe or by the server: a sentence."""

    def take(self, line: str) -> bool:
        """Do what a line means; whether that is to go on."""
        if not self._typed and not line.strip():
            return True
        match commands.take(line) if self._typed else commands.message(line):
            case Text(content=content):
                self._send(content)
            case Command(verb=Verb.MSG, name=name, text=text):
                self._whisper(name, text)
            case Command() as command:
                self._handle(happened.Asked(request_of(command, self._session.room)))
            case Mistake(sentence=sentence):
                self._mistake(sentence)
            case Read():
                self._acknowledge()
            case Who():
                self._write(self._who())
            case Pinned():
                self._inquiries.list_pins()
            case Help():
                self._write(*commands.HELP)
            case Quit():
                return False
            case (Ask() | Reply() | Change() | Remove()) as meant:
                self._do(meant)
            case Look(words=words):
                self._inquiries.search(words)
            case never:
                assert_never(never)
        return True

    def forget_refused(self) -> None:
        """What is refused stands in the output; it is not left in the outbox, where no other would follow it."""
        for post in self._session.owed.posts:
            if post.refused and post.nonce in self.own:
                self.refused = f"A message was refused: {safe_line(post.refused)}"
                self._handle(happened.Discarded(post.nonce))

    def _do(self, meant: Ask | Reply | Change | Remove) -> None:
        """What is meant for a message, if that is at hand."""
        own = not isinstance(meant, Reply)
        message_id, room = self._pick(meant.back, own=own), self._session.room
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
        self.own.add(nonce)
        self._handle(happened.Typed(content, nonce, time.time_ns() // 1_000_000, reply_to=reply_to))
        if draft:  # what stands in the composer of the other mode is not this
            self._handle(happened.Drafted(draft))

    def _whisper(self, name: str, content: str) -> None:
        """Say something to one person alone, and go on in the room."""
        nonce = secrets.token_urlsafe(16)
        self.own.add(nonce)
        self._handle(happened.Approached(name, content, nonce, time.time_ns() // 1_000_000, stays=True))

    def _mistake(self, sentence: str) -> None:
        if self._typed:
            self._write(f"* {sentence}")
        else:
            self.refused = sentence

    def _acknowledge(self, *, said: bool = True) -> None:
        """The person says that they have read what stands above."""
        if not self._see() and said:
            self._write("* What is written here is not shown on a terminal, so it does not count as read.")

    def _who(self) -> str:
        replica = self._session.replica
        here = [each for each in replica.members if each in replica.online]
        others = [each for each in replica.members if each not in replica.online]
        away = f"; not here: {', '.join(map(safe_line, others))}" if others else ""
        return f"* here: {', '.join(map(safe_line, here)) or 'nobody that is known'}{away}"
