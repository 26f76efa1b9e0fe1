"""What is completed where, by what, and in which part of the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.text.commands import HELP, Verb
from chat_tui.text.completion import SUGGESTIONS_MAX, Kind, closed_emoji, likeliest_first, offer, seek
from chat_tui.text.emojinames import emoji_names

NAMES = ["Mary", "mark", "Zoë", "Ma"]


def offered(marked: str, names: list[str] = NAMES) -> list[str]:
    """What a text could become, with the cursor at its `|`."""
    text, cursor = marked.replace("|", "", 1), marked.index("|")
    sought = seek(text, cursor)
    found = offer(text, sought, names) if sought is not None else None
    if found is None:
        return []
    return [f"{text[: found.start]}{each.inserted}{text[found.end :]}" for each in found.suggestions]


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("@|", "@Mary "),
        ("@ma|", "@Mary "),
        ("@MAR|", "@Mary "),
        ("hi @zo|", "hi @Zoë "),
        ("hi @zo|\nyou", "hi @Zoë \nyou"),
        ("hi @zo| and", "hi @Zoë and"),
        ("hi (@zo|)", "hi (@Zoë)"),
        ("hi @zo|: look", "hi @Zoë: look"),
        ("a `b` @zo|", "a `b` @Zoë "),
        ("```\na\n```\n@zo|", "```\na\n```\n@Zoë "),
        ("line\n\t@zo|", "line\n\t@Zoë "),
        (":smi|", "😄"),
        ("hi :TAD|", "hi 🎉"),
        ("**:tada|**", "**🎉**"),
        (":+1|", "👍"),
        ("/|", "/kick "),
        ("/KI|", "/kick "),
        ("/un|", "/unban "),
        ("/kick zo|", "/kick Zoë "),
        ("/msg zo| hello", "/msg Zoë hello"),
        ("/unmute  zo|", "/unmute  Zoë "),
        ("//kick @zo|", "//kick @Zoë "),
        ("/etc @zo|", "/etc @Zoë "),
    ],
)
def test_what_is_completed(marked: str, first: str) -> None:
    assert offered(marked)[0] == first


@pytest.mark.parametrize(
    "marked",
    [
        "|",
        "hi |",
        "@zo|x",
        "@|ma",
        "@ zo|",
        "ann@zo|",
        "ann@zo.or@zo|",
        "@zo@zo|",
        "https://x.y/@zo|",
        "https://x.y/(@zo|",
        "http://x.y:sm|",
        "http:|",
        "10:30:sm|",
        ":s|",
        ":|",
        ":no-such-emoji|",
        "`@zo|",
        "`:smi|`",
        "```\n@zo|",
        "```@zo|",
        "a\n```py\n:smi|\n```",
        "@nobody|",
        "@Zoë|",
        "//ki|",
        " /ki|",
        "hi\n/ki|",
        "/kick|",
        "/kick |",
        "/kick zo an|",
        "/kick nobody|",
        "/join zo|",
        "/topic zo|",
        "/nothing|",
        "/etc zo|",
        "/date zo|",
    ],
)
def test_what_is_not(marked: str) -> None:
    assert offered(marked) == []


def test_what_is_a_name_already_is_sent_by_enter() -> None:
    assert offered("@Ma|") == []
    assert offered("@ma|") == ["@Mary ", "@mark ", "@Ma "]


def test_commands_have_their_sentences() -> None:
    found = offer("/", seek("/", 1) or pytest.fail("nothing sought"), ())
    assert found is not None
    assert {each.shown: each.hint for each in found.suggestions}.items() >= {
        f"/{verb.value}": HELP[verb] for verb in Verb
    }.items()


def test_emoji_once_each_those_that_begin_so_first() -> None:
    found = offer(":heart", seek(":heart", 6) or pytest.fail("nothing sought"), ())
    assert found is not None
    hints = [each.hint.strip(":") for each in found.suggestions]
    begins = [each.startswith("heart") for each in hints]
    assert begins == sorted(begins, reverse=True)
    assert {True, False} == set(begins)
    assert len({each.inserted for each in found.suggestions}) == len(hints)
    assert all(emoji_names()[each.hint.strip(":")] == each.inserted for each in found.suggestions)


def test_not_more_than_can_be_looked_through() -> None:
    assert len(offered("@|", [f"n{number}" for number in range(99)])) == SUGGESTIONS_MAX


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        (":smile|", "😄"),
        ("hi :Smile|, you", "hi 😄, you"),
        (":smil|", None),
        (":smile|s", None),
        ("`:smile|", None),
        ("@smile|", None),
        ("10:30|", None),
        ("x:smile|", None),
    ],
)
def test_a_closing_colon(marked: str, text: str | None) -> None:
    written, cursor = marked.replace("|", ""), marked.index("|")
    closed = closed_emoji(written, cursor)
    if closed is None:
        assert text is None
    else:
        (only,) = closed.suggestions
        assert written[: closed.start] + only.inserted + written[closed.end :] == text


def test_whom_one_may_mean() -> None:
    members = ["Ada", "bob", "Cy", "Di", "Ed"]
    assert likeliest_first(members, {"Ed", "bob", "Cy"}, ["Di", "Cy", "Di", "Ada"]) == [
        "Cy",
        "bob",
        "Ed",
        "Di",
        "Ada",
    ]
    assert likeliest_first([], set(), ["Di"]) == []


PIECES = st.lists(
    st.sampled_from(["@", "ma", ":", "smi", "/", "kick ", " ", "\n", "`", "```", "(", "é", "x", "."])
)


@given(PIECES.map("".join), st.integers(0, 60))
def test_only_the_word_before_the_cursor_is_ever_replaced(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    sought = seek(text, cursor)
    if sought is None:
        return
    assert (sought.start <= sought.end, sought.end) == (True, cursor)
    replaced = text[sought.start : cursor]
    assert not any(each.isspace() for each in replaced)
    marks = {Kind.NAME: sought.mark, Kind.EMOJI: ":", Kind.COMMAND: "/"}
    assert replaced.casefold() == marks[sought.kind] + sought.typed
    found = offer(text, sought, NAMES)
    if found is not None:
        assert (found.start, found.end) == (sought.start, sought.end)
        assert all(each.inserted.split() == [each.inserted.rstrip()] for each in found.suggestions)
