"""Code is told apart for known languages alone, in bounded time, and Pygments waits until there is code."""

import subprocess
import sys
from time import process_time

import pytest

from chat_tui.text.inline import Run
from chat_tui.text.markup import Passage, Shape
from chat_tui.widgets.syntax import CHARS_MAX, LANGUAGES, within, words_of

SECONDS_MAX = 3.0
"""What a lexer takes for the hostile text below is a few hundredths."""


def words(text: str, language: str) -> list[tuple[str, str]]:
    runs = words_of(Passage(Shape.CODE, text, (), language))
    return [(text[run.start : run.end], run.parts[0]) for run in runs]


def test_python() -> None:
    text = "def go(n):  # now\n    return 'x', 42"
    for language in ("python", "py", "Python"):
        assert words(text, language) == [
            ("def", "keyword"),
            ("go", "function"),
            ("# now", "comment"),
            ("return", "keyword"),
            ("'", "string"),
            ("x", "string"),
            ("'", "string"),
            ("42", "number"),
        ]


def test_a_difference() -> None:
    told = words("-old\n+new\n", "diff")
    assert [part for _, part in told] == ["keyword", "string"]


@pytest.mark.parametrize("language", ["", "brainfuck", "../python", "text"])
def test_what_is_not_known_is_plain(language: str) -> None:
    assert words("def go(): pass", language) == []


def test_too_much_is_plain() -> None:
    assert words("1" * CHARS_MAX, "python")
    assert not words("1" * (CHARS_MAX + 1), "python")


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_every_lexer_is_there_and_bears_hostile_text(language: str) -> None:
    for unit in ('"', "'", "\\", "<", "/*", "(", "a \n", "a.", "${", "<!--", "f'{", "- ", "[[", "0", "\n "):
        text = (unit * CHARS_MAX)[:CHARS_MAX]
        started = process_time()
        end = 0
        for run in words_of(Passage(Shape.CODE, text, (), language)):
            assert end <= run.start < run.end <= len(text)
            end = run.end
        assert process_time() - started < SECONDS_MAX


def test_a_part_of_the_runs() -> None:
    runs = (Run(0, 3, ("a",), "t"), Run(3, 5, ("b",)), Run(8, 9, ("c",)))
    assert within(runs, 0, 9) == list(runs)
    assert within(runs, 1, 4) == [Run(0, 2, ("a",), "t"), Run(2, 3, ("b",))]
    assert within(runs, 5, 8) == []
    assert within(runs, 6, 12) == [Run(2, 3, ("c",))]
    assert within((), 0, 9) == []


def test_pygments_is_not_loaded_before_there_is_code() -> None:
    program = "import sys, chat_tui.widgets.conversation; sys.exit('pygments.lexers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
