"""An app that tells somebody who does not look what has happened, as far as they want to be told."""

from typing import assert_never

from chat_tui.gestures import attentive
from chat_tui.gestures.conversing import ConversingApp
from chat_tui.model import events as happened
from chat_tui.model import notifying
from chat_tui.model.effects import Alert, Announce


class NoticingApp(ConversingApp):
    """The part of the app that is about notices, and the bell that rings for them."""

    _looked = happened.Looked(attended=True, following=True)
    """Whether somebody is there to look, and at the end of the room: what the session was last told of that."""

    def action_toggle_bell(self) -> None:
        """Turn the bell on or off."""
        self._telling.bell_on = not self._telling.bell_on
        self.notify(f"The bell is {'on' if self._telling.bell_on else 'off'}.", markup=False)
        self._draw_soon()

    def is_attended(self) -> bool:
        """Whether somebody was there to look, the last time that was judged."""
        return self._looked.attended

    def _notice(self, effect: Announce | Alert) -> None:
        """The session has something that somebody may have to be told of."""
        match effect:
            case Announce(reader=reader, messages=messages, room=room, watched=watched, acknowledged=acknowledged):
                self._tell(notifying.Read(room, reader, messages, watched, acknowledged))
            case Alert(room=room, message_id=message_id, sender=sender, text=text, direct=direct, edition=edition):
                self._tell(notifying.Caught(room, message_id - 1))
                if direct:
                    self._tell(notifying.Addressed(room, message_id, sender, text))
                else:
                    self._tell(notifying.Mentioned(room, message_id, sender, text, edition))
            case _:
                assert_never(effect)

    @property
    def _in_view(self) -> notifying.Looked:
        return notifying.Looked(self._looked.attended, self._session.room if self._looked.following else None)

    def _tell(self, event: notifying.Event) -> None:
        self._telling.take(event, attentive.steady_ms())
