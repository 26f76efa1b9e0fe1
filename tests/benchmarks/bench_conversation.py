"""What the conversation costs, in CPU milliseconds per operation, on a pty of 120 x 40: `python -m` this module.

The room's history grows, the window does not; a widget per message stands beside it for scale.
"""

import asyncio
import fcntl
import json
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import process_time

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.model.view import ConversationView, MessageView, Tick, TickState
from chat_tui.widgets.conversation import Conversation

HISTORIES = (1_000, 10_000, 100_000, 1_000_000)
WINDOW_MESSAGES = 1_000
REPEATS = 30
SIZES = ((120, 40), (100, 38))
OPERATIONS = ("first paint", "append", "tick", "PageUp", "resize")
WORDS = [
    "the",
    "deploy",
    "is",
    "planned",
    "for",
    "noon",
    "and",
    "whoever",
    "is",
    "on",
    "call",
    "has",
    "read",
    "it",
]


def made(number: int) -> MessageView:
    """A message of one to four rows."""
    text = " ".join(WORDS[(number + word) % len(WORDS)] for word in range(3 + number * 7 % 60))
    own = number % 3 == 0
    tick = Tick(TickState.SENT, 0, 12) if own else None
    return MessageView(str(number), number, f"member{number // 4 % 6}", text, number * 40_000, own, tick)


class Windowed:
    """The conversation over the last messages of a history."""

    def __init__(self, history: int) -> None:
        self.widget = Conversation()
        messages = tuple(made(number) for number in range(history - WINDOW_MESSAGES + 1, history + 1))
        self.view = ConversationView("room", messages, at_start=False)

    def fill(self, _: int) -> None:
        self.widget.show(self.view)

    def append(self, _: int) -> None:
        last = self.view.messages[-1]
        assert last.id is not None
        self.view = replace(self.view, messages=(*self.view.messages[1:], made(last.id + 1)))
        self.widget.show(self.view)

    def tick(self, step: int) -> None:
        messages = list(self.view.messages)
        number = next(place for place in range(-1, -9, -1) if messages[place].own)
        messages[number] = replace(messages[number], tick=Tick(TickState.READ, step + 1, 99))
        self.view = replace(self.view, messages=tuple(messages))
        self.widget.show(self.view)

    def page_up(self, step: int) -> None:
        """Turn pages that are not drawn yet, and go back to the end before they run out."""
        if step % 20 == 0:
            self.widget.action_end()
        self.widget.action_page_up()


class Naive:
    """A widget per message."""

    def __init__(self, history: int) -> None:
        self.widget = VerticalScroll()
        self.messages = [self.static(number) for number in range(1, history + 1)]

    @staticmethod
    def static(number: int) -> Static:
        message = made(number)
        return Static(f"{message.sender}\n{message.text}", markup=False)

    def fill(self, _: int) -> None:
        self.widget.mount_all(self.messages)
        self.widget.scroll_end(animate=False)

    def append(self, step: int) -> None:
        self.messages.append(self.static(len(self.messages) + step))
        self.widget.mount(self.messages[-1])
        self.widget.scroll_end(animate=False)

    def tick(self, step: int) -> None:
        self.messages[-1].update(f"vv {step}/99\n{made(step).text}")

    def page_up(self, _: int) -> None:
        self.widget.scroll_page_up(animate=False)


class Stage(App[dict[str, float]]):
    """Measures its only widget and leaves."""

    def __init__(self, subject: Windowed | Naive) -> None:
        super().__init__()
        self.subject = subject

    def compose(self) -> ComposeResult:
        yield self.subject.widget

    def on_ready(self) -> None:
        self.run_worker(self.measure())

    async def measure(self) -> None:
        subject = self.subject
        steps = (subject.fill, subject.append, subject.tick, subject.page_up, resize)
        spent = {}
        for name, step in zip(OPERATIONS, steps, strict=True):
            repeats = 1 if name == "first paint" else 5 if isinstance(subject, Naive) else REPEATS
            spent[name] = await cpu_ms(step, repeats, lambda: painted(subject.widget))
        self.exit(spent)


async def painted(widget: Widget) -> None:
    """Wait until what has been asked for is on screen; a resize comes in by a signal, hence the pause."""
    await asyncio.sleep(0.03)
    await widget.wait_for_refresh()


async def cpu_ms(step: Callable[[int], None], repeats: int, done: Callable[[], Awaitable[None]]) -> float:
    started = process_time()
    for number in range(repeats):
        step(number)
        await done()
    return (process_time() - started) * 1000 / repeats


def resize(step: int) -> None:
    """Give the terminal another size, as a window manager would."""
    columns, rows = SIZES[(step + 1) % 2]
    fcntl.ioctl(sys.__stdin__, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))  # type: ignore[arg-type]
    os.kill(os.getpid(), signal.SIGWINCH)


def on_a_pty(make: Callable[[int], Windowed | Naive], history: int) -> dict[str, float]:
    """Run a stage in a child on a terminal of its own whose output is read and dropped."""
    reading, writing = os.pipe()
    child, terminal = pty.fork()
    if child == 0:
        resize(1)
        spent = Stage(make(history)).run()
        os.write(writing, json.dumps(spent).encode())
        os._exit(0)
    os.close(writing)
    drain(terminal)
    os.waitpid(child, 0)
    with os.fdopen(reading) as report:
        spent = json.load(report)
    assert isinstance(spent, dict)
    return spent


def drain(terminal: int) -> None:
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:  # Linux says so when the last writer has gone.
        os.close(terminal)


def main() -> None:
    """Print a table, and how many times dearer a widget per message is."""
    sys.stdout.write(f"{'CPU ms per operation':34}" + "".join(f"{name:>13}" for name in OPERATIONS) + "\n")
    first: dict[str, float] = {}
    for history in HISTORIES:
        spent = on_a_pty(Windowed, history)
        first = first or spent
        row(f"conversation, room of {history:,}", spent)
    naive = on_a_pty(Naive, HISTORIES[0])
    row(f"a widget per message, {HISTORIES[0]:,}", naive)
    row("times dearer", {name: naive[name] / first[name] for name in OPERATIONS})


def row(title: str, values: dict[str, float]) -> None:
    sys.stdout.write(f"{title:34}" + "".join(f"{values[name]:13.1f}" for name in OPERATIONS) + "\n")


if __name__ == "__main__":
    main()
