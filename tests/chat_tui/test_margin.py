"""How far others have read: asked one at a time, told by message, forgotten."""

from itertools import count

import pytest

from chat_server.protocol import FetchHorizons, Horizon, Horizons
from chat_tui.model.margin import Margin
from tests.chat_tui.frames import ANN, BOB, ROOM

TOLD = Horizons(room=ROOM, horizons=(Horizon(ANN, 7, 200), Horizon("c\x1bid", 3, 50), Horizon(BOB, 7, 100)))


@pytest.fixture
def margin() -> Margin:
    numbers = count(1)
    return Margin(ROOM, lambda kind: f"{kind}-{next(numbers)}")


def test_one_is_asked_at_a_time(margin: Margin) -> None:
    assert list(margin.ask()) == [FetchHorizons(ref="horizons-1", room=ROOM)]
    assert list(margin.ask()) == []
    margin.refused("another")
    assert list(margin.ask()) == []
    margin.refused("horizons-1")
    assert list(margin.ask()) == [FetchHorizons(ref="horizons-2", room=ROOM)]
    margin.cut()
    assert list(margin.ask()) == [FetchHorizons(ref="horizons-3", room=ROOM)]
    margin.hear(TOLD)
    assert list(margin.ask()) == [FetchHorizons(ref="horizons-4", room=ROOM)]


def test_names_stand_at_their_messages_the_earliest_reader_first(margin: Margin) -> None:
    told = [margin.read_to]
    margin.hear(TOLD)
    told.append(margin.read_to)
    margin.forget()
    told.append(margin.read_to)
    assert told == [(), ((3, ("c\\x1bid",)), (7, (BOB, ANN))), ()]
