"""Replies of terminals, as they are known to come, in halves, among rubbish, and not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chat_tui.terminal.replies import (
    FENCE,
    FOCUS,
    MOUSE,
    PASTE,
    PROBES,
    SYNCHRONIZED,
    WHERE,
    Answers,
    farewell,
    has_fence,
    is_at_start,
    questions,
    read,
)
from chat_tui.text.safetext import safe_text

COLUMNS = b"".join(b"\x1b[5;%dR" % (probe.cells + 1) for probe in PROBES)
KITTY = (
    b"\x1bP>|kitty(0.36.0)\x1b\\\x1b[?1004;2$y\x1b[?1006;2$y\x1b[?2004;1$y\x1b[?2026;2$y\x1b[?0u"
    b"\x1b]99;i=doubletick:p=?;a=report,focus:o=always,unfocused:p=title,body,?,close\x1b\\\x1b[I"
    + COLUMNS
    + b"\x1b[?62;52c"
)


def test_all_of_them() -> None:
    answers = read(KITTY)
    assert answers == Answers(
        version="kitty(0.36.0)",
        attributes=(62, 52),
        modes={FOCUS: 2, MOUSE: 2, PASTE: 1, SYNCHRONIZED: 2},
        has_kitty_keys=True,
        has_kitty_notifications=True,
        columns=tuple(probe.cells for probe in PROBES),
        focused=True,
    )
    assert has_fence(KITTY)


@pytest.mark.parametrize(("value", "can"), [(0, False), (1, True), (2, True), (3, True), (4, False), (9, False)])
def test_modes(value: int, can: bool) -> None:  # noqa: FBT001 - a case, not a switch
    assert read(b"\x1b[?1004;%d$y" % value).can(FOCUS) is can
    assert read(b"").can(FOCUS) is None


def test_none() -> None:
    assert read(b"") == Answers()
    assert not has_fence(b"")


def test_keys_pressed_meanwhile_are_no_replies() -> None:
    assert read(b"ls -l\r\x1b[A\x1bOP\x1b[3~\x1b[97u\x1b[M !!") == Answers()


@pytest.mark.parametrize(
    "reply",
    [
        b"\x1bP>|half",
        b"\x1bP>|\x1b\\",
        b"\x1bP>|" + b"x" * 500 + b"\x1b\\",
        b"\x1bP>|\xff\xfe\x1b\\",
        b"\x1bP0+r\x1b\\",
        b"\x1b[?1;2",
        b"\x1b[>1;2c",
        b"\x1b[1;2c",
        b"\x1b]99;i=other:p=?;p=title\x1b\\",
        b"\x1b]99;i=doubletick;\x1b\\",
        b"\x1b]99;i=doubletick:p=?;",
        b"\x1b[5;1R",
        b"\x1b[?%d$y" % 10**12,
    ],
)
def test_what_is_none_or_half(reply: bytes) -> None:
    assert read(reply) == Answers()
    assert not has_fence(reply)


def test_the_notifications_of_kitty_end_either_way() -> None:
    assert read(b"\x1b]99;i=doubletick:p=?;p=title,body\x07").has_kitty_notifications
    assert read(b"\x1b]99;p=?:i=doubletick;p=title,body\x1b\\").has_kitty_notifications


def test_the_last_word_on_the_focus() -> None:
    assert read(b"\x1b[I\x1b[O").focused is False
    assert read(b"\x1b[O\x1b[I").focused is True


def test_a_width_too_few_or_too_many_is_none() -> None:
    assert read(COLUMNS + b"\x1b[1;1R").columns == ()
    assert read(COLUMNS[: COLUMNS.rindex(b"\x1b")]).columns == ()


def test_where_the_cursor_is() -> None:
    assert WHERE.endswith(FENCE)
    assert is_at_start(b"\x1b[7;1R\x1b[?62c")
    assert not is_at_start(b"\x1b[7;4R\x1b[?62c")
    assert is_at_start(b"\x1b[?62c")


def test_what_is_asked_ends_with_what_all_answer() -> None:
    for text in (questions(with_text=True), questions(with_text=False)):
        assert text.endswith(FENCE)
        assert text.count(FENCE) == 1
    assert questions(with_text=True).count("\x1b[6n") == len(PROBES)
    assert questions(with_text=False).isascii()
    assert "\x1b[?1004l" in farewell(reports_focus=False)
    assert "\x1b[?1004l" not in farewell(reports_focus=True)
    assert all("\x1b[?25h" in farewell(reports_focus=each) for each in (True, False))


def test_the_probes_are_as_wide_as_they_are_drawn_and_pass_as_they_are() -> None:
    for probe in PROBES:
        assert cell_len(probe.text) == probe.cells
        assert safe_text(probe.text) == probe.text


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    answers = read(data)
    assert answers.version.isascii()
    assert has_fence(data) is bool(answers.attributes)


PIECES = [b"\x1b", b"[", b"?", b"P", b">|", b"]99;", b"1004", b";", b"$y", b"c", b"R", b"u", b"a"]
RUBBISH = st.binary(max_size=20).filter(lambda data: not {0x1B, 0x07} & set(data))


@given(st.lists(st.sampled_from(PIECES)))
def test_any_pieces(pieces: list[bytes]) -> None:
    read(b"".join(pieces))


@given(st.integers(0, len(KITTY)), RUBBISH)
def test_cut_off_anywhere(length: int, rubbish: bytes) -> None:
    """Half a reply is none, and what is said stays said whatever follows."""
    part, whole = read(KITTY[:length]), read(KITTY)
    assert part.version in ("", whole.version)
    assert part.modes.items() <= whole.modes.items()
    assert part.columns in ((), whole.columns)
    assert has_fence(KITTY[:length]) is (length == len(KITTY))
    assert read(rubbish + KITTY) == whole
    assert read(KITTY + rubbish) == whole
