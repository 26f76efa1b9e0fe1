"""What stands above a message, how its rows are numbered, and what is taken over from an older layout."""

from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from rich.cells import cell_len

from chat_tui.model.view import ConversationView, MessageView, ReplyView, Tick, TickState
from chat_tui.widgets.layout import Columns, Lead, RowKind, lay_out, lead_of, notice_rows, reaction_at
from chat_tui.widgets.rows import Anchor, Rows, lay_rows
from tests.chat_tui.conversations import MINUTE_MS, NOON_MS, message, view_of

FIRST = message(5)
COLUMNS = Columns(60)


@pytest.mark.parametrize(
    ("change", "lead"),
    [
        ({}, Lead()),
        ({"at_ms": FIRST.at_ms + 5 * MINUTE_MS}, Lead()),
        ({"at_ms": FIRST.at_ms + 5 * MINUTE_MS + 1}, Lead(clock="12:10", parted=True)),
        ({"at_ms": FIRST.at_ms - 6 * MINUTE_MS}, Lead()),
        ({"pinned": True}, Lead(clock="12:06", parted=True)),
        ({"sender": "other"}, Lead(clock="12:06", parted=True)),
        ({"own": True}, Lead(clock="12:06", parted=True)),
        ({"at_ms": NOON_MS + 12 * 60 * MINUTE_MS}, Lead(day="2026-11-25", clock="00:00", parted=True)),
    ],
)
def test_lead(change: dict[str, object], lead: Lead) -> None:
    following = replace(message(6), **change)  # type: ignore[arg-type]
    assert lead_of(following, FIRST, is_new=False, zone=UTC) == lead


def test_the_first_message_has_its_day_and_sender() -> None:
    assert lead_of(FIRST, None, is_new=False, zone=UTC) == Lead(day="2026-11-24", clock="12:05")


def test_the_new_line_names_the_sender_again() -> None:
    assert lead_of(message(6), FIRST, is_new=True, zone=UTC) == Lead(is_new=True, clock="12:06", parted=True)


def test_days_are_those_of_the_zone() -> None:
    east = timezone(timedelta(hours=13))
    assert lead_of(FIRST, None, is_new=False, zone=east) == Lead(day="2026-11-25", clock="01:05")
    assert lead_of(FIRST, None, is_new=False).day.startswith("2026-11-2")


@pytest.mark.parametrize("at_ms", [-1, 0, 2**53, 2**63])
def test_any_clock_of_a_peer_has_a_day(at_ms: int) -> None:
    assert lead_of(replace(FIRST, at_ms=at_ms), FIRST, is_new=False).clock


def test_rows_of_a_refused_message() -> None:
    refused = MessageView(
        key="n",
        id=None,
        sender="me",
        text="one\ntwo",
        at_ms=NOON_MS,
        own=True,
        tick=Tick(TickState.REFUSED),
        reason="too\nlong",
    )
    block = lay_out(refused, Lead(day="2026-11-24", is_new=True, clock="12:00", parted=True), COLUMNS)
    assert [row.kind.name for row in block.rows] == ["BLANK", "DAY", "NEW", "HEADER", "BODY", "BODY", "REASON"]
    assert [row.text for row in block.rows[block.body :]] == ["one", "two", "too long"]
    assert [row.is_last for row in block.rows] == [False] * 6 + [True]
    assert [row.is_first for row in block.rows] == [False] * 4 + [True] + [False] * 2
    assert block.starts == (0, 4, 8)
    assert [block.row_at(place) for place in (0, 3, 4, 7, 8, 99)] == [4, 4, 5, 5, 6, 6]


def test_a_deleted_message_is_rows_of_their_own_kind() -> None:
    removed = replace(FIRST, text="message removed by somebody of a long name", removed=True)
    block = lay_out(removed, Lead(), Columns(24))
    assert {row.kind for row in block.rows} == {RowKind.REMOVED}
    assert [(row.is_body, row.is_last) for row in block.rows] == [(True, False)] * 2 + [(True, True)]


def test_what_is_shown_is_made_safe_here_too() -> None:
    block = lay_out(replace(FIRST, text="a\x1b[2J", sender="x\ny\x07"), Lead(clock="12:00"), COLUMNS)
    assert [row.text for row in block.rows] == ["x y\\x07", "a\\x1b[2J"]


def test_rows_of_text_with_quotes_and_code() -> None:
    text = "> one two\n*three* four\n```py\nab  cdef\n\n```\nend"
    block = lay_out(replace(FIRST, text=text, reason="no"), Lead(), Columns(14))
    told = [(row.kind.name, row.text, row.start, row.offset) for row in block.rows]
    assert told == [
        ("QUOTE", "one", 0, 0),
        ("QUOTE", "two", 4, 4),
        ("BODY", "three", 8, 0),
        ("BODY", "four", 14, 6),
        ("CODE", "ab  cd", 19, 0),
        ("CODE", "ef", 25, 6),
        ("CODE", "", 28, 9),
        ("BODY", "end", 29, 0),
        ("REASON", "no", 33, 0),
    ]
    assert [row.is_first for row in block.rows] == [True] + [False] * 8
    assert [row.is_last for row in block.rows] == [False] * 8 + [True]
    assert all(row.is_body for row in block.rows)
    flat = "one two\nthree four\nab  cdef\n\nend"
    assert all(flat[row.start :].startswith(row.text) for row in block.rows[:-1])
    assert block.starts == tuple(row.start for row in block.rows)


def test_a_place_in_marked_text_outlives_a_new_width() -> None:
    text = "**one** `two` [three](https://x.org)\n> four\n```\nfive six\n```\nseven"
    view = ConversationView("r", (replace(FIRST, text=text),))
    wide, narrow = lay(view, columns=Columns(60)), lay(view, columns=Columns(14))
    for row in range(narrow.body(0), narrow.height):
        anchor = narrow.anchor_at(row)
        assert anchor is not None
        there = wide.row_of(anchor)
        assert there is not None
        word = narrow.blocks[0].rows[row].text.split(" ")[0]
        assert word in wide.blocks[0].rows[there].text
        assert narrow.row_of(anchor) == row


FULL = replace(
    FIRST,
    text="text",
    reply=ReplyView("a\nnn", "what\x1b was said", 3),
    edited=True,
    reason="n\x07o",
    reactions=(("\U0001f44d", 3, True), ("\U0001f389", 12, False), ("\x1b", 1, True)),
)


def test_what_stands_around_the_body() -> None:
    block = lay_out(FULL, Lead(clock="12:00"), Columns(28))
    assert [(row.kind.name, row.text) for row in block.rows] == [
        ("HEADER", "member1"),
        ("REPLY", "a nn: what\\x1b was said"),
        ("BODY", "text (edited)"),
        ("REASON", "n\\x07o"),
        ("REACTIONS", "\U0001f44d 3  \U0001f389 12  \\x1b 1"),
    ]
    assert [row.is_first for row in block.rows] == [False, False, True, False, False]
    assert [row.is_last for row in block.rows] == [False] * 4 + [True]
    assert [row.is_body for row in block.rows] == [False] + [True] * 4
    assert block.body == 2
    assert block.starts == (0, 14, 21)
    reactions = block.rows[-1].passage
    assert reactions is not None
    assert [reactions.text[run.start : run.end] for run in reactions.runs] == [
        "\U0001f44d 3",
        "\U0001f389 12",
        "\\x1b 1",
    ]
    assert [(run.parts, run.target) for run in reactions.runs] == [(("mine",), "0"), ((), "1"), (("mine",), "2")]


def test_reactions_are_never_broken() -> None:
    many = replace(FULL, reactions=tuple(("\U0001f44d", number, False) for number in range(1, 30)))
    rows = [row for row in lay_out(many, Lead(), Columns(28)).rows if row.kind is RowKind.REACTIONS]
    assert "  ".join(row.text for row in rows).split("  ") == [f"\U0001f44d {number}" for number in range(1, 30)]
    assert all(cell_len(row.text) <= Columns(28).text for row in rows)
    assert [row.is_last for row in rows] == [False] * (len(rows) - 1) + [True]
    starts = [row.start for row in rows]
    assert starts == sorted(set(starts))


def test_a_reaction_is_found_by_its_cells_and_nothing_beside_it() -> None:
    columns = Columns(28)
    rows = lay_out(FULL, Lead(clock="12:00"), columns).rows
    found = [reaction_at(rows[-1], columns, x) for x in range(columns.width)]
    # Mark, gutter and space; then two cells for each emoji, a space and the digits, and two cells between them.
    assert found == [None] * 4 + [0] * 4 + [None] * 2 + [1] * 5 + [None] * 2 + [2] * 6 + [None] * 5
    assert {reaction_at(row, columns, x) for row in rows[:-1] for x in range(columns.width)} == {None}


def test_where_emoji_cannot_be_drawn_they_are_named() -> None:
    columns = Columns(60, ascii_only=True)
    marked = replace(FIRST, reactions=(("\U0001f44d", 3, True), ("\u2764", 1, False), ("ok", 2, False)))
    row = lay_out(marked, Lead(), columns).rows[-1]
    assert row.text == ":thumbsup: 3  :heavy_black_he~ 1  ok 2"
    assert reaction_at(row, columns, columns.gutter + 2 + row.text.index("ok")) == 2


def test_a_reaction_is_no_message() -> None:
    block = lay_out(replace(FULL, reactions=(("x" * 500, 1, False),)), Lead(), Columns(80))
    assert block.rows[-1].text == "x" * 15 + "~ 1"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", ["(edited)"]),
        ("a\nb", ["a", "b (edited)"]),
        ("> a", ["a", "(edited)"]),
        ("```\na\n```", ["a", "(edited)"]),
        ("lorem ipsum dolor", ["lorem ipsum dolor", "(edited)"]),
    ],
)
def test_edited(text: str, rows: list[str]) -> None:
    block = lay_out(replace(FIRST, text=text, edited=True), Lead(), Columns(25))
    assert [row.text for row in block.rows] == rows
    assert block.rows[-1].is_last


def test_nothing_stands_around_what_is_deleted() -> None:
    block = lay_out(replace(FULL, removed=True, reason=""), Lead(), COLUMNS)
    assert [row.kind for row in block.rows] == [RowKind.REMOVED]


def test_nothing_is_indented_where_there_is_no_room() -> None:
    assert [row.text for row in lay_out(replace(FIRST, text="> ab cd"), Lead(), Columns(8)).rows] == ["ab", "cd"]
    assert (Columns(13).indent, Columns(14).indent) == (0, 2)


@pytest.mark.parametrize(("loading", "text"), [(True, "Loading messages"), (False, "No messages yet.")])
def test_notice(loading: bool, text: str) -> None:  # noqa: FBT001
    rows = notice_rows(ConversationView(loading=loading), Columns(80), 9)
    assert [bool(row.text) for row in rows] == [False] * 4 + [True] + [False] * 4
    assert rows[4].text.startswith(text)
    assert len(notice_rows(ConversationView(), Columns(10), 2)) == 2


def lay(view: ConversationView, old: Rows | None = None, columns: Columns = COLUMNS) -> Rows:
    return lay_rows(view, columns, UTC, old or Rows((), columns))


def test_only_what_has_changed_is_laid_out_again() -> None:
    view = view_of(10, 20)
    rows = lay(view)
    ticked = replace(view.messages[2], tick=Tick(TickState.READ, 1, 4))
    changed = replace(view, messages=(message(9), *view.messages[:2], ticked, *view.messages[3:], message(21)))
    again = lay(changed, rows)
    same = [block in rows.blocks for block in again.blocks]
    assert same == [False, False, True, False] + [True] * 8 + [False]
    assert again.blocks[4] is rows.blocks[3]
    assert [block.lead for block in again.blocks] == [block.lead for block in lay(changed).blocks]
    assert all(block not in rows.blocks for block in lay(view, rows, Columns(61)).blocks)
    assert lay(replace(view, new_before=15), rows).blocks[5].lead.is_new
    assert not lay(view, lay(replace(view, new_before=15), rows)).blocks[5].lead.is_new


def test_every_row_has_an_anchor_and_every_anchor_its_row() -> None:
    rows = lay(view_of(1, 30))
    for top in range(-5, rows.height + 5):
        anchor = rows.anchor_at(top)
        assert anchor is not None
        assert rows.row_of(anchor) == top
    spanned = list(rows.span(0, rows.height))
    assert spanned == [row for block in rows.blocks for row in block.rows]
    assert list(rows.span(7, 19)) == spanned[7:19]
    assert list(rows.span(7, 7)) == []


def test_an_anchor_is_handed_on_to_the_nearest_that_stays() -> None:
    rows = lay(view_of(1, 30))
    anchor = Anchor("15", 0, 0)
    top = rows.body(14)
    assert rows.handed_on(anchor, top, lay(view_of(10, 40))) == anchor
    assert rows.handed_on(anchor, top, lay(view_of(20, 40))) == Anchor("20", 0, top - rows.body(19))
    assert rows.handed_on(anchor, top, lay(view_of(1, 9))) == Anchor("9", 0, top - rows.body(8))
    assert rows.handed_on(anchor, top, lay(view_of(50, 60))) is None
    assert Rows((), COLUMNS).anchor_at(0) is None
    assert rows.row_of(Anchor("nobody")) is None


def test_kinds_are_all_drawn() -> None:
    assert {kind.name for kind in RowKind} == {
        "BLANK",
        "DAY",
        "NEW",
        "HEADER",
        "REPLY",
        "BODY",
        "QUOTE",
        "CODE",
        "REMOVED",
        "REASON",
        "REACTIONS",
        "NOTICE",
    }
