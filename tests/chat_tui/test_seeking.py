"""Going to places: what is asked, which pages are kept from the window, and the way back."""

from collections.abc import Iterable, Iterator
from itertools import count

import pytest
from msgspec import structs

from chat_server.protocol import FetchHistory, History, Message, Refused
from chat_tui.model import seeking as seeking_module
from chat_tui.model.deeds import OFFLINE
from chat_tui.model.effects import Effect, Say, Show
from chat_tui.model.events import Moment
from chat_tui.model.finding import MomentFinder, UnreadFinder
from chat_tui.model.holdup import Question
from chat_tui.model.room import Gaze, Room
from chat_tui.model.seeking import CUT, LOOKING, NO_SUCH, REMOVED, Place, Seeking
from chat_tui.model.view import Aim
from tests.chat_tui.frames import ME, ROOM, message, messages, page, summary

LAST = 900
END = Place(ROOM, None)
NOON = Moment(1_000 + 450, None, "noon")
"""When message 450 was sent."""


def say(questions: Iterable[Question]) -> Iterator[Effect]:
    return map(Say, questions)


class Person:
    """Somebody in one room of 900 messages, of which the last hundred are held."""

    def __init__(self) -> None:
        numbers = count(1)

        def ref(kind: str) -> str:
            return f"{kind}-{next(numbers)}"

        self.room = Room(ROOM, ME, ref, say)
        self.room.replica.summarise(summary(LAST))
        self.room.replica.replace(page(*messages(801, LAST)))
        self.seeking = Seeking(ref, say)

    def jump(self, message_id: int, origin: Place | None = END, *, online: bool = True) -> list[Effect]:
        return list(self.seeking.jump(self.room, message_id, origin, online=online))

    def find(self, moment: Moment = NOON, *, online: bool = True) -> list[Effect]:
        finder = MomentFinder(self.room.replica, moment)
        return list(self.seeking.find(self.room, finder, END, online=online))

    def hear(self, frame: History) -> list[Effect]:
        """As a session hears it."""
        if self.seeking.withholds(frame, self.room):
            self.room.pages.refused(frame.ref or "")
        else:
            list(self.room.hear(frame, Gaze(current=True, attended=True, following=False)))
        return list(self.seeking.hear(frame, self.room))

    @property
    def window(self) -> tuple[int, int]:
        return self.room.replica.first, self.room.replica.last

    @property
    def aim(self) -> int | None:
        return self.seeking.aim.message_id if self.seeking.aim is not None else None


@pytest.fixture
def person() -> Person:
    return Person()


def removed(message_id: int) -> Message:
    return structs.replace(message(message_id), content="", deleted_at=9)


def test_what_is_held_is_gone_to_without_a_question(person: Person) -> None:
    assert person.jump(850) == []
    assert person.seeking.aim == Aim(ROOM, 850, 1)
    assert person.jump(850) == []
    assert person.seeking.aim == Aim(ROOM, 850, 2)
    assert person.seeking.said == ""


def test_what_is_not_held_is_gone_to_once_the_page_around_it_is_the_window(person: Person) -> None:
    asked = FetchHistory(ref="page-1", room=ROOM, around=400)
    assert person.jump(400) == [Say(asked)]
    assert (person.seeking.said, person.aim, person.window) == (LOOKING, None, (801, 900))
    assert person.hear(page(*messages(301, 500), ref="page-1")) == []
    assert (person.seeking.said, person.aim, person.window) == ("", 400, (301, 500))


@pytest.mark.parametrize("message_id", [-1, 0, 901])
def test_what_cannot_exist_is_not_asked_for(person: Person, message_id: int) -> None:
    assert person.jump(message_id) == [Show(NO_SUCH, is_warning=True)]
    assert person.aim is None


@pytest.mark.parametrize(
    ("told", "why"),
    [(messages(500, 600), NO_SUCH), ((), NO_SUCH), ((*messages(300, 399), removed(400)), REMOVED)],
)
def test_for_what_is_not_there_the_view_does_not_move(person: Person, told: tuple[Message, ...], why: str) -> None:
    person.jump(400)
    assert person.hear(page(*told, ref="page-1")) == [Show(why, is_warning=True)]
    assert (person.aim, person.window, person.seeking.said) == (None, (801, 900), "")


def test_a_removed_message_that_is_held_is_not_gone_to(person: Person) -> None:
    person.room.replica.replace(page(*messages(801, 849), removed(850), *messages(851, LAST)))
    assert person.jump(850) == [Show(REMOVED)]
    assert person.aim is None


def test_a_room_that_begins_with_a_jump_takes_the_page_whatever_is_in_it(person: Person) -> None:
    person.room.replica.close()
    person.jump(400)
    assert person.hear(page(*messages(301, 399), removed(400), ref="page-1")) == [Show(REMOVED, is_warning=True)]
    assert (person.aim, person.window) == (None, (301, 400))


def test_offline_only_what_is_held_is_gone_to(person: Person) -> None:
    assert person.jump(400, online=False) == [Show(OFFLINE, is_warning=True)]
    assert person.jump(850, online=False) == []
    assert person.find(online=False) == [Show(OFFLINE, is_warning=True)]
    assert person.aim == 850


def test_a_moment_is_looked_for_without_touching_the_window(person: Person) -> None:
    effects = person.find()
    questions = 0
    while person.aim is None:
        assert person.seeking.said in ("Looking for noon", LOOKING)
        (effect,) = effects
        assert isinstance(effect, Say)
        assert isinstance(effect.request, FetchHistory)
        around, limit = effect.request.around, effect.request.limit
        assert around is not None
        assert person.window == (801, 900)
        questions += 1
        first = around - limit // 2
        effects = person.hear(page(*messages(first, first + limit - 1), ref=effect.request.ref))
    assert (person.aim, effects, person.seeking.said) == (450, [], "")
    assert questions <= 11


def test_what_is_found_in_the_window_is_gone_to_with_what_there_is_to_say(person: Person) -> None:
    assert person.find(Moment(1_850, 9_000, "March")) == []
    assert person.aim == 850
    late = Moment(9_000, None, "April")
    assert person.find(late) == [Show("Nothing was written since April. This is the newest message.")]
    assert person.aim == 900
    finder = UnreadFinder(person.room.replica, person.room.tally, 900)
    effects = list(person.seeking.find(person.room, finder, END, online=True))
    assert effects == [Show("Nothing is unread here.")]


def test_a_day_whose_first_message_was_removed_is_gone_to(person: Person) -> None:
    person.room.replica.replace(page(*messages(801, 849), removed(850), *messages(851, LAST)))
    assert person.find(Moment(1_850, None, "March")) == []
    assert person.aim == 850


def test_what_is_abandoned_moves_nothing_when_it_comes(person: Person) -> None:
    person.jump(400)
    person.seeking.abandon()
    person.seeking.abandon()
    assert person.seeking.said == ""
    assert person.hear(page(*messages(301, 500), ref="page-1")) == []
    assert (person.aim, person.window) == (None, (801, 900))
    assert person.hear(page(*messages(301, 500))) == []
    person.room.replica.close()
    person.jump(400)
    person.seeking.abandon()
    assert person.hear(page(*messages(301, 500), ref="page-2")) == []
    assert (person.aim, person.window) == (None, (301, 500))


def test_an_abandoned_question_of_a_search_is_never_the_window(person: Person) -> None:
    person.find()
    person.seeking.abandon()
    person.room.replica.close()
    assert person.hear(page(message(450), ref="find-1")) == []
    assert not person.room.replica.loaded


def test_another_jump_takes_the_place_of_the_first(person: Person) -> None:
    person.jump(400)
    person.jump(200)
    assert person.hear(page(*messages(301, 500), ref="page-1")) == []
    assert (person.aim, person.window) == (None, (801, 900))
    person.hear(page(*messages(101, 300), ref="page-2"))
    assert (person.aim, person.window) == (200, (101, 300))


def refusal(ref: str) -> Refused:
    return Refused(code="not-a-member", reason="You are\nnot in it.", ref=ref)


def test_a_refusal_is_said(person: Person) -> None:
    person.jump(400)
    assert list(person.seeking.refused(refusal("page-9"), person.room)) == []
    effects = list(person.seeking.refused(refusal("page-1"), person.room))
    assert effects == [Show("You are not in it.", is_warning=True)]
    assert person.seeking.said == ""


def test_a_room_that_would_have_begun_with_what_is_refused_begins_as_it_else_would(person: Person) -> None:
    person.room.replica.close()
    person.jump(400)
    person.seeking.abandon()
    (effect,) = person.seeking.refused(refusal("page-1"), person.room)
    assert isinstance(effect, Say)
    assert isinstance(effect.request, FetchHistory)
    assert effect.request.before is not None


def test_a_cut_ends_what_is_looked_for(person: Person) -> None:
    assert list(person.seeking.cut()) == []
    person.find()
    assert list(person.seeking.cut()) == [Show(CUT, is_warning=True)]
    assert (person.seeking.said, list(person.seeking.cut())) == ("", [])


def test_the_way_back_is_where_one_came_from(person: Person) -> None:
    person.jump(850)
    person.jump(860, Place(ROOM, 850))
    person.jump(860, Place(ROOM, 860))
    person.jump(870, None)
    person.jump(880, Place("tea", 3))
    backs = [person.seeking.back(ROOM) for _ in range(4)]
    assert backs == [Place("tea", 3), Place(ROOM, 850), END, None]
    assert person.seeking.back("tea") is None


def test_only_so_much_of_the_way_is_kept_and_none_for_another_history(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking_module, "TRAIL_MAX", 2)
    for each in (850, 860, 870):
        person.jump(each, Place(ROOM, each - 1))
    assert [person.seeking.back(ROOM) for _ in range(3)] == [Place(ROOM, 869), Place(ROOM, 859), None]
    person.jump(850)
    person.seeking.forget()
    assert person.seeking.back(ROOM) is None


def test_the_end_is_followed(person: Person) -> None:
    person.jump(400)
    person.seeking.follow(ROOM)
    assert (person.seeking.aim, person.seeking.said) == (Aim(ROOM, None, 1), "")
