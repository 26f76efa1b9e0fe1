"""Going back and forward through what was sent."""

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.text.sentlines import LINES_MAX, SentLines


def sent(*lines: str) -> SentLines:
    made = SentLines()
    for line in lines:
        made.add(line)
    return made


def test_back_and_forward() -> None:
    lines = sent("one", "two", "three")
    assert lines.newer("") is None
    assert lines.older("") == "three"
    assert lines.older("three") == "two"
    assert lines.older("two") == "one"
    assert lines.older("one") is None
    assert lines.newer("one") == "two"
    assert lines.newer("two") == "three"
    assert lines.newer("three") == ""
    assert lines.newer("") is None
    assert lines.older("") == "three"


def test_what_is_written_is_what_is_looked_for() -> None:
    lines = sent("deploy at TEN", "no", "deploy now", "yes")
    assert lines.older("Deploy") == "deploy now"
    assert lines.older("deploy now") == "deploy at TEN"
    assert lines.newer("deploy at TEN") == "deploy now"
    assert lines.newer("deploy now") == "Deploy"
    assert lines.older("ten") == "deploy at TEN"
    assert lines.older("nothing") is None
    assert lines.newer("nothing") is None


def test_what_was_changed_begins_anew() -> None:
    lines = sent("a", "ab", "abc")
    assert lines.older("") == "abc"
    assert lines.older("ab") == "abc"
    assert lines.newer("abx") is None
    assert lines.older("abx") is None


def test_sending_begins_anew() -> None:
    lines = sent("a", "b")
    assert lines.older("") == "b"
    lines.add("c")
    assert lines.newer("b") is None
    assert lines.older("") == "c"


def test_a_line_is_met_once() -> None:
    lines = sent("a", "b", "b", "a")
    assert lines.older("") == "a"
    assert lines.older("a") == "b"
    assert lines.older("b") is None
    assert sent("same").older("same") is None


@given(st.lists(st.text(max_size=3)), st.text(max_size=2))
def test_all_that_can_be_met_is_met_and_one_comes_back_to_where_one_was(lines: list[str], written: str) -> None:
    made = sent(*lines)
    met = [written]
    while (line := made.older(met[-1])) is not None:
        met.append(line)
    assert set(met) == {each for each in lines if written.casefold() in each.casefold()} | {written}
    assert len(set(met)) == len(met)
    back = [met[-1]]
    while (line := made.newer(back[-1])) is not None:
        back.append(line)
    assert back == met[::-1]


def test_the_oldest_are_let_go() -> None:
    made = sent(*map(str, range(LINES_MAX + 1)))
    met = [""]
    while (line := made.older(met[-1])) is not None:
        met.append(line)
    assert met[1:] == [str(number) for number in range(LINES_MAX, 0, -1)]
