"""What somebody is told whose request was not carried out. Pure."""

from typing import Final

from chat_server.effects import Send
from chat_server.protocol import Refused

DISK_FULL: Final = "The server's disk is full; it takes nothing new until there is space."


def rate_limited(connection: int, wait_ms: int, ref: str | None) -> Send:
    """Tell a connection to ask again later."""
    reason = f"Slow down: this can be asked again in {wait_ms / 1000:.1f} s."
    frame = Refused(code="rate-limited", reason=reason, ref=ref, retry_after_ms=wait_ms)
    return Send((connection,), frame)


def refuse(connection: int, code: str, reason: str, ref: str | None) -> Send:
    """Tell a connection that something was not done."""
    return Send((connection,), Refused(code=code, reason=reason, ref=ref))


def disk_full(connection: int, ref: str | None) -> Send:
    """Tell a connection to ask again once there is space."""
    return refuse(connection, "disk-full", DISK_FULL, ref)


def not_a_member(connection: int, room: str, ref: str | None) -> Send:
    """Tell a connection that there is no such room for whoever it is."""
    return refuse(connection, "not-a-member", f"You are not in a room named {room!a}.", ref)


def no_such_message(connection: int, message_id: int, ref: str | None) -> Send:
    """Tell a connection that nobody has written this message yet."""
    return refuse(connection, "no-such-message", f"The room has no message {message_id}.", ref)
