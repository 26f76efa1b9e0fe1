"""What is known of a room before one is in it."""

from chat_server.protocol import RoomListing, Rooms
from chat_tui.model.entering import Entering
from chat_tui.model.events import Turned

OPS = Turned("ops", "Operations")
LISTED = Rooms(
    rooms=(
        RoomListing("ops", "Ops", 2, joined=False, policy={"receipts": "required"}),
        RoomListing("tea", "Tea", 2, joined=False),
    )
)


def test_a_room_is_known_once_all_rooms_were_told() -> None:
    entering = Entering()
    assert (entering.listing, entering.requires("ops")) == (None, None)
    assert entering.hear(LISTED) is None
    assert entering.listing == LISTED
    assert [entering.requires(each) for each in ("ops", "tea", "new")] == [True, False, None]


def test_who_waits_for_it_is_told_once() -> None:
    entering = Entering()
    entering.want(Turned("tea"))
    entering.want(OPS)
    assert entering.hear(LISTED) == OPS
    assert entering.hear(LISTED) is None


def test_a_cut_leaves_nobody_waiting() -> None:
    entering = Entering()
    assert entering.cut() is False
    entering.want(Turned("tea"))
    assert entering.cut() is True
    assert entering.hear(LISTED) is None
