"""The days a report is about: an ISO week, a month, or any run of days."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from qc_pipeline.errors import UsageError

_FORMS = '"2026-W47", "2026-11" or "2026-11-16..2026-11-22"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days `start` to `end`, both included. `whole` is False where the list ends inside it.

    `name` is the canonical text: the one that `parse_period` gives back the same period for.
    """

    name: str
    start: date
    end: date
    whole: bool = True

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end

    def overlaps(self, other: Period) -> bool:
        return self.start <= other.end and other.start <= self.end

    def before(self) -> Period:
        """The period of the same kind directly before this one."""
        last = self.start - timedelta(days=1)
        if re.fullmatch(r"\d{4}-W\d{2}", self.name):
            return _week(last)
        if re.fullmatch(r"\d{4}-\d{2}", self.name):
            return _month(last.year, last.month)
        return _days(self.start - timedelta(days=self.days), last)


def parse_period(text: str) -> Period:
    """The period a person named. Raises UsageError on anything else."""
    text = text.strip()
    try:
        if found := re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", text):
            return _week(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})", text):
            return _month(int(found[1]), int(found[2]))
        if found := re.fullmatch(r"(\d{4}-\d{2}-\d{2})\s*\.\.\s*(\d{4}-\d{2}-\d{2})", text):
            start, end = date.fromisoformat(found[1]), date.fromisoformat(found[2])
            if end < start:
                raise UsageError(f'period "{text}" ends before it begins')
            return _days(start, end)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            return _days(day, day)
    except ValueError as error:
        raise UsageError(f'no such period: "{text}" ({error}); a period is {_FORMS}') from None
    raise UsageError(f'"{text}" is not a period; a period is {_FORMS}')


def default_period(days: Collection[date]) -> Period:
    """The last whole ISO week of a call list with calls on `days`.

    A week is whole when the list reaches from its Monday or before to its Sunday or after; where
    the list has no call on any Saturday (Sunday), a week need not reach it. Without a whole week:
    the last week that has calls, with `whole=False`. Raises UsageError when there are no days.
    """
    if not days:
        raise UsageError("the call list holds no calls, so there is no period to report on")
    first, last = min(days), max(days)
    seen = {d.isoweekday() for d in days}
    end_weekday = max({5} | (seen & {6, 7}))
    for monday in sorted({d - timedelta(days=d.weekday()) for d in days}, reverse=True):
        if first <= monday and last >= monday + timedelta(days=end_weekday - 1):
            return _week(monday)
    monday = last - timedelta(days=last.weekday())
    week = _week(monday)
    return Period(name=week.name, start=week.start, end=week.end, whole=False)


def of_its_kind(period: Period, day: date) -> Period:
    """The month that holds `day` where `period` is a month, else the ISO week that does."""
    if re.fullmatch(r"\d{4}-\d{2}", period.name):
        return _month(day.year, day.month)
    return _week(day)


def _week(day: date) -> Period:
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    return Period(name=f"{year}-W{week:02d}", start=monday, end=monday + timedelta(days=6))


def _month(year: int, month: int) -> Period:
    start = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return Period(name=f"{year}-{month:02d}", start=start, end=following - timedelta(days=1))


def _days(start: date, end: date) -> Period:
    return Period(name=f"{start.isoformat()}..{end.isoformat()}", start=start, end=end)
