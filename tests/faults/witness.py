"""A fresh client that pages through everything and asks of each message who has read it."""

from dataclasses import dataclass
from typing import Final

from chat_server.protocol import FetchHistory, FetchInfo, FetchMembers, History, Info, Members, Message
from tests.chat_tui.people import Peer

ROOM: Final = "stage"
OVERSEER: Final = "overseer"


@dataclass(frozen=True)
class Account:
    """What the server says of the room."""

    messages: tuple[Message, ...]
    """As they came, page by page."""
    readers: dict[int, dict[str, int]]
    """Per id who has read it, and when."""

    @property
    def facts(self) -> tuple[object, ...]:
        """All of it that must be the same whoever asks: a nonce is told to its author only."""
        said = tuple((each.id, each.sender, each.content, each.sent_at, each.audience) for each in self.messages)
        return said, self.readers


async def testify(url: str, name: str) -> Account:
    """Ask for everything."""
    async with Peer.on(url, name, ROOM) as peer:
        messages = await _messages(peer)
        readers = {}
        for each in messages:
            info = await peer.ask(FetchInfo(ref=f"info {each.id}", room=ROOM, message_id=each.id))
            assert isinstance(info, Info)
            readers[each.id] = {read.reader: read.read_at for read in info.read_by}
        return Account(tuple(messages), readers)


async def _messages(peer: Peer) -> list[Message]:
    messages: list[Message] = []
    more = True
    while more:
        after = messages[-1].id if messages else 0
        page = await peer.ask(FetchHistory(ref=f"after {after}", room=ROOM, after=after))
        assert isinstance(page, History)
        messages += page.messages
        more = page.more
    return messages


async def online(peer: Peer, ref: str) -> set[str]:
    """Who of the room is connected."""
    members = await peer.ask(FetchMembers(ref=ref, room=ROOM))
    assert isinstance(members, Members)
    return set(members.online)
