"""The window for objections: working days after a day that is not counted itself."""

from __future__ import annotations

from datetime import date, datetime

from qc_pipeline.workspace.calendar import WorkingCalendar
from qc_pipeline.workspace.settings import Settings


def calendar_of(settings: Settings) -> WorkingCalendar:
    """The working calendar of `[calendar]`."""
    table = settings.calendar
    return WorkingCalendar(country=table.country, holidays=table.holidays, workdays=table.workdays)


def window_end(settings: Settings, day: date) -> tuple[date, bool]:
    """The last day on which what was made public on `day` can be objected to, and whether the
    calendar of that time is not official yet. The window closes with the end of that day.
    """
    return calendar_of(settings).add(day, settings.calendar.window_days)


def today_in(settings: Settings, now: datetime) -> date:
    """The calendar day in the call list's zone."""
    return now.astimezone(settings.zone).date()
