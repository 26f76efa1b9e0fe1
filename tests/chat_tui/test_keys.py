"""The table of keys: no clash, nothing that a terminal cannot send, and a page of documentation that agrees."""

import runpy
import string
from collections import Counter
from pathlib import Path

import pytest
from textual.keys import Keys

from chat_tui import keys
from chat_tui.keys import TABLE, Key, Where, as_markdown, cap, for_place

DOCS = Path(__file__).parents[2] / "docs" / "keys.md"

CAN_BE_SENT_ANYWHERE = {
    *string.ascii_letters,
    *("question_mark", "plus", "slash", "space"),
    *("enter", "escape", "tab", "pageup", "pagedown", "up", "down"),
    *("f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9"),
    *(f"ctrl+{letter}" for letter in string.ascii_lowercase),
}
TAKEN_BY_THE_TERMINAL = {
    *("ctrl+h", "ctrl+i", "ctrl+m", "ctrl+left_square_bracket"),  # Backspace, Tab, Enter and Escape
    *("ctrl+a", "ctrl+b"),  # the prefixes of GNU screen and tmux
    *("ctrl+c", "ctrl+z"),  # what everybody takes them for
}


def test_the_documentation_is_the_table() -> None:
    assert DOCS.read_text(encoding="utf-8") == as_markdown()


def test_the_module_writes_the_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(keys.__file__, run_name="__main__")
    assert capsys.readouterr().out == as_markdown()


@pytest.mark.parametrize("where", [where for where in Where if where is not Where.ANYWHERE])
def test_no_key_does_two_things_in_one_place(where: Where) -> None:
    times = Counter(name for key in (*for_place(Where.ANYWHERE), *for_place(where)) for name in key.keys)
    assert [name for name, count in times.items() if count > 1] == []


def test_the_places_share_the_table_out() -> None:
    assert tuple(key for where in Where for key in for_place(where)) == TABLE


@pytest.mark.parametrize("key", TABLE, ids=lambda key: f"{key.where.name}-{key.action}")
def test_the_first_key_can_be_sent_from_anywhere(key: Key) -> None:
    assert key.keys[0] in CAN_BE_SENT_ANYWHERE


def test_no_key_is_taken_by_the_terminal() -> None:
    assert {name for key in TABLE for name in key.keys} & TAKEN_BY_THE_TERMINAL == set()


def test_textual_knows_every_key() -> None:
    known = (
        {key.value for key in Keys}
        | set(string.ascii_letters)
        | {"question_mark", "plus", "slash", "shift+enter", "alt+up", "alt+down"}
    )
    assert {name for key in TABLE for name in key.keys} <= known


def test_labels_and_sentences_read_as_such() -> None:
    for key in TABLE:
        assert len(key.label) <= 16
        assert key.help[0].isupper()
        assert key.help.endswith(".")
        assert key.action.isidentifier()
        assert key.action.islower()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ctrl+g", "Ctrl+G"),
        ("shift+enter", "Shift+Enter"),
        ("ctrl+pageup", "Ctrl+Page Up"),
        ("g", "g"),
        ("G", "G"),
        ("f1", "F1"),
        ("question_mark", "?"),
        ("plus", "+"),
        ("ctrl+full_stop", "Ctrl+Full Stop"),
    ],
)
def test_cap(name: str, expected: str) -> None:
    assert cap(name) == expected
