"""Days and times as people write them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.text.dates import MONTHS, When, when

NOW = datetime.fromisoformat("2026-11-24T12:30:00")
"""A Tuesday."""


@pytest.mark.parametrize(
    ("text", "day", "label"),
    [
        ("2026-11-24", "2026-11-24", "24 November"),
        (" 2025-3-1 ", "2025-03-01", "1 March 2025"),
        ("24.11.2025", "2025-11-24", "24 November 2025"),
        ("24.11.", "2026-11-24", "24 November"),
        ("25.11.", "2025-11-25", "25 November 2025"),
        ("31.1", "2026-01-31", "31 January"),
        ("12 march", "2026-03-12", "12 March"),
        ("12. Mar", "2026-03-12", "12 March"),
        ("March 12", "2026-03-12", "12 March"),
        ("March 12, 2024", "2024-03-12", "12 March 2024"),
        ("12 dec 2024", "2024-12-12", "12 December 2024"),
        ("march", "2026-03-01", "1 March"),
        ("dec 2024", "2024-12-01", "1 December 2024"),
        ("29 feb", "2024-02-29", "29 February 2024"),
        ("today", "2026-11-24", "24 November"),
        ("Yesterday", "2026-11-23", "23 November"),
        ("monday", "2026-11-23", "23 November"),
        ("tue", "2026-11-24", "24 November"),
        ("last tuesday", "2026-11-17", "17 November"),
        ("last wednesday", "2026-11-18", "18 November"),
        ("3 days ago", "2026-11-21", "21 November"),
        ("a week ago", "2026-11-17", "17 November"),
        ("2w ago", "2026-11-10", "10 November"),
    ],
)
def test_days(text: str, day: str, label: str) -> None:
    begins = datetime.fromisoformat(day)
    assert when(text, NOW) == When(begins, begins + timedelta(days=1), label)


@pytest.mark.parametrize(
    ("text", "moment", "label"),
    [
        ("9:05", "2026-11-24T09:05", "24 November, 09:05"),
        ("12:30", "2026-11-24T12:30", "24 November, 12:30"),
        ("14:30", "2026-11-23T14:30", "23 November, 14:30"),
        ("14.30", "2026-11-23T14:30", "23 November, 14:30"),
        ("at 14:30", "2026-11-23T14:30", "23 November, 14:30"),
        ("yesterday 14:30", "2026-11-23T14:30", "23 November, 14:30"),
        ("monday, at 9:00", "2026-11-23T09:00", "23 November, 09:00"),
        ("2025-11-24T14:30", "2025-11-24T14:30", "24 November 2025, 14:30"),
        ("12 march 2024 8:00", "2024-03-12T08:00", "12 March 2024, 08:00"),
        ("2 hours ago", "2026-11-24T10:30", "24 November, 10:30"),
        ("an hour ago", "2026-11-24T11:30", "24 November, 11:30"),
        ("45 min ago", "2026-11-24T11:45", "24 November, 11:45"),
    ],
)
def test_times(text: str, moment: str, label: str) -> None:
    assert when(text, NOW) == When(datetime.fromisoformat(moment), None, label)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "deploy", "24", "mo", "2026-13-01", "2026-02-30", "31.2.", "1 march 2", "5 march 6"),
        *("24:30", "12:60", "deploy 14:30", "3 years ago", "0001-01-01", "9999-12-31", "0001-01-01 12:00"),
        *("9999 weeks ago", "32 march", "12 deploy"),
    ],
)
def test_what_is_neither(text: str) -> None:
    assert when(text, NOW) is None


@given(st.text(st.sampled_from("0123456789.:-, tmarchyestdgo"), max_size=80))
def test_whatever_is_written_is_understood_or_not(text: str) -> None:
    meant = when(text, NOW)
    assert meant is None or (meant.ends or meant.begins) >= meant.begins


@given(st.datetimes(NOW - timedelta(days=9_000), NOW))
def test_a_label_means_what_it_is_of(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    named = f"{moment.day} {MONTHS[moment.month - 1]} {moment.year} {moment:%H:%M}"
    meant = when(named, NOW)
    assert meant is not None
    assert meant.begins == moment
    again = when(meant.label, NOW)
    assert again is not None
    assert again == meant
