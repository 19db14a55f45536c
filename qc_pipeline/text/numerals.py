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


def _amount(run: str) -> str | None:
    import cn2an

    if not any(unit in run for unit in UNITS):
        return number_form(run)
    plain = run.replace("幺", "一")
    try:
        value = cn2an.cn2an(plain, "smart")
    except (ValueError, KeyError, IndexError):
        return None
    return str(value) if isinstance(value, int) and value >= 0 else None


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
