"""Deadlines by the Chinese working calendar, other countries' and own days.

Days off and make-up days: the State Council's notices of 12 November 2024 (for 2025) and of 4
November 2025 (for 2026).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from qc_pipeline.workspace.calendar import WorkingCalendar

CN = WorkingCalendar()

# First and last day off, both inside.
OFF = {
    "元旦 2025": ((2025, 1, 1), (2025, 1, 1)),
    "春节 2025": ((2025, 1, 28), (2025, 2, 4)),
    "清明节 2025": ((2025, 4, 4), (2025, 4, 6)),
    "劳动节 2025": ((2025, 5, 1), (2025, 5, 5)),
    "端午节 2025": ((2025, 5, 31), (2025, 6, 2)),
    "国庆节、中秋节 2025": ((2025, 10, 1), (2025, 10, 8)),
    "元旦 2026": ((2026, 1, 1), (2026, 1, 3)),
    "春节 2026": ((2026, 2, 15), (2026, 2, 23)),
    "清明节 2026": ((2026, 4, 4), (2026, 4, 6)),
    "劳动节 2026": ((2026, 5, 1), (2026, 5, 5)),
    "端午节 2026": ((2026, 6, 19), (2026, 6, 21)),
    "中秋节 2026": ((2026, 9, 25), (2026, 9, 27)),
    "国庆节 2026": ((2026, 10, 1), (2026, 10, 7)),
}
MAKE_UP = {
    date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11),
    date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
    date(2026, 10, 10),
}  # fmt: skip


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def test_every_day_of_2025_and_2026_is_as_the_notices_have_it() -> None:
    off = {day for first, last in OFF.values() for day in days(date(*first), date(*last))}
    for day in days(date(2025, 1, 1), date(2026, 12, 31)):
        expected = day in MAKE_UP or (day.weekday() < 5 and day not in off)
        assert CN.is_workday(day) is expected, day
        assert not CN.is_provisional(day)


@pytest.mark.parametrize(
    ("published", "due"),
    [
        # An ordinary Monday, and a Friday over a weekend.
        ("2026-11-16", "2026-11-18"),
        ("2026-11-20", "2026-11-24"),
        # 元旦 2025: Wednesday is off; Thursday and Friday.
        ("2024-12-31", "2025-01-03"),
        # 春节 2025: over the worked Sunday 26 January; on the eve; over Saturday 8 February.
        ("2025-01-24", "2025-01-27"),
        ("2025-01-27", "2025-02-06"),
        ("2025-02-06", "2025-02-08"),
        ("2025-04-03", "2025-04-08"),
        # 劳动节 2025: Sunday 27 April is worked.
        ("2025-04-25", "2025-04-28"),
        ("2025-04-30", "2025-05-07"),
        ("2025-05-30", "2025-06-04"),
        # 国庆、中秋 2025: Sunday 28 September and Saturday 11 October are worked.
        ("2025-09-26", "2025-09-29"),
        ("2025-09-30", "2025-10-10"),
        ("2025-10-10", "2025-10-13"),
        # 元旦 2026: off to Saturday, Sunday 4 January is worked.
        ("2025-12-31", "2026-01-05"),
        # 春节 2026: Saturday 14 February is worked, then nine days off; Saturday 28 February too.
        ("2026-02-13", "2026-02-24"),
        ("2026-02-14", "2026-02-25"),
        ("2026-02-27", "2026-03-02"),
        ("2026-04-03", "2026-04-08"),
        # 劳动节 2026: Saturday 9 May is worked.
        ("2026-04-30", "2026-05-07"),
        ("2026-05-07", "2026-05-09"),
        ("2026-06-18", "2026-06-23"),
        # 中秋 and 国庆 2026: Sunday 20 September and Saturday 10 October are worked.
        ("2026-09-18", "2026-09-21"),
        ("2026-09-24", "2026-09-29"),
        ("2026-09-30", "2026-10-09"),
        ("2026-10-08", "2026-10-10"),
        # Made public on a day off: counted from the first working day.
        ("2026-10-03", "2026-10-09"),
    ],
)
def test_second_working_day_of_the_chinese_calendar(published: str, due: str) -> None:
    assert CN.add(date.fromisoformat(published), 2) == (date.fromisoformat(due), False)


@pytest.mark.parametrize(
    ("published", "due"),
    [
        # The law's own days are off although 2027 is not announced: Friday 1 January.
        ("2026-12-30", "2027-01-04"),
        ("2027-04-30", "2027-05-04"),  # Saturday and Sunday are 1 and 2 May
        ("2027-09-30", "2027-10-05"),  # Friday to Sunday, 1 to 3 October
        ("2027-03-08", "2027-03-10"),
    ],
)
def test_a_year_that_is_not_announced_is_provisional(published: str, due: str) -> None:
    assert CN.add(date.fromisoformat(published), 2) == (date.fromisoformat(due), True)


def test_a_window_that_ends_before_the_year_that_is_not_announced_is_official() -> None:
    assert CN.add(date(2026, 12, 29), 2) == (date(2026, 12, 31), False)


def test_weekdays_alone_where_no_country_is_named() -> None:
    plain = WorkingCalendar(country="none")
    assert plain.add(date(2025, 9, 30), 2) == (date(2025, 10, 2), False)


def test_own_days_come_first() -> None:
    own = WorkingCalendar(holidays=(date(2026, 11, 17),), workdays=(date(2026, 11, 21),))
    assert own.add(date(2026, 11, 16), 1)[0] == date(2026, 11, 18)
    assert own.add(date(2026, 11, 20), 1)[0] == date(2026, 11, 21)


def test_another_country_has_its_own_holidays_and_weekend() -> None:
    pytest.importorskip("holidays", reason="NO CALENDARS: the package holidays is not installed")
    # Germany: Good Friday 3 April and Easter Monday 6 April 2026.
    assert WorkingCalendar(country="DE").add(date(2026, 4, 2), 2) == (date(2026, 4, 8), False)
    # Bavaria alone has Epiphany off, Tuesday 6 January 2026.
    assert WorkingCalendar(country="DE").add(date(2026, 1, 5), 1)[0] == date(2026, 1, 6)
    assert WorkingCalendar(country="DE-BY").add(date(2026, 1, 5), 1)[0] == date(2026, 1, 7)
    # Hong Kong: 26 December 2026 is a Saturday, a general holiday; Friday 25 is one, too.
    assert WorkingCalendar(country="HK").add(date(2026, 12, 24), 1)[0] == date(2026, 12, 28)
    # Saudi Arabia rests on Friday and Saturday.
    assert WorkingCalendar(country="SA").add(date(2026, 11, 19), 1)[0] == date(2026, 11, 22)
    own = WorkingCalendar(country="DE", workdays=(date(2026, 4, 3),))
    assert own.add(date(2026, 4, 2), 1)[0] == date(2026, 4, 3)
