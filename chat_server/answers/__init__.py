"""What members are told of a room: frames made from it, never changing it. Pure."""

from chat_server.answers.messages import HIDDEN, changed, message, reacted, tallies_for, tallies_of, uncounted
from chat_server.answers.pages import history
from chat_server.answers.receipting import acknowledged, receipts
from chat_server.answers.returning import CHANGES_BYTES_MAX, Missed, resumed
from chat_server.answers.rooms import horizons, info, listing, members, pins, policy, summary

__all__ = [
    "CHANGES_BYTES_MAX",
    "HIDDEN",
    "Missed",
    "acknowledged",
    "changed",
    "history",
    "horizons",
    "info",
    "listing",
    "members",
    "message",
    "pins",
    "policy",
    "reacted",
    "receipts",
    "resumed",
    "summary",
    "tallies_for",
    "tallies_of",
    "uncounted",
]
