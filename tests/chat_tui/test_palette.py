"""What is told by name to be done, by the palette."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from chat_tui.screens.picker import PickerScreen
from chat_tui.screens.prompt import PromptScreen
from chat_tui.text.commands import HELP, Verb
from tests.chat_tui.people import Person

Start = Callable[..., AbstractAsyncContextManager[Person]]


async def choose(person: Person, words: str) -> None:
    await person.press("ctrl+p")
    await person.press(*words)
    await person.settle()
    await person.press("enter")


async def test_a_command_asks_for_what_it_is_about(john: Start, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        await john_.press(*"half a draft")
        await choose(john_, "/join")
        prompt = HELP[Verb.JOIN].split(";")[0]
        await john_.until(lambda: isinstance(john_.app.screen, PromptScreen) and john_.sees(prompt))
        await john_.press(*f"tea-{room}", "enter")
        await john_.until(lambda: john_.app._session.room == f"tea-{room}")
        await choose(john_, "/leave")
        await john_.until(lambda: john_.app._session.room != f"tea-{room}")
        await john_.press("ctrl+k", *room, "enter")
        await john_.until(lambda: john_.composer == "half a draft")


async def test_a_command_that_takes_nothing_is_done_at_once(john: Start) -> None:
    async with john() as john_:
        await john_.until_online()
        await choose(john_, "/rooms")
        await john_.until(lambda: isinstance(john_.app.screen, PickerScreen))


async def test_nothing_and_nonsense_do_nothing(john: Start, room: str) -> None:
    async with john() as john_:
        await john_.until_online()
        await choose(john_, "/kick")
        await john_.until(lambda: isinstance(john_.app.screen, PromptScreen))
        await john_.press("enter")
        await john_.until(lambda: john_.app.screen is john_.app._chat)
        await choose(john_, "/kick")
        await john_.until(lambda: isinstance(john_.app.screen, PromptScreen))
        await john_.press("escape")
        await john_.until(lambda: john_.app.screen is john_.app._chat)
        await choose(john_, "/kick")
        await john_.until(lambda: isinstance(john_.app.screen, PromptScreen))
        await john_.press(*"two names", "enter")
        await john_.until(lambda: john_.sees("Write one name after it"))
        assert john_.app._session.room == room
