"""Working days: the Chinese calendar with its make-up days, or plain weekdays, plus own days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """`country` "CN" knows public holidays and make-up workdays, "none" weekdays only.

    Own `holidays` and `workdays` come before either.
    """

    country: str = "CN"
    holidays: Collection[date] = ()
    workdays: Collection[date] = ()

    def is_workday(self, day: date) -> bool:
        if day in self.workdays:
            return True
        if day in self.holidays:
            return False
        if self.country == "CN" and not self.is_provisional(day):
            import chinese_calendar

            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < 5

    def is_provisional(self, day: date) -> bool:
        """Whether the State Council's calendar of that year is not known to this program."""
        if self.country != "CN":
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
