"""The doctor without a terminal: says so, says what the environment tells, and ends well."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from chat_tui.doctor import doctor

COMMAND = (sys.executable, "-c", "from chat_tui.doctor import doctor; doctor()")


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    kept = {"PATH": os.environ["PATH"], **environ}
    command = [*COMMAND, *arguments]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, env=kept, capture_output=True, timeout=30, check=False
    )


def test_a_pipe() -> None:
    done = run(TERM="xterm-kitty", LANG="C.UTF-8", COLORTERM="truecolor")
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "was not asked" in said
    assert "kitty" in said
    assert "\x1b" not in said


def test_json() -> None:
    done = run("--json", TERM="xterm", LANG="C.UTF-8")
    said = json.loads(done.stdout)
    assert said["answered"] is False
    by_topic = {finding["topic"]: finding for finding in said["findings"]}
    assert by_topic["colours"] == {
        "topic": "colours",
        "verdict": "limited",
        "sentence": "16 colours; COLORTERM does not say that there are more.",
        "fixes": [{"where": "~/.profile", "line": "export COLORTERM=truecolor"}],
    }


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1"])
def test_other_encodings(encoding: str) -> None:
    done = run(TERM="xterm-kitty", PYTHONIOENCODING=encoding, TERM_PROGRAM="\u1234", LANG="C.UTF-8")
    assert done.returncode == 0
    assert "Ticks are drawn as . v vv" in done.stdout.decode(encoding)


def test_nothing_at_all() -> None:
    command = f"exec {sys.executable} -c '{COMMAND[2]}' <&- 2>&-"
    done = subprocess.run(["/bin/sh", "-c", command], env={}, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0
    assert b"was not asked" in done.stdout


def test_a_false_tmux_that_hangs_or_is_not_there() -> None:
    inside = {"TMUX": "/nowhere,1,0", "TMUX_PANE": "%0", "TERM": "tmux-256color"}
    assert b"tmux did not answer" in run(**inside).stdout
    assert b"tmux did not answer" in run(**{**inside, "PATH": "/nowhere"}).stdout


def test_help() -> None:
    assert "Say what this terminal, tmux and locale can do" in CliRunner().invoke(doctor, ["--help"]).output
