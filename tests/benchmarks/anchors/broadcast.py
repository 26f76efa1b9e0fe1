"""A chat as the documentation of websockets has it: `broadcast` to all connections of a room.

python -m tests.benchmarks.anchors.broadcast [uvloop]
"""

import itertools
from collections import defaultdict
from typing import Final

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from tests.benchmarks.anchors.loops import run, say_port
from tests.benchmarks.anchors.messages import JOINED, decoded, told

_rooms: Final[defaultdict[str, set[ServerConnection]]] = defaultdict(set)
_names: Final = itertools.count()


async def converse(socket: ServerConnection) -> None:
    room, sender = "", f"n{next(_names)}"
    try:
        async for frame in socket:
            request = decoded(frame)
            room = request.room
            if request.type == "join":
                _rooms[room].add(socket)
                await socket.send(JOINED.decode())
            else:
                broadcast(_rooms[room], told(request, sender, len(_rooms[room])).decode())
    except ConnectionClosed:
        pass
    finally:
        _rooms[room].discard(socket)


async def main() -> None:
    async with serve(converse, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=1024) as server:
        say_port(next(iter(server.sockets)).getsockname()[1])
        await server.serve_forever()


if __name__ == "__main__":
    run(main())
