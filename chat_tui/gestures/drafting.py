"""An app in which one writes: what is being written is kept, and sent once it is entered."""

import os
import secrets
import time
from typing import Final

from textual import on
from textual.app import SuspendNotSupported
from textual.timer import Timer

from chat_tui.editor import EditorError, edit, editor_of
from chat_tui.gestures.conversing import ConversingApp
from chat_tui.gestures.lending import LendingApp
from chat_tui.model import events as happened
from chat_tui.text.safetext import safe_line
from chat_tui.widgets.composer import Composer

DRAFT_S: Final = 0.5
"""How much of a draft's last writing a crash may cost."""


class DraftingApp(ConversingApp, LendingApp):
    """The part of the app that is about drafts: in the composer, or in one's own editor."""

    _drafting: Timer | None = None

    @on(Composer.Sent)
    def _typed(self, event: Composer.Sent) -> None:
        wall_ms = time.time_ns() // 1_000_000
        self._feed(happened.Typed(event.text, secrets.token_urlsafe(16), wall_ms, event.room, event.reply_to))
        self._chat.end_hint()
        self._chat.messages.jump_to_end()
        self._connection.hurry()

    @on(Composer.EditorAsked)
    def _editor_asked(self) -> None:
        self.run_worker(self._edit(), name="editor")

    async def _edit(self) -> None:
        """Have the draft changed in the person's own editor; what they do there is not sent."""
        if self.is_lent:
            return
        try:
            command = editor_of(os.environ)
            self._chat.rewrite(await self.lend(lambda: edit(command, self._chat.written)))
        except EditorError as error:
            self.notify(safe_line(str(error)), severity="warning", markup=False)
        except SuspendNotSupported:
            self.notify("No editor can be opened here: it needs a terminal.", severity="warning", markup=False)

    @on(Composer.Changed)
    def _drafted(self) -> None:
        """Keep what is being written, though not at every key."""
        if self._drafting is None:
            self._drafting = self.set_timer(DRAFT_S, self._keep_draft)

    def _keep_draft(self) -> None:
        self._drafting = None
        self._feed(happened.Drafted(self._chat.draft, self._chat.room))
