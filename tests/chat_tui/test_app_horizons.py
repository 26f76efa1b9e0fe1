"""How far others have read, at the app, against a real server."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tests.chat_tui.people import Peer, Person

Start = Callable[..., AbstractAsyncContextManager[Person]]
Other = AbstractAsyncContextManager[Peer]


def row_of(john: Person, text: str) -> str:
    return next(row for row in john.rows if text in row).rstrip(" ▐")


async def test_the_key_shows_how_far_others_have_read_and_it_stays_so(john: Start, mary: Other) -> None:
    async with mary as mary_:
        mark = f"← {mary_.name}"
        async with john() as john_:
            await john_.until_online()
            await john_.focus()
            await john_.write("first")
            await john_.write("second")
            await john_.until(lambda: john_.tick("second") == "✓")
            await mary_.read(1, 1)
            await john_.press("tab", "h")
            await john_.until(lambda: row_of(john_, "first").endswith(mark), "a name at the first")
            assert any("how far others have read" in each for each in john_.toasts)
            await mary_.read(2, 2)
            await john_.press("f5")
            john_.app.look_at_horizons()
            assert john_.app._session._current.margin._asked == ""
            await john_.press("escape")
            john_.app.look_at_horizons()
            await john_.until(lambda: row_of(john_, "second").endswith(mark), "a name at the second")
            assert not row_of(john_, "first").endswith(mark)
            await john_.resize(50, 20)
            assert not john_.sees("←")
            await john_.resize(80, 24)
            await john_.until(lambda: john_.sees("←"))
        async with john() as john_:
            await john_.until_online()
            await john_.until(lambda: row_of(john_, "second").endswith(mark), "still there")
            await john_.press("tab", "h")
            assert not john_.sees("←")


async def test_nobody_asks_while_nobody_looks(john: Start, mary: Other) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await john_.focus()
        await john_.press("tab", "h")
        await john_.until(lambda: not john_.app._session._current.margin._asked)
        await mary_.post("hello")
        await john_.blur()
        john_.app.look_at_horizons()
        assert john_.app._session._current.margin._asked == ""
        await john_.focus()
        john_.app.look_at_horizons()
        assert john_.app._session._current.margin._asked != ""
