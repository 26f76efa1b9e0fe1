"""A day or a time of one as people write it, read as the last one that there was. Pure: `now` is given.

2026-11-24, 24.11.2026        a day
24 November, November 24 2026 as well
today, yesterday, monday      as well
14:30                         a time of today, or where that is still to come of yesterday
monday 14:30                  a time of a day
3 days ago, 2h ago            back from now
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

WRITE: Final = "Write a day or a time: 2026-11-24, 24 November, yesterday, monday, 14:30, 3 days ago."
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LETTERS_MIN: Final = 3
"""Of a month's or a weekday's name so many are enough."""
_CHARS_MAX: Final = 64
_TIME: Final = re.compile(r"(?:^|[ t])(?:at )?([0-9]{1,2})[:.]([0-9]{2})$")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DOTTED: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})(?:\.([0-9]{4})?)?")
_NAMED: Final = re.compile(r"(?:([0-9]{1,2})\.? )?([a-z]+)(?: ([0-9]{1,2}))??(?:,? ([0-9]{4}))?")
_AGO: Final = re.compile(r"([0-9]{1,4}|an?|one) ?([a-z]+) ago")
_HOURS: Final = {"h": 1, "hour": 1, "hours": 1}
_DAYS: Final = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7}
_MINUTES: Final = {"m": 1, "min": 1, "minute": 1, "minutes": 1}


@dataclass(frozen=True, slots=True)
class When:
    """What was written, as local times without a zone."""

    begins: datetime
    ends: datetime | None
    """The end of the day that was named; None where a time of it was."""
    label: str
    """As people say it: `12 March`, `12 March 2024, 14:30`."""


def when(text: str, now: datetime) -> When | None:
    """What somebody means; None where that is not to be told. `now` is local and without a zone."""
    words = " ".join(text.lower().split())[:_CHARS_MAX]
    if (ago := _AGO.fullmatch(words)) is not None:
        return _ago(ago, now)
    clock = _TIME.search(words)
    # "24.11." and "2026-11-24" hold no time, and "24.11" may.
    at = _time(clock) if clock is not None else None
    if clock is None or at is None:
        day = _day(words, now.date())
        return _whole(day, now) if day is not None else None
    named = words[: clock.start()].strip().removesuffix(",")
    if named:
        day = _day(named, now.date())
        return _exact(datetime.combine(day, at), now) if day is not None else None
    moment = datetime.combine(now.date(), at)
    return _exact(moment if moment <= now else moment - timedelta(days=1), now)


def _ago(ago: re.Match[str], now: datetime) -> When | None:
    number, unit = ago.groups()
    times = int(number) if number.isdigit() else 1
    if unit in _DAYS:
        return _whole(now.date() - timedelta(days=times * _DAYS[unit]), now)
    if unit in _HOURS:
        return _exact(now - timedelta(hours=times), now)
    return _exact(now - timedelta(minutes=times), now) if unit in _MINUTES else None


def _time(clock: re.Match[str]) -> time | None:
    hour, minute = map(int, clock.groups())
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _day(words: str, today: date) -> date | None:
    """The day that is named, the last one of several."""
    if words in ("today", "yesterday"):
        return today - timedelta(days=words == "yesterday")
    name = words.removeprefix("last ")
    weekday = next((at for at, each in enumerate(_WEEKDAYS) if _means(name, each)), None)
    if weekday is not None:
        return today - timedelta(days=(today.weekday() - weekday) % 7 or 7 * (name != words))
    if (iso := _ISO.fullmatch(words)) is not None:
        year, month, day = iso.groups()
        return _date(int(year), int(month), int(day))
    if (dotted := _DOTTED.fullmatch(words)) is not None:
        day, month, year = dotted.groups()
        return _last(day, int(month), year, today)
    return _of_month(words, today)


def _of_month(words: str, today: date) -> date | None:
    named = _NAMED.fullmatch(words)
    if named is None:
        return None
    before, name, after, year = named.groups()
    month = next((at for at, each in enumerate(MONTHS, 1) if _means(name, each.lower())), None)
    if month is None or (before and after):
        return None
    return _last(before or after or "1", month, year, today)


def _means(word: str, name: str) -> bool:
    return len(word) >= _LETTERS_MIN and name.startswith(word)


def _last(day: str, month: int, year: str | None, today: date) -> date | None:
    """The day of the year that was said, or of the last year that has had it."""
    if year is not None:
        return _date(int(year), month, int(day))
    # A 29 February is at most eight years ago.
    days = (_date(today.year - back, month, int(day)) for back in range(9))
    return next((each for each in days if each is not None and each <= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _whole(day: date, now: datetime) -> When | None:
    if not _is_usable(day):
        return None
    begins = datetime.combine(day, time())
    return When(begins, begins + timedelta(days=1), _named(day, now))


def _exact(moment: datetime, now: datetime) -> When | None:
    if not _is_usable(moment.date()):
        return None
    return When(moment, None, f"{_named(moment.date(), now)}, {moment:%H:%M}")


def _is_usable(day: date) -> bool:
    """Whether it can be told in the milliseconds of any machine."""
    return 1971 <= day.year <= 9998


def _named(day: date, now: datetime) -> str:
    year = "" if day.year == now.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"
