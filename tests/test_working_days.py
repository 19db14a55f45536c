"""Deadlines by the Chinese working calendar (State Council notices for 2025 and 2026)."""

from __future__ import annotations

from datetime import date

import pytest

from qc_pipeline.working_days import WorkingCalendar

CN = WorkingCalendar()


@pytest.mark.parametrize(
    ("day", "due"),
    [
        # An ordinary Monday: the second working day after it is Wednesday.
        (date(2026, 11, 16), date(2026, 11, 18)),
        # A Friday: over the weekend to Tuesday.
        (date(2026, 11, 20), date(2026, 11, 24)),
        # National Day 2025: 1 to 8 October off, Sunday 28 September and Saturday 11 October worked.
        (date(2025, 9, 30), date(2025, 10, 10)),
        (date(2025, 9, 26), date(2025, 9, 29)),
        (date(2025, 10, 10), date(2025, 10, 13)),
        # Spring Festival 2026: 15 to 23 February off, 14 and 28 February worked.
        (date(2026, 2, 13), date(2026, 2, 24)),
        (date(2026, 2, 27), date(2026, 3, 2)),
    ],
)
def test_second_working_day_of_the_chinese_calendar(day: date, due: date) -> None:
    assert CN.add(day, 2) == (due, False)


def test_year_without_an_official_calendar_is_provisional() -> None:
    due, provisional = CN.add(date(2035, 1, 1), 2)
    assert due == date(2035, 1, 3)
    assert provisional


def test_weekdays_alone_where_no_country_is_named() -> None:
    plain = WorkingCalendar(country="none")
    assert plain.add(date(2025, 9, 30), 2) == (date(2025, 10, 2), False)


def test_own_days_come_first() -> None:
    own = WorkingCalendar(holidays=(date(2026, 11, 17),), workdays=(date(2026, 11, 21),))
    assert own.add(date(2026, 11, 16), 1)[0] == date(2026, 11, 18)
    assert own.add(date(2026, 11, 20), 1)[0] == date(2026, 11, 21)
