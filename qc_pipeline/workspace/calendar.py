"""Working days: the Chinese calendar with its make-up days, another country's, or plain weekdays.

Own days off and own working days come before any of them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from qc_pipeline.errors import UsageError

if TYPE_CHECKING:
    from holidays import HolidayBase

CHINA = "CN"
WEEKDAYS = "none"

FIXED_BY_LAW = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
"""Days off of every year, whatever is announced: 全国年节及纪念日放假办法, 2024, article 2 (those
that do not follow the lunar calendar).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """`country` "CN" knows public holidays and make-up workdays, "none" weekdays only; another ISO
    code ("DE", "DE-BY" with a subdivision) has that country's holidays and weekend.

    Own `holidays` and `workdays` come before either.
    """

    country: str = CHINA
    holidays: Collection[date] = ()
    workdays: Collection[date] = ()

    def is_workday(self, day: date) -> bool:
        if day in self.workdays:
            return True
        if day in self.holidays:
            return False
        if self.country == WEEKDAYS:
            return day.weekday() < 5
        if self.country != CHINA:
            return bool(country_calendar(self.country).is_working_day(day))
        if self.is_provisional(day):
            return day.weekday() < 5 and (day.month, day.day) not in FIXED_BY_LAW
        import chinese_calendar

        return bool(chinese_calendar.is_workday(day))

    def is_provisional(self, day: date) -> bool:
        """Whether the State Council's calendar of that year is not known to this program."""
        if self.country != CHINA:
            return False
        import chinese_calendar

        try:
            chinese_calendar.is_workday(day)
        except NotImplementedError:
            return True
        return False

    def add(self, day: date, working_days: int) -> tuple[date, bool]:
        """The `working_days`-th working day after `day` (itself not counted), and whether any day
        on the way lies in a year whose calendar is not official yet.
        """
        provisional = False
        left = working_days
        while left > 0:
            day += timedelta(days=1)
            provisional = provisional or self.is_provisional(day)
            left -= self.is_workday(day)
        return day, provisional


@cache
def country_calendar(code: str) -> HolidayBase:
    """The calendar of an ISO country code, with a subdivision after a hyphen.

    Raises UsageError for one that is not known, and where the package with them is not installed.
    """
    try:
        import holidays
    except ModuleNotFoundError:
        raise UsageError(
            f"the calendar of {code} needs the Python package 'holidays': "
            "pip install 'qc-pipeline[calendars]'"
        ) from None
    country, _, subdivision = code.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError:
        raise UsageError(
            f"the calendar of {code} is not known; allowed: CN, none, or an ISO country code such "
            "as DE, with a subdivision as in DE-BY"
        ) from None
