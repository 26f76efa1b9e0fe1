"""The running client: gestures and frames in, requests and drawings out. It joins pure parts and decides nothing.

key, mouse, focus -> AttentiveApp -> Seen ┐
frame, typed text ────────────────────────┴-> Session -> Say, Save, Announce, GiveUp
                                                      -> view -> screen, at most 30 times a second
"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar, Final, assert_never

from textual import on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, WorkerError

from chat_server.protocol import Delete
from chat_tui import attention as attending
from chat_tui import events as happened
from chat_tui import pastes, terminal
from chat_tui.attentive import steady_ms
from chat_tui.connection import Connection
from chat_tui.effects import Announce, Answer, Effect, GiveUp, Save, Say, Show
from chat_tui.inspection import inspect
from chat_tui.keys import TABLE, Key, Where
from chat_tui.notices import Notices
from chat_tui.outbox import Outbox, OutboxError
from chat_tui.passport import Passport
from chat_tui.roaming import RoamingApp
from chat_tui.safetext import safe_text
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.delete import DeleteScreen
from chat_tui.screens.help import HelpScreen
from chat_tui.screens.hold import HoldScreen
from chat_tui.screens.info import InfoScreen
from chat_tui.session import Session
from chat_tui.view import MessageView
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.conversation import Conversation
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.status import StatusLine

FRAME_S: Final = 1 / 30
"""The screen is drawn at most this often."""
ASK_INFO_S: Final = 2.0
"""How often an open info pane asks again: only authors are told of receipts."""
NOTICE_S: Final = 3_600.0
"""A notice of reads stays until one looks, and `NOTICE_AFTER_S` beyond that."""
NOTICE_AFTER_S: Final = 5.0
DRAFT_S: Final = 0.5
"""How much of a draft's last writing a crash may cost."""
PALETTE_PLACES: Final = (Where.ANYWHERE, Where.CONVERSATION)
NOT_OURS: Final = {"Keys", "Maximize", "Minimize"}
NOT_IN_PALETTE: Final = {
    *("command_palette", "quit"),  # it is open, and Textual offers the other
    *("cursor_up", "cursor_down", "to_composer"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    name: str
    server: str
    room: str
    ascii_only: bool = False
    bell: bool = True
    invite: str | None = field(default=None, repr=False)
    """A one-time code that lets this key speak for the name."""


class ChatApp(RoamingApp):
    """One person on one server."""

    TITLE = "doubletick"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide"), (100, "-broad")]  # noqa: RUF012  # declared so by its base
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall")]  # noqa: RUF012  # as above
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        Where.ANYWHERE, only={"help", "quit", "hold", "toggle_bell"}, priority=True
    )

    def __init__(self, options: Options, outbox: Outbox, passport: Passport) -> None:
        """Take the options, what the last client left to be sent, and what proves who one is."""
        super().__init__()
        self._options = options
        self._outbox = outbox
        self._passport = passport
        self._session = Session(options.name, options.room, outbox.owed, passport.public, options.invite)
        self._replica = self._session.replica
        self._notices = Notices()
        self._connection = Connection(options.server, self._hear, steady_ms)
        self.set_class(options.ascii_only, "-ascii")
        self._chat = ChatScreen(options.room, self._session.draft, ascii_only=options.ascii_only)
        self._bell_on = options.bell
        self._heard: list[happened.Event] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._drawing: asyncio.TimerHandle | None = None
        self._drawn_s = 0.0
        self._looked = happened.Looked(attended=True, following=True)
        self._ending_notice: Timer | None = None
        self._drafting: Timer | None = None
        self._connecting: Worker[None] | None = None

    # Begin and end

    def get_driver_class(self) -> type[Driver]:
        """Textual's own, with pastes made safe."""
        pastes.install()
        return super().get_driver_class()

    def on_mount(self) -> None:
        """Show the empty conversation, then connect."""
        self.push_screen(self._chat)
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self._connecting = self.run_worker(self._connection.run(), name="connection")
        self._ask_for_keys(terminal.extended_keys(os.environ)[0])
        self.watch_tmux()
        self.set_interval(ASK_INFO_S, self._ask_info)
        self.attend(attending.Elapsed())
        self._draw()

    async def on_unmount(self) -> None:
        """Give the terminal back as it was, and stop what is under way."""
        self._ask_for_keys(terminal.extended_keys(os.environ)[1])
        self._keep_draft()
        if self._connecting is not None:
            self._connecting.cancel()
            with suppress(WorkerError):  # it has been cancelled
                await self._connecting.wait()
        for handle in (self._alarm, self._drawing):
            if handle is not None:
                handle.cancel()

    def _ask_for_keys(self, sequence: str) -> None:
        if sequence and sys.__stderr__ is not None and not self.is_headless:
            sys.__stderr__.write(sequence)
            sys.__stderr__.flush()

    # The session

    def _hear(self, event: happened.Event) -> None:
        """Something came from the connection: handled together with what else comes before the next drawing."""
        self._heard.append(event)
        self._draw_soon()

    def _feed(self, *newest: happened.Event) -> None:
        """Hand on what has been heard, then what has happened since."""
        heard, self._heard = self._heard, []
        for event in (*heard, *newest):
            self._handle(event)
        if self._session.replica is not self._replica:
            # The same ids are other messages now: nothing of the old ones counts for them.
            self._replica = self._session.replica
            self.follow_room()
            self.attend(attending.Shown(frozenset()))
            self.call_after_refresh(self.attend_to_sight)
        self._draw_soon()

    def _handle(self, event: happened.Event) -> None:
        for effect in self._session.handle(event):
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Answer(nonce=nonce, challenge=challenge):
                # At once, so that whatever came after the challenge finds it answered.
                self._handle(self._passport.answer(nonce, challenge))
            case Say(request=request):
                self._connection.say(request)
            case Save():
                self._save()
            case Announce(reader=reader, messages=messages, room=room):
                self._notices.add(reader, messages, steady_ms(), room)
            case Show(sentence=sentence, is_warning=is_warning):
                self.notify(sentence, severity="warning" if is_warning else "information", markup=False)
            case GiveUp(reason=reason):
                self._give_up(safe_text(f"{self._options.server}: {reason}"), reason)
            case _:
                assert_never(effect)

    def _give_up(self, sentence: str, reason: str) -> None:
        # The status bar has room for the first paragraph only.
        self._connection.give_up(reason.partition("\n\n")[0])
        if not self._session.replica.loaded:
            self.exit(return_code=1, message=sentence)
        elif "\n" in reason:
            self.notify(sentence, severity="error", timeout=NOTICE_S, markup=False)

    def _save(self) -> None:
        try:
            self._outbox.save(self._session.owed)
        except OutboxError as error:
            # What is owed is still sent; only a crash before that would lose it, so the person must know.
            self.notify(str(error), severity="error", markup=False)

    # What has been read

    def is_covered(self) -> bool:
        """Whether any other screen is on top."""
        return not self._chat.is_active

    def unread_in_sight(self) -> frozenset[attending.Sight]:
        """What the conversation shows and the session does not know to be read."""
        if not self._chat.is_mounted or self._chat.messages.room != self._session.room:
            return frozenset()
        unread = self._session.unread(self._chat.messages.visible_ids())
        return frozenset((self._session.room, each) for each in unread)

    def on_read(self, seen: frozenset[attending.Sight], now_ms: int) -> None:
        """Tell the session, room by room."""
        for room in sorted({room for room, _ in seen}):
            self._feed(happened.Seen(room, frozenset(each for its, each in seen if its == room), now_ms))

    def on_attention(self) -> None:
        """Pass on whether somebody is looking; when somebody comes back, notices end and the server is tried."""
        attended = self.attention.attended(steady_ms())
        if attended is not self._looked.attended:
            self._looked = happened.Looked(attended, self._looked.following)
            self._feed(self._looked)
            if attended:
                self._notices.clear()
                self._ending_notice = self.set_timer(NOTICE_AFTER_S, self.clear_notifications)
                self._connection.hurry()
            elif self._ending_notice is not None:
                self._ending_notice.stop()
        self._draw_soon()

    @on(Conversation.Visible)
    @on(ChatScreen.Covered)
    def _sight_changed(self) -> None:
        self.attend_to_sight()

    @on(Conversation.FollowChanged)
    def _follow_changed(self, event: Conversation.FollowChanged) -> None:
        self._looked = happened.Looked(self._looked.attended, event.following)
        self._feed(self._looked)
        self._chat.show_below(event.below, following=event.following)

    # Time

    def _arm(self) -> None:
        """Wake at the earliest moment at which time alone changes something."""
        now_ms = steady_ms()
        deadlines = [
            self.attention.next_deadline_ms(now_ms),
            self._session.next_deadline_ms,
            self._notices.next_deadline_ms,
            now_ms + 1_000 if self._session.status().retry_at_ms is not None else None,
        ]
        due = [each for each in deadlines if each is not None]
        if self._alarm is not None:
            self._alarm.cancel()
        if due:
            pause_s = max(min(due) - now_ms, 0) / 1000
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(pause_s, self.call_later, self._wake)

    def _wake(self) -> None:
        self.attend(attending.Elapsed())
        self._feed(happened.Elapsed(steady_ms()))
        sentence = self._notices.due(steady_ms())
        if sentence:
            self.clear_notifications()
            self.notify(sentence, timeout=NOTICE_S, markup=False)
            if self._bell_on:
                self.bell()

    # Drawing

    def _draw_soon(self) -> None:
        """Draw at once where the last drawing was long ago, else a frame after it."""
        if self._drawing is None:
            pause_s = max(self._drawn_s + FRAME_S - time.monotonic(), 0)
            loop = asyncio.get_running_loop()
            self._drawing = loop.call_later(pause_s, self.call_later, self._draw)

    def _draw(self) -> None:
        self._feed()
        if self._drawing is not None:
            self._drawing.cancel()
        self._drawing, self._drawn_s = None, time.monotonic()
        if not self._chat.is_mounted:
            return
        status = self._session.status()
        line = StatusLine(
            status, self.attention.state, self.attention.held_count, now_ms=steady_ms(), bell=self._bell_on
        )
        self._chat.show(self._session.view(), line, self._session.rooms())
        self.draw_listing()
        if isinstance(self.screen, InfoScreen):
            self._draw_info(self.screen)
        self._arm()

    def _draw_info(self, screen: InfoScreen) -> None:
        if (message := self._message(screen.message_id)) is not None:
            screen.show(inspect(message, self._session.info))

    def _message(self, message_id: int | None) -> MessageView | None:
        return next((each for each in self._session.view().messages if each.id == message_id), None)

    # Gestures

    @on(Composer.Sent)
    def _typed(self, event: Composer.Sent) -> None:
        wall_ms = time.time_ns() // 1_000_000
        self._feed(happened.Typed(event.text, secrets.token_urlsafe(16), wall_ms, event.room))
        self._chat.messages.jump_to_end()
        self._connection.hurry()

    @on(Composer.Changed)
    def _drafted(self) -> None:
        """Keep what is being written, though not at every key."""
        if self._drafting is None:
            self._drafting = self.set_timer(DRAFT_S, self._keep_draft)

    def _keep_draft(self) -> None:
        self._drafting = None
        self._feed(happened.Drafted(self._chat.draft, self._chat.room))

    @on(Conversation.NearStart)
    def _near_start(self) -> None:
        self._feed(happened.Sought(happened.Part.OLDER))

    @on(Conversation.NearEnd)
    def _near_end(self) -> None:
        self._feed(happened.Sought(happened.Part.NEWER))

    @on(Conversation.EndAsked)
    def _end_asked(self) -> None:
        self._feed(happened.Sought(happened.Part.NEWEST))

    @on(Messages.OldestAsked)
    def _oldest_asked(self) -> None:
        self._feed(happened.Sought(happened.Part.OLDEST))

    @on(Messages.RetryAsked)
    def _retry_asked(self, event: Messages.RetryAsked) -> None:
        self._feed(happened.Retried(event.nonce))

    @on(Messages.DiscardAsked)
    def _discard_asked(self, event: Messages.DiscardAsked) -> None:
        self._feed(happened.Discarded(event.nonce))

    @on(Messages.DeleteAsked)
    def _delete_asked(self, event: Messages.DeleteAsked) -> None:
        message_id, room = event.message.id, self._session.room
        assert message_id is not None

        def delete(answer: bool | None) -> None:  # noqa: FBT001  # the answer of a screen
            if answer:
                self._feed(happened.Moderated(Delete(room=room, message_id=message_id)))

        self.push_screen(DeleteScreen(event.message, ascii_only=self._options.ascii_only), delete)

    @on(Conversation.InfoAsked)
    def _info_asked(self, event: Conversation.InfoAsked) -> None:
        message = self._message(event.message_id)
        if message is not None:
            self._feed(happened.Inspected(event.message_id))
            view = inspect(message, self._session.info)
            self.push_screen(
                InfoScreen(view, ascii_only=self._options.ascii_only),
                lambda _: self._feed(happened.Inspected(None)),
            )

    def _ask_info(self) -> None:
        if isinstance(self.screen, InfoScreen):
            self._feed(happened.Inspected(self.screen.message_id))

    # Keys and commands

    def action_hold(self) -> None:
        """Hold receipts, or ask what to do with those that were held."""
        if self.attention.state is not attending.ReceiptState.HELD:
            self.attend(attending.Hold())
        elif not self.attention.held_count:
            self.attend(attending.Release())
        elif self.screen is self._chat:
            self.push_screen(HoldScreen(self.attention.held_count), self._end_hold)

    def _end_hold(self, release: bool | None) -> None:  # noqa: FBT001  # the answer of a screen
        if release is not None:
            self.attend(attending.Release() if release else attending.Drop())

    def action_toggle_bell(self) -> None:
        """Turn the bell on or off."""
        self._bell_on = not self._bell_on
        self.notify(f"The bell is {'on' if self._bell_on else 'off'}.", markup=False)
        self._draw_soon()

    def action_help(self) -> None:
        """Show all keys, or show them no longer."""
        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        elif not isinstance(self.screen, CommandPalette):
            self.push_screen(HelpScreen())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: Textual's own, and everything that keys do but moving about."""
        yield from (each for each in super().get_system_commands(screen) if each.title not in NOT_OURS)
        offered = {key.action: key for key in reversed(TABLE) if key.where in PALETTE_PLACES}
        for action, key in reversed(offered.items()):
            if action not in NOT_IN_PALETTE:
                yield SystemCommand(key.label, key.help, self._runner(key))

    def _runner(self, key: Key) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            places = (self._chat.messages,) if key.where is Where.CONVERSATION else (self, self._chat)
            place = next(each for each in places if hasattr(each, f"action_{key.action}"))
            await self.run_action(key.action, place)

        return run
