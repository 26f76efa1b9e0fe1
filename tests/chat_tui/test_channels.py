"""Which channel a notification takes, and the very characters of it; whatever it says, nothing gets out of it."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.terminal.abilities import (
    CHOOSE_CHANNEL,
    PASSTHROUGH_ALL,
    PASSTHROUGH_ON,
    Ability,
    Channel,
    Fix,
    Verdict,
)
from chat_tui.terminal.channels import (
    BODY_CHARS_MAX,
    CHOICE,
    TITLE_CHARS_MAX,
    TITLE_END,
    TITLE_START,
    Voice,
    choose,
    notification,
    title_of,
    tmux_passthrough,
    window_title,
    withdrawal,
)
from chat_tui.terminal.surroundings import Surroundings, parse_tmux

from .test_surroundings import IN_TMUX

KITTY = {"TERM": "xterm-kitty"}
RINGS = (Channel.BELL, False, Verdict.LIMITED)
YES = Ability(Verdict.OK, "Yes.")


def voice(channel: Channel, *, through_tmux: bool = False) -> Voice:
    return Voice(channel, YES, through_tmux)


def in_tmux(passthrough: str, version: str = "3.5", term: str = "xterm-kitty", **more: str) -> Surroundings:
    tmux = parse_tmux(f"{version}|1|on|{passthrough}|on|1|{term}||")
    assert tmux is not None
    return Surroundings({**IN_TMUX, **more}, tmux)


@pytest.mark.parametrize(
    ("place", "channel", "through_tmux", "verdict", "fixes"),
    [
        (Surroundings(KITTY), Channel.OSC99, False, Verdict.OK, ()),
        (Surroundings({"TERM": "foot"}), Channel.OSC777, False, Verdict.OK, ()),
        (Surroundings({"TERM_PROGRAM": "iTerm.app"}), Channel.OSC9, False, Verdict.LIMITED, None),
        (Surroundings({"TERM_PROGRAM": "Apple_Terminal"}), *RINGS, ()),
        (Surroundings({"TERM": "xterm"}), *RINGS, (CHOOSE_CHANNEL,)),
        (Surroundings({"TERM": "xterm", CHOICE: "osc777"}), Channel.OSC777, False, Verdict.OK, ()),
        (Surroundings({**KITTY, CHOICE: "bell"}), Channel.BELL, False, Verdict.OK, ()),
        (Surroundings({**KITTY, CHOICE: "pigeon"}), Channel.OSC99, False, Verdict.OK, ()),
        (
            Surroundings({"TERM": "xterm", CHOICE: "pigeon"}),
            Channel.BELL,
            False,
            Verdict.LIMITED,
            (CHOOSE_CHANNEL,),
        ),
        (Surroundings({**KITTY, "STY": "1.x"}), *RINGS, ()),
        (in_tmux("all"), Channel.OSC99, True, Verdict.OK, ()),
        (in_tmux("on"), Channel.OSC99, True, Verdict.LIMITED, (PASSTHROUGH_ALL,)),
        (in_tmux("on", "3.3"), Channel.OSC99, True, Verdict.LIMITED, ()),
        (in_tmux("", "3.2"), Channel.OSC99, True, Verdict.LIMITED, ()),
        (in_tmux("off"), *RINGS, (PASSTHROUGH_ALL,)),
        (in_tmux("off", "3.3"), *RINGS, (PASSTHROUGH_ON,)),
        (in_tmux("all", term="xterm"), *RINGS, (CHOOSE_CHANNEL,)),
        (in_tmux("off", term="xterm"), *RINGS, (CHOOSE_CHANNEL, PASSTHROUGH_ALL)),
        (in_tmux("all", term="xterm", **{CHOICE: "osc9"}), Channel.OSC9, True, Verdict.OK, ()),
        (
            in_tmux("off", term="xterm", **{CHOICE: "osc9"}),
            Channel.BELL,
            False,
            Verdict.LIMITED,
            (PASSTHROUGH_ALL,),
        ),
        (Surroundings({**IN_TMUX, "KITTY_WINDOW_ID": "1"}), *RINGS, ()),
    ],
)
def test_the_channel(
    place: Surroundings,
    channel: Channel,
    through_tmux: bool,  # noqa: FBT001 - a case, not a switch
    verdict: Verdict,
    fixes: tuple[Fix, ...] | None,
) -> None:
    chosen = choose(place)
    assert (chosen.channel, chosen.through_tmux, chosen.ability.verdict) == (channel, through_tmux, verdict)
    if fixes is not None:
        assert chosen.ability.fixes == fixes


def test_the_characters() -> None:
    assert notification(voice(Channel.BELL), "x", "a", "b") == ""
    assert notification(voice(Channel.OSC9), "x", "#general", "hi") == "\x1b]9;#general: hi\x1b\\"
    assert notification(voice(Channel.OSC777), "x", "#general", "hi") == "\x1b]777;notify;#general;hi\x1b\\"
    assert notification(voice(Channel.OSC99), "x", "#general", "hi") == (
        "\x1b]99;i=x:d=0:e=1;I2dlbmVyYWw=\x1b\\\x1b]99;i=x:d=1:e=1:p=body;aGk=\x1b\\"
    )


def test_in_tmux_each_escape_is_doubled() -> None:
    assert tmux_passthrough("\x1b]9;a\x1b\\") == "\x1bPtmux;\x1b\x1b]9;a\x1b\x1b\\\x1b\\"
    plain = notification(voice(Channel.OSC99), "x", "a", "b")
    assert notification(voice(Channel.OSC99, through_tmux=True), "x", "a", "b") == tmux_passthrough(plain)


def test_only_osc_99_is_withdrawn() -> None:
    assert withdrawal(voice(Channel.OSC99), "x") == "\x1b]99;i=x:p=close;\x1b\\"
    assert withdrawal(voice(Channel.OSC99, through_tmux=True), "x") == tmux_passthrough(
        "\x1b]99;i=x:p=close;\x1b\\"
    )
    assert [withdrawal(voice(each), "x") for each in (Channel.BELL, Channel.OSC9, Channel.OSC777)] == [""] * 3


def test_osc_9_is_taken_for_no_progress_bar() -> None:
    """ConEmu, Windows Terminal and Ghostty read numbers and semicolons."""
    assert notification(voice(Channel.OSC9), "x", "4;3;50", "b") == "\x1b]9;- 4,3,50: b\x1b\\"
    assert notification(voice(Channel.OSC9), "x", "", "b") == "\x1b]9;: b\x1b\\"


def test_osc_777_has_three_fields() -> None:
    assert notification(voice(Channel.OSC777), "x", "a;b", "c;d") == "\x1b]777;notify;a,b;c,d\x1b\\"


def test_a_notification_is_of_bounded_length() -> None:
    sequence = notification(voice(Channel.OSC777), "x", "t" * 10_000, "b" * 10_000)
    assert len(sequence) < TITLE_CHARS_MAX + BODY_CHARS_MAX + 40


@given(st.sampled_from(Channel), st.booleans(), st.text(max_size=400), st.text(max_size=400))
def test_nothing_gets_out_of_a_notification(channel: Channel, through_tmux: bool, title: str, body: str) -> None:  # noqa: FBT001
    written = notification(voice(channel, through_tmux=through_tmux), "id", title, body)
    if through_tmux and written:
        assert written.startswith("\x1bPtmux;")
        written = written.removeprefix("\x1bPtmux;").removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b")
    # What is left once the sequences are taken away: nothing.
    assert re.sub(r"\x1b\](?:9|777|99);[^\x00-\x1f\x7f-\x9f\u202a-\u202e]*\x1b\\", "", written) == ""


@given(st.text(max_size=2_000), st.text(max_size=2_000))
def test_kitty_takes_payloads_of_2048_bytes(title: str, body: str) -> None:
    written = notification(voice(Channel.OSC99), "id", title, body)
    for payload in re.findall(r";([^;\x1b]*)\x1b\\", written):
        assert len(base64.b64decode(payload, validate=True)) <= 2_048


def test_titles() -> None:
    assert title_of("#general - doubletick", 0) == "#general - doubletick"
    assert title_of("#general - doubletick", 3) == "(3) #general - doubletick"
    assert window_title("a\x1b]0;b\x07") == "\x1b]2;a\\x1b]0;b\\x07\x1b\\"
    assert len(window_title("x" * 1_000)) == TITLE_CHARS_MAX + len("\x1b]2;\x1b\\")
    assert TITLE_START == "\x1b[22;2t"
    assert TITLE_END.endswith("\x1b[23;2t")
