"""Keys of one's own: what may be had, and a sentence for what may not."""

import string

import pytest
from textual.keys import Keys, _character_to_key

from chat_tui.keys import TABLE, Where, for_place
from chat_tui.preferences.remapping import KEPT, RemapError, actions, identity, remap


def keys_of(name: str, *wanted: str) -> tuple[str, ...]:
    """What an action has after it was given these."""
    table = remap({name: wanted})
    place, _, action = name.rpartition(".")
    return next(
        key.keys for key in table if key.action == action and (not place or key.where.name.lower() == place)
    )


def refusal(wanted: dict[str, list[str]]) -> tuple[str, str]:
    with pytest.raises(RemapError) as caught:
        remap(wanted)
    return caught.value.name, str(caught.value)


def test_nothing_wanted_is_the_table() -> None:
    assert remap({}) == TABLE


def test_everything_as_it_is_is_the_table() -> None:
    assert remap({name: key.keys for name, key in actions().items()}) == TABLE
    assert remap({identity(key): key.keys for key in TABLE}) == TABLE


def test_a_short_name_is_the_first_of_its_name() -> None:
    assert keys_of("newest", "f12") == ("f12",)
    assert [key.keys for key in remap({"newest": ["f12"]}) if key.action == "newest"] == [("f12",), ("G", "end")]
    assert keys_of("conversation.newest", "z") == ("z",)


@pytest.mark.parametrize(
    ("wanted", "is_"),
    [
        ("ctrl+x", "ctrl+x"),
        ("Ctrl+X", "ctrl+x"),
        ("shift+ctrl+F12", "ctrl+shift+f12"),
        ("alt+enter", "alt+enter"),
        ("ctrl+/", "ctrl+slash"),
        ("ctrl++", "ctrl+plus"),
        ("PageUp", "pageup"),
    ],
)
def test_keys_are_named_as_textual_names_them(wanted: str, is_: str) -> None:
    free = {name: ["alt+q"] for name in ("scroll_page_up",)}
    (key,) = [key for key in remap({**free, "hold": [wanted]}) if key.action == "hold"]
    assert key.keys == (is_,)


@pytest.mark.parametrize("character", string.punctuation + "aZ7")
def test_characters_are_named_as_textual_names_them(character: str) -> None:
    taken = ("conversation.help", "conversation.search", "react", "acknowledge")
    free = {name: [f"alt+{number}"] for number, name in enumerate(taken)}
    (key,) = [each for each in remap({**free, "discard": [character]}) if each.action == "discard"]
    assert key.keys == (_character_to_key(character),)


def test_named_keys_are_textual_s() -> None:
    known = {key.value for key in Keys} | {"space", "tab", "enter", "backspace"}
    for name in ("enter", "escape", "tab", "space", "backspace", "delete", "insert", "up", "home", "f24"):
        assert name in known
        assert refusal({"hold": [f"x{name}"]})[1].startswith(f"there is no key 'x{name}'")


def test_a_key_named_twice_is_one() -> None:
    assert keys_of("hold", "f12", "F12", "ctrl+x") == ("f12", "ctrl+x")


def test_no_key_at_all() -> None:
    assert keys_of("hold") == ()
    assert keys_of("conversation.help") == ()
    for where, action in KEPT:
        name = f"{where.name.lower()}.{action}"
        assert refusal({name: []}) == (name, "it needs a key.")


@pytest.mark.parametrize(
    "wanted", ["", "x y", "foo", "hyper+x", "ctrl+", "é", " ", "f25", "ctrl+x+", "\n", "\x1b"]
)
def test_what_is_no_key(wanted: str) -> None:
    name, sentence = refusal({"hold": [wanted]})
    assert name == "hold"
    assert sentence.startswith("there is no key")


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("ctrl+h", "terminals send Backspace for Ctrl+H."),
        ("ctrl+i", "terminals send Tab for Ctrl+I."),
        ("ctrl+m", "terminals send Enter for Ctrl+M."),
        ("ctrl+[", "terminals send Escape for ctrl+[."),
        ("shift+g", "terminals do not tell shift+g apart; a capital letter is a key of its own."),
        ("ctrl+shift+g", "terminals do not tell ctrl+shift+g apart; a capital letter is a key of its own."),
    ],
)
def test_keys_that_terminals_do_not_send(wanted: str, sentence: str) -> None:
    name, said = refusal({"conversation.info": [wanted]})
    assert (name, said.lower()) == ("conversation.info", sentence.lower())


@pytest.mark.parametrize("name", ["hold", "new_line", "cancel"])
@pytest.mark.parametrize("wanted", ["x", "X", "?", "+", "space", "7"])
def test_what_one_writes_stays_writable(name: str, wanted: str) -> None:
    assert "could not be written any more" in refusal({name: [wanted]})[1]


def test_no_key_does_two_things_in_one_place() -> None:
    assert refusal({"hold": ["f1"]}) == ("hold", "F1 would do two things: anywhere.help and anywhere.hold.")
    assert refusal({"help": ["ctrl+t"]})[1] == "Ctrl+T would do two things: anywhere.help and anywhere.hold."
    assert refusal({"hold": ["enter"]})[0] == "hold"
    assert refusal({"conversation.retry": ["x"]})[0] == "conversation.retry"
    assert refusal({"hold": ["up"]})[1] == "Up would do two things: anywhere.hold and composer.edit_newest."


def test_keys_can_be_exchanged() -> None:
    table = remap({"retry": ["x"], "discard": ["t"], "send": ["ctrl+l"], "new_line": ["enter"]})
    assert {key.action: key.keys for key in for_place(Where.COMPOSER, table)}["new_line"] == ("enter",)
    assert {key.action: key.keys for key in for_place(Where.CONVERSATION, table)}["retry"] == ("x",)


def test_an_action_that_there_is_none_of() -> None:
    assert refusal({"hodl": ["f12"]}) == ("hodl", "there is no such action; did you mean hold?")
    assert refusal({"zzzzzz": ["f12"]})[1].startswith("there is no such action; `chat-tui config init`")
