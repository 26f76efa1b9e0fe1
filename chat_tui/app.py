"""The running client: gestures and frames in, requests and drawings out. It joins pure parts and decides nothing.

key, mouse, focus -> Attention -> Seen ┐
frame, typed text ─────────────────────┴-> Session -> Say, Save, Announce, GiveUp
                                                   -> view -> screen, at most 30 times a second
"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, assert_never

from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from chat_tui import attention as attending
from chat_tui import events as happened
from chat_tui import terminal
from chat_tui.attention import Attention
from chat_tui.connection import Connection
from chat_tui.effects import Announce, Effect, GiveUp, Save, Say
from chat_tui.inspection import inspect
from chat_tui.keys import TABLE, Where
from chat_tui.notices import Notices
from chat_tui.outbox import Outbox, OutboxError
from chat_tui.safetext import safe_line
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.help import HelpScreen
from chat_tui.screens.hold import HoldScreen
from chat_tui.screens.info import InfoScreen
from chat_tui.session import Session
from chat_tui.view import Link, MessageView
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.conversation import Conversation
from chat_tui.widgets.messages import Messages
from chat_tui.widgets.status import StatusLine

FRAME_S: Final = 1 / 30
"""The screen is drawn at most this often."""
ASK_TMUX_S: Final = 2.0
ASK_INFO_S: Final = 2.0
"""How often an open info pane asks again: only authors are told of receipts."""
SHORT_ROWS: Final = 18
"""Terminals with fewer rows go without frame and footer."""
NOTICE_S: Final = 3_600.0
"""A notice of reads stays until one looks, and `NOTICE_AFTER_S` beyond that."""
NOTICE_AFTER_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    name: str
    server: str
    room: str
    ascii_only: bool = False
    bell: bool = True


class ChatApp(App[None]):
    """One person in one room."""

    TITLE = "doubletick"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        Where.ANYWHERE, only={"help", "quit", "hold", "toggle_bell"}, priority=True
    )

    def __init__(self, options: Options, outbox: Outbox) -> None:
        """Take the options and what the last client left to be sent."""
        super().__init__()
        self._options = options
        self._outbox = outbox
        self._session = Session(options.name, options.room, outbox.owed)
        self._attention = Attention(_now_ms())
        self._notices = Notices()
        self._connection = Connection(options.server, self._hear, _now_ms)
        self._chat = ChatScreen(safe_line(options.room), ascii_only=options.ascii_only)
        self._bell_on = options.bell
        self._heard: list[happened.Event] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._drawing: asyncio.TimerHandle | None = None
        self._drawn_s = 0.0
        self._looked = happened.Looked(attended=True, following=True)
        self._welcomed = False

    # Begin and end

    def on_mount(self) -> None:
        """Show the empty conversation, then connect."""
        self.push_screen(self._chat)
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.run_worker(self._connection.run(), name="connection")
        if terminal.in_tmux(os.environ) and not self.is_headless:
            self._write_to_terminal(terminal.extended_keys(os.environ)[0])
            self.set_interval(ASK_TMUX_S, self._ask_tmux)
            self.call_later(self._ask_tmux)
        self.set_interval(ASK_INFO_S, self._ask_info)
        self._draw()

    def on_unmount(self) -> None:
        """Give the terminal back as it was, and stop what is under way."""
        if terminal.in_tmux(os.environ) and not self.is_headless:
            self._write_to_terminal(terminal.extended_keys(os.environ)[1])
        for handle in (self._alarm, self._drawing):
            if handle is not None:
                handle.cancel()

    def _write_to_terminal(self, sequence: str) -> None:
        if sys.__stderr__ is not None:
            sys.__stderr__.write(sequence)
            sys.__stderr__.flush()

    # The session

    def _hear(self, event: happened.Event) -> None:
        """Something came from the connection: handled together with what else comes before the next drawing."""
        self._heard.append(event)
        self._draw_soon()

    def _feed(self, event: happened.Event) -> None:
        for effect in self._session.handle(event):
            self._perform(effect)
        self._draw_soon()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Say(request=request):
                self._connection.say(request)
            case Save():
                self._save()
            case Announce(reader=reader, messages=messages):
                self._notices.add(reader, messages, _now_ms())
            case GiveUp(reason=reason):
                self._connection.give_up(reason)
                if not self._welcomed:
                    self.exit(return_code=1, message=f"{self._options.server} says: {safe_line(reason)}")
            case _:
                assert_never(effect)

    def _save(self) -> None:
        try:
            self._outbox.save(self._session.owed)
        except OutboxError as error:
            # What is owed is still sent; only a crash before that would lose it, so the person must know.
            self.notify(str(error), severity="error", markup=False)

    # What has been read

    async def on_event(self, event: events.Event) -> None:
        """Every key, click and focus report is evidence for or against somebody being here."""
        match event:
            case (
                events.Key()
                | events.Paste()
                | events.MouseDown()
                | events.MouseScrollUp()
                | events.MouseScrollDown()
            ):
                self._attend(attending.Pressed())
            case events.MouseMove():
                self._attend(attending.Moved())
            case events.AppFocus():
                self._attend(attending.FocusIn())
            case events.AppBlur():
                self._attend(attending.FocusOut())
            case _:
                pass
        await super().on_event(event)

    def _attend(self, event: attending.Event) -> None:
        """Tell the attention what happened, and the session what has been read by it."""
        now_ms = _now_ms()
        read = self._attention.handle(attending.Covered(not self._chat.is_active), now_ms)
        read |= self._attention.handle(event, now_ms)
        if read and terminal.in_tmux(os.environ) and not self.is_headless:
            self.run_worker(self._confirm(read), name="confirm")
        elif read:
            self._feed(happened.Seen(read, now_ms))
        self._look()
        self._draw_soon()

    def _show(self, room_ids: frozenset[int]) -> None:
        self._attend(attending.Shown(self._session.unread(room_ids)))

    async def _confirm(self, read: frozenset[int]) -> None:
        """Before a receipt leaves, ask tmux whether the pane is in sight: it does not tell by itself."""
        if await self._ask_tmux():
            self._show(frozenset())
            self._show(self._chat.messages.visible_ids())
        else:
            self._feed(happened.Seen(read, _now_ms()))

    async def _ask_tmux(self) -> bool:
        hidden = bool(await terminal.tmux_hidden(os.environ))
        self._attend(attending.Hidden(hidden))
        return hidden

    def _look(self) -> None:
        """Pass on whether somebody is looking; notices end when somebody is."""
        attended = self._attention.attended(_now_ms())
        looked = happened.Looked(attended, self._looked.following)
        if looked != self._looked:
            if attended:
                self._notices.clear()
                self.set_timer(NOTICE_AFTER_S, self.clear_notifications)
            self._looked = looked
            self._feed(looked)

    # Time

    def _arm(self) -> None:
        """Wake at the earliest moment at which time alone changes something."""
        now_ms = _now_ms()
        deadlines = [
            self._attention.next_deadline_ms(now_ms),
            self._session.next_deadline_ms,
            self._notices.next_deadline_ms,
            now_ms + 1_000 if self._session.status().link is Link.WAITING else None,
        ]
        due = [each for each in deadlines if each is not None]
        if self._alarm is not None:
            self._alarm.cancel()
        if due:
            pause_s = max(min(due) - now_ms, 0) / 1000
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(pause_s, self.call_later, self._wake)

    def _wake(self) -> None:
        self._attend(attending.Elapsed())
        self._feed(happened.Elapsed(_now_ms()))
        sentence = self._notices.due(_now_ms())
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
        heard, self._heard = self._heard, []
        for event in heard:
            self._feed(event)
        self._drawing, self._drawn_s = None, time.monotonic()
        if not self._chat.is_mounted:
            return
        status = self._session.status()
        self._welcomed |= status.link is Link.ONLINE
        line = StatusLine(
            status, self._attention.state, self._attention.held_count, now_ms=_now_ms(), bell=self._bell_on
        )
        self._chat.show(self._session.view(), line)
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
        self._feed(happened.Typed(event.text, secrets.token_urlsafe(16), wall_ms))
        self._chat.messages.jump_to_end()
        self._connection.hurry()

    @on(Conversation.Visible)
    def _visible(self, event: Conversation.Visible) -> None:
        self._show(event.ids)

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

    @on(Conversation.FollowChanged)
    def _follow_changed(self, event: Conversation.FollowChanged) -> None:
        self._looked = happened.Looked(self._looked.attended, event.following)
        self._feed(self._looked)
        self._chat.show_below(event.below, following=event.following)

    @on(Messages.RetryAsked)
    def _retry_asked(self, event: Messages.RetryAsked) -> None:
        self._feed(happened.Retried(event.nonce))

    @on(Messages.DiscardAsked)
    def _discard_asked(self, event: Messages.DiscardAsked) -> None:
        self._feed(happened.Discarded(event.nonce))

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
        if self._attention.state is not attending.ReceiptState.HELD:
            self._attend(attending.Hold())
        elif not self._attention.held_count:
            self._attend(attending.Release())
        elif self.screen is self._chat:
            self.push_screen(HoldScreen(self._attention.held_count), self._end_hold)

    def _end_hold(self, release: bool | None) -> None:  # noqa: FBT001  # the answer of a screen
        if release is not None:
            self._attend(attending.Release() if release else attending.Drop())

    def action_toggle_bell(self) -> None:
        """Turn the bell on or off."""
        self._bell_on = not self._bell_on
        self.notify(f"The bell is {'on' if self._bell_on else 'off'}.", markup=False)
        self._draw_soon()

    def action_help(self) -> None:
        """Show all keys."""
        if not isinstance(self.screen, HelpScreen | CommandPalette):
            self.push_screen(HelpScreen())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: Textual's own, and every key that does something by itself."""
        yield from (each for each in super().get_system_commands(screen) if each.title != "Keys")
        for key in TABLE:
            if key.where is Where.ANYWHERE and key.action not in ("command_palette", "quit"):
                yield SystemCommand(key.label, key.help, self._runner(key.action))

    def _runner(self, action: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.run_action(action if hasattr(self, f"action_{action}") else f"screen.{action}")

        return run

    def on_resize(self, event: events.Resize) -> None:
        """A short terminal gives its rows to the conversation."""
        self._chat.set_class(event.size.height < SHORT_ROWS, "-short")


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
