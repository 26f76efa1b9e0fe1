"""Terminals as tables: environment, tmux and replies in, findings out."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.terminal.abilities import (
    EXTENDED_KEYS,
    FOCUS_EVENTS,
    MONITOR_BELL,
    PASSTHROUGH_ALL,
    Ability,
    Verdict,
)
from chat_tui.terminal.diagnosis import Facts, diagnose
from chat_tui.terminal.replies import FOCUS, MOUSE, PASTE, PROBES, SYNCHRONIZED, Answers
from chat_tui.terminal.surroundings import Surroundings, parse_tmux

from .test_surroundings import IN_TMUX

OK, LIMITED, OFF, UNKNOWN = Verdict.OK, Verdict.LIMITED, Verdict.OFF, Verdict.UNKNOWN
XTERM = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
RIGHT = tuple(probe.cells for probe in PROBES)
ALL = Answers(
    version="kitty(0.36.0)",
    attributes=(62, 52),
    modes={FOCUS: 2, MOUSE: 2, PASTE: 2, SYNCHRONIZED: 2},
    has_kitty_keys=True,
    has_kitty_notifications=True,
    columns=RIGHT,
)
PLAIN = Answers(attributes=(1, 2))
"""It answers, but knows nothing of what it is asked."""


def facts(
    environ: Mapping[str, str] = XTERM, answers: Answers | None = None, tmux: str | None = None, **more: Any
) -> Facts:
    place = Surroundings(
        {**environ, **IN_TMUX} if tmux is not None else environ,
        parse_tmux(tmux) if tmux else None,
        answers.version if answers else "",
    )
    given = {"encoding": "utf-8", "ascii_only": False, "size": (80, 24), **more}
    return Facts(place, answers=answers, **given)


def found(of: Facts) -> dict[str, Ability]:
    return {finding.topic: finding.ability for finding in diagnose(of)}


def verdicts(of: Facts, *topics: str) -> list[Verdict]:
    abilities = found(of)
    return [abilities[topic].verdict for topic in topics]


def test_kitty_can_everything() -> None:
    abilities = found(facts({**XTERM, "TERM": "xterm-kitty"}, ALL))
    assert {ability.verdict for ability in abilities.values()} == {OK}
    assert [ability.fixes for ability in abilities.values() if ability.fixes] == []
    assert abilities["terminal"].sentence == 'The terminal is kitty ("kitty(0.36.0)").'
    assert not {"questions", "multiplexer", "ssh", "bell"} & abilities.keys()


def test_kitty_over_ssh_does_not_tell_the_chat_of_itself() -> None:
    abilities = found(facts({**XTERM, "SSH_TTY": "/dev/pts/1"}, ALL))
    assert abilities["ssh"].verdict is OK
    assert abilities["notifications"].verdict is LIMITED
    assert [fix.line for fix in abilities["notifications"].fixes] == ["export DOUBLETICK_NOTIFY=osc99"]


def test_once_told_the_chat_uses_it() -> None:
    told = facts({**XTERM, "DOUBLETICK_NOTIFY": "osc777"}, ALL)
    assert verdicts(told, "notifications") == [OK]


def test_foot_says_that_it_can_more_than_is_known_of_it() -> None:
    foot = facts({**XTERM, "TERM": "foot"}, Answers(version="foot(1.18.1)", has_kitty_notifications=True))
    assert found(foot)["notifications"].fixes[0].line == "export DOUBLETICK_NOTIFY=osc99"


def test_a_terminal_that_answers_but_knows_nothing() -> None:
    abilities = found(facts(XTERM, PLAIN))
    assert {topic: ability.verdict for topic, ability in abilities.items() if ability.verdict is not OK} == {
        "terminal": UNKNOWN,
        "widths": UNKNOWN,
        "paste": UNKNOWN,
        "mouse": UNKNOWN,
        "drawing": LIMITED,
        "keys": LIMITED,
        "copying": UNKNOWN,
        "notifications": LIMITED,
        "focus": UNKNOWN,
    }


def test_a_terminal_that_answers_nothing() -> None:
    abilities = found(facts(XTERM, None))
    assert abilities["questions"].sentence == "The terminal answers no questions."
    assert verdicts(facts(XTERM, None), "drawing", "keys", "focus") == [UNKNOWN] * 3


def test_a_pipe() -> None:
    abilities = found(facts({"TERM": "dumb"}, None, size=None, unasked="Not asked."))
    assert abilities["questions"].sentence == "Not asked. This is what the environment tells."
    assert "size" not in abilities
    assert abilities["colours"].verdict is OFF


def test_nothing_at_all() -> None:
    assert found(facts({}, None))["terminal"].sentence == "The terminal is none that is known by name."


@pytest.mark.parametrize(
    ("environ", "answers", "verdict"),
    [
        (XTERM, Answers(modes={FOCUS: 2}), OK),
        (XTERM, Answers(modes={FOCUS: 0}), OFF),
        (XTERM, Answers(focused=False), OK),
        (XTERM, PLAIN, UNKNOWN),
        (XTERM, None, UNKNOWN),
        ({**XTERM, "TERM_PROGRAM": "WezTerm"}, None, OK),
        ({**XTERM, "TERM": "linux"}, None, OFF),
        ({**XTERM, "STY": "1.x"}, PLAIN, OFF),
    ],
)
def test_focus(environ: dict[str, str], answers: Answers | None, verdict: Verdict) -> None:
    assert verdicts(facts(environ, answers), "focus") == [verdict]


NOW = "3.5|1|on|all|on|1|xterm-kitty|RGB,clipboard|kitty(0.36.0)"


def test_tmux_as_it_should_be() -> None:
    abilities = found(facts(XTERM, Answers(version="tmux 3.5", columns=RIGHT), NOW))
    assert {topic: ability.verdict for topic, ability in abilities.items() if ability.verdict is not OK} == {
        "drawing": LIMITED
    }
    assert abilities["terminal"].sentence == 'The terminal around tmux is kitty ("kitty(0.36.0)").'
    assert abilities["multiplexer"].sentence == "tmux 3.5."


def test_tmux_as_it_comes() -> None:
    as_it_comes = "3.5|0|external|off|off|0|xterm-kitty||kitty(0.36.0)"
    abilities = found(facts(XTERM, Answers(columns=RIGHT), as_it_comes))
    fixes = [fix for ability in abilities.values() for fix in ability.fixes]
    assert {FOCUS_EVENTS, PASSTHROUGH_ALL, EXTENDED_KEYS, MONITOR_BELL} <= set(fixes)
    assert "set -as terminal-features ',xterm-kitty:RGB'" in [fix.line for fix in fixes]
    assert abilities["focus"].verdict is OFF
    assert abilities["notifications"].verdict is LIMITED
    assert abilities["copying"].verdict is OK


def test_tmux_in_terminals_that_report_no_focus() -> None:
    assert verdicts(facts(XTERM, None, "3.5|1|on|all|on|1|linux||"), "focus") == [OFF]
    assert verdicts(facts(XTERM, None, "3.5|1|on|all|on|1|xterm||"), "focus") == [OK]


def test_tmux_without_anybody_before_it_or_without_a_word() -> None:
    assert verdicts(facts(XTERM, None, "3.5|1|on|all|on|1|||"), "multiplexer", "colours") == [UNKNOWN, OK]
    abilities = found(facts(XTERM, None, ""))
    assert [abilities[topic].verdict for topic in ("multiplexer", "focus", "copying")] == [UNKNOWN] * 3
    assert "bell" not in abilities


def test_screen_passes_on_nothing() -> None:
    screen = facts({"TERM": "screen", "STY": "1.x"}, PLAIN)
    assert verdicts(screen, "multiplexer", "focus", "copying", "notifications") == [LIMITED, OFF, OFF, LIMITED]


@pytest.mark.parametrize(
    ("environ", "verdict", "word"),
    [
        (XTERM, OK, "16 million"),
        ({"TERM": "xterm", "COLORTERM": " 24BIT "}, OK, "16 million"),
        ({"TERM": "xterm-256color"}, LIMITED, "256 colours"),
        ({"TERM": "xterm"}, LIMITED, "16 colours"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, OFF, "There are none"),
        ({}, OFF, "There are none"),
        ({**XTERM, "NO_COLOR": "1"}, LIMITED, "NO_COLOR"),
        ({**XTERM, "NO_COLOR": ""}, OK, "16 million"),
    ],
)
def test_colours(environ: dict[str, str], verdict: Verdict, word: str) -> None:
    ability = found(facts(environ))["colours"]
    assert (ability.verdict, ability.sentence.startswith(word)) == (verdict, True)


def test_ticks() -> None:
    assert found(facts())["ticks"].sentence == "Ticks are drawn as … ✓ ✓✓ (utf-8)."
    latin = found(facts(encoding="iso8859-1", ascii_only=True))
    assert latin["ticks"].sentence == "Ticks are drawn as . v vv: the locale is not one of UTF-8 (iso8859-1)."
    assert latin["ticks"].fixes[0].line == "export LANG=C.UTF-8"
    assert "widths" not in latin
    assert found(facts({"TERM": "linux"}, ascii_only=True))["ticks"].fixes == ()


def test_widths() -> None:
    wide = tuple(probe.cells * 2 for probe in PROBES)
    ability = found(facts(answers=Answers(columns=wide)))["widths"]
    assert ability.verdict is LIMITED
    assert "ticks (4 for 2)" in ability.sentence
    assert "chat-tui --ascii" in [fix.line for fix in ability.fixes]
    old = (*RIGHT[:-1], 1)
    ability = found(facts(answers=Answers(columns=old)))["widths"]
    assert ability == Ability(LIMITED, "Lines with these will be out of place: emoji of 2021 (1 for 2).")


@pytest.mark.parametrize(("size", "verdict"), [((60, 18), OK), ((59, 18), LIMITED), ((60, 17), LIMITED)])
def test_size(size: tuple[int, int], verdict: Verdict) -> None:
    assert verdicts(facts(size=size), "size") == [verdict]


def test_copying_by_what_the_terminal_says() -> None:
    says_so = Answers(attributes=(62, 52))
    assert verdicts(facts({**XTERM, "VTE_VERSION": "9000"}, says_so), "copying") == [OK]
    assert verdicts(facts({**XTERM, "STY": "1.x"}, says_so), "copying") == [OFF]
    assert verdicts(facts(XTERM, says_so, "3.5|1|on|all|on|1|xterm||"), "copying") == [UNKNOWN]


def test_paste_and_mouse() -> None:
    assert verdicts(facts(XTERM, Answers(modes={PASTE: 0, MOUSE: 2})), "paste", "mouse") == [LIMITED, OK]
    assert verdicts(facts({"TERM": "linux"}), "paste", "mouse") == [LIMITED, LIMITED]
    assert verdicts(facts({**XTERM, "TERM_PROGRAM": "iTerm.app"}), "paste", "mouse") == [OK, OK]


@given(
    st.dictionaries(
        st.sampled_from(["TERM", "COLORTERM", "NO_COLOR", "STY", "SSH_TTY", "DOUBLETICK_NOTIFY", "VTE_VERSION"]),
        st.text(max_size=12),
    ),
    st.none() | st.text(max_size=40),
    st.none()
    | st.builds(
        Answers,
        version=st.text(st.characters(codec="ascii"), max_size=20),
        modes=st.dictionaries(st.sampled_from([FOCUS, MOUSE, PASTE, SYNCHRONIZED]), st.integers(0, 9)),
        columns=st.just(()) | st.tuples(*(st.integers(0, 9) for _ in PROBES)),
        focused=st.none() | st.booleans(),
    ),
    st.booleans(),
)
def test_whatever_there_is(
    environ: dict[str, str],
    tmux: str | None,
    answers: Answers | None,
    ascii_only: bool,  # noqa: FBT001 - drawn, not a switch
) -> None:
    """Sentences are sentences, what is said is printable, and every finding that is off and can be helped is."""
    topics = [finding.topic for finding in diagnose(facts(environ, answers, tmux, ascii_only=ascii_only))]
    assert len(set(topics)) == len(topics)
    for finding in diagnose(facts(environ, answers, tmux, ascii_only=ascii_only)):
        assert finding.ability.sentence.isprintable()
        assert finding.ability.sentence.endswith(".")
        assert all(fix.line and fix.where for fix in finding.ability.fixes)
