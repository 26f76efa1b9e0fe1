"""Makes the pictures of the documentation from the program itself: a real server, real members, the real client.

    python docs/pictures.py        writes docs/screenshot.svg and docs/recording.svg

It takes half a minute, and what `tests/requirements.txt` installs.
"""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from chat_server.protocol import LOBBY
from chat_tui.app import ChatApp, Options
from chat_tui.demo import Line, Script, own_server, play
from chat_tui.identity.passport import Passport
from chat_tui.outbox import Outbox

HERE: Final = Path(__file__).parent
SIZE: Final = (80, 24)
FRAME_S: Final = 0.2
KEYS_A_FRAME: Final = 4
LAST_S: Final = 3.0
"""How long the last frame stays before the recording begins again."""
YOU: Final = "You"

ADA: Final = Script(
    "Ada",
    opening=(
        Line(0.3, "Morning! The new build is on staging."),
        Line(0.9, "Could somebody look at the login page before noon?"),
    ),
    read_after_s=1.4,
    answers=(Line(1.2, "Wonderful, thank you. I shall ship it then."),),
)
GRACE: Final = Script(
    "Grace",
    opening=(Line(0.8, "I can, in ten minutes."),),
    read_after_s=3.2,
    answers=(),
)
TYPED: Final = "Looks good here, in a light terminal too."


@dataclass(frozen=True, slots=True)
class Frame:
    """What was on screen from one moment on."""

    at_s: float
    svg: str


class Camera:
    """Takes a frame whenever the screen looks different."""

    def __init__(self, app: ChatApp) -> None:
        """Begin with none."""
        self.frames: list[Frame] = []
        self._app = app
        self._now_s = 0.0

    async def roll(self, pilot: Pilot[None], seconds: float) -> None:
        """Go on for a while."""
        until_s = self._now_s + seconds
        while self._now_s < until_s:
            await pilot.pause(FRAME_S)
            self._now_s += FRAME_S
            svg = without_links(self._app.export_screenshot(title="chat-tui"))
            if not self.frames or self.frames[-1].svg != svg:
                self.frames.append(Frame(self._now_s, svg))


def without_links(svg: str) -> str:
    """The picture with fonts of the reader's own machine alone."""
    svg = re.sub(r",\s*url\([^)]*\) format\([^)]*\)", "", svg)
    return re.sub(r"<!--.*?-->", "", svg)


def recording(frames: list[Frame], seconds: float) -> str:
    """All frames one after another in one picture that moves by itself, without a script."""
    view = re.search(r'viewBox="([^"]*)"', frames[0].svg)
    assert view is not None
    ends = [each.at_s for each in frames[1:]] + [seconds]
    shown = "\n".join(
        f'<g class="frame" style="animation-name:f{number}">{frame.svg}</g>' for number, frame in enumerate(frames)
    )
    begin_s = frames[0].at_s
    rules = "\n".join(
        _rule(number, (frame.at_s - begin_s) / (seconds - begin_s), (end - begin_s) / (seconds - begin_s))
        for number, (frame, end) in enumerate(zip(frames, ends, strict=True))
    )
    style = (
        f".frame{{visibility:hidden;animation-duration:{seconds - begin_s:.1f}s;"
        f"animation-iteration-count:infinite;animation-timing-function:step-end}}\n{rules}"
    )
    return f'<svg viewBox="{view[1]}" xmlns="http://www.w3.org/2000/svg"><style>{style}</style>\n{shown}\n</svg>\n'


def _rule(number: int, start: float, end: float) -> str:
    before = "0%{visibility:hidden}" if start else ""
    after = "" if end >= 1 else f"{100 * end:.2f}%{{visibility:hidden}}"
    return f"@keyframes f{number}{{{before}{100 * start:.2f}%{{visibility:visible}}{after}}}"


async def film() -> Camera:
    """Play the scene once."""
    async with own_server() as (url, data):
        kept = data.parent / "client"
        outbox = Outbox.open(kept, url, YOU)
        app = ChatApp(Options(YOU, url, LOBBY), outbox, Passport.open(kept, YOU, url))
        camera = Camera(app)
        members = []
        async with app.run_test(size=SIZE) as pilot:
            await camera.roll(pilot, 0.6)
            members = [asyncio.create_task(play(each, url, kept)) for each in (ADA, GRACE)]
            await camera.roll(pilot, 3.4)
            for at, key in enumerate(TYPED):
                await pilot.press({" ": "space", ",": "comma", ".": "full_stop"}.get(key, key))
                if at % KEYS_A_FRAME == 0:
                    await camera.roll(pilot, FRAME_S)
            await pilot.press("enter")
            await camera.roll(pilot, 6.0)
        for member in members:
            member.cancel()
        await asyncio.gather(*members, return_exceptions=True)
        outbox.close()
    return camera


def main() -> None:
    """Film the scene, and keep it and its last frame."""
    camera = asyncio.run(film())
    last = camera.frames[-1]
    (HERE / "recording.svg").write_text(recording(camera.frames, last.at_s + LAST_S), encoding="utf-8")
    (HERE / "screenshot.svg").write_text(last.svg, encoding="utf-8")


if __name__ == "__main__":
    main()
