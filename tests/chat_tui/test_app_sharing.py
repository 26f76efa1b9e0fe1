"""Who sees what one reads, at the app, against a real server: keys, clicks and commands that choose it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from textual.widgets import OptionList

from chat_server.protocol import ChangeSettings, Edit, Join
from chat_tui.screens.consent import ConsentScreen
from chat_tui.screens.picker import PickerScreen
from chat_tui.screens.sharing import SharingScreen
from tests.chat_tui.people import DWELL_MS, Clock, Host, Peer, Person, at_the_app
from tests.chat_tui.test_app_rooms import go_to

Start = Callable[..., AbstractAsyncContextManager[Person]]
Other = AbstractAsyncContextManager[Peer]


async def choose(john: Person, option: str) -> None:
    """With the arrow keys and Enter."""
    options = john.app.screen.query_one(OptionList)
    while options.get_option_at_index(options.highlighted or 0).id != option:
        await john.press("down")
    await john.press("enter")


async def until_shares(john: Person, mode: str) -> None:
    await john.until(lambda: john.app._session.status().sharing == mode, mode)
    await john.settle()


async def test_one_chooses_by_keys_and_is_shown_what_holds(john: Start, mary: Other) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.press("f5")
        assert isinstance(john_.app.screen, SharingScreen)
        assert john_.sees("● as everywhere: public")
        await choose(john_, "here-private")
        await until_shares(john_, "private")
        assert john_.sees("● private")
        assert john_.sees("○ as everywhere: public")
        assert john_.sees("Only your own devices")
        ids = await mary_.post("covered")
        await john_.until(lambda: john_.message("covered"))
        await john_.wait(10 * DWELL_MS)
        assert john_.app._session.owed.reads == {}
        await john_.press("f5")
        assert john_.status.endswith("receipts: private ")
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.read_by(john_.name, ids) == set()
        await john_.press("f5")
        await choose(john_, "everywhere-off")
        await john_.until(lambda: john_.sees("● off"))
        assert john_.sees("● private")
        await choose(john_, "here-default")
        await until_shares(john_, "off")
        await john_.press("escape")
        for width in (80, 40):
            await john_.resize(width, 15)
            assert john_.status.splitlines()[0].endswith("receipts: off ")


async def test_one_chooses_by_mouse_and_another_device_is_shown_it_at_once(
    john: Start, shared_host: Host, room: str
) -> None:
    async with john() as john_, Peer.on(shared_host.url, john_.name, room) as device:
        await john_.until_online()
        await john_.press("f5")
        options = john_.app.screen.query_one(OptionList)
        await john_.pilot.click(OptionList, offset=(5, options.get_option_index("here-off")))
        await until_shares(john_, "off")
        await device.ask(ChangeSettings(ref="s", rooms={room: "public"}))
        await until_shares(john_, "public")
        assert john_.sees("● public")


async def test_a_command_chooses_for_the_room_and_says_so(john: Start, mary: Other) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.write("/receipts off")
        await until_shares(john_, "off")
        await john_.until(lambda: any(f"#{mary_.room} are off: nothing that" in each for each in john_.toasts))
        ids = await mary_.post("unseen")
        await john_.until(lambda: set(ids) <= john_.visible)
        await john_.wait(DWELL_MS)
        assert john_.app._session.owed.reads == {}
        await john_.write("/receipts default")
        await until_shares(john_, "public")
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.read_by(john_.name, ids) == set(ids)
        await john_.write("/receipts")
        assert isinstance(john_.app.screen, SharingScreen)
        await john_.press("q")
        await john_.write("/receipts never")
        assert john_.composer == "/receipts never"


async def test_who_shares_no_more_is_shown_nobodys_reading(john: Start, mary: Other) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.write("hello")
        await john_.until(lambda: john_.tick("hello") == "✓")
        await mary_.read(1, 1)
        await john_.until(lambda: john_.tick("hello") == "✓✓")
        await john_.write("/receipts private")
        await until_shares(john_, "private")
        assert john_.tick("hello") == "✓"
        await john_.press("tab", "i")
        await john_.until(lambda: john_.sees("You do not share what you read here"))
        await john_.press("escape", "tab")
        await john_.write("/receipts public")
        await john_.until(lambda: john_.tick("hello") == "✓✓")


async def test_who_has_read_an_earlier_text_is_listed_apart(
    john: Start, mary: Other, shared_host: Host, room: str
) -> None:
    async with mary as mary_, Peer.on(shared_host.url, f"Ada-{room}", room) as ada, john() as john_:
        await john_.until_online()
        (each,) = await mary_.post("at five")
        await ada.read(each, each)
        await mary_.ask(Edit(ref="e", room=room, message_id=each, content="at six"))
        await john_.until(lambda: john_.message("at six"))
        await john_.press("tab", "i")
        await john_.until(lambda: john_.sees("Read by 0 of 2"))
        shown = john_.screen
        assert (
            shown.index("It was edited since") < shown.index("Have read an earlier text") < shown.index(ada.name)
        )
        assert shown.index(ada.name) < shown.index("Not yet") < shown.rindex(john_.name)


async def test_a_room_that_requires_receipts_asks_first_and_refuses_another_choice(
    john: Start, mary: Other, room: str
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await mary_.ask(Join(ref="j", room=f"{room}-ops", receipts="required"))
        await john_.write("/rooms")
        await john_.until(lambda: isinstance(john_.app.screen, PickerScreen))
        await john_.press(*f"{room}-ops")
        await john_.until(lambda: john_.sees("1 member, receipts required"))
        await john_.press("escape")
        await john_.write(f"/join {room}-ops")
        await john_.until(lambda: isinstance(john_.app.screen, ConsentScreen))
        await john_.settle()
        assert john_.sees("sees what you have")
        await john_.press("enter")
        assert john_.app._session.room == room
        await john_.write(f"/join {room}-ops")
        await john_.until(lambda: isinstance(john_.app.screen, ConsentScreen))
        await john_.press("y")
        await john_.until(lambda: john_.app._session.room == f"{room}-ops")
        await john_.settle()
        await john_.press("f5")
        await john_.until(lambda: john_.sees("This room requires receipts"))
        await john_.press("escape")
        await john_.write("/receipts off")
        await john_.until(lambda: any("everybody shares what they read" in each for each in john_.toasts))
        assert john_.app._session.status().sharing == "public"
        john_.app.clear_notifications()
        await john_.press("ctrl+k")
        await john_.until(lambda: isinstance(john_.app.screen, PickerScreen))
        await john_.until(lambda: john_.sees("here, receipts required"))


async def test_a_room_can_be_made_to_require_receipts(john: Start, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.write(f"/join {room}-new required")
        await john_.until(lambda: john_.app._session.room == f"{room}-new")
        assert john_.app._session.sharing().required
        await go_to(john_, f"{room}-free")
        assert not john_.app._session.sharing().required


async def test_without_a_server_nothing_is_chosen_and_that_is_said(
    host: Host, room: str, clock: Clock, tmp_path: Path
) -> None:
    async with at_the_app(host.url, "John", room, tmp_path / "state", clock) as john_:
        await john_.until_online()
        host.kill()
        await john_.until(lambda: john_.app._session.status().link.value == "offline")
        await john_.write("/receipts off")
        assert john_.toasts[-1].startswith("There is no connection")
