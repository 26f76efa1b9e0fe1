"""What is kept of a room's changes, and what is said of what is not."""

import pytest

from chat_server import changes as changes_module
from chat_server.changes import Change, Changes, follows

FIRST, SECOND, THIRD = Change(3, deleted=1), Change(5, renamed=("ann", "anna")), Change(6, deleted=2)


@pytest.mark.parametrize(
    ("revision", "expected"),
    [(0, [FIRST, SECOND, THIRD]), (3, [SECOND, THIRD]), (4, [SECOND, THIRD]), (5, [THIRD]), (6, []), (9, [])],
)
def test_those_after_a_revision(revision: int, expected: list[Change]) -> None:
    assert Changes([FIRST, SECOND, THIRD]).since(revision) == expected


def test_what_is_kept_is_bounded_and_what_is_not_kept_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "CHANGES_MAX", 2)
    changes = Changes()
    changes.add(FIRST)
    changes.add(SECOND)
    assert (changes.kept, changes.forgotten) == ((FIRST, SECOND), 0)
    changes.add(THIRD)
    assert (changes.kept, changes.forgotten) == ((SECOND, THIRD), 3)
    assert changes.since(2) is None
    assert changes.since(3) == [SECOND, THIRD]


def test_of_one_message_only_the_latest_alteration_is_kept() -> None:
    changes = Changes()
    for at, each in enumerate((1, 2, 1), 1):
        changes.add(Change(at, altered=each))
    changes.add(Change(4, deleted=2))
    assert changes.kept == (Change(2, altered=2), Change(3, altered=1), Change(4, deleted=2))
    assert changes.since(1) == list(changes.kept)


@pytest.mark.parametrize(
    ("kept", "forgotten", "revision", "expected"),
    [
        ([], 0, 0, True),
        ([FIRST, SECOND, THIRD], 0, 6, True),
        ([FIRST, SECOND, THIRD], 2, 6, True),
        ([FIRST, SECOND, THIRD], 3, 6, False),
        ([FIRST, SECOND, THIRD], 0, 5, False),
        ([SECOND, FIRST], 0, 6, False),
        ([FIRST, FIRST], 0, 6, False),
        ([Change(1)], 0, 6, False),
        ([Change(1, altered=1)], 0, 6, True),
        ([Change(1, deleted=1, altered=1)], 0, 6, False),
        ([Change(1, deleted=1, renamed=("ann", "anna"))], 0, 6, False),
        ([Change(each, deleted=each) for each in range(1, 1_001)], 0, 1_000, True),
        ([Change(each, deleted=each) for each in range(1, 1_002)], 0, 1_001, False),
        ([], 7, 6, False),
    ],
)
def test_whether_they_can_be_a_rooms(kept: list[Change], forgotten: int, revision: int, *, expected: bool) -> None:
    assert follows(kept, forgotten, revision) is expected
