"""`chat-tui doctor`: finds out where the chat would run, and says what that means and what to change."""

import asyncio
import json
import os
import sys
import textwrap
from collections.abc import Iterator
from typing import Any, Final, TextIO

import click

from chat_tui.terminal import environment as terminal
from chat_tui.terminal.abilities import Verdict
from chat_tui.terminal.diagnosis import Facts, Finding, diagnose
from chat_tui.terminal.replies import Answers
from chat_tui.terminal.surroundings import Surroundings
from chat_tui.terminal.tmux import ask_tmux

COLOURS: Final = {Verdict.OK: "green", Verdict.LIMITED: "yellow", Verdict.OFF: "red", Verdict.UNKNOWN: "cyan"}
WIDTH_MAX: Final = 100
_INDENT: Final = 24


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON, for programs.")
def doctor(*, as_json: bool) -> None:
    """Say what this terminal, tmux and locale can do, and the line to add where something is off."""
    facts = examine()
    findings = diagnose(facts)
    if as_json:
        said = {"answered": facts.answers is not None, "findings": list(map(_as_json, findings))}
        _print(json.dumps(said, indent=2))
        return
    width = min(facts.size[0] if facts.size else WIDTH_MAX, WIDTH_MAX)
    for finding in findings:
        for line in _as_text(finding, max(width, _INDENT + 20)):
            _print(line)


def examine() -> Facts:
    """Find everything out; the terminal is asked where input and output are one and it is ours."""
    place = Surroundings(os.environ, asyncio.run(ask_tmux(os.environ)))
    encoding = getattr(sys.__stderr__, "encoding", None) or "ascii"
    ascii_only = terminal.ascii_only(os.environ, encoding)
    unasked = _why_not(place)
    answers = None if unasked else _ask(with_text=not ascii_only)
    version = answers.version if answers is not None else ""
    return Facts(
        Surroundings(os.environ, place.tmux, version), encoding, ascii_only, _size(), answers, unasked=unasked
    )


def _why_not(place: Surroundings) -> str:
    """Why the terminal is not to be asked; empty where it may be."""
    if os.name == "nt":
        return "The terminal was not asked: on Windows it cannot be."
    if not _is_one_terminal():
        return "The terminal was not asked, since input or output is something else."
    if place.is_silent:
        return "The terminal was not asked, since it might print the questions."
    from chat_tui.terminal.asking import is_ours

    return "" if is_ours(sys.stdin.fileno()) else "The terminal was not asked from the background."


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


def _is_one_terminal() -> bool:
    """Whether what is written to the output is answered on the input."""
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
        return False
    return os.ttyname(sys.stdin.fileno()) == os.ttyname(sys.stdout.fileno())


def _ask(*, with_text: bool) -> Answers | None:
    from chat_tui.terminal.asking import ask

    sys.stdout.flush()
    return ask(sys.stdin.fileno(), sys.stdout.fileno(), with_text=with_text)


def _size() -> tuple[int, int] | None:
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        if _is_terminal(stream):
            size = os.get_terminal_size(stream.fileno())
            return (size.columns, size.lines) if size.columns and size.lines else None
    return None


def _as_text(finding: Finding, width: int) -> Iterator[str]:
    """The sentence, wrapped, and the lines to add, which are not, so that they can be copied."""
    ability = finding.ability
    first, *others = textwrap.wrap(ability.sentence, width - _INDENT)
    verdict = f"{ability.verdict.value:<8}"
    shown = verdict if _is_plain() else click.style(verdict, fg=COLOURS[ability.verdict])
    yield f"{shown} {finding.topic:<14} {first}"
    for line in others:
        yield " " * _INDENT + line
    for fix in ability.fixes:
        yield " " * _INDENT + f"{fix.where}:"
        for line in fix.line.split("\n"):
            yield " " * (_INDENT + 2) + line


def _is_plain() -> bool:
    return bool(os.environ.get("NO_COLOR")) or not _is_terminal(sys.stdout)


def _as_json(finding: Finding) -> dict[str, Any]:
    ability = finding.ability
    return {
        "topic": finding.topic,
        "verdict": ability.verdict.value,
        "sentence": ability.sentence,
        "fixes": [{"where": fix.where, "line": fix.line} for fix in ability.fixes],
    }


def _print(text: str) -> None:
    """Print it in whatever encoding the output has."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))
