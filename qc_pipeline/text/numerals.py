"""Digits and number words of Chinese made one form; and digits spelled out again."""

from __future__ import annotations

import re
from functools import lru_cache

DIGIT_WORDS = {
    "零": "0", "一": "1", "幺": "1", "二": "2", "两": "2", "三": "3", "四": "4",
    "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
}  # fmt: skip
UNITS = "十百千万亿"
SPOKEN_DIGITS = "零一二三四五六七八九"
# Figures as accountants write them: numbers only where at least two stand together.
FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")

NUMBER_RUN = re.compile("[0-9零一幺二两三四五六七八九十百千万亿]+")
# What makes more of a number than one digit a character (see `number_form`).
COMPLEX = re.compile("[0-9十]|[零一幺二两三四五六七八九][百千万亿]|[壹贰叁肆伍陆柒捌玖拾佰仟]{2}")
_LONGEST = 24


@lru_cache(maxsize=16384)
def number_form(run: str) -> str:
    """A run of digits, number words and units as digits.

    Without units digit by digit (幺三八 → 138), with units as an amount (二十四 → 24, 三百五 →
    350, 2万3 → 23000). A leading unit other than 十 is no number (千万别, 百分之): units that
    belong to no amount stay.
    """
    if not any(unit in run for unit in UNITS):
        return "".join(DIGIT_WORDS.get(c, c) for c in run)
    start = 0
    while start < len(run) and run[start] in "百千万亿":
        start += 1
    head, rest = run[:start], run[start:]
    if not rest:
        return head
    value = _amount(rest) if len(rest) <= _LONGEST else None
    if value is None:
        return head + "".join(DIGIT_WORDS.get(c, "10" if c == "十" else c) for c in rest)
    return head + value


_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}


def _amount(run: str) -> str | None:
    """The value of digits and units that make one number, as digits; None for any others.

    The last digit of 三百五 and 一万二 counts in the unit below the one before it.
    """
    if not any(unit in run for unit in UNITS):
        return number_form(run)
    total = section = 0
    digits: str | None = None
    below = 0  # the unit that a digit alone would count in; 0 after 零
    limit = 10_000  # units fall inside a section
    for char in run:
        if char in "零0" and digits is None:
            below = 0
        elif char not in _POWERS:
            if digits is not None and not (char.isascii() and digits.isascii()):
                return None
            digits = (digits or "") + char
        else:
            power = _POWERS[char]
            value = 1 if digits is None and char == "十" else _digits_value(digits)
            if power < 10_000:
                if value is None or value > 9 or power >= limit:
                    return None
                section, limit = section + value * power, power
            else:
                section += value or 0
                if section + total == 0:
                    return None
                total = (total + section) * power if power > total else total + section * power
                section, limit = 0, 10_000
            digits, below = None, power // 10
    if digits is not None:
        value = _digits_value(digits) or 0
        section += value * below if value < 10 and below > 1 else value
    return str(total + section)


def _digits_value(digits: str | None) -> int | None:
    return None if digits is None else int("".join(DIGIT_WORDS.get(c, c) for c in digits))


@lru_cache(maxsize=16384)
def spoken_form(digits: str) -> str:
    """ASCII digits as they are read: up to four as an amount (24 → 二十四), else one by one."""
    if len(digits) > 4 or (digits[0] == "0" and len(digits) > 1):
        return "".join(SPOKEN_DIGITS[int(c)] for c in digits)
    return spoken_amount(int(digits))


def spoken_amount(value: int) -> str:
    """0 to 9999 in words: 10 → 十, 12 → 十二, 105 → 一百零五, 2000 → 二千."""
    if value == 0:
        return "零"
    out, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit == 0:
            gap = bool(out)
            continue
        if gap:
            out += "零"
            gap = False
        out += SPOKEN_DIGITS[digit] + name
    return out.removeprefix("一") if out.startswith("一十") else out
