"""Periods: how they are named, and which is taken when nobody names one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from qc_pipeline.errors import UsageError
from qc_pipeline.sampling.period import default_period, parse_period


def days(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=i) for i in range((end - start).days + 1)]


@pytest.mark.parametrize(
    ("text", "name", "start", "end"),
    [
        ("2026-W47", "2026-W47", "2026-11-16", "2026-11-22"),
        ("2026W1", "2026-W01", "2025-12-29", "2026-01-04"),
        ("2026-11", "2026-11", "2026-11-01", "2026-11-30"),
        ("2024-2", "2024-02", "2024-02-01", "2024-02-29"),
        ("2026-12", "2026-12", "2026-12-01", "2026-12-31"),
        ("2026-11-16 .. 2026-11-18", "2026-11-16..2026-11-18", "2026-11-16", "2026-11-18"),
        ("2026-11-16", "2026-11-16..2026-11-16", "2026-11-16", "2026-11-16"),
    ],
)
def test_named_period_has_its_days(text: str, name: str, start: str, end: str) -> None:
    period = parse_period(text)
    assert (period.name, period.start.isoformat(), period.end.isoformat()) == (name, start, end)
    assert parse_period(period.name) == period


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-W54", "no such period"),
        ("2026-13", "no such period"),
        ("2026-11-31", "no such period"),
        ("2026-11-18..2026-11-16", "ends before it begins"),
        ("last week", 'a period is "2026-W47", "2026-11" or "2026-11-16..2026-11-22"'),
    ],
)
def test_what_is_no_period_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2026-W01", "2025-W52"),
        ("2021-W01", "2020-W53"),
        ("2026-01", "2025-12"),
        ("2026-11-16..2026-11-18", "2026-11-13..2026-11-15"),
    ],
)
def test_period_before_is_of_the_same_kind(text: str, before: str) -> None:
    assert parse_period(text).before().name == before


def test_last_whole_week_is_taken_though_later_days_have_calls() -> None:
    assert default_period(days("2026-11-05", "2026-11-25")).name == "2026-W47"


def test_week_of_a_centre_that_rests_on_weekends_is_whole_on_friday() -> None:
    period = default_period(days("2026-11-16", "2026-11-20"))
    assert (period.name, period.whole) == ("2026-W47", True)


def test_week_that_ends_on_saturday_is_not_whole_where_other_saturdays_have_sundays() -> None:
    assert default_period(days("2026-11-09", "2026-11-21")).name == "2026-W46"


def test_without_a_whole_week_the_last_that_has_calls_is_taken_and_said_so() -> None:
    period = default_period(days("2026-11-11", "2026-11-18"))
    assert (period.name, period.whole) == ("2026-W47", False)


def test_week_without_any_call_is_never_the_default() -> None:
    with_gap = days("2026-11-02", "2026-11-08") + days("2026-11-18", "2026-11-19")
    assert default_period(with_gap).name == "2026-W45"


def test_no_calls_no_period() -> None:
    with pytest.raises(UsageError, match="holds no calls"):
        default_period([])
