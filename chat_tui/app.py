"""The running client: gestures and frames in, requests and drawings out. It joins pure parts and decides nothing.

key, mouse, focus -> AttentiveApp -> Seen ┐
frame, typed text ────────────────────────┴-> Session -> Say, Save, Announce, GiveUp
                                                      -> view -> screen, at most 30 times a second
"""

import asyncio
import gc
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Final, assert_never

from textual import on
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.theme import Theme
from textual.worker import Worker, WorkerError

from chat_tui import disk
from chat_tui.addresses import is_open_to_others
from chat_tui.connection import Connection
from chat_tui.gestures.acknowledging import AcknowledgingApp
from chat_tui.gestures.acting import ActingApp
from chat_tui.gestures.answering import AnsweringApp
from chat_tui.gestures.attentive import steady_ms
from chat_tui.gestures.drafting import DraftingApp
from chat_tui.gestures.horizons import HorizonsApp
from chat_tui.gestures.marking import MarkingApp
from chat_tui.gestures.mousing import MousingApp
from chat_tui.gestures.palette import PaletteApp
from chat_tui.gestures.reading import ReadingApp
from chat_tui.gestures.writing import WritingApp
from chat_tui.identity.passport import Passport
from chat_tui.keys import Where
from chat_tui.model import attention as attending
from chat_tui.model import events as happened
from chat_tui.model import notifying
from chat_tui.model.effects import Alert, Announce, Answer, Confirm, Effect, GiveUp, Save, Say, Show
from chat_tui.model.session import Session
from chat_tui.model.view import ConversationView, Status
from chat_tui.outbox import Outbox, OutboxError
from chat_tui.preferences import configfile
from chat_tui.preferences.config import Preferences
from chat_tui.preferences.configfile import ConfigFileError
from chat_tui.preferences.themes import OURS
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.help import HelpScreen
from chat_tui.telling import NOTICE_S, Telling
from chat_tui.terminal import environment as terminal
from chat_tui.terminal import pastes
from chat_tui.text.completion import likeliest_first
from chat_tui.text.safetext import safe_line, safe_text
from chat_tui.unreached import notice
from chat_tui.widgets.bindings import bindings, keymap, shown
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.status import StatusLine

FRAME_S: Final = 1 / 30
"""The screen is drawn at most this often."""
ASK_INFO_S: Final = 2.0
"""How often an open info pane asks again: only authors are told of receipts."""
OPEN: Final = "{server} is not encrypted: whoever is on the way can read everything. wss:// is."


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
    preferences: Preferences = field(default_factory=Preferences)
    themes: tuple[Theme, ...] = ()
    """Of one's own, beside ours and Textual's."""
    config: Path | None = None
    """The directory in which a change of the theme is kept; None where it is not."""
    hint_seen: Path | None = None
    """A file that is there once the keys for newcomers have been seen; None where they are not to be shown."""


class ChatApp(
    PaletteApp,
    ActingApp,
    MarkingApp,
    AcknowledgingApp,
    HorizonsApp,
    AnsweringApp,
    DraftingApp,
    WritingApp,
    MousingApp,
    ReadingApp,
):
    """One person on one server."""

    TITLE = "doubletick"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide"), (100, "-broad")]  # noqa: RUF012  # declared so by its base
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall")]  # noqa: RUF012  # as above
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        Where.ANYWHERE, only={"help", "quit", "command_palette", "hold", "toggle_bell"}, priority=True
    )

    def __init__(self, options: Options, outbox: Outbox, passport: Passport) -> None:
        """Take the options, what the last client left to be sent, and what proves who one is."""
        super().__init__(options.preferences.dwell_ms, options.preferences.idle_s * 1_000)
        for theme in (*OURS, *options.themes):
            self.register_theme(theme)
        self.theme = options.preferences.theme
        self._options = options
        self._outbox = outbox
        self._passport = passport
        self._session = Session(options.name, options.room, outbox.owed, passport.public, options.invite)
        self._replica = self._session.replica
        self._ascii_only = options.ascii_only
        self._telling = Telling(self, self.write_beneath, os.environ, bell_on=options.bell)
        self._connection = Connection(options.server, self._hear, steady_ms)
        self.set_class(options.ascii_only, "-ascii")
        self._kept_theme = options.preferences.theme
        self._keys = options.preferences.keys
        self.has_mouse = options.preferences.mouse
        self.tells_writing = options.preferences.typing
        self._chat = ChatScreen(options.room, self._session.draft, ascii_only=options.ascii_only, keys=self._keys)
        self._chat.let_name(self._whom)
        self._chat.let_answer(self._session.quote, self._session.original)
        if options.hint_seen is not None and not options.hint_seen.exists():
            self._chat.show_hint()
        self._remapped = keymap(self._keys)
        self.set_keymap(self._remapped)
        palette = next(key.keys for key in self._keys if key.action == "command_palette")
        self.COMMAND_PALETTE_BINDING = palette[0] if palette else ""  # type: ignore[misc]  # the footer asks for it
        self._heard: list[happened.Event] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._drawing: asyncio.TimerHandle | None = None
        self._drawn_s = 0.0
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
        if not self.is_running:
            return  # it was ended before there was anything to see
        # What the start has made stays: it is looked through no more, as that would hold up a key for a while.
        gc.freeze()
        gc.enable()
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self._connecting = self.run_worker(self._connection.run(), name="connection")
        self.write_beneath(terminal.extended_keys(os.environ)[0])
        self.run_worker(self._telling.look_around(), name="surroundings")
        self._tell(self._in_view)
        self.watch_tmux()
        self.set_interval(ASK_INFO_S, self.ask_info)
        self.set_interval(ASK_INFO_S, self.ask_pins)
        self.watch_horizons()
        self.attend(attending.Elapsed())
        self._draw()
        if is_open_to_others(self._options.server):
            self.notify(OPEN.format(server=safe_line(self._options.server)), severity="warning", markup=False)

    async def on_unmount(self) -> None:
        """Give the terminal back as it was, and stop what is under way."""
        self._telling.end()
        self.write_beneath(terminal.extended_keys(os.environ)[1])
        self._keep_draft()
        if self._connecting is not None:
            self._connecting.cancel()
            with suppress(WorkerError):  # it has been cancelled
                await self._connecting.wait()
        for handle in (self._alarm, self._drawing):
            if handle is not None:
                handle.cancel()

    def _keep_theme(self, theme: Theme) -> None:
        """Begin with the same theme the next time."""
        if self._options.config is None or theme.name == self._kept_theme:
            return
        self._kept_theme = theme.name
        try:
            configfile.change(self._options.config, {"theme": theme.name})
        except ConfigFileError as error:
            self.notify(f"The theme will not be there next time: {error}", severity="warning", markup=False)

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
        self.follow_epoch()
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
            case Announce() | Alert():
                self._notice(effect)
            case Confirm(room=room):
                self.ask_consent(room)
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

    # Time

    def _arm(self, status: Status) -> None:
        """Wake at the earliest moment at which time alone changes something."""
        now_ms = steady_ms()
        deadlines = [
            self.attention.next_deadline_ms(now_ms),
            self._session.next_deadline_ms,
            self._telling.next_deadline_ms,
            now_ms + 1_000 if status.retry_at_ms is not None else None,
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
        self._tell(notifying.Elapsed())

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
        rooms = self._session.rooms()
        line = StatusLine(
            status,
            self.attention.state,
            self.attention.held_count,
            now_ms=steady_ms(),
            bell=self._telling.bell_on,
            elsewhere=rooms.elsewhere,
            mouse=self.has_mouse or not self._options.preferences.mouse,
        )
        self._chat.show(self._view(status), line, rooms)
        self.draw_listing()
        self.draw_search()
        self.draw_sharing()
        if not self.is_lent:
            self._telling.entitle(f"{status.label} - {self.TITLE}", rooms.waiting)
        self.draw_info()
        self.draw_pins()
        self._arm(status)

    def _view(self, status: Status) -> ConversationView:
        view = self._session.view()
        return replace(view, notice=notice(self._options.server, status, steady_ms())) if view.loading else view

    def _whom(self) -> list[str]:
        """Whom one can name, the likeliest first."""
        replica = self._session.replica
        others = {safe_line(each) for each in replica.members if each != replica.me}
        online = {safe_line(each) for each in replica.online}
        return likeliest_first(others, online, (each.sender for each in reversed(tuple(replica.messages()))))

    # Keys

    @on(ChatScreen.HintEnded)
    def _hint_ended(self) -> None:
        """Never show it again."""
        assert self._options.hint_seen is not None
        try:
            disk.make_folder(self._options.hint_seen.parent)
            self._options.hint_seen.touch()
        except OSError as error:
            self.notify(f"The keys will be shown again: {error.strerror}.", markup=False)

    @on(Composer.HelpAsked)
    def _help_asked(self) -> None:
        self.action_help()

    def action_help(self) -> None:
        """Show all keys, or show them no longer."""
        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        elif not isinstance(self.screen, CommandPalette):
            self.push_screen(HelpScreen(self._keys))

    def get_key_display(self, binding: Binding) -> str:
        """The first of a binding's keys, as the footer shows it."""
        keys = self._remapped.get(binding.id or "")
        return super().get_key_display(binding) if keys is None else shown(keys)
