"""What is written for a text to be copied, and what is said of it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.terminal.abilities import SET_CLIPBOARD, Verdict, terminal_feature
from chat_tui.terminal.channels import tmux_passthrough
from chat_tui.terminal.copying import TEXT_BYTES_MAX, clipboard, copy, untaken
from chat_tui.terminal.surroundings import Surroundings, parse_tmux
from chat_tui.terminal.terminals import named

from .test_surroundings import IN_TMUX

KITTY = Surroundings({"TERM": "xterm-kitty"})
HELLO = "\x1b]52;c;aGVsbG8=\x07"


def in_tmux(version: str = "3.5", term: str = "xterm-kitty", features: str = "") -> Surroundings:
    tmux = parse_tmux(f"{version}|1|external|off|on|1|{term}|{features}|")
    assert tmux is not None
    return Surroundings(IN_TMUX, tmux)


@pytest.mark.parametrize(
    ("place", "verdict", "text", "sequence", "word"),
    [
        (KITTY, Verdict.OK, "", HELLO, "Copied."),
        (Surroundings({"TERM": "xterm"}), Verdict.UNKNOWN, "", HELLO, "Copied, if it arrives. Whether this"),
        (Surroundings({"TERM_PROGRAM": "Apple_Terminal"}), Verdict.OFF, "", "", "Not copied. It takes no copies"),
        (
            Surroundings({"TERM_PROGRAM": "iTerm.app"}),
            Verdict.LIMITED,
            "",
            HELLO,
            "Copied, if it arrives. It",
        ),
        (Surroundings({"TERM": "screen", "STY": "1.x"}), Verdict.OFF, "", "", "Not copied. GNU screen"),
        (in_tmux(), Verdict.OK, "hello", HELLO, "Copied."),
        (in_tmux("3.1"), Verdict.OK, "", tmux_passthrough(HELLO), "Copied."),
        (in_tmux(term="vte-256color"), Verdict.LIMITED, "hello", "", "Copied to tmux's buffer only"),
        (in_tmux(term="xterm"), Verdict.UNKNOWN, "hello", HELLO, "Copied, if it arrives."),
        (Surroundings(IN_TMUX), Verdict.UNKNOWN, "hello", HELLO, "Copied, if it arrives. tmux did not say"),
    ],
)
def test_how(place: Surroundings, verdict: Verdict, text: str, sequence: str, word: str) -> None:
    copied = copy("hello", place)
    assert (copied.ability.verdict, copied.text, copied.sequence) == (verdict, text, sequence)
    assert copied.ability.sentence.startswith(word)


def test_what_tmux_did_not_take_is_not_said_to_be_in_its_buffer() -> None:
    written, kept = copy("hello", in_tmux()), copy("hello", in_tmux(term="vte-256color"))
    assert untaken(written).sentence.startswith("Copied, if it arrives")
    assert untaken(kept).verdict is Verdict.OFF


def test_the_line_to_add_is_said() -> None:
    assert copy("x", Surroundings(IN_TMUX)).ability.sentence.endswith(f"~/.tmux.conf: {SET_CLIPBOARD.line}")
    assert clipboard(in_tmux(term="tty9")).fixes == (terminal_feature("tty9", "clipboard"),)
    assert clipboard(in_tmux(term="xterm", features="clipboard")).fixes == ()
    assert clipboard(in_tmux(term="")).fixes == ()
    assert clipboard(KITTY) == named("kitty").clipboard


def test_bounds() -> None:
    assert copy("x" * TEXT_BYTES_MAX, KITTY).sequence.startswith("\x1b]52;c;")
    assert len(copy("x" * TEXT_BYTES_MAX, KITTY).sequence) <= 100_000
    beyond = copy("x" * (TEXT_BYTES_MAX + 1), in_tmux())
    assert (beyond.text, beyond.sequence, beyond.ability.verdict) == ("", "", Verdict.OFF)
    assert beyond.ability.sentence == "Not copied: 74,995 bytes are more than terminals take (74,994)."
    assert copy("é" * (TEXT_BYTES_MAX // 2 + 1), KITTY).ability.verdict is Verdict.OFF
    for nothing in ("", "\x00"):
        assert copy(nothing, KITTY).ability.sentence == "There is nothing to copy."


def test_what_would_be_dangerous_to_paste_is_left_out() -> None:
    dirty = "a\x1b[31m\tb\r\nc\rd\u202ee\x9b\ud800f"
    assert copy(dirty, in_tmux()).text == "a[31m\tb\nc\ndef"


@given(st.text(max_size=300))
def test_what_arrives_is_the_text(text: str) -> None:
    copied = copy(text, KITTY)
    if copied.sequence:
        data = copied.sequence.removeprefix("\x1b]52;c;").removesuffix("\x07")
        arrived = base64.b64decode(data, validate=True).decode()
        assert arrived == copy(text, in_tmux()).text
        assert not set(arrived) & set(map(chr, [*range(9), *range(11, 32), 127]))
        assert copy(arrived, KITTY) == copied
