"""The one table of keys: bindings, footer, help and `docs/keys.md` are made from it. It imports nothing of ours.

The first key of a row is one that every terminal can send, through tmux and from a laptop without Home and End.
Ctrl+H, Ctrl+I, Ctrl+M and Ctrl+[ are none at all: terminals send them for Backspace, Tab, Enter and Escape.

    python -m chat_tui.keys > docs/keys.md
"""

import sys
from dataclasses import dataclass
from enum import Enum


class Where(Enum):
    """The place in which a key works; the value is its heading."""

    ANYWHERE = "Anywhere"
    COMPOSER = "While writing"
    COMPLETION = "While something is offered to complete a word"
    ANSWERING = "While replying or editing"
    CONVERSATION = "In the conversation"
    INFO = "In the info of a message"
    PINNED = "In the list of pinned messages"
    SHARING = "In the choice of who sees what you read"
    CHOOSING = "While you type and choose from what is found"
    SEARCHING = "In the search"
    PEOPLE = "In the list of members"
    MESSAGE = "In the menu of a message"
    LINKS = "In the list of links"
    QUESTION = "When you are asked yes or no"
    HELD = "When you are asked about held receipts"
    KEYS = "In this help"


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that keys do in one place."""

    keys: tuple[str, ...]
    """As Textual names them, the one to show first."""
    action: str
    label: str
    """A few words for the footer and the palette."""
    help: str
    """A sentence."""
    where: Where
    shown: bool = False
    """Whether the footer shows it."""


_ANYWHERE = (
    Key(("f1",), "help", "Help", "Show all keys.", Where.ANYWHERE, shown=True),
    Key(("ctrl+q",), "quit", "Quit", "Leave; what is not sent yet is kept.", Where.ANYWHERE, shown=True),
    Key(("ctrl+p",), "command_palette", "Commands", "Search everything that can be done.", Where.ANYWHERE),
    Key(
        ("ctrl+t",),
        "hold",
        "Hold",
        "Hold your read receipts; while they are held, release or drop them.",
        Where.ANYWHERE,
        shown=True,
    ),
    Key(("pageup",), "scroll_page_up", "Page up", "Scroll to older messages.", Where.ANYWHERE),
    Key(("pagedown",), "scroll_page_down", "Page down", "Scroll to newer messages.", Where.ANYWHERE),
    Key(("ctrl+g", "ctrl+end"), "newest", "Newest", "Go to the newest message.", Where.ANYWHERE),
    Key(("f2",), "toggle_bell", "Bell", "Turn the bell on or off.", Where.ANYWHERE),
    Key(("ctrl+f",), "search", "Search", "Find messages by their words, in this room or in all.", Where.ANYWHERE),
    Key(
        ("f9",),
        "toggle_mouse",
        "Mouse",
        "Leave the mouse to your terminal, to select text with it, or take it back.",
        Where.ANYWHERE,
    ),
    Key(
        ("ctrl+k",),
        "switch_room",
        "Go to room",
        "Find a room or a person, or make a room.",
        Where.ANYWHERE,
    ),
    Key(("ctrl+n",), "next_unread", "Next unread", "Go to the next room with unread messages.", Where.ANYWHERE),
    Key(("f3", "alt+up"), "previous_room", "Room above", "Go to the room above.", Where.ANYWHERE),
    Key(("f4", "alt+down"), "next_room", "Room below", "Go to the room below.", Where.ANYWHERE),
    Key(
        ("f5",),
        "receipts",
        "Receipts",
        "Choose who sees what you read, in all rooms and in this one.",
        Where.ANYWHERE,
    ),
    Key(
        ("f6",),
        "toggle_sidebar",
        "Sidebar",
        "Show or hide the list of rooms and people; where there is no room for it, choose from it.",
        Where.ANYWHERE,
    ),
    Key(("f7",), "pins", "Pins", "List the room's pinned messages, and how many have read each.", Where.ANYWHERE),
    Key(
        ("f8",),
        "members",
        "Members",
        "Show who is in the room, to write to somebody in private or to mention them.",
        Where.ANYWHERE,
    ),
)

_COMPOSER = (
    Key(("enter",), "send", "Send", "Send what is written.", Where.COMPOSER, shown=True),
    Key(("ctrl+j", "shift+enter"), "new_line", "New line", "Begin a new line.", Where.COMPOSER, shown=True),
    Key(("tab", "escape"), "to_conversation", "Messages", "Go to the conversation.", Where.COMPOSER, shown=True),
    Key(
        ("ctrl+r",),
        "older_sent",
        "Write again",
        "Go back through what you have sent, or through what of it holds what is written.",
        Where.COMPOSER,
    ),
    Key(("ctrl+s",), "newer_sent", "Newer", "Come forward again.", Where.COMPOSER),
    Key(
        ("up",),
        "edit_newest",
        "Edit newest",
        "Edit your newest message, while nothing is written.",
        Where.COMPOSER,
    ),
    Key(("ctrl+o",), "edit_elsewhere", "Editor", "Write in your own editor, as EDITOR names it.", Where.COMPOSER),
)

_COMPLETION = (
    Key(("tab", "enter"), "accept", "Accept", "Write what is chosen.", Where.COMPLETION),
    Key(("up",), "choose_previous", "Up", "Choose the one above.", Where.COMPLETION),
    Key(("down",), "choose_next", "Down", "Choose the one below.", Where.COMPLETION),
    Key(("escape",), "decline", "Close", "Go on writing without it.", Where.COMPLETION),
)

_ANSWERING = (
    Key(
        ("escape",), "cancel", "Cancel", "Make it a message of its own, or end the edit unsaved.", Where.ANSWERING
    ),
)

_CONVERSATION = (
    Key(("k", "up"), "cursor_up", "Up", "Go to the message above.", Where.CONVERSATION),
    Key(("j", "down"), "cursor_down", "Down", "Go to the message below.", Where.CONVERSATION),
    Key(("g", "home"), "first", "First", "Go to the first message.", Where.CONVERSATION),
    Key(("G", "end"), "newest", "Newest", "Go to the newest message.", Where.CONVERSATION),
    Key(("n",), "unread_below", "Unread below", "Go to the next unread message in this room.", Where.CONVERSATION),
    Key(("b",), "parent", "What it answers", "Go to the message that this one answers.", Where.CONVERSATION),
    Key(("D",), "go_to_date", "Go to a date", "Go to a day or a time in this room.", Where.CONVERSATION),
    Key(("B",), "jump_back", "Back", "Go back to where you were before you went here.", Where.CONVERSATION),
    Key(("slash",), "search", "Search", "Find messages by their words.", Where.CONVERSATION),
    Key(
        ("i", "enter"),
        "info",
        "Info",
        "Show who has read the message, and when.",
        Where.CONVERSATION,
        shown=True,
    ),
    Key(
        ("space",),
        "menu",
        "Menu",
        "Choose what to do with the message; a right click does the same.",
        Where.CONVERSATION,
        shown=True,
    ),
    Key(
        ("y",),
        "copy",
        "Copy",
        "Copy the message's text, and say whether the clipboard gets it.",
        Where.CONVERSATION,
    ),
    Key(("o",), "open", "Open link", "Open the message's link, or choose one of several.", Where.CONVERSATION),
    Key(
        ("a",),
        "acknowledge",
        "Acknowledge",
        "Acknowledge the message, so that its author knows that you take note.",
        Where.CONVERSATION,
    ),
    Key(("w",), "watch", "Watch", "Be told when your message is read, or no more.", Where.CONVERSATION),
    Key(("r",), "reply", "Reply", "Reply to the message.", Where.CONVERSATION, shown=True),
    Key(("e",), "edit", "Edit", "Edit the message, if it is yours.", Where.CONVERSATION),
    Key(("t",), "retry", "Try again", "Send a refused message again.", Where.CONVERSATION),
    Key(("x",), "discard", "Discard", "Discard a refused message.", Where.CONVERSATION),
    Key(("d",), "delete", "Delete", "Delete the message for everybody; you are asked first.", Where.CONVERSATION),
    Key(
        ("plus",),
        "react",
        "React",
        "Put an emoji on the message, or take yours away; a click on one below a message does so too.",
        Where.CONVERSATION,
    ),
    Key(("p",), "pin", "Pin", "Pin the message for everybody, or unpin it.", Where.CONVERSATION),
    Key(
        ("u",),
        "mark_unread",
        "Mark unread",
        "Have the room open here next time; nobody is told, and no receipt is taken back.",
        Where.CONVERSATION,
    ),
    Key(
        ("m",),
        "write_to_sender",
        "Write to sender",
        "Write to the message's sender, in private.",
        Where.CONVERSATION,
    ),
    Key(
        ("s",),
        "silence",
        "Silence room",
        "Have the room tell only of mentions, or of everything again.",
        Where.CONVERSATION,
    ),
    Key(
        ("h",),
        "horizons",
        "Read up to",
        "Show how far others have read, at the right of the messages, or no more.",
        Where.CONVERSATION,
    ),
    Key(("tab", "escape"), "to_composer", "Write", "Go back to writing.", Where.CONVERSATION, shown=True),
    Key(("question_mark",), "help", "Help", "Show all keys.", Where.CONVERSATION),
)

_INFO = (Key(("escape", "i", "q"), "close", "Close", "Go back to the conversation.", Where.INFO, shown=True),)

_PINNED = (
    Key(("u", "p", "delete"), "unpin", "Unpin", "Unpin the message.", Where.PINNED),
    Key(("escape", "q"), "close", "Close", "Go back to the conversation.", Where.PINNED),
)
_SHARING = (Key(("escape", "q"), "close", "Close", "Go back to the conversation.", Where.SHARING),)

_CHOOSING = (
    Key(("up",), "move_up", "Up", "Choose the one above.", Where.CHOOSING),
    Key(("down",), "move_down", "Down", "Choose the one below; Enter takes it.", Where.CHOOSING),
    Key(("escape",), "close", "Close", "Go back to the conversation.", Where.CHOOSING),
)
_SEARCHING = (Key(("ctrl+r",), "widen", "All rooms", "Search all your rooms, or only this one.", Where.SEARCHING),)
_PEOPLE = (Key(("tab",), "mention", "Mention", "Mention who is chosen in what you are writing.", Where.PEOPLE),)
_MESSAGE = (
    Key(
        ("escape", "space"),
        "close",
        "Close",
        "Go back to the conversation; all of its keys work here, too.",
        Where.MESSAGE,
    ),
)
_LINKS = (Key(("escape", "q", "o"), "close", "Close", "Open none; the number of a link opens it.", Where.LINKS),)
_QUESTION = (
    # Another key than the one that asks, which may be held down.
    Key(("y",), "yes", "Yes", "Do it.", Where.QUESTION),
    Key(("escape", "n", "q"), "no", "No", "Leave it as it is.", Where.QUESTION),
)
_HELD = (
    Key(("r",), "release", "Release", "Release them: others see what you have read.", Where.HELD),
    Key(("d",), "drop", "Drop", "Drop them: nobody is told.", Where.HELD),
    Key(("escape",), "hold_on", "Hold on", "Go on holding.", Where.HELD),
)
_KEYS = (Key(("escape", "question_mark", "q"), "close", "Close", "Go back to the conversation.", Where.KEYS),)

TABLE: tuple[Key, ...] = (
    *_ANYWHERE,
    *_COMPOSER,
    *_COMPLETION,
    *_ANSWERING,
    *_CONVERSATION,
    *_INFO,
    *_PINNED,
    *_SHARING,
    *_CHOOSING,
    *_SEARCHING,
    *_PEOPLE,
    *_MESSAGE,
    *_LINKS,
    *_QUESTION,
    *_HELD,
    *_KEYS,
)
"""All keys, in the order of the help. In one place no key stands twice, and none of those that work anywhere."""

SHARING = ("receipts",)
"""Actions about who is shown what one reads."""
ROAMING = (
    *("search", "switch_room", "next_unread", "previous_room", "next_room"),
    *("toggle_sidebar", "pins", "members"),
)
"""Actions that other keys may depend on: they are done in the order of typing, so that nothing goes astray."""

_CAPS = {"pageup": "Page Up", "pagedown": "Page Down", "question_mark": "?", "plus": "+", "slash": "/"}


def for_place(where: Where, table: tuple[Key, ...] = TABLE) -> tuple[Key, ...]:
    """The keys of one place, without those that work anywhere."""
    return tuple(key for key in table if key.where is where)


def cap(name: str) -> str:
    """A key as people know it: `ctrl+g` is `Ctrl+G`, `g` is `g`, `G` is `G`."""
    *modifiers, last = name.split("+")
    if not modifiers and len(last) == 1:
        return last
    return "+".join(
        [*(modifier.title() for modifier in modifiers), _CAPS.get(last, last.replace("_", " ").title())]
    )


def as_markdown() -> str:
    """The page of documentation, ending in a newline."""
    places = "\n".join(_place_as_markdown(where) for where in Where)
    return f"# Keys\n\nMade from `chat_tui/keys.py` by `python -m chat_tui.keys`.\n\n{places}"


def _place_as_markdown(where: Where) -> str:
    rows = [f"| {' or '.join(f'`{cap(name)}`' for name in key.keys)} | {key.help} |\n" for key in for_place(where)]
    return f"## {where.value}\n\n| key | what it does |\n| --- | --- |\n{''.join(rows)}"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
