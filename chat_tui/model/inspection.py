"""What the info pane shows of a message. Pure."""

from dataclasses import dataclass

from chat_server.protocol import AcknowledgedBy, Info, ReadBy
from chat_tui.model.view import MessageView
from chat_tui.text.safetext import safe_line


@dataclass(frozen=True, slots=True)
class InfoView:
    """A message, who has read it and who has not; every text is safe to show."""

    message: MessageView
    loading: bool
    """Nothing has been heard of its readers yet."""
    read_by: tuple[tuple[str, int], ...] = ()
    """Each reader with the time in Unix ms, earliest first."""
    missing: tuple[str, ...] = ()
    unshared: tuple[str, ...] = ()
    """Who does not say what they read."""
    acknowledged: tuple[tuple[str, int], ...] = ()
    """Who has said that they take note of it, with the time in Unix ms, earliest first."""
    acknowledged_earlier: tuple[tuple[str, int], ...] = ()
    """Who has said so of an earlier text only."""
    read_earlier: tuple[tuple[str, int], ...] = ()
    """Who has read only an earlier text of an edited message, with the time in Unix ms, earliest first."""
    hidden: bool = False
    """One does not share what one reads in the room, and so is shown nobody."""

    @property
    def audience(self) -> int:
        """How many it was sent to who say what they read."""
        return len(self.read_by) + len(self.missing) + len(self.read_earlier)


def inspect(message: MessageView, info: Info | None) -> InfoView:
    """The pane for a message, from what the server last said of it."""
    if info is None or info.message_id != message.id:
        return InfoView(message, loading=True)
    return InfoView(
        message,
        loading=False,
        read_by=_readers(info.read_by),
        missing=tuple(map(safe_line, info.missing)),
        unshared=tuple(map(safe_line, info.unshared)),
        acknowledged=_people(info.acknowledged),
        acknowledged_earlier=_people(info.acknowledged_earlier),
        read_earlier=_readers(info.read_earlier),
        hidden=info.hidden,
    )


def _people(acknowledged: tuple[AcknowledgedBy, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((safe_line(each.reader), each.acknowledged_at) for each in acknowledged)


def _readers(told: tuple[ReadBy, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((safe_line(each.reader), each.read_at) for each in told)
