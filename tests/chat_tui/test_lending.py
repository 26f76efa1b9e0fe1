"""While the terminal is lent nothing is read and all else goes on; afterwards nothing is taken for granted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

import pytest
from textual.app import App, SuspendNotSupported

from chat_tui.model.attention import ReceiptState
from tests.chat_tui.people import DWELL_MS, Peer, Person

Start = Callable[..., AbstractAsyncContextManager[Person]]
Join = AbstractAsyncContextManager[Peer]


@pytest.fixture
def can_suspend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's app without a terminal has none to give away; what it would do with one is tried in tmux."""

    @contextmanager
    def suspend(_app: App[None]) -> Iterator[None]:
        yield

    monkeypatch.setattr(App, "suspend", suspend)


@asynccontextmanager
async def lent(john: Person) -> AsyncIterator[None]:
    """Somebody else has the terminal."""
    over = asyncio.Event()
    lending = asyncio.ensure_future(john.app.lend(over.wait))
    await john.until(lambda: john.app.is_lent)
    yield
    over.set()
    await lending
    await john.settle()


@pytest.mark.usefixtures("can_suspend")
@pytest.mark.parametrize("reports_focus", [True, False])
async def test_what_comes_meanwhile_is_read_once_one_is_back(
    john: Start, mary: Join, *, reports_focus: bool
) -> None:
    async with mary as mary_, john() as john_:
        await john_.until_online()
        await (john_.focus() if reports_focus else john_.press("x"))
        async with lent(john_):
            (message_id,) = await mary_.post("behind it")
            await john_.until(lambda: john_.message("behind it") is not None)
            await john_.wait(2 * DWELL_MS)
            assert john_.receipts is (ReceiptState.AWAY if reports_focus else ReceiptState.COVERED)
            assert not john_.app._session.owed.reads
            assert await mary_.readers(message_id) == []
        await john_.until(lambda: message_id in john_.visible)
        await john_.wait(DWELL_MS - 1)
        assert not john_.app._session.owed.reads
        if reports_focus:
            await john_.wait(2 * DWELL_MS)
            assert john_.receipts is ReceiptState.AWAY
            assert not john_.app._session.owed.reads
            await john_.press("x")
        await john_.wait(DWELL_MS)
        await john_.wait(DWELL_MS)
        await john_.until_told()
        assert await mary_.readers(message_id) == [john_.name]


@pytest.mark.usefixtures("can_suspend")
async def test_no_bell_is_written_to_it(john: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    async with john() as john_:
        monkeypatch.setattr(App, "bell", lambda _app: rung.append("rung"))
        async with lent(john_):
            john_.app.bell()
            assert rung == []
        john_.app.bell()
        assert rung == ["rung"]


@pytest.mark.usefixtures("can_suspend")
async def test_what_fails_in_it_gives_it_back(john: Start) -> None:
    async def fail() -> None:
        raise ValueError("no")

    async with john() as john_:
        with pytest.raises(ValueError, match="no"):
            await john_.app.lend(fail)
        assert not john_.app.is_lent


async def test_where_there_is_none_it_is_not_lent(john: Start) -> None:
    async with john() as john_:
        with pytest.raises(SuspendNotSupported):
            await john_.app.lend(asyncio.Event().wait)
        assert not john_.app.is_covered()
