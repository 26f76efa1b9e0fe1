"""What a conversation costs to draw: an application with nothing but one, on the terminal that it is started on.

    python -m tests.benchmarks.stage FILE-DESCRIPTOR windowed|naive MESSAGES REPEATS

It goes through gestures, and writes the processor milliseconds of each, driver included, to the file descriptor as
JSON. `windowed` is ours, fed as the client feeds it; `naive` is a widget per message.
"""

import asyncio
import fcntl
import json
import os
import signal
import struct
import sys
import termios
from collections.abc import Awaitable, Callable
from time import process_time
from typing import Final

os.environ.setdefault("TEXTUAL_FPS", "240")  # as the client does, before Textual is imported

from textual import events
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from chat_server.protocol import History, Message, Receipt
from chat_tui.model.replica import WINDOW_MAX, Replica
from chat_tui.model.view import ConversationView
from chat_tui.widgets.conversation import Conversation
from tests.benchmarks.ptys import HEIGHT, WIDTH

PAGE: Final = 200
ME: Final = "member0"
READERS: Final = 10
SIZES: Final = ((WIDTH, HEIGHT), (WIDTH - 20, HEIGHT - 2))
WORDS: Final = (
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
)
SETTLED_S: Final = 0.03


def message(number: int) -> Message:
    """Of one to four rows; every third is one's own."""
    text = " ".join(WORDS[(number + word) % len(WORDS)] for word in range(3 + number * 7 % 60))
    sender = f"member{number % 3}"
    return Message(
        room="general", id=number, sender=sender, content=text, sent_at=number * 40_000, audience=99, read_by=0
    )


class Windowed:
    """Ours: the client's window over the end of a history, and the widget that draws it."""

    def __init__(self, history: int) -> None:
        self.widget = Conversation()
        self._conversation = self.widget
        self._replica = Replica("general", ME)
        self._last = history
        self._first = max(history - WINDOW_MAX, 0) + 1

    def fill(self, _: int) -> None:
        """The first page has come."""
        self._take(self._last - min(PAGE, self._last) + 1, self._last)
        self._show()

    def widen(self) -> None:
        """All further pages that are held."""
        while self._replica.first > self._first:
            self._take(max(self._replica.first - PAGE, self._first), self._replica.first - 1)
        self._show()

    def append(self, _: int) -> None:
        self._last += 1
        self._replica.hear(message(self._last), following=True)
        self._show()

    def tick(self, step: int) -> None:
        """The newest of one's own has another reader."""
        own = self._last - self._last % 3
        self._replica.note(self._receipt(f"one {step}", own, own))
        self._show()

    def ticks(self, step: int) -> None:
        """As many readers come back as make 10,000 ticks of what is held, and more above it."""
        own = max(WINDOW_MAX // 3, 1)
        for reader in range(-(-10_000 // own)):
            self._replica.note(self._receipt(f"reader {step} {reader}", 1, self._last))
        self._show()

    def page_up(self, step: int) -> None:
        """Turn pages that are not drawn yet, and go back to the end before they run out."""
        if step % 20 == 0:
            self._conversation.action_end()
        self._conversation.action_page_up()

    def _take(self, first: int, last: int) -> None:
        messages = tuple(message(each) for each in range(first, last + 1))
        self._replica.take(History(room="general", messages=messages, receipts=(), revision=0, more=first > 1))

    @staticmethod
    def _receipt(reader: str, first: int, last: int) -> Receipt:
        return Receipt(room="general", reader=reader, ranges=((first, last),), read_at=1)

    def _show(self) -> None:
        at_start = self._replica.at_start
        self._conversation.show(ConversationView("general", tuple(self._replica.messages()), at_start=at_start))


class Naive:
    """A widget per message."""

    def __init__(self, history: int) -> None:
        self.widget = VerticalScroll()
        self._container = self.widget
        self._messages = [self._static(number) for number in range(1, history + 1)]

    @staticmethod
    def _static(number: int) -> Static:
        made = message(number)
        return Static(f"{made.sender}\n{made.content}", markup=False)

    def fill(self, _: int) -> None:
        self._container.mount_all(self._messages)
        self._container.scroll_end(animate=False)

    def widen(self) -> None:
        """Everything is there."""

    def append(self, step: int) -> None:
        self._messages.append(self._static(len(self._messages) + step))
        self._container.mount(self._messages[-1])
        self._container.scroll_end(animate=False)

    def tick(self, step: int) -> None:
        self._messages[-1].update(f"vv {step}/99\n{message(step).content}")

    def ticks(self, step: int) -> None:
        for each in self._messages[::3]:
            each.update(f"vv {step}/99\n{message(step).content}")

    def page_up(self, _: int) -> None:
        self._container.scroll_page_up(animate=False)


class Stage(App[dict[str, float]]):
    """Measures its only widget and leaves."""

    def __init__(self, subject: Windowed | Naive, repeats: int) -> None:
        super().__init__()
        self._subject = subject
        self._repeats = repeats

    def compose(self) -> ComposeResult:
        yield self._subject.widget

    def on_ready(self) -> None:
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        subject = self._subject
        await self._painted()
        idle = await self._cpu_ms(lambda _: None, self._repeats)
        spent = {"first paint": await self._cpu_ms(subject.fill, 1) - idle}
        subject.widen()
        await self._painted()
        steps = {
            "append": subject.append,
            "one tick": subject.tick,
            "10,000 ticks": subject.ticks,
            "page": subject.page_up,
            "wheel step": self._wheel,
            "resize": resize,
        }
        for name, step in steps.items():
            spent[name] = max(await self._cpu_ms(step, self._repeats) - idle, 0)
        self.exit(spent)

    async def _painted(self) -> None:
        """Wait until what has been asked for is on screen; a resize comes in by a signal, hence the pause."""
        await asyncio.sleep(SETTLED_S)
        await self._subject.widget.wait_for_refresh()

    async def _cpu_ms(self, step: Callable[[int], None], repeats: int) -> float:
        """Of one step until it is on screen, with what an application costs that does nothing meanwhile."""
        return await cpu_ms(step, repeats, self._painted)

    def _wheel(self, step: int) -> None:
        """As the driver tells of it: to the application, which finds the widget under the pointer."""
        kind = events.MouseScrollUp if step % 20 < 15 else events.MouseScrollDown
        self.post_message(
            kind(None, 60, 20, 0, 0, 0, shift=False, meta=False, ctrl=False, screen_x=60, screen_y=20)
        )


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


def main() -> None:
    descriptor, kind, history, repeats = sys.argv[1:]
    subject = Windowed(int(history)) if kind == "windowed" else Naive(int(history))
    spent = Stage(subject, int(repeats)).run()
    if spent is None:  # it has shown why on the terminal
        sys.exit(1)
    os.write(int(descriptor), json.dumps(spent).encode())


if __name__ == "__main__":
    main()
