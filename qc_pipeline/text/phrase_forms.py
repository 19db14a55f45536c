"""The forms of a phrase: how it is written, how it may be spoken, and when only itself will do."""

from __future__ import annotations

import re
from functools import lru_cache

from qc_pipeline.text.normalise import normalise, opened, spoken, with_numbers
from qc_pipeline.text.numerals import SPOKEN_DIGITS, UNITS

_NUMBER_CHARS = frozenset("0123456789点" + UNITS)
_JOINING = frozenset(" -\u2010\u2011\u2013\u3000")
_RESTING = frozenset(",，、")
_COUNTED = frozenset("个天日号小时分秒年月周次元块毛角点人件条度")
_QUANTITY = re.compile(f"[0-9]+[{''.join(sorted(_COUNTED))}]")


def never_matches(text: str, language: str = "zh") -> bool:
    """Whether nothing is left of a phrase after normalisation."""
    return not normalise(text, language).text


def is_number(normal: str) -> bool:
    return _NUMBER_CHARS.issuperset(normal)


def is_quantity(normal: str) -> bool:
    """Whether a normal form begins with a number of something: 3个工作日, 4小时内."""
    return _QUANTITY.match(normal) is not None


def is_exact(normal: str, language: str) -> bool:
    if language == "en":
        return " " not in normal and not normal.isalpha()
    return len(normal) == 1 or is_number(normal)


def is_whole_number(text: str, start: int, end: int) -> bool:
    """Whether no other digit belongs to the number at `start:end`.

    A number is read out in pieces, with commas where the voice rests. Two numbers of one length
    with a comma between are two (12315，12345), and so are one and what is counted behind it
    (12315，5天内).
    """

    def joins(step: int, at: int) -> bool:
        comma = False
        while 0 <= at < len(text) and (text[at] in _JOINING or text[at] in _RESTING):
            comma = comma or text[at] in _RESTING
            at += step
        digits = 0
        if not comma:
            return 0 <= at < len(text) and _is_digit(text[at])
        while digits <= end - start and 0 <= at < len(text) and _is_digit(text[at]):
            digits += 1
            at += step
        counted = step > 0 and at < len(text) and text[at] in _COUNTED
        return digits > 1 and digits != end - start and not counted

    return not joins(-1, start - 1) and not joins(1, end)


@lru_cache(maxsize=4096)
def _is_digit(char: str) -> bool:
    form = normalise(char).text
    return bool(form) and form in "0123456789"


@lru_cache(maxsize=16384)
def forms(text: str) -> tuple[str, tuple[str, ...]]:
    """The normal form of a phrase, and how it may be spoken.

    Digits are read as an amount and one by one (24: 二十四, 二四).
    """
    plain = opened(text)
    one_by_one = "".join(SPOKEN_DIGITS[int(c)] if c in "0123456789" else c for c in plain.text)
    said = tuple(dict.fromkeys((spoken(plain).text, one_by_one)))
    return with_numbers(plain).text, said
