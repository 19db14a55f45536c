"""A length of time, and a promise of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["seconds", "minutes", "hours", "days", "working_days", "weeks", "months"]

_HOURS: dict[str, float] = {
    "seconds": 1 / 3600, "minutes": 1 / 60, "hours": 1, "days": 24, "weeks": 7 * 24,
    "months": 31 * 24,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A number of a unit, as in `at_most: "3 working days"`."""

    amount: float
    unit: Unit

    @property
    def longest_hours(self) -> float:
        """Hours of the calendar it can last: working days pass over weekends, not holidays."""
        if self.unit == "working_days":
            return 24 * (self.amount + 2 * ((self.amount + 4) // 5))
        return self.amount * _HOURS[self.unit]

    @property
    def least_hours(self) -> float:
        if self.unit == "working_days":
            return 24 * self.amount
        return self.amount * _HOURS[self.unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """A limit at characters `start` to `end`.

    `limit` where a length of time was named; `within_hours` the latest moment, in hours from the
    call (the end of the named day; of the calendar), None where that takes the call's date and it
    was not given.
    """

    start: int
    end: int
    text: str
    limit: Limit | None = None
    within_hours: float | None = None

    def at_most(self, most: Limit) -> bool | None:
        """Whether the promise is no longer than `most`; None where it cannot be said."""
        if self.limit is not None and self.limit.unit == most.unit:
            return self.limit.amount <= most.amount
        if self.within_hours is None:
            return None
        return self.within_hours <= most.least_hours


# (start, end, length, hours to the latest moment) in the text that is searched.
FoundLimit = tuple[int, int, Limit | None, float | None]


def next_date(today: date, month: int | None, day: int) -> date | None:
    """The next such day, today included, within half a year; a day behind us is no promise."""
    for ahead in range(184):
        candidate = today + timedelta(days=ahead)
        if candidate.day == day and month in (None, candidate.month):
            return candidate
    return None
