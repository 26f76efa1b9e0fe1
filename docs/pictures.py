"""Makes the pictures of the documentation from the program itself: a real server, real members, the real client.

    python docs/pictures.py        writes recording.svg and the stills beside this file

It takes a minute, and what `tests/requirements.txt` installs.
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
KEYS_A_FRAME: Final = 5
LAST_S: Final = 3.0
"""How long the last frame stays before the recording begins again."""
STILL_S: Final = 1.0
"""How long to wait until everything that a still shows has come."""
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
    opening=(Line(2.0, "I can, in ten minutes."),),
    read_after_s=3.2,
    answers=(),
)
REPLY: Final = "Looks good here, in a light terminal too."
WORDS: Final = "the"
NAMED: Final = {" ": "space", ",": "comma", ".": "full_stop", "!": "exclamation_mark"}
"""Keys that are not called by their character."""
STILLS: Final = {
    "search": ("ctrl+f", *WORDS, "enter"),
    "pins": ("f7",),
    "info": ("tab", "j", "j", "i"),
}
"""Pictures of one screen each, and how one comes there; Escape leads back."""


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


class Scene:
    """What is done before the camera."""

    def __init__(self, app: ChatApp, pilot: Pilot[None], camera: Camera) -> None:
        """Take the app, and what it is driven and filmed with."""
        self._app = app
        self._pilot = pilot
        self._camera = camera
        self.stills: dict[str, str] = {}

    async def talk(self) -> None:
        """Answer a question, and see the answer being read and answered."""
        await self._press("tab", "k", "r", pause_s=0.4)
        await self._type(REPLY)
        await self._press("enter", pause_s=6.0)

    async def mark(self) -> None:
        """React to the newest message, and pin one's own and the question."""
        await self._press("tab", "G", pause_s=0.2)
        await self._press("plus", pause_s=0.8)
        await self._press("2", pause_s=1.0)
        await self._press("k", "p", pause_s=0.4)
        await self._press("k", pause_s=0.0)
        await self._press("k", "p", pause_s=0.8)

    async def search(self) -> None:
        """Find messages by a word, and go to one."""
        await self._press("slash", pause_s=0.4)
        await self._type(WORDS)
        await self._press("enter", pause_s=1.0)
        await self._press("down", pause_s=0.4)
        await self._press("enter", pause_s=1.4)
        await self._press("tab", pause_s=0.4)

    async def pose(self) -> None:
        """Stills of other screens, and of the first one in a light theme."""
        self._app.clear_notifications()
        self.stills["screenshot"] = await self._still()
        for name, keys in STILLS.items():
            await self._pilot.press(*keys)
            self.stills[name] = await self._still()
            await self._pilot.press("escape")
        self._app.theme = "doubletick-light"
        self.stills["light"] = await self._still()

    async def _still(self) -> str:
        await self._pilot.pause(STILL_S)
        return without_links(self._app.export_screenshot(title="chat-tui"))

    async def _type(self, text: str) -> None:
        for at, character in enumerate(text):
            await self._pilot.press(NAMED.get(character, character))
            if at % KEYS_A_FRAME == 0:
                await self._camera.roll(self._pilot, FRAME_S)

    async def _press(self, *keys: str, pause_s: float) -> None:
        for key in keys:
            await self._pilot.press(key)
            await self._camera.roll(self._pilot, pause_s)


async def film() -> tuple[Camera, dict[str, str]]:
    """Play the scene once: what was filmed, and the stills by their names."""
    async with own_server() as (url, data):
        kept = data.parent / "client"
        outbox = Outbox.open(kept, url, YOU)
        app = ChatApp(Options(YOU, url, LOBBY), outbox, Passport.open(kept, YOU, url))
        camera = Camera(app)
        members = []
        async with app.run_test(size=SIZE) as pilot:
            scene = Scene(app, pilot, camera)
            await camera.roll(pilot, 0.6)
            members = [asyncio.create_task(play(each, url, kept)) for each in (ADA, GRACE)]
            await camera.roll(pilot, 3.4)
            await scene.talk()
            await scene.mark()
            await scene.search()
            await scene.pose()
        for member in members:
            member.cancel()
        await asyncio.gather(*members, return_exceptions=True)
        outbox.close()
    return camera, scene.stills


def main() -> None:
    """Film the scene, and keep it and the stills."""
    camera, stills = asyncio.run(film())
    length_s = camera.frames[-1].at_s + LAST_S
    (HERE / "recording.svg").write_text(recording(camera.frames, length_s), encoding="utf-8")
    for name, svg in stills.items():
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
