"""How values are written for people: scores, shares, changes, times, days."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from qc_pipeline.scoring.evidence.timing import clock as clock

NOT_AVAILABLE = "n/a"
MINUS = "−"  # the sign as wide as a plus, so that columns stand straight


@lru_cache(maxsize=65_536)
def fixed(value: float, places: int) -> str:
    """Half up, as people round; a true minus sign; never −0."""
    step = Decimal(1).scaleb(-places)
    rounded = Decimal(repr(round(value, 9))).quantize(step, rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):f}"
    return MINUS + text if rounded < 0 else text


def score(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else fixed(value, 2)


def points(value: float | None) -> str:
    """Up to two decimals, none where there are none."""
    if value is None:
        return NOT_AVAILABLE
    text = fixed(value, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: float | None, places: int = 1) -> str:
    return NOT_AVAILABLE if value is None else fixed(value * 100, places) + "%"


def change(value: float | None, places: int = 2) -> str:
    if value is None:
        return NOT_AVAILABLE
    text = fixed(value, places)
    return text if text.startswith(MINUS) or float(text) == 0 else "+" + text


def percent_change(value: float | None) -> str:
    """A difference of shares, in percentage points."""
    return NOT_AVAILABLE if value is None else change(value * 100, 1)


def seconds(value: float | None) -> str:
    if value is None:
        return NOT_AVAILABLE
    return fixed(value, 1)


def day(value: date, language: str) -> str:
    if language == "zh":
        return f"{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]}"


def short_day(value: date, language: str) -> str:
    """For the foot of a chart: two words, the second on a line of its own."""
    if language == "zh":
        return f"{value.month}/{value.day} {_WEEKDAYS_ZH[value.weekday()]}"
    return f"{_WEEKDAYS_EN[value.weekday()]} {value.day}"


def full_day(value: date, language: str) -> str:
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日（{_WEEKDAYS_ZH[value.weekday()]}）"
    return f"{_WEEKDAYS_EN[value.weekday()]} {value.day} {_MONTHS[value.month - 1]} {value.year}"


def weekday(value: date, language: str) -> str:
    return (_WEEKDAYS_ZH if language == "zh" else _WEEKDAYS_EN)[value.weekday()]


def moment(value: datetime) -> str:
    return value.strftime("%m-%d %H:%M")


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
